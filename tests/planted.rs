//! Planted lessons: sessions made from a seed, with known truth, so that finding, missing and
//! inventing can be counted.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};
use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::dream::Window;
use wakeful::domain::ids::{AgentId, SessionId};
use wakeful::domain::memory::Snapshot;
use wakeful::domain::session::{Event, EventKind, SessionMeta};
use wakeful::dream::{Corpus, Outcome, Parameters, Request, offline};
use wakeful::evidence::noise::Dice;

const SESSIONS: usize = 50;
const SUPPORTS: [usize; 6] = [3, 5, 8, 10, 15, 20];
const ACTIONS: [&str; 12] = [
    "git stash",
    "git fetch",
    "npm audit",
    "make clean",
    "docker ps",
    "redis ping",
    "cargo tree",
    "go env",
    "pip freeze",
    "brew doctor",
    "kubectl get",
    "terraform version",
];
const NAMES: [&str; 46] = [
    "amber", "basil", "cedar", "delta", "ember", "fable", "grain", "hazel", "index", "jolly", "karma",
    "lemon", "maple", "north", "ocean", "pearl", "quart", "river", "stone", "tiger", "umber", "vivid",
    "wheat", "xenon", "young", "zebra", "alder", "birch", "coral", "dough", "eagle", "flint", "goose",
    "heron", "ivory", "jumbo", "koala", "lilac", "mango", "nylon", "olive", "plaza", "quilt", "robin",
    "sugar", "tulip",
];

/// Sessions with their events, and what is true of them.
#[derive(Default)]
struct Planted {
    metas: Vec<SessionMeta>,
    events: BTreeMap<SessionId, Vec<Event<'static>>>,
    /// Per plant: sessions in which the fix was tried and the error stayed away.
    truth: Vec<BTreeSet<usize>>,
}

impl Corpus for Planted {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        self.events[&session.id].iter().for_each(|event| sink("s.jsonl", event.clone()));
        Ok(())
    }
}

impl Planted {
    /// Fifty sessions of six people with forty background errors; with `plants`, six lessons are put in
    /// at different supports, and two decoys: a burst in one session, and one person's own mistake.
    fn new(seed: u32, plants: bool) -> Self {
        let mut dice = Dice::new("planted", if plants { "lessons" } else { "noise" }, seed);
        let mut planted = Self::default();
        for number in 0..SESSIONS {
            planted.session(number, &mut dice);
        }
        for background in &NAMES[..40] {
            // Pareto: most errors are rare, a few are common.
            let shown = (2.0 / (0.04 + dice.below(1_000) as f64 / 1_000.0)) as usize;
            for _ in 0..shown.min(20) {
                let session = dice.below(SESSIONS);
                for _ in 0..=dice.below(2) {
                    planted.episode(session, background, None, &mut dice);
                }
            }
        }
        if plants {
            for (plant, support) in SUPPORTS.into_iter().enumerate() {
                planted.truth.push(BTreeSet::new());
                let mut order: Vec<usize> = (0..SESSIONS).collect();
                dice.shuffle(&mut order);
                for session in order {
                    if planted.truth[plant].len() >= support {
                        break;
                    }
                    planted.episode(session, NAMES[40 + plant], Some(plant), &mut dice);
                }
            }
            for _ in 0..12 {
                planted.shell(7, "burst run", Err("error: burst decoy went wrong"));
                planted.shell(7, "burst setup", Ok("ok"));
                planted.shell(7, "burst run", Ok("ok"));
            }
            for session in (0..SESSIONS).filter(|session| user(*session) == 5).take(6) {
                planted.shell(session, "lonely run", Err("error: lonely decoy went wrong"));
                planted.shell(session, "lonely setup", Ok("ok"));
                planted.shell(session, "lonely run", Ok("ok"));
            }
        }
        planted
    }

    fn session(&mut self, number: usize, dice: &mut Dice) {
        let id = SessionId::new(format!("s{number:02}"));
        let started: Timestamp = "2026-01-01T08:00:00Z".parse().unwrap();
        self.metas.push(SessionMeta {
            id: id.clone(),
            agent: AgentId::new("folder:planted"),
            files: vec![],
            title: String::new(),
            started: Some(started + SignedDuration::from_hours(12 * number as i64)),
            ended: None,
            events: 0,
            calls: 0,
            errors: 0,
            skipped: vec![],
            user: Some(format!("u{}", user(number))),
            segment: None,
            chain: None,
            remote: None,
        });
        self.events.insert(id, Vec::new());
        for _ in 0..10 {
            let action = ACTIONS[zipf(dice)];
            self.shell(number, action, Ok("fine"));
        }
    }

