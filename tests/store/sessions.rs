//! Sessions and facts mined from them.

use jiff::Timestamp;
use wakeful::domain::dream::Window;
use wakeful::domain::ids::{AgentId, SessionId};
use wakeful::domain::session::{SessionFile, SessionMeta};
use wakeful::store::Facts;
use wakeful::transcript::chain::Links;

use super::support::Cache;

fn session(id: &str, day: i64, segment: Option<&str>) -> (SessionMeta, Links) {
    let at = Timestamp::from_second(day * 86_400).ok();
    let meta = SessionMeta {
        id: SessionId::new(id),
        agent: AgentId::new("bot"),
        files: vec![SessionFile { path: format!("{id}.jsonl"), bytes: 9, mtime: 8, read_to: 7, seal: None }],
        title: format!("Session {id}"),
        started: at,
        ended: at,
        events: 3,
        calls: 2,
        errors: 1,
        skipped: Vec::new(),
        user: None,
        segment: segment.map(str::to_owned),
        chain: Some("c".to_owned()),
        remote: None,
    };
    (meta, Links { chain: None, first: Some("r".to_owned()), records: vec![1, u64::MAX, 7] })
}

#[test]
fn sessions_read_back_the_newest_first_and_by_window() {
    let (cache, bot) = (Cache::new(), AgentId::new("bot"));
    let all = vec![session("a", 1, None), session("b", 3, Some("x")), session("c", 2, Some("x"))];
    cache.writer.put_sessions(&bot, all.clone()).unwrap();
    let ids = |window: Window| -> Vec<String> {
        let sessions = cache.reader.sessions(&bot, &window).unwrap();
        sessions.iter().map(|session| session.id.to_string()).collect()
    };
    assert_eq!(ids(Window::default()), ["b", "c", "a"]);
    assert_eq!(ids(Window { last: 1, ..Window::default() }), ["b"]);
    assert_eq!(ids(Window { segment: Some("x".to_owned()), ..Window::default() }), ["b", "c"]);
    let day = |n: i64| Timestamp::from_second(n * 86_400).ok();
    assert_eq!(ids(Window { since: day(2), until: day(2), ..Window::default() }), ["c"]);
    assert_eq!(cache.reader.linked_sessions(&bot).unwrap(), all);
    assert_eq!(cache.reader.session(&bot, &SessionId::new("c")).unwrap().unwrap(), all[2].0);
}

#[test]
fn facts_hold_while_the_session_is_the_same() {
    let (cache, bot) = (Cache::new(), AgentId::new("bot"));
    let id = SessionId::new("a");
    let facts = || {
        let found = cache.reader.facts(&bot, &id, "offline").unwrap();
        found.map(|facts| (facts.digest, facts.body))
    };
    let put = |digest: &str, body: &[u8]| {
        let facts = Facts { session: id.clone(), digest: digest.to_owned(), body: body.to_vec() };
        cache.writer.put_facts(&bot, "offline", vec![facts]).unwrap();
    };
    cache.writer.put_sessions(&bot, vec![session("a", 1, None)]).unwrap();
    put("d1", b"one");
    assert_eq!(facts(), Some(("d1".to_owned(), b"one".to_vec())));
    // Describing a session anew does not lose them; mining it anew replaces them.
    cache.writer.put_sessions(&bot, vec![session("a", 2, None)]).unwrap();
    assert!(facts().is_some());
    put("d2", b"two");
    assert_eq!(facts(), Some(("d2".to_owned(), b"two".to_vec())));
    cache.writer.forget_sessions(&bot, std::slice::from_ref(&id)).unwrap();
    assert_eq!(facts(), None);
    assert!(cache.reader.all_sessions(&bot).unwrap().is_empty());
}
