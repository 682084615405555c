//! Mistakes that recur, and what ended them: which reactions stand out from chance.
//!
//! Owns: the tests and gates between "this was done after that error" and a lesson, and their noise
//! check. Must not know: wording, documents, transcripts.
//!
//! A reaction must pass two questions. Is it chosen *after this error* more than after other errors
//! (hypergeometric)? Does the error stay away more often than it does in general (binomial)? Asking
//! only the second loses most lessons, because alternatives to a good fix are rarely tried; asking
//! only the first promotes habits.

use std::collections::{BTreeMap, BTreeSet};

use super::episodes::{Episodes, Record};
use super::mix::{Mix, Tries};
use super::spread::Spread;
use crate::dream::Parameters;
use crate::evidence::noise::{self, Dice};
use crate::evidence::stats::{self, LogFactorials};

/// A reaction that stands out after an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The error.
    pub template: u32,
    /// The reaction, as a number of [`Episodes::fixes`].
    pub fix: u32,
    /// Units in which it was tried and the error stayed away.
    pub resolved: BTreeSet<u32>,
    /// Units in which it was tried.
    pub tried: BTreeSet<u32>,
    /// Combined p-value.
    pub p: f64,
}

/// What was tried after one error in one unit, and whether the error then stayed away.
type Bundle = Vec<(u32, bool)>;

/// Episodes in the form the tests need.
#[derive(Debug)]
pub struct Table<'a> {
    spread: &'a Spread,
    parameters: &'a Parameters,
    ln: LogFactorials,
    /// Error and unit of each row, sorted.
    rows: Vec<(u32, u32)>,
    /// What kind of session each row's unit is.
    strata: Vec<Option<u32>>,
    /// Strata are kinds of tasks.
    of_tasks: bool,
    bundles: Vec<Bundle>,
    controls: Vec<Bundle>,
    advice: Vec<bool>,
    change: Vec<bool>,
}

/// Which rows a reaction's frequency is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    /// Other errors: the stricter question, asked whenever there are enough of them.
    Errors,
    /// Other errors, and what lies between repeated successes. Asked when nearly all failures of a corpus are the
    /// same error, which would otherwise hide what ends it. What is done in between is compared so only where most
    /// failures are this error: among many errors it would only show what is done after errors rather than successes.
    Everything,
}

/// What was tried in a unit after an error, and whether it stayed away at least every other time: trying
/// often enough makes anything succeed once.
fn bundle(record: &Record) -> Bundle {
    let mut tried: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for attempt in &record.attempts {
        for fix in &attempt.tried {
            let (times, resolved) = tried.entry(*fix).or_default();
            *times += 1;
            *resolved += u32::from(attempt.resolved);
        }
    }
    tried.into_iter().map(|(fix, (times, resolved))| (fix, resolved * 2 >= times)).collect()
}

/// What all units say of one reaction to one error, whether it stands out or not.
#[must_use]
pub fn tally(episodes: &Episodes, template: u32, fix: u32) -> Finding {
    let mut finding = Finding { template, fix, resolved: BTreeSet::new(), tried: BTreeSet::new(), p: 1.0 };
    for record in episodes.records.iter().filter(|record| record.template == template) {
        for (_, resolved) in bundle(record).into_iter().filter(|(other, _)| *other == fix) {
            finding.tried.insert(record.unit);
            if resolved {
                finding.resolved.insert(record.unit);
            }
        }
    }
    finding
}

/// Whether anything that was tried ended it; `None` if nothing was tried.
fn ended(bundle: &Bundle) -> Option<bool> {
    (!bundle.is_empty()).then(|| bundle.iter().any(|(_, ended)| *ended))
}

fn has(bundle: &Bundle, fix: u32) -> bool {
    bundle.iter().any(|(tried, _)| *tried == fix)
}

/// Whether a reaction seems to end errors only because of the tasks in which it is tried.
#[must_use]
pub fn is_explained(episodes: &Episodes, mix: &Mix, templates: &BTreeSet<u32>, fix: u32) -> bool {
    let mut tries = Tries::default();
    for record in episodes.records.iter().filter(|record| templates.contains(&record.template)) {
        let (stratum, bundle) = (mix.stratum(record.unit), bundle(record));
        let Some(ended) = ended(&bundle) else { continue };
        tries.add(stratum, ended);
        if has(&bundle, fix) {
            tries.had_it(stratum, ended);
        }
    }
    tries.is_explained(mix.is_of_tasks())
}

