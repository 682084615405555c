//! Ways of working that keep being chosen: steps in one order, more often than chance orders them.
//!
//! Owns: what a step is, which orders stand out, and the lesson of each. Must not know: documents, ranks.
//!
//! Frequent is not enough: what is done often stands side by side often. So every session's steps are
//! dealt out anew within the session, and an order must stand out more than the most outstanding order
//! of any of those copies. What was done after an error belongs to the lessons on mistakes and is left
//! out, with whatever ended it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::drafts::{Draft, Shelf, Step};
use super::episodes::failure;
use super::facts::{CallFact, CallResult, SessionFacts};
use super::pool::Pool;
use super::render;
use super::shapes::{self, ActionKind};
use super::shell;
use super::spread::Spread;
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::Topic;
use crate::dream::Parameters;
use crate::evidence::noise::Dice;
use crate::evidence::stats;

/// Steps in an order: fewer are a coincidence of neighbours, more hardly ever repeat.
const LONGEST: usize = 4;
/// Shuffled copies that an order must stand out from.
const COPIES: u32 = 200;
/// Share of an order's sessions in which one more step belongs to it.
const CLOSED: f64 = 0.9;
/// Spread below this is an accident of counting.
const LEAST_DEVIATION: f64 = 0.5;

/// One step: its name's number and the call that made it.
#[derive(Debug, Clone, Copy)]
struct Taken {
    step: u16,
    call: u32,
}

/// Runs of steps of one session, broken where errors were dealt with.
#[derive(Debug)]
struct Walk {
    member: usize,
    unit: u32,
    runs: Vec<Vec<Taken>>,
}

/// An order of steps, packed: comparing and hashing whole orders is what all the time goes into.
type Order = u64;

fn pack(steps: &[Taken]) -> Order {
    steps.iter().fold(0, |order, taken| (order << 16) | (u64::from(taken.step) + 1))
}

fn unpack(order: Order) -> Vec<u16> {
    (0..LONGEST)
        .rev()
        .map(|at| (order >> (16 * at)) & 0xffff)
        .filter(|step| *step > 0)
        .map(|step| (step - 1) as u16)
        .collect()
}

/// The lessons of a pool's workflows.
#[must_use]
pub fn find(pool: &Pool<'_>, spread: &Spread, parameters: &Parameters, corpus: &str) -> Vec<Draft> {
    let names = names(pool);
    let walks: Vec<Walk> = pool
        .members
        .iter()
        .enumerate()
        .map(|(at, member)| Walk {
            member: at,
            unit: member.unit,
            runs: runs(&member.facts, &names, pool.marks_failures),
        })
        .collect();
    let units = standing_out(&walks, &names, parameters, corpus);
    let all = units_of_all(&units);
    let kept: Vec<(Order, &BTreeSet<u32>)> = units
        .iter()
        .filter(|(_, units)| wide(units, spread, parameters))
        .filter(|(order, units)| !is_part_of_a_longer_one(**order, units, &all))
        .map(|(order, units)| (*order, units))
        .collect();
    kept.into_iter().filter_map(|(order, units)| draft(order, units, &walks, &names, pool)).collect()
}

/// Names of steps, sorted; their numbers are their places.
fn names(pool: &Pool<'_>) -> Vec<String> {
    let calls = pool.members.iter().flat_map(|member| &member.facts.calls);
    let names: BTreeSet<String> = calls.filter_map(name).collect();
    names.into_iter().take(usize::from(u16::MAX) - 1).collect()
}

/// What a call is called as a step; `None` for looking around and for everything but commands: the order
/// of reading and writing files says nothing by itself, and that of a client's own tools is its own affair.
fn name(call: &CallFact) -> Option<String> {
    let works = |c: &&shell::Command| c.words.first().is_some_and(|program| !shell::only_looks(program));
    let command = call.action.commands.iter().find(works).filter(|_| call.action.kind == ActionKind::Shell);
    command.map(|command| shapes::head(command).join(" "))
}

fn runs(facts: &SessionFacts, names: &[String], marks_failures: bool) -> Vec<Vec<Taken>> {
    let mut streams: BTreeMap<u32, Vec<(u32, &CallFact)>> = BTreeMap::new();
    for (index, call) in facts.calls.iter().enumerate() {
        streams.entry(call.stream).or_default().push((index as u32, call));
    }
    let mut runs = Vec::new();
    for calls in streams.values() {
        let mut run: Vec<Taken> = Vec::new();
        // The step that failed last, until it works again.
        let mut failing: Option<String> = None;
        for (index, call) in calls {
            let Some(name) = name(call) else { continue };
            if failure(call, marks_failures).is_some() {
                failing = Some(name);
            } else if call.result == CallResult::Done {
                if failing.is_none() {
                    let Ok(step) = names.binary_search(&name) else { continue };
                    // The same again is the same step.
                    if run.last().is_none_or(|last| usize::from(last.step) != step) {
                        run.push(Taken { step: step as u16, call: *index });
                    }
                    continue;
                }
                if failing.as_ref() == Some(&name) {
                    failing = None;
                }
            }
            runs.push(std::mem::take(&mut run));
        }
        runs.push(run);
    }
    runs.retain(|run| run.len() > 1);
    runs
}

