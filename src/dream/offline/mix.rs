//! Sessions of one kind are compared with their like.
//!
//! Owns: which stratum a unit belongs to, how it ended, and whether the mix of strata explains what
//! seems to help. Must not know: what is compared.
//!
//! A stratum is a segment where several are known (a task family, a project, a customer), otherwise a
//! person. Where neither is known there is nothing to compare within.

use std::collections::{BTreeMap, BTreeSet};

use super::pool::Pool;
use crate::evidence::strata::{self, Stratum};

/// Units with a known ending below which nothing is concluded from endings.
const FEWEST: usize = 10;
/// Two-sided 5 %, and one-sided 10 %.
const CLEAR: f64 = 1.96;
const LIKELY: f64 = 1.28;
/// Variance below which strata can't separate an effect from the mix.
const LEAST_INFORMATION: f64 = 1.0;

/// What passing or failing says of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing against it.
    Fine,
    /// Sessions with it fail more often than others of their kind.
    FailsMore,
    /// It goes with passing or failing over all sessions, and not among sessions of one kind.
    ExplainedByMix,
}

/// Strata and endings of the units of a pass.
#[derive(Debug, Default)]
pub struct Mix {
    stratum: Vec<Option<u32>>,
    passed: Vec<Option<bool>>,
    /// More than one stratum is known.
    several: bool,
    /// Strata are segments, not people.
    by_segment: bool,
}

impl Mix {
    /// Of a pool's units; the first session of a unit names its kind, the last known ending is its ending.
    #[must_use]
    pub fn of(pool: &Pool<'_>) -> Self {
        let segments: BTreeSet<&str> =
            pool.members.iter().filter_map(|m| m.meta.segment.as_deref()).collect();
        let by_segment = segments.len() > 1;
        let units = pool.units as usize;
        let mut mix =
            Self { stratum: vec![None; units], passed: vec![None; units], several: false, by_segment };
        let mut names: BTreeMap<&str, u32> = BTreeMap::new();
        for member in &pool.members {
            let unit = member.unit as usize;
            let name = if by_segment { &member.meta.segment } else { &member.meta.user };
            if let (Some(slot), Some(name)) = (mix.stratum.get_mut(unit), name.as_deref()) {
                let next = names.len() as u32;
                let number = *names.entry(name).or_insert(next);
                slot.get_or_insert(number);
            }
            if let (Some(slot), Some(ending)) = (mix.passed.get_mut(unit), member.facts.ending) {
                *slot = Some(ending.passed);
            }
        }
        mix.several = names.len() > 1;
        mix
    }

    /// The stratum of a unit, where several are known.
    #[must_use]
    pub fn stratum(&self, unit: u32) -> Option<u32> {
        self.stratum.get(unit as usize).copied().flatten().filter(|_| self.several)
    }

    /// Strata are kinds of tasks, where sessions end as their task lets them, rather than people.
    #[must_use]
    pub fn is_of_tasks(&self) -> bool {
        self.by_segment
    }

    /// Whether units with a pattern end as others of their kind do.
    #[must_use]
    pub fn judge(&self, units: &BTreeSet<u32>) -> Verdict {
        let mut cells: BTreeMap<Option<u32>, Stratum> = BTreeMap::new();
        let mut pooled = Stratum { both: 0, drawn: 0, marked: 0, all: 0 };
        for (unit, passed) in self.passed.iter().enumerate() {
            let Some(passed) = passed else { continue };
            let drawn = units.contains(&(unit as u32));
            let cell = cells.entry(self.stratum(unit as u32)).or_insert(Stratum {
                both: 0,
                drawn: 0,
                marked: 0,
                all: 0,
            });
            for cell in [cell, &mut pooled] {
                cell.all += 1;
                cell.drawn += u32::from(drawn);
                cell.marked += u32::from(*passed);
                cell.both += u32::from(drawn && *passed);
            }
        }
        if (pooled.all as usize) < FEWEST {
            return Verdict::Fine;
        }
        let cells: Vec<Stratum> = cells.into_values().collect();
        match effect(&cells, pooled) {
            (_, Some(z)) if z < -LIKELY => Verdict::FailsMore,
            (over_all, Some(z)) if over_all.abs() >= CLEAR && z * over_all.signum() < LIKELY => {
                Verdict::ExplainedByMix
            }
            (over_all, None) if over_all.abs() >= CLEAR => Verdict::ExplainedByMix,
            _ => Verdict::Fine,
        }
    }
}

/// How clearly a pattern and an outcome go together over all, and within strata where these can say it.
fn effect(cells: &[Stratum], pooled: Stratum) -> (f64, Option<f64>) {
    let over_all = strata::cochran_mantel_haenszel(&[pooled]).map_or(0.0, |found| found.z);
    let within = strata::cochran_mantel_haenszel(cells)
        .filter(|found| found.information >= LEAST_INFORMATION)
        .map(|found| found.z);
    (over_all, within)
}

/// Tries at one error and how they ended, row by row.
#[derive(Debug, Clone, Copy)]
pub struct Try {
    /// Its stratum.
    pub stratum: Option<u32>,
    /// The reaction in question was among what was tried.
    pub with: bool,
    /// The error stayed away.
    pub ended: bool,
}

