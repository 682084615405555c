//! Whole passes over hand-made sessions: each planted lesson with what must not become one.

use std::sync::atomic::AtomicBool;

use super::ages::Ages;
use super::test_corpus::{Script, Scripts, meta};
use super::*;
use crate::domain::agent::{Agent, Budget, Mode, SourceKind};
use crate::domain::checks::Confirmation;
use crate::domain::dream::Window;
use crate::domain::evidence::{Stance, Tier};
use crate::domain::ids::AgentId;
use crate::domain::lesson::Topic;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::session::{EventKind, SessionMeta};
use crate::dream::Parameters;
use crate::evidence::verify::{self, Page, Rules};

pub(super) fn agent() -> Agent {
    Agent {
        id: AgentId::new("folder:test"),
        name: "test".into(),
        source: SourceKind::Folder,
        sessions_at: String::new(),
        memory_at: String::new(),
        protected: vec![],
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: crate::domain::outcome::Outcomes::default(),
    }
}

pub(super) fn dream_with(
    corpus: &Scripts,
    sessions: &[SessionMeta],
    memory: &Snapshot,
    protected: &[(String, String)],
) -> Outcome {
    run(&Request {
        agent: &agent(),
        sessions,
        memory,
        protected,
        ages: &Ages::default(),
        window: &Window::default(),
        parameters: &Parameters::default(),
        facts: &|session| extract(session, corpus),
        known: &|_| None,
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    })
    .unwrap()
}

fn dream(corpus: &Scripts) -> Outcome {
    dream_with(corpus, &corpus.metas, &Snapshot::new(), &[])
}

pub(super) fn statements(outcome: &Outcome) -> Vec<&str> {
    outcome.claims.iter().map(|claim| claim.statement.as_str()).collect()
}

/// Ten sessions on ten days, each with an error of its own that ends one way or another, so that there
/// is something to compare with; `also` adds to each.
pub(super) fn sessions(also: impl Fn(usize, &mut Script)) -> Scripts {
    let noise = [
        ("make docs", "error: broken link in the handbook"),
        ("cargo bench", "error: benchmark group is missing"),
        ("terraform plan", "Error: provider registry gave no answer"),
        ("docker build .", "error: layer cache has gone away"),
    ];
    let others = ["git stash", "git fetch", "npm audit", "redis flushall"];
    let mut corpus = Scripts::default();
    for day in 0..10 {
        let name = format!("s{day:02}");
        let mut script = Script::named(&name, day as u32);
        script.user("please go on with the migration of the billing service");
        let (line, error) = noise[day % 4];
        script.shell(line, Err(error));
        script.shell(others[(day * 7) % 4], Ok("fine"));
        let ends = day % 3 != 0;
        script.shell(line, if ends { Ok("built") } else { Err(error) });
        also(day, &mut script);
        corpus.add(meta(&name, day as u32), script);
    }
    corpus
}

const NO_WORKSPACE: &str = "Exit code 1\nerror: no workspace selected";

/// The planted mistake: `deploy push` fails until `deploy login` was run.
pub(super) fn plant(script: &mut Script) {
    script.shell("deploy push web", Err(NO_WORKSPACE));
    script.shell("deploy login", Ok("hello"));
    script.shell("deploy push web", Ok("pushed"));
}

#[test]
fn a_recurring_mistake_and_what_was_done_before_the_next_success() {
    let corpus = sessions(|day, script| {
        if day % 4 != 3 {
            plant(script);
        }
    });
    let outcome = dream(&corpus);
    let lesson =
        "When `deploy push …` fails with \"no workspace selected\", run `deploy login` before trying again.";
    assert_eq!(statements(&outcome), [lesson]);
    let claim = &outcome.claims[0];
    assert_eq!((claim.support.sessions, claim.support.exposed), (Some(8), Some(8)));
    assert_eq!((claim.topic, claim.tier), (Topic::Mistake, Tier::Supported));
    assert_eq!(outcome.manifest.noise_copies, 20);
    assert!(outcome.manifest.noise.unwrap() <= 0.1, "{:?}", outcome.manifest.noise);
}