/// Every order with the units that show it.
fn units_map(walks: &[Walk]) -> BTreeMap<Order, BTreeSet<u32>> {
    let mut units: BTreeMap<Order, BTreeSet<u32>> = BTreeMap::new();
    for walk in walks {
        each_order(&walk.runs, |order| {
            units.entry(order).or_default().insert(walk.unit);
        });
    }
    units
}

fn each_order(runs: &[Vec<Taken>], mut each: impl FnMut(Order)) {
    for run in runs {
        for length in 2..=LONGEST {
            run.windows(length).for_each(|steps| each(pack(steps)));
        }
    }
}

/// Orders that enough units show, and that stand out more than anything in any shuffled copy.
fn standing_out(
    walks: &[Walk],
    names: &[String],
    parameters: &Parameters,
    corpus: &str,
) -> BTreeMap<Order, BTreeSet<u32>> {
    let mut orders = units_map(walks);
    let all = walks.iter().map(|walk| walk.unit).collect::<BTreeSet<_>>().len();
    let least = (parameters.supported_sessions as usize).max(all / 20);
    orders.retain(|order, units| units.len() >= least && is_telling(*order, names));
    if orders.is_empty() {
        return orders;
    }
    let number: FxHashMap<Order, usize> = orders.keys().enumerate().map(|(at, order)| (*order, at)).collect();
    let copies: Vec<Vec<u32>> = (0..COPIES)
        .into_par_iter()
        .map(|copy| shuffled_counts(walks, &number, &mut Dice::new(corpus, "workflows", copy)))
        .collect();
    let mean_and_deviation: Vec<(f64, f64)> = (0..orders.len())
        .map(|at| {
            let counts: Vec<f64> =
                copies.iter().map(|copy| f64::from(copy.get(at).copied().unwrap_or(0))).collect();
            let mean = counts.iter().sum::<f64>() / counts.len() as f64;
            let variance =
                counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / counts.len() as f64;
            (mean, variance.sqrt().max(LEAST_DEVIATION))
        })
        .collect();
    let z = |count: f64, at: usize| {
        mean_and_deviation.get(at).map_or(0.0, |(mean, deviation)| (count - mean) / deviation)
    };
    let most = copies
        .iter()
        .flat_map(|copy| copy.iter().enumerate().map(|(at, count)| z(f64::from(*count), at)))
        .fold(0.0, f64::max);
    let mut at = 0;
    orders.retain(|_, units| {
        at += 1;
        z(units.len() as f64, at - 1) > most
    });
    orders
}

/// In how many units each order shows once every session's steps are dealt out anew.
fn shuffled_counts(walks: &[Walk], number: &FxHashMap<Order, usize>, dice: &mut Dice) -> Vec<u32> {
    let mut counts = vec![0_u32; number.len()];
    let mut last: Vec<Option<u32>> = vec![None; number.len()];
    for walk in walks {
        let mut steps: Vec<Taken> = walk.runs.iter().flatten().copied().collect();
        dice.shuffle(&mut steps);
        let mut rest = steps.as_slice();
        let runs: Vec<Vec<Taken>> = walk
            .runs
            .iter()
            .map(|run| {
                let (mine, others) = rest.split_at(run.len().min(rest.len()));
                rest = others;
                mine.to_vec()
            })
            .collect();
        each_order(&runs, |order| {
            if let Some(&at) = number.get(&order)
                && let (Some(count), Some(last)) = (counts.get_mut(at), last.get_mut(at))
                && *last != Some(walk.unit)
            {
                *last = Some(walk.unit);
                *count += 1;
            }
        });
    }
    counts
}

/// Not just the way one program is used, such as adding before committing, which needs no memory.
fn is_telling(order: Order, names: &[String]) -> bool {
    let steps = unpack(order);
    let program = |step: &u16| names.get(usize::from(*step)).and_then(|name| name.split(' ').next());
    let distinct: BTreeSet<u16> = steps.iter().copied().collect();
    let own: BTreeSet<Option<&str>> = steps.iter().map(program).filter(|p| *p != Some("git")).collect();
    let programs: BTreeSet<Option<&str>> = steps.iter().map(program).collect();
    distinct.len() == steps.len() && !own.is_empty() && (programs.len() > 1 || steps.len() > 2)
}

/// Three people, or five days where all sessions are one person's.
fn wide(units: &BTreeSet<u32>, spread: &Spread, parameters: &Parameters) -> bool {
    if spread.several_users() {
        return spread.users(units) > parameters.least_users;
    }
    spread.days(units) >= parameters.established_days
}

fn units_of_all(orders: &BTreeMap<Order, BTreeSet<u32>>) -> Vec<(Vec<u16>, usize)> {
    orders.iter().map(|(order, units)| (unpack(*order), units.len())).collect()
}

