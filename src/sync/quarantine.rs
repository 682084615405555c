//! Taking a session out of everything: what came from it is rejected and taken back, and it never counts
//! again.
//!
//! Owns: what came from a session and what falls with it. Must not know: who asks, or how it is shown.
//!
//! A lesson falls with a session if too little is left without it, or if what the session shows was
//! written by outsiders. Others stay, and count one session less at once.

use std::collections::BTreeSet;

use super::context::Context;
use super::error::SyncError;
use super::{apply, recount, shared, undo};
use crate::domain::agent::Agent;
use crate::domain::decision::Verdict;
use crate::domain::dream::Excluded;
use crate::domain::evidence::{Origin, Stance};
use crate::domain::ids::{AgentId, LessonId, SessionId};
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;
use crate::domain::session::SessionMeta;
use crate::store::{Ask, Reader, Recounted, StoreError};

/// Supporting sessions that a lesson needs besides the one in question.
const LEFT: u32 = 3;

/// A lesson with evidence from a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// The lesson.
    pub lesson: Lesson,
    /// Sessions that support it besides.
    pub others: u32,
    /// It falls with the session.
    pub falls: bool,
}

/// What came of one lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Fallen {
    /// The lesson.
    pub lesson: LessonId,
    /// Why it is still in the memory; `None` if it is not.
    pub left: Option<String>,
}

/// Why the trail says that a lesson was rejected.
#[must_use]
pub fn reason(session: &SessionId) -> String {
    format!("session {session} is in quarantine")
}

/// The memory that agents share, with the name that a session of one of them has among those it rests on: what
/// came from the session may be there, too. `None` where there is no such memory.
///
/// # Errors
/// When the cache can't be read.
pub fn in_shared(
    reader: &Reader,
    agent: &AgentId,
    session: &SessionId,
) -> Result<Option<(Agent, SessionId)>, StoreError> {
    let agents = reader.agents()?;
    let (Some(own), Some(shared)) =
        (agents.iter().find(|known| known.id == *agent), agents.iter().find(|known| known.id.is_shared()))
    else {
        return Ok(None);
    };
    let named = session.with_agent(shared::owner(&agents, own));
    Ok((!own.id.is_shared()).then(|| (shared.clone(), named)))
}

/// Everything with evidence from a session that is still proposed or in the memory; with `all`, each of
/// them falls.
///
/// # Errors
/// When the cache can't be read.
pub fn look(context: &Context<'_>, session: &SessionId, all: bool) -> Result<Vec<Touched>, StoreError> {
    let mut touched = Vec::new();
    for id in context.reader.lessons_from(&context.agent.id, session)? {
        let Some(lesson) = context.reader.lesson(&id)? else { continue };
        if matches!(lesson.state, State::Rejected | State::Superseded) {
            continue;
        }
        let evidence = context.reader.evidence(&id)?;
        let supporting = || evidence.iter().filter(|e| e.stance == Stance::Support && e.status.counts());
        let others: BTreeSet<&SessionId> =
            supporting().map(|e| &e.place.session).filter(|other| *other != session).collect();
        let others = others.len() as u32;
        let here = supporting().any(|e| e.place.session == *session);
        let from_outside = evidence
            .iter()
            .any(|e| e.place.session == *session && matches!(e.origin, Origin::Outside | Origin::Injected));
        touched.push(Touched { falls: all || from_outside || (here && others < LEFT), lesson, others });
    }
    Ok(touched)
}

/// Puts a session in quarantine: takes what falls out of the memory, rejects it, and never counts the
/// session again. What can't be taken back, because later edits overlap it, stays and is named.
///
/// # Errors
/// When the cache or the memory fails. The session is in quarantine then; repeating it goes on.
pub fn run(
    context: &Context<'_>,
    session: &SessionId,
    falling: &[LessonId],
) -> Result<Vec<Fallen>, SyncError> {
    context.writer.set_quarantine(&context.agent.id, session, true, context.by)?;
    let mut fallen = Vec::new();
    for id in falling {
        let applied = context.reader.lesson(id)?.is_some_and(|lesson| lesson.state == State::Applied);
        let left = if applied { take_back(context, id)? } else { None };
        fallen.push(Fallen { lesson: id.clone(), left });
    }
    let rejected = fallen.iter().filter(|fallen| fallen.left.is_none()).map(|fallen| Ask {
        lesson: fallen.lesson.clone(),
        verdict: Verdict::Reject,
        reason: Some(reason(session)),
    });
    let asks: Vec<Ask> = rejected.collect();
    if !asks.is_empty() {
        context.writer.decide(&asks, context.by)?;
    }
    lower(context, session, falling)?;
    Ok(fallen)
}