#[test]
fn fixes_that_did_not_help_are_counted_against() {
    let corpus = sessions(|day, script| {
        if day == 9 {
            script.shell("deploy push web", Err(NO_WORKSPACE));
            script.shell("deploy login", Ok("hello"));
            script.shell("deploy push web", Err(NO_WORKSPACE));
        } else {
            plant(script);
        }
    });
    let claim = &dream(&corpus).claims[0];
    assert_eq!((claim.support.sessions, claim.support.contradict), (Some(9), 1));
    let against: Vec<_> = claim.evidence.iter().filter(|e| e.stance == Stance::Contradict).collect();
    assert!(against.iter().all(|e| e.place.session.as_str() == "s09"));
}

#[test]
fn a_wrapper_that_fails_contradicts_the_rule_that_demands_it() {
    let corpus = sessions(|day, script| {
        script.shell("wrap yarn test", Err("Exit code 2\nerror: unknown subcommand 'yarn'"));
        script.shell("yarn test", Ok("ok"));
        if day == 0 {
            script.shell("wrap git status", Ok("clean"));
        }
    });
    let rules = [("CLAUDE.md".to_owned(), "# Rules\n\nAlways prefix commands with `wrap`.\n".to_owned())];
    let outcome = dream_with(&corpus, &corpus.metas, &Snapshot::new(), &rules);
    assert_eq!(
        statements(&outcome),
        ["Run `yarn` directly, not through `wrap`: `wrap yarn …` fails with \"unknown subcommand 'yarn'\"."]
    );
    let marks = &outcome.claims[0].marks;
    assert_eq!(marks.len(), 1);
    assert!(marks[0].guard == "protected" && marks[0].text.contains("CLAUDE.md line 3"), "{marks:?}");
    assert!(dream(&corpus).claims[0].marks.is_empty());
}

#[test]
fn a_change_that_is_the_only_error_of_a_corpus_is_still_found() {
    let mut corpus = Scripts::default();
    for day in 0..8 {
        let name = format!("s{day}");
        let mut script = Script::named(&name, day);
        script.shell("git status", Ok("clean"));
        script.shell("npm install", Err("npm error code EBADENGINE"));
        script.shell("pnpm install", Ok("done"));
        script.shell("pnpm test", Ok("ok"));
        script.shell("pnpm test", Ok("ok"));
        script.shell("git add a", Ok(""));
        script.shell("git add b", Ok(""));
        corpus.add(meta(&name, day), script);
    }
    let outcome = dream(&corpus);
    assert_eq!(statements(&outcome).len(), 1);
    assert!(statements(&outcome)[0].starts_with("Use `pnpm install` instead of `npm install`"));
    assert!(outcome.manifest.noise.unwrap() <= 0.1);
}

#[test]
fn what_ends_the_only_error_of_a_corpus_is_told_from_what_is_always_done() {
    let lone = |first: &str, usual: &str| {
        let mut corpus = Scripts::default();
        for day in 0..12 {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            script.shell("make test", Ok("12 passed"));
            script.shell(usual, Ok("done"));
            script.shell("make test", Ok("12 passed"));
            if day % 4 != 3 {
                script.shell("deploy push web", Err(NO_WORKSPACE));
                script.shell(first, Ok("hello"));
                script.shell("deploy push web", Ok("pushed"));
            }
            corpus.add(meta(&name, day), script);
        }
        let outcome = dream(&corpus);
        assert!(outcome.manifest.noise.unwrap() <= 0.2);
        let count = outcome.claims.first().and_then(|claim| claim.support.sessions);
        (outcome.claims.len(), count)
    };
    assert_eq!(lone("deploy login", "make fmt"), (1, Some(9)));
    assert_eq!(lone("make fmt", "make fmt"), (0, None));
}

