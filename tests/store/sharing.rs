//! Two programs on one file.

use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::LessonId;
use wakeful::domain::lifecycle::State;
use wakeful::store::{Ask, Store};

use super::support::Cache;

fn ask(name: &str, verdict: Verdict) -> Ask {
    Ask { lesson: LessonId::new(name), verdict, reason: None }
}

#[test]
fn one_sees_what_the_other_wrote() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a", "les_b"]);
    let second = Store::open(&cache.path(), cache.clock.clone()).unwrap();
    let before = cache.reader.data_version().unwrap();
    assert_eq!(cache.reader.data_version().unwrap(), before);
    second.writer().decide(&[ask("les_a", Verdict::Accept)], "other").unwrap();
    assert_ne!(cache.reader.data_version().unwrap(), before);
    assert_eq!(cache.state("les_a"), State::Accepted);
    // What one decided, the other can take back.
    let undone = cache.writer.undo_decision("me").unwrap().unwrap();
    assert_eq!(undone.changed.len(), 1);
    assert_eq!(cache.state("les_a"), State::Pending);
}

#[test]
fn both_can_write_at_once() {
    let cache = Cache::new();
    let names: Vec<String> = (0..40).map(|n| format!("les_{n}")).collect();
    cache.dream("drm_1", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let second = Store::open(&cache.path(), cache.clock.clone()).unwrap();
    std::thread::scope(|scope| {
        for (writer, names) in [(cache.writer.clone(), &names[..20]), (second.writer(), &names[20..])] {
            scope.spawn(move || {
                for name in names {
                    writer.decide(&[ask(name, Verdict::Accept)], "someone").unwrap();
                }
            });
        }
    });
    assert!(names.iter().all(|name| cache.state(name) == State::Accepted));
    assert_eq!(cache.reader.audit_verify().unwrap(), None);
    let batches: std::collections::BTreeSet<u64> = names
        .iter()
        .flat_map(|name| cache.reader.decisions(&LessonId::new(name.as_str())).unwrap())
        .map(|decision| decision.batch)
        .collect();
    assert_eq!(batches.len(), 40);
}

#[test]
fn only_one_applies() {
    let cache = Cache::new();
    let second = Store::open(&cache.path(), cache.clock.clone()).unwrap();
    let held = cache.writer.lock_applies().unwrap();
    assert!(held.is_some());
    assert!(second.writer().lock_applies().unwrap().is_none());
    drop(held);
    assert!(second.writer().lock_applies().unwrap().is_some());
}

#[test]
fn opening_at_the_same_time_makes_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wakeful.db");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let clock = std::sync::Arc::new(wakeful::domain::clock::SystemClock);
                Store::open(&path, clock).unwrap().writer().set_view("a", "b").unwrap();
            });
        }
    });
}
