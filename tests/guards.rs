//! Guards against hostile text, by a table of fixtures and through the whole program; and against real
//! text: the checked-in instructions and notes of the shared sessions. That folder is not part of the
//! repository; without it those tests say so and pass.

#[path = "hostile/mod.rs"]
mod hostile;

use std::path::{Path, PathBuf};

use hostile::{counted, place};
use wakeful::domain::agent::Budget;
use wakeful::domain::evidence::{Evidence, Origin};
use wakeful::domain::lesson::Kind;
use wakeful::guard::budget::MemorySize;
use wakeful::guard::protected::{self, Directives};
use wakeful::guard::repeated::Notes;
use wakeful::guard::{self, Subject, hidden, injection, secrets};

fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: {} is not there", path.display());
    }
    None
}

#[test]
fn a_lesson_that_drops_a_demanded_wrapper_is_marked_and_its_neighbours_are_not() {
    let Some(path) = shared("claude-code/repo-files/context-evaluator/CLAUDE.md") else { return };
    let document = ("CLAUDE.md".to_owned(), std::fs::read_to_string(path).unwrap());
    let directives = Directives::read(&[document]);
    let mark =
        |lesson: &str| protected::check(lesson, "", &directives).into_iter().map(|mark| mark.text).next();
    for lesson in [
        "When `rtk bun` fails with \"unrecognized subcommand 'bun'\", run `bun` directly without `rtk`.",
        "When `rtk bun run test` fails with `error: unrecognized subcommand 'bun'`, use `bun run test` instead.",
        "- Don't prefix bun commands with `rtk`.",
    ] {
        let text = mark(lesson).unwrap();
        assert!(
            text.starts_with("contradicts CLAUDE.md line 851: “**Always prefix commands with `rtk`**"),
            "{text}"
        );
    }
    for lesson in [
        "Run `bun test` before committing.",
        "When `bun run test` fails with `x`, run `bun install` first.",
        "Use `bun run lint` after edits, and mend what it reports.",
        "When Edit fails with \"String to replace not found\", read the file again first.",
    ] {
        assert_eq!(mark(lesson), None, "{lesson}");
    }
}

#[test]
fn real_notes_and_sessions_raise_no_false_alarm() {
    let Some(memory) = shared("claude-code/projects/D--oh-my-posh/memory") else { return };
    for entry in std::fs::read_dir(memory).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            let marks =
                [secrets::check(line, ""), hidden::check(line, ""), injection::check(line, "")].concat();
            assert_eq!(marks, vec![], "{line}");
        }
    }
    let Some(sessions) = shared("claude-code/projects/-Users-dev-Code-agents-md-evaluator") else { return };
    for entry in std::fs::read_dir(sessions).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert_eq!(secrets::find(&text), vec![], "{}", path.display());
        }
    }
}

#[test]
fn every_hostile_fixture_is_flagged_and_nothing_of_it_is_raw_on_a_terminal() {
    for fixture in hostile::fixtures() {
        assert!(fixture.is_flagged(), "{}: {:?}", fixture.name, fixture.marks());
        assert!(!fixture.is_raw(), "{}: {:?}", fixture.name, fixture.marks());
    }
}

#[test]
fn no_secret_is_told_to_a_dream() {
    assert!(!hostile::is_told_a_secret());
}

#[test]
fn what_is_safe_is_not_flagged() {
    let (directives, budget) = (Directives::default(), Budget::default());
    for inserted in [
        "- Run the linter before committing.",
        "- Refunds take 30 days.",
        "- Answer in the customer's language.",
    ] {
        let evidence: Vec<Evidence> = (0..14).map(|s| place(s, Origin::User, "please")).collect();
        let marks = guard::check(&Subject {
            kind: Kind::Add,
            statement: "",
            inserted,
            beside: "",
            removed: "",
            documents: &[],
            evidence: &evidence,
            support: &counted(14, 6, 4, 6),
            protected: &directives,
            memory: &Notes::EMPTY,
            before: MemorySize::default(),
            after: MemorySize::default(),
            budget: &budget,
        });
        assert_eq!(marks, [], "{inserted}");
    }
}

#[test]
fn nothing_hostile_in_sessions_reaches_the_terminal_or_the_disk() {
    let report = hostile::program::run(Path::new(env!("CARGO_BIN_EXE_wakeful")));
    assert!(report.lessons > 0 && report.files > 0 && report.commands > 8, "{report:?}");
    let nothing = (Vec::new(), Vec::new(), Vec::<String>::new());
    assert_eq!((report.raw, report.printed, report.kept), nothing);
}
