//! Everything that can go wrong with one request, and what comes of it.

use std::time::Duration;

use futures_util::TryStreamExt;
use rstest::rstest;
use wakeful::source::platform::wire::{NewDream, View};
use wakeful::source::platform::{Client, DreamQuery, MemoryChange, PlatformError, RefusalKind, SessionQuery};
use wakeful::stand_in::{Fault, NewSession, Rule};

use super::support::{World, hash, settings, world};

/// How an error is named in the table.
fn named(error: &PlatformError) -> String {
    match error {
        PlatformError::Refused(refusal) => format!("{:?}", refusal.kind),
        other => format!("{other:?}").split([' ', '{', '(']).next().unwrap().to_owned(),
    }
}

fn listing(world: &World) -> Result<usize, PlatformError> {
    let client = world.platform.client().clone();
    world.platform.block_on(async move {
        Ok(client.sessions(&SessionQuery::default()).try_collect::<Vec<_>>().await?.len())
    })
}

/// A reading request: what it gives, after how many requests, and whether a later one works.
#[rstest]
#[case(Fault::Status(400, None), "Request", 1)]
#[case(Fault::Status(401, None), "Key", 1)]
#[case(Fault::Status(402, None), "Billing", 1)]
#[case(Fault::Status(403, None), "Permission", 1)]
#[case(Fault::Coded(403, "organization_not_enrolled_in_beta"), "NotEnrolled", 1)]
#[case(Fault::Status(404, None), "NotFound", 1)]
#[case(Fault::Status(409, None), "Conflict", 1)]
#[case(Fault::Status(429, None), "SpendLimit", 1)]
#[case(Fault::Status(429, Some(0)), "ok", 2)]
#[case(Fault::Status(429, Some(1)), "ok", 2)]
#[case(Fault::Status(429, Some(3600)), "RateLimited", 1)]
#[case(Fault::Coded(429, "enforced_spend_limit_reached"), "SpendLimit", 1)]
#[case(Fault::Status(500, None), "ok", 2)]
#[case(Fault::Status(503, None), "ok", 2)]
#[case(Fault::Status(504, None), "ok", 2)]
#[case(Fault::Status(529, None), "ok", 2)]
#[case(Fault::Html(502), "ok", 2)]
#[case(Fault::Html(200), "Unexpected", 1)]
#[case(Fault::Silence, "ok", 2)]
#[case(Fault::TruncatedJson, "ok", 2)]
#[case(Fault::CutOff, "ok", 2)]
#[case(Fault::ResetBefore, "ok", 2)]
#[case(Fault::Trickle(40, Duration::ZERO), "ok", 1)]
fn a_reading_request(#[case] fault: Fault, #[case] expected: &str, #[case] requests: usize) {
    let world = world(&[]);
    world.server.faults().add(Rule::on("/v1/sessions", fault));
    let outcome = listing(&world);
    assert_eq!(outcome.as_ref().map_or_else(named, |_| "ok".to_owned()), expected);
    assert_eq!(world.server.requests().count("GET", "/v1/sessions"), requests);
    assert_eq!(listing(&world).unwrap(), 1, "it works again");
}

/// Faults that do not pass end, and say what they were.
#[rstest]
#[case(Fault::Status(500, None), "Server")]
#[case(Fault::Silence, "Lost")]
#[case(Fault::TruncatedJson, "Lost")]
#[case(Fault::ResetBefore, "Lost")]
// A byte now and then keeps every idle clock from running out; the whole answer has a time too.
#[case(Fault::Trickle(1, Duration::from_millis(100)), "Lost")]
fn a_fault_that_stays(#[case] fault: Fault, #[case] expected: &str) {
    let world = world(&[]);
    world.server.faults().add(Rule::on("/v1/sessions", fault).always());
    let error = listing(&world).unwrap_err();
    assert_eq!(named(&error), expected);
    assert!(error.is_passing(), "{error}");
    assert_eq!(world.server.requests().count("GET", "/v1/sessions"), 4);
}

