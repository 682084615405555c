//! A pass from sessions to lessons, over the fake source and, where they are at hand, real sessions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wakeful::domain::agent::Agent;
use wakeful::domain::dream::{DreamStatus, Window};
use wakeful::domain::evidence::{Basis, Stance};
use wakeful::domain::ids::{DreamId, LessonId, SessionId};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::Snapshot;
use wakeful::dream::Parameters;
use wakeful::source::claude_code::ClaudeCode;
use wakeful::source::fake::Fake;
use wakeful::source::{Source, Sources};
use wakeful::store::LessonQuery;
use wakeful::sync::dream::Reading;
use wakeful::sync::{Context, SyncError, apply, dream, pull, undo};

use super::support::{Counting, World, memory, silent};

fn pull<S: Source + 'static>(world: &World, source: &Arc<Counting<S>>) -> pull::PullReport {
    let sources = Sources::new(vec![source.clone()]);
    pull::run(&sources, &world.reader, &world.writer, &|_| {}, &silent, &AtomicBool::new(false)).unwrap()
}

fn run<S: Source>(
    world: &World,
    source: &Counting<S>,
    agent: &Agent,
    cancel: bool,
) -> Result<DreamId, SyncError> {
    let context = Context { agent, source, ..world.context() };
    dream::run(
        &context,
        &Window::default(),
        &Parameters::default(),
        Reading::Asking,
        &silent,
        &AtomicBool::new(cancel),
    )
}

fn setting() -> (World, Arc<Counting<Fake>>, Agent) {
    let world = World::new(&[]);
    let source = Arc::new(Counting::of(Fake::new()));
    let agent = source.source.add_agent("real", memory(&[("notes.md", "# Notes\n\n- one\n")]));
    for n in 0..4 {
        let line = format!(
            "{{\"type\":\"user\",\"uuid\":\"00000000-0000-4000-8000-{n:012}\",\"sessionId\":\"s{n}\",\
             \"timestamp\":\"2026-03-0{}T10:00:00.000Z\",\"message\":{{\"role\":\"user\",\"content\":\"Hello\"}}}}\n",
            n + 1
        );
        source.source.put_session(&agent, &format!("s{n}.jsonl"), line);
    }
    pull(&world, &source);
    (world, source, agent)
}

#[test]
fn a_pass_is_kept_with_what_it_read() {
    let (world, source, agent) = setting();
    let id = run(&world, &source, &agent, false).unwrap();
    let dream = world.reader.dream(&id).unwrap().unwrap();
    assert_eq!(dream.status, DreamStatus::Completed);
    assert!(dream.ended.is_some() && dream.proposed.is_some());
    assert_eq!(dream.manifest.unwrap().read.len(), 4);
    assert_eq!(world.reader.snapshot(dream.base).unwrap(), memory(&[("notes.md", "# Notes\n\n- one\n")]));
    assert_eq!(world.reader.status(10).unwrap().agents[0].last_dream.as_ref().unwrap().id, id);
}

#[test]
fn what_another_agents_memory_says_otherwise_is_told() {
    let world = World::new(&[]);
    let source = Arc::new(Counting::of(Fake::new()));
    let one = source.source.add_agent("one", memory(&[("notes.md", "- Use pnpm instead of npm.\n")]));
    source.source.add_agent("two", memory(&[("notes.md", "- Use npm instead of pnpm.\n- Be kind.\n")]));
    let line = "{\"type\":\"user\",\"uuid\":\"00000000-0000-4000-8000-000000000001\",\"sessionId\":\"s\",\
                \"timestamp\":\"2026-03-01T10:00:00.000Z\",\"message\":{\"role\":\"user\",\"content\":\"Hello\"}}\n";
    source.source.put_session(&one, "s.jsonl", line.to_owned());
    pull(&world, &source);
    let id = run(&world, &source, &one, false).unwrap();
    let remarks = world.reader.dream(&id).unwrap().unwrap().manifest.unwrap().remarks;
    let told = "across agents: the memory of two says otherwise: \"Use pnpm instead of npm.\" (/notes.md) here, \
                \"Use npm instead of pnpm.\" (/notes.md) there";
    assert!(remarks.iter().any(|remark| remark == told), "{remarks:?}");
    assert!(remarks.iter().any(|remark| remark == "across agents: 1 note here contradicts another agent's"));
}

#[test]
fn a_second_pass_over_the_same_sessions_opens_nothing() {
    let (world, source, agent) = setting();
    let first = run(&world, &source, &agent, false).unwrap();
    let opened = source.opened.load(Ordering::Relaxed);
    let second = run(&world, &source, &agent, false).unwrap();
    assert_ne!(first, second);
    assert_eq!(source.opened.load(Ordering::Relaxed), opened);
    let manifest = |id| world.reader.dream(id).unwrap().unwrap().manifest;
    assert_eq!(manifest(&first), manifest(&second));
}

#[test]
fn a_stopped_pass_is_kept_as_stopped() {
    let (world, source, agent) = setting();
    assert!(matches!(run(&world, &source, &agent, true), Err(SyncError::Canceled)));
    let dreams = world.reader.dreams(Some(&agent.id)).unwrap();
    assert_eq!(dreams.len(), 1);
    assert_eq!(dreams[0].status, DreamStatus::Canceled);
    assert!(dreams[0].error.is_some());
}

