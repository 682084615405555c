//! Finds blocks that were taken out in one place and put in at another, also across documents.
//!
//! Owns: which removed lines are which added lines elsewhere. Must not know: how a move is shown.

use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::lines::TextLine;
use super::pair::{Lexicon, Prepared, likeness};
use super::slide::Segment;

/// Where the other end of a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index into [`super::Rows::documents`].
    pub document: u32,
    /// Line number there.
    pub line: u32,
    /// Number of the moved block, the same at both ends, from 1.
    pub block: u32,
}

/// The lines of one document, what changed in it, and which changed lines are versions of each other.
pub(super) struct Lines<'a> {
    pub old: Vec<TextLine<'a>>,
    pub new: Vec<TextLine<'a>>,
    pub segments: Vec<Segment>,
    /// Old and new line of each pair so far, rising.
    pub pairs: Vec<(usize, usize)>,
}

impl Lines<'_> {
    /// What changed.
    pub fn edits(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| !segment.equal)
    }

    /// The edited segment that holds a new line.
    fn edit_at(&self, new: usize) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.new.end <= new);
        self.segments.get(after).filter(|segment| !segment.equal)
    }
}

/// Document and line index (from 0).
type At = (usize, usize);

/// Lines that have a version in their own place.
struct Paired {
    old: HashSet<At, FxBuildHasher>,
    new: HashSet<At, FxBuildHasher>,
}

impl Paired {
    fn of(documents: &[Lines<'_>]) -> Self {
        let pairs = || {
            documents
                .iter()
                .enumerate()
                .flat_map(|(document, lines)| lines.pairs.iter().map(move |pair| (document, pair)))
        };
        Self {
            old: pairs().map(|(document, pair)| (document, pair.0)).collect(),
            new: pairs().map(|(document, pair)| (document, pair.1)).collect(),
        }
    }
}

/// Both ends of every moved line.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Where an old line went.
    pub to: HashMap<At, Place, FxBuildHasher>,
    /// Where a new line came from.
    pub from: HashMap<At, Place, FxBuildHasher>,
    blocks: u32,
}

/// A block has to carry this many letters and digits: blank lines, rules and "Notes:" are the same
/// everywhere without having moved.
const LEAST_WEIGHT: usize = 20;
/// Copies of one line that are tried as destinations.
const MOST_COPIES: usize = 16;
/// Lines without weight that are followed before a block is given up.
const MOST_WEIGHTLESS: usize = 32;
/// A changed line counts as moved only if it is at least this like, and at least this heavy.
const LEAST_LIKENESS: f32 = 0.7;
/// See [`LEAST_LIKENESS`].
const LEAST_CHANGED_WEIGHT: u32 = 24;
/// With more lines to compare than this (removed times added), changed lines are not looked for.
const MOST_CANDIDATES: usize = 40_000;

