//! Taking lessons out of the memory again, and leaving everything else as it is.
//!
//! Owns: what taking back one lesson, or a whole apply, would do. Must not know: how it is carried
//! out; the plan is run by [`super::apply::run`] like any other.

use std::collections::BTreeSet;

use super::compose::Composition;
use super::context::Context;
use super::error::SyncError;
use super::plan::{Plan, finish, refuse_unfinished};
use crate::domain::ids::{ApplyId, LessonId};
use crate::lesson;
use crate::store::{ApplyAction, ApplyPlan, Fate, PlannedLesson, StoreError};

/// What taking back one applied lesson would do.
///
/// # Errors
/// [`SyncError::UndoConflict`] if later edits overlap it: then only a person can say what is right.
pub fn lesson(context: &Context<'_>, lesson: &LessonId) -> Result<Plan, SyncError> {
    let unknown = || StoreError::Unknown { what: "lesson", id: lesson.to_string() };
    let located = context.reader.locate(lesson)?.ok_or_else(unknown)?;
    let apply = located.applied_by.ok_or_else(|| SyncError::NotApplied { lesson: lesson.clone() })?;
    take_back(context, &apply, &|held| held == lesson)
}

/// What taking back everything that an apply wrote, and that is still there, would do.
///
/// # Errors
/// As [`lesson()`]; [`SyncError::NothingLeft`] if nothing of it is there.
pub fn apply(context: &Context<'_>, apply: &ApplyId) -> Result<Plan, SyncError> {
    if context.reader.apply_lessons(apply)?.is_empty() {
        return put_back(context, apply);
    }
    take_back(context, apply, &|_| true)
}

/// What taking back a document that was put back to an earlier version would do.
fn put_back(context: &Context<'_>, apply: &ApplyId) -> Result<Plan, SyncError> {
    refuse_unfinished(context)?;
    let unknown = || StoreError::Unknown { what: "apply", id: apply.to_string() };
    let journalled = context.reader.apply(apply)?.ok_or_else(unknown)?;
    let (with, without) =
        (context.reader.snapshot(journalled.after)?, context.reader.snapshot(journalled.before)?);
    let current = context.memory_now()?;
    let after = lesson::undo(&with, &without, &current)
        .map_err(|conflict| SyncError::UndoConflict { reasons: conflict.reasons })?;
    let journal = ApplyPlan {
        agent: context.agent.id.clone(),
        action: ApplyAction::Undo,
        target: Some(apply.clone()),
        before: current,
        after,
        lessons: Vec::new(),
        satisfied: Vec::new(),
        collided: Vec::new(),
        documents: Vec::new(),
    };
    let composition = Composition::load(context.reader, context.cuttings, &[])?;
    let plan = finish(journal, Vec::new(), &composition, &context.agent.budget);
    if plan.documents.is_empty() {
        return Err(SyncError::NothingLeft { apply: apply.clone() });
    }
    Ok(plan)
}

fn take_back(
    context: &Context<'_>,
    apply: &ApplyId,
    goes: &dyn Fn(&LessonId) -> bool,
) -> Result<Plan, SyncError> {
    refuse_unfinished(context)?;
    let unknown = || StoreError::Unknown { what: "apply", id: apply.to_string() };
    let journalled = context.reader.apply(apply)?.ok_or_else(unknown)?;
    let held: BTreeSet<LessonId> = context.reader.held_by(apply)?.into_iter().collect();
    let there: Vec<PlannedLesson> = context
        .reader
        .apply_lessons(apply)?
        .into_iter()
        .filter(|(planned, fate)| *fate == Fate::Written && held.contains(&planned.lesson))
        .map(|(planned, _)| planned)
        .collect();
    let going: Vec<PlannedLesson> = there.iter().filter(|planned| goes(&planned.lesson)).cloned().collect();
    if going.is_empty() {
        return Err(SyncError::NothingLeft { apply: apply.clone() });
    }
    let composition = Composition::load(context.reader, context.cuttings, &there)?;
    if let Some(lost) = composition.lost().into_iter().next() {
        let reason =
            format!("another version of wakeful wrote lesson {lost}; this one can't tell its text apart");
        return Err(SyncError::UndoConflict { reasons: vec![reason] });
    }
    let base = context.reader.snapshot(journalled.before)?;
    let (with, without) = (composition.over(&base, &|_| true), composition.over(&base, &|held| !goes(held)));
    // Without it, another lesson would not fit: that one was written into its text.
    let mut reasons = Vec::new();
    for planned in there.iter().filter(|planned| !goes(&planned.lesson)) {
        if with.fates.get(&planned.lesson) != without.fates.get(&planned.lesson) {
            reasons
                .push(format!("lesson {} was written into its text; take that back first", planned.lesson));
        }
    }
    if !reasons.is_empty() {
        return Err(SyncError::UndoConflict { reasons });
    }
    let (with, without) = (with.snapshot, without.snapshot);
    let current = context.memory_now()?;
    let after = lesson::undo(&with, &without, &current)
        .map_err(|conflict| SyncError::UndoConflict { reasons: conflict.reasons })?;
    let journal = ApplyPlan {
        agent: context.agent.id.clone(),
        action: ApplyAction::Undo,
        target: Some(apply.clone()),
        before: current,
        after,
        lessons: going,
        satisfied: Vec::new(),
        collided: Vec::new(),
        documents: Vec::new(),
    };
    Ok(finish(journal, Vec::new(), &composition, &context.agent.budget))
}