/// Whether a reaction ends errors in some units more often than whatever else was tried there; true where too little
/// else was tried to compare with.
#[must_use]
pub fn beats_others(
    episodes: &Episodes,
    templates: &BTreeSet<u32>,
    fix: u32,
    units: &BTreeSet<u32>,
    fewest: u32,
) -> bool {
    let here = |record: &&Record| templates.contains(&record.template) && units.contains(&record.unit);
    let (mut with, mut without) = ((0, 0), (0, 0));
    for bundle in episodes.records.iter().filter(here).map(bundle) {
        let Some(did_end) = ended(&bundle) else { continue };
        let (ended, all) = if has(&bundle, fix) { &mut with } else { &mut without };
        *all += 1;
        *ended += u32::from(did_end);
    }
    without.1 < fewest || stats::lower_bound(with.0, with.1) > f64::from(without.0) / f64::from(without.1)
}

/// How special a reaction is for its error.
struct Choice {
    against: Against,
    /// The smallest p-value its margins allow.
    least_p: f64,
    specific: f64,
}

struct Candidate {
    finding: Finding,
    against: Against,
    /// The smallest p-value its margins allow.
    least_p: f64,
    /// How specific the choice is.
    specific: f64,
    /// How often errors end whatever is done.
    base: f64,
    /// It ends the error more often than that.
    helps: bool,
}

/// A reaction that is chosen for its error and ends it hardly more often than errors end anyway.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss {
    /// The reaction.
    pub finding: Finding,
    /// How often errors end whatever is done.
    pub base: f64,
}

impl<'a> Table<'a> {
    /// Prepares the tests.
    #[must_use]
    pub fn new(episodes: &Episodes, spread: &'a Spread, mix: &Mix, parameters: &'a Parameters) -> Self {
        let bundles: Vec<Bundle> = episodes.records.iter().map(bundle).collect();
        let controls: Vec<Bundle> =
            episodes.controls.iter().map(|c| c.tried.iter().map(|fix| (*fix, true)).collect()).collect();
        Self {
            spread,
            parameters,
            ln: LogFactorials::up_to((bundles.len() + controls.len()) as u32),
            rows: episodes.records.iter().map(|record| (record.template, record.unit)).collect(),
            strata: episodes.records.iter().map(|record| mix.stratum(record.unit)).collect(),
            of_tasks: mix.is_of_tasks(),
            bundles,
            controls,
            advice: episodes.fixes.iter().map(super::fixes::Fix::is_advice).collect(),
            change: episodes.fixes.iter().map(super::fixes::Fix::is_change).collect(),
        }
    }

    /// Reactions that stand out, at a false-discovery rate.
    #[must_use]
    pub fn find(&self, false_discovery: f64) -> Vec<Finding> {
        let bundles: Vec<&Bundle> = self.bundles.iter().collect();
        let controls: Vec<&Bundle> = self.controls.iter().collect();
        self.gate(&bundles, &controls, None, false_discovery)
    }

    /// What came near: for a reviewer who saw it and wonders where it is. Most sessions first.
    #[must_use]
    pub fn near_misses(&self, false_discovery: f64) -> Vec<NearMiss> {
        let bundles: Vec<&Bundle> = self.bundles.iter().collect();
        let controls: Vec<&Bundle> = self.controls.iter().collect();
        let mut near: Vec<NearMiss> = self
            .candidates(&bundles, &controls, false_discovery)
            .into_iter()
            .filter(|candidate| !candidate.helps && candidate.specific <= false_discovery)
            .filter(|candidate| self.spread.suffices(&candidate.finding.resolved, self.parameters))
            .map(|Candidate { finding, base, .. }| NearMiss { finding, base })
            .collect();
        near.sort_by_key(|NearMiss { finding, .. }| {
            (std::cmp::Reverse(finding.resolved.len()), finding.template, finding.fix)
        });
        near
    }

