//! A lesson as the reviewer meets it: what it would change, what it rests on, what to beware of.
//!
//! Owns: the shape of a lesson and its names. Must not know: how lessons are cut, stored or drawn.

use serde::{Deserialize, Serialize};

use super::evidence::{Support, Tier};
use super::ids::{AgentId, DreamId, LessonId};
use super::lifecycle::State;
use super::memory::DocPath;

macro_rules! names {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in display order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name used in JSON, the database, filters and on screen.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Reads [`Self::as_str`] back.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }
    };
}

/// What a lesson does to memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// New text.
    Add,
    /// Text that changes where it stands.
    Revise,
    /// Several texts become one, or a repeated text goes.
    Merge,
    /// Text that changes its place or document.
    Move,
    /// Text that goes.
    Remove,
}

names!(Kind { Add => "add", Revise => "revise", Merge => "merge", Move => "move", Remove => "remove" });

/// What a lesson is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Something that went wrong repeatedly, and what ended it.
    Mistake,
    /// A way of working that keeps working.
    Workflow,
    /// What people asked for.
    Preference,
    /// Something that is the case in the agent's surroundings.
    Fact,
    /// Care of the memory itself.
    Upkeep,
}

names!(Topic { Mistake => "mistake", Workflow => "workflow", Preference => "preference", Fact => "fact", Upkeep => "upkeep" });

/// How much a mark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Look before accepting.
    Warn,
    /// Can't be applied until it is edited out.
    Block,
}

names!(Severity { Info => "info", Warn => "warn", Block => "block" });

/// Name of the mark on a lesson that was decided before in other words.
pub const RETURNED: &str = "returned";

/// Name of the mark on a lesson that other agents have in the same words.
pub const SHARED: &str = "shared";

/// Name of the mark on a lesson for a shared memory that says which agents it comes from.
pub const FROM_AGENTS: &str = "from-agents";

/// A guard's remark on a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// Name of the guard: `secret`, `hidden`, `injection`, `single-source`, `protected`, `budget`, …
    pub guard: String,
    /// How much it matters.
    pub severity: Severity,
    /// One plain sentence. Never contains the secret it warns of.
    pub text: String,
}

/// Name of the guard that marks a lesson which collides with a memory that changed.
pub const COLLISION: &str = "conflict";

/// What happens to one document when a lesson is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentChange {
    /// The document, at its path after the change unless it is deleted.
    pub path: DocPath,
    /// What happens to it.
    pub change: Change,
}

/// The ways a document changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It comes to exist.
    Created,
    /// Its text changes.
    Modified,
    /// It goes.
    Deleted,
    /// It gets another path; the old one is given.
    Renamed(DocPath),
}

/// One lesson of one dream, with everything the list and the head of the detail pane need.
/// Texts (before, after) and evidence are loaded when it is opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Stable: the same proposal tomorrow has the same id.
    pub id: LessonId,
    /// Whose memory it would change.
    pub agent: AgentId,
    /// The pass that proposed it (latest, if several did).
    pub dream: DreamId,
    /// What it does.
    pub kind: Kind,
    /// What it is about.
    pub topic: Topic,
    /// One line that says what is learned. Untrusted text.
    pub statement: String,
    /// The same as it was proposed, where the reviewer's text says otherwise.
    #[serde(default)]
    pub proposed: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Whether the reviewer changed its text.
    pub edited: bool,
    /// Example count.
    pub support: Support,
    /// How firmly it stands.
    pub tier: Tier,
    /// Remarks of the guards.
    pub marks: Vec<Mark>,
    /// Documents it changes.
    pub documents: Vec<DocumentChange>,
    /// Estimated tokens added (or saved, if negative).
    pub tokens: i64,
    /// Only spacing, markers or line ends change.
    pub cosmetic: bool,
    /// Position among the lessons of its dream.
    pub position: u32,
}

/// Guard name of lessons that a dream wrote into the memory itself: turned down, they are taken out.
pub const IN_FORCE: &str = "in-force";

/// Guard name of lessons that were in force until an apply took them out.
pub const TAKEN_OUT: &str = "taken-out";

impl Lesson {
    /// Whether it is in the memory because its dream wrote it there itself.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.marks.iter().any(|mark| mark.guard == IN_FORCE)
    }

    /// Whether it was in force until an apply took it out.
    #[must_use]
    pub fn is_taken_out(&self) -> bool {
        self.marks.iter().any(|mark| mark.guard == TAKEN_OUT)
    }

    /// Whether an apply has something to do for it if it stands like this: what is accepted is written, and
    /// what is in force and turned down is taken out.
    #[must_use]
    pub fn awaits_apply(&self, state: State) -> bool {
        state == State::Accepted || (state == State::Rejected && self.is_in_force())
    }

    /// What it said when it was proposed.
    #[must_use]
    pub fn proposed_statement(&self) -> &str {
        self.proposed.as_deref().unwrap_or(&self.statement)
    }

    /// Whether other agents have it in the same words.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.marks.iter().any(|mark| [SHARED, FROM_AGENTS].contains(&mark.guard.as_str()))
    }

    /// Whether any guard forbids applying it as it stands.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.marks.iter().any(|mark| mark.severity == Severity::Block)
    }

    /// Whether it stays visible at an evidence threshold. Upkeep that rests on the memory itself
    /// has no example count and is never hidden.
    #[must_use]
    pub fn meets(&self, threshold: u32) -> bool {
        self.support.sessions.is_none_or(|sessions| sessions >= threshold)
    }
}
