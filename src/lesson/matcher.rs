//! Finding the steps of a script among the blocks a document has now.
//!
//! Owns: which current block is which expected one, also where somebody edited it or the text parses
//! differently in its new company. Must not know: other documents, or what becomes of a lesson.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::blocks::{BlockKind, Blocks};
use super::likeness::{Words, exact_hash};
use super::merge3;
use super::pairs::common;
use super::scope::Scopes;
use super::script::{DocScript, Piece, Rule, Step};
use super::tally::{Tally, at, note};

/// Likeness, in percent, from which a block is an expected one that somebody edited.
const EDITED: u32 = 50;

/// Finds the steps of a script among the blocks a document has now.
pub(crate) struct Matcher<'a> {
    document: &'a DocScript,
    blocks: &'a Blocks,
    /// Current block of each step.
    block_of: BTreeMap<usize, usize>,
    /// Step of each current block.
    step_of: BTreeMap<usize, usize>,
    path: String,
}

impl<'a> Matcher<'a> {
    pub fn new(document: &'a DocScript, blocks: &'a Blocks) -> Self {
        let path =
            document.new.as_ref().or(document.old.as_ref()).map(ToString::to_string).unwrap_or_default();
        let mut matcher =
            Self { document, blocks, block_of: BTreeMap::new(), step_of: BTreeMap::new(), path };
        // What was there at the start of the dream comes first: a block that is also proposed
        // elsewhere must not be taken for the proposal.
        let old: Vec<usize> = matcher.steps_where(|step| step.old.is_some());
        let all: Vec<usize> = (0..blocks.blocks.len()).collect();
        matcher.join(&old, &all);
        for (steps, free) in matcher.gaps() {
            let new: Vec<usize> =
                steps.filter(|&step| document.steps.get(step).is_some_and(Step::inserts)).collect();
            matcher.join(&new, &free.collect::<Vec<_>>());
        }
        matcher
    }

    fn steps_where(&self, wanted: impl Fn(&Step) -> bool) -> Vec<usize> {
        let steps = self.document.steps.iter().enumerate();
        steps.filter(|(_, step)| wanted(step)).map(|(at, _)| at).collect()
    }

    fn join(&mut self, steps: &[usize], blocks: &[usize]) {
        let step_hashes: Vec<u64> = steps
            .iter()
            .filter_map(|&step| self.document.steps.get(step))
            .map(|step| exact_hash(step.content.as_str()))
            .collect();
        let block_hashes: Vec<u64> =
            blocks.iter().map(|&block| exact_hash(self.blocks.content(block))).collect();
        for (i, j) in common(&step_hashes, &block_hashes) {
            let (Some(&step), Some(&block)) = (steps.get(i), blocks.get(j)) else { continue };
            let text = self.document.steps.get(step).map(|step| step.content.as_str());
            if text == Some(self.blocks.content(block)) {
                self.block_of.insert(step, block);
                self.step_of.insert(block, step);
            }
        }
    }

    /// The current text cut so that expected blocks are found whole, or `None` if they are.
    ///
    /// Where a Markdown block begins depends on what stands before it: an indented item is an item
    /// below a list and code below a heading. Text that some lesson brought or left therefore parses
    /// differently in another company; here its own words say where it begins and ends.
    pub fn recut(&self) -> Option<Blocks> {
        let mut expected: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
        let missing =
            self.document.steps.iter().enumerate().filter(|(at, _)| !self.block_of.contains_key(at));
        for (_, step) in missing {
            let first = step.content.as_str().split('\n').next().unwrap_or("");
            expected.entry(first.trim_end_matches('\r')).or_default().push(step);
        }
        let text = &*self.blocks.text;
        let mut cuts: Vec<(usize, BlockKind)> = Vec::with_capacity(self.blocks.blocks.len());
        let mut found_any = false;
        let mut resume = 0;
        // A block that was found as it is may not be cut through.
        let found: Vec<usize> = self
            .step_of
            .keys()
            .filter_map(|&block| Some(self.blocks.blocks.get(block)?.range.start))
            .collect();
        for (block, info) in self.blocks.blocks.iter().enumerate() {
            let limit = self.blocks.blocks.get(block + 1).map_or(text.len(), |next| next.range.start);
            if self.step_of.contains_key(&block) {
                cuts.push((info.range.start, info.kind));
                continue;
            }
            let mut kind = (info.range.start >= resume).then_some(info.kind);
            let mut line = info.range.start.max(resume);
            while line < limit {
                let rest = text.get(line..).unwrap_or("");
                let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
                let words = rest.get(..length).unwrap_or("").trim_end_matches(['\n', '\r']);
                let whole = expected.get(words).and_then(|steps| {
                    let next = found.get(found.partition_point(|&start| start < line));
                    longest(steps, next.and_then(|&next| text.get(line..next)).unwrap_or(rest))
                });
                if let Some((bytes, found)) = whole {
                    found_any = true;
                    cuts.push((line, found));
                    line += bytes;
                    line +=
                        text.get(line..).and_then(|rest| rest.find('\n')).map_or(0, |newline| newline + 1);
                    resume = line;
                    kind = Some(BlockKind::Paragraph);
                    continue;
                }
                if let Some(begins) = kind.take_if(|_| !words.trim().is_empty()) {
                    cuts.push((line, begins));
                }
                line += length.max(1);
            }
        }
        found_any.then(|| self.blocks.recut(cuts))
    }

