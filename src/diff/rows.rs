//! The neutral row model: what stands beside what, and which words of it differ.
//!
//! Owns: the rows of one comparison, over one or several documents. Must not know: colours, widths,
//! or which layout paints them.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::lesson::Change;
use crate::domain::memory::{ContentHash, DocPath};

use super::fold::{Fold, is_heading};
use super::lines::Ending;
use super::moved::Place;
use super::stats::Stats;

/// One line of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Line number, from 1.
    pub line: u32,
    /// The line without its end, exactly as stored: untrusted, not yet safe for a terminal.
    pub text: Arc<str>,
    /// How it ends.
    pub ending: Ending,
    /// Byte ranges that differ from the other side, in order, on character boundaries. Empty where
    /// the whole line is meant.
    pub emphasis: Vec<Range<usize>>,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    /// Start of a document; no sides. See [`Rows::documents`].
    Title,
    /// Both sides, equal.
    Same,
    /// Both sides, different but the same line to a reader.
    Changed,
    /// New side only.
    Added,
    /// Old side only.
    Removed,
    /// Old side only: this line stands elsewhere now.
    MovedFrom(Place),
    /// New side only: this line stood elsewhere before.
    MovedTo(Place),
    /// Hidden unchanged lines; no sides.
    Fold(Fold),
}

/// What the eye would miss on a changed row, to be said in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Note {
    /// Only tabs or spaces differ.
    Spacing,
    /// Only the places where lines break differ: the words are the same all through the edit.
    LineBreaks,
    /// Only the line end differs (`\n` against `\r\n`).
    LineEnd,
    /// The same, except that one text stops without a line end here.
    FinalLineEnd,
}

impl Note {
    /// Whether it means that the words are the same.
    #[must_use]
    pub fn is_cosmetic(self) -> bool {
        match self {
            Self::Spacing | Self::LineBreaks | Self::LineEnd | Self::FinalLineEnd => true,
        }
    }
}

/// One row, painted as one or several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Index into [`Rows::documents`].
    pub document: u32,
    /// The old line, if this row shows one.
    pub old: Option<Side>,
    /// The new line, if this row shows one.
    pub new: Option<Side>,
    /// What to say besides.
    pub note: Option<Note>,
}

/// One compared document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its path, after the change unless it is deleted; `None` where two loose texts are compared.
    pub path: Option<DocPath>,
    /// What happens to it.
    pub change: Change,
    /// Hash of the old text, if there was one; finds its cached highlighting.
    pub old: Option<ContentHash>,
    /// Hash of the new text, if there is one.
    pub new: Option<ContentHash>,
    /// What changed in it.
    pub stats: Stats,
}

/// One comparison, ready to be painted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// Rows in reading order.
    pub rows: Vec<Row>,
    /// The documents they are of.
    pub documents: Vec<Document>,
    /// What changed altogether.
    pub stats: Stats,
}

impl Document {
    /// Where it lay before the change, if it existed.
    #[must_use]
    pub fn old_path(&self) -> Option<&DocPath> {
        match &self.change {
            Change::Created => None,
            Change::Renamed(old) => Some(old),
            Change::Modified | Change::Deleted => self.path.as_ref(),
        }
    }
}

impl Row {
    /// The side that carries the row's text: the new one, or the old one where there is no new.
    #[must_use]
    pub fn side(&self) -> Option<&Side> {
        self.new.as_ref().or(self.old.as_ref())
    }

    /// The Markdown heading it shows, or the one that what comes after it stands under.
    #[must_use]
    pub fn heading(&self) -> Option<&str> {
        match &self.kind {
            RowKind::Fold(fold) => fold.heading.as_deref(),
            _ => self.side().map(|side| &*side.text).filter(|text| is_heading(text)),
        }
    }

    /// Whether it shows a difference.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !matches!(self.kind, RowKind::Title | RowKind::Same | RowKind::Fold(_))
    }
}

impl Rows {
    /// Runs of rows that show differences, in order: what `]` and `[` walk through.
    #[must_use]
    pub fn changes(&self) -> Vec<Range<usize>> {
        let mut changes: Vec<Range<usize>> = Vec::new();
        for (index, row) in self.rows.iter().enumerate().filter(|(_, row)| row.is_change()) {
            match changes.last_mut() {
                Some(last) if last.end == index => last.end = index + 1,
                _ => changes.push(index..index + 1),
            }
            debug_assert!(row.side().is_some(), "a change has text");
        }
        changes
    }

    /// The document a row belongs to.
    #[must_use]
    pub fn document(&self, row: &Row) -> Option<&Document> {
        self.documents.get(row.document as usize)
    }
}
