//! A small workspace with a server and a client for it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use wakeful::domain::clock::FixedClock;
use wakeful::domain::memory::{ContentHash, DocPath, Snapshot};
use wakeful::source::platform::{KeySource, Platform, RetryPolicy, Settings, Timeouts};
use wakeful::stand_in::{Actor, NewSession, Running, StandIn, Workspace};

pub const KEY: &str = "sk-test-0123456789abcdef";

pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-11-21T04:00:00Z".parse().unwrap()))
}

/// Settings that try again at once and lose patience soon.
pub fn settings(url: &str) -> Settings {
    let retry = RetryPolicy {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        longest_asked: Duration::from_secs(2),
        seed: 7,
        ..RetryPolicy::default()
    };
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        idle: Duration::from_millis(300),
        whole: Duration::from_millis(1500),
        stream_idle: Duration::from_secs(5),
    };
    Settings { retry, timeouts, ..Settings::new("default", KeySource::given(KEY)).at(url) }
}

pub struct World {
    pub server: Running,
    pub platform: Platform,
    /// Holds the transcripts, and goes with the world.
    _folder: tempfile::TempDir,
    pub agent: String,
    pub store: String,
}

/// One agent, one store with these documents, one session that mounts it.
pub fn world(documents: &[(&str, &str)]) -> World {
    let mut workspace = Workspace::new(clock());
    workspace.keys = vec![KEY.to_owned()];
    let agent = workspace.add_agent("reviewer", "claude-opus-5");
    let store = workspace.add_store("Team Notes", "");
    for (path, text) in documents {
        workspace.put_memory(&store, path, text, Actor::someone()).unwrap();
    }
    let created = workspace.now();
    workspace
        .add_session(NewSession { stores: vec![(store.clone(), true)], ..NewSession::of(&agent, created) });
    let server = StandIn::start(workspace).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let platform = platform(server.url(), folder.path());
    World { server, platform, _folder: folder, agent, store }
}

pub fn platform(url: &str, folder: &Path) -> Platform {
    Platform::new(settings(url), folder.join("transcripts"), clock()).unwrap()
}

impl World {
    pub fn someone_writes(&self, path: &str, text: &str) {
        self.server.workspace().put_memory(&self.store, path, text, Actor::someone()).unwrap();
    }

    pub fn stands(&self, path: &str) -> Option<String> {
        self.server.workspace().memories(&self.store).get(path).cloned()
    }
}

pub fn path(text: &str) -> DocPath {
    DocPath::new(text).unwrap()
}

pub fn hash(text: &str) -> ContentHash {
    ContentHash::of(text.as_bytes())
}

pub fn snapshot(documents: &[(&str, &str)]) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for (at, text) in documents {
        snapshot.insert(path(at), *text);
    }
    snapshot
}

pub fn fixture(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/api");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// What the index says of every fixture.
pub fn index() -> Vec<Value> {
    let index: Value = serde_json::from_str(&fixture("INDEX.json")).unwrap();
    index["fixtures"].as_array().unwrap().clone()
}
