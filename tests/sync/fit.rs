//! A lesson that collides with the memory: what a person is shown to decide on, and what their answer becomes.

use wakeful::domain::lesson::Change;
use wakeful::domain::lifecycle::State;
use wakeful::sync::{Cuttings, lesson_texts};

use super::support::{World, path_of};

#[test]
fn a_document_that_is_there_by_now_is_decided_on_with_both_texts_and_listed_once() {
    let world = World::new(&[]);
    let note = "---\nname: run-bun\ndescription: \"Run bun\"\n---\n\nRun `bun` directly.\n";
    let line = "- [Run bun](run-bun.md) — directly\n";
    let lesson = world.dream(&[("MEMORY.md", line), ("run-bun.md", note)]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    let theirs = [("MEMORY.md", "- [Other](other.md)\n"), ("run-bun.md", "# Bun\n\nUse bun alone.\n")];
    for (path, text) in theirs {
        world.source.put_memory(&world.agent, &path_of(path), Some(text));
    }
    world.apply();
    assert_eq!(world.state(&lesson), State::Conflict);

    let texts = lesson_texts(&world.reader, &Cuttings::new(), &lesson).unwrap();
    let question = texts.to_fit.unwrap();
    assert!(question.contains("Use bun alone.") && question.contains("Run `bun` directly."), "{question}");
    assert!(!question.contains("[Other]"), "the index needs nobody's decision: {question}");
    assert_eq!(texts.documents[0].path, path_of("run-bun.md"), "what is decided on comes first");
    for document in &texts.documents {
        assert_eq!(document.change, Change::Modified, "{}", document.path);
        assert!(!document.after.contains("<<<<<<<"), "{}", document.after);
    }

    let by_hand = "# Bun\n\nUse bun alone, never through a wrapper.\n";
    let fitted = world.edit(&lesson, by_hand).unwrap().changed.remove(0).lesson;
    assert_eq!(world.state(&fitted), State::Accepted);
    world.apply();
    assert_eq!(world.text("run-bun.md").unwrap(), by_hand);
    assert_eq!(world.text("MEMORY.md").unwrap(), format!("{}{line}", theirs[0].1));
}

#[test]
fn an_index_that_names_the_document_already_gets_no_second_line() {
    let world = World::new(&[]);
    let note = "---\nname: bun\n---\n\nRun bun.\n";
    let lesson = world.dream(&[("MEMORY.md", "- [Bun](bun.md) — alone\n"), ("bun.md", note)]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    let index = "- [Our bun rules](bun.md)\n";
    world.source.put_memory(&world.agent, &path_of("MEMORY.md"), Some(index));
    world.source.put_memory(&world.agent, &path_of("bun.md"), Some("# Bun\n\nRun it with care.\n"));
    world.apply();
    assert_eq!(world.state(&lesson), State::Conflict);
    world.edit(&lesson, "# Bun\n\nRun bun itself, with care.\n").unwrap();
    world.apply();
    assert_eq!(world.text("MEMORY.md").unwrap(), index);
}

#[test]
fn a_secret_in_the_answer_is_refused_and_kept_nowhere() {
    let world = World::new(&[("a.md", "# A\n\n- The window is 14 days.\n")]);
    let lesson = world.dream(&[("a.md", "# A\n\n- The window is 30 days.\n")]).remove(0);
    world.accept(std::slice::from_ref(&lesson));
    let theirs = "# A\n\n- The window is 60 days, for members.\n";
    world.source.put_memory(&world.agent, &path_of("a.md"), Some(theirs));
    world.apply();
    let refused =
        world.edit(&lesson, "# A\n\n- The staging password: Zx81kk20qqLm\n").unwrap_err().to_string();
    assert!(refused.contains("a key in the text"), "{refused}");
    assert_eq!(world.state(&lesson), State::Conflict);
}

#[test]
fn two_documents_that_meet_are_decided_on_one_below_the_other() {
    let world =
        World::new(&[("a.md", "- The window of a is 14 days.\n"), ("b.md", "- Ask Ann about the bank.\n")]);
    let proposed = [("a.md", "- The window of a is 14 days.\n- Ask Ann or Bob about the bank.\n")];
    let lessons = world.dream(&proposed);
    let [lesson] = lessons.as_slice() else { panic!("{lessons:?}") };
    world.accept(&lessons);
    world.source.put_memory(&world.agent, &path_of("a.md"), Some("- The window of a is 60 days.\n"));
    world.source.put_memory(&world.agent, &path_of("b.md"), Some("- Ask Ann or Eve about the bank.\n"));
    world.apply();
    assert_eq!(world.state(lesson), State::Conflict);
    let texts = lesson_texts(&world.reader, &Cuttings::new(), lesson).unwrap();
    let question = texts.to_fit.unwrap();
    assert!(question.contains("@@@ /a.md\n") && question.contains("@@@ /b.md\n"), "{question}");
    let refused = world.edit(lesson, "- without the lines above\n").unwrap_err().to_string();
    assert!(refused.contains("`@@@ /"), "{refused}");
    let answer =
        "@@@ /a.md\n- The window of a is 60 days.\n- Ask Ann, Bob or Eve about the bank.\n@@@ /b.md\n";
    world.edit(lesson, answer).unwrap();
    world.apply();
    assert_eq!(
        world.text("a.md").unwrap(),
        answer.split("@@@ /b").next().unwrap().replace("@@@ /a.md\n", "")
    );
    assert_eq!(world.text("b.md"), None);
}
