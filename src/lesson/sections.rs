//! Sections of a document, named alike on both sides.
//!
//! Owns: which old heading is which new one, and where a section ends. Must not know: lessons.

use rustc_hash::FxHashMap;

use super::blocks::{BlockKind, Blocks};
use super::cut::{Draft, Slot};
use super::pairs::DocPair;

/// Name of a section that both sides share: by the heading on the new side where it has one there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Top,
    New(usize),
    Old(usize),
}

/// Which old heading is which new one.
pub(crate) struct SectionNames {
    new_of_old: FxHashMap<usize, usize>,
}

impl SectionNames {
    pub fn new(draft: &Draft, doc: usize) -> Self {
        let mut new_of_old: FxHashMap<usize, usize> = FxHashMap::default();
        if let Some(pair) = draft.pairs.get(doc) {
            new_of_old.extend(pair.kept.iter().copied());
        }
        for unit in &draft.units {
            if let ([old], [new]) = (unit.gone.as_slice(), unit.come.as_slice())
                && old.doc == doc
                && new.doc == doc
            {
                new_of_old.insert(old.block, new.block);
            }
        }
        Self { new_of_old }
    }

    pub fn of(&self, pair: &DocPair, slot: Slot) -> Section {
        match slot {
            Slot::Keep(_, new) | Slot::Come(new) => {
                pair.after.blocks.get(new).and_then(|block| block.section).map_or(Section::Top, Section::New)
            }
            Slot::Gone(old) => match pair.before.blocks.get(old).and_then(|block| block.section) {
                None => Section::Top,
                Some(heading) => {
                    self.new_of_old.get(&heading).map_or(Section::Old(heading), |&new| Section::New(new))
                }
            },
        }
    }
}

/// One past the last block of the section that a heading opens; the heading itself if it is none.
pub(crate) fn section_end(blocks: &Blocks, heading: usize) -> usize {
    let Some(BlockKind::Heading(level)) = blocks.blocks.get(heading).map(|block| block.kind) else {
        return heading;
    };
    let rest = blocks.blocks.iter().enumerate().skip(heading + 1);
    rest.into_iter()
        .find(|(_, block)| matches!(block.kind, BlockKind::Heading(other) if other <= level))
        .map_or(blocks.blocks.len(), |(at, _)| at)
}
