//! What decisions changed.
//!
//! Owns: `wakeful.decided/1`. Must not know: how decisions are made.

use serde::Serialize;

use crate::domain::lifecycle::State;
use crate::store::{Changed, Decided};

/// `wakeful.decided/1`
#[derive(Debug, Serialize)]
pub struct DecidedReport {
    schema: &'static str,
    outcome: &'static str,
    batch: Option<u64>,
    changed: Vec<ChangedRow>,
    kept: Vec<String>,
    unchanged: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ChangedRow {
    lesson: String,
    from: State,
    to: State,
}

impl DecidedReport {
    /// What decisions changed; `kept` are lessons left alone because they changed meanwhile.
    #[must_use]
    pub fn new(batch: Option<u64>, changed: &[Changed], kept: Vec<String>) -> Self {
        let row = |changed: &Changed| ChangedRow {
            lesson: changed.lesson.to_string(),
            from: changed.from,
            to: changed.to,
        };
        let outcome = match (changed.is_empty(), kept.is_empty()) {
            (true, _) => "nothing",
            (false, true) => "done",
            (false, false) => "part",
        };
        let changed = changed.iter().map(row).collect();
        Self { schema: "wakeful.decided/1", outcome, batch, changed, kept, unchanged: Vec::new() }
    }

    /// What new decisions changed.
    #[must_use]
    pub fn decided(decided: &Decided) -> Self {
        Self {
            unchanged: decided.unchanged.iter().map(ToString::to_string).collect(),
            ..Self::new(decided.batch, &decided.changed, Vec::new())
        }
    }
}
