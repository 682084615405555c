//! What a source far away says of its sessions and dreams, beside what is the same everywhere.
//!
//! Owns: those facts. Must not know: how they are asked for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cost::{Money, Usage};
use super::ids::SessionId;
use super::memory::ContentHash;

/// A session on the platform, as last listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteSession {
    /// `running`, `idle`, `rescheduling`, `terminated`, or a word that is newer than this program.
    pub status: String,
    /// When it last changed, as the platform says.
    pub updated: Timestamp,
    /// Tokens it used so far, where the platform says so.
    pub usage: Option<Usage>,
    /// What it cost at list prices, where the platform says so.
    pub cost: Option<Money>,
    /// How its last judged task ended: `satisfied`, `failed`, …
    pub outcome: Option<String>,
    /// The model it ran on.
    pub model: Option<String>,
    /// The `updated` it had when its transcript was fetched; `None` if that was never done.
    pub fetched: Option<Timestamp>,
}

impl RemoteSession {
    /// Whether it may still change by itself.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "running" | "rescheduling")
    }

    /// Whether the transcript here is the whole of the session as last listed.
    #[must_use]
    pub fn is_fetched(&self) -> bool {
        self.fetched.is_some_and(|fetched| fetched >= self.updated)
    }
}

/// Where the memory that a dream is compared with comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum BaseOrigin {
    /// Our own snapshot of the input store, taken right before the dream was started.
    Saved,
    /// The oldest versions in the output store: what the dream's copy held at the start.
    OutputVersions,
    /// Our snapshot of the input store nearest before the dream was started; it may have changed since.
    Nearest {
        /// When that snapshot was taken.
        at: Timestamp,
    },
    /// Version records of the input store, for a dream that wrote into it.
    InputVersions,
    /// It was not looked for yet.
    #[default]
    NotYet,
    /// It can't be told, so the dream can't be reviewed.
    Unknown {
        /// Why, in words.
        why: String,
    },
}

impl BaseOrigin {
    /// In words, for the head of a dream.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Saved => "compared with the memory saved right before the start".to_owned(),
            Self::OutputVersions => "compared with the oldest versions in the dream's own store".to_owned(),
            Self::Nearest { at } => {
                format!(
                    "compared with the memory as last seen before the start, at {}",
                    at.strftime("%Y-%m-%d %H:%M")
                )
            }
            Self::InputVersions => "compared with the version records of the store it wrote into".to_owned(),
            Self::NotYet => "not compared yet".to_owned(),
            Self::Unknown { why } => format!("can't be reviewed: {why}"),
        }
    }
}

/// A dream that runs, or ran, on the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteDream {
    /// The profile through which it is reached.
    pub profile: String,
    /// Its id there.
    pub id: String,
    /// The store it read.
    pub input_store: String,
    /// The store it writes, once there is one.
    pub output_store: Option<String>,
    /// The session in which it runs, whose events are its steps.
    pub session: Option<String>,
    /// The sessions it was given.
    pub sessions: Vec<SessionId>,
    /// Whether it writes into the store it read. Never started so by wakeful.
    pub in_place: bool,
    /// Whether wakeful started it.
    pub ours: bool,
    /// Whether it was archived.
    pub archived: bool,
    /// The platform's name for why it failed, such as `timeout`.
    pub failure: Option<String>,
    /// What its result is compared with.
    pub base: BaseOrigin,
    /// Whether its lessons were cut and kept.
    pub harvested: bool,
    /// What became of the store it wrote beside the one it read.
    #[serde(default)]
    pub output: OutputStore,
}

/// What became of a store that a dream wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputStore {
    /// As far as is known it is where it was.
    #[default]
    Kept,
    /// It can be read and not be written any more.
    Archived,
    /// It is gone.
    Deleted,
}

impl RemoteDream {
    /// What it is compared with and what became of its output, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let mut text = self.base.words();
        if self.in_place {
            text.push_str("; it wrote into the store it read");
        }
        if self.output != OutputStore::Kept {
            text.push_str(&format!("; the store it wrote is {}", self.output.as_str()));
        }
        text
    }
}

impl OutputStore {
    /// One word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Archived => "archived",
            Self::Deleted => "deleted",
        }
    }
}

/// Who wrote a version of a memory, as the store's own records say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    /// An agent, or a dream, through its session.
    Session {
        /// Which session.
        id: String,
    },
    /// A program with this key; only the key's id, never the key.
    ApiKey {
        /// Which key.
        id: String,
    },
    /// A person.
    User {
        /// Which account.
        id: String,
    },
    /// A service account.
    ServiceAccount {
        /// Which account.
        id: String,
    },
    /// A kind of author that is newer than this program.
    Other {
        /// As the platform names it.
        name: String,
    },
}

/// One entry of a memory store's own history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryRecord {
    /// The store.
    pub store: String,
    /// Id of the version.
    pub id: String,
    /// Id of the memory it is a version of.
    pub memory: String,
    /// Path the memory had; `None` if that was wiped.
    pub path: Option<String>,
    /// `created`, `modified`, `deleted`, or a word that is newer than this program.
    pub operation: String,
    /// Hash of the content; `None` after a deletion or if it was wiped.
    pub content: Option<ContentHash>,
    /// Who wrote it; `None` if the store does not say.
    pub author: Option<Author>,
    /// When.
    pub at: Timestamp,
}
