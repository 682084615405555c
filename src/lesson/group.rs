//! Units to lessons of a size a person can decide.
//!
//! Owns: what belongs together (children with their item, a code block with the sentence that
//! introduces it, a new topic document) and how many lessons one document may fall into.
//! Must not know: structure that several lessons share, or how lessons are written back.

use rustc_hash::{FxHashMap, FxHashSet};

use super::align::Bond;
use super::blocks::{BlockKind, Blocks};
use super::classes::Classes;
use super::cut::{Draft, Extra, Slot};
use super::pairs::DocPair;
use super::sections::{Section, SectionNames, section_end};

/// One document never falls into more lessons than this.
pub(crate) const MOST_PER_DOCUMENT: usize = 60;
/// All documents together stay below this, down to a few lessons for each document.
const MOST_IN_ALL: usize = 240;
const FEW_PER_DOCUMENT: usize = 6;
/// An item with more than this many new descendants is decided child by child.
const SUBTREE: usize = 12;
/// Bytes of running text that are still one lesson.
const PROSE: usize = 1200;
/// A document up to this size that states one fact (it has front matter) is one lesson.
const TOPIC_DOCUMENT: usize = 4000;
/// A document of running text up to this size is one lesson.
const SHORT_DOCUMENT: usize = 2000;
/// A section that goes as a whole is one lesson up to this many blocks.
const WHOLE_SECTION: usize = 40;
/// Blocks that moved together are one lesson up to this many.
const MOVED_TOGETHER: usize = 20;
/// A section is rewritten, not edited, from this many blocks that neither stay nor have a counterpart.
const REWRITTEN: usize = 8;

/// Joins units into classes; structural units are left alone.
pub(crate) fn group(draft: &Draft, structural: &FxHashSet<usize>) -> Classes {
    let mut classes = Classes::new(draft.units.len());
    for doc in 0..draft.pairs.len() {
        let mut grouping = Grouping { draft, structural, classes: &mut classes, doc };
        grouping.children();
        grouping.attachments();
        grouping.prose();
        grouping.whole_documents();
        grouping.whole_sections();
        grouping.moved_runs();
        grouping.spacing();
        grouping.rewritten_sections();
        classes.flatten();
    }
    let counts: Vec<usize> =
        (0..draft.pairs.len()).map(|doc| classes_in(draft, structural, &classes, doc).len()).collect();
    let total: usize = counts.iter().sum();
    for (doc, &count) in counts.iter().enumerate() {
        let fair = if total > MOST_IN_ALL { MOST_IN_ALL * count / total } else { MOST_PER_DOCUMENT };
        let limit = fair.clamp(FEW_PER_DOCUMENT, MOST_PER_DOCUMENT);
        if count > limit {
            pack(draft, structural, &mut classes, doc, limit);
            classes.flatten();
        }
    }
    classes
}

/// Whether a document that comes or goes is one lesson as a whole.
pub(crate) fn says_one_thing(pair: &DocPair) -> bool {
    let blocks = match (&pair.old, &pair.new) {
        (None, Some(_)) => &pair.after,
        (Some(_), None) => &pair.before,
        _ => return false,
    };
    let topic = blocks.blocks.first().is_some_and(|block| block.kind == BlockKind::FrontMatter);
    let listed = blocks.blocks.iter().filter(|block| matches!(block.kind, BlockKind::Item { .. })).count();
    (topic && blocks.text.len() <= TOPIC_DOCUMENT) || (listed < 2 && blocks.text.len() <= SHORT_DOCUMENT)
}

struct Grouping<'a> {
    draft: &'a Draft,
    structural: &'a FxHashSet<usize>,
    classes: &'a mut Classes,
    doc: usize,
}

