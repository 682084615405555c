//! Where list and lesson don't fit beside each other, the lesson under the cursor is shown below the list.

use wakeful::app::{Action, Msg};
use wakeful::ui::theme::Depth;

use crate::budgets;
use crate::sample;
use crate::screens::{Stage, act, text};

const LONG: &str = "Offer a call before processing a cancellation: most people who are offered one stay";

/// What stands below the list, without frames and with one blank between words.
fn below(shown: &str) -> String {
    let rows = shown.lines().skip_while(|line| !line.starts_with('├')).skip(1);
    rows.flat_map(|row| row.split(['│', '┃', ' ']).filter(|word| !word.is_empty()))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_statement_that_the_list_cuts_is_whole_below_it() {
    for size in [(60, 20), (80, 24), (100, 30)] {
        let (mut model, mut stage) = (sample::model(), Stage::new(false));
        stage.draw(&mut model, size);
        act(&mut model, &[Action::Down, Action::Down]);
        let shown = text(&stage.draw(&mut model, size));
        let statement = &model.inbox.current().unwrap().lesson.statement;
        assert!(statement.starts_with(LONG), "{statement}");
        let below = below(&shown);
        for said in [statement.as_str(), "31 of 50", "- Confirm the account id."] {
            assert!(below.contains(said), "{said:?} at {size:?}:\n{shown}");
        }
        // It follows the cursor; what to beware of is said in words.
        act(&mut model, &[Action::Down]);
        let shown = text(&stage.draw(&mut model, size));
        assert!(self::below(&shown).contains("Refund window is 30 days, not 14"), "{shown}");
        let mark = &model.inbox.current().unwrap().lesson.marks[0];
        assert!(self::below(&shown).contains(&format!("{}:", mark.guard)), "{shown}");
        // The row under the cursor is still in view, and opening it changes nothing but the room it has.
        act(&mut model, &[Action::Bottom]);
        let shown = text(&stage.draw(&mut model, size));
        assert!(
            shown.lines().take_while(|line| !line.starts_with('├')).any(|line| line.starts_with("│▌")),
            "{shown}"
        );
    }
}

#[test]
fn where_rows_are_scarce_there_is_only_the_list() {
    for size in [(60, 19), (80, 19), (80, 12)] {
        let (mut model, mut stage) = (sample::model(), Stage::new(false));
        let shown = text(&stage.draw(&mut model, size));
        assert!(!shown.contains('├'), "{size:?}:\n{shown}");
        assert!(stage.kept() < 2_000, "nothing is painted for what is not shown");
    }
}

#[test]
fn those_who_listen_hear_it_below_the_list_in_words() {
    for size in [(80, 24), (140, 40)] {
        let (mut model, mut stage) = (sample::model(), Stage::aloud());
        stage.draw(&mut model, size);
        act(&mut model, &[Action::Down, Action::Down]);
        let shown = text(&stage.draw(&mut model, size));
        let words: Vec<&str> = shown.split_whitespace().collect();
        let said = words.join(" ");
        assert!(said.contains(LONG), "{size:?}:\n{shown}");
        assert!(said.contains("changed to: - Confirm the account id before"), "{size:?}:\n{shown}");
        assert!(!shown.contains(['├', '│', '▌']), "{shown}");
    }
}

#[test]
fn typing_a_filter_does_not_move_the_border_with_every_letter() {
    let (mut model, mut stage) = (sample::model(), Stage::new(false));
    let border = |model: &mut wakeful::app::Model, stage: &mut Stage| {
        let shown = text(&stage.draw(model, (100, 40)));
        shown.lines().position(|line| line.starts_with('├')).unwrap_or_else(|| panic!("{shown}"))
    };
    let free = border(&mut model, &mut stage);
    act(&mut model, &[Action::Filter]);
    let mut seen = Vec::new();
    for c in "refund".chars() {
        sample::send(&mut model, Msg::Text(wakeful::app::line_edit::TextEdit::Insert(c)));
        seen.push(border(&mut model, &mut stage));
    }
    assert!(seen.iter().all(|at| *at == seen[0]), "{seen:?}");
    let shown = text(&stage.draw(&mut model, (100, 40)));
    assert!(shown.contains("filter refund"), "{shown}");
    act(&mut model, &[Action::InputCancel]);
    assert_eq!(border(&mut model, &mut stage), free);
}

/// Below the list there are few rows, on a page of its own many: a lesson begins where that suits each.
#[test]
fn a_lesson_opened_from_below_the_list_begins_as_one_turned_to() {
    let mut listed = budgets::on_the_demo((80, 24), Depth::Indexed);
    let mut turned = budgets::on_the_demo((80, 24), Depth::Indexed);
    turned.console.press("enter").unwrap();
    for _ in 0..7 {
        listed.console.press("j enter").unwrap();
        turned.console.press("n").unwrap();
        let (ours, theirs) = (&listed.console.model().detail, &turned.console.model().detail);
        assert_eq!((ours.lesson(), ours.scroll), (theirs.lesson(), theirs.scroll));
        listed.console.press("esc").unwrap();
    }
}
