//! The JSON that scripts rely on: one type per shape, versioned by the name in `schema`.
//!
//! Owns: the shapes of `assets/schema/`. Fields may be added, never renamed or removed. Must not
//! know: where values come from beyond the domain's types, or how text output looks.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::agent::Agent;
use crate::domain::decision::{Decision, Verdict};
use crate::domain::dream::{Dream, Excluded, Window};
use crate::domain::evidence::{Evidence, Origin, QuoteStatus, Stance, Support, Tier};
use crate::domain::ids::{AgentId, DreamId};
use crate::domain::lesson::{Change, DocumentChange, Lesson, Mark};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::store::{AgentStatus, Changed, Decided, Record, Status};

/// Prints one object, readable, with a line end.
///
/// # Errors
/// When the output is closed.
pub fn print(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    writeln!(out, "{text}")
}

/// Names that lessons refer to.
#[derive(Debug, Default)]
pub struct Names {
    agents: BTreeMap<AgentId, Agent>,
    dreams: BTreeMap<DreamId, &'static str>,
}

impl Names {
    /// From all agents and passes.
    #[must_use]
    pub fn new(agents: Vec<Agent>, dreams: &[Dream]) -> Self {
        Self {
            agents: agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect(),
            dreams: dreams.iter().map(|dream| (dream.id.clone(), dream.engine.as_str())).collect(),
        }
    }

    /// What people call an agent.
    #[must_use]
    pub fn agent<'a>(&'a self, id: &'a AgentId) -> &'a str {
        self.agents.get(id).map_or(id.as_str(), |agent| agent.name.as_str())
    }
}

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
        Self {
            id: lesson.id.to_string(),
            agent: names.agent(&lesson.agent).to_owned(),
            agent_id: lesson.agent.to_string(),
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
            evidence: evidence.map(|evidence| evidence.iter().map(EvidenceRow::new).collect()),
        }
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
pub struct EvidenceRow {
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
}

