//! The platform as a source like any other.
//!
//! Owns: listing agents with their memories, and opening fetched transcripts. Must not know: the cache, or who asks.

use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom};

use futures_util::stream::{StreamExt, TryStreamExt};

use super::super::{
    FoundSession, MemoryLimits, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError, files,
};
use super::documents::NoShelf;
use super::endpoints::SessionQuery;
use super::pairs::{pairs, profile_of};
use super::wire;
use super::{MEMORIES_MOST, MEMORY_BYTES_MOST, PATH_PARTS_MOST, Platform, PlatformError, transcript};
use crate::domain::agent::{Agent, SourceKind};
use crate::domain::ids::SessionId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};

/// Latest sessions of a workspace that are looked at to learn who works with which memory.
const RECENT: usize = 300;

/// Latest sessions of one agent that are looked at if it is not among those.
const RECENT_OWN: u32 = 5;

/// Agents for which that is done.
const ASKED_FOR: usize = 50;

/// How often a list is read anew when it breaks.
const ATTEMPTS: u32 = 3;

impl Source for Platform {
    fn kind(&self) -> SourceKind {
        SourceKind::Platform
    }

    fn owns(&self, agent: &Agent) -> bool {
        agent.source == SourceKind::Platform && profile_of(&agent.id) == self.profile()
    }

    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        Ok(self.block_on(self.listed_agents())?)
    }

    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        self.mine(agent)?;
        if agent.sessions_at.is_empty() {
            return Ok(Vec::new());
        }
        let store = (!agent.memory_at.is_empty()).then(|| agent.memory_at.clone());
        let query = SessionQuery {
            agent: Some(agent.sessions_at.clone()),
            memory_store: store,
            archived: true,
            ..SessionQuery::default()
        };
        let list = || async {
            let found = self.client().sessions(&query).map_ok(|session| session.id);
            found.try_collect::<std::collections::BTreeSet<String>>().await
        };
        let ids = self.block_on(again(list))?;
        let found = ids.into_iter().map(|id| FoundSession {
            files: self.fetched_transcript(&id).into_iter().collect(),
            id: SessionId::new(id),
        });
        Ok(found.collect())
    }

    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError> {
        self.mine(agent)?;
        let session = file.strip_suffix(".jsonl").unwrap_or(file);
        let name = transcript::file_name(session).filter(|name| name == file);
        let Some(name) = name else { return Err(SourceError::Outside { path: file.to_owned() }) };
        let path = self.transcripts().join(name);
        let opened = std::fs::File::open(&path).and_then(|mut opened| {
            opened.seek(SeekFrom::Start(from))?;
            Ok(opened)
        });
        match opened {
            Ok(opened) => Ok(Box::new(std::io::BufReader::with_capacity(256 << 10, opened))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(SourceError::NotFetched { session: session.to_owned() })
            }
            Err(error) => Err(SourceError::Unreadable { at: path.display().to_string(), error }),
        }
    }

    fn memory(&self, agent: &Agent, known: &Snapshot) -> Result<MemoryRead, SourceError> {
        self.mine(agent)?;
        if agent.memory_at.is_empty() {
            return Ok(MemoryRead::default());
        }
        Ok(self.read_store(&agent.memory_at, known, &NoShelf)?)
    }

    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        self.mine(agent)?;
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
        self.write_memory(&agent.memory_at, path, expected, content)
    }

    fn rename(
        &self,
        agent: &Agent,
        from: &DocPath,
        to: &DocPath,
        expected: ContentHash,
        content: &str,
    ) -> Option<Result<(), WriteError>> {
        if !self.owns(agent) {
            return Some(Err(WriteError::NotMine { agent: agent.id.to_string() }));
        }
        Some(self.rename_memory(&agent.memory_at, from, to, expected, content))
    }

    fn limits(&self) -> Option<MemoryLimits> {
        Some(MemoryLimits {
            document_bytes: MEMORY_BYTES_MOST,
            documents: MEMORIES_MOST,
            path_parts: PATH_PARTS_MOST,
        })
    }

    fn platform(&self) -> Option<&Platform> {
        Some(self)
    }
}

/// Reads a list anew when it breaks. Only for what is collected whole: nothing of a broken one is kept.
pub(super) async fn again<T, F>(list: impl Fn() -> F) -> Result<T, PlatformError>
where
    F: Future<Output = Result<T, PlatformError>>,
{
    let mut attempt = 1;
    loop {
        match list().await {
            Err(PlatformError::ListBroken { .. }) if attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}

impl Platform {
    fn mine(&self, agent: &Agent) -> Result<(), SourceError> {
        if self.owns(agent) { Ok(()) } else { Err(SourceError::NotMine { agent: agent.id.to_string() }) }
    }

    async fn listed_agents(&self) -> Result<Vec<Agent>, PlatformError> {
        let client = self.client();
        // A page that came twice, or an object that moved while the list was read, is one object.
        let agents: BTreeMap<String, wire::Agent> =
            again(|| async { client.agents().map_ok(|agent| (agent.id.clone(), agent)).try_collect().await })
                .await?;
        let stores: BTreeMap<String, wire::Store> = again(|| async {
            client.stores(false).map_ok(|store| (store.id.clone(), store)).try_collect().await
        })
        .await?;
        // Those put away too: what an agent works with does not end with its last session.
        let query = SessionQuery { archived: true, ..SessionQuery::default() };
        let mut sessions: Vec<wire::Session> =
            again(|| async { client.sessions(&query).take(RECENT).try_collect().await }).await?;
        let unseen: Vec<&String> = agents
            .keys()
            .filter(|id| !sessions.iter().any(|session| session.agent.id == **id))
            .take(ASKED_FOR)
            .collect();
        // With fewer sessions than were looked at, there are no others.
        if sessions.len() == RECENT {
            for id in unseen {
                let query = SessionQuery { agent: Some(id.clone()), page: Some(RECENT_OWN), ..query.clone() };
                let own = again(|| async {
                    client.sessions(&query).take(RECENT_OWN as usize).try_collect::<Vec<_>>().await
                });
                sessions.extend(own.await?);
            }
        }
        let agents: Vec<wire::Agent> = agents.into_values().collect();
        let stores: Vec<wire::Store> = stores.into_values().collect();
        Ok(pairs(self.profile(), &agents, &sessions, &stores))
    }
}
