//! What the pass on the sample agent proposes: what was planted, with its exact support, and not what
//! was planted as a trap.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::Value;

use crate::stage::{Stage, answer, wakeful};

fn proposed() -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let answer = answer(wakeful(home.path()).args(["demo", "--no-console", "--json"])).ended(0);
    let all = answer.json("lessons");
    all["lessons"].as_array().unwrap().clone()
}

fn about<'a>(lessons: &'a [Value], words: &str) -> &'a Value {
    lessons
        .iter()
        .find(|lesson| lesson["statement"].as_str().unwrap().contains(words))
        .unwrap_or_else(|| panic!("nothing about {words:?} in {lessons:#?}"))
}

fn guards(lesson: &Value) -> BTreeSet<&str> {
    lesson["marks"].as_array().unwrap().iter().map(|mark| mark["guard"].as_str().unwrap()).collect()
}

#[test]
fn the_planted_lessons_are_found_with_their_exact_support() {
    let lessons = proposed();
    let mistake = about(&lessons, "make db-create");
    assert_eq!((&mistake["topic"], &mistake["kind"]), (&"mistake".into(), &"add".into()));
    assert_eq!(mistake["support"]["sessions"], 14);
    assert_eq!(mistake["support"]["exposed"], 15);
    assert_eq!(mistake["support"]["users"], 3);
    assert_eq!(mistake["tier"], "established");

    let rarer = about(&lessons, "--region");
    assert_eq!(rarer["support"]["sessions"], 6, "below the threshold, so the inbox hides it");
    assert_eq!(rarer["tier"], "supported");

    let number = about(&lessons, "ledger send");
    assert_eq!((&number["topic"], &number["kind"]), (&"mistake".into(), &"revise".into()));
    assert_eq!(number["support"]["sessions"], 12);
    assert_eq!(number["documents"][0]["path"], "/orders.md", "the note with the wrong number");

    let preference = about(&lessons, "Decimal");
    assert_eq!(preference["topic"], "preference");
    assert_eq!(preference["support"]["sessions"], 11);
    assert_eq!(preference["support"]["contradict"], 1);
}

#[test]
fn every_counted_session_has_its_place_and_its_words() {
    let home = tempfile::tempdir().unwrap();
    let keep = home.path().join("kept");
    let kept = answer(wakeful(home.path()).args(["demo", "--json", "--keep"]).arg(&keep)).ended(0);
    for lesson in kept.json("lessons")["lessons"].as_array().unwrap() {
        let evidence = lesson["evidence"].as_array().unwrap();
        let counted: Vec<&Value> = evidence
            .iter()
            .filter(|e| e["stance"] == "support" && (e["status"] == "verified" || e["status"] == "near"))
            .collect();
        if lesson["support"]["basis"] == "verified" {
            let sessions: BTreeSet<&str> = counted.iter().map(|e| e["session"].as_str().unwrap()).collect();
            assert_eq!(lesson["support"]["sessions"], sessions.len(), "{}", lesson["statement"]);
        }
        for place in counted {
            let file = keep.join("agents/shop-agent/sessions").join(place["file"].as_str().unwrap());
            let bytes = std::fs::read(file).unwrap();
            let range = |end: usize| place["bytes"][end].as_u64().unwrap() as usize;
            let event: Value = serde_json::from_slice(&bytes[range(0)..range(1)]).unwrap();
            assert_eq!(event["id"], place["record"]);
            let text = event["text"].as_str().unwrap();
            let quote = place["quote"].as_str().unwrap();
            assert!(text.contains(quote) || quote.contains("[masked"), "{quote:?} is not in {text:?}");
        }
    }
}

#[test]
fn the_coincidence_is_no_lesson() {
    // What is moved within the memory was not learned from sessions.
    for lesson in proposed().iter().filter(|lesson| lesson["topic"] != "upkeep") {
        let said = lesson["statement"].as_str().unwrap();
        assert!(!said.contains("git status") && !said.contains("pnpm"), "{said}");
    }
}

