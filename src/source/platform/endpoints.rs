//! The endpoints, one method each.
//!
//! Owns: paths, filters and bodies. Must not know: how requests are made.

use futures_util::stream::Stream;
use jiff::Timestamp;
use serde::Serialize;

use super::call::Call;
use super::client::{Client, unexpected};
use super::error::PlatformError;
use super::page::{PageOf, items, pages};
use super::retry::Effect;
use super::settings::Family::{Agents, Dreams, Memory as Memories};
use super::wire::{
    Agent, DeletedMemory, DeletedStore, Dream, DreamStatus, Memory, MemoryItem, NewDream, Operation, Session,
    SessionStatus, Store, Thread, Version, View,
};
use crate::domain::memory::ContentHash;

/// Items a page of most lists may hold.
const PAGE: u32 = 100;

/// The same where contents come along.
const FULL_PAGE: u32 = 20;

/// In which order a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

impl Order {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// Which sessions are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionQuery {
    /// Only those of this agent.
    pub agent: Option<String>,
    /// Only those that mount this store.
    pub memory_store: Option<String>,
    /// Only those in one of these states; all if empty.
    pub statuses: Vec<SessionStatus>,
    /// Only those made later.
    pub created_after: Option<Timestamp>,
    /// Only those made then or later.
    pub created_from: Option<Timestamp>,
    /// Only those made earlier.
    pub created_before: Option<Timestamp>,
    /// Those put away too.
    pub archived: bool,
    /// In which order; newest first if unsaid.
    pub order: Option<Order>,
    /// Items a page.
    pub page: Option<u32>,
}

/// Which events are listed. Times compare with when an event was processed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventQuery {
    /// Only events of these types; all if empty.
    pub types: Vec<String>,
    /// Only those then or later.
    pub from: Option<Timestamp>,
    /// In which order; oldest first if unsaid.
    pub order: Option<Order>,
    /// Items a page.
    pub page: Option<u32>,
}

/// Which memory versions are listed, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionQuery {
    /// Only those of this memory.
    pub memory: Option<String>,
    /// Only those that did this.
    pub operation: Option<Operation>,
    /// Only those written in this session.
    pub session: Option<String>,
    /// Only those written then or later.
    pub created_from: Option<Timestamp>,
    /// Only those written then or earlier.
    pub created_to: Option<Timestamp>,
    /// With or without content.
    pub view: View,
}

/// Which dreams are listed, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DreamQuery {
    /// Only those made later.
    pub created_after: Option<Timestamp>,
    /// Only those made earlier.
    pub created_before: Option<Timestamp>,
    /// Only those in one of these states; all if empty.
    pub statuses: Vec<DreamStatus>,
    /// Those put away too.
    pub archived: bool,
}

/// What becomes of a memory, if it still is what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryChange {
    /// The new content, if it changes.
    pub content: Option<String>,
    /// The new path, if it moves.
    pub path: Option<String>,
    /// Hash of the content that was seen.
    pub expected: ContentHash,
}

fn body(call: &Call, body: &impl Serialize) -> Result<Vec<u8>, PlatformError> {
    serde_json::to_vec(body).map_err(|error| unexpected(call, &error, None))
}

fn listed(words: impl IntoIterator<Item = impl AsRef<str>>, name: &str, call: Call) -> Call {
    words.into_iter().fold(call, |call, word| call.with(&format!("{name}[]"), word.as_ref()))
}

type Each<T> = Result<T, PlatformError>;

impl Client {
    /// Asks for one agent, one store and one dream; each answer is the server's time, where it says so.
    pub(super) async fn probe(&self) -> [Result<Option<Timestamp>, PlatformError>; 3] {
        let calls = [(Agents, "agents"), (Memories, "memory_stores"), (Dreams, "dreams")];
        let calls = calls.map(|(family, path)| Call::get(family, &[path]).with("limit", 1));
        let [agents, memory, dreams] = &calls;
        let ask = |call| async move { self.bytes(call).await.map(|body| body.date) };
        [ask(agents).await, ask(memory).await, ask(dreams).await]
    }

    /// All agents in use.
    pub fn agents(&self) -> impl Stream<Item = Each<Agent>> + Send + Unpin + use<> {
        items(self, Call::get(Agents, &["agents"]).with("limit", PAGE))
    }

    /// One agent.
    pub async fn agent(&self, id: &str) -> Result<Agent, PlatformError> {
        self.json(&Call::get(Agents, &["agents", id])).await
    }

