//! What is asked of the platform from the console: which dream, and what becomes of what one wrote. Always a
//! question first, answered by another key.

use serde_json::json;
use wakeful::app::data::Failure;
use wakeful::app::far::Asked;
use wakeful::app::line_edit::TextEdit;
use wakeful::app::overlay::Overlay;
use wakeful::app::{Action, Effect, Msg, update};
use wakeful::config::Config;
use wakeful::run::headless::Headless;
use wakeful::stand_in::{Fault, Rule, Script};
use wakeful::term::events::Input;

use crate::headless::shows;
use crate::platform::Far;
use crate::sample;

fn types(console: &mut Headless, words: &str) {
    for letter in words.chars() {
        let key = if letter == ' ' { "space".to_owned() } else { letter.to_string() };
        console.press(&key).unwrap();
    }
}

#[test]
fn what_a_dream_reads_and_is_told_is_changed_before_it_starts() {
    let far = Far::new();
    let mut console = far.open(Config::default());
    console.press("3 R").unwrap();
    shows(&console, "over 3 sessions?");
    shows(&console, "e change it");
    console.press("e").unwrap();
    shows(&console, "a dream for support-bot");
    shows(&console, "last sessions 50");
    // The number is offered: typing replaces it.
    types(&mut console, "2");
    console.press("down").unwrap();
    shows(&console, "the sessions of this agent have none");
    types(&mut console, "retail");
    console.press("enter").unwrap();
    shows(&console, "no session is of the segment retail");
    assert!(far.server.workspace().dreams().is_empty());
    console.press("ctrl-u tab").unwrap();
    types(&mut console, "40");
    console.press("tab").unwrap();
    types(&mut console, "claude-sonnet-5");
    console.press("tab").unwrap();
    types(&mut console, "Keep it short.");
    console.press("enter").unwrap();
    shows(&console, "over 2 sessions?");
    shows(&console, "with claude-sonnet-5");
    shows(&console, "At most 40 % of one person, with your instructions.");
    // The key that took the fields does not start it.
    assert!(far.server.workspace().dreams().is_empty());
    console.press("y").unwrap();
    shows(&console, "1 dream started");
    let dream = console.model().dreams.current().map(|summary| summary.dream.clone());
    let dream =
        dream.or_else(|| console.model().dreams.list.first().map(|summary| summary.dream.clone())).unwrap();
    assert_eq!(dream.remote.unwrap().sessions.len(), 2);
    assert_eq!(dream.model.as_deref(), Some("claude-sonnet-5"));
    assert!(dream.instructions.unwrap().contains("Keep it short."));
    console.close();
}

#[test]
fn leaving_the_fields_leaves_the_question_as_it_was() {
    let far = Far::new();
    let mut console = far.open(Config::default());
    console.press("3 R").unwrap();
    console.press("e").unwrap();
    types(&mut console, "1");
    console.press("esc").unwrap();
    shows(&console, "over 3 sessions?");
    // What a field can't hold is not left out in silence.
    console.press("e up").unwrap();
    console.input(Input::Paste("word ".repeat(900))).unwrap();
    shows(&console, "the field is full, the rest was left out");
    console.press("esc").unwrap();
    console.press("n").unwrap();
    assert!(far.server.workspace().dreams().is_empty());
    console.close();
}

