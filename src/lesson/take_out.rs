//! Lessons taken out of a memory that has them because the dream wrote them there itself.
//!
//! Owns: the memory without them, and which of them can't leave because later edits overlap. The result is a
//! function of the *set* that goes, so order can't matter. Must not know: who turned them down, or stores.

use std::collections::{BTreeMap, BTreeSet};

use super::combine::{Choice, combine};
use super::cut::Cutting;
use super::rebase::{Fate, rebase};
use super::undo::undo;
use crate::domain::memory::{DocPath, Snapshot};

/// A memory without lessons that were in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOut {
    /// The memory.
    pub memory: Snapshot,
    /// What became of each lesson that was to go: taken out, not there any more, or in the way of later edits.
    pub fates: BTreeMap<usize, Fate>,
}

/// Takes lessons of a cutting, named by their indices, out of a memory that was made by writing the proposal.
/// `out` are those known to be out already.
///
/// If nothing else changed, taking out all of them gives the base of the cutting, byte for byte.
#[must_use]
pub fn take_out(
    cutting: &Cutting,
    memory: &Snapshot,
    going: &BTreeSet<usize>,
    out: &BTreeSet<usize>,
) -> TakenOut {
    let gone = not_there(cutting, memory, out);
    let without = |out: &BTreeSet<usize>| {
        let stays = |lesson: &usize| !gone.contains(lesson) && !out.contains(lesson);
        combine(cutting, &Choice::of((0..cutting.lessons.len()).filter(stays)))
    };
    let with = without(&BTreeSet::new());
    let mut fates: BTreeMap<usize, Fate> =
        going.intersection(&gone).map(|&lesson| (lesson, Fate::Satisfied)).collect();
    let there: BTreeSet<usize> = going.difference(&gone).copied().collect();
    if let Ok(memory) = undo(&with, &without(&there), memory) {
        fates.extend(there.into_iter().map(|lesson| (lesson, Fate::Clean)));
        return TakenOut { memory, fates };
    }
    // Some of them overlap later edits: those stay, the others go.
    let mut out = BTreeSet::new();
    let mut left = memory.clone();
    for lesson in there {
        out.insert(lesson);
        match undo(&with, &without(&out), memory) {
            Ok(memory) => {
                left = memory;
                fates.insert(lesson, Fate::Clean);
            }
            Err(conflict) => {
                out.remove(&lesson);
                fates.insert(lesson, Fate::Conflict(conflict.reasons.join("; ")));
            }
        }
    }
    TakenOut { memory: left, fates }
}

/// Lessons that are not in the memory any more: those known to be out, or else as far as their text tells.
fn not_there(cutting: &Cutting, memory: &Snapshot, out: &BTreeSet<usize>) -> BTreeSet<usize> {
    let fates = rebase(cutting, memory).fate;
    let could_be_written: BTreeSet<usize> =
        fates.iter().enumerate().filter(|(_, fate)| **fate == Fate::Clean).map(|(at, _)| at).collect();
    // Whether spacing is as a lesson has it can't be told by looking for its text.
    let telling = |lesson: &usize| cutting.lessons.get(*lesson).is_some_and(|lesson| !lesson.cosmetic);
    let with_text: BTreeSet<usize> = could_be_written.iter().copied().filter(telling).collect();
    let mut touched: BTreeSet<&DocPath> = BTreeSet::new();
    for document in &cutting.script.documents {
        touched.extend(document.old.iter().chain(&document.new));
    }
    let misses = |gone: &BTreeSet<usize>| {
        let stays = (0..cutting.lessons.len()).filter(|lesson| !gone.contains(lesson));
        let expected = combine(cutting, &Choice::of(stays));
        touched.iter().filter(|path| expected.get(path) != memory.get(path)).count()
    };
    // The first of equals: what is known goes before what text tells, which can't tell equal lines apart.
    let guesses = [out.clone(), BTreeSet::new(), with_text, could_be_written];
    guesses.into_iter().min_by_key(misses).unwrap_or_default()
}
