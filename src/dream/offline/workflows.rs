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

use super::drafts::{Draft, Shelf, Step};
use super::episodes::failure;
use super::facts::{CallFact, CallResult, SessionFacts};
use super::mix::{Mix, Verdict};
use super::orders::{self, Chance, Order, Orders, Taken, Walk};
use super::pool::{Member, Pool};
use super::render;
use super::shapes::{self, ActionKind};
use super::shell;
use super::spread::Spread;
use super::told;
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::Topic;
use crate::dream::Parameters;
use crate::evidence::noise::Dice;
use crate::evidence::stats;

/// Share of an order's sessions in which one more step belongs to it.
const CLOSED: f64 = 0.9;
/// Steps after which a failure that nobody came back to is given up.
const PATIENCE: u32 = 10;
/// Segments that an order must show in, where that many are known.
const FEWEST_SEGMENTS: u32 = 5;
/// Tools with which clients keep house, though they are named like those of a trade.
const HOUSEKEEPING: [&str; 6] =
    ["apply_patch", "save_memory", "todo_read", "todo_write", "update_plan", "update_topic"];

/// The workflows of a pool.
#[derive(Debug)]
pub struct Workflows {
    /// Their lessons.
    pub drafts: Vec<Draft>,
    /// Mean lessons on copies in which every session's steps have been dealt out anew.
    pub noise: f64,
    /// Orders that go with passing or failing only through the mix of tasks.
    pub explained_by_mix: usize,
}

/// Finds the workflows of a pool.
#[must_use]
pub fn find(pool: &Pool<'_>, spread: &Spread, mix: &Mix, parameters: &Parameters, corpus: &str) -> Workflows {
    let names = names(pool);
    let walks = walks(pool, &names);
    let gates = Gates::new(&walks, &names, spread, mix, parameters);
    let candidates = gates.candidates(&walks);
    let copies: Vec<Orders> = (0..parameters.noise_copies)
        .into_par_iter()
        .map(|copy| orders::shuffled(&walks, &mut Dice::new(corpus, "workflow noise", copy)))
        .map(|copy| gates.candidates(&copy))
        .collect();
    let asked: BTreeSet<Order> =
        copies.iter().chain([&candidates]).flat_map(|orders| orders.keys().copied()).collect();
    // Several sessions of one kind say one thing: an order that lives in two tasks tried four times each is
    // no way of working. So an order counts once for each kind of session, where kinds are known.
    let mut by_kind = walks.clone();
    for walk in &mut by_kind {
        walk.unit = gates.kind(walk.unit);
    }
    by_kind.sort_by_key(|walk| walk.unit);
    let chance = Chance::of(&asked, &by_kind, corpus);
    let false_lessons: usize = copies.into_iter().map(|copy| gates.lessons(copy, &chance).0.len()).sum();
    let (lessons, explained_by_mix) = gates.lessons(candidates, &chance);
    let draft = |(order, units): (&Order, &BTreeSet<u32>)| {
        draft(*order, gates.exposed(*order, units), &walks, &names, pool)
    };
    Workflows {
        drafts: lessons.iter().filter_map(draft).collect(),
        noise: false_lessons as f64 / f64::from(parameters.noise_copies.max(1)),
        explained_by_mix,
    }
}

fn walks(pool: &Pool<'_>, names: &[String]) -> Vec<Walk> {
    let walk = |(at, member): (usize, &Member<'_>)| Walk {
        member: at,
        unit: member.unit,
        runs: runs(&member.facts, names, pool.marks_failures),
    };
    pool.members.iter().enumerate().map(walk).collect()
}

/// The lesson of an order, given by the key of one, in a pool, whether it stands out there or not.
#[must_use]
pub fn tally(key: &str, pool: &Pool<'_>) -> Option<Draft> {
    let names = names(pool);
    let steps: Vec<Taken> = key
        .strip_prefix(KEY)?
        .split(THEN)
        .map(|step| names.binary_search_by(|name| name.as_str().cmp(step)).ok())
        .map(|at| at.map(|at| Taken { step: at as u16, call: 0 }))
        .collect::<Option<_>>()?;
    let walks = walks(pool, &names);
    let last = steps.last()?.step;
    let takes = |walk: &&Walk| walk.runs.iter().flatten().any(|taken| taken.step == last);
    let exposed = walks.iter().filter(takes).map(|walk| walk.unit).collect();
    draft(Order::of(&steps), exposed, &walks, &names, pool)
}

/// How the key of an order is written.
const KEY: &str = "workflow ";
const THEN: &str = " > ";

