//! Which block of the base became which block of the proposal.
//!
//! Owns: joining the blocks that don't simply stay into *units*: changed in place, moved, merged,
//! repeated, spacing only, or plainly new or gone.
//! A block belongs to exactly one unit, so text that moves or merges can't be lost by accepting half.
//! Must not know: sections, structure, or how units become lessons.

use std::collections::BTreeMap;

use super::blocks::{BlockKind, Blocks};
use super::likeness::{Index, Words, normal_hash};
use super::links::Links;
use super::pairs::{DocPair, common};
use super::script::Piece;

/// Likeness, in percent, from which two blocks at the same place are one that changed.
const REVISED: u32 = 50;
/// The same where nothing else competes for the place.
const REVISED_ALONE: u32 = 25;
/// Likeness from which a block found elsewhere is the same one, moved.
const MOVED: u32 = 65;
/// Share of a block's words that must stand in another for it to have gone into it.
const CONTAINED: u32 = 75;
/// Likeness from which a block that stays says what another one says.
const REPEATED: u32 = 90;
/// Blocks of fewer distinct words are too common to be recognised elsewhere.
const FEW_WORDS: usize = 4;
/// Above this many pairs in one place, partners come from the index instead of from trying all.
const TRY_ALL: usize = 20_000;
/// The same for headings: they are short, few, and made of words too common for the index.
const TRY_ALL_HEADINGS: usize = 500_000;

/// A block: index of its document pair, and of the block on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At {
    pub doc: usize,
    pub block: usize,
}

/// What happened to the blocks of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// New, or gone, and nothing else.
    Plain,
    /// Changed where it stands.
    Revised,
    /// Only spacing or markers changed.
    Cosmetic,
    /// Stands elsewhere now.
    Moved,
    /// Several became one, or a repeated one went.
    Merged,
}

/// Blocks that go and come together.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub bond: Bond,
    pub gone: Vec<At>,
    pub come: Vec<At>,
}

/// All units of a change.
pub(crate) struct Aligned {
    pub units: Vec<Unit>,
    /// Units that go because a block that stays says the same, each with that block.
    pub twins: Vec<(usize, Piece)>,
}

/// A block that does not simply stay.
struct Loose {
    at: At,
    kind: BlockKind,
    words: Words,
    normal: u64,
    /// A line that only says where a document is which comes or goes with this change.
    points: bool,
    /// Which stretch between kept blocks it lies in.
    gap: usize,
    unit: Option<usize>,
}

/// Joins all blocks that don't simply stay into units. Every one of them is in exactly one unit.
/// `unchanged` gives the documents that stay as they are, if it comes to asking what a note repeats.
pub(crate) fn units(pairs: &[DocPair], unchanged: &dyn Fn() -> Vec<Blocks>) -> Aligned {
    let (gone, come) = (loose(pairs, false), loose(pairs, true));
    let mut aligner = Aligner { units: Vec::new(), twins: Vec::new(), gone, come };
    aligner.pair_spacing();
    // Before what is merely alike where it stood: text that stands elsewhere word for word did not go.
    aligner.pair_exact_moves();
    aligner.pair_in_place();
    aligner.pair_near_moves();
    aligner.join_contained();
    aligner.join_repeated(pairs, unchanged);
    aligner.rest();
    Aligned { units: aligner.units, twins: aligner.twins }
}

fn loose(pairs: &[DocPair], new_side: bool) -> Vec<Loose> {
    let links = Links::new(pairs);
    let mut all = Vec::new();
    for (doc, pair) in pairs.iter().enumerate() {
        let side = if new_side { &pair.after } else { &pair.before };
        let mut kept = pair.kept.iter().map(|&(old, new)| if new_side { new } else { old }).peekable();
        let mut gap = 0;
        for (block, info) in side.blocks.iter().enumerate() {
            if kept.next_if_eq(&block).is_some() {
                gap += 1;
                continue;
            }
            let text = side.content(block);
            all.push(Loose {
                at: At { doc, block },
                kind: info.kind,
                words: Words::of(text),
                normal: normal_hash(info.kind, text),
                points: if new_side {
                    links.all_new(pair, side, block)
                } else {
                    links.all_gone(pair, side, block)
                },
                gap,
                unit: None,
            });
        }
    }
    all
}

struct Aligner {
    units: Vec<Unit>,
    twins: Vec<(usize, Piece)>,
    gone: Vec<Loose>,
    come: Vec<Loose>,
}

