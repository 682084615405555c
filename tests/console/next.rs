//! What a reviewer is told when there is nothing to decide, or when a key can't do what it says: always what is
//! next, with the key that does it.

use std::sync::Arc;

use wakeful::app::data::MemoryView;
use wakeful::app::overlay::Overlay;
use wakeful::app::{Action, Model, Msg};
use wakeful::domain::lifecycle::State;

use crate::headless::{World, shows};
use crate::sample;
use crate::screens::{SIZES, Stage, act, text};

fn drawn(model: &mut Model, size: (u16, u16)) -> String {
    text(&Stage::new(false).draw(model, size))
}

#[test]
fn a_list_with_everything_decided_says_what_is_next() {
    let ways = [State::Accepted, State::Rejected, State::Snoozed];
    for size in SIZES {
        let mut model = sample::model_of(sample::cleared(&ways));
        let shown = drawn(&mut model, size);
        let counts = model.inbox.counts();
        let (accepted, snoozed) = (counts.accepted, counts.snoozed);
        for said in [
            "Everything here is decided.",
            &format!("P  preview and write {accepted} accepted lessons"),
            "<  lower the threshold: 2 below 10 examples hidden",
            &format!("/  state:snoozed: {snoozed}, first back tomorrow 00:00"),
            "R  dream again; next due ",
        ] {
            assert!(shown.contains(said), "{said:?} at {size:?}:\n{shown}");
        }
    }
}

#[test]
fn an_empty_list_says_what_is_next() {
    for size in SIZES {
        let mut model = sample::model_of(sample::cleared(&[State::Snoozed, State::Rejected]));
        let shown = drawn(&mut model, size);
        for said in
            ["Nothing has 10 examples or more.", "<  lower", ", first back tomorrow 00:00", "R  dream"]
        {
            assert!(shown.contains(said), "{said:?} at {size:?}:\n{shown}");
        }
    }
    // Without anything of that: only what can be done.
    let mut overview = sample::cleared(&[State::Rejected]);
    overview.lessons.retain(|lesson| lesson.state == State::Rejected);
    for summary in &mut overview.agents {
        summary.every_hours = 1;
    }
    let shown = drawn(&mut sample::model_of(overview), (100, 30));
    assert!(shown.contains("Nothing waits for a decision."), "{shown}");
    assert!(shown.contains("is due"), "{shown}");
    for unsaid in ["snoozed", "lower the threshold", "preview"] {
        assert!(!shown.contains(unsaid), "{unsaid:?}:\n{shown}");
    }
}

#[test]
fn what_was_snoozed_right_now_is_counted_at_once() {
    let place = World::new();
    let mut console = place.open((80, 24));
    console.press("s s").unwrap();
    console.press("g").unwrap();
    shows(&console, "state:snoozed: 2, first back tomorrow 00:00");
    console.close();
    // Also after a restart, where they are out of sight.
    let console = place.open((80, 24));
    shows(&console, "state:snoozed: 2, first back tomorrow 00:00");
}

#[test]
fn undo_of_what_is_written_leads_to_the_key_that_takes_it_out() {
    let place = World::new();
    let mut console = place.open((140, 40));
    let statement = console.model().inbox.current().unwrap().lesson.statement.clone();
    let start: String = statement.chars().take(20).collect();
    let id = console.model().inbox.current().unwrap().lesson.id.clone();
    console.press("a P").unwrap();
    console.press("y").unwrap();
    let written = place.memory();
    console.press("G u").unwrap();
    shows(&console, &format!("The last decision is written already: “{start}"));
    shows(&console, "T shows what taking it out");
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, id);
    assert_eq!(place.memory(), written);
    console.close();

    // Later it is no longer in the list, and is looked up.
    let mut console = place.open((80, 24));
    console.press("u").unwrap();
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, id);
    console.press("T").unwrap();
    console.press("y").unwrap();
    assert_ne!(place.memory(), written);
}

#[test]
fn undo_of_one_of_several_that_were_written_says_how_to_undo_them_all() {
    let place = World::new();
    let mut console = place.open((80, 24));
    console.press("= \"0\" enter a a a P").unwrap();
    console.press("y").unwrap();
    shows(&console, "Written: 3 lessons");
    console.press("u").unwrap();
    shows(&console, "apply wrote 3 lessons. T takes out this one, 4 then shift-tab and T all");
    console.press("4").unwrap();
    console.press("shift-tab T").unwrap();
    shows(&console, "takes 3 lessons out");
    console.press("n").unwrap();
    // From another screen nothing jumps.
    console.press("u").unwrap();
    assert_eq!(console.model().screen, wakeful::app::Screen::Memory);
    shows(&console, "1 and T show what taking it out would write");
    console.close();

    // Later, behind a filter: nobody's filter is put there, and what goes is said.
    let mut console = place.open((200, 50));
    console.press("/ \"kind:move\" enter u").unwrap();
    shows(&console, "; the filter that hid it is off");
    assert_eq!(console.model().inbox.filter().text(), "");
    assert!(console.model().inbox.current().is_some_and(|entry| entry.state() == State::Applied));
}