#[test]
fn what_a_strangers_page_planted_is_flagged() {
    let lessons = proposed();
    let poisoned = about(&lessons, "make theme");
    assert!(guards(poisoned).is_superset(&BTreeSet::from(["injection", "protected"])), "{poisoned:#}");
    assert_eq!(poisoned["marks"][0]["guard"], "injection");
    assert_eq!(poisoned["marks"][0]["severity"], "block", "not to be applied as it stands");
    let outside = poisoned["evidence"].as_array().unwrap().iter().find(|e| e["origin"] == "outside").unwrap();
    assert!(outside["quote"].as_str().unwrap().contains("ignore all previous instructions"));
    assert!(
        lessons.iter().all(|lesson| !lesson["statement"].as_str().unwrap().contains("ignore all previous"))
    );
    // A harmless lesson carries no such mark.
    assert_eq!(guards(about(&lessons, "--region")), BTreeSet::new());
}

#[test]
fn duplicates_and_the_over_long_index_are_cared_for() {
    let lessons = proposed();
    let equal = about(&lessons, "equal notes");
    assert_eq!((&equal["topic"], &equal["kind"]), (&"upkeep".into(), &"merge".into()));
    assert_eq!(equal["support"]["sessions"], Value::Null);
    about(&lessons, "over-long index");
    // What leads to another document stays where it leads from.
    assert!(
        lessons.iter().all(|lesson| !lesson["statement"].as_str().unwrap().contains("](")),
        "{lessons:#?}"
    );
    assert!(guards(about(&lessons, "make db-create")).contains("budget"));
}

#[test]
fn the_pasted_key_is_nowhere_but_in_its_session() {
    let stage = Stage::new();
    let key = wakeful::cli::demo::script::secret(18);
    let sessions = stage.root().join("agents/shop-agent/sessions");
    let mut held = 0;
    for entry in std::fs::read_dir(sessions).unwrap() {
        held += usize::from(std::fs::read_to_string(entry.unwrap().path()).unwrap().contains(&key));
    }
    assert_eq!(held, 1, "the sample has the key in one session");
    let lesson = stage.lesson("Decimal");
    let shown = stage.run(&["show", &lesson]).ended(0);
    assert!(shown.out.contains("Decimal") && !shown.out.contains(&key));
    for entry in std::fs::read_dir(stage.root().join("cache")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(key.len()).any(|window| window == key.as_bytes());
            assert!(!found, "{} holds the key", path.display());
        }
    }
}

#[test]
fn the_demo_touches_nothing_but_its_own_folder() {
    let home = tempfile::tempdir().unwrap();
    let temporary = home.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    // A configuration that would break the demo if it were read.
    std::fs::create_dir_all(home.path().join(".config/wakeful")).unwrap();
    std::fs::write(home.path().join(".config/wakeful/config.toml"), "[review]\nthreshold = 99\n").unwrap();
    let run = answer(wakeful(home.path()).env("TMPDIR", &temporary).args(["demo", "--no-console"])).ended(0);
    assert!(run.out.contains("below 10 examples"), "{}", run.out);
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "the folder is gone");
    let left: BTreeSet<String> = std::fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(left, BTreeSet::from([".config".to_owned(), "tmp".to_owned()]));
}

#[test]
fn a_folder_to_keep_must_be_empty() {
    let home = tempfile::tempdir().unwrap();
    let full = home.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("mine.txt"), "mine").unwrap();
    let run = answer(wakeful(home.path()).args(["demo", "--no-console", "--keep"]).arg(&full)).ended(2);
    assert!(run.err.contains("is not empty"), "{}", run.err);
    assert_eq!(std::fs::read_dir(&full).unwrap().count(), 1);
}

/// Longest wait for a line: a ceiling, not a measure.
const PATIENCE: Duration = Duration::from_mins(1);

/// A kept stand-in, alone in a process of its own; it ends with the value.
struct Platform {
    child: Child,
    said: Receiver<String>,
    stage: Stage,
}

