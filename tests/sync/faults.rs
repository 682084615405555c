//! What goes wrong while writing: nothing is lost, nothing is overwritten, all of it can be repeated.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use proptest::prelude::*;
use wakeful::domain::agent::{Agent, SourceKind};
use wakeful::domain::ids::LessonId;
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{ContentHash, DocPath, Snapshot};
use wakeful::source::fake::{Fake, Fault};
use wakeful::source::{FoundSession, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError};
use wakeful::store::AuditQuery;
use wakeful::sync::apply::{self, Applied};
use wakeful::sync::{Context, SyncError, undo};

use super::support::{World, path_of, silent};

/// The source of a world, with something going wrong at chosen writes.
struct Script<'a> {
    source: &'a Fake,
    faults: Mutex<VecDeque<Option<Fault>>>,
    /// Documents that somebody else wrote, and what.
    theirs: Mutex<BTreeMap<DocPath, String>>,
}

impl<'a> Script<'a> {
    fn new(world: &'a World, faults: Vec<Option<Fault>>) -> Self {
        let theirs = Mutex::new(BTreeMap::new());
        Self { source: &world.source, faults: Mutex::new(faults.into()), theirs }
    }
}

impl Source for Script<'_> {
    fn kind(&self) -> SourceKind {
        self.source.kind()
    }
    fn owns(&self, agent: &Agent) -> bool {
        self.source.owns(agent)
    }
    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        self.source.agents()
    }
    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        self.source.sessions(agent)
    }
    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError> {
        self.source.open(agent, file, from)
    }
    fn memory(&self, agent: &Agent, known: &Snapshot) -> Result<MemoryRead, SourceError> {
        self.source.memory(agent, known)
    }
    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        self.source.protected(agent)
    }
    fn write(
        &self,
        agent: &Agent,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError> {
        if let Some(fault) = self.faults.lock().unwrap().pop_front().flatten() {
            if let Fault::Interfere(text) = &fault {
                self.theirs.lock().unwrap().insert(path.clone(), text.clone());
            }
            self.source.fail_next_write(fault);
        }
        self.source.write(agent, path, expected, content)
    }
}

const MOVED: &str = "- The deploy key lives in the vault under ops/deploy.\n";
const ADDED: [&str; 2] = ["- Vouchers are never refunded.\n", "- Write down what the customer said.\n"];

/// Four documents; a lesson each adds to `b` and `c`, and one moves a note from `a` to `d`.
fn world() -> (World, Vec<LessonId>) {
    let world = World::new(&[
        ("a.md", &format!("# A\n\n- keep this\n{MOVED}")),
        ("b.md", "# B\n\n- Refunds take five days.\n"),
        ("c.md", "# C\n\n- Call before cancelling.\n"),
        ("d.md", "# D\n\n- other things\n"),
    ]);
    let lessons = world.dream(&[
        ("a.md", "# A\n\n- keep this\n"),
        ("b.md", &format!("# B\n\n- Refunds take five days.\n{}", ADDED[0])),
        ("c.md", &format!("# C\n\n- Call before cancelling.\n{}", ADDED[1])),
        ("d.md", &format!("# D\n\n- other things\n{MOVED}")),
    ]);
    assert_eq!(lessons.len(), 3);
    world.accept(&lessons);
    (world, lessons)
}

/// Runs the plan of a world, with these faults at its writes.
fn run(world: &World, faults: Vec<Option<Fault>>) -> Result<Applied, SyncError> {
    let plan = world.plan();
    let script = Script::new(world, faults);
    apply::run(&plan, &Context { source: &script, ..world.context() }, &silent)
}

/// How often a text stands in the memory.
fn count(world: &World, text: &str) -> usize {
    world.now().iter().map(|(_, document)| document.matches(text.trim_end()).count()).sum()
}

fn at(position: usize, fault: Fault) -> Vec<Option<Fault>> {
    let mut faults = vec![None; position];
    faults.push(Some(fault));
    faults
}

#[test]
fn what_others_wrote_is_no_version_of_an_apply_that_wrote_nothing() {
    let world = World::new(&[("a.md", "# A\n\n- The window is 14 days.\n")]);
    let lessons = world.dream(&[("a.md", "# A\n\n- The window is 30 days.\n")]);
    world.accept(&lessons);
    let theirs = "# A\n\n- The window is 60 days.\n";
    let applied = run(&world, at(0, Fault::Interfere(theirs.to_owned()))).unwrap();
    assert_eq!((applied.written.len(), applied.left.len(), applied.conflicts.len()), (0, 1, 1));
    assert_eq!(world.text("a.md").unwrap(), theirs);
    let log = world.reader.memory_log(&world.agent.id).unwrap();
    assert!(log.iter().all(|version| version.apply.is_none()), "{log:?}");
}

