//! What is written is what was accepted.

use std::collections::BTreeSet;

use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::LessonId;
use wakeful::domain::lesson::{Change, Mark, Severity};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::ContentHash;
use wakeful::store::AuditQuery;
use wakeful::sync::{Cuttings, SyncError, lesson_texts};

use super::support::{World, memory, path_of, silent};

const BEFORE: [(&str, &str); 3] = [
    ("git.md", "# Git\n\n- Rebase before pushing.\n- Sign every commit.\n"),
    ("old.md", "# Old portal\n\nLog in with the shared account.\n"),
    ("tools.md", "# Tools\n\n- Run the linter with --fix.\n"),
];
const AFTER: [(&str, &str); 3] = [
    ("git.md", "# Git\n\n- Rebase before pushing.\n- Sign every commit.\n- Never force-push to main.\n"),
    ("new.md", "# Billing\n\nRefunds take five working days.\n"),
    ("tools.md", "# Tools\n\n- Run the linter with --fix.\n- Use bun, not npm.\n"),
];

#[test]
fn all_accepted_is_the_proposal_and_none_is_the_memory() {
    let world = World::new(&BEFORE);
    let lessons = world.dream(&AFTER);
    assert!(world.plan().is_empty());
    world.accept(&lessons);
    let plan = world.plan();
    assert_eq!(plan.lessons.len(), lessons.len());
    assert_eq!(*plan.memory_after(), memory(&AFTER));
    assert_eq!(world.now(), memory(&BEFORE), "a plan writes nothing");
    let applied = world.run(&plan).unwrap();
    assert_eq!(world.now(), memory(&AFTER));
    assert_eq!(applied.written.len(), 4);
    assert!(lessons.iter().all(|lesson| world.state(lesson) == State::Applied));
    assert_eq!(world.reader.memory(&world.agent.id).unwrap().unwrap(), memory(&AFTER));
    let log = world.reader.memory_log(&world.agent.id).unwrap();
    assert_eq!(log[0].apply, applied.apply);
    assert!(world.plan().is_empty());
}

#[test]
fn the_plan_says_what_happens_to_each_document() {
    let world = World::new(&BEFORE);
    let lessons = world.dream(&AFTER);
    world.accept(&lessons);
    let plan = world.plan();
    let changes: Vec<(&str, &Change)> =
        plan.documents.iter().map(|document| (document.path.as_str(), &document.change)).collect();
    let expected = [
        ("/git.md", Change::Modified),
        ("/new.md", Change::Created),
        ("/old.md", Change::Deleted),
        ("/tools.md", Change::Modified),
    ];
    assert_eq!(changes, expected.iter().map(|(path, change)| (*path, change)).collect::<Vec<_>>());
    assert!(plan.documents.iter().all(|document| document.lessons.len() == 1));
    assert_ne!(plan.before.tokens, plan.after.tokens);
}

#[test]
fn every_write_is_in_the_trail_with_its_hashes_and_lessons() {
    let world = World::new(&BEFORE);
    world.accept(&world.dream(&AFTER));
    world.apply();
    let query = wakeful::store::AuditQuery {
        action: Some("write".to_owned()),
        ..wakeful::store::AuditQuery::default()
    };
    let rows = world.reader.audit(&query).unwrap();
    assert_eq!(rows.len(), 4);
    for row in &rows {
        let path = row.entry.path.clone().unwrap();
        let hash = |snapshot: &wakeful::domain::memory::Snapshot| {
            snapshot.get(&path).map(|text| ContentHash::of(text.as_bytes()))
        };
        assert_eq!(row.entry.before, hash(&memory(&BEFORE)), "{path}");
        assert_eq!(row.entry.after, hash(&memory(&AFTER)), "{path}");
        assert_eq!(row.entry.author, "me");
        assert_eq!(row.entry.lessons.len(), 1, "{path}");
    }
    assert_eq!(world.reader.audit_verify().unwrap(), None);
}

#[test]
fn only_what_is_accepted_is_written() {
    let world = World::new(&BEFORE);
    let lessons = world.dream(&AFTER);
    world.decide(&lessons[1..], &Verdict::Reject);
    world.accept(&lessons[..1]);
    let applied = world.apply();
    assert_eq!(applied.lessons, lessons[..1]);
    assert_eq!(applied.written.len(), 1);
    assert_eq!(world.source.writes(), 1);
}

