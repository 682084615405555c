//! Which of few keys each of many entries has, looked up once, so that counting over all of them needs no hashing.
//!
//! Owns: that, and one tally for each key. Must not know: what is counted.

use std::collections::HashMap;
use std::hash::Hash;

use super::tally::Tally;

/// Keys of entries, and a tally for each key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slots<K: Eq + Hash> {
    /// For each entry, the place of its key.
    of: Vec<usize>,
    keys: Vec<K>,
    places: HashMap<K, usize>,
    tallies: Vec<Tally>,
}

impl<K: Eq + Hash> Default for Slots<K> {
    fn default() -> Self {
        Self { of: Vec::new(), keys: Vec::new(), places: HashMap::new(), tallies: Vec::new() }
    }
}

impl<K: Clone + Eq + Hash> Slots<K> {
    /// Takes in the keys of all entries, in order.
    pub fn of<'a>(entries: impl Iterator<Item = &'a K>) -> Self
    where
        K: 'a,
    {
        let mut slots = Self::default();
        for key in entries {
            // Neighbours nearly always share their key.
            let last = slots.of.last().copied().filter(|&place| slots.keys.get(place) == Some(key));
            let place = last.or_else(|| slots.places.get(key).copied()).unwrap_or_else(|| {
                slots.places.insert(key.clone(), slots.keys.len());
                slots.keys.push(key.clone());
                slots.keys.len() - 1
            });
            slots.of.push(place);
        }
        slots.clear();
        slots
    }

    /// Every key, by place.
    pub fn keys(&self) -> &[K] {
        &self.keys
    }

    /// The place of an entry's key.
    pub fn place(&self, entry: usize) -> Option<usize> {
        self.of.get(entry).copied()
    }

    /// Counts from nothing again.
    pub fn clear(&mut self) {
        self.tallies = vec![Tally::default(); self.keys.len()];
    }

    /// The tally that an entry counts into.
    pub fn tally_mut(&mut self, entry: usize) -> Option<&mut Tally> {
        self.tallies.get_mut(*self.of.get(entry)?)
    }

    /// The tally of a key.
    pub fn tally(&self, key: &K) -> Tally {
        self.places.get(key).and_then(|&place| self.tallies.get(place)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_finds_its_key_again() {
        let entries = ["a", "a", "b", "a", "c", "c"];
        let mut slots = Slots::of(entries.iter());
        assert_eq!(slots.keys(), ["a", "b", "c"]);
        for (at, entry) in entries.iter().enumerate() {
            assert_eq!(slots.place(at).and_then(|place| slots.keys().get(place)), Some(entry));
            slots.tally_mut(at).unwrap().accepted += 1;
        }
        let counts = ["a", "b", "c", "none"].map(|key| slots.tally(&key).accepted);
        assert_eq!(counts, [3, 1, 2, 0]);
        assert_eq!(slots.place(6), None);
    }
}