impl Moves {
    /// Finds blocks that moved unchanged, among the edits of all documents.
    pub fn find(documents: &[Lines<'_>]) -> Self {
        let mut arrivals: HashMap<&str, Vec<At>, FxBuildHasher> = HashMap::default();
        let paired = Paired::of(documents);
        for (document, lines) in documents.iter().enumerate() {
            for index in lines.edits().flat_map(|edit| edit.new.clone()) {
                let free = !paired.new.contains(&(document, index));
                if let Some(line) = lines.new.get(index).filter(|line| free && !line.is_blank()) {
                    let places = arrivals.entry(line.text.trim()).or_default();
                    if places.len() < MOST_COPIES {
                        places.push((document, index));
                    }
                }
            }
        }
        let mut moves = Self::default();
        for (document, lines) in documents.iter().enumerate() {
            for edit in lines.edits() {
                let mut index = edit.old.start;
                while index < edit.old.end {
                    let from = (document, index);
                    let block = longest(documents, &arrivals, &moves, &paired, from, edit.old.end);
                    let Some((to, length)) = block else {
                        index += 1;
                        continue;
                    };
                    moves.add(from, to, length);
                    index += length;
                }
            }
        }
        moves
    }

    /// Adds single lines that moved and changed a little, among those that neither moved nor have a
    /// version in their own place.
    pub fn find_changed(&mut self, documents: &[Lines<'_>]) {
        let mut lexicon = Lexicon::default();
        let paired = Paired::of(documents);
        let (mut gone, mut came) = (Vec::new(), Vec::new());
        for (document, lines) in documents.iter().enumerate() {
            for edit in lines.edits() {
                let old = edit.old.clone().map(|index| (document, index));
                let new = edit.new.clone().map(|index| (document, index));
                gone.extend(old.filter(|at| !self.to.contains_key(at) && !paired.old.contains(at)));
                came.extend(new.filter(|at| !self.from.contains_key(at) && !paired.new.contains(at)));
            }
        }
        if gone.len() * came.len() > MOST_CANDIDATES {
            return;
        }
        let mut prepare = |places: Vec<At>, old: bool| -> Vec<(At, Prepared)> {
            let text = |at: &At| {
                let lines = documents.get(at.0)?;
                if old { lines.old.get(at.1) } else { lines.new.get(at.1) }.map(|line| line.text)
            };
            let heavy = |line: &(At, Prepared)| line.1.weight() >= LEAST_CHANGED_WEIGHT;
            places
                .into_iter()
                .filter_map(|at| Some((at, lexicon.prepare(text(&at)?))))
                .filter(heavy)
                .collect()
        };
        let (gone, came) = (prepare(gone, true), prepare(came, false));
        let mut candidates = Vec::new();
        for (from, a) in &gone {
            for (to, b) in &came {
                let like = likeness(a, b);
                if like >= LEAST_LIKENESS {
                    candidates.push((like, *from, *to));
                }
            }
        }
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        for (_, from, to) in candidates {
            if !self.to.contains_key(&from) && !self.from.contains_key(&to) {
                self.add(from, to, 1);
            }
        }
    }

    fn add(&mut self, from: At, to: At, length: usize) {
        self.blocks += 1;
        let place = |at: At, by: usize| Place {
            document: at.0 as u32,
            line: (at.1 + by) as u32 + 1,
            block: self.blocks,
        };
        for by in 0..length {
            self.to.insert((from.0, from.1 + by), place(to, by));
            self.from.insert((to.0, to.1 + by), place(from, by));
        }
    }
}

/// The heaviest run of added lines that equals the removed lines from `from` on.
fn longest(
    documents: &[Lines<'_>],
    arrivals: &HashMap<&str, Vec<At>, FxBuildHasher>,
    moves: &Moves,
    paired: &Paired,
    from: At,
    end: usize,
) -> Option<(At, usize)> {
    let old = &documents.get(from.0)?.old;
    let first = old.get(from.1).filter(|line| !line.is_blank())?;
    let mut best: Option<(usize, At, usize)> = None;
    for &start in arrivals.get(first.text.trim())? {
        let Some(lines) = documents.get(start.0) else { continue };
        let Some(edit) = lines.edit_at(start.1) else { continue };
        let (mut length, mut weight) = (0, 0);
        while from.1 + length < end && start.1 + length < edit.new.end {
            let to = (start.0, start.1 + length);
            let (Some(a), Some(b)) = (old.get(from.1 + length), lines.new.get(to.1)) else { break };
            if a.text.trim() != b.text.trim()
                || moves.from.contains_key(&to)
                || paired.old.contains(&(from.0, from.1 + length))
                || paired.new.contains(&to)
                || (weight == 0 && length > MOST_WEIGHTLESS)
            {
                break;
            }
            length += 1;
            weight += a.text.chars().filter(|c| c.is_alphanumeric()).count();
        }
        if weight >= LEAST_WEIGHT && best.is_none_or(|(other, ..)| weight > other) {
            best = Some((weight, start, length));
        }
    }
    best.map(|(_, start, length)| (start, length))
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Pair, RowKind, documents, rows};
    use crate::domain::lesson::Change;
    use crate::domain::memory::DocPath;

    #[test]
    fn a_section_that_changes_its_place_is_moved() {
        let section =
            "## Refunds\n\n- Refunds are paid within thirty days.\n- Ask for the receipt first.\n\n";
        let rest = "## Calls\n\n- Offer a call.\n- Be brief.\n- Thank them.\n- Say goodbye.\n\n";
        let rows = rows(&format!("{section}{rest}"), &format!("{rest}{section}"), &Options::default());
        assert_eq!((rows.stats.added, rows.stats.removed), (0, 0), "{rows:#?}");
        assert!(rows.stats.arrived >= 4, "{:?}", rows.stats);
        let from = rows.rows.iter().find_map(|row| match row.kind {
            RowKind::MovedFrom(place) => Some((row.old.as_ref().unwrap().line, place)),
            _ => None,
        });
        let to = rows.rows.iter().find_map(|row| match row.kind {
            RowKind::MovedTo(place) => Some((row.new.as_ref().unwrap().line, place)),
            _ => None,
        });
        let ((from_line, from), (to_line, to)) = (from.unwrap(), to.unwrap());
        assert_eq!((from.line, to.line, from.block), (to_line, from_line, to.block));
    }

    #[test]
    fn moves_cross_documents() {
        let fact = "- The staging database is reset every Sunday night.\n";
        let doc =
            |path: &str, before: &'static str, after: String| (DocPath::new(path).unwrap(), before, after);
        let docs = [
            doc("/a.md", "- One.\n- The staging database is reset every Sunday night.\n", "- One.\n".into()),
            doc("/b.md", "- Two.\n", format!("- Two.\n{fact}")),
        ];
        let pairs: Vec<_> = docs
            .iter()
            .map(|(path, before, after)| Pair {
                path: Some(path.clone()),
                change: Change::Modified,
                before,
                after,
            })
            .collect();
        let rows = documents(&pairs, &Options::default());
        let places: Vec<_> = rows
            .rows
            .iter()
            .filter_map(|row| match row.kind {
                RowKind::MovedFrom(place) | RowKind::MovedTo(place) => {
                    Some((row.document, place.document, place.line))
                }
                _ => None,
            })
            .collect();
        assert_eq!(places, [(0, 1, 2), (1, 0, 2)]);
    }

    #[test]
    fn short_lines_do_not_move() {
        let rows = rows("x\n---\na\nb\n", "a\nb\n---\nx\n", &Options::default());
        assert_eq!(rows.stats.arrived, 0);
    }
}