#[test]
fn no_connection_says_that_nothing_was_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let platform = super::support::platform(&url, folder.path());
    let error = platform.block_on(platform.client().agent("agent_1")).unwrap_err();
    assert!(matches!(error, PlatformError::Unreachable { .. }), "{error:?}");
    assert!(!error.to_string().contains("Nothing was sent"), "it was tried: {error}");
    assert!(error.is_passing() && !error.is_ambiguous());
}

fn new_dream(world: &World) -> NewDream {
    let sessions = world.server.workspace().sessions();
    NewDream { store: world.store.clone(), sessions, model: "claude-opus-5".to_owned(), instructions: None }
}

/// A request that makes something: it is made again only where nothing can have been made.
#[rstest]
#[case(Fault::Status(429, Some(0)), "ok", 2, 1)]
#[case(Fault::Status(503, None), "ok", 2, 1)]
#[case(Fault::Status(529, None), "ok", 2, 1)]
#[case(Fault::Status(500, None), "Server", 1, 0)]
#[case(Fault::Status(504, None), "Timeout", 1, 0)]
#[case(Fault::Status(409, None), "Conflict", 1, 0)]
#[case(Fault::ResetBefore, "Lost", 1, 0)]
#[case(Fault::ResetAfter, "Lost", 1, 1)]
#[case(Fault::LostAnswer, "Lost", 1, 1)]
#[case(Fault::TruncatedJson, "Lost", 1, 1)]
fn a_making_request(
    #[case] fault: Fault,
    #[case] expected: &str,
    #[case] requests: usize,
    #[case] made: usize,
) {
    let world = world(&[]);
    world.server.faults().add(Rule::on("/v1/dreams", fault).method("POST"));
    let (platform, dream) = (&world.platform, new_dream(&world));
    let outcome = platform.block_on(platform.client().create_dream(&dream));
    assert_eq!(outcome.as_ref().map_or_else(named, |_| "ok".to_owned()), expected);
    assert_eq!(world.server.requests().count("POST", "/v1/dreams"), requests);
    assert_eq!(world.server.workspace().dreams().len(), made);
    if let Err(error) = outcome {
        assert_eq!(error.is_ambiguous(), expected != "Conflict", "whether to look first: {error}");
    }
}

#[test]
fn a_refused_precondition_is_never_tried_again() {
    let world = world(&[("/a.md", "one")]);
    let (platform, client) = (&world.platform, world.platform.client());
    let items: Vec<_> =
        platform.block_on(client.memories(&world.store, View::Basic).try_collect::<Vec<_>>()).unwrap();
    let wakeful::source::platform::wire::MemoryItem::Memory(memory) = &items[0] else { panic!("{items:?}") };
    let change = MemoryChange { content: Some("three".to_owned()), path: None, expected: hash("two") };
    let error = platform.block_on(client.update_memory(&world.store, &memory.id, &change)).unwrap_err();
    assert_eq!(error.kind(), Some(RefusalKind::Precondition));
    assert_eq!(world.server.requests().count("POST", "/v1/memory_stores/*/memories/*"), 1);
    assert_eq!(world.stands("/a.md").as_deref(), Some("one"));
}

fn with_sessions(count: usize) -> World {
    let world = world(&[]);
    {
        let mut workspace = world.server.workspace();
        let created = workspace.now();
        for _ in 1..count {
            workspace.add_session(NewSession::of(&world.agent, created));
        }
    }
    world
}

#[test]
fn lists_are_followed_to_their_end_whichever_way_it_is_said() {
    let world = with_sessions(250);
    assert_eq!(listing(&world).unwrap(), 250);
    assert_eq!(world.server.requests().count("GET", "/v1/sessions"), 3);
    world.server.workspace().omit_last_page(true);
    assert_eq!(listing(&world).unwrap(), 250);
}

#[test]
fn a_list_that_leads_in_a_circle_or_runs_out_says_so() {
    let world = with_sessions(250);
    world.server.faults().add(Rule::on("/v1/sessions", Fault::DuplicatePage).after(1).always());
    assert!(matches!(listing(&world), Err(PlatformError::ListBroken { expired: false, .. })));
    world.server.faults().clear();
    world.server.faults().add(Rule::on("/v1/sessions", Fault::ExpireCursors).after(1));
    assert!(matches!(listing(&world), Err(PlatformError::ListBroken { expired: true, .. })));
    assert_eq!(listing(&world).unwrap(), 250);
}

