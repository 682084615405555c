//! Memory snapshots by content, and the states in which each agent's memory was seen.
//!
//! Owns: `documents`, `snapshots`, `snapshot_documents`, `memory_versions`. Must not know: where
//! memory lies or who changes it.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::values::{At, Hex, Path};
use crate::domain::ids::{AgentId, ApplyId};
use crate::domain::memory::{ContentHash, Snapshot};
use crate::domain::tokens;

/// One state of an agent's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryVersion {
    /// Counts up over all agents.
    pub seq: u64,
    /// What the memory was.
    pub snapshot: ContentHash,
    /// When it was first seen so.
    pub seen_at: Timestamp,
    /// The apply or undo that made it so; `None` if someone else did.
    pub apply: Option<ApplyId>,
    /// Number of documents.
    pub documents: u64,
    /// About how many tokens.
    pub tokens: u64,
}

/// Keeps one text; gives its hash.
pub(super) fn put_document(connection: &Connection, text: &str) -> Result<ContentHash, StoreError> {
    let hash = ContentHash::of(text.as_bytes());
    connection
        .prepare_cached("INSERT OR IGNORE INTO documents (hash, text) VALUES (?1, ?2)")?
        .execute(params![Hex(hash), text])?;
    Ok(hash)
}

/// The text with this hash.
pub(super) fn document(connection: &Connection, hash: ContentHash) -> Result<Arc<str>, StoreError> {
    connection
        .prepare_cached("SELECT text FROM documents WHERE hash = ?1")?
        .query_row([Hex(hash)], |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::Unknown { what: "document", id: hash.to_string() })
}

/// Keeps a snapshot; gives its hash. One that is there already costs one look.
pub(super) fn put(connection: &Connection, snapshot: &Snapshot) -> Result<ContentHash, StoreError> {
    let hash = snapshot.hash();
    let about: u64 = snapshot.iter().map(|(_, text)| tokens::estimate(text)).sum();
    let row = params![Hex(hash), snapshot.len() as u64, snapshot.bytes(), about];
    let new = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO snapshots (hash, documents, bytes, tokens) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(row)?;
    if new == 0 {
        return Ok(hash);
    }
    let mut statement = connection
        .prepare_cached("INSERT INTO snapshot_documents (snapshot, path, document) VALUES (?1, ?2, ?3)")?;
    for (path, text) in snapshot.iter() {
        let document = put_document(connection, text)?;
        statement.execute(params![Hex(hash), path.as_str(), Hex(document)])?;
    }
    Ok(hash)
}

/// The snapshot with this hash.
pub(super) fn get(connection: &Connection, hash: ContentHash) -> Result<Snapshot, StoreError> {
    let known = connection.prepare_cached("SELECT 1 FROM snapshots WHERE hash = ?1")?.exists([Hex(hash)])?;
    if !known {
        return Err(StoreError::Unknown { what: "snapshot", id: hash.to_string() });
    }
    let mut statement = connection.prepare_cached(
        "SELECT path, text FROM snapshot_documents JOIN documents ON hash = document WHERE snapshot = ?1",
    )?;
    let documents =
        statement.query_map([Hex(hash)], |row| Ok((row.get::<_, Path>(0)?.0, row.get::<_, Arc<str>>(1)?)))?;
    Ok(documents.collect::<Result<_, _>>()?)
}

/// Notes the memory of an agent as it is now; says whether it differs from when it was last seen.
pub(super) fn put_memory(
    connection: &Connection,
    agent: &AgentId,
    snapshot: &Snapshot,
    apply: Option<&ApplyId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let hash = put(connection, snapshot)?;
    if latest(connection, agent)? == Some(hash) {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO memory_versions (agent, snapshot, seen_at, apply) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![agent.as_str(), Hex(hash), At(now), apply.map(ApplyId::as_str)])?;
    Ok(true)
}

/// Hash of an agent's memory as last seen.
pub(super) fn latest(connection: &Connection, agent: &AgentId) -> Result<Option<ContentHash>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT snapshot FROM memory_versions WHERE agent = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([agent.as_str()], |row| Ok(row.get::<_, Hex>(0)?.0))
        .optional()?)
}

/// Every state in which an agent's memory was seen, the newest first.
pub(super) fn log(connection: &Connection, agent: &AgentId) -> Result<Vec<MemoryVersion>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, snapshot, seen_at, apply, documents, tokens FROM memory_versions
         JOIN snapshots ON hash = snapshot WHERE agent = ?1 ORDER BY seq DESC",
    )?;
    let versions = statement.query_map([agent.as_str()], |row| {
        Ok(MemoryVersion {
            seq: row.get(0)?,
            snapshot: row.get::<_, Hex>(1)?.0,
            seen_at: row.get::<_, At>(2)?.0,
            apply: row.get::<_, Option<String>>(3)?.map(ApplyId::new),
            documents: row.get(4)?,
            tokens: row.get(5)?,
        })
    })?;
    Ok(versions.collect::<Result<_, _>>()?)
}
