//! Moves facts between sources and the cache, runs passes, applies decisions.
//!
//! Owns: what happens between the world and the cache, in which order, so that a crash between any
//! two steps loses nothing. Must not know: SQL, transcript formats, the screen, or the command line.
//!
//! [`pull`] reads what sources have, [`dream`] runs a pass and keeps its lessons, [`apply`] shows and
//! writes what was accepted, [`undo`] takes it back, [`restore`] puts a document back to how it was, [`decide`]
//! records what a person said, [`shared`] offers what several agents learned for the memory they share. All of
//! them block: run them beside the screen, not in it.

mod across;
pub mod adopt;
pub mod apply;
pub mod auto;
pub mod blame;
mod collide;
mod compose;
mod context;
pub mod decide;
pub mod dream;
mod drive;
mod error;
mod fit;
mod kept;
pub mod leaving;
mod limits;
mod moving;
mod onto;
pub mod others;
mod plan;
pub mod platform;
mod propose;
pub mod pull;
pub mod quarantine;
mod recount;
mod renew;
pub mod restore;
pub mod returns;
pub mod shared;
mod sides;
mod texts;
pub mod undo;

pub use compose::Cuttings;
pub use context::Context;
pub use error::{Standing, SyncError};
pub use texts::{DocumentTexts, LessonTexts, lesson_texts};
