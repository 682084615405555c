//! The review without a full screen, as a screen reader or a dumb terminal has it.

use crate::leaving::Kept;
use crate::terminal::Term;

#[test]
fn a_whole_review_line_by_line_on_a_dumb_terminal() {
    let kept = Kept::new();
    let mut command = kept.command(&["review", "--plain", "--text", "db-create"]);
    command.env("TERM", "dumb");
    let mut term = Term::start((100, 60), command, tempfile::tempdir().unwrap());
    term.until("it asks about the first lesson", |screen| screen.contains("Lesson 1 of 1"));
    term.press("?\n");
    term.until("the letters are told", |screen| screen.contains("P show what was accepted, and write it"));
    term.press("i\n");
    term.until("the places are read out", |screen| screen.contains("15 places"));
    // Nothing waits to be written yet.
    term.press("P\n");
    term.until("it says so", |screen| screen.contains("No accepted lessons wait"));
    term.press("x not here\n");
    term.until("the last one is decided", |screen| screen.contains("1 lesson decided"));
    let raw = term.raw();
    assert_eq!(term.ended(), 0);
    assert!(!raw.contains(&0x1b), "not one sequence");

    // Two lessons: accept the first, write it at the second.
    let mut command = kept.command(&["review", "--plain", "--topic", "mistake"]);
    command.env("TERM", "dumb");
    let mut term = Term::start((100, 60), command, tempfile::tempdir().unwrap());
    term.until("it asks", |screen| screen.contains("Lesson 1 of "));
    term.press("a\n");
    term.until("it goes on", |screen| screen.contains("Lesson 2 of "));
    term.press("P\n");
    term.until("it shows and asks", |screen| screen.contains("Type yes"));
    term.press("yes\n");
    term.until("it is written, and the review goes on", |screen| {
        screen.contains("1 lesson written") || screen.contains("Wrote") || screen.contains("written")
    });
    term.press("q\n");
    assert_eq!(term.ended(), 0);
}
