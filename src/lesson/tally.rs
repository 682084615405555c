//! What a rebase found of each lesson's own text, and what that makes of the lesson.
//!
//! Owns: the counts and the verdict. Must not know: how text is found.

use super::rebase::Fate;

/// What was found of one lesson's own text, over all documents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub still_to_insert: usize,
    pub still_to_delete: usize,
    pub already_deleted: usize,
    /// Some of its text was put together with what somebody changed in it.
    pub merged: bool,
    conflict: Option<String>,
}

impl Tally {
    pub fn collide(&mut self, why: String) {
        self.conflict.get_or_insert(why);
    }

    /// The note that says the same as one it would take away is gone: then that one is the last.
    pub fn miss_twin(&mut self) {
        if self.still_to_delete > 0 {
            self.collide("the note that it repeats is no longer there".to_owned());
        }
    }

    pub fn fate(self) -> Fate {
        match self {
            Self { conflict: Some(why), .. } => Fate::Conflict(why),
            Self { still_to_insert: 0, still_to_delete: 0, .. } => Fate::Satisfied,
            Self { already_deleted: 1.., still_to_insert: 1.., .. } => {
                Fate::Conflict("the text it would change is no longer there".to_owned())
            }
            _ => Fate::Clean,
        }
    }
}

pub(crate) fn note(tallies: &mut [Tally], lesson: Option<usize>, what: impl FnOnce(&mut Tally)) {
    if let Some(tally) = at(tallies, lesson) {
        what(tally);
    }
}

pub(crate) fn at(tallies: &mut [Tally], lesson: Option<usize>) -> Option<&mut Tally> {
    lesson.and_then(|lesson| tallies.get_mut(lesson))
}
