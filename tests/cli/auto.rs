//! Mode `auto`: what goes into a memory without a person, what waits all the same, and the way back.

use serde_json::Value;

use crate::stage::Stage;

fn trusting() -> Stage {
    let stage = Stage::new();
    let config = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(config, format!("{text}\n[agents.shop-agent]\nmode = \"auto\"\n")).unwrap();
    stage
}

fn lessons(stage: &Stage) -> Vec<Value> {
    let all = stage.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json("lessons");
    all["lessons"].as_array().unwrap().clone()
}

/// As the README promises it, told from what a reader of the JSON sees.
fn is_beyond_doubt(lesson: &Value) -> bool {
    lesson["tier"] == "established"
        && lesson["support"]["basis"] == "verified"
        && lesson["support"]["sessions"].as_u64().is_some_and(|sessions| sessions >= 10)
        && (lesson["kind"] == "add" || lesson["kind"] == "revise")
        && lesson["marks"].as_array().unwrap().iter().all(|mark| mark["severity"] == "info")
}

#[test]
fn only_what_is_beyond_doubt_goes_in_and_it_comes_out_for_good() {
    let stage = trusting();
    let before: Vec<Value> = lessons(&stage);
    let sure: Vec<&Value> = before.iter().filter(|lesson| is_beyond_doubt(lesson)).collect();
    assert!(!sure.is_empty() && sure.len() < before.len(), "{before:#?}");

    let ran = stage.run(&["dream", "run"]).ended(0);
    let undo = ran.out.split("`wakeful ").nth(1).and_then(|rest| rest.split('`').next());
    let undo = undo.unwrap_or_else(|| panic!("{}", ran.out)).to_owned();
    assert!(ran.out.contains("applied by itself (mode auto)"), "{}", ran.out);
    for lesson in &before {
        let wanted = if is_beyond_doubt(lesson) { "applied" } else { "pending" };
        let id = lesson["id"].as_str().unwrap();
        assert_eq!(stage.state(id), wanted, "{lesson:#}");
    }
    let audit = stage.run(&["audit"]).ended(0).out;
    assert!(audit.contains("auto"), "{audit}");
    let id = sure[0]["id"].as_str().unwrap();
    let shown = stage.run(&["show", id]).ended(0).out;
    assert!(shown.contains("accept by auto: the agent's mode is auto"), "{shown}");

    let apply = undo.split(' ').find(|word| word.starts_with("apl_")).unwrap();
    stage.run(&["undo", apply, "--yes"]).ended(0);
    assert_ne!(stage.state(id), "applied");
    let again = stage.run(&["dream", "run"]).ended(0);
    assert!(!again.out.contains("by itself"), "{}", again.out);
    assert_ne!(stage.state(id), "applied");
}

#[test]
fn what_a_person_accepted_waits_for_that_person() {
    let stage = trusting();
    let waiting: Vec<Value> =
        lessons(&stage).into_iter().filter(|lesson| !is_beyond_doubt(lesson) && !blocked(lesson)).collect();
    let theirs = waiting[0]["id"].as_str().unwrap();
    stage.run(&["accept", theirs]).ended(0);
    stage.run(&["dream", "run"]).ended(0);
    assert_eq!(stage.state(theirs), "accepted");
}

fn blocked(lesson: &Value) -> bool {
    lesson["marks"].as_array().unwrap().iter().any(|mark| mark["severity"] == "block")
}

#[test]
fn nothing_goes_in_by_itself_unless_it_was_asked_for() {
    let stage = Stage::new();
    let ran = stage.run(&["dream", "run"]).ended(0);
    assert!(!ran.out.contains("by itself"), "{}", ran.out);
    assert!(lessons(&stage).iter().all(|lesson| lesson["state"] == "pending"));
}

#[test]
fn a_short_status_is_one_line_or_nothing() {
    let stage = Stage::new();
    let short = stage.run(&["status", "--short"]).ended(10);
    assert!(short.out.starts_with("wakeful: ") && short.out.contains(" to review (oldest "), "{}", short.out);
    assert_eq!(short.out.lines().count(), 1);
    let ids: Vec<String> =
        lessons(&stage).iter().map(|lesson| lesson["id"].as_str().unwrap().to_owned()).collect();
    let mut reject = vec!["reject"];
    reject.extend(ids.iter().map(String::as_str));
    stage.run(&reject).ended(0);
    let nothing = stage.run(&["status", "--short"]).ended(0);
    assert_eq!((nothing.out.as_str(), nothing.err.as_str()), ("", ""));
    stage.run(&["status", "--short", "--json"]).ended(2);
}
