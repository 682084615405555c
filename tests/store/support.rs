//! A cache in a temporary folder with an agent, and lessons to decide on.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tempfile::TempDir;
use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Manifest, Window};
use wakeful::domain::evidence::{Basis, Evidence, Origin, Place, QuoteStatus, Stance, Support, Tier};
use wakeful::domain::ids::{AgentId, DreamId, LessonId, SessionId};
use wakeful::domain::lesson::{Change, DocumentChange, Kind, Lesson, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::store::{Proposal, Reader, Store, Writer};

pub struct Cache {
    pub folder: TempDir,
    pub clock: Arc<FixedClock>,
    pub store: Store,
    pub writer: Writer,
    pub reader: Reader,
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Cache {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::new(moment("2026-03-02T08:00:00Z")));
        let store = Store::open(&folder.path().join("wakeful.db"), clock.clone()).unwrap();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        writer.put_agents(&[agent("bot")]).unwrap();
        Self { folder, clock, store, writer, reader }
    }

    pub fn path(&self) -> PathBuf {
        self.store.path().to_path_buf()
    }

    /// Closes the cache and opens it again, as a restart does.
    pub fn restart(self) -> Self {
        let Self { folder, clock, store, writer, reader } = self;
        let path = store.path().to_path_buf();
        drop((writer, reader, store));
        let store = Store::open(&path, clock.clone()).unwrap();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        Self { folder, clock, store, writer, reader }
    }

    /// Finishes a dream that proposes lessons with these names.
    pub fn dream(&self, id: &str, names: &[&str]) -> Dream {
        self.dream_over(id, names, Window::default(), None)
    }

    /// The same over a window in which so many sessions were, if that is known.
    pub fn dream_over(&self, id: &str, names: &[&str], window: Window, read: Option<u32>) -> Dream {
        let manifest = read.map(|read| Manifest {
            fitted: None,
            whole: false,
            engine: "offline/1".to_owned(),
            parameters: String::new(),
            corpus: String::new(),
            read: (0..read).map(|n| SessionId::new(format!("s{n}"))).collect(),
            excluded: Vec::new(),
            noise: None,
            noise_copies: 0,
            rules: None,
            remarks: Vec::new(),
        });
        let base = self.writer.put_snapshot(&Snapshot::new()).unwrap();
        let dream = Dream {
            id: DreamId::new(id),
            agent: AgentId::new("bot"),
            engine: Engine::Offline,
            status: DreamStatus::Completed,
            started: self.clock.now(),
            ended: Some(self.clock.now()),
            window,
            base,
            proposed: Some(base),
            manifest,
            error: None,
            model: None,
            instructions: None,
            remote: None,
            usage: None,
            estimate: None,
            cost: None,
        };
        let mut proposals: Vec<Proposal> =
            names.iter().enumerate().map(|(n, name)| proposal(id, name, n as u32)).collect();
        for proposal in &mut proposals {
            // A pass can't count more sessions than it read.
            let support = &mut proposal.lesson.support;
            let most = read.unwrap_or(u32::MAX);
            support.sessions = support.sessions.map(|sessions| sessions.min(most));
            support.exposed = support.exposed.map(|exposed| exposed.min(most));
        }
        self.writer.finish_dream(&dream, proposals, "wakeful").unwrap();
        dream
    }

    pub fn state(&self, name: &str) -> State {
        self.reader.lesson(&LessonId::new(name)).unwrap().unwrap().state
    }
}

pub fn agent(id: &str) -> Agent {
    Agent {
        id: AgentId::new(id),
        name: id.to_owned(),
        source: SourceKind::Folder,
        sessions_at: "sessions".to_owned(),
        memory_at: "memory".to_owned(),
        protected: Vec::new(),
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: wakeful::domain::outcome::Outcomes::default(),
    }
}

pub fn proposal(dream: &str, name: &str, position: u32) -> Proposal {
    let lesson = Lesson {
        id: LessonId::new(name),
        agent: AgentId::new("bot"),
        dream: DreamId::new(dream),
        kind: Kind::Add,
        topic: Topic::Mistake,
        statement: format!("Learn {name}"),
        proposed: None,
        state: State::Pending,
        edited: false,
        support: Support {
            basis: Basis::Verified,
            sessions: Some(10 + position),
            exposed: Some(50),
            contradict: 1,
            mention: 2,
            days: 6,
            users: 1,
            lower_bound: Some(0.25),
            checks: wakeful::domain::checks::Checks::default(),
        },
        tier: Tier::Established,
        marks: Vec::new(),
        documents: vec![DocumentChange { path: DocPath::new("notes.md").unwrap(), change: Change::Modified }],
        tokens: 38,
        cosmetic: false,
        position,
    };
    let evidence = vec![Evidence {
        place: Place {
            session: SessionId::new("s1"),
            file: "s1.jsonl".to_owned(),
            record: "r1".to_owned(),
            call: Some("c1".to_owned()),
            bytes: 10..20,
            at: Some(moment("2026-03-01T10:00:00.123456789Z")),
        },
        stance: Stance::Support,
        status: QuoteStatus::WrongRole,
        origin: Origin::Outside,
        quote: "it failed".to_owned(),
    }];
    Proposal { lesson, key: format!("{name}-key"), evidence }
}
