//! What is printed about lessons and passes: order, counts, states, edits.

use crate::stage::{Stage, answer, wakeful};

/// Supports in the order listed; `None` for lessons that rest on the memory itself.
fn supports(lessons: &serde_json::Value) -> Vec<Option<u64>> {
    let rows = lessons["lessons"].as_array().unwrap();
    rows.iter().map(|lesson| lesson["support"]["sessions"].as_u64()).collect()
}

#[test]
fn lessons_are_listed_best_supported_first_and_counted_as_in_the_console() {
    let stage = Stage::new();
    let listed = stage.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json("lessons");
    let found = supports(&listed);
    let mut sorted = found.clone();
    sorted.sort_by_key(|support| std::cmp::Reverse(*support));
    assert_eq!(found, sorted);
    assert_eq!(found.last(), Some(&None), "what rests on the memory comes last: {found:?}");
    let shown = stage.run(&["dream", "show"]).ended(0);
    let of_memory = found.iter().filter(|support| support.is_none()).count();
    assert!(shown.out.contains(&format!("{of_memory} resting on the memory itself")), "{}", shown.out);
}

#[test]
fn an_earlier_pass_still_says_how_many_lessons_it_proposed() {
    let stage = Stage::new();
    let rows = || -> Vec<String> {
        let listed = stage.run(&["dream", "list"]).ended(0);
        listed.out.lines().map(str::to_owned).collect()
    };
    let first = rows();
    assert!(!first[0].contains("none waiting") && !first[0].contains(" 0 lessons"), "{first:?}");
    stage.run(&["dream", "run"]).ended(0);
    let both = rows();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both[1].contains("lessons, none waiting here now"), "{both:?}");
    assert!(!both[1].contains(" 0 lessons"), "{both:?}");
}

#[test]
fn an_apply_that_found_everything_there_offers_no_undo() {
    let stage = Stage::new();
    let id = stage.planted();
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    for (path, text) in shown["after"].as_object().unwrap() {
        std::fs::write(stage.memory(path.trim_start_matches('/')), text.as_str().unwrap()).unwrap();
    }
    stage.run(&["accept", &id]).ended(0);
    let applied = stage.run(&["apply", "--yes"]).ended(0);
    assert!(!applied.out.contains("takes it back"), "{}", applied.out);
}

#[test]
fn states_may_be_all_or_several() {
    let stage = Stage::new();
    stage.run(&["reject", &stage.planted()]).ended(0);
    let count = |state: &[&str]| {
        let mut args = vec!["lessons", "--json", "--min-support", "0"];
        args.extend(state);
        stage.run(&args).ended(0).json("lessons")["lessons"].as_array().unwrap().len()
    };
    let (waiting, rejected) = (count(&[]), count(&["--state", "rejected"]));
    assert_eq!(rejected, 1);
    assert_eq!(count(&["--state", "all"]), waiting + 1);
    assert_eq!(count(&["--state", "pending,rejected"]), waiting + 1);
    assert_eq!(count(&["--state", "pending", "--state", "rejected"]), waiting + 1);
    let unknown = stage.run(&["show", "les_zzz"]).ended(2);
    assert!(unknown.err.contains("lessons --state all"), "{}", unknown.err);
}

#[test]
fn an_edit_says_what_it_replaces_and_what_it_loses() {
    let stage = Stage::new();
    let id = stage.planted();
    let edited = stage.run(&["edit", &id, "--text", "- Better."]).ended(0);
    assert!(edited.out.contains("In place of ") && edited.out.contains("    - Better."), "{}", edited.out);
    let list = stage.run(&["lessons"]).ended(0);
    assert!(list.out.contains(" (edited)"), "{}", list.out);
    assert!(stage.run(&["show", &id]).ended(0).out.lines().next().unwrap().ends_with(" (edited)"));
}

#[test]
fn a_lesson_that_must_be_edited_first_is_not_accepted() {
    let stage = Stage::new();
    let id = stage.planted();
    let key = format!("- The key is {}{}.", "AKIA", "QYLPMN5HNZ3KD2FW");
    stage.run(&["edit", &id, "--text", &key]).ended(0);
    let refused = stage.run(&["accept", &id]).ended(1);
    assert!(
        refused.err.contains("(secret)") && refused.err.contains("Nothing was decided"),
        "{}",
        refused.err
    );
    assert_eq!(stage.state(&id), "pending");
    stage.run(&["edit", &id, "--reset"]).ended(0);
    stage.run(&["accept", &id]).ended(0);
}

#[test]
fn what_is_redone_has_its_reason_again() {
    let stage = Stage::new();
    let id = stage.planted();
    stage.run(&["reject", &id, "--reason", "only the old portal"]).ended(0);
    stage.run(&["undo"]).ended(0);
    stage.run(&["redo"]).ended(0);
    let trail = stage.run(&["audit", "--lesson", &id, "--limit", "1"]).ended(0);
    assert!(trail.out.contains("again: only the old portal"), "{}", trail.out);
}

#[test]
fn documents_are_found_with_the_agent_named_either_way() {
    let stage = Stage::new();
    for command in ["show", "blame"] {
        let place = stage.run(&["memory", command, "MEMORY.md", "shop"]).ended(0);
        let option = stage.run(&["memory", command, "MEMORY.md", "--agent", "shop"]).ended(0);
        assert_eq!(place.out, option.out);
        stage.run(&["memory", command, "MEMORY.md", "nobody"]).ended(2);
    }
    let help = |words: &[&str]| answer(wakeful(stage.folder.path()).args(words)).ended(0).out;
    assert_eq!(help(&["help"]), help(&["--help"]));
    assert_eq!(help(&["help", "dream", "run"]), help(&["dream", "run", "--help"]));
}

#[test]
fn what_cannot_be_used_and_cannot_be_drawn_is_said_as_it_is() {
    let stage = Stage::new();
    let dumb = answer(stage.command(&[]).env("TERM", "dumb")).ended(2);
    assert!(dumb.err.contains("TERM is dumb") && dumb.err.contains("review --plain"), "{}", dumb.err);
    std::fs::write(stage.root().join("config.toml"), "{ no TOML }\n".repeat(30)).unwrap();
    let checked = stage.run(&["config", "check"]).ended(3);
    assert!(checked.out.contains("nothing in ") && !checked.out.contains("the rest"), "{}", checked.out);
}

#[test]
fn without_a_name_in_the_environment_the_account_decides() {
    let home = tempfile::tempdir().unwrap();
    let shown = answer(wakeful(home.path()).env_remove("USER").args(["config", "show"])).ended(0);
    let row = shown.out.lines().find(|line| line.starts_with("review.reviewer")).unwrap();
    assert!(!row.contains("\"reviewer\""), "{row}");
}
