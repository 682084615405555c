//! DreamBench: how well passes find what is there, and nothing else.
//!
//! Corpora are made from seeds with known truth, so that finding, missing and inventing can be
//! counted. `tests/dreambench.rs` holds the engine to thresholds over a few seeds,
//! `cargo bench --bench dreambench` prints the table over many.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stderr,
    dead_code,
    reason = "helpers of tests and benchmarks, which use different parts and fail when one fails"
)]

pub mod corpus;
pub mod decoys;
pub mod disk;
pub mod naive;
pub mod plants;
pub mod score;
