//! Looking closer: searching in a session, what an edit made of a proposal, requests, own themes.

use wakeful::app::Action;
use wakeful::app::overlay::Overlay;
use wakeful::config::{Config, ThemeFile};
use wakeful::domain::lifecycle::State;

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

#[test]
fn looking_something_up_leaves_the_list_as_it_was_for_the_next_time() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("/ \"-kind:move\" enter").unwrap();
    console.press("a 6").unwrap();
    console.press("g enter").unwrap();
    assert_eq!(console.model().inbox.filter().text(), "state:any");
    console.press("6").unwrap();
    console.press("g enter").unwrap();
    console.close();
    let console = place.open((140, 40));
    assert_eq!(console.model().inbox.filter().text(), "-kind:move");
}

#[test]
fn a_place_of_a_session_that_is_gone_says_so() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("i").unwrap();
    hides(&console, "session gone");
    for file in std::fs::read_dir(place.root().join("sessions")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    console.press("r").unwrap();
    console.close();
    let mut console = place.open((140, 40));
    console.press("i").unwrap();
    shows(&console, "session gone");
    shows(&console, "18 of 20");
}

#[test]
fn evidence_leads_back_to_where_it_was_opened() {
    let place = World::new();
    let mut console = place.open((80, 24));
    console.press("i q").unwrap();
    assert_eq!(console.model().pane, wakeful::app::Pane::List);
    console.press("enter i q").unwrap();
    assert_eq!(console.model().pane, wakeful::app::Pane::Lesson);
}

#[test]
fn a_batch_says_how_much_of_it_is_accepted_already() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("= \"0\" enter / \"state:any\" enter g a g space x").unwrap();
    shows(&console, "1 of them is accepted and not yet written");
}

#[test]
fn a_batch_leaves_what_was_decided_before_as_it_is() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("= \"0\" enter g X \"seen enough\" enter g").unwrap();
    let first = console.model().inbox.visible().first().cloned().unwrap();
    let state =
        |console: &wakeful::run::headless::Headless| console.model().inbox.entry(&first).unwrap().state();
    assert_eq!(state(&console), State::Rejected);
    // All in view: that is what waits.
    console.press("* a").unwrap();
    shows(&console, "Accept 2 lessons?");
    hides(&console, "before stay");
    console.press("n esc").unwrap();
    // Marked by hand: left out, and said so.
    console.press("g space space space a").unwrap();
    shows(&console, "Accept 2 lessons?");
    shows(&console, "1 that was rejected before stays as it is.");
    console.press("y").unwrap();
    assert_eq!(state(&console), State::Rejected);
    // Alone it is meant, and what was said of it is told.
    console.press("g space a").unwrap();
    shows(&console, "Accept 1 lesson?");
    shows(&console, "1 of them was rejected or snoozed before.");
    console.press("y").unwrap();
    assert_eq!(state(&console), State::Accepted);
}

#[test]
fn the_trail_names_a_lesson_as_it_was_proposed() {
    let place = World::new();
    let mut console = place.open((200, 50));
    let before = console.model().inbox.current().unwrap().lesson.statement.clone();
    console.set_editor(Box::new(|text| Some(text.replace("with the region", "with region and year"))));
    console.press("e").unwrap();
    hides(&console, "Your text is kept: ");
    console.press("6").unwrap();
    let view = console.model().audit.view.clone().unwrap();
    assert!(view.entries.iter().any(|entry| format!("{entry:?}").contains(&before)), "{view:?}");
}

