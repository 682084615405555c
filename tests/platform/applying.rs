//! Writing what was accepted into a memory store, on condition, whatever goes wrong.

use std::time::Duration;

use rstest::rstest;
use wakeful::domain::lesson::Change;
use wakeful::domain::lifecycle::State;
use wakeful::source::WriteError;
use wakeful::source::platform::RefusalKind;
use wakeful::stand_in::{CONTENT_LIMIT, Fault, Rule};
use wakeful::store::AuditQuery;
use wakeful::sync::{SyncError, apply, undo};

use crate::desk::{Desk, path_of, silent, texts};

const BEFORE: [(&str, &str); 4] = [
    ("/billing.md", "# Billing\n\n- Refunds take five days.\n"),
    ("/calls.md", "# Calls\n\n- Call before cancelling.\n"),
    ("/old.md", "# Old\n\n- Nobody needs this any more.\n"),
    ("/tools.md", "# Tools\n\n- Start the database with `make db`.\n- Stop it with `make stop`.\n"),
];
const AFTER: [(&str, &str); 4] = [
    ("/billing.md", "# Billing\n\n- Refunds take five days.\n- Vouchers are never refunded.\n"),
    ("/calls.md", "# Calls\n\n- Call before cancelling.\n"),
    ("/new.md", "# New\n\n- Something learned at night.\n"),
    ("/workshop/tools.md", "# Tools\n\n- Start the database with `make db`.\n- Stop it with `make stop`.\n"),
];

/// One lesson each changes, creates, deletes and moves a document; all are accepted.
fn desk() -> Desk {
    let desk = Desk::new(&BEFORE);
    let lessons = desk.dream(&AFTER);
    assert_eq!(lessons.len(), 4);
    desk.accept(&lessons);
    desk
}

const ITEM: &str = "/v1/memory_stores/*/memories/*";
const LIST: &str = "/v1/memory_stores/*/memories";

#[test]
fn create_update_rename_and_delete_are_one_write_each() {
    let desk = desk();
    let plan = desk.plan();
    let moved =
        plan.documents.iter().find(|document| document.path == path_of("/workshop/tools.md")).unwrap();
    assert_eq!(moved.change, Change::Renamed(path_of("/tools.md")));
    desk.server.forget_requests();
    let applied = desk.run(&plan).unwrap();
    assert_eq!((applied.lessons.len(), applied.conflicts.len()), (4, 0));
    assert_eq!(desk.there(), texts(&AFTER));
    let log = desk.server.requests();
    assert_eq!((log.count("POST", LIST), log.count("POST", ITEM), log.count("DELETE", ITEM)), (1, 2, 1));
    for write in log.of("POST", ITEM) {
        assert_eq!(write.body.as_ref().unwrap()["precondition"]["type"], "content_sha256");
    }
    assert!(log.of("DELETE", ITEM)[0].query.contains("expected_content_sha256="));
    let operations: Vec<_> = desk.written().iter().map(|version| version.operation).collect();
    assert_eq!(operations.len(), 4, "{operations:?}");
    // The moved memory is the same memory, with its versions.
    let versions = desk.server.workspace().versions(&desk.memory);
    let of = |path: &str| versions.iter().rev().find(|version| version.path == path).unwrap().memory.clone();
    assert_eq!(of("/workshop/tools.md"), of("/tools.md"));
    // Nothing is left to write, and nothing is written again.
    assert!(desk.plan().is_empty());
    assert_eq!(desk.resume().unwrap(), None);
    assert_eq!(desk.written().len(), 4);
}

#[test]
fn undo_writes_the_earlier_content_back_on_condition() {
    let desk = desk();
    let applied = desk.run(&desk.plan()).unwrap();
    // The platform forgets old versions; our own snapshots do not.
    let later = "2030-01-01T00:00:00Z".parse().unwrap();
    desk.server.workspace().forget_versions(&desk.memory, later);
    desk.someone_writes("/calls.md", "# Calls\n\n- Call before cancelling.\n- Twice.\n");
    let plan = undo::apply(&desk.context(), &applied.apply.unwrap()).unwrap();
    desk.run(&plan).unwrap();
    let mut expected = BEFORE;
    expected[1].1 = "# Calls\n\n- Call before cancelling.\n- Twice.\n";
    assert_eq!(desk.there(), texts(&expected));
    assert!(applied.lessons.iter().all(|lesson| desk.state(lesson) != State::Applied));
}

