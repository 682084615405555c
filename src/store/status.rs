//! What waits and how each agent stands, in one look.
//!
//! Owns: the counts. Must not know: how they are shown.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::cursors::{self, SyncTrouble};
use super::error::StoreError;
use super::values::At;
use super::{agents, applies, dreams, same, sessions, snapshots};
use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::ids::ApplyId;
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;
use crate::domain::same::Folds;

/// What waits for the reviewer. A lesson found for several agents is counted once here, and for each of them
/// under its agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// Undecided lessons that meet the threshold.
    pub pending: u64,
    /// Undecided lessons below the threshold.
    pub hidden: u64,
    /// Lessons that are accepted and not yet written, or in force, rejected and not yet taken out.
    pub accepted: u64,
    /// When the oldest of the undecided lessons that meet the threshold was first proposed.
    pub oldest: Option<Timestamp>,
    /// Applies that were cut off and can be resumed.
    pub unfinished: Vec<ApplyId>,
    /// Every agent, by name.
    pub agents: Vec<AgentStatus>,
    /// Profiles of a platform that could not be read last, with what went wrong.
    pub troubles: Vec<(String, SyncTrouble)>,
}

/// How one agent stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentStatus {
    /// The agent.
    pub agent: Agent,
    /// Sessions known.
    pub sessions: u64,
    /// Undecided lessons that meet the threshold.
    pub pending: u64,
    /// Undecided lessons below the threshold.
    pub hidden: u64,
    /// Lessons that are accepted and not yet written, or in force, rejected and not yet taken out.
    pub accepted: u64,
    /// When the oldest of its undecided lessons that meet the threshold was first proposed.
    pub oldest: Option<Timestamp>,
    /// About how many tokens its memory has; `None` if it was never read.
    pub memory_tokens: Option<u64>,
    /// Documents in its memory.
    pub documents: Option<u64>,
    /// Its newest dream.
    pub last_dream: Option<Dream>,
    /// When its sessions and memory were last read.
    pub last_sync: Option<Timestamp>,
    /// What went wrong with its last sync; `None` if nothing did.
    pub trouble: Option<SyncTrouble>,
}

/// Counts for an evidence threshold.
pub(super) fn read(connection: &Connection, threshold: u32, now: Timestamp) -> Result<Status, StoreError> {
    let mut listed = Vec::new();
    for agent in agents::all(connection)? {
        listed.push(agent_status(connection, agent, threshold, now)?);
    }
    let shared = shared(connection, threshold, now)?;
    let unfinished = applies::all(connection, None)?
        .into_iter()
        .filter(|apply| apply.ended.is_none())
        .map(|apply| apply.id)
        .collect();
    Ok(Status {
        pending: listed.iter().map(|agent| agent.pending).sum::<u64>().saturating_sub(shared.pending),
        hidden: listed.iter().map(|agent| agent.hidden).sum::<u64>().saturating_sub(shared.hidden),
        accepted: listed.iter().map(|agent| agent.accepted).sum::<u64>().saturating_sub(shared.accepted),
        oldest: listed.iter().filter_map(|agent| agent.oldest).min(),
        unfinished,
        agents: listed,
        troubles: cursors::profile_troubles(connection)?,
    })
}

/// How often lessons were counted for one agent that are counted for another already.
#[derive(Debug, Default)]
struct CountedAgain {
    pending: u64,
    hidden: u64,
    accepted: u64,
}

/// What is too much in the sum over all agents: a lesson found for several of them is one.
fn shared(connection: &Connection, threshold: u32, now: Timestamp) -> Result<CountedAgain, StoreError> {
    let lessons = same::all(connection, &[State::Pending, State::Snoozed, State::Accepted], now)?;
    // Which of them stands for all makes no difference to their number.
    let folds = Folds::among(&lessons, |_| "");
    let mut again = CountedAgain::default();
    for set in folds.sets() {
        let of_set: Vec<&Lesson> = set.iter().filter_map(|&index| lessons.get(index)).collect();
        let all = of_set.len() as u64;
        match of_set.first().map(|lesson| lesson.state) {
            Some(State::Pending) => {
                let meet = of_set.iter().filter(|lesson| lesson.meets(threshold)).count() as u64;
                again.pending += meet.saturating_sub(1);
                again.hidden += all - meet - u64::from(meet == 0);
            }
            Some(State::Accepted) => again.accepted += all - 1,
            _ => {}
        }
    }
    Ok(again)
}

fn agent_status(
    connection: &Connection,
    agent: Agent,
    threshold: u32,
    now: Timestamp,
) -> Result<AgentStatus, StoreError> {
    let (pending, hidden, oldest): (u64, u64, Option<At>) = connection
        .prepare_cached(
            "SELECT coalesce(sum(meets), 0), coalesce(sum(NOT meets), 0), min(CASE WHEN meets THEN first_seen END)
             FROM (SELECT support IS NULL OR support >= ?2 AS meets, first_seen FROM lessons
                   WHERE agent = ?1 AND (state IN ('pending', 'conflict')
                         OR (state = 'snoozed' AND snoozed_until <= ?3)))",
        )?
        .query_row(params![agent.id.as_str(), threshold, At(now)], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let accepted = connection
        .prepare_cached(
            // What is in force and rejected waits to be taken out.
            "SELECT (SELECT count(*) FROM lessons WHERE agent = ?1 AND state = 'accepted')
                  + (SELECT count(*) FROM dreams d JOIN lessons l ON l.dream = d.id
                     WHERE d.agent = ?1 AND d.remote ->> '$.in_place' AND l.state = 'rejected'
                           AND l.applied_by IS NULL)",
        )?
        .query_row([agent.id.as_str()], |row| row.get(0))?;
    let memory: Option<(u64, u64)> = match snapshots::latest(connection, &agent.id)? {
        None => None,
        Some(hash) => connection
            .prepare_cached("SELECT tokens, documents FROM snapshots WHERE hash = ?1")?
            .query_row([hash.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?,
    };
    Ok(AgentStatus {
        sessions: sessions::count(connection, &agent.id)?,
        pending,
        hidden,
        accepted,
        oldest: oldest.map(|At(at)| at),
        memory_tokens: memory.map(|(tokens, _)| tokens),
        documents: memory.map(|(_, documents)| documents),
        last_dream: dreams::latest(connection, &agent.id)?,
        last_sync: agents::last_sync(connection, &agent.id)?,
        trouble: cursors::trouble(connection, &agent.id)?,
        agent,
    })
}
