//! What is known of sessions without opening them, and facts mined from them.
//!
//! Owns: the `sessions` and `facts` tables. Must not know: transcript formats or what facts mean.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::values::{At, Json};
use crate::domain::dream::Window;
use crate::domain::ids::{AgentId, SessionId};
use crate::domain::outcome::Ending;
use crate::domain::session::SessionMeta;
use crate::transcript::chain::Links;

/// Adds sessions or brings them up to date.
pub(super) fn put(
    connection: &Connection,
    agent: &AgentId,
    sessions: &[(SessionMeta, Links)],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        // Not "replace": that would delete the row first, and its facts with it.
        "INSERT INTO sessions (agent, id, ended, segment, body, chain, first_record, records)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (agent, id) DO UPDATE SET ended = excluded.ended, segment = excluded.segment,
             body = excluded.body, chain = excluded.chain, first_record = excluded.first_record,
             records = excluded.records",
    )?;
    for (session, links) in sessions {
        let records: Vec<u8> = links.records.iter().flat_map(|record| record.to_le_bytes()).collect();
        statement.execute(params![
            agent.as_str(),
            session.id.as_str(),
            At::some(session.ended.or(session.started)),
            session.segment,
            Json(session),
            links.chain,
            links.first,
            records,
        ])?;
    }
    Ok(())
}

/// Adds sessions that are known from a list, or brings what the list says up to date. What was read of
/// a transcript stays. All were met in this pass of reading the list.
pub(super) fn put_listed(
    connection: &Connection,
    agent: &AgentId,
    sessions: &[SessionMeta],
    pass: u64,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO sessions (agent, id, ended, segment, body, records, pass)
         VALUES (?1, ?2, ?3, ?4, ?5, x'', ?6)
         ON CONFLICT (agent, id) DO UPDATE SET ended = excluded.ended, segment = excluded.segment,
             body = excluded.body, pass = excluded.pass",
    )?;
    for session in sessions {
        statement.execute(params![
            agent.as_str(),
            session.id.as_str(),
            At::some(session.ended.or(session.started)),
            session.segment,
            Json(session),
            pass,
        ])?;
    }
    Ok(())
}

/// Takes out listed sessions of an agent that a full pass did not meet; gives how many.
pub(super) fn forget_unlisted(
    connection: &Connection,
    agent: &AgentId,
    pass: u64,
) -> Result<u64, StoreError> {
    Ok(connection
        .prepare_cached("DELETE FROM sessions WHERE agent = ?1 AND pass < ?2")?
        .execute(params![agent.as_str(), pass])? as u64)
}

/// Every session of an agent, or one of them, with what tells whether it shares history with others.
pub(super) fn linked(
    connection: &Connection,
    agent: &AgentId,
    session: Option<&SessionId>,
) -> Result<Vec<(SessionMeta, Links)>, StoreError> {
    // Two statements: with one, "this or any" keeps SQLite from using the index.
    let mut statement = connection.prepare_cached(match session {
        Some(_) => "SELECT body, chain, first_record, records FROM sessions WHERE agent = ?1 AND id = ?2",
        None => "SELECT body, chain, first_record, records FROM sessions WHERE agent = ?1 ORDER BY id",
    })?;
    let wanted = [Some(agent.as_str()), session.map(SessionId::as_str)];
    let sessions = statement.query_map(rusqlite::params_from_iter(wanted.iter().flatten()), |row| {
        let records: Vec<u8> = row.get(3)?;
        let (records, _) = records.as_chunks::<8>();
        let links = Links {
            chain: row.get(1)?,
            first: row.get(2)?,
            records: records.iter().map(|record| u64::from_le_bytes(*record)).collect(),
        };
        Ok((row.get::<_, Json<SessionMeta>>(0)?.0, links))
    })?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

/// Takes out sessions whose files are gone.
pub(super) fn forget(
    connection: &Connection,
    agent: &AgentId,
    sessions: &[SessionId],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("DELETE FROM sessions WHERE agent = ?1 AND id = ?2")?;
    for session in sessions {
        statement.execute([agent.as_str(), session.as_str()])?;
    }
    Ok(())
}

/// Sessions inside a window, the newest first.
pub(super) fn window(
    connection: &Connection,
    agent: &AgentId,
    window: &Window,
) -> Result<Vec<SessionMeta>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM sessions
         WHERE agent = ?1 AND (?2 IS NULL OR ended >= ?2) AND (?3 IS NULL OR ended <= ?3)
               AND (?4 IS NULL OR segment = ?4)
         ORDER BY ended DESC, id LIMIT ?5",
    )?;
    let row =
        params![agent.as_str(), At::some(window.since), At::some(window.until), window.segment, window.last];
    let sessions = statement.query_map(row, |row| Ok(row.get::<_, Json<SessionMeta>>(0)?.0))?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

