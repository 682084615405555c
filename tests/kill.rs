//! Killed at any instant, nothing that was acknowledged is lost and nothing is half done.
//!
//! This test starts itself again as a child that decides, applies and takes back in a loop over a
//! real folder and says on its standard output what was acknowledged. It kills the child (SIGKILL)
//! two hundred times, each time after another number of lines and another number of idle turns, and
//! then looks at what is left: the cache, the trail, the documents.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use wakeful::domain::agent::Agent;
use wakeful::domain::clock::{Clock, SystemClock};
use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::Progress;
use wakeful::domain::ids::{DreamId, LessonId, content_id};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{ContentHash, Snapshot};
use wakeful::source::Source;
use wakeful::source::folder::Folder;
use wakeful::store::{self, ApplyAction, Ask, AuditQuery, Reader, Store, Writer};
use wakeful::sync::apply;
use wakeful::sync::{Context, Cuttings, undo};

#[path = "support/dreams.rs"]
mod dreams;

const KILLS: usize = 200;
/// The child finds its folder here; without it, it is the parent.
const CHILD: &str = "WAKEFUL_KILL_TEST_FOLDER";
const DOCUMENTS: [(&str, &str); 5] = [
    ("billing.md", "# Billing\n\n- Refunds are paid within @ working days.\n"),
    ("calls.md", "# Calls\n\n- Ring the customer back @ times before closing the case.\n"),
    ("git.md", "# Git\n\n- Squash a branch of more than @ commits before merging.\n"),
    ("index.md", "# Index\n\n- The portal has been at version @ since the last move.\n"),
    ("tools.md", "# Tools\n\n- Start the test database with @ workers.\n"),
];

struct World {
    source: Folder,
    agent: Agent,
    store: Store,
    writer: Writer,
    reader: Reader,
    cuttings: Cuttings,
}

impl World {
    fn open(folder: &Path) -> Self {
        let source = Folder::new(folder.join("bot"));
        let agent = source.agents().unwrap().remove(0);
        let store = Store::open(&folder.join("data/wakeful.db"), Arc::new(SystemClock)).unwrap();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        writer.put_agents(std::slice::from_ref(&agent)).unwrap();
        Self { source, agent, store, writer, reader, cuttings: Cuttings::new() }
    }

