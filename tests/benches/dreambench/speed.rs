//! How fast sessions are parsed and mined, beside ripgrep and Python's json on the same bytes, and how long a whole
//! pass over 50 sessions of 1 MB takes. All in one run, by turns: ratios, not seconds, travel from machine to machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use wakeful::domain::agent::Agent;
use wakeful::domain::dream::{Progress, Window};
use wakeful::domain::memory::Snapshot;
use wakeful::domain::session::{Event, SessionMeta};
use wakeful::dream::offline::extract;
use wakeful::dream::{Corpus, Parameters, Request, offline};
use wakeful::source::claude_code::ClaudeCode;
use wakeful::source::{Source, describe, read_session};

/// What the engine looks for at the head of an answer, as one regular expression.
const ERROR_WORDS: &str = r"error:|error\[|fatal:|traceback|failed |err!|exception:|permission denied|no such file|timed out|exit code [1-9]";
/// Enough bytes that the start of a peer's process does not count.
const COPIES: usize = 20;

/// Rounds in which everything is timed once; the best of each counts.
const ROUNDS: usize = 5;

/// What one core does with real sessions, and others with the same bytes.
pub struct Mining {
    pub bytes: u64,
    pub parse: Duration,
    pub mine: Duration,
    /// `None` where it is not installed.
    pub ripgrep: Option<Duration>,
    pub python: Option<Duration>,
}

impl Mining {
    /// MB per second.
    pub fn rate(&self, took: Duration) -> f64 {
        self.bytes as f64 / 1e6 / took.as_secs_f64()
    }

    /// How fast mining is against that.
    pub fn against(&self, took: Duration) -> f64 {
        took.as_secs_f64() / self.mine.as_secs_f64()
    }
}

/// A whole pass, with the time that each stage took.
pub struct Pass {
    pub bytes: u64,
    pub took: Duration,
    pub copies: u32,
    pub lessons: usize,
    pub stages: Vec<(&'static str, Duration)>,
}

fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let project = shared.join("claude-code/projects/-Users-dev-Code-agents-md-evaluator");
    project.is_dir().then_some(project)
}

struct Files<'a> {
    source: &'a dyn Source,
    agent: &'a Agent,
}

impl Corpus for Files<'_> {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> std::io::Result<()> {
        read_session(self.source, self.agent, &session.files, sink).map_err(std::io::Error::other)
    }
}

fn only_agent(root: &Path) -> (ClaudeCode, Agent, Vec<SessionMeta>) {
    let source = ClaudeCode::new(root, Vec::new());
    let agent = source.agents().unwrap().remove(0);
    let found = source.sessions(&agent).unwrap();
    let sessions = found.iter().map(|found| describe(&source, &agent, found).unwrap().meta).collect();
    (source, agent, sessions)
}

/// Parses and mines real sessions on one core; `None` where they are absent.
pub fn mining() -> Option<Mining> {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("projects/-bench");
    std::fs::create_dir_all(&project).unwrap();
    let mut bytes = 0;
    for entry in std::fs::read_dir(shared()?).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if let Some(stem) = name.strip_suffix(".jsonl") {
            for copy in 0..COPIES {
                bytes += std::fs::copy(entry.path(), project.join(format!("{stem}-{copy}.jsonl"))).unwrap();
            }
        }
    }
    let (source, agent, sessions) = only_agent(folder.path());
    let corpus = Files { source: &source, agent: &agent };
    let parse = || {
        for session in &sessions {
            corpus.read(session, &mut |_, event| drop(std::hint::black_box(event))).unwrap();
        }
        true
    };
    let mine = || {
        for session in &sessions {
            std::hint::black_box(extract(session, &corpus).unwrap());
        }
        true
    };
    let ripgrep = || {
        let found = Command::new("rg").args(["-j1", "-c", "-i", ERROR_WORDS]).arg(&project).output();
        found.is_ok_and(|done| done.status.success())
    };
    let script = "import glob,json,sys\nfor f in glob.glob(sys.argv[1]+'/*.jsonl'):\n    \
                  for l in open(f,'rb'): json.loads(l)";
    let python = || {
        let done = Command::new("python3").args(["-c", script]).arg(&project).output();
        done.is_ok_and(|done| done.status.success())
    };
    let works: [&dyn Fn() -> bool; 4] = [&parse, &mine, &ripgrep, &python];
    let mut best: [Option<Duration>; 4] = [None; 4];
    for _ in 0..ROUNDS {
        for (work, best) in works.iter().zip(&mut best) {
            let start = Instant::now();
            if work() {
                let took = start.elapsed();
                *best = Some(best.map_or(took, |best| best.min(took)));
            }
        }
    }
    let [parse, mine, ripgrep, python] = best;
    Some(Mining { bytes, parse: parse?, mine: mine?, ripgrep, python })
}

