//! Lessons carried over to a memory that changed after the dream began.
//!
//! Owns: carrying each document's script over, and saying for each lesson whether it
//! still fits, is already there, or collides. Blocks that nobody proposed to change are never touched.
//! Must not know: stores, or what happens to a lesson that collides.

use std::collections::BTreeSet;

use super::blocks::{BlockKind, Blocks};
use super::cut::Cutting;
use super::links;
use super::matcher::Matcher;
use super::script::{DocScript, Rule, Script, Step};
use super::tally::{Tally, at, note};
use crate::domain::memory::{DocPath, Snapshot};

/// What became of a lesson on the current memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It can be written as it stands.
    Clean,
    /// The memory already is as it would make it.
    Satisfied,
    /// Somebody changed what it would change; the text says what, in words.
    Conflict(String),
}

/// A cutting over the current memory: same lessons, same indices.
#[derive(Debug, Clone)]
pub struct Rebased {
    /// Accepting none gives the current memory byte for byte; lessons that collide or are already
    /// there change nothing.
    pub cutting: Cutting,
    /// One for each lesson.
    pub fate: Vec<Fate>,
    /// Lessons whose text was put together with what somebody changed in it meanwhile.
    merged: BTreeSet<usize>,
}

impl Rebased {
    /// What becomes of a lesson whose text a reviewer replaced: an edit says nothing of what the memory
    /// says by now, so it may not be written over that.
    #[must_use]
    pub fn fate_of_edited(&self, lesson: usize) -> Option<Fate> {
        let conflict = |why: &str| Some(Fate::Conflict(why.to_owned()));
        match self.fate.get(lesson)? {
            Fate::Satisfied => {
                conflict("the memory already has the text as it was proposed, so your edit has no place")
            }
            Fate::Clean if self.merged.contains(&lesson) => {
                conflict("somebody changed the text that your edit would replace")
            }
            other => Some(other.clone()),
        }
    }
}

/// Carries a cutting over to `current`.
#[must_use]
pub fn rebase(cutting: &Cutting, current: &Snapshot) -> Rebased {
    let mut tallies: Vec<Tally> = vec![Tally::default(); cutting.lessons.len()];
    let mut documents = Vec::with_capacity(cutting.script.documents.len());
    for document in &cutting.script.documents {
        documents.push(carry(document, &cutting.base, current, &mut tallies));
    }
    for (lesson, twin) in &cutting.script.twins {
        if current.iter().all(|(_, text)| !twin.stands_in(text)) {
            note(&mut tallies, Some(*lesson), Tally::miss_twin);
        }
    }
    let merged = (0..tallies.len()).filter(|&lesson| tallies.get(lesson).is_some_and(|tally| tally.merged));
    let merged = merged.collect();
    let fate: Vec<Fate> = tallies.into_iter().map(Tally::fate).collect();
    let clean = |lesson: usize| fate.get(lesson).is_some_and(|fate| *fate == Fate::Clean);
    let satisfied = |lesson: usize| fate.get(lesson).is_some_and(|fate| *fate == Fate::Satisfied);
    let mut documents: Vec<DocScript> =
        documents.into_iter().flatten().map(|document| settle(document, &clean, &satisfied)).collect();
    keep_pointers(&mut documents);
    let script = Script { documents, twins: cutting.script.twins.clone() };
    let cutting = Cutting { lessons: cutting.lessons.clone(), base: current.clone(), script };
    Rebased { cutting, fate, merged }
}

/// One document's script over its current text; `None` if the document is gone.
fn carry(
    document: &DocScript,
    base: &Snapshot,
    current: &Snapshot,
    tallies: &mut [Tally],
) -> Option<DocScript> {
    let old_path = document.old.as_ref();
    let new_path = document.new.as_ref();
    let mut carried = document.clone();
    let found: Option<&DocPath> =
        [old_path, new_path].into_iter().flatten().find(|path| current.get(path).is_some());
    let renames = document.rename.filter(|_| old_path != new_path);
    if let (Some(lesson), Some(new)) = (renames, new_path) {
        if found == Some(new) {
            carried.rename = None;
        } else if current.get(new).is_some() {
            note(tallies, Some(lesson), |tally| {
                tally.collide(format!("there is already a document at {new}"));
            });
        } else {
            note(tallies, Some(lesson), |tally| tally.still_to_delete += 1);
        }
    }
    let Some(path) = found else {
        if old_path.is_some() {
            lost(document, tallies);
            return None;
        }
        unchanged(&carried, tallies);
        return Some(carried);
    };
    let text = current.get(path)?;
    if old_path == Some(path) && base.get(path) == Some(text) {
        unchanged(&carried, tallies);
        return Some(carried);
    }
    carried.old = Some(path.clone());
    carried.create = Rule::Never;
    let mut blocks = Blocks::parse(path, text);
    if let Some(finer) = Matcher::new(document, &blocks).recut() {
        blocks = finer;
    }
    carried.steps = Matcher::new(document, &blocks).steps(tallies);
    keep_one_head(&mut carried.steps, path, tallies);
    carried.before = blocks;
    if let Some(lesson) = document.cosmetic {
        note(tallies, Some(lesson), |tally| tally.still_to_delete += 1);
    }
    Some(carried)
}