    /// Stretches between matched places: the unmatched steps and the unmatched blocks of each.
    fn gaps(&self) -> Vec<(Range<usize>, Range<usize>)> {
        let mut gaps = Vec::with_capacity(self.block_of.len() + 1);
        let (mut step_at, mut block_at) = (0, 0);
        for (&step, &block) in &self.block_of {
            gaps.push((step_at..step, block_at..block));
            (step_at, block_at) = (step + 1, block + 1);
        }
        gaps.push((step_at..self.document.steps.len(), block_at..self.blocks.blocks.len()));
        gaps
    }

    /// The new script; what was found of each lesson goes into its tally.
    pub fn steps(&self, tallies: &mut [Tally]) -> Vec<Step> {
        let mut steps = Vec::with_capacity(self.document.steps.len() + 8);
        let mut next = 0;
        let scopes = Scopes::new(self.document, self.blocks, &self.block_of);
        for (mut gap, foreign) in self.gaps() {
            // What takes the place of the block before comes right after it: what somebody wrote below that
            // block stands below its successor.
            while let Some(step) = self.succeeds(gap.start).filter(|_| !gap.is_empty()) {
                note(tallies, step.owner, |tally| tally.still_to_insert += 1);
                steps.push(step.clone());
                gap.start += 1;
            }
            self.gap(&gap, foreign, &scopes, &mut steps, tallies);
            next = gap.end;
            if let (Some(step), Some(&block)) = (self.document.steps.get(next), self.block_of.get(&next)) {
                steps.push(Self::matched(step, block, tallies));
            }
        }
        debug_assert!(next <= self.document.steps.len());
        self.check_sections(&steps, tallies);
        self.check_parents(&steps, tallies);
        self.check_ground(&steps, tallies);
        keep_used_structure(&mut steps);
        steps
    }

