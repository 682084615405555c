//! Collects painted lines and remembers which row, change, fold and match each belongs to.
//!
//! Owns: the bookkeeping every layout shares, and the line with its gutter. Must not know: how
//! rows are arranged.

use std::ops::Range;
use std::sync::Arc;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::diff::{Row, RowKind, Rows, Side};
use crate::ui::highlight::Highlighted;
use crate::ui::theme::Role;

use super::layout::Gutter;
use super::text::{self, Look, Overlay, Piece};
use super::{Layout, Paint, Painted, furniture};

/// What a row looks like on one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub look: Look,
    /// The sign before it, and its look.
    pub sign: &'static str,
    pub sign_style: Style,
    /// What is said in its place to those who listen.
    pub word: &'static str,
}

/// Columns at least this wide keep their last cell free.
const AIR_FROM: usize = 24;

/// Where a side of a row is painted.
pub(super) struct Column<'a> {
    pub row: usize,
    pub gutter: Gutter,
    /// What stands in each number column.
    pub numbers: &'a [Option<u32>],
    /// Cells of the whole column.
    pub cells: usize,
    /// Whether something stands to the right of it.
    pub fill: bool,
}

/// One line, ready to be put below the others.
pub(super) struct Drawn {
    /// The row it shows.
    pub row: usize,
    pub spans: Vec<Span<'static>>,
    /// Indexes of the matches that start on it.
    pub hits: Vec<usize>,
}

impl Drawn {
    /// A line without matches.
    pub fn plain(row: usize, line: Line<'static>) -> Self {
        let style = line.style;
        let spans = line.spans.into_iter().map(|span| span.patch_style(style)).collect();
        Self { row, spans, hits: Vec::new() }
    }
}

/// Painting in progress.
pub(super) struct Canvas<'a> {
    pub rows: &'a Rows,
    pub paint: &'a Paint<'a>,
    pub painted: Painted,
    /// Highlighting of the old and new text of each document, as far as it is done.
    highlighted: Vec<[Option<Arc<Highlighted>>; 2]>,
    /// For each match the line it starts on, once that is painted.
    hit_lines: Vec<Option<u32>>,
    /// Rows at which a change starts, not reached yet.
    changes: std::iter::Peekable<std::vec::IntoIter<usize>>,
}

impl<'a> Canvas<'a> {
    pub fn new(rows: &'a Rows, paint: &'a Paint<'a>, layout: Layout) -> Self {
        let ready = |hash: Option<_>| paint.highlighter.zip(hash).and_then(|(made, hash)| made.ready(&hash));
        let highlighted =
            rows.documents.iter().map(|document| [ready(document.old), ready(document.new)]).collect();
        let starts: Vec<usize> = rows.changes().into_iter().map(|change| change.start).collect();
        Self {
            rows,
            paint,
            painted: Painted { layout, ..Painted::default() },
            hit_lines: vec![None; paint.hits.len()],
            highlighted,
            changes: starts.into_iter().peekable(),
        }
    }

    /// Cells of the pane.
    pub fn width(&self) -> usize {
        usize::from(self.paint.width)
    }

    /// Adds a line.
    pub fn push(&mut self, drawn: Drawn) {
        let here = self.painted.lines.len() as u32;
        while self.changes.next_if(|&start| start <= drawn.row).is_some() {
            self.painted.changes.push(here);
        }
        for hit in drawn.hits {
            if let Some(line) = self.hit_lines.get_mut(hit) {
                line.get_or_insert(here);
            }
        }
        self.painted.lines.push(Line::from(drawn.spans));
        self.painted.rows.push(drawn.row as u32);
    }

    /// Adds a line that is not text.
    pub fn push_plain(&mut self, row: usize, line: Line<'static>) {
        self.push(Drawn::plain(row, line));
    }

    /// Adds a remark in words, over the whole width.
    pub fn push_remark(&mut self, row: usize, text: &str, indent: usize, role: Role) {
        for line in furniture::remark(text, indent, role, self.width(), self.paint.theme) {
            self.push_plain(row, line);
        }
    }

    /// The finished painting. A match that is not shown (folded, or on a side the layout leaves
    /// out) is at the nearest line before it.
    pub fn finish(mut self) -> Painted {
        let lines = self.hit_lines.iter().zip(self.paint.hits);
        let lines = lines.map(|(line, hit)| line.unwrap_or_else(|| self.painted.line_of_row(hit.row) as u32));
        self.painted.hits = lines.collect();
        self.painted
    }

