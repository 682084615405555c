//! Agents as they travel.
//!
//! Owns: their fields. Must not know: requests, or what they are used for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::lenient::or_default;

/// A model with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct ModelRef {
    /// Its id, such as `claude-opus-5`.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// How fast it is asked to answer, where said.
    #[serde(default, deserialize_with = "or_default")]
    pub speed: Option<String>,
}

/// An agent as it is configured now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Agent {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// What it is for.
    #[serde(default, deserialize_with = "or_default")]
    pub description: Option<String>,
    /// Its instructions.
    #[serde(default, deserialize_with = "or_default")]
    pub system: Option<String>,
    /// How often it was changed.
    #[serde(default, deserialize_with = "or_default")]
    pub version: u64,
    /// The model it runs on.
    #[serde(default, deserialize_with = "or_default")]
    pub model: ModelRef,
    /// Labels its owner gave it.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default, deserialize_with = "or_default")]
    pub updated_at: Option<Timestamp>,
    /// When it was taken out of use.
    #[serde(default, deserialize_with = "or_default")]
    pub archived_at: Option<Timestamp>,
}
