//! What the engine keeps of a session after reading it once.
//!
//! Owns: the compact, cacheable form between the expensive stage (reading) and the cheap ones
//! (counting). Must not know: what will be concluded from it, or anything about other sessions.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::endings::Told;
use super::rule_files::RuleFact;
use super::shapes::Action;
use super::wishes::Wish;
use crate::domain::outcome::Ending;

/// Raised whenever extraction changes: facts of another version are extracted again.
pub const VERSION: u32 = 15;

/// Everything the offline engine needs of one session.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SessionFacts {
    /// [`VERSION`] of the code that made them.
    pub version: u32,
    /// Files that spots refer to by index.
    pub files: Vec<String>,
    /// Tool calls in the order they were made, file by file.
    pub calls: Vec<CallFact>,
    /// Things a person said or did, in order.
    pub turns: Vec<TurnFact>,
    /// What rules files demand and forbid, as this session read them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleFact>,
    /// The format marked at least one result as failed, so an unmarked one means something.
    pub marks_failures: bool,
    /// The last outcome that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// What the person's last words say of the work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Ending>,
    /// How it ended, by the rules of its agent; made of the rest when it is used.
    #[serde(skip)]
    pub ending: Option<Ending>,
}

/// A place in one of the session's files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    /// Index into [`SessionFacts::files`].
    pub file: u32,
    /// Record id; empty where the format has none.
    pub record: String,
    /// Call id, on calls and results.
    pub call: Option<String>,
    /// Byte range of the record.
    pub bytes: Range<u64>,
    /// When.
    pub at: Option<Timestamp>,
}

/// One tool call and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallFact {
    /// Where the call stands.
    pub spot: Spot,
    /// Which run of events it belongs to: main transcript or one sub-agent.
    pub stream: u32,
    /// Position in the session.
    pub asked: u32,
    /// Position of its answer; the position of the call if there was none.
    pub answered: u32,
    /// What was done. Sessions do the same again and again, so a pass holds each action once.
    #[serde(with = "shared")]
    pub action: Arc<Action>,
    /// What came of it.
    pub result: CallResult,
    /// Its words stood before in something that an outsider wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Box<Heard>>,
    /// The version that a command which asks for one was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Box<ToldVersion>>,
}

/// A version that a command was told, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToldVersion {
    /// The version, as the answer spells it.
    pub version: String,
    /// Where the answer stands.
    pub spot: Spot,
    /// The line of the answer that says it, secrets masked.
    pub line: String,
}

/// Where a call's words stood first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The outsider's text.
    pub spot: Spot,
    /// What of the line says it, secrets masked.
    pub line: String,
    /// Not the command stood there, but an option, an argument or a variable that it has, beside its program.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_part: bool,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CallResult {
    /// No answer, or one that says nothing either way.
    Unknown,
    /// It went well.
    Done,
    /// A person refused it.
    Refused,
    /// The format marks it as failed.
    Failed(Box<Failure>),
    /// It reads like a failure, but is not marked as one: a pipe may have hidden the exit code.
    Suspect(Box<Failure>),
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Where the result stands.
    pub spot: Spot,
    /// The line that says what went wrong, as it stands in the result, secrets masked.
    pub line: String,
    /// The same line with everything that varies masked.
    pub masked: String,
    /// The tool refused a slip that it checks for by itself, such as editing before reading.
    pub slip: bool,
}

/// Something a person said or did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnFact {
    /// Where.
    pub spot: Spot,
    /// Which run of events it belongs to.
    pub stream: u32,
    /// Position in the session.
    pub asked: u32,
    /// The person stopped the agent here.
    pub interrupts: bool,
    /// Distinct content words, for exposure and for the noise check.
    pub words: Vec<String>,
    /// What was asked for in so many words.
    pub wishes: Vec<Wish>,
    /// It takes back something that was asked for earlier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub takes_back: bool,
    /// A short turn that may take the side of one thing against another, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaning: Option<String>,
}

/// Actions that sessions share, each held once.
#[derive(Debug, Default)]
pub struct Actions(FxHashSet<Arc<Action>>);

impl Actions {
    /// Lets a session's facts share the actions that others have already.
    pub fn share(&mut self, facts: &mut SessionFacts) {
        for call in &mut facts.calls {
            match self.0.get(&call.action) {
                Some(known) => call.action = Arc::clone(known),
                None => drop(self.0.insert(Arc::clone(&call.action))),
            }
        }
        facts.calls.shrink_to_fit();
        facts.turns.shrink_to_fit();
    }
}

/// A shared value as the value itself.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<T: Serialize, S: Serializer>(value: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
        T::serialize(value, serializer)
    }

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}