impl Grouping<'_> {
    fn slots(&self) -> &[Slot] {
        self.draft.slots.get(self.doc).map_or(&[], Vec::as_slice)
    }

    /// Unit, side and block of a slot that may be grouped.
    fn free(&self, slot: Slot) -> Option<(usize, Side, usize)> {
        let unit = self.draft.unit_at(self.doc, slot).filter(|unit| !self.structural.contains(unit))?;
        match slot {
            Slot::Gone(block) => Some((unit, Side::Old, block)),
            Slot::Come(block) => Some((unit, Side::New, block)),
            Slot::Keep(..) => None,
        }
    }

    fn blocks(&self, side: Side) -> Option<&Blocks> {
        let pair = self.draft.pairs.get(self.doc)?;
        Some(if side == Side::Old { &pair.before } else { &pair.after })
    }

    fn kind(&self, side: Side, block: usize) -> Option<BlockKind> {
        Some(self.blocks(side)?.blocks.get(block)?.kind)
    }

    fn bond(&self, unit: usize) -> Option<Bond> {
        self.draft.units.get(unit).map(|unit| unit.bond)
    }

    fn loose_slot(&self, side: Side, block: usize) -> Option<usize> {
        self.free(if side == Side::Old { Slot::Gone(block) } else { Slot::Come(block) })
            .map(|(unit, ..)| unit)
    }

    /// Nested items and table rows that come or go with the block they hang below.
    fn children(&mut self) {
        for side in [Side::Old, Side::New] {
            let Some(blocks) = self.blocks(side) else { continue };
            let mut below: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
            for (block, info) in blocks.blocks.iter().enumerate() {
                // The outermost loose block above decides for the whole subtree.
                let mut top = None;
                let mut up = info.parent;
                while let Some(parent) = up {
                    if self
                        .loose_slot(side, parent)
                        .is_some_and(|unit| self.bond(unit) != Some(Bond::Revised))
                    {
                        top = Some(parent);
                    }
                    up = blocks.blocks.get(parent).and_then(|block| block.parent);
                }
                if let Some(top) = top
                    && self.loose_slot(side, block).is_some()
                {
                    below.entry(top).or_default().push(block);
                }
            }
            let joins: Vec<(usize, usize)> = below
                .into_iter()
                .filter(|(top, children)| {
                    children.len() <= SUBTREE || self.kind(side, *top) == Some(BlockKind::TableHead)
                })
                .flat_map(|(top, children)| children.into_iter().map(move |child| (top, child)))
                .filter_map(|(top, child)| Some((self.loose_slot(side, top)?, self.loose_slot(side, child)?)))
                .collect();
            for (top, child) in joins {
                self.classes.join(top, child);
            }
        }
    }

    /// Code, quotes and tables with the text that introduces them; the steps of a numbered list.
    fn attachments(&mut self) {
        for side in [Side::Old, Side::New] {
            let mut previous: Option<(usize, usize, BlockKind)> = None;
            let mut numbered = 0;
            for slot in self.slots().to_vec() {
                let Some((unit, slot_side, block)) = self.free(slot) else {
                    previous = None;
                    continue;
                };
                if slot_side != side {
                    continue;
                }
                let Some(kind) = self.kind(side, block) else { continue };
                if let Some((before, last, last_kind)) = previous
                    && last + 1 == block
                    && self.bond(unit) == Some(Bond::Plain)
                    && self.bond(before) == Some(Bond::Plain)
                {
                    let introduced =
                        matches!(kind, BlockKind::Code | BlockKind::Quote | BlockKind::TableHead)
                            && matches!(last_kind, BlockKind::Paragraph | BlockKind::Item { .. });
                    let next_step = matches!(kind, BlockKind::Item { ordered: true, .. })
                        && matches!(last_kind, BlockKind::Item { ordered: true, .. } | BlockKind::Paragraph)
                        && numbered < SUBTREE;
                    let leads_in = last_kind != BlockKind::Paragraph
                        || self
                            .blocks(side)
                            .is_some_and(|blocks| blocks.content(last).trim_end().ends_with(':'));
                    if introduced || (next_step && leads_in) {
                        self.classes.join(before, unit);
                        numbered += usize::from(next_step);
                    } else {
                        numbered = 0;
                    }
                }
                previous = Some((unit, block, kind));
            }
        }
    }

    /// Neighbouring paragraphs, or lines, that come or go together.
    fn prose(&mut self) {
        for side in [Side::Old, Side::New] {
            let mut run: Option<(usize, usize, usize)> = None;
            for slot in self.slots().to_vec() {
                let Some((unit, slot_side, block)) = self.free(slot) else {
                    run = None;
                    continue;
                };
                if slot_side != side {
                    continue;
                }
                let prose = matches!(self.kind(side, block), Some(BlockKind::Paragraph | BlockKind::Line))
                    && self.bond(unit) == Some(Bond::Plain);
                let length = self.blocks(side).map_or(0, |blocks| blocks.content(block).len());
                run = match run {
                    Some((before, last, bytes)) if prose && last + 1 == block && bytes + length <= PROSE => {
                        self.classes.join(before, unit);
                        Some((unit, block, bytes + length))
                    }
                    _ if prose => Some((unit, block, length)),
                    _ => None,
                };
            }
        }
    }

    /// A document that comes or goes and says one thing.
    fn whole_documents(&mut self) {
        if self.draft.pairs.get(self.doc).is_some_and(says_one_thing) {
            let plain = self.plain_units(|_| true);
            self.classes.join_all(&plain);
        }
    }

    fn plain_units(&self, wanted: impl Fn(Slot) -> bool) -> Vec<usize> {
        self.slots()
            .iter()
            .filter(|&&slot| wanted(slot))
            .filter_map(|&slot| self.free(slot))
            .map(|(unit, ..)| unit)
            .filter(|&unit| self.bond(unit) == Some(Bond::Plain))
            .collect()
    }

    /// A section whose heading goes with everything in it.
    fn whole_sections(&mut self) {
        let Some(pair) = self.draft.pairs.get(self.doc) else { return };
        let before = &pair.before;
        let mut heading = 0;
        while heading < before.blocks.len() {
            let end = section_end(before, heading);
            let gone = |block: usize| self.draft.unit_of_gone.get(&super::align::At { doc: self.doc, block });
            let whole = end > heading
                && end - heading <= WHOLE_SECTION
                && (heading..end)
                    .all(|block| gone(block).is_some_and(|&unit| self.bond(unit) == Some(Bond::Plain)));
            if whole {
                let inside = self
                    .plain_units(|slot| matches!(slot, Slot::Gone(block) if (heading..end).contains(&block)));
                self.classes.join_all(&inside);
                heading = end;
            } else {
                heading += 1;
            }
        }
    }

    /// Blocks that stood together and stand together elsewhere.
    fn moved_runs(&mut self) {
        let mut run: Option<(usize, usize, super::align::At, usize)> = None;
        for slot in self.slots().to_vec() {
            let Slot::Gone(block) = slot else { continue };
            let moved = self
                .free(slot)
                .map(|(unit, ..)| unit)
                .filter(|&unit| self.bond(unit) == Some(Bond::Moved))
                .and_then(|unit| Some((unit, *self.draft.units.get(unit)?.come.first()?)));
            run = match (run, moved) {
                (Some((before, last, to, count)), Some((unit, target)))
                    if last + 1 == block
                        && target.doc == to.doc
                        && target.block == to.block + 1
                        && count < MOVED_TOGETHER =>
                {
                    self.classes.join(before, unit);
                    Some((unit, block, target, count + 1))
                }
                (_, Some((unit, target))) => Some((unit, block, target, 1)),
                _ => None,
            };
        }
    }

    /// All changes of spacing in one document.
    fn spacing(&mut self) {
        let mut cosmetic: Vec<usize> = self
            .slots()
            .iter()
            .filter_map(|&slot| self.free(slot))
            .map(|(unit, ..)| unit)
            .filter(|&unit| self.bond(unit) == Some(Bond::Cosmetic))
            .collect();
        cosmetic.extend(
            self.draft
                .extras
                .iter()
                .filter(|(_, extra)| **extra == Extra::Spacing(self.doc))
                .map(|(&unit, _)| unit),
        );
        self.classes.join_all(&cosmetic);
    }

    /// Sections in which hardly anything stays and nothing has a counterpart: one lesson each.
    fn rewritten_sections(&mut self) {
        let Some(pair) = self.draft.pairs.get(self.doc) else { return };
        let mut sections: std::collections::BTreeMap<Section, Vec<(Slot, Option<usize>)>> =
            std::collections::BTreeMap::new();
        let names = SectionNames::new(self.draft, self.doc);
        for &slot in self.slots() {
            let plain =
                self.free(slot).map(|(unit, ..)| unit).filter(|&unit| self.bond(unit) == Some(Bond::Plain));
            sections.entry(names.of(pair, slot)).or_default().push((slot, plain));
        }
        let all: usize = self.slots().len();
        let loose = self.plain_units(|_| true).len();
        let everywhere = loose > REWRITTEN && loose * 5 > all * 4;
        for members in sections.into_values() {
            let plain: Vec<usize> = members.iter().filter_map(|&(_, unit)| unit).collect();
            let gone =
                members.iter().filter(|(slot, unit)| unit.is_some() && matches!(slot, Slot::Gone(_))).count();
            let come = plain.len() - gone;
            let both = gone >= 2 && come >= 2;
            let rewritten = plain.len() >= REWRITTEN && both && plain.len() * 4 > members.len() * 3;
            if rewritten || (everywhere && pair.old.is_some() && pair.new.is_some()) {
                for part in plain.chunks(WHOLE_SECTION) {
                    self.classes.join_all(part);
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Side {
    Old,
    New,
}

/// Classes with a step in a document, in order of their first step; spacing stays by itself.
fn classes_in(
    draft: &Draft,
    structural: &FxHashSet<usize>,
    classes: &Classes,
    doc: usize,
) -> Vec<(usize, Slot)> {
    let mut seen = FxHashSet::default();
    let slots = draft.slots.get(doc).map_or(&[][..], Vec::as_slice);
    slots
        .iter()
        .filter_map(|&slot| Some((draft.unit_at(doc, slot).filter(|unit| !structural.contains(unit))?, slot)))
        .filter(|&(unit, _)| draft.units.get(unit).is_some_and(|unit| unit.bond != Bond::Cosmetic))
        .map(|(unit, slot)| (classes.of(unit), slot))
        .filter(|(class, _)| seen.insert(*class))
        .collect()
}

/// Joins neighbouring classes of one document until no more than `limit` are left, preferring to
/// part them where a section ends.
fn pack(draft: &Draft, structural: &FxHashSet<usize>, classes: &mut Classes, doc: usize, limit: usize) {
    let Some(pair) = draft.pairs.get(doc) else { return };
    let names = SectionNames::new(draft, doc);
    let members = classes_in(draft, structural, classes, doc);
    let size = members.len().div_ceil(limit.max(1));
    // Parting early at sections makes more lessons than `limit`; twice the size at most makes fewer.
    let (least, most) = (size, size * 2);
    let mut pack: Vec<usize> = Vec::new();
    let mut section = None;
    for (class, slot) in members {
        let here = names.of(pair, slot);
        let ends = section.is_some_and(|section| section != here);
        if (ends && pack.len() >= least) || pack.len() >= most {
            classes.join_all(&pack);
            pack.clear();
        }
        pack.push(class);
        section = Some(here);
    }
    classes.join_all(&pack);
}