#[test]
fn an_edit_can_be_held_against_the_proposal_and_the_memory() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("D").unwrap();
    shows(&console, "Compare: it was not edited");
    console.set_editor(Box::new(|text| Some(text.replace("with the region", "with region and year"))));
    console.press("e").unwrap();
    shows(&console, "/orders.md: memory → your text");
    shows(&console, "D compare");
    // The proposal and the edit: nothing of the memory counts as changed, and both wordings are there.
    console.press("D").unwrap();
    shows(&console, "/orders.md: proposal → your text");
    shows(&console, "4 ~ - Call the orders tool with the ");
    shows(&console, "↪     and year.");
    console.press("D").unwrap();
    shows(&console, "/orders.md: memory → proposal");
    shows(&console, "4 + - Call the orders tool with the ");
    hides(&console, "↪     and year.");
    console.press("D").unwrap();
    shows(&console, "/orders.md: memory → your text");
    shows(&console, "4 + - Call the orders tool with region ");
    hides(&console, "4 + - Call the orders tool with the ");
    // Taking the edit back takes the choice away.
    console.press("u").unwrap();
    hides(&console, "your text");
    shows(&console, "4 + - Call the orders tool with the ");
}

#[test]
fn requests_are_shown_and_where_there_are_none_it_is_said() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("L").unwrap();
    shows(&console, "requests since the start");
    shows(&console, "No requests: offline sources only.");
    console.press("q : \"requests\" enter").unwrap();
    assert!(matches!(console.model().overlay(), Some(Overlay::Requests(_))));
}

#[test]
fn a_read_only_console_offers_nothing_to_write() {
    let place = World::new();
    place.open((100, 30)).press("a").unwrap();
    let mut config = Config::default();
    config.use_read_only();
    let mut console = place.open_with((100, 30), config);
    console.press("P").unwrap();
    shows(&console, "nothing can be written here: the console was opened to look only");
    hides(&console, "write this");
    hides(&console, "writes 1 lesson");
    console.press("y").unwrap();
    shows(&console, "Write: the console was opened to look only");
    assert_eq!(place.states()[0], State::Accepted);
}

#[test]
fn a_batch_says_what_it_left_out_and_that_stays_marked() {
    let place = World::new();
    let mut console = place.open((140, 40));
    // One of three holds a secret.
    console.set_editor(Box::new(|_| Some("- The staging password: Zx81kk20qqLm\n".to_owned())));
    console.press("e").unwrap();
    console.press("= ctrl-u \"1\" enter * a").unwrap();
    shows(&console, "Accept 2 lessons?");
    shows(&console, "1 left out: secret must be edited out first.");
    shows(&console, "What is left out stays marked.");
    console.press("y").unwrap();
    shows(&console, "Accepted: 2 lessons, 1 not: secret (1); it stays marked");
    assert_eq!(console.model().inbox.chosen().len(), 1);
    assert_eq!(place.states().iter().filter(|state| **state == State::Accepted).count(), 2);
    // The mark is of use: the next decision is about that one.
    console.press("x y").unwrap();
    assert!(place.states().contains(&State::Rejected), "{:?}", place.states());
    assert!(console.model().inbox.chosen().is_empty());
}

#[test]
fn a_lesson_that_changed_elsewhere_does_not_stop_the_rest_of_a_batch() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("= ctrl-u \"1\" enter * x").unwrap();
    shows(&console, "Reject 3 lessons?");
    // Meanwhile somebody applies one of them.
    let mut other = place.open((140, 40));
    other.press("a P").unwrap();
    other.press("y").unwrap();
    assert_eq!(place.states()[0], State::Applied);
    other.close();
    console.press("y").unwrap();
    shows(&console, "Rejected: 2 lessons, 1 not: changed meanwhile (1); it stays marked");
    assert_eq!(place.states(), [State::Applied, State::Rejected, State::Rejected]);
}

#[test]
fn what_is_not_possible_now_says_why_in_the_help_and_when_pressed() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("P").unwrap();
    shows(&console, "Preview and apply: nothing is accepted yet");
    console.press("? \"preview\"").unwrap();
    shows(&console, "not now: nothing is accepted yet.");
    console.press("esc").unwrap();
    // In the hint bar it is there, and looks unlike what is possible.
    let look = |console: &wakeful::run::headless::Headless, words: &str| {
        let frame = console.frame();
        let last = frame.area.height - 1;
        let row: String = (0..frame.area.width).map(|x| frame[(x, last)].symbol().to_owned()).collect();
        let column = row.find(words).unwrap_or_else(|| panic!("{words} is not in {row:?}"));
        frame[(column as u16, last)].style()
    };
    assert_ne!(look(&console, "P)apply"), look(&console, "a accept"));
    console.press("a").unwrap();
    assert_eq!(look(&console, "P apply 1"), look(&console, "a accept"));
    assert!(Action::Preview.spec().help.contains("another key confirms"));
}

