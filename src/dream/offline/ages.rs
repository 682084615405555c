//! Since when each note is known to stand in the memory.
//!
//! Owns: reading that from earlier states. Must not know: where states are kept, or what ages are for.
//!
//! What was there when the memory was first seen may be older, never younger. So a session after that
//! moment had the note for certain, and only such sessions can be said not to have followed it. Where a document
//! was last written before it was first seen, all it says stood there since then.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::entries::{self, Entry};
use crate::domain::memory::{DocPath, Snapshot};

/// States looked back at: more would be read for nothing, since windows of sessions are short.
pub const STATES: usize = 60;

/// Since when notes are known to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ages {
    first: Option<Timestamp>,
    written: BTreeMap<DocPath, Timestamp>,
    later: BTreeMap<(DocPath, String), Timestamp>,
}

impl Ages {
    /// Of the notes of a memory, from the states it was seen in, the oldest first.
    #[must_use]
    pub fn of(memory: &Snapshot, states: &[(Timestamp, Snapshot)]) -> Self {
        let mut later = BTreeMap::new();
        for note in entries::of_snapshot(memory) {
            let holds =
                |state: &Snapshot| state.get(&note.path).is_some_and(|text| text.contains(&note.text));
            let since = states.iter().rev().take_while(|(_, state)| holds(state)).count();
            match states.len().checked_sub(since).and_then(|at| states.get(at)) {
                Some(_) if since == states.len() => {}
                Some((at, _)) => {
                    later.insert((note.path, note.text), *at);
                }
                // Not in the last state seen: it is newer than all of them.
                None => {
                    later.insert((note.path, note.text), Timestamp::MAX);
                }
            }
        }
        Self { first: states.first().map(|(at, _)| *at), written: BTreeMap::new(), later }
    }

    /// The same, knowing when documents were last written.
    #[must_use]
    pub fn written_at(self, written: impl IntoIterator<Item = (DocPath, Timestamp)>) -> Self {
        Self { written: written.into_iter().collect(), ..self }
    }

    /// When a note came, if that was seen. What was there from the first look on may be of any age.
    #[must_use]
    pub fn came(&self, note: &Entry) -> Option<Timestamp> {
        self.later.get(&(note.path.clone(), note.text.clone())).copied()
    }

    /// Since when a note is there at least; `None` if nothing is known.
    #[must_use]
    pub fn since(&self, note: &Entry) -> Option<Timestamp> {
        // Looked up by reference would need a key of references; notes are few.
        let first = || {
            let written = self.written.get(&note.path).copied();
            self.first.map(|first| written.map_or(first, |written| written.min(first)))
        };
        self.came(note).or_else(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_as_old_as_the_states_that_hold_it_without_a_break() {
        let path = DocPath::new("/a.md").unwrap();
        let state = |text: &str| -> Snapshot { [(path.clone(), text.into())].into_iter().collect() };
        let at = |day: u32| -> Timestamp { format!("2026-03-{day:02}T00:00:00Z").parse().unwrap() };
        let states = [
            (at(1), state("- always\n- back\n")),
            (at(2), state("- always\n")),
            (at(3), state("- always\n- back\n- later\n")),
        ];
        let memory = state("- always\n- back\n- later\n- new\n");
        let ages = Ages::of(&memory, &states);
        let since: Vec<Option<Timestamp>> =
            entries::of_snapshot(&memory).iter().map(|note| ages.since(note)).collect();
        assert_eq!(since, [Some(at(1)), Some(at(3)), Some(at(3)), Some(Timestamp::MAX)]);
        let note = &entries::of_snapshot(&memory)[0];
        let first = ages.since(note).unwrap();
        let before = first - jiff::SignedDuration::from_hours(48);
        let after = first + jiff::SignedDuration::from_hours(48);
        let since = |at| ages.clone().written_at([(note.path.clone(), at)]).since(note).unwrap();
        assert_eq!((since(before), since(after)), (before, first), "what was written later was there before");
        assert_eq!(Ages::default().since(&entries::of_snapshot(&memory)[0]), None);
    }
}
