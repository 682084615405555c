//! The offline engine on real transcripts; passes with a note where those are absent.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "support/engine.rs"]
mod engine;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use wakeful::domain::evidence::{Stance, Tier};
use wakeful::domain::memory::Snapshot;
use wakeful::dream::{Claim, Outcome};
use wakeful::evidence::verify::{Page, Rules, verify};
use wakeful::lesson;
use wakeful::source::{self, claude_code::ClaudeCode};

const PROJECT: &str = "agents-md-evaluator";

fn rules(shared: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(shared.join("claude-code/repo-files/context-evaluator/CLAUDE.md")).unwrap();
    vec![("CLAUDE.md".to_owned(), text)]
}

fn dream(found: &engine::Found<'_>, shared: &Path) -> Outcome {
    engine::dream(&found.agent, &found.sessions, found, &Snapshot::new(), &rules(shared)).unwrap()
}

fn headline(outcome: &Outcome) -> &Claim {
    outcome.claims.iter().find(|claim| claim.statement.contains("rtk")).unwrap()
}

#[derive(Deserialize)]
struct Labels {
    recurring_errors: Vec<Recurring>,
}

#[derive(Deserialize)]
struct Recurring {
    signature: String,
    evidence: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    session: String,
    tool_use_id: String,
    uuid: String,
}

#[test]
fn the_headline_lesson_rests_on_exactly_the_labelled_records() {
    let Some(shared) = engine::shared() else { return };
    let labels: Labels =
        serde_json::from_slice(&fs::read(shared.join("labels/context-evaluator.json")).unwrap()).unwrap();
    let expected: BTreeSet<(String, String, String)> = labels
        .recurring_errors
        .into_iter()
        .find(|error| error.signature.contains("unrecognized subcommand 'bun'"))
        .unwrap()
        .evidence
        .into_iter()
        .map(|e| (e.session.trim_end_matches(".jsonl").to_owned(), e.tool_use_id, e.uuid))
        .collect();
    assert_eq!(expected.len(), 18);

    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let outcome = dream(&engine::Found::new(&source, PROJECT), &shared);
    let claim = headline(&outcome);
    assert_eq!(
        claim.statement,
        "Run `bun` directly, not through `rtk`: `rtk bun …` fails with \"unrecognized subcommand 'bun'\"."
    );
    let support: BTreeSet<(String, String, String)> = claim
        .evidence
        .iter()
        .filter(|e| e.stance == Stance::Support && e.status.counts())
        .map(|e| (e.place.session.to_string(), e.place.call.clone().unwrap(), e.place.record.clone()))
        .collect();
    assert_eq!(support, expected);
    assert_eq!((claim.support.sessions, claim.support.exposed), (Some(18), Some(23)));
    assert_eq!(claim.support.mention, 5, "five more hid the exit code behind a pipe");
    assert_eq!((claim.support.contradict, claim.tier), (0, Tier::Established));
    let mark = &claim.marks[0];
    assert_eq!(mark.guard, "protected");
    assert!(mark.text.starts_with("contradicts CLAUDE.md line 851"), "{}", mark.text);

    let noise = outcome.manifest.noise.unwrap();
    assert!(noise <= 0.1, "mean false lessons on shuffled copies: {noise}");
    for text in outcome.proposed.iter().map(|(_, text)| text) {
        assert!(!text.contains("18") && !text.contains("2026"), "no counts or dates in memory: {text}");
    }
}

#[test]
fn rules_that_a_session_read_are_held_against_the_lesson_without_the_file() {
    let Some(shared) = engine::shared() else { return };
    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let found = engine::Found::new(&source, PROJECT);
    let own = [("/home/dev/.claude/CLAUDE.md".to_owned(), "# Mine\n\n- Never push to main.\n".to_owned())];
    let outcome = engine::dream(&found.agent, &found.sessions, &found, &Snapshot::new(), &own).unwrap();
    let marks: Vec<_> = headline(&outcome).marks.iter().filter(|mark| mark.guard == "protected").collect();
    assert_eq!(marks.len(), 1, "{marks:?}");
    assert!(marks[0].text.starts_with("contradicts CLAUDE.md line "), "{}", marks[0].text);
    assert!(marks[0].text.contains("(as a session read it on 2026-"), "{}", marks[0].text);
    assert!(marks[0].text.contains("Always prefix commands with `rtk`"), "{}", marks[0].text);
}

