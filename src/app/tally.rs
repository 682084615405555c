//! How many lessons stand how, and how firm they are.
//!
//! Owns: these counts and their words. Must not know: lists, or where lessons are kept.

use crate::domain::evidence::Tier;
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;

/// How the lessons of one agent, or of one pass, stand; the same threshold as the inbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Undecided lessons that meet the threshold.
    pub to_review: u32,
    /// Undecided lessons below the threshold.
    pub below: u32,
    /// Accepted lessons that wait to be written.
    pub accepted: u32,
    /// Rejected lessons.
    pub rejected: u32,
    /// Lessons snoozed.
    pub snoozed: u32,
    /// Lessons in the memory.
    pub applied: u32,
    /// All of them by how firm they are: leads, emerging, supported, established.
    pub tiers: [u32; 4],
    /// Of these, lessons that rest on the memory itself and have no tier.
    pub of_memory: u32,
}

impl Tally {
    /// How these lessons stand.
    #[must_use]
    pub fn of<'a>(lessons: impl IntoIterator<Item = &'a Lesson>, threshold: u32) -> Self {
        let mut tally = Self::default();
        for lesson in lessons {
            tally.count(lesson, lesson.state, lesson.meets(threshold));
        }
        tally
    }

    /// Per cent of what was decided that was accepted; `None` where nothing was.
    #[must_use]
    pub fn accepted_percent(&self) -> Option<u64> {
        let taken = u64::from(self.accepted + self.applied);
        (taken * 100).checked_div(taken + u64::from(self.rejected))
    }

    /// Counts one more; `meets` says whether it meets the threshold.
    pub(super) fn count(&mut self, lesson: &Lesson, state: State, meets: bool) {
        let of = match state {
            State::Pending | State::Conflict if meets => &mut self.to_review,
            State::Pending | State::Conflict => &mut self.below,
            State::Accepted => &mut self.accepted,
            State::Rejected => &mut self.rejected,
            State::Snoozed => &mut self.snoozed,
            State::Applied => &mut self.applied,
            State::Superseded => return,
        };
        *of += 1;
        let [lead, emerging, supported, established] = &mut self.tiers;
        *match lesson.tier {
            _ if lesson.support.sessions.is_none() => &mut self.of_memory,
            Tier::Lead => lead,
            Tier::Emerging => emerging,
            Tier::Supported => supported,
            Tier::Established => established,
        } += 1;
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.to_review + self.below + self.accepted + self.rejected + self.snoozed + self.applied
    }

    /// How firm they are, in words: `4 established · 1 supported · 4 resting on the memory itself`.
    #[must_use]
    pub fn firmness(&self, dot: &str) -> String {
        let [lead, emerging, supported, established] = self.tiers;
        let parts = [
            (established, Tier::Established.as_str()),
            (supported, Tier::Supported.as_str()),
            (emerging, Tier::Emerging.as_str()),
            (lead, if lead == 1 { "lead" } else { "leads" }),
            (self.of_memory, "resting on the memory itself"),
        ];
        let some = parts.iter().filter(|(count, _)| *count > 0);
        some.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(dot)
    }
}
