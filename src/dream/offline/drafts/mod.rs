//! Findings with their evidence: everything a lesson needs before it has a place in memory.
//!
//! Owns: what a lesson without a place is, and when two of them say the same. Must not know: tests, documents, ranks.

mod mistake;
mod preference;

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;

pub use mistake::{Failing, answered_by, exposure, mistake, shown};
pub use preference::preference;

use super::revise::Swap;
use crate::domain::evidence::{Evidence, Stance, Support};
use crate::domain::lesson::{Mark, Topic};
use crate::domain::memory::DocPath;
use crate::evidence::count::{self, Sighting};

/// What a lesson does to memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Adds a note; the shelf says where notes of its kind go by default.
    Add(Shelf),
    /// Takes a note out that another one repeats.
    Remove(DocPath, Range<usize>),
    /// Takes a note out that repeats nothing, but is of no use.
    Retire(DocPath, Range<usize>),
    /// Moves a note out of the index into the document of its topic.
    Move(DocPath, Range<usize>),
    /// Changes a note where it stands.
    Revise(DocPath, Range<usize>),
    /// Takes a note out that another one contradicts.
    Settle(DocPath, Range<usize>),
}

impl Step {
    /// The note it takes out, moves or changes.
    #[must_use]
    pub fn takes(&self) -> Option<(&DocPath, &Range<usize>)> {
        match self {
            Self::Add(_) => None,
            Self::Remove(path, range)
            | Self::Retire(path, range)
            | Self::Move(path, range)
            | Self::Revise(path, range)
            | Self::Settle(path, range) => Some((path, range)),
        }
    }
}

/// Kinds of notes that have a document of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// Commands that fail.
    Commands,
    /// Tools other than the shell.
    Tools,
    /// What people asked for.
    Preferences,
    /// Ways of working.
    Workflows,
    /// What is the case in the agent's surroundings.
    Facts,
}

/// A lesson without a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What makes it this lesson and no other; the last tie-breaker.
    pub key: String,
    /// What it is about.
    pub topic: Topic,
    /// The sentence; for upkeep, what is proposed.
    pub statement: String,
    /// A few words that name it, for a document of its own.
    pub title: String,
    /// The note's text without marker; the whole note where one is revised; for upkeep the text that goes.
    pub text: String,
    /// What it does.
    pub step: Step,
    /// The tool checks for this slip by itself.
    pub slip: bool,
    /// It says what is wrong, but not surely what is right instead.
    pub open: bool,
    /// Places.
    pub sightings: Vec<Sighting>,
    /// Units in which it could have shown.
    pub exposed: BTreeSet<u32>,
    /// What it puts in the place of what, if it does.
    pub swap: Option<Swap>,
    /// What an agent is about to do when it needs the lesson, as far as that can be told.
    pub when: Option<String>,
    /// What the reviewer should know of how it was found.
    pub marks: Vec<Mark>,
}

impl Draft {
    /// Places to keep and the count made from them.
    #[must_use]
    pub fn counted(&self) -> (Vec<Evidence>, Support) {
        if self.sightings.is_empty() {
            return (Vec::new(), Support::memory());
        }
        count::count(self.sightings.clone(), &self.exposed)
    }

    /// Units of a stance.
    #[must_use]
    pub fn units(&self, stance: Stance) -> BTreeSet<u32> {
        self.sightings.iter().filter(|s| s.evidence.stance == stance).map(|s| s.unit).collect()
    }

    /// The last supporting place.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        let supporting = self.sightings.iter().filter(|s| s.evidence.stance == Stance::Support);
        supporting.filter_map(|s| s.evidence.place.at).max()
    }
}

/// Whether the fix and the trigger of two drafts speak of the same: used to join errors that differ
/// only in wording.
#[must_use]
pub fn same_advice(a: &Draft, b: &Draft) -> bool {
    if a.topic == Topic::Workflow {
        return a.key == b.key;
    }
    let advice = |draft: &Draft| draft.text.split(':').next().unwrap_or("").to_owned();
    !(a.open || b.open)
        && a.topic == b.topic
        && a.step == b.step
        && advice(a) == advice(b)
        && matches!(a.step, Step::Add(_))
}