#[test]
fn the_reviewers_text_is_written_in_place_of_the_proposal() {
    let world = World::new(&[("tools.md", "# Tools\n\n- Run the linter.\n")]);
    let lessons = world.dream(&[("tools.md", "# Tools\n\n- Run the linter.\n- Use bun.\n")]);
    let shown = lesson_texts(&world.reader, &world.cuttings, &lessons[0]).unwrap();
    assert_eq!(shown.inserted.trim_end(), "- Use bun.");
    assert_eq!(&*shown.documents[0].after, "# Tools\n\n- Run the linter.\n- Use bun.\n");
    world.decide(&lessons, &Verdict::Edit { text: Some("- Use bun for scripts only.\n".to_owned()) });
    world.accept(&lessons);
    let shown = lesson_texts(&world.reader, &world.cuttings, &lessons[0]).unwrap();
    assert_eq!(&*shown.documents[0].after, "# Tools\n\n- Run the linter.\n- Use bun for scripts only.\n");
    world.apply();
    assert_eq!(
        world.text("tools.md").unwrap(),
        "# Tools\n\n- Run the linter.\n- Use bun for scripts only.\n"
    );
}

#[test]
fn lessons_of_two_dreams_are_written_together() {
    let world = World::new(&[("a.md", "# A\n\n- one\n"), ("b.md", "# B\n\n- one\n")]);
    let first = world.dream(&[("a.md", "# A\n\n- one\n- two apples\n"), ("b.md", "# B\n\n- one\n")]);
    world.accept(&first);
    let second = world.dream(&[("a.md", "# A\n\n- one\n"), ("b.md", "# B\n\n- one\n- three pears\n")]);
    world.accept(&second);
    let plan = world.plan();
    assert_eq!(plan.lessons, [first, second].concat());
    world.run(&plan).unwrap();
    assert_eq!(world.text("a.md").unwrap(), "# A\n\n- one\n- two apples\n");
    assert_eq!(world.text("b.md").unwrap(), "# B\n\n- one\n- three pears\n");
}

#[test]
fn what_a_guard_forbids_is_left_out_until_it_is_edited_out() {
    let world = World::new(&[("a.md", "# A\n")]);
    let text = "The key is unknown.";
    let mark =
        Mark { guard: "secret".to_owned(), severity: Severity::Block, text: "holds a token".to_owned() };
    let lessons = world.dream_marked(&[("a.md", &format!("# A\n\n{text}\n"))], &[mark]);
    world.accept(&lessons);
    let plan = world.plan();
    assert_eq!(plan.blocked, [(lessons[0].clone(), "holds a token".to_owned())]);
    assert!(plan.documents.is_empty());
    world.decide(&lessons, &Verdict::Edit { text: Some("The key is in the vault.\n".to_owned()) });
    world.apply();
    assert_eq!(world.text("a.md").unwrap(), "# A\n\nThe key is in the vault.\n");
}

#[test]
fn an_edit_that_brings_a_secret_in_is_not_written() {
    let world = World::new(&[("a.md", "# A\n")]);
    let lessons = world.dream(&[("a.md", "# A\n\nAsk for the key.\n")]);
    // In two parts, so that no scanner of repositories takes it for a real one.
    let secret = format!("The key is {}{}.\n", "ghp_", "x7Kq2LmN9pRs4TuV6wXy8ZaB1cDe3FgH5iJk");
    world.decide(&lessons, &Verdict::Edit { text: Some(secret) });
    world.accept(&lessons);
    let plan = world.plan();
    assert_eq!(plan.blocked.len(), 1);
    assert!(plan.documents.is_empty());
}

#[test]
fn memory_that_changed_is_written_around() {
    let world = World::new(&[("a.md", "# A\n\n- one\n- two\n\n# Z\n\n- last\n")]);
    let lessons = world.dream(&[("a.md", "# A\n\n- one\n- two\n- three bananas\n\n# Z\n\n- last\n")]);
    world.accept(&lessons);
    world.source.put_memory(
        &world.agent,
        &path_of("a.md"),
        Some("# A\n\n- one\n- two\n\n# Z\n\n- last\n- by hand\n"),
    );
    world.apply();
    assert_eq!(
        world.text("a.md").unwrap(),
        "# A\n\n- one\n- two\n- three bananas\n\n# Z\n\n- last\n- by hand\n"
    );
}

