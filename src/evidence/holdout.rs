//! Does a lesson hold in sessions it was not found in?
//!
//! Owns: which sessions are held out, and the word for what they say. Must not know: how lessons are
//! found.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::stats;
use crate::domain::checks::{Confirmation, Share};

/// Below this, not having seen it is no chance.
const NO_CHANCE: f64 = 0.05;

/// What other units say of a lesson whose rate was at least `bound` where it was found.
#[must_use]
pub fn confirm(bound: f64, held: Share) -> Confirmation {
    let by_chance = (1.0 - bound.clamp(0.0, 1.0)).powi(held.exposed.min(10_000) as i32);
    let compatible = stats::wilson(held.support, held.exposed, stats::Z80).1 >= bound;
    match held {
        Share { support, contradict, .. } if contradict >= 2 && contradict > support => {
            Confirmation::Contradicted
        }
        Share { support: 0, .. } if by_chance < NO_CHANCE => Confirmation::NotSeen,
        Share { support: 2.., .. } if compatible => Confirmation::Replicated,
        _ => Confirmation::Thin,
    }
}

/// Which units are held out: of every stratum about `share`, whole families together. For each unit
/// `families` names its stratum and its family. The lot is drawn by the names alone, so that it hardly
/// moves as sessions come in, and a family that would take a stratum far beyond its share is not drawn.
#[must_use]
pub fn hold_out(families: &[(&str, &str)], share: f64) -> Vec<bool> {
    let mut sizes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut strata: BTreeMap<&str, usize> = BTreeMap::new();
    for unit in families {
        *sizes.entry(*unit).or_default() += 1;
        *strata.entry(unit.0).or_default() += 1;
    }
    let mut order: Vec<([u8; 32], (&str, &str), usize)> = sizes
        .into_iter()
        .map(|(unit, size)| (Sha256::digest(unit.1.as_bytes()).into(), unit, size))
        .collect();
    order.sort_unstable();
    let mut drawn: BTreeMap<&str, usize> = BTreeMap::new();
    let mut held: Vec<(&str, &str)> = Vec::new();
    for (_, unit, size) in order {
        let wanted = share * strata.get(unit.0).copied().unwrap_or(0) as f64;
        let drawn = drawn.entry(unit.0).or_default();
        if (*drawn as f64) < wanted.floor() && (*drawn + size) as f64 <= wanted * BEYOND {
            *drawn += size;
            held.push(unit);
        }
    }
    held.sort_unstable();
    families.iter().map(|unit| held.binary_search(unit).is_ok()).collect()
}

/// How far beyond its share a stratum may go for a family to stay together.
const BEYOND: f64 = 1.5;

#[cfg(test)]
mod tests {
    use super::*;

    fn held(support: u32, contradict: u32, exposed: u32) -> Share {
        Share { support, contradict, exposed }
    }

    #[test]
    fn each_word_has_its_counts() {
        assert_eq!(confirm(0.3, held(4, 0, 12)), Confirmation::Replicated);
        assert_eq!(confirm(0.3, held(1, 0, 4)), Confirmation::Thin);
        assert_eq!(
            confirm(0.1, held(0, 0, 15)),
            Confirmation::Thin,
            "a rate of a tenth is missed by one split in five"
        );
        assert_eq!(confirm(0.3, held(0, 0, 15)), Confirmation::NotSeen);
        assert_eq!(confirm(0.3, held(1, 3, 15)), Confirmation::Contradicted);
        assert_eq!(confirm(0.9, held(2, 0, 15)), Confirmation::Thin, "far rarer than where it was found");
        assert_eq!(confirm(0.3, held(0, 0, 0)), Confirmation::Thin);
    }

    #[test]
    fn families_stay_together_and_strata_give_their_share() {
        let families: Vec<String> = (0..100).map(|i| format!("task {}", i / 4)).collect();
        let units: Vec<(&str, &str)> = families.iter().map(|family| ("", family.as_str())).collect();
        let lot = hold_out(&units, 0.3);
        assert_eq!(lot, hold_out(&units, 0.3));
        let count = lot.iter().filter(|held| **held).count();
        assert!((30..=45).contains(&count), "{count}");
        assert!(lot.chunks(4).all(|family| family.iter().all(|held| *held == family[0])));
        assert!(hold_out(&[("", "one"); 10], 0.3).iter().all(|held| !held), "one family can't be split");
        assert!(hold_out(&[], 0.3).is_empty());

        let names: Vec<String> = (0..60).map(|i| format!("s{i}")).collect();
        let units: Vec<(&str, &str)> = names
            .iter()
            .enumerate()
            .map(|(i, name)| (if i < 50 { "big" } else { "small" }, name.as_str()))
            .collect();
        let lot = hold_out(&units, 0.3);
        let of = |range: std::ops::Range<usize>| lot[range].iter().filter(|held| **held).count();
        assert_eq!((of(0..50), of(50..60)), (15, 3), "the small stratum is not forgotten");
        let fewer: Vec<(&str, &str)> = units.iter().copied().skip(1).collect();
        let moved = hold_out(&fewer, 0.3).iter().zip(&lot[1..]).filter(|(a, b)| a != b).count();
        assert!(moved <= 2, "one session less moves {moved}");
    }
}
