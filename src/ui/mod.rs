//! The console's model painted as cells.

pub mod diff;
pub mod highlight;
pub mod theme;
pub mod wrap;