#[test]
fn where_memory_changed_underneath_the_lesson_returns_to_review() {
    let world =
        World::new(&[("a.md", "# A\n\n- The window is 14 days.\n"), ("b.md", "# B\n\n- Something.\n")]);
    let lessons = world.dream(&[
        ("a.md", "# A\n\n- The window is 30 days.\n"),
        ("b.md", "# B\n\n- Something.\n- More of it, with detail.\n"),
    ]);
    world.accept(&lessons);
    let by_hand = "# A\n\n- The window is 60 days.\n";
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(by_hand));
    let plan = world.plan();
    assert_eq!((plan.conflicts.len(), plan.lessons.len()), (1, 1));
    let applied = world.run(&plan).unwrap();
    assert_eq!(applied.conflicts.len(), 1);
    assert!(!applied.conflicts[0].1.is_empty());
    assert_eq!(world.text("a.md").unwrap(), by_hand);
    assert_eq!(world.state(&lessons[0]), State::Conflict);
    assert_eq!(world.state(&lessons[1]), State::Applied);
}

#[test]
fn where_nothing_can_be_written_there_is_no_empty_apply() {
    let world = World::new(&[("a.md", "# A\n\n- The window is 14 days.\n")]);
    let lessons = world.dream(&[("a.md", "# A\n\n- The window is 30 days.\n")]);
    world.accept(&lessons);
    world.source.put_memory(&world.agent, &path_of("a.md"), Some("# A\n\n- The window is 60 days.\n"));
    let plan = world.plan();
    assert!(plan.writes_nothing() && plan.conflicts.len() == 1);
    let applied = world.run(&plan).unwrap();
    assert_eq!((applied.apply, applied.conflicts.len()), (None, 1));
    assert_eq!(world.state(&lessons[0]), State::Conflict);
    assert_eq!(world.reader.applies(None).unwrap(), []);
    // The memory as somebody else made it is all that its history has more.
    assert!(world.reader.memory_log(&world.agent.id).unwrap().iter().all(|version| version.apply.is_none()));
    let trail = world.reader.audit(&AuditQuery::default()).unwrap();
    let row = trail.iter().find(|row| row.entry.action == "return").unwrap();
    assert_eq!(row.entry.lessons, lessons);
    assert!(trail.iter().all(|row| !row.entry.action.starts_with("apply")));
    // It is in review again, and nothing is left to write.
    assert!(world.plan().is_empty());
}

#[test]
fn what_the_memory_says_already_is_not_written_again() {
    let world = World::new(&[("a.md", "# A\n\n- one\n")]);
    let after = "# A\n\n- one\n- two apples\n";
    let lessons = world.dream(&[("a.md", after)]);
    world.accept(&lessons);
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(after));
    let plan = world.plan();
    assert_eq!(plan.satisfied, lessons);
    assert!(plan.documents.is_empty() && !plan.is_empty());
    world.run(&plan).unwrap();
    assert_eq!(world.source.writes(), 0);
    assert_eq!(world.state(&lessons[0]), State::Superseded);
    assert_eq!(world.reader.applies(None).unwrap(), []);
}

#[test]
fn a_plan_is_not_carried_out_over_texts_nobody_saw() {
    let world = World::new(&BEFORE);
    world.accept(&world.dream(&AFTER));
    let plan = world.plan();
    world.source.put_memory(&world.agent, &path_of("git.md"), Some("# Git\n\nRewritten.\n"));
    let error = world.run(&plan).unwrap_err();
    assert!(matches!(error, SyncError::Stale { .. }), "{error}");
    assert!(error.to_string().contains("/git.md"), "{error}");
    assert_eq!(world.source.writes(), 0);
    assert!(world.reader.applies(None).unwrap().is_empty());
}

#[test]
fn a_plan_is_not_carried_out_after_a_decision_changed() {
    let world = World::new(&BEFORE);
    let lessons = world.dream(&AFTER);
    world.accept(&lessons);
    let plan = world.plan();
    world.decide(&lessons[..1], &Verdict::Reject);
    assert!(matches!(world.run(&plan), Err(SyncError::Stale { .. })));
    assert_eq!(world.source.writes(), 0);
}

