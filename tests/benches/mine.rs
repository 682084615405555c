//! How fast sessions are parsed and mined, beside ripgrep and Python's json on the same bytes, and
//! how long a whole pass over 50 sessions of 1 MB takes. All in one run: ratios, not seconds, travel
//! from machine to machine. Peers that are not installed are left out and named.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark that can't go on should stop"
)]

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

fn main() {
    let folder = tempfile::tempdir().unwrap();
    match shared() {
        Some(shared) => mining(&shared, &folder.path().join("real")),
        None => println!("the shared transcripts are absent: mining is not compared with its peers"),
    }
    whole_pass(&folder.path().join("made"));
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

fn mining(shared: &Path, root: &Path) {
    let project = root.join("projects/-bench");
    std::fs::create_dir_all(&project).unwrap();
    let mut bytes = 0;
    for entry in std::fs::read_dir(shared).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if let Some(stem) = name.strip_suffix(".jsonl") {
            for copy in 0..COPIES {
                bytes += std::fs::copy(entry.path(), project.join(format!("{stem}-{copy}.jsonl"))).unwrap();
            }
        }
    }
    let (source, agent, sessions) = only_agent(root);
    let corpus = Files { source: &source, agent: &agent };
    let parsed = best(|| {
        for session in &sessions {
            corpus.read(session, &mut |_, event| drop(std::hint::black_box(event))).unwrap();
        }
    });
    let mined = best(|| {
        for session in &sessions {
            std::hint::black_box(extract(session, &corpus).unwrap());
        }
    });
    println!("{:.0} MB of real sessions, one core", bytes as f64 / 1e6);
    row("wakeful: parse", bytes, parsed, mined);
    row("wakeful: parse and mine", bytes, mined, mined);
    let ripgrep = || Command::new("rg").args(["-j1", "-c", "-i", ERROR_WORDS]).arg(&project).output();
    match ripgrep() {
        Ok(_) => row("ripgrep: search for error words", bytes, best(ripgrep), mined),
        Err(_) => println!("ripgrep is not installed"),
    }
    let script = "import glob,json,sys\nfor f in glob.glob(sys.argv[1]+'/*.jsonl'):\n    \
                  for l in open(f,'rb'): json.loads(l)";
    let python = || Command::new("python3").args(["-c", script]).arg(&project).output();
    match python() {
        Ok(done) if done.status.success() => row("python: json.loads", bytes, best(python), mined),
        _ => println!("python3 is not installed"),
    }
}

fn row(name: &str, bytes: u64, took: Duration, mined: Duration) {
    println!(
        "{name:<34} {:>8.0} MB/s   ratio of mining to this {:.2}",
        bytes as f64 / 1e6 / took.as_secs_f64(),
        took.as_secs_f64() / mined.as_secs_f64()
    );
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    (0..3)
        .map(|_| {
            let start = Instant::now();
            let result = work();
            let elapsed = start.elapsed();
            drop(result);
            elapsed
        })
        .min()
        .unwrap_or_default()
}

/// A pass from cold, as `dream run` makes it, with the time at which each stage began.
fn whole_pass(root: &Path) {
    let project = root.join("projects/-made");
    std::fs::create_dir_all(&project).unwrap();
    for session in 0..50 {
        std::fs::write(project.join(format!("{}.jsonl", uuid(session, 0))), transcript(session)).unwrap();
    }
    let (source, agent, sessions) = only_agent(root);
    let corpus = Files { source: &source, agent: &agent };
    let bytes: u64 = sessions.iter().flat_map(|session| &session.files).map(|file| file.bytes).sum();
    let stages: Mutex<Vec<(&'static str, Instant)>> = Mutex::new(Vec::new());
    let start = Instant::now();
    let outcome = offline::run(&Request {
        agent: &agent,
        sessions: &sessions,
        memory: &Snapshot::new(),
        protected: &[],
        window: &Window::default(),
        parameters: &Parameters::default(),
        facts: &|session| extract(session, &corpus),
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
    println!(
        "\n50 sessions, {:.0} MB, cold, with noise check on {} copies: {:.2?}, {} lessons proposed",
        bytes as f64 / 1e6,
        outcome.manifest.noise_copies,
        end - start,
        outcome.claims.len()
    );
    let stages = stages.into_inner().unwrap();
    let ends = stages.iter().skip(1).map(|(_, at)| *at).chain(std::iter::once(end));
    for ((stage, began), ended) in stages.iter().zip(ends) {
        println!("  {stage:<20} {:>8.0?}", ended - *began);
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
