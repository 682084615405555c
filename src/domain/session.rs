//! Sessions and their events: the raw material of every lesson.
//!
//! Owns: the one event form that all transcript parsers produce, and what is kept of a session in
//! the cache. Must not know: any transcript format, or what counts as a mistake.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{AgentId, SessionId};
use super::memory::ContentHash;
use super::remote::RemoteSession;

/// Who or what an event comes from, and therefore what it may prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A person's own words.
    User,
    /// A person stopped the agent, or refused a tool call; `text` holds the reason where one was given.
    Interrupt,
    /// The agent's words to the person.
    Assistant,
    /// The agent's reasoning. Never evidence.
    Thinking,
    /// The agent calls a tool: `tool` names it, `text` is its input as JSON.
    ToolCall,
    /// What a tool answered: `call` names the call.
    ToolResult,
    /// Text the client put in: system prompts, reminders, hooks, command output. Never evidence.
    Injected,
    /// A rules file that the client loads or holds: `tool` is its path. Never evidence: people wrote it.
    Rules,
    /// A summary that stands for earlier text. Never evidence: it repeats.
    Summary,
    /// How the session, or a task in it, ended: `is_error` says failed.
    Outcome,
}

/// One event as a parser hands it out; borrows from the line being read wherever it can.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// What it is.
    pub kind: EventKind,
    /// Id of the record that holds it (`uuid`, event id); empty where the format has none.
    /// Two events may share a record.
    pub record: Cow<'a, str>,
    /// Tool call id, on calls and results.
    pub call: Option<Cow<'a, str>>,
    /// Tool name, on calls.
    pub tool: Option<Cow<'a, str>>,
    /// When it happened, where the format says so.
    pub at: Option<Timestamp>,
    /// Byte range of the record in its file, so that the place can be opened again.
    pub bytes: Range<u64>,
    /// The words: text of turns and results, input JSON of calls. Decoded, otherwise untouched.
    pub text: Cow<'a, str>,
    /// Result or outcome is marked as failed by the format itself.
    pub is_error: bool,
    /// The event belongs to a sub-agent of the session.
    pub sidechain: bool,
    /// Directory the session was working in, where the format says so.
    pub cwd: Option<Cow<'a, str>>,
}

/// An event that no longer borrows from the file it was read from.
pub type OwnedEvent = Event<'static>;

impl Event<'_> {
    /// Copies what is borrowed, so that the event can outlive the line it was read from.
    #[must_use]
    pub fn into_owned(self) -> OwnedEvent {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Event {
            kind: self.kind,
            record: own(self.record),
            call: self.call.map(own),
            tool: self.tool.map(own),
            at: self.at,
            bytes: self.bytes,
            text: own(self.text),
            is_error: self.is_error,
            sidechain: self.sidechain,
            cwd: self.cwd.map(own),
        }
    }
}

/// What the cache knows of a session without opening it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionMeta {
    /// As the source names it.
    pub id: SessionId,
    /// Whose it is.
    pub agent: AgentId,
    /// Files it consists of: the main transcript first, then sub-agents; relative to the agent's
    /// sessions folder.
    pub files: Vec<SessionFile>,
    /// First words of the person, one line.
    pub title: String,
    /// First and last event.
    pub started: Option<Timestamp>,
    /// Last event.
    pub ended: Option<Timestamp>,
    /// Events read.
    pub events: u64,
    /// Tool calls read.
    pub calls: u64,
    /// Tool results marked as errors.
    pub errors: u64,
    /// Records that could not be read, with reasons.
    pub skipped: Vec<Skipped>,
    /// Person it was run by, hashed, where known.
    pub user: Option<String>,
    /// Segment label, where known.
    pub segment: Option<String>,
    /// Name shared by sessions that continue or fork one another; they count once.
    pub chain: Option<String>,
    /// What the platform says of it, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteSession>,
}

/// One file of a session as it was when last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFile {
    /// Relative to the agent's sessions folder, with forward slashes.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Modification time, nanoseconds since the epoch; 0 where unknown.
    pub mtime: i64,
    /// Bytes up to the last complete record.
    pub read_to: u64,
    /// Hash of what stands before `read_to`; with it a file that grew is told from one that was rewritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<ContentHash>,
}

/// A stretch of a transcript that could not be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// File, relative as in [`SessionFile::path`].
    pub file: String,
    /// Where it starts.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
    /// In words.
    pub reason: String,
}

/// Where the events of sessions come from, for everything that must not know files.
pub trait Corpus: Sync {
    /// Hands out every event of a session, file by file, with the file it stands in.
    ///
    /// # Errors
    /// Only when the session can't be read at all.
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()>;
}
