//! Lessons as lists and in full, with what they rest on and what was decided about them.
//!
//! Owns: `wakeful.lessons/1` and `wakeful.lesson/1`. Must not know: how lessons are found.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::super::output::{session_folder, session_path};
use super::Names;
use crate::domain::decision::{Decision, Verdict};
use crate::domain::evidence::{Evidence, Origin, QuoteStatus, Stance, Support, Tier};
use crate::domain::ids::SessionId;
use crate::domain::lesson::{Change, DocumentChange, Lesson, Mark};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::domain::outcome::Ending;
use crate::store::Apply;

/// `wakeful.lessons/1`
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the field is named as in the JSON that scripts rely on")]
pub struct Lessons {
    schema: &'static str,
    threshold: u32,
    hidden: u64,
    lessons: Vec<LessonRow>,
}

impl Lessons {
    /// A list of lessons.
    #[must_use]
    pub fn new(threshold: u32, hidden: u64, lessons: Vec<LessonRow>) -> Self {
        Self { schema: "wakeful.lessons/1", threshold, hidden, lessons }
    }
}

/// One lesson.
#[derive(Debug, Serialize)]
pub struct LessonRow {
    id: String,
    agent: String,
    agent_id: String,
    /// Other agents for which the same lesson is, where that was looked for: what is decided on this one holds
    /// for theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    also_for: Option<Vec<String>>,
    source: Option<&'static str>,
    dream: String,
    engine: Option<&'static str>,
    kind: &'static str,
    topic: &'static str,
    statement: String,
    state: State,
    edited: bool,
    cosmetic: bool,
    support: Support,
    tier: Tier,
    marks: Vec<Mark>,
    documents: Vec<DocumentRow>,
    tokens: Tokens,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<EvidenceRow>>,
}

impl LessonRow {
    /// A lesson, with its evidence where it was asked for.
    #[must_use]
    pub fn new(lesson: &Lesson, names: &Names, evidence: Option<&[Evidence]>) -> Self {
        let agent = names.agents.get(&lesson.agent);
        let folder = agent.and_then(session_folder);
        Self {
            id: lesson.id.to_string(),
            agent: names.agent(&lesson.agent).to_owned(),
            agent_id: lesson.agent.to_string(),
            also_for: None,
            source: agent.map(|agent| agent.source.as_str()),
            dream: lesson.dream.to_string(),
            engine: names.dreams.get(&lesson.dream).copied(),
            kind: lesson.kind.as_str(),
            topic: lesson.topic.as_str(),
            statement: lesson.statement.clone(),
            state: lesson.state,
            edited: lesson.edited,
            cosmetic: lesson.cosmetic,
            support: lesson.support.clone(),
            tier: lesson.tier,
            marks: lesson.marks.clone(),
            documents: lesson.documents.iter().map(DocumentRow::new).collect(),
            tokens: Tokens { delta: lesson.tokens, exact: false },
            evidence: evidence
                .map(|evidence| evidence.iter().map(|place| EvidenceRow::new(place, folder)).collect()),
        }
    }
}

impl LessonRow {
    /// The same with the other agents for which it is.
    #[must_use]
    pub fn also_for(self, agents: Vec<String>) -> Self {
        Self { also_for: Some(agents), ..self }
    }

    /// The same with how the sessions of its evidence ended.
    #[must_use]
    pub fn with_endings(mut self, endings: &BTreeMap<SessionId, Ending>) -> Self {
        for row in self.evidence.iter_mut().flatten() {
            row.outcome = endings.get(&SessionId::new(row.session.clone())).copied();
        }
        self
    }
}

#[derive(Debug, Serialize)]
struct Tokens {
    delta: i64,
    exact: bool,
}

/// One document of a lesson or a plan.
#[derive(Debug, Serialize)]
pub struct DocumentRow {
    path: DocPath,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<DocPath>,
}

