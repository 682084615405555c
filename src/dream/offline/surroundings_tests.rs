//! Facts about the surroundings: each kind planted, its decoys, and corpora in which nothing was planted.

use std::collections::BTreeSet;

use super::drafts::Draft;
use super::extract::extract;
use super::mix::Mix;
use super::pool::Pool;
use super::spread::Spread;
use super::surroundings::{Field, Surroundings};
use super::test_corpus::{Script, Scripts, meta};
use super::tests::{dream_with, sessions, statements};
use crate::domain::evidence::{Stance, Tier};
use crate::domain::lesson::Topic;
use crate::domain::memory::{DocPath, Snapshot};
use crate::dream::Parameters;
use crate::evidence::noise::Dice;

fn facts(corpus: &Scripts) -> (Vec<Draft>, f64) {
    let read = corpus.metas.iter().map(|m| (m, extract(m, corpus).unwrap())).collect();
    let pool = Pool::new(read);
    let (spread, mix, parameters) = (Spread::of(&pool), Mix::of(&pool), Parameters::default());
    let field = Field { pool: &pool, spread: &spread, mix: &mix, parameters: &parameters };
    let surroundings = Surroundings::of(field);
    (
        surroundings.drafts(parameters.false_discovery, &[]),
        surroundings.noise(parameters.false_discovery, "c"),
    )
}

fn said(corpus: &Scripts) -> Vec<(String, usize, usize)> {
    let (drafts, noise) = facts(corpus);
    assert!(noise <= 0.1, "{noise}");
    let count = |draft: &Draft, stance| draft.units(stance).len();
    drafts.iter().map(|d| (d.text.clone(), count(d, Stance::Support), count(d, Stance::Contradict))).collect()
}

fn none() -> Vec<(String, usize, usize)> {
    Vec::new()
}

fn grep(script: &mut Script, pattern: &str, found: &str) {
    let id = format!("g{pattern}{found}");
    script.call(&id, "Grep", &serde_json::json!({ "pattern": pattern, "path": "/srv/app" }).to_string());
    script.result(&id, found);
}

fn open(script: &mut Script, file: &str) {
    let id = format!("r{file}");
    script.call(&id, "Read", &serde_json::json!({ "file_path": format!("/srv/app/{file}") }).to_string());
    script.result(&id, "text");
}

const FEATURE: &str = "Exit code 101\nerror: the feature `shop` is required";

#[test]
fn an_option_without_which_a_command_fails_in_other_sessions() {
    let corpus = sessions(|day, script| {
        if day % 2 == 0 {
            script.shell("cargo build", Err(FEATURE));
        } else {
            script.shell("cargo build --features=shop", Ok("built"));
        }
    });
    let text = "Pass `--features=shop` to `cargo build`: without it the command fails with \"the feature 'shop' is required\".";
    assert_eq!(said(&corpus), [(text.to_owned(), 5, 0)]);
    let outcome = dream_with(&corpus, &corpus.metas, &Snapshot::new(), &[]);
    assert_eq!(statements(&outcome), [text]);
    let claim = &outcome.claims[0];
    assert_eq!((claim.topic, claim.tier), (Topic::Fact, Tier::Supported));
    assert_eq!((claim.support.sessions, claim.support.exposed), (Some(5), Some(10)));
    let mark = claim.marks.iter().find(|mark| mark.guard == "confirmed").unwrap();
    assert_eq!(mark.text, "last confirmed on 2026-03-09");
}

#[test]
fn the_value_of_an_option_is_told_where_all_agree_and_it_is_no_argument() {
    let told = |with: fn(usize) -> String, without: &'static str| {
        let corpus = sessions(move |day, script| {
            if day % 2 == 0 {
                script.shell(without, Err(FEATURE));
            } else {
                script.shell(&with(day), Ok("built"));
            }
        });
        said(&corpus).first().map(|(text, ..)| text.split('`').nth(1).unwrap_or_default().to_owned())
    };
    let platform = |_| "cargo build --platform linux/amd64".to_owned();
    assert_eq!(told(platform, "cargo build").as_deref(), Some("--platform linux/amd64"));
    let differing = |day| format!("cargo build --tag app:{day}");
    assert_eq!(told(differing, "cargo build").as_deref(), Some("--tag"));
    let argument = |_| "npm install --legacy-peer-deps left-pad".to_owned();
    assert_eq!(told(argument, "npm install left-pad").as_deref(), Some("--legacy-peer-deps"));
}

