//! The offline engine on real runs of tau-bench with their rewards. A task is a segment: several runs of one task are
//! one kind of session.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::ids::{AgentId, SessionId};
use wakeful::domain::lesson::Topic;
use wakeful::domain::memory::Snapshot;
use wakeful::domain::session::{Event, OwnedEvent, SessionMeta};
use wakeful::dream::Corpus;
use wakeful::evidence::noise::Dice;
use wakeful::evidence::strata::{Stratum, cochran_mantel_haenszel};
use wakeful::transcript::tau::{self, Run};

use super::engine;

/// Ways of halving the tasks.
pub const SPLITS: u32 = 32;
/// As many of them for rules that find far more.
const FEW_SPLITS: u32 = 3;

/// Orders found on one half of the tasks, and how many of them stand out on the other half.
#[derive(Debug, Clone, Copy, Default)]
pub struct Replication {
    pub orders: u32,
    pub again: u32,
    /// The same of pairs of steps that three runs show, the rule of others.
    pub seen: u32,
    pub seen_again: u32,
}

/// What goes with the reward over all tasks.
#[derive(Debug, Clone, Copy)]
pub struct PooledOnly {
    /// How surprising it is over all tasks, and within them.
    pub pooled: f64,
    pub within: Option<f64>,
    /// Lessons of a pass that say it.
    pub shown: usize,
    /// What the pass expects to be false.
    pub noise: Option<f64>,
}

struct Runs(BTreeMap<SessionId, Vec<OwnedEvent>>);

impl Corpus for Runs {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        self.0[&session.id].iter().for_each(|event| sink("run.json", event.clone()));
        Ok(())
    }
}

/// The runs; `None`, with a note, where they are absent.
pub fn runs() -> Option<Vec<Run>> {
    let shared = engine::shared()?;
    let file = shared.join("tau-bench/airline-gpt-4o.trials-0-1.json");
    Some(tau::runs(&std::fs::read_to_string(file).unwrap()).unwrap())
}

fn agent() -> Agent {
    Agent {
        id: AgentId::new("folder:airline"),
        name: "airline".into(),
        source: SourceKind::Folder,
        sessions_at: String::new(),
        memory_at: String::new(),
        protected: vec![],
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: wakeful::domain::outcome::Outcomes::default(),
    }
}

/// A pass over the runs of some tasks: topics and statements of its lessons, and its remarks.
fn dream(runs: &[Run], tasks: &BTreeSet<u64>) -> (Vec<(Topic, String)>, Vec<String>, Option<f64>) {
    let chosen: Vec<&Run> = runs.iter().filter(|run| tasks.contains(&run.task)).collect();
    let id = |run: &Run| SessionId::new(format!("task-{:02}-try-{}", run.task, run.trial));
    let corpus = Runs(chosen.iter().map(|run| (id(run), run.events.clone())).collect());
    let sessions: Vec<SessionMeta> = chosen
        .iter()
        .map(|run| SessionMeta {
            id: id(run),
            agent: agent().id,
            files: vec![],
            title: String::new(),
            started: None,
            ended: None,
            events: 0,
            calls: 0,
            errors: 0,
            skipped: vec![],
            user: None,
            segment: Some(format!("task-{}", run.task)),
            chain: None,
            remote: None,
        })
        .collect();
    let outcome = engine::dream(&agent(), &sessions, &corpus, &Snapshot::new(), &[]).unwrap();
    let lessons = outcome.claims.into_iter().map(|claim| (claim.topic, claim.statement)).collect();
    (lessons, outcome.manifest.remarks, outcome.manifest.noise)
}

/// Tools of each run in order, the same again left out, failed ones too: told apart from how the engine does.
fn walks<'r>(runs: &'r [Run], tasks: &[u64]) -> Vec<Vec<&'r str>> {
    let walk = |run: &'r Run| {
        let mut steps: Vec<&str> = run.events.iter().filter_map(|event| event.tool.as_deref()).collect();
        steps.dedup();
        steps
    };
    runs.iter().filter(|run| tasks.contains(&run.task)).map(walk).collect()
}

fn shows(walks: &[Vec<&str>], order: &[&str]) -> usize {
    walks.iter().filter(|walk| walk.windows(order.len()).any(|steps| steps == order)).count()
}

