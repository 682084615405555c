//! The console without a terminal: its model under random messages, its screens as pictures in text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests; a failure is the test's failure"
)]

#[path = "../support/platform.rs"]
mod platform;

mod aloud;
mod ask;
mod budgets;
mod calm;
mod closer;
mod far;
mod headless;
mod morning;
mod next;
mod one_row;
mod peek;
mod pointer;
mod properties;
mod random_walk;
mod sample;
mod screens;
mod scripts;
