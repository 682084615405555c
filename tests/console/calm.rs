//! The console for people who hear it rather than see it, who look elsewhere meanwhile, or who go by letters.

use jiff::SignedDuration;
use wakeful::app::{Effect, Model, Msg, update};
use wakeful::config::Config;

use crate::headless::World;
use crate::sample;
use crate::screens::text;

#[test]
fn for_screen_readers_words_stand_in_place_of_signs() {
    let place = World::new();
    let mut config = Config::default();
    config.use_reader();
    let mut console = place.open_with((100, 30), config);
    let shown = text(console.frame());
    for ornament in ["---", "|  ", "+-", "\u{2502}", "\u{2500}", "\u{2587}", "####", "[]"] {
        assert!(!shown.contains(ornament), "{ornament:?} in\n{shown}");
    }
    assert!(shown.contains("> add, 18 of 20 sessions: "), "{shown}");
    console.press("a").unwrap();
    let shown = text(console.frame());
    assert!(shown.contains("accepted, add, 18 of 20 sessions: "), "{shown}");
    // The cursor stands on the selected row and can be seen there.
    let (at, seen) = console.cursor();
    let row = shown.lines().nth(usize::from(at.unwrap().y)).unwrap();
    assert!(seen && row.contains("> "), "{row}");
    console.press("i").unwrap();
    assert!(text(console.frame()).contains("supports"), "{}", text(console.frame()));
}

fn dreamt(model: &mut Model, seconds: i64) -> Vec<String> {
    let agent = model.agents.list[0].agent.id.clone();
    let start = sample::now();
    let _ = update(model, Msg::Dream(agent), start);
    assert!(model.dreams.running.is_some());
    let end = start.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let effects = update(model, Msg::Dreamt(Ok(Some(3))), end);
    let notices = effects.into_iter().filter_map(|effect| match effect {
        Effect::Notify(text) => Some(text),
        _ => None,
    });
    notices.collect()
}

#[test]
fn only_who_asked_and_looks_elsewhere_is_told_that_a_dream_ended() {
    let mut model = sample::model();
    let focus = |model: &mut Model, focused| {
        assert_eq!(update(model, Msg::Focus(focused), sample::now()), []);
    };
    focus(&mut model, false);
    assert_eq!(dreamt(&mut model, 90), Vec::<String>::new(), "nobody asked for it");
    model.notify = true;
    let told = dreamt(&mut model, 90);
    assert!(told.len() == 1 && told[0].contains("proposes 3 lessons"), "{told:?}");
    assert_eq!(dreamt(&mut model, 2), Vec::<String>::new(), "it was over at once");
    focus(&mut model, true);
    assert_eq!(dreamt(&mut model, 90), Vec::<String>::new(), "the reviewer looks on");
}

#[test]
fn nothing_ticks_for_those_who_listen() {
    let mut model = sample::model();
    let agent = model.agents.list[0].agent.id.clone();
    let _ = update(&mut model, Msg::Dream(agent), sample::now());
    model.toasts.dismiss();
    assert!(model.next_tick().is_some(), "elapsed seconds of a pass move on");
    model.calm = true;
    assert_eq!(model.next_tick(), None);
}

#[test]
fn a_letter_leads_to_its_row() {
    let place = World::new();
    let mut console = place.open((100, 30));
    let second = console.model().inbox.visible()[1].clone();
    console.press("'").unwrap();
    let shown = text(console.frame());
    assert!(shown.lines().any(|line| line.starts_with("\u{2502}a ")), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("\u{2502}s ")), "{shown}");
    // The letters are those of rows: `a` does not accept, `s` does not put off.
    console.press("s").unwrap();
    assert_eq!(console.model().inbox.current().unwrap().lesson.id, second);
    assert!(console.model().overlay().is_none());
    console.press("' a").unwrap();
    assert_ne!(console.model().inbox.current().unwrap().lesson.id, second);
    // A letter without a row, and leaving.
    console.press("' M").unwrap();
    assert!(console.model().overlay().is_none());
    console.press("' esc").unwrap();
    assert!(console.model().overlay().is_none());
    assert_eq!(console.model().inbox.counts().to_review, 2, "nothing was decided");
}

#[test]
fn a_picture_shows_the_screen_and_no_more() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("E").unwrap();
    // From the command line: the line itself is gone from the picture.
    console.press(": \"picture\" enter").unwrap();
    let [by_key, by_name] = console.pictures() else { panic!("{}", console.pictures().len()) };
    assert!(by_key.starts_with("<svg ") && by_key.contains("Call the orders tool"), "{by_key}");
    assert!(by_key.contains("wakeful: 2 to review"));
    assert!(!by_name.contains(":picture"));
    console.press("6 E").unwrap();
    assert_eq!(console.pictures().len(), 2, "on the audit screen this key exports");
}
