//! Notes of one memory that contradict notes of another agent's.
//!
//! Owns: finding them. Must not know: which agents there are, or how it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::clash::{self, Saying};
use super::entries::{self, Entry};
use super::upkeep::shown;
use crate::domain::memory::{DocPath, Snapshot};
use crate::guard::secrets;

/// Notes that share a word before the word says nothing any more.
const COMMON: usize = 60;

/// Two notes that can't both hold, each in a memory of its own. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The other agent.
    pub agent: String,
    /// What the note here says.
    pub here: String,
    /// Where.
    pub path: DocPath,
    /// What the other agent's note says.
    pub there: String,
    /// Where.
    pub at: DocPath,
}

/// Contradictions between a memory and those of other agents, in the order of its notes.
#[must_use]
pub fn differences(memory: &Snapshot, others: &[(String, Snapshot)]) -> Vec<Difference> {
    let theirs: Vec<(&str, Entry, Saying)> = others
        .iter()
        .flat_map(|(agent, memory)| {
            sayings(memory).into_iter().map(move |(note, said)| (agent.as_str(), note, said))
        })
        .collect();
    let mut holders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, (_, _, saying)) in theirs.iter().enumerate() {
        saying.words.iter().for_each(|word| holders.entry(word).or_default().push(at));
    }
    let mut found = Vec::new();
    for (note, saying) in sayings(memory) {
        let near: BTreeSet<usize> = saying
            .words
            .iter()
            .filter_map(|word| holders.get(word.as_str()).filter(|holders| holders.len() <= COMMON))
            .flatten()
            .copied()
            .collect();
        for (agent, other, said) in near.into_iter().filter_map(|at| theirs.get(at)) {
            if clash::between((&note, &saying), (other, said)).is_some() {
                found.push(Difference {
                    agent: (*agent).to_owned(),
                    here: secrets::redact(&shown(&saying.text)).into_owned(),
                    path: note.path.clone(),
                    there: secrets::redact(&shown(&said.text)).into_owned(),
                    at: other.path.clone(),
                });
            }
        }
    }
    found
}

fn sayings(memory: &Snapshot) -> Vec<(Entry, Saying)> {
    let notes = entries::of_snapshot(memory).into_iter().filter(|note| note.link.is_none());
    notes
        .flat_map(|note| Saying::all(&note.text).into_iter().map(move |saying| (note.clone(), saying)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(text: &str) -> Snapshot {
        [(DocPath::new("/notes.md").unwrap(), text.into())].into_iter().collect()
    }

    #[test]
    fn what_another_agent_remembers_otherwise_is_quoted() {
        let here = memory("- The refund window for shoes is 14 days.\n- Use pnpm instead of npm.\n");
        let others = [
            (
                "docs".to_owned(),
                memory("- The refund window for shoes is 30 days.\n- Write short sentences.\n"),
            ),
            (
                "shop".to_owned(),
                memory("- Use pnpm instead of npm.\n- The refund window for lamps is 30 days.\n"),
            ),
        ];
        let found = differences(&here, &others);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].agent, "docs");
        assert!(found[0].here.contains("14 days") && found[0].there.contains("30 days"));
        assert_eq!(differences(&memory("- Be kind.\n"), &others), []);
    }
}
