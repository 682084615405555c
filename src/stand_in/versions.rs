//! The versions of memories.
//!
//! Owns: their record, who wrote them, and listing them. Must not know: how memories are changed.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::failure::Failure;
use super::memory::View;
use super::page::Ask;
use super::query::Query;
use super::workspace::Workspace;

/// Who wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// An agent, through its mount.
    Session(String),
    /// A program with a key.
    Api(String),
    /// A person.
    User(String),
    /// A service account.
    Service(String),
    /// Not recorded.
    Unknown,
}

impl Actor {
    /// A person at the platform's own console.
    #[must_use]
    pub fn someone() -> Self {
        Self::User("user_01StandInSomeone".to_owned())
    }

    /// Whoever calls the API.
    #[must_use]
    pub fn caller() -> Self {
        Self::Api("apikey_01StandInCaller".to_owned())
    }

    fn body(&self) -> Value {
        match self {
            Self::Session(id) => json!({ "type": "session_actor", "session_id": id }),
            Self::Api(id) => json!({ "type": "api_actor", "api_key_id": id }),
            Self::User(id) => json!({ "type": "user_actor", "user_id": id }),
            Self::Service(id) => json!({ "type": "service_account_actor", "service_account_id": id }),
            Self::Unknown => Value::Null,
        }
    }
}

/// One version of a memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// Of which memory.
    pub memory: String,
    /// `created`, `modified` or `deleted`.
    pub operation: &'static str,
    /// The path then.
    pub path: String,
    /// The text then; `None` when it was deleted.
    pub content: Option<Arc<str>>,
    /// Its hash, while there is a text.
    pub sha256: Option<String>,
    /// When.
    pub created: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Whether its text was wiped.
    pub redacted: bool,
}

impl Version {
    fn body(&self, store: &str, view: View) -> Value {
        let shown = self.content.as_deref().filter(|_| !self.redacted);
        let redacted = self.redacted.then(|| self.created.to_string());
        json!({
            "type": "memory_version", "id": self.id, "memory_store_id": store, "memory_id": self.memory,
            "operation": self.operation,
            "path": if self.redacted { None } else { Some(&self.path) },
            "content": shown.filter(|_| view == View::Full),
            "content_sha256": shown.and(self.sha256.as_ref()),
            "content_size_bytes": shown.map(str::len),
            "created_at": self.created.to_string(), "created_by": self.actor.body(),
            "redacted_at": redacted,
            "redacted_by": if self.redacted { Actor::someone().body() } else { Value::Null },
        })
    }
}

impl Workspace {
    pub(super) fn version(&self, store: &str, id: &str, query: &Query) -> Result<Value, Failure> {
        query.only(&["view"])?;
        let found = self.store(store)?.versions.iter().find(|version| version.id == id);
        let found = found.ok_or_else(|| Failure::missing("Memory version"))?;
        Ok(found.body(store, View::read(query, View::Full)?))
    }

    pub(super) fn list_versions(&self, store: &str, query: &Query) -> Result<Value, Failure> {
        query.only(&[
            "memory_id",
            "operation",
            "session_id",
            "api_key_id",
            "service_account_id",
            "created_at[gte]",
            "created_at[lte]",
            "view",
            "limit",
            "page",
        ])?;
        let versions = &self.store(store)?.versions;
        let view = View::read(query, View::Basic)?;
        let ask = Ask::read(&format!("{store}/versions"), query, view.limits(), self.cursors)?;
        let mut found = Vec::new();
        for (number, version) in versions.iter().enumerate().rev() {
            let body = version.body(store, View::Basic);
            let by = |kind: &str| body.pointer(&format!("/created_by/{kind}")).and_then(Value::as_str);
            let passes =
                |name: &str, value: Option<&str>| query.get(name).is_none_or(|want| value == Some(want));
            let wanted = passes("memory_id", Some(&version.memory))
                && passes("operation", Some(version.operation))
                && passes("session_id", by("session_id"))
                && passes("api_key_id", by("api_key_id"))
                && passes("service_account_id", by("service_account_id"));
            if wanted && query.admits(version.created)? {
                found.push((format!("{number:012}"), version));
            }
        }
        let (data, last) = ask.take(found.into_iter(), true);
        Ok(ask.body(data.into_iter().map(|version| version.body(store, view)).collect(), last))
    }

    /// All versions of a store's memories, the oldest first.
    #[must_use]
    pub fn versions(&self, store: &str) -> Vec<Version> {
        self.stores.get(store).map(|store| store.versions.clone()).unwrap_or_default()
    }

    /// Drops the versions of a store that are older than a moment, as time does.
    pub fn forget_versions(&mut self, store: &str, before: Timestamp) {
        if let Some(store) = self.stores.get_mut(store) {
            store.versions.retain(|version| version.created >= before);
        }
    }
}