#[test]
fn two_programs_do_not_apply_at_once() {
    let world = World::new(&BEFORE);
    world.accept(&world.dream(&AFTER));
    let plan = world.plan();
    let other = wakeful::store::Store::open(world.store.path(), world.clock.clone()).unwrap();
    let held = other.writer().lock_applies().unwrap();
    let error = world.run(&plan).unwrap_err();
    assert!(matches!(error, SyncError::Busy { .. }), "{error}");
    drop(held);
    world.source.fail_next_write(wakeful::source::fake::Fault::Refuse);
    world.run(&plan).unwrap_err();
    // What the other one is at is not cut off.
    let held = other.writer().lock_applies().unwrap();
    let error = wakeful::sync::apply::plan(&world.context()).unwrap_err();
    assert!(matches!(error, SyncError::Busy { .. }), "{error}");
    drop(held);
    let error = wakeful::sync::apply::plan(&world.context()).unwrap_err();
    assert!(matches!(error, SyncError::Unfinished { .. }), "{error}");
    assert!(world.resume().unwrap().is_some());
}

#[test]
fn progress_is_told_document_by_document() {
    let world = World::new(&BEFORE);
    world.accept(&world.dream(&AFTER));
    let told = std::cell::RefCell::new(Vec::new());
    let plan = world.plan();
    wakeful::sync::apply::run(&plan, &world.context(), &|progress| {
        told.borrow_mut().push((progress.done, progress.total));
    })
    .unwrap();
    assert_eq!(told.into_inner(), [(1, 4), (2, 4), (3, 4), (4, 4)]);
    wakeful::sync::apply::resume(&world.context(), &silent).unwrap();
}

#[test]
fn texts_that_go_are_written_after_texts_that_come() {
    let world = World::new(&[
        ("a.md", "# A\n\n- keep this\n- The deploy key lives in the vault under ops/deploy.\n"),
        ("z.md", "# Z\n\n- other things\n"),
    ]);
    let lessons = world.dream(&[
        ("a.md", "# A\n\n- keep this\n"),
        ("z.md", "# Z\n\n- other things\n- The deploy key lives in the vault under ops/deploy.\n"),
    ]);
    assert_eq!(lessons.len(), 1, "a move is one lesson");
    world.accept(&lessons);
    world.apply();
    let written: Vec<String> = world.writes().into_iter().rev().map(|(path, _)| path).collect();
    assert_eq!(written, ["/z.md", "/a.md"]);
    assert_eq!(written.iter().collect::<BTreeSet<_>>().len(), 2);
}

#[test]
fn a_lesson_that_no_longer_fits_is_shown_with_all_sides_and_fitted_by_hand() {
    let world = World::new(&[("a.md", "# A\n\n- The window is 14 days.\n")]);
    let lessons = world.dream(&[("a.md", "# A\n\n- The window is 30 days.\n")]);
    world.accept(&lessons);
    let by_hand = "# A\n\n- The window is 60 days, for members.\n";
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(by_hand));
    world.apply();
    assert_eq!(world.state(&lessons[0]), State::Conflict);

    let texts = lesson_texts(&world.reader, &Cuttings::new(), &lessons[0]).unwrap();
    assert_eq!(&*texts.documents[0].before, by_hand, "the memory as it is now");
    let question = texts.to_fit.unwrap();
    for side in ["14 days", "30 days", "60 days, for members"] {
        assert!(question.contains(side), "{question}");
    }

    let edit = |text: &str| world.edit(&lessons[0], text);
    let refused = edit(&question).unwrap_err().to_string();
    assert!(refused.contains("still in the text"), "{refused}");
    assert!(edit(by_hand).is_err(), "nothing to write");
    assert_eq!(world.state(&lessons[0]), State::Conflict);

    let fitted = "# A\n\n- The window is 30 days; 60 for members.\n";
    let decided = edit(fitted).unwrap();
    let lesson = &decided.changed[0].lesson;
    assert_eq!(world.state(&lessons[0]), State::Superseded);
    assert_eq!(world.state(lesson), State::Accepted);
    let known = |id: &LessonId| world.reader.lesson(id).unwrap().unwrap();
    assert_eq!(known(lesson).support, known(&lessons[0]).support, "it rests on the same");
    // It says where it comes from, and claims nothing that it never had.
    let (origin, fit) = (known(&lessons[0]).dream, known(lesson).dream);
    let fit = world.reader.dream(&fit).unwrap().unwrap();
    assert_eq!(fit.fitted(), Some(&origin));
    assert_eq!((&fit.model, &fit.instructions, fit.cost), (&None, &None, None));
    assert_eq!(fit.manifest.unwrap().read, []);
    world.apply();
    assert_eq!(world.text("a.md").unwrap(), fitted);
    world.undo_lesson(lesson);
    assert_eq!(world.text("a.md").unwrap(), by_hand);
}