impl EvidenceRow {
    fn new(evidence: &Evidence) -> Self {
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
    alternatives: Vec<String>,
    history: Vec<DecisionRow>,
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
}

impl Shown {
    /// A lesson with everything known of it.
    #[must_use]
    pub fn new(lesson: LessonRow, texts: Texts, decisions: &[Decision]) -> Self {
        Self {
            schema: "wakeful.lesson/1",
            lesson,
            before: texts.before,
            after: texts.after,
            diff: texts.diff,
            remark: texts.remark,
            alternatives: Vec::new(),
            history: decisions.iter().map(DecisionRow::new).collect(),
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

/// `wakeful.status/1`
#[derive(Debug, Serialize)]
pub struct StatusReport {
    schema: &'static str,
    pending: u64,
    hidden: u64,
    accepted: u64,
    threshold: u32,
    oldest: Option<Timestamp>,
    unfinished: Vec<String>,
    agents: Vec<AgentRow>,
}

#[derive(Debug, Serialize)]
struct AgentRow {
    id: String,
    name: String,
    source: &'static str,
    segment: Option<String>,
    mode: &'static str,
    sessions: u64,
    pending: u64,
    hidden: u64,
    accepted: u64,
    oldest: Option<Timestamp>,
    memory: AgentMemory,
    last_dream: Option<LastDream>,
    last_sync: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct AgentMemory {
    tokens: Option<u64>,
    budget: u64,
    documents: Option<u64>,
}

#[derive(Debug, Serialize)]
struct LastDream {
    id: String,
    status: &'static str,
    started: Timestamp,
}

impl StatusReport {
    /// What waits, agent by agent.
    #[must_use]
    pub fn new(status: &Status, threshold: u32) -> Self {
        Self {
            schema: "wakeful.status/1",
            pending: status.pending,
            hidden: status.hidden,
            accepted: status.accepted,
            threshold,
            oldest: status.oldest,
            unfinished: status.unfinished.iter().map(ToString::to_string).collect(),
            agents: status.agents.iter().map(AgentRow::new).collect(),
        }
    }
}

impl AgentRow {
    fn new(status: &AgentStatus) -> Self {
        let agent = &status.agent;
        Self {
            id: agent.id.to_string(),
            name: agent.name.clone(),
            source: agent.source.as_str(),
            segment: agent.segment.clone(),
            mode: agent.mode.as_str(),
            sessions: status.sessions,
            pending: status.pending,
            hidden: status.hidden,
            accepted: status.accepted,
            oldest: status.oldest,
            memory: AgentMemory {
                tokens: status.memory_tokens,
                budget: agent.budget.store_tokens,
                documents: status.documents,
            },
            last_dream: status.last_dream.as_ref().map(|dream| LastDream {
                id: dream.id.to_string(),
                status: dream.status.as_str(),
                started: dream.started,
            }),
            last_sync: status.last_sync,
        }
    }
}

/// `wakeful.dreams/1`
#[derive(Debug, Serialize)]
pub struct Dreams {
    schema: &'static str,
    dreams: Vec<DreamRow>,
}

impl Dreams {
    /// A list of passes.
    #[must_use]
    pub fn new(dreams: Vec<DreamRow>) -> Self {
        Self { schema: "wakeful.dreams/1", dreams }
    }
}

/// `wakeful.dream/1`
#[derive(Debug, Serialize)]
pub struct ShownDream {
    schema: &'static str,
    dream: DreamRow,
    read: Vec<String>,
    excluded: Vec<Excluded>,
    lessons: Vec<LessonRow>,
}

impl ShownDream {
    /// A pass with what it read and found.
    #[must_use]
    pub fn new(dream: &Dream, row: DreamRow, lessons: Vec<LessonRow>) -> Self {
        let manifest = dream.manifest.as_ref();
        Self {
            schema: "wakeful.dream/1",
            dream: row,
            read: manifest.map_or_else(Vec::new, |m| m.read.iter().map(ToString::to_string).collect()),
            excluded: manifest.map_or_else(Vec::new, |m| m.excluded.clone()),
            lessons,
        }
    }
}

/// One pass.
#[derive(Debug, Serialize)]
pub struct DreamRow {
    id: String,
    agent: String,
    agent_id: String,
    engine: &'static str,
    status: &'static str,
    started: Timestamp,
    ended: Option<Timestamp>,
    window: WindowRow,
    parameters: Option<String>,
    corpus: Option<String>,
    noise_check: Option<NoiseCheck>,
    remarks: Vec<String>,
    usage: Usage,
    cost: Cost,
    counts: BTreeMap<&'static str, u64>,
    lessons: u64,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct WindowRow {
    last: u32,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    segment: Option<String>,
    read: Option<u64>,
    excluded: Option<u64>,
}

#[derive(Debug, Serialize)]
struct NoiseCheck {
    mean: f64,
    copies: u32,
}

/// What a model charged. The offline engine has none, which is a fact and not a guess.
#[derive(Debug, Serialize)]
struct Usage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Cost {
    currency: &'static str,
    estimated: Option<f64>,
    real: Option<f64>,
}

impl DreamRow {
    /// A pass and the lessons it was the latest to propose.
    #[must_use]
    pub fn new(dream: &Dream, names: &Names, lessons: &[Lesson]) -> Self {
        let manifest = dream.manifest.as_ref();
        let mut counts: BTreeMap<&'static str, u64> =
            [Tier::Established, Tier::Supported, Tier::Emerging, Tier::Lead]
                .map(|tier| (tier.as_str(), 0))
                .into();
        for lesson in lessons {
            *counts.entry(lesson.tier.as_str()).or_default() += 1;
        }
        let free = matches!(dream.engine, crate::domain::dream::Engine::Offline);
        let Window { last, since, until, segment } = dream.window.clone();
        Self {
            id: dream.id.to_string(),
            agent: names.agent(&dream.agent).to_owned(),
            agent_id: dream.agent.to_string(),
            engine: dream.engine.as_str(),
            status: dream.status.as_str(),
            started: dream.started,
            ended: dream.ended,
            window: WindowRow {
                last,
                since,
                until,
                segment,
                read: manifest.map(|m| m.read.len() as u64),
                excluded: manifest.map(|m| m.excluded.len() as u64),
            },
            parameters: manifest.map(|m| m.parameters.clone()),
            corpus: manifest.map(|m| m.corpus.clone()),
            noise_check: manifest
                .and_then(|m| m.noise.map(|mean| NoiseCheck { mean, copies: m.noise_copies })),
            remarks: manifest.map_or_else(Vec::new, |m| m.remarks.clone()),
            usage: Usage { input_tokens: free.then_some(0), output_tokens: free.then_some(0) },
            cost: Cost { currency: "USD", estimated: free.then_some(0.0), real: free.then_some(0.0) },
            counts,
            lessons: lessons.len() as u64,
            error: dream.error.clone(),
        }
    }
}

/// `wakeful.decided/1`
#[derive(Debug, Serialize)]
pub struct DecidedReport {
    schema: &'static str,
    batch: Option<u64>,
    changed: Vec<ChangedRow>,
    kept: Vec<String>,
    unchanged: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ChangedRow {
    lesson: String,
    from: State,
    to: State,
}

impl DecidedReport {
    /// What decisions changed; `kept` are lessons left alone because they changed meanwhile.
    #[must_use]
    pub fn new(batch: Option<u64>, changed: &[Changed], kept: Vec<String>) -> Self {
        let row = |changed: &Changed| ChangedRow {
            lesson: changed.lesson.to_string(),
            from: changed.from,
            to: changed.to,
        };
        let changed = changed.iter().map(row).collect();
        Self { schema: "wakeful.decided/1", batch, changed, kept, unchanged: Vec::new() }
    }

    /// What new decisions changed.
    #[must_use]
    pub fn decided(decided: &Decided) -> Self {
        Self {
            unchanged: decided.unchanged.iter().map(ToString::to_string).collect(),
            ..Self::new(decided.batch, &decided.changed, Vec::new())
        }
    }
}

/// `wakeful.memory/1`
#[derive(Debug, Serialize)]
pub struct MemoryReport {
    schema: &'static str,
    agents: Vec<AgentDocuments>,
}

impl MemoryReport {
    /// Documents of agents.
    #[must_use]
    pub fn new(agents: Vec<AgentDocuments>) -> Self {
        Self { schema: "wakeful.memory/1", agents }
    }
}

/// The documents of one agent.
#[derive(Debug, Serialize)]
pub struct AgentDocuments {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// About how many tokens.
    pub tokens: u64,
    /// Tokens it should stay under.
    pub budget: u64,
    /// Its documents.
    pub documents: Vec<DocumentSize>,
}

/// One document and its size.
#[derive(Debug, Serialize)]
pub struct DocumentSize {
    /// Where.
    pub path: DocPath,
    /// Size.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// About how many tokens.
    pub tokens: u64,
    /// Hash of its content.
    pub sha256: String,
}

/// `wakeful.document/1`
#[derive(Debug, Serialize)]
pub struct DocumentReport<'a> {
    /// Name and version of the shape.
    pub schema: &'static str,
    /// Whose.
    pub agent: &'a str,
    /// Where.
    pub path: &'a DocPath,
    /// Hash of its content.
    pub sha256: String,
    /// Its text.
    pub text: &'a str,
}

/// `wakeful.memory-log/1`
#[derive(Debug, Serialize)]
pub struct MemoryLog {
    schema: &'static str,
    versions: Vec<VersionRow>,
}

impl MemoryLog {
    /// States in which memories were seen.
    #[must_use]
    pub fn new(versions: Vec<VersionRow>) -> Self {
        Self { schema: "wakeful.memory-log/1", versions }
    }
}

/// One state of a memory.
#[derive(Debug, Serialize)]
pub struct VersionRow {
    /// Whose.
    pub agent: String,
    /// Hash over all documents.
    pub snapshot: String,
    /// When it was first seen so.
    pub seen_at: Timestamp,
    /// The apply that made it so.
    pub apply: Option<String>,
    /// Documents.
    pub documents: u64,
    /// About how many tokens.
    pub tokens: u64,
}

/// `wakeful.audit/1`
#[derive(Debug, Serialize)]
pub struct AuditReport {
    schema: &'static str,
    rows: Vec<AuditRow>,
}

#[derive(Debug, Serialize)]
struct AuditRow {
    seq: u64,
    at: Timestamp,
    author: String,
    action: String,
    agent: Option<String>,
    lessons: Vec<String>,
    apply: Option<String>,
    path: Option<DocPath>,
    before: Option<String>,
    after: Option<String>,
    note: Option<String>,
    hash: String,
}

impl AuditReport {
    /// Rows of the trail.
    #[must_use]
    pub fn new(rows: &[Record]) -> Self {
        let row = |record: &Record| {
            let entry = &record.entry;
            AuditRow {
                seq: record.seq,
                at: record.at,
                author: entry.author.clone(),
                action: entry.action.clone(),
                agent: entry.agent.as_ref().map(ToString::to_string),
                lessons: entry.lessons.iter().map(ToString::to_string).collect(),
                apply: entry.apply.as_ref().map(ToString::to_string),
                path: entry.path.clone(),
                before: entry.before.map(|hash| hash.to_string()),
                after: entry.after.map(|hash| hash.to_string()),
                note: entry.note.clone(),
                hash: record.hash.to_string(),
            }
        };
        Self { schema: "wakeful.audit/1", rows: rows.iter().map(row).collect() }
    }
}

/// `wakeful.audit-verify/1`
#[derive(Debug, Serialize)]
pub struct AuditCheck {
    /// Name and version of the shape.
    pub schema: &'static str,
    /// Whether every row fits.
    pub intact: bool,
    /// First row that does not.
    pub broken_at: Option<u64>,
    /// What is wrong with it.
    pub reason: Option<String>,
}