#[test]
fn a_flaky_error_that_ends_whatever_is_done_needs_no_remedy() {
    let corpus = sessions(|day, script| {
        script.shell("pytest", Err("E TimeoutError: the stub did not answer in time"));
        let between = ["git pull", "make clean", "git pull", "touch a", "mkdir b"];
        script.shell(between[day % 5], Ok("fine"));
        script.shell("pytest", Ok("12 passed"));
    });
    assert_eq!(statements(&dream(&corpus)), Vec::<&str>::new());
}

#[test]
fn a_burst_in_one_session_is_no_lesson() {
    let corpus = sessions(|day, script| {
        if day == 2 {
            (0..12).for_each(|_| plant(script));
        }
    });
    assert_eq!(statements(&dream(&corpus)), Vec::<&str>::new());
}

#[test]
fn one_day_of_one_person_is_no_lesson() {
    let corpus = sessions(|day, script| {
        if day < 5 {
            plant(script);
        }
    });
    let mut metas = corpus.metas.clone();
    let first = metas[0].started;
    metas.iter_mut().take(5).for_each(|session| session.started = first);
    assert_eq!(statements(&dream_with(&corpus, &metas, &Snapshot::new(), &[])), Vec::<&str>::new());
}

#[test]
fn one_of_several_people_is_not_enough() {
    let corpus = sessions(|day, script| {
        if day % 2 == 0 {
            plant(script);
        }
    });
    let mut metas = corpus.metas.clone();
    for (day, session) in metas.iter_mut().enumerate() {
        session.user = Some(if day % 2 == 0 { "person-a" } else { "person-b" }.to_owned());
    }
    assert_eq!(statements(&dream_with(&corpus, &metas, &Snapshot::new(), &[])), Vec::<&str>::new());
    metas[0].user = Some("bert".to_owned());
    assert_eq!(statements(&dream_with(&corpus, &metas, &Snapshot::new(), &[])).len(), 1);
}

#[test]
fn a_habit_after_every_error_is_no_lesson_about_one() {
    let mut corpus = Scripts::default();
    for day in 0..10 {
        let name = format!("s{day}");
        let mut script = Script::named(&name, day);
        for (line, error) in [
            ("build docs", "error: first thing is wrong"),
            ("check links", "error: link checker found nothing"),
            ("deploy push web", NO_WORKSPACE),
        ] {
            script.shell(line, Err(error));
            script.shell("sync all", Ok("ok"));
            script.shell(line, Ok("ok"));
        }
        corpus.add(meta(&name, day), script);
    }
    assert_eq!(statements(&dream(&corpus)), Vec::<&str>::new());
}

