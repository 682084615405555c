//! Reading a memory store: its history first, its documents only if that brought something new.
//!
//! Owns: telling an unchanged store by one request. Must not know: whose memory it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::convert;
use super::pull::Pull;
use super::sessions::FULL_EVERY;
use super::shelf;
use crate::domain::memory::Snapshot;
use crate::domain::remote::MemoryRecord;
use crate::source::MemoryRead;
use crate::source::platform::{PlatformError, VersionQuery};
use crate::sync::SyncError;

/// Records read of a store that was never read before.
const FIRST: usize = 2_000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// The newest record when the documents were last read.
    newest: Option<String>,
    /// When the documents were last read whatever the records said.
    full: Option<Timestamp>,
}

/// A store that was read because it changed.
pub(super) struct Changed {
    /// Its documents.
    pub read: MemoryRead,
    list: String,
    cursor: String,
}

impl Changed {
    /// Notes that the documents are kept. Not before: a kill in between must read them again.
    pub fn settled(&self, pull: &Pull<'_>) -> Result<(), SyncError> {
        Ok(pull.writer.put_cursor(pull.platform.profile(), &self.list, &self.cursor)?)
    }
}

/// Reads a store as far as it changed; `None` if it did not. `known` is what is held of it, if anything.
pub(super) fn read(
    pull: &Pull<'_>,
    store: &str,
    known: Option<&Snapshot>,
) -> Result<Option<Changed>, SyncError> {
    let profile = pull.platform.profile();
    let list = format!("memory:{store}");
    let kept = pull.reader.cursor(profile, &list)?;
    let mut cursor: Cursor = kept.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
    let now = pull.writer.now();
    let (records, newest) = match history(pull, store) {
        Ok(found) => found,
        // A server without version records: the documents themselves are looked at every time.
        Err(error) if error.platform().is_some_and(is_missing) => (Vec::new(), None),
        Err(error) => return Err(error),
    };
    let rested = cursor.full.is_some_and(|full| now.duration_since(full) < FULL_EVERY);
    if rested && known.is_some() && newest.is_some() && newest == cursor.newest {
        return Ok(None);
    }
    let empty = Snapshot::new();
    let read = shelf::read(&pull.far(), store, known.unwrap_or(&empty))?;
    pull.writer.put_records(records)?;
    cursor.newest = newest;
    cursor.full = Some(now);
    let cursor = serde_json::to_string(&cursor).map_err(|error| SyncError::Elsewhere {
        reason: format!("how far the sync is can't be kept: {error}"),
    })?;
    Ok(Some(Changed { read, list, cursor }))
}

/// New records of a store, and the id of its newest one.
fn history(pull: &Pull<'_>, store: &str) -> Result<(Vec<MemoryRecord>, Option<String>), SyncError> {
    let last = pull.reader.newest_record(store)?;
    let list = pull.platform.client().versions(store, &VersionQuery::default());
    let (mut records, mut newest) = (Vec::new(), None);
    for version in pull.platform.each(list) {
        let version = version?;
        newest.get_or_insert_with(|| version.id.clone());
        let known = last
            .as_ref()
            .is_some_and(|last| last.id == version.id || version.created_at.is_some_and(|at| at < last.at));
        if known || (last.is_none() && records.len() >= FIRST) {
            break;
        }
        records.extend(convert::record(store, version));
    }
    Ok((records, newest))
}

fn is_missing(error: &PlatformError) -> bool {
    // The store itself is asked for next; if that is gone too, that says so.
    error.is_not_found()
}
