//! Structure: text that has no lesson of its own but comes and goes with those that need it.
//!
//! Owns: what counts as structure (headings, front matter, index lines, lead-ins, parents of long
//! lists) and which lessons each piece waits for. A piece that nothing needs becomes a lesson.
//! Must not know: how steps are replayed.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::align::{At, Bond};
use super::blocks::{BlockKind, Blocks};
use super::classes::Classes;
use super::cut::{Draft, Extra, Slot};
use super::group::says_one_thing;
use super::links::Links;
use super::script::Rule;
use super::sections::section_end;
/// An item with more descendants than this is a heading in disguise.
const PARENT: usize = 12;

/// Which steps wait for which lessons.
pub(crate) struct Rules {
    rule_of: Vec<Rule>,
    lesson_of: Vec<Option<usize>>,
    /// Units of each lesson, structure not counted.
    pub members: Vec<Vec<usize>>,
}

impl Rules {
    /// The rule for a unit's steps.
    pub fn of_unit(&self, unit: usize) -> Rule {
        self.rule_of.get(unit).cloned().unwrap_or(Rule::Never)
    }

    /// The lesson a unit belongs to; structure belongs to none.
    pub fn lesson_of(&self, unit: usize) -> Option<usize> {
        self.lesson_of.get(unit).copied().flatten()
    }
}

/// Units that may turn out to be structure.
pub(crate) fn candidates(draft: &Draft) -> FxHashSet<usize> {
    let links = Links::new(&draft.pairs);
    (0..draft.units.len()).filter(|&unit| is_candidate(draft, &links, unit)).collect()
}

fn is_candidate(draft: &Draft, links: &Links, unit: usize) -> bool {
    let Some(data) = draft.units.get(unit) else { return false };
    if draft.extras.contains_key(&unit) {
        return false;
    }
    match (data.bond, data.gone.as_slice(), data.come.as_slice()) {
        (Bond::Plain, [], [at]) => {
            let Some(pair) = draft.pairs.get(at.doc) else { return false };
            match kind(&pair.after, at.block) {
                Some(BlockKind::Heading(_) | BlockKind::Rule) => true,
                Some(BlockKind::FrontMatter) => pair.old.is_none() && !says_one_thing(pair),
                Some(BlockKind::Item { .. }) if descendants(&pair.after, at.block) > PARENT => true,
                Some(BlockKind::Paragraph) if leads_into_list(draft, *at) => true,
                _ => links.all_new(pair, &pair.after, at.block),
            }
        }
        (Bond::Plain, [at], []) => {
            let Some(pair) = draft.pairs.get(at.doc) else { return false };
            match kind(&pair.before, at.block) {
                Some(BlockKind::Heading(_) | BlockKind::Rule) => true,
                Some(BlockKind::FrontMatter) => pair.new.is_none() && !says_one_thing(pair),
                Some(BlockKind::Item { .. }) if descendants(&pair.before, at.block) > PARENT => true,
                _ => links.all_gone(pair, &pair.before, at.block),
            }
        }
        (Bond::Revised, [old], [new]) => {
            let (Some(from), Some(to)) = (draft.pairs.get(old.doc), draft.pairs.get(new.doc)) else {
                return false;
            };
            kind(&from.before, old.block) == Some(BlockKind::FrontMatter)
                && only_stamps_differ(from.before.content(old.block), to.after.content(new.block))
                || links.renamed_between(from, old.block, to, new.block).is_some()
        }
        _ => false,
    }
}

/// Numbers the lessons and gives every unit its rule.
pub(crate) fn resolve(draft: &Draft, structural: &FxHashSet<usize>, classes: &Classes) -> Rules {
    let links = Links::new(&draft.pairs);
    let needs: FxHashMap<usize, Needs> =
        structural.iter().map(|&unit| (unit, needs(draft, structural, classes, &links, unit))).collect();
    let is_lesson = |unit: usize| needs.get(&unit).is_none_or(|needs| needs.classes.is_empty());
    let root = |unit: usize| if structural.contains(&unit) { unit } else { classes.of(unit) };

    let mut order: Vec<((usize, usize), usize)> = Vec::new();
    let mut seen = FxHashSet::default();
    let mut note = |place: (usize, usize), unit: usize| {
        if is_lesson(unit) && seen.insert(root(unit)) {
            order.push((place, root(unit)));
        }
    };
    for (doc, slots) in draft.slots.iter().enumerate() {
        for (at, &slot) in slots.iter().enumerate() {
            if let Some(unit) = draft.unit_at(doc, slot) {
                note((doc, at + 1), unit);
            }
        }
    }
    let mut extras: Vec<(usize, Extra)> = draft.extras.iter().map(|(&unit, &extra)| (unit, extra)).collect();
    extras.sort_unstable_by_key(|(unit, _)| *unit);
    for (unit, extra) in extras {
        let place = match extra {
            Extra::Rename(doc) | Extra::Create(doc) | Extra::Delete(doc) => (doc, 0),
            Extra::Spacing(doc) => (doc, usize::MAX),
        };
        note(place, unit);
    }
    order.sort_unstable();
    let lesson_of_root: FxHashMap<usize, usize> =
        order.iter().enumerate().map(|(lesson, &(_, root))| (root, lesson)).collect();

    let mut members = vec![Vec::new(); order.len()];
    let mut lesson_of = vec![None; draft.units.len()];
    let mut rule_of = vec![Rule::Never; draft.units.len()];
    for unit in 0..draft.units.len() {
        let rule = if is_lesson(unit) {
            let Some(&lesson) = lesson_of_root.get(&root(unit)) else { continue };
            if let (Some(slot), Some(list)) = (lesson_of.get_mut(unit), members.get_mut(lesson)) {
                *slot = Some(lesson);
                list.push(unit);
            }
            Rule::one(lesson)
        } else {
            let Some(needs) = needs.get(&unit) else { continue };
            let mut lessons: Vec<usize> =
                needs.classes.iter().filter_map(|class| lesson_of_root.get(class).copied()).collect();
            lessons.sort_unstable();
            if needs.all { Rule::All(lessons) } else { Rule::Any(lessons) }
        };
        if let Some(slot) = rule_of.get_mut(unit) {
            *slot = rule;
        }
    }
    Rules { rule_of, lesson_of, members }
}

