//! Two snapshots to lessons.
//!
//! Owns: the course of a cut, and what a lesson is to the outside. Must not know: evidence, engines.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::align::{Aligned, At, Bond, Unit, units};
use super::blocks::BlockKind;
use super::classes::Classes;
use super::describe;
use super::group::group;
use super::pairs::{DocPair, pair_documents, unchanged_documents};
use super::script::{DocScript, Piece, Rule, Script, Step};
use super::structure;
use crate::domain::lesson::{DocumentChange, Kind};
use crate::domain::memory::{DocPath, Snapshot};

/// The difference between two snapshots as single lessons.
#[derive(Debug, Clone)]
pub struct Cutting {
    /// The lessons, in document order. A lesson is named by its index here.
    pub lessons: Vec<CutLesson>,
    pub(crate) base: Snapshot,
    pub(crate) script: Script,
}

impl Cutting {
    /// The snapshot that accepting nothing gives.
    #[must_use]
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// The document that has the main text of a lesson: what an edit replaces.
    #[must_use]
    pub fn main_document(&self, lesson: usize) -> Option<&DocPath> {
        let main = self.script.documents.iter().find(|document| document.main_of.contains(&lesson))?;
        main.new.as_ref().or(main.old.as_ref())
    }

    /// The note that stays where a lesson takes one away that says the same: where it stands in a memory, with
    /// its line, and its text.
    #[must_use]
    pub fn twin_of<'a>(
        &'a self,
        lesson: usize,
        memory: &'a Snapshot,
    ) -> Option<(&'a DocPath, usize, &'a str)> {
        let twins = self.script.twins.iter().filter(|(of, _)| *of == lesson);
        twins.map(|(_, twin)| twin).find_map(|twin| {
            let (path, before) = memory.iter().find_map(|(path, text)| {
                let before = text.get(..twin.place_in(text)?)?;
                Some((path, before))
            })?;
            Some((path, before.matches('\n').count() + 1, twin.as_str()))
        })
    }
}

/// The smallest change that can be accepted or rejected by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CutLesson {
    /// Stable identity: 64 hex digits over the documents and texts that go and come.
    pub key: String,
    /// What it does.
    pub kind: Kind,
    /// One line that says what changes, made from the texts themselves. Untrusted text.
    pub statement: String,
    /// Documents it touches.
    pub documents: Vec<DocumentChange>,
    /// Estimated tokens it adds, negative if it saves.
    pub tokens: i64,
    /// Only spacing, markers or line ends change.
    pub cosmetic: bool,
    /// The text that would come in its main document; a reviewer's edit replaces it.
    pub inserted: String,
    /// The text that would go, from all its documents.
    pub removed: String,
    /// What would come beside [`CutLesson::inserted`], edited or not: its text in other documents, and structure
    /// that waits for it, such as a heading or a line of an index.
    pub beside: String,
}

/// One place in the order of a document's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Keep(usize, usize),
    Gone(usize),
    Come(usize),
}

/// What a unit stands for besides blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extra {
    /// The document's path changes.
    Rename(usize),
    /// A document without any block comes to exist.
    Create(usize),
    /// A document without any block goes.
    Delete(usize),
    /// Blank lines or line ends change between blocks that stay.
    Spacing(usize),
}

/// Everything the grouping passes look at.
pub(crate) struct Draft {
    pub pairs: Vec<DocPair>,
    pub units: Vec<Unit>,
    /// Units that go because a block that stays says the same, each with that block.
    pub twins: Vec<(usize, Piece)>,
    pub extras: FxHashMap<usize, Extra>,
    /// Steps of each document in order.
    pub slots: Vec<Vec<Slot>>,
    /// Unit of each loose block, by document and block, for either side.
    pub unit_of_gone: FxHashMap<At, usize>,
    pub unit_of_come: FxHashMap<At, usize>,
}

impl Draft {
    /// The unit a slot belongs to; kept blocks have none.
    pub fn unit_at(&self, doc: usize, slot: Slot) -> Option<usize> {
        match slot {
            Slot::Keep(..) => None,
            Slot::Gone(block) => self.unit_of_gone.get(&At { doc, block }).copied(),
            Slot::Come(block) => self.unit_of_come.get(&At { doc, block }).copied(),
        }
    }
}

