//! Dreams of others that wrote into the memory itself: reviewed afterwards, and taken out where rejected.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::{DreamId, LessonId};
use wakeful::domain::lesson::Lesson;
use wakeful::domain::lifecycle::State;
use wakeful::source::platform::RetryPolicy;
use wakeful::stand_in::{Actor, Fault, Rule, Script};
use wakeful::store::{Ask, LessonQuery};
use wakeful::sync::apply::{self, Applied, Plan};
use wakeful::sync::{Context, Cuttings, SyncError, undo};

use super::support::World;

/// Adds one note, revises another, makes a document with its line, and drops a document.
const WRITTEN: &[(&str, Option<&str>)] = &[
    (
        "/notes.md",
        Some(
            "# Notes\n\n- Be kind to everybody.\n- Answer within a day.\n- [Refunds](refunds.md) — money back\n",
        ),
    ),
    ("/refunds.md", Some("# Refunds\n\n- A refund takes five days.\n")),
    ("/git.md", None),
];

fn memories(world: &World) -> BTreeMap<String, String> {
    world.server.workspace().memories(&world.notes)
}

/// Somebody's dream into the memory itself, done and read; gives the memory before it.
fn dreamt(world: &World) -> BTreeMap<String, String> {
    world.sync();
    let before = memories(world);
    world.server.workspace().script_dream(Script::writing(WRITTEN));
    let id = DreamId::new(world.dream_elsewhere(true));
    world.clock.advance(SignedDuration::from_mins(1));
    world.server.workspace().finish_dream(id.as_str());
    world.clock.advance(SignedDuration::from_mins(1));
    let report = world.sync();
    assert_eq!(report.harvested, [id]);
    assert_ne!(memories(world), before);
    before
}

fn lessons(world: &World) -> Vec<Lesson> {
    world.reader.lessons(&LessonQuery::default()).unwrap()
}

fn named(world: &World, words: &str) -> Lesson {
    let all = lessons(world);
    let found = all.iter().find(|lesson| lesson.statement.contains(words));
    found.unwrap_or_else(|| panic!("{words:?} in {all:#?}")).clone()
}

fn say(world: &World, lesson: &LessonId, verdict: Verdict) {
    world.writer.decide(&[Ask { lesson: lesson.clone(), verdict, reason: None }], "me").unwrap();
}

