//! The console for people who hear it rather than see it, and for those who look elsewhere meanwhile.

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
