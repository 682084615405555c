//! From a request to the part of the workspace it means.
//!
//! Owns: the table of endpoints. Must not know: connections, faults.

use serde_json::Value;

use super::failure::Failure;
use super::query::Query;
use super::workspace::Workspace;

/// What an endpoint answers.
#[derive(Debug, PartialEq)]
pub enum Reply {
    /// A body, at once.
    Body(Value),
    /// The events of a session from here on, as they happen.
    Stream {
        /// Which session.
        session: String,
        /// Which thread of it.
        thread: Option<String>,
        /// The number of the first event to send.
        from: u64,
    },
}

/// Answers a request.
pub fn answer(
    workspace: &mut Workspace,
    method: &str,
    path: &str,
    query: &Query,
    body: &Value,
) -> Result<Reply, Failure> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let Some(("v1", parts)) = parts.split_first().map(|(first, rest)| (*first, rest)) else {
        return Err(Failure::missing("The address"));
    };
    if let ("GET", ["sessions", session, rest @ ..]) = (method, parts) {
        let thread = match rest {
            ["events", "stream"] => Some(None),
            ["threads", thread, "stream"] => Some(Some(*thread)),
            _ => None,
        };
        if let Some(thread) = thread {
            let from = workspace.event_count(session, thread)?;
            let (session, thread) = ((*session).to_owned(), thread.map(str::to_owned));
            return Ok(Reply::Stream { session, thread, from });
        }
    }
    match (method, parts) {
        ("GET", ["agents"]) => workspace.list_agents(query),
        ("GET", ["agents", id]) => workspace.agent(id),
        ("GET", ["sessions"]) => workspace.list_sessions(query),
        ("GET", ["sessions", id]) => workspace.session_body(id),
        ("GET", ["sessions", id, "events"]) => workspace.list_events(id, None, query),
        ("GET", ["sessions", id, "threads"]) => workspace.list_threads(id, query),
        ("GET", ["sessions", id, "threads", thread, "events"]) => {
            workspace.list_events(id, Some(thread), query)
        }
        ("GET", ["memory_stores"]) => workspace.list_stores(query),
        ("POST", ["memory_stores"]) => workspace.create_store(body),
        ("GET", ["memory_stores", store]) => workspace.store_body(store),
        ("DELETE", ["memory_stores", store]) => workspace.delete_store(store),
        ("POST", ["memory_stores", store, "archive"]) => workspace.archive_store(store),
        ("GET", ["memory_stores", store, "memories"]) => workspace.list_memories(store, query),
        ("POST", ["memory_stores", store, "memories"]) => workspace.create_memory(store, body, query),
        ("GET", ["memory_stores", store, "memories", id]) => workspace.memory(store, id, query),
        ("POST", ["memory_stores", store, "memories", id]) => workspace.update_memory(store, id, body, query),
        ("DELETE", ["memory_stores", store, "memories", id]) => workspace.delete_memory(store, id, query),
        ("GET", ["memory_stores", store, "memory_versions"]) => workspace.list_versions(store, query),
        ("GET", ["memory_stores", store, "memory_versions", id]) => workspace.version(store, id, query),
        ("GET", ["dreams"]) => workspace.list_dreams(query),
        ("POST", ["dreams"]) => workspace.create_dream(body),
        ("GET", ["dreams", id]) => workspace.look_at_dream(id),
        ("POST", ["dreams", id, "cancel"]) => workspace.cancel_dream(id),
        ("POST", ["dreams", id, "archive"]) => workspace.archive_dream(id),
        _ => Err(Failure::missing("The address")),
    }
    .map(Reply::Body)
}