    /// Mean findings on copies in which reactions have been dealt out to other errors.
    #[must_use]
    pub fn noise(&self, false_discovery: f64, corpus: &str) -> f64 {
        noise::mean_over_copies(self.parameters.noise_copies, corpus, "mistakes", |dice| {
            self.false_findings(dice, false_discovery)
        })
    }

    /// Each comparison is shuffled among exactly the rows it compares, so that the copies keep
    /// everything but the link between error and reaction.
    fn false_findings(&self, dice: &mut Dice, false_discovery: f64) -> u32 {
        let mut bundles: Vec<&Bundle> = self.bundles.iter().collect();
        dice.shuffle(&mut bundles);
        let controls: Vec<&Bundle> = self.controls.iter().collect();
        let among_errors = self.gate(&bundles, &controls, Some(Against::Errors), false_discovery).len();
        let mut all: Vec<&Bundle> = self.bundles.iter().chain(&self.controls).collect();
        dice.shuffle(&mut all);
        let (bundles, controls) = all.split_at(self.bundles.len());
        let among_all = self.gate(bundles, controls, Some(Against::Everything), false_discovery).len();
        (among_errors + among_all) as u32
    }

    /// The whole chain from counts to findings, sorted by error; at most one reaction per error.
    fn gate(&self, bundles: &[&Bundle], controls: &[&Bundle], only: Option<Against>, q: f64) -> Vec<Finding> {
        let mut candidates = self.candidates(bundles, controls, q);
        candidates.retain(|candidate| candidate.helps);
        candidates.retain(|candidate| only.is_none_or(|only| only == candidate.against));
        testable(&mut candidates, q);
        let p: Vec<f64> = candidates.iter().map(|candidate| candidate.finding.p).collect();
        let passes = stats::discoveries(&p, q, self.parameters.any_dependence);
        // What ends all errors would pass by that alone: of the choices that look special by themselves, too, no
        // more than a share may be luck, or their number would grow with the number of errors and reactions.
        let specific: Vec<f64> = candidates.iter().map(|candidate| candidate.specific).collect();
        let special = stats::discoveries(&specific, q * SPECIAL, self.parameters.any_dependence);
        let mut best: BTreeMap<u32, Finding> = BTreeMap::new();
        for ((candidate, passes), special) in candidates.into_iter().zip(passes).zip(special) {
            let passes = passes && special && candidate.specific <= q;
            let finding = candidate.finding;
            if !passes || !self.spread.suffices(&finding.resolved, self.parameters) {
                continue;
            }
            let better = |other: &Finding| {
                (finding.p, std::cmp::Reverse(finding.resolved.len()), finding.fix).partial_cmp(&(
                    other.p,
                    std::cmp::Reverse(other.resolved.len()),
                    other.fix,
                )) == Some(std::cmp::Ordering::Less)
            };
            if best.get(&finding.template).is_none_or(better) {
                best.insert(finding.template, finding);
            }
        }
        best.into_values().collect()
    }

    /// Units in which something was tried after an error, but nothing that is special for it, and those of them in
    /// which it ended.
    fn ended_otherwise(
        &self,
        template: u32,
        bundles: &[&Bundle],
        special: &BTreeSet<(u32, u32)>,
    ) -> (u32, u32) {
        let first = self.rows.partition_point(|(other, _)| *other < template);
        let rows = self.rows.iter().zip(bundles).skip(first);
        let others = rows
            .take_while(|((other, _), _)| *other == template)
            .filter(|(_, bundle)| !bundle.iter().any(|(fix, _)| special.contains(&(template, *fix))))
            .filter_map(|(_, bundle)| ended(bundle));
        others.fold((0, 0), |(all, well), ended| (all + 1, well + u32::from(ended)))
    }

    /// How the tries at an error ended in all units.
    fn tries(&self, template: u32, bundles: &[&Bundle]) -> Tries {
        let first = self.rows.partition_point(|(other, _)| *other < template);
        let rows = self.rows.iter().zip(&self.strata).zip(bundles).skip(first);
        let mut tries = Tries::default();
        for ((_, stratum), bundle) in rows.take_while(|(((other, _), _), _)| *other == template) {
            if let Some(ended) = ended(bundle) {
                tries.add(*stratum, ended);
            }
        }
        tries
    }

