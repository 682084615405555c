//! Looking closer: searching in a session, what an edit made of a proposal, requests, own themes.

use crate::headless::{World, hides, shows};

#[test]
fn a_session_is_searched_and_each_match_is_counted() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("t").unwrap();
    shows(&console, "quote 1 of 1");
    // The count is there while one types, and what is found is brought into view.
    console.press("g / \"REGI\"").unwrap();
    shows(&console, "no match");
    console.press("ctrl-u \"regi\"").unwrap();
    shows(&console, "1 of 2");
    console.press("\"on\" enter").unwrap();
    shows(&console, "match 1 of 2");
    console.press("n").unwrap();
    shows(&console, "match 2 of 2");
    console.press("n").unwrap();
    shows(&console, "This is the last match");
    console.press("N").unwrap();
    shows(&console, "match 1 of 2");
    // A search that is given up goes back to the one before; Esc ends it, and then leaves.
    console.press("/ ctrl-u \"order\"").unwrap();
    shows(&console, "1 of 1");
    console.press("esc").unwrap();
    shows(&console, "match 1 of 2");
    console.press("esc").unwrap();
    hides(&console, "match 1");
    shows(&console, "quote 1 of 1");
    console.press("n").unwrap();
    shows(&console, "Next: nothing is searched for in this session");
    console.press("esc").unwrap();
    hides(&console, "quote 1 of 1");
}