#[test]
fn what_a_person_makes_of_a_conflict_is_one_lesson_whatever_it_takes_away() {
    let card = "- Refunds go to the card that was charged.\n";
    let (a, b) = ("# A\n\n- The window is 14 days.\n", format!("# B\n\n{card}"));
    let world = World::new(&[("a.md", a), ("b.md", &b)]);
    let lesson = world.dream(&[("a.md", "# A\n\n- The window is 30 days.\n"), ("b.md", &b)]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    // Somebody puts a note there that stands elsewhere, too, and the reviewer's text is without it.
    let theirs = format!("# A\n\n- The window is 60 days.\n{card}- Ask Ann.\n");
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(&theirs));
    world.apply();
    assert_eq!(world.state(&lesson), State::Conflict);
    let by_hand = "# A\n\n## Refunds\n\n- The window is 30 days.\n";
    let decided = world.edit(&lesson, by_hand).unwrap();
    let new: Vec<&LessonId> =
        decided.changed.iter().map(|changed| &changed.lesson).filter(|id| **id != lesson).collect();
    let [fitted] = new.as_slice() else { panic!("{new:?}") };
    let known = |id: &LessonId| world.reader.lesson(id).unwrap().unwrap();
    let all = world.reader.lessons(&wakeful::store::LessonQuery::default()).unwrap();
    assert_eq!(
        all.iter().filter(|other| other.dream == known(fitted).dream).count(),
        1,
        "no other came of it"
    );
    assert_eq!(known(fitted).statement, known(&lesson).statement);
    world.apply();
    assert_eq!(world.text("a.md").unwrap(), by_hand);
    world.undo_lesson(fitted);
    assert_eq!(world.text("a.md").unwrap(), theirs);
}

#[test]
fn an_edit_is_not_written_over_what_somebody_changed_meanwhile() {
    let world = World::new(&[("a.md", "# A\n\n- The refund window is 14 days for all.\n")]);
    let lesson = world.dream(&[("a.md", "# A\n\n- The refund window is 30 days for all.\n")]).remove(0);
    world.edit(&lesson, "- The refund window is 30 days for all, says Ann.\n").unwrap();
    world.accept(std::slice::from_ref(&lesson));
    // Their word and the proposal's fit together; the reviewer's text knows nothing of it.
    let theirs = "# A\n\n- The refund window is 14 days for everybody.\n";
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(theirs));
    let plan = world.plan();
    assert!(plan.documents.is_empty() && plan.conflicts.len() == 1, "{:?}", plan.conflicts);
    world.run(&plan).unwrap();
    assert_eq!(world.text("a.md").unwrap(), theirs);
    assert_eq!(world.state(&lesson), State::Conflict);
    world.writer.put_memory(&world.agent.id, &world.now(), None).unwrap();
    let shown = lesson_texts(&world.reader, &Cuttings::new(), &lesson).unwrap();
    assert!(shown.to_fit.is_some_and(|sides| sides.contains("everybody") && sides.contains("says Ann")));
}

#[test]
fn an_applied_lesson_that_somebody_took_out_is_asked_about_when_it_is_proposed_again() {
    let (before, after) = ([("a.md", "# A\n\n- one\n")], [("a.md", "# A\n\n- one\n- two is new\n")]);
    let world = World::new(&before);
    let lesson = world.dream(&after).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    world.apply();
    // A pass that read the memory before the lesson was written proves nothing.
    let dream = wakeful::domain::ids::DreamId::new("drm_slow");
    let (base, proposed) = (memory(&before), memory(&after));
    crate::dreams::propose(&world.writer, &world.agent, &dream, world.writer.now(), (&base, &proposed), &[]);
    assert_eq!(world.state(&lesson), State::Applied);
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(before[0].1));
    world.writer.put_memory(&world.agent.id, &world.now(), None).unwrap();
    assert_eq!(world.dream(&after), std::slice::from_ref(&lesson), "the same change is the same lesson");
    assert_eq!(world.state(&lesson), State::Pending);
    world.accept(std::slice::from_ref(&lesson));
    world.apply();
    assert_eq!(world.now(), memory(&after));
    world.undo_lesson(&lesson);
    assert_eq!(world.now(), memory(&before));
}

