//! The lines between the texts: titles of documents, folds, and remarks in words.
//!
//! Owns: their wording, so that nothing is told by colour alone. Must not know: columns.

use ratatui::text::{Line, Span};

use crate::diff::{Document, Fold, Note, Place, Row, RowKind, Rows, Stats};
use crate::domain::lesson::Change;
use crate::domain::text::SafeText;
use crate::ui::theme::{Role, Symbols, Theme};
use crate::ui::wrap::{clip, width, wrap};

/// The title of a document: its path, what happens to it, and a rule to the edge.
pub(super) fn title(document: &Document, cells: usize, theme: &Theme) -> Line<'static> {
    let symbols = theme.symbols();
    let path =
        document.path.as_ref().map(|path| SafeText::line(path.as_str()).into_string()).unwrap_or_default();
    let long = format!(" {} ", happens(document, true, symbols));
    let short = format!(" {} ", happens(document, false, symbols));
    let tail =
        [long, short].into_iter().find(|tail| width(&path) + width(tail) + 4 <= cells).unwrap_or_default();
    let path = clip(&path, cells.saturating_sub(width(&tail) + 4), symbols.ellipsis).into_owned();
    let used = 2 + width(&path) + 1 + width(&tail);
    let rule = |count: usize| Span::styled(symbols.rule.repeat(count), theme.style(Role::Border));
    Line::from(vec![
        rule(1.min(cells)),
        Span::styled(format!(" {path} "), theme.style(Role::DiffTitle)),
        Span::styled(tail, theme.style(Role::Muted)),
        rule(cells.saturating_sub(used + 1)),
    ])
}

fn happens(document: &Document, long: bool, symbols: &Symbols) -> String {
    let what = match &document.change {
        Change::Created => "new document".to_owned(),
        Change::Deleted => "deleted document".to_owned(),
        Change::Renamed(old) => format!("was {}", SafeText::line(old.as_str())),
        Change::Modified if document.stats.is_unchanged() => "unchanged".to_owned(),
        Change::Modified => String::new(),
    };
    let counts = counts(document.stats, long, symbols);
    let parts: Vec<String> = [what, counts].into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn counts(stats: Stats, long: bool, symbols: &Symbols) -> String {
    if stats.is_spacing_only() {
        return "only spacing changes".to_owned();
    }
    let within = stats.arrived == stats.left;
    let counts = [
        (stats.added, "added", symbols.add),
        (stats.removed, "removed", symbols.remove),
        (stats.changed, "changed", symbols.revise),
        (if within { stats.arrived } else { 0 }, "moved", symbols.leaves),
        (if within { 0 } else { stats.left }, "moved away", symbols.leaves),
        (if within { 0 } else { stats.arrived }, "moved here", symbols.arrives),
    ];
    let counts = counts.into_iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<String> = counts
        .map(|(count, word, sign)| if long { format!("{count} {word}") } else { format!("{sign}{count}") })
        .collect();
    parts.join(if long { ", " } else { " " })
}

/// The line that stands for hidden ones.
pub(super) fn fold(fold: &Fold, focused: bool, cells: usize, theme: &Theme) -> Line<'static> {
    let symbols = theme.symbols();
    let lines = if fold.count == 1 { "line" } else { "lines" };
    let mut text = format!("  {} {} unchanged {lines}", symbols.fold, fold.count);
    if let Some(heading) = &fold.heading {
        text.push_str(&format!(", then {}", SafeText::line(heading.trim())));
    }
    let text = clip(&text, cells, symbols.ellipsis).into_owned();
    let style = theme.style(Role::DiffFold);
    let style = if focused { theme.selected(style, true) } else { style };
    Line::styled(text, style)
}

/// A remark under or over lines of a text, indented like them and wrapped.
pub(super) fn remark(
    text: &str,
    indent: usize,
    role: Role,
    cells: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    if cells == 0 {
        return vec![Line::default()];
    }
    // In a narrow pane the words matter more than their place.
    let indent = if cells.saturating_sub(indent) < 20 { 0 } else { indent };
    let lines = wrap(&SafeText::line(text), cells - indent).into_iter();
    lines
        .map(|line| clip(&line, cells - indent, theme.symbols().clipped).into_owned())
        .map(|line| Line::from(vec![Span::raw(" ".repeat(indent)), Span::styled(line, theme.style(role))]))
        .collect()
}

/// What to say about a run of rows that a glance would miss; only the run's first row says it.
pub(super) fn note(rows: &Rows, index: usize) -> Option<String> {
    let row = rows.rows.get(index)?;
    let note = row.note?;
    let before = index.checked_sub(1).and_then(|index| rows.rows.get(index));
    let same = |other: &Row| other.note == row.note && (other.kind == row.kind || note == Note::LineBreaks);
    if before.is_some_and(same) {
        return None;
    }
    let rest = rows.rows.get(index..).unwrap_or_default();
    let run = rest.iter().take_while(|other| same(other)).count();
    let ends = |from: Option<&str>, to: Option<&str>| match (from, to) {
        (Some("\n"), Some("\r\n")) => ": now CRLF, as on Windows",
        (Some("\r\n"), Some("\n")) => ": now LF, no longer CRLF",
        (Some(""), Some(_)) => ": the text now ends with one",
        (Some(_), Some("")) => ": the text no longer ends with one",
        _ => "",
    };
    let (from, to) =
        (row.old.as_ref().map(|s| s.ending.as_str()), row.new.as_ref().map(|s| s.ending.as_str()));
    let what = match note {
        Note::Spacing => "only spacing differs".to_owned(),
        Note::LineBreaks => return Some("only the line breaks differ; the words are the same".to_owned()),
        Note::LineEnd => format!("only the line end differs{}", ends(from, to)),
        Note::FinalLineEnd => format!("only the final line end differs{}", ends(from, to)),
    };
    Some(if run > 1 { format!("{what} (and in the next {})", lines(run - 1)) } else { what })
}

/// Where a moved block went or came from; only the block's first row says it.
pub(super) fn moved(rows: &Rows, index: usize, theme: &Theme) -> Option<String> {
    let row = rows.rows.get(index)?;
    let place = |row: &Row| match row.kind {
        RowKind::MovedFrom(place) => Some((true, place)),
        RowKind::MovedTo(place) => Some((false, place)),
        _ => None,
    };
    let (leaves, there) = place(row)?;
    let before = index.checked_sub(1).and_then(|index| rows.rows.get(index));
    if before.and_then(place).is_some_and(|(way, other)| way == leaves && other.block == there.block) {
        return None;
    }
    let rest = rows.rows.get(index..).unwrap_or_default();
    let block =
        |row: &&Row| place(row).is_some_and(|(way, other)| way == leaves && other.block == there.block);
    let count = rest.iter().take_while(block).count();
    let (arrow, verb) =
        if leaves { (theme.symbols().right, "moved to") } else { (theme.symbols().left, "moved from") };
    let size = if count > 1 { format!(" ({})", lines(count)) } else { String::new() };
    let arrow = if theme.symbols().words { String::new() } else { format!("{arrow} ") };
    Some(format!("{arrow}{verb} {}{size}", name(rows, row.document, there)))
}

fn name(rows: &Rows, here: u32, there: Place) -> String {
    let document = rows.documents.get(there.document as usize).filter(|_| there.document != here);
    match document.and_then(|document| document.path.as_ref()) {
        Some(path) => format!("{}, line {}", SafeText::line(path.as_str()), there.line),
        None => format!("line {}", there.line),
    }
}

fn lines(count: usize) -> String {
    if count == 1 { "line".to_owned() } else { format!("{count} lines") }
}