/// Everything between an order that shows and a lesson.
struct Gates<'a> {
    names: &'a [String],
    spread: &'a Spread,
    mix: &'a Mix,
    parameters: &'a Parameters,
    /// Units an order must show in.
    least: usize,
    /// Units that take each step, in whatever order.
    takers: BTreeMap<u16, BTreeSet<u32>>,
}

impl<'a> Gates<'a> {
    fn new(
        walks: &[Walk],
        names: &'a [String],
        spread: &'a Spread,
        mix: &'a Mix,
        parameters: &'a Parameters,
    ) -> Self {
        let mut takers: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
        for walk in walks {
            for taken in walk.runs.iter().flatten() {
                takers.entry(taken.step).or_default().insert(walk.unit);
            }
        }
        let all = walks.iter().map(|walk| walk.unit).collect::<BTreeSet<_>>().len();
        let least = (parameters.supported_sessions as usize).max(all / 20);
        Self { names, spread, mix, parameters, least, takers }
    }

    /// What a unit counts as: its segment where as many are known as an order must show in, else itself.
    fn kind(&self, unit: u32) -> u32 {
        let segmented = self.spread.known_segments() >= FEWEST_SEGMENTS;
        // Units without a segment stay apart from all segments, whose numbers are small.
        let segment = self.spread.segment(unit).filter(|_| segmented);
        segment
            .unwrap_or_else(|| unit.saturating_add(if segmented { self.spread.known_segments() } else { 0 }))
    }

    /// Orders that enough units show and that say something.
    fn candidates(&self, walks: &[Walk]) -> Orders {
        let mut orders = orders::all(walks);
        orders.retain(|order, units| units.len() >= self.least && is_telling(*order, self.names));
        orders
    }

    /// Candidates that stand out, are kept by enough people, and do not go with failing; and how many
    /// the mix of tasks explains.
    fn lessons(&self, mut orders: Orders, chance: &Chance) -> (Orders, usize) {
        let kinds = |units: &BTreeSet<u32>| {
            units.iter().map(|unit| self.kind(*unit)).collect::<BTreeSet<u32>>().len() as u32
        };
        chance.keep_outstanding(&mut orders, &kinds);
        let all: Vec<(Vec<u16>, usize)> =
            orders.iter().map(|(order, units)| (order.steps(), units.len())).collect();
        let mut explained = 0;
        orders.retain(|order, units| {
            if !wide(units, self.spread, self.parameters)
                || is_part_of_a_longer_one(*order, units, &all)
                || !self.is_usual(*order, units)
            {
                return false;
            }
            let verdict = self.verdict(*order, units);
            explained += usize::from(verdict == Verdict::ExplainedByMix);
            verdict == Verdict::Fine
        });
        (orders, explained)
    }

    /// An order recommends each of its steps, so each must stand for itself.
    fn verdict(&self, order: Order, units: &BTreeSet<u32>) -> Verdict {
        let steps = order.steps();
        let takers = steps.iter().filter_map(|step| self.takers.get(step));
        let mut verdicts = [units].into_iter().chain(takers).map(|units| self.mix.judge(units));
        verdicts.find(|verdict| *verdict != Verdict::Fine).unwrap_or(Verdict::Fine)
    }

    /// Units that take the last step.
    fn exposed(&self, order: Order, units: &BTreeSet<u32>) -> BTreeSet<u32> {
        let steps = order.steps();
        steps.last().and_then(|last| self.takers.get(last)).unwrap_or(units).clone()
    }

    /// Where the last step is taken, the others come before it more often than not.
    fn is_usual(&self, order: Order, units: &BTreeSet<u32>) -> bool {
        let n = self.exposed(order, units).len().max(units.len());
        stats::lower_bound(units.len() as u32, n as u32) > 0.5
    }
}

/// Names of steps, sorted; their numbers are their places.
fn names(pool: &Pool<'_>) -> Vec<String> {
    let calls = pool.members.iter().flat_map(|member| &member.facts.calls);
    let names: BTreeSet<String> = calls.filter_map(name).collect();
    names.into_iter().take(usize::from(u16::MAX) - 1).collect()
}

/// What a call is called as a step; `None` for looking around with commands, and for a client's own tools:
/// the order of reading and writing files says nothing by itself. Tools of a trade (`book_reservation`)
/// have names of several words.
fn name(call: &CallFact) -> Option<String> {
    let action = &call.action;
    if action.kind == ActionKind::Other {
        let trade = action.tool.contains('_') && !action.outside;
        return (trade && !HOUSEKEEPING.contains(&action.tool.as_str())).then(|| action.tool.clone());
    }
    let works = |c: &&shell::Command| c.words.first().is_some_and(|program| !shell::only_looks(program));
    let command = action.commands.iter().find(works).filter(|_| action.kind == ActionKind::Shell);
    command.map(|command| shapes::head(command).join(" "))
}

