//! Sessions, what they mount, and their threads.
//!
//! Owns: their fields. Must not know: requests, or what they are used for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::agent::ModelRef;
use super::lenient::{each, or_default};
use super::{Raw, words};

words! {
    /// What a session or thread is doing.
    SessionStatus {
        /// It is being moved to another machine.
        Rescheduling = "rescheduling",
        /// It works.
        Running = "running",
        /// It waits for somebody.
        Idle = "idle",
        /// It has ended.
        Terminated = "terminated",
    }
}

words! {
    /// What a session may do with a memory store.
    Access {
        /// Read and write.
        ReadWrite = "read_write",
        /// Read only.
        ReadOnly = "read_only",
    }
}

/// A session without its events.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub status: SessionStatus,
    /// What it is about, where somebody said so.
    #[serde(default, deserialize_with = "or_default")]
    pub title: Option<String>,
    /// The agent as it was when the session began.
    #[serde(default, deserialize_with = "or_default")]
    pub agent: SessionAgent,
    /// The deployment that started it.
    #[serde(default, deserialize_with = "or_default")]
    pub deployment_id: Option<String>,
    /// What it works with.
    #[serde(default, deserialize_with = "each")]
    pub resources: Vec<Resource>,
    /// Labels its owner gave it.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: BTreeMap<String, String>,
    /// What its outcomes were judged to be.
    #[serde(default, deserialize_with = "each")]
    pub outcome_evaluations: Vec<Outcome>,
    /// What it used so far.
    #[serde(default, deserialize_with = "or_default")]
    pub usage: SessionUsage,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_default")]
    pub updated_at: Option<Timestamp>,
    /// When it was put away.
    #[serde(default, deserialize_with = "or_default")]
    pub archived_at: Option<Timestamp>,
}

impl Session {
    /// The memory stores it mounts.
    pub fn mounts(&self) -> impl Iterator<Item = &Mount> {
        self.resources.iter().filter_map(|resource| match resource {
            Resource::Memory(mount) => Some(mount),
            Resource::Other(_) => None,
        })
    }
}

/// The agent of a session or thread.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct SessionAgent {
    /// Its id; empty for helpers that have none.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// What people call it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Which version of it.
    #[serde(default, deserialize_with = "or_default")]
    pub version: u64,
    /// The model it runs on.
    #[serde(default, deserialize_with = "or_default")]
    pub model: ModelRef,
}

/// Something a session works with.
#[derive(Debug, Clone)]
pub enum Resource {
    /// A memory store.
    Memory(Mount),
    /// A file, a repository, or something newer.
    Other(Raw),
}

/// A memory store in a session's file system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mount {
    /// Which store.
    pub memory_store_id: String,
    /// What the session may do with it. Unsaid means that it may write.
    #[serde(default, deserialize_with = "or_default")]
    pub access: Option<Access>,
    /// Its name when it was mounted.
    #[serde(default, deserialize_with = "or_default")]
    pub name: Option<String>,
    /// What the session was told to do with it.
    #[serde(default, deserialize_with = "or_default")]
    pub instructions: Option<String>,
    /// The folder in which it stands.
    #[serde(default, deserialize_with = "or_default")]
    pub mount_path: Option<String>,
}

impl Mount {
    /// Whether the session may write into the store.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        matches!(self.access, None | Some(Access::ReadWrite))
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind<'k> {
            #[serde(borrow, rename = "type")]
            kind: std::borrow::Cow<'k, str>,
        }
        let raw = Raw::deserialize(from)?;
        let kind: Result<Kind<'_>, _> = serde_json::from_str(raw.get());
        if kind.is_ok_and(|kind| kind.kind == "memory_store")
            && let Ok(mount) = serde_json::from_str(raw.get())
        {
            return Ok(Self::Memory(mount));
        }
        Ok(Self::Other(raw))
    }
}

/// What an outcome was judged to be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Outcome {
    /// What was wished for.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Which attempt.
    #[serde(default, deserialize_with = "or_default")]
    pub iteration: u64,
    /// `satisfied`, `failed`, `evaluating` and others.
    #[serde(default, deserialize_with = "or_default")]
    pub result: String,
    /// The grader's reasons.
    #[serde(default, deserialize_with = "or_default")]
    pub explanation: Option<String>,
    /// When it was judged.
    #[serde(default, deserialize_with = "or_default")]
    pub completed_at: Option<Timestamp>,
}

/// What a session used, as far as it says so.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct SessionUsage {
    /// Tokens read, not from a cache.
    #[serde(default, deserialize_with = "or_default")]
    pub input_tokens: Option<u64>,
    /// Tokens written.
    #[serde(default, deserialize_with = "or_default")]
    pub output_tokens: Option<u64>,
    /// Tokens read from a cache.
    #[serde(default, deserialize_with = "or_default")]
    pub cache_read_input_tokens: Option<u64>,
    /// Tokens written into a cache.
    #[serde(default, deserialize_with = "or_default")]
    pub cache_creation: CacheCreation,
    /// Seconds it was at work.
    #[serde(default, deserialize_with = "or_default")]
    pub active_seconds: Option<f64>,
    /// What it cost at list prices.
    #[serde(default, deserialize_with = "or_default")]
    pub list_cost: Option<ListCost>,
}

/// Tokens written into a cache, by how long they stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct CacheCreation {
    /// For five minutes.
    #[serde(default, deserialize_with = "or_default")]
    pub ephemeral_5m_input_tokens: u64,
    /// For an hour.
    #[serde(default, deserialize_with = "or_default")]
    pub ephemeral_1h_input_tokens: u64,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ListCost {
    /// Hundredths of the currency, as a decimal number in text: `"187"` is 1.87 dollars.
    #[serde(default, deserialize_with = "or_default")]
    pub amount: String,
    /// `USD`.
    #[serde(default, deserialize_with = "or_default")]
    pub currency: String,
}

/// A thread of a session: a sub-agent's own conversation.
#[derive(Debug, Clone, Deserialize)]
pub struct Thread {
    /// Its id.
    pub id: String,
    /// The thread that started it; `None` for the session's own.
    #[serde(default, deserialize_with = "or_default")]
    pub parent_thread_id: Option<String>,
    /// Who works in it.
    #[serde(default, deserialize_with = "or_default")]
    pub agent: SessionAgent,
    /// What it is doing.
    #[serde(default, deserialize_with = "or_default")]
    pub status: SessionStatus,
    /// What it used so far.
    #[serde(default, deserialize_with = "or_default")]
    pub usage: SessionUsage,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
}
