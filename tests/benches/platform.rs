//! What it takes to sync a large workspace of the platform for the first time and again, and to fetch a
//! very long transcript: time, requests, and memory, beside `curl` fetching the same pages in the same
//! run. Prints a table; measures, never judges.
//!
//! Each row runs in a process of its own against a server in this one, so that the memory shown is the
//! program's and not the server's.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark stops if it must, and prints")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use wakeful::domain::clock::{FixedClock, SystemClock};
use wakeful::source::platform::{KeySource, Platform, Settings};
use wakeful::source::{Source, Sources};
use wakeful::stand_in::{Actor, Events, NewSession, Running, StandIn, Workspace};
use wakeful::store::Store;
use wakeful::sync::platform::Options;
use wakeful::sync::pull;

const SESSIONS: usize = 10_000;
const MEMORIES: usize = 2_000;
const TRANSCRIPT_EVENTS: u64 = 50_000;
const EVENT_BYTES: usize = 4_000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match (arguments.next(), arguments.next(), arguments.next(), arguments.next()) {
        (Some(what), Some(url), Some(folder), Some(session)) => {
            act(&what, &url, Path::new(&folder), &session);
        }
        _ => measure(),
    }
}

fn measure() {
    let (server, session) = workspace();
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!("a workspace of {SESSIONS} sessions and {MEMORIES} memories");
    let first = child(&server, "sync", folder.path(), &session);
    println!("first sync      {first}");
    println!("second sync     {}", child(&server, "sync", folder.path(), &session));
    let megabytes = TRANSCRIPT_EVENTS * EVENT_BYTES as u64 / 1_000_000;
    println!("a transcript of {megabytes} MB");
    println!("nothing fetched {}", child(&server, "nothing", folder.path(), &session));
    let fetched = child(&server, "transcript", folder.path(), &session);
    println!("fetch it        {fetched}");
    match curl(&server, &session) {
        Some(time) => println!(
            "curl, same pages {:>7.2} s   ratio {:.2}",
            time.as_secs_f64(),
            time.as_secs_f64() / fetched.time.as_secs_f64()
        ),
        None => println!("curl is not installed: no peer to compare with"),
    }
}

fn workspace() -> (Running, String) {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a moment");
    let clock = Arc::new(FixedClock::new(start + SignedDuration::from_hours(24 * 400)));
    let mut workspace = Workspace::new(clock);
    let agent = workspace.add_agent("support-bot", "claude-opus-5");
    let store = workspace.add_store("Notes", "");
    for number in 0..MEMORIES {
        let text = format!("# Note {number}\n\n- {}\n", "Refunds take five days. ".repeat(20));
        let path = format!("/notes/{:02}/{number:04}.md", number % 50);
        workspace.put_memory(&store, &path, &text, Actor::User("user_01".to_owned())).expect("a memory");
    }
    let mut add = |number: usize, events: Events| {
        workspace.add_session(NewSession {
            stores: vec![(store.clone(), true)],
            title: Some(format!("Session {number}")),
            events,
            ..NewSession::of(&agent, start + SignedDuration::from_mins(number as i64))
        })
    };
    for number in 0..SESSIONS - 1 {
        add(number, Events::default());
    }
    let long = add(SESSIONS - 1, Events::Made { count: TRANSCRIPT_EVENTS, bytes: EVENT_BYTES });
    (StandIn::start(workspace).expect("a server"), long)
}

/// What one process took.
struct Taken {
    time: Duration,
    requests: usize,
    peak: u64,
}

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, megabytes) = (self.time.as_secs_f64(), self.peak / 1024);
        write!(f, "{seconds:>7.2} s {:>6} requests {megabytes:>5} MB at most", self.requests)
    }
}

fn child(server: &Running, what: &str, folder: &Path, session: &str) -> Taken {
    server.forget_requests();
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([what, server.url(), &folder.to_string_lossy(), session])
        .output()
        .expect("a child");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(|word| word.parse::<u64>().expect("a number"));
    let mut next = || numbers.next().expect("two numbers");
    Taken { time: Duration::from_micros(next()), peak: next(), requests: server.requests().len() }
}

/// In the child: does it, and prints microseconds and the peak of memory in kB.
fn act(what: &str, url: &str, folder: &Path, session: &str) {
    let start = Instant::now();
    let mut settings = Settings::new("default", KeySource::given("k")).at(url);
    // What the work takes, not what the platform allows: by default requests keep to its limits.
    settings.limits.reads_per_minute = u32::MAX;
    let clock = Arc::new(SystemClock);
    let platform = Platform::new(settings, folder.join("transcripts"), clock.clone()).expect("a client");
    let platform = Arc::new(platform);
    match what {
        "sync" => {
            let store = Store::open(&folder.join("wakeful.db"), clock).expect("a cache");
            let sources = Sources::new(vec![Arc::clone(&platform) as Arc<dyn Source>]);
            let (reader, cancel) = (store.reader().expect("a reader"), AtomicBool::new(false));
            let options = Options::default();
            let (writer, adjust, progress) = (store.writer(), |_: &mut _| {}, |_| {});
            let report = pull::run_with(&sources, &reader, &writer, &options, &adjust, &progress, &cancel);
            let report = report.expect("a sync");
            assert_eq!((report.sessions as usize, report.problems), (SESSIONS, Vec::new()));
        }
        "transcript" => drop(platform.fetch_transcript(session).expect("a transcript")),
        _ => {}
    }
    println!("{} {}", start.elapsed().as_micros(), peak());
}

/// The most memory this process held, in kB; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// `curl` over the same pages, one connection, thrown away.
fn curl(server: &Running, session: &str) -> Option<Duration> {
    let pages: Vec<String> = server
        .requests()
        .of("GET", &format!("/v1/sessions/{session}/events"))
        .iter()
        .map(|request| format!("{}{}?{}", server.url(), request.path, request.query))
        .collect();
    let mut command = Command::new("curl");
    command.args(["-s", "-H", "authorization: Bearer k", "-H", "anthropic-version: 2026-10-21"]);
    command.args(["-H", "anthropic-beta: managed-agents-2026-04-01", "--compressed"]);
    for page in pages {
        command.args(["-o", "/dev/null", "--globoff", &page]);
    }
    let start = Instant::now();
    command.status().ok()?.success().then(|| start.elapsed())
}
