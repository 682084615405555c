//! Memory through the one interface that the rest of the program uses.

use rstest::rstest;
use wakeful::domain::memory::Snapshot;
use wakeful::source::{Source, WriteError};
use wakeful::stand_in::{Fault, Rule};

use super::support::{World, hash, path, snapshot, world};

const MEMORIES: &str = "/v1/memory_stores/*/memories";
const MEMORY: &str = "/v1/memory_stores/*/memories/*";

fn agent(world: &World) -> wakeful::domain::agent::Agent {
    world.platform.agents().unwrap().into_iter().next().unwrap()
}

#[test]
fn only_what_changed_is_fetched() {
    let documents: Vec<(String, String)> =
        (0..150).map(|n| (format!("/notes/{n:03}.md"), format!("text {n}\r\n🙂"))).collect();
    let documents: Vec<(&str, &str)> = documents.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let world = world(&documents);
    let agent = agent(&world);
    assert_eq!(agent.id.as_str(), format!("{}@{}", world.agent, world.store));
    assert_eq!((agent.name.as_str(), agent.memory_at.as_str()), ("reviewer", world.store.as_str()));
    world.server.forget_requests();
    let first = world.platform.memory(&agent, &Snapshot::new()).unwrap();
    assert_eq!(first.snapshot, snapshot(&documents));
    // Two pages of names and hashes, then eight with contents: cheaper than 150 single ones.
    assert_eq!(world.server.requests().len(), 2 + 8);
    world.server.forget_requests();
    let same = world.platform.memory(&agent, &first.snapshot).unwrap();
    assert_eq!(same.snapshot, first.snapshot);
    assert_eq!(world.server.requests().len(), 2, "nothing changed, nothing is fetched");
    world.someone_writes("/notes/007.md", "changed");
    world.someone_writes("/new.md", "");
    world.server.forget_requests();
    let after = world.platform.memory(&agent, &first.snapshot).unwrap();
    assert_eq!(world.server.requests().len(), 2 + 2);
    assert_eq!(after.snapshot.get(&path("/notes/007.md")).map(AsRef::as_ref), Some("changed"));
    assert_eq!(after.snapshot.get(&path("/new.md")).map(AsRef::as_ref), Some(""));
    assert_eq!(after.snapshot.len(), 151);
}

#[test]
fn a_list_that_breaks_is_read_anew() {
    let documents: Vec<(String, String)> = (0..250).map(|n| (format!("/{n}.md"), n.to_string())).collect();
    let documents: Vec<(&str, &str)> = documents.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let world = world(&documents);
    let agent = agent(&world);
    world.server.faults().add(Rule::on(MEMORIES, Fault::ExpireCursors).after(1));
    let read = world.platform.memory(&agent, &Snapshot::new()).unwrap();
    assert_eq!(read.snapshot, snapshot(&documents));
    world.server.faults().add(Rule::on(MEMORIES, Fault::DuplicatePage).after(1));
    assert_eq!(world.platform.memory(&agent, &read.snapshot).unwrap().snapshot, snapshot(&documents));
}

#[test]
fn documents_are_made_changed_and_deleted_on_condition() {
    let world = world(&[("/a.md", "one")]);
    let agent = agent(&world);
    let write = |at: &str, expected: Option<&str>, content: Option<&str>| {
        world.platform.write(&agent, &path(at), expected.map(hash), content)
    };
    for _ in 0..2 {
        write("/a.md", Some("one"), Some("two")).unwrap();
        assert_eq!(world.stands("/a.md").as_deref(), Some("two"), "and once more changes nothing");
    }
    for _ in 0..2 {
        write("/deep/er/b.md", None, Some("")).unwrap();
        assert_eq!(world.stands("/deep/er/b.md").as_deref(), Some(""));
    }
    for _ in 0..2 {
        write("/a.md", Some("two"), None).unwrap();
        assert_eq!(world.stands("/a.md"), None);
    }
    let found = |result: Result<(), WriteError>| match result {
        Err(WriteError::Changed { found, .. }) => found,
        other => panic!("{other:?}"),
    };
    world.someone_writes("/c.md", "theirs");
    assert_eq!(found(write("/c.md", None, Some("mine"))), Some(hash("theirs")));
    assert_eq!(found(write("/c.md", Some("before"), Some("mine"))), Some(hash("theirs")));
    assert_eq!(found(write("/c.md", Some("before"), None)), Some(hash("theirs")));
    assert_eq!(found(write("/gone.md", Some("before"), Some("mine"))), None);
    assert_eq!(world.stands("/c.md").as_deref(), Some("theirs"));
    write("/gone.md", Some("before"), None).unwrap();
    // Nothing that the platform would refuse for its form is sent at all.
    world.server.forget_requests();
    let large = "x".repeat(102_401);
    assert!(matches!(write("/l.md", None, Some(&large)), Err(WriteError::Refused { .. })));
    let deep = "/a".repeat(21);
    assert!(matches!(write(&deep, None, Some("x")), Err(WriteError::Refused { .. })));
    assert!(world.server.requests().is_empty());
}

/// The three ways of writing, each with what stood there before and what shall stand there.
const WAYS: [(Option<&str>, Option<&str>); 3] =
    [(None, Some("mine")), (Some("before"), Some("mine")), (Some("before"), None)];

