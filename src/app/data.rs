//! What the console is told about the world: the shapes that effects bring back.
//!
//! Owns: plain data, complete enough to draw from. Must not know: where it was read, or how it is
//! drawn. Texts that agents wrote are still untrusted here; the screen makes them safe.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::fit::Parts;
use crate::domain::agent::{Agent, Budget};
use crate::domain::cost::Spent;
use crate::domain::decision::{Decision, Verdict};
use crate::domain::dream::Dream;
use crate::domain::evidence::Evidence;
use crate::domain::ids::{AgentId, ApplyId, LessonId, SessionId};
use crate::domain::lesson::{Change, Lesson};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::domain::outcome::Ending;
use crate::domain::session::EventKind;

/// Something that did not work: what failed, what is safe, what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What failed, as a sentence without a final stop.
    pub what: String,
    /// What to do next, if there is something to do.
    pub next: Option<String>,
}

impl Failure {
    /// A failure with advice.
    pub fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: Some(next.into()) }
    }

    /// A failure that speaks for itself.
    pub fn plain(what: impl Into<String>) -> Self {
        Self { what: what.into(), next: None }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)?;
        self.next.as_ref().map_or(Ok(()), |next| write!(f, ". {next}"))
    }
}

/// Everything the inbox, the agents and the dreams screens are made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// Every lesson that may be shown.
    pub lessons: Vec<Lesson>,
    /// Every agent known.
    pub agents: Vec<AgentSummary>,
    /// Agents of which the cache knows and that no configured place has any more.
    pub gone: Vec<Agent>,
    /// Passes, newest first.
    pub dreams: Vec<DreamSummary>,
    /// What dreams of all agents cost, each at the moment it was started.
    pub spent: Vec<(Timestamp, Spent)>,
    /// The same of dreams that others started.
    pub spent_by_others: Vec<(Timestamp, Spent)>,
    /// When the first of the snoozed lessons comes back.
    pub snoozed_until: Option<Timestamp>,
    /// How long the reviewer usually takes for one decision, where that is known.
    pub pace: Option<SignedDuration>,
    /// Whether there is a decision to take back, and one to make again.
    pub turns: Turns,
}

/// Whether there is a decision to take back, and one to make again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turns {
    /// One stands.
    pub undo: bool,
    /// One was taken back, and nothing was decided since.
    pub redo: bool,
}

/// One agent as the agents screen shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentSummary {
    /// Who.
    pub agent: Agent,
    /// Sessions in the cache.
    pub sessions: u64,
    /// Lessons that wait for a decision.
    pub pending: u64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Timestamp>,
    /// Size of its memory, where it was read.
    pub memory: Option<MemorySize>,
    /// Start of its last completed pass.
    pub last_dream: Option<Timestamp>,
    /// When its sessions and memory were last read.
    pub last_sync: Option<Timestamp>,
    /// What went wrong when it was synced last, and when; untrusted text.
    pub trouble: Option<(Timestamp, String)>,
    /// Sessions a pass reads.
    pub lookback: u32,
    /// Hours between two passes on a schedule.
    pub every_hours: u32,
    /// Starts of its last passes with what they cost, newest first; passes that cost nothing are left out.
    pub spent: Vec<(Timestamp, Spent)>,
    /// The same of dreams that others started: they are in the same bill, but no cap of wakeful's counts them.
    pub spent_by_others: Vec<(Timestamp, Spent)>,
}

/// How large a memory is, in the terms of its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemorySize {
    /// Documents.
    pub documents: u64,
    /// Tokens in all (about).
    pub tokens: u64,
    /// Lines of the index document, where there is one.
    pub index_lines: Option<u64>,
    /// Bytes of the index document.
    pub index_bytes: Option<u64>,
    /// Tokens of the index document (about).
    pub index_tokens: Option<u64>,
}

/// One pass with the number of lessons it left.
#[derive(Debug, Clone, PartialEq)]
pub struct DreamSummary {
    /// The pass.
    pub dream: Dream,
    /// Lessons it proposed.
    pub lessons: u32,
    /// Those that still wait for a decision.
    pub undecided: u32,
}

