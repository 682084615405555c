//! A document changed between the preview and its write.
//!
//! Owns: which lessons step back then, and how their part in other documents is taken out again, so
//! that no lesson is ever half in the memory. Must not know: how steps are carried out.

use std::collections::{BTreeMap, BTreeSet};

use super::compose::Composition;
use super::context::Context;
use super::error::SyncError;
use super::onto;
use crate::domain::ids::LessonId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::store::{Apply, ApplyAction, PlannedDocument, PlannedLesson, Progress, Step, StepChange};

/// Lessons that stepped back, and why.
pub(super) fn collided(steps: &[Step]) -> Vec<(LessonId, String)> {
    let mut collided: BTreeMap<LessonId, String> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.progress == Progress::Changed) {
        for lesson in &step.lessons {
            let why =
                || format!("{} was changed or could not be written while the lesson was applied", step.path);
            collided.entry(lesson.clone()).or_insert_with(why);
        }
    }
    collided.into_iter().collect()
}

/// Leaves the document of `step` as it is and rewrites the journal without the lessons that need it.
pub(super) fn leave(
    context: &Context<'_>,
    apply: &Apply,
    steps: &[Step],
    step: &Step,
) -> Result<(), SyncError> {
    let planned: Vec<PlannedLesson> =
        context.reader.apply_lessons(&apply.id)?.into_iter().map(|(planned, _)| planned).collect();
    let before = onto::base(context.reader, apply, steps)?;
    let mut out: BTreeSet<LessonId> = collided(steps).into_iter().map(|(lesson, _)| lesson).collect();
    out.extend(step.lessons.iter().cloned());
    let mut left: BTreeSet<&DocPath> =
        steps.iter().filter(|step| step.progress == Progress::Changed).map(|step| &step.path).collect();
    left.insert(&step.path);
    let wanted = match without(context, apply, &planned, &out, &before)? {
        // Lessons that remain may not need a document that is left as it is, nor one that was never planned.
        Some(wanted) if fits(&wanted, &before, steps, &left) => wanted,
        _ => {
            out.extend(planned.into_iter().map(|planned| planned.lesson));
            before
        }
    };
    let out: Vec<LessonId> = out.into_iter().collect();
    let mut changes = vec![StepChange::Leave(step.step, out.clone())];
    for (path, last) in latest(steps) {
        if !left.contains(path) {
            changes.extend(adjust(last, wanted.get(path).map(std::convert::AsRef::as_ref), &out));
        }
    }
    context.writer.revise_apply(&apply.id, changes, &apply.author)?;
    Ok(())
}

/// The memory with all lessons but these; `None` where only all or nothing is possible.
fn without(
    context: &Context<'_>,
    apply: &Apply,
    planned: &[PlannedLesson],
    out: &BTreeSet<LessonId>,
    before: &Snapshot,
) -> Result<Option<Snapshot>, SyncError> {
    if apply.action == ApplyAction::Undo {
        return Ok(None);
    }
    let composition = Composition::load(context.reader, context.cuttings, planned)?;
    if !composition.lost().is_empty() {
        return Ok(None);
    }
    Ok(Some(composition.over(before, &|lesson| !out.contains(lesson)).snapshot))
}

fn fits(wanted: &Snapshot, before: &Snapshot, steps: &[Step], left: &BTreeSet<&DocPath>) -> bool {
    let planned: BTreeSet<&DocPath> = steps.iter().map(|step| &step.path).collect();
    wanted
        .paths()
        .chain(before.paths())
        .filter(|path| wanted.get(path) != before.get(path))
        .all(|path| planned.contains(path) && !left.contains(path))
}

/// The last step of each document that still counts.
fn latest(steps: &[Step]) -> BTreeMap<&DocPath, &Step> {
    let counting = steps.iter().filter(|step| matches!(step.progress, Progress::Waiting | Progress::Written));
    counting.map(|step| (&step.path, step)).collect()
}

/// What it takes that a document ends as wanted.
fn adjust(last: &Step, wanted: Option<&str>, out: &[LessonId]) -> Option<StepChange> {
    let hash = wanted.map(|text| ContentHash::of(text.as_bytes()));
    if hash == last.content {
        return None;
    }
    if last.progress == Progress::Waiting && hash == last.expected {
        return Some(StepChange::Drop(last.step));
    }
    let expected = if last.progress == Progress::Written { last.content } else { last.expected };
    let document = PlannedDocument {
        path: last.path.clone(),
        expected,
        content: wanted.map(std::convert::Into::into),
        lessons: last.lessons.iter().filter(|lesson| !out.contains(lesson)).cloned().collect(),
    };
    Some(StepChange::Instead(last.step, document))
}