fn request_of(way: (Option<&str>, Option<&str>)) -> (&'static str, &'static str) {
    match way {
        (None, _) => ("POST", MEMORIES),
        (Some(_), Some(_)) => ("POST", MEMORY),
        (Some(_), None) => ("DELETE", MEMORY),
    }
}

/// What stands there is at every moment what was, or what shall be; an answer that is lost is found out.
#[rstest]
#[case(Fault::LostAnswer, true)]
#[case(Fault::ResetAfter, true)]
#[case(Fault::TruncatedJson, true)]
#[case(Fault::CutOff, true)]
#[case(Fault::Status(529, None), true)]
#[case(Fault::Status(429, Some(0)), true)]
#[case(Fault::Status(403, None), false)]
#[case(Fault::Status(401, None), false)]
#[case(Fault::Status(429, None), false)]
fn a_write_that_goes_wrong(#[case] fault: Fault, #[case] done: bool) {
    for way in WAYS {
        let before: Vec<(&str, &str)> = way.0.iter().map(|text| ("/a.md", *text)).collect();
        let world = world(&before);
        let agent = agent(&world);
        let (method, on) = request_of(way);
        world.server.faults().add(Rule::on(on, fault.clone()).method(method));
        let result = world.platform.write(&agent, &path("/a.md"), way.0.map(hash), way.1);
        assert_eq!(result.is_ok(), done, "{way:?}: {result:?}");
        let expected = if done { way.1 } else { way.0 };
        assert_eq!(world.stands("/a.md").as_deref(), expected, "{way:?}");
        if !done {
            world.platform.write(&agent, &path("/a.md"), way.0.map(hash), way.1).unwrap();
            assert_eq!(world.stands("/a.md").as_deref(), way.1);
        }
    }
}

/// A failure after which nothing is known but that it failed: it may be repeated, and is done once.
#[rstest]
#[case(Fault::ResetBefore)]
#[case(Fault::Silence)]
#[case(Fault::Status(500, None))]
fn a_write_that_was_not_made_can_be_repeated(#[case] fault: Fault) {
    for way in WAYS {
        let before: Vec<(&str, &str)> = way.0.iter().map(|text| ("/a.md", *text)).collect();
        let world = world(&before);
        let agent = agent(&world);
        let (method, on) = request_of(way);
        world.server.faults().add(Rule::on(on, fault.clone()).method(method).times(9));
        let error = world.platform.write(&agent, &path("/a.md"), way.0.map(hash), way.1).unwrap_err();
        assert!(error.is_passing(), "{way:?}: {error}");
        assert_eq!(world.stands("/a.md").as_deref(), way.0, "{way:?}");
        world.server.faults().clear();
        world.platform.write(&agent, &path("/a.md"), way.0.map(hash), way.1).unwrap();
        assert_eq!(world.stands("/a.md").as_deref(), way.1, "{way:?}");
    }
}

#[test]
fn somebody_who_writes_at_the_same_moment_is_not_overwritten() {
    for way in WAYS {
        let before: Vec<(&str, &str)> = way.0.iter().map(|text| ("/a.md", *text)).collect();
        let world = world(&before);
        let agent = agent(&world);
        let (method, on) = request_of(way);
        let theirs = Fault::Interfere("theirs".to_owned());
        world.server.faults().add(Rule::on(on, theirs).method(method));
        let result = world.platform.write(&agent, &path("/a.md"), way.0.map(hash), way.1);
        match result {
            Err(WriteError::Changed { found, .. }) => assert_eq!(found, Some(hash("theirs")), "{way:?}"),
            other => panic!("{way:?}: {other:?}"),
        }
        assert_eq!(world.stands("/a.md").as_deref(), Some("theirs"), "{way:?}");
    }
    // Somebody who wrote the very same is no conflict.
    let world = world(&[("/a.md", "before")]);
    let agent = agent(&world);
    let same = Fault::Interfere("mine".to_owned());
    world.server.faults().add(Rule::on(MEMORY, same).method("POST"));
    world.platform.write(&agent, &path("/a.md"), Some(hash("before")), Some("mine")).unwrap();
}

#[test]
fn agents_stand_for_pairs_and_know_whose_they_are() {
    let world = world(&[]);
    let (lonely, idle) = {
        let mut workspace = world.server.workspace();
        (workspace.add_store("Lonely", ""), workspace.add_agent("idle", "claude-opus-5"))
    };
    let agents = world.platform.agents().unwrap();
    let shown: Vec<(&str, &str, &str)> = agents
        .iter()
        .map(|agent| (agent.name.as_str(), agent.sessions_at.as_str(), agent.memory_at.as_str()))
        .collect();
    assert_eq!(shown.len(), 3, "{shown:?}");
    assert!(shown.contains(&("Lonely", "", lonely.as_str())));
    assert!(shown.contains(&("idle", idle.as_str(), "")));
    assert!(agents.iter().all(|agent| world.platform.owns(agent)));
    let mut strange = agents[0].clone();
    strange.id = wakeful::domain::ids::AgentId::new("work:agent_1");
    assert!(!world.platform.owns(&strange));
    assert!(world.platform.memory(&strange, &Snapshot::new()).is_err());
    let without = agents.iter().find(|agent| agent.memory_at.is_empty()).unwrap();
    assert!(world.platform.memory(without, &Snapshot::new()).unwrap().snapshot.is_empty());
    let refused = world.platform.write(without, &path("/a.md"), None, Some("x"));
    assert!(matches!(refused, Err(WriteError::Refused { .. })));
}