/// Front matter is the head of a document or it is nothing: where a document came to be meanwhile, it can't get
/// a second one further down.
fn keep_one_head(steps: &mut [Step], path: &DocPath, tallies: &mut [Tally]) {
    let is_head = |step: &Step| step.kind == BlockKind::FrontMatter;
    // One that is revised goes right before its successor comes.
    let above = steps.iter().take_while(|step| is_head(step) && step.deletes()).count();
    for step in steps.iter_mut().skip(above + 1).filter(|step| is_head(step) && step.inserts()) {
        note(tallies, step.owner, |tally| {
            tally.collide(format!("there is already a document at {path}"));
        });
        step.rule = Rule::Never;
    }
}

/// A line that points to a document stays as long as the document does: one that should go stays if somebody wrote
/// in it meanwhile, and without the line no agent would find that.
fn keep_pointers(documents: &mut [DocScript]) {
    let stays = |document: &&DocScript| document.new.is_none() && document.steps.iter().any(Step::is_foreign);
    let staying: Vec<DocPath> =
        documents.iter().filter(stays).filter_map(|document| document.old.clone()).collect();
    for document in documents.iter_mut().filter(|_| !staying.is_empty()) {
        let Some(from) = &document.old else { continue };
        let points = |step: &Step| staying.iter().any(|to| links::points_to(from, step.content.as_str(), to));
        let structure = document.steps.iter_mut().filter(|step| step.owner.is_none() && step.deletes());
        for step in structure.filter(|step| points(step)) {
            step.rule = Rule::Never;
        }
    }
}

fn unchanged(document: &DocScript, tallies: &mut [Tally]) {
    for step in &document.steps {
        if let Some(tally) = at(tallies, step.owner) {
            *(if step.inserts() { &mut tally.still_to_insert } else { &mut tally.still_to_delete }) += 1;
        }
    }
    // Lessons without text of their own: spacing, empty documents.
    let whole = [&document.create, &document.delete].into_iter().flat_map(Rule::lessons).copied();
    let whole = whole.filter(|_| document.steps.is_empty());
    for lesson in document.cosmetic.into_iter().chain(whole) {
        note(tallies, Some(lesson), |tally| tally.still_to_delete += 1);
    }
}

/// The document was deleted meanwhile: what would leave it has left, what would change it collides.
fn lost(document: &DocScript, tallies: &mut [Tally]) {
    let path = document.old.as_ref().map(ToString::to_string).unwrap_or_default();
    for step in &document.steps {
        if let Some(tally) = at(tallies, step.owner) {
            if step.inserts() {
                tally.collide(format!("{path} was deleted meanwhile"));
            } else {
                tally.already_deleted += 1;
            }
        }
    }
    for lesson in [document.rename, document.cosmetic].into_iter().flatten() {
        note(tallies, Some(lesson), |tally| tally.collide(format!("{path} was deleted meanwhile")));
    }
}

/// Takes lessons that change nothing out of every rule, so that structure can't follow them.
fn settle(
    mut document: DocScript,
    clean: &impl Fn(usize) -> bool,
    satisfied: &impl Fn(usize) -> bool,
) -> DocScript {
    let narrow = |rule: &Rule| match rule {
        Rule::Never => Rule::Never,
        Rule::Any(lessons) => {
            let left: Vec<usize> = lessons.iter().copied().filter(|&lesson| clean(lesson)).collect();
            if left.is_empty() { Rule::Never } else { Rule::Any(left) }
        }
        Rule::All(lessons) => {
            // One that collides keeps its text, so what it needs stays; one that is done doesn't count.
            let left: Vec<usize> = lessons.iter().copied().filter(|&lesson| !satisfied(lesson)).collect();
            if left.is_empty() || !left.iter().all(|&lesson| clean(lesson)) {
                Rule::Never
            } else {
                Rule::All(left)
            }
        }
    };
    for step in &mut document.steps {
        step.rule = narrow(&step.rule);
        step.owner = step.owner.filter(|&lesson| clean(lesson));
    }
    document.create = narrow(&document.create);
    document.delete = narrow(&document.delete);
    document.cosmetic = document.cosmetic.filter(|&lesson| clean(lesson));
    document.rename = document.rename.filter(|&lesson| clean(lesson));
    document
}