#[test]
fn sessions_in_which_the_option_did_not_help_speak_against_it() {
    let mut corpus = Scripts::default();
    for day in 0..16 {
        let name = format!("s{day:02}");
        let mut script = Script::named(&name, day);
        script.shell("cargo build", Err(FEATURE));
        let helps = day % 4 != 3;
        script.shell("cargo build --features=shop", if helps { Ok("built") } else { Err(FEATURE) });
        corpus.add(meta(&name, day), script);
    }
    let found = said(&corpus);
    assert_eq!(found.iter().map(|(_, support, against)| (*support, *against)).collect::<Vec<_>>(), [(12, 4)]);
}

#[test]
fn a_directory_outside_of_which_a_command_fails() {
    let corpus = sessions(|day, script| {
        if day % 2 == 0 {
            script.shell("npm test", Err("Exit code 1\nnpm error Missing script: test"));
        } else {
            script.shell("cd web && npm test", Ok("ok"));
        }
    });
    let text = "Run `npm test` in `web`: elsewhere it fails with \"npm error Missing script: test\".";
    assert_eq!(said(&corpus), [(text.to_owned(), 5, 0)]);
}

#[test]
fn a_test_run_that_fails_for_its_own_reasons_needs_no_option() {
    let corpus = sessions(|day, script| {
        let failing = format!("Exit code 1\nFAILED tests/test_{day}.py::test_{day} - broken in {day} ways");
        if day % 2 == 0 {
            script.shell("pytest -x", Err(&failing));
        } else {
            script.shell("pytest", Ok("ok"));
        }
    });
    assert_eq!(said(&corpus), none());
}

#[test]
fn what_is_changed_right_after_the_failure_stays_a_lesson_on_a_mistake() {
    let corpus = sessions(|_, script| {
        script.shell("cargo build", Err(FEATURE));
        script.shell("cargo build --features=shop", Ok("built"));
    });
    let outcome = dream_with(&corpus, &corpus.metas, &Snapshot::new(), &[]);
    assert_eq!(outcome.claims.len(), 1, "{:?}", statements(&outcome));
    assert_eq!(outcome.claims[0].topic, Topic::Mistake);
}

fn hunt(day: usize, script: &mut Script) {
    if day.is_multiple_of(2) {
        grep(script, "fn parse_order", "none");
        script.shell("find . -name 'order*.rs'", Ok("./src/intake/order.rs"));
        open(script, "src/intake/reading.rs");
    } else {
        grep(script, &format!("struct Lamp{day}"), "one");
        open(script, &format!("src/lamps/{day}.rs"));
    }
    script.shell("cargo check", Ok("fine"));
}

#[test]
fn what_is_found_only_after_searching_is_a_place() {
    let corpus = sessions(hunt);
    assert_eq!(said(&corpus), [("`parse_order` is in `src/intake/reading.rs`.".to_owned(), 5, 0)]);
    let base: Snapshot =
        [(DocPath::new("/facts.md").unwrap(), "# Facts\n\n- One.\n".into())].into_iter().collect();
    let outcome = dream_with(&corpus, &corpus.metas, &base, &[]);
    let facts = outcome.proposed.get(&DocPath::new("/facts.md").unwrap()).unwrap();
    assert_eq!(&**facts, "# Facts\n\n- One.\n- `parse_order` is in `src/intake/reading.rs`.\n");
    let mark = outcome.claims[0].marks.iter().find(|mark| mark.guard == "confirmed").unwrap();
    assert!(mark.text.ends_with("found after 2 searches in the middle of these sessions"), "{}", mark.text);
    let again = dream_with(&corpus, &corpus.metas, &outcome.proposed, &[]);
    assert_eq!(statements(&again), Vec::<&str>::new(), "once is enough");
}

