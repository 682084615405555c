//! Public labelled data, and how well evidence is found in it, quotes are checked, orders replicate.
//!
//! Owns: reading the data sets and measuring. Must not know: what figures are good enough; `tests/evidence_bench.rs`
//! holds them to thresholds, `cargo bench --bench dreambench` prints them beside peers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code,
    reason = "helpers of tests and benchmarks, which use different parts and fail when one fails"
)]

pub mod coding;
#[path = "../support/engine.rs"]
pub mod engine;
pub mod locomo;
pub mod longmemeval;
pub mod pairs;
pub mod quotes;
pub mod talk;
pub mod tau;
pub mod who_and_when;