    fn context(&self) -> Context<'_> {
        Context {
            agent: &self.agent,
            source: &self.source,
            reader: &self.reader,
            writer: &self.writer,
            cuttings: &self.cuttings,
            by: "me",
        }
    }

    fn memory(&self) -> Snapshot {
        self.source.memory(&self.agent, &Snapshot::new()).unwrap().snapshot
    }

    /// A dream in which every document says another number.
    fn dream(&self, number: u64) -> Vec<LessonId> {
        let base = self.memory();
        let proposed: Snapshot = base
            .iter()
            .map(|(path, text)| {
                let template = DOCUMENTS.iter().find(|(name, _)| *name == path.relative()).unwrap().1;
                let new = template.replace('@', &number.to_string());
                (path.clone(), if *new == **text { template.replace('@', "no").into() } else { new.into() })
            })
            .collect();
        let started = SystemClock.now();
        let id = DreamId::new(content_id("drm", &[started.to_string().as_bytes(), &number.to_le_bytes()]));
        let lessons = dreams::propose(&self.writer, &self.agent, &id, started, (&base, &proposed), &[]);
        assert_eq!(lessons.len(), DOCUMENTS.len());
        lessons
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Says what was acknowledged. One write, so that a line is there whole or not at all.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n@{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Gives the parent moments to choose from inside an apply.
fn tell(progress: Progress) {
    say(&format!("{} {}", progress.stage, progress.done));
}

/// The child: decides, applies, takes back, until it is killed.
fn work(folder: &Path) {
    let world = World::open(folder);
    say("open");
    let context = world.context();
    if let Some(applied) = apply::resume(&context, &tell).unwrap() {
        say(&format!("ended {}", applied.apply.unwrap()));
    }
    for round in 0.. {
        let number = world.reader.dreams(None).unwrap().len() as u64 + 100 + round;
        let lessons = world.dream(number);
        say("dreamed");
        let fresh = lessons
            .iter()
            .filter(|lesson| world.reader.lesson(lesson).unwrap().unwrap().state != State::Applied);
        let mut new = 0;
        for (n, lesson) in fresh.enumerate() {
            let verdict = if n == 3 { Verdict::Reject } else { Verdict::Accept };
            let ask = Ask { lesson: lesson.clone(), verdict: verdict.clone(), reason: None };
            let decided = world.writer.decide(&[ask], "me").unwrap();
            // A lesson that stands so since an earlier life is not decided again.
            if let Some(batch) = decided.batch {
                say(&format!("decided {lesson} {} {batch}", verdict.as_str()));
                new += 1;
            }
        }
        if round % 3 == 1 && new > 0 {
            let undone = world.writer.undo_decision("me").unwrap().unwrap();
            say(&format!("undone {} {}", undone.changed[0].lesson, undone.batch));
            world.writer.redo_decision("me").unwrap();
            say("redone");
        }
        let plan = apply::plan(&context).unwrap();
        let applied = apply::run(&plan, &context, &tell).unwrap();
        say(&format!("ended {}", applied.apply.unwrap()));
        if round % 2 == 1 {
            let plan = undo::lesson(&context, &applied.lessons[0]).unwrap();
            let undone = apply::run(&plan, &context, &tell).unwrap();
            say(&format!("ended {}", undone.apply.unwrap()));
        }
    }
}

/// What the child acknowledged before it was killed.
fn kill_after(child: &mut Child, lines: u64, idle: u64) -> Vec<String> {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut said = Vec::new();
    let mut line = String::new();
    while (said.len() as u64) < lines {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child ended by itself after {said:?}");
        said.extend(line.trim_end().strip_prefix('@').map(str::to_owned));
    }
    for turn in 0..idle {
        std::hint::black_box(turn);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it said between our last look and its death counts as well, but for a line cut short.
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    let whole = rest.rfind('\n').map_or("", |end| &rest[..end]);
    said.extend(whole.lines().filter_map(|line| line.strip_prefix('@')).map(str::to_owned));
    said
}

/// Everything that must hold after a kill, before anything is resumed.
fn check_after_kill(world: &World, said: &[String]) {
    assert!(world.reader.check_integrity().unwrap().is_empty());
    assert_eq!(world.reader.audit_verify().unwrap(), None);
    for line in said {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["decided", lesson, verdict, batch] => {
                let decisions = world.reader.decisions(&LessonId::new(lesson)).unwrap();
                let kept = decisions.iter().any(|decision| {
                    decision.verdict.as_str() == verdict && decision.batch.to_string() == batch
                });
                assert!(kept, "lost: {line}");
            }
            ["ended", apply] => {
                let apply = world.reader.apply(&wakeful::domain::ids::ApplyId::new(apply)).unwrap().unwrap();
                assert!(apply.ended.is_some(), "lost: {line}");
            }
            _ => {}
        }
    }
    // Every document is whole: old text or new, by the journal of the apply that was cut off.
    let memory = world.memory();
    assert_eq!(memory.len(), DOCUMENTS.len(), "{memory:?}");
    let open = world.reader.unfinished_apply(&world.agent.id).unwrap();
    let last = world.reader.memory(&world.agent.id).unwrap();
    for (path, text) in memory.iter() {
        let hash = Some(ContentHash::of(text.as_bytes()));
        let step = open.as_ref().and_then(|open| {
            let steps = world.reader.apply_steps(&open.id).unwrap();
            steps.into_iter().find(|step| step.path == *path)
        });
        match step {
            Some(step) if step.progress == store::Progress::Written => assert_eq!(hash, step.content),
            Some(step) => assert!(hash == step.expected || hash == step.content, "{path} is torn: {text:?}"),
            None if open.is_some() => {}
            None => {
                // Between two applies: as the last one left it, or as it was when it was first read.
                let ended = world.reader.applies(None).unwrap();
                let known = last.as_ref().and_then(|memory| memory.get(path)) == Some(text)
                    || ended
                        .iter()
                        .any(|apply| world.reader.snapshot(apply.after).unwrap().get(path) == Some(text))
                    || ended.is_empty();
                assert!(known, "{path} is torn: {text:?}");
            }
        }
    }
}

/// Everything that must hold after what was cut off is finished.
fn check_after_resume(world: &World) {
    let memory = world.memory();
    assert_eq!(world.reader.unfinished_apply(&world.agent.id).unwrap(), None);
    let applies = world.reader.applies(Some(&world.agent.id)).unwrap();
    if let Some(last) = applies.first() {
        assert_eq!(memory, world.reader.snapshot(last.after).unwrap());
    }
    // Each write of each apply once, and each document of the journal written.
    let query = AuditQuery { action: Some("write".to_owned()), ..AuditQuery::default() };
    let mut rows: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in world.reader.audit(&query).unwrap() {
        let write = (row.entry.path.unwrap(), row.entry.before, row.entry.after);
        rows.entry(row.entry.apply.unwrap().to_string()).or_default().push(write);
    }
    for apply in &applies {
        let steps = world.reader.apply_steps(&apply.id).unwrap();
        assert!(steps.iter().all(|step| step.progress == store::Progress::Written));
        let wanted: BTreeSet<_> =
            steps.into_iter().map(|step| (step.path, step.expected, step.content)).collect();
        let found = rows.remove(apply.id.as_str()).unwrap_or_default();
        assert_eq!(found.len(), wanted.len(), "{} wrote something twice", apply.id);
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), wanted);
        if apply.action == ApplyAction::Apply {
            for lesson in world.reader.held_by(&apply.id).unwrap() {
                assert_eq!(world.reader.lesson(&lesson).unwrap().unwrap().state, State::Applied);
            }
        }
    }
    assert!(rows.is_empty());
    assert_eq!(world.reader.audit_verify().unwrap(), None);
}