#[test]
fn enter_on_an_empty_memory_says_what_comes_first() {
    let mut model = sample::model();
    act(&mut model, &[Action::ScreenMemory]);
    let empty = MemoryView { documents: Vec::new(), ..sample::memory() };
    model.memory.view = Some(Arc::new(empty));
    let shown = drawn(&mut model, (80, 24));
    assert!(shown.contains("This memory is empty: the agent starts every session without notes."), "{shown}");
    act(&mut model, &[Action::Open]);
    let shown = drawn(&mut model, (80, 24));
    assert!(shown.contains("This memory has no document to open yet. "), "{shown}");
    assert_eq!(model.memory.pane, wakeful::app::screens::MemoryPane::Documents);
}

#[test]
fn an_editor_closed_without_a_change_leaves_the_sides_where_they_are() {
    let mut model = sample::model();
    act(&mut model, &[Action::Top, Action::Down, Action::Fit, Action::FitLesson, Action::Edit]);
    let Some(Overlay::Fit(pane)) = model.overlay().cloned() else { panic!("the sides are gone") };
    sample::send(&mut model, Msg::Edited(pane.lesson.clone(), Ok(None)));
    let shown = drawn(&mut model, (80, 24));
    assert!(shown.contains("Nothing was changed in the editor"), "{shown}");
    assert_eq!(model.overlay(), Some(&Overlay::Fit(pane.clone())));
    sample::send(&mut model, Msg::Edited(pane.lesson.clone(), Ok(Some("# Booking\n".to_owned()))));
    assert_eq!(model.overlay(), None);
}

#[test]
fn the_documents_of_a_preview_are_gone_through() {
    let mut model = sample::model();
    act(&mut model, &[Action::Preview]);
    let mut stage = Stage::new(false);
    let shown = text(&stage.draw(&mut model, (80, 24)));
    assert!(!shown.contains("] [ document"), "{shown}");
    act(&mut model, &[Action::NextChange]);
    let shown = text(&stage.draw(&mut model, (80, 24)));
    assert!(shown.contains("there is no other document"), "{shown}");

    let Some(Overlay::Preview(pane)) = model.overlays.last_mut() else { panic!("no preview") };
    let mut plan = sample::preview();
    let document = plan.plans[0].documents[0].clone();
    for path in ["/second.md", "/third.md", "/fourth.md", "/fifth.md"] {
        let path = wakeful::domain::memory::DocPath::new(path).unwrap();
        plan.plans[0].documents.push(wakeful::app::data::DocumentText { path, ..document.clone() });
    }
    pane.plan = Some(Arc::new(plan));
    pane.token = Some(7777);
    let mut top = |model: &mut Model| {
        let shown = text(&stage.draw(model, (80, 24)));
        assert!(shown.contains("] [ document"), "{shown}");
        shown.lines().nth(2).unwrap().to_owned()
    };
    top(&mut model);
    act(&mut model, &[Action::NextChange]);
    assert!(top(&mut model).contains("─ /customers/cancellations.md "));
    act(&mut model, &[Action::NextChange]);
    let shown = top(&mut model);
    assert!(shown.contains("─ /second.md "), "{shown}");
    act(&mut model, &[Action::PreviousChange]);
    assert!(top(&mut model).contains("─ /customers/cancellations.md "));
    for _ in 0..6 {
        act(&mut model, &[Action::NextChange]);
        top(&mut model);
    }
    assert_eq!(model.toasts.current().unwrap().text, "This is the last document");
}