/// Takes a session out of the counts of the lessons that stay.
fn lower(context: &Context<'_>, session: &SessionId, falling: &[LessonId]) -> Result<(), StoreError> {
    let sessions = context.reader.all_sessions(&context.agent.id)?;
    let sessions = sessions.iter().map(|session| (&session.id, session)).collect();
    let mut counts = Vec::new();
    for Touched { lesson, .. } in look(context, session, false)? {
        if falling.contains(&lesson.id) || lesson.support.sessions.is_none() {
            continue;
        }
        let evidence = context.reader.evidence(&lesson.id)?;
        let kept = recount::without(&lesson, &evidence, session, &sessions);
        counts.extend(kept.map(|(support, tier)| Recounted { lesson: lesson.id, support, tier }));
    }
    context.writer.recount(session, counts)
}

/// Takes one lesson out of the memory; gives the reason where it stays.
fn take_back(context: &Context<'_>, lesson: &LessonId) -> Result<Option<String>, SyncError> {
    let plan = match undo::lesson(context, lesson) {
        Ok(plan) => plan,
        Err(error @ (SyncError::UndoConflict { .. } | SyncError::NothingLeft { .. })) => {
            return Ok(Some(error.to_string()));
        }
        Err(error) => return Err(error),
    };
    let done = apply::run(&plan, context, &|_| {})?;
    let kept = done.left.first().map(|path| format!("{path} was changed meanwhile"));
    Ok(done.conflicts.into_iter().map(|(_, reason)| reason).next().or(kept))
}

/// Takes a session out of quarantine: it counts again from the next pass on, and lessons rejected with it wait for review. Gives
/// how many do.
///
/// # Errors
/// When the cache fails; then nothing changed, or only the session is out.
pub fn lift(context: &Context<'_>, session: &SessionId) -> Result<usize, SyncError> {
    context.writer.set_quarantine(&context.agent.id, session, false, context.by)?;
    let because = reason(session);
    let mut asks = Vec::new();
    for id in context.reader.lessons_from(&context.agent.id, session)? {
        let rejected = context.reader.lesson(&id)?.is_some_and(|lesson| lesson.state == State::Rejected);
        let last = context.reader.decisions(&id)?.pop();
        if rejected && last.and_then(|decision| decision.reason).as_deref() == Some(because.as_str()) {
            asks.push(Ask { lesson: id, verdict: Verdict::Reopen, reason: None });
        }
    }
    if !asks.is_empty() {
        context.writer.decide(&asks, context.by)?;
    }
    Ok(asks.len())
}

/// Parts sessions that may be read from those in quarantine.
///
/// # Errors
/// When the cache can't be read.
pub(super) fn kept_out(
    reader: &Reader,
    agent: &crate::domain::ids::AgentId,
    sessions: Vec<SessionMeta>,
) -> Result<(Vec<SessionMeta>, Vec<Excluded>), StoreError> {
    Ok(parted(&reader.quarantined(agent)?, sessions))
}

fn parted(
    quarantined: &BTreeSet<SessionId>,
    sessions: Vec<SessionMeta>,
) -> (Vec<SessionMeta>, Vec<Excluded>) {
    // Whoever resumes a session carries its records along.
    let chains: BTreeSet<String> = sessions
        .iter()
        .filter(|session| quarantined.contains(&session.id))
        .filter_map(|session| session.chain.clone())
        .collect();
    let mut excluded = Vec::new();
    let mut kept = Vec::with_capacity(sessions.len());
    for session in sessions {
        let reason = if quarantined.contains(&session.id) {
            REASON
        } else if session.chain.as_ref().is_some_and(|chain| chains.contains(chain)) {
            CONTINUES
        } else {
            kept.push(session);
            continue;
        };
        excluded.push(Excluded { session: session.id, reason: reason.to_owned() });
    }
    (kept, excluded)
}

const REASON: &str = "it is in quarantine";
const CONTINUES: &str = "it continues, or is continued by, a session in quarantine";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_continues_a_session_in_quarantine_is_not_read_either() {
        let session = |id: &str, chain: Option<&str>| SessionMeta {
            id: SessionId::new(id),
            chain: chain.map(str::to_owned),
            ..crate::dream::offline::test_corpus::meta(id, 1)
        };
        let sessions = vec![
            session("bad", Some("a")),
            session("resumed", Some("a")),
            session("other", Some("b")),
            session("alone", None),
        ];
        let (kept, excluded) = parted(&BTreeSet::from([SessionId::new("bad")]), sessions);
        let ids: Vec<&str> = kept.iter().map(|session| session.id.as_str()).collect();
        assert_eq!(ids, ["other", "alone"]);
        let reasons: Vec<(&str, &str)> =
            excluded.iter().map(|out| (out.session.as_str(), out.reason.as_str())).collect();
        assert_eq!(reasons, [("bad", REASON), ("resumed", CONTINUES)]);
    }
}
