//! Deciding: an edited text is looked at by the guards anew, wherever the edit comes from.

use wakeful::domain::clock::Clock;
use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::{DreamId, LessonId};
use wakeful::domain::lesson::{Mark, Severity};
use wakeful::domain::lifecycle::State;
use wakeful::store::Ask;
use wakeful::sync::decide::{Desk, decide};

use super::support::{World, memory};
use crate::dreams;

const BEFORE: [(&str, &str); 1] = [("a.md", "# A\n\n- one apple\n")];
const WITH_SECRET: [(&str, &str); 1] =
    [("a.md", "# A\n\n- one apple\n- The staging password: Zx81kk20qqLm\n")];

fn mark(guard: &str, severity: Severity) -> Mark {
    Mark { guard: guard.to_owned(), severity, text: guard.to_owned() }
}

fn edit(world: &World, lesson: &LessonId, text: Option<&str>) {
    let sources = world.sources();
    let desk = Desk {
        sources: &sources,
        reader: &world.reader,
        writer: &world.writer,
        cuttings: &world.cuttings,
        by: "me",
    };
    let verdict = Verdict::Edit { text: text.map(str::to_owned) };
    decide(&desk, &[Ask { lesson: lesson.clone(), verdict, reason: None }]).unwrap();
}

fn marks(world: &World, lesson: &LessonId) -> Vec<(String, Severity)> {
    let lesson = world.reader.lesson(lesson).unwrap().unwrap();
    lesson.marks.into_iter().map(|mark| (mark.guard, mark.severity)).collect()
}

fn of(guards: &[(&str, Severity)]) -> Vec<(String, Severity)> {
    guards.iter().map(|(guard, severity)| ((*guard).to_owned(), *severity)).collect()
}

#[test]
fn a_secret_edited_out_no_longer_blocks() {
    let world = World::new(&BEFORE);
    let found = [mark("secret", Severity::Block), mark("joined", Severity::Info)];
    let lesson = world.dream_marked(&WITH_SECRET, &found).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    assert_eq!(world.plan().blocked.len(), 1);

    edit(&world, &lesson, Some("- The staging password is in the vault.\n"));
    assert_eq!(marks(&world, &lesson), of(&[("joined", Severity::Info)]), "what is not of the text stays");
    assert_eq!(world.apply().lessons, std::slice::from_ref(&lesson));
    assert_eq!(world.text("a.md").unwrap(), "# A\n\n- one apple\n- The staging password is in the vault.\n");
}