    /// The step, if it brings what comes in place of the block that the step before takes away.
    fn succeeds(&self, at_step: usize) -> Option<&'a Step> {
        let step = self.document.steps.get(at_step).filter(|step| step.inserts())?;
        let before = at_step.checked_sub(1)?;
        let replaced = self.document.steps.get(before).filter(|_| self.block_of.contains_key(&before))?;
        (replaced.deletes() && replaced.owner.is_some() && replaced.owner == step.owner).then_some(step)
    }

    fn matched(step: &Step, block: usize, tallies: &mut [Tally]) -> Step {
        if step.inserts() {
            // Already in the memory: from now on a block that simply stays.
            return Step { old: Some(block), rule: Rule::Never, owner: None, ..step.clone() };
        }
        if let Some(tally) = at(tallies, step.owner) {
            tally.still_to_delete += 1;
        }
        Step { old: Some(block), ..step.clone() }
    }

    fn gap(
        &self,
        gap: &Range<usize>,
        foreign: Range<usize>,
        scopes: &Scopes<'_>,
        steps: &mut Vec<Step>,
        tallies: &mut [Tally],
    ) {
        let places = scopes.places(gap, &foreign.clone().collect::<Vec<_>>());
        let mut others: BTreeMap<usize, Step> =
            foreign.map(|block| (block, stays(self.blocks, block))).collect();
        let mut merged: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for at_step in gap.clone() {
            let Some(step) = self.document.steps.get(at_step).filter(|step| step.deletes()) else { continue };
            if is_index_line(step) && self.edited(step, &others, &merged).is_some() {
                for &lesson in step.rule.lessons() {
                    let why =
                        format!("somebody changed the line that points to it in {} meanwhile", self.path);
                    note(tallies, Some(lesson), |tally| tally.collide(why));
                }
            }
            let Some(tally) = at(tallies, step.owner) else { continue };
            let Some(block) = self.edited(step, &others, &merged) else {
                tally.already_deleted += 1;
                continue;
            };
            let partner =
                self.document.steps.get(at_step + 1).filter(|next| {
                    gap.contains(&(at_step + 1)) && next.inserts() && next.owner == step.owner
                });
            let text = partner.and_then(|next| {
                merge3::merge(step.content.as_str(), next.content.as_str(), self.blocks.content(block))
            });
            if let (Some(text), Some(other)) = (text, others.get_mut(&block)) {
                tally.still_to_delete += 1;
                tally.merged = true;
                other.rule = step.rule.clone();
                other.owner = step.owner;
                merged.insert(block, (at_step + 1, text));
            } else {
                tally.collide(format!("somebody changed this text in {} meanwhile", self.path));
            }
        }
        let done = |at: usize| merged.values().any(|(step, _)| *step == at);
        let mut coming = places.into_iter().filter(|(at, _)| !done(*at)).peekable();
        let bring = |at: usize, steps: &mut Vec<Step>, tallies: &mut [Tally]| {
            if let Some(step) = self.document.steps.get(at) {
                note(tallies, step.owner, |tally| tally.still_to_insert += 1);
                steps.push(step.clone());
            }
        };
        for (passed, (block, step)) in others.into_iter().enumerate() {
            while let Some((at, _)) = coming.next_if(|(_, place)| *place <= passed) {
                bring(at, steps, tallies);
            }
            steps.push(step);
            if let Some((at_step, text)) = merged.get(&block)
                && let Some(step) = self.document.steps.get(*at_step)
            {
                note(tallies, step.owner, |tally| tally.still_to_insert += 1);
                steps.push(Step { content: Piece::owned(text), ..step.clone() });
            }
        }
        coming.for_each(|(at, _)| bring(at, steps, tallies));
    }

    /// The block here that is an edited form of what a step would delete.
    fn edited(
        &self,
        step: &Step,
        others: &BTreeMap<usize, Step>,
        taken: &BTreeMap<usize, (usize, String)>,
    ) -> Option<usize> {
        let words = Words::of(step.content.as_str());
        others
            .keys()
            .filter(|block| !taken.contains_key(block))
            .map(|&block| (words.likeness(&Words::of(self.blocks.content(block))), block))
            .filter(|&(likeness, _)| likeness >= EDITED)
            .max_by_key(|&(likeness, block)| (likeness, std::cmp::Reverse(block)))
            .map(|(_, block)| block)
    }

    /// An item must not go from above what somebody wrote below it: that would end up below another one.
    fn check_parents(&self, steps: &[Step], tallies: &mut [Tally]) {
        let foreign: FxHashSet<usize> =
            steps.iter().filter(|step| step.is_foreign()).filter_map(|step| step.old).collect();
        let above: FxHashSet<usize> =
            foreign.iter().flat_map(|&block| self.blocks.ancestors(block)).collect();
        for (here, step) in steps.iter().enumerate().filter(|(_, step)| step.deletes()) {
            let next = steps.get(here + 1);
            let succeeded = next.is_some_and(|next| next.inserts() && next.owner == step.owner);
            if !succeeded && step.old.is_some_and(|block| above.contains(&block)) {
                for &lesson in step.rule.lessons() {
                    let why = format!("somebody wrote something below this text in {} meanwhile", self.path);
                    note(tallies, Some(lesson), |tally| tally.collide(why));
                }
            }
        }
    }

    /// Text must not be put into a document of which nothing is left but its path and its headings: whoever
    /// accepted it saw it among other words.
    fn check_ground(&self, steps: &[Step], tallies: &mut [Tally]) {
        let says = |kind: BlockKind| {
            !matches!(kind, BlockKind::FrontMatter | BlockKind::Heading(_) | BlockKind::Rule)
        };
        let stood = self
            .steps_where(|step| step.old.is_some() && says(step.kind) && !step.content.as_str().is_empty());
        let new = |step: &&Step| step.is_foreign() && says(step.kind);
        if stood.is_empty()
            || stood.iter().any(|step| self.block_of.contains_key(step))
            // Emptied is not replaced: there are no other words among which it would stand.
            || !steps.iter().any(|step| new(&step))
        {
            return;
        }
        let words = |step: &Step| Words::of(step.content.as_str());
        let before: Vec<Words> =
            stood.iter().filter_map(|&step| self.document.steps.get(step)).map(words).collect();
        let now = self.blocks.blocks.iter().enumerate().filter(|(_, block)| says(block.kind));
        let still = now
            .map(|(block, _)| Words::of(self.blocks.content(block)))
            .any(|now| before.iter().any(|before| before.likeness(&now) >= EDITED));
        if still {
            return;
        }
        for step in steps.iter().filter(|step| step.inserts()) {
            let why = format!("all that {} said was replaced meanwhile", self.path);
            note(tallies, step.owner, |tally| tally.collide(why));
        }
    }

    /// Text must not be put under a heading that is gone: it would end up under another one.
    fn check_sections(&self, steps: &[Step], tallies: &mut [Tally]) {
        let present: FxHashSet<usize> = steps.iter().filter_map(|step| step.new).collect();
        let foreign_heading =
            steps.iter().any(|step| step.is_foreign() && matches!(step.kind, BlockKind::Heading(_)));
        for step in steps.iter().filter(|step| step.inserts()) {
            let section = step.new.and_then(|new| self.document.after.blocks.get(new)?.section);
            if let Some(section) = section.filter(|section| !present.contains(section) && !foreign_heading)
                && let Some(tally) = at(tallies, step.owner)
            {
                let heading = self.document.after.content(section).trim_start_matches(['#', ' ']);
                tally.collide(format!("the section “{heading}” of {} is gone", self.path));
            }
        }
    }
}

