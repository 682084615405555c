//! Commands and tools that fail whenever they are used.
//!
//! Owns: which of them never worked in all sessions that used them, its noise check, and the lesson of each. Must
//! not know: documents, ranks.
//!
//! Where nothing is tried after an error, how it would have ended is unknown, and [`super::unresolved`] is silent. But
//! whoever sees the same command fail in the same way in ten sessions of ten, and work in none, needs no experiment.

use std::collections::BTreeSet;

use super::drafts::{self, Draft, Failing, Shelf};
use super::episodes::Episodes;
use super::facts::CallResult;
use super::fixes::Fix;
use super::pool::Pool;
use super::render::{self, Trigger};
use super::spread::Spread;
use super::unresolved::{self, NEARLY_ALWAYS, RATE};
use crate::domain::evidence::Stance;
use crate::domain::lesson::Topic;
use crate::dream::Parameters;
use crate::evidence::noise;
use crate::evidence::stats::{self, LogFactorials};

/// An error that shows whenever something is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hopeless {
    /// The error.
    pub template: u32,
    /// Units in which what fails was used.
    pub used: BTreeSet<u32>,
    /// Those of them in which it failed so and never worked.
    pub failed: BTreeSet<u32>,
}

/// What may be hopeless, and the test of it.
#[derive(Debug)]
pub struct Table<'a> {
    spread: &'a Spread,
    parameters: &'a Parameters,
    ln: LogFactorials,
    candidates: Vec<Hopeless>,
}

impl<'a> Table<'a> {
    /// Counts how often what fails works.
    #[must_use]
    pub fn new(episodes: &Episodes, pool: &Pool<'_>, spread: &'a Spread, parameters: &'a Parameters) -> Self {
        let mut templates: Vec<u32> = episodes.records.iter().map(|record| record.template).collect();
        templates.dedup();
        let seen = |template: &u32| {
            let first = episodes.records.partition_point(|record| record.template < *template);
            let records = episodes.records.get(first..).unwrap_or_default();
            records.iter().take_while(|record| record.template == *template).count()
        };
        let often = templates.into_iter().filter(|template| seen(template) >= FEWEST);
        let candidates: Vec<Hopeless> =
            often.filter_map(|template| tally(episodes, template, pool)).filter(stands_out).collect();
        Self { spread, parameters, ln: LogFactorials::up_to(pool.members.len() as u32), candidates }
    }

    /// What never works, of errors other than the `known` ones, at a false-discovery rate.
    #[must_use]
    pub fn find(&self, false_discovery: f64, known: &BTreeSet<u32>) -> Vec<Hopeless> {
        let unknown: Vec<&Hopeless> =
            self.candidates.iter().filter(|hopeless| !known.contains(&hopeless.template)).collect();
        let passes = self.pass(&unknown, false_discovery);
        let found = unknown
            .into_iter()
            .zip(passes)
            .filter(|(hopeless, passes)| *passes && self.spread.suffices(&hopeless.failed, self.parameters));
        found.map(|(hopeless, _)| hopeless.clone()).collect()
    }

    /// Mean findings on copies in which each of them fails as often as chance has it for what nearly always fails.
    #[must_use]
    pub fn noise(&self, false_discovery: f64, corpus: &str) -> f64 {
        noise::mean_over_copies(self.parameters.noise_copies, corpus, "hopeless", |dice| {
            let drawn: Vec<Hopeless> = self
                .candidates
                .iter()
                .map(|hopeless| Hopeless {
                    failed: hopeless.used.iter().copied().filter(|_| dice.chance(NEARLY_ALWAYS)).collect(),
                    ..hopeless.clone()
                })
                .filter(stands_out)
                .collect();
            let passes = self.pass(&drawn.iter().collect::<Vec<_>>(), false_discovery);
            passes.into_iter().filter(|passes| *passes).count() as u32
        })
    }

    fn pass(&self, tested: &[&Hopeless], false_discovery: f64) -> Vec<bool> {
        let p: Vec<f64> = tested
            .iter()
            .map(|hopeless| {
                let (k, n) = (hopeless.failed.len() as u32, hopeless.used.len() as u32);
                self.ln.binomial_tail(k, n, NEARLY_ALWAYS)
            })
            .collect();
        stats::discoveries(&p, false_discovery * RATE, self.parameters.any_dependence)
    }
}

/// With fewer sessions it could have worked in too many others.
const FEWEST: usize = 10;

fn stands_out(hopeless: &Hopeless) -> bool {
    let (k, n) = (hopeless.failed.len() as u32, hopeless.used.len() as u32);
    hopeless.failed.len() >= FEWEST && stats::lower_bound(k, n) > NEARLY_ALWAYS
}

/// Everything that failed with an error, and what it was.
fn failing<'p>(
    episodes: &Episodes,
    template: u32,
    pool: &'p Pool<'_>,
) -> Option<(Failing<'p>, Trigger, BTreeSet<u32>)> {
    let records = episodes.records.iter().filter(|record| record.template == template);
    let units: BTreeSet<u32> = records.map(|record| record.unit).collect();
    let failing = Failing::of(template, &units, episodes, pool);
    // What is looked for and not there is another thing each time.
    if failing.is_slip(pool) || failing.only_looks() {
        return None;
    }
    let trigger = failing.trigger(&episodes.templates.text(template), &Fix::Retry)?;
    (!trigger.words.is_empty()).then_some((failing, trigger, units))
}