#[test]
fn braces_show_less_and_more_of_what_did_not_change() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("enter").unwrap();
    let rows = |console: &wakeful::run::headless::Headless| console.model().detail.painted().rows.len();
    let three = rows(&console);
    console.press("{").unwrap();
    shows(&console, "1 unchanged line around each change");
    let one = rows(&console);
    assert!(one < three, "{one} {three}");
    console.press("{").unwrap();
    assert_eq!(rows(&console), one, "there is always a line of context");
    console.press("} }").unwrap();
    shows(&console, "5 unchanged lines around each change");
    assert!(rows(&console) > three);
    console.close();
    // It is kept for the next time.
    assert_eq!(place.open((140, 40)).model().detail.style.context, 5);
}

#[test]
fn a_theme_of_ones_own_is_shown_while_it_is_picked_and_a_broken_one_is_named() {
    let place = World::new();
    let file = |name: &str, text: &str| ThemeFile { name: name.to_owned(), text: Ok(text.to_owned()) };
    let config = || Config {
        themes: vec![
            file("broken", "[dark.roles]\ntext = \"\"\nacent = \"bold\"\n"),
            file("meadow", "[dark.colours]\nlime = \"#a0ff40 155\"\n[dark.roles]\naccent = \"lime bold\"\n"),
        ],
        ..Config::default()
    };
    let mut console = place.open_with((140, 40), config());
    shows(&console, "themes/broken.toml is left out: line 3: the theme names an unknown role \"acent\"");
    let lime = |console: &wakeful::run::headless::Headless| {
        let area = console.frame().area;
        area.positions().any(|at| console.frame()[at].fg == ratatui::style::Color::Indexed(155))
    };
    console.press("esc ctrl-t").unwrap();
    shows(&console, "meadow");
    hides(&console, "broken");
    assert!(!lime(&console));
    console.press("down").unwrap();
    assert!(lime(&console), "it is shown at once");
    console.press("esc").unwrap();
    assert!(!lime(&console), "and goes again where it is not kept");
    // Nothing is typed here, so the keys that move a cursor elsewhere choose.
    console.press("ctrl-t j").unwrap();
    assert!(lime(&console));
    console.press("k").unwrap();
    assert!(!lime(&console));
    console.press("j enter").unwrap();
    shows(&console, "Theme meadow; it is kept for the next start");
    console.close();
    assert!(lime(&place.open_with((140, 40), config())));
    // Once its file is gone, the console opens as it does without.
    assert!(!lime(&place.open((140, 40))));
}

#[test]
fn the_page_of_an_agent_has_curves_of_what_it_did() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a x 3").unwrap();
    // Three lessons rest on one place each, two days ago; today one of two was accepted.
    shows(&console, "evidence  ···········▇··  3 supporting places in sessions of the last 14 days");
    shows(
        &console,
        "accepted  ·············▇  1 of 2 lessons decided (50 %) · 1 of 2 decisions in the last 14 days",
    );
    shows(&console, "50 %");
    console.press("1 u 3").unwrap();
    shows(&console, "1 of 1 lesson decided (100 %) · 1 of 1 decisions in the last 14 days");
}

#[test]
fn a_command_does_not_pass_over_words_it_does_not_know() {
    let place = World::new();
    let mut console = place.open((100, 30));
    let before = place.states();
    console.press(": \"accept\" space \"nonsense\" enter").unwrap();
    shows(&console, "accept takes no words; nothing was done");
    assert_eq!(place.states(), before);
    console.press("esc : \"accept\" enter").unwrap();
    assert_eq!(place.states()[0], State::Accepted);
}