/// What the detail pane needs beyond the lesson itself.
#[derive(Debug, Clone, PartialEq)]
pub struct LessonDetail {
    /// Sessions of its evidence that a person took out of all counts.
    pub quarantined: BTreeSet<SessionId>,
    /// Which lesson.
    pub lesson: LessonId,
    /// Documents it touches, before and after.
    pub documents: Vec<DocumentText>,
    /// Places in sessions, in the order they are shown.
    pub evidence: Vec<Evidence>,
    /// How their sessions ended, where anything says so.
    pub endings: BTreeMap<SessionId, Ending>,
    /// Those of their sessions that are no longer there.
    pub gone: BTreeSet<SessionId>,
    /// Those of them that a spot check shows; none where the count is no estimate.
    pub sample: Vec<usize>,
    /// The last decision on it.
    pub decision: Option<Decision>,
    /// Who took it out of the memory again, and when, where that came after the last decision.
    pub taken_back: Option<(String, Timestamp)>,
    /// The text it would insert, for the editor; `None` where it inserts nothing.
    pub editable: Option<String>,
    /// Memory of its agent as it is now.
    pub memory: Option<MemorySize>,
    /// Said above the text where before and after need a word: a conflict, a change meanwhile, whose lines go.
    pub remarks: Vec<String>,
    /// Where the note stands that says the same as one it takes away, and what that says.
    pub kept: Option<String>,
    /// The documents as the dream proposed them, where the reviewer's text took their place.
    pub proposed: Vec<DocumentText>,
    /// What the reviewer made of the proposal: its texts, and the reviewer's.
    pub edited: Vec<DocumentText>,
    /// What changed since a lesson like it was decided: the texts of both, as of one document.
    pub since: Vec<DocumentText>,
    /// Where it collides with the memory: the one document with all three sides in it, to be fitted by hand.
    pub to_fit: Option<Parts>,
}

impl LessonDetail {
    /// What can be compared, in the order in which one goes through it.
    #[must_use]
    pub fn comparisons(&self) -> Vec<Compare> {
        let edited = !self.edited.is_empty();
        let there = |compare: &Compare| match compare {
            Compare::Change => true,
            Compare::Edit | Compare::Proposal => edited,
            Compare::Since => !self.since.is_empty(),
        };
        [Compare::Change, Compare::Edit, Compare::Proposal, Compare::Since]
            .into_iter()
            .filter(there)
            .collect()
    }

    /// The texts of a comparison.
    #[must_use]
    pub fn compared(&self, compare: Compare) -> &[DocumentText] {
        match compare {
            Compare::Change => &self.documents,
            Compare::Edit => &self.edited,
            Compare::Proposal => &self.proposed,
            Compare::Since => &self.since,
        }
    }
}

/// Which two texts of a lesson are beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compare {
    /// The memory, and what would be written.
    #[default]
    Change,
    /// What the dream proposed, and what the reviewer made of it.
    Edit,
    /// The memory, and what the dream proposed.
    Proposal,
    /// The lesson that was decided before, and the one that came back.
    Since,
}

/// What came from a session, before it is put in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromSession {
    /// Whose session.
    pub agent: AgentId,
    /// The session.
    pub session: SessionId,
    /// Lessons that fall with it, each as a line: where it is, and what it says.
    pub falls: Vec<String>,
    /// Lessons that enough others support.
    pub stay: usize,
}

/// One document, now and as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentText {
    /// Its path afterwards.
    pub path: DocPath,
    /// What happens to it.
    pub change: Change,
    /// Text now.
    pub before: Arc<str>,
    /// Text afterwards.
    pub after: Arc<str>,
}

/// A stretch of a session around a quoted place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// Which session.
    pub session: SessionId,
    /// Its first words.
    pub title: String,
    /// File the place is in, relative to the sessions folder.
    pub file: String,
    /// Events in order.
    pub events: Vec<TranscriptEvent>,
    /// Position of the quoted event among them.
    pub focus: usize,
    /// The session began before the first of them.
    pub more_before: bool,
    /// The session goes on behind the last of them.
    pub more_after: bool,
}

/// One event of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptEvent {
    /// What it is.
    pub kind: EventKind,
    /// Tool name, on calls.
    pub tool: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// The words, cut where they run very long; the cut says so.
    pub text: String,
    /// Marked as failed by the format.
    pub is_error: bool,
}

/// One agent's memory and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryView {
    /// Whose.
    pub agent: AgentId,
    /// Its limits.
    pub budget: Budget,
    /// Its size.
    pub size: MemorySize,
    /// Documents in path order.
    pub documents: Vec<MemoryDocument>,
    /// Applies and undos, newest first.
    pub history: Vec<HistoryEntry>,
    /// Other states in which the memory was seen, newest first.
    pub seen: Vec<SeenVersion>,
}

/// A state of a memory that somebody else made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenVersion {
    /// Its number in the cache.
    pub number: u64,
    /// When it was first seen.
    pub at: Timestamp,
    /// Tokens (about).
    pub tokens: u64,
    /// Nothing is known from before it.
    pub first: bool,
}

