//! Reading the workspace while things go wrong: nothing is lost, nothing is there twice, and what can't be
//! read is said.

use std::time::Duration;

use rstest::rstest;
use wakeful::domain::memory::Snapshot;
use wakeful::source::platform::RefusalKind;
use wakeful::source::{Source, SourceError};
use wakeful::stand_in::{Events, Fault, NewSession, Rule};

use crate::desk::Desk;

const MEMORIES: &str = "/v1/memory_stores/*/memories";
const EVENTS: &str = "/v1/sessions/*/events";

/// A store of 130 documents and a session of 2,500 events: lists of several pages.
fn desk() -> (Desk, String) {
    let full: Vec<(String, String)> =
        (0..130).map(|n| (format!("/n{n:03}.md"), format!("# Note {n}\n"))).collect();
    let documents: Vec<(&str, &str)> =
        full.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let desk = Desk::new(&documents);
    let mut workspace = desk.server.workspace();
    let session = workspace.add_session(NewSession {
        stores: vec![(desk.memory.clone(), true)],
        events: Events::Made { count: 2500, bytes: 20 },
        ..NewSession::of(&desk.agent.sessions_at, "2026-11-20T02:00:00Z".parse().unwrap())
    });
    drop(workspace);
    (desk, session)
}

/// What reading comes to under a fault: whole at once, or refused in words and whole the next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Whole,
    Refused,
}
use Outcome::{Refused, Whole};

#[rstest]
#[case::rate_limit(Fault::Status(429, Some(0)), Whole)]
#[case::long_rate_limit(Fault::Status(429, Some(3600)), Refused)]
#[case::server_error(Fault::Status(500, None), Whole)]
#[case::unavailable(Fault::Status(503, None), Whole)]
#[case::overloaded(Fault::Status(529, None), Whole)]
#[case::unauthorised(Fault::Status(401, None), Refused)]
#[case::deleted(Fault::Status(404, None), Refused)]
#[case::gateway_page(Fault::Html(502), Whole)]
#[case::timeout(Fault::Silence, Whole)]
#[case::trickle(Fault::Trickle(4000, Duration::from_millis(1)), Whole)]
#[case::truncated(Fault::TruncatedJson, Whole)]
#[case::cut_off(Fault::CutOff, Whole)]
#[case::reset(Fault::ResetBefore, Whole)]
#[case::reset_after(Fault::ResetAfter, Whole)]
#[case::duplicate_page(Fault::DuplicatePage, Whole)]
#[case::cursor_expiry(Fault::ExpireCursors, Whole)]
fn whatever_goes_wrong_with_a_list(#[case] fault: Fault, #[case] expected: Outcome) {
    let (desk, session) = desk();
    let expected_memory: Vec<String> = desk.there().into_iter().map(|(_, text)| text).collect();
    let read = || {
        let memory = desk.platform.memory(&desk.agent, &Snapshot::new())?;
        Ok::<_, SourceError>(memory.snapshot.iter().map(|(_, text)| text.to_string()).collect::<Vec<_>>())
    };
    desk.server.faults().add(Rule::on(MEMORIES, fault.clone()).after(1));
    let outcome = match read() {
        Ok(texts) => {
            assert_eq!(texts, expected_memory);
            Whole
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Refused
        }
    };
    assert_eq!(outcome, expected, "memory");
    assert!(desk.server.faults().is_spent());
    assert_eq!(read().unwrap(), expected_memory);

    let fetch = || {
        let file = desk.platform.fetch_transcript(&session)?;
        let text = std::fs::read_to_string(desk.platform.transcripts().join(&file.path)).unwrap();
        let mut ids: Vec<String> = text
            .lines()
            .map(|line| {
                serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
            })
            .collect();
        let lines = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), lines, "no event twice");
        Ok::<_, wakeful::source::platform::PlatformError>(lines)
    };
    desk.server.faults().add(Rule::on(EVENTS, fault).after(1));
    let outcome = match fetch() {
        Ok(lines) => {
            assert_eq!(lines, 2500);
            Whole
        }
        Err(_) => {
            assert_eq!(desk.platform.fetched_transcript(&session), None, "no half of a transcript is kept");
            Refused
        }
    };
    assert_eq!(outcome, expected, "events");
    assert_eq!(fetch().unwrap(), 2500);
}

#[test]
fn a_key_refused_in_the_middle_keeps_what_was_fetched_before() {
    let (desk, session) = desk();
    desk.platform.fetch_transcript(&session).unwrap();
    desk.server.faults().add(Rule::on("/**", Fault::Status(401, None)).always());
    let error = desk.platform.fetch_transcript(&session).unwrap_err();
    assert_eq!(error.kind(), Some(RefusalKind::Key));
    assert!(desk.platform.fetched_transcript(&session).is_some());
    assert!(desk.platform.agents().is_err());
}

#[test]
fn a_store_that_is_gone_is_named() {
    let (desk, _) = desk();
    desk.server.workspace().delete_store(&desk.memory).unwrap();
    let error = desk.platform.memory(&desk.agent, &Snapshot::new()).unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    assert_eq!(desk.platform.agents().unwrap().len(), 1, "the agent is still there, without a memory");
}

#[test]
fn an_unchanged_memory_costs_its_list_alone() {
    let (desk, _) = desk();
    let known = desk.platform.memory(&desk.agent, &Snapshot::new()).unwrap().snapshot;
    desk.server.forget_requests();
    assert_eq!(desk.platform.memory(&desk.agent, &known).unwrap().snapshot, known);
    let log = desk.server.requests();
    assert_eq!((log.len(), log.count("GET", MEMORIES)), (2, 2));
    desk.someone_writes("/n007.md", "# Changed\n");
    desk.server.forget_requests();
    let changed = desk.platform.memory(&desk.agent, &known).unwrap().snapshot;
    assert_ne!(changed, known);
    assert_eq!(desk.server.requests().len(), 3, "two pages and one document");
}