#[test]
fn every_match_of_a_short_lesson_can_be_gone_to() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("enter / \"order\" enter").unwrap();
    shows(&console, "match 1 of ");
    console.press("n").unwrap();
    shows(&console, "match 2 of ");
    console.press("n n n n n n n n n n n n").unwrap();
    shows(&console, "This is the last match");
    console.press("N").unwrap();
    hides(&console, "match 1 of ");
}

#[test]
fn a_filter_is_opened_as_something_to_replace_and_comes_back() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("/ \"kind:add\" enter").unwrap();
    console.press("/").unwrap();
    shows(&console, "typing replaces it, End keeps it");
    console.press("\"refund\"").unwrap();
    assert_eq!(console.model().inbox.filter().text(), "refund");
    console.press("esc").unwrap();
    assert_eq!(console.model().inbox.filter().text(), "kind:add");
    console.press("/ end space \"order\" enter").unwrap();
    assert_eq!(console.model().inbox.filter().text(), "kind:add order");
}

#[test]
fn marks_that_are_taken_off_are_counted() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("= \"0\" enter * / \"region\" enter esc").unwrap();
    shows(&console, "3 marks taken off, 2 of them not in view");
    assert_eq!(console.model().inbox.filter().text(), "region");
    console.press("space esc").unwrap();
    shows(&console, "1 mark taken off");
}

#[test]
fn a_search_that_finds_nothing_says_so_for_the_next_match_too() {
    let place = World::new();
    let mut console = place.open((100, 30));
    console.press("enter / \"nowhere\" enter n").unwrap();
    shows(&console, "No match for “nowhere”");
    console.press("N").unwrap();
    shows(&console, "No match for “nowhere”");
}

#[test]
fn a_lesson_that_gives_its_width_back_gives_the_keyboard_back_too() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("+ +").unwrap();
    assert_eq!(console.model().pane, wakeful::app::Pane::List);
    console.press("tab + +").unwrap();
    assert_eq!(console.model().pane, wakeful::app::Pane::Lesson);
    // What was left in another way is not gone back to later.
    console.press("esc + esc tab enter +").unwrap();
    assert_eq!(console.model().pane, wakeful::app::Pane::Lesson);
}

#[test]
fn what_was_accepted_has_its_key_in_the_narrowest_bar() {
    let place = World::new();
    let mut console = place.open((60, 20));
    hides(&console, "P apply");
    console.press("a").unwrap();
    shows(&console, "P apply 1");
}

#[test]
fn a_note_that_goes_shows_the_one_that_stays() {
    use wakeful::app::data::LessonDetail;
    let said = "kept in /releases.md, line 7: - Tag every release.";
    for size in crate::screens::SIZES {
        let mut model = crate::sample::model();
        let lesson = model.inbox.current().unwrap().lesson.id.clone();
        let detail = LessonDetail { kept: Some(said.to_owned()), ..crate::sample::detail(&lesson) };
        model.detail.fill(detail);
        crate::screens::act(&mut model, &[wakeful::app::Action::Open]);
        let shown = crate::screens::text(&crate::screens::Stage::new(false).draw(&mut model, size));
        assert!(shown.contains(said), "{shown}");
    }
}

#[test]
fn a_title_in_the_command_line_is_that_command_and_never_another_with_a_reason() {
    let place = World::new();
    let mut console = place.open((100, 30));
    let typed = |line: &str| format!(": \"{}\" enter", line.replace(' ', "\" space \""));
    let before = place.states();
    for line in
        ["reject below threshold", "Reject Below Threshold", "reject-below", "reject b", "reject below"]
    {
        console.press(&typed(line)).unwrap();
        shows(&console, "Reject 1 lesson below 10 examples?");
        console.press("n").unwrap();
        assert_eq!(place.states(), before, "{line}");
    }
    console.press(": \"reject\" space \"b\" tab").unwrap();
    shows(&console, "reject-below");
    console.press("enter n").unwrap();
    console.press(&typed("reject below threshold at once")).unwrap();
    shows(&console, "reject below threshold takes no words; nothing was done");
    assert_eq!(place.states(), before);
    // What begins no title is the reason it always was.
    console.press("esc").unwrap();
    console.press(&typed("reject too narrow")).unwrap();
    assert_eq!(place.states()[0], State::Rejected);
}

