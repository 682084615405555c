//! Where the reviewer was, as the console keeps it.
//!
//! Owns: the `view_state` table. Must not know: what is in it.

use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;

/// Keeps a value under a key.
pub(super) fn put(connection: &Connection, key: &str, body: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO view_state (key, body) VALUES (?1, ?2)")?
        .execute(params![key, body])?;
    Ok(())
}

/// The value under a key.
pub(super) fn get(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT body FROM view_state WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}