/// What all units say of one error, whether it stands out or not.
#[must_use]
pub fn tally(episodes: &Episodes, template: u32, pool: &Pool<'_>) -> Option<Hopeless> {
    let (failing, trigger, mut failed) = failing(episodes, template, pool)?;
    let (mut used, worked) = drafts::exposure(pool, &trigger, failing.shelf, &Fix::Retry);
    let unit = |member: usize| pool.members.get(member).map(|member| member.unit);
    for unit in worked.into_iter().filter_map(|(member, _)| unit(member)) {
        failed.remove(&unit);
    }
    if failing.shelf != Shelf::Commands {
        let works = |call: &super::facts::CallFact| {
            call.result == CallResult::Done && trigger.words.first() == Some(&call.action.tool)
        };
        for member in pool.members.iter().filter(|member| member.facts.calls.iter().any(works)) {
            failed.remove(&member.unit);
        }
    }
    used.extend(&failed);
    Some(Hopeless { template, used, failed })
}

/// The lesson: what fails, and that it never does otherwise.
#[must_use]
pub fn draft(hopeless: &Hopeless, episodes: &Episodes, pool: &Pool<'_>) -> Option<Draft> {
    let (failing, trigger, _) = failing(episodes, hopeless.template, pool)?;
    let template = episodes.templates.text(hopeless.template);
    let stance =
        |unit: u32| if hopeless.failed.contains(&unit) { Stance::Support } else { Stance::Contradict };
    let text = render::hopeless(&trigger, &template);
    Some(Draft {
        key: format!("{template} {KEY}"),
        topic: Topic::Mistake,
        statement: text.clone(),
        title: render::mistake_title(&Fix::Retry, &trigger),
        text,
        step: drafts::Step::Add(failing.shelf),
        slip: false,
        open: true,
        sightings: drafts::shown(hopeless.template, episodes, pool, &stance),
        exposed: hopeless.used.clone(),
        swap: None,
        when: trigger.when(),
        marks: vec![unresolved::no_fix()],
    })
}

/// How the key of such a lesson ends.
const KEY: &str = "hopeless";

/// Whether a lesson says so of something.
#[must_use]
pub fn is_said_by(draft: &Draft) -> bool {
    draft.key.ends_with(KEY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::episodes;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    const MISSING: &str = "npm error Missing script: \"lint\"";

    /// So many sessions in which something runs once and fails, and what `also` adds to each.
    fn found(failing: u32, also: impl Fn(u32, &mut Script)) -> (Vec<(usize, usize)>, f64, Vec<String>) {
        let mut scripts = Scripts::default();
        for day in 0..12 {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            script.shell("npm test", Ok("12 passing"));
            if day < failing {
                script.shell("npm run lint", Err(MISSING));
            }
            also(day, &mut script);
            scripts.add(meta(&name, day), script);
        }
        let read = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let (spread, parameters) = (Spread::of(&pool), Parameters::default());
        let episodes = episodes::find(&pool, &parameters);
        let table = Table::new(&episodes, &pool, &spread, &parameters);
        let found = table.find(parameters.false_discovery, &BTreeSet::new());
        let noise = table.noise(parameters.false_discovery, "c");
        let texts = found.iter().filter_map(|hopeless| draft(hopeless, &episodes, &pool));
        let counts = found.iter().map(|h| (h.failed.len(), h.used.len())).collect();
        (counts, noise, texts.map(|draft| draft.text).collect())
    }

    #[test]
    fn what_never_worked_in_ten_sessions_is_told_although_nobody_tried_it_again() {
        let (counts, noise, texts) = found(10, |_, _| {});
        assert_eq!(counts, [(10, 10)]);
        assert!(noise <= 0.15, "{noise}");
        assert_eq!(
            texts,
            [
                "`npm run lint` always fails here with \"npm error Missing script: 'lint'\"; do without it, or ask before trying."
            ]
        );
        assert_eq!(found(9, |_, _| {}).0, []);
    }

    #[test]
    fn what_worked_in_some_sessions_is_not_hopeless() {
        let works = |from: u32| {
            move |day: u32, script: &mut Script| {
                if day >= from {
                    script.shell("npm run lint", Ok("no problems"));
                }
            }
        };
        assert_eq!(found(10, works(10)).0, [], "10 of 12");
        assert_eq!(found(12, works(11)).0, [], "it worked in the end");
        assert_eq!(found(12, works(12)).0, [(12, 12)]);
    }

    #[test]
    fn looking_for_what_is_not_there_is_no_mistake() {
        let look = |_: u32, script: &mut Script| {
            script.shell("ls dist", Err("ls: cannot access 'dist': No such file or directory"));
        };
        assert_eq!(found(0, look).0, []);
    }
}
