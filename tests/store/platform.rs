//! Dreams that run elsewhere, how far a sync is, and what stores say of their own history.

use wakeful::domain::cost::{Estimate, Money, Span, Usage};
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::ids::{AgentId, DreamId, SessionId};
use wakeful::domain::memory::{ContentHash, Snapshot};
use wakeful::domain::remote::{Author, BaseOrigin, MemoryRecord, RemoteDream, RemoteSession};
use wakeful::domain::session::SessionMeta;
use wakeful::store::Intent;

use super::support::{Cache, moment};

fn intent(base: ContentHash) -> Intent {
    Intent {
        agent: AgentId::new("bot"),
        profile: "default".to_owned(),
        store: "memstore_01".to_owned(),
        sessions: vec![SessionId::new("sesn_01")],
        model: "claude-opus-5".to_owned(),
        instructions: None,
        base,
        window: Window::default(),
        estimate: None,
    }
}

fn remote(id: &str, base: ContentHash) -> Dream {
    Dream {
        id: DreamId::new(id),
        agent: AgentId::new("bot"),
        engine: Engine::Platform,
        status: DreamStatus::Running,
        started: moment("2026-03-01T03:00:00Z"),
        ended: None,
        window: Window::default(),
        base,
        proposed: None,
        manifest: None,
        error: None,
        model: Some("claude-opus-5".to_owned()),
        instructions: Some("Keep conventions.".to_owned()),
        remote: Some(RemoteDream {
            profile: "default".to_owned(),
            id: id.to_owned(),
            input_store: "memstore_01".to_owned(),
            output_store: None,
            session: Some("sesn_09".to_owned()),
            sessions: vec![SessionId::new("sesn_01")],
            in_place: false,
            ours: true,
            archived: false,
            failure: None,
            base: BaseOrigin::Saved,
            harvested: false,
            output: wakeful::domain::remote::OutputStore::Kept,
        }),
        usage: Some(Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 }),
        estimate: Some(Estimate {
            tokens: Span::new(10, 20),
            money: None,
            prices: Some("2026-11-20".to_owned()),
            unknown: 1,
        }),
        cost: Some(Span::new(Money::micros(5), Money::micros(9))),
    }
}

#[test]
fn a_dream_elsewhere_reads_back_as_it_was_kept() {
    let cache = Cache::new();
    let base = cache.writer.put_snapshot(&Snapshot::new()).unwrap();
    let mut dream = remote("drm_01", base);
    cache.writer.put_dream(&dream).unwrap();
    assert_eq!(cache.reader.dream(&dream.id).unwrap().unwrap(), dream);
    dream.status = DreamStatus::Failed;
    if let Some(remote) = &mut dream.remote {
        remote.failure = Some("timeout".to_owned());
    }
    cache.writer.put_dream(&dream).unwrap();
    assert_eq!(cache.reader.dream(&dream.id).unwrap().unwrap(), dream);
}

#[test]
fn an_intent_is_open_until_it_is_known_what_came_of_it() {
    let cache = Cache::new();
    let base = cache.writer.put_snapshot(&Snapshot::new()).unwrap();
    let first = cache.writer.begin_intent(&intent(base)).unwrap();
    let second = cache.writer.begin_intent(&intent(base)).unwrap();
    let cache = cache.restart();
    let open: Vec<i64> = cache.reader.open_intents("default").unwrap().iter().map(|open| open.id).collect();
    assert_eq!(open, [first, second]);
    assert!(cache.reader.open_intents("other").unwrap().is_empty());

    cache.writer.intent_started(first, &remote("drm_01", base)).unwrap();
    cache.writer.intent_refused(second).unwrap();
    assert!(cache.reader.open_intents("default").unwrap().is_empty());
    let meant = cache.reader.intent_of(&DreamId::new("drm_01")).unwrap().unwrap();
    assert_eq!(meant.intent, intent(base));
}

#[test]
fn records_of_a_store_are_kept_once_and_found_by_path() {
    let cache = Cache::new();
    let record = |id: &str, path: &str, at: &str| MemoryRecord {
        store: "memstore_01".to_owned(),
        id: id.to_owned(),
        memory: "mem_01".to_owned(),
        path: Some(path.to_owned()),
        operation: "modified".to_owned(),
        content: Some(ContentHash::of(b"x")),
        author: Some(Author::Session { id: "sesn_01".to_owned() }),
        at: moment(at),
    };
    let old = record("memver_01", "/a.md", "2026-03-01T03:00:00Z");
    let new = record("memver_02", "/b.md", "2026-03-01T04:00:00Z");
    assert_eq!(cache.writer.put_records(vec![old.clone(), new.clone()]).unwrap(), 2);
    assert_eq!(cache.writer.put_records(vec![new.clone()]).unwrap(), 0);
    assert_eq!(cache.reader.memory_records("memstore_01", None).unwrap(), [new.clone(), old.clone()]);
    assert_eq!(cache.reader.memory_records("memstore_01", Some("/a.md")).unwrap(), [old]);
    assert_eq!(cache.reader.newest_record("memstore_01").unwrap(), Some(new));
    assert_eq!(cache.reader.newest_record("memstore_02").unwrap(), None);
}

#[test]
fn listed_sessions_keep_what_was_read_and_go_when_a_pass_misses_them() {
    let cache = Cache::new();
    let agent = AgentId::new("bot");
    let meta = |id: &str| SessionMeta {
        id: SessionId::new(id),
        agent: agent.clone(),
        files: Vec::new(),
        title: String::new(),
        started: Some(moment("2026-03-01T03:00:00Z")),
        ended: None,
        events: 0,
        calls: 0,
        errors: 0,
        skipped: Vec::new(),
        user: None,
        segment: None,
        chain: None,
        remote: Some(RemoteSession {
            status: "idle".to_owned(),
            updated: moment("2026-03-01T03:30:00Z"),
            usage: None,
            cost: Money::parse_cents("187"),
            outcome: Some("satisfied".to_owned()),
            model: None,
            fetched: None,
        }),
    };
    cache.writer.put_listed_sessions(&agent, vec![meta("a"), meta("b")], 1).unwrap();
    cache.writer.put_listed_sessions(&agent, vec![meta("b")], 2).unwrap();
    assert_eq!(cache.writer.forget_unlisted_sessions(&agent, 2).unwrap(), 1);
    assert_eq!(cache.reader.all_sessions(&agent).unwrap(), [meta("b")]);
}

#[test]
fn trouble_and_cursors_are_replaced() {
    let cache = Cache::new();
    let agent = AgentId::new("bot");
    assert_eq!(cache.reader.trouble(&agent).unwrap(), None);
    cache.writer.put_trouble(&agent, Some("no access")).unwrap();
    assert_eq!(cache.reader.trouble(&agent).unwrap().unwrap().text, "no access");
    assert!(cache.reader.status(10).unwrap().agents[0].trouble.is_some());
    cache.writer.put_trouble(&agent, None).unwrap();
    assert_eq!(cache.reader.trouble(&agent).unwrap(), None);
    cache.writer.put_cursor("default", "sessions", "1").unwrap();
    cache.writer.put_cursor("default", "sessions", "2").unwrap();
    assert_eq!(cache.reader.cursor("default", "sessions").unwrap().as_deref(), Some("2"));
}