/// Whether an order shows more often than when every run's steps are dealt out anew (p <= .05).
fn stands_out(walks: &[Vec<&str>], order: &[&str]) -> bool {
    const COPIES: u32 = 199;
    let seen = shows(walks, order);
    let as_often = (0..COPIES).filter(|&copy| {
        let mut dice = Dice::new("tau", "again", copy);
        let mut copy = walks.to_vec();
        for walk in &mut copy {
            dice.shuffle(walk);
        }
        shows(&copy, order) >= seen
    });
    as_often.count() < (COPIES as usize + 1) / 20
}

/// The tasks in halves, each once to find in and once to look again in.
fn halves(runs: &[Run], split: u32) -> [(Vec<u64>, Vec<u64>); 2] {
    let tasks: BTreeSet<u64> = runs.iter().map(|run| run.task).collect();
    let mut order: Vec<u64> = tasks.into_iter().collect();
    Dice::new("tau", "split", split).shuffle(&mut order);
    let (one, other) = order.split_at(order.len() / 2);
    [(one.to_vec(), other.to_vec()), (other.to_vec(), one.to_vec())]
}

/// Orders that passes propose, and those that others would.
pub fn replication(runs: &[Run], splits: u32) -> Replication {
    let mut found = Replication::default();
    for split in 0..splits {
        for (here, there) in halves(runs, split) {
            let there = walks(runs, &there);
            for (topic, text) in dream(runs, &here.iter().copied().collect()).0 {
                if topic == Topic::Workflow {
                    let steps: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
                    found.orders += 1;
                    found.again += u32::from(stands_out(&there, &steps));
                }
            }
            let here = walks(runs, &here);
            let pairs: BTreeSet<&[&str]> = here.iter().flat_map(|walk| walk.windows(2)).collect();
            for pair in pairs.into_iter().filter(|pair| split < FEW_SPLITS && shows(&here, pair) >= 3) {
                found.seen += 1;
                found.seen_again += u32::from(stands_out(&there, pair));
            }
        }
    }
    found
}

/// The steps of the runs of each half, for a miner that is no part of this program.
pub fn walks_of_halves(runs: &[Run]) -> Vec<Vec<Vec<&str>>> {
    let halves = (0..FEW_SPLITS).flat_map(|split| halves(runs, split));
    halves.map(|(here, _)| walks(runs, &here)).collect()
}

/// How many orders that such a miner found on each half stand out on the other, of how many.
pub fn replicated(runs: &[Run], orders: &[Vec<Vec<String>>]) -> (usize, usize) {
    let halves = (0..FEW_SPLITS).flat_map(|split| halves(runs, split));
    let mut again = 0;
    for ((_, there), orders) in halves.zip(orders) {
        let there = walks(runs, &there);
        let steps =
            |order: &Vec<String>| stands_out(&there, &order.iter().map(String::as_str).collect::<Vec<_>>());
        again += orders.iter().filter(|order| steps(order)).count();
    }
    (again, orders.iter().map(Vec::len).sum())
}

/// Handing over to people goes with the reward over all tasks, and not within them.
pub fn pooled_only(runs: &[Run]) -> PooledOnly {
    let mut pooled = Stratum { both: 0, drawn: 0, marked: 0, all: 0 };
    let mut within: BTreeMap<u64, Stratum> = BTreeMap::new();
    for run in runs {
        let Some(reward) = run.reward else { continue };
        let hands_over =
            run.events.iter().any(|event| event.tool.as_deref() == Some("transfer_to_human_agents"));
        let task = within.entry(run.task).or_insert(Stratum { both: 0, drawn: 0, marked: 0, all: 0 });
        for stratum in [task, &mut pooled] {
            stratum.all += 1;
            stratum.drawn += u32::from(hands_over);
            stratum.marked += u32::from(reward >= 1.0);
            stratum.both += u32::from(hands_over && reward >= 1.0);
        }
    }
    let within: Vec<Stratum> = within.into_values().collect();
    let (lessons, remarks, noise) = dream(runs, &runs.iter().map(|run| run.task).collect());
    eprintln!("{lessons:?}\n{remarks:?}");
    PooledOnly {
        pooled: cochran_mantel_haenszel(&[pooled]).map_or(1.0, |test| test.p),
        within: cochran_mantel_haenszel(&within).map(|test| test.p),
        shown: lessons.iter().filter(|(_, text)| text.contains("transfer_to_human_agents")).count(),
        noise,
    }
}
