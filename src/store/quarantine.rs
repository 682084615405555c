//! Sessions that count for nothing any more.
//!
//! Owns: the `quarantine` table, and that a count and the places it rests on change together. Must not know: what
//! came of a session, how that is taken back, or how a count is made.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::values::{At, Json, Named};
use crate::domain::evidence::{Stance, Support, Tier};
use crate::domain::ids::{AgentId, LessonId, SessionId};

/// Puts a session in quarantine, or out of it; `false` if it was there already. The trail notes both.
pub(super) fn set(
    connection: &Connection,
    agent: &AgentId,
    session: &SessionId,
    kept_out: bool,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = if kept_out {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO quarantine (agent, session, author, at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![agent.as_str(), session.as_str(), by, At(now)])?
    } else {
        connection
            .prepare_cached("DELETE FROM quarantine WHERE agent = ?1 AND session = ?2")?
            .execute([agent.as_str(), session.as_str()])?
    };
    if changed > 0 {
        let action = if kept_out { "quarantine" } else { "quarantine-lift" };
        let entry = AuditEntry {
            agent: Some(agent.clone()),
            note: Some(format!("session {session}")),
            ..AuditEntry::new(by, action)
        };
        audit::append(connection, &entry, now)?;
    }
    Ok(changed > 0)
}

/// A lesson's count without one of its sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct Recounted {
    /// The lesson.
    pub lesson: LessonId,
    /// Its new count.
    pub support: Support,
    /// How firmly it stands with that.
    pub tier: Tier,
}

/// Gives lessons the counts they have without a session. Its places stay with them as mentions, which count for
/// nothing, so that what came from it can still be taken back.
pub(super) fn recount(
    connection: &Connection,
    session: &SessionId,
    lessons: &[Recounted],
) -> Result<(), StoreError> {
    let mut counts = connection.prepare_cached(
        "UPDATE lessons SET support = ?2, exposed = ?3, contradict = ?4, mention = ?5, days = ?6, users = ?7, \
             lower_bound = ?8, checks = ?9, tier = ?10 WHERE id = ?1",
    )?;
    let mut places =
        connection.prepare_cached("UPDATE evidence SET stance = ?3 WHERE lesson = ?1 AND session = ?2")?;
    for Recounted { lesson, support, tier } in lessons {
        counts.execute(params![
            lesson.as_str(),
            support.sessions,
            support.exposed,
            support.contradict,
            support.mention,
            support.days,
            support.users,
            support.lower_bound,
            Json(&support.checks),
            Named(*tier),
        ])?;
        places.execute(params![lesson.as_str(), session.as_str(), Named(Stance::Mention)])?;
    }
    Ok(())
}

/// Sessions of an agent in quarantine.
pub(super) fn of(connection: &Connection, agent: &AgentId) -> Result<BTreeSet<SessionId>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT session FROM quarantine WHERE agent = ?1 ORDER BY session")?;
    let rows = statement.query_map([agent.as_str()], |row| Ok(SessionId::new(row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Lessons of an agent with evidence from a session.
pub(super) fn lessons_from(
    connection: &Connection,
    agent: &AgentId,
    session: &SessionId,
) -> Result<Vec<LessonId>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT e.lesson FROM evidence e JOIN lessons l ON l.id = e.lesson
         WHERE e.session = ?2 AND l.agent = ?1 ORDER BY l.position, l.id",
    )?;
    let rows = statement
        .query_map([agent.as_str(), session.as_str()], |row| Ok(LessonId::new(row.get::<_, String>(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Sessions whose id starts so, or ends so where it is the platform's, with their agents; at most `most`.
pub(super) fn sessions_named(
    connection: &Connection,
    start: &str,
    most: u32,
) -> Result<Vec<(AgentId, SessionId)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT agent, id FROM sessions WHERE substr(id, 1, length(?1)) = ?1
             OR (length(?1) >= 8 AND id LIKE 'sesn!_%' ESCAPE '!' AND substr(id, -length(?1)) = ?1)
         ORDER BY id = ?1 DESC, id, agent LIMIT ?2",
    )?;
    let rows = statement.query_map(params![start, most], |row| {
        Ok((AgentId::new(row.get::<_, String>(0)?), SessionId::new(row.get::<_, String>(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
