//! Opening the database: permissions, upgrades with a copy first, and the settings of a connection.
//!
//! Owns: the file and how connections to it are set up. Must not know: any table.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::actor::Actor;
use super::error::StoreError;
use super::lock::FileLock;
use super::reader::Reader;
use super::schema;
use super::writer::Writer;
use crate::domain::clock::Clock;

/// How long a connection waits for another process before it reports "busy". Writes are short;
/// only an upgrade or a very slow disk comes near this.
const BUSY: Duration = Duration::from_secs(10);

/// An open cache.
pub struct Store {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    actor: Arc<Actor>,
}

impl Store {
    /// Opens the cache at `path`, making it if there is none and upgrading it if it is older.
    ///
    /// # Errors
    /// With what is wrong and what to do; the file is left as it was.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let open = || -> Result<Connection, StoreError> {
            prepare_file(path).map_err(|error| cannot_open(path, &error))?;
            // Two processes that start together must not both upgrade.
            let lock =
                FileLock::take(&beside(path, "open.lock")).map_err(|error| cannot_open(path, &error))?;
            let mut connection = Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            configure(&connection)?;
            upgrade(&mut connection, path)?;
            drop(lock);
            Ok(connection)
        };
        let connection = open().map_err(|error| error.at(path))?;
        Ok(Self { path: path.to_path_buf(), clock, actor: Arc::new(Actor::start(connection)) })
    }

    /// A handle to the one writing thread.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(Arc::clone(&self.actor), Arc::clone(&self.clock), self.path.clone())
    }

    /// A read-only connection of its own.
    ///
    /// # Errors
    /// When the file can't be opened any more.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        let connection =
            connect_to_read(&self.path).map_err(|error| StoreError::from(error).at(&self.path))?;
        Ok(Reader::new(connection, Arc::clone(&self.clock), self.path.clone()))
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A read-only connection to the database.
pub(super) fn reader(path: &Path, clock: &Arc<dyn Clock>) -> Result<Reader, StoreError> {
    let connection = connect_to_read(path).map_err(|error| StoreError::from(error).at(path))?;
    Ok(Reader::new(connection, Arc::clone(clock), path.to_path_buf()))
}

/// The database's name with something added: lock files and copies lie beside it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

fn cannot_open(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Open { path: path.to_path_buf(), reason: error.to_string() }
}

/// Makes the folder (0700) and the file (0600) before SQLite does: it holds quotes from sessions,
/// and SQLite would use the looser default. Its side files take over the mode of the main file.
fn prepare_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    let permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // Full: an acknowledged decision survives a power cut, not only a crash of the program.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn connect_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = schema::newest();
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application != schema::APPLICATION {
        let reason = "it is a database of another program".to_owned();
        return Err(StoreError::Open { path: path.to_path_buf(), reason });
    }
    if found == known {
        return Ok(());
    }
    if found > known {
        return Err(StoreError::Newer { path: path.to_path_buf(), found, known });
    }
    let backup = if found > 0 { Some(back_up(connection, path, found)?) } else { None };
    schema::migrations().to_latest(connection).map_err(|error| StoreError::Migration {
        path: path.to_path_buf(),
        reason: error.to_string(),
        backup,
    })
}

/// Copies the database to a new file beside it; an earlier copy is never overwritten.
fn back_up(connection: &Connection, path: &Path, version: i64) -> Result<PathBuf, StoreError> {
    let mut copy = beside(path, &format!("v{version}.bak"));
    let mut attempt = 1;
    loop {
        match OpenOptions::new().create_new(true).write(true).mode(0o600).open(&copy) {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                attempt += 1;
                copy = beside(path, &format!("v{version}-{attempt}.bak"));
            }
            Err(error) => return Err(cannot_open(&copy, &error)),
        }
    }
    connection.backup("main", &copy, None)?;
    Ok(copy)
}
