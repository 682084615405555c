//! A memory that several agents read, as an agent of its own without sessions.
//!
//! Owns: where it lies, into which document new notes go, and which agents read it. Must not know: what is
//! offered for it, or why.
//!
//! Being an agent to everything else, it is read, written on condition, put back and blamed like any other.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::agent::{Agent, Budget, Mode, SourceKind};
use crate::domain::ids::AgentId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};

use super::{
    FoundSession, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError, files, local,
};

/// What people call it.
pub const NAME: &str = "shared memory";
/// Where new notes go, unless it is set.
pub const DOCUMENT: &str = "lessons.md";

/// The folder with the documents that several agents read.
#[derive(Debug, Clone)]
pub struct Shared {
    root: PathBuf,
    document: Option<DocPath>,
    readers: Vec<String>,
}

impl Shared {
    /// The memory in this folder. Notes go into `document`, else [`DOCUMENT`]; `readers` are ids or names of the
    /// agents that read it, none for all.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, document: Option<DocPath>, readers: Vec<String>) -> Self {
        Self { root: local::absolute(root.into()), document, readers }
    }

    /// The document into which new notes go.
    #[must_use]
    pub fn document(&self) -> Option<DocPath> {
        self.document.clone().or_else(|| DocPath::new(DOCUMENT).ok())
    }

    /// Whether an agent reads it.
    #[must_use]
    pub fn is_read_by(&self, agent: &Agent) -> bool {
        let named = |name: &String| *name == agent.name || name == agent.id.as_str();
        agent.source != SourceKind::Shared && (self.readers.is_empty() || self.readers.iter().any(named))
    }

    /// Names of readers that no agent has.
    #[must_use]
    pub fn unknown_readers(&self, agents: &[Agent]) -> Vec<&str> {
        let known = |name: &str| agents.iter().any(|agent| name == agent.name || name == agent.id.as_str());
        self.readers.iter().map(String::as_str).filter(|name| !known(name)).collect()
    }

    /// Whether its folder is there.
    #[must_use]
    pub fn has_folder(&self) -> bool {
        self.root.is_dir()
    }

    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> String {
        self.root.display().to_string()
    }
}

impl Source for Shared {
    fn kind(&self) -> SourceKind {
        SourceKind::Shared
    }

    fn owns(&self, agent: &Agent) -> bool {
        agent.source == SourceKind::Shared && agent.memory_at == self.folder()
    }

    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        Ok(vec![Agent {
            id: AgentId::shared(),
            name: NAME.to_owned(),
            source: SourceKind::Shared,
            sessions_at: String::new(),
            memory_at: self.folder(),
            protected: Vec::new(),
            segment: None,
            mode: Mode::default(),
            outcomes: crate::domain::outcome::Outcomes::default(),
            budget: Budget::default(),
        }])
    }

    fn sessions(&self, _: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        Ok(Vec::new())
    }

    /// What its lessons rest on lies with the agents whose sessions those are.
    fn open(&self, _: &Agent, file: &str, _: u64) -> Result<Transcript, SourceError> {
        Err(SourceError::Outside { path: file.to_owned() })
    }

    fn memory(&self, agent: &Agent, _: &Snapshot) -> Result<MemoryRead, SourceError> {
        if !self.owns(agent) {
            return Err(SourceError::NotMine { agent: agent.id.to_string() });
        }
        files::read_folder(&self.root).map_err(|error| SourceError::Unreadable { at: self.folder(), error })
    }

    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        Ok(files::read_protected(&agent.protected))
    }

    fn write(
        &self,
        agent: &Agent,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError> {
        if !self.owns(agent) {
            return Err(WriteError::NotMine { agent: agent.id.to_string() });
        }
        files::write_document(&self.root, path, expected, content)
    }

    fn has_memory_place(&self, agent: &Agent) -> bool {
        Path::new(&agent.memory_at).is_dir()
    }

    fn remove_memory_place(&self, agent: &Agent) -> io::Result<()> {
        if self.owns(agent) { files::remove_if_empty(&self.root) } else { Ok(()) }
    }

    fn shared(&self) -> Option<&Shared> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_agents_read_it_unless_some_are_named() {
        let agent = |id: &str, name: &str, source| Agent {
            id: AgentId::new(id),
            name: name.to_owned(),
            source,
            ..Shared::new("/x", None, Vec::new()).agents().unwrap().remove(0)
        };
        let bot = agent("folder:bot", "bot", SourceKind::Folder);
        let lead = agent("folder:lead", "Lead", SourceKind::Folder);
        let all = Shared::new("/x", None, Vec::new());
        assert!(all.is_read_by(&bot) && !all.is_read_by(&all.agents().unwrap()[0]));
        let some = Shared::new("/x", None, vec!["Lead".to_owned(), "ghost".to_owned()]);
        assert_eq!((some.is_read_by(&bot), some.is_read_by(&lead)), (false, true));
        assert_eq!(some.unknown_readers(&[bot, lead]), ["ghost"]);
        assert_eq!(some.document().unwrap().as_str(), "/lessons.md");
    }
}
