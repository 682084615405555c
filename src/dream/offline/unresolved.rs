//! Mistakes that recur although nothing that was tried ended them.
//!
//! Owns: which errors outlast what is tried against them, its noise check, and the lesson of each.
//! Must not know: documents, ranks.
//!
//! Every error recurs somewhere, so recurring alone is no lesson. The question is whether an error
//! stays more often than errors in general do (binomial, against the mean over the others), asked of
//! sessions in which something was tried. Where nothing was tried, how it would have ended is unknown.
//!
//! It must also stay nearly always, not only more often than not: with that the rate of the test can be three
//! times that of other families, which tells an error from five sessions on instead of ten, and still few
//! pass by chance (DreamBench: planted stays, and noise).
//!
//! Where sessions hold hardly any other error, there is no mean to compare with. Such an error must stay more
//! often than "nearly always" even so: in ten sessions of ten.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{self, Draft, Failing};
use super::episodes::Episodes;
use super::pool::Pool;
use super::render;
use super::spread::Spread;
use crate::domain::evidence::Stance;
use crate::domain::lesson::{Mark, Severity, Topic};
use crate::dream::Parameters;
use crate::evidence::noise::{self, Dice};
use crate::evidence::stats::{self, LogFactorials};

/// An error that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The error.
    pub template: u32,
    /// Units in which it outlasted everything tried.
    pub stayed: BTreeSet<u32>,
    /// Units in which it ended, one way or another.
    pub ended: BTreeSet<u32>,
}

/// Errors and how each ended, unit by unit.
#[derive(Debug)]
pub struct Table<'a> {
    spread: &'a Spread,
    parameters: &'a Parameters,
    ln: LogFactorials,
    /// Error and unit of each row.
    rows: Vec<(u32, u32)>,
    /// Whether the error was still there after the last try.
    stayed: Vec<bool>,
    /// Errors that have a lesson already.
    known: BTreeSet<u32>,
    /// The error that makes up more rows than all others together, if one does.
    alone: Option<u32>,
}

impl<'a> Table<'a> {
    /// Prepares the test; `known` are errors whose way out was found.
    #[must_use]
    pub fn new(
        episodes: &Episodes,
        known: BTreeSet<u32>,
        spread: &'a Spread,
        parameters: &'a Parameters,
    ) -> Self {
        let (rows, stayed): (Vec<(u32, u32)>, Vec<bool>) = episodes
            .records
            .iter()
            .filter_map(|record| Some(((record.template, record.unit), !record.attempts.last()?.resolved)))
            .unzip();
        let mut of_error: BTreeMap<u32, usize> = BTreeMap::new();
        for (template, _) in &rows {
            *of_error.entry(*template).or_default() += 1;
        }
        let alone = of_error.iter().find(|(_, own)| **own * 2 > rows.len()).map(|(template, _)| *template);
        Self { spread, parameters, ln: LogFactorials::up_to(rows.len() as u32), rows, stayed, known, alone }
    }

    /// Errors that stay, at a false-discovery rate.
    #[must_use]
    pub fn find(&self, false_discovery: f64) -> Vec<Standing> {
        self.gate(&self.stayed, false_discovery)
    }

    /// Mean findings on copies in which the endings have been dealt out to other errors; those of an error that
    /// has hardly any others beside it are drawn by lot.
    #[must_use]
    pub fn noise(&self, false_discovery: f64, corpus: &str) -> f64 {
        noise::mean_over_copies(self.parameters.noise_copies, corpus, "unresolved", |dice: &mut Dice| {
            let mut stayed = self.stayed.clone();
            dice.shuffle(&mut stayed);
            for ((template, _), stayed) in self.rows.iter().zip(&mut stayed) {
                if self.alone == Some(*template) {
                    *stayed = dice.chance(NEARLY_ALWAYS);
                }
            }
            self.gate(&stayed, false_discovery).len() as u32
        })
    }

