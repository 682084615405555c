//! Reading sources: only what changed is opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wakeful::domain::agent::{Agent, Mode};
use wakeful::domain::ids::SessionId;
use wakeful::source::Sources;
use wakeful::source::fake::Fake;
use wakeful::sync::pull::{self, PullReport};

use super::support::{Counting, World, memory, path_of, silent};

fn line(uuid: u32, text: &str, second: u32) -> String {
    format!(
        "{{\"type\":\"user\",\"uuid\":\"00000000-0000-4000-8000-{uuid:012}\",\"sessionId\":\"s\",\
         \"timestamp\":\"2026-03-01T10:00:{second:02}.000Z\",\"message\":{{\"role\":\"user\",\"content\":\"{text}\"}}}}\n"
    )
}

fn pull(world: &World, source: &Arc<Counting<Fake>>) -> PullReport {
    let sources = Sources::new(vec![source.clone()]);
    let adjust = |agent: &mut Agent| agent.mode = Mode::Auto;
    pull::run(&sources, &world.reader, &world.writer, &adjust, &silent, &AtomicBool::new(false)).unwrap()
}

fn setting() -> (World, Arc<Counting<Fake>>, Agent) {
    let world = World::new(&[]);
    let source = Arc::new(Counting::of(Fake::new()));
    let agent = source.source.add_agent("real", memory(&[("a.md", "# A\n")]));
    for n in 0..5 {
        let text = line(n * 10, &format!("Please do {n}"), n) + &line(n * 10 + 1, "and more", n + 1);
        source.source.put_session(&agent, &format!("s{n}.jsonl"), text);
    }
    (world, source, agent)
}

#[test]
fn a_second_pull_opens_nothing() {
    let (world, source, agent) = setting();
    let first = pull(&world, &source);
    assert_eq!((first.agents, first.sessions, first.read), (1, 5, 5));
    assert_eq!(first.problems, Vec::<String>::new());
    assert_eq!(first.memory_changed, std::slice::from_ref(&agent.id));
    let opened = source.opened.load(Ordering::Relaxed);
    assert!(opened >= 5);
    let second = pull(&world, &source);
    assert_eq!((second.sessions, second.read, second.memory_changed.len()), (5, 0, 0));
    assert_eq!(source.opened.load(Ordering::Relaxed), opened);
    let kept = world.reader.agent(&agent.id).unwrap().unwrap();
    assert_eq!(kept.mode, Mode::Auto);
    // The agent that no source has is hidden.
    assert_eq!(world.reader.agents().unwrap(), [kept]);
}

#[test]
fn only_what_grew_is_read_again() {
    let (world, source, agent) = setting();
    pull(&world, &source);
    let opened = source.opened.load(Ordering::Relaxed);
    let longer = line(20, "Please do 2", 2) + &line(21, "and more", 3) + &line(22, "and yet more", 4);
    source.source.put_session(&agent, "s2.jsonl", longer);
    source.source.put_session(&agent, "s9.jsonl", line(90, "Something new", 30));
    let report = pull(&world, &source);
    assert_eq!((report.sessions, report.read, report.gone), (6, 2, 0));
    assert!(source.opened.load(Ordering::Relaxed) - opened <= 4);
    let sessions = world.reader.all_sessions(&agent.id).unwrap();
    assert_eq!(sessions[0].title, "Something new");
    let grown = world.reader.session(&agent.id, &SessionId::new("s2")).unwrap().unwrap();
    assert_eq!(grown.events, 3);
}

#[test]
fn sessions_that_share_records_are_one_chain() {
    let (world, source, agent) = setting();
    pull(&world, &source);
    let chain = |id: &str| world.reader.session(&agent.id, &SessionId::new(id)).unwrap().unwrap().chain;
    assert_ne!(chain("s0"), chain("s1"));
    // A fork of both: it carries a record of each.
    let fork = line(0, "Please do 0", 0) + &line(11, "and more", 2) + &line(77, "differently", 50);
    source.source.put_session(&agent, "fork.jsonl", fork);
    pull(&world, &source);
    assert!(chain("s0").is_some());
    assert_eq!(chain("s0"), chain("s1"));
    assert_eq!(chain("s0"), chain("fork"));
    assert_ne!(chain("s0"), chain("s2"));
}

#[test]
fn an_unreadable_source_is_told_and_nothing_is_forgotten() {
    let (world, source, agent) = setting();
    pull(&world, &source);
    source.source.set_offline(true);
    let report = pull(&world, &source);
    assert_eq!(report.problems.len(), 1);
    assert_eq!(world.reader.all_sessions(&agent.id).unwrap().len(), 5);
    assert!(world.reader.agents().unwrap().iter().any(|known| known.id == agent.id));
}

#[test]
fn changed_memory_is_noticed_and_kept_by_version() {
    let (world, source, agent) = setting();
    pull(&world, &source);
    source.source.put_memory(&agent, &path_of("a.md"), Some("# A\n\nMore.\n"));
    assert_eq!(pull(&world, &source).memory_changed, std::slice::from_ref(&agent.id));
    let log = world.reader.memory_log(&agent.id).unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!(world.reader.snapshot(log[1].snapshot).unwrap(), memory(&[("a.md", "# A\n")]));
}

#[test]
fn a_pull_can_be_stopped() {
    let (world, source, _) = setting();
    let sources = Sources::new(vec![source]);
    let result = pull::run(&sources, &world.reader, &world.writer, &|_| {}, &silent, &AtomicBool::new(true));
    assert!(matches!(result, Err(wakeful::sync::SyncError::Canceled)));
}
