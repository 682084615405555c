//! Finds blocks that were taken out in one place and put in at another, also across documents.
//!
//! Owns: which removed lines are which added lines elsewhere. Must not know: how a move is shown.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::lines::TextLine;
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

/// The lines of one document and what changed in it.
pub(super) struct Lines<'a> {
    pub old: Vec<TextLine<'a>>,
    pub new: Vec<TextLine<'a>>,
    pub segments: Vec<Segment>,
}

/// Document and line index (from 0).
type At = (usize, usize);

/// Both ends of every moved line.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Where an old line went.
    pub to: HashMap<At, Place, FxBuildHasher>,
    /// Where a new line came from.
    pub from: HashMap<At, Place, FxBuildHasher>,
}

/// A block has to carry this many letters and digits: blank lines, rules and "Notes:" are the same
/// everywhere without having moved.
const LEAST_WEIGHT: usize = 20;
/// Copies of one line that are tried as destinations.
const MOST_COPIES: usize = 16;

/// Finds moved blocks among the edited segments of all documents.
pub(super) fn moves(documents: &[Lines<'_>]) -> Moves {
    let mut arrivals: HashMap<&str, Vec<At>, FxBuildHasher> = HashMap::default();
    for (document, lines) in documents.iter().enumerate() {
        for segment in lines.segments.iter().filter(|segment| !segment.equal) {
            for index in segment.new.clone() {
                if let Some(line) = lines.new.get(index).filter(|line| !line.is_blank()) {
                    let places = arrivals.entry(line.text.trim()).or_default();
                    if places.len() < MOST_COPIES {
                        places.push((document, index));
                    }
                }
            }
        }
    }
    let mut found = Moves::default();
    let mut blocks = 0;
    for (document, lines) in documents.iter().enumerate() {
        for segment in lines.segments.iter().filter(|segment| !segment.equal) {
            let mut index = segment.old.start;
            while index < segment.old.end {
                let block = longest(documents, &arrivals, &found, (document, index), segment.old.end);
                if let Some((start, length)) = block {
                    blocks += 1;
                    for by in 0..length {
                        let (from, to) = ((document, index + by), (start.0, start.1 + by));
                        found.to.insert(from, place(to, blocks));
                        found.from.insert(to, place(from, blocks));
                    }
                    index += length;
                } else {
                    index += 1;
                }
            }
        }
    }
    found
}

fn place(at: At, block: u32) -> Place {
    Place { document: at.0 as u32, line: at.1 as u32 + 1, block }
}

/// The longest run of added lines that equals the removed lines from `from` on.
fn longest(
    documents: &[Lines<'_>],
    arrivals: &HashMap<&str, Vec<At>, FxBuildHasher>,
    found: &Moves,
    from: At,
    end: usize,
) -> Option<(At, usize)> {
    let old = &documents.get(from.0)?.old;
    let first = old.get(from.1).filter(|line| !line.is_blank())?;
    let mut best: Option<(usize, At, usize)> = None;
    for &start in arrivals.get(first.text.trim())? {
        let lines = documents.get(start.0)?;
        let segment = lines.segments.iter().find(|s| !s.equal && s.new.contains(&start.1))?;
        let (mut length, mut weight, mut solid) = (0, 0, 0);
        while from.1 + length < end && start.1 + length < segment.new.end {
            let to = (start.0, start.1 + length);
            let (Some(a), Some(b)) = (old.get(from.1 + length), lines.new.get(to.1)) else { break };
            if a.text.trim() != b.text.trim() || found.from.contains_key(&to) {
                break;
            }
            length += 1;
            weight += a.text.chars().filter(|c| c.is_alphanumeric()).count();
            if !a.is_blank() {
                solid = length;
            }
        }
        if weight >= LEAST_WEIGHT && best.is_none_or(|(other, ..)| weight > other) {
            best = Some((weight, start, solid));
        }
    }
    best.map(|(_, start, length)| (start, length))
}