#[test]
fn every_quote_opens_at_its_record() {
    let Some(shared) = engine::shared() else { return };
    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let found = engine::Found::new(&source, PROJECT);
    let outcome = dream(&found, &shared);
    let evidence: Vec<_> = outcome.claims.iter().flat_map(|claim| &claim.evidence).collect();
    assert!(evidence.len() >= 30);
    for evidence in evidence {
        let events = source::open_place(&source, &found.agent, &evidence.place).unwrap();
        let found = events.iter().any(|event| {
            let page = Page::new(event.kind, &event.text, false);
            verify(&evidence.quote, None, &page, &[], Rules::TAKEN).status == evidence.status
        });
        assert!(found, "{evidence:?}");
    }
}

#[test]
fn the_same_bytes_whatever_the_order_and_the_threads() {
    let Some(shared) = engine::shared() else { return };
    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let mut found = engine::Found::new(&source, PROJECT);
    let first = dream(&found, &shared);
    found.sessions.reverse();
    found.sessions.rotate_left(11);
    for threads in [1, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let again = pool.install(|| dream(&found, &shared));
        assert_eq!(again, first, "{threads} threads");
        assert_eq!(again.proposed.hash(), first.proposed.hash());
    }
}

#[test]
fn each_claim_can_be_accepted_by_itself() {
    let Some(shared) = engine::shared() else { return };
    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let outcome = dream(&engine::Found::new(&source, PROJECT), &shared);
    let cutting = lesson::cut(&Snapshot::new(), &outcome.proposed);
    assert_eq!(cutting.lessons.len(), outcome.claims.len());
    for claim in &outcome.claims {
        let holding = cutting.lessons.iter().filter(|lesson| lesson.inserted.contains(&claim.text));
        assert_eq!(holding.count(), 1, "{}", claim.statement);
    }
}

#[test]
fn forked_copies_of_sessions_change_no_count() {
    let Some(shared) = engine::shared() else { return };
    let project = "claude-code/projects/-Users-dev-Code-agents-md-evaluator";
    let config = tempfile::tempdir().unwrap();
    let folder = config.path().join("projects/-Users-dev-Code-agents-md-evaluator");
    fs::create_dir_all(&folder).unwrap();
    let mut forks = 0;
    for entry in fs::read_dir(shared.join(project)).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        fs::write(folder.join(format!("{name}.jsonl")), &text).unwrap();
        // A fork carries the records with their ids; only the session's own id is another.
        if text.contains("unrecognized subcommand 'bun'") && forks < 8 {
            forks += 1;
            let fork = format!("{forks:08}-0000-4000-8000-000000000000");
            fs::write(folder.join(format!("{fork}.jsonl")), text.replace(name, &fork)).unwrap();
        }
    }
    let source = ClaudeCode::new(config.path(), vec![]);
    let found = engine::Found::new(&source, PROJECT);
    assert_eq!((found.sessions.len(), forks), (44, 8));
    let claim = headline(&dream(&found, &shared)).clone();
    assert_eq!((claim.support.sessions, claim.support.exposed), (Some(18), Some(23)));
    assert_eq!(claim.support.mention, 5);
    let sessions: BTreeSet<_> = claim
        .evidence
        .iter()
        .filter(|e| e.stance == Stance::Support)
        .map(|e| e.place.session.clone())
        .collect();
    assert_eq!(sessions.len(), 18);
}

#[test]
fn a_folder_of_four_short_sessions_gives_upkeep_alone() {
    let Some(shared) = engine::shared() else { return };
    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let found = engine::Found::new(&source, "oh-my-posh");
    let memory = source::Source::memory(&source, &found.agent, &wakeful::domain::memory::Snapshot::new())
        .unwrap()
        .snapshot;
    let outcome = engine::dream(&found.agent, &found.sessions, &found, &memory, &[]).unwrap();
    let said: Vec<&str> = outcome.claims.iter().map(|claim| claim.statement.as_str()).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("Keep one of two equal notes: \"[zsh-vi-mode"), "{said:?}");
}