impl Aligner {
    fn bind(&mut self, bond: Bond, gone: &[usize], come: &[usize]) {
        let unit = self.units.len();
        let take = |side: &mut Vec<Loose>, which: &[usize]| -> Vec<At> {
            which
                .iter()
                .filter_map(|&i| {
                    let loose = side.get_mut(i)?;
                    loose.unit = Some(unit);
                    Some(loose.at)
                })
                .collect()
        };
        let (gone, come) = (take(&mut self.gone, gone), take(&mut self.come, come));
        self.units.push(Unit { bond, gone, come });
    }

    /// Runs of loose blocks that share a stretch between kept blocks, as index ranges of both sides.
    fn gaps(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut gaps: BTreeMap<(usize, usize), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (i, loose) in self.gone.iter().enumerate().filter(|(_, loose)| loose.unit.is_none()) {
            gaps.entry((loose.at.doc, loose.gap)).or_default().0.push(i);
        }
        for (j, loose) in self.come.iter().enumerate().filter(|(_, loose)| loose.unit.is_none()) {
            gaps.entry((loose.at.doc, loose.gap)).or_default().1.push(j);
        }
        gaps.into_values().filter(|(gone, come)| !gone.is_empty() && !come.is_empty()).collect()
    }

    /// Same place, same words, same code: only what nobody sees changed.
    fn pair_spacing(&mut self) {
        for (gone, come) in self.gaps() {
            let normals = |side: &[Loose], which: &[usize]| -> Vec<u64> {
                which.iter().filter_map(|&i| side.get(i).map(|loose| loose.normal)).collect()
            };
            for (i, j) in common(&normals(&self.gone, &gone), &normals(&self.come, &come)) {
                if let (Some(&i), Some(&j)) = (gone.get(i), come.get(j)) {
                    self.bind(Bond::Cosmetic, &[i], &[j]);
                }
            }
        }
    }

    /// Same place, alike enough, never crossing a pair already made: changed where it stands.
    fn pair_in_place(&mut self) {
        // Pairs already made in a document, old block to new: none may be crossed.
        let mut bounds: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
        for unit in self.units.iter().filter(|unit| unit.bond == Bond::Cosmetic) {
            if let ([old], [new]) = (unit.gone.as_slice(), unit.come.as_slice()) {
                bounds.entry(old.doc).or_default().insert(old.block, new.block);
            }
        }
        for (gone, come) in self.gaps() {
            let mut scored = self.scored(&gone, &come);
            scored.sort_unstable_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            let doc = gone.first().and_then(|&i| self.gone.get(i)).map_or(0, |loose| loose.at.doc);
            let bounds = bounds.entry(doc).or_default();
            for (_, i, j) in scored {
                let (Some(old), Some(new)) = (self.gone.get(i), self.come.get(j)) else { continue };
                let (old_block, new_block) = (old.at.block, new.at.block);
                let free = old.unit.is_none() && new.unit.is_none();
                let below = bounds.range(..old_block).next_back().is_none_or(|(_, &n)| n < new_block);
                let above = bounds.range(old_block..).next().is_none_or(|(_, &n)| n > new_block);
                if free && below && above {
                    bounds.insert(old_block, new_block);
                    self.bind(Bond::Revised, &[i], &[j]);
                }
            }
        }
    }

    /// Likeness of the promising pairs of one stretch, those too unlike left out.
    fn scored(&self, gone: &[usize], come: &[usize]) -> Vec<(u32, usize, usize)> {
        let mut scored = Vec::new();
        let mut consider = |i: usize, j: usize| {
            let (Some(old), Some(new)) = (self.gone.get(i), self.come.get(j)) else { return };
            // The line that leads to a new document belongs to that document, and replaces no note.
            if old.points != new.points {
                return;
            }
            let alone = gone.len() == 1 && come.len() == 1;
            if let Some(least) = least_likeness(old.kind, new.kind, alone) {
                let likeness = old.words.likeness(&new.words);
                if likeness >= least {
                    scored.push((likeness, i, j));
                }
            }
        };
        if gone.len().saturating_mul(come.len()) <= TRY_ALL {
            for &i in gone {
                for &j in come {
                    consider(i, j);
                }
            }
        } else {
            let headings = |side: &[Loose], which: &[usize]| -> Vec<usize> {
                let heading =
                    |&i: &usize| side.get(i).is_some_and(|loose| matches!(loose.kind, BlockKind::Heading(_)));
                which.iter().copied().filter(heading).collect()
            };
            let (old, new) = (headings(&self.gone, gone), headings(&self.come, come));
            if old.len().saturating_mul(new.len()) <= TRY_ALL_HEADINGS {
                for &i in &old {
                    for &j in &new {
                        consider(i, j);
                    }
                }
            }
            let index = Index::build(come.iter().filter_map(|&j| Some((j, &self.come.get(j)?.words))));
            for &i in gone {
                let Some(old) = self.gone.get(i) else { continue };
                for j in index.candidates(&old.words) {
                    consider(i, j);
                }
            }
        }
        scored
    }

