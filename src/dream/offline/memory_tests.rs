//! Whole passes over memories: what becomes of the notes that stand there already.

use std::sync::atomic::AtomicBool;

use super::ages::Ages;
use super::test_corpus::{Script, Scripts};
use super::tests::{agent, dream_with, plant, sessions, statements};
use super::*;
use crate::domain::agent::Budget;
use crate::domain::dream::Window;
use crate::domain::evidence::Tier;
use crate::domain::lesson::Kind;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::rules::Rules;
use crate::domain::tokens;
use crate::dream::Parameters;
use crate::lesson::{Choice, combine, cut};

fn memory(documents: &[(&str, &str)]) -> Snapshot {
    documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect()
}

fn text<'a>(memory: &'a Snapshot, path: &str) -> &'a str {
    memory.get(&DocPath::new(path).unwrap()).map_or("(none)", |text| text)
}

fn within(corpus: &Scripts, memory: &Snapshot, budget: Budget) -> Outcome {
    let agent = crate::domain::agent::Agent { budget, ..agent() };
    run(&Request {
        agent: &agent,
        sessions: &corpus.metas,
        memory,
        protected: &[],
        ages: &Ages::default(),
        window: &Window::default(),
        parameters: &Parameters::under(Rules { retire_after: 8, ..Rules::default() }),
        facts: &|session| extract(session, corpus),
        known: &|_| None,
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    })
    .unwrap()
}

fn too_many(_: usize, script: &mut Script) {
    script.shell("shop export --batch 500", Err("Exit code 1\nerror: a batch holds at most 200 orders"));
    script.shell("shop export --batch 200", Ok("exported"));
}

#[test]
fn a_note_with_a_wrong_number_is_revised_in_place_and_then_left_alone() {
    let corpus = sessions(too_many);
    let before =
        "# Export\n\n- Made at night.\n- Send it with `shop export --batch 500`, the mirror needs an hour.\n";
    let base = memory(&[("/export.md", before)]);
    let outcome = dream_with(&corpus, &corpus.metas, &base, &[]);
    assert_eq!(
        statements(&outcome),
        [
            "With `shop export`, use `200` instead of `500`, which fails with \"a batch holds at most … orders\"."
        ]
    );
    assert_eq!(text(&outcome.proposed, "/export.md"), before.replace("500", "200"));
    let claim = &outcome.claims[0];
    assert!(!claim.removes && claim.marks.is_empty(), "{claim:?}");
    assert_eq!(claim.support.sessions, Some(10));
    let cutting = cut(&base, &outcome.proposed);
    assert_eq!(cutting.lessons.len(), 1);
    assert_eq!(cutting.lessons[0].kind, Kind::Revise);
    assert!(cutting.lessons[0].inserted.contains(&claim.text));
    let again = dream_with(&corpus, &corpus.metas, &outcome.proposed, &[]);
    assert_eq!(statements(&again), Vec::<&str>::new());
}

#[test]
fn only_the_note_that_tells_to_do_it_is_revised() {
    let corpus = sessions(|_, script| {
        script.shell("npm install", Err("npm error code EBADENGINE"));
        script.shell("pnpm install", Ok("done"));
    });
    let base = memory(&[("/setup.md", "- Never `npm install` twice.\n- Start with `npm install`.\n")]);
    let outcome = dream_with(&corpus, &corpus.metas, &base, &[]);
    assert_eq!(outcome.claims.len(), 1, "{:?}", statements(&outcome));
    assert!(text(&outcome.proposed, "/setup.md").ends_with("twice.\n- Start with `pnpm install`.\n"));
}