/// How much more often the error ends in the strata in which a reaction is tried than over all, without
/// that reaction: what the mix alone seems to give it. Never below 0.
#[must_use]
pub fn head_start(tries: &[Try]) -> f64 {
    let mut others: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let (mut tried, mut ended) = (0, 0);
    for other in tries.iter().filter(|other| !other.with) {
        tried += 1;
        ended += u32::from(other.ended);
        if let Some(stratum) = other.stratum {
            let (tried, ended) = others.entry(stratum).or_default();
            *tried += 1;
            *ended += u32::from(other.ended);
        }
    }
    if tried == 0 {
        return 0.0;
    }
    let over_all = f64::from(ended) / f64::from(tried);
    let (mut sum, mut with) = (0.0, 0);
    for stratum in tries.iter().filter(|other| other.with).map(|other| other.stratum) {
        let (tried, ended) = stratum.and_then(|s| others.get(&s)).copied().unwrap_or_default();
        // Drawn towards the rate over all, as if three more had been tried.
        sum += (f64::from(ended) + 3.0 * over_all) / (f64::from(tried) + 3.0) - over_all;
        with += 1;
    }
    if with == 0 { 0.0 } else { (sum / f64::from(with)).max(0.0) }
}

/// Whether a reaction seems to end an error over all, and does not among sessions of one kind: it is
/// tried where the error ends whatever is done. Where sessions of one kind can't say it, `else_so` is the
/// answer.
#[must_use]
pub fn is_explained(tries: &[Try], else_so: bool) -> bool {
    let none = Stratum { both: 0, drawn: 0, marked: 0, all: 0 };
    let (mut cells, mut pooled): (BTreeMap<Option<u32>, Stratum>, _) = (BTreeMap::new(), none);
    for tried in tries {
        for cell in [cells.entry(tried.stratum).or_insert(none), &mut pooled] {
            cell.all += 1;
            cell.drawn += u32::from(tried.with);
            cell.marked += u32::from(tried.ended);
            cell.both += u32::from(tried.with && tried.ended);
        }
    }
    let cells: Vec<Stratum> = cells.into_values().collect();
    let (over_all, within) = effect(&cells, pooled);
    over_all >= CLEAR && within.map_or(else_so, |z| z < LIKELY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two kinds of tasks: of `n` sessions each, how many show the pattern, and pass with and without.
    fn mix(kinds: &[(u32, u32, u32, u32)]) -> (Mix, BTreeSet<u32>) {
        let mut mix = Mix { several: kinds.len() > 1, ..Mix::default() };
        let mut units = BTreeSet::new();
        for (kind, &(n, with, passed_with, passed_without)) in kinds.iter().enumerate() {
            for at in 0..n {
                let unit = mix.stratum.len() as u32;
                mix.stratum.push(Some(kind as u32));
                let passed = if at < with { at < passed_with } else { at - with < passed_without };
                mix.passed.push(Some(passed));
                if at < with {
                    units.insert(unit);
                }
            }
        }
        (mix, units)
    }

    #[test]
    fn the_mix_is_told_from_an_effect() {
        let judge = |kinds| {
            let (mix, units) = mix(kinds);
            mix.judge(&units)
        };
        assert_eq!(judge(&[(20, 10, 6, 5), (20, 10, 5, 6)]), Verdict::Fine);
        assert_eq!(judge(&[(20, 16, 14, 4), (20, 4, 1, 3)]), Verdict::ExplainedByMix, "easy tasks show it");
        assert_eq!(judge(&[(20, 20, 18, 0), (20, 0, 0, 2)]), Verdict::ExplainedByMix, "can't be separated");
        assert_eq!(judge(&[(20, 10, 9, 2), (20, 10, 8, 2)]), Verdict::Fine, "it does go with passing");
        assert_eq!(judge(&[(20, 10, 2, 9), (20, 10, 2, 8)]), Verdict::FailsMore);
        assert_eq!(judge(&[(4, 2, 0, 2), (4, 2, 0, 2)]), Verdict::Fine, "too few to say");
    }

    #[test]
    fn easy_strata_give_a_head_start_and_good_alternatives_do_not() {
        let row = |stratum, with, ended| Try { stratum: Some(stratum), with, ended };
        let mut easy: Vec<Try> = (0..10).map(|_| row(0, true, true)).collect();
        easy.extend((0..10).map(|_| row(0, false, true)));
        easy.extend((0..10).map(|_| row(1, false, false)));
        assert!(head_start(&easy) > 0.35, "{}", head_start(&easy));
        let even: Vec<Try> = (0..20).map(|at| row(at % 2, at < 10, true)).collect();
        assert!(head_start(&even).abs() < 1e-9);
        assert!(head_start(&[]).abs() < 1e-9);
    }

    #[test]
    fn what_helps_nowhere_among_its_like_is_explained() {
        let tries = |strata: &[(u32, u32, u32, u32)]| -> Vec<Try> {
            let of = |(at, &(with, ended_with, without, ended_without)): (usize, &(u32, u32, u32, u32))| {
                let row = move |with, ended| Try { stratum: Some(at as u32), with, ended };
                let with = (0..with).map(move |n| row(true, n < ended_with));
                with.chain((0..without).map(move |n| row(false, n < ended_without)))
            };
            strata.iter().enumerate().flat_map(of).collect()
        };
        assert!(is_explained(&tries(&[(22, 21, 3, 3), (2, 0, 20, 2)]), true), "easy tasks end anyway");
        assert!(is_explained(&tries(&[(22, 21, 0, 0), (0, 0, 22, 2)]), true), "can't be separated");
        assert!(!is_explained(&tries(&[(22, 21, 0, 0), (0, 0, 22, 2)]), false), "people differ");
        assert!(!is_explained(&tries(&[(12, 12, 12, 3), (12, 11, 12, 4)]), true), "it does help");
        assert!(!is_explained(&tries(&[(12, 12, 6, 6), (12, 12, 6, 6)]), true), "another way helps, too");
        assert!(!is_explained(&[], true));
    }
}
