//! Versions of memories: who wrote what, when.
//!
//! Owns: their fields. Must not know: requests, or what they are used for.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::lenient::or_default;
use super::{Raw, words};

words! {
    /// What a version did to its memory.
    Operation {
        /// Made it.
        Created = "created",
        /// Changed its content or path.
        Modified = "modified",
        /// Took it away.
        Deleted = "deleted",
    }
}

/// Who wrote a version.
#[derive(Debug, Clone)]
pub enum Actor {
    /// An agent in this session, through its mount; a dream's own session counts as one.
    Session(String),
    /// Somebody with this API key.
    ApiKey(String),
    /// This person, in the web console.
    User(String),
    /// This service account.
    ServiceAccount(String),
    /// An author of a kind this version does not know.
    Other(Raw),
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Fields {
            #[serde(rename = "type", deserialize_with = "or_default")]
            kind: String,
            #[serde(deserialize_with = "or_default")]
            session_id: Option<String>,
            #[serde(deserialize_with = "or_default")]
            api_key_id: Option<String>,
            #[serde(deserialize_with = "or_default")]
            user_id: Option<String>,
            #[serde(deserialize_with = "or_default")]
            service_account_id: Option<String>,
        }
        let raw = Raw::deserialize(from)?;
        let fields: Fields = serde_json::from_str(raw.get()).unwrap_or_default();
        let known = match fields.kind.as_str() {
            "session_actor" => fields.session_id.map(Self::Session),
            "api_actor" => fields.api_key_id.map(Self::ApiKey),
            "user_actor" => fields.user_id.map(Self::User),
            "service_account_actor" => fields.service_account_id.map(Self::ServiceAccount),
            _ => None,
        };
        Ok(known.unwrap_or(Self::Other(raw)))
    }
}

/// One version of a memory.
#[derive(Debug, Clone, Deserialize)]
pub struct Version {
    /// Its id.
    pub id: String,
    /// Of which memory.
    #[serde(default, deserialize_with = "or_default")]
    pub memory_id: String,
    /// In which store.
    #[serde(default, deserialize_with = "or_default")]
    pub memory_store_id: String,
    /// What it did.
    #[serde(default, deserialize_with = "or_default")]
    pub operation: Operation,
    /// Where the memory stood; `None` only when redacted.
    #[serde(default, deserialize_with = "or_default")]
    pub path: Option<String>,
    /// What it said; `None` in a basic view, after a deletion, or when redacted.
    #[serde(default, deserialize_with = "or_default")]
    pub content: Option<String>,
    /// SHA-256 of the content; `None` after a deletion or when redacted.
    #[serde(default, deserialize_with = "or_default")]
    pub content_sha256: Option<String>,
    /// Size of the content in bytes.
    #[serde(default, deserialize_with = "or_default")]
    pub content_size_bytes: Option<u64>,
    /// When it was written.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// Who wrote it; `None` where that was not recorded.
    #[serde(default, deserialize_with = "or_default")]
    pub created_by: Option<Actor>,
    /// When it was wiped.
    #[serde(default, deserialize_with = "or_default")]
    pub redacted_at: Option<Timestamp>,
    /// Who wiped it.
    #[serde(default, deserialize_with = "or_default")]
    pub redacted_by: Option<Actor>,
}
