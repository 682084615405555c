//! Transcripts and live streams.

use futures_util::StreamExt;
use serde_json::{Value, json};
use wakeful::source::platform::wire::StreamEvent;
use wakeful::source::{Source, SourceError, read_session};
use wakeful::stand_in::{Events, Fault, NewSession, NewThread, Rule};

use super::support::{World, world};

const EVENTS: &str = "/v1/sessions/*/events";

fn message(number: usize, text: &str) -> Value {
    json!({ "type": "agent.message", "id": format!("sevt_{number:06}"), "content": [{ "type": "text", "text": text }] })
}

fn with_events(events: Vec<Value>, threads: Vec<NewThread>) -> (World, String) {
    let world = world(&[]);
    let session = {
        let mut workspace = world.server.workspace();
        let created = workspace.now();
        workspace.add_session(NewSession {
            events: Events::Given(events),
            threads,
            ..NewSession::of(&world.agent, created)
        })
    };
    (world, session)
}

fn lines(world: &World, session: &str) -> Vec<Value> {
    let text =
        std::fs::read_to_string(world.platform.transcripts().join(format!("{session}.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_transcript_is_kept_whole_masked_and_private() {
    let secret = "the admin password is Zx81kk20";
    let mut events: Vec<Value> = (0..250).map(|n| message(n, &format!("step {n}"))).collect();
    events.insert(3, message(999, secret));
    events.push(json!({ "type": "agent.future_thing", "id": "sevt_new", "payload": { "x": 1 } }));
    let (world, session) = with_events(events, Vec::new());
    let file = world.platform.fetch_transcript(&session).unwrap();
    assert_eq!(file, world.platform.fetched_transcript(&session).unwrap());
    let kept = lines(&world, &session);
    assert_eq!(kept.len(), 252);
    assert_eq!(kept[3]["content"][0]["text"], "the admin password is [masked password]");
    assert_eq!(kept[251]["payload"]["x"], 1, "what is unknown is kept");
    assert_eq!(world.server.requests().count("GET", "/v1/sessions/*/threads"), 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = world.platform.transcripts().join(&file.path);
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        let folder = std::fs::metadata(world.platform.transcripts()).unwrap();
        assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    }
    // The rest of the program reads it like any other.
    let agents = world.platform.agents().unwrap();
    let agent = agents.iter().find(|agent| agent.sessions_at == world.agent).unwrap();
    let mut said = Vec::new();
    read_session(&world.platform, agent, &[file], &mut |_, event| said.push(event.text.into_owned()))
        .unwrap();
    assert_eq!((said.len(), said[0].as_str()), (251, "step 0"));
}

#[test]
fn sub_agents_are_in_it_too() {
    let started = json!({ "type": "session.thread_created", "id": "sevt_t", "agent_name": "helper",
        "session_thread_id": "sthr_x" });
    let thread = NewThread { agent: "helper".to_owned(), events: Events::Given(vec![message(7, "below")]) };
    let (world, session) = with_events(vec![message(1, "above"), started], vec![thread]);
    world.platform.fetch_transcript(&session).unwrap();
    let kept = lines(&world, &session);
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[2]["content"][0]["text"], "below");
}

#[test]
fn a_broken_list_gives_each_event_once() {
    let events: Vec<Value> = (0..250).map(|n| message(n, "x")).collect();
    let (world, session) = with_events(events, Vec::new());
    for fault in [Fault::DuplicatePage, Fault::ExpireCursors, Fault::CutOff, Fault::Status(529, None)] {
        world.server.faults().add(Rule::on(EVENTS, fault.clone()).after(1));
        world.platform.fetch_transcript(&session).unwrap();
        assert_eq!(lines(&world, &session).len(), 250, "{fault:?}");
        assert!(world.server.faults().is_spent());
    }
}

#[test]
fn a_failure_leaves_the_earlier_transcript() {
    let (world, session) = with_events(vec![message(1, "first")], Vec::new());
    let before = world.platform.fetch_transcript(&session).unwrap();
    world.server.faults().add(Rule::on(EVENTS, Fault::Status(403, None)).always());
    world.platform.fetch_transcript(&session).unwrap_err();
    assert_eq!(world.platform.fetched_transcript(&session), Some(before));
    assert_eq!(std::fs::read_dir(world.platform.transcripts()).unwrap().count(), 1, "nothing half is left");
}

#[test]
fn what_was_not_fetched_says_so_and_names_lead_nowhere_else() {
    let (world, session) = with_events(Vec::new(), Vec::new());
    let agents = world.platform.agents().unwrap();
    let agent = &agents[0];
    let open = |file: &str| world.platform.open(agent, file, 0).map(drop).unwrap_err();
    assert!(matches!(open(&format!("{session}.jsonl")), SourceError::NotFetched { .. }));
    for file in ["../x.jsonl", "x", "a/b.jsonl", "/etc/passwd", ".jsonl"] {
        assert!(matches!(open(file), SourceError::Outside { .. }), "{file}");
    }
    assert!(world.platform.fetch_transcript("../x").is_err());
    let found = world.platform.sessions(agent).unwrap();
    assert!(found.iter().all(|session| session.files.is_empty()));
}

#[test]
fn a_session_is_followed_from_its_start_to_its_end_each_event_once() {
    let (world, session) = with_events((0..150).map(|n| message(n, "old")).collect(), Vec::new());
    let client = world.platform.client().clone();
    let mut following = client.follow(&session);
    let mut next = || {
        world.platform.block_on(following.next()).map(|event| match event {
            Ok(StreamEvent::Event(event)) => event.id,
            other => panic!("{other:?}"),
        })
    };
    for number in 0..150 {
        assert_eq!(next().unwrap(), format!("sevt_{number:06}"));
    }
    // What happens later comes too, through breaks of the stream.
    for number in 150..153 {
        world.server.faults().add(Rule::on("/v1/sessions/*/events/stream", Fault::Status(529, None)));
        world.server.workspace().add_event(&session, message(number, "new"));
        assert_eq!(next().unwrap(), format!("sevt_{number:06}"));
    }
    world.server.workspace().add_event(&session, message(200, "last words"));
    world.server.workspace().archive_session(&session);
    assert_eq!(next().unwrap(), "sevt_000200");
    assert_eq!(next(), None);
}

#[test]
fn following_what_is_not_there_ends_with_the_reason() {
    let world = world(&[]);
    let client = world.platform.client().clone();
    let mut following = client.follow("sesn_gone");
    let error = world.platform.block_on(following.next()).unwrap().unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert!(world.platform.block_on(following.next()).is_none());
}
