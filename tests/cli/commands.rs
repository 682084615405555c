//! Every command: what it does, what it prints, how it ends.

use serde_json::Value;

use crate::stage::{Stage, answer, wakeful};

#[test]
fn status_says_by_its_code_whether_lessons_wait() {
    let home = tempfile::tempdir().unwrap();
    let empty = answer(wakeful(home.path()).args(["status", "--json"])).ended(3).json("status");
    assert_eq!((&empty["pending"], &empty["oldest"]), (&0.into(), &Value::Null));

    let stage = Stage::new();
    let waiting = stage.run(&["status", "--json"]).ended(10).json("status");
    let pending = waiting["pending"].as_u64().unwrap();
    assert!(pending >= 5, "{waiting:#}");
    assert_eq!(waiting["hidden"], 1);
    assert_eq!(waiting["agents"][0]["name"], "shop-agent");
    assert_eq!(waiting["agents"][0]["sessions"], 40);
    let text = stage.run(&["status"]).ended(10);
    assert!(text.out.starts_with(&format!("{pending} lessons to review")), "{}", text.out);
}

#[test]
fn a_threshold_set_in_the_console_counts_everywhere_until_another_is_asked_for() {
    use std::sync::Arc;
    use wakeful::domain::clock::SystemClock;
    let stage = Stage::new();
    let before = stage.run(&["status", "--json"]).ended(10).json("status");
    let kept = r#"{"threshold": 2, "configured": 10}"#;
    let store =
        wakeful::store::Store::open(&stage.root().join("cache/wakeful.db"), Arc::new(SystemClock)).unwrap();
    store.writer().set_view("console", kept).unwrap();
    drop(store);
    let status = stage.run(&["status", "--json"]).ended(10).json("status");
    assert_eq!((&status["threshold"], &status["hidden"]), (&2.into(), &0.into()));
    assert_eq!(status["pending"].as_u64().unwrap(), before["pending"].as_u64().unwrap() + 1);
    let list = stage.run(&["lessons", "--json"]).ended(0).json("lessons");
    assert_eq!((&list["threshold"], &list["hidden"]), (&2.into(), &0.into()));
    let asked = stage.run(&["lessons", "--json", "--min-support", "10"]).ended(0).json("lessons");
    assert_eq!((&asked["threshold"], &asked["hidden"]), (&10.into(), &1.into()));
    // The configuration that is changed later is heard.
    let file = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap() + "\n[review]\nthreshold = 11\n";
    std::fs::write(&file, text).unwrap();
    let status = stage.run(&["status", "--json"]).ended(10).json("status");
    assert_eq!(status["threshold"], 11);
}

#[test]
fn lessons_are_listed_filtered_and_counted() {
    let stage = Stage::new();
    let list = stage.run(&["lessons", "--json"]).ended(0).json("lessons");
    assert_eq!((&list["threshold"], &list["hidden"]), (&10.into(), &1.into()));
    assert!(list["lessons"].as_array().unwrap().iter().all(|lesson| lesson.get("evidence").is_none()));
    let ids = |args: &[&str]| {
        let found = stage.run(args).ended(0).json("lessons");
        found["lessons"].as_array().unwrap().len()
    };
    assert_eq!(ids(&["lessons", "--json", "--topic", "preference"]), 1);
    assert_eq!(ids(&["lessons", "--json", "--text", "db-create", "--evidence"]), 1);
    assert_eq!(ids(&["lessons", "--json", "--min-support", "13", "--topic", "mistake"]), 1);
    assert_eq!(ids(&["lessons", "--json", "--state", "rejected"]), 0);
    assert_eq!(ids(&["lessons", "--json", "--agent", "shop"]), list["lessons"].as_array().unwrap().len());
    let text = stage.run(&["lessons"]).ended(0);
    assert!(text.out.contains("14/15  add"), "{}", text.out);
    assert!(text.out.contains("1 lesson below 10 examples not shown"), "{}", text.out);
    stage.run(&["lessons", "--state", "thinking"]).ended(2);
}