    /// Sessions.
    pub fn sessions(&self, query: &SessionQuery) -> impl Stream<Item = Each<Session>> + Send + Unpin + use<> {
        let call = Call::get(Agents, &["sessions"])
            .with_some("agent_id", query.agent.as_ref())
            .with_some("memory_store_id", query.memory_store.as_ref())
            .with_some("created_at[gt]", query.created_after)
            .with_some("created_at[gte]", query.created_from)
            .with_some("created_at[lt]", query.created_before)
            .with_some("include_archived", query.archived.then_some(true))
            .with_some("order", query.order.map(Order::as_str))
            .with("limit", query.page.unwrap_or(PAGE));
        items(self, listed(query.statuses.iter().map(SessionStatus::as_str), "statuses", call))
    }

    /// One session.
    pub async fn session(&self, id: &str) -> Result<Session, PlatformError> {
        self.json(&Call::get(Agents, &["sessions", id])).await
    }

    /// A session's threads: its own and those of sub-agents.
    pub fn threads(&self, session: &str) -> impl Stream<Item = Each<Thread>> + Send + Unpin + use<> {
        items(self, Call::get(Agents, &["sessions", session, "threads"]))
    }

    /// Memory stores, newest first; `archived` adds those put away.
    pub fn stores(&self, archived: bool) -> impl Stream<Item = Each<Store>> + Send + Unpin + use<> {
        let call = Call::get(Memories, &["memory_stores"]).with("limit", PAGE);
        items(self, call.with_some("include_archived", archived.then_some(true)))
    }

    /// One memory store.
    pub async fn store(&self, id: &str) -> Result<Store, PlatformError> {
        self.json(&Call::get(Memories, &["memory_stores", id])).await
    }

    /// Puts a memory store away: it can only be read from then on, and never be brought back.
    pub async fn archive_store(&self, id: &str) -> Result<Store, PlatformError> {
        self.json(&Call::post(Memories, Effect::Repeatable, &["memory_stores", id, "archive"])).await
    }

    /// Deletes a memory store with all its memories and their versions, for good.
    pub async fn delete_store(&self, id: &str) -> Result<DeletedStore, PlatformError> {
        self.json(&Call::delete(Memories, &["memory_stores", id])).await
    }

    /// All memories of a store.
    pub fn memories(
        &self,
        store: &str,
        view: View,
    ) -> impl Stream<Item = Each<MemoryItem>> + Send + Unpin + use<> {
        items(self, memories_call(store, view))
    }

    /// All memories of a store page by page, from a page marker on that an earlier reading was given.
    pub fn memory_pages(
        &self,
        store: &str,
        view: View,
        marker: Option<String>,
    ) -> impl Stream<Item = Each<PageOf<MemoryItem>>> + Send + Unpin + use<> {
        pages(self, memories_call(store, view), marker)
    }

    /// What stands directly in a folder of a store: memories, and folders as prefixes. `folder` starts and
    /// ends with `/`.
    pub fn memories_in(
        &self,
        store: &str,
        folder: &str,
    ) -> impl Stream<Item = Each<MemoryItem>> + Send + Unpin + use<> {
        let prefix = (folder != "/").then_some(folder);
        items(self, memories_call(store, View::Basic).with("depth", 1).with_some("path_prefix", prefix))
    }

    /// One memory, with its content.
    pub async fn memory(&self, store: &str, id: &str) -> Result<Memory, PlatformError> {
        let call = Call::get(Memories, &["memory_stores", store, "memories", id]);
        self.json(&call.with("view", View::Full.as_str())).await
    }