/// The longest of some steps that stands at the start of a text and ends with a line.
fn longest(steps: &[&Step], text: &str) -> Option<(usize, BlockKind)> {
    let stands = |step: &&&Step| {
        let rest = text.strip_prefix(step.content.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
    };
    let best = steps.iter().filter(stands).max_by_key(|step| step.content.as_str().len())?;
    Some((best.content.as_str().len(), best.kind))
}

/// Structure that points to a document: it may not be left behind pointing nowhere.
fn is_index_line(step: &Step) -> bool {
    let structure = step.owner.is_none() && step.deletes();
    structure && !matches!(step.kind, BlockKind::Heading(_) | BlockKind::FrontMatter | BlockKind::Rule)
}

/// A block somebody else wrote.
fn stays(blocks: &Blocks, block: usize) -> Step {
    let kind = blocks.blocks.get(block).map_or(BlockKind::Line, |block| block.kind);
    Step {
        content: Piece::of_block(blocks, block),
        kind,
        old: Some(block),
        new: None,
        rule: Rule::Never,
        owner: None,
    }
}

/// Headings and front matter that would go with the last lesson stay where somebody wrote new text
/// below them meanwhile.
fn keep_used_structure(steps: &mut [Step]) {
    let keeps: Vec<usize> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.deletes() && step.owner.is_none())
        .filter(|&(here, step)| {
            let level = match step.kind {
                BlockKind::Heading(level) => level,
                BlockKind::FrontMatter => return steps.iter().any(Step::is_foreign),
                // An index line goes with what it points to, whatever stands around it.
                _ => return false,
            };
            steps
                .iter()
                .skip(here + 1)
                .take_while(|next| !matches!(next.kind, BlockKind::Heading(other) if other <= level))
                .any(Step::is_foreign)
        })
        .map(|(here, _)| here)
        .collect();
    for here in keeps {
        if let Some(step) = steps.get_mut(here) {
            step.rule = Rule::Never;
        }
    }
}