#[test]
fn a_lesson_is_shown_with_its_diff_and_its_places() {
    let stage = Stage::new();
    let id = stage.planted();
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    assert!(shown["diff"].as_str().unwrap().contains('+'), "{shown:#}");
    assert_eq!(shown["lesson"]["evidence"].as_array().unwrap().len(), 15);
    // How sessions ended is told alike of one lesson and of many.
    let many =
        stage.run(&["lessons", "--json", "--evidence", "--text", "db-create"]).ended(0).json("lessons");
    assert_eq!(many["lessons"][0]["evidence"], shown["lesson"]["evidence"]);
    let told =
        shown["lesson"]["evidence"].as_array().unwrap().iter().filter(|place| !place["outcome"].is_null());
    assert!(told.count() > 0, "{shown:#}");
    let text = stage.run(&["show", &id[..10]]).ended(0);
    assert!(
        text.out.contains("14 of 15 sessions + verified, at least 80 %, established, 14 days, 3 people"),
        "{}",
        text.out
    );
    assert!(text.out.contains("against 0, neutral 1, mention 1, luck gives "), "{}", text.out);
    assert!(text.out.contains("found in ") && text.out.contains(": replicated"), "{}", text.out);
    let checks = &shown["lesson"]["support"]["checks"];
    assert_eq!(checks["held_out"]["verdict"], "replicated", "{checks:#}");
    assert_eq!(checks["held_out"]["found_without"], true, "{checks:#}");
    assert_eq!(checks["noise"]["copies"], 20, "{checks:#}");
    assert!(text.out.contains("FATAL: database"), "{}", text.out);
    // Every place names a file that can be opened.
    let folder = std::fs::canonicalize(stage.root()).unwrap().join("agents/shop-agent/sessions");
    let named = text
        .out
        .lines()
        .filter(|line| line.contains("  bytes "))
        .map(|line| line.split_whitespace().find(|word| word.contains(".jsonl")).unwrap().to_owned());
    let named: Vec<String> = named.collect();
    assert_eq!(named.len(), 15);
    assert!(
        named
            .iter()
            .all(|path| path.starts_with(folder.to_str().unwrap()) && std::path::Path::new(path).is_file())
    );
    assert_eq!(
        shown["lesson"]["evidence"][0]["path"].as_str().map(|path| named.iter().any(|known| known == path)),
        Some(true)
    );
    let wrong = stage.run(&["show", "les_zzzz"]).ended(2);
    assert!(wrong.err.contains("there is no lesson les_zzzz"), "{}", wrong.err);
    let vague = stage.run(&["show", "les_"]).ended(2);
    assert!(vague.err.contains("say which:") && vague.err.contains(&id), "{}", vague.err);
}

#[test]
fn decisions_are_made_taken_back_and_made_again() {
    let stage = Stage::new();
    let (one, two) = (stage.planted(), stage.lesson("Decimal"));
    let decided = stage.run(&["accept", &one, &two, "--json"]).ended(0).json("decided");
    assert_eq!(decided["changed"].as_array().unwrap().len(), 2);
    assert_eq!((stage.state(&one), stage.state(&two)), ("accepted".to_owned(), "accepted".to_owned()));
    stage.run(&["reject", &two, "--reason", "not for charts"]).ended(0);
    assert_eq!(stage.state(&two), "rejected");
    stage.run(&["undo", "--json"]).ended(0).json("decided");
    assert_eq!(stage.state(&two), "accepted");
    stage.run(&["redo"]).ended(0);
    assert_eq!(stage.state(&two), "rejected");
    let shown = stage.run(&["show", &two]).ended(0);
    assert!(shown.out.contains("reject by reviewer: not for charts"), "{}", shown.out);

    // All or none: the second one does not exist.
    stage.run(&["reject", &one, "les_ffff"]).ended(2);
    assert_eq!(stage.state(&one), "accepted");
}

#[test]
fn a_snoozed_lesson_waits() {
    let stage = Stage::new();
    let id = stage.planted();
    let snoozed = stage.run(&["snooze", &id, "--days", "3"]).ended(0);
    assert!(snoozed.out.contains("They come back on"), "{}", snoozed.out);
    assert_eq!(stage.state(&id), "snoozed");
    let past = stage.run(&["snooze", &id, "--until", "2020-01-01"]).ended(2);
    assert!(past.err.contains("is past"), "{}", past.err);
    stage.run(&["snooze", &id, "--days", "0"]).ended(2);
}

#[test]
fn a_lesson_is_edited_by_text_input_or_editor() {
    let stage = Stage::new();
    let id = stage.planted();
    stage.run(&["edit", &id, "--text", "# Tests\n\nRun `make db-create` once."]).ended(0);
    let after = |stage: &Stage| {
        let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
        (shown["lesson"]["edited"].as_bool().unwrap(), shown["diff"].as_str().unwrap().to_owned())
    };
    assert!(after(&stage).0);
    assert!(after(&stage).1.contains("Run `make db-create` once."), "{}", after(&stage).1);
    stage.typed(&["edit", &id, "--text", "-"], "Read from the input.\n").ended(0);
    assert!(after(&stage).1.contains("Read from the input."));
    let same = stage.typed(&["edit", &id, "--text", "-"], "Read from the input.\n").ended(0);
    assert!(same.err.contains("as it was"), "{}", same.err);
    stage.run(&["edit", &id, "--reset"]).ended(0);
    assert!(!after(&stage).0);
    let no_terminal = stage.run(&["edit", &id]).ended(2);
    assert!(no_terminal.err.contains("--text"), "{}", no_terminal.err);
}

