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

/// Tries at one error and how they ended, stratum by stratum; and those with one reaction among what was tried.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    strata: BTreeMap<Option<u32>, Stratum>,
}

const NONE: Stratum = Stratum { both: 0, drawn: 0, marked: 0, all: 0 };

impl Tries {
    /// One more, whatever was tried.
    pub fn add(&mut self, stratum: Option<u32>, ended: bool) {
        let cell = self.strata.entry(stratum).or_insert(NONE);
        cell.all += 1;
        cell.marked += u32::from(ended);
    }

    /// One of those added had the reaction among what was tried.
    pub fn had_it(&mut self, stratum: Option<u32>, ended: bool) {
        let cell = self.strata.entry(stratum).or_insert(NONE);
        cell.drawn += 1;
        cell.both += u32::from(ended);
    }

    /// How much more often the error ends in the strata in which the reaction is tried than over all, without
    /// that reaction: what the mix alone seems to give it. Never below 0.
    #[must_use]
    pub fn head_start(&self) -> f64 {
        let others = |cell: &Stratum| {
            (f64::from(cell.all.saturating_sub(cell.drawn)), f64::from(cell.marked.saturating_sub(cell.both)))
        };
        let (tried, ended) = self.strata.values().map(others).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        let with = f64::from(self.strata.values().map(|cell| cell.drawn).sum::<u32>());
        if tried < 1.0 || with < 1.0 {
            return 0.0;
        }
        let over_all = ended / tried;
        let sum: f64 = self
            .strata
            .iter()
            .map(|(stratum, cell)| {
                // Sessions of no known kind are of no kind.
                let (tried, ended) = if stratum.is_some() { others(cell) } else { (0.0, 0.0) };
                // Drawn towards the rate over all, as if three more had been tried.
                f64::from(cell.drawn) * ((ended + 3.0 * over_all) / (tried + 3.0) - over_all)
            })
            .sum();
        (sum / with).max(0.0)
    }

    /// Whether the reaction seems to end the error over all, and does not among sessions of one kind: it is
    /// tried where the error ends whatever is done. Where sessions of one kind can't say it, `else_so` is the
    /// answer.
    #[must_use]
    pub fn is_explained(&self, else_so: bool) -> bool {
        let cells: Vec<Stratum> = self.strata.values().copied().collect();
        let pooled = cells.iter().fold(NONE, |sum, cell| Stratum {
            both: sum.both + cell.both,
            drawn: sum.drawn + cell.drawn,
            marked: sum.marked + cell.marked,
            all: sum.all + cell.all,
        });
        let (over_all, within) = effect(&cells, pooled);
        over_all >= CLEAR && within.map_or(else_so, |z| z < LIKELY)
    }
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

    fn add(tries: &mut Tries, stratum: u32, with: bool, ended: bool) {
        tries.add(Some(stratum), ended);
        if with {
            tries.had_it(Some(stratum), ended);
        }
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
        let mut easy = Tries::default();
        for _ in 0..10 {
            add(&mut easy, 0, true, true);
            add(&mut easy, 0, false, true);
            add(&mut easy, 1, false, false);
        }
        assert!(easy.head_start() > 0.35, "{}", easy.head_start());
        let mut even = Tries::default();
        (0..20).for_each(|at| add(&mut even, at % 2, at < 10, true));
        assert!(even.head_start().abs() < 1e-9);
        assert!(Tries::default().head_start().abs() < 1e-9);
    }

    #[test]
    fn what_helps_nowhere_among_its_like_is_explained() {
        let explained = |strata: &[(u32, u32, u32, u32)], else_so| {
            let mut tries = Tries::default();
            for (at, &(with, ended_with, without, ended_without)) in strata.iter().enumerate() {
                (0..with).for_each(|n| add(&mut tries, at as u32, true, n < ended_with));
                (0..without).for_each(|n| add(&mut tries, at as u32, false, n < ended_without));
            }
            tries.is_explained(else_so)
        };
        assert!(explained(&[(22, 21, 3, 3), (2, 0, 20, 2)], true), "easy tasks end anyway");
        assert!(explained(&[(22, 21, 0, 0), (0, 0, 22, 2)], true), "can't be separated");
        assert!(!explained(&[(22, 21, 0, 0), (0, 0, 22, 2)], false), "people differ");
        assert!(!explained(&[(12, 12, 12, 3), (12, 11, 12, 4)], true), "it does help");
        assert!(!explained(&[(12, 12, 6, 6), (12, 12, 6, 6)], true), "another way helps, too");
        assert!(!explained(&[], true));
    }
}