impl DocumentRow {
    /// What happens to one document.
    #[must_use]
    pub fn new(document: &DocumentChange) -> Self {
        let (change, from) = match &document.change {
            Change::Created => ("created", None),
            Change::Modified => ("modified", None),
            Change::Deleted => ("deleted", None),
            Change::Renamed(from) => ("renamed", Some(from.clone())),
        };
        Self { path: document.path.clone(), change, from }
    }
}

/// One counted place.
#[derive(Debug, Serialize)]
struct EvidenceRow {
    session: String,
    file: String,
    record: String,
    call: Option<String>,
    bytes: [u64; 2],
    stance: Stance,
    status: QuoteStatus,
    origin: Origin,
    at: Option<Timestamp>,
    quote: String,
    /// The file, where it lies on this machine.
    path: Option<String>,
    /// How the session ended, where anything says so.
    outcome: Option<Ending>,
}

impl EvidenceRow {
    fn new(evidence: &Evidence, folder: Option<&str>) -> Self {
        let place = &evidence.place;
        Self {
            session: place.session.to_string(),
            file: place.file.clone(),
            record: place.record.clone(),
            call: place.call.clone(),
            bytes: [place.bytes.start, place.bytes.end],
            stance: evidence.stance,
            status: evidence.status,
            origin: evidence.origin,
            at: place.at,
            quote: evidence.quote.clone(),
            path: folder.map(|_| session_path(folder, &place.file)),
            outcome: None,
        }
    }
}

/// `wakeful.lesson/1`
#[derive(Debug, Serialize)]
pub struct Shown {
    schema: &'static str,
    lesson: LessonRow,
    before: BTreeMap<DocPath, Option<String>>,
    after: BTreeMap<DocPath, Option<String>>,
    diff: String,
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<String>,
    alternatives: Vec<String>,
    history: Vec<DecisionRow>,
    writes: Vec<WriteRow>,
}

/// What a lesson does to the text of its documents.
#[derive(Debug, Default)]
pub struct Texts {
    /// Each document without the lesson; `None` where there is none.
    pub before: BTreeMap<DocPath, Option<String>>,
    /// Each document with it.
    pub after: BTreeMap<DocPath, Option<String>>,
    /// The same as a unified diff.
    pub diff: String,
    /// A word on what could not be shown.
    pub remark: Option<String>,
    /// What changed since a lesson like it was decided, as a unified diff.
    pub since: Option<String>,
    /// What the reviewer made of the proposal, as a unified diff.
    pub edited: Option<String>,
}

impl Shown {
    /// A lesson with everything known of it.
    #[must_use]
    pub fn new(lesson: LessonRow, texts: Texts, decisions: &[Decision], writes: &[Apply]) -> Self {
        Self {
            schema: "wakeful.lesson/1",
            lesson,
            before: texts.before,
            after: texts.after,
            diff: texts.diff,
            remark: texts.remark,
            since: texts.since,
            edited: texts.edited,
            alternatives: Vec::new(),
            history: decisions.iter().map(DecisionRow::new).collect(),
            writes: writes.iter().map(WriteRow::new).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct DecisionRow {
    verdict: &'static str,
    by: String,
    at: Timestamp,
    reason: Option<String>,
    batch: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl DecisionRow {
    fn new(decision: &Decision) -> Self {
        let until = match &decision.verdict {
            Verdict::Snooze { until } => Some(*until),
            _ => None,
        };
        Self {
            verdict: decision.verdict.as_str(),
            by: decision.by.clone(),
            at: decision.at,
            reason: decision.reason.clone(),
            batch: decision.batch,
            until,
        }
    }
}

/// An apply that wrote a lesson, or an undo that took it out again.
#[derive(Debug, Serialize)]
struct WriteRow {
    action: &'static str,
    apply: String,
    by: String,
    at: Timestamp,
}

impl WriteRow {
    fn new(apply: &Apply) -> Self {
        Self {
            action: apply.action.as_str(),
            apply: apply.id.to_string(),
            by: apply.author.clone(),
            at: apply.begun,
        }
    }
}
