//! The cache: upgrades, permissions, decisions, the audit trail, and several users of one file.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod audit;
mod decisions;
mod dreams;
mod files;
mod journal;
mod platform;
mod same;
mod sessions;
mod sharing;
mod support;
mod upgrade;
