//! Dreams: one pass over sessions that proposes a new memory.
//!
//! Owns: status, window, usage and manifest of a pass. Must not know: how any engine works.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::cost::{Estimate, Money, Span, Usage};
use super::ids::{AgentId, DreamId, SessionId};
use super::memory::ContentHash;
use super::remote::RemoteDream;
use super::rules::Rules;

/// Who dreams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Built in: no model, no key, no cost.
    Offline,
    /// A Claude-compatible model.
    Claude,
    /// The platform's Dreams API.
    Platform,
}

impl Engine {
    /// The name used in JSON and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Claude => "claude",
            Self::Platform => "platform",
        }
    }

    /// Reads [`Engine::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Offline, Self::Claude, Self::Platform].into_iter().find(|engine| engine.as_str() == name)
    }
}

/// How far a pass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DreamStatus {
    /// Not started.
    Pending,
    /// At work.
    Running,
    /// Done; its lessons can be reviewed.
    Completed,
    /// Ended without a result; `error` says why.
    Failed,
    /// Stopped by a person.
    Canceled,
}

impl DreamStatus {
    /// The name used in JSON and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing more happens.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }

    /// Reads [`DreamStatus::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Running, Self::Completed, Self::Failed, Self::Canceled]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// Which sessions a pass reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// At most this many, the newest first.
    pub last: u32,
    /// Not before this moment.
    pub since: Option<Timestamp>,
    /// Not after this moment.
    pub until: Option<Timestamp>,
    /// Only sessions of this segment.
    pub segment: Option<String>,
}

impl Default for Window {
    fn default() -> Self {
        Self { last: 50, since: None, until: None, segment: None }
    }
}

impl Window {
    /// `segment billing since 2026-03-01`; empty where nothing but the number of sessions bounds it. Untrusted
    /// where it names a segment.
    #[must_use]
    pub fn in_words(&self) -> String {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let parts = [
            self.segment.as_ref().map(|segment| format!("segment {segment}")),
            self.since.map(|at| format!("since {}", day(at))),
            self.until.map(|at| format!("until {}", day(at))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// What a pass could see: its window, and how many sessions were in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// What it was asked to read.
    pub window: Window,
    /// Sessions it read.
    pub read: u32,
}

impl Reach {
    /// Sees only a part of what another saw: it is bounded where that was not, or was told to read fewer and
    /// read fewer. A pass over the newest sessions that only moved on with them is no part of the one before.
    #[must_use]
    pub fn is_part_of(&self, other: &Self) -> bool {
        let (own, theirs) = (&self.window, &other.window);
        let within = (theirs.segment.is_none() || own.segment == theirs.segment)
            && theirs.since.is_none_or(|since| own.since.is_some_and(|own| own >= since))
            && theirs.until.is_none_or(|until| own.until.is_some_and(|own| own <= until))
            && (own.last <= theirs.last || self.read <= other.read);
        let bounded = (&own.segment, own.since, own.until) != (&theirs.segment, theirs.since, theirs.until);
        within && (bounded || (own.last < theirs.last && self.read < other.read))
    }

    /// Which sessions these were, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let window = self.window.in_words();
        if window.is_empty() { format!("the last {} sessions", self.read) } else { window }
    }
}

/// A session that a pass left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Which.
    pub session: SessionId,
    /// In words.
    pub reason: String,
}

/// What is needed to run the same pass again and get the same bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// Name and version of the engine: `offline/1`.
    pub engine: String,
    /// Hash over all parameters.
    pub parameters: String,
    /// Hash over the sessions read, in order.
    pub corpus: String,
    /// Sessions read, oldest first.
    pub read: Vec<SessionId>,
    /// Sessions left out.
    pub excluded: Vec<Excluded>,
    /// Mean number of lessons the same gates let through on shuffled copies; `None` if not run.
    pub noise: Option<f64>,
    /// Shuffled copies tried.
    pub noise_copies: u32,
    /// Rules of retention that held; `None` for dreams of other engines and of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
    /// The dream whose lesson collided with the memory and was made to fit by hand: nothing was read or run for
    /// this one. `None` for passes that ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted: Option<DreamId>,
    /// All that changes is one lesson, as a person wrote it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// Plain remarks for the reviewer, such as "single-user corpus: team claims disabled".
    pub remarks: Vec<String>,
}

/// How a remark begins that tells of notes which contradict another agent's.
pub const ACROSS: &str = "across agents: ";

impl Manifest {
    /// What was remarked about notes that contradict those of other agents. Untrusted text.
    pub fn across(&self) -> impl Iterator<Item = &str> {
        self.remarks.iter().filter_map(|remark| remark.strip_prefix(ACROSS))
    }
}

/// One pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dream {
    /// Which.
    pub id: DreamId,
    /// Whose memory.
    pub agent: AgentId,
    /// Who dreamed.
    pub engine: Engine,
    /// How far it is.
    pub status: DreamStatus,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What it was asked to read.
    pub window: Window,
    /// The memory it started from.
    pub base: ContentHash,
    /// The memory it proposes.
    pub proposed: Option<ContentHash>,
    /// How to run it again.
    pub manifest: Option<Manifest>,
    /// Why it failed, and what to do.
    pub error: Option<String>,
    /// The model it runs on, where there is one.
    pub model: Option<String>,
    /// What it was told beside its input.
    pub instructions: Option<String>,
    /// Where it runs, if not here.
    pub remote: Option<RemoteDream>,
    /// Tokens it used, so far or in all.
    pub usage: Option<Usage>,
    /// What it was expected to take.
    pub estimate: Option<Estimate>,
    /// What the tokens used cost; a span because the lifetime of cached tokens is not told.
    pub cost: Option<Span<Money>>,
}

impl Dream {
    /// The pass whose lesson was made to fit the memory by hand, where this is no pass of its own.
    #[must_use]
    pub fn fitted(&self) -> Option<&DreamId> {
        self.manifest.as_ref()?.fitted.as_ref()
    }

    /// What it could see; `None` if that is not known, as while it runs.
    #[must_use]
    pub fn reach(&self) -> Option<Reach> {
        let read = self.manifest.as_ref()?.read.len() as u32;
        Some(Reach { window: self.window.clone(), read })
    }

    /// Whether it wrote into the memory it read, so that what it says is in force before anybody decides.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| remote.in_place)
    }
}

/// How far a running pass is, for progress bars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it is doing, one or two words: `reading`, `counting`, `noise check`.
    pub stage: &'static str,
    /// Units done.
    pub done: u64,
    /// Units in all; 0 if unknown.
    pub total: u64,
}
