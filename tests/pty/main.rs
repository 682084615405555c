//! The real binary in a pseudo-terminal: what a person at a terminal, a shell and a dropped line do to it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests; a failure is the test's failure"
)]

#[path = "../support/terminal.rs"]
mod terminal;

mod copying;
mod leaving;
mod looks;
mod morning;
mod noise;
mod plain;
