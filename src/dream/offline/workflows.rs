//! Ways of working that keep being chosen: steps in one order, more often than chance orders them.
//!
//! Owns: which orders stand out, and the lesson of each. Must not know: what a step is, documents, ranks.
//!
//! Frequent is not enough: what is done often stands side by side often. So every session's steps are
//! dealt out anew within the session, and an order must stand out more than the most outstanding order
//! of any of those copies. What was done after an error belongs to the lessons on mistakes and is left
//! out, with whatever ended it: an order must stand out without it. Once it does, it counts wherever it
//! shows, also after an error that nobody came back to.
//!
//! An order that stands out keeps standing out with a common step behind it, so a step must also come
//! after the rest of its order more often than it comes elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::drafts::{Draft, Shelf, Step};
use super::facts::CallFact;
use super::follows;
use super::mix::{Mix, Verdict};
use super::orders::{self, Chance, Order, Orders, Taken, Walk};
use super::pool::Pool;
use super::render;
use super::spread::Spread;
use super::steps::{self, Reading};
use super::told;
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::Topic;
use crate::dream::Parameters;
use crate::evidence::noise::Dice;
use crate::evidence::stats;

/// Share of an order's sessions in which one more step belongs to it.
const CLOSED: f64 = 0.9;
/// Segments that an order must show in, where that many are known.
const FEWEST_SEGMENTS: u32 = 5;

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
    let names = steps::names(pool);
    let walks = steps::walks(pool, &names, Reading::Undisturbed);
    let counted = steps::walks(pool, &names, Reading::Everything);
    let gates = Gates {
        names: &names,
        spread,
        mix,
        parameters,
        least: (parameters.supported_sessions as usize).max(units(&walks) / 20),
        takers: takers(&walks),
    };
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
    let lessons_of_a_copy = |mut copy: Orders| {
        gates.keep_outstanding(&mut copy, &chance);
        gates.lessons(copy, &gates.takers).0.len()
    };
    let false_lessons: usize = copies.into_iter().map(lessons_of_a_copy).sum();
    let mut outstanding = candidates;
    gates.keep_outstanding(&mut outstanding, &chance);
    // Copies are not asked this, which can only make luck look better than it is.
    outstanding.retain(|order, _| follows::holds_together(*order, &counted));
    orders::find_again(&mut outstanding, &counted);
    let takers = takers(&counted);
    let (lessons, explained_by_mix) = gates.lessons(outstanding, &takers);
    let draft = |(order, units): (&Order, &BTreeSet<u32>)| {
        draft(*order, exposed(*order, units, &takers), &counted, &names, pool)
    };
    Workflows {
        drafts: lessons.iter().filter_map(draft).collect(),
        noise: false_lessons as f64 / f64::from(parameters.noise_copies.max(1)),
        explained_by_mix,
    }
}

/// The lesson of an order, given by the key of one, in a pool, whether it stands out there or not.
#[must_use]
pub fn tally(key: &str, pool: &Pool<'_>) -> Option<Draft> {
    let names = steps::names(pool);
    let steps: Vec<Taken> = key
        .strip_prefix(KEY)?
        .split(THEN)
        .map(|step| names.binary_search_by(|name| name.as_str().cmp(step)).ok())
        .map(|at| at.map(|at| Taken { step: at as u16, call: 0 }))
        .collect::<Option<_>>()?;
    let walks = steps::walks(pool, &names, Reading::Everything);
    let order = Order::of(&steps);
    draft(order, exposed(order, &BTreeSet::new(), &takers(&walks)), &walks, &names, pool)
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
    /// Who takes each step undisturbed.
    takers: Takers,
}

/// Units that take each step, in whatever order.
type Takers = BTreeMap<u16, BTreeSet<u32>>;

fn takers(walks: &[Walk]) -> Takers {
    let mut takers = Takers::new();
    for walk in walks {
        for taken in walk.runs.iter().flatten() {
            takers.entry(taken.step).or_default().insert(walk.unit);
        }
    }
    takers
}

fn units(walks: &[Walk]) -> usize {
    walks.iter().map(|walk| walk.unit).collect::<BTreeSet<_>>().len()
}

/// Units that take the last step: where the order could have shown.
fn exposed(order: Order, units: &BTreeSet<u32>, takers: &Takers) -> BTreeSet<u32> {
    let steps = order.steps();
    steps.last().and_then(|last| takers.get(last)).unwrap_or(units).clone()
}

impl Gates<'_> {
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

    /// Orders that stand out from what chance makes of them.
    fn keep_outstanding(&self, orders: &mut Orders, chance: &Chance) {
        let kinds = |units: &BTreeSet<u32>| {
            units.iter().map(|unit| self.kind(*unit)).collect::<BTreeSet<u32>>().len() as u32
        };
        chance.keep_outstanding(orders, &kinds);
    }

    /// Outstanding orders that are kept by enough people and do not go with failing; and how many the mix
    /// of tasks explains.
    fn lessons(&self, mut orders: Orders, takers: &Takers) -> (Orders, usize) {
        let all: Vec<(Vec<u16>, usize)> =
            orders.iter().map(|(order, units)| (order.steps(), units.len())).collect();
        let mut explained = 0;
        orders.retain(|order, units| {
            if !wide(units, self.spread, self.parameters)
                || is_part_of_a_longer_one(*order, units, &all)
                || !is_usual(*order, units, takers)
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
}

/// Where the last step is taken, the others come before it more often than not.
fn is_usual(order: Order, units: &BTreeSet<u32>, takers: &Takers) -> bool {
    let n = exposed(order, units, takers).len().max(units.len());
    stats::lower_bound(units.len() as u32, n as u32) > 0.5
}

/// Not just the way one program is used, such as adding before committing, which needs no memory.
fn is_telling(order: Order, names: &[String]) -> bool {
    let steps = order.steps();
    let program = |step: &u16| names.get(usize::from(*step)).map(|name| steps::program(name));
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

    /// As [`sessions`], with nothing else around.
    fn bare(count: u32, also: impl Fn(u32, &mut Script)) -> Scripts {
        let mut scripts = Scripts::default();
        for day in 0..count {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            also(day, &mut script);
            let mut meta = meta(&name, day);
            meta.user = Some(format!("u{}", day % 5));
            scripts.add(meta, script);
        }
        scripts
    }

    #[test]
    fn a_common_step_behind_an_order_is_no_part_of_it() {
        let scripts = bare(48, |day, script| {
            if day % 2 == 0 {
                script.shell("make proto", Ok("ok"));
                script.shell("make release", Ok("ok"));
            }
            if day % 3 > 0 {
                script.shell("git log", Ok("ok"));
            }
        });
        assert_eq!(
            found(&scripts),
            [("Usual order here: `make proto`, then `make release`.".to_owned(), 24)]
        );
    }

    #[test]
    fn a_session_counts_after_an_error_that_nobody_came_back_to() {
        let scripts = bare(40, |day, script| {
            if day % 2 == 0 {
                if day % 3 == 0 {
                    script.shell("python tools/lint.py", Err("Exit code 1\nerror: odd"));
                }
                release(script);
            }
        });
        assert_eq!(
            found(&scripts),
            [("Usual order here: `shop freeze`, then `make notes`, then `deploy push`.".to_owned(), 20)]
        );
    }

    #[test]
    fn what_is_only_done_after_an_error_is_no_workflow() {
        let scripts = bare(40, |day, script| {
            if day % 2 == 0 {
                script.shell("shop sync", Err("Exit code 1\nerror: stale"));
                release(script);
            }
        });
        assert_eq!(found(&scripts), []);
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