/// Cuts the change from `base` to `proposed` into lessons.
///
/// The same two snapshots give the same lessons in the same order on every machine.
#[must_use]
pub fn cut(base: &Snapshot, proposed: &Snapshot) -> Cutting {
    let draft = draft(base, proposed);
    let structural = structure::candidates(&draft);
    let class_of = group(&draft, &structural);
    let rules = structure::resolve(&draft, &structural, &class_of);
    let twins = draft.twins.iter();
    let twins = twins.filter_map(|(unit, twin)| Some((rules.lesson_of(*unit)?, twin.clone()))).collect();
    scripted(&draft, &rules, base, twins)
}

/// The whole change as one lesson: what a person wrote in one go is one thing, to be written and taken back
/// together. No note waits for another that says the same: who took it away saw both.
#[must_use]
pub fn cut_whole(base: &Snapshot, proposed: &Snapshot) -> Cutting {
    let draft = draft(base, proposed);
    let mut classes = Classes::new(draft.units.len());
    classes.join_all(&(0..draft.units.len()).collect::<Vec<_>>());
    classes.flatten();
    let rules = structure::resolve(&draft, &FxHashSet::default(), &classes);
    scripted(&draft, &rules, base, Vec::new())
}

fn scripted(draft: &Draft, rules: &structure::Rules, base: &Snapshot, twins: Vec<(usize, Piece)>) -> Cutting {
    let documents = (0..draft.pairs.len()).map(|doc| document(draft, rules, doc)).collect();
    let mut script = Script { documents, twins };
    let lessons = describe::lessons(draft, rules, &mut script);
    Cutting { lessons, base: base.clone(), script }
}

fn draft(base: &Snapshot, proposed: &Snapshot) -> Draft {
    let pairs = pair_documents(base, proposed);
    let Aligned { mut units, twins } = units(&pairs, &|| unchanged_documents(base, proposed));
    let mut extras = FxHashMap::default();
    let mut add = |units: &mut Vec<Unit>, bond, extra| {
        extras.insert(units.len(), extra);
        units.push(Unit { bond, gone: Vec::new(), come: Vec::new() });
    };
    for (doc, pair) in pairs.iter().enumerate() {
        match (&pair.old, &pair.new) {
            (Some(old), Some(new)) if old != new => add(&mut units, Bond::Moved, Extra::Rename(doc)),
            (None, _) if pair.after.blocks.is_empty() => add(&mut units, Bond::Plain, Extra::Create(doc)),
            (_, None) if pair.before.blocks.is_empty() => add(&mut units, Bond::Plain, Extra::Delete(doc)),
            _ => {}
        }
        if pair.old.is_some() && pair.new.is_some() && spacing_differs(pair) {
            add(&mut units, Bond::Cosmetic, Extra::Spacing(doc));
        }
    }
    let mut unit_of_gone = FxHashMap::default();
    let mut unit_of_come = FxHashMap::default();
    for (at, unit) in units.iter().enumerate() {
        unit_of_gone.extend(unit.gone.iter().map(|&place| (place, at)));
        unit_of_come.extend(unit.come.iter().map(|&place| (place, at)));
    }
    let anchors = anchors(&pairs, &units);
    let slots = pairs.iter().zip(&anchors).map(|(pair, anchors)| slots(pair, anchors)).collect();
    Draft { pairs, units, twins, extras, slots, unit_of_gone, unit_of_come }
}

/// Whether what stands between two blocks that are neighbours on both sides differs.
fn spacing_differs(pair: &DocPair) -> bool {
    let end = (pair.before.blocks.len(), pair.after.blocks.len());
    // The start counts as a block before the first, the end as one after the last.
    let stops =
        pair.kept.iter().map(|&(old, new)| (old + 1, new + 1)).chain(std::iter::once((end.0 + 1, end.1 + 1)));
    let mut previous = (0, 0);
    for (old, new) in stops {
        if old == previous.0 + 1
            && new == previous.1 + 1
            && pair.before.glue_before(previous.0) != pair.after.glue_before(previous.1)
        {
            return true;
        }
        previous = (old, new);
    }
    false
}

/// Pairs of changed blocks that stand in order on both sides, by document: their steps are put next
/// to each other.
fn anchors(pairs: &[DocPair], units: &[Unit]) -> Vec<Vec<(usize, usize)>> {
    let mut anchors = vec![Vec::new(); pairs.len()];
    for unit in units {
        if let (Bond::Revised | Bond::Cosmetic, [old], [new]) =
            (unit.bond, unit.gone.as_slice(), unit.come.as_slice())
            && old.doc == new.doc
            && let Some(list) = anchors.get_mut(old.doc)
        {
            list.push((old.block, new.block));
        }
    }
    for list in &mut anchors {
        list.sort_unstable();
    }
    anchors
}