    /// The same, with those of them that are units with one reaction told.
    fn with_reaction(
        &self,
        tries: &Tries,
        template: u32,
        units: &BTreeSet<u32>,
        bundles: &[&Bundle],
    ) -> Tries {
        let mut tries = tries.clone();
        for unit in units {
            let Ok(at) = self.rows.binary_search(&(template, *unit)) else { continue };
            let ended = bundles.get(at).and_then(|bundle| ended(bundle));
            let stratum = self.strata.get(at).copied().flatten();
            if let Some(ended) = ended {
                tries.had_it(stratum, ended);
            }
        }
        tries
    }

    fn candidates(&self, bundles: &[&Bundle], controls: &[&Bundle], q: f64) -> Vec<Candidate> {
        let mut with_fix = vec![0_u32; self.advice.len()];
        let mut controls_with_fix = vec![0_u32; self.advice.len()];
        let mut outcomes: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        let mut rows_of: BTreeMap<u32, u32> = BTreeMap::new();
        let mut pairs: BTreeMap<(u32, u32), (BTreeSet<u32>, BTreeSet<u32>)> = BTreeMap::new();
        for (&(template, unit), bundle) in self.rows.iter().zip(bundles) {
            *rows_of.entry(template).or_default() += 1;
            for &(fix, resolved) in *bundle {
                let (tried, ended) = outcomes.entry(template).or_default();
                *tried += 1;
                *ended += u32::from(resolved);
                if let Some(count) = with_fix.get_mut(fix as usize) {
                    *count += 1;
                }
                let (tried, ended) = pairs.entry((template, fix)).or_default();
                tried.insert(unit);
                if resolved {
                    ended.insert(unit);
                }
            }
        }
        for &(fix, _) in controls.iter().copied().flatten() {
            if let Some(count) = controls_with_fix.get_mut(fix as usize) {
                *count += 1;
            }
        }
        let errors = self.rows.len() as u32;
        let everything = errors + controls.len() as u32;
        let choice = |template: u32, fix: u32, n: u32| -> Option<Choice> {
            let drawn = rows_of.get(&template).copied().unwrap_or(0);
            let among_errors = with_fix.get(fix as usize).copied().unwrap_or(0);
            let least = self.ln.hypergeometric_tail(drawn.min(among_errors), drawn, among_errors, errors);
            let (against, marked, all, least_p) = if least <= q * TESTABLE_SHARE {
                (Against::Errors, among_errors, errors, least)
            } else if self.change.get(fix as usize) == Some(&true) || drawn * 2 > errors {
                let marked = among_errors + controls_with_fix.get(fix as usize).copied().unwrap_or(0);
                let least = self.ln.hypergeometric_tail(drawn.min(marked), drawn, marked, everything);
                (Against::Everything, marked, everything, least)
            } else {
                return None;
            };
            Some(Choice { against, least_p, specific: self.ln.hypergeometric_tail(n, drawn, marked, all) })
        };
        let choices: BTreeMap<(u32, u32), Choice> = pairs
            .iter()
            .filter(|((_, fix), (_, resolved))| {
                let advice = self.advice.get(*fix as usize).copied().unwrap_or(false);
                advice && resolved.len() as u32 >= self.parameters.least_sessions
            })
            .filter_map(|(pair, (tried, _))| Some((*pair, choice(pair.0, pair.1, tried.len() as u32)?)))
            .collect();
        // Where something is made for an error, how it ends says nothing of how errors end whatever is done.
        let special: BTreeSet<(u32, u32)> =
            choices.iter().filter(|(_, choice)| choice.specific <= q).map(|(pair, _)| *pair).collect();
        let base = BaseRate::of(&outcomes, &special);
        let mut by_itself: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        let mut tries: BTreeMap<u32, Tries> = BTreeMap::new();
        let mut candidates = Vec::new();
        for ((template, fix), Choice { against, least_p, specific }) in choices {
            let Some((tried, resolved)) = pairs.remove(&(template, fix)) else { continue };
            let (n, k) = (tried.len() as u32, resolved.len() as u32);
            let of_error = outcomes.get(&template).copied().unwrap_or_default();
            let is_counted = special.range((template, 0)..=(template, u32::MAX)).next().is_none();
            let base = base.with(is_counted, of_error, n, k);
            // An error that ends as often in as many sessions whatever else is done needs no remedy. (In half as many
            // that happens by chance: it hid 3 % of what was planted in eight sessions of DreamBench.)
            let (others, ended) = *by_itself
                .entry(template)
                .or_insert_with(|| self.ended_otherwise(template, bundles, &special));
            if others >= n && ended * n >= k * others {
                continue;
            }
            // Neither a finding nor a near miss, whatever the mix says.
            if specific > q && stats::lower_bound(k, n) <= base {
                continue;
            }
            // Where everything helps, so does this.
            let of_error = tries.entry(template).or_insert_with(|| self.tries(template, bundles));
            let tries = self.with_reaction(of_error, template, &tried, bundles);
            let base = (base + tries.head_start()).min(MOST_SURE);
            let resolves = self.ln.binomial_tail(k, n, base);
            let helps = stats::lower_bound(k, n) > base;
            if helps && tries.is_explained(self.of_tasks) {
                continue;
            }
            candidates.push(Candidate {
                finding: Finding {
                    template,
                    fix,
                    resolved,
                    tried,
                    p: stats::fisher_combine(specific, resolves),
                },
                against,
                least_p,
                specific,
                base,
                helps,
            });
        }
        candidates
    }
}

