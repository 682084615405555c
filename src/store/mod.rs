//! The cache: one SQLite file, and the only place with SQL.
//!
//! Owns: where facts, lessons and decisions are kept, and that nothing acknowledged is ever lost: a
//! single thread writes, every command is one transaction, decisions and the audit trail are only
//! ever added to. Must not know: sources, terminals, how lessons are cut, or what a dream computes.
//!
//! [`Store::open`] gives a [`Writer`] (cheap to clone, blocks for its reply) and any number of
//! [`Reader`]s (one read-only connection each). Several processes may open the same file; the lock
//! of [`Writer::lock_applies`] lets only one of them write to memory stores.

mod actor;
mod agents;
mod applies;
mod audit;
mod counted;
mod cursors;
mod decisions;
mod dreams;
mod error;
mod evidence;
mod intents;
mod lessons;
mod lock;
mod open;
mod outbox;
mod quarantine;
mod reader;
mod records;
mod same;
mod schema;
mod sessions;
mod snapshots;
mod spot_checks;
mod status;
mod undo;
mod values;
mod view_state;
mod writer;

pub use applies::{
    Apply, ApplyAction, ApplyPlan, Fate, PlannedDocument, PlannedLesson, Progress, Step, StepChange,
};
pub use audit::{AuditEntry, AuditQuery, Break, Record};
pub use cursors::SyncTrouble;
pub use decisions::{Ask, Changed, Decided, Remade, Undone};
pub use dreams::Proposal;
pub use error::StoreError;
pub use intents::{Intent, OpenIntent};
pub use lessons::{LessonQuery, Located};
pub use lock::FileLock;
pub use open::Store;
pub use quarantine::Recounted;
pub use reader::Reader;
pub use sessions::Facts;
pub use snapshots::MemoryVersion;
pub use status::{AgentStatus, Status};
pub use writer::Writer;
