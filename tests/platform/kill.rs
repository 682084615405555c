//! The real program, killed without warning while it syncs with the platform and writes to it: the store
//! ends exactly as decided, and each write is made once.
//!
//! The parent runs the stand-in, prepares what is to be written, and kills the child after another number
//! of requests each time; the record of requests and the versions of the memories tell what was done.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use jiff::SignedDuration;
use wakeful::domain::clock::FixedClock;
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::Snapshot;
use wakeful::source::Source;
use wakeful::stand_in::{Actor, NewSession, StandIn};

use crate::desk::{Desk, path_of, workspace};

const KILLS: usize = 200;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_wakeful"))
        .env_clear()
        .env("HOME", folder)
        .env("ANTHROPIC_API_KEY", "sk-test")
        .arg("--config")
        .arg(folder.join("config.toml"))
        .arg("--data-dir")
        .arg(folder.join("data"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills the child after so many more requests; says whether it was alive by then.
fn kill_after(desk: &Desk, child: &mut Child, requests: usize, idle: u64) -> bool {
    let target = desk.server.requests().len() + requests;
    while desk.server.requests().len() < target {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    for turn in 0..idle {
        std::hint::black_box(turn);
    }
    let alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    alive
}

fn finish(folder: &Path, arguments: &[&str]) {
    let done = start(folder, arguments).wait_with_output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// What the memory shall be in a round: every document says another number, one moves, one comes
/// and goes.
fn wanted(round: u64) -> Vec<(String, String)> {
    let mut documents: Vec<(String, String)> = ["billing", "calls", "git", "index"]
        .iter()
        .map(|name| (format!("/{name}.md"), format!("# {name}\n\n- The number of the day is {round}.\n")))
        .collect();
    let tools = "# Tools\n\n- Start the test database with `make db`.\n- Stop it with `make stop`.\n";
    documents.push((format!("/workshop/tools-{round}.md"), tools.to_owned()));
    if round % 2 == 1 {
        documents.push(("/visitor.md".to_owned(), format!("# Visitor\n\n- Came in round {round}.\n")));
    }
    documents.sort();
    documents
}

fn borrowed(documents: &[(String, String)]) -> Vec<(&str, &str)> {
    documents.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

#[test]
fn killed_at_any_moment_the_store_ends_as_decided_and_each_write_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let clock = Arc::new(FixedClock::new("2026-11-20T03:00:00Z".parse().unwrap()));
    let first = wanted(0);
    let (mut workspace, memory) = workspace(clock.clone(), &borrowed(&first));
    let agent = workspace.sessions().len();
    assert_eq!(agent, 1);
    workspace.add_store("Another", "");
    let server = StandIn::start(workspace).unwrap();
    let config = format!(
        "[sources]\nclaude-code = []\nfolders = []\n[platform.default]\nbase-url = \"{}\"\n",
        server.url()
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let desk = Desk::over(server, memory, clock, &folder.path().join("data"));
    let mut numbers = Numbers(0x5eed);
    let (mut kills, mut in_writing, mut in_sync, mut round) = (0, 0, 0, 0);
    while kills < KILLS {
        round += 1;
        // Someone else adds a session, so that there is something to sync.
        let created = desk.server.workspace().now();
        desk.server.workspace().add_session(NewSession {
            stores: vec![(desk.memory.clone(), true)],
            ..NewSession::of(&desk.agent.sessions_at, created)
        });
        let documents = wanted(round);
        let lessons = desk.dream(&borrowed(&documents));
        desk.accept(&lessons);
        let plan = desk.plan();
        assert_eq!((plan.lessons.len(), plan.conflicts.len(), plan.blocked.len()), (lessons.len(), 0, 0));
        // A move is one write.
        let writes = plan.documents.len() - 1;
        let before = desk.written().len();
        for _ in 0..2 {
            let mut child = start(folder.path(), &["sync"]);
            let (requests, idle) = (1 + numbers.below(6) as usize, numbers.below(400_000));
            if kill_after(&desk, &mut child, requests, idle) {
                kills += 1;
                in_sync += 1;
            }
            assert!(desk.reader.check_integrity().unwrap().is_empty());
        }
        for _ in 0..6 {
            let mut child = start(folder.path(), &["apply", "--yes"]);
            let (requests, idle) = (1 + numbers.below(12) as usize, numbers.below(400_000));
            if kill_after(&desk, &mut child, requests, idle) {
                kills += 1;
            }
            let open = desk.reader.unfinished_apply(&desk.agent.id).unwrap();
            in_writing += usize::from(open.is_some());
            assert!(desk.reader.check_integrity().unwrap().is_empty());
            assert_eq!(desk.reader.audit_verify().unwrap(), None);
            // Whatever stands there is one of the two texts, whole.
            let old = wanted(round - 1);
            for found in desk.there() {
                assert!(old.contains(&found) || documents.contains(&found), "torn: {found:?}");
            }
        }
        finish(folder.path(), &["apply", "--yes"]);
        assert_eq!(desk.there(), documents);
        assert_eq!(desk.written().len() - before, writes, "each write once in round {round}");
        assert_eq!(desk.reader.unfinished_apply(&desk.agent.id).unwrap(), None);
        assert!(lessons.iter().all(|lesson| desk.state(lesson) == State::Applied));
        assert_eq!(desk.reader.audit_verify().unwrap(), None);
        desk.clock.advance(SignedDuration::from_mins(1));
    }
    // Someone else's change while nothing ran is found by the next sync, which was killed often before.
    desk.server.workspace().put_memory(&desk.memory, "/index.md", "theirs\n", Actor::someone()).unwrap();
    finish(folder.path(), &["sync"]);
    let cached = desk.reader.memory(&desk.agent.id).unwrap().unwrap();
    assert_eq!(cached, desk.platform.memory(&desk.agent, &Snapshot::new()).unwrap().snapshot);
    assert_eq!(cached.get(&path_of("/index.md")).map(|text| &**text), Some("theirs\n"));
    // If no kill ever hit an apply, the test would prove little.
    assert!(in_writing >= KILLS / 20, "only {in_writing} of {kills} kills hit an apply");
    eprintln!("{kills} kills in {round} rounds, {in_sync} in a sync, {in_writing} left an apply open");
}

#[test]
fn a_large_store_is_read_on_where_a_kill_cut_it_off() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new("2026-11-20T03:00:00Z".parse().unwrap()));
    let documents: Vec<(String, String)> =
        (0..400).map(|n| (format!("/notes/{n:03}.md"), format!("# Note {n}\n\n- Number {n}.\n"))).collect();
    let (workspace, _) = workspace(clock, &borrowed(&documents));
    let server = StandIn::start(workspace).unwrap();
    let config = format!(
        "[sources]\nclaude-code = []\nfolders = []\n[platform.default]\nbase-url = \"{}\"\n",
        server.url()
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let pages = || {
        let requests = server.requests();
        let listed = requests.of("GET", "/v1/memory_stores/*/memories");
        listed.iter().filter(|request| request.query.contains("view=full")).count()
    };
    // Twenty pages of twenty; killed after the seventh was asked for, and again after seven more.
    for kill in 1..=2 {
        let mut child = start(folder.path(), &["sync"]);
        while pages() < 7 * kill {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    finish(folder.path(), &["sync"]);
    // Only the page that was under way at each kill is asked for twice.
    assert!((20..=22).contains(&pages()), "{} pages", pages());
    let singles = server.requests().count("GET", "/v1/memory_stores/*/memories/*");
    assert_eq!(singles, 0);
    let store = wakeful::store::Store::open(
        &folder.path().join("data/wakeful.db"),
        Arc::new(wakeful::domain::clock::SystemClock),
    )
    .unwrap();
    let reader = store.reader().unwrap();
    let agent = reader.agents().unwrap().into_iter().find(|agent| !agent.memory_at.is_empty()).unwrap();
    let cached = reader.memory(&agent.id).unwrap().unwrap();
    assert_eq!(cached.len(), 400);
    assert_eq!(
        cached.get(&path_of("/notes/399.md")).map(|text| &**text),
        Some("# Note 399\n\n- Number 399.\n")
    );
    let before = pages();
    finish(folder.path(), &["sync"]);
    assert_eq!(pages(), before, "an unchanged store is not read again");
}
