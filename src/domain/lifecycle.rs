//! The life of a lesson: which state follows which.
//!
//! Owns: the states and the one transition function. Everything that changes a state calls it, so
//! screen, command line, apply and undo can't disagree. Must not know: who asks or where it is kept.

use serde::{Deserialize, Serialize};

/// Where a lesson stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits for a decision.
    Pending,
    /// Will be written at the next apply.
    Accepted,
    /// Will not be written, and is not asked again until its content changes.
    Rejected,
    /// Waits until a later moment.
    Snoozed,
    /// Is in the memory.
    Applied,
    /// The memory changed where it would write; needs a new look.
    Conflict,
    /// No longer proposed: a later dream dropped it, or its change is already in the memory.
    Superseded,
}

impl State {
    /// Every state, in display order.
    pub const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Accepted,
        Self::Rejected,
        Self::Snoozed,
        Self::Applied,
        Self::Conflict,
        Self::Superseded,
    ];

    /// The name used in JSON, the database, filters and on screen.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Snoozed => "snoozed",
            Self::Applied => "applied",
            Self::Conflict => "conflict",
            Self::Superseded => "superseded",
        }
    }

    /// Reads [`State::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == name)
    }

    /// Whether it still waits for the reviewer.
    #[must_use]
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::Pending | Self::Conflict)
    }
}

/// What can happen to a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The reviewer accepts it.
    Accept,
    /// The reviewer rejects it.
    Reject,
    /// The reviewer puts it off.
    Snooze,
    /// The reviewer takes a decision back, or a snooze ends.
    Reopen,
    /// Apply wrote it.
    Written,
    /// Apply found the memory changed underneath it.
    Collided,
    /// Undo took it out of the memory.
    TakenBack,
    /// Apply took it out of the memory, where its dream itself had put it.
    TakenOut,
    /// Undo put it back there.
    PutBack,
    /// A newer dream no longer proposes it, or its change is already in the memory.
    Dropped,
    /// A dream proposes it (again).
    Proposed,
    /// A dream read the memory after it was written, found it gone, and proposes it again.
    Missed,
}

/// Why a step is not possible, in words a reviewer can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub &'static str);

/// The state after a step.
///
/// # Errors
/// Returns the reason where the step makes no sense in this state; the state stays as it was.
pub fn next(state: State, step: Step) -> Result<State, Refused> {
    use State as S;
    use Step as T;
    match (state, step) {
        (S::Applied, T::Written | T::Proposed) => Ok(S::Applied),
        (S::Applied, T::TakenBack | T::Missed) => Ok(S::Pending),
        (S::Applied, T::Accept | T::Reject | T::Snooze | T::Reopen) => {
            Err(Refused("it is already in the memory; take it back first"))
        }
        (S::Applied, T::Collided | T::Dropped | T::TakenOut | T::PutBack) => {
            Err(Refused("it is already in the memory"))
        }
        (S::Superseded, T::Accept | T::Reject | T::Snooze | T::Reopen) => {
            Err(Refused("it is no longer proposed"))
        }
        (S::Superseded, T::Proposed) => Ok(S::Pending),
        (S::Superseded, T::Dropped) => Ok(S::Superseded),
        (_, T::Accept) => Ok(S::Accepted),
        (_, T::Reject) => Ok(S::Rejected),
        (_, T::Snooze) => Ok(S::Snoozed),
        (_, T::Reopen) => Ok(S::Pending),
        (S::Accepted, T::Written) => Ok(S::Applied),
        (S::Accepted, T::Collided) => Ok(S::Conflict),
        (S::Rejected, T::TakenOut) => Ok(S::Rejected),
        (S::Rejected, T::PutBack) => Ok(S::Pending),
        (S::Rejected, T::Collided) => Ok(S::Conflict),
        (_, T::Written | T::Collided) => Err(Refused("only an accepted lesson is written")),
        (_, T::TakenOut | T::PutBack) => Err(Refused("only a rejected lesson is taken out")),
        (_, T::TakenBack | T::Missed) => Err(Refused("it is not in the memory")),
        // A rejected lesson stays rejected however often it is proposed: that is what its id is for.
        (state, T::Proposed) => Ok(state),
        (S::Rejected, T::Dropped) => Ok(S::Rejected),
        (_, T::Dropped) => Ok(S::Superseded),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accepted_lessons_are_written() {
        for &state in State::ALL {
            let written = next(state, Step::Written);
            assert_eq!(written.is_ok(), matches!(state, State::Accepted | State::Applied), "{state:?}");
        }
    }

    #[test]
    fn rejected_stays_rejected_when_proposed_again() {
        assert_eq!(next(State::Rejected, Step::Proposed), Ok(State::Rejected));
        assert_eq!(next(State::Rejected, Step::Dropped), Ok(State::Rejected));
        assert_eq!(next(State::Superseded, Step::Proposed), Ok(State::Pending));
    }

    #[test]
    fn an_applied_lesson_leaves_only_by_undo() {
        for step in [Step::Accept, Step::Reject, Step::Snooze, Step::Reopen, Step::Collided, Step::Dropped] {
            assert!(next(State::Applied, step).is_err(), "{step:?}");
        }
        assert_eq!(next(State::Applied, Step::TakenBack), Ok(State::Pending));
    }
}