/// Sessions that were at work when they were last listed.
pub(super) fn live(connection: &Connection, agent: &AgentId) -> Result<Vec<SessionMeta>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT body FROM sessions WHERE agent = ?1
               AND json_extract(body, '$.remote.status') IN ('running', 'rescheduling')
         ORDER BY ended DESC, id",
    )?;
    let sessions = statement.query_map([agent.as_str()], |row| Ok(row.get::<_, Json<SessionMeta>>(0)?.0))?;
    Ok(sessions.collect::<Result<_, _>>()?)
}

/// One session.
pub(super) fn one(
    connection: &Connection,
    agent: &AgentId,
    session: &SessionId,
) -> Result<Option<SessionMeta>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT body FROM sessions WHERE agent = ?1 AND id = ?2")?
        .query_row([agent.as_str(), session.as_str()], |row| Ok(row.get::<_, Json<SessionMeta>>(0)?.0))
        .optional()?)
}

/// Number of sessions of an agent.
pub(super) fn count(connection: &Connection, agent: &AgentId) -> Result<u64, StoreError> {
    Ok(connection
        .prepare_cached("SELECT count(*) FROM sessions WHERE agent = ?1")?
        .query_row([agent.as_str()], |row| row.get(0))?)
}

/// Keeps how sessions ended; `None` takes back what was said before.
pub(super) fn put_endings(
    connection: &Connection,
    agent: &AgentId,
    endings: &[(SessionId, Option<Ending>)],
) -> Result<(), StoreError> {
    let mut put = connection.prepare_cached(
        // A session that was forgotten meanwhile has no place for its ending.
        "INSERT OR REPLACE INTO outcomes (agent, session, body)
         SELECT agent, id, ?3 FROM sessions WHERE agent = ?1 AND id = ?2",
    )?;
    let mut drop = connection.prepare_cached("DELETE FROM outcomes WHERE agent = ?1 AND session = ?2")?;
    for (session, ending) in endings {
        match ending {
            Some(ending) => put.execute(params![agent.as_str(), session.as_str(), Json(ending)])?,
            None => drop.execute([agent.as_str(), session.as_str()])?,
        };
    }
    Ok(())
}

/// How a session ended, where anything says so.
pub(super) fn ending(
    connection: &Connection,
    agent: &AgentId,
    session: &SessionId,
) -> Result<Option<Ending>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT body FROM outcomes WHERE agent = ?1 AND session = ?2")?
        .query_row([agent.as_str(), session.as_str()], |row| Ok(row.get::<_, Json<Ending>>(0)?.0))
        .optional()?)
}

/// What an engine mined from one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which session.
    pub session: SessionId,
    /// Digest over the session's files and the engine's version.
    pub digest: String,
    /// In the engine's own form.
    pub body: Vec<u8>,
}

/// Keeps what an engine mined from sessions, in place of what it mined from them before.
pub(super) fn put_facts(
    connection: &Connection,
    agent: &AgentId,
    engine: &str,
    facts: &[Facts],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO facts (agent, session, engine, digest, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for Facts { session, digest, body } in facts {
        statement.execute(params![agent.as_str(), session.as_str(), engine, digest, body])?;
    }
    Ok(())
}

/// What an engine mined from a session when it last did; the digest tells whether that still holds.
pub(super) fn facts(
    connection: &Connection,
    agent: &AgentId,
    session: &SessionId,
    engine: &str,
) -> Result<Option<Facts>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT digest, body FROM facts WHERE agent = ?1 AND session = ?2 AND engine = ?3")?
        .query_row([agent.as_str(), session.as_str(), engine], |row| {
            Ok(Facts { session: session.clone(), digest: row.get(0)?, body: row.get(1)? })
        })
        .optional()?)
}