#[test]
fn apply_shows_then_writes_exactly_what_was_accepted_and_undo_takes_it_back() {
    let stage = Stage::new();
    let id = stage.lesson("--region");
    let before = std::fs::read_to_string(stage.memory("releases.md")).unwrap();
    let nothing = stage.run(&["apply"]).ended(0);
    assert!(nothing.out.contains("No accepted lessons"), "{}", nothing.out);

    stage.run(&["accept", &id]).ended(0);
    let dry = stage.run(&["apply", "--dry-run", "--json"]).ended(0).json("apply");
    assert_eq!(dry["agents"][0]["apply"], Value::Null);
    let tokens = |side: &str| dry["agents"][0]["tokens"][side].as_i64().unwrap();
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    assert_eq!(
        shown["lesson"]["tokens"]["delta"],
        tokens("after") - tokens("before"),
        "one figure everywhere"
    );
    let text = stage.run(&["apply", "--dry-run"]).ended(0);
    assert_eq!(text.out.matches(&id[..12]).count(), 1, "each lesson is named once: {}", text.out);
    assert_eq!(dry["agents"][0]["documents"][0]["path"], "/releases.md");
    assert_eq!(std::fs::read_to_string(stage.memory("releases.md")).unwrap(), before);

    let unasked = stage.run(&["apply", "--json"]).ended(2);
    assert!(unasked.err.contains("--yes"), "{}", unasked.err);
    assert_eq!(std::fs::read_to_string(stage.memory("releases.md")).unwrap(), before);

    let done = stage.run(&["apply", "--yes", "--json"]).ended(0).json("apply");
    let apply = done["agents"][0]["apply"].as_str().unwrap().to_owned();
    let written = std::fs::read_to_string(stage.memory("releases.md")).unwrap();
    assert!(written != before && written.contains("--region"), "{written}");
    assert_eq!(stage.state(&id), "applied");
    let blame = stage.run(&["memory", "blame", "releases.md", "--json"]).ended(0).json("blame");
    let lines = blame["lines"].as_array().unwrap();
    let by_lesson = lines.iter().find(|line| line["cause"]["lesson"] == *id).unwrap();
    assert!(by_lesson["text"].as_str().unwrap().contains("--region"), "{by_lesson:#}");
    assert_eq!(by_lesson["cause"]["support_then"], by_lesson["cause"]["support_now"]);
    assert!(lines.iter().any(|line| line["cause"].is_null()));
    let shown = stage.run(&["show", &id]).ended(0);
    assert!(shown.out.contains("it is in the memory"), "{}", shown.out);

    let shown = stage.run(&["undo", &id, "--dry-run"]).ended(0);
    assert!(shown.out.contains("1 lesson to undo in 1 document"), "{}", shown.out);
    let unasked = stage.run(&["undo", &id]).ended(2);
    assert!(unasked.err.contains(&format!("undo {id} --yes`")), "{}", unasked.err);
    assert_eq!(std::fs::read_to_string(stage.memory("releases.md")).unwrap(), written);
    assert_eq!(stage.state(&id), "applied");
    stage.run(&["undo", "--yes"]).ended(2);

    let undone = stage.run(&["undo", &id, "--yes", "--json"]).ended(0).json("apply");
    assert_eq!(undone["agents"][0]["action"], "undo");
    assert_eq!(std::fs::read_to_string(stage.memory("releases.md")).unwrap(), before);
    let shown = stage.run(&["show", &id]).ended(0);
    let history: Vec<&str> = shown.out.lines().skip_while(|line| *line != "History").collect();
    let said = [
        "accept by reviewer",
        "written to the memory by reviewer",
        "taken out of the memory by reviewer",
        "now: waits for review",
    ];
    assert_eq!(history.len(), 1 + said.len(), "{history:#?}");
    assert!(history.iter().skip(1).zip(said).all(|(line, said)| line.contains(said)), "{history:#?}");
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    let writes: Vec<&str> =
        shown["writes"].as_array().unwrap().iter().map(|write| write["action"].as_str().unwrap()).collect();
    assert_eq!(writes, ["apply", "undo"]);
    let again = stage.run(&["undo", &apply, "--yes"]).ended(2);
    assert!(again.err.contains("nothing of apply"), "{}", again.err);

    let trail = stage.run(&["audit", "--json", "--limit", "100"]).ended(0).json("audit");
    let actions: Vec<&str> =
        trail["rows"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"accept") && actions.contains(&"write"), "{actions:?}");
    assert_eq!(stage.run(&["audit", "verify", "--json"]).ended(0).json("audit-verify")["intact"], true);
    stage.run(&["audit", "--lesson", &id]).ended(0);
    assert!(stage.run(&["memory", "blame", "releases.md"]).ended(0).out.contains("before wakeful"));
    let log = stage.run(&["memory", "log", "--json"]).ended(0).json("memory-log");
    assert!(log["versions"].as_array().unwrap().len() >= 2, "{log:#}");
    stage.run(&["memory", "log"]).ended(0);
}