/// The classes a piece of structure waits for; none means it stands for itself.
struct Needs {
    classes: BTreeSet<usize>,
    all: bool,
}

fn needs(
    draft: &Draft,
    structural: &FxHashSet<usize>,
    classes: &Classes,
    links: &Links,
    unit: usize,
) -> Needs {
    let finder = Finder { draft, structural, classes };
    let any = |classes| Needs { classes, all: false };
    let all = |classes| Needs { classes, all: true };
    let none = Needs { classes: BTreeSet::new(), all: false };
    let Some(data) = draft.units.get(unit) else { return none };
    match (data.gone.as_slice(), data.come.as_slice()) {
        ([], [at]) => {
            let Some(pair) = draft.pairs.get(at.doc) else { return none };
            let after = &pair.after;
            let linked = links.new_documents(pair, after, at.block);
            if !linked.is_empty() {
                return any(linked.iter().flat_map(|&doc| finder.coming(doc, |_| true)).collect());
            }
            match kind(after, at.block) {
                Some(BlockKind::Heading(_)) => {
                    let inside = at.block + 1..section_end(after, at.block);
                    let mut needed = finder.coming(at.doc, |block| inside.contains(&block));
                    // Index lines are structure themselves: what they point to is what needs the heading.
                    let come = |block: &usize| finder.comes(At { doc: at.doc, block: *block });
                    let linked =
                        inside.filter(come).flat_map(|block| links.new_documents(pair, after, block));
                    needed.extend(linked.flat_map(|doc| finder.coming(doc, |_| true)));
                    any(needed)
                }
                Some(BlockKind::FrontMatter) => any(finder.coming(at.doc, |_| true)),
                Some(BlockKind::Rule) if pair.old.is_none() => any(finder.coming(at.doc, |_| true)),
                Some(BlockKind::Rule) => any(finder.around(*at, true)),
                Some(BlockKind::Item { .. }) => {
                    any(finder.coming(at.doc, |block| is_below(after, block, at.block)))
                }
                _ => any(finder.list_after(*at)),
            }
        }
        ([at], []) => {
            let Some(pair) = draft.pairs.get(at.doc) else { return none };
            let before = &pair.before;
            let linked = links.gone_documents(pair, before, at.block);
            if !linked.is_empty() {
                return all(linked.iter().flat_map(|&doc| finder.going(doc, |_| true)).collect());
            }
            match kind(before, at.block) {
                Some(BlockKind::Heading(_)) => {
                    let inside = at.block + 1..section_end(before, at.block);
                    if finder.something_stays(at.doc, inside.clone()) {
                        return none;
                    }
                    let mut needed = finder.going(at.doc, |block| inside.contains(&block));
                    let linked = inside.flat_map(|block| links.gone_documents(pair, before, block));
                    needed.extend(linked.flat_map(|doc| finder.going(doc, |_| true)));
                    all(needed)
                }
                Some(BlockKind::Item { .. }) => {
                    let below = descendants(before, at.block);
                    if finder.something_stays(at.doc, at.block + 1..at.block + 1 + below) {
                        return none;
                    }
                    all(finder.going(at.doc, |block| is_below(before, block, at.block)))
                }
                Some(BlockKind::Rule) if pair.new.is_some() => all(finder.around(*at, false)),
                _ => all(finder.going(at.doc, |_| true)),
            }
        }
        ([old], [new]) => {
            let (Some(from), Some(to)) = (draft.pairs.get(old.doc), draft.pairs.get(new.doc)) else {
                return none;
            };
            if let Some(renamed) = links.renamed_between(from, old.block, to, new.block) {
                let rename = draft.extras.iter().find(|(_, extra)| **extra == Extra::Rename(renamed));
                return any(rename.map(|(&unit, _)| classes.of(unit)).into_iter().collect());
            }
            let mut others = finder.coming(old.doc, |_| true);
            others.extend(finder.going(old.doc, |_| true));
            any(others)
        }
        _ => none,
    }
}

