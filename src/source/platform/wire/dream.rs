//! Dreams as they travel, and the one body that asks for one.
//!
//! Owns: their fields. Must not know: requests, or what they are used for.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use super::agent::ModelRef;
use super::lenient::{each, or_default};
use super::{Raw, words};

/// Sessions one dream may read.
pub const SESSIONS_MOST: usize = 100;

/// Characters a model's id may have.
pub const MODEL_ID_MOST: usize = 256;

words! {
    /// Where a dream stands.
    DreamStatus {
        /// It waits for its turn.
        Pending = "pending",
        /// It works; what it has written so far is incomplete.
        Running = "running",
        /// It is done.
        Completed = "completed",
        /// It gave up; what it had written stays.
        Failed = "failed",
        /// Somebody stopped it; what it had written stays.
        Canceled = "canceled",
    }
}

impl DreamStatus {
    /// Whether it will not move any more. A word that is not known may still move.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

/// A dream as it stands.
#[derive(Debug, Clone, Deserialize)]
pub struct Dream {
    /// Its id.
    pub id: String,
    /// Where it stands.
    #[serde(default, deserialize_with = "or_default")]
    pub status: DreamStatus,
    /// What it reads.
    #[serde(default, deserialize_with = "each")]
    pub inputs: Vec<DreamInput>,
    /// The model it runs on.
    #[serde(default, deserialize_with = "or_default")]
    pub model: ModelRef,
    /// What it was told to do.
    #[serde(default, deserialize_with = "or_default")]
    pub instructions: Option<String>,
    /// Where it writes; servers that do not say so make a new store.
    #[serde(default, deserialize_with = "or_default")]
    pub output_behavior: OutputBehavior,
    /// What it wrote.
    #[serde(default, deserialize_with = "each")]
    pub outputs: Vec<DreamOutput>,
    /// The session in which it runs or ran.
    #[serde(default, deserialize_with = "or_default")]
    pub session_id: Option<String>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, deserialize_with = "or_default")]
    pub ended_at: Option<Timestamp>,
    /// When it was put away.
    #[serde(default, deserialize_with = "or_default")]
    pub archived_at: Option<Timestamp>,
    /// What it used so far.
    #[serde(default, deserialize_with = "or_default")]
    pub usage: Usage,
    /// Why it failed.
    #[serde(default, deserialize_with = "or_default")]
    pub error: Option<DreamFailure>,
}

impl Dream {
    /// The store it reads.
    #[must_use]
    pub fn input_store(&self) -> Option<&str> {
        self.inputs.iter().find_map(|input| match input {
            DreamInput::Store(id) => Some(id.as_str()),
            _ => None,
        })
    }

    /// The sessions it reads.
    pub fn input_sessions(&self) -> impl Iterator<Item = &str> {
        self.inputs
            .iter()
            .flat_map(|input| match input {
                DreamInput::Sessions(ids) => ids.as_slice(),
                _ => &[],
            })
            .map(String::as_str)
    }

    /// The store it wrote, complete or not.
    #[must_use]
    pub fn output_store(&self) -> Option<&str> {
        self.outputs.iter().find_map(|output| match output {
            DreamOutput::Store(id) => Some(id.as_str()),
            DreamOutput::Other(_) => None,
        })
    }
}

/// What a dream reads.
#[derive(Debug, Clone)]
pub enum DreamInput {
    /// This memory store.
    Store(String),
    /// These sessions.
    Sessions(Vec<String>),
    /// Something newer.
    Other(Raw),
}

/// What a dream wrote.
#[derive(Debug, Clone)]
pub enum DreamOutput {
    /// This memory store.
    Store(String),
    /// Something newer.
    Other(Raw),
}

/// Where a dream writes.
#[derive(Debug, Clone, Default)]
pub enum OutputBehavior {
    /// Into a new store; the one it reads is not touched.
    #[default]
    CreateNew,
    /// Into this store, which is the one it reads.
    UpdateExisting(String),
    /// Something newer.
    Other(Raw),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    memory_store_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    session_ids: Option<Vec<String>>,
}

impl<'de> Deserialize<'de> for DreamInput {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(from)?;
        let fields: Fields = serde_json::from_str(raw.get()).unwrap_or_default();
        let known = match fields.kind.as_str() {
            "memory_store" => fields.memory_store_id.map(Self::Store),
            "sessions" => fields.session_ids.map(Self::Sessions),
            _ => None,
        };
        Ok(known.unwrap_or(Self::Other(raw)))
    }
}

impl<'de> Deserialize<'de> for DreamOutput {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(from)?;
        let fields: Fields = serde_json::from_str(raw.get()).unwrap_or_default();
        let store = fields.memory_store_id.filter(|_| fields.kind == "memory_store");
        Ok(store.map_or(Self::Other(raw), Self::Store))
    }
}

impl<'de> Deserialize<'de> for OutputBehavior {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(from)?;
        let fields: Fields = serde_json::from_str(raw.get()).unwrap_or_default();
        let known = match fields.kind.as_str() {
            "create_new" => Some(Self::CreateNew),
            "update_existing" => fields.memory_store_id.map(Self::UpdateExisting),
            _ => None,
        };
        Ok(known.unwrap_or(Self::Other(raw)))
    }
}

/// Tokens a dream used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Usage {
    /// Tokens read, not from a cache.
    #[serde(default, deserialize_with = "or_default")]
    pub input_tokens: u64,
    /// Tokens written.
    #[serde(default, deserialize_with = "or_default")]
    pub output_tokens: u64,
    /// Tokens read from a cache.
    #[serde(default, deserialize_with = "or_default")]
    pub cache_read_input_tokens: u64,
    /// Tokens written into a cache.
    #[serde(default, deserialize_with = "or_default")]
    pub cache_creation_input_tokens: u64,
}

/// Why a dream failed. Untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DreamFailure {
    /// `timeout`, `internal_error` and others.
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    pub kind: String,
    /// In words.
    #[serde(default, deserialize_with = "or_default")]
    pub message: String,
}

/// A dream to be made. It always writes into a new store: a store in use is never handed to a dream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDream {
    /// The store to read.
    pub store: String,
    /// The sessions to read, 1 to [`SESSIONS_MOST`], each once.
    pub sessions: Vec<String>,
    /// The model's id.
    pub model: String,
    /// What to do, at most 4,096 characters.
    pub instructions: Option<String>,
}

impl Serialize for NewDream {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Body<'b> {
            inputs: [serde_json::Value; 2],
            model: &'b str,
            #[serde(skip_serializing_if = "Option::is_none")]
            instructions: Option<&'b str>,
            output_behavior: serde_json::Value,
        }
        let inputs = [
            serde_json::json!({ "type": "memory_store", "memory_store_id": self.store }),
            serde_json::json!({ "type": "sessions", "session_ids": self.sessions }),
        ];
        let output_behavior = serde_json::json!({ "type": "create_new" });
        Body { inputs, model: &self.model, instructions: self.instructions.as_deref(), output_behavior }
            .serialize(to)
    }
}
