//! One lesson taken out of a memory that lived on.
//!
//! Owns: undo as the inverse change, cut into lessons like any other and rebased onto the memory of
//! today. Later edits stay; where they overlap, nothing changes. Must not know: who asked.

use super::combine::{Choice, combine};
use super::cut::cut;
use super::rebase::{Fate, rebase};
use crate::domain::memory::Snapshot;

/// Why an undo would overwrite later edits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it can't be taken back by itself: {}", .reasons.join("; "))]
pub struct UndoConflict {
    /// One plain sentence for each place.
    pub reasons: Vec<String>,
}

/// Takes out of `current` what lies between `without` and `with`: the memory as it was written with
/// a lesson, and as it would have been written without it.
///
/// # Errors
/// Where later edits overlap the lesson's text. Then nothing may be written.
pub fn undo(with: &Snapshot, without: &Snapshot, current: &Snapshot) -> Result<Snapshot, UndoConflict> {
    let mut back = cut(with, without);
    // What was brought is taken out again, whether or not something else says the same.
    back.script.twins.clear();
    let rebased = rebase(&back, current);
    let mut reasons = Vec::new();
    let mut accepted = Vec::new();
    for (lesson, fate) in rebased.fate.iter().enumerate() {
        match fate {
            Fate::Clean => accepted.push(lesson),
            Fate::Satisfied => {}
            Fate::Conflict(why) => reasons.push(why.clone()),
        }
    }
    if !reasons.is_empty() {
        reasons.dedup();
        return Err(UndoConflict { reasons });
    }
    Ok(combine(&rebased.cutting, &Choice::of(accepted)))
}