    fn gate(&self, stayed: &[bool], q: f64) -> Vec<Standing> {
        let q = q * RATE;
        let mut errors: BTreeMap<u32, Standing> = BTreeMap::new();
        for (&(template, unit), stayed) in self.rows.iter().zip(stayed) {
            let standing = errors.entry(template).or_insert_with(|| Standing {
                template,
                stayed: BTreeSet::new(),
                ended: BTreeSet::new(),
            });
            let side = if *stayed { &mut standing.stayed } else { &mut standing.ended };
            side.insert(unit);
        }
        let mut candidates: Vec<(f64, f64, &Standing)> = errors
            .values()
            .filter(|standing| !self.known.contains(&standing.template))
            .filter_map(|standing| self.candidate(standing, &errors))
            .collect();
        // Tarone: what could not be a discovery whatever the data are is not tested.
        candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.template.cmp(&b.2.template)));
        let tests = candidates
            .iter()
            .enumerate()
            .filter(|(rank, (least, ..))| *least <= q / (*rank as f64 + 1.0))
            .count();
        candidates.truncate(tests);
        let p: Vec<f64> = candidates.iter().map(|(_, p, _)| *p).collect();
        let passes = stats::discoveries(&p, q, self.parameters.any_dependence);
        let mut found: Vec<Standing> = candidates
            .into_iter()
            .zip(passes)
            .filter(|((.., standing), passes)| {
                *passes && self.spread.suffices(&standing.stayed, self.parameters)
            })
            .map(|((.., standing), _)| standing.clone())
            .collect();
        found.sort_by_key(|standing| standing.template);
        found
    }

    /// The smallest p-value its margin allows, its p-value, and the error itself.
    fn candidate<'s>(
        &self,
        standing: &'s Standing,
        all: &BTreeMap<u32, Standing>,
    ) -> Option<(f64, f64, &'s Standing)> {
        let (k, n) = counts(standing);
        let others: Vec<&Standing> = all.values().filter(|s| s.template != standing.template).collect();
        if k < self.parameters.least_sessions {
            return None;
        }
        let share = |other: &&Standing| {
            let (stayed, tried) = counts(other);
            f64::from(stayed + 1) / f64::from(tried + 2)
        };
        let mean = others.iter().map(share).sum::<f64>() / others.len().max(1) as f64;
        let base = mean.max(if self.alone == Some(standing.template) { NEARLY_ALWAYS } else { USUAL });
        (stats::lower_bound(k, n) > base.max(NEARLY_ALWAYS))
            .then(|| (self.ln.binomial_tail(n, n, base), self.ln.binomial_tail(k, n, base), standing))
    }
}

/// What all units say of one error, whether it stands out or not.
#[must_use]
pub fn tally(episodes: &Episodes, template: u32) -> Standing {
    let mut standing = Standing { template, stayed: BTreeSet::new(), ended: BTreeSet::new() };
    for record in episodes.records.iter().filter(|record| record.template == template) {
        if let Some(last) = record.attempts.last() {
            let side = if last.resolved { &mut standing.ended } else { &mut standing.stayed };
            side.insert(record.unit);
        }
    }
    standing
}

/// Even where all errors end at once, one that stays a third of the time is nothing special. (Each share the
/// mean is made of is drawn towards one half already; a floor of one half on top of it asked for eight
/// sessions where five tell the same on DreamBench, with as few false lessons.)
const USUAL: f64 = 1.0 / 3.0;
/// "Nothing tried so far ended it" must hold of at least so many sessions, for all that chance allows.
pub const NEARLY_ALWAYS: f64 = 0.7;
/// How many times the rate of other families the test is made at.
pub const RATE: f64 = 3.0;

fn counts(standing: &Standing) -> (u32, u32) {
    let stayed = standing.stayed.len() as u32;
    (stayed, stayed + standing.ended.difference(&standing.stayed).count() as u32)
}

/// The lesson: what fails, and that no way out is known.
#[must_use]
pub fn draft(standing: &Standing, episodes: &Episodes, pool: &Pool<'_>) -> Option<Draft> {
    let template = episodes.templates.text(standing.template);
    let failing = Failing::of(standing.template, &standing.stayed, episodes, pool);
    let trigger = failing.trigger(&template, &super::fixes::Fix::Retry)?;
    // What is looked for and not there is another thing each time: nothing "keeps failing".
    if trigger.words.is_empty() || failing.is_slip(pool) || failing.only_looks() {
        return None;
    }
    let stance = |unit: u32| {
        if standing.stayed.contains(&unit) {
            Stance::Support
        } else if standing.ended.contains(&unit) {
            Stance::Contradict
        } else {
            Stance::Mention
        }
    };
    let sightings = drafts::shown(standing.template, episodes, pool, &stance);
    let (exposed, _) = drafts::exposure(pool, &trigger, failing.shelf, &super::fixes::Fix::Retry);
    let text = render::unresolved(&trigger, &template);
    Some(Draft {
        key: format!("{template} unresolved"),
        topic: Topic::Mistake,
        statement: text.clone(),
        title: render::mistake_title(&super::fixes::Fix::Retry, &trigger),
        text,
        step: drafts::Step::Add(failing.shelf),
        slip: false,
        open: true,
        sightings,
        exposed,
        swap: None,
        when: trigger.when(),
        marks: vec![no_fix()],
    })
}

