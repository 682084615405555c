//! A workspace of the stand-in, a cache, and the platform between them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::TempDir;
use wakeful::domain::agent::Agent;
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::dream::Window;
use wakeful::domain::ids::AgentId;
use wakeful::source::platform::{KeySource, Platform, Settings};
use wakeful::source::{Source, Sources};
use wakeful::stand_in::{Actor, Events, NewSession, Running, StandIn, Workspace};
use wakeful::store::{Reader, Store, Writer};
use wakeful::sync::SyncError;
use wakeful::sync::platform::{Far, Options, Wish};
use wakeful::sync::pull::{self, PullReport};

pub struct World {
    pub folder: TempDir,
    pub clock: Arc<FixedClock>,
    pub server: Running,
    pub platform: Arc<Platform>,
    pub store: Store,
    pub writer: Writer,
    pub reader: Reader,
    pub options: Options,
    /// Ids in the workspace.
    pub bot: String,
    pub notes: String,
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl World {
    /// One agent, one store with two documents, and some sessions that mount it.
    pub fn new(sessions: usize) -> Self {
        Self::with(sessions, |_| {})
    }

    pub fn with(sessions: usize, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = Arc::new(FixedClock::new(moment("2026-11-20T08:00:00Z")));
        let mut workspace = Workspace::new(clock.clone());
        let bot = workspace.add_agent("support-bot", "claude-opus-5");
        let notes = workspace.add_store("Notes", "what the bot knows");
        let person = || Actor::User("user_01".to_owned());
        workspace.put_memory(&notes, "/notes.md", "# Notes\n\n- Be kind.\n", person()).unwrap();
        workspace.put_memory(&notes, "/git.md", "# Git\n\n- Commit often.\n", person()).unwrap();
        for n in 0..sessions {
            workspace.add_session(session(&bot, &notes, n));
        }
        let server = StandIn::start(workspace).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new("default", KeySource::given("k")).at(server.url());
        change(&mut settings);
        let transcripts = folder.path().join("transcripts");
        let platform = Arc::new(Platform::new(settings, transcripts, clock.clone()).unwrap());
        let store = Store::open(&folder.path().join("wakeful.db"), clock.clone()).unwrap();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        let options = Options::default();
        Self { folder, clock, server, platform, store, writer, reader, options, bot, notes }
    }

    /// Closes the cache and opens it again, as a restart does.
    pub fn restart(&mut self) {
        self.store = Store::open(&self.folder.path().join("wakeful.db"), self.clock.clone()).unwrap();
        (self.writer, self.reader) = (self.store.writer(), self.store.reader().unwrap());
    }

    pub fn sync(&self) -> PullReport {
        self.try_sync(&AtomicBool::new(false)).unwrap()
    }

    pub fn try_sync(&self, cancel: &AtomicBool) -> Result<PullReport, SyncError> {
        let sources = Sources::new(vec![Arc::clone(&self.platform) as Arc<dyn Source>]);
        pull::run_with(&sources, &self.reader, &self.writer, &self.options, &|_| {}, &|_| {}, cancel)
    }

    /// Has somebody else ask for a dream over all sessions, as scripted; gives its id there. Asked to, it writes into
    /// the store it reads.
    pub fn dream_elsewhere(&self, in_place: bool) -> String {
        let mut workspace = self.server.workspace();
        let mut body = json!({
            "inputs": [
                { "type": "memory_store", "memory_store_id": self.notes },
                { "type": "sessions", "session_ids": workspace.sessions() }
            ],
            "model": "claude-opus-5"
        });
        if in_place {
            body["output_behavior"] = json!({ "type": "update_existing", "memory_store_id": self.notes });
        }
        workspace.create_dream(&body).unwrap()["id"].as_str().unwrap().to_owned()
    }

    pub fn far(&self) -> Far<'_> {
        Far {
            platform: &self.platform,
            reader: &self.reader,
            writer: &self.writer,
            options: &self.options,
            by: "reviewer",
        }
    }

    pub fn agent_id(&self) -> AgentId {
        AgentId::new(format!("{}@{}", self.bot, self.notes))
    }

    pub fn agent(&self) -> Agent {
        self.reader.agent(&self.agent_id()).unwrap().unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The `n`-th session of the bot, an hour after the one before.
pub fn session(bot: &str, notes: &str, n: usize) -> NewSession {
    let created = moment("2026-01-01T00:00:00Z") + SignedDuration::from_hours(n as i64);
    let said =
        |kind: &str, text: &str| json!({ "type": kind, "content": [{ "type": "text", "text": text }] });
    let events = vec![
        said("user.message", "Run the tests, please."),
        json!({ "type": "agent.tool_use", "id": format!("sevt_{n}_use"), "name": "bash", "input": { "command": "make test" } }),
        json!({
            "type": "agent.tool_result",
            "id": format!("sevt_{n}_result"),
            "tool_use_id": format!("sevt_{n}_use"),
            "is_error": true,
            "content": [{ "type": "text", "text": "exit code 127: make: command not found" }]
        }),
        said("user.message", "Please use just test instead; make is not installed on these machines."),
        said("agent.message", "make is not installed; I used just test instead, and that passed."),
    ];
    NewSession {
        stores: vec![(notes.to_owned(), true)],
        events: Events::Given(events),
        title: Some(format!("Session {n}")),
        ..NewSession::of(bot, created)
    }
}

pub fn wish(last: u32) -> Wish {
    Wish {
        window: Window { last, ..Window::default() },
        model: "claude-opus-5".to_owned(),
        instructions: None,
        share: None,
        tell_rejections: true,
    }
}
