//! Each line of a memory is told from what put it there, also after whole batches and after an undo.

use std::collections::BTreeSet;

use wakeful::domain::lesson::{Change, Kind};
use wakeful::source::fake::Fault;
use wakeful::sync::blame::{Cause, blame};
use wakeful::sync::leaving::{Known, leaving};
use wakeful::sync::{Cuttings, lesson_texts, undo};

use super::support::{World, memory, path_of};

const INDEX: &str = "# Index\n\n- [Apples](apples.md) — what apples cost\n";
const BOTH: [(&str, &str); 3] = [
    (
        "MEMORY.md",
        "# Index\n\n- [Apples](apples.md) — what apples cost\n- [Bun](bun.md) — call bun directly\n- [Calls](calls.md) — whom to call first\n",
    ),
    ("bun.md", "---\nname: bun\ndescription: Call bun\n---\n\nCall bun directly, without a wrapper.\n"),
    (
        "calls.md",
        "---\nname: calls\ndescription: Call first\n---\n\nRing the warehouse before cancelling an order.\n",
    ),
];

fn cause_of(world: &World, path: &str, line: &str) -> Option<Cause> {
    let blamed = blame(&world.reader, &Cuttings::new(), &world.agent).unwrap().unwrap();
    let document = blamed.documents.iter().find(|document| document.path == path_of(path)).unwrap();
    let at = document.text.lines().position(|other| other.contains(line)).unwrap();
    document.lines[at].map(|cause| blamed.causes[cause].clone())
}

#[test]
fn lines_of_an_index_are_of_the_lessons_they_came_with() {
    let world = World::new(&[("MEMORY.md", INDEX)]);
    let lessons = world.dream(&BOTH);
    assert_eq!(lessons.len(), 2);
    world.accept(&lessons);
    world.apply();
    assert_eq!(world.now(), memory(&BOTH));
    for (line, words) in [("(bun.md)", "Call bun"), ("(calls.md)", "Call first")] {
        match cause_of(&world, "MEMORY.md", line) {
            Some(Cause::Lesson { statement, .. }) => assert!(statement.contains(words), "{statement}"),
            other => panic!("{line} is told from {other:?}"),
        }
    }
}

#[test]
fn what_others_write_during_an_apply_is_theirs() {
    let world = World::new(&[("a.md", "# A\n\n- one\n"), ("b.md", "# B\n\n- one\n")]);
    world.writer.put_memory(&world.agent.id, &world.now(), None).unwrap();
    let lessons = world.dream(&[
        ("a.md", "# A\n\n- one\n- vouchers are never refunded\n"),
        ("b.md", "# B\n\n- one\n- nobody deploys on a Friday\n"),
    ]);
    world.accept(&lessons);
    let plan = world.plan();
    let theirs = "# A\n\n- one\n\n## Theirs\n\n- written while the lesson was on its way\n";
    world.source.fail_next_write(Fault::Interfere(theirs.to_owned()));
    world.run(&plan).unwrap();
    assert!(world.text("a.md").unwrap().contains("vouchers"), "the lesson fits beside it");
    for line in ["## Theirs", "on its way"] {
        let cause = cause_of(&world, "a.md", line);
        assert!(matches!(cause, Some(Cause::Outside { .. })), "{line}: {cause:?}");
    }
    for (path, line) in [("a.md", "vouchers"), ("b.md", "Friday")] {
        let cause = cause_of(&world, path, line);
        assert!(matches!(cause, Some(Cause::Lesson { .. })), "{line}: {cause:?}");
    }
    let log = world.reader.memory_log(&world.agent.id).unwrap();
    let by_apply: Vec<bool> = log.iter().take(2).map(|version| version.apply.is_some()).collect();
    assert_eq!(by_apply, [true, false], "theirs is a version of its own");
    let before = world.reader.snapshot(log[1].snapshot).unwrap();
    assert_eq!(before.get(&path_of("a.md")).unwrap().as_ref(), theirs);
    assert_eq!(before.get(&path_of("b.md")).unwrap().as_ref(), "# B\n\n- one\n");
}

#[test]
fn a_line_that_an_undo_puts_back_is_whose_it_was() {
    let before = [("a.md", "# A\n\n- The refund window is 14 days for all.\n")];
    let after = [("a.md", "# A\n\n- The refund window is 30 days for all.\n")];
    let world = World::new(&before);
    let lesson = world.dream(&after).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    world.apply();
    assert!(matches!(cause_of(&world, "a.md", "30 days"), Some(Cause::Lesson { .. })));
    world.run(&undo::lesson(&world.context(), &lesson).unwrap()).unwrap();
    assert_eq!(world.now(), memory(&before));
    assert_eq!(cause_of(&world, "a.md", "14 days"), None, "it was there before wakeful");
    let texts = lesson_texts(&world.reader, &world.cuttings, &lesson).unwrap();
    let said = leaving(
        &world.reader,
        &world.cuttings,
        &Known::default(),
        &world.agent,
        Kind::Revise,
        &texts.documents,
    );
    assert_eq!(said.unwrap(), Vec::<String>::new(), "the lesson comes back as it came first");
}

#[test]
fn what_somebody_wrote_since_is_not_shown_as_the_lessons() {
    let world = World::new(&[]);
    let lessons = world.dream(&[
        ("MEMORY.md", "- [Bun](bun.md) — call bun directly\n- [Calls](calls.md) — whom to call first\n"),
        BOTH[1],
        BOTH[2],
    ]);
    let theirs = "# my own line\n";
    world.source.put_memory(&world.agent, &path_of("MEMORY.md"), Some(theirs));
    world.writer.put_memory(&world.agent.id, &world.now(), None).unwrap();
    for lesson in &lessons {
        let texts = lesson_texts(&world.reader, &world.cuttings, lesson).unwrap();
        for document in texts.documents.iter().filter(|document| document.path == path_of("MEMORY.md")) {
            assert_eq!(document.change, Change::Modified, "{document:?}");
            assert_eq!(&*document.before, theirs);
            assert!(document.after.starts_with(theirs) && document.after != document.before, "{document:?}");
        }
    }
    let shown = lesson_texts(&world.reader, &world.cuttings, &lessons[0]).unwrap().documents;
    world.accept(&lessons[..1]);
    let plan = world.plan();
    let planned: BTreeSet<_> = plan.documents.iter().map(|document| &document.path).collect();
    assert_eq!(shown.iter().map(|document| &document.path).collect::<BTreeSet<_>>(), planned);
}