#[test]
fn suggested_commands_work_when_they_are_copied() {
    let stage = Stage::new();
    let bot = stage.root().join("agents/shop-agent");
    let source = bot.to_str().unwrap();
    let one_off = |args: &[&str]| answer(wakeful(stage.folder.path()).args(["--source", source]).args(args));
    let unknown = one_off(&["lessons", "shop"]).ended(3);
    let suggested = format!("`wakeful --source {source} sync`");
    assert!(unknown.err.contains(&suggested), "{}", unknown.err);
    one_off(&["sync"]).ended(0);
    let none = one_off(&["show", "les_1"]).ended(2);
    let suggested = format!("`wakeful --source {source} lessons --state all --min-support 0`");
    assert!(none.err.contains(&suggested), "{}", none.err);

    stage.run(&["accept", &stage.planted()]).ended(0);
    let unasked = stage.run(&["apply", "--agent", "shop"]).ended(2);
    assert!(unasked.err.contains("apply --agent shop --dry-run`"), "{}", unasked.err);
}

#[test]
fn an_agent_is_named_with_or_without_the_option() {
    let stage = Stage::new();
    for command in [
        &["lessons"][..],
        &["apply", "--dry-run"],
        &["memory", "list"],
        &["memory", "log"],
        &["dream", "list"],
        &["dream", "run", "--last", "5"],
    ] {
        for agent in [&["shop"][..], &["--agent", "shop"]] {
            stage.run(&[command, agent].concat()).ended(0);
        }
        let nobody = stage.run(&[command, &["nobody"]].concat()).ended(2);
        assert!(nobody.err.contains("no agent fits “nobody”"), "{}", nobody.err);
    }
    stage.run(&["lessons", "shop", "--agent", "shop"]).ended(2);
}

#[test]
fn an_edit_of_a_conflict_says_what_became_of_the_lesson() {
    let stage = Stage::new();
    let id = stage.lesson("equal notes");
    stage.run(&["accept", &id]).ended(0);
    let path = stage.memory("MEMORY.md");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("no internal names.", "no internal names, no jokes.")).unwrap();
    stage.run(&["apply"]).ended(5);
    let whole = std::fs::read_to_string(&path).unwrap().replace("no jokes", "no irony");
    let run = stage.typed(&["edit", &id, "--text", "-"], &whole).ended(0);
    assert!(run.out.contains("takes its place and is accepted"), "{}", run.out);
    assert!(!run.out.contains("In place of"), "{}", run.out);
    assert_eq!(stage.state(&id), "superseded");
}

#[test]
fn an_edited_lesson_keeps_its_front_matter_and_its_count_is_of_the_proposal() {
    let stage = Stage::new();
    let id = stage.planted();
    let run = stage.run(&["edit", &id, "--text", "Run `make db-create` before anything else."]).ended(0);
    assert!(run.out.contains("Run `make db-create` before anything else."), "{}", run.out);
    let shown = stage.run(&["show", &id]).ended(0);
    assert!(shown.out.contains("counted for the text as proposed"), "{}", shown.out);
}

#[test]
fn places_of_a_session_that_vanished_say_so_and_count_on() {
    let stage = Stage::new();
    let id = stage.planted();
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    let support = shown["lesson"]["support"].clone();
    let folder = stage.root().join("agents/shop-agent/sessions");
    let first = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let shown = stage.run(&["show", &id]).ended(0);
    let cited =
        first.into_iter().find(|path| shown.out.contains(path.file_name().unwrap().to_str().unwrap()));
    std::fs::remove_file(cited.unwrap()).unwrap();
    stage.run(&["sync"]).ended(0);
    let shown = stage.run(&["show", &id]).ended(0);
    assert_eq!(shown.out.matches("the session is no longer there").count(), 1, "{}", shown.out);
    assert_eq!(stage.run(&["show", &id, "--json"]).ended(0).json("lesson")["lesson"]["support"], support);
}

#[test]
fn a_place_without_sessions_is_told() {
    let stage = Stage::new();
    let empty = stage.folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let cache = stage.folder.path().join("other");
    let run = crate::stage::answer(
        crate::stage::wakeful(stage.folder.path())
            .arg("--data-dir")
            .arg(&cache)
            .arg("--source")
            .arg(&empty)
            .arg("sync"),
    );
    assert!(run.err.contains("No agent was found"), "{} {}", run.out, run.err);
}

