//! The places in sessions that lessons rest on.
//!
//! Owns: the `evidence` table. Must not know: how places are found or verified.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::error::StoreError;
use super::values::{At, Named, QUARTER};
use crate::domain::evidence::{Evidence, Place, Stance};
use crate::domain::ids::{AgentId, LessonId, SessionId};

/// Replaces the evidence of a lesson.
pub(super) fn put(
    connection: &Connection,
    lesson: &LessonId,
    evidence: &[Evidence],
) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM evidence WHERE lesson = ?1")?.execute([lesson.as_str()])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO evidence (lesson, seq, session, file, record, call, first_byte, end_byte, at, stance, \
                               status, origin, quote)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for (seq, Evidence { place, stance, status, origin, quote }) in evidence.iter().enumerate() {
        statement.execute(params![
            lesson.as_str(),
            seq as u64,
            place.session.as_str(),
            place.file,
            place.record,
            place.call,
            place.bytes.start,
            place.bytes.end,
            At::some(place.at),
            Named(*stance),
            Named(*status),
            Named(*origin),
            quote,
        ])?;
    }
    Ok(())
}

/// Supporting places of lessons of an agent since a moment, counted by quarters of an hour.
pub(super) fn supporting_since(
    connection: &Connection,
    agent: &AgentId,
    since: Timestamp,
) -> Result<Vec<(Timestamp, u32)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.at - e.at % ?3, count(*) FROM lessons l JOIN evidence e ON e.lesson = l.id
         WHERE l.agent = ?1 AND e.at >= ?2 AND e.stance = ?4
         GROUP BY 1 ORDER BY 1",
    )?;
    let support = Named(Stance::Support);
    let places = statement.query_map(params![agent.as_str(), At(since), QUARTER, support], |row| {
        Ok((row.get::<_, At>(0)?.0, row.get(1)?))
    })?;
    Ok(places.collect::<Result<_, _>>()?)
}

/// Evidence of a lesson, in the order in which it was proposed.
pub(super) fn of(connection: &Connection, lesson: &LessonId) -> Result<Vec<Evidence>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT session, file, record, call, first_byte, end_byte, at, stance, status, origin, quote
         FROM evidence WHERE lesson = ?1 ORDER BY seq",
    )?;
    let evidence = statement.query_map([lesson.as_str()], |row| {
        Ok(Evidence {
            place: Place {
                session: SessionId::new(row.get::<_, String>(0)?),
                file: row.get(1)?,
                record: row.get(2)?,
                call: row.get(3)?,
                bytes: row.get(4)?..row.get(5)?,
                at: row.get::<_, Option<At>>(6)?.map(|At(at)| at),
            },
            stance: row.get::<_, Named<_>>(7)?.0,
            status: row.get::<_, Named<_>>(8)?.0,
            origin: row.get::<_, Named<_>>(9)?.0,
            quote: row.get(10)?,
        })
    })?;
    Ok(evidence.collect::<Result<_, _>>()?)
}
