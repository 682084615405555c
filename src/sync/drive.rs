//! Carrying out a journalled apply, from wherever it stands.
//!
//! Owns: the loop from waiting step to waiting step. Must not know: whether it is the first try or
//! one after a kill; the two are the same, because every write is conditional and safe to repeat.

use std::collections::BTreeSet;

use super::apply::Applied;
use super::context::Context;
use super::error::{Standing, SyncError};
use super::{collide, moving, onto};
use crate::domain::dream::Progress;
use crate::domain::ids::{ApplyId, LessonId};
use crate::domain::lesson::COLLISION;
use crate::domain::memory::Snapshot;
use crate::source::WriteError;
use crate::store::{self, Apply, ApplyAction, Fate, Step, StepChange, StoreError};

/// Writes every document that still waits, and ends the apply.
pub(super) fn to_the_end(
    context: &Context<'_>,
    apply: &ApplyId,
    progress: &dyn Fn(Progress),
) -> Result<Applied, SyncError> {
    let apply = find(context, apply)?;
    if !context.source.has_memory_place(context.agent) {
        // Noted before the first write makes it: a kill in between leaves at most a note too many.
        context.writer.set_made_memory(&apply.id, true)?;
    }
    loop {
        let steps = context.reader.apply_steps(&apply.id)?;
        let (done, total) = counts(&steps);
        // Nothing is told before the first document is written: "0 of 2" says only that it began.
        if done > 0 {
            progress(Progress { stage: "writing", done: done as u64, total: total as u64 });
        }
        let Some(step) = steps.iter().find(|step| step.progress == store::Progress::Waiting) else { break };
        let interrupted = |error: WriteError| SyncError::Interrupted {
            apply: apply.id.clone(),
            path: step.path.clone(),
            reason: error.to_string(),
            written: done,
            of: total,
            standing: Box::new(Standing::of(&steps)),
        };
        match moving::attempt(context, &steps, step)? {
            Some((from, Ok(()))) => {
                context.writer.mark_written(&apply.id, step.step, &apply.author)?;
                context.writer.mark_written(&apply.id, from, &apply.author)?;
                continue;
            }
            // Written one by one, each of the two documents meets what stands in its way.
            Some((_, Err(WriteError::Changed { .. } | WriteError::Refused { .. }))) | None => {}
            Some((_, Err(error))) => return Err(interrupted(error)),
        }
        match write(context, step)? {
            Ok(()) => context.writer.mark_written(&apply.id, step.step, &apply.author)?,
            Err(WriteError::Changed { .. }) => match onto::carried(context, &apply, &steps, step)? {
                Some(change) => context.writer.revise_apply(&apply.id, vec![change], &apply.author)?,
                None => collide::leave(context, &apply, &steps, step)?,
            },
            // However often it is tried: waiting for it would keep everything else from being written.
            Err(WriteError::Refused { .. }) => collide::leave(context, &apply, &steps, step)?,
            Err(error) => return Err(interrupted(error)),
        }
    }
    end(context, &apply)
}

/// Leaves what still waits as it is, takes back what belongs to it, and ends the apply.
pub(super) fn give_up(
    context: &Context<'_>,
    apply: &ApplyId,
    progress: &dyn Fn(Progress),
) -> Result<Applied, SyncError> {
    let apply = find(context, apply)?;
    let planned: BTreeSet<u32> = context
        .reader
        .apply_steps(&apply.id)?
        .into_iter()
        .filter(|step| step.progress == store::Progress::Waiting)
        .map(|step| step.step)
        .collect();
    loop {
        // Steps added on the way take something back; those must be written.
        let steps = context.reader.apply_steps(&apply.id)?;
        let next = steps
            .iter()
            .find(|step| planned.contains(&step.step) && step.progress == store::Progress::Waiting);
        match next {
            Some(step) => collide::leave(context, &apply, &steps, step)?,
            None => return to_the_end(context, &apply.id, progress),
        }
    }
}

/// Ends an apply whose memory is not there any more: nothing can be written, and nothing has to be taken back.
pub(super) fn abandon(context: &Context<'_>, apply: &ApplyId) -> Result<Applied, SyncError> {
    let apply = find(context, apply)?;
    let planned = context.reader.apply_lessons(&apply.id)?;
    let lessons: Vec<LessonId> = planned.into_iter().map(|(planned, _)| planned.lesson).collect();
    let steps = context.reader.apply_steps(&apply.id)?;
    let waiting: Vec<&Step> = steps.iter().filter(|step| step.progress == store::Progress::Waiting).collect();
    let changes: Vec<StepChange> =
        waiting.iter().map(|step| StepChange::Leave(step.step, lessons.clone())).collect();
    if !changes.is_empty() {
        context.writer.revise_apply(&apply.id, changes, context.by)?;
    }
    let why = "the memory store was deleted while the lesson was being written";
    let conflicts: Vec<(LessonId, String)> =
        lessons.into_iter().map(|lesson| (lesson, why.to_owned())).collect();
    context.writer.finish_apply(&apply.id, conflicts.clone(), context.by)?;
    let left = waiting.into_iter().map(|step| step.path.clone()).collect();
    Ok(Applied {
        apply: Some(apply.id),
        action: apply.action,
        written: Vec::new(),
        left,
        fitted: Vec::new(),
        lessons: Vec::new(),
        taken_out: Vec::new(),
        conflicts,
    })
}