#[test]
fn a_write_that_fails_stops_there_and_goes_on_there() {
    for position in 0..4 {
        let (world, lessons) = world();
        let target = world.plan().memory_after().clone();
        let error = run(&world, at(position, Fault::Refuse)).unwrap_err();
        let SyncError::Interrupted { written, of, .. } = &error else { panic!("{error}") };
        assert_eq!((*written, *of), (position, 4));
        assert!(error.to_string().contains("writes nothing twice"), "{error}");
        assert!(count(&world, MOVED) >= 1, "a moved text is never gone");
        let unfinished = apply::plan(&world.context()).unwrap_err();
        assert!(matches!(unfinished, SyncError::Unfinished { .. }), "{unfinished}");
        // Still failing: the same again.
        world.source.fail_next_write(Fault::Refuse);
        assert!(matches!(world.resume(), Err(SyncError::Interrupted { .. })));
        let applied = world.resume().unwrap().unwrap();
        assert_eq!(applied.written.len(), 4);
        assert_eq!(world.now(), target);
        assert!(lessons.iter().all(|lesson| world.state(lesson) == State::Applied));
        assert_eq!((world.writes().len(), world.source.writes()), (4, 4));
        assert_eq!(world.resume().unwrap(), None);
    }
}

#[test]
fn a_write_whose_answer_was_lost_is_not_done_twice() {
    for position in 0..4 {
        let (world, _) = world();
        let target = world.plan().memory_after().clone();
        assert!(run(&world, at(position, Fault::LoseAnswer)).is_err());
        world.resume().unwrap().unwrap();
        assert_eq!(world.now(), target);
        assert_eq!((world.writes().len(), world.source.writes()), (4, 4));
    }
}

#[test]
fn a_document_that_is_replaced_during_the_apply_is_never_overwritten_and_the_rest_is_whole() {
    let replaced = |_: Option<&str>| "# Theirs\n\nWritten by somebody else.\n".to_owned();
    assert_eq!(interfered(replaced), 0, "nothing of what the lessons were seen among is left");
}

#[test]
fn a_document_that_is_written_in_during_the_apply_gets_both() {
    let more = |text: Option<&str>| format!("{}\nWritten by somebody else.\n", text.unwrap_or("# Theirs\n"));
    let carried = interfered(more);
    assert!((1..=4).contains(&carried), "{carried} of 4 fitted");
}

/// Somebody writes each of the four documents right before the apply does; gives in how many of them the lessons
/// fitted all the same.
fn interfered(theirs: impl Fn(Option<&str>) -> String) -> usize {
    let mut carried = 0;
    for position in 0..4 {
        let (world, lessons) = world();
        let order: Vec<DocPath> = {
            let (probe, _) = self::world();
            probe.apply();
            probe.writes().into_iter().rev().map(|(path, _)| path_of(&path)).collect()
        };
        let left = &order[position];
        let before = world.now().get(left).map(ToString::to_string);
        let theirs = theirs(before.as_deref());
        let applied = run(&world, at(position, Fault::Interfere(theirs.clone()))).unwrap();
        let now = world.now().get(left).unwrap().to_string();
        assert!(now.contains("by somebody else."), "{left} is not overwritten: {now}");
        if now != theirs {
            // What was to be written fits into their text as well.
            assert_eq!((&applied.conflicts, &applied.left), (&Vec::new(), &Vec::new()), "{left}");
            assert!(applied.fitted.iter().eq([left]), "and it is told");
            assert!(lessons.iter().all(|lesson| world.state(lesson) == State::Applied));
            assert_eq!(count(&world, MOVED), 1, "{left}");
            carried += 1;
            continue;
        }
        assert_eq!(applied.conflicts.len(), 1, "{left}");
        assert!(applied.left.iter().eq([left]), "{:?}", applied.left);
        assert!(applied.conflicts[0].1.contains(left.as_str()));
        for lesson in &lessons {
            let collided = applied.conflicts[0].0 == *lesson;
            let expected = if collided { State::Conflict } else { State::Applied };
            assert_eq!(world.state(lesson), expected, "{left}");
        }
        // The note that moves is where it was or where it should be, never nowhere, never twice,
        // whatever of its two documents changed.
        let kept = match left.as_str() {
            // It stood only in the text that somebody else replaced.
            "/a.md" if !theirs.contains(MOVED) => 0,
            _ => 1,
        };
        assert_eq!(count(&world, MOVED), kept, "{left}");
        assert_eq!(world.reader.audit_verify().unwrap(), None);
    }
    carried
}

#[test]
fn giving_up_takes_back_what_belongs_to_the_rest() {
    for position in 0..4 {
        let (world, lessons) = world();
        run(&world, at(position, Fault::Refuse)).unwrap_err();
        let applied = apply::give_up(&world.context(), &silent).unwrap().unwrap();
        assert_eq!(count(&world, MOVED), 1);
        assert_eq!(applied.lessons.len() + applied.conflicts.len(), lessons.len());
        assert!(!applied.conflicts.is_empty());
        for lesson in &lessons {
            let applied = applied.lessons.contains(lesson);
            assert_eq!(world.state(lesson), if applied { State::Applied } else { State::Conflict });
        }
        assert_eq!(world.resume().unwrap(), None);
        // They can be accepted again, and then all is as it should have been.
        let again: Vec<LessonId> = applied.conflicts.into_iter().map(|(lesson, _)| lesson).collect();
        world.accept(&again);
        world.apply();
        assert_eq!(world.text("a.md").unwrap(), "# A\n\n- keep this\n");
        assert_eq!(world.text("d.md").unwrap(), format!("# D\n\n- other things\n{MOVED}"));
        assert!(ADDED.iter().all(|text| count(&world, text) == 1));
    }
}

