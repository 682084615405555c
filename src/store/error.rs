//! What can go wrong with the cache, and what the reader of the message can do about it.
//!
//! Owns: the error type and the translation of SQLite's codes into advice. Must not know: who shows it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::domain::ids::LessonId;

/// Why the cache could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file or its folder can't be made or opened.
    #[error(
        "can't open the cache {}: {reason}. Nothing was changed. Check that the folder exists, is yours \
         and has space, or choose another place with XDG_DATA_HOME.", path.display()
    )]
    Open {
        /// The database file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// A newer wakeful wrote the file.
    #[error(
        "the cache {} has schema {found}, but this wakeful knows only up to {known}. Nothing was \
         changed. Update wakeful, or set XDG_DATA_HOME to start with another cache.", path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Schema in the file.
        found: i64,
        /// Newest schema of this program.
        known: i64,
    },
    /// An upgrade of the schema failed.
    #[error(
        "can't upgrade the cache {}: {reason}. The copy from before is {}; your memory documents are \
         not touched by this. Please report it with this message.",
        path.display(), backup.as_ref().map_or("not needed (the cache was empty)".into(), |b| b.display().to_string())
    )]
    Migration {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
        /// Copy made before the upgrade.
        backup: Option<PathBuf>,
    },
    /// The file is not a database, or pages of it are damaged.
    #[error(
        "the cache {} is damaged: {reason}. Sessions and memory documents are not in it and are safe. \
         Move the file aside (keep it: your decisions may still be read from it) and start wakeful again; \
         it makes a new cache. Copies from before upgrades lie beside it and end in .bak.", path.display()
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// Another process holds the file for too long.
    #[error("the cache is busy: another wakeful is writing. Nothing was changed; try again in a moment.")]
    Busy,
    /// No space left for the file.
    #[error("no space left for the cache. Nothing of this step was kept; free some space and repeat it.")]
    Full,
    /// The disk did not do what SQLite asked of it.
    #[error(
        "the disk failed under the cache ({0}): it may have no space left, or be damaged. Nothing of this step was \
         kept; free some space and repeat it."
    )]
    Disk(String),
    /// The file may not be written.
    #[error("the cache {} can't be written: {reason}. Nothing was changed; check who owns it.", path.display())]
    ReadOnly {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The writing thread is gone.
    #[error("the cache was closed. What was acknowledged is safe; start wakeful again.")]
    Closed,
    /// A lesson can't take this step now; the whole request was left undone.
    #[error("lesson {lesson}: {reason}. Nothing was changed.")]
    Refused {
        /// Which lesson.
        lesson: LessonId,
        /// Why, in words.
        reason: String,
    },
    /// Something that was asked for is not in the cache.
    #[error("there is no {what} {id} in the cache; a sync may bring it, or it was never there.")]
    Unknown {
        /// `lesson`, `dream`, `snapshot`, …
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A plan no longer fits what was decided meanwhile.
    #[error("{reason}. Nothing was written; look at the preview again.")]
    Stale {
        /// What changed.
        reason: String,
    },
    /// A row holds something this program can't read.
    #[error("a record of the cache can't be read ({what}: {reason}). Run `wakeful doctor`.")]
    Unreadable {
        /// Which kind of record.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Anything else SQLite reports.
    #[error("the cache failed: {0}. What was acknowledged before is safe; run `wakeful doctor`.")]
    Sql(rusqlite::Error),
}

impl StoreError {
    /// Names the file in errors that speak of it.
    pub(super) fn at(mut self, file: &Path) -> Self {
        if let Self::Damaged { path, .. } | Self::ReadOnly { path, .. } | Self::Open { path, .. } = &mut self
            && path.as_os_str().is_empty()
        {
            *path = file.to_path_buf();
        }
        self
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let reason = error.to_string();
        let path = PathBuf::new();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, reason },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            // A shared-memory file that can't grow is reported as a failure of the disk, not as a full one.
            Some(ErrorCode::SystemIoFailure) => Self::Disk(reason),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path, reason },
            Some(ErrorCode::CannotOpen) => Self::Open { path, reason },
            _ => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Unreadable { what: "row", reason },
                other => Self::Sql(other),
            },
        }
    }
}