/// Names a state of a memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionId {
    /// As an apply or undo left it.
    Apply(ApplyId),
    /// As it was seen: [`SeenVersion::number`].
    Seen(u64),
}

/// What one version changed.
#[derive(Debug, Clone, PartialEq)]
pub struct VersionTexts {
    /// Documents that differ from the version before.
    pub documents: Vec<DocumentText>,
}

/// One document with the origin of each line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryDocument {
    /// Where.
    pub path: DocPath,
    /// Its text.
    pub text: Arc<str>,
    /// Tokens (about).
    pub tokens: u64,
    /// For each line, which entry of [`MemoryDocument::origins`] put it there; `None`: it was there
    /// before wakeful.
    pub lines: Vec<Option<u32>>,
    /// What put lines here.
    pub origins: Vec<Origin>,
}

/// What kind of thing put a line into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginKind {
    /// A lesson.
    Lesson,
    /// An apply, where it is not known which of its lessons it was.
    Apply,
    /// An undo.
    Undo,
    /// Someone the store itself names.
    Actor,
    /// Someone outside wakeful.
    Outside,
}

/// What put a line into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What kind of thing.
    pub kind: OriginKind,
    /// The lesson, where it is one.
    pub lesson: Option<LessonId>,
    /// What it says, or what it was. Untrusted text.
    pub statement: String,
    /// Who accepted or wrote it; empty if nobody knows.
    pub by: String,
    /// When it was written, or first seen.
    pub at: Timestamp,
    /// Sessions that supported the lesson when it was written, where that was kept.
    pub support_then: Option<u32>,
    /// Sessions that support it as last proposed.
    pub support_now: Option<u32>,
    /// Whether the lesson still counts as being in the memory, so that it can be taken back.
    pub stands: bool,
}

/// One apply or undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Which.
    pub apply: ApplyId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// How it ended: `written`, `undone`, `unfinished`, …
    pub outcome: String,
    /// Whether it can be taken back now; otherwise why not.
    pub undoable: Result<(), String>,
    /// Lessons written, with their statements and whether each still stands in memory.
    pub lessons: Vec<AppliedLesson>,
    /// Documents written.
    pub documents: Vec<DocPath>,
    /// Number in the cache of the state it left, where it left one.
    pub left: Option<u64>,
}

impl HistoryEntry {
    /// Whether it came after a state that somebody else made. What an apply finds changed is noticed while it is
    /// under way, so moments alone would put that after it.
    #[must_use]
    pub fn is_after(&self, version: &SeenVersion) -> bool {
        self.left.map_or(self.at >= version.at, |left| left > version.number)
    }
}

/// One lesson of an apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedLesson {
    /// Which.
    pub lesson: LessonId,
    /// What it says. Untrusted text.
    pub statement: String,
    /// Whether it is still in the memory.
    pub stands: bool,
}

/// How many rows some lessons make, where some are one with others.
#[must_use]
pub fn rows<'a>(same: &[Vec<LessonId>], lessons: impl Iterator<Item = &'a LessonId>) -> usize {
    let lessons: BTreeSet<&LessonId> = lessons.collect();
    let again = same.iter().map(|set| set.iter().filter(|id| lessons.contains(id)).count().saturating_sub(1));
    lessons.len() - again.sum::<usize>()
}

/// What `P` shows before anything is written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preview {
    /// One plan per agent with accepted lessons.
    pub plans: Vec<AgentPlan>,
    /// Lessons that are one, because several agents have them.
    pub same: Vec<Vec<LessonId>>,
}

impl Preview {
    /// Lessons that would be written; the same lesson of several agents is one.
    #[must_use]
    pub fn lessons(&self) -> usize {
        let written = self.plans.iter().flat_map(|plan| &plan.lessons).map(|(id, _)| id);
        rows(&self.same, written)
    }

    /// Those of them that would leave the memory, where their dream itself had put them.
    #[must_use]
    pub fn takes_out(&self) -> usize {
        self.plans.iter().map(|plan| plan.takes_out.len()).sum()
    }

    /// Documents that would be written.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.plans.iter().map(|plan| plan.documents.len()).sum()
    }

    /// Lessons that collide with the memory.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.plans.iter().map(|plan| plan.conflicts.len()).sum()
    }

    /// Whether nothing would be written, and lessons only go where they belong: back to review, or off the list.
    #[must_use]
    pub fn only_settles(&self) -> bool {
        let settles = self.plans.iter().any(|plan| plan.conflicts.len() + plan.satisfied > 0);
        settles && self.lessons() + self.documents() == 0
    }
}