#[test]
fn filters_are_sent_as_the_platform_wants_them() {
    let world = with_sessions(3);
    let query = SessionQuery {
        agent: Some(world.agent.clone()),
        memory_store: Some(world.store.clone()),
        created_from: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        archived: true,
        ..SessionQuery::default()
    };
    let platform = &world.platform;
    let found = platform.block_on(platform.client().sessions(&query).try_collect::<Vec<_>>()).unwrap();
    assert_eq!(found.len(), 1);
    let dreams = DreamQuery {
        statuses: vec![wakeful::source::platform::wire::DreamStatus::Running],
        archived: true,
        ..DreamQuery::default()
    };
    assert!(platform.block_on(platform.client().dreams(&dreams).try_collect::<Vec<_>>()).unwrap().is_empty());
    // An id is one part of a path, whatever is in it.
    let odd = platform.block_on(platform.client().agent("../sessions?x=1#y")).unwrap_err();
    assert!(odd.is_not_found(), "{odd}");
    assert!(world.server.requests().0.last().unwrap().path.starts_with("/v1/agents/"));
}

#[test]
fn dreams_are_made_looked_at_cancelled_and_put_away() {
    let world = world(&[("/a.md", "one")]);
    let (platform, client) = (&world.platform, world.platform.client().clone());
    let dream = platform.block_on(client.create_dream(&new_dream(&world))).unwrap();
    assert_eq!(dream.status.as_str(), "pending");
    let cancelled = platform.block_on(client.cancel_dream(&dream.id)).unwrap();
    assert_eq!(cancelled.status.as_str(), "canceled");
    assert_eq!(platform.block_on(client.cancel_dream(&dream.id)).unwrap().status.as_str(), "canceled");
    assert!(platform.block_on(client.archive_dream(&dream.id)).unwrap().archived_at.is_some());
    assert_eq!(platform.block_on(client.dream(&dream.id)).unwrap().id, dream.id);
    let second = platform.block_on(client.create_dream(&new_dream(&world))).unwrap();
    world.server.workspace().finish_dream(&second.id);
    let done = platform.block_on(client.dream(&second.id)).unwrap();
    assert!(done.status.is_final() && done.output_store().is_some(), "{done:?}");
    let refused = platform.block_on(client.cancel_dream(&second.id)).unwrap_err();
    assert_eq!(refused.kind(), Some(RefusalKind::Request));
    let store = done.output_store().unwrap();
    assert!(platform.block_on(client.archive_store(store)).unwrap().archived_at.is_some());
    assert_eq!(platform.block_on(client.delete_store(store)).unwrap().id, store);
    assert!(platform.block_on(client.store(store)).unwrap_err().is_not_found());
}

#[test]
fn a_look_at_the_platform_says_what_works() {
    let world = world(&[]);
    let all = world.platform.check();
    assert!(all.agents.is_ok() && all.memory.is_ok() && all.dreams.is_ok(), "{all:?}");
    let rule = Rule::on("/v1/dreams", Fault::Coded(403, "organization_not_enrolled_in_beta"));
    world.server.faults().add(rule);
    let some = world.platform.check();
    assert!(some.agents.is_ok());
    assert_eq!(some.dreams.unwrap_err().kind(), Some(RefusalKind::NotEnrolled));
}

#[test]
fn settings_that_would_leak_or_break_are_refused_before_anything_is_sent() {
    for settings in [
        settings("http://gateway.example"),
        wakeful::source::platform::Settings {
            workspace: Some("a\nb".to_owned()),
            ..settings("http://127.0.0.1:9")
        },
        wakeful::source::platform::Settings { profile: "../x".to_owned(), ..settings("http://127.0.0.1:9") },
    ] {
        let error = Client::new(settings).unwrap_err();
        assert!(
            matches!(error, PlatformError::Settings { .. }) && error.to_string().contains("Nothing was sent")
        );
    }
}
