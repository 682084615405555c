//! The audit trail and its check.
//!
//! Owns: `wakeful.audit/1` and `wakeful.audit-verify/1`. Must not know: how rows are chained.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::memory::DocPath;
use crate::store::Record;

/// `wakeful.audit/1`
#[derive(Debug, Serialize)]
pub struct AuditReport {
    schema: &'static str,
    rows: Vec<AuditRow>,
}

#[derive(Debug, Serialize)]
struct AuditRow {
    seq: u64,
    at: Timestamp,
    author: String,
    action: String,
    agent: Option<String>,
    lessons: Vec<String>,
    apply: Option<String>,
    path: Option<DocPath>,
    before: Option<String>,
    after: Option<String>,
    note: Option<String>,
    hash: String,
}

impl AuditReport {
    /// Rows of the trail.
    #[must_use]
    pub fn new(rows: &[Record]) -> Self {
        let row = |record: &Record| {
            let entry = &record.entry;
            AuditRow {
                seq: record.seq,
                at: record.at,
                author: entry.author.clone(),
                action: entry.action.clone(),
                agent: entry.agent.as_ref().map(ToString::to_string),
                lessons: entry.lessons.iter().map(ToString::to_string).collect(),
                apply: entry.apply.as_ref().map(ToString::to_string),
                path: entry.path.clone(),
                before: entry.before.map(|hash| hash.to_string()),
                after: entry.after.map(|hash| hash.to_string()),
                note: entry.note.clone(),
                hash: record.hash.to_string(),
            }
        };
        Self { schema: "wakeful.audit/1", rows: rows.iter().map(row).collect() }
    }
}

/// `wakeful.audit-verify/1`
#[derive(Debug, Serialize)]
pub struct AuditCheck {
    /// Name and version of the shape.
    pub schema: &'static str,
    /// Whether every row fits.
    pub intact: bool,
    /// First row that does not.
    pub broken_at: Option<u64>,
    /// What is wrong with it.
    pub reason: Option<String>,
}