#[test]
fn an_undo_that_meets_a_change_changes_nothing_in_the_end() {
    let (world, lessons) = world();
    world.apply();
    let written = world.now();
    let plan = lessons
        .iter()
        .map(|lesson| undo::lesson(&world.context(), lesson).unwrap())
        .find(|plan| plan.documents.len() == 2)
        .unwrap();
    let theirs = "# D\n\nRewritten meanwhile.\n";
    let script = Script::new(&world, at(1, Fault::Interfere(theirs.to_owned())));
    let undone = apply::run(&plan, &Context { source: &script, ..world.context() }, &silent).unwrap();
    assert!(undone.lessons.is_empty());
    assert_eq!(undone.conflicts.len(), 1);
    assert_eq!(world.state(&undone.conflicts[0].0), State::Applied);
    let mut expected = written;
    expected.insert(path_of("d.md"), theirs);
    assert_eq!(world.now(), expected);
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        5 => Just(None),
        2 => Just(Some(Fault::Refuse)),
        2 => Just(Some(Fault::LoseAnswer)),
        1 => "[a-z]{1,8}".prop_map(|text| Some(Fault::Interfere(format!("# {text}\n")))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever goes wrong, and however often: in the end every lesson is wholly in the memory or
    /// wholly out of it, nobody else's text is overwritten, and the trail has each write once.
    #[test]
    fn every_lesson_ends_whole(faults in prop::collection::vec(fault(), 0..20)) {
        let (world, lessons) = world();
        let plan = world.plan();
        let script = Script::new(&world, faults);
        let context = Context { source: &script, ..world.context() };
        let mut result = apply::run(&plan, &context, &silent).map(Some);
        while let Err(SyncError::Interrupted { .. }) = &result {
            result = apply::resume(&context, &silent);
        }
        let applied = result.unwrap().unwrap();
        for (path, text) in script.theirs.lock().unwrap().iter() {
            let now = world.now();
            let found = now.get(path).map(ToString::to_string).unwrap_or_default();
            prop_assert!(found.starts_with(text.trim_end()), "{} was overwritten: {}", path, found);
        }
        prop_assert_eq!(applied.lessons.len() + applied.conflicts.len(), lessons.len());
        for lesson in &lessons {
            let state = world.state(lesson);
            prop_assert!(matches!(state, State::Applied | State::Conflict));
            let shown = wakeful::sync::lesson_texts(&world.reader, &world.cuttings, lesson).unwrap();
            let there = count(&world, &shown.inserted);
            if state == State::Applied {
                prop_assert_eq!(there, 1);
            } else if shown.removed.is_empty() {
                prop_assert_eq!(there, 0);
            } else {
                prop_assert!(there <= 1);
            }
        }
        let query = AuditQuery { action: Some("write".to_owned()), ..AuditQuery::default() };
        let mut writes: Vec<_> = world
            .reader
            .audit(&query)
            .unwrap()
            .into_iter()
            .map(|row| (row.entry.path, row.entry.before, row.entry.after))
            .collect();
        let all = writes.len();
        writes.sort();
        writes.dedup();
        prop_assert_eq!(writes.len(), all);
        prop_assert_eq!(world.reader.audit_verify().unwrap(), None);
        prop_assert_eq!(world.reader.unfinished_apply(&world.agent.id).unwrap(), None);
    }
}

#[test]
fn a_lesson_whose_words_somebody_changed_during_the_apply_is_not_called_applied() {
    let world = World::new(&[("a.md", "# A\n\n- The refund window is 14 days.\n")]);
    let lesson = world.dream(&[("a.md", "# A\n\n- The refund window is 30 days.\n")]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    let theirs = "# A\n\n- The refund window is 21 days.\n";
    let applied = run(&world, at(0, Fault::Interfere(theirs.to_owned()))).unwrap();
    assert_eq!((applied.lessons.len(), applied.conflicts.len()), (0, 1));
    assert_eq!(world.text("a.md").unwrap(), theirs);
    assert_eq!(world.state(&lesson), State::Conflict);
}

#[test]
fn an_edit_is_not_written_over_what_somebody_changed_during_the_apply() {
    let world = World::new(&[("a.md", "# A\n\n- The refund window is 14 days for all.\n")]);
    let lesson = world.dream(&[("a.md", "# A\n\n- The refund window is 30 days for all.\n")]).remove(0);
    world.edit(&lesson, "- The refund window is 30 days for all, says Ann.\n").unwrap();
    world.accept(std::slice::from_ref(&lesson));
    let theirs = "# A\n\n- The refund window is 14 days for everybody.\n";
    run(&world, at(0, Fault::Interfere(theirs.to_owned()))).unwrap();
    assert_eq!(world.text("a.md").unwrap(), theirs);
    assert_eq!(world.state(&lesson), State::Conflict);
}
