//! The neutral row model: what stands beside what, and which words of it differ.
//!
//! Owns: the rows of one comparison, over one or several documents. Must not know: colours, widths,
//! or which layout paints them.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::lesson::{Change, DocumentChange};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};

use super::Options;
use super::fold::Fold;
use super::lines::{BY_LINES, Ending, TextLine, compare, split};
use super::moved::{Lines, Moves, Place};
use super::pair::{pair, same_words};
use super::slide::segments;
use super::stats::Stats;
use super::words::emphasis;

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
            Self::Spacing | Self::LineEnd | Self::FinalLineEnd => true,
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

/// Two versions of a document to compare.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// Its path after the change unless it is deleted; `None` gives no title row.
    pub path: Option<DocPath>,
    /// What happens to it.
    pub change: Change,
    /// The old text, empty if there was none.
    pub before: &'a str,
    /// The new text, empty if there is none.
    pub after: &'a str,
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

/// Compares two loose texts.
#[must_use]
pub fn rows(before: &str, after: &str, options: &Options) -> Rows {
    documents(&[Pair { path: None, change: Change::Modified, before, after }], options)
}

/// Compares the given documents of two snapshots, each under a title.
#[must_use]
pub fn snapshots(before: &Snapshot, after: &Snapshot, changes: &[DocumentChange], options: &Options) -> Rows {
    let text = |snapshot: &'_ Snapshot, path: &DocPath| snapshot.get(path).cloned().unwrap_or_default();
    let texts: Vec<_> = changes
        .iter()
        .map(|DocumentChange { path, change }| {
            let old = if let Change::Renamed(old) = change { old } else { path };
            (text(before, old), text(after, path))
        })
        .collect();
    let pairs: Vec<_> = changes
        .iter()
        .zip(&texts)
        .map(|(changed, (before, after))| Pair {
            path: Some(changed.path.clone()),
            change: changed.change.clone(),
            before,
            after,
        })
        .collect();
    documents(&pairs, options)
}

/// Compares several documents as one: what left one and came to another is shown as moved.
#[must_use]
pub fn documents(pairs: &[Pair<'_>], options: &Options) -> Rows {
    let mut documents: Vec<Lines<'_>> = pairs
        .iter()
        .map(|pair| {
            let (old, new) = (split(pair.before), split(pair.after));
            let segments = segments(&compare(BY_LINES, &old, &new), &old, &new);
            let mut lines = Lines { old, new, segments, pairs: Vec::new() };
            lines.pairs = spacing_pairs(&lines);
            lines
        })
        .collect();
    // From the certain to the likely: what stayed in place but for spacing, what moved unchanged,
    // what was reworded in place, what was reworded on the way.
    let mut moves = if options.moves { Moves::find(&documents) } else { Moves::default() };
    for (index, lines) in documents.iter_mut().enumerate() {
        lines.pairs = version_pairs(index, lines, &moves);
    }
    if options.moves {
        moves.find_changed(&documents);
    }
    let mut out = Rows::default();
    for (index, (pair, lines)) in pairs.iter().zip(&documents).enumerate() {
        let first = out.rows.len();
        if pair.path.is_some() {
            out.rows.push(Row {
                kind: RowKind::Title,
                document: index as u32,
                old: None,
                new: None,
                note: None,
            });
        }
        Writer {
            document: index,
            lines,
            all: &documents,
            moves: &moves,
            words: options.words,
            rows: &mut out.rows,
        }
        .write();
        let stats = Stats::of(out.rows.get(first..).unwrap_or_default());
        out.stats = out.stats.plus(stats);
        let created = pair.change == Change::Created;
        let deleted = pair.change == Change::Deleted;
        out.documents.push(Document {
            path: pair.path.clone(),
            change: pair.change.clone(),
            old: (!created).then(|| ContentHash::of(pair.before.as_bytes())),
            new: (!deleted).then(|| ContentHash::of(pair.after.as_bytes())),
            stats,
        });
    }
    out.folded(&options.folding)
}

/// Pairs the lines of each edit that have the same words.
fn spacing_pairs(lines: &Lines<'_>) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for edit in lines.edits() {
        let (old, new) = (texts(&lines.old, edit.old.clone()), texts(&lines.new, edit.new.clone()));
        let found = same_words(&old, &new);
        pairs.extend(found.into_iter().map(|(i, j)| (edit.old.start + i, edit.new.start + j)));
    }
    pairs
}