#[test]
fn errors_that_the_agent_only_reads_about_are_no_errors() {
    let corpus = sessions(|_, script| {
        script.call("r", "Read", r#"{"file_path":"/srv/app/log.txt"}"#);
        script.result("r", "error: no workspace selected");
        script.assistant("error: no workspace selected; I run deploy login");
        script.shell("deploy login", Ok("hello"));
        script.shell("deploy push web", Ok("pushed"));
    });
    assert_eq!(statements(&dream(&corpus)), Vec::<&str>::new());
}

#[test]
fn what_the_tool_refuses_by_itself_ranks_last() {
    let corpus = sessions(|day, script| {
        let edit = r#"{"file_path":"/srv/app/a.rs","old_string":"x","new_string":"y"}"#;
        let id = |n: u32| format!("e{n}");
        script.call(&id(1), "Edit", edit);
        script.error(
            &id(1),
            "<tool_use_error>String to replace not found in file.\nString: x</tool_use_error>",
        );
        script.call(&id(2), "Read", r#"{"file_path":"/srv/app/a.rs"}"#);
        script.result(&id(2), "text");
        script.call(&id(3), "Edit", edit);
        script.result(&id(3), "done");
        if day < 6 {
            plant(script);
        }
    });
    let outcome = dream(&corpus);
    let said = statements(&outcome);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("deploy login"));
    assert!(
        said[1].starts_with(
            "When `Edit` fails with \"String to replace not found in file\", read the file again"
        )
    );
    assert!(outcome.claims[1].support.sessions > outcome.claims[0].support.sessions);
}

#[test]
fn a_preference_is_counted_from_what_people_say_alone() {
    let corpus = sessions(|day, script| {
        script.injected("Always use pnpm instead of npm.");
        script.assistant("I always use pnpm instead of npm.");
        match day {
            1 | 4 => script.user("No, use pnpm instead of npm."),
            6 => script.interrupt("use `pnpm` instead of `npm`"),
            8 => script.user("should we use pnpm instead of npm?"),
            9 => script.user("look at this:\n```\nuse pnpm instead of npm\n```\n> use pnpm instead of npm"),
            _ => script.user("commit"),
        }
    });
    let outcome = dream(&corpus);
    assert_eq!(statements(&outcome), ["Use `pnpm` instead of `npm`."]);
    let support = &outcome.claims[0].support;
    assert_eq!((support.sessions, outcome.claims[0].tier), (Some(3), Tier::Emerging));
    let places: Vec<&str> = outcome.claims[0].evidence.iter().map(|e| e.place.session.as_str()).collect();
    assert_eq!(places, ["s01", "s04", "s06"]);
}

#[test]
fn what_memory_says_already_is_not_proposed_again() {
    let corpus = sessions(|_, script| plant(script));
    let outcome = dream(&corpus);
    assert_eq!(outcome.claims.len(), 1);
    let again = dream_with(&corpus, &corpus.metas, &outcome.proposed, &[]);
    assert_eq!(statements(&again), Vec::<&str>::new());
    assert_eq!(again.proposed, outcome.proposed);
    assert!(again.manifest.remarks.iter().any(|remark| remark.contains("in memory already")));
}

#[test]
fn repeats_in_memory_go_and_their_kept_twin_stays_word_for_word() {
    let note = "- Escalate billing questions to the finance team first.";
    let text = format!("# Support\n\n{note}\n- Other note here.\n{note}\n");
    let path = DocPath::new("/support.md").unwrap();
    let memory: Snapshot = [(path.clone(), text.as_str().into())].into_iter().collect();
    let outcome = dream_with(&Scripts::default(), &[], &memory, &[]);
    assert_eq!(&**outcome.proposed.get(&path).unwrap(), format!("# Support\n\n{note}\n- Other note here.\n"));
    let claim = &outcome.claims[0];
    assert!(claim.removes && claim.support.sessions.is_none() && claim.topic == Topic::Upkeep);
}

#[test]
fn an_index_beyond_its_limit_gets_a_plan_that_loses_nothing() {
    let lines: Vec<String> =
        (0..12).map(|n| format!("- [Note {n}](note{n}.md) — about subject number {n}")).collect();
    let index = DocPath::new("/MEMORY.md").unwrap();
    let memory: Snapshot = [(index.clone(), format!("{}\n", lines.join("\n")).into())].into_iter().collect();
    let mut agent = agent();
    agent.budget.index = Some("MEMORY.md".into());
    agent.budget.index_lines = Some(10);
    let outcome = run(&Request {
        agent: &agent,
        sessions: &[],
        memory: &memory,
        protected: &[],
        ages: &Ages::default(),
        window: &Window::default(),
        parameters: &Parameters::default(),
        facts: &|_| Ok(SessionFacts::default()),
        known: &|_| None,
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    })
    .unwrap();
    let after = outcome.proposed.get(&index).unwrap();
    assert!(after.lines().count() <= 10, "{after}");
    let all: String = outcome.proposed.iter().map(|(_, text)| text.to_string()).collect();
    assert!(lines.iter().all(|line| all.contains(line)));
    assert_eq!(outcome.claims.len(), 3);
}

#[test]
fn every_quote_stands_where_it_is_said_to_stand() {
    let corpus = sessions(|_, script| {
        plant(script);
        script.user("Well, no. Use `pnpm` instead of `npm`, thanks");
    });
    let outcome = dream(&corpus);
    assert_eq!(outcome.claims.len(), 2);
    for evidence in outcome.claims.iter().flat_map(|claim| &claim.evidence) {
        let text = corpus.script(&evidence.place.session).text_at(evidence.place.bytes.start);
        let page = Page::new(EventKind::User, text, false);
        let verdict = verify::verify(&evidence.quote, None, &page, &[], Rules::TAKEN);
        assert_eq!(verdict.status, evidence.status, "{evidence:?}");
        assert!(evidence.quote.chars().count() <= 200);
    }
}

#[test]
fn the_order_of_sessions_and_the_number_of_threads_change_nothing() {
    let corpus = sessions(|day, script| {
        if day != 3 {
            plant(script);
        }
        script.user("no, use pnpm instead of npm");
    });
    let first = dream(&corpus);
    let mut metas = corpus.metas.clone();
    metas.reverse();
    metas.swap(2, 7);
    assert_eq!(dream_with(&corpus, &metas, &Snapshot::new(), &[]), first);
    for threads in [1, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| dream(&corpus)), first, "{threads} threads");
    }
}