/// It says what is wrong, and nothing of what is right.
#[must_use]
pub fn no_fix() -> Mark {
    Mark { guard: "no-fix".to_owned(), severity: Severity::Info, text: "no standing fix seen".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::episodes;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    /// Twelve sessions, each with three errors that end and whatever `also` adds.
    fn sessions(also: impl Fn(u32, &mut Script)) -> Scripts {
        let mut scripts = Scripts::default();
        for day in 0..12 {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            for (line, error) in [
                ("make docs", "error: broken link in the handbook"),
                ("cargo bench", "error: benchmark group is missing"),
                ("docker build .", "error: layer cache has gone away"),
            ] {
                script.shell(line, Err(error));
                script.shell(["git fetch", "npm audit", "make clean"][day as usize % 3], Ok("fine"));
                script.shell(line, Ok("fine"));
            }
            also(day, &mut script);
            scripts.add(meta(&name, day), script);
        }
        scripts
    }

    fn found(scripts: &Scripts) -> (Vec<(usize, usize)>, f64, Vec<String>) {
        let read = scripts.metas.iter().map(|m| (m, extract(m, scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let (spread, parameters) = (Spread::of(&pool), Parameters::default());
        let episodes = episodes::find(&pool, &parameters);
        let table = Table::new(&episodes, BTreeSet::new(), &spread, &parameters);
        let found = table.find(parameters.false_discovery);
        let drafts: Vec<String> =
            found.iter().filter_map(|s| draft(s, &episodes, &pool)).map(|d| d.text).collect();
        let counts = found.iter().map(|s| (s.stayed.len(), s.ended.len())).collect();
        (counts, table.noise(parameters.false_discovery, "c"), drafts)
    }

    const LOCKED: &str = "Exit code 1\nerror: the state file is locked";

    fn stuck(script: &mut Script, action: &str) {
        script.shell("terraform plan", Err(LOCKED));
        script.shell(action, Ok("ok"));
        script.shell("terraform plan", Err(LOCKED));
    }

    #[test]
    fn an_error_that_outlasts_what_is_tried_is_found() {
        let scripts = sessions(|day, script| {
            if day < 10 {
                stuck(
                    script,
                    ["sleep 5", "terraform init", "rm lock", "terraform refresh"][day as usize % 4],
                );
            }
        });
        let (counts, noise, drafts) = found(&scripts);
        assert_eq!(counts, [(10, 0)]);
        assert!(noise <= 0.1, "{noise}");
        assert_eq!(
            drafts,
            [
                "`terraform plan` keeps failing with \"the state file is locked\", and nothing tried so far reliably ended it; say so and ask instead of trying again."
            ]
        );
    }

    #[test]
    fn an_error_with_no_other_to_compare_it_with_must_stay_in_ten_sessions_of_ten() {
        let alone = |sessions: u32, ends: u32| {
            let mut scripts = Scripts::default();
            for day in 0..sessions {
                let name = format!("s{day:02}");
                let mut script = Script::named(&name, day);
                stuck(&mut script, ["sleep 5", "terraform init", "rm lock"][day as usize % 3]);
                if day < ends {
                    script.shell("terraform plan", Ok("fine"));
                }
                scripts.add(meta(&name, day), script);
            }
            let (counts, noise, _) = found(&scripts);
            assert!(noise <= 0.15, "{noise}");
            counts
        };
        assert_eq!(alone(10, 0), [(10, 0)]);
        assert_eq!(alone(9, 0), []);
        assert_eq!(alone(12, 2), []);
    }

    #[test]
    fn files_that_are_looked_for_and_not_there_are_no_mistake() {
        let missing = sessions(|day, script| {
            for file in ["a", "b"] {
                let line = format!("cat notes/{file}{day}.txt");
                script.shell(&line, Err(&format!("cat: notes/{file}{day}.txt: No such file or directory")));
                script.shell("make clean", Ok("ok"));
            }
        });
        assert_eq!(found(&missing).2, [""; 0]);
    }

    #[test]
    fn errors_that_end_in_half_of_the_sessions_or_are_left_alone_are_none() {
        let half = sessions(|day, script| {
            stuck(script, "sleep 5");
            if day % 2 == 0 {
                script.shell("terraform plan", Ok("fine"));
            }
        });
        assert_eq!(found(&half).0, []);
        let left_alone = sessions(|_, script| script.shell("terraform plan", Err(LOCKED)));
        assert_eq!(found(&left_alone).0, [], "nothing was tried, so nothing is known");
        let burst = sessions(|day, script| {
            if day == 3 {
                (0..12).for_each(|_| stuck(script, "sleep 5"));
            }
        });
        assert_eq!(found(&burst).0, [], "one session is one session");
    }
}
