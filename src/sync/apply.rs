//! Writing what was accepted, exactly that, and never over something nobody has seen.
//!
//! Owns: confirming a plan against the world and carrying it out, or on after a kill. Must not know:
//! how plans are shown or confirmed.
//!
//! First [`plan`], which changes nothing and is what a person confirms; then [`run`]. The plan goes
//! into the journal before the first document is written, every write is conditional on the text
//! that was seen, and each is noted when it is done. Whatever happens in between, [`resume`] goes on.

use super::context::Context;
use super::drive;
use super::error::SyncError;
use super::renew;
use crate::domain::dream::Progress;
use crate::domain::ids::{ApplyId, LessonId};
use crate::domain::lifecycle::State;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::store::{ApplyAction, FileLock, StoreError};

pub use super::plan::{DocPlan, Plan, Remark, plan};

/// What an apply or undo did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Which; `None` where nothing was written, so that the memory has no version more.
    pub apply: Option<ApplyId>,
    /// Whether lessons went in or out.
    pub action: ApplyAction,
    /// Documents that are as planned now.
    pub written: Vec<DocPath>,
    /// Documents that someone else changed meanwhile, or that could not be written; they were left.
    pub left: Vec<DocPath>,
    /// Those of `written` that someone else changed meanwhile: the lessons fit, and were written into that text.
    pub fitted: Vec<DocPath>,
    /// Lessons that are in the memory now, or out of it.
    pub lessons: Vec<LessonId>,
    /// Those of `lessons` that went the other way: taken out by an apply, put back by an undo.
    pub taken_out: Vec<LessonId>,
    /// Lessons that were left out because the memory changed, and where. They are back in review.
    pub conflicts: Vec<(LessonId, String)>,
}

/// Carries out a plan that a person confirmed.
///
/// # Errors
/// [`SyncError::Stale`] if memory or decisions changed since the plan was made (nothing is written);
/// [`SyncError::Interrupted`] if a document can't be written (what is written is whole, the rest waits).
pub fn run(plan: &Plan, context: &Context<'_>, progress: &dyn Fn(Progress)) -> Result<Applied, SyncError> {
    let _lock = lock(context)?;
    super::plan::refuse_unfinished(context)?;
    let current = check_memory(plan, context)?;
    if plan.writes_nothing() {
        // What it collides with is what a reviewer wants to see.
        context.writer.put_memory(&plan.agent, &current, None)?;
        return measured(context, settle(plan, context));
    }
    let apply = context.writer.begin_apply(&plan.journal, context.by).map_err(stale)?;
    measured(context, drive::to_the_end(context, &apply, progress))
}

/// With the marks that speak of the size of the memory made anew. What was written is written: where that
/// fails, the old ones stay until the next sync.
fn measured<T>(context: &Context<'_>, done: Result<T, SyncError>) -> Result<T, SyncError> {
    let Context { reader, writer, cuttings, agent, .. } = *context;
    // What this apply has just found in collision goes back to review as that.
    let waiting = [State::Pending, State::Accepted, State::Snoozed];
    let renewed = renew::collisions(reader, writer, cuttings, agent, &waiting)
        .and_then(|()| renew::sizes(reader, writer, cuttings, agent));
    if let Err(error) = renewed {
        tracing::warn!(%error, "what the new memory makes of lessons that wait was not looked at");
    }
    done
}

/// Where nothing is to be written, lessons go where they belong all the same: those that collide back to
/// review, those that the memory says already off the list.
fn settle(plan: &Plan, context: &Context<'_>) -> Result<Applied, SyncError> {
    context.writer.settle(&plan.journal, context.by).map_err(stale)?;
    Ok(Applied {
        apply: None,
        action: plan.action,
        written: Vec::new(),
        left: Vec::new(),
        fitted: Vec::new(),
        lessons: Vec::new(),
        taken_out: Vec::new(),
        conflicts: plan.conflicts.clone(),
    })
}

fn stale(error: StoreError) -> SyncError {
    match error {
        StoreError::Stale { reason } => SyncError::Stale { reason },
        other => other.into(),
    }
}

/// Finishes an apply or undo that was cut off; `None` if there is none.
///
/// # Errors
/// As [`run`].
pub fn resume(context: &Context<'_>, progress: &dyn Fn(Progress)) -> Result<Option<Applied>, SyncError> {
    let _lock = lock(context)?;
    match context.reader.unfinished_apply(&context.agent.id)? {
        Some(open) => measured(context, drive::to_the_end(context, &open.id, progress)).map(Some),
        None => Ok(None),
    }
}

/// Ends an apply whose remaining documents can't be written: lessons that need them go back to
/// review, and their part in other documents is taken out again. Where the memory itself was deleted there
/// is nothing to take out: all its lessons go back to review. `None` if no apply was cut off.
///
/// # Errors
/// As [`run`], when even that can't be written.
pub fn give_up(context: &Context<'_>, progress: &dyn Fn(Progress)) -> Result<Option<Applied>, SyncError> {
    let _lock = lock(context)?;
    match context.reader.unfinished_apply(&context.agent.id)? {
        Some(open) if is_gone(context) => drive::abandon(context, &open.id).map(Some),
        Some(open) => measured(context, drive::give_up(context, &open.id, progress)).map(Some),
        None => Ok(None),
    }
}

/// Whether the memory was deleted, and not only can't be reached.
fn is_gone(context: &Context<'_>) -> bool {
    let read = context.memory_now();
    read.is_err_and(|error| {
        error.platform().is_some_and(crate::source::platform::PlatformError::is_not_found)
    })
}

pub(super) fn lock(context: &Context<'_>) -> Result<FileLock, SyncError> {
    context.writer.lock_applies()?.ok_or(SyncError::Busy { doing: "writing to memory" })
}

/// The texts that the reviewer saw must still be there. Gives the memory as it is now.
fn check_memory(plan: &Plan, context: &Context<'_>) -> Result<Snapshot, SyncError> {
    let current = context.memory_now()?;
    for document in &plan.journal.documents {
        let found = current.get(&document.path).map(|text| ContentHash::of(text.as_bytes()));
        if found != document.expected {
            return Err(SyncError::Stale { reason: format!("{} changed since the preview", document.path) });
        }
    }
    Ok(current)
}
