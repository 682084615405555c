//! The platform between a workspace that is stood in for and the cache: sync, dreams, what they cost.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod cli;
mod dreams;
mod endings;
mod in_force;
mod leftover;
mod pull;
mod support;