#[test]
fn a_secret_edited_in_blocks_until_the_edit_is_taken_back() {
    let world = World::new(&BEFORE);
    let lesson = world.dream(&[("a.md", "# A\n\n- one apple\n- Refunds take five days.\n")]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    edit(&world, &lesson, Some("- The staging password: Zx81kk20qqLm\n"));
    assert_eq!(marks(&world, &lesson), of(&[("secret", Severity::Block)]));
    assert_eq!(world.plan().blocked.len(), 1);

    world.writer.undo_decision("me").unwrap();
    assert_eq!(marks(&world, &lesson), []);
    assert_eq!(world.plan().lessons, std::slice::from_ref(&lesson));
    world.writer.redo_decision("me").unwrap();
    assert_eq!(marks(&world, &lesson), of(&[("secret", Severity::Block)]));
    edit(&world, &lesson, None);
    assert_eq!(marks(&world, &lesson), []);
}

#[test]
fn a_secret_that_was_typed_is_kept_nowhere_and_blocks_as_long_as_its_place_is_there() {
    let world = World::new(&BEFORE);
    let lesson = world.dream(&[("a.md", "# A\n\n- one apple\n- Refunds take five days.\n")]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    edit(&world, &lesson, Some("- The staging password: Zx81kk20qqLm\n"));
    let kept = || world.reader.edit_of(&lesson).unwrap().unwrap();
    assert!(!kept().contains("Zx81kk20qqLm") && kept().contains("[masked "), "{}", kept());
    assert_eq!(world.plan().blocked.len(), 1);
    for file in std::fs::read_dir(world.store.path().parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(12).any(|part| part == b"Zx81kk20qqLm"), "it is on the disk");
    }
    // What opens next has the mask in it; that is nothing to be written either.
    edit(&world, &lesson, Some(&format!("{}- And more.\n", kept())));
    assert_eq!(marks(&world, &lesson), of(&[("secret", Severity::Block)]));
    assert_eq!(world.plan().blocked.len(), 1);
    edit(&world, &lesson, Some("- The staging password is in the vault.\n"));
    assert_eq!(marks(&world, &lesson), []);
    assert!(world.plan().blocked.is_empty());
}

#[test]
fn a_description_is_written_as_the_edit_says_it() {
    let world = World::new(&BEFORE);
    let note =
        "---\nname: refunds\ndescription: \"Refunds take five days\"\n---\n\nRefunds take five days.\n";
    let lesson = world.dream(&[BEFORE[0], ("refunds.md", note)]).remove(0);
    edit(&world, &lesson, Some(&note.replace("Refunds take five days.", "Refunds take nine days.")));
    let wanted = note.replace("five", "nine");
    assert_eq!(world.reader.edit_of(&lesson).unwrap().as_deref(), Some(wanted.as_str()), "what opens next");
    world.accept(std::slice::from_ref(&lesson));
    world.apply();
    assert_eq!(world.text("refunds.md").unwrap(), wanted);
}

#[test]
fn what_a_lesson_said_when_it_was_proposed_is_known_after_an_edit() {
    let world = World::new(&BEFORE);
    let lesson = world.dream(&[("a.md", "# A\n\n- one apple\n- Refunds take five days.\n")]).remove(0);
    let before = world.reader.lesson(&lesson).unwrap().unwrap().statement;
    edit(&world, &lesson, Some("- Refunds take nine days.\n"));
    assert_ne!(world.reader.lesson(&lesson).unwrap().unwrap().statement, before);
    assert_eq!(world.reader.proposed_statement(&lesson).unwrap(), Some(before));
}

#[test]
fn an_edited_lesson_says_what_it_would_write_and_so_does_its_line_of_the_index() {
    let index = "- [Apples](a.md) — one apple\n";
    let before = [("MEMORY.md", index), ("a.md", "# A\n\n- one apple\n")];
    let world = World::new(&before);
    let listed = format!("{index}- [Refunds](refunds.md) — they take five days\n");
    let proposed =
        [("MEMORY.md", listed.as_str()), before[1], ("refunds.md", "# Refunds\n\nRefunds take five days.\n")];
    let lesson = world.dream(&proposed).remove(0);
    let statement = || world.reader.lesson(&lesson).unwrap().unwrap().statement;
    let as_proposed = statement();

    edit(&world, &lesson, Some("# Refunds\n\nRefunds take nine days: ask the bank.\n"));
    assert_eq!(statement(), "Refunds take nine days: ask the bank.");
    world.accept(std::slice::from_ref(&lesson));
    let apply = world.apply();
    let said = format!("{index}- [Refunds take nine days](refunds.md) — ask the bank\n");
    assert_eq!(world.text("MEMORY.md").unwrap(), said);
    assert_eq!(apply.lessons, std::slice::from_ref(&lesson));

    world.undo_lesson(&lesson);
    assert_eq!(world.text("MEMORY.md").unwrap(), index, "the line goes as it came");
    assert_eq!(world.text("refunds.md"), None);
    edit(&world, &lesson, None);
    assert_eq!(statement(), as_proposed);
}

#[test]
fn an_edit_is_held_against_what_people_wrote_and_against_the_budget() {
    let mut world = World::new(&BEFORE);
    world.source.protect(&world.agent, "CLAUDE.md", "Always prefix commands with rtk.\n");
    let lesson = world.dream(&[("a.md", "# A\n\n- one apple\n- Refunds take five days.\n")]).remove(0);
    edit(&world, &lesson, Some("- Never prefix commands with rtk.\n"));
    assert_eq!(marks(&world, &lesson), of(&[("protected", Severity::Warn)]));

    world.agent.budget.store_tokens = 20;
    world.writer.put_agents(std::slice::from_ref(&world.agent)).unwrap();
    let long = format!("- {}\n", "word ".repeat(30));
    edit(&world, &lesson, Some(&long));
    assert_eq!(marks(&world, &lesson), of(&[("budget", Severity::Warn)]));
    let plan = {
        world.accept(std::slice::from_ref(&lesson));
        world.plan()
    };
    let shown = world.reader.lesson(&lesson).unwrap().unwrap().tokens;
    assert_eq!(shown, plan.after.tokens as i64 - plan.before.tokens as i64, "one number everywhere");
}

#[test]
fn where_protected_documents_can_not_be_read_the_contradiction_stays() {
    let world = World::new(&BEFORE);
    let proposed = [("a.md", "# A\n\n- one apple\n- Never prefix commands with rtk.\n")];
    let lesson = world.dream_marked(&proposed, &[mark("protected", Severity::Warn)]).remove(0);
    world.source.set_offline(true);
    edit(&world, &lesson, Some("- Prefix commands as you like.\n"));
    assert_eq!(marks(&world, &lesson), of(&[("protected", Severity::Warn)]));
    world.source.set_offline(false);
    edit(&world, &lesson, Some("- Prefix commands with what you like.\n"));
    assert_eq!(marks(&world, &lesson), []);
}

/// Another agent with the same memory, to which the same is proposed.
fn twin(world: &World, marks: &[Mark]) -> LessonId {
    let agent = world.source.add_agent("docs", memory(&BEFORE));
    world.writer.put_agents(&[world.agent.clone(), agent.clone()]).unwrap();
    let states = (memory(&BEFORE), memory(&REFUNDS));
    let id = DreamId::new("drm_docs");
    let at = world.clock.now();
    dreams::propose(&world.writer, &agent, &id, at, (&states.0, &states.1), marks).remove(0)
}

const REFUNDS: [(&str, &str); 1] = [("a.md", "# A\n\n- one apple\n- Refunds take five days.\n")];

fn say(world: &World, lesson: &LessonId, verdict: Verdict) {
    let sources = world.sources();
    let desk = Desk {
        sources: &sources,
        reader: &world.reader,
        writer: &world.writer,
        cuttings: &world.cuttings,
        by: "me",
    };
    decide(&desk, &[Ask { lesson: lesson.clone(), verdict, reason: None }]).unwrap();
}

#[test]
fn a_lesson_for_two_agents_names_both_and_is_decided_once() {
    let world = World::new(&BEFORE);
    let here = world.dream(&REFUNDS).remove(0);
    assert_eq!(marks(&world, &here), of(&[]));
    let there = twin(&world, &[]);
    assert_eq!(marks(&world, &here), of(&[("shared", Severity::Info)]));
    let lesson = world.reader.lesson(&there).unwrap().unwrap();
    assert!(lesson.marks[0].text.contains("bot (pending)"), "{:?}", lesson.marks);

    say(&world, &there, Verdict::Accept);
    assert_eq!((world.state(&here), world.state(&there)), (State::Accepted, State::Accepted));
    world.writer.undo_decision("me").unwrap();
    assert_eq!((world.state(&here), world.state(&there)), (State::Pending, State::Pending));
    say(&world, &here, Verdict::Reject);
    assert_eq!((world.state(&here), world.state(&there)), (State::Rejected, State::Rejected));
}

#[test]
fn what_is_one_row_is_put_off_and_opened_again_as_one() {
    let world = World::new(&BEFORE);
    let here = world.dream(&REFUNDS).remove(0);
    let there = twin(&world, &[]);
    let until = world.clock.now() + std::time::Duration::from_hours(24);
    say(&world, &there, Verdict::Snooze { until });
    assert_eq!((world.state(&here), world.state(&there)), (State::Snoozed, State::Snoozed));
    say(&world, &here, Verdict::Accept);
    assert_eq!((world.state(&here), world.state(&there)), (State::Accepted, State::Accepted));
    say(&world, &here, Verdict::Reject);
    assert_eq!((world.state(&here), world.state(&there)), (State::Rejected, State::Rejected));
    say(&world, &there, Verdict::Reopen);
    assert_eq!((world.state(&here), world.state(&there)), (State::Pending, State::Pending));
    world.writer.undo_decision("me").unwrap();
    assert_eq!((world.state(&here), world.state(&there)), (State::Rejected, State::Rejected));
}

#[test]
fn what_a_guard_keeps_back_or_a_person_edited_is_decided_by_itself() {
    let world = World::new(&BEFORE);
    let here = world.dream(&REFUNDS).remove(0);
    let there = twin(&world, &[mark("injection", Severity::Block)]);
    say(&world, &here, Verdict::Accept);
    assert_eq!((world.state(&here), world.state(&there)), (State::Accepted, State::Pending));

    let world = World::new(&BEFORE);
    let here = world.dream(&REFUNDS).remove(0);
    let there = twin(&world, &[]);
    edit(&world, &here, Some("- Refunds take six days.\n"));
    say(&world, &here, Verdict::Accept);
    assert_eq!((world.state(&here), world.state(&there)), (State::Accepted, State::Pending));
}

#[test]
fn an_edit_without_a_word_is_refused_and_nothing_is_recorded() {
    let world = World::new(&[("a.md", "# A\n\n- one\n")]);
    let lesson = world.dream(&[("a.md", "# A\n\n- one\n- vouchers are never refunded\n")]).remove(0);
    assert!(matches!(world.edit(&lesson, " \n"), Err(wakeful::sync::SyncError::EmptyEdit)));
    let lesson = world.reader.lesson(&lesson).unwrap().unwrap();
    assert!(!lesson.edited && lesson.state == wakeful::domain::lifecycle::State::Pending);
}