    /// Same words anywhere else; several equal blocks that became one are a merge.
    fn pair_exact_moves(&mut self) {
        let mut sites: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        let movable = |loose: &Loose| loose.unit.is_none() && is_note(loose) && loose.words.len() > 1;
        for (i, loose) in self.gone.iter().enumerate().filter(|(_, loose)| movable(loose)) {
            sites.entry(loose.normal).or_default().0.push(i);
        }
        for (j, loose) in self.come.iter().enumerate().filter(|(_, loose)| movable(loose)) {
            sites.entry(loose.normal).or_default().1.push(j);
        }
        for (gone, come) in sites.into_values() {
            match (gone.as_slice(), come.as_slice()) {
                ([], _) | (_, []) => {}
                ([_], [j]) => self.bind(Bond::Moved, &gone, &[*j]),
                // One that went and one that came are a pair however short they are; of several nobody can tell.
                ([i, ..], _) if self.gone.get(*i).is_none_or(|loose| !is_movable(loose)) => {}
                (_, [j]) => self.bind(Bond::Merged, &gone, &[*j]),
                _ => {
                    for (&i, &j) in gone.iter().zip(&come) {
                        self.bind(Bond::Moved, &[i], &[j]);
                    }
                }
            }
        }
    }

    /// Nearly the same words elsewhere, also in another document.
    fn pair_near_moves(&mut self) {
        let open = |loose: &&Loose| loose.unit.is_none() && is_movable(loose);
        let index = Index::build(
            self.come.iter().enumerate().filter(|(_, loose)| open(loose)).map(|(j, loose)| (j, &loose.words)),
        );
        let mut scored: Vec<(u32, usize, usize)> = Vec::new();
        for (i, old) in self.gone.iter().enumerate().filter(|(_, loose)| open(loose)) {
            for j in index.candidates(&old.words) {
                let Some(new) = self.come.get(j) else { continue };
                let likeness = old.words.likeness(&new.words);
                let alike = likeness >= MOVED && old.points == new.points;
                if alike && least_likeness(old.kind, new.kind, false).is_some() {
                    scored.push((likeness, i, j));
                }
            }
        }
        scored.sort_unstable_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, i, j) in scored {
            let free = |side: &[Loose], at: usize| side.get(at).is_some_and(|loose| loose.unit.is_none());
            if free(&self.gone, i) && free(&self.come, j) {
                self.bind(Bond::Moved, &[i], &[j]);
            }
        }
    }

    /// Text that went into a longer block, or came out of one: it must not be lost by accepting the
    /// half that removes it.
    fn join_contained(&mut self) {
        let index = Index::build(
            self.come
                .iter()
                .enumerate()
                .filter(|(_, loose)| is_movable(loose))
                .map(|(j, loose)| (j, &loose.words)),
        );
        for i in 0..self.gone.len() {
            let Some(old) = self.gone.get(i).filter(|old| old.unit.is_none() && is_movable(old)) else {
                continue;
            };
            let into = index.candidates(&old.words).into_iter().find(|&j| {
                self.come.get(j).is_some_and(|new| old.words.contained_in(&new.words) >= CONTAINED)
            });
            let Some(j) = into else { continue };
            let Some(new) = self.come.get(j) else { continue };
            if let Some(unit) = new.unit {
                self.join(unit, i);
            } else {
                let in_place = (new.at.doc, new.gap) == (old.at.doc, old.gap);
                self.bind(if in_place { Bond::Revised } else { Bond::Moved }, &[i], &[j]);
            }
        }
        let index = Index::build(
            self.gone
                .iter()
                .enumerate()
                .filter(|(_, loose)| is_movable(loose))
                .map(|(i, loose)| (i, &loose.words)),
        );
        for j in 0..self.come.len() {
            let Some(new) = self.come.get(j).filter(|new| new.unit.is_none() && is_movable(new)) else {
                continue;
            };
            let from = index.candidates(&new.words).into_iter().find(|&i| {
                self.gone.get(i).is_some_and(|old| new.words.contained_in(&old.words) >= CONTAINED)
            });
            let Some(i) = from else { continue };
            match self.gone.get(i).and_then(|old| old.unit) {
                Some(unit) => {
                    if let (Some(unit_data), Some(new)) = (self.units.get_mut(unit), self.come.get_mut(j)) {
                        new.unit = Some(unit);
                        unit_data.come.push(new.at);
                        if unit_data.bond == Bond::Cosmetic {
                            unit_data.bond = Bond::Revised;
                        }
                    }
                }
                None => self.bind(Bond::Revised, &[i], &[j]),
            }
        }
    }

    fn join(&mut self, unit: usize, gone: usize) {
        if let (Some(data), Some(old)) = (self.units.get_mut(unit), self.gone.get_mut(gone)) {
            old.unit = Some(unit);
            data.gone.push(old.at);
            data.bond = Bond::Merged;
        }
    }

    /// A block that goes because another one that stays says the same.
    fn join_repeated(&mut self, pairs: &[DocPair], unchanged: &dyn Fn() -> Vec<Blocks>) {
        let open: Vec<usize> = (0..self.gone.len())
            .filter(|&i| self.gone.get(i).is_some_and(|loose| loose.unit.is_none() && is_movable(loose)))
            .collect();
        if open.is_empty() {
            return;
        }
        let mut stays: Vec<(Words, Piece)> = Vec::new();
        let mut add = |blocks: &Blocks, block: usize| {
            stays.push((Words::of(blocks.content(block)), Piece::of_block(blocks, block)));
        };
        for pair in pairs {
            pair.kept.iter().for_each(|&(old, _)| add(&pair.before, old));
        }
        for document in unchanged() {
            (0..document.blocks.len()).for_each(|block| add(&document, block));
        }
        let index = Index::build(stays.iter().map(|(words, _)| words).enumerate());
        for i in open {
            let Some(old) = self.gone.get(i) else { continue };
            // Every word of it: a note that differs in one "never" or one number says something else.
            let says_the_same =
                |kept: &Words| old.words.contained_in(kept) == 100 && old.words.likeness(kept) >= REPEATED;
            let twin = index.candidates(&old.words).into_iter().find_map(|at| {
                stays.get(at).filter(|(kept, _)| says_the_same(kept)).map(|(_, twin)| twin.clone())
            });
            if let Some(twin) = twin {
                self.twins.push((self.units.len(), twin));
                self.bind(Bond::Merged, &[i], &[]);
            }
        }
    }

    fn rest(&mut self) {
        for i in 0..self.gone.len() {
            if self.gone.get(i).is_some_and(|loose| loose.unit.is_none()) {
                self.bind(Bond::Plain, &[i], &[]);
            }
        }
        for j in 0..self.come.len() {
            if self.come.get(j).is_some_and(|loose| loose.unit.is_none()) {
                self.bind(Bond::Plain, &[], &[j]);
            }
        }
    }
}

fn is_movable(loose: &Loose) -> bool {
    loose.words.len() >= FEW_WORDS && is_note(loose)
}

fn is_note(loose: &Loose) -> bool {
    !matches!(loose.kind, BlockKind::Heading(_) | BlockKind::Rule | BlockKind::FrontMatter)
}

/// Likeness needed for one block to have become the other; `None` if their kinds forbid it.
fn least_likeness(old: BlockKind, new: BlockKind, alone: bool) -> Option<u32> {
    use BlockKind::{Code, FrontMatter, Heading, Html, Item, Line, Paragraph, Quote, TableHead, TableRow};
    let usual = if alone { REVISED_ALONE } else { REVISED };
    match (old, new) {
        (FrontMatter, FrontMatter) => Some(0),
        (Heading(a), Heading(b)) if a == b => Some(if alone { 0 } else { REVISED }),
        (Item { .. }, Item { .. })
        | (Paragraph, Paragraph)
        | (Code, Code)
        | (Html, Html)
        | (Quote, Quote)
        | (TableHead, TableHead)
        | (TableRow, TableRow)
        | (Line, Line) => Some(usual),
        (Item { .. } | Paragraph | Quote, Item { .. } | Paragraph | Quote) => Some(REVISED),
        _ => None,
    }
}
