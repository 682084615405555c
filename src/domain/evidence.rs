//! Evidence: places in sessions, what they say about a lesson, and the counts made from them.
//!
//! Owns: the shapes and the meaning of each count. Must not know: how evidence is found or verified.

use std::ops::Range;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::checks::Checks;
use super::ids::SessionId;

/// What a place says about a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stance {
    /// Shows the lesson to hold.
    Support,
    /// Shows the opposite.
    Contradict,
    /// Speaks of it without showing either.
    Mention,
}

/// What checking a quote against its session found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuoteStatus {
    /// Found word for word where it was said to be.
    Verified,
    /// Found with small differences that change no number, path, name or negation.
    Near,
    /// Found word for word, but elsewhere.
    Moved,
    /// Found, but said by someone else.
    WrongRole,
    /// Found in text that came from memory, a summary or a system prompt.
    Echo,
    /// Found in so many sessions that it says nothing.
    Boilerplate,
    /// Too short or too common to prove anything.
    TooGeneric,
    /// Not there.
    NotFound,
}

impl QuoteStatus {
    /// Whether a place with this status may count towards support.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Verified | Self::Near)
    }
}

/// Where the words of a place came from, and therefore how far they can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A person said it.
    User,
    /// The agent did it: a tool call.
    Agent,
    /// A tool of the agent's own machine answered it.
    Tool,
    /// The agent said it. Words alone prove nothing.
    Prose,
    /// Someone outside wrote it: a web page, a mail, an answer of a remote service.
    Outside,
    /// A client, a memory or a summary put it in.
    Injected,
    /// Not recorded: evidence of an older version.
    #[default]
    Unknown,
}

impl Origin {
    /// The name used in JSON, the database and on screen.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Prose => "prose",
            Self::Outside => "outside",
            Self::Injected => "injected",
            Self::Unknown => "unknown",
        }
    }
}

/// A place in a session that can be opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Session it is in.
    pub session: SessionId,
    /// File, relative to the agent's sessions folder.
    pub file: String,
    /// Record or event id; empty where the format has none.
    pub record: String,
    /// Tool call id, where the place is a call or its result.
    pub call: Option<String>,
    /// Byte range of the record in the file.
    pub bytes: Range<u64>,
    /// When it happened.
    pub at: Option<Timestamp>,
}

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// What it says about the lesson.
    pub stance: Stance,
    /// Whether the quote is really there.
    pub status: QuoteStatus,
    /// Where the words came from.
    #[serde(default)]
    pub origin: Origin,
    /// The words, taken from the transcript, secrets masked. Untrusted text.
    pub quote: String,
}

/// What a support number rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Counted from sessions, each of which can be opened.
    Verified,
    /// Found by search, not confirmed.
    Estimated,
    /// Rests on the memory itself, such as two equal notes.
    Memory,
}

/// The example count of a lesson and what belongs beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Support {
    /// What the number rests on.
    pub basis: Basis,
    /// Distinct sessions with verified support; `None` when the basis is memory.
    pub sessions: Option<u32>,
    /// Sessions in which the lesson could have shown.
    pub exposed: Option<u32>,
    /// Distinct sessions that show the opposite.
    pub contradict: u32,
    /// Distinct sessions that only mention it.
    pub mention: u32,
    /// Distinct days among the supporting sessions.
    pub days: u32,
    /// Distinct people among the supporting sessions, where known.
    pub users: u32,
    /// Lower end of the 80 % Wilson interval of support in exposed.
    pub lower_bound: Option<f64>,
    /// What else was asked of it.
    #[serde(default)]
    pub checks: Checks,
}

impl Support {
    /// Support of a lesson that rests on the memory itself.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            basis: Basis::Memory,
            sessions: None,
            exposed: None,
            contradict: 0,
            mention: 0,
            days: 0,
            users: 0,
            lower_bound: None,
            checks: Checks::default(),
        }
    }

    /// Sessions in which it could have shown and that say nothing either way.
    #[must_use]
    pub fn neutral(&self) -> u32 {
        self.exposed.unwrap_or(0).saturating_sub(self.sessions.unwrap_or(0) + self.contradict)
    }
}

/// How firmly a lesson stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Everything else: never accepted in bulk.
    Lead,
    /// 3 or 4 sessions, statistics passed.
    Emerging,
    /// 5 to 9 sessions (or more, not replicated), statistics passed.
    Supported,
    /// 10 or more sessions over several people or days, statistics passed.
    Established,
}

impl Tier {
    /// The name used in JSON, the database and on screen.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Emerging => "emerging",
            Self::Supported => "supported",
            Self::Established => "established",
        }
    }

    /// Reads [`Tier::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Lead, Self::Emerging, Self::Supported, Self::Established]
            .into_iter()
            .find(|tier| tier.as_str() == name)
    }
}