/// One step more stands in nearly all of its units, so that the longer order says it better.
fn is_part_of_a_longer_one(order: Order, units: &BTreeSet<u32>, all: &[(Vec<u16>, usize)]) -> bool {
    let steps = unpack(order);
    all.iter().any(|(longer, count)| {
        longer.len() == steps.len() + 1
            && longer.windows(steps.len()).any(|part| part == steps)
            && *count as f64 >= CLOSED * units.len() as f64
    })
}

fn draft(
    order: Order,
    units: &BTreeSet<u32>,
    walks: &[Walk],
    names: &[String],
    pool: &Pool<'_>,
) -> Option<Draft> {
    let steps = unpack(order);
    let words: Vec<&str> =
        steps.iter().map(|step| names.get(usize::from(*step)).map(String::as_str)).collect::<Option<_>>()?;
    let last = *steps.last()?;
    let mut sightings = Vec::new();
    let mut exposed = BTreeSet::new();
    for walk in walks {
        for run in &walk.runs {
            if run.iter().any(|taken| taken.step == last) {
                exposed.insert(walk.unit);
            }
            for found in run.windows(steps.len()).filter(|found| pack(found) == order) {
                let Some(first) = found.first() else { continue };
                let Some(call) = pool.members.get(walk.member)?.facts.calls.get(first.call as usize) else {
                    continue;
                };
                let quote = words.first().copied().unwrap_or("");
                sightings.extend(pool.sighting(
                    walk.member,
                    &call.spot,
                    Stance::Support,
                    Origin::Agent,
                    quote,
                ));
            }
        }
    }
    // "Usually" must be true: where the last step is taken, the others come before it more often than not.
    let (k, n) = (units.len() as u32, exposed.len().max(units.len()) as u32);
    if stats::lower_bound(k, n) <= 0.5 {
        return None;
    }
    let text = render::workflow(&words);
    Some(Draft {
        key: format!("workflow {}", words.join(" > ")),
        topic: Topic::Workflow,
        statement: text.clone(),
        title: render::workflow_title(&words),
        text,
        step: Step::Add(Shelf::Workflows),
        slip: false,
        open: false,
        sightings,
        exposed,
        swap: None,
        marks: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    const OTHERS: [&str; 6] =
        ["npm audit", "redis ping", "docker ps", "cargo tree", "brew doctor", "kubectl get"];

    /// Twelve sessions of four people with other steps around whatever `also` adds.
    fn sessions(people: u32, also: impl Fn(u32, &mut Script)) -> Scripts {
        let mut scripts = Scripts::default();
        for day in 0..12 {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            let mut dice = Dice::new("test", "steps", day);
            for half in 0..2 {
                for _ in 0..5 {
                    script.shell(OTHERS[dice.below(OTHERS.len())], Ok("fine"));
                }
                if half == 0 {
                    also(day, &mut script);
                }
            }
            let mut meta = meta(&name, day);
            meta.user = Some(format!("u{}", day % people));
            scripts.add(meta, script);
        }
        scripts
    }

    fn found(scripts: &Scripts) -> Vec<(String, usize)> {
        let read = scripts.metas.iter().map(|m| (m, extract(m, scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let drafts = find(&pool, &Spread::of(&pool), &Parameters::default(), "c");
        drafts.into_iter().map(|d| (d.text.clone(), d.units(Stance::Support).len())).collect()
    }

    fn release(script: &mut Script) {
        script.shell("shop freeze", Ok("ok"));
        script.shell("make notes", Ok("ok"));
        script.shell("deploy push web", Ok("ok"));
    }

    #[test]
    fn an_order_that_is_kept_by_several_people_is_found_once() {
        let scripts = sessions(4, |day, script| {
            if day % 4 != 3 || day == 3 {
                release(script);
            }
        });
        assert_eq!(
            found(&scripts),
            [("Usual order here: `shop freeze`, then `make notes`, then `deploy push`.".to_owned(), 10)]
        );
    }

    #[test]
    fn one_persons_habit_frequent_steps_and_a_burst_are_none() {
        let one = sessions(4, |day, script| {
            if day % 4 == 0 {
                release(script);
            }
        });
        assert_eq!(found(&one), []);
        let mixed = sessions(4, |day, script| {
            let mut steps = ["shop freeze", "make notes", "deploy push web"];
            Dice::new("test", "mixed", day).shuffle(&mut steps);
            steps.iter().for_each(|step| script.shell(step, Ok("ok")));
        });
        assert_eq!(found(&mixed), [], "always together, in any order");
        let burst = sessions(4, |day, script| {
            if day == 5 {
                (0..10).for_each(|_| release(script));
            }
        });
        assert_eq!(found(&burst), []);
    }

    #[test]
    fn what_ends_an_error_and_how_git_is_used_are_no_workflows() {
        let fixed = sessions(4, |_, script| {
            script.shell("deploy push web", Err("Exit code 1\nerror: no workspace"));
            script.shell("deploy login", Ok("ok"));
            script.shell("deploy push web", Ok("ok"));
        });
        assert_eq!(found(&fixed), []);
        let git = sessions(4, |_, script| {
            script.shell("git add a", Ok(""));
            script.shell("git commit -m x", Ok(""));
            script.shell("git push", Ok(""));
        });
        assert_eq!(found(&git), []);
    }
}