#[test]
fn a_file_that_everybody_opens_and_a_burst_are_no_places() {
    let popular = sessions(|day, script| {
        grep(script, &format!("name_{}", day % 3), "none");
        grep(script, "config", "none");
        open(script, "src/main.rs");
        script.shell("cargo check", Ok("fine"));
    });
    assert_eq!(said(&popular), none());
    let burst = sessions(|day, script| {
        for _ in 0..if day == 4 { 6 } else { 0 } {
            hunt(0, script);
        }
        hunt(1 + 2 * day, script);
    });
    assert_eq!(said(&burst), none());
}

#[test]
fn a_file_opened_where_it_is_not_was_searched_for() {
    let corpus = sessions(|day, script| {
        if day % 2 == 0 {
            for folder in ["", "src/"] {
                let id = format!("m{folder}");
                let input = serde_json::json!({ "file_path": format!("/srv/app/{folder}rates.toml") });
                script.call(&id, "Read", &input.to_string());
                script.error(&id, "File does not exist.");
            }
            open(script, "conf/money/rates.toml");
            open(script, if day % 4 == 0 { "Makefile.in" } else { "src/handler.py" });
        } else {
            grep(script, &format!("struct Lamp{day}"), "one");
            open(script, &format!("src/lamps/{day}.rs"));
        }
        script.shell("cargo check", Ok("fine"));
    });
    assert_eq!(said(&corpus), [("`rates.toml` is at `conf/money/rates.toml`.".to_owned(), 5, 0)]);
    let after = |note: &str| {
        let path = DocPath::new("/facts.md").unwrap();
        let memory: Snapshot = [(path.clone(), note.into())].into_iter().collect();
        let outcome = dream_with(&corpus, &corpus.metas, &memory, &[]);
        outcome.proposed.get(&path).unwrap().to_string()
    };
    let right = "- The rates are in `conf/money/rates.toml`.\n";
    assert_eq!(
        after("- The rates are in `old/rates.toml`.\n"),
        right,
        "the note is put right where it stands"
    );
    assert_eq!(after(right), right);
    let other = "- Sort `old/rates.toml` by name.\n";
    assert!(after(other).starts_with(other), "of another file of that name");
}

#[test]
fn the_only_thing_that_is_searched_for_is_compared_with_what_is_opened_without_a_search() {
    let lone = |popular: bool| {
        sessions(move |day, script| {
            open(script, &format!("src/lamps/{day}.rs"));
            open(script, if popular { "src/intake/reading.rs" } else { "src/main.rs" });
            script.shell("cargo check", Ok("fine"));
            if day % 2 == 0 {
                grep(script, "parse_order", "none");
                grep(script, "parse_order", "one");
                open(script, "src/intake/reading.rs");
            }
        })
    };
    assert_eq!(said(&lone(false)), [("`parse_order` is in `src/intake/reading.rs`.".to_owned(), 5, 0)]);
    assert_eq!(said(&lone(true)), none(), "everybody opens it");
}

#[test]
fn limits_are_named_by_the_tool_or_parted_by_what_went_well() {
    let named = sessions(|day, script| {
        if day % 2 == 0 {
            let line = format!("shop export --batch {}", 300 + 100 * day);
            script.shell(&line, Err("Exit code 1\nerror: a batch holds at most 200 orders"));
        } else {
            script.shell(&format!("shop export --batch {}", 20 * day), Ok("exported"));
        }
    });
    let text =
        "`shop export --batch` takes at most 200: more fails with \"a batch holds at most 200 orders\".";
    assert_eq!(said(&named), [(text.to_owned(), 5, 0)]);
    let parted = sessions(|day, script| {
        if day % 2 == 0 {
            let line = format!("shop sync --pages={}", 50 + day);
            script.shell(&line, Err("Exit code 1\nerror: the request timed out"));
        } else {
            script.shell(&format!("shop sync --pages={day}"), Ok("synced"));
        }
    });
    let text = "`shop sync --pages` goes well up to 9 and fails from 50 on: \"the request timed out\".";
    assert_eq!(said(&parted), [(text.to_owned(), 5, 0)]);
}

