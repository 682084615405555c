//! Shared memory: what several agents learned in the same words, offered once for the memory they all read.
//!
//! Owns: which lessons are offered for it, and the pass that offers them. Must not know: how a lesson is decided
//! or written. The memory is an agent of its own without sessions, so that reading, applying, taking back, blame
//! and versions are those of any agent, and nothing but an apply writes to it.
//!
//! Killed at any moment, nothing is half-done: lessons and their evidence come into the cache in one transaction
//! with the end of their pass, a pass that was cut off before is ended by the next (as any agent's), and the next
//! sync or pass finds the same lessons again. Applies and undos are journalled as ever.

mod offers;
mod union;

use std::collections::BTreeMap;

use super::context::Context;
use super::dream;
use super::error::SyncError;
use super::propose::{self, Material};
use super::{Cuttings, returns};
use crate::domain::agent::{Agent, SourceKind};
use crate::domain::dream::{DreamStatus, Manifest, Window};
use crate::domain::evidence::Support;
use crate::domain::ids::{AgentId, DreamId, hex_digest};
use crate::domain::lesson::{COLLISION, Lesson};
use crate::domain::lifecycle::State;
use crate::domain::memory::Snapshot;
use crate::domain::text::counted;
use crate::dream::{Claim, Outcome};
use crate::lesson::cut;
use crate::source::Sources;
use crate::source::shared::Shared;
use crate::store::{LessonQuery, Reader, Writer};

use offers::Offers;

/// Why a lesson for a single agent was rejected that went into shared memory.
pub const REASON: &str = "goes into shared memory";
/// Name and version of what puts lessons of several agents together.
const ENGINE: &str = "shared/1";

/// Offers what several agents learned alike, if that is other than what the last pass offered. To be called after
/// a sync and after passes of single agents.
///
/// # Errors
/// When the cache fails, or documents people wrote can't be read.
pub fn after(
    sources: &Sources,
    reader: &Reader,
    writer: &Writer,
    cuttings: &Cuttings,
    by: &str,
) -> Result<Option<DreamId>, SyncError> {
    let agents = reader.agents()?;
    let of = agents.iter().find(|agent| agent.source == SourceKind::Shared);
    let Some((agent, source)) = of.and_then(|agent| Some((agent, sources.of(agent)?))) else {
        return Ok(None);
    };
    let (Some(shared), Some(memory)) = (source.shared(), reader.memory(&agent.id)?) else { return Ok(None) };
    let context = Context { agent, source: source.as_ref(), reader, writer, cuttings, by };
    let lock = writer.lock_dreams(&agent.id)?;
    // Another program is at it, and offers the same.
    let Some(_lock) = lock else { return Ok(None) };
    let offers = Offers::find(&context, shared, &agents, &memory)?;
    if !is_news(&context, &offers)? {
        return Ok(None);
    }
    dream::end_abandoned(&context)?;
    pass(&context, &memory, shared, offers).map(Some)
}

/// Whether anything is offered, rests on other sessions or is offered no more since it was offered last; or no
/// longer fits the memory, over which it is then offered anew.
fn is_news(context: &Context<'_>, offers: &Offers) -> Result<bool, SyncError> {
    let states = vec![State::Pending, State::Snoozed, State::Conflict, State::Accepted];
    let query = LessonQuery { agent: Some(context.agent.id.clone()), states, ..LessonQuery::default() };
    let mut known: BTreeMap<String, Lesson> = BTreeMap::new();
    for lesson in context.reader.lessons(&query)? {
        let statement = lesson.proposed_statement().to_owned();
        let collides = lesson.marks.iter().any(|mark| mark.guard == COLLISION);
        let offered = offers.claims.iter().any(|claim| claim.statement == statement);
        if lesson.state.is_undecided() && (collides || !offered) {
            return Ok(true);
        }
        known.insert(statement, lesson);
    }
    let counts = |support: &Support| {
        (support.sessions, support.exposed, support.contradict, support.mention, support.days, support.users)
    };
    let same = |claim: &Claim| {
        known.get(&claim.statement).is_some_and(|lesson| {
            lesson.tier == claim.tier && counts(&lesson.support) == counts(&claim.support)
        })
    };
    Ok(!offers.claims.iter().all(same))
}

