//! Every schema there ever was is upgraded; a newer one is left alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use wakeful::domain::clock::SystemClock;
use wakeful::store::{Store, StoreError};

fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/migrations");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// A database as a wakeful of that schema would have left it, with an agent in it.
fn database_of(version: usize, path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    for sql in migrations().iter().take(version) {
        connection.execute_batch(sql).unwrap();
    }
    let body = serde_json::to_string(&super::support::agent("old")).unwrap();
    connection.execute("INSERT INTO agents (id, name, body) VALUES ('old', 'old', ?1)", [body]).unwrap();
    connection.pragma_update(None, "user_version", version as i64).unwrap();
}

fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut copies: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "bak")).collect();
    copies.sort();
    copies
}

#[test]
fn every_older_schema_is_upgraded_after_a_copy() {
    let newest = migrations().len();
    for version in 1..newest {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wakeful.db");
        database_of(version, &path);
        let store = Store::open(&path, Arc::new(SystemClock)).unwrap();
        let agents = store.reader().unwrap().agents().unwrap();
        assert_eq!(agents.len(), 1, "schema {version}");
        assert_eq!(store.reader().unwrap().status(10).unwrap().pending, 0);
        assert_eq!(store.reader().unwrap().audit_verify().unwrap(), None);
        let copies = copies(folder.path());
        assert_eq!(copies.len(), 1, "schema {version}");
        let copy = Connection::open(&copies[0]).unwrap();
        let kept: i64 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(kept, version as i64);
        let agents: i64 = copy.query_row("SELECT count(*) FROM agents", [], |row| row.get(0)).unwrap();
        assert_eq!(agents, 1);
    }
}

#[test]
fn an_upgraded_file_has_the_schema_of_a_new_one() {
    let schema = |path: &Path| -> Vec<String> {
        let connection = Connection::open(path).unwrap();
        let mut statement =
            connection.prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    database_of(3, &old);
    drop(Store::open(&old, Arc::new(SystemClock)).unwrap());
    drop(Store::open(&new, Arc::new(SystemClock)).unwrap());
    assert_eq!(schema(&old), schema(&new));
}

#[test]
fn opening_twice_makes_no_copy_and_an_earlier_copy_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wakeful.db");
    drop(Store::open(&path, Arc::new(SystemClock)).unwrap());
    drop(Store::open(&path, Arc::new(SystemClock)).unwrap());
    assert_eq!(copies(folder.path()).len(), 0);

    let older = folder.path().join("older.db");
    database_of(2, &older);
    std::fs::write(folder.path().join("older.db.v2.bak"), "an earlier copy").unwrap();
    drop(Store::open(&older, Arc::new(SystemClock)).unwrap());
    assert_eq!(copies(folder.path()).len(), 2);
    assert_eq!(std::fs::read_to_string(folder.path().join("older.db.v2.bak")).unwrap(), "an earlier copy");
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wakeful.db");
    drop(Store::open(&path, Arc::new(SystemClock)).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(&path, Arc::new(SystemClock)).err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("Update wakeful"), "{error}");
    assert_eq!(copies(folder.path()).len(), 0);
}
