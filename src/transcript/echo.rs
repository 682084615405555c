//! Text that may not count because it came from memory in the first place.
//!
//! Owns: recognising memory and rules in what agents say and read. Must not know: lessons or counts.