    /// An error, reactions, and the retry that shows whether they helped.
    fn episode(&mut self, session: usize, name: &str, plant: Option<usize>, dice: &mut Dice) {
        let line = format!("{name} run");
        let error = format!("Exit code 1\nerror: nothing works without {name}");
        self.shell(session, &line, Err(&error));
        let mut tries = 0;
        for _ in 0..3 {
            let fix = plant.is_some() && dice.chance(0.7);
            let (action, helps) =
                if fix { (format!("{name} setup"), 0.92) } else { (ACTIONS[zipf(dice)].to_owned(), 0.3) };
            self.shell(session, &action, Ok("fine"));
            let helped = dice.chance(helps);
            tries += u32::from(fix);
            self.shell(session, &line, if helped { Ok("fine") } else { Err(&error) });
            if helped {
                // A fix that failed twice before is not what ended it.
                if let Some(plant) = plant.filter(|_| fix && tries <= 2) {
                    self.truth[plant].insert(session);
                }
                return;
            }
        }
    }

    fn shell(&mut self, session: usize, line: &str, answer: Result<&str, &str>) {
        let meta = &self.metas[session];
        let events = self.events.get_mut(&meta.id).unwrap();
        let call = format!("{}-{}", meta.id, events.len());
        let mut push = |kind, tool: Option<&str>, text: String, is_error| {
            let index = events.len() as u64;
            events.push(Event {
                kind,
                record: format!("{call}-{index}").into(),
                call: Some(call.clone().into()),
                tool: tool.map(|tool| tool.to_owned().into()),
                at: meta.started,
                bytes: index * 100..index * 100 + 99,
                text: text.into(),
                is_error,
                sidechain: false,
                cwd: None,
            });
        };
        push(EventKind::ToolCall, Some("Bash"), format!("{{\"command\":\"{line}\"}}"), false);
        let (text, failed) = match answer {
            Ok(text) => (text, false),
            Err(text) => (text, true),
        };
        push(EventKind::ToolResult, None, text.to_owned(), failed);
    }

    fn dream(&self, copies: u32) -> Outcome {
        let agent = Agent {
            id: AgentId::new("folder:planted"),
            name: "planted".into(),
            source: SourceKind::Folder,
            sessions_at: String::new(),
            memory_at: String::new(),
            protected: vec![],
            segment: None,
            mode: Mode::Review,
            budget: Budget::default(),
        };
        offline::run(&Request {
            agent: &agent,
            sessions: &self.metas,
            memory: &Snapshot::new(),
            protected: &[],
            window: &Window::default(),
            parameters: &Parameters { noise_copies: copies, ..Parameters::default() },
            facts: &|session| offline::extract(session, self),
            progress: &|_| {},
            cancel: &AtomicBool::new(false),
        })
        .unwrap()
    }
}

/// Skewed shares: half of the sessions are one person's.
fn user(session: usize) -> usize {
    [0, 1, 0, 2, 0, 3, 0, 1, 0, 4, 0, 1, 0, 2, 0, 5][session % 16]
}

fn zipf(dice: &mut Dice) -> usize {
    let mut index = 0;
    while index + 1 < ACTIONS.len() && dice.chance(0.6) {
        index += 1;
    }
    index
}

#[test]
fn planted_lessons_are_found_with_exact_counts_and_nothing_else() {
    const CORPORA: u32 = 25;
    let mut found = [0_u32; 6];
    let (mut wrong, mut right, mut exact) = (0, 0, 0);
    for seed in 0..CORPORA {
        let planted = Planted::new(seed, true);
        for claim in planted.dream(0).claims {
            let plant = (0..6).find(|plant| {
                let name = NAMES[40 + plant];
                claim.statement.contains(&format!("`{name} setup`"))
                    && claim.statement.contains(&format!("`{name} run`"))
            });
            let Some(plant) = plant else {
                wrong += 1;
                eprintln!("seed {seed}: {} {:?}", claim.statement, claim.support.sessions);
                continue;
            };
            right += 1;
            found[plant] += 1;
            exact += u32::from(claim.support.sessions == Some(planted.truth[plant].len() as u32));
        }
    }
    let recall: Vec<f64> = found.iter().map(|count| f64::from(*count) / f64::from(CORPORA)).collect();
    let precision = f64::from(right) / f64::from(right + wrong);
    eprintln!(
        "recall at {SUPPORTS:?}: {recall:?}; precision {precision:.3}; exact counts {exact} of {right}"
    );
    assert!(recall[2] >= 0.85, "support 8: {recall:?}");
    assert!(recall[3] >= 0.95 && recall[4] >= 0.95 && recall[5] >= 0.95, "support 10 and more: {recall:?}");
    assert!(precision >= 0.97, "{precision}");
    assert_eq!(exact, right, "every count is the true one");
}

#[test]
fn noise_gives_no_lessons_and_the_noise_check_knows() {
    const CORPORA: u32 = 25;
    let mut lessons = 0;
    let mut estimated = 0.0;
    for seed in 0..CORPORA {
        let outcome = Planted::new(seed, false).dream(5);
        lessons += outcome.claims.len();
        estimated += outcome.manifest.noise.unwrap();
    }
    let mean = lessons as f64 / f64::from(CORPORA);
    let estimated = estimated / f64::from(CORPORA);
    eprintln!("false lessons per noise corpus: {mean:.3}; estimated by shuffling: {estimated:.3}");
    assert!(mean <= 0.1, "{mean}");
    assert!(estimated <= 0.1, "{estimated}");
}
