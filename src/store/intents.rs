//! Dreams that were asked for elsewhere, from before the request until it is known what came of it.
//!
//! Owns: the `dream_intents` table. Must not know: how dreams are started.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::dreams;
use super::error::StoreError;
use super::values::{At, Json};
use crate::domain::cost::Estimate;
use crate::domain::dream::{Dream, Window};
use crate::domain::ids::{AgentId, DreamId, SessionId};
use crate::domain::memory::ContentHash;

/// A dream about to be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// Whose memory.
    pub agent: AgentId,
    /// The profile through which it is asked for.
    pub profile: String,
    /// The store it is to read.
    pub store: String,
    /// The sessions it is given.
    pub sessions: Vec<SessionId>,
    /// The model.
    pub model: String,
    /// What it is told.
    pub instructions: Option<String>,
    /// The store as it was right before.
    pub base: ContentHash,
    /// What was asked for.
    pub window: Window,
    /// What it is expected to take.
    pub estimate: Option<Estimate>,
}

/// A recorded intent whose outcome is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenIntent {
    /// Counts up.
    pub id: i64,
    /// When it was recorded.
    pub at: Timestamp,
    /// What was meant.
    pub intent: Intent,
}

/// Records that a dream is about to be asked for.
pub(super) fn begin(connection: &Connection, intent: &Intent, now: Timestamp) -> Result<i64, StoreError> {
    connection
        .prepare_cached("INSERT INTO dream_intents (agent, profile, at, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![intent.agent.as_str(), intent.profile, At(now), Json(intent)])?;
    Ok(connection.last_insert_rowid())
}

/// Notes that the dream came to be, and keeps it.
pub(super) fn started(connection: &Connection, intent: i64, dream: &Dream) -> Result<(), StoreError> {
    dreams::put(connection, dream)?;
    connection
        .prepare_cached("UPDATE dream_intents SET outcome = 'started', dream = ?2 WHERE id = ?1")?
        .execute(params![intent, dream.id.as_str()])?;
    Ok(())
}

/// Notes that no dream came of it.
pub(super) fn refused(connection: &Connection, intent: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE dream_intents SET outcome = 'refused' WHERE id = ?1")?
        .execute([intent])?;
    Ok(())
}

/// Intents of a profile whose outcome is not known, the oldest first.
pub(super) fn open(connection: &Connection, profile: &str) -> Result<Vec<OpenIntent>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, at, body FROM dream_intents WHERE outcome = 'open' AND profile = ?1 ORDER BY id",
    )?;
    let intents = statement.query_map([profile], from_row)?;
    Ok(intents.collect::<Result<_, _>>()?)
}

/// The intent from which a dream came, if wakeful started it.
pub(super) fn of(connection: &Connection, dream: &DreamId) -> Result<Option<OpenIntent>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id, at, body FROM dream_intents WHERE dream = ?1")?
        .query_row([dream.as_str()], from_row)
        .optional()?)
}

/// The dream that came of an intent, once that is known.
pub(super) fn dream_of(connection: &Connection, intent: i64) -> Result<Option<DreamId>, StoreError> {
    let dream: Option<Option<String>> = connection
        .prepare_cached("SELECT dream FROM dream_intents WHERE id = ?1")?
        .query_row([intent], |row| row.get(0))
        .optional()?;
    Ok(dream.flatten().map(DreamId::new))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OpenIntent> {
    Ok(OpenIntent { id: row.get(0)?, at: row.get::<_, At>(1)?.0, intent: row.get::<_, Json<_>>(2)?.0 })
}
