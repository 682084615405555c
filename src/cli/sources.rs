//! Sources as the settings want them: agents carry the mode, budget, segment and protected documents
//! that are set for them.
//!
//! Owns: that layer. Must not know: any kind of source.

use std::sync::Arc;

use crate::config::Config;
use crate::domain::agent::{Agent, SourceKind};
use crate::domain::memory::{ContentHash, DocPath};
use crate::source::{FoundSession, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError};

/// A source whose agents have the settings applied to them.
pub struct Configured {
    inner: Arc<dyn Source>,
    config: Config,
}

impl Configured {
    /// Wraps a source.
    #[must_use]
    pub fn new(inner: Arc<dyn Source>, config: Config) -> Self {
        Self { inner, config }
    }
}

impl Source for Configured {
    fn kind(&self) -> SourceKind {
        self.inner.kind()
    }

    fn owns(&self, agent: &Agent) -> bool {
        self.inner.owns(agent)
    }

    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        let mut agents = self.inner.agents()?;
        for agent in &mut agents {
            self.config.apply_to(agent);
        }
        Ok(agents)
    }

    fn problems(&self) -> Vec<String> {
        self.inner.problems()
    }

    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        self.inner.sessions(agent)
    }

    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError> {
        self.inner.open(agent, file, from)
    }

    fn memory(&self, agent: &Agent) -> Result<MemoryRead, SourceError> {
        self.inner.memory(agent)
    }

    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        self.inner.protected(agent)
    }

    fn write(
        &self,
        agent: &Agent,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError> {
        self.inner.write(agent, path, expected, content)
    }
}