/// Looks for the classes that structure may wait for. Structure never waits for structure, nor for
/// changes of spacing.
struct Finder<'a> {
    draft: &'a Draft,
    structural: &'a FxHashSet<usize>,
    classes: &'a Classes,
}

impl Finder<'_> {
    fn class(&self, unit: usize) -> Option<usize> {
        let counts = !self.structural.contains(&unit)
            && self.draft.units.get(unit).is_some_and(|unit| unit.bond != Bond::Cosmetic);
        counts.then(|| self.classes.of(unit))
    }

    fn classes_of(&self, doc: usize, wanted: impl Fn(Slot) -> bool) -> BTreeSet<usize> {
        let slots = self.draft.slots.get(doc).map_or(&[][..], Vec::as_slice);
        slots
            .iter()
            .filter(|&&slot| wanted(slot))
            .filter_map(|&slot| self.draft.unit_at(doc, slot))
            .filter_map(|unit| self.class(unit))
            .collect()
    }

    fn coming(&self, doc: usize, wanted: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        self.classes_of(doc, |slot| matches!(slot, Slot::Come(block) if wanted(block)))
    }

    fn going(&self, doc: usize, wanted: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        self.classes_of(doc, |slot| matches!(slot, Slot::Gone(block) if wanted(block)))
    }

    /// Whether a block is structure that comes.
    fn comes(&self, at: At) -> bool {
        self.draft.unit_of_come.get(&at).is_some_and(|unit| self.structural.contains(unit))
    }

    /// Whether some block of an old section stays as it is.
    fn something_stays(&self, doc: usize, mut section: std::ops::Range<usize>) -> bool {
        section.any(|block| match self.draft.unit_of_gone.get(&At { doc, block }) {
            None => true,
            Some(&unit) => self.draft.units.get(unit).is_some_and(|unit| unit.bond == Bond::Cosmetic),
        })
    }

    /// Classes of the steps next to a place, up to the nearest kept blocks.
    fn around(&self, at: At, come: bool) -> BTreeSet<usize> {
        let slots = self.draft.slots.get(at.doc).map_or(&[][..], Vec::as_slice);
        let own = if come { Slot::Come(at.block) } else { Slot::Gone(at.block) };
        let Some(here) = slots.iter().position(|&slot| slot == own) else { return BTreeSet::new() };
        let before = slots.iter().take(here).rev().take_while(|slot| !matches!(slot, Slot::Keep(..)));
        let after = slots.iter().skip(here + 1).take_while(|slot| !matches!(slot, Slot::Keep(..)));
        before
            .chain(after)
            .filter(|slot| matches!(slot, Slot::Come(_)) == come)
            .filter_map(|&slot| self.class(self.draft.unit_at(at.doc, slot)?))
            .collect()
    }

    /// Classes of the list items that follow a lead-in.
    fn list_after(&self, at: At) -> BTreeSet<usize> {
        let Some(pair) = self.draft.pairs.get(at.doc) else { return BTreeSet::new() };
        let mut found = BTreeSet::new();
        for block in at.block + 1.. {
            let item = matches!(kind(&pair.after, block), Some(BlockKind::Item { .. }));
            let unit = self.draft.unit_of_come.get(&At { doc: at.doc, block });
            let (true, Some(&unit)) = (item, unit) else { break };
            found.extend(self.class(unit));
        }
        found
    }
}

fn kind(blocks: &Blocks, block: usize) -> Option<BlockKind> {
    Some(blocks.blocks.get(block)?.kind)
}

fn is_below(blocks: &Blocks, block: usize, top: usize) -> bool {
    blocks.ancestors(block).any(|above| above == top)
}

fn descendants(blocks: &Blocks, top: usize) -> usize {
    let below = (top + 1..blocks.blocks.len()).take_while(|&block| is_below(blocks, block, top));
    below.count()
}

fn leads_into_list(draft: &Draft, at: At) -> bool {
    let Some(pair) = draft.pairs.get(at.doc) else { return false };
    let next = At { doc: at.doc, block: at.block + 1 };
    pair.after.content(at.block).trim_end().ends_with(':')
        && kind(&pair.after, next.block) == Some(BlockKind::Item { depth: 0, ordered: false })
        && draft.unit_of_come.contains_key(&next)
}

/// Whether two front matters differ only in when and by whom they were written.
fn only_stamps_differ(old: &str, new: &str) -> bool {
    let body = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| {
                let key = line.split(':').next().unwrap_or("").trim();
                !matches!(key, "modified" | "updated" | "date" | "originSessionId" | "node_type" | "metadata")
            })
            .map(str::to_owned)
            .collect()
    };
    body(old) == body(new)
}