#[test]
fn a_place_that_may_never_be_written_keeps_nothing_else_waiting() {
    let world = World::new(&[("a.md", "# A\n\n- one\n")]);
    let proposed =
        [("a.md", "# A\n\n- one\n- two is new\n"), (".cursor/rules.md", "Call bun, it runs the scripts.\n")];
    let lessons = world.dream(&proposed);
    world.accept(&lessons);
    let applied = world.apply();
    assert_eq!((applied.lessons.len(), applied.conflicts.len()), (1, 1));
    assert_eq!(world.now(), memory(&proposed[..1]));
    assert!(applied.conflicts[0].1.contains("/.cursor/rules.md"), "{:?}", applied.conflicts);
    assert!(world.plan().is_empty(), "and it is not tried again by itself");
}

#[test]
fn marks_of_size_speak_of_the_memory_as_it_is() {
    let mut world = World::new(&[("MEMORY.md", "- one\n- two\n")]);
    world.agent.budget.index = Some("/MEMORY.md".to_owned());
    world.agent.budget.index_lines = Some(3);
    world.writer.put_agents(std::slice::from_ref(&world.agent)).unwrap();
    let lessons =
        world.dream(&[("MEMORY.md", "- one\n- two\n- vouchers are never refunded\n- call first\n")]);
    assert_eq!(lessons.len(), 2);
    let marks = |lesson: usize| -> Vec<String> {
        let lesson = world.reader.lesson(&lessons[lesson]).unwrap().unwrap();
        lesson.marks.into_iter().filter(|mark| mark.guard == "budget").map(|mark| mark.text).collect()
    };
    assert_eq!((marks(0), marks(1)), (vec![], vec![]));
    world.accept(&lessons[..1]);
    world.apply();
    assert_eq!(marks(1), ["/MEMORY.md would grow from 3 to 4 lines; the agent reads only the first 3"]);

    world.accept(&lessons[1..]);
    let remarks: Vec<String> = world.plan().remarks.into_iter().map(|remark| remark.text).collect();
    assert_eq!(
        remarks,
        [
            "budget: /MEMORY.md would have 4 lines, and the agent reads only the first 3; 1 new line of this would never be read"
        ]
    );

    // Room again: the mark goes.
    world.undo_lesson(&lessons[0]);
    assert_eq!(marks(1), Vec::<String>::new());
}

#[test]
fn a_collision_is_told_whatever_else_is_marked_and_only_while_it_lasts() {
    let before = [("a.md", "# A\n\n- The refund window is 14 days.\n"), ("b.md", "# B\n\n- one\n")];
    let world = World::new(&before);
    let mark =
        Mark { guard: "single-source".to_owned(), severity: Severity::Info, text: "one person".to_owned() };
    let lessons = world.dream_marked(
        &[("a.md", "# A\n\n- The refund window is 30 days.\n"), ("b.md", "# B\n\n- one\n- two is new\n")],
        &[mark],
    );
    world.accept(&lessons);
    world.source.put_memory(&world.agent, &path_of("a.md"), Some("# A\n\n- The refund window is 21 days.\n"));
    let applied = world.apply();
    assert_eq!((applied.lessons.len(), applied.conflicts.len()), (1, 1));
    let (lesson, reason) = applied.conflicts[0].clone();
    assert!(reason.contains("meanwhile"), "{reason}");

    // Back as it was: what is written is no collision any more.
    assert_eq!(world.state(&lesson), State::Conflict);
    world.pull();
    assert_eq!(world.state(&lesson), State::Conflict, "what collides still does");
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(before[0].1));
    world.pull();
    assert_eq!(world.state(&lesson), State::Pending);
    let guards: Vec<String> =
        world.reader.lesson(&lesson).unwrap().unwrap().marks.into_iter().map(|mark| mark.guard).collect();
    assert_eq!(guards, ["single-source"]);
    world.accept(&[lesson]);
    let plan = world.plan();
    assert_eq!((plan.lessons.len(), plan.conflicts.len()), (1, 0));
    assert!(plan.remarks.iter().all(|remark| !remark.text.starts_with("conflict")), "{:?}", plan.remarks);
}
