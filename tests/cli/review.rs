//! `review --plain` as somebody types it, line by line.

use crate::stage::Stage;

#[test]
fn lessons_are_decided_letter_by_letter() {
    let stage = Stage::new();
    let id = stage.planted();
    let input = "?\ni\na\n";
    let run = stage.typed(&["review", "--plain", "--text", "db-create"], input).ended(0);
    assert!(run.out.contains("Lesson 1 of 1: When `make test` fails"), "{}", run.out);
    assert!(run.out.contains("a accept") && run.out.contains("15 places"), "{}", run.out);
    assert!(
        run.out.contains("1 lesson decided.\n1 lesson is accepted and not yet written; `wakeful --config")
            && run.out.ends_with(" apply` shows and writes.\n"),
        "{}",
        run.out
    );
    assert_eq!(stage.state(&id), "accepted");
    assert!(!run.out.contains('\u{1b}'), "no escape sequences");
}

#[test]
fn a_reason_an_undo_and_the_end_of_input() {
    let stage = Stage::new();
    let id = stage.planted();
    let run = stage.typed(&["review", "--plain", "--text", "db-create"], "x only on old machines\n").ended(0);
    assert!(run.out.contains("rejected"), "{}", run.out);
    assert_eq!(stage.state(&id), "rejected");
    // Two lessons: reject the first, take it back, leave.
    stage.run(&["undo"]).ended(0);
    let run = stage.typed(&["review", "--plain", "--topic", "mistake"], "x\nu\nU\nu\nU\nu\nu\nq\n").ended(0);
    assert_eq!(run.out.matches("Undone: 1 decision.").count(), 3, "{}", run.out);
    assert_eq!(run.out.matches("Made again: 1 decision.").count(), 2, "{}", run.out);
    assert!(run.out.contains("0 lessons decided."), "{}", run.out);
    // The input may end at any time.
    stage.typed(&["review", "--plain"], "").ended(0);
}

#[test]
fn a_text_that_was_cut_off_changes_nothing() {
    let stage = Stage::new();
    let id = stage.planted();
    let run = stage.typed(&["review", "--plain", "--text", "db-create"], "e\nhalf typed tex").ended(0);
    assert!(run.out.contains("the text is as it was"), "{}", run.out);
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    assert_eq!(shown["lesson"]["edited"], false);
}

#[test]
fn a_text_is_replaced_by_typed_lines() {
    let stage = Stage::new();
    let id = stage.planted();
    let input = "e\n# Tests\n\nRun `make db-create` first.\n.\ns\n";
    let run = stage.typed(&["review", "--plain", "--text", "db-create"], input).ended(0);
    assert!(run.out.contains("Run `make db-create` first."), "{}", run.out);
    assert_eq!(stage.state(&id), "snoozed");
    let shown = stage.run(&["show", &id, "--json"]).ended(0).json("lesson");
    assert_eq!(shown["lesson"]["edited"], true);
}