#[test]
fn a_stopped_pass_and_one_that_reads_nothing_say_so() {
    let corpus = sessions(|_, script| plant(script));
    let ask = |facts: &(dyn Fn(&SessionMeta) -> std::io::Result<SessionFacts> + Sync), cancel: bool| {
        run(&Request {
            agent: &agent(),
            sessions: &corpus.metas,
            memory: &Snapshot::new(),
            protected: &[],
            ages: &Ages::default(),
            known: &|_| None,
            window: &Window::default(),
            parameters: &Parameters::default(),
            facts,
            progress: &|_| {},
            cancel: &AtomicBool::new(cancel),
        })
    };
    assert!(matches!(ask(&|s| extract(s, &corpus), true), Err(DreamError::Canceled)));
    let broken = ask(&|_| Err(std::io::Error::other("disk on fire")), false);
    assert!(matches!(broken, Err(DreamError::Unreadable { sessions: 10, .. })), "{broken:?}");
    let partly = ask(
        &|s| if s.id.as_str() == "s03" { Err(std::io::Error::other("gone")) } else { extract(s, &corpus) },
        false,
    )
    .unwrap();
    assert_eq!(partly.manifest.excluded.len(), 1);
    assert_eq!(partly.claims[0].support.sessions, Some(9));
}

fn dream_knowing(corpus: &Scripts, last: u32, known: bool) -> Outcome {
    run(&Request {
        agent: &agent(),
        sessions: &corpus.metas,
        memory: &Snapshot::new(),
        ages: &Ages::default(),
        protected: &[],
        window: &Window { last, ..Window::default() },
        parameters: &Parameters::default(),
        facts: &|session| extract(session, corpus),
        known: &|session| known.then(|| extract(session, corpus).unwrap()),
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    })
    .unwrap()
}

/// `count` sessions on as many days by four people, in two segments, with something to compare with.
fn many(count: u32, segment: impl Fn(u32) -> &'static str, also: impl Fn(u32, &mut Script)) -> Scripts {
    let noise = ["broken link", "group is missing", "registry gave no answer", "cache has gone away"];
    let mut corpus = Scripts::default();
    for day in 0..count {
        let name = format!("s{day:03}");
        let mut script = Script::named(&name, day);
        script.user(&format!("please look at ticket number{day}"));
        let line = format!("tool{} run", day % 4);
        let error = format!("error: {}", noise[(day % 4) as usize]);
        script.shell(&line, Err(&error));
        script.shell(["git stash", "git fetch", "npm audit"][(day * 7 % 3) as usize], Ok("fine"));
        script.shell(&line, if day % 3 == 0 { Err(&error) } else { Ok("built") });
        also(day, &mut script);
        let mut meta = meta(&name, day);
        meta.user = Some(format!("u{}", day % 4));
        meta.segment = Some(segment(day).to_owned());
        corpus.add(meta, script);
    }
    corpus
}