fn runs(facts: &SessionFacts, names: &[String], marks_failures: bool) -> Vec<Vec<Taken>> {
    let mut streams: BTreeMap<u32, Vec<(u32, &CallFact)>> = BTreeMap::new();
    for (index, call) in facts.calls.iter().enumerate() {
        streams.entry(call.stream).or_default().push((index as u32, call));
    }
    let turned = |from: u32, to: u32| {
        facts.turns.iter().any(|turn| !turn.interrupts && (from..to).contains(&turn.asked))
    };
    let mut runs = Vec::new();
    for calls in streams.values() {
        let mut run: Vec<Taken> = Vec::new();
        // The step that failed last, until it works again or is given up.
        let mut failing: Option<String> = None;
        let mut since = (0, 0);
        for (index, call) in calls {
            let Some(name) = name(call) else { continue };
            since.0 += 1;
            if since.0 > PATIENCE || turned(since.1, call.asked) {
                failing = None;
            }
            if failure(call, marks_failures).is_some() {
                failing = Some(name);
                since = (0, call.asked);
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

/// Not just the way one program is used, such as adding before committing, which needs no memory.
fn is_telling(order: Order, names: &[String]) -> bool {
    let steps = order.steps();
    let program = |step: &u16| names.get(usize::from(*step)).and_then(|name| name.split(' ').next());
    let distinct: BTreeSet<u16> = steps.iter().copied().collect();
    let own: BTreeSet<Option<&str>> = steps.iter().map(program).filter(|p| *p != Some("git")).collect();
    let programs: BTreeSet<Option<&str>> = steps.iter().map(program).collect();
    distinct.len() == steps.len() && !own.is_empty() && (programs.len() > 1 || steps.len() > 2)
}

/// Five segments where as many are known; three people, or two on five days, or five days where all sessions are
/// one person's.
fn wide(units: &BTreeSet<u32>, spread: &Spread, parameters: &Parameters) -> bool {
    let segmented = spread.known_segments() >= FEWEST_SEGMENTS;
    if segmented && spread.segments(units) < FEWEST_SEGMENTS {
        return false;
    }
    let users = spread.users(units);
    let enough_days = spread.days(units) >= parameters.established_days;
    if spread.several_users() {
        return users > parameters.least_users || (users == parameters.least_users && enough_days);
    }
    segmented || enough_days
}

/// One step more stands in nearly all of its units, so that the longer order says it better.
fn is_part_of_a_longer_one(order: Order, units: &BTreeSet<u32>, all: &[(Vec<u16>, usize)]) -> bool {
    let steps = order.steps();
    all.iter().any(|(longer, count)| {
        longer.len() == steps.len() + 1
            && longer.windows(steps.len()).any(|part| part == steps)
            && *count as f64 >= CLOSED * units.len() as f64
    })
}

fn draft(
    order: Order,
    exposed: BTreeSet<u32>,
    walks: &[Walk],
    names: &[String],
    pool: &Pool<'_>,
) -> Option<Draft> {
    let steps = order.steps();
    let words: Vec<&str> =
        steps.iter().map(|step| names.get(usize::from(*step)).map(String::as_str)).collect::<Option<_>>()?;
    let mut sightings = Vec::new();
    let mut taken = Vec::new();
    for walk in walks {
        for run in &walk.runs {
            for found in run.windows(steps.len()).filter(|found| Order::of(found) == order) {
                let calls = &pool.members.get(walk.member)?.facts.calls;
                let calls: Vec<&CallFact> =
                    found.iter().filter_map(|step| calls.get(step.call as usize)).collect();
                let Some(call) = calls.first().copied() else { continue };
                taken.push((walk.member, calls));
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
    sightings.extend(told::of_steps(&taken, pool));
    let text = render::workflow(&words);
    Some(Draft {
        key: format!("{KEY}{}", words.join(THEN)),
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
        when: None,
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
        let found = find(&pool, &Spread::of(&pool), &Mix::of(&pool), &Parameters::default(), "c");
        assert!(found.noise <= 0.1, "{}", found.noise);
        found.drafts.into_iter().map(|d| (d.text.clone(), d.units(Stance::Support).len())).collect()
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
            for step in steps {
                script.shell(step, Ok("ok"));
            }
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
