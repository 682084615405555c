//! Dreams on the Claude platform: what they cost, what they are told, and which sessions they read.
//!
//! Owns: the work between the platform and the cache. Must not know: the wire, SQL, or who shows it.

pub mod choose;
pub mod estimate;
pub mod prices;
pub mod prompt;