#[test]
fn a_memory_that_changed_meanwhile_is_a_conflict_and_is_left_alone() {
    let collided = || {
        let stage = Stage::new();
        let id = stage.lesson("equal notes");
        stage.run(&["accept", &id]).ended(0);
        let path = stage.memory("MEMORY.md");
        let text = std::fs::read_to_string(&path).unwrap();
        let changed = text.replace("no internal names.", "no internal names, no jokes.");
        assert_ne!(text, changed);
        std::fs::write(&path, &changed).unwrap();
        (stage, id, path, changed)
    };
    let (stage, id, ..) = collided();
    let look = stage.run(&["apply", "--dry-run"]).ended(5);
    let ways =
        [format!(" edit {}` opens all sides of the first", &id[..12]), format!(" reject {}`", &id[..12])];
    let tells = |text: &str| ways.iter().all(|way| text.contains(way.as_str()));
    assert!(look.out.contains("nothing to write") && tells(&look.out), "{}", look.out);
    let run = stage.run(&["apply", "--json"]).ended(5);
    let report = run.json("apply");
    assert_eq!(report["agents"][0]["conflicts"][0]["lesson"], id.as_str(), "{report:#}");
    assert!(report["agents"][0]["apply"].is_null(), "nothing was written, so there is no apply: {report:#}");
    let again = stage.run(&["accept", &id]).ended(5);
    assert!(again.err.contains("edit it to make it fit"), "{}", again.err);
    assert_eq!(stage.state(&id), "conflict");

    // In words, the reason is told once.
    let (stage, id, path, changed) = collided();
    let run = stage.run(&["apply"]).ended(5);
    assert_eq!(run.out.matches("left out, the memory changed").count(), 1, "{}", run.out);
    assert!(run.out.contains("Nothing was written; 1 lesson is back in review.") && tells(&run.out));
    assert_eq!(run.out.lines().count(), 5, "{}", run.out);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), changed);
    assert_eq!(stage.state(&id), "conflict");
}

#[test]
fn a_lesson_with_a_secret_is_not_written() {
    let stage = Stage::new();
    let id = stage.planted();
    stage.run(&["accept", &id]).ended(0);
    let edited = stage.run(&["edit", &id, "--text", "The password = Zx81kk20qq"]).ended(0);
    assert!(edited.err.contains("looks like a password"), "{}", edited.err);
    let run = stage.run(&["apply", "--json"]).ended(1);
    let report = run.json("apply");
    assert_eq!(report["agents"][0]["blocked"][0]["lesson"], id.as_str(), "{report:#}");
    assert_eq!(report["agents"][0]["written"].as_array().unwrap().len(), 0);
    assert!(!run.out.contains("Zx81kk20qq"));
}

#[test]
fn a_lesson_that_a_guard_keeps_out_is_missed_even_where_others_are_written() {
    let stage = Stage::new();
    let (secret, other) = (stage.planted(), stage.lesson("equal notes"));
    stage.run(&["accept", &secret, &other]).ended(0);
    stage.run(&["edit", &secret, "--text", "The password = Zx81kk20qq"]).ended(0);
    let run = stage.run(&["apply", "--yes"]).ended(1);
    assert!(run.out.contains("1 document written, 1 lesson in the memory"), "{}", run.out);
    let missed = "1 lesson is accepted and not in the memory: `wakeful";
    let edit = format!(" edit {}` changes what it says", &secret[..12]);
    assert!(run.out.contains(missed) && run.out.contains(&edit), "{}", run.out);
    let report = stage.run(&["apply", "--yes", "--json"]).ended(1).json("apply");
    assert_eq!(report["agents"][0]["outcome"], "nothing", "{report:#}");
}

#[test]
fn with_no_decision_to_take_back_nothing_is_said_to_be_done() {
    let stage = Stage::new();
    let id = stage.planted();
    let nothing = stage.run(&["undo", "--json"]).ended(1).json("decided");
    assert_eq!((&nothing["outcome"], nothing["batch"].is_null()), (&"nothing".into(), true));
    assert!(stage.run(&["redo"]).ended(1).out.contains("Nothing was changed"));
    stage.run(&["accept", &id]).ended(0);
    let done = stage.run(&["undo", "--json"]).ended(0).json("decided");
    assert_eq!(done["outcome"], "done");
}

#[test]
fn a_secret_that_is_edited_out_no_longer_keeps_a_lesson_from_being_written() {
    let stage = Stage::new();
    let id = stage.lesson("--region");
    let guards = |stage: &Stage| -> Vec<String> {
        let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
        let marks = shown["lesson"]["marks"].as_array().unwrap();
        marks.iter().map(|mark| mark["guard"].as_str().unwrap().to_owned()).collect()
    };
    let before = guards(&stage);
    stage.run(&["edit", &id, "--text", "The password = Zx81kk20qq"]).ended(0);
    assert!(guards(&stage).contains(&"secret".to_owned()));
    let refused = stage.run(&["accept", &id]).ended(1);
    assert!(refused.err.contains("can't be accepted as it stands"), "{}", refused.err);
    stage.run(&["edit", &id, "--text", "Pass `--region` to the release script."]).ended(0);
    assert!(!guards(&stage).contains(&"secret".to_owned()));
    stage.run(&["undo"]).ended(0);
    assert!(guards(&stage).contains(&"secret".to_owned()), "the earlier text has its mark again");
    stage.run(&["redo"]).ended(0);
    stage.run(&["accept", &id]).ended(0);
    stage.run(&["apply", "--yes"]).ended(0);
    assert_eq!(stage.state(&id), "applied");
    assert!(!before.contains(&"secret".to_owned()));
}