fn child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed_at_any_moment_nothing_is_lost", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

fn prepare(folder: &Path) {
    let bot = folder.join("bot");
    std::fs::create_dir_all(bot.join("sessions")).unwrap();
    std::fs::create_dir_all(bot.join("memory")).unwrap();
    for (name, text) in DOCUMENTS {
        std::fs::write(bot.join("memory").join(name), text.replace('@', "seven")).unwrap();
    }
}

#[test]
fn killed_at_any_moment_nothing_is_lost() {
    if let Some(folder) = std::env::var_os(CHILD) {
        work(&PathBuf::from(folder));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path());
    let mut numbers = Numbers(0x5eed);
    let (mut cut_off, mut acknowledged) = (0, 0);
    for _ in 0..KILLS {
        let lines = 1 + numbers.below(30);
        let idle = numbers.below(1_500_000);
        let mut child = child(folder.path());
        let said = kill_after(&mut child, lines, idle);
        acknowledged += said.len();
        let world = World::open(folder.path());
        check_after_kill(&world, &said);
        if world.reader.unfinished_apply(&world.agent.id).unwrap().is_some() {
            cut_off += 1;
            // Half of them are finished here, half by the next child.
            if numbers.below(2) == 0 {
                apply::resume(&world.context(), &|_| {}).unwrap().unwrap();
                check_after_resume(&world);
            }
        } else {
            check_after_resume(&world);
        }
        drop(world.store);
    }
    // If no kill ever hit an apply, the test would prove little.
    assert!(cut_off >= KILLS / 20, "only {cut_off} of {KILLS} kills hit an apply");
    eprintln!("{KILLS} kills, {cut_off} in the middle of an apply, {acknowledged} acknowledgements");
}
