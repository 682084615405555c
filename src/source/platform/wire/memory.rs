//! Memory stores and the memories in them.
//!
//! Owns: their fields. Must not know: requests, or what they are used for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::Raw;
use super::lenient::or_default;

/// How much of a memory an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Everything but the content.
    #[default]
    Basic,
    /// With content; pages then hold 20 items at most.
    Full,
}

impl View {
    /// The word as it travels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Full => "full",
        }
    }
}

/// A memory store without its memories. `updated_at` does not move when memories change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Store {
    /// Its id.
    pub id: String,
    /// What people call it; not unique.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// What it is for; empty when unset.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// Labels its owner gave it.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// When its name or description last changed.
    #[serde(default, deserialize_with = "or_default")]
    pub updated_at: Option<Timestamp>,
    /// When it was put away; since then it can only be read.
    #[serde(default, deserialize_with = "or_default")]
    pub archived_at: Option<Timestamp>,
}

/// One document of a store.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Memory {
    /// Its id, which a rename keeps.
    pub id: String,
    /// Whose it is.
    #[serde(default, deserialize_with = "or_default")]
    pub memory_store_id: String,
    /// Where it stands: `/notes/git.md`.
    pub path: String,
    /// What it says; `None` in a basic view.
    #[serde(default, deserialize_with = "or_default")]
    pub content: Option<String>,
    /// Size of the content in bytes.
    #[serde(default, deserialize_with = "or_default")]
    pub content_size_bytes: Option<u64>,
    /// SHA-256 of the content's bytes, 64 hex digits.
    #[serde(default, deserialize_with = "or_default")]
    pub content_sha256: String,
    /// The version that it is now.
    #[serde(default, deserialize_with = "or_default")]
    pub memory_version_id: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_default")]
    pub updated_at: Option<Timestamp>,
}

/// What a list of memories holds.
#[derive(Debug, Clone)]
pub enum MemoryItem {
    /// A memory.
    Memory(Box<Memory>),
    /// A folder, where only direct children were asked for; ends in `/`.
    Prefix(String),
    /// Something newer.
    Other(Raw),
}

impl<'de> Deserialize<'de> for MemoryItem {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind {
            #[serde(default, rename = "type", deserialize_with = "or_default")]
            kind: String,
            #[serde(default, deserialize_with = "or_default")]
            path: String,
        }
        let raw = Raw::deserialize(from)?;
        let kind: Option<Kind> = serde_json::from_str(raw.get()).ok();
        match kind {
            Some(kind) if kind.kind == "memory_prefix" => Ok(Self::Prefix(kind.path)),
            Some(kind) if kind.kind == "memory" => {
                Ok(serde_json::from_str(raw.get()).map_or(Self::Other(raw), Self::Memory))
            }
            _ => Ok(Self::Other(raw)),
        }
    }
}

/// The answer to deleting a memory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeletedMemory {
    /// Which one it was.
    pub id: String,
}

/// The answer to deleting a store.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeletedStore {
    /// Which one it was.
    pub id: String,
}
