//! One column: the old version of a line directly above the new one.
//!
//! Owns: this arrangement. Must not know: side by side.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::diff::{Row, RowKind, Rows, Side};
use crate::ui::theme::Role;

use super::canvas::{Canvas, Column};
use super::layout::Gutter;
use super::{Layout, Paint, Painted, furniture};

pub(super) fn render(rows: &Rows, paint: &Paint<'_>) -> Painted {
    let mut canvas = Canvas::new(rows, paint, Layout::Unified);
    let numbers = if paint.numbers { Gutter::unified_numbers(paint.width) } else { 0 };
    let gutter = Gutter::fit(rows, usize::from(paint.width), numbers, paint.theme.symbols().words);
    for (index, row) in rows.rows.iter().enumerate() {
        self::row(&mut canvas, gutter, index, row);
    }
    canvas.finish()
}

/// Paints one row over the whole width. Split layouts use it for what has one side only.
pub(super) fn row(canvas: &mut Canvas<'_>, gutter: Gutter, index: usize, row: &Row) {
    if furniture_row(canvas, index, row) {
        return;
    }
    let theme = canvas.paint.theme;
    if let Some(text) = furniture::moved(canvas.rows, index, theme) {
        canvas.push_remark(index, &text, gutter.width(), Role::DiffMovedNote);
    }
    match (&row.kind, &row.old, &row.new) {
        (RowKind::Same, _, Some(side)) => self::side(canvas, gutter, index, row, side, false),
        (_, old, new) => {
            if let Some(side) = old {
                self::side(canvas, gutter, index, row, side, true);
            }
            if let Some(side) = new {
                self::side(canvas, gutter, index, row, side, false);
            }
        }
    }
    if let Some(text) = furniture::note(canvas.rows, index) {
        canvas.push_remark(index, &text, gutter.width(), Role::DiffNote);
    }
}

/// Paints titles and folds, the same in every layout.
pub(super) fn furniture_row(canvas: &mut Canvas<'_>, index: usize, row: &Row) -> bool {
    let theme = canvas.paint.theme;
    match &row.kind {
        RowKind::Title => {
            let Some(document) = canvas.rows.document(row) else { return true };
            let title = furniture::title(document, canvas.width(), theme);
            if index > 0 {
                canvas.push_plain(index, Line::default());
            }
            canvas.push_plain(index, title);
            let empty = canvas.rows.rows.get(index + 1).is_none_or(|next| next.kind == RowKind::Title);
            if empty {
                canvas.push_remark(index, "(empty)", 2, Role::Muted);
            }
            true
        }
        RowKind::Fold(fold) => {
            let focused = canvas.paint.focus == Some(fold.id);
            let line = furniture::fold(fold, focused, canvas.width(), theme);
            canvas.painted.folds.push((canvas.painted.lines.len() as u32, fold.id));
            canvas.push_plain(index, line);
            true
        }
        _ => false,
    }
}

fn side(canvas: &mut Canvas<'_>, gutter: Gutter, index: usize, row: &Row, side: &Side, old: bool) {
    let mut manner = canvas.manner(row, old);
    if row.kind == RowKind::Changed {
        // One above the other, the two versions are what goes and what comes.
        let symbols = canvas.paint.theme.symbols();
        let role = if old { Role::DiffSignRemoved } else { Role::DiffSignAdded };
        manner.sign = if old { symbols.remove } else { symbols.add };
        manner.sign_style = manner.look.base.patch(Style { bg: None, ..canvas.paint.theme.style(role) });
    }
    let (old_number, new_number) = if row.kind == RowKind::Same {
        (row.old.as_ref().map(|side| side.line), Some(side.line))
    } else if old {
        (Some(side.line), None)
    } else {
        (None, Some(side.line))
    };
    let numbers =
        if gutter.numbers == 2 { vec![old_number, new_number] } else { vec![new_number.or(old_number)] };
    let column = Column { row: index, gutter, numbers: &numbers, cells: canvas.width(), fill: false };
    for drawn in canvas.side(&column, side, old, manner) {
        canvas.push(drawn);
    }
}
