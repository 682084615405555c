//! Taking back: the lesson goes, everything else stays.

use wakeful::domain::ids::LessonId;
use wakeful::domain::lifecycle::State;
use wakeful::sync::{SyncError, undo};

use super::support::{World, memory, path_of};

const BEFORE: [(&str, &str); 2] = [("a.md", "# A\n\n- one apple\n"), ("b.md", "# B\n\n- one pear\n")];
const AFTER: [(&str, &str); 3] = [
    ("a.md", "# A\n\n- one apple\n- Refunds take five days.\n\n## Calls\n\nCall before cancelling.\n"),
    ("b.md", "# B\n\n- one pear\n- Use bun, not npm.\n"),
    ("c.md", "# C\n\nNever force-push to main.\n"),
];

fn applied() -> (World, Vec<wakeful::domain::ids::LessonId>) {
    let world = World::new(&BEFORE);
    let lessons = world.dream(&AFTER);
    world.accept(&lessons);
    world.apply();
    assert_eq!(world.now(), memory(&AFTER));
    (world, lessons)
}

#[test]
fn lessons_taken_back_one_by_one_leave_the_memory_as_it_was() {
    let (world, lessons) = applied();
    let mut held = lessons.len();
    for lesson in &lessons {
        let plan = undo::lesson(&world.context(), lesson).unwrap();
        assert_eq!(plan.lessons, std::slice::from_ref(lesson));
        let undone = world.run(&plan).unwrap();
        assert_eq!(undone.lessons, std::slice::from_ref(lesson));
        assert_eq!(world.state(lesson), State::Pending);
        held -= 1;
        let applied = lessons.iter().filter(|lesson| world.state(lesson) == State::Applied).count();
        assert_eq!(applied, held);
    }
    assert_eq!(world.now(), memory(&BEFORE));
}

#[test]
fn a_whole_apply_is_taken_back_at_once() {
    let (world, lessons) = applied();
    let apply = world.reader.applies(None).unwrap()[0].id.clone();
    // One lesson of it first, by itself; the rest goes with the apply.
    world.run(&undo::lesson(&world.context(), &lessons[0]).unwrap()).unwrap();
    let plan = undo::apply(&world.context(), &apply).unwrap();
    assert_eq!(plan.lessons.len(), lessons.len() - 1);
    world.run(&plan).unwrap();
    assert_eq!(world.now(), memory(&BEFORE));
    assert!(lessons.iter().all(|lesson| world.state(lesson) == State::Pending));
    assert!(matches!(undo::apply(&world.context(), &apply), Err(SyncError::NothingLeft { .. })));
}

#[test]
fn later_edits_stay() {
    let (world, lessons) = applied();
    let edited = "# A\n\n- one apple\n- Refunds take five days.\n- By hand, later.\n\n## Calls\n\nCall before cancelling.\n";
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(edited));
    for lesson in &lessons {
        world.run(&undo::lesson(&world.context(), lesson).unwrap()).unwrap();
    }
    assert_eq!(world.text("a.md").unwrap(), "# A\n\n- one apple\n- By hand, later.\n");
    assert_eq!(world.text("b.md").unwrap(), BEFORE[1].1);
}

#[test]
fn later_applies_stay() {
    let (world, lessons) = applied();
    let mut proposed = AFTER.to_vec();
    proposed[1].1 = "# B\n\n- one pear\n- Use bun, not npm.\n- Pin the version of bun in CI.\n";
    let later = world.dream(&proposed);
    world.accept(&later);
    world.apply();
    for lesson in &lessons {
        world.run(&undo::lesson(&world.context(), lesson).unwrap()).unwrap();
    }
    assert_eq!(world.text("b.md").unwrap(), "# B\n\n- one pear\n- Pin the version of bun in CI.\n");
    assert_eq!(world.state(&later[0]), State::Applied);
}

#[test]
fn where_edits_overlap_nothing_changes_and_it_is_said() {
    let (world, lessons) = applied();
    let edited = "# B\n\n- one pear\n- Use bun 1.3, not npm; yarn works too.\n";
    world.source.put_memory(&world.agent, &path_of("b.md"), Some(edited));
    let before = world.now();
    let conflicts: Vec<String> = lessons
        .iter()
        .filter_map(|lesson| undo::lesson(&world.context(), lesson).err())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(conflicts.len(), 1);
    assert!(conflicts[0].contains("Nothing was changed"), "{}", conflicts[0]);
    assert_eq!(world.now(), before);
}

#[test]
fn only_what_was_applied_can_be_taken_back() {
    let world = World::new(&BEFORE);
    let lessons = world.dream(&AFTER);
    let error = undo::lesson(&world.context(), &lessons[0]).unwrap_err();
    assert!(matches!(error, SyncError::NotApplied { .. }), "{error}");
}

#[test]
fn a_lesson_taken_back_can_be_accepted_and_applied_again() {
    let (world, lessons) = applied();
    world.run(&undo::lesson(&world.context(), &lessons[0]).unwrap()).unwrap();
    world.accept(&lessons[..1]);
    world.apply();
    assert_eq!(world.now(), memory(&AFTER));
    // It belongs to the second apply now: taking back the first leaves it.
    let first = world.reader.applies(None).unwrap().last().unwrap().id.clone();
    world.run(&undo::apply(&world.context(), &first).unwrap()).unwrap();
    assert_eq!(world.state(&lessons[0]), State::Applied);
}