#[test]
fn accepting_twice_records_once_and_says_so() {
    let stage = Stage::new();
    let id = stage.planted();
    stage.run(&["accept", &id]).ended(0);
    let again = stage.run(&["accept", &id]).ended(0);
    assert!(again.out.contains("is accepted already; nothing was recorded"), "{}", again.out);
    let again = stage.run(&["accept", &id, "--json"]).ended(0).json("decided");
    assert_eq!((&again["batch"], &again["unchanged"][0]), (&Value::Null, &Value::from(id.as_str())));
    let trail = stage.run(&["audit", "--json", "--action", "accept"]).ended(0).json("audit");
    assert_eq!(trail["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn memory_is_listed_and_printed_byte_for_byte() {
    let stage = Stage::new();
    let list = stage.run(&["memory", "list", "--json"]).ended(0).json("memory");
    assert_eq!(list["agents"][0]["documents"].as_array().unwrap().len(), 12);
    stage.run(&["memory", "list", "--agent", "shop-agent"]).ended(0);
    let shown = stage.run(&["memory", "show", "/ci.md"]).ended(0);
    assert_eq!(shown.out, std::fs::read_to_string(stage.memory("ci.md")).unwrap());
    let shown = stage.run(&["memory", "show", "ci.md", "--json"]).ended(0).json("document");
    assert_eq!(shown["path"], "/ci.md");
    let none = stage.run(&["memory", "show", "nowhere.md"]).ended(2);
    assert!(none.err.contains("there is no document"), "{}", none.err);
    stage.run(&["memory", "show", "../../etc/passwd"]).ended(2);
}

#[test]
fn passes_are_listed_shown_and_run_when_due() {
    let stage = Stage::new();
    let list = stage.run(&["dream", "list", "--json"]).ended(0).json("dreams");
    let dream = &list["dreams"][0];
    assert_eq!((&dream["status"], &dream["window"]["read"]), (&"completed".into(), &40.into()));
    assert!(dream["noise_check"]["mean"].as_f64().unwrap() <= 0.1);
    assert_eq!((&dream["rules"]["retire_after"], &dream["rules"]["dormant_days"]), (&20.into(), &90.into()));
    let id = dream["id"].as_str().unwrap();
    let shown = stage.run(&["dream", "show", &id[..10], "--json"]).ended(0).json("dream");
    assert_eq!(shown["read"].as_array().unwrap().len(), 40);
    stage.run(&["dream", "show"]).ended(0);
    stage.run(&["dream", "list"]).ended(0);
    stage.run(&["dream", "show", "drm_zzz"]).ended(2);

    let due = stage.run(&["dream", "run", "--due"]).ended(0);
    assert!(due.err.contains("No dream is due."), "{}", due.err);
    let run = stage.run(&["dream", "run", "shop", "--last", "10", "--json"]).ended(0).json("dreams");
    assert_eq!(run["dreams"][0]["window"]["read"], 10);
    stage.run(&["dream", "run", "nobody"]).ended(2);
    stage.run(&["dream", "run", "--last", "0"]).ended(2);
    stage.run(&["dream", "run", "--since", "yesterday"]).ended(2);
}

#[test]
fn the_same_sessions_propose_the_same_lessons_again() {
    let stage = Stage::new();
    let id = stage.planted();
    stage.run(&["reject", &id]).ended(0);
    stage.run(&["dream", "run"]).ended(0);
    assert_eq!(stage.state(&id), "rejected", "a rejected lesson stays rejected");
}

#[test]
fn sync_reads_only_what_is_new() {
    let stage = Stage::new();
    let first = stage.run(&["sync", "--json"]).ended(0).json("sync");
    assert_eq!((&first["sessions"], &first["read"]), (&40.into(), &0.into()));
    let sessions = stage.root().join("agents/shop-agent/sessions");
    std::fs::write(sessions.join("new.jsonl"), "{\"type\":\"user\",\"text\":\"hello\"}\n").unwrap();
    let second = stage.run(&["sync", "--json"]).ended(0).json("sync");
    assert_eq!((&second["sessions"], &second["read"]), (&41.into(), &1.into()));
    assert_eq!(second["skipped"], 0);
    std::fs::write(sessions.join("odd.jsonl"), "no record\n{\"type\":\"user\",\"text\":\"hello\"}\n")
        .unwrap();
    let odd = stage.run(&["sync"]).ended(0);
    assert!(odd.out.contains("1 part of transcripts could not be read; `wakeful doctor`"), "{}", odd.out);
    let text = stage.run(&["sync"]).ended(0);
    assert!(text.out.contains("42 sessions: 0 new or changed"), "{}", text.out);
    assert!(!text.out.contains("could not be read"), "{}", text.out);
}

#[test]
fn doctor_finds_what_is_wrong_and_says_what_to_do() {
    let stage = Stage::new();
    let healthy = stage.run(&["doctor", "--json"]).ended(0).json("doctor");
    assert_eq!(healthy["healthy"], true, "{healthy:#}");
    stage.run(&["doctor"]).ended(0);
    let config = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text + "\n[review]\ntreshold = 3\n").unwrap();
    let sick = stage.run(&["doctor", "--json"]).ended(3).json("doctor");
    let found = sick["checks"].as_array().unwrap().iter().any(|check| {
        check["health"] == "problem" && check["text"].as_str().unwrap().contains("review.threshold")
    });
    assert!(found, "{sick:#}");
}

#[test]
fn a_broken_configuration_never_blocks_a_review() {
    let stage = Stage::new();
    let config = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("this is [not TOML\n{text}")).unwrap();
    let list = stage.run(&["lessons", "--json"]).ended(0);
    assert!(list.err.contains("line 1: not valid TOML") && list.err.contains("was left out"), "{}", list.err);
    assert!(!list.json("lessons")["lessons"].as_array().unwrap().is_empty());
    stage.run(&["accept", &stage.planted()]).ended(0);
    let shown = stage.run(&["config", "show", "--json"]).ended(3).json("config");
    assert_eq!(shown["warnings"][0]["line"], 1);
    stage.run(&["status"]).ended(10);
    let dry = stage.run(&["apply", "--dry-run"]).ended(0);
    assert!(dry.out.contains("1 lesson to write"), "{}", dry.out);
    // Where nothing of it can be used, reviewing goes on from the cache.
    std::fs::write(&config, "{ no TOML }\n".repeat(30)).unwrap();
    let list = stage.run(&["lessons"]).ended(0);
    assert!(list.err.contains("the defaults apply until it is mended"), "{}", list.err);
    stage.run(&["reject", &stage.lesson("--region")]).ended(0);
    let apply = stage.run(&["apply"]).ended(3);
    assert!(apply.err.contains("no agents are known"), "{}", apply.err);
}