/// Takes away the place of the memory where an apply made it and nothing is in it any more.
fn remove_made_place(context: &Context<'_>) -> Result<(), SyncError> {
    let applies = context.reader.applies(Some(&context.agent.id))?;
    for made in applies.iter().filter(|apply| apply.made_memory) {
        match context.source.remove_memory_place(context.agent) {
            Ok(()) => context.writer.set_made_memory(&made.id, false)?,
            // The text is taken back; an empty place that stays is no reason to say it failed.
            Err(error) => tracing::warn!(agent = %context.agent.id, %error, "an empty memory folder stays"),
        }
    }
    Ok(())
}

fn find(context: &Context<'_>, apply: &ApplyId) -> Result<Apply, SyncError> {
    let unknown = || StoreError::Unknown { what: "apply", id: apply.to_string() };
    Ok(context.reader.apply(apply)?.ok_or_else(unknown)?)
}

/// Outer error: the plan can't be read. Inner: the document can't be written.
fn write(context: &Context<'_>, step: &Step) -> Result<Result<(), WriteError>, SyncError> {
    let content = match step.content {
        Some(hash) => Some(context.reader.document(hash)?),
        None => None,
    };
    Ok(context.source.write(context.agent, &step.path, step.expected, content.as_deref()))
}

/// Documents done and in all; steps that another replaced don't count.
fn counts(steps: &[Step]) -> (usize, usize) {
    let replaced = steps.iter().filter(|step| step.progress == store::Progress::Replaced).count();
    let waiting = steps.iter().filter(|step| step.progress == store::Progress::Waiting).count();
    (steps.len() - replaced - waiting, steps.len() - replaced)
}

/// Notes the memory as it is now, not as it was planned: what others wrote meanwhile is a version of its own, before
/// this one or after it, and nobody is told that an apply wrote it.
fn note_versions(
    context: &Context<'_>,
    apply: &Apply,
    steps: &[Step],
    memory: &Snapshot,
) -> Result<(), SyncError> {
    let versions = context.reader.memory_log(&apply.agent)?;
    let noted = versions.iter().any(|version| version.apply.as_ref() == Some(&apply.id));
    let wrote = steps.iter().any(|step| step.progress == store::Progress::Written);
    if wrote && !noted {
        let without = onto::without_it(context.reader, apply, steps, memory)?;
        context.writer.put_memory(&apply.agent, &without, None)?;
        let with = onto::with_it(context.reader, steps, &without)?;
        context.writer.put_memory(&apply.agent, &with, Some(&apply.id))?;
    }
    context.writer.put_memory(&apply.agent, memory, None)?;
    Ok(())
}

fn end(context: &Context<'_>, apply: &Apply) -> Result<Applied, SyncError> {
    let steps = context.reader.apply_steps(&apply.id)?;
    let collided = collide::collided(&steps);
    // Noted before the end: killed in between, it is found unfinished, and comes by here again.
    let memory = context.memory_now();
    if let Ok(memory) = &memory {
        note_versions(context, apply, &steps, memory)?;
    }
    context.writer.finish_apply(&apply.id, collided.clone(), &apply.author)?;
    let memory = memory?;
    if apply.action == ApplyAction::Undo && memory.is_empty() {
        remove_made_place(context)?;
    }
    let mut conflicts = collided;
    let (mut lessons, mut taken_out) = (Vec::new(), Vec::new());
    for (planned, fate) in context.reader.apply_lessons(&apply.id)? {
        match fate {
            Fate::Written => {
                taken_out.extend(planned.takes_out.then(|| planned.lesson.clone()));
                lessons.push(planned.lesson);
            }
            Fate::Collided if conflicts.iter().all(|(lesson, _)| *lesson != planned.lesson) => {
                let lesson = context.reader.lesson(&planned.lesson)?;
                let marks = lesson.map(|lesson| lesson.marks).unwrap_or_default();
                let reason = marks.into_iter().find(|mark| mark.guard == COLLISION).map(|mark| mark.text);
                conflicts.push((planned.lesson, reason.unwrap_or_default()));
            }
            Fate::Planned | Fate::Collided | Fate::Satisfied => {}
        }
    }
    let Standing { written, left, .. } = Standing::of(&steps);
    let (apply, action) = (Some(apply.id.clone()), apply.action);
    let fitted = onto::fitted(&steps);
    Ok(Applied { apply, action, written, left, fitted, lessons, taken_out, conflicts })
}
