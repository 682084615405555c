//! Where new text goes among what somebody else wrote at the same place meanwhile.
//!
//! Owns: how far the list or section reaches that the new text belongs to. Must not know: whether the text
//! fits, or whose it is.
//!
//! A note that is added at the end of a list belongs to that list, even if a new section stands behind it
//! by now. Written behind that section it would be read as part of it.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::blocks::{BlockKind, Blocks};
use super::script::{DocScript, Step};

/// The lists and sections of a script and of the document as it is now.
pub(crate) struct Scopes<'a> {
    document: &'a DocScript,
    blocks: &'a Blocks,
    /// Current block of each step that was found.
    block_of: &'a BTreeMap<usize, usize>,
    /// Step that brings or keeps each block of the proposal.
    step_of: FxHashMap<usize, usize>,
}

impl<'a> Scopes<'a> {
    pub fn new(document: &'a DocScript, blocks: &'a Blocks, block_of: &'a BTreeMap<usize, usize>) -> Self {
        let steps = document.steps.iter().enumerate();
        let step_of = steps.filter_map(|(at, step)| Some((step.new?, at))).collect();
        Self { document, blocks, block_of, step_of }
    }

    /// For each step of a gap that inserts: how many of the blocks that somebody wrote there come before it.
    /// The order of the steps holds whatever they belong to.
    pub fn places(&self, gap: &Range<usize>, foreign: &[usize]) -> BTreeMap<usize, usize> {
        let mut places: BTreeMap<usize, usize> = BTreeMap::new();
        let mut least = 0;
        for at in gap.clone() {
            let Some(step) = self.document.steps.get(at).filter(|step| step.inserts()) else { continue };
            let inside = self.parent(step).and_then(|parent| places.get(&parent)).copied();
            let place = inside.unwrap_or_else(|| self.reach(step, gap, foreign)).max(least);
            places.insert(at, place);
            least = place;
        }
        places
    }

    /// How many of the foreign blocks still belong to what a step belongs to.
    fn reach(&self, step: &Step, gap: &Range<usize>, foreign: &[usize]) -> usize {
        // Without a block before it that was found, a step keeps to what follows it.
        let follows = gap.start.checked_sub(1).is_some_and(|before| self.block_of.contains_key(&before));
        if !follows || matches!(step.kind, BlockKind::Heading(_)) || self.goes_on(step, gap.end) {
            return foreign.len();
        }
        foreign.iter().position(|&block| self.leaves(step, block)).unwrap_or(foreign.len())
    }

    /// Whether what follows the gap belongs to the same list or section: then the gap lies inside it.
    fn goes_on(&self, step: &Step, next: usize) -> bool {
        let Some(next) = self.document.steps.get(next).filter(|next| next.new.is_some()) else {
            return false;
        };
        let list = |step: &Step| matches!(step.kind, BlockKind::Item { .. });
        !matches!(next.kind, BlockKind::Heading(_))
            && self.parent(next) == self.parent(step)
            && self.section(next) == self.section(step)
            && (list(next) || !list(step))
    }

    /// Whether a block of somebody else ends the list or the section that a step belongs to.
    fn leaves(&self, step: &Step, block: usize) -> bool {
        let Some(theirs) = self.blocks.blocks.get(block) else { return false };
        if matches!(theirs.kind, BlockKind::Heading(_)) {
            return true;
        }
        match self.parent(step) {
            Some(parent) => {
                let above = self.block_of.get(&parent);
                above.is_some_and(|above| self.blocks.ancestors(block).all(|ancestor| ancestor != *above))
            }
            None => {
                let item = |kind: &BlockKind| matches!(kind, BlockKind::Item { .. });
                item(&step.kind) && !item(&theirs.kind) && theirs.parent.is_none()
            }
        }
    }

    /// The step of the item that a step's block hangs below.
    fn parent(&self, step: &Step) -> Option<usize> {
        let parent = self.document.after.blocks.get(step.new?)?.parent?;
        self.step_of.get(&parent).copied()
    }

    fn section(&self, step: &Step) -> Option<usize> {
        self.document.after.blocks.get(step.new?)?.section
    }
}
