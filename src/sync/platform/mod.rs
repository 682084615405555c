//! Dreams and agents of the Claude platform: reading them, what dreams cost, running and following them,
//! and making lessons of what they wrote.
//!
//! Owns: the work between the platform and the cache. Must not know: the wire format, SQL, or who shows it.
//!
//! [`plan`] says what a dream would read and cost, [`start()`] starts it, [`watch()`] follows it and [`cancel`]
//! stops it; [`harvest()`] makes lessons of a finished one. A sync does the first and last by itself.

mod base;
pub mod choose;
mod convert;
mod dreams;
pub mod estimate;
mod failure;
mod far;
mod harvest;
pub mod leftover;
mod live;
mod memory;
mod options;
pub mod prices;
pub mod prompt;
pub(super) mod pull;
mod roster;
mod sessions;
mod shelf;
mod start;
pub mod transcripts;
mod watch;

pub use far::Far;
pub use harvest::{Harvested, run as harvest};
pub use options::{Labels, Options};
pub use start::{Part, Plan, Wish, plan, start};
pub use watch::{Seen, Step, Ticker, Told, cancel, fetch, look, watch};
