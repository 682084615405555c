//! Sessions made from a seed, event by event.
//!
//! Owns: fifty sessions of six people with ordinary work and ordinary errors in them, and putting more
//! into any of them. Must not know: which of it ought to become a lesson.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};
use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::dream::Window;
use wakeful::domain::ids::{AgentId, SessionId};
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::domain::session::{Event, EventKind, SessionMeta};
use wakeful::dream::{self, Outcome, Parameters, Request, offline};
use wakeful::evidence::noise::Dice;

/// Sessions in a corpus.
pub const SESSIONS: usize = 50;

/// What is done between other things.
pub const ACTIONS: [&str; 12] = [
    "git stash",
    "git fetch",
    "npm audit",
    "make clean",
    "docker ps",
    "redis ping",
    "cargo tree",
    "go env",
    "pip freeze",
    "brew doctor",
    "kubectl get",
    "terraform version",
];

/// Programs whose errors come and go without a lesson in them.
const BACKGROUND: [&str; 40] = [
    "amber", "basil", "cedar", "delta", "ember", "fable", "grain", "hazel", "index", "jolly", "karma",
    "lemon", "maple", "north", "ocean", "pearl", "quart", "river", "stone", "tiger", "umber", "vivid",
    "wheat", "xenon", "young", "zebra", "alder", "birch", "coral", "dough", "eagle", "flint", "goose",
    "heron", "ivory", "jumbo", "koala", "lilac", "mango", "nylon",
];

/// Sessions with their events and a memory.
pub struct Corpus {
    metas: Vec<SessionMeta>,
    events: BTreeMap<SessionId, Vec<Event<'static>>>,
    pub memory: Snapshot,
    pub dice: Dice,
}

impl dream::Corpus for Corpus {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        self.events[&session.id].iter().for_each(|event| sink("s.jsonl", event.clone()));
        Ok(())
    }
}

impl Corpus {
    /// Fifty sessions, two a day, with ten ordinary commands each and forty errors that nothing in
    /// particular ends: most of them rare, a few common (Pareto).
    pub fn new(purpose: &str, seed: u32) -> Self {
        let mut corpus = Self {
            metas: Vec::new(),
            events: BTreeMap::new(),
            memory: Snapshot::new(),
            dice: Dice::new("dreambench", purpose, seed),
        };
        for number in 0..SESSIONS {
            corpus.open(number);
        }
        for name in BACKGROUND {
            let shown = (2.0 / (0.04 + corpus.dice.below(1_000) as f64 / 1_000.0)) as usize;
            for _ in 0..shown.min(20) {
                let session = corpus.dice.below(SESSIONS);
                for _ in 0..=corpus.dice.below(2) {
                    corpus.stumble(session, name);
                }
            }
        }
        corpus
    }

    fn open(&mut self, number: usize) {
        let id = SessionId::new(format!("s{number:02}"));
        let started: Timestamp = "2026-01-01T08:00:00Z".parse().unwrap();
        self.metas.push(SessionMeta {
            id: id.clone(),
            agent: AgentId::new("folder:planted"),
            files: vec![],
            title: String::new(),
            started: Some(started + SignedDuration::from_hours(12 * number as i64)),
            ended: None,
            events: 0,
            calls: 0,
            errors: 0,
            skipped: vec![],
            user: Some(format!("u{}", person(number))),
            segment: None,
            chain: None,
            remote: None,
        });
        self.events.insert(id, Vec::new());
        self.user(number, "please go on with the work on the billing service");
        for _ in 0..10 {
            let action = self.action();
            self.shell(number, action, Ok("fine"));
        }
    }

    /// An error, an unrelated command after it, and perhaps a retry that works.
    fn stumble(&mut self, session: usize, name: &str) {
        let (line, error) = (format!("{name} run"), error_of(name));
        self.shell(session, &line, Err(&error));
        for _ in 0..3 {
            let action = self.action();
            self.shell(session, action, Ok("fine"));
            let helped = self.dice.chance(0.3);
            self.shell(session, &line, if helped { Ok("fine") } else { Err(&error) });
            if helped {
                return;
            }
        }
    }

