//! The heart: two memory snapshots to lessons, and any subset of lessons back to a snapshot.
//!
//! [`cut()`] compares the memory an agent has with the memory a dream proposes and falls into
//! [`Cutting::lessons`], each small enough to decide. [`combine()`] writes any chosen subset, byte for
//! byte the base for none and the proposal for all. [`rebase()`] carries the rest over to a memory that
//! changed meanwhile, and [`undo()`] takes one lesson out again and leaves later edits alone.
//!
//! How it works: documents are partitioned into `blocks`; `pairs` finds the documents that belong
//! together and the blocks that stay, `align` what became of the others (changed, moved, merged); the result is a `script` of steps, each kept, deleted or inserted
//! under a rule that names the lessons it waits for; `group` joins steps into lessons of a size to
//! decide; `structure` ties headings, index lines and front matter to the lessons that need them.
//!
//! Owns: all of that. Must not know: sessions, evidence, stores, screens.

mod align;
mod blame;
pub(crate) mod blocks;
mod classes;
mod combine;
mod cut;
mod describe;
mod follow;
mod front;
mod group;
mod likeness;
mod links;
mod matcher;
mod merge3;
mod pairs;
pub(crate) mod phrase;
mod rebase;
mod scope;
mod script;
mod sections;
mod structure;
mod take_out;
mod tally;
mod undo;

pub use blame::Blame;
pub use combine::{Choice, beside, combine};
pub use cut::{CutLesson, Cutting, cut, cut_whole};
pub use follow::says_now;
pub(crate) use front::renewed;
pub use front::with_front_of;
pub(crate) use links::points_to;
pub use rebase::{Fate, Rebased, rebase};
pub use take_out::{TakenOut, take_out};
pub use undo::{UndoConflict, undo};

use crate::domain::ids::{AgentId, LessonId, content_id};

/// The id of a lesson: the same change proposed to the same agent has the same id on any day.
#[must_use]
pub fn lesson_id(agent: &AgentId, key: &str) -> LessonId {
    LessonId::new(content_id("les", &[agent.as_str().as_bytes(), key.as_bytes()]))
}
