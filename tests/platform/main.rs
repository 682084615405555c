//! The Claude platform, stood in for by a server on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod applying;
mod desk;
#[path = "../support/dreams.rs"]
mod dreams;
mod kill;
mod morning;
mod network;
mod raw;
mod reading;
mod stand_in;
#[path = "../support/terminal.rs"]
mod terminal;