impl Platform {
    fn start(more: &[&str]) -> Self {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        let mut child = Command::new(env!("CARGO_BIN_EXE_wakeful"))
            .env_clear()
            .env("HOME", stage.folder.path())
            .args(["demo", "--platform", "--keep"])
            .arg(stage.root())
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (heard, said) = std::sync::mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // It ends with the program, or with the test that no longer listens.
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| heard.send(line)));
        Self { child, said, stage }
    }

    /// Reads on to a line that says this.
    fn says(&mut self, words: &str) -> String {
        loop {
            let line = self.said.recv_timeout(PATIENCE).unwrap();
            if line.contains(words) {
                return line;
            }
        }
    }

    fn types(&mut self, text: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{text}").unwrap();
        self.says(if text == "off" { "Now: everything works." } else { "Now: " });
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_kept_platform_answers_every_command_and_goes_wrong_when_told() {
    let mut platform = Platform::start(&[]);
    let way = platform.says("Go on with: wakeful --config");
    assert!(way.contains(platform.stage.root().to_str().unwrap()), "{way}");
    platform.says("off");
    let run = |platform: &Platform, args: &[&str]| platform.stage.run(args);
    let doctor = run(&platform, &["doctor"]).ended(0);
    assert!(doctor.out.contains("dreams"), "{}", doctor.out);
    let lessons = run(&platform, &["lessons", "--json"]).ended(0).json("lessons");
    assert!(lessons["lessons"].as_array().unwrap().len() > 5, "it is synced already");
    // The other agent has more sessions than one dream takes, and segments.
    let plan = ["dream", "run", "support-agent", "--engine", "platform", "--estimate", "--no-sync"];
    let split = run(&platform, &[&plan[..], &["--last", "130"]].concat()).ended(0);
    assert!(split.out.contains("130 sessions on claude-opus-5 in 2 dreams"), "{}", split.out);
    let long_tail = [&plan[..], &["--balance", "40", "--segment", "long-tail"]].concat();
    let balanced = run(&platform, &long_tail).ended(0);
    assert!(balanced.out.contains("so that no person has more than 40 %"), "{}", balanced.out);
    let unknown = run(&platform, &[&plan[..], &["--segment", "vip"]].concat()).ended(2);
    assert!(unknown.err.contains("there are: enterprise, long-tail"), "{}", unknown.err);
    // A wrong key is refused, and the right one opens again.
    let key = platform.stage.root().join("key");
    let right = std::fs::read_to_string(&key).unwrap();
    std::fs::write(&key, "another-key\n").unwrap();
    let refused = run(&platform, &["sync"]).ended(4);
    assert!(refused.err.contains("key"), "{}", refused.err);
    std::fs::write(&key, right).unwrap();
    run(&platform, &["sync"]).ended(0);
    // What is typed happens, and ends.
    platform.types("401");
    run(&platform, &["sync"]).ended(4);
    platform.types("429:1");
    run(&platform, &["sync"]).ended(0);
    platform.types("off");
    run(&platform, &["sync"]).ended(0);
    // Somebody else's dream wrote into the memory itself, and is reviewed all the same.
    writeln!(platform.child.stdin.as_mut().unwrap(), "in-place").unwrap();
    platform.says("a sync finds it");
    let synced = run(&platform, &["sync"]).ended(0);
    assert!(synced.out.contains("lessons of 1 to review"), "{}", synced.out);
    // A dream that fails says why and what to do.
    platform.types("dream-timeout");
    run(&platform, &["dream", "run", "shop-agent", "--engine", "platform", "--yes"]).ended(0);
    let failed = run(&platform, &["dream", "watch"]).ended(1);
    assert!(failed.out.contains("timeout") && failed.out.contains("over fewer sessions"), "{}", failed.out);
    // Every dream costs something, not the first alone.
    for _ in 0..2 {
        let run = run(&platform, &["dream", "run", "shop-agent", "--engine", "platform", "--yes", "--json"]);
        run.ended(0);
    }
    let dreams = run(&platform, &["dream", "list", "--json"]).ended(0).json("dreams");
    assert_eq!(dreams["dreams"].as_array().unwrap().len(), 5);
}

#[test]
fn a_platform_that_goes_wrong_can_be_looked_at() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| answer(wakeful(home.path()).args(args));
    let demo = ["demo", "--platform", "--no-console", "--fault"];
    let refused = run(&[&demo[..], &["401"]].concat()).ended(4);
    assert!(refused.err.contains("key"), "{}", refused.err);
    run(&[&demo[..], &["500:2"]].concat()).ended(0);
    let wrong = run(&[&demo[..], &["teapot"]].concat()).ended(2);
    assert!(wrong.err.contains("there are 429, 500"), "{}", wrong.err);
    let elsewhere = run(&["demo", "--fault", "500"]).ended(2);
    assert!(elsewhere.err.contains("--platform"), "{}", elsewhere.err);
}
