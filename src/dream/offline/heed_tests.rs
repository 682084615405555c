//! Whole passes over memories whose notes have an age: what was not followed, not used, or hardly came up.

use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};

use super::ages::Ages;
use super::test_corpus::{Script, Scripts, meta};
use super::tests::{agent, plant, sessions, statements};
use super::*;
use crate::domain::agent::{Agent, Budget};
use crate::domain::dream::Window;
use crate::domain::evidence::Tier;
use crate::domain::lesson::Kind;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::rules::Rules;
use crate::dream::Parameters;
use crate::lesson::cut;

fn memory(documents: &[(&str, &str)]) -> Snapshot {
    documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect()
}

/// Noon of a day of the sessions, which begin at nine.
fn noon(day: i64) -> Timestamp {
    let first: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * day)
}

/// A pass over a memory that has been as it is since a day's noon.
fn since(day: i64, corpus: &Scripts, memory: &Snapshot, rules: Rules) -> Outcome {
    let index = Some("/MEMORY.md".to_owned());
    run(&Request {
        agent: &Agent { budget: Budget { index, ..Budget::default() }, ..agent() },
        sessions: &corpus.metas,
        memory,
        ages: &Ages::of(memory, &[(noon(day), memory.clone())]),
        protected: &[],
        window: &Window::default(),
        parameters: &Parameters::under(rules),
        facts: &|session| extract(session, corpus),
        known: &|_| None,
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    })
    .unwrap()
}

const DIRECTLY: &str =
    "- Run `yarn` directly, not through `wrap`: `wrap yarn …` fails with \"unknown subcommand 'yarn'\".";

fn wrapped(_: usize, script: &mut Script) {
    script.shell("wrap yarn test", Err("Exit code 2\nerror: unknown subcommand 'yarn'"));
    script.shell("yarn test", Ok("ok"));
}

#[test]
fn a_note_that_was_there_and_not_followed_says_when_it_applies() {
    let base = memory(&[("/commands.md", &format!("# Commands\n\n{DIRECTLY}\n"))]);
    let outcome = since(2, &sessions(wrapped), &base, Rules::default());
    assert_eq!(outcome.claims.len(), 1, "{:?}", statements(&outcome));
    let claim = &outcome.claims[0];
    assert_eq!(claim.text, DIRECTLY.replace("- Run", "- Before `wrap yarn …`: Run"));
    assert_eq!((claim.support.sessions, claim.support.exposed), (Some(7), Some(7)), "only sessions since");
    let mark = claim.marks.iter().find(|mark| mark.guard == "not-followed").unwrap();
    assert!(mark.text.contains("since 2026-03-03 at the latest") && mark.text.contains("7 of 7"), "{mark:?}");
    assert_eq!(cut(&base, &outcome.proposed).lessons[0].kind, Kind::Revise);
    let again = since(9, &sessions(wrapped), &outcome.proposed, Rules::default());
    assert_eq!(statements(&again), Vec::<&str>::new(), "the new wording has had no chance yet");
}

#[test]
fn sessions_that_a_note_was_learned_from_broke_no_rule() {
    let base = memory(&[("/commands.md", &format!("# Commands\n\n{DIRECTLY}\n"))]);
    for day in [8, 9] {
        let outcome = since(day, &sessions(wrapped), &base, Rules::default());
        assert_eq!(statements(&outcome), Vec::<&str>::new(), "day {day}");
    }
}

#[test]
fn what_to_do_after_a_failure_is_followed_where_it_shows() {
    let note = "- When `deploy push …` fails with \"no workspace selected\", run `deploy login` before trying again.";
    let base = memory(&[("/commands.md", &format!("# Commands\n\n{note}\n"))]);
    let outcome = since(2, &sessions(|_, script| plant(script)), &base, Rules::default());
    assert_eq!(statements(&outcome), Vec::<&str>::new());
    let remarks = outcome.manifest.remarks.join("; ");
    assert!(remarks.contains("1 finding is in memory already"), "{remarks}");
    assert!(!remarks.contains("hook") && !remarks.contains("again"), "{remarks}");
}

#[test]
fn where_no_wording_helps_only_a_hook_would() {
    let asked = sessions(|_, script| script.user("No, use pnpm instead of npm."));
    let base = memory(&[("/preferences.md", "# Preferences\n\n- Use pnpm instead of npm.\n")]);
    let outcome = since(2, &asked, &base, Rules::default());
    assert_eq!(statements(&outcome), Vec::<&str>::new());
    assert!(outcome.manifest.remarks.iter().any(|remark| remark.contains("hook")), "{:?}", outcome.manifest);
}

/// Thirty sessions over 116 days that run the tests.
fn long() -> Scripts {
    let mut corpus = Scripts::default();
    for number in 0..30 {
        let (name, day) = (format!("s{number:02}"), number * 4);
        let mut script = Script::named(&name, day);
        script.user("please go on with the shop");
        script.shell("make test", Ok("fine"));
        corpus.add(meta(&name, day), script);
    }
    corpus
}

const NOTES: &str = "# Tests\n\n- Run `make test` before a commit.\n- Create the tables with `make db-create`.\n\
    - The nightly job runs `make --keep-going`.\n\
    - Never run `make wipe`, it takes the tables along.\n- Lamps are counted with `lamps count --all`.\n";

#[test]
fn what_nobody_acted_on_in_twenty_chances_may_go() {
    let base = memory(&[("/tests.md", NOTES)]);
    let outcome = since(0, &long(), &base, Rules::default());
    let statement = "Retire a note nobody acted on: 0 of 29 chances (at most 11 % at 95 %): \
                     \"The nightly job runs `make --keep-going`.\"";
    assert_eq!(statements(&outcome), [statement], "`make test` was no occasion for `make db-create`");
    assert!(outcome.claims[0].removes && outcome.claims[0].tier == Tier::Lead);
    let young = since(60, &long(), &base, Rules::default());
    assert_eq!(statements(&young), Vec::<&str>::new(), "fourteen chances since");
    let patient = since(0, &long(), &base, Rules { retire_after: 40, ..Rules::default() });
    assert_eq!(statements(&patient), Vec::<&str>::new());
    assert_eq!(patient.manifest.rules.unwrap().retire_after, 40);
}

#[test]
fn what_hardly_comes_up_leaves_the_index_and_stays_in_memory() {
    let index = "# Index\n\n- [Tests](tests.md) — how they run\n- Run `make test` before a commit.\n\
        - Lamps are counted with `lamps count --all`.\n";
    let base = memory(&[("/MEMORY.md", index), ("/tests.md", "# Tests\n\n- They are slow.\n")]);
    let outcome = since(0, &long(), &base, Rules::default());
    let [claim] = &outcome.claims[..] else { panic!("{:?}", statements(&outcome)) };
    assert!(claim.statement.contains("came up in 0 of 23 sessions of 90 days"), "{}", claim.statement);
    let lessons = cut(&base, &outcome.proposed).lessons;
    assert!(lessons.len() == 1 && lessons[0].kind == Kind::Move, "{lessons:?}");
    for rules in
        [Rules { dormant_days: 0, ..Rules::default() }, Rules { dormant_days: 120, ..Rules::default() }]
    {
        assert_eq!(statements(&since(0, &long(), &base, rules)), Vec::<&str>::new(), "{rules:?}");
    }
}