#[test]
fn timeouts_of_any_size_and_other_errors_are_no_limits() {
    let any = sessions(|day, script| {
        let line = format!("shop sync --pages={}", [5, 40, 9, 30, 12, 50, 3, 44, 21, 8][day]);
        let late = Err("Exit code 1\nerror: the request timed out");
        script.shell(&line, if day % 2 == 0 { late } else { Ok("synced") });
    });
    assert_eq!(said(&any), none());
    let other = sessions(|day, script| {
        let line = format!("shop sync --pages={}", 10 * day);
        script.shell(&line, if day > 4 { Err("Exit code 1\nerror: no such shop") } else { Ok("synced") });
    });
    assert_eq!(said(&other), none());
}

#[test]
fn versions_are_facts_when_the_last_answers_agree() {
    let corpus = sessions(|day, script| {
        let answer = if day < 3 { "v18.2.0" } else { "v20.11.1" };
        script.shell("node --version", Ok(answer));
        if day % 2 == 0 {
            script.shell("shop --version", Ok("unknown"));
        }
        script.shell("git --version", Ok(["git version 2.1.0", "git version 2.2.0"][day % 2]));
    });
    assert_eq!(said(&corpus), [("`node` here is version `v20.11.1`.".to_owned(), 7, 0)]);
    let (drafts, _) = facts(&corpus);
    let quotes: BTreeSet<&str> =
        drafts.iter().flat_map(|draft| &draft.sightings).map(|s| s.evidence.quote.as_str()).collect();
    assert_eq!(quotes, BTreeSet::from(["v18.2.0", "v20.11.1"]), "the places are the answers");
    let note = "# Setup\n\n- The shop is built with node v18.2.0 and nothing else.\n";
    let base: Snapshot = [(DocPath::new("/setup.md").unwrap(), note.into())].into_iter().collect();
    let outcome = dream_with(&corpus, &corpus.metas, &base, &[]);
    let after = outcome.proposed.get(&DocPath::new("/setup.md").unwrap()).unwrap();
    assert_eq!(&**after, note.replace("v18.2.0", "v20.11.1"), "{:?}", statements(&outcome));
}

/// Thirty sessions of three people in which searches, values, options and failures have nothing to do
/// with one another.
fn noise(seed: u32) -> Scripts {
    let mut dice = Dice::new("surroundings", "noise", seed);
    let mut corpus = Scripts::default();
    for day in 0..30 {
        let name = format!("s{day:02}");
        let mut script = Script::named(&name, day);
        script.user("please go on with the shop");
        for step in 0..12 {
            let pick = |dice: &mut Dice, many: usize| dice.below(many).min(dice.below(many));
            match dice.below(3) {
                0 => {
                    for search in 0..=dice.below(3) {
                        grep(
                            &mut script,
                            &format!("name_{:02}", pick(&mut dice, 12)),
                            &format!("{step}{search}"),
                        );
                    }
                    open(&mut script, &format!("src/file{}.rs", pick(&mut dice, 8)));
                }
                1 => {
                    let line = format!("tool{} run --size {}", pick(&mut dice, 4), dice.below(500));
                    let flag = ["", " --fast", " --deep", " --fast --quiet"][dice.below(4)];
                    let late = Err("Exit code 1\nerror: the request timed out");
                    script.shell(&format!("{line}{flag}"), if dice.chance(0.4) { late } else { Ok("done") });
                }
                _ => script.shell("cargo check", Ok("fine")),
            }
        }
        let mut meta = meta(&name, day);
        meta.user = Some(format!("u{}", day % 3));
        corpus.add(meta, script);
    }
    corpus
}

#[test]
fn sessions_without_facts_give_none() {
    const CORPORA: u32 = 40;
    let (mut found, mut expected) = (BTreeSet::new(), 0.0);
    for seed in 0..CORPORA {
        let (drafts, noise) = facts(&noise(seed));
        found.extend(drafts.into_iter().map(|draft| (seed, draft.text)));
        expected += noise / f64::from(CORPORA);
    }
    assert!(found.len() as f64 <= 0.05 * f64::from(CORPORA), "{found:?}");
    assert!(expected <= 0.05, "{expected}");
}
