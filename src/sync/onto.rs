//! A document changed between the preview and its write, and the lessons still fit.
//!
//! Owns: writing them into the text as it is by then. Must not know: what happens where they don't fit;
//! that is `collide`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::collide::collided;
use super::compose::Composition;
use super::context::Context;
use super::error::SyncError;
use crate::domain::ids::LessonId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::lesson::Fate;
use crate::store::{Apply, ApplyAction, PlannedDocument, PlannedLesson, Progress, Reader, Step, StepChange};

/// The write that takes the place of `step`: the lessons in the text as it is now, on the condition that
/// it still is. `None` if a lesson does not fit there, or another document would change with it.
pub(super) fn carried(
    context: &Context<'_>,
    apply: &Apply,
    steps: &[Step],
    step: &Step,
) -> Result<Option<StepChange>, SyncError> {
    // A document that is put back has no lessons: what stands there now was not seen.
    if step.lessons.is_empty() {
        return Ok(None);
    }
    if apply.action == ApplyAction::Undo || step.expected.is_none() || step.content.is_none() {
        return Ok(None);
    }
    let now = context.memory_now()?;
    let Some(theirs) = now.get(&step.path) else { return Ok(None) };
    let out: BTreeSet<LessonId> = collided(steps).into_iter().map(|(lesson, _)| lesson).collect();
    let planned: Vec<PlannedLesson> =
        context.reader.apply_lessons(&apply.id)?.into_iter().map(|(planned, _)| planned).collect();
    let composition = Composition::load(context.reader, context.cuttings, &planned)?;
    if !composition.lost().is_empty() {
        return Ok(None);
    }
    let before = base(context.reader, apply, steps)?;
    let mut changed = before.clone();
    changed.insert(step.path.clone(), theirs.clone());
    let wanted = composition.over(&before, &|lesson| !out.contains(lesson));
    let composed = composition.over(&changed, &|lesson| !out.contains(lesson));
    let fits = step
        .lessons
        .iter()
        .all(|lesson| out.contains(lesson) || matches!(composed.fates.get(lesson), Some(Fate::Clean)));
    let others = |snapshot: &Snapshot| -> BTreeMap<DocPath, ContentHash> {
        let others = snapshot.iter().filter(|(path, _)| **path != step.path);
        others.map(|(path, text)| (path.clone(), ContentHash::of(text.as_bytes()))).collect()
    };
    let Some(text) = composed.snapshot.get(&step.path) else { return Ok(None) };
    if !fits || others(&wanted.snapshot) != others(&composed.snapshot) {
        return Ok(None);
    }
    // Their text must be at hand if this apply has to be taken apart later.
    context.writer.put_snapshot(&changed)?;
    let document = PlannedDocument {
        path: step.path.clone(),
        expected: Some(ContentHash::of(theirs.as_bytes())),
        content: Some(text.clone()),
        lessons: step.lessons.clone(),
    };
    Ok(Some(StepChange::Instead(step.step, document)))
}

/// The memory under the lessons of an apply: as it was planned on, with what others changed since where
/// a step was carried over to that.
pub(super) fn base(reader: &Reader, apply: &Apply, steps: &[Step]) -> Result<Snapshot, SyncError> {
    let mut base = reader.snapshot(apply.before)?;
    let mut found: BTreeMap<&DocPath, Option<ContentHash>> = BTreeMap::new();
    let mut written: BTreeMap<&DocPath, Option<ContentHash>> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.progress != Progress::Changed) {
        // What we wrote ourselves is not what stood there before us.
        if written.get(&step.path) != Some(&step.expected) {
            found.insert(&step.path, step.expected);
        }
        if step.progress == Progress::Written {
            written.insert(&step.path, step.content);
        }
    }
    for (path, hash) in found {
        let Some(hash) = hash else { continue };
        let known = base.get(path).map(|text| ContentHash::of(text.as_bytes()));
        if known != Some(hash) {
            base.insert(path.clone(), reader.document(hash)?);
        }
    }
    Ok(base)
}

/// Documents that were written over another text than the plan was made on, because the lessons fit there as well.
#[must_use]
pub(super) fn fitted(steps: &[Step]) -> Vec<DocPath> {
    let of = |progress: Progress| steps.iter().filter(move |step| step.progress == progress);
    let paths: BTreeSet<&DocPath> = of(Progress::Replaced)
        // What we wrote ourselves and wrote again is nobody else's change.
        .filter(|planned| {
            let mut written = of(Progress::Written).filter(|step| step.path == planned.path);
            written
                .next()
                .is_some_and(|first| first.step > planned.step && first.expected != planned.expected)
        })
        .map(|step| &step.path)
        .collect();
    paths.into_iter().cloned().collect()
}

/// A memory as it would be without what an apply wrote: with what others wrote beside it, and before it.
pub(super) fn without_it(
    reader: &Reader,
    apply: &Apply,
    steps: &[Step],
    memory: &Snapshot,
) -> Result<Snapshot, SyncError> {
    let base = base(reader, apply, steps)?;
    let mut without = memory.clone();
    for step in steps.iter().filter(|step| step.progress == Progress::Written) {
        put(&mut without, &step.path, base.get(&step.path).cloned());
    }
    Ok(without)
}

/// The same with what it wrote, whatever was written over that since.
pub(super) fn with_it(reader: &Reader, steps: &[Step], without: &Snapshot) -> Result<Snapshot, SyncError> {
    let mut with = without.clone();
    for step in steps.iter().filter(|step| step.progress == Progress::Written) {
        let content = step.content.map(|hash| reader.document(hash)).transpose()?;
        put(&mut with, &step.path, content);
    }
    Ok(with)
}

fn put(memory: &mut Snapshot, path: &DocPath, content: Option<Arc<str>>) {
    match content {
        Some(text) => memory.insert(path.clone(), text),
        None => {
            memory.remove(path);
        }
    }
}