#[test]
fn a_setting_that_is_none_is_named_with_the_nearest_one() {
    let stage = Stage::new();
    let fine = stage.run(&["config", "check"]).ended(0);
    let told = stage.run(&["config", "check", "--json"]).ended(0).json("config-check");
    assert_eq!((&told["found"], told["problems"].as_array().unwrap().len()), (&true.into(), 0));
    assert!(fine.out.ends_with("config.toml is fine.\n"), "{}", fine.out);
    let config = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text + "\n[keys]\nacept = \"a\"\n[review]\nmin-treshold = 3\n").unwrap();
    let checked = stage.run(&["config", "check"]).ended(3);
    let told = stage.run(&["config", "check", "--json"]).ended(3).json("config-check");
    assert!(!told["problems"].as_array().unwrap().is_empty());
    assert!(checked.err.contains("did you mean `review.threshold`?"), "{}", checked.err);
    assert!(checked.err.contains("acept"), "{}", checked.err);
    assert!(checked.out.starts_with("2 settings in "), "{}", checked.out);
    stage.run(&["doctor"]).ended(3);
    let list = stage.run(&["lessons"]).ended(0);
    assert!(list.err.contains("did you mean"), "every command warns and goes on: {}", list.err);
}

#[test]
fn config_prints_what_applies_keys_and_schemas() {
    let stage = Stage::new();
    let shown = stage.run(&["config", "show", "--json"]).ended(0).json("config");
    let folders =
        shown["settings"].as_array().unwrap().iter().find(|row| row["key"] == "sources.folders").unwrap();
    assert_eq!((&folders["origin"], &folders["line"]), (&"file".into(), &4.into()));
    let text = stage.run(&["--no-color", "config", "show"]).ended(0);
    assert!(
        text.out.contains("screen.theme = \"mono\"") && text.out.contains("# flag --no-color"),
        "{}",
        text.out
    );
    assert!(stage.run(&["config", "template"]).ended(0).out.contains("[review]"));
    let theme = stage.run(&["config", "theme"]).ended(0).out;
    assert!(theme.contains("[dark.roles]"), "{theme}");
    assert!(stage.run(&["config", "theme", "drak"]).ended(2).err.contains("there are dark, light"));
    let keys = stage.run(&["config", "keys", "--json"]).ended(0).json("keys");
    assert!(keys["keys"].as_array().unwrap().len() > 40);
    stage.run(&["config", "keys"]).ended(0);
    let names = stage.run(&["config", "schema"]).ended(0);
    for name in names.out.lines() {
        let schema: Value =
            serde_json::from_str(&stage.run(&["config", "schema", name]).ended(0).out).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
    }
    stage.run(&["config", "schema", "nonsense"]).ended(2);
}