    /// An ordinary command; some are used far more than others (Zipf).
    pub fn action(&mut self) -> &'static str {
        let mut index = 0;
        while index + 1 < ACTIONS.len() && self.dice.chance(0.6) {
            index += 1;
        }
        ACTIONS[index]
    }

    /// All sessions in random order.
    pub fn shuffled(&mut self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..SESSIONS).collect();
        self.dice.shuffle(&mut order);
        order
    }

    pub fn user(&mut self, session: usize, text: &str) {
        self.push(session, EventKind::User, None, None, text, false);
    }

    pub fn assistant(&mut self, session: usize, text: &str) {
        self.push(session, EventKind::Assistant, None, None, text, false);
    }

    pub fn injected(&mut self, session: usize, text: &str) {
        self.push(session, EventKind::Injected, None, None, text, false);
    }

    /// A command and its answer; `Err` is one marked as failed.
    pub fn shell(&mut self, session: usize, line: &str, answer: Result<&str, &str>) {
        let input = serde_json::json!({ "command": line }).to_string();
        self.tool(session, "Bash", &input, answer);
    }

    pub fn tool(&mut self, session: usize, tool: &str, input: &str, answer: Result<&str, &str>) {
        let call = format!("s{session:02}-c{}", self.events[&self.metas[session].id].len());
        self.push(session, EventKind::ToolCall, Some(&call), Some(tool), input, false);
        let (text, failed) = answer.map_or_else(|text| (text, true), |text| (text, false));
        self.push(session, EventKind::ToolResult, Some(&call), None, text, failed);
    }

    fn push(
        &mut self,
        session: usize,
        kind: EventKind,
        call: Option<&str>,
        tool: Option<&str>,
        text: &str,
        is_error: bool,
    ) {
        let meta = &self.metas[session];
        let events = self.events.get_mut(&meta.id).unwrap();
        let index = events.len() as u64;
        events.push(Event {
            kind,
            record: format!("{}-{index}", meta.id).into(),
            call: call.map(|call| call.to_owned().into()),
            tool: tool.map(|tool| tool.to_owned().into()),
            at: meta.started.map(|at| at + SignedDuration::from_secs(index as i64)),
            bytes: index * 100..index * 100 + 99,
            text: text.to_owned().into(),
            is_error,
            sidechain: false,
            cwd: None,
        });
    }

    /// Makes some sessions one chain, as resumes of one another are.
    pub fn join(&mut self, sessions: &[usize], name: &str) {
        for &session in sessions {
            self.metas[session].chain = Some(name.to_owned());
        }
    }

    /// Makes a session one person's.
    pub fn belongs_to(&mut self, session: usize, who: usize) {
        self.metas[session].user = Some(format!("u{who}"));
    }

    /// Names a session's segment.
    pub fn label(&mut self, session: usize, segment: &str) {
        self.metas[session].segment = Some(segment.to_owned());
    }

    pub fn remember(&mut self, path: &str, text: &str) {
        self.memory.insert(DocPath::new(path).unwrap(), text);
    }

    /// All turns, calls and answers of a session as they stand.
    pub fn events(&self, session: usize) -> &[Event<'static>] {
        &self.events[&self.metas[session].id]
    }

    /// A pass with the default gates over this corpus, its sessions handed over in the given order.
    pub fn dream(&self, noise_copies: u32, order: Option<&[usize]>) -> Outcome {
        let sessions: Vec<SessionMeta> = match order {
            Some(order) => order.iter().map(|&at| self.metas[at].clone()).collect(),
            None => self.metas.clone(),
        };
        offline::run(&Request {
            agent: &agent(),
            sessions: &sessions,
            memory: &self.memory,
            protected: &[],
            ages: &offline::ages::Ages::default(),
            window: &Window::default(),
            parameters: &Parameters { noise_copies, ..Parameters::default() },
            facts: &|session| offline::extract(session, self),
            known: &|_| None,
            progress: &|_| {},
            cancel: &AtomicBool::new(false),
        })
        .unwrap()
    }
}

fn agent() -> Agent {
    Agent {
        id: AgentId::new("folder:planted"),
        name: "planted".into(),
        source: SourceKind::Folder,
        sessions_at: String::new(),
        memory_at: String::new(),
        protected: vec![],
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: wakeful::domain::outcome::Outcomes::default(),
    }
}

/// What a program says when it fails.
pub fn error_of(name: &str) -> String {
    format!("Exit code 1\nerror: nothing works without {name}")
}

/// Whose session it is. Half of all sessions are one person's.
pub fn person(session: usize) -> usize {
    [0, 1, 0, 2, 0, 3, 0, 1, 0, 4, 0, 1, 0, 2, 0, 5][session % 16]
}

/// Sessions of one person.
pub fn sessions_of(who: usize) -> BTreeSet<usize> {
    (0..SESSIONS).filter(|&session| person(session) == who).collect()
}