/// Adds pairs by likeness, in the gaps between the pairs there are, of lines that did not move.
fn version_pairs(document: usize, lines: &Lines<'_>, moves: &Moves) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut add_gap = |old: Range<usize>, new: Range<usize>| {
        let old: Vec<usize> = old.filter(|&line| !moves.to.contains_key(&(document, line))).collect();
        let new: Vec<usize> = new.filter(|&line| !moves.from.contains_key(&(document, line))).collect();
        let found = pair(&texts(&lines.old, old.iter().copied()), &texts(&lines.new, new.iter().copied()));
        pairs.extend(found.iter().filter_map(|&(i, j)| Some((*old.get(i)?, *new.get(j)?))));
    };
    let mut known = lines.pairs.iter().copied().peekable();
    for edit in lines.edits() {
        let (mut next_old, mut next_new) = (edit.old.start, edit.new.start);
        while let Some((old, new)) = known.next_if(|pair| pair.0 < edit.old.end) {
            add_gap(next_old..old, next_new..new);
            (next_old, next_new) = (old + 1, new + 1);
        }
        add_gap(next_old..edit.old.end, next_new..edit.new.end);
    }
    pairs.extend(&lines.pairs);
    pairs.sort_unstable();
    pairs
}

fn texts<'a>(lines: &[TextLine<'a>], indexes: impl IntoIterator<Item = usize>) -> Vec<&'a str> {
    indexes.into_iter().filter_map(|index| lines.get(index)).map(|line| line.text).collect()
}

/// Writes the rows of one document.
struct Writer<'a> {
    document: usize,
    lines: &'a Lines<'a>,
    all: &'a [Lines<'a>],
    moves: &'a Moves,
    words: bool,
    rows: &'a mut Vec<Row>,
}

impl Writer<'_> {
    /// Lines in both orders; pairs stand side by side, and what precedes a pair comes before it.
    fn write(&mut self) {
        let mut pairs = self.lines.pairs.iter().copied().peekable();
        for segment in &self.lines.segments {
            if segment.equal {
                for (old, new) in segment.old.clone().zip(segment.new.clone()) {
                    self.push_same(old, new);
                }
                continue;
            }
            let (mut next_old, mut next_new) = (segment.old.start, segment.new.start);
            while let Some((old, new)) = pairs.next_if(|pair| pair.0 < segment.old.end) {
                self.push_single(next_old..old, next_new..new);
                self.push_pair(old, new);
                (next_old, next_new) = (old + 1, new + 1);
            }
            self.push_single(next_old..segment.old.end, next_new..segment.new.end);
        }
    }

    fn push_single(&mut self, old: Range<usize>, new: Range<usize>) {
        for index in old {
            let place = self.moves.to.get(&(self.document, index)).copied();
            let side = self.marked(true, index, place);
            self.push(place.map_or(RowKind::Removed, RowKind::MovedFrom), side, None, None);
        }
        for index in new {
            let place = self.moves.from.get(&(self.document, index)).copied();
            let side = self.marked(false, index, place);
            self.push(place.map_or(RowKind::Added, RowKind::MovedTo), None, side, None);
        }
    }

    /// A side that moved, with the words that changed on the way.
    fn marked(&self, old: bool, index: usize, place: Option<Place>) -> Option<Side> {
        let mut side = self.side(old, index)?;
        if let Some(place) = place.filter(|_| self.words) {
            let lines = self.all.get(place.document as usize);
            let other = lines.map(|lines| if old { &lines.new } else { &lines.old });
            if let Some(other) = other.and_then(|lines| lines.get((place.line as usize).wrapping_sub(1))) {
                side.emphasis = if old {
                    emphasis(&side.text, other.text).old
                } else {
                    emphasis(other.text, &side.text).new
                };
            }
        }
        Some(side)
    }

    fn push_same(&mut self, old: usize, new: usize) {
        let new_side = self.side(false, new);
        let old_side = new_side.clone().map(|side| Side { line: old as u32 + 1, ..side });
        self.push(RowKind::Same, old_side, new_side, None);
    }

    fn push_pair(&mut self, old: usize, new: usize) {
        let (Some(mut a), Some(mut b)) = (self.side(true, old), self.side(false, new)) else { return };
        let note = note(&a, &b);
        if self.words {
            let marks = emphasis(&a.text, &b.text);
            (a.emphasis, b.emphasis) = (marks.old, marks.new);
        }
        self.push(RowKind::Changed, Some(a), Some(b), note);
    }

    fn push(&mut self, kind: RowKind, old: Option<Side>, new: Option<Side>, note: Option<Note>) {
        self.rows.push(Row { kind, document: self.document as u32, old, new, note });
    }

    fn side(&self, old: bool, index: usize) -> Option<Side> {
        let line = if old { self.lines.old.get(index) } else { self.lines.new.get(index) }?;
        Some(Side {
            line: index as u32 + 1,
            text: line.text.into(),
            ending: line.ending,
            emphasis: Vec::new(),
        })
    }
}

fn note(old: &Side, new: &Side) -> Option<Note> {
    if old.text == new.text {
        let last = old.ending == Ending::None || new.ending == Ending::None;
        return Some(if last { Note::FinalLineEnd } else { Note::LineEnd });
    }
    let words = |side: &'_ Side| side.text.split_whitespace().collect::<String>();
    (words(old) == words(new)).then_some(Note::Spacing)
}
