//! The file itself: who may read it, and what is said when it is damaged.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use wakeful::domain::clock::SystemClock;
use wakeful::store::{Store, StoreError};

use super::support::Cache;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/wakeful/wakeful.db");
    let store = Store::open(&path, Arc::new(SystemClock)).unwrap();
    store.writer().set_view("a", "b").unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = entry.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_file_that_others_can_read_is_closed_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wakeful.db");
    drop(Store::open(&path, Arc::new(SystemClock)).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Store::open(&path, Arc::new(SystemClock)).unwrap());
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_file_that_is_no_database_is_named_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wakeful.db");
    std::fs::write(&path, "not a database, whatever it is, and long enough for a header\n".repeat(20))
        .unwrap();
    let error = Store::open(&path, Arc::new(SystemClock)).err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()) && text.contains("Move the file aside"), "{text}");
}

#[test]
fn damaged_pages_are_named_with_advice() {
    let cache = Cache::new();
    let names: Vec<String> = (0..400).map(|n| format!("les_{n}")).collect();
    cache.dream("drm_1", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let path = cache.path();
    let Cache { folder, clock, store, writer, reader } = cache;
    drop((store, writer, reader));
    let mut bytes = std::fs::read(&path).unwrap();
    // Everything after the first pages; the header stays readable.
    for byte in bytes.iter_mut().skip(3 * 4096) {
        *byte = 0xa5;
    }
    std::fs::write(&path, bytes).unwrap();
    let store = Store::open(&path, clock);
    let error = match store {
        Err(error) => error,
        Ok(store) => store.reader().unwrap().lessons(&wakeful::store::LessonQuery::default()).err().unwrap(),
    };
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    drop(folder);
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let error = Store::open(&path, Arc::new(SystemClock)).err().unwrap();
    assert!(error.to_string().contains("another program"), "{error}");
}

#[test]
fn a_folder_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/wakeful.db");
    let error = Store::open(&path, Arc::new(SystemClock)).err().unwrap();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(error.to_string().contains("XDG_DATA_HOME"), "{error}");
}

#[test]
fn an_intact_file_passes_the_check() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    assert!(cache.reader.check_integrity().unwrap().is_empty());
}
