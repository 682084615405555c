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

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::ids::{AgentId, DreamId};
use crate::domain::text::is_unsafe;

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
    writeln!(out, "{}", visible(&text))
}

/// The same JSON, with characters that deceive a reader spelled as numbers: it may be printed on a terminal,
/// and whoever parses it gets the same text.
#[must_use]
pub fn visible(json: &str) -> Cow<'_, str> {
    let raw = |c: char| is_unsafe(c) && c != '\n';
    if !json.contains(raw) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 64);
    let mut units = [0; 2];
    for c in json.chars() {
        if raw(c) {
            c.encode_utf16(&mut units).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    Cow::Owned(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_a_reader_is_spelled_out_and_reads_the_same() {
        let value = serde_json::json!({"quote": "a\u{202e}b\u{e0041} é 👩"});
        let plain = serde_json::to_string_pretty(&value).unwrap();
        let shown = visible(&plain);
        assert!(shown.contains("a\\u202eb\\udb40\\udc41 é 👩"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
