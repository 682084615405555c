//! What memory stores far away say of their own history.
//!
//! Owns: the `memory_records` table; rows are only ever added, because the stores themselves forget.
//! Must not know: how the records are asked for.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::StoreError;
use super::values::{At, Hex, Json};
use crate::domain::remote::{Author, MemoryRecord};

const COLUMNS: &str = "store, id, memory, path, operation, content, author, at";

/// Adds records; gives how many were new.
pub(super) fn put(connection: &Connection, records: &[MemoryRecord]) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO memory_records (store, id, memory, path, operation, content, author, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut new = 0;
    for record in records {
        new += statement.execute(params![
            record.store,
            record.id,
            record.memory,
            record.path,
            record.operation,
            record.content.map(Hex),
            record.author.as_ref().map(Json),
            At(record.at),
        ])? as u64;
    }
    Ok(new)
}

/// Records of a store, the newest first; of one path only, if one is given.
pub(super) fn of(
    connection: &Connection,
    store: &str,
    path: Option<&str>,
) -> Result<Vec<MemoryRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM memory_records WHERE store = ?1 AND (?2 IS NULL OR path = ?2)
         ORDER BY at DESC, id DESC"
    ))?;
    let records = statement.query_map(params![store, path], from_row)?;
    Ok(records.collect::<Result<_, _>>()?)
}

/// The newest known record of a store.
pub(super) fn newest(connection: &Connection, store: &str) -> Result<Option<MemoryRecord>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM memory_records WHERE store = ?1 ORDER BY at DESC, id DESC LIMIT 1"
        ))?
        .query_row([store], from_row)
        .optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<MemoryRecord> {
    Ok(MemoryRecord {
        store: row.get(0)?,
        id: row.get(1)?,
        memory: row.get(2)?,
        path: row.get(3)?,
        operation: row.get(4)?,
        content: row.get::<_, Option<Hex>>(5)?.map(|Hex(hash)| hash),
        author: row.get::<_, Option<Json<Author>>>(6)?.map(|Json(author)| author),
        at: row.get::<_, At>(7)?.0,
    })
}
