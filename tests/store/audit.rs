//! The audit trail can't be changed quietly.

use rusqlite::Connection;
use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::{AgentId, LessonId};
use wakeful::store::{Ask, AuditEntry, AuditQuery};

use super::support::Cache;

/// A cache with ten rows in its trail, and a connection that does not honour the triggers.
fn tampered(sql: &str) -> Cache {
    let cache = Cache::new();
    for n in 0..10 {
        let entry = AuditEntry { note: Some(format!("number {n}")), ..AuditEntry::new("someone", "note") };
        cache.writer.audit(entry).unwrap();
    }
    assert_eq!(cache.reader.audit_verify().unwrap(), None);
    let connection = Connection::open(cache.path()).unwrap();
    connection.execute_batch("DROP TRIGGER audit_stays; DROP TRIGGER audit_remains;").unwrap();
    connection.execute_batch(sql).unwrap();
    cache
}

#[test]
fn a_changed_row_is_found() {
    for change in
        ["note = 'x'", "author = 'x'", "action = 'x'", "at = at + 1", "path = '/x'", "agent = 'bot'"]
    {
        let cache = tampered(&format!("UPDATE audit SET {change} WHERE seq = 4"));
        assert_eq!(cache.reader.audit_verify().unwrap().unwrap().seq, 4, "{change}");
    }
}

#[test]
fn a_missing_row_is_found_wherever_it_was() {
    for gone in [1, 5, 10] {
        let cache = tampered(&format!("DELETE FROM audit WHERE seq = {gone}"));
        assert_eq!(cache.reader.audit_verify().unwrap().unwrap().seq, gone);
    }
}

#[test]
fn swapped_and_unreadable_rows_are_found() {
    let swap = "UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
                UPDATE audit SET seq = 4 WHERE seq = 99;";
    assert_eq!(tampered(swap).reader.audit_verify().unwrap().unwrap().seq, 3);
    let garbage = "UPDATE audit SET hash = 'x' WHERE seq = 7";
    assert_eq!(tampered(garbage).reader.audit_verify().unwrap().unwrap().seq, 7);
}

#[test]
fn rows_are_only_added() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let ask = Ask { lesson: LessonId::new("les_a"), verdict: Verdict::Accept, reason: None };
    cache.writer.decide(&[ask], "me").unwrap();
    let connection = Connection::open(cache.path()).unwrap();
    for table in ["audit", "decisions", "batches"] {
        let column = if table == "batches" { "at" } else { "author" };
        for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET {column} = 1")] {
            let error = connection.execute(&sql, []).unwrap_err().to_string();
            assert!(error.contains("append-only"), "{sql}: {error}");
        }
    }
}

#[test]
fn rows_are_found_by_what_they_say() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a", "les_b"]);
    for (name, reason) in [("les_a", "Wrong portal"), ("les_b", "agreed")] {
        let ask =
            Ask { lesson: LessonId::new(name), verdict: Verdict::Reject, reason: Some(reason.to_owned()) };
        cache.writer.decide(&[ask], "me").unwrap();
    }
    let count = |query: AuditQuery| cache.reader.audit(&query).unwrap().len();
    assert_eq!(count(AuditQuery::default()), 3);
    assert_eq!(count(AuditQuery { limit: Some(1), ..AuditQuery::default() }), 1);
    assert_eq!(count(AuditQuery { agent: Some(AgentId::new("bot")), ..AuditQuery::default() }), 3);
    assert_eq!(count(AuditQuery { action: Some("reject".to_owned()), ..AuditQuery::default() }), 2);
    assert_eq!(count(AuditQuery { text: Some("PORTAL".to_owned()), ..AuditQuery::default() }), 1);
    let about = cache
        .reader
        .audit(&AuditQuery { lesson: Some(LessonId::new("les_b")), ..AuditQuery::default() })
        .unwrap();
    assert_eq!(about[0].entry.note.as_deref(), Some("agreed"));
    assert_eq!(about[0].entry.author, "me");
}
