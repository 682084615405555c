//! Agents and where they come from.
//!
//! Owns: what is known of an agent besides its sessions and memory. Must not know: how it is found.

use serde::{Deserialize, Serialize};

use super::ids::AgentId;
use super::outcome::Outcomes;

/// Where agents, sessions and memory come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Claude Code's own folders on this machine.
    ClaudeCode,
    /// A plain folder in the documented layout.
    Folder,
    /// The Claude platform's Managed Agents.
    Platform,
    /// A memory that several agents read; it has no sessions.
    Shared,
}

impl SourceKind {
    /// The name used in JSON, the database and the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Folder => "folder",
            Self::Platform => "platform",
            Self::Shared => "shared",
        }
    }

    /// Reads [`SourceKind::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::ClaudeCode, Self::Folder, Self::Platform, Self::Shared]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// What may happen to an agent's memory without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// No dream passes are run on a schedule.
    Off,
    /// Passes are run; a person decides every lesson. The default.
    #[default]
    Review,
    /// Lessons that pass every guard and the evidence threshold apply themselves.
    Auto,
}

impl Mode {
    /// The name used in JSON, the database and the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Review => "review",
            Self::Auto => "auto",
        }
    }

    /// Reads [`Mode::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Off, Self::Review, Self::Auto].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// One worker with its sessions and its memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Unique over all sources.
    pub id: AgentId,
    /// What people call it.
    pub name: String,
    /// Where it was found.
    pub source: SourceKind,
    /// Where its sessions lie: a folder for local sources, an agent id on the platform.
    pub sessions_at: String,
    /// Where its memory lies: a folder for local sources, a store id on the platform.
    pub memory_at: String,
    /// Documents people wrote that a lesson should not contradict (`CLAUDE.md` and the like), as paths.
    pub protected: Vec<String>,
    /// A label that groups agents or sessions, such as `enterprise`.
    pub segment: Option<String>,
    /// What may happen without a person.
    pub mode: Mode,
    /// Limits of the memory loader that decide what the agent really reads.
    pub budget: Budget,
    /// What tells how its sessions ended.
    #[serde(default)]
    pub outcomes: Outcomes,
}

/// How much memory an agent can carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Path of the index document that is loaded into every session, if there is one.
    pub index: Option<String>,
    /// Lines of the index that are loaded; the rest is invisible to the agent.
    pub index_lines: Option<u64>,
    /// Bytes of the index that are loaded.
    pub index_bytes: Option<u64>,
    /// Tokens the index should stay under (about): every session pays for it, also where all of it is loaded.
    pub index_tokens: u64,
    /// Tokens the whole store should stay under (about).
    pub store_tokens: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { index: None, index_lines: None, index_bytes: None, index_tokens: 4_000, store_tokens: 25_000 }
    }
}