#[test]
fn a_mistake_that_nothing_ends_is_told_after_those_with_a_way_out() {
    let corpus = sessions(|day, script| {
        plant(script);
        let locked = "Exit code 1\nerror: the state file is locked";
        script.shell("terraform apply", Err(locked));
        script.shell(["sleep 5", "terraform init", "rm lock"][day % 3], Ok("ok"));
        script.shell("terraform apply", Err(locked));
    });
    let outcome = dream_with(&corpus, &corpus.metas, &Snapshot::new(), &[]);
    let said = statements(&outcome);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("deploy login") && said[1].starts_with("`terraform apply` keeps failing"));
    let open = &outcome.claims[1];
    assert_eq!((open.support.sessions, open.support.exposed), (Some(10), Some(10)));
    assert_eq!(open.marks[0].guard, "no-fix");
    assert!(outcome.manifest.noise.unwrap() <= 0.1, "{:?}", outcome.manifest.noise);
}

const NOTES: &str = "# Notes\n\n\
    - The old importer is started with `legacy import --all` and takes about an hour on a good day.\n\
    - `tools/convert.sh` turns the pictures of the year 2019 into the format of the year 2020.\n\
    - `deploy push web` is how the shop goes out.\n\
    - Never run `legacy wipe`, it takes everything along.\n";

#[test]
fn an_over_large_store_gets_a_plan_of_single_lessons() {
    let corpus = sessions(|_, script| plant(script));
    let base = memory(&[("/notes.md", NOTES)]);
    let all = tokens::estimate(NOTES);
    let outcome = within(&corpus, &base, Budget { store_tokens: all - 30, ..Budget::default() });
    let retired: Vec<&Claim> = outcome.claims.iter().filter(|claim| claim.removes).collect();
    assert_eq!(retired.len(), 2, "{:?}", statements(&outcome));
    assert!(
        retired.iter().all(|claim| claim.tier == Tier::Lead && claim.statement.contains("in 10 sessions"))
    );
    let cutting = cut(&base, &outcome.proposed);
    for claim in &retired {
        let one = cutting
            .lessons
            .iter()
            .position(|lesson| lesson.kind == Kind::Remove && lesson.removed.contains(&claim.text))
            .unwrap();
        let after = combine(&cutting, &Choice::of([one]));
        assert!(!text(&after, "/notes.md").contains(&claim.text), "each by itself");
        let other = retired.iter().find(|other| other.text != claim.text).unwrap();
        assert!(text(&after, "/notes.md").contains(&other.text));
    }
    let tight = within(&corpus, &base, Budget { store_tokens: 5, ..Budget::default() });
    assert!(text(&tight.proposed, "/notes.md").contains("Never run"));
    assert!(tight.manifest.remarks.iter().any(|remark| remark.contains("too many")), "{:?}", tight.manifest);
}

#[test]
fn loose_notes_leave_an_over_long_index_for_the_document_of_their_topic() {
    let index = "# Index\n\n- [Previews and releases](releases.md) — deploying, rolling back\n\
        - [Search](search.md) — synonyms\n\
        - A preview lives for three days, a release for a week.\n\
        - Something nobody ever needs to know about lamps.\n";
    let base = memory(&[
        ("/MEMORY.md", index),
        (
            "/releases.md",
            "# Releases\n\n- A preview is a copy; a release lives until the next week.\n- Three people deploy.\n",
        ),
        ("/search.md", "# Search\n\n- Synonyms are folded.\n"),
    ]);
    let corpus = sessions(|_, _| {});
    let budget = Budget { index: Some("/MEMORY.md".into()), index_lines: Some(5), ..Budget::default() };
    let outcome = within(&corpus, &base, budget);
    let after = text(&outcome.proposed, "/MEMORY.md");
    assert!(after.contains("(releases.md)") && after.contains("(search.md)"), "links stay: {after}");
    assert!(
        text(&outcome.proposed, "/releases.md").contains("lives for three days"),
        "{:?}",
        outcome.proposed
    );
    assert_eq!(outcome.claims.len(), 2, "{:?}", statements(&outcome));
    let moves = cut(&base, &outcome.proposed).lessons;
    assert!(moves.iter().all(|lesson| lesson.kind == Kind::Move), "{moves:?}");
}