#[test]
fn an_undo_is_in_the_trail_like_any_write() {
    let (world, lessons) = applied();
    let before = world.writes().len();
    world.run(&undo::lesson(&world.context(), &lessons[0]).unwrap()).unwrap();
    assert_eq!(world.writes().len(), before + 1);
    assert_eq!(world.reader.audit_verify().unwrap(), None);
    let applies = world.reader.applies(None).unwrap();
    assert_eq!(applies[0].target.as_ref(), Some(&applies[1].id));
}

/// Applies the first document ever to a plain folder and takes it back; what is left of the folder.
fn after_the_first_document(prepare: impl Fn(&std::path::Path)) -> (bool, bool) {
    use std::sync::Arc;

    use wakeful::domain::decision::Verdict;
    use wakeful::domain::ids::DreamId;
    use wakeful::domain::memory::Snapshot;
    use wakeful::source::Source;
    use wakeful::source::folder::Folder;
    use wakeful::store::{Ask, Store};
    use wakeful::sync::{Context, Cuttings, apply};

    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(place.path().join("bot/sessions")).unwrap();
    prepare(&place.path().join("bot"));
    let memory = place.path().join("bot/memory");
    let source = Folder::new(place.path().join("bot"));
    let agent = source.agents().unwrap().remove(0);
    let clock = Arc::new(wakeful::domain::clock::FixedClock::new("2026-03-02T08:00:00Z".parse().unwrap()));
    let store = Store::open(&place.path().join("wakeful.db"), clock).unwrap();
    let (writer, reader) = (store.writer(), store.reader().unwrap());
    writer.put_agents(std::slice::from_ref(&agent)).unwrap();
    let proposed: Snapshot = self::memory(&[("topics/a.md", "# A\n\n- one apple\n")]);
    let (id, base) = (DreamId::new("drm_1"), Snapshot::new());
    let lessons = crate::dreams::propose(&writer, &agent, &id, writer.now(), (&base, &proposed), &[]);
    let asks: Vec<Ask> = lessons
        .iter()
        .map(|lesson| Ask { lesson: lesson.clone(), verdict: Verdict::Accept, reason: None })
        .collect();
    writer.decide(&asks, "me").unwrap();
    let cuttings = Cuttings::new();
    let context = Context {
        agent: &agent,
        source: &source,
        reader: &reader,
        writer: &writer,
        cuttings: &cuttings,
        by: "me",
    };
    let applied = apply::run(&apply::plan(&context).unwrap(), &context, &super::support::silent).unwrap();
    assert!(memory.join("topics/a.md").is_file());
    let plan = undo::apply(&context, &applied.apply.unwrap()).unwrap();
    apply::run(&plan, &context, &super::support::silent).unwrap();
    (memory.join("topics").exists(), memory.exists())
}

#[test]
fn folders_that_an_apply_made_go_with_its_last_document() {
    assert_eq!(after_the_first_document(|_| {}), (false, false));
    let kept = after_the_first_document(|bot| std::fs::create_dir(bot.join("memory")).unwrap());
    assert_eq!(kept, (false, true), "a memory folder that was there stays");
}

/// A lesson applied and taken back, and one of a later dream that is written into its text.
fn one_upon_another() -> (World, LessonId, LessonId) {
    let world = World::new(&[("a.md", "# A\n\n- one apple\n")]);
    let window = "- The refund window of the shop is 14 days\n";
    let longer = "- The refund window of the shop is 30 days\n";
    let first = world.dream(&[("a.md", &format!("# A\n\n- one apple\n{window}"))]).remove(0);
    world.accept(std::slice::from_ref(&first));
    world.apply();
    let second = world.dream(&[("a.md", &format!("# A\n\n- one apple\n{longer}"))]).remove(0);
    world.undo_lesson(&first);
    world.accept(&[first.clone(), second.clone()]);
    assert_eq!(world.apply().lessons.len(), 2);
    assert_eq!(world.text("a.md").unwrap(), format!("# A\n\n- one apple\n{longer}"));
    (world, first, second)
}

#[test]
fn a_lesson_does_not_take_another_one_along_that_was_written_into_its_text() {
    let (world, first, second) = one_upon_another();
    let before = world.now();
    let conflict = undo::lesson(&world.context(), &first).unwrap_err();
    assert!(matches!(conflict, SyncError::UndoConflict { .. }), "{conflict}");
    assert!(conflict.to_string().contains(second.as_str()), "{conflict}");
    assert_eq!(world.now(), before);
    world.undo_lesson(&second);
    world.undo_lesson(&first);
    assert_eq!(world.text("a.md").unwrap(), "# A\n\n- one apple\n");
}

#[test]
fn both_go_when_the_whole_apply_is_taken_back_and_that_can_be_accepted_again() {
    let (world, first, second) = one_upon_another();
    let apply = world.reader.applies(None).unwrap()[0].id.clone();
    world.run(&undo::apply(&world.context(), &apply).unwrap()).unwrap();
    assert_eq!(world.text("a.md").unwrap(), "# A\n\n- one apple\n");
    let undone = world.reader.applies(None).unwrap()[0].id.clone();
    let nothing = undo::apply(&world.context(), &undone).unwrap_err();
    assert!(matches!(nothing, SyncError::NothingLeft { .. }), "an undo holds nothing: {nothing}");
    world.accept(&[first, second]);
    world.apply();
    assert!(world.text("a.md").unwrap().ends_with("30 days\n"));
}
