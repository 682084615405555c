//! A stand-in workspace with one agent and its memory, a cache, and the client between them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tempfile::TempDir;
use wakeful::domain::agent::Agent;
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::Progress;
use wakeful::domain::ids::{DreamId, LessonId};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::source::Source;
use wakeful::source::platform::{KeySource, Limits, Platform, RetryPolicy, Settings, Timeouts};
use wakeful::stand_in::{Actor, Fault, NewSession, Rule, Running, StandIn, Version, Workspace};
use wakeful::store::{Ask, AuditQuery, Reader, Store, Writer};
use wakeful::sync::apply::{self, Applied, Plan};
use wakeful::sync::{Context, Cuttings, SyncError};

use crate::dreams;

pub struct Desk {
    pub server: Running,
    pub platform: Platform,
    pub agent: Agent,
    /// The store's id on the platform.
    pub memory: String,
    pub clock: Arc<FixedClock>,
    pub writer: Writer,
    pub reader: Reader,
    pub cuttings: Cuttings,
    _store: Store,
    /// Removed when this is dropped.
    pub folder_kept: Option<TempDir>,
}

/// Settings that try again at once and do not wait long.
pub fn settings(url: &str) -> Settings {
    let mut settings = Settings::new("default", KeySource::given("sk-test")).at(url);
    settings.retry = RetryPolicy {
        first_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(2),
        longest_asked: Duration::from_millis(1500),
        ..RetryPolicy::default()
    };
    settings.timeouts = Timeouts {
        connect: Duration::from_secs(5),
        idle: Duration::from_millis(400),
        whole: Duration::from_millis(1500),
        stream_idle: Duration::from_secs(5),
    };
    settings.limits = Limits { reads_per_minute: 600_000, writes_per_minute: 600_000, ..Limits::default() };
    settings
}

pub fn path_of(path: &str) -> DocPath {
    DocPath::new(path).unwrap()
}

pub fn snapshot(documents: &[(&str, &str)]) -> Snapshot {
    documents.iter().map(|(path, text)| (path_of(path), (*text).into())).collect()
}

/// A workspace with one agent, one store with these memories, and one session that joins them.
pub fn workspace(clock: Arc<dyn Clock>, documents: &[(&str, &str)]) -> (Workspace, String) {
    let mut workspace = Workspace::new(Arc::clone(&clock));
    let agent = workspace.add_agent("bot", "claude-opus-5-5");
    let memory = workspace.add_store("Notes", "");
    for (path, text) in documents {
        workspace.put_memory(&memory, path, text, Actor::someone()).unwrap();
    }
    let session = NewSession { stores: vec![(memory.clone(), true)], ..NewSession::of(&agent, clock.now()) };
    workspace.add_session(session);
    (workspace, memory)
}

impl Desk {
    pub fn new(documents: &[(&str, &str)]) -> Self {
        let clock = Arc::new(FixedClock::new("2026-11-20T03:00:00Z".parse().unwrap()));
        let (workspace, memory) = workspace(clock.clone(), documents);
        let folder = tempfile::tempdir().unwrap();
        let server = StandIn::start(workspace).unwrap();
        let mut desk = Self::over(server, memory, clock, folder.path());
        desk.folder_kept = Some(folder);
        desk
    }

    /// With its cache in a folder that may have one already.
    pub fn over(server: Running, memory: String, clock: Arc<FixedClock>, folder: &Path) -> Self {
        let (platform, store) = open(server.url(), folder, clock.clone());
        let agent = platform.agents().unwrap().into_iter().find(|agent| agent.memory_at == memory).unwrap();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        writer.put_agents(std::slice::from_ref(&agent)).unwrap();
        Self {
            server,
            platform,
            agent,
            memory,
            clock,
            writer,
            reader,
            cuttings: Cuttings::new(),
            _store: store,
            folder_kept: None,
        }
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            agent: &self.agent,
            source: &self.platform,
            reader: &self.reader,
            writer: &self.writer,
            cuttings: &self.cuttings,
            by: "me",
        }
    }

    /// A dream from the memory as it is now to this one; gives its lessons in order.
    pub fn dream(&self, proposed: &[(&str, &str)]) -> Vec<LessonId> {
        self.clock.advance(SignedDuration::from_hours(1));
        let base = self.platform.memory(&self.agent, &Snapshot::new()).unwrap().snapshot;
        let id = DreamId::new(format!("drm_{}", self.clock.now().as_second()));
        let proposed = snapshot(proposed);
        dreams::propose(&self.writer, &self.agent, &id, self.clock.now(), (&base, &proposed), &[])
    }

    pub fn accept(&self, lessons: &[LessonId]) {
        let asks: Vec<Ask> = lessons
            .iter()
            .map(|lesson| Ask { lesson: lesson.clone(), verdict: Verdict::Accept, reason: None })
            .collect();
        self.writer.decide(&asks, "me").unwrap();
    }

    pub fn plan(&self) -> Plan {
        apply::plan(&self.context()).unwrap()
    }

    pub fn run(&self, plan: &Plan) -> Result<Applied, SyncError> {
        apply::run(plan, &self.context(), &silent)
    }

    pub fn resume(&self) -> Result<Option<Applied>, SyncError> {
        apply::resume(&self.context(), &silent)
    }

    pub fn state(&self, lesson: &LessonId) -> State {
        self.reader.lesson(lesson).unwrap().unwrap().state
    }

    /// What stands in the store on the server, byte for byte.
    pub fn there(&self) -> Vec<(String, String)> {
        self.server.workspace().memories(&self.memory).into_iter().collect()
    }

    /// Versions that the client's writes made.
    pub fn written(&self) -> Vec<Version> {
        let versions = self.server.workspace().versions(&self.memory);
        versions.into_iter().filter(|version| version.actor == Actor::caller()).collect()
    }

    /// Writes that the trail has.
    pub fn trail(&self) -> usize {
        let query = AuditQuery { action: Some("write".to_owned()), ..AuditQuery::default() };
        self.reader.audit(&query).unwrap().len()
    }

    pub fn someone_writes(&self, path: &str, text: &str) {
        self.server.workspace().put_memory(&self.memory, path, text, Actor::someone()).unwrap();
    }

    pub fn fault(&self, method: &str, path: &str, fault: Fault) {
        self.server.faults().add(Rule::on(path, fault).method(method));
    }
}

/// The client and the cache, as a child process opens them too.
pub fn open(url: &str, folder: &Path, clock: Arc<dyn Clock>) -> (Platform, Store) {
    let platform = Platform::new(settings(url), folder.join("transcripts"), clock.clone()).unwrap();
    (platform, Store::open(&folder.join("wakeful.db"), clock).unwrap())
}

pub fn silent(_: Progress) {}

/// Paths and texts as the server gives them.
pub fn texts(documents: &[(&str, &str)]) -> Vec<(String, String)> {
    documents
        .iter()
        .map(|(path, text)| (format!("/{}", path.trim_start_matches('/')), (*text).to_owned()))
        .collect()
}
