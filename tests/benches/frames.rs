//! How fast the console answers over a memory of fifty documents that all change: from opening the cache to the first
//! whole frame, and from a key to the frame that shows it. Prints a table; measures, never judges.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark stops if it must, and prints")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wakeful::config::Config;
use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::evidence::{Basis, Support, Tier};
use wakeful::domain::ids::{AgentId, DreamId};
use wakeful::domain::lesson::{Lesson, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::lesson::{cut, lesson_id};
use wakeful::run::ConsoleOptions;
use wakeful::run::headless::Headless;
use wakeful::source::Sources;
use wakeful::store::{Proposal, Store};
use wakeful::ui::theme::{Background, Depth, Name, Theme};

const DOCUMENTS: usize = 50;
const SECTIONS: usize = 100;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lessons = fill(folder.path());
    let mut opened = Duration::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        drop(open(folder.path()));
        opened = opened.min(started.elapsed());
    }
    println!("{lessons} lessons in the cache, 200x60");
    println!("open the cache, first whole frame      {opened:>9.1?}");
    let mut console = open(folder.path());
    for (what, keys) in [
        ("next lesson, with its text compared   ", ["j", "j"]),
        ("half a page down                      ", ["ctrl-d", "ctrl-d"]),
        ("accept, on disk, next lesson          ", ["a", "a"]),
        ("filter by one more letter             ", ["/", "\"r\""]),
        ("mark all, and take the marks off      ", ["esc", "*"]),
    ] {
        let mut worst = Duration::ZERO;
        for _ in 0..10 {
            for key in keys {
                let started = Instant::now();
                console.press(key).expect("no fault");
                worst = worst.max(started.elapsed());
            }
        }
        println!("{what} {worst:>9.1?} at worst");
    }
}

fn open(folder: &std::path::Path) -> Headless {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
    let options = ConsoleOptions {
        store: Store::open(&folder.join("wakeful.db"), Arc::clone(&clock)).expect("a cache"),
        sources: Sources::default(),
        config: Config::default(),
        prices: wakeful::sync::platform::prices::Prices::built_in(),
        clock,
        zone: TimeZone::UTC,
        state: folder.to_path_buf(),
        notices: Vec::new(),
        sync_at_start: false,
        dream_at_start: None,
        requests: wakeful::observe::Requests::default(),
    };
    let theme = Theme::load(Name::Dark, Background::Dark, Depth::Rgb, false);
    Headless::open(options, theme, (200, 60)).expect("a console")
}

fn now() -> Timestamp {
    "2026-03-03T09:41:00Z".parse().expect("a moment")
}

fn memory(with_lessons: bool) -> Snapshot {
    (0..DOCUMENTS)
        .map(|document| {
            let mut text = format!("# Document {document}\n");
            for section in 0..SECTIONS {
                text.push_str(&format!(
                    "\n## Section {section}\n\n- What was known of {section} in {document}.\n"
                ));
                if with_lessons {
                    text.push_str(&format!(
                        "- Call tool {section} with region {document} before case {section}.\n"
                    ));
                }
            }
            (DocPath::new(&format!("/notes/{document:02}.md")).expect("a path"), Arc::from(text))
        })
        .collect()
}

fn fill(folder: &std::path::Path) -> usize {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(now()));
    let store = Store::open(&folder.join("wakeful.db"), clock).expect("a cache");
    let writer = store.writer();
    let agent = Agent {
        id: AgentId::new("folder:bench"),
        name: "bench".to_owned(),
        source: SourceKind::Folder,
        sessions_at: "/none".to_owned(),
        memory_at: "/none".to_owned(),
        protected: Vec::new(),
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: wakeful::domain::outcome::Outcomes::default(),
    };
    let (base, proposed) = (memory(false), memory(true));
    writer.put_agents(std::slice::from_ref(&agent)).expect("written");
    writer.put_memory(&agent.id, &base, None).expect("written");
    let dream = Dream {
        id: DreamId::new("drm_bench"),
        agent: agent.id.clone(),
        engine: Engine::Offline,
        status: DreamStatus::Completed,
        started: now(),
        ended: Some(now()),
        window: Window::default(),
        base: writer.put_snapshot(&base).expect("written"),
        proposed: Some(writer.put_snapshot(&proposed).expect("written")),
        manifest: None,
        error: None,
        model: None,
        instructions: None,
        remote: None,
        usage: None,
        estimate: None,
        cost: None,
    };
    let proposals: Vec<Proposal> = cut(&base, &proposed)
        .lessons
        .into_iter()
        .enumerate()
        .map(|(position, cut)| Proposal {
            lesson: Lesson {
                id: lesson_id(&agent.id, &cut.key),
                agent: agent.id.clone(),
                dream: dream.id.clone(),
                kind: cut.kind,
                topic: Topic::Workflow,
                statement: cut.statement,
                proposed: None,
                state: State::Pending,
                edited: false,
                support: Support {
                    basis: Basis::Verified,
                    sessions: Some(10 + (position % 40) as u32),
                    exposed: Some(50),
                    contradict: 1,
                    mention: 2,
                    days: 9,
                    users: 3,
                    lower_bound: Some(0.4),
                    checks: wakeful::domain::checks::Checks::default(),
                },
                tier: Tier::Established,
                marks: Vec::new(),
                documents: cut.documents,
                tokens: cut.tokens,
                cosmetic: false,
                position: position as u32,
            },
            key: cut.key,
            evidence: Vec::new(),
        })
        .collect();
    let count = proposals.len();
    writer.finish_dream(&dream, proposals, "wakeful").expect("written");
    count
}
