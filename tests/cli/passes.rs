//! Passes over folders made for one question each: what a note comes to that nobody acts on, what a narrower pass
//! leaves alone, what a pass says that finds nothing.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::stage::{Answer, answer, fits, wakeful};

/// A plain folder with a memory, and a cache.
struct Bot {
    home: TempDir,
}

impl Bot {
    fn new(memory: &[(&str, &str)]) -> Self {
        let bot = Self { home: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(bot.at("sessions")).unwrap();
        std::fs::create_dir_all(bot.at("memory")).unwrap();
        for (path, text) in memory {
            std::fs::write(bot.at("memory").join(path), text).unwrap();
        }
        bot
    }

    fn at(&self, part: &str) -> PathBuf {
        self.home.path().join("bot").join(part)
    }

    /// A session that begins on a day long after the memory was first seen, each event a second after the other.
    fn session(&self, number: u32, head: Value, events: &[Value]) {
        let day = jiff::civil::date(2099, 1, 1) + jiff::Span::new().days(i64::from(number) * 4);
        let mut text = format!("{head}\n");
        for (second, event) in events.iter().enumerate() {
            let mut event = event.clone();
            event["at"] = json!(format!("{day}T09:00:{second:02}Z"));
            text.push_str(&format!("{event}\n"));
        }
        std::fs::write(self.at("sessions").join(format!("s{number:02}.jsonl")), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Answer {
        let mut command = wakeful(self.home.path());
        command.arg("--data-dir").arg(self.home.path().join("cache"));
        answer(command.arg("--source").arg(self.at("")).args(args))
    }

    fn lessons(&self) -> Vec<Value> {
        let listed = self.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json("lessons");
        listed["lessons"].as_array().unwrap().clone()
    }
}

fn head(user: u32, segment: &str) -> Value {
    json!({ "type": "session", "user": format!("person{user}"), "segment": segment })
}

fn call(line: &str, answer: &str, failed: bool) -> [Value; 2] {
    let call = format!("{line}{answer}");
    [
        json!({ "type": "tool_call", "call": call, "tool": "Bash", "input": { "command": line } }),
        json!({ "type": "tool_result", "call": call, "text": answer, "error": failed }),
    ]
}

#[test]
fn a_note_that_nobody_acts_on_and_one_that_hardly_comes_up_become_lessons() {
    let index =
        "# Index\n\n- [Tests](tests.md) — how they run\n- Lamps are counted with `lamps count --all`.\n";
    let tests =
        "# Tests\n\n- Run `make test` before a commit.\n- The nightly job runs `make --keep-going`.\n";
    let bot = Bot::new(&[("MEMORY.md", index), ("tests.md", tests)]);
    std::fs::write(bot.at("wakeful.toml"), "[budget]\nindex = \"/MEMORY.md\"\n").unwrap();
    bot.run(&["sync"]).ended(0);
    for number in 0..30 {
        let said = json!({ "type": "user", "text": "please go on with the shop" });
        let run = call("make test", "fine", false);
        bot.session(number, head(number % 4, "shop"), &[vec![said], run.to_vec()].concat());
    }
    bot.run(&["dream", "run"]).ended(0);
    let lessons = bot.lessons();
    let with = |words: &str| {
        let found = lessons.iter().find(|lesson| lesson["statement"].as_str().unwrap().contains(words));
        found.unwrap_or_else(|| panic!("{words}: {lessons:#?}")).clone()
    };
    let unused = with("Retire a note nobody acted on: 0 of 30 chances");
    assert!(unused["statement"].as_str().unwrap().contains("make --keep-going"));
    assert_eq!((&unused["kind"], &unused["tier"]), (&json!("remove"), &json!("lead")));
    let dormant = with("came up in 0 of");
    assert!(dormant["statement"].as_str().unwrap().contains("lamps count"));
    assert_eq!(dormant["kind"], "move");
    assert_eq!(lessons.len(), 2, "the note that is acted on stays: {lessons:#?}");

    // Accepted and applied, the one is gone and the other in a document of its own, word for word.
    for lesson in [&unused, &dormant] {
        bot.run(&["accept", lesson["id"].as_str().unwrap()]).ended(0);
    }
    bot.run(&["apply", "--yes"]).ended(0);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert!(!read(&bot.at("memory/tests.md")).contains("make --keep-going"));
    assert!(!read(&bot.at("memory/MEMORY.md")).contains("lamps count"));
    let documents = std::fs::read_dir(bot.at("memory")).unwrap().map(|entry| read(&entry.unwrap().path()));
    let moved = documents.filter(|text| text.contains("Lamps are counted with `lamps count --all`.")).count();
    assert_eq!(moved, 1);
}

/// What else people talk about: with too few words, chance repeats them as often as people do.
fn chatter(number: u32) -> String {
    let things = ["invoice", "parser", "warehouse", "letter", "calendar", "chart", "printer", "index"];
    let doings = ["mend", "rename", "translate", "measure", "sort", "draw", "split", "explain", "shorten"];
    let at = |words: &[&'static str], number: u32| words[number as usize % words.len()];
    format!(
        "please {} the {} and {} the {}",
        at(&doings, number),
        at(&things, number * 3 + 1),
        at(&doings, number * 5 + 2),
        at(&things, number + 4)
    )
}

/// Sixteen sessions of four people in two segments, in each of which somebody asks for the same.
fn asking(bot: &Bot) {
    for number in 0..16 {
        let segment = if number % 4 < 2 { "shop" } else { "billing" };
        let done = json!({ "type": "assistant", "text": "Done, and the change is committed." });
        let said = json!({ "type": "user", "text": "No, use pnpm instead of npm." });
        let task = json!({ "type": "user", "text": chatter(number) });
        bot.session(number, head(number / 2 % 4, segment), &[task, done, said]);
    }
}

#[test]
fn a_pass_over_one_segment_leaves_the_wider_count_and_says_what_it_counted() {
    let bot = Bot::new(&[("notes.md", "# Notes\n\n- Be brief.\n")]);
    asking(&bot);
    bot.run(&["dream", "run"]).ended(0);
    let only = |lessons: Vec<Value>| {
        let found = lessons.into_iter().find(|lesson| lesson["statement"].as_str().unwrap().contains("pnpm"));
        found.unwrap()
    };
    let wide = only(bot.lessons());
    assert_eq!(wide["support"]["sessions"], 16);
    let id = wide["id"].as_str().unwrap();
    bot.run(&["accept", id]).ended(0);
    bot.run(&["dream", "run", "--segment", "billing"]).ended(0);
    bot.run(&["dream", "run", "--since", "2099-02-20T00:00:00Z"]).ended(0);
    let shown = bot.run(&["show", id]).ended(0).out;
    assert!(
        shown.contains("16 of 16 sessions") && shown.contains("a later pass, since 2099-02-20: 3 of 3"),
        "{shown}"
    );
    let kept = bot.run(&["show", id, "--json"]).ended(0).json("lesson");
    let support = &kept["lesson"]["support"];
    assert_eq!((&support["sessions"], &support["exposed"]), (&json!(16), &json!(16)));
    assert_eq!(kept["lesson"]["state"], "accepted");
    let places = kept["lesson"]["evidence"].as_array().unwrap();
    assert_eq!(places.iter().filter(|place| place["stance"] == "support").count(), 16);
}

#[test]
fn a_pass_says_why_it_proposes_nothing_and_that_nothing_is_new() {
    let bot = Bot::new(&[("notes.md", "# Notes\n\n- Be brief.\n")]);
    for number in 0..3 {
        let [asked, failed] = call("make docs", "error: broken link in the handbook", number == 0);
        bot.session(number, head(number, "shop"), &[asked, failed]);
    }
    let first = bot.run(&["dream", "run"]).ended(0).out;
    assert!(
        first.contains("nothing was proposed: 1 candidate, seen in 1 of 3 sessions; a lesson needs 3"),
        "{first}"
    );
    assert!(!first.contains("since the dream of"), "{first}");
    let again = bot.run(&["dream", "run"]).ended(0).out;
    assert!(again.contains("no session is new or changed since the dream of"), "{again}");
    let outside = bot.run(&["dream", "run", "--since", "2100-01-01T00:00:00Z"]).ended(0).out;
    assert!(
        outside.contains("nothing was proposed: no session is in the window, 3 are outside of it"),
        "{outside}"
    );
}

#[test]
fn a_balanced_pass_reads_older_sessions_of_others_instead() {
    let bot = Bot::new(&[("notes.md", "# Notes\n\n- Be brief.\n")]);
    for number in 0..20 {
        // The newest ten are one person's.
        let user = if number >= 10 { 9 } else { number % 5 };
        bot.session(number, head(user, "shop"), &[json!({ "type": "user", "text": "please go on" })]);
    }
    let run = |args: &[&str]| {
        let ran = bot.run(&[&["dream", "run", "--last", "10", "--json"], args].concat()).ended(0);
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        fits("dreams", &report);
        let shown = bot.run(&["dream", "show", report["dreams"][0]["id"].as_str().unwrap()]).ended(0).out;
        (shown.contains("read 10 sessions"), shown.contains("no segment has more than its share"))
    };
    assert_eq!(run(&[]), (true, false));
    assert_eq!(run(&["--balance", "20"]), (true, true));
}

#[test]
fn runs_of_tau_bench_are_read_with_their_rewards() {
    let bot = Bot::new(&[]);
    let runs: Vec<Value> = (0..12)
        .map(|task| {
            let done = json!({ "role": "assistant", "content": "I filled in form 9." });
            let turn = json!({ "role": "user", "content": "No, use form 12 instead of form 9." });
            let first = json!({ "role": "user", "content": chatter(task) });
            let traj = [first, done, turn];
            json!({ "task_id": task, "trial": 0, "reward": f64::from(task % 2), "traj": traj })
        })
        .collect();
    let file = bot.home.path().join("runs.json");
    std::fs::write(&file, Value::from(runs).to_string()).unwrap();
    let folder = bot.home.path().join("airline");
    let mut init = wakeful(bot.home.path());
    init.arg("init");
    let told = answer(init.arg("--folder").arg(&folder).arg("--runs").arg(&file)).ended(0).out;
    assert!(told.contains("Wrote 12 sessions into"), "{told}");
    let run = |args: &[&str]| {
        let mut command = wakeful(bot.home.path());
        command.arg("--data-dir").arg(bot.home.path().join("cache"));
        answer(command.arg("--source").arg(&folder).args(args))
    };
    run(&["dream", "run"]).ended(0);
    let listed = run(&["lessons", "--min-support", "0", "--json"]).ended(0).json("lessons");
    let id = listed["lessons"][0]["id"].as_str().unwrap().to_owned();
    let shown = run(&["show", &id]).ended(0).out;
    assert!(shown.contains("session passed by its reward, 1"), "{shown}");
    assert!(shown.contains("session failed by its reward, 0"), "{shown}");
}
