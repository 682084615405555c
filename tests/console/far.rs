//! Dreams on the platform, from the console's side: the estimate first, another key to start, a way
//! to stop. The platform is a server of this program's own on the loopback.

use serde_json::json;
use wakeful::config::Config;
use wakeful::domain::cost::Money;
use wakeful::run::headless::Headless;
use wakeful::stand_in::{Fault, Rule, Script};
use wakeful::sync::platform::prices::Prices;

use crate::headless::shows;
use crate::platform::Far;
use crate::screens::text;

#[test]
fn a_dream_is_estimated_asked_for_started_and_stopped() {
    let far = Far::new();
    let mut console = far.open(Config::default());
    console.press("3").unwrap();
    shows(&console, "support-bot");
    console.press("R").unwrap();
    shows(&console, "over 3 sessions?");
    shows(&console, "Allowed: at most $2.00 per dream, at most $20.00 per month.");
    // The key that asked does not answer.
    console.press("R").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
    console.press("n").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
    console.press("R").unwrap();
    console.press("y").unwrap();
    shows(&console, "1 dream started; leaving wakeful does not stop it");
    let dreams = far.server.workspace().dreams();
    assert_eq!(dreams.len(), 1);

    console.press("2").unwrap();
    shows(&console, "platform");
    // What it was told stands there line by line, as written.
    shows(&console, "told:");
    assert!(!text(console.frame()).contains("⏎⏎"));
    console.press("c").unwrap();
    shows(&console, "Stop this dream?");
    console.press("y").unwrap();
    assert_eq!(far.server.workspace().dream_status(&dreams[0]), Some("canceled"));
    console.close();
}

#[test]
fn a_dream_that_is_started_again_is_the_one_under_the_cursor() {
    let far = Far::new();
    let mut console = far.open(Config::default());
    console.press("3 R").unwrap();
    console.press("y 2").unwrap();
    let first = far.server.workspace().dreams().remove(0);
    far.server.workspace().finish_dream(&first);
    comes(&mut console, "took 0 s");
    far.clock.advance(jiff::SignedDuration::from_mins(1));
    console.press("R").unwrap();
    console.press("y").unwrap();
    let dreams = far.server.workspace().dreams();
    assert_eq!(dreams.len(), 2);
    assert_eq!(console.model().dreams.current().unwrap().dream.id.as_str(), dreams[1]);
    // The month on the screen of agents is the one that the question before a start tells.
    let spent = console.model().agents.spent.clone();
    assert_eq!(spent.len(), 2);
    console.press("3").unwrap();
    let month = wakeful::domain::cost::spent_in(spent, &|_| true);
    assert!(month.expected, "the second may still cost what was expected");
    shows(&console, &format!("{month} this month"));
    console.press("R").unwrap();
    shows(&console, &format!("agents cost {month} so far."));
    console.close();
}

#[test]
fn a_first_sync_that_failed_is_nowhere_called_synced() {
    let far = Far::new();
    // Agents and stores can be listed; what they did can't be read.
    let refused = Fault::Status(403, None);
    far.server.faults().add(Rule::on("/v1/sessions", refused).always());
    let mut console = far.open(Config::default());
    shows(&console, "never synced, the last try failed");
    shows(&console, "Sync failed: default: GET /v1/sessions was refused with 403");
    console.press("3").unwrap();
    shows(&console, "support-bot");
    let screen = text(console.frame());
    let fact = |name: &str| screen.lines().find(|line| line.contains(name)).unwrap_or_default().to_owned();
    assert!(fact(" synced  ").contains("never") && fact("trouble").contains("403"), "{screen}");
    // Read at last, and then not any more: then there is a day to tell.
    far.server.faults().clear();
    console.press("r").unwrap();
    shows(&console, "synced    today");
    far.server.faults().add(Rule::on("/v1/**", Fault::Status(403, None)).always());
    console.press("r").unwrap();
    shows(&console, "sync failed, cache of");
    console.close();
}

#[test]
fn a_cap_that_would_not_be_kept_is_the_question() {
    let far = Far::new();
    let mut config = Config::default();
    config.max_cost.value = Some(Money::micros(1));
    let mut console = far.open(config);
    console.press("3 R").unwrap();
    shows(&console, "It could cost up to");
    console.press("n").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
}

#[test]
fn the_users_own_prices_are_the_ones_shown() {
    let far = Far::new();
    let own = "date = \"2027-01-01\"\n[models.claude-opus-5]\ninput = \"900\"\noutput = \"900\"\n\
               cache-write-5m = \"900\"\ncache-write-1h = \"900\"\ncache-read = \"900\"\n";
    let mut console = far.open_at(Config::default(), Prices::parse(own).unwrap());
    console.press("3 R").unwrap();
    shows(&console, "At list prices of 2027-01-01.");
    console.close();
}

