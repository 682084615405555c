//! What a click does beyond putting the cursor somewhere: on a hint, and the second one on a row. Neither while the
//! mouse is the terminal's.

use jiff::SignedDuration;
use wakeful::app::overlay::Overlay;
use wakeful::app::{Pane, Screen};
use wakeful::domain::lifecycle::State;
use wakeful::term::events::Input;

use crate::headless::{World, place_of, shows};

const SIZES: [(u16, u16); 2] = [(140, 40), (80, 24)];

#[test]
fn a_click_on_a_hint_does_what_it_says() {
    for size in SIZES {
        let place = World::new();
        let mut console = place.open(size);
        let hint = place_of(&console, "accept   x");
        console.input(Input::Press(hint)).unwrap();
        assert_eq!(place.states(), [State::Pending; 3], "the mouse is not listened to yet");
        console.press(": m o u s e enter g").unwrap();
        console.input(Input::Press(hint)).unwrap();
        assert_eq!(place.states(), [State::Accepted, State::Pending, State::Pending]);
        // What is said may cover the hints; then there is nothing to click.
        console.press("g").unwrap();
        let help = place_of(&console, "? help");
        console.input(Input::Press(help)).unwrap();
        assert!(matches!(console.model().overlay(), Some(Overlay::Palette(_))));
    }
}

#[test]
fn each_key_of_a_hint_is_clicked_by_itself() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press(": m o u s e enter g").unwrap();
    let (column, row) = place_of(&console, "< > threshold");
    console.input(Input::Press((column + 2, row))).unwrap();
    assert_eq!(console.model().inbox.threshold(), 11);
    console.press("g").unwrap();
    console.input(Input::Press((column, row))).unwrap();
    assert_eq!(console.model().inbox.threshold(), 10);
}

#[test]
fn a_second_click_on_a_row_opens_it() {
    for size in SIZES {
        let place = World::new();
        let mut console = place.open(size);
        let second = console.model().inbox.visible()[1].clone();
        let statement = console.model().inbox.entry(&second).unwrap().lesson.statement.clone();
        let row = place_of(&console, &statement.chars().take(12).collect::<String>());
        let twice = |console: &mut wakeful::run::headless::Headless, apart: i64| {
            console.input(Input::Press(row)).unwrap();
            place.clock.advance(SignedDuration::from_millis(apart));
            console.input(Input::Press(row)).unwrap();
        };
        twice(&mut console, 100);
        assert_eq!(console.model().pane, Pane::List, "the mouse is not listened to yet");
        console.press(": m o u s e enter g").unwrap();
        twice(&mut console, 2_000);
        assert_eq!(console.model().pane, Pane::List, "two single clicks");
        place.clock.advance(SignedDuration::from_secs(5));
        twice(&mut console, 100);
        assert_eq!(console.model().pane, Pane::Lesson);
        assert_eq!(console.model().inbox.current().unwrap().lesson.id, second);
    }
}

#[test]
fn the_number_that_is_kept_says_what_for() {
    let place = World::new();
    let mut console = place.open((140, 40));
    shows(&console, "4 Memory (5 Effects) 6 Audit");
    console.press("5").unwrap();
    shows(&console, "not measured yet");
    assert_eq!(console.model().screen, Screen::Inbox);
    console.press(": m o u s e enter g").unwrap();
    let tab = place_of(&console, "5 Effects");
    console.input(Input::Press(tab)).unwrap();
    shows(&console, "not measured yet");
    for size in [(200, 60), (100, 30), (80, 24), (60, 20)] {
        console.resize(size.0, size.1).unwrap();
        console.press("g").unwrap();
        shows(&console, "(5");
    }
}