#[test]
fn a_preview_with_a_conflict_names_the_key_that_makes_it_fit() {
    let mut model = sample::model();
    act(&mut model, &[Action::Preview]);
    for size in [(200, 60), (60, 40)] {
        let shown = drawn(&mut model, size);
        let words = shown.replace(['│', '┃'], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        assert!(
            words.join(" ").contains("On such a lesson m makes it fit part by part, e edits all sides"),
            "{shown}"
        );
    }
}

#[test]
fn columns_of_the_audit_trail_are_as_wide_as_what_is_in_them() {
    for size in SIZES {
        let mut model = sample::model();
        act(&mut model, &[Action::ScreenAudit]);
        let shown = drawn(&mut model, size);
        // The widest moment begins right behind the cursor.
        assert!(shown.contains("│ 20 Feb  write"), "{size:?}:\n{shown}");
    }
}

#[test]
fn what_forbids_a_lesson_is_read_to_its_end_and_what_is_cut_names_its_key() {
    use wakeful::domain::lesson::{Mark, Severity};
    let secret =
        "holds what looks like an access key of the ledger, which every agent would carry on; edit it out";
    for size in [(80, 24), (60, 20)] {
        let mut overview = sample::overview();
        for lesson in &mut overview.lessons {
            let mark = |severity, text: &str| Mark { guard: "secret".into(), severity, text: text.into() };
            lesson.marks = vec![mark(Severity::Block, secret)];
            lesson.marks.extend((0..4).map(|_| mark(Severity::Info, "a remark")));
        }
        let mut model = sample::model_of(overview);
        act(&mut model, &[Action::Open]);
        let shown = drawn(&mut model, size);
        let words = shown.replace(['│', '┃'], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        let words = words.join(" ");
        assert!(words.contains(secret), "{shown}");
        assert!(words.contains("2 more remarks: I") || words.contains("I shows more remarks"), "{shown}");
    }
}

#[test]
fn what_an_undo_found_changed_stands_below_it() {
    use wakeful::app::screens::HistoryItem;
    let mut model = sample::model();
    act(&mut model, &[Action::ScreenMemory]);
    let mut view = sample::memory();
    // Noticed a moment after the undo began, and before it wrote.
    let begun = view.history[0].at;
    let noticed = begun.checked_add(jiff::SignedDuration::from_millis(20)).unwrap();
    view.seen[0].at = noticed;
    view.seen[0].number = 4;
    model.memory.view = Some(Arc::new(view));
    let items = model.memory.history_items();
    assert!(matches!(items[0], HistoryItem::Apply(_)), "{items:?}");
    assert_eq!(items[items.len() - 2..], [HistoryItem::Seen(4), HistoryItem::Seen(1)]);
}

#[test]
fn the_help_is_paged_and_says_that_there_is_nothing_to_undo() {
    use wakeful::input::Key;
    use wakeful::input::keymap::{Keymap, Overrides};
    use wakeful::input::route::Router;
    let mut model = sample::model();
    model.turns = wakeful::app::data::Turns::default();
    act(&mut model, &[Action::Help]);
    let mut stage = Stage::new(false);
    stage.draw(&mut model, (100, 30));
    let mut router = Router::new(Keymap::load(&Overrides::new()).0);
    let mut press = |model: &mut Model, key: &str| {
        let msg = router.route(Key::parse(key).unwrap(), model);
        if let Some(msg) = msg {
            sample::send(model, msg);
        }
        match model.overlay() {
            Some(Overlay::Palette(palette)) => (palette.selected, palette.input.text().to_owned()),
            _ => panic!("the help was left by {key}"),
        }
    };
    let (page, _) = press(&mut model, "pgdn");
    assert!(page > 5, "{page}");
    assert!(press(&mut model, "ctrl-d").0 > page);
    assert_eq!(press(&mut model, "ctrl-u").0, page);
    assert_eq!(press(&mut model, "pgup").0, 0);
    assert!(press(&mut model, "end").0 > 50);
    assert_eq!(press(&mut model, "home").0, 0);
    // Letters are typed, and what edits a text does that once there is one.
    assert_eq!(press(&mut model, "u").1, "u");
    assert_eq!(press(&mut model, "ctrl-u"), (0, String::new()));
    for letter in ["u", "n", "d", "o"] {
        press(&mut model, letter);
    }
    let shown = text(&stage.draw(&mut model, (100, 30)));
    assert!(shown.contains("not now: there is no decision to undo"), "{shown}");
}

#[test]
fn the_place_in_a_long_text_survives_a_look_at_it_in_full() {
    let mut model = sample::model();
    let mut stage = Stage::new(false);
    for _ in 0..3 {
        stage.draw(&mut model, (100, 30));
    }
    act(&mut model, &[Action::DetailDown, Action::DetailDown, Action::DetailDown]);
    stage.draw(&mut model, (100, 30));
    let before = model.detail.scroll;
    assert!(before > 0);
    for keys in [[Action::Evidence, Action::Back], [Action::Open, Action::Back]] {
        for action in keys {
            act(&mut model, &[action]);
            for _ in 0..3 {
                stage.draw(&mut model, (100, 30));
            }
        }
        assert_eq!(model.detail.scroll, before, "{keys:?}");
    }
}

#[test]
fn agents_whose_place_is_gone_are_named() {
    let mut overview = sample::overview();
    overview.gone = overview.agents.drain(..).map(|summary| summary.agent).collect();
    let mut model = sample::model_of(overview);
    for size in SIZES {
        let shown = drawn(&mut model, size);
        assert!(shown.contains("support-bot"), "{shown}");
    }
    act(&mut model, &[Action::ScreenAgents]);
    let shown = drawn(&mut model, (100, 30));
    assert!(shown.contains("are in none of the places that are read any more"), "{shown}");
    assert!(!shown.contains("No agent is known yet"), "{shown}");
}