#[test]
fn an_older_dream_of_others_is_opened_from_the_list() {
    let far = Far::new();
    let mut config = Config::default();
    config.threshold.value = 1;
    let store = far.server.workspace().stores().remove(0);
    for (minute, line) in ["- Refunds take five days.", "- Nobody deploys on a Friday."].iter().enumerate() {
        let mut workspace = far.server.workspace();
        let text = format!("# Notes\n\n- Be kind.\n{line}\n");
        workspace.script_dream(Script::writing(&[("/notes.md", Some(text.as_str()))]));
        let sessions: Vec<String> = workspace.sessions().into_iter().take(3).collect();
        let made = workspace
            .create_dream(&json!({
                "inputs": [
                    { "type": "memory_store", "memory_store_id": store },
                    { "type": "sessions", "session_ids": sessions }
                ],
                "model": "claude-opus-5"
            }))
            .unwrap();
        workspace.finish_dream(made["id"].as_str().unwrap());
        drop(workspace);
        far.clock.advance(jiff::SignedDuration::from_mins(1 + minute as i64));
    }
    let mut console = far.open(config);
    console.press("2 j").unwrap();
    shows(&console, "its lessons were not fetched yet");
    console.press("enter").unwrap();
    shows(&console, "Fetch the lessons of this dream?");
    console.press("y").unwrap();
    shows(&console, "1 lesson fetched");
    console.press("enter").unwrap();
    shows(&console, "2 below 1 example hidden");
    console.close();
}

/// Waits for something a dream elsewhere does to come on the screen.
#[track_caller]
fn comes(console: &mut Headless, what: &str) {
    let seen =
        console.until_shown(std::time::Duration::from_secs(20), |frame| text(frame).contains(what)).unwrap();
    assert!(seen, "{what:?} does not come:\n{}", text(console.frame()));
}

#[test]
fn a_running_dream_is_followed_against_time_and_across_a_restart() {
    let far = Far::new();
    let mut config = Config::default();
    config.threshold.value = 1;
    let learned = "# Notes\n\n- Be kind.\n- Refunds take five days.\n";
    let script =
        Script::writing(&[("/notes.md", Some(learned)), ("/more.md", Some("# More\n\n- One thing.\n"))]);
    far.server.workspace().script_dream(script);
    let mut console = far.open(config.clone());
    console.press("3 R").unwrap();
    console.press("y").unwrap();
    console.press("2").unwrap();
    shows(&console, "pending");
    let dream = far.server.workspace().dreams().remove(0);
    let step = || far.server.workspace().step_dream(&dream);
    // It begins, reads, and writes its first document; each step is on the screen as it is taken.
    step();
    comes(&mut console, "running");
    step();
    comes(&mut console, "read /mnt/session/transcripts/");
    far.clock.advance(jiff::SignedDuration::from_mins(3));
    step();
    comes(&mut console, "write /mnt/memory/output/notes.md");
    comes(&mut console, "used ");
    console.press("j").unwrap();
    shows(&console, "for 3 min now");
    shows(&console, "(expected ");
    // Leaving does not stop it, and coming back finds it at work with what it did before.
    console.close();
    assert_eq!(far.server.workspace().dream_status(&dream), Some("running"));
    let mut console = far.open(config);
    console.press("2").unwrap();
    comes(&mut console, "write /mnt/memory/output/notes.md");
    shows(&console, "running");
    far.clock.advance(jiff::SignedDuration::from_mins(1));
    console.press("j").unwrap();
    shows(&console, "for 4 min now");
    step();
    comes(&mut console, "write /mnt/memory/output/more.md");
    step();
    comes(&mut console, "took 4 min");
    comes(&mut console, "2 lessons");
    // The real use and its price beside what was expected.
    shows(&console, "used 302k tokens, $0.7");
    shows(&console, "(expected ");
    console.close();
}

#[test]
fn a_followed_dream_that_fails_says_why_and_what_to_do() {
    let far = Far::new();
    let failing = Script::writing(&[("/a.md", Some("a"))]).failing(0, "timeout", "took too long");
    far.server.workspace().script_dream(failing);
    let mut console = far.open(Config::default());
    console.press("3 R").unwrap();
    console.press("y").unwrap();
    console.press("2").unwrap();
    let dream = far.server.workspace().dreams().remove(0);
    far.server.workspace().finish_dream(&dream);
    comes(&mut console, "timeout (took too long)");
    shows(&console, "failed");
    shows(&console, "runs it again");
    console.close();
}