/// The best of a few passes from cold over 50 sessions of 1 MB, as `dream run` makes them.
pub fn pass() -> Pass {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("projects/-made");
    std::fs::create_dir_all(&project).unwrap();
    for session in 0..50 {
        std::fs::write(project.join(format!("{}.jsonl", uuid(session, 0))), transcript(session)).unwrap();
    }
    let (source, agent, sessions) = only_agent(folder.path());
    let corpus = Files { source: &source, agent: &agent };
    let passes = (0..ROUNDS).map(|_| one_pass(&agent, &sessions, &corpus));
    passes.min_by_key(|pass| pass.took).unwrap()
}

fn one_pass(agent: &Agent, sessions: &[SessionMeta], corpus: &dyn Corpus) -> Pass {
    let bytes: u64 = sessions.iter().flat_map(|session| &session.files).map(|file| file.bytes).sum();
    let stages: Mutex<Vec<(&'static str, Instant)>> = Mutex::new(Vec::new());
    let start = Instant::now();
    let outcome = offline::run(&Request {
        agent,
        sessions,
        memory: &Snapshot::new(),
        ages: &offline::ages::Ages::default(),
        protected: &[],
        window: &Window::default(),
        parameters: &Parameters::default(),
        facts: &|session| extract(session, corpus),
        known: &|_| None,
        progress: &|Progress { stage, .. }| {
            let mut stages = stages.lock().unwrap();
            if stages.last().is_none_or(|(last, _)| *last != stage) {
                stages.push((stage, Instant::now()));
            }
        },
        cancel: &AtomicBool::new(false),
    })
    .unwrap();
    let end = Instant::now();
    let stages = stages.into_inner().unwrap();
    let ends = stages.iter().skip(1).map(|(_, at)| *at).chain(std::iter::once(end));
    Pass {
        bytes,
        took: end - start,
        copies: outcome.manifest.noise_copies,
        lessons: outcome.claims.len(),
        stages: stages.iter().zip(ends).map(|((stage, began), ended)| (*stage, ended - *began)).collect(),
    }
}

fn uuid(session: usize, record: usize) -> String {
    format!("{session:08x}-0000-4000-8000-{record:012x}")
}

/// About 1 MB of calls and answers: mostly output, now and then an error and what ended it.
fn transcript(session: usize) -> String {
    let mut out = String::with_capacity(1 << 20);
    let mut record = 0;
    let mut state = session as u64 + 1;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let day = 1 + session % 28;
    while out.len() < 1 << 20 {
        let fails = random(12) == 0;
        let task = random(40);
        let command = if fails { format!("make target{task}") } else { format!("make -j2 target{task}") };
        let words: String =
            (0..150).map(|_| format!("built module{} in {} ms\\n", random(900), random(5000))).collect();
        let result = if fails {
            format!("Exit code 2\\nmake: *** error: target{task} needs -j2\\n{words}")
        } else {
            words
        };
        let at =
            |record: usize| format!("2026-02-{day:02}T10:{:02}:{:02}.000Z", (record / 60) % 60, record % 60);
        let common = |record: usize| {
            format!(
                r#""uuid":"{}","sessionId":"{}","cwd":"/bench","version":"2.1.60","timestamp":"{}""#,
                uuid(session, record),
                uuid(session, 0),
                at(record)
            )
        };
        out.push_str(&format!(
            r#"{{"type":"assistant",{},"message":{{"id":"m{record}","role":"assistant","content":[{{"type":"tool_use","id":"t{session}-{record}","name":"Bash","input":{{"command":"{command}"}}}}]}}}}"#,
            common(record + 1)
        ));
        out.push('\n');
        out.push_str(&format!(
            r#"{{"type":"user",{},"message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t{session}-{record}","is_error":{fails},"content":"{result}"}}]}}}}"#,
            common(record + 2)
        ));
        out.push('\n');
        record += 2;
    }
    out
}
