//! How well evidence is found and quotes are checked, on public labelled data, with thresholds that
//! fail the build when they drop. Passes with a note where the data is absent.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a bench that cannot go on should stop"
)]

#[path = "evidence_bench/coding.rs"]
mod coding;
#[path = "evidence_bench/locomo.rs"]
mod locomo;
#[path = "evidence_bench/longmemeval.rs"]
mod longmemeval;
#[path = "evidence_bench/quotes.rs"]
mod quotes;
#[path = "evidence_bench/talk.rs"]
mod talk;
