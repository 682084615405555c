//! Does a lesson hold in sessions it was not found in?
//!
//! Owns: which sessions are held out, and the word for what they say. Must not know: how lessons are
//! found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::noise::Dice;
use super::stats;

/// What sessions that a lesson was not found in say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmation {
    /// Seen again at least twice, as often as expected.
    Replicated,
    /// Seen less than that, which chance explains. No verdict against it.
    Thin,
    /// Never seen, though at its rate it should have been.
    NotSeen,
    /// The opposite is seen more often.
    Contradicted,
}

/// Counts among sessions held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldOut {
    /// Units that support.
    pub support: u32,
    /// Units that contradict.
    pub contradict: u32,
    /// Units in which it could have shown.
    pub exposed: u32,
}

/// Below this, not having seen it is no chance.
const NO_CHANCE: f64 = 0.05;

/// What the units held out say of a lesson whose rate was at least `bound` where it was found.
#[must_use]
pub fn confirm(bound: f64, held: HeldOut) -> Confirmation {
    let by_chance = (1.0 - bound.clamp(0.0, 1.0)).powi(held.exposed.min(10_000) as i32);
    let compatible = stats::wilson(held.support, held.exposed, stats::Z80).1 >= bound;
    match held {
        HeldOut { support, contradict, .. } if contradict >= 2 && contradict > support => {
            Confirmation::Contradicted
        }
        HeldOut { support: 0, .. } if by_chance < NO_CHANCE => Confirmation::NotSeen,
        HeldOut { support: 2.., .. } if compatible => Confirmation::Replicated,
        _ => Confirmation::Thin,
    }
}

/// Which units are held out: whole task families (or chains) together, drawn by lot until `share` of the
/// units is reached, and never more than half beyond it. `families` names that of each unit.
#[must_use]
pub fn hold_out(families: &[&str], share: f64, corpus: &str) -> Vec<bool> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for family in families {
        *sizes.entry(family).or_default() += 1;
    }
    let mut order: Vec<(&str, usize)> = sizes.into_iter().collect();
    Dice::new(corpus, "held out", 0).shuffle(&mut order);
    let wanted = share * families.len() as f64;
    let (mut held, mut drawn) = (Vec::new(), 0_usize);
    for (family, size) in order {
        if (drawn as f64) < wanted && (drawn + size) as f64 <= wanted * 1.5 {
            drawn += size;
            held.push(family);
        }
    }
    families.iter().map(|family| held.contains(family)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(support: u32, contradict: u32, exposed: u32) -> HeldOut {
        HeldOut { support, contradict, exposed }
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
    fn families_stay_together_and_the_lot_is_fixed() {
        let families: Vec<String> = (0..100).map(|i| format!("task {}", i / 4)).collect();
        let families: Vec<&str> = families.iter().map(String::as_str).collect();
        let lot = hold_out(&families, 0.3, "corpus");
        assert_eq!(lot, hold_out(&families, 0.3, "corpus"));
        assert_ne!(lot, hold_out(&families, 0.3, "another"));
        let count = lot.iter().filter(|held| **held).count();
        assert!((30..=45).contains(&count), "{count}");
        assert!(lot.chunks(4).all(|family| family.iter().all(|held| *held == family[0])));
        assert!(hold_out(&["one"; 10], 0.3, "c").iter().all(|held| !held), "one family can't be split");
        assert!(hold_out(&[], 0.3, "c").is_empty());
    }
}