#[test]
fn a_batch_that_can_accept_nothing_says_every_reason_with_its_count() {
    use wakeful::domain::evidence::Tier;
    use wakeful::domain::lesson::{Mark, Severity};
    let mut overview = crate::sample::overview();
    overview.lessons.retain(|lesson| lesson.state == State::Pending && lesson.support.sessions.is_some());
    assert!(overview.lessons.len() > 4);
    let mark = |severity, guard: &str| vec![Mark { guard: guard.into(), severity, text: "why".into() }];
    for (at, lesson) in overview.lessons.iter_mut().enumerate() {
        lesson.tier = Tier::Supported;
        lesson.marks = match at {
            0 => mark(Severity::Block, "injection"),
            1 | 2 => mark(Severity::Warn, "single-source"),
            _ => Vec::new(),
        };
    }
    let others = overview.lessons.len() - 3;
    let mut model = crate::sample::model_of(overview);
    model.inbox.set_threshold(0);
    crate::screens::act(&mut model, &[Action::MarkAll, Action::Accept]);
    let said = model.toasts.current().unwrap().text.clone();
    for reason in [
        format!("Accept nothing ({} left out): ", others + 3),
        "1: injection must be edited out first. ".to_owned(),
        "2: a guard warns of them, and each wants a look".to_owned(),
        format!("{others}: not established; such lessons are accepted one by one"),
    ] {
        assert!(said.contains(&reason), "{reason:?} in {said:?}");
    }
}

#[test]
fn a_long_session_is_read_on_and_a_search_looks_through_all_of_it() {
    use std::fmt::Write as _;
    let place = World::new();
    let file = place.root().join("sessions/s1.jsonl");
    let mut text = std::fs::read_to_string(&file).unwrap();
    for number in 1..=400 {
        let word = if number == 390 { "quokka" } else { "word" };
        writeln!(
            text,
            r#"{{"type":"assistant","at":"2026-03-01T10:02:00Z","text":"{word} number {number} here"}}"#
        )
        .unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let mut console = place.open((100, 30));
    console.press("t").unwrap();
    shows(&console, "quote 1 of 1");
    hides(&console, "number 27 here");
    // Typed, it looks through what is there and says so; asked for, through all.
    console.press("/ \"quokka\"").unwrap();
    shows(&console, "no match in what is loaded");
    console.press("enter").unwrap();
    shows(&console, "quokka number 390 here");
    shows(&console, "match 1 of 1");
    hides(&console, "in what is loaded");
    console.press("esc q t").unwrap();
    // The reader stays at the same words while more comes.
    for _ in 0..3 {
        console.press("ctrl-d ctrl-d").unwrap();
    }
    hides(&console, "the session goes on");
    shows(&console, "number 2");
    console.press("q t").unwrap();
    console.press("G").unwrap();
    shows(&console, "number 400 here");
    hides(&console, "the session goes on");
    console.press("g").unwrap();
    shows(&console, "where is my order?");
    console.close();
}

#[test]
fn the_trail_is_searched_by_what_its_rows_say_while_one_types() {
    let place = World::new();
    let mut console = place.open((140, 40));
    console.press("a x 6").unwrap();
    shows(&console, "Refunds take 30 days");
    console.press("/ \"orders\" space \"TOOL\"").unwrap();
    shows(&console, "1 entry");
    hides(&console, "Refunds take 30 days");
    // Given up, it shows what it showed before.
    console.press("esc").unwrap();
    shows(&console, "Refunds take 30 days");
    console.press("/ \"reject\" enter").unwrap();
    shows(&console, "Refunds take 30 days");
    hides(&console, "Call the orders tool");
    console.close();
}
