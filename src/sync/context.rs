//! What applying, undoing and dreaming for one agent need.
//!
//! Owns: the list, and reading the memory as it is now. Must not know: what is done with it.

use super::compose::Cuttings;
use super::error::SyncError;
use crate::domain::agent::Agent;
use crate::domain::memory::Snapshot;
use crate::source::Source;
use crate::store::{Reader, Writer};

/// One agent with its source, the cache, and who acts.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Whose memory.
    pub agent: &'a Agent,
    /// Where it lies.
    pub source: &'a dyn Source,
    /// The cache, to read.
    pub reader: &'a Reader,
    /// The cache, to write.
    pub writer: &'a Writer,
    /// Dreams cut into lessons before.
    pub cuttings: &'a Cuttings,
    /// Who acts, as the audit trail names them.
    pub by: &'a str,
}

impl Context<'_> {
    /// The memory as it is now. What the cache holds of it spares fetching what did not change.
    ///
    /// # Errors
    /// When the source or the cache can't be read.
    pub fn memory_now(&self) -> Result<Snapshot, SyncError> {
        let known = self.reader.memory(&self.agent.id)?.unwrap_or_default();
        Ok(self.source.memory(self.agent, &known)?.snapshot)
    }
}
