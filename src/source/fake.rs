//! A source in memory, with faults on request.
//!
//! Owns: standing in for a real source in tests, including what goes wrong with those. Must not know:
//! who tests what.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Cursor};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::agent::{Agent, Budget, Mode, SourceKind};
use crate::domain::ids::{AgentId, SessionId};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::session::SessionFile;

use super::{FoundSession, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError, files};

/// What goes wrong with the next write.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The write fails and nothing changes.
    Refuse,
    /// The document is written, but the answer is lost: the caller sees a failure.
    LoseAnswer,
    /// Somebody else writes this text first.
    Interfere(String),
}

/// A source whose agents, sessions and memories are given by the test.
#[derive(Debug, Default)]
pub struct Fake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    agents: BTreeMap<AgentId, Agent>,
    sessions: BTreeMap<AgentId, BTreeMap<String, Vec<u8>>>,
    memories: BTreeMap<AgentId, Snapshot>,
    protected: BTreeMap<AgentId, Vec<ProtectedDoc>>,
    faults: VecDeque<Fault>,
    writes: u64,
    offline: bool,
}

impl Fake {
    /// A source without agents.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an agent with a memory; returns it as a source would.
    pub fn add_agent(&self, name: &str, memory: Snapshot) -> Agent {
        let agent = Agent {
            id: AgentId::new(format!("folder:{name}")),
            name: name.to_owned(),
            source: SourceKind::Folder,
            sessions_at: format!("/{name}/sessions"),
            memory_at: format!("/{name}/memory"),
            protected: Vec::new(),
            segment: None,
            mode: Mode::default(),
            budget: Budget::default(),
            outcomes: crate::domain::outcome::Outcomes::default(),
        };
        let mut state = self.state();
        state.memories.insert(agent.id.clone(), memory);
        state.agents.insert(agent.id.clone(), agent.clone());
        agent
    }

    /// Puts a session file in place; `file` ends in `.jsonl`.
    pub fn put_session(&self, agent: &Agent, file: &str, bytes: impl Into<Vec<u8>>) {
        self.state().sessions.entry(agent.id.clone()).or_default().insert(file.to_owned(), bytes.into());
    }

    /// Gives an agent a document that people wrote.
    pub fn protect(&self, agent: &Agent, path: &str, text: &str) {
        let doc = ProtectedDoc { path: path.to_owned(), text: text.to_owned() };
        self.state().protected.entry(agent.id.clone()).or_default().push(doc);
    }

    /// Changes the memory behind everyone's back.
    pub fn put_memory(&self, agent: &Agent, path: &DocPath, text: Option<&str>) {
        let mut state = self.state();
        let memory = state.memories.entry(agent.id.clone()).or_default();
        match text {
            Some(text) => memory.insert(path.clone(), text),
            None => drop(memory.remove(path)),
        }
    }

    /// Lets the next write, or the one after those already arranged for, go wrong.
    pub fn fail_next_write(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// Makes every reading fail, or work again.
    pub fn set_offline(&self, offline: bool) {
        self.state().offline = offline;
    }

    /// Writes that changed something so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    fn reached(&self, agent: Option<&Agent>) -> Result<MutexGuard<'_, State>, SourceError> {
        let state = self.state();
        if state.offline {
            let error = io::Error::new(io::ErrorKind::NotConnected, "offline");
            return Err(SourceError::Unreadable { at: "the fake source".to_owned(), error });
        }
        match agent {
            Some(agent) if !state.agents.contains_key(&agent.id) => {
                Err(SourceError::NotMine { agent: agent.id.to_string() })
            }
            _ => Ok(state),
        }
    }
}

impl Source for Fake {
    fn kind(&self) -> SourceKind {
        SourceKind::Folder
    }

    fn owns(&self, agent: &Agent) -> bool {
        self.state().agents.contains_key(&agent.id)
    }

    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        Ok(self.reached(None)?.agents.values().cloned().collect())
    }

    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        let state = self.reached(Some(agent))?;
        let files = state.sessions.get(&agent.id).into_iter().flatten();
        let found = files.map(|(path, bytes)| FoundSession {
            id: SessionId::new(path.strip_suffix(".jsonl").unwrap_or(path)),
            files: vec![SessionFile {
                path: path.clone(),
                bytes: bytes.len() as u64,
                mtime: 0,
                read_to: 0,
                seal: None,
            }],
        });
        Ok(found.collect())
    }

    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError> {
        let state = self.reached(Some(agent))?;
        let bytes = state.sessions.get(&agent.id).and_then(|files| files.get(file)).cloned();
        let bytes = bytes.ok_or_else(|| SourceError::Unreadable {
            at: file.to_owned(),
            error: io::Error::from(io::ErrorKind::NotFound),
        })?;
        let mut cursor = Cursor::new(bytes);
        cursor.set_position(from);
        Ok(Box::new(cursor))
    }

    fn memory(&self, agent: &Agent, _: &Snapshot) -> Result<MemoryRead, SourceError> {
        let snapshot = self.reached(Some(agent))?.memories.get(&agent.id).cloned().unwrap_or_default();
        Ok(MemoryRead { snapshot, skipped: Vec::new() })
    }

    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        Ok(self.reached(Some(agent))?.protected.get(&agent.id).cloned().unwrap_or_default())
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
        // As a folder would.
        if path.relative().split('/').any(|part| part.starts_with('.')) {
            return Err(WriteError::Refused { path: path.clone(), reason: files::HIDDEN });
        }
        let lost = || WriteError::Io { path: path.clone(), error: io::Error::other("an arranged fault") };
        let mut state = self.state();
        let fault = state.faults.pop_front();
        let memory = state.memories.entry(agent.id.clone()).or_default();
        match &fault {
            Some(Fault::Refuse) => return Err(lost()),
            Some(Fault::Interfere(text)) => memory.insert(path.clone(), text.as_str()),
            Some(Fault::LoseAnswer) | None => {}
        }
        let found = memory.get(path).map(|text| ContentHash::of(text.as_bytes()));
        if found != content.map(|text| ContentHash::of(text.as_bytes())) {
            if found != expected {
                return Err(WriteError::Changed { path: path.clone(), found });
            }
            match content {
                Some(text) => memory.insert(path.clone(), text),
                None => drop(memory.remove(path)),
            }
            state.writes += 1;
        }
        if matches!(fault, Some(Fault::LoseAnswer)) { Err(lost()) } else { Ok(()) }
    }
}