#[test]
fn undo_of_one_lesson_leaves_the_others() {
    let desk = desk();
    let applied = desk.run(&desk.plan()).unwrap();
    let plans = applied.lessons.iter().map(|lesson| undo::lesson(&desk.context(), lesson).unwrap());
    let billing = plans.into_iter().find(|plan| plan.documents[0].path == path_of("/billing.md")).unwrap();
    desk.run(&billing).unwrap();
    let mut expected = AFTER;
    expected[0].1 = BEFORE[0].1;
    assert_eq!(desk.there(), texts(&expected));
}

#[test]
fn a_change_since_the_preview_is_never_written_over() {
    let desk = desk();
    let plan = desk.plan();
    desk.someone_writes("/billing.md", "# Billing\n\nAll new.\n");
    let stale = desk.run(&plan).unwrap_err();
    assert!(matches!(stale, SyncError::Stale { .. }), "{stale}");
    assert_eq!(desk.written().len(), 0);
}

#[test]
fn a_change_during_the_apply_is_kept_and_the_lesson_fits_or_goes_back() {
    // It fits beside what someone else wrote.
    let desk = self::desk();
    let plan = desk.plan();
    let theirs = "# Billing\n\n- Ask twice.\n- Refunds take five days.\n";
    // The moved document is written first.
    desk.server.faults().add(Rule::on(ITEM, Fault::Interfere(theirs.to_owned())).method("POST").after(1));
    let applied = desk.run(&plan).unwrap();
    assert_eq!(applied.conflicts, []);
    let there: std::collections::BTreeMap<_, _> = desk.there().into_iter().collect();
    assert_eq!(there["/billing.md"], format!("{theirs}- Vouchers are never refunded.\n"));

    // The document to move was changed: it stays where it is, with what they wrote.
    let desk = self::desk();
    let plan = desk.plan();
    desk.fault("POST", ITEM, Fault::Interfere("# Tools\n\n- Use the new ones.\n".to_owned()));
    let applied = desk.run(&plan).unwrap();
    assert_eq!((applied.conflicts.len(), applied.left), (1, vec![path_of("/tools.md")]));
    let there: std::collections::BTreeMap<_, _> = desk.there().into_iter().collect();
    assert_eq!(there["/tools.md"], "# Tools\n\n- Use the new ones.\n");
    assert!(!there.contains_key("/workshop/tools.md"));

    // The document to delete was changed: it stays, and its lesson goes back to review.
    let desk = self::desk();
    let plan = desk.plan();
    desk.fault("DELETE", ITEM, Fault::Interfere("# Old\n\n- I need this!\n".to_owned()));
    let applied = desk.run(&plan).unwrap();
    assert_eq!((applied.conflicts.len(), applied.left), (1, vec![path_of("/old.md")]));
    assert_eq!(desk.state(&applied.conflicts[0].0), State::Conflict);
    let there: std::collections::BTreeMap<_, _> = desk.there().into_iter().collect();
    assert_eq!(there["/old.md"], "# Old\n\n- I need this!\n");
    assert!(there.contains_key("/workshop/tools.md") && there.contains_key("/new.md"));

    // Where a document is to be created, someone else was first.
    let desk = self::desk();
    let plan = desk.plan();
    desk.fault("POST", LIST, Fault::Interfere("mine\n".to_owned()));
    let applied = desk.run(&plan).unwrap();
    assert_eq!((applied.conflicts.len(), applied.left), (1, vec![path_of("/new.md")]));
    let there: std::collections::BTreeMap<_, _> = desk.there().into_iter().collect();
    assert_eq!(there["/new.md"], "mine\n");
}

/// What an apply comes to under a fault: done at once, or stopped and done by the same command again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Again,
}
use Outcome::{Again, Done};

