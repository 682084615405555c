//! A step that brings a moved document, where the source can move it as one write.
//!
//! Owns: finding the other half of a move in the journal. Must not know: how sources move documents. The
//! journal knows only writes and deletions: a move that is cut off looks like neither or both of them.

use super::context::Context;
use super::error::SyncError;
use crate::domain::lesson::Change;
use crate::domain::memory::{ContentHash, DocPath};
use crate::source::WriteError;
use crate::store::{Progress, Step};

/// The number of the other step, and how the move went.
pub(super) type Moved = (u32, Result<(), WriteError>);

/// Moves the document, if that is what this step and another one of the journal amount to: the number of
/// the other step, and how it went.
pub(super) fn attempt(
    context: &Context<'_>,
    steps: &[Step],
    step: &Step,
) -> Result<Option<Moved>, SyncError> {
    let (None, Some(content)) = (step.expected, step.content) else { return Ok(None) };
    for lesson in &step.lessons {
        let Some(lesson) = context.reader.lesson(lesson)? else { continue };
        for document in &lesson.documents {
            let Change::Renamed(old) = &document.change else { continue };
            // Taking a move back is a move the other way.
            let from = if document.path == step.path {
                old
            } else if *old == step.path {
                &document.path
            } else {
                continue;
            };
            let Some((other, expected)) = deletion(steps, from) else { continue };
            let text = context.reader.document(content)?;
            let moved = context.source.rename(context.agent, from, &step.path, expected, &text);
            return Ok(moved.map(|result| (other, result)));
        }
    }
    Ok(None)
}

/// The step that waits to delete a document.
fn deletion(steps: &[Step], path: &DocPath) -> Option<(u32, ContentHash)> {
    let waits =
        |step: &&Step| step.progress == Progress::Waiting && step.path == *path && step.content.is_none();
    let step = steps.iter().find(waits)?;
    Some((step.step, step.expected?))
}