/// Above this many blocks on both sides of one stretch, what goes and what comes is interleaved, so
/// that lessons made of neighbouring steps hold both.
const INTERLEAVE: usize = 24;

fn slots(pair: &DocPair, anchors: &[(usize, usize)]) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(pair.before.blocks.len() + pair.after.blocks.len());
    let (mut old, mut new) = (0, 0);
    let mut anchors = anchors.iter().copied().peekable();
    let end = std::iter::once((pair.before.blocks.len(), pair.after.blocks.len()));
    for (kept_old, kept_new) in pair.kept.iter().copied().chain(end) {
        while let Some((anchor_old, anchor_new)) = anchors.next_if(|&(anchor_old, _)| anchor_old < kept_old) {
            if anchor_old >= old && anchor_new >= new && anchor_new < kept_new {
                run(&mut slots, old..anchor_old, new..anchor_new);
                slots.push(Slot::Gone(anchor_old));
                slots.push(Slot::Come(anchor_new));
                (old, new) = (anchor_old + 1, anchor_new + 1);
            }
        }
        run(&mut slots, old..kept_old, new..kept_new);
        if kept_old < pair.before.blocks.len() || kept_new < pair.after.blocks.len() {
            slots.push(Slot::Keep(kept_old, kept_new));
        }
        (old, new) = (kept_old + 1, kept_new + 1);
    }
    slots
}

fn run(slots: &mut Vec<Slot>, gone: std::ops::Range<usize>, come: std::ops::Range<usize>) {
    let slices = (gone.len().min(come.len()) / INTERLEAVE).max(1);
    for slice in 0..slices {
        let part = |range: &std::ops::Range<usize>| {
            let at = |slice: usize| range.start + range.len() * slice / slices;
            at(slice)..at(slice + 1)
        };
        slots.extend(part(&gone).map(Slot::Gone));
        slots.extend(part(&come).map(Slot::Come));
    }
}

fn document(draft: &Draft, rules: &structure::Rules, doc: usize) -> DocScript {
    let absent = || DocScript {
        old: None,
        new: None,
        before: super::blocks::Blocks::absent(),
        after: super::blocks::Blocks::absent(),
        steps: Vec::new(),
        cosmetic: None,
        rename: None,
        create: Rule::Never,
        delete: Rule::Never,
        main_of: BTreeSet::new(),
    };
    let (Some(pair), Some(slots)) = (draft.pairs.get(doc), draft.slots.get(doc)) else { return absent() };
    let steps: Vec<Step> = slots
        .iter()
        .map(|&slot| {
            let (side, block, old, new) = match slot {
                Slot::Keep(old, new) => (&pair.before, old, Some(old), Some(new)),
                Slot::Gone(old) => (&pair.before, old, Some(old), None),
                Slot::Come(new) => (&pair.after, new, None, Some(new)),
            };
            let kind = side.blocks.get(block).map_or(BlockKind::Line, |block| block.kind);
            let unit = draft.unit_at(doc, slot);
            let rule = unit.map_or(Rule::Never, |unit| rules.of_unit(unit));
            let owner = unit.and_then(|unit| rules.lesson_of(unit));
            Step { content: Piece::of_block(side, block), kind, old, new, rule, owner }
        })
        .collect();
    let together = |pick: fn(&Step) -> bool| -> Vec<usize> {
        let all: BTreeSet<usize> = steps
            .iter()
            .filter(|step| pick(step))
            .flat_map(|step| step.rule.lessons().iter().copied())
            .collect();
        all.into_iter().collect()
    };
    let extra = |wanted: Extra| {
        draft.extras.iter().find(|(_, extra)| **extra == wanted).and_then(|(unit, _)| rules.lesson_of(*unit))
    };
    let create = match extra(Extra::Create(doc)) {
        Some(lesson) => Rule::one(lesson),
        None if pair.old.is_none() => Rule::Any(together(Step::inserts)),
        None => Rule::Never,
    };
    let delete = match extra(Extra::Delete(doc)) {
        Some(lesson) => Rule::one(lesson),
        None if pair.new.is_none() => Rule::All(together(Step::deletes)),
        None => Rule::Never,
    };
    DocScript {
        old: pair.old.clone(),
        new: pair.new.clone(),
        before: pair.before.clone(),
        after: pair.after.clone(),
        cosmetic: extra(Extra::Spacing(doc)),
        rename: extra(Extra::Rename(doc)),
        create,
        delete,
        main_of: BTreeSet::new(),
        steps,
    }
}
