//! Documents, single texts, and the states in which a memory was seen.
//!
//! Owns: `wakeful.memory/1`, `wakeful.document/1` and `wakeful.memory-log/1`. Must not know: where
//! memory lies.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::memory::DocPath;

/// `wakeful.memory/1`
#[derive(Debug, Serialize)]
pub struct MemoryReport {
    schema: &'static str,
    agents: Vec<AgentDocuments>,
}

impl MemoryReport {
    /// Documents of agents.
    #[must_use]
    pub fn new(agents: Vec<AgentDocuments>) -> Self {
        Self { schema: "wakeful.memory/1", agents }
    }
}

/// The documents of one agent.
#[derive(Debug, Serialize)]
pub struct AgentDocuments {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// About how many tokens.
    pub tokens: u64,
    /// Tokens it should stay under.
    pub budget: u64,
    /// Its documents.
    pub documents: Vec<DocumentSize>,
}

/// One document and its size.
#[derive(Debug, Serialize)]
pub struct DocumentSize {
    /// Where.
    pub path: DocPath,
    /// Size.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// About how many tokens.
    pub tokens: u64,
    /// Hash of its content.
    pub sha256: String,
}

/// `wakeful.document/1`
#[derive(Debug, Serialize)]
pub struct DocumentReport<'a> {
    /// Name and version of the shape.
    pub schema: &'static str,
    /// Whose.
    pub agent: &'a str,
    /// Where.
    pub path: &'a DocPath,
    /// Hash of its content.
    pub sha256: String,
    /// Its text.
    pub text: &'a str,
}

/// `wakeful.memory-log/1`
#[derive(Debug, Serialize)]
pub struct MemoryLog {
    schema: &'static str,
    versions: Vec<VersionRow>,
}

impl MemoryLog {
    /// States in which memories were seen.
    #[must_use]
    pub fn new(versions: Vec<VersionRow>) -> Self {
        Self { schema: "wakeful.memory-log/1", versions }
    }
}

/// One state of a memory.
#[derive(Debug, Serialize)]
pub struct VersionRow {
    /// Whose.
    pub agent: String,
    /// Hash over all documents.
    pub snapshot: String,
    /// When it was first seen so.
    pub seen_at: Timestamp,
    /// The apply that made it so.
    pub apply: Option<String>,
    /// Documents.
    pub documents: u64,
    /// About how many tokens.
    pub tokens: u64,
}
