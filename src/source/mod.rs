//! Where agents, sessions and memory come from.
//!
//! Owns: the one interface to the outside that everything above reads through, and the only way to
//! write a memory document. Must not know: the cache, lessons, engines, or the screen.
//!
//! Memory is written one document at a time and only on condition: the writer names the content it
//! saw, and anything else found there is left as it is.

pub mod claude_code;
pub mod fake;
pub mod files;
pub mod folder;
mod grown;
mod local;
mod look;
pub mod platform;
mod set;
pub mod shared;
mod swap;

use std::io::{self, BufRead};

use jiff::Timestamp;

use crate::domain::agent::{Agent, SourceKind};
use crate::domain::ids::SessionId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::session::{SessionFile, Skipped};

pub use grown::read_on;
pub use look::{Context, Described, context, describe, describe_grown, open_place, read_session};
pub use set::Sources;

/// A place where agents live.
pub trait Source: Send + Sync {
    /// What kind of place it is.
    fn kind(&self) -> SourceKind;

    /// Whether an agent, perhaps loaded from the cache, is one of this source's.
    fn owns(&self, agent: &Agent) -> bool;

    /// The agents found there, in a stable order.
    fn agents(&self) -> Result<Vec<Agent>, SourceError>;

    /// What is wrong with the place without keeping it from being used, in words.
    fn problems(&self) -> Vec<String> {
        Vec::new()
    }

    /// The sessions of an agent: names, files, sizes and times; contents are not read.
    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError>;

    /// Opens a transcript at a byte offset; `file` as in [`SessionFile::path`].
    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError>;

    /// The agent's memory as it is now.
    ///
    /// `known` is what is already held of it, or empty: where a place says what changed without showing
    /// it, only that is fetched.
    fn memory(&self, agent: &Agent, known: &Snapshot) -> Result<MemoryRead, SourceError>;

    /// Documents people wrote that a lesson should not contradict. Those that can't be read are left out.
    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError>;

    /// Writes one memory document, if it still is what the caller saw.
    ///
    /// `expected` is the hash of the content seen, `None` if there was no such document. `content`
    /// is what shall stand there, `None` to delete it. If that is already so, nothing is done and
    /// the answer is `Ok`: a write that was cut off can be repeated.
    ///
    /// # Errors
    /// [`WriteError::Changed`] if something else stands there; nothing was written then.
    fn write(
        &self,
        agent: &Agent,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError>;

    /// Whether there is a place for the agent's memory already. Where there is none, the first write
    /// makes it.
    fn has_memory_place(&self, _agent: &Agent) -> bool {
        true
    }

    /// Takes away the place of a memory that holds nothing at all, as it was before the first write.
    /// Anything in it, document or not, stays, and so does the place then.
    ///
    /// # Errors
    /// When it is empty and can't be taken away.
    fn remove_memory_place(&self, _agent: &Agent) -> io::Result<()> {
        Ok(())
    }

    /// Moves a document, as one write, if it still is what the caller saw and nothing stands where it
    /// goes. `None`: documents can't be moved here, only written and deleted.
    fn rename(
        &self,
        agent: &Agent,
        from: &DocPath,
        to: &DocPath,
        expected: ContentHash,
        content: &str,
    ) -> Option<Result<(), WriteError>> {
        let _ = (agent, from, to, expected, content);
        None
    }

    /// When a document of a memory was last written, where the place tells: all it says stood there since.
    fn written(&self, agent: &Agent, path: &DocPath) -> Option<Timestamp> {
        let _ = (agent, path);
        None
    }

    /// What a memory here may hold, where that is limited.
    fn limits(&self) -> Option<MemoryLimits> {
        None
    }

    /// The memory that several agents read, if this is one.
    fn shared(&self) -> Option<&shared::Shared> {
        None
    }

    /// The platform, if this is one: it can do more than other places.
    fn platform(&self) -> Option<&platform::Platform> {
        None
    }
}

/// What a memory may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryLimits {
    /// Bytes of one document.
    pub document_bytes: usize,
    /// Documents in all.
    pub documents: usize,
    /// Parts of a path.
    pub path_parts: usize,
}

/// An opened transcript.
pub type Transcript = Box<dyn BufRead + Send>;

/// A session as found, before any of it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// As the source names it.
    pub id: SessionId,
    /// Its files, the main transcript first, then those of sub-agents by name. `read_to` is 0.
    pub files: Vec<SessionFile>,
}

/// Memory as read, with what had to be left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemoryRead {
    /// The documents.
    pub snapshot: Snapshot,
    /// Files that are not documents, and why.
    pub skipped: Vec<Skipped>,
}

/// A document written by people, read-only here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectedDoc {
    /// Where it lies, as a person would name it.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The place itself is missing or can't be listed.
    #[error("{at} can't be read: {error}. Nothing was changed; check that the folder exists and is readable")]
    Unreadable {
        /// The file or folder.
        at: String,
        /// What the system said.
        error: io::Error,
    },
    /// A name that leads out of the agent's folders.
    #[error("{path:?} does not lie inside the agent's folder and was not opened")]
    Outside {
        /// The name that was refused.
        path: String,
    },
    /// The agent belongs to another source.
    #[error("the agent {agent} does not belong to this source; run a sync to find it again")]
    NotMine {
        /// The agent.
        agent: String,
    },
    /// A transcript that was not fetched from the platform.
    #[error(
        "the transcript of {session} is not on this machine; it is fetched when a dream reads it, or with a sync"
    )]
    NotFetched {
        /// The session.
        session: String,
    },
    /// A place that is configured can't be used.
    #[error("{text}")]
    Unusable {
        /// Which, and why.
        text: String,
    },
    /// The platform could not be read.
    #[error(transparent)]
    Platform(#[from] Box<platform::PlatformError>),
}

impl From<platform::PlatformError> for SourceError {
    fn from(error: platform::PlatformError) -> Self {
        Self::Platform(Box::new(error))
    }
}

/// Why a memory document was not written. In every case the document is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Somebody else wrote it meanwhile.
    #[error(
        "{path} changed since it was read; it was left as it is. Sync, then review the lesson against the new text"
    )]
    Changed {
        /// The document.
        path: DocPath,
        /// Hash of what stands there now; `None` if nothing does.
        found: Option<ContentHash>,
    },
    /// The place is not one that may be written, such as behind a symbolic link.
    #[error("{path} was not written: {reason}")]
    Refused {
        /// The document.
        path: DocPath,
        /// What is wrong with the place, in words.
        reason: &'static str,
    },
    /// The system refused.
    #[error("{path} could not be written: {error}. It is as it was before; the write can be repeated")]
    Io {
        /// The document.
        path: DocPath,
        /// What the system said.
        error: io::Error,
    },
    /// The platform refused, or was not reached.
    #[error("{path} was not written: {error}")]
    Platform {
        /// The document.
        path: DocPath,
        /// Why.
        error: Box<platform::PlatformError>,
    },
    /// The agent belongs to another source.
    #[error("the agent {agent} does not belong to this source; run a sync to find it again")]
    NotMine {
        /// The agent.
        agent: String,
    },
}

impl WriteError {
    /// Whether trying the same again later can help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Io { .. } => true,
            Self::Platform { error, .. } => error.is_passing() || error.is_ambiguous(),
            Self::Changed { .. } | Self::Refused { .. } | Self::NotMine { .. } => false,
        }
    }
}