    /// Makes a memory. It never overwrites: a path that is taken is refused.
    pub async fn create_memory(
        &self,
        store: &str,
        path: &str,
        content: &str,
    ) -> Result<Memory, PlatformError> {
        #[derive(Serialize)]
        struct Body<'b> {
            path: &'b str,
            content: &'b str,
        }
        let call = Call::post(Memories, Effect::Once, &["memory_stores", store, "memories"]);
        let body = body(&call, &Body { path, content })?;
        self.json(&call.carrying(body)).await
    }

    /// Changes a memory, if its content is what was seen. What is as asked for already is no error.
    pub async fn update_memory(
        &self,
        store: &str,
        id: &str,
        change: &MemoryChange,
    ) -> Result<Memory, PlatformError> {
        #[derive(Serialize)]
        struct Precondition {
            #[serde(rename = "type")]
            kind: &'static str,
            content_sha256: String,
        }
        #[derive(Serialize)]
        struct Body<'b> {
            #[serde(skip_serializing_if = "Option::is_none")]
            content: Option<&'b str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            path: Option<&'b str>,
            precondition: Precondition,
        }
        let precondition =
            Precondition { kind: "content_sha256", content_sha256: change.expected.to_string() };
        let call = Call::post(Memories, Effect::Repeatable, &["memory_stores", store, "memories", id]);
        let (content, path) = (change.content.as_deref(), change.path.as_deref());
        let body = body(&call, &Body { content, path, precondition })?;
        self.json(&call.carrying(body)).await
    }

    /// Deletes a memory, if its content is what was seen.
    pub async fn delete_memory(
        &self,
        store: &str,
        id: &str,
        expected: ContentHash,
    ) -> Result<DeletedMemory, PlatformError> {
        let call = Call::delete(Memories, &["memory_stores", store, "memories", id]);
        self.json(&call.with("expected_content_sha256", expected)).await
    }

    /// Versions of a store's memories, newest first; those of deleted memories too.
    pub fn versions(
        &self,
        store: &str,
        query: &VersionQuery,
    ) -> impl Stream<Item = Each<Version>> + Send + Unpin + use<> {
        let call = Call::get(Memories, &["memory_stores", store, "memory_versions"])
            .with_some("memory_id", query.memory.as_ref())
            .with_some("operation", query.operation.as_ref().map(Operation::as_str))
            .with_some("session_id", query.session.as_ref())
            .with_some("created_at[gte]", query.created_from)
            .with_some("created_at[lte]", query.created_to)
            .with("view", query.view.as_str())
            .with("limit", page_of(query.view));
        items(self, call)
    }

    /// One version of a memory, with its content.
    pub async fn version(&self, store: &str, id: &str) -> Result<Version, PlatformError> {
        let call = Call::get(Memories, &["memory_stores", store, "memory_versions", id]);
        self.json(&call.with("view", View::Full.as_str())).await
    }

    /// Asks for a dream. After an error that [is ambiguous](PlatformError::is_ambiguous) list the dreams
    /// made since before asking again: there is no other way to tell whether it was made.
    pub async fn create_dream(&self, dream: &NewDream) -> Result<Dream, PlatformError> {
        let call = Call::post(Dreams, Effect::Once, &["dreams"]);
        let body = body(&call, dream)?;
        self.json(&call.carrying(body)).await
    }

    /// One dream.
    pub async fn dream(&self, id: &str) -> Result<Dream, PlatformError> {
        self.json(&Call::get(Dreams, &["dreams", id])).await
    }

    /// Dreams, newest first.
    pub fn dreams(&self, query: &DreamQuery) -> impl Stream<Item = Each<Dream>> + Send + Unpin + use<> {
        let call = Call::get(Dreams, &["dreams"])
            .with_some("created_at[gt]", query.created_after)
            .with_some("created_at[lt]", query.created_before)
            .with_some("include_archived", query.archived.then_some(true))
            .with("limit", PAGE);
        items(self, listed(query.statuses.iter().map(DreamStatus::as_str), "statuses", call))
    }

    /// Stops a dream. One that is stopped already is answered as it is.
    pub async fn cancel_dream(&self, id: &str) -> Result<Dream, PlatformError> {
        self.json(&Call::post(Dreams, Effect::Repeatable, &["dreams", id, "cancel"])).await
    }

    /// Puts a dream that has ended out of the lists, for good.
    pub async fn archive_dream(&self, id: &str) -> Result<Dream, PlatformError> {
        self.json(&Call::post(Dreams, Effect::Repeatable, &["dreams", id, "archive"])).await
    }
}

fn page_of(view: View) -> u32 {
    match view {
        View::Basic => PAGE,
        View::Full => FULL_PAGE,
    }
}

fn memories_call(store: &str, view: View) -> Call {
    Call::get(Memories, &["memory_stores", store, "memories"])
        .with("view", view.as_str())
        .with("limit", page_of(view))
}

/// The call that lists a session's events, or those of one of its threads.
pub(super) fn events_call(session: &str, thread: Option<&str>, query: &EventQuery) -> Call {
    let call = match thread {
        None => Call::get(Agents, &["sessions", session, "events"]),
        Some(thread) => Call::get(Agents, &["sessions", session, "threads", thread, "events"]),
    };
    let call = call
        .with_some("created_at[gte]", query.from)
        .with_some("order", query.order.map(Order::as_str))
        .with("limit", query.page.unwrap_or(PAGE));
    listed(&query.types, "types", call)
}

/// The call that opens a session's live stream.
pub(super) fn stream_call(session: &str) -> Call {
    let call = Call::get(Agents, &["sessions", session, "events", "stream"]);
    call.with("event_deltas[]", "agent.message")
}
