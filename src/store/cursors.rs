//! How far the reading of far lists is, and what went wrong with the last sync of an agent or a profile.
//!
//! Owns: the `sync_cursors` table and the trouble columns of `agents`. Must not know: what is read.
//!
//! A profile's trouble is kept beside its cursors: before the first sync that works there is no agent that it
//! could be told of.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::values::{At, Json};
use crate::domain::ids::AgentId;

/// The list under which a profile's trouble is kept.
const TROUBLE: &str = "trouble";

/// What went wrong when an agent, or a profile, was synced last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncTrouble {
    /// When.
    pub at: Timestamp,
    /// In words: what failed, what is safe, what to do.
    pub text: String,
}

/// Keeps a cursor under its profile and list.
pub(super) fn put(connection: &Connection, profile: &str, list: &str, body: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO sync_cursors (profile, list, body) VALUES (?1, ?2, ?3)")?
        .execute(params![profile, list, body])?;
    Ok(())
}

/// The cursor of a list.
pub(super) fn get(connection: &Connection, profile: &str, list: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT body FROM sync_cursors WHERE profile = ?1 AND list = ?2")?
        .query_row(params![profile, list], |row| row.get(0))
        .optional()?)
}

/// Notes what went wrong with a whole profile, or that nothing did.
pub(super) fn put_profile_trouble(
    connection: &Connection,
    profile: &str,
    trouble: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(text) = trouble else {
        connection
            .prepare_cached("DELETE FROM sync_cursors WHERE profile = ?1 AND list = ?2")?
            .execute(params![profile, TROUBLE])?;
        return Ok(());
    };
    let trouble = SyncTrouble { at: now, text: text.to_owned() };
    connection
        .prepare_cached("INSERT OR REPLACE INTO sync_cursors (profile, list, body) VALUES (?1, ?2, ?3)")?
        .execute(params![profile, TROUBLE, Json(trouble)])?;
    Ok(())
}

/// Profiles that could not be read last, with what went wrong.
pub(super) fn profile_troubles(connection: &Connection) -> Result<Vec<(String, SyncTrouble)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT profile, body FROM sync_cursors WHERE list = ?1 ORDER BY profile")?;
    let rows = statement.query_map([TROUBLE], |row| {
        let Json(trouble) = row.get(1)?;
        Ok((row.get(0)?, trouble))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes what went wrong with an agent, or that nothing did.
pub(super) fn put_trouble(
    connection: &Connection,
    agent: &AgentId,
    trouble: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE agents SET sync_error = ?2, sync_error_at = ?3 WHERE id = ?1")?
        .execute(params![agent.as_str(), trouble, trouble.map(|_| At(now))])?;
    Ok(())
}

/// What went wrong with an agent.
pub(super) fn trouble(connection: &Connection, agent: &AgentId) -> Result<Option<SyncTrouble>, StoreError> {
    let found: Option<(Option<String>, Option<At>)> = connection
        .prepare_cached("SELECT sync_error, sync_error_at FROM agents WHERE id = ?1")?
        .query_row([agent.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match found {
        Some((Some(text), Some(At(at)))) => Some(SyncTrouble { at, text }),
        _ => None,
    })
}