#[test]
fn the_console_says_that_it_needs_a_terminal() {
    let stage = Stage::new();
    let run = stage.run(&[]).ended(2);
    assert!(run.err.contains("needs a terminal") && run.err.contains("review --plain"), "{}", run.err);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let stage = Stage::new();
    let script = format!(
        "{} --config {root}/config.toml --data-dir {root}/cache man | head -1; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_wakeful"),
        root = stage.root().display()
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).trim_end().ends_with('0'), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_session_in_quarantine_takes_along_what_came_from_it_and_never_counts_again() {
    let stage = Stage::new();
    let id = stage.planted();
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    let session = shown["lesson"]["evidence"][0]["session"].as_str().unwrap().to_owned();
    stage.run(&["accept", &id]).ended(0);
    stage.run(&["apply", "--yes"]).ended(0);
    let memory = || -> String {
        let documents = std::fs::read_dir(stage.memory("")).unwrap().map(|entry| entry.unwrap().path());
        documents.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap()).collect()
    };
    assert!(memory().contains("make db-create"));
    assert_eq!(stage.state(&id), "applied");

    let looked = stage.run(&["quarantine", &session, "--dry-run", "--json"]).ended(0).json("quarantine");
    let row = |report: &Value| {
        let lessons = report["lessons"].as_array().unwrap().clone();
        lessons.into_iter().find(|lesson| lesson["lesson"] == id.as_str()).unwrap()
    };
    let planted = row(&looked);
    assert_eq!((planted["falls"].as_bool(), planted["others"].as_u64()), (Some(false), Some(13)));
    assert!(!planted["documents"].as_array().unwrap().is_empty(), "where it is in the memory: {planted:#}");
    assert_eq!(stage.state(&id), "applied", "a look changes nothing");
    stage.run(&["quarantine", &session]).ended(2);

    // What stays counts one session less at once, and once only.
    let count = || {
        let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
        let support = shown["lesson"]["support"].clone();
        (support["sessions"].as_u64().unwrap(), support["exposed"].as_u64().unwrap(), shown)
    };
    let (sessions, exposed, _) = count();
    for _ in 0..2 {
        let stays = stage.run(&["quarantine", &session, "--yes"]).ended(0).out;
        assert!(stays.contains("without it from now on"), "{stays}");
        let (now, now_exposed, shown) = count();
        assert_eq!((now, now_exposed), (sessions - 1, exposed - 1));
        let evidence = shown["lesson"]["evidence"].as_array().unwrap();
        let supporting: std::collections::BTreeSet<&str> = evidence
            .iter()
            .filter(|place| place["stance"] == "support")
            .map(|place| place["session"].as_str().unwrap())
            .collect();
        assert_eq!(supporting.len() as u64, now);
        assert!(!supporting.contains(session.as_str()));
    }

    let done = stage.run(&["quarantine", &session, "--all", "--yes", "--json"]).ended(0).json("quarantine");
    assert_eq!(row(&done)["left"], Value::Null);
    assert_eq!(stage.state(&id), "rejected");
    assert!(!memory().contains("make db-create"));
    let trail = stage.run(&["audit", "--json"]).ended(0).out;
    assert!(trail.contains("\"quarantine\""), "{trail}");

    stage.run(&["dream", "run"]).ended(0);
    let again = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    let sessions: Vec<&str> = again["lesson"]["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["session"].as_str().unwrap())
        .collect();
    assert!(!sessions.contains(&session.as_str()), "{sessions:?}");

    let lifted =
        stage.run(&["quarantine", &session, "--lift", "--yes", "--json"]).ended(0).json("quarantine");
    assert_eq!(lifted["lifted"], true);
    stage.run(&["quarantine", &session, "--lift"]).ended(2);
    stage.run(&["quarantine", "no-such-session"]).ended(2);
}

#[test]
fn an_exact_count_needs_no_spot_check() {
    let stage = Stage::new();
    let refused = stage.run(&["spot", &stage.planted(), "--list"]).ended(2);
    assert!(refused.err.contains("its count is exact"), "{}", refused.err);
}

#[test]
fn a_segment_that_is_none_is_said_and_no_pass_is_run() {
    let stage = Stage::new();
    let before = stage.run(&["dream", "list"]).ended(0).out;
    let none = stage.run(&["dream", "run", "--no-sync", "--segment", "nosuch"]).ended(2);
    assert!(none.err.contains("no session is of the segment nosuch"), "{}", none.err);
    assert_eq!(stage.run(&["dream", "list"]).ended(0).out, before);
}

#[test]
fn a_merge_shows_the_note_that_stays() {
    let stage = Stage::new();
    let shown = stage.run(&["show", &stage.lesson("equal notes")]).ended(0);
    assert!(shown.out.contains("Note: kept in /"), "{}", shown.out);
    assert!(shown.out.contains(", line "), "{}", shown.out);
}
