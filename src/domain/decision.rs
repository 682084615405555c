//! Decisions: what a reviewer said about a lesson. Append-only; undoing one appends its inverse.
//!
//! Owns: the shape. Must not know: where decisions are kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::LessonId;

/// What the reviewer said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "verdict")]
pub enum Verdict {
    /// Write it, at the next apply.
    Accept,
    /// Don't, and don't ask again until its content changes.
    Reject,
    /// Ask again later.
    Snooze {
        /// Not before this moment.
        until: Timestamp,
    },
    /// Replace the text it would write; empty means back to the proposal.
    Edit {
        /// The reviewer's text.
        text: Option<String>,
    },
    /// Back to undecided.
    Reopen,
}

impl Verdict {
    /// The name used in JSON, the database and the audit trail.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Snooze { .. } => "snooze",
            Self::Edit { .. } => "edit",
            Self::Reopen => "reopen",
        }
    }
}

/// One decision on one lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which lesson.
    pub lesson: LessonId,
    /// What was said.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Who said it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, in the reviewer's words.
    pub reason: Option<String>,
    /// Decisions made with one key press share a batch, and are undone together.
    pub batch: u64,
}
