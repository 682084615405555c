//! From accepted lessons to written memory and back: what is written, what is refused, and what
//! happens when something goes wrong in between.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod apply;
mod blame;
mod decide;
mod dream;
#[path = "../support/dreams.rs"]
mod dreams;
mod faults;
mod fit;
mod grown;
mod pull;
mod shared;
mod support;
mod undo;
