//! How long the cache takes for what the console waits for: opening, the inbox, one lesson, one
//! decision; and a sync in which nothing changed. Prints a table; measures, never judges.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark stops if it must, and prints")]

#[path = "lessons.rs"]
mod lessons;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use lessons::{EVIDENCE, dream, proposal};
use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::clock::{Clock, SystemClock};
use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::{AgentId, LessonId};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::Snapshot;
use wakeful::source::Sources;
use wakeful::source::folder::Folder;
use wakeful::store::{Ask, LessonQuery, Proposal, Store};
use wakeful::sync::pull;

fn main() {
    for lessons in [5_000, 50_000] {
        lessons_table(lessons);
    }
    sync_table(2_000);
}

fn lessons_table(count: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("wakeful.db");
    let store = Store::open(&path, Arc::new(SystemClock)).expect("a new cache");
    let writer = store.writer();
    writer.put_agents(&[agent()]).expect("an agent");
    let base = writer.put_snapshot(&Snapshot::new()).expect("a snapshot");
    let proposals: Vec<Proposal> = (0..count).map(|n| proposal(&agent().id, n)).collect();
    let dream = dream(&agent().id, base, SystemClock.now());
    let start = Instant::now();
    writer.finish_dream(&dream, proposals, "bench").expect("a finished dream");
    let finished = start.elapsed();
    drop((writer, store));

    println!("{count} lessons waiting, {EVIDENCE} places each");
    println!("keep a finished dream       {finished:>10.1?}");
    let open = best(|| Store::open(&path, Arc::new(SystemClock)).expect("the cache"));
    println!("open the cache              {open:>10.1?}");
    let store = Store::open(&path, Arc::new(SystemClock)).expect("the cache");
    let (reader, writer) = (store.reader().expect("a reader"), store.writer());
    let pending = LessonQuery { states: vec![State::Pending, State::Conflict], ..LessonQuery::default() };
    let supported = LessonQuery { min_support: Some(40), ..pending.clone() };
    let text = LessonQuery { text: Some("number 77".to_owned()), ..pending.clone() };
    let id = LessonId::new("les_77");
    println!("list all of them            {:>10.1?}", best(|| reader.lessons(&pending).expect("lessons")));
    println!("list those with 40 or more  {:>10.1?}", best(|| reader.lessons(&supported).expect("lessons")));
    println!("find those with a text      {:>10.1?}", best(|| reader.lessons(&text).expect("lessons")));
    println!("one lesson with its places  {:>10.1?}", best(|| (reader.lesson(&id), reader.evidence(&id))));
    println!("status                      {:>10.1?}", best(|| reader.status(10).expect("the status")));
    let ask = [Ask { lesson: id, verdict: Verdict::Accept, reason: None }];
    println!(
        "decide one, on the disk     {:>10.1?}",
        best(|| writer.decide(&ask, "bench").expect("decided"))
    );
    let asks: Vec<Ask> = (0..1_000)
        .map(|n| Ask { lesson: LessonId::new(format!("les_{n}")), verdict: Verdict::Accept, reason: None })
        .collect();
    println!(
        "decide 1,000 as one batch   {:>10.1?}",
        best(|| writer.decide(&asks, "bench").expect("decided"))
    );
    println!(
        "undo them                   {:>10.1?}\n",
        best(|| writer.undo_decision("bench").expect("undone"))
    );
}

fn sync_table(sessions: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bot = folder.path().join("bot");
    std::fs::create_dir_all(bot.join("sessions")).expect("a folder");
    std::fs::create_dir_all(bot.join("memory")).expect("a folder");
    let line = "{\"type\":\"user\",\"uuid\":\"u\",\"sessionId\":\"s\",\"timestamp\":\"2026-03-01T10:00:00Z\",\
                \"message\":{\"role\":\"user\",\"content\":\"Please look at this again\"}}\n";
    for n in 0..sessions {
        std::fs::write(bot.join(format!("sessions/s{n}.jsonl")), line.repeat(100)).expect("a session");
    }
    let store = Store::open(&folder.path().join("wakeful.db"), Arc::new(SystemClock)).expect("a cache");
    let (reader, writer) = (store.reader().expect("a reader"), store.writer());
    let sources = Sources::new(vec![Arc::new(Folder::new(&bot))]);
    let stop = AtomicBool::new(false);
    let pull = || pull::run(&sources, &reader, &writer, &|_| {}, &|_| {}, &stop).expect("a sync");
    let start = Instant::now();
    assert_eq!(pull().read, sessions as u64, "every session is new");
    println!("first sync of {sessions} sessions  {:>10.1?}", start.elapsed());
    println!("second, nothing changed     {:>10.1?}", best(pull));
}

/// The best of five.
fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn agent() -> Agent {
    Agent {
        id: AgentId::new("bot"),
        name: "bot".to_owned(),
        source: SourceKind::Folder,
        sessions_at: String::new(),
        memory_at: String::new(),
        protected: Vec::new(),
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: wakeful::domain::outcome::Outcomes::default(),
    }
}