#[test]
fn what_was_held_out_confirms_and_older_sessions_are_asked_without_being_read() {
    let corpus = many(
        60,
        |_| "all",
        |day, script| {
            if day % 2 == 0 {
                plant(script);
            }
        },
    );
    let outcome = dream_knowing(&corpus, 40, true);
    let claim = &outcome.claims[0];
    let (checks, sessions) = (&claim.support.checks, claim.support.sessions.unwrap());
    assert_eq!((sessions, claim.tier), (20, Tier::Established));
    let held = checks.held_out.unwrap();
    assert!(held.found_without && held.verdict == Confirmation::Replicated, "{held:?}");
    assert_eq!(held.found_in.support + held.confirmed_in.support, sessions);
    assert_eq!(held.found_in.exposed + held.confirmed_in.exposed, claim.support.exposed.unwrap());
    let history = checks.history.unwrap();
    assert_eq!((history.share.support, history.verdict), (10, Confirmation::Replicated), "{history:?}");
    assert_eq!((checks.effective_users.map(f64::round), checks.people), (Some(2.0), 4));
    assert_eq!(checks.noise.unwrap().copies, 20);

    let alone = dream_knowing(&corpus, 40, false);
    assert_eq!(alone.claims[0].support.checks.history, None, "what was not read before is not read for this");
    assert_eq!(alone.proposed, outcome.proposed, "history changes no lesson");
}

#[test]
fn what_older_sessions_speak_against_is_left_to_a_person() {
    const LOCKED: &str = "Exit code 1\nerror: no workspace selected";
    let corpus = many(
        60,
        |_| "all",
        |day, script| match day {
            0..20 => {
                script.shell("deploy push site", Err(LOCKED));
                script.shell("deploy login", Ok("logged in"));
                script.shell("deploy push site", Err(LOCKED));
            }
            _ if day % 2 == 0 => plant(script),
            _ => {}
        },
    );
    let outcome = dream_knowing(&corpus, 40, true);
    let claim = &outcome.claims[0];
    let history = claim.support.checks.history.unwrap();
    assert_eq!(history.verdict, Confirmation::Contradicted, "{history:?}");
    assert_eq!(claim.tier, Tier::Emerging);
    let mark = claim.marks.iter().find(|mark| mark.guard == "reversed").unwrap();
    assert_eq!(mark.text, "older sessions speak against it: 0 for, 20 against");
}

#[test]
fn what_one_person_shows_again_and_again_is_not_established_by_one_session_of_another() {
    let tier = |others: &[u32]| {
        let mut corpus = many(
            60,
            |_| "all",
            |day, script| {
                if day % 2 == 0 {
                    plant(script);
                }
            },
        );
        for (day, meta) in corpus.metas.iter_mut().enumerate() {
            let other = others.contains(&(day as u32)) || day % 2 == 1;
            meta.user = Some(if other { format!("u{}", day % 4) } else { "ann".to_owned() });
        }
        let outcome = dream_knowing(&corpus, 60, false);
        let claim = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login")).unwrap();
        assert_eq!(claim.support.sessions, Some(30));
        claim.tier
    };
    assert_eq!(tier(&[4]), Tier::Supported);
    assert_eq!(tier(&[4, 8]), Tier::Supported, "two sessions are no lesson without the others");
    assert_eq!(tier(&[4, 10, 16, 22]), Tier::Established, "it stands without the one who shows it most");
}

#[test]
fn where_nearly_all_want_it_is_said_and_where_some_do_is_not() {
    let text = |scopes: [&str; 5]| {
        let corpus = sessions(|day, script| {
            script.user("please go on with the shop");
            script.shell("ls", Ok("fine"));
            if let Some(scope) = scopes.get(day / 2).filter(|_| day % 2 == 0) {
                script.user(&format!("No, use `Decimal` instead of `float`{scope}."));
            }
        });
        let outcome = dream(&corpus);
        outcome.claims.iter().find(|claim| claim.statement.contains("Decimal")).unwrap().statement.clone()
    };
    let plain = "Use `Decimal` instead of `float`";
    let (prices, here) = (" for prices", " in this repo");
    assert_eq!(text([prices, prices, prices, prices, ""]), format!("{plain} for prices."));
    assert_eq!(text([prices, prices, prices, "", " for taxes"]), format!("{plain}."));
    assert_eq!(text([here; 5]), format!("{plain}."));
}

