//! Chance on demand: seeded shuffles, so that a pass can ask how many lessons luck alone would give.
//!
//! Owns: the random numbers of the noise check and how its copies are run. Must not know: what is
//! shuffled. The seed comes from the sessions themselves, so the answer is part of the result.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// A small, fast generator (SplitMix64) whose whole course follows from its seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice for one copy of one stage of one corpus.
    #[must_use]
    pub fn new(corpus: &str, stage: &str, copy: u32) -> Self {
        let mut hash = Sha256::new();
        for part in [corpus.as_bytes(), stage.as_bytes(), &copy.to_le_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        Self(digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte)))
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 if the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next_u64()) * limit as u128) >> 64) as usize
    }

    /// True with probability `chance`.
    pub fn chance(&mut self, chance: f64) -> bool {
        ((self.next_u64() >> 11) as f64) < chance * (1_u64 << 53) as f64
    }

    /// Puts items into random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// What is found in each of `copies` shuffled copies, each with dice of its own, in their order.
pub fn over_copies<T: Send>(
    copies: u32,
    corpus: &str,
    stage: &str,
    found: impl Fn(&mut Dice) -> T + Sync,
) -> Vec<T> {
    (0..copies).into_par_iter().map(|copy| found(&mut Dice::new(corpus, stage, copy))).collect()
}

/// Mean of `false_lessons` over `copies` shuffled copies.
pub fn mean_over_copies(
    copies: u32,
    corpus: &str,
    stage: &str,
    false_lessons: impl Fn(&mut Dice) -> u32 + Sync,
) -> f64 {
    if copies == 0 {
        return 0.0;
    }
    let found: u32 = over_copies(copies, corpus, stage, false_lessons).into_iter().sum();
    f64::from(found) / f64::from(copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_course_and_another_seed_another() {
        let mut one = Dice::new("c", "s", 1);
        let mut same = Dice::new("c", "s", 1);
        let mut other = Dice::new("c", "s", 2);
        let course: Vec<u64> = (0..4).map(|_| one.next_u64()).collect();
        assert_eq!(course, (0..4).map(|_| same.next_u64()).collect::<Vec<_>>());
        assert_ne!(course, (0..4).map(|_| other.next_u64()).collect::<Vec<_>>());
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_reaches_every_order() {
        let mut dice = Dice::new("c", "s", 0);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let mut items = [1, 2, 3];
            dice.shuffle(&mut items);
            seen.insert(items);
        }
        assert_eq!(seen.len(), 6);
    }

    #[test]
    fn the_mean_does_not_depend_on_threads() {
        let count = |dice: &mut Dice| u32::from(dice.chance(0.5));
        let mean = mean_over_copies(100, "c", "s", count);
        assert!((0.3..0.7).contains(&mean), "{mean}");
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let again = one_thread.install(|| mean_over_copies(100, "c", "s", count));
        assert!((mean - again).abs() < f64::EPSILON);
    }
}