#[test]
fn what_can_t_be_worked_out_stays_in_the_fields_to_be_mended() {
    let mut model = sample::model_of(sample::overview_on_the_platform());
    for action in [Action::ScreenAgents, Action::Down, Action::DreamRun, Action::DreamChange] {
        sample::send(&mut model, Msg::Action(action));
    }
    let typed = Msg::Text(TextEdit::Insert('7'));
    assert_eq!(update(&mut model, typed, sample::now()), []);
    let effects = update(&mut model, Msg::Action(Action::InputSubmit), sample::now());
    let [Effect::PlanDream(number, _, asked)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(matches!(&**asked, Asked::So(wish) if wish.window.last == 7), "{asked:?}");
    let failed = Failure::plain("the instructions are too long");
    let late = update(&mut model, Msg::DreamPlanned(number - 1, Err(failed.clone())), sample::now());
    assert!(late.is_empty() && model.overlay().is_none(), "an answer to an earlier question");
    assert_eq!(update(&mut model, Msg::DreamPlanned(*number, Err(failed)), sample::now()), []);
    let Some(Overlay::Wish(pane)) = model.overlay() else { panic!("{:?}", model.overlay()) };
    assert_eq!(pane.problem.as_deref(), Some("the instructions are too long"));
    assert_eq!(pane.fields().next().unwrap().1.text(), "7");
}

/// A dream of others that is done: one lesson for each document.
fn dreamt(far: &Far) -> String {
    let mut workspace = far.server.workspace();
    let store = workspace.stores().remove(0);
    let (notes, more) =
        ("# Notes\n\n- Be kind.\n- Refunds take five days.\n", "# More\n\n- Nobody deploys late.\n");
    workspace.script_dream(Script::writing(&[("/notes.md", Some(notes)), ("/more.md", Some(more))]));
    let sessions = workspace.sessions();
    let made = workspace
        .create_dream(&json!({
            "inputs": [
                { "type": "memory_store", "memory_store_id": store },
                { "type": "sessions", "session_ids": sessions }
            ],
            "model": "claude-opus-5"
        }))
        .unwrap();
    let dream = made["id"].as_str().unwrap().to_owned();
    workspace.finish_dream(&dream);
    dream
}

fn notes(far: &Far) -> Vec<String> {
    let workspace = far.server.workspace();
    let store = workspace.stores().remove(0);
    workspace.memories(&store).into_keys().collect()
}

#[test]
fn what_dreams_of_others_cost_is_the_same_wherever_it_is_told() {
    let far = Far::new();
    dreamt(&far);
    let mut console = far.open(Config::default());
    let by_others = console.model().agents.spent_by_others.clone();
    let month = wakeful::domain::cost::spent_in(by_others, &|_| true);
    assert!(!month.is_nothing() && !month.expected, "{month}");
    console.press("3").unwrap();
    shows(&console, &format!("nothing this month · {month} this month by others, {month} of it today"));
    console.press("R").unwrap();
    shows(&console, "agents cost $0.00 so far.");
    shows(&console, &format!("Those that others started cost {month}; no cap counts"));
    console.close();
}

#[test]
fn all_of_a_dream_is_adopted_from_its_screen_and_a_rejection_is_asked_about() {
    let far = Far::new();
    dreamt(&far);
    let mut config = Config::default();
    config.threshold.value = 0;
    let mut console = far.open(config);
    console.press("x").unwrap();
    console.press("2 a").unwrap();
    shows(&console, "1 lesson of it was rejected, 1 more wants a look one by one.");
    // What no batch would accept is named, with what speaks against it.
    shows(&console, "”: no-evidence, 0 examples");
    console.press("a").unwrap();
    console.press("n").unwrap();
    assert_eq!(notes(&far), ["/notes.md"]);
    console.press("a").unwrap();
    console.press("y").unwrap();
    shows(&console, "preview: nothing is written yet");
    console.press("n").unwrap();
    assert_eq!(notes(&far), ["/notes.md"], "leaving a preview agrees to nothing");
    console.press("a").unwrap();
    console.press("y").unwrap();
    console.press("y").unwrap();
    shows(&console, "Written: 2 lessons in 2 documents");
    assert_eq!(notes(&far), ["/more.md", "/notes.md"]);
    console.press("a").unwrap();
    shows(&console, "The memory has everything that this dream proposes");
    console.close();
}

#[test]
fn a_leftover_store_is_put_away_from_the_screen_of_dreams() {
    let far = Far::new();
    dreamt(&far);
    let stores = || far.server.workspace().stores().len();
    let mut console = far.open(Config::default());
    console.press("2 x").unwrap();
    shows(&console, "Archive the store it left? That can't be undone.");
    console.press("x").unwrap();
    console.press("n").unwrap();
    shows(&console, "compared with");
    far.server.faults().add(Rule::on("/v1/memory_stores/*/archive", Fault::Status(403, None)));
    console.press("x").unwrap();
    console.press("y").unwrap();
    shows(&console, "was refused with 403");
    console.press("x").unwrap();
    console.press("y").unwrap();
    shows(&console, "The store is archived; lessons and texts are kept here");
    shows(&console, "the store it wrote is archived");
    console.press("x").unwrap();
    shows(&console, "Its store is archived already. Delete it for good?");
    let before = stores();
    console.press("y").unwrap();
    shows(&console, "The store is deleted");
    assert_eq!(stores(), before - 1);
    console.press("x").unwrap();
    shows(&console, "its store is deleted already");
    console.close();
}