/// What would be written to one agent's memory.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentPlan {
    /// Whose memory.
    pub agent: AgentId,
    /// What people call it.
    pub name: String,
    /// Lessons that would be written, with their statements.
    pub lessons: Vec<(LessonId, String)>,
    /// Those of `lessons` that would leave the memory, where their dream itself had put them.
    pub takes_out: Vec<LessonId>,
    /// Documents that would change.
    pub documents: Vec<DocumentText>,
    /// Tokens of the whole memory before (about).
    pub tokens_before: u64,
    /// Tokens of the whole memory after (about).
    pub tokens_after: u64,
    /// Tokens the memory should stay under.
    pub budget: u64,
    /// Accepted lessons that collide with the memory as it is now: statement and reason.
    pub conflicts: Vec<(String, String)>,
    /// Accepted lessons that a guard forbids: statement and reason.
    pub blocked: Vec<(String, String)>,
    /// Accepted lessons that the memory says already; each is among the warnings.
    pub satisfied: usize,
    /// Remarks of the guards on the lessons that would be written.
    pub warnings: Vec<String>,
}

impl AgentPlan {
    /// Whether there is nothing to write, to say or to leave out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let left_out = self.conflicts.len() + self.blocked.len() + self.satisfied;
        self.lessons.len() + self.documents.len() + left_out == 0
    }
}

/// What is to leave the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakeBack {
    /// One lesson.
    Lesson(LessonId),
    /// All that an apply wrote.
    Apply(ApplyId),
}

/// How an apply went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// It took lessons out of the memory.
    pub took_back: bool,
    /// Lessons now in memory, or out of it.
    pub lessons: usize,
    /// Documents written.
    pub documents: usize,
    /// Documents that changed after the preview and were written all the same, because the lessons fit.
    pub fitted: Vec<String>,
    /// What was left out, in words.
    pub left_out: Vec<String>,
    /// Lessons that went back to review for what the preview said already.
    pub back: Vec<LessonId>,
    /// Lessons that are done because the memory says them already.
    pub satisfied: usize,
}

/// What one decision is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which lesson.
    pub lesson: LessonId,
    /// What the reviewer said.
    pub verdict: Verdict,
    /// Why, in the reviewer's words.
    pub reason: Option<String>,
}

/// A lesson that a batch leaves as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Which lesson.
    pub lesson: LessonId,
    /// Why, in a word or two: the name of a guard, a state.
    pub short: String,
    /// Why, in a sentence without its stop.
    pub reason: String,
}

/// State changes that are now durable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decided {
    /// Lesson, and the state it is in now.
    pub changed: Vec<(LessonId, State)>,
    /// Lessons of the batch that could not be decided any more.
    pub refused: Vec<LeftOut>,
}

/// A batch of decisions that was taken back or made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// What the batch had said, as in [`Verdict::as_str`].
    pub verdict: String,
    /// Lesson, and the state it is in now.
    pub changed: Vec<(LessonId, State)>,
    /// Lessons of the batch that stay as they are, and how that is: applied, or decided elsewhere since.
    pub kept: Vec<(LessonId, State)>,
    /// Lessons that were written together with the one that stays because it is in the memory, itself among them;
    /// 0 where none does.
    pub together: usize,
}

/// One line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Position in the trail.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What was done: `accept`, `write`, `undo`, …
    pub action: String,
    /// To what: a lesson, a document, an apply.
    pub subject: String,
    /// The rest, in words. May hold untrusted text.
    pub text: String,
}

/// The audit trail as the screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditView {
    /// Entries, newest first.
    pub entries: Vec<AuditEntry>,
    /// Whether there are older ones than these.
    pub more: bool,
    /// Result of checking the chain of hashes: what is wrong, if something is.
    pub broken: Option<String>,
}

/// The audit trail as JSON lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exported {
    /// Written to a file: lines, and its name.
    File(usize, String),
    /// To be copied.
    Text(String),
}

/// How a sync went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pulled {
    /// Nothing could be read, or one of the places not at all.
    pub failed: bool,
    /// Sessions that were new or had grown.
    pub sessions: u64,
    /// Things that could not be read, in words.
    pub problems: Vec<String>,
}

/// How far background work is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// What it is doing, one or two words.
    pub stage: String,
    /// Units done.
    pub done: u64,
    /// Units in all; 0 if unknown.
    pub total: u64,
}