/// No chance is taken for a certainty.
const MOST_SURE: f64 = 0.999;

/// How often an error stays away after just any reaction: the mean over errors, each drawn towards one
/// half. Errors weigh the same, so that one strong lesson does not raise the bar for all others (weighing by
/// tries hid the second lesson of the 36 shared sessions, 7 of 7, behind the 18 of 18 of the first), and errors
/// that have a reaction of their own are left out: of five true fixes each seemed to help no more than anything,
/// once it had failed in one session of twelve.
struct BaseRate {
    sum: f64,
    errors: usize,
}

impl BaseRate {
    fn of(outcomes: &BTreeMap<u32, (u32, u32)>, special: &BTreeSet<(u32, u32)>) -> Self {
        let special: BTreeSet<u32> = special.iter().map(|(error, _)| *error).collect();
        let others = outcomes.iter().filter(|(error, _)| !special.contains(error));
        let shares: Vec<f64> = others.map(|(_, (tried, ended))| share(*tried, *ended)).collect();
        Self { sum: shares.iter().sum(), errors: shares.len() }
    }

    /// With what else was tried after the error in question in the place of all of its outcomes; `counted` says that
    /// they are among them.
    fn with(&self, counted: bool, (tried, ended): (u32, u32), n: u32, k: u32) -> f64 {
        let rest = share(tried.saturating_sub(n), ended.saturating_sub(k));
        let own = if counted { share(tried, ended) } else { 0.0 };
        (self.sum - own + rest) / (self.errors + usize::from(!counted)).max(1) as f64
    }
}

fn share(tried: u32, ended: u32) -> f64 {
    f64::from(ended + 1) / f64::from(tried + 2)
}

/// The rate at which a choice must be special by itself, in rates of the whole test.
const SPECIAL: f64 = 5.0;

/// A comparison with other errors is made if its margins allow a p-value this far below the rate.
const TESTABLE_SHARE: f64 = 0.2;

/// Tarone: hypotheses that could not be discoveries whatever the data are not tested, and so do not
/// make the others pay.
fn testable(candidates: &mut Vec<Candidate>, q: f64) {
    candidates.sort_by(|a, b| {
        (a.least_p, a.finding.template, a.finding.fix)
            .partial_cmp(&(b.least_p, b.finding.template, b.finding.fix))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let tests = candidates
        .iter()
        .enumerate()
        .filter(|(rank, candidate)| candidate.least_p <= q / (*rank as f64 + 1.0))
        .count();
    candidates.truncate(tests);
}