fn with<T>(world: &World, work: impl FnOnce(&Context<'_>) -> Result<T, SyncError>) -> Result<T, SyncError> {
    let agent = world.agent();
    work(&Context {
        agent: &agent,
        source: &*world.platform,
        reader: &world.reader,
        writer: &world.writer,
        cuttings: &Cuttings::new(),
        by: "me",
    })
}

fn plan(world: &World) -> Plan {
    with(world, apply::plan).unwrap()
}

fn write(world: &World, plan: &Plan) -> Applied {
    with(world, |context| apply::run(plan, context, &|_| {})).unwrap()
}

#[test]
fn rejecting_all_of_it_gives_the_memory_before_it() {
    let world = World::new(3);
    let before = dreamt(&world);
    let all = lessons(&world);
    assert!(all.len() >= 4, "{all:#?}");
    for lesson in &all {
        assert!(lesson.is_in_force());
        say(&world, &lesson.id, Verdict::Reject);
    }
    assert_eq!(world.reader.status(10).unwrap().accepted as usize, all.len());
    let plan = plan(&world);
    assert_eq!((plan.takes_out.len(), plan.conflicts.len(), plan.blocked.len()), (all.len(), 0, 0));
    let done = write(&world, &plan);
    assert_eq!(done.taken_out.len(), all.len());
    assert_eq!(memories(&world), before);
    for lesson in lessons(&world) {
        assert_eq!(lesson.state, State::Rejected);
        assert!(lesson.is_taken_out() && !lesson.is_in_force());
    }
    // Done once is done.
    assert!(with(&world, apply::plan).unwrap().is_empty());
    assert_eq!(world.reader.status(10).unwrap().accepted, 0);
}

#[test]
fn what_is_accepted_stays_and_only_what_is_rejected_goes() {
    let world = World::new(3);
    dreamt(&world);
    let after = memories(&world);
    for lesson in lessons(&world) {
        say(&world, &lesson.id, Verdict::Accept);
    }
    let nothing = plan(&world);
    assert_eq!((nothing.documents.len(), nothing.lessons.len()), (0, 0));
    let answer = named(&world, "Answer within a day");
    say(&world, &answer.id, Verdict::Reject);
    let plan = plan(&world);
    assert_eq!(plan.takes_out, std::slice::from_ref(&answer.id));
    write(&world, &plan);
    let mut expected = after;
    let notes = expected["/notes.md"].replace("- Answer within a day.\n", "");
    expected.insert("/notes.md".to_owned(), notes);
    assert_eq!(memories(&world), expected);
    // Its decision can't be changed while it is out; putting it back brings the text and the question back.
    let ask = Ask { lesson: answer.id.clone(), verdict: Verdict::Accept, reason: None };
    let refused = world.writer.decide(&[ask], "me").unwrap_err();
    assert!(refused.to_string().contains("taken out"), "{refused}");
    let back = with(&world, |context| undo::lesson(context, &answer.id)).unwrap();
    assert_eq!(back.takes_out, std::slice::from_ref(&answer.id));
    write(&world, &back);
    assert!(memories(&world)["/notes.md"].contains("- Answer within a day.\n"));
    let again = named(&world, "Answer within a day");
    assert!(again.state == State::Pending && again.is_in_force(), "{again:?}");
}

#[test]
fn what_somebody_changed_since_is_not_taken_out_unseen() {
    let world = World::new(3);
    dreamt(&world);
    let refund = named(&world, "A refund takes five days");
    let answer = named(&world, "Answer within a day");
    say(&world, &refund.id, Verdict::Reject);
    say(&world, &answer.id, Verdict::Reject);
    let person = Actor::User("user_02".to_owned());
    let theirs = "# Refunds\n\n- A refund takes five days, ten in January.\n";
    world.server.workspace().put_memory(&world.notes, "/refunds.md", theirs, person).unwrap();
    let plan = plan(&world);
    assert_eq!(plan.takes_out, std::slice::from_ref(&answer.id));
    assert_eq!(plan.conflicts.len(), 1, "{:?}", plan.conflicts);
    write(&world, &plan);
    let now = memories(&world);
    assert_eq!(now["/refunds.md"], theirs);
    assert!(!now["/notes.md"].contains("Answer within a day"));
    assert_eq!(named(&world, "A refund takes five days").state, State::Conflict);
}

#[test]
fn a_write_that_meets_a_change_on_the_way_leaves_it_and_goes_on() {
    let world = World::with(3, |settings| settings.retry = RetryPolicy::never());
    dreamt(&world);
    for lesson in lessons(&world) {
        say(&world, &lesson.id, Verdict::Reject);
    }
    let plan = plan(&world);
    world.server.faults().add(Rule::on("/v1/memory_stores/*/memories/*", Fault::Status(500, None)).always());
    let cut_off = with(&world, |context| apply::run(&plan, context, &|_| {}));
    assert!(matches!(cut_off, Err(SyncError::Interrupted { .. })), "{cut_off:?}");
    world.server.faults().clear();
    let theirs = "# Notes\n\n- Somebody wrote all of this anew.\n";
    let person = Actor::User("user_02".to_owned());
    world.server.workspace().put_memory(&world.notes, "/notes.md", theirs, person).unwrap();
    let done = with(&world, |context| apply::resume(context, &|_| {})).unwrap().unwrap();
    assert!(!done.conflicts.is_empty());
    assert_eq!(memories(&world)["/notes.md"], theirs, "never overwritten");
    let back: Vec<State> = lessons(&world).iter().map(|lesson| lesson.state).collect();
    assert!(back.contains(&State::Conflict), "{back:?}");
}