/// Runs a pass for the shared memory itself, whether or not anything changed. Its lock is held already.
pub(super) fn run(context: &Context<'_>, shared: &Shared, memory: &Snapshot) -> Result<DreamId, SyncError> {
    let offers = Offers::find(context, shared, &context.reader.agents()?, memory)?;
    pass(context, memory, shared, offers)
}

/// Whose sessions an agent's are called: where several agents have the very same sessions, those of one of them.
pub(super) fn owner<'a>(agents: &'a [Agent], agent: &'a Agent) -> &'a AgentId {
    let same = |other: &&Agent| other.source == agent.source && other.sessions_at == agent.sessions_at;
    agents.iter().filter(same).map(|agent| &agent.id).min().unwrap_or(&agent.id)
}

/// Keeps what is offered as a pass of the shared memory.
fn pass(
    context: &Context<'_>,
    memory: &Snapshot,
    shared: &Shared,
    offers: Offers,
) -> Result<DreamId, SyncError> {
    let mut dream = dream::begin(context, &Window::default(), memory)?;
    let proposed = offers.written(memory);
    let manifest = Manifest {
        engine: ENGINE.to_owned(),
        corpus: corpus(&offers.claims),
        read: offers.sessions(),
        remarks: vec![name(&offers.agents, shared, context)?],
        ..Manifest::default()
    };
    let united: Vec<_> =
        offers.claims.iter().map(|claim| (claim.statement.clone(), claim.marks.clone())).collect();
    let outcome = Outcome { proposed, claims: offers.claims, endings: Vec::new(), manifest };
    let protected: Vec<(String, String)> =
        context.source.protected(context.agent)?.into_iter().map(|doc| (doc.path, doc.text)).collect();
    let material = Material { agent: context.agent, memory, outcome: &outcome, protected: &protected };
    let mut proposals = propose::proposals(&dream.id, &material);
    for proposal in &mut proposals {
        // What an agent's own documents say against it holds, whatever those of the shared memory say.
        let own = united.iter().find(|(statement, _)| *statement == proposal.lesson.statement);
        offers::keep_own(&mut proposal.lesson.marks, own.map_or(&[], |(_, marks)| marks));
    }
    let cutting = cut(memory, &outcome.proposed);
    returns::recognise(context.reader, context.cuttings, &cutting, &mut proposals)?;
    dream.status = DreamStatus::Completed;
    dream.proposed = Some(context.writer.put_snapshot(&outcome.proposed)?);
    dream.manifest = Some(outcome.manifest);
    dream.ended = Some(context.writer.now());
    context.writer.finish_dream(&dream, proposals, context.by)?;
    Ok(dream.id)
}

/// What the pass is called.
fn name(agents: &[String], shared: &Shared, context: &Context<'_>) -> Result<String, SyncError> {
    if !agents.is_empty() {
        let count = counted(agents.len() as u64, "agent");
        return Ok(format!("from lessons of {count}: {}", agents.join(", ")));
    }
    let readers: Vec<Agent> =
        context.reader.agents()?.into_iter().filter(|agent| shared.is_read_by(agent)).collect();
    Ok(format!("no lesson is that of two of {}", counted(readers.len() as u64, "agent")))
}

/// What was read, as a hash.
fn corpus(claims: &[Claim]) -> String {
    let places =
        claims.iter().flat_map(|claim| &claim.evidence).map(|evidence| format!("{:?}", evidence.place));
    let places: Vec<String> = places.collect();
    hex_digest(&places.iter().map(String::as_bytes).collect::<Vec<_>>())
}
