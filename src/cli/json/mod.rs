//! The JSON that scripts rely on: one type per shape, versioned by the name in `schema`.
//!
//! Owns: the shapes of `assets/schema/`, one subject per file, and the names they refer to. Fields may
//! be added, never renamed or removed. Must not know: where values come from beyond the domain's
//! types, or how text output looks.

mod audit;
mod decided;
mod dreams;
mod lessons;
mod memory;
mod plan;
mod status;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::ids::{AgentId, DreamId};

pub use audit::{AuditCheck, AuditReport};
pub use decided::DecidedReport;
pub use dreams::{DreamRow, Dreams, ShownDream};
pub use lessons::{DocumentRow, LessonRow, Lessons, Shown, Texts};
pub use memory::{AgentDocuments, DocumentReport, DocumentSize, MemoryLog, MemoryReport, VersionRow};
pub use plan::{DreamPlans, PlannedDream};
pub use status::StatusReport;

/// Prints one object, readable, with a line end.
///
/// # Errors
/// When the output is closed.
pub fn print(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    writeln!(out, "{text}")
}

/// Names that lessons refer to.
#[derive(Debug, Default)]
pub struct Names {
    agents: BTreeMap<AgentId, Agent>,
    dreams: BTreeMap<DreamId, &'static str>,
}

impl Names {
    /// From all agents and passes.
    #[must_use]
    pub fn new(agents: Vec<Agent>, dreams: &[Dream]) -> Self {
        Self {
            agents: agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect(),
            dreams: dreams.iter().map(|dream| (dream.id.clone(), dream.engine.as_str())).collect(),
        }
    }

    /// What people call an agent.
    #[must_use]
    pub fn agent<'a>(&'a self, id: &'a AgentId) -> &'a str {
        self.agents.get(id).map_or(id.as_str(), |agent| agent.name.as_str())
    }
}
