//! Putting a document back to how it was.
//!
//! Owns: what that would do, as a plan like any other: shown first, written only over the text that was
//! seen, and journalled, so that it can be taken back. Must not know: which version was asked for, or how
//! the plan is carried out.

use std::sync::Arc;

use super::compose::Composition;
use super::context::Context;
use super::error::SyncError;
use super::plan::{Plan, finish, refuse_unfinished};
use crate::domain::memory::DocPath;
use crate::store::{ApplyAction, ApplyPlan};

/// What giving a document the text `wanted` would do; `None`: it was not there, and goes. Lessons that put
/// text into it since are not taken back: they count as written, as after any edit of a person.
///
/// # Errors
/// When memory or cache can't be read, or an earlier apply was cut off and must be finished first.
pub fn document(context: &Context<'_>, path: &DocPath, wanted: Option<Arc<str>>) -> Result<Plan, SyncError> {
    refuse_unfinished(context)?;
    let before = context.memory_now()?;
    let mut after = before.clone();
    match wanted {
        Some(text) => {
            after.insert(path.clone(), text);
        }
        None => {
            after.remove(path);
        }
    }
    let journal = ApplyPlan {
        agent: context.agent.id.clone(),
        action: ApplyAction::Apply,
        target: None,
        before,
        after,
        lessons: Vec::new(),
        satisfied: Vec::new(),
        collided: Vec::new(),
        documents: Vec::new(),
    };
    let composition = Composition::load(context.reader, context.cuttings, &[])?;
    Ok(finish(journal, Vec::new(), &composition, &context.agent.budget))
}