#[test]
fn what_a_few_sessions_show_only_together_is_not_confirmed_by_them() {
    let corpus = many(
        40,
        |_| "all",
        |day, script| {
            if [0, 11, 22, 33].contains(&day) {
                plant(script);
            }
        },
    );
    for claim in dream_knowing(&corpus, 50, false).claims {
        let held = claim.support.checks.held_out.unwrap();
        assert!(claim.tier < Tier::Established, "{held:?}");
    }
}

#[test]
fn a_lesson_of_one_segment_says_so_and_one_of_all_does_not() {
    // Four days in a row, so that each of the four people is in both.
    let is_billing = |day: u32| (day / 4).is_multiple_of(4);
    let segment = |day: u32| if is_billing(day) { "billing" } else { "shop" };
    // The same error in the shop, where nobody tries anything: in a third of its sessions, then in all.
    for shop in [1, 3] {
        let of_one = many(60, segment, |day, script| {
            if is_billing(day) {
                plant(script);
            } else if (day / 4) % 4 <= shop {
                script.shell("deploy push web", Err(NO_WORKSPACE));
            }
        });
        let outcome = dream_knowing(&of_one, 60, false);
        let lesson = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login")).unwrap();
        assert!(lesson.statement.starts_with("In billing, when `deploy push"), "{}", lesson.statement);
        let checks = &lesson.support.checks;
        assert_eq!(checks.only_for.as_deref(), Some("billing"));
        assert!(checks.skew.unwrap() < 0.01 && checks.segments[0].name == "billing", "{checks:?}");
        assert!(lesson.tier > Tier::Lead && lesson.marks.is_empty(), "{lesson:?}");
    }
    // What only one of four people shows is no lesson for all; in a segment of that person alone it is a hint.
    let own = |day: u32| if day.is_multiple_of(4) { "billing" } else { "shop" };
    let of_few = many(60, own, |day, script| {
        if day % 4 == 0 {
            plant(script);
        } else {
            script.shell("deploy push web", Err(NO_WORKSPACE));
        }
    });
    let outcome = dream_knowing(&of_few, 60, false);
    let lesson = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login")).unwrap();
    assert!(lesson.statement.starts_with("In billing, when `deploy push"), "{}", lesson.statement);
    assert_eq!(lesson.tier, Tier::Lead);
    assert!(lesson.marks.iter().any(|mark| mark.guard == segments::MINORITY), "{:?}", lesson.marks);

    let of_all = many(60, segment, |day, script| {
        if day % 2 == 0 || day % 3 == 0 {
            plant(script);
        }
    });
    let outcome = dream_knowing(&of_all, 60, false);
    let lesson = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login")).unwrap();
    assert!(lesson.statement.starts_with("When `deploy push"), "{}", lesson.statement);
    assert_eq!(lesson.support.checks.segments.len(), 2);
    assert_eq!(lesson.support.checks.only_for, None);
}

#[test]
fn what_ends_an_error_in_a_small_segment_and_nowhere_else_is_a_hint_for_that_segment() {
    let is_billing = |day: u32| (day / 4).is_multiple_of(4);
    let segment = |day: u32| if is_billing(day) { "billing" } else { "shop" };
    let corpus = many(80, segment, |day, script| {
        if is_billing(day) {
            plant(script);
        } else {
            script.shell("deploy push web", Err(NO_WORKSPACE));
            script.shell("deploy login", Ok("ok"));
            script.shell("deploy push web", Err(NO_WORKSPACE));
        }
    });
    let outcome = dream_knowing(&corpus, 80, false);
    let lesson = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login"));
    let lesson = lesson.unwrap_or_else(|| panic!("{:?}", outcome.claims));
    assert!(lesson.statement.starts_with("In billing, when `deploy push"), "{}", lesson.statement);
    assert_eq!(lesson.support.checks.only_for.as_deref(), Some("billing"));
}

