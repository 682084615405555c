//! A morning from the first key to the last, with an editor in between.

use crate::terminal::Term;

#[test]
fn a_morning_at_every_size() {
    for size in [(140, 40), (100, 30), (80, 24), (60, 20)] {
        let mut term = Term::demo(size, "sh -c 'echo \"Ask first.\" >> \"$0\"'");
        term.until("the inbox is shown", |screen| screen.contains("8 to review"));
        term.press("/kind:add\r");
        term.until("the filter is on", |screen| screen.contains("filter kind:add"));
        term.press("a");
        term.until("one is accepted", |screen| {
            screen.contains("Accepted:") && screen.contains("7 to review")
        });
        term.press("e");
        term.until("the text was edited", |screen| screen.contains("Your text is kept"));
        term.press("uu");
        term.until("both are undone", |screen| screen.contains("Undone: accept"));
        term.press("aP");
        term.until("the preview is made", |screen| screen.contains("writes 1 lesson"));
        term.press("y");
        term.until("it is written", |screen| screen.contains("Written: 1 lesson"));
        term.press("4");
        term.until("the memory shows it", |screen| screen.contains("documents"));
        term.press("qq");
        assert_eq!(term.ended(), 0);
    }
}

/// An editor that wants to be typed into: it asks, waits for a line, and adds it to the text.
const ASKS: &str = "sh -c 'printf \"What else? \"; read -r line; echo \"$line\" >> \"$0\"'";

#[test]
fn the_editor_has_the_keyboard_to_itself() {
    let mut term = Term::demo((100, 30), ASKS);
    term.press("e");
    term.until("the editor asks", |screen| screen.contains("What else?"));
    term.until_screen("on the shell's screen", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    // Were the console reading too, it would take some of these for its own.
    term.press("- always accept and quit, say aaaqqq\r");
    term.until("the console is back", |screen| screen.contains("Your text is kept"));
    term.until_screen("on its own screen", |screen| screen.alternate_screen() && screen.hide_cursor());
    term.until("nothing was taken for a key", |screen| screen.contains("8 to review"));
    term.press("u");
    term.until("the edit is one step", |screen| screen.contains("Undone: edit"));
    term.press("q");
    assert_eq!(term.ended(), 0);
}

#[test]
fn an_editor_that_fails_or_changes_nothing_is_no_edit() {
    for (editor, said) in [("true", "Nothing was changed in the editor"), ("false", "ended with an error")] {
        let mut term = Term::demo((100, 30), editor);
        term.press("e");
        term.until(editor, |screen| screen.contains(said) && screen.contains("8 to review"));
        term.press("q");
        assert_eq!(term.ended(), 0);
    }
}
