//! Dream passes and what they leave behind.
//!
//! Owns: the `dreams` table, and that a finished pass and its lessons appear together or not at all.
//! Must not know: how engines work.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::values::{At, Hex, Json, Named};
use super::{evidence, lessons};
use crate::domain::dream::Dream;
use crate::domain::evidence::Evidence;
use crate::domain::ids::{AgentId, DreamId, LessonId};
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::Step;
use crate::domain::text::counted;

/// One lesson as a finished pass hands it over.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The lesson. Its state and `edited` are ignored: the cache knows them better.
    pub lesson: Lesson,
    /// Stable identity under which cutting the dream's snapshots finds it again.
    pub key: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

const COLUMNS: &str = "id, agent, engine, status, started, ended, reads, base, proposed, manifest, error, \
                       model, instructions, remote, usage, estimate, cost";

/// Adds a dream or brings it up to date.
pub(super) fn put(connection: &Connection, dream: &Dream) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO dreams (id, agent, engine, status, started, ended, reads, base, proposed, manifest, error,
                                 model, instructions, remote, usage, estimate, cost)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT (id) DO UPDATE SET status = excluded.status, ended = excluded.ended,
                 reads = excluded.reads, base = excluded.base, proposed = excluded.proposed,
                 manifest = excluded.manifest, error = excluded.error, model = excluded.model,
                 instructions = excluded.instructions, remote = excluded.remote, usage = excluded.usage,
                 estimate = excluded.estimate, cost = excluded.cost",
        )?
        .execute(params![
            dream.id.as_str(),
            dream.agent.as_str(),
            Named(dream.engine),
            Named(dream.status),
            At(dream.started),
            At::some(dream.ended),
            Json(&dream.window),
            Hex(dream.base),
            dream.proposed.map(Hex),
            dream.manifest.as_ref().map(Json),
            dream.error,
            dream.model,
            dream.instructions,
            dream.remote.as_ref().map(Json),
            dream.usage.map(Json),
            dream.estimate.as_ref().map(Json),
            dream.cost.map(Json),
        ])?;
    Ok(())
}

/// Keeps a finished pass with its lessons, and retires lessons that it no longer proposes.
pub(super) fn finish(
    connection: &Connection,
    dream: &Dream,
    proposals: &[Proposal],
    author: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    put(connection, dream)?;
    for proposal in proposals {
        if lessons::propose(connection, dream, &proposal.lesson, &proposal.key, now)? {
            evidence::put(connection, &proposal.lesson.id, &proposal.evidence)?;
        }
    }
    connection
        .prepare_cached("UPDATE dreams SET lessons = ?2 WHERE id = ?1")?
        .execute(params![dream.id.as_str(), proposals.len()])?;
    let retired = lessons::retire_unproposed(connection, dream)?;
    let note = format!(
        "{} proposed {}; {} no longer proposed",
        dream.id,
        counted(proposals.len() as u64, "lesson"),
        counted(retired, "older one")
    );
    audit::append(
        connection,
        &AuditEntry {
            agent: Some(dream.agent.clone()),
            before: Some(dream.base),
            after: dream.proposed,
            note: Some(note),
            ..AuditEntry::new(author, "dream")
        },
        now,
    )?;
    Ok(())
}

/// Keeps what a person made of a lesson that no longer fitted the memory, in that lesson's place.
pub(super) fn fit(
    connection: &Connection,
    dream: &Dream,
    proposals: &[Proposal],
    instead_of: &LessonId,
    author: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    put(connection, dream)?;
    for proposal in proposals {
        if lessons::propose(connection, dream, &proposal.lesson, &proposal.key, now)? {
            evidence::put(connection, &proposal.lesson.id, &proposal.evidence)?;
        }
    }
    let mut fitted: Vec<LessonId> = proposals.iter().map(|proposal| proposal.lesson.id.clone()).collect();
    if !fitted.contains(instead_of) {
        lessons::advance(connection, instead_of, Step::Dropped, None)?;
        fitted.push(instead_of.clone());
    }
    audit::append(
        connection,
        &AuditEntry {
            agent: Some(dream.agent.clone()),
            lessons: fitted,
            before: Some(dream.base),
            after: dream.proposed,
            note: Some(format!("fitted {instead_of} to the memory as it is")),
            ..AuditEntry::new(author, "fit")
        },
        now,
    )?;
    Ok(())
}

/// Dreams of one agent or of all, the newest first.
pub(super) fn all(connection: &Connection, agent: Option<&AgentId>) -> Result<Vec<Dream>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM dreams WHERE ?1 IS NULL OR agent = ?1 ORDER BY started DESC, id"
    ))?;
    let dreams = statement.query_map([agent.map(AgentId::as_str)], from_row)?;
    Ok(dreams.collect::<Result<_, _>>()?)
}

/// How many lessons each finished dream proposed, as far as that is known.
pub(super) fn proposed(connection: &Connection) -> Result<BTreeMap<DreamId, u64>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, lessons FROM dreams WHERE lessons IS NOT NULL")?;
    let counts = statement.query_map([], |row| Ok((DreamId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
    Ok(counts.collect::<Result<_, _>>()?)
}

/// One dream.
pub(super) fn one(connection: &Connection, dream: &DreamId) -> Result<Option<Dream>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM dreams WHERE id = ?1"))?
        .query_row([dream.as_str()], from_row)
        .optional()?)
}

/// The newest dream of an agent.
pub(super) fn latest(connection: &Connection, agent: &AgentId) -> Result<Option<Dream>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM dreams WHERE agent = ?1 ORDER BY started DESC, id LIMIT 1"
        ))?
        .query_row([agent.as_str()], from_row)
        .optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Dream> {
    Ok(Dream {
        id: DreamId::new(row.get::<_, String>(0)?),
        agent: AgentId::new(row.get::<_, String>(1)?),
        engine: row.get::<_, Named<_>>(2)?.0,
        status: row.get::<_, Named<_>>(3)?.0,
        started: row.get::<_, At>(4)?.0,
        ended: row.get::<_, Option<At>>(5)?.map(|At(at)| at),
        window: row.get::<_, Json<_>>(6)?.0,
        base: row.get::<_, Hex>(7)?.0,
        proposed: row.get::<_, Option<Hex>>(8)?.map(|Hex(hash)| hash),
        manifest: row.get::<_, Option<Json<_>>>(9)?.map(|Json(manifest)| manifest),
        error: row.get(10)?,
        model: row.get(11)?,
        instructions: row.get(12)?,
        remote: row.get::<_, Option<Json<_>>>(13)?.map(|Json(remote)| remote),
        usage: row.get::<_, Option<Json<_>>>(14)?.map(|Json(usage)| usage),
        estimate: row.get::<_, Option<Json<_>>>(15)?.map(|Json(estimate)| estimate),
        cost: row.get::<_, Option<Json<_>>>(16)?.map(|Json(cost)| cost),
    })
}