    /// The lines of one side of a row: numbers, sign and text, `cells` wide at most.
    pub fn side(&self, column: &Column<'_>, side: &Side, old: bool, manner: Manner) -> Vec<Drawn> {
        let Some(owner) = self.rows.rows.get(column.row) else { return Vec::new() };
        let highlighted = self.highlighted.get(owner.document as usize);
        let highlighted = highlighted.and_then(|sides| sides.get(usize::from(!old))).and_then(Option::as_ref);
        let syntax = highlighted.map(|text| text.line(side.line)).unwrap_or_default();
        let indexes = self.hits_of(column.row, old, owner.kind == RowKind::Same);
        let hits: Vec<(Range<usize>, bool)> = indexes
            .iter()
            .filter_map(|&index| {
                Some((self.paint.hits.get(index)?.range.clone(), self.paint.current_hit == Some(index)))
            })
            .collect();
        let over = Overlay { syntax, hits: &hits, note: owner.note };
        // A cell of air before whatever stands to the right, where there is room for it.
        let air = usize::from(column.cells >= AIR_FROM);
        let room = column.cells.saturating_sub(column.gutter.width() + air);
        let pieces = text::paint(side, manner.look, &over, room, self.paint.wrap, self.paint.theme);
        let mut drawn = Vec::with_capacity(pieces.len());
        for (at, mut piece) in pieces.into_iter().enumerate() {
            let own = std::mem::take(&mut piece.hits);
            let hits = own.into_iter().filter_map(|index| indexes.get(index).copied()).collect();
            drawn.push(Drawn { row: column.row, spans: self.line(column, manner, piece, at == 0), hits });
        }
        drawn
    }

    /// Indexes of the matches on a side of a row. Equal lines are searched once but shown twice.
    fn hits_of(&self, row: usize, old: bool, same: bool) -> Vec<usize> {
        let start = self.paint.hits.partition_point(|hit| (hit.row as usize) < row);
        let hits =
            self.paint.hits.iter().enumerate().skip(start).take_while(|(_, hit)| hit.row as usize == row);
        hits.filter(|(_, hit)| same || hit.old == old).map(|(index, _)| index).collect()
    }

    /// The manner of a row on one side.
    pub fn manner(&self, row: &Row, old: bool) -> Manner {
        let theme = self.paint.theme;
        let symbols = theme.symbols();
        let roles = |added, removed| if old { removed } else { added };
        let word = theme.style(roles(Role::DiffAddedWord, Role::DiffRemovedWord));
        let look = |base: Role, syntax| Look { base: theme.style(base), word, syntax };
        let changed = roles(Role::DiffAdded, Role::DiffRemoved);
        let (look, sign, role) = match row.kind {
            RowKind::Added => (look(Role::DiffAdded, true), symbols.add, Role::DiffSignAdded),
            RowKind::Removed => (look(Role::DiffRemoved, true), symbols.remove, Role::DiffSignRemoved),
            RowKind::Changed => (look(changed, true), symbols.revise, Role::DiffSignChanged),
            RowKind::MovedFrom(_) => (look(Role::DiffMovedFrom, false), symbols.leaves, Role::DiffMovedNote),
            RowKind::MovedTo(_) => (look(Role::DiffMovedTo, false), symbols.arrives, Role::DiffMovedNote),
            RowKind::Same | RowKind::Title | RowKind::Fold(_) => {
                (look(Role::DiffSame, true), " ", Role::DiffSame)
            }
        };
        // Only the letters of a sign are its own: the line's background goes on under it.
        let sign_style = Style { bg: None, ..theme.style(role) };
        let word = match row.kind {
            RowKind::Added => "added:",
            RowKind::Removed => "removed:",
            RowKind::Changed if old => "changed from:",
            RowKind::Changed => "changed to:",
            RowKind::MovedFrom(_) => "moved away:",
            RowKind::MovedTo(_) => "moved here:",
            RowKind::Same | RowKind::Title | RowKind::Fold(_) => "",
        };
        Manner { look, sign, sign_style: look.base.patch(sign_style), word }
    }

    /// One line of a column: numbers, sign, text, filled to the edge where the line has a background
    /// or something stands to the right of it.
    fn line(&self, column: &Column<'_>, manner: Manner, piece: Piece, first: bool) -> Vec<Span<'static>> {
        let theme = self.paint.theme;
        let gutter = column.gutter;
        let digits = gutter.digits;
        let mut spans = Vec::with_capacity(piece.spans.len() + 3);
        let mut label = String::new();
        let numbers = column.numbers.get(..gutter.numbers).unwrap_or(column.numbers);
        let marked = numbers.iter().rposition(Option::is_some);
        for (at, number) in numbers.iter().enumerate() {
            match number {
                Some(number) if first => label.push_str(&format!("{number:>digits$} ")),
                // One mark is enough to tell that a line goes on.
                Some(_) if Some(at) == marked => {
                    label.push_str(&format!("{:>digits$} ", theme.symbols().continued));
                }
                _ => label.push_str(&" ".repeat(digits + 1)),
            }
        }
        if !label.is_empty() {
            spans.push(Span::styled(label, theme.style(Role::DiffNumber)));
        }
        if gutter.sign > 0 {
            // Without numbers the sign's place tells that a line goes on.
            let mark = Style { bg: None, ..theme.style(Role::DiffMark) };
            let (sign, style) = match (first, gutter.numbers) {
                (true, _) => (manner.sign, manner.sign_style),
                (false, 0) => (theme.symbols().continued, manner.look.base.patch(mark)),
                (false, _) => (" ", manner.look.base),
            };
            let sign = if gutter.sign > 2 && first { manner.word } else { sign };
            spans.push(Span::styled(format!("{sign:<cells$}", cells = gutter.sign), style));
        }
        let used = gutter.width() + piece.width;
        spans.extend(piece.spans);
        let to_edge = column.fill || manner.look.base.bg.is_some();
        if to_edge && used < column.cells {
            spans.push(Span::styled(" ".repeat(column.cells - used), manner.look.base));
        }
        spans
    }
}
