//! Side by side: the old text left, the new text right, versions of a line beside each other.
//!
//! Owns: this arrangement, and which documents need only one column. Must not know: how a single
//! line is painted.

use ratatui::text::Span;

use crate::diff::{Row, RowKind, Rows};
use crate::ui::theme::Role;

use super::canvas::{Canvas, Column, Drawn};
use super::layout::{Gutter, columns};
use super::{Layout, Paint, Painted, furniture, unified};

pub(super) fn render(rows: &Rows, paint: &Paint<'_>) -> Painted {
    let mut canvas = Canvas::new(rows, paint, Layout::Split);
    let width = columns(paint.width).0;
    let half = Gutter::fit(rows, width, usize::from(paint.numbers), paint.theme.symbols().words);
    let whole =
        Gutter::fit(rows, usize::from(paint.width), usize::from(paint.numbers), paint.theme.symbols().words);
    let one_sided: Vec<bool> =
        (0..rows.documents.len()).map(|document| is_one_sided(rows, document as u32)).collect();
    let mut index = 0;
    while let Some(row) = rows.rows.get(index) {
        if one_sided.get(row.document as usize).copied().unwrap_or_default() {
            unified::row(&mut canvas, whole, index, row);
            index += 1;
        } else if unified::furniture_row(&mut canvas, index, row) {
            index += 1;
        } else if row.old.is_some() && row.new.is_some() {
            both(&mut canvas, half, index);
            index += 1;
        } else {
            index = unpaired(&mut canvas, half, index);
        }
    }
    canvas.finish()
}

/// Whether a document has text on one side only: half the screen would stay empty.
fn is_one_sided(rows: &Rows, document: u32) -> bool {
    let own = || rows.rows.iter().filter(move |row| row.document == document);
    let folds = own().any(|row| matches!(row.kind, RowKind::Fold(_)));
    !folds && (own().all(|row| row.old.is_none()) || own().all(|row| row.new.is_none()))
}

/// A row with text on both sides.
fn both(canvas: &mut Canvas<'_>, gutter: Gutter, index: usize) {
    let (left, right) = (half(canvas, gutter, index, true), half(canvas, gutter, index, false));
    join(canvas, left, right);
    note(canvas, gutter, index);
}

/// What to say about a row in words, under the new text.
fn note(canvas: &mut Canvas<'_>, gutter: Gutter, index: usize) {
    if let Some(text) = furniture::note(canvas.rows, index) {
        let lines = remark(canvas, &text, gutter, Role::DiffNote, index);
        join(canvas, Vec::new(), lines);
    }
}

/// A remark within one column.
fn remark(canvas: &Canvas<'_>, text: &str, gutter: Gutter, role: Role, row: usize) -> Vec<Drawn> {
    let cells = columns(canvas.paint.width).0;
    let lines = furniture::remark(text, gutter.width(), role, cells, canvas.paint.theme).into_iter();
    lines
        .map(|line| {
            let rest = cells.saturating_sub(line.width());
            let mut drawn = Drawn::plain(row, line);
            drawn.spans.push(Span::raw(" ".repeat(rest)));
            drawn
        })
        .collect()
}

/// A run of lines that left, beside the run of lines that came in their place. Their signs tell
/// that they are no versions of each other; beside each other they need half the height. Returns
/// the row after them.
fn unpaired(canvas: &mut Canvas<'_>, gutter: Gutter, start: usize) -> usize {
    let run = |from: usize, fits: fn(&Row) -> bool| {
        let rest = canvas.rows.rows.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|row| row.is_change() && fits(row)).count()
    };
    let middle = run(start, |row| row.new.is_none());
    let end = run(middle, |row| row.old.is_none());
    let left = (start..middle).flat_map(|index| half(canvas, gutter, index, true)).collect();
    let right = (middle..end).flat_map(|index| half(canvas, gutter, index, false)).collect();
    join(canvas, left, right);
    for index in start..end {
        note(canvas, gutter, index);
    }
    end.max(start + 1)
}

/// The lines of a row in one column.
fn half(canvas: &Canvas<'_>, gutter: Gutter, index: usize, old: bool) -> Vec<Drawn> {
    let Some(row) = canvas.rows.rows.get(index) else { return Vec::new() };
    let Some(side) = (if old { row.old.as_ref() } else { row.new.as_ref() }) else { return Vec::new() };
    let cells = columns(canvas.paint.width).0;
    let mut drawn = Vec::new();
    if let Some(text) = furniture::moved(canvas.rows, index, canvas.paint.theme) {
        drawn = remark(canvas, &text, gutter, Role::DiffMovedNote, index);
    }
    let numbers = [Some(side.line)];
    let column = Column { row: index, gutter, numbers: &numbers, cells, fill: old };
    drawn.extend(canvas.side(&column, side, old, canvas.manner(row, old)));
    drawn
}

/// Puts two columns beside each other, a rule between them.
fn join(canvas: &mut Canvas<'_>, left: Vec<Drawn>, right: Vec<Drawn>) {
    let theme = canvas.paint.theme;
    let (cells, divider) = columns(canvas.paint.width);
    let rule = format!("{:<divider$}", theme.symbols().column);
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    loop {
        let (a, b) = (left.next(), right.next());
        let Some(row) = a.as_ref().or(b.as_ref()).map(|drawn| drawn.row) else { return };
        let blank = || Drawn { row, spans: vec![Span::raw(" ".repeat(cells))], hits: Vec::new() };
        let mut line = a.unwrap_or_else(blank);
        line.spans.push(Span::styled(rule.clone(), theme.style(Role::Border)));
        if let Some(b) = b {
            line.spans.extend(b.spans);
            line.hits.extend(b.hits);
        }
        canvas.push(line);
    }
}