#[rstest]
#[case::rate_limit(Fault::Status(429, Some(0)), [Done, Done, Done])]
#[case::long_rate_limit(Fault::Status(429, Some(3600)), [Again, Again, Again])]
#[case::spend_limit(Fault::Coded(429, "enforced_spend_limit_reached"), [Again, Again, Again])]
#[case::server_error(Fault::Status(500, None), [Done, Again, Again])]
#[case::unavailable(Fault::Status(503, None), [Done, Done, Done])]
#[case::overloaded(Fault::Status(529, None), [Done, Done, Done])]
#[case::unauthorised(Fault::Status(401, None), [Again, Again, Again])]
#[case::forbidden(Fault::Status(403, None), [Again, Again, Again])]
#[case::gateway_page(Fault::Html(502), [Done, Again, Again])]
#[case::timeout(Fault::Silence, [Done, Again, Again])]
#[case::lost_answer(Fault::LostAnswer, [Done, Done, Done])]
#[case::trickle(Fault::Trickle(40, Duration::from_millis(1)), [Done, Done, Done])]
#[case::truncated(Fault::TruncatedJson, [Done, Done, Done])]
#[case::cut_off(Fault::CutOff, [Done, Done, Done])]
#[case::reset_before(Fault::ResetBefore, [Done, Again, Again])]
#[case::reset_after(Fault::ResetAfter, [Done, Done, Done])]
fn whatever_goes_wrong_with_a_write(#[case] fault: Fault, #[case] expected: [Outcome; 3]) {
    let writes = [("POST", ITEM), ("POST", LIST), ("DELETE", ITEM)];
    let mut found = Vec::new();
    for (method, path) in writes {
        let desk = desk();
        let plan = desk.plan();
        desk.fault(method, path, fault.clone());
        let outcome = match desk.run(&plan) {
            Ok(_) => Done,
            Err(SyncError::Interrupted { standing, of, .. }) => {
                assert_eq!(standing.written.len() + standing.waiting.len(), of);
                assert!(!standing.waiting.is_empty());
                // What is written is whole, the rest is as it was.
                for (path, text) in desk.there() {
                    let known = BEFORE.iter().chain(&AFTER);
                    assert!(known.into_iter().any(|(p, t)| *p == path && *t == text), "{path}: {text:?}");
                }
                assert!(desk.resume().unwrap().is_some());
                Again
            }
            Err(other) => panic!("{other}"),
        };
        found.push(outcome);
        assert!(desk.server.faults().is_spent());
        assert_eq!(desk.there(), texts(&AFTER), "{method} {path}");
        assert_eq!(desk.written().len(), 4, "each write once: {method} {path}");
        assert_eq!(desk.trail(), 5, "a moved document is two in the trail");
        assert_eq!(desk.reader.unfinished_apply(&desk.agent.id).unwrap(), None);
    }
    assert_eq!(found, expected);
}

#[test]
fn a_key_that_stops_working_stops_the_queue() {
    let desk = desk();
    let plan = desk.plan();
    desk.server.faults().add(Rule::on("/**", Fault::Status(401, None)).after(6).always());
    let error = desk.run(&plan).unwrap_err();
    assert!(error.to_string().contains("Check the key"), "{error}");
    let sent = desk.server.requests().len();
    desk.resume().unwrap_err();
    assert!(desk.server.requests().len() <= sent + 2, "nothing more is tried with a bad key");
    desk.server.faults().clear();
    desk.resume().unwrap().unwrap();
    assert_eq!(desk.there(), texts(&AFTER));
}

#[test]
fn a_store_that_was_deleted_loses_nothing_of_ours() {
    let desk = desk();
    let plan = desk.plan();
    desk.server.faults().add(Rule::on(ITEM, Fault::Status(404, None)).always());
    desk.server.workspace().delete_store(&desk.memory).unwrap();
    assert!(desk.run(&plan).is_err());
    assert!(plan.lessons.iter().all(|lesson| desk.state(lesson) == State::Accepted));
    let error = desk.platform.write_memory(&desk.memory, &path_of("/x.md"), None, Some("x")).unwrap_err();
    let WriteError::Platform { error, .. } = error else { panic!("{error}") };
    assert_eq!(error.kind(), Some(RefusalKind::NotFound));
}

