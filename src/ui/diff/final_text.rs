//! The text as the agent will read it, with marks in the margin where it changed.
//!
//! Owns: this arrangement. Must not know: the old text, except that some of it is gone.

use ratatui::style::Style;

use crate::diff::{Row, RowKind, Rows};
use crate::domain::lesson::Change;
use crate::ui::theme::Role;

use super::canvas::{Canvas, Column};
use super::layout::Gutter;
use super::{Layout, Paint, Painted, unified};

pub(super) fn render(rows: &Rows, paint: &Paint<'_>) -> Painted {
    let mut canvas = Canvas::new(rows, paint, Layout::FinalText);
    let gutter =
        Gutter::fit(rows, usize::from(paint.width), usize::from(paint.numbers), paint.theme.symbols().words);
    let mut index = 0;
    while let Some(row) = rows.rows.get(index) {
        let gone = rows.rows.get(index..).unwrap_or_default();
        let gone = gone.iter().take_while(|row| row.is_change() && row.new.is_none()).count();
        if gone > 0 {
            absent(&mut canvas, gutter, index, gone);
        } else if !unified::furniture_row(&mut canvas, index, row) {
            present(&mut canvas, gutter, index, row);
        }
        index += gone.max(1);
    }
    canvas.finish()
}

/// Says where lines are gone, and whether they went elsewhere.
fn absent(canvas: &mut Canvas<'_>, gutter: Gutter, index: usize, count: usize) {
    let run = canvas.rows.rows.get(index..index + count).unwrap_or_default();
    let moved = run.iter().filter(|row| matches!(row.kind, RowKind::MovedFrom(_))).count();
    let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let deleted =
        run.first().and_then(|row| canvas.rows.document(row)).is_some_and(|d| d.change == Change::Deleted);
    let text = match (deleted, moved) {
        (true, _) => format!("- nothing is left of this document ({} removed)", lines(count)),
        (false, 0) => format!("- {} removed here", lines(count)),
        (false, moved) if moved == count => format!("- {} moved away from here", lines(count)),
        (false, moved) => format!("- {} removed here, {} moved away", lines(count - moved), lines(moved)),
    };
    let indent = gutter.width().saturating_sub(2);
    canvas.push_remark(index, &text, indent, Role::DiffSignRemoved);
}

fn present(canvas: &mut Canvas<'_>, gutter: Gutter, index: usize, row: &Row) {
    let Some(side) = row.new.as_ref() else { return };
    let theme = canvas.paint.theme;
    let mut manner = canvas.manner(row, false);
    // Only the margin tells what changed: the text looks as it will be read.
    let plain = theme.style(Role::DiffSame);
    manner.look.base = plain;
    manner.look.word = Style::default();
    manner.look.syntax = true;
    manner.sign_style = Style { bg: None, ..manner.sign_style };
    let numbers = [Some(side.line)];
    let column = Column { row: index, gutter, numbers: &numbers, cells: canvas.width(), fill: false };
    for drawn in canvas.side(&column, side, false, manner) {
        canvas.push(drawn);
    }
}
