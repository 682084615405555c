//! Makes rows of texts: every step of a comparison, in order.
//!
//! Owns: the order of the steps, and writing rows so that both texts can be read off them exactly.
//! Must not know: how any single step works, or what rows look like.

use std::ops::Range;

use crate::domain::lesson::{Change, DocumentChange};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};

use super::Options;
use super::lines::{BY_LINES, Ending, TextLine, compare, split};
use super::moved::{Lines, Moves, Place};
use super::pair::{pair, same_words};
use super::rows::{Document, Note, Row, RowKind, Rows, Side};
use super::slide::segments;
use super::stats::Stats;
use super::words::emphasis;

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
            let first = self.rows.len();
            while let Some((old, new)) = pairs.next_if(|pair| pair.0 < segment.old.end) {
                self.push_single(next_old..old, next_new..new);
                self.push_pair(old, new);
                (next_old, next_new) = (old + 1, new + 1);
            }
            self.push_single(next_old..segment.old.end, next_new..segment.new.end);
            if is_reflow(self.rows.get(first..).unwrap_or_default()) {
                self.rows.iter_mut().skip(first).for_each(mark_reflow);
            }
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

/// Whether an edit breaks the same words into lines at other places: neither side gains a word. Each
/// line for itself looks reworded then.
fn is_reflow(edit: &[Row]) -> bool {
    fn words(edit: &[Row], side: fn(&Row) -> Option<&Side>) -> impl Iterator<Item = &str> {
        edit.iter().filter_map(side).flat_map(|side| side.text.split_whitespace())
    }
    edit.iter().any(|row| row.note.is_none())
        && words(edit, |row| row.new.as_ref()).next().is_some()
        && words(edit, |row| row.old.as_ref()).eq(words(edit, |row| row.new.as_ref()))
}

fn mark_reflow(row: &mut Row) {
    row.note = Some(Note::LineBreaks);
    for side in row.old.iter_mut().chain(&mut row.new) {
        side.emphasis.clear();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_broken_elsewhere_has_no_new_words() {
        let old = "# A\n\nOne two three four\nfive six seven eight\nnine.\n\nend\n";
        let new = "# A\n\nOne two three\nfour five six\nseven eight nine.\n\nend\n";
        let rows = rows(old, new, &Options::default());
        assert!(rows.stats.is_spacing_only(), "{:?}", rows.stats);
        let changes: Vec<&Row> = rows.rows.iter().filter(|row| row.is_change()).collect();
        assert!(changes.iter().all(|row| row.note == Some(Note::LineBreaks)));
    }

    #[test]
    fn one_more_word_is_a_change() {
        let rows = rows("One two three\nfour\n", "One two\nthree four five\n", &Options::default());
        assert!(rows.rows.iter().all(|row| row.note.is_none()));
        assert!(!rows.stats.is_spacing_only());
    }

    #[test]
    fn remarks_say_what_a_glance_misses() {
        let note = |old, new| rows(old, new, &Options::default()).rows.iter().find_map(|row| row.note);
        assert_eq!(note("a b\n", "a  b\n"), Some(Note::Spacing));
        assert_eq!(note("a\n", "a\r\n"), Some(Note::LineEnd));
        assert_eq!(note("a\n", "a"), Some(Note::FinalLineEnd));
        assert_eq!(note("a\n", "b\n"), None);
    }
}