#[test]
fn a_failed_pass_says_why_and_what_to_do() {
    let (world, source, agent) = setting();
    source.refuses.store(true, Ordering::Relaxed);
    let error = run(&world, &source, &agent, false).unwrap_err();
    assert!(matches!(error, SyncError::Dream { .. }), "{error}");
    let failed = world.reader.dreams(Some(&agent.id)).unwrap().remove(0);
    assert_eq!(failed.status, DreamStatus::Failed);
    let text = failed.error.unwrap();
    assert!(text.contains("permission denied") && text.contains("wakeful"), "{text}");
    source.refuses.store(false, Ordering::Relaxed);
    run(&world, &source, &agent, false).unwrap();
}

#[test]
fn a_pass_whose_program_died_is_ended_by_the_next() {
    let (world, source, agent) = setting();
    let id = run(&world, &source, &agent, false).unwrap();
    let mut left = world.reader.dream(&id).unwrap().unwrap();
    left.status = DreamStatus::Running;
    left.ended = None;
    world.writer.put_dream(&left).unwrap();
    run(&world, &source, &agent, false).unwrap();
    let ended = world.reader.dream(&id).unwrap().unwrap();
    assert_eq!(ended.status, DreamStatus::Failed);
    assert!(ended.error.unwrap().contains("wakeful dream run"));
}

#[test]
fn two_programs_do_not_dream_for_one_agent_at_once() {
    let (world, source, agent) = setting();
    let held = world.writer.lock_dreams(&agent.id).unwrap();
    assert!(matches!(run(&world, &source, &agent, false), Err(SyncError::Busy { .. })));
    drop(held);
    run(&world, &source, &agent, false).unwrap();
}

/// Real sessions of three projects; see the shared data's own README. `None` where they are not at hand.
fn shared() -> Option<PathBuf> {
    let shared = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let root = shared.join("claude-code");
    let found = root.join("projects").is_dir();
    if !found {
        eprintln!("skipped: {} is not there", root.display());
    }
    found.then_some(root)
}

#[test]
fn real_sessions_are_read_once() {
    let Some(root) = shared() else { return };
    let world = World::new(&[]);
    let source = Arc::new(Counting::of(ClaudeCode::new(root, Vec::new())));
    let first = pull(&world, &source);
    assert!(first.read >= 36, "{first:?}");
    let opened = source.opened.load(Ordering::Relaxed);
    let second = pull(&world, &source);
    assert_eq!((second.read, second.gone), (0, 0));
    assert_eq!(source.opened.load(Ordering::Relaxed), opened);

    let agents = world.reader.agents().unwrap();
    let agent = agents.iter().find(|agent| agent.name.contains("evaluator")).unwrap();
    let id = run(&world, &source, agent, false).unwrap();
    let opened = source.opened.load(Ordering::Relaxed);
    let again = run(&world, &source, agent, false).unwrap();
    assert_eq!(source.opened.load(Ordering::Relaxed), opened, "facts are kept");
    let dream = |id| world.reader.dream(id).unwrap().unwrap();
    assert_eq!(dream(&id).manifest, dream(&again).manifest);
    assert_eq!(dream(&id).proposed, dream(&again).proposed);
    assert_eq!(dream(&id).manifest.unwrap().read.len(), 36);
}

/// From real sessions to written memory and back, in a copy.
#[test]
fn what_real_sessions_teach_is_applied_and_taken_back() {
    let Some(root) = shared() else { return };
    let copy = tempfile::tempdir().unwrap();
    for project in std::fs::read_dir(root.join("projects")).unwrap().map(Result::unwrap) {
        if project.file_name().to_string_lossy().contains("evaluator") {
            copy_folder(&project.path(), &copy.path().join("projects").join(project.file_name()));
        }
    }
    let world = World::new(&[]);
    let source = Arc::new(Counting::of(ClaudeCode::new(copy.path(), Vec::new())));
    pull(&world, &source);
    let agent = world.reader.agents().unwrap().remove(0);
    let context = Context { agent: &agent, source: source.as_ref(), ..world.context() };
    let before = source.memory(&agent, &Snapshot::new()).unwrap().snapshot;
    let id = run(&world, &source, &agent, false).unwrap();
    let proposed = world.reader.dream(&id).unwrap().unwrap().proposed.unwrap();
    let lessons = world.reader.lessons(&LessonQuery::default()).unwrap();
    assert!(!lessons.is_empty());
    for lesson in &lessons {
        assert_eq!(lesson.support.basis, Basis::Verified, "a claim stands behind: {}", lesson.statement);
        let evidence = world.reader.evidence(&lesson.id).unwrap();
        let sessions: BTreeSet<&SessionId> = evidence
            .iter()
            .filter(|place| place.stance == Stance::Support && place.status.counts())
            .map(|place| &place.place.session)
            .collect();
        assert_eq!(lesson.support.sessions, Some(sessions.len() as u32), "{}", lesson.statement);
    }
    let ids: Vec<LessonId> = lessons.iter().map(|lesson| lesson.id.clone()).collect();
    world.accept(&ids);
    let plan = apply::plan(&context).unwrap();
    assert_eq!((plan.conflicts.len(), plan.blocked.len()), (0, 0));
    let applied = apply::run(&plan, &context, &silent).unwrap();
    assert_eq!(
        source.memory(&agent, &Snapshot::new()).unwrap().snapshot,
        world.reader.snapshot(proposed).unwrap()
    );
    // What the memory says already is not proposed again.
    run(&world, &source, &agent, false).unwrap();
    let waiting = LessonQuery { states: vec![State::Pending], ..LessonQuery::default() };
    let left = world.reader.lessons(&waiting).unwrap();
    assert!(left.iter().all(|lesson| !ids.contains(&lesson.id)));
    let back = undo::apply(&context, &applied.apply.unwrap()).unwrap();
    apply::run(&back, &context, &silent).unwrap();
    assert_eq!(source.memory(&agent, &Snapshot::new()).unwrap().snapshot, before);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