#[test]
fn a_hint_for_a_small_segment_counts_that_segment_also_where_another_has_more_of_it() {
    let is_billing = |day: u32| (day / 4).is_multiple_of(9);
    let segment = |day: u32| if is_billing(day) { "billing" } else { "shop" };
    let corpus = many(180, segment, |day, script| {
        if is_billing(day) || day % 7 == 0 {
            plant(script);
        } else {
            script.shell("deploy push web", Err(NO_WORKSPACE));
            script.shell("deploy login", Ok("ok"));
            script.shell("deploy push web", Err(NO_WORKSPACE));
        }
    });
    let outcome = dream_knowing(&corpus, 180, false);
    let lesson = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login")).unwrap();
    let checks = &lesson.support.checks;
    assert_eq!(checks.segments[0].name, "shop", "it has more sessions that show it");
    assert_eq!(checks.only_for.as_deref(), Some("billing"), "{}", lesson.statement);
    assert_eq!((lesson.support.sessions, lesson.support.contradict), (Some(20), 0));
}

#[test]
fn a_reaction_that_helps_no_more_than_anything_is_told_and_not_proposed() {
    let corpus = many(
        40,
        |_| "all",
        |day, script| {
            // Other errors end whatever is done about them.
            for (command, error) in [("lint run", "error: stale cache"), ("fmt all", "error: file is busy")] {
                script.shell(command, Err(error));
                script.shell("ls", Ok("fine"));
                script.shell(command, Ok("fine"));
            }
            if day % 2 == 0 {
                plant(script);
                if day % 6 == 0 {
                    script.shell("deploy push web", Err(NO_WORKSPACE));
                    script.shell("deploy login", Ok("hello"));
                    script.shell("deploy push web", Err(NO_WORKSPACE));
                    script.shell("deploy login", Ok("hello"));
                    script.shell("deploy push web", Err(NO_WORKSPACE));
                }
            }
        },
    );
    let outcome = dream_knowing(&corpus, 40, false);
    assert!(
        statements(&outcome).iter().all(|said| !said.contains("deploy login")),
        "{:?}",
        statements(&outcome)
    );
    let told = outcome.manifest.remarks.iter().find(|remark| remark.contains("deploy login"));
    let told = told.unwrap_or_else(|| panic!("{:?}", outcome.manifest.remarks));
    assert!(told.contains("it helped in 13 of 20 sessions"), "{told}");
}

#[test]
fn what_only_one_segment_meets_is_said_of_it() {
    let segment = |day: u32| if (day / 4).is_multiple_of(3) { "billing" } else { "shop" };
    let corpus = many(60, segment, |day, script| {
        if (day / 4).is_multiple_of(3) {
            plant(script);
        }
    });
    let outcome = dream_knowing(&corpus, 60, false);
    let lesson = outcome.claims.iter().find(|claim| claim.statement.contains("deploy login")).unwrap();
    assert!(lesson.statement.starts_with("In billing, when `deploy push"), "{}", lesson.statement);
    assert_eq!(lesson.support.checks.only_for.as_deref(), Some("billing"));
}

#[test]
fn how_sessions_ended_is_told_with_them() {
    let corpus = sessions(|day, script| {
        if day == 3 {
            script.outcome("reward 1", false);
        }
    });
    let outcome = dream(&corpus);
    let told: Vec<&str> =
        outcome.endings.iter().filter(|(_, ending)| ending.is_some()).map(|(id, _)| id.as_str()).collect();
    assert_eq!(outcome.endings.len(), 10);
    assert!(told.contains(&"s03"), "{told:?}");
}