#[test]
fn what_is_accepted_elsewhere_is_refused_here_before_anything_is_sent() {
    let long = format!("# Long\n\n{}\n", "word ".repeat(CONTENT_LIMIT / 5));
    let deep = "/a".repeat(21);
    let desk = Desk::new(&[("/a.md", "# A\n\n- one\n"), ("/dir/b.md", "# B\n\n- two\n")]);
    let lessons = desk.dream(&[
        ("/a.md", "# A\n\n- one\n- and more\n"),
        ("/dir/b.md", "# B\n\n- two\n"),
        ("/long.md", &long),
        (&deep, "# Deep\n\n- too deep\n"),
        ("/dir", "# Dir\n\n- is a folder already\n"),
    ]);
    desk.accept(&lessons);
    let plan = desk.plan();
    assert_eq!(plan.blocked.len(), 3, "{:?}", plan.blocked);
    assert_eq!(plan.documents.len(), 1);
    let reasons: Vec<&str> = plan.blocked.iter().map(|(_, reason)| reason.as_str()).collect();
    for part in ["bytes", "more than 20 parts", "no folder"] {
        assert!(reasons.iter().any(|reason| reason.contains(part)), "{part}: {reasons:?}");
    }
    desk.run(&plan).unwrap();
    assert_eq!(desk.there()[0].1, "# A\n\n- one\n- and more\n");
    assert_eq!(desk.there().len(), 2);
}

#[test]
fn a_full_store_takes_no_more_documents() {
    let full: Vec<(String, String)> =
        (0..2000).map(|n| (format!("/n{n:04}.md"), format!("# Note {n}\n"))).collect();
    let documents: Vec<(&str, &str)> =
        full.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let desk = Desk::new(&documents);
    let mut proposed = documents.clone();
    proposed.push(("/one-more.md", "# More\n\n- than fits\n"));
    proposed[0].1 = "# Note 0\n\n- changed\n";
    let lessons = desk.dream(&proposed);
    assert_eq!(lessons.len(), 2);
    desk.accept(&lessons);
    let plan = desk.plan();
    assert_eq!((plan.blocked.len(), plan.documents.len()), (1, 1));
    assert!(plan.blocked[0].1.contains("2001 documents"), "{:?}", plan.blocked);
}

#[test]
fn giving_up_takes_back_what_was_written_of_an_unfinished_lesson() {
    let moved = "- The deploy key lives in the vault under ops/deploy.\n";
    let full = format!("# A\n\n- keep this\n{moved}");
    let before = [("/a.md", full.as_str()), ("/b.md", "# B\n\n- other things\n")];
    let desk = Desk::new(&before);
    let there = format!("# B\n\n- other things\n{moved}");
    let lessons = desk.dream(&[("/a.md", "# A\n\n- keep this\n"), ("/b.md", &there)]);
    assert_eq!(lessons.len(), 1);
    desk.accept(&lessons);
    let plan = desk.plan();
    desk.server.faults().add(Rule::on(ITEM, Fault::Status(403, None)).method("POST").after(1));
    desk.run(&plan).unwrap_err();
    assert_eq!(desk.there()[1].1, there);
    apply::give_up(&desk.context(), &silent).unwrap().unwrap();
    assert_eq!(desk.there(), texts(&before));
}

#[test]
fn a_write_into_a_store_that_was_deleted_is_given_up() {
    let desk = Desk::new(&[("/a.md", "# A\n\n- keep this\n"), ("/b.md", "# B\n\n- other things\n")]);
    let lessons = desk.dream(&[
        ("/a.md", "# A\n\n- keep this\n- and this too\n"),
        ("/b.md", "# B\n\n- other things\n- as well\n"),
    ]);
    assert_eq!(lessons.len(), 2);
    desk.accept(&lessons);
    let plan = desk.plan();
    desk.server.faults().add(Rule::on(ITEM, Fault::Status(403, None)).method("POST").after(1));
    desk.run(&plan).unwrap_err();
    desk.platform.block_on(desk.platform.client().delete_store(&desk.memory)).unwrap();
    desk.resume().unwrap_err();
    let applied = apply::give_up(&desk.context(), &silent).unwrap().unwrap();
    assert_eq!((applied.written.len(), applied.left.len(), applied.conflicts.len()), (0, 1, 2));
    assert_eq!(desk.reader.unfinished_apply(&desk.agent.id).unwrap(), None);
    assert!(lessons.iter().all(|lesson| desk.state(lesson) == State::Conflict));
    assert_eq!(desk.reader.audit_verify().unwrap(), None);
    let ended = AuditQuery { action: Some("apply-end".to_owned()), ..AuditQuery::default() };
    assert_eq!(desk.reader.audit(&ended).unwrap().len(), 1);
    assert_eq!(apply::give_up(&desk.context(), &silent).unwrap(), None);
}
