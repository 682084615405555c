//! The platform as a source like any other.
//!
//! Owns: listing agents with their memories, reading what changed of a memory, and opening fetched
//! transcripts. Must not know: the cache, or who asks.

use std::collections::{BTreeMap, HashMap};
use std::io::{Seek, SeekFrom};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::super::{
    FoundSession, MemoryLimits, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError, files,
};
use super::endpoints::SessionQuery;
use super::pairs::{pairs, profile_of};
use super::wire::{self, Memory, MemoryItem, View};
use super::{MEMORIES_MOST, MEMORY_BYTES_MOST, PATH_PARTS_MOST, Platform, PlatformError, transcript};
use crate::domain::agent::{Agent, SourceKind};
use crate::domain::ids::SessionId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::session::Skipped;

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
        Ok(self.read_store(&agent.memory_at, known)?)
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
async fn again<T, F>(list: impl Fn() -> F) -> Result<T, PlatformError>
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

    /// A store's documents. Those that `known` holds as they are now are not fetched.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn read_store(&self, store: &str, known: &Snapshot) -> Result<MemoryRead, PlatformError> {
        let (read, ids) = self.block_on(read_store(self, store, known))?;
        self.ids().insert(store.to_owned(), ids);
        Ok(read)
    }
}

async fn read_store(
    platform: &Platform,
    store: &str,
    known: &Snapshot,
) -> Result<(MemoryRead, HashMap<String, String>), PlatformError> {
    let client = platform.client();
    let list = |view| {
        again(move || async move {
            let items: Vec<MemoryItem> = client.memories(store, view).try_collect().await?;
            Ok::<_, PlatformError>(items)
        })
    };
    let mut read = MemoryRead::default();
    let mut ids = HashMap::new();
    let mut wanted: BTreeMap<DocPath, Memory> = BTreeMap::new();
    let items = list(View::Basic).await?;
    let total = items.len();
    for item in items {
        match item {
            MemoryItem::Memory(memory) => {
                ids.insert(memory.path.clone(), memory.id.clone());
                match DocPath::new(&memory.path) {
                    Ok(path) => match known.get(&path).filter(|text| is_of(text, &memory.content_sha256)) {
                        Some(text) => read.snapshot.insert(path, std::sync::Arc::clone(text)),
                        None => drop(wanted.insert(path, *memory)),
                    },
                    Err(bad) => {
                        read.skipped.push(skipped(&memory, bad.reason));
                    }
                }
            }
            MemoryItem::Prefix(_) | MemoryItem::Other(_) => {}
        }
    }
    // Listing with contents brings twenty at a time, unchanged ones too; asking for single ones brings one.
    let fetched: Vec<Option<Memory>> = if wanted.len() > total / 20 + 1 {
        let full = list(View::Full).await?.into_iter();
        full.map(|item| match item {
            MemoryItem::Memory(memory) => Some(*memory),
            MemoryItem::Prefix(_) | MemoryItem::Other(_) => None,
        })
        .collect()
    } else {
        let ids: Vec<String> = wanted.values().map(|memory| memory.id.clone()).collect();
        let single = stream::iter(ids).map(|id| async move {
            match client.memory(store, &id).await {
                Ok(memory) => Ok(Some(memory)),
                // Deleted since it was listed.
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        });
        single.buffer_unordered(client.settings().limits.concurrency.max(1)).try_collect().await?
    };
    for memory in fetched.into_iter().flatten() {
        let Ok(path) = DocPath::new(&memory.path) else { continue };
        if read.snapshot.get(&path).is_some_and(|text| is_of(text, &memory.content_sha256)) {
            continue;
        }
        match &memory.content {
            Some(text) if is_of(text, &memory.content_sha256) => read.snapshot.insert(path, text.as_str()),
            Some(_) => {
                read.skipped.push(skipped(&memory, "its content arrived changed; its hash says otherwise"));
            }
            None => read.skipped.push(skipped(&memory, "it came without its content")),
        }
    }
    Ok((read, ids))
}

fn is_of(text: &str, hash: &str) -> bool {
    ContentHash::parse(hash).is_some_and(|hash| hash == ContentHash::of(text.as_bytes()))
}

fn skipped(memory: &Memory, reason: &str) -> Skipped {
    Skipped {
        file: memory.path.clone(),
        offset: 0,
        bytes: memory.content_size_bytes.unwrap_or(0),
        reason: reason.to_owned(),
    }
}
