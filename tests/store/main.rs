//! The cache: upgrades, permissions, decisions, the audit trail, and several users of one file.

mod audit;
mod decisions;
mod dreams;
mod files;
mod journal;
mod sharing;
mod support;
mod upgrade;
