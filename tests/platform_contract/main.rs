//! What the client makes of the platform's answers: every kind of object, every error, every way in which
//! an answer can go wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod faults;
mod fixtures;
mod gates;
mod memory;
mod sessions;
mod support;
