//! The same lesson found for several agents, offered as one.
//!
//! Owns: which lessons are one and which of them stands for all. Must not know: where lessons are kept,
//! how a decision on one reaches the others, or how the one row is drawn.
//!
//! Only lessons that stand alike are one: what one row says and does has to hold for all of them. So a
//! lesson that a person edited is itself alone, and what is in a memory belongs to that memory. A lesson for
//! shared memory stands for the single ones also in a person's words: they came to it as it was proposed.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::decision::Decision;
use super::ids::{AgentId, LessonId};
use super::lesson::{COLLISION, Kind, Lesson, Mark, Severity};
use super::lifecycle::State;

/// What of a lesson tells whether it is the same as another, and which of them stands for all.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The lesson.
    pub id: &'a LessonId,
    /// Whose memory it would change.
    pub agent: &'a AgentId,
    /// What people call that agent.
    pub name: &'a str,
    /// What it said when it was proposed.
    pub statement: &'a str,
    /// Where it stands.
    pub state: State,
    /// Sessions that support it, if it rests on sessions.
    pub sessions: Option<u32>,
    /// It can't be accepted as it stands.
    pub kept_back: bool,
}

impl<'a> Offer<'a> {
    /// What a lesson offers in a state, or nothing if it is never one with others.
    #[must_use]
    pub fn of(lesson: &'a Lesson, state: State, name: &'a str) -> Option<Self> {
        let edited = lesson.edited && !lesson.agent.is_shared();
        let alone = edited || lesson.is_in_force() || lesson.is_taken_out();
        // Those that went into a shared memory stay below its lesson once that is written.
        let shows = is_shared(state) || (lesson.agent.is_shared() && state == State::Applied);
        (lesson.kind == Kind::Add && !alone && shows).then(|| Self {
            id: &lesson.id,
            agent: &lesson.agent,
            name,
            statement: lesson.proposed_statement(),
            state,
            sessions: lesson.support.sessions,
            kept_back: is_kept_back(&lesson.marks),
        })
    }
}

/// Whether a lesson stands as it does for this reason.
#[must_use]
pub fn settled(decisions: &[Decision], reason: &str) -> bool {
    decisions.last().is_some_and(|last| last.reason.as_deref() == Some(reason))
}

/// Whether lessons in this state are shown as one.
#[must_use]
pub fn is_shared(state: State) -> bool {
    match state {
        State::Pending | State::Snoozed | State::Accepted | State::Rejected => true,
        State::Applied | State::Conflict | State::Superseded => false,
    }
}

/// Whether these marks keep a lesson from being accepted as it stands.
#[must_use]
pub fn is_kept_back(marks: &[Mark]) -> bool {
    marks.iter().any(|mark| mark.severity == Severity::Block || mark.guard == COLLISION)
}

/// Lessons that several agents have in the same words, by index; whether they are one depends on how they
/// stand, which changes far more often.
#[must_use]
pub fn alike<'a>(lessons: impl IntoIterator<Item = (usize, &'a Lesson)>) -> Vec<usize> {
    // The first in these words, until a second is found.
    let mut by_words: FxHashMap<&str, Option<usize>> = FxHashMap::default();
    let mut alike = Vec::new();
    for (index, lesson) in lessons {
        if lesson.kind != Kind::Add {
            continue;
        }
        match by_words.entry(lesson.proposed_statement()) {
            Entry::Vacant(free) => {
                free.insert(Some(index));
            }
            Entry::Occupied(mut known) => {
                alike.extend(known.get_mut().take());
                alike.push(index);
            }
        }
    }
    alike
}

/// Which of many lessons are one, by index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folds {
    sets: Vec<Vec<usize>>,
    of: FxHashMap<usize, usize>,
}

impl Folds {
    /// Which of these offers are one. In each set the one that stands for all is first: that of a shared memory,
    /// then what can be accepted
    /// before what can't, then the most support, then the name of the agent. One of each agent.
    #[must_use]
    pub fn of<'a>(offers: impl IntoIterator<Item = (usize, Offer<'a>)>) -> Self {
        let mut order: Vec<(usize, Offer<'a>)> = offers.into_iter().collect();
        // What goes into a shared memory settled those of single agents: they stand with it.
        let taken = |offer: &Offer<'_>| matches!(offer.state, State::Accepted | State::Applied);
        let goes: FxHashMap<&str, State> = order
            .iter()
            .filter(|(_, offer)| offer.agent.is_shared() && taken(offer))
            .map(|(_, offer)| (offer.statement, offer.state))
            .collect();
        for (_, offer) in order.iter_mut().filter(|(_, offer)| offer.state == State::Rejected) {
            offer.state = goes.get(offer.statement).copied().unwrap_or(offer.state);
        }
        order.sort_by(|(_, a), (_, b)| {
            let words = a.statement.cmp(b.statement).then_with(|| a.state.cmp(&b.state));
            let best =
                (a.kept_back, Reverse(a.sessions), a.name).cmp(&(b.kept_back, Reverse(b.sessions), b.name));
            words
                .then_with(|| b.agent.is_shared().cmp(&a.agent.is_shared()))
                .then(best)
                .then_with(|| (a.agent, a.id).cmp(&(b.agent, b.id)))
        });
        let mut folds = Self::default();
        for alike in order.chunk_by(|(_, a), (_, b)| (a.statement, a.state) == (b.statement, b.state)) {
            let mut set: Vec<&(usize, Offer<'a>)> = Vec::new();
            for offer in alike {
                // A second of the same agent is another note of that memory.
                if set.iter().all(|(_, other)| other.agent != offer.1.agent) {
                    set.push(offer);
                }
            }
            if set.len() > 1 {
                folds.of.extend(set.iter().map(|(index, _)| (*index, folds.sets.len())));
                folds.sets.push(set.into_iter().map(|(index, _)| *index).collect());
            }
        }
        folds
    }

    /// Which of these lessons are one, as they stand; `name` is what people call an agent.
    #[must_use]
    pub fn among<'a>(lessons: &'a [Lesson], name: impl Fn(&'a AgentId) -> &'a str) -> Self {
        let alike = alike(lessons.iter().enumerate());
        let lessons = alike.into_iter().filter_map(|index| Some((index, lessons.get(index)?)));
        Self::of(lessons.filter_map(|(index, lesson)| {
            Some((index, Offer::of(lesson, lesson.state, name(&lesson.agent))?))
        }))
    }

    /// Every set of lessons that are one, the one that stands for all first.
    #[must_use]
    pub fn sets(&self) -> &[Vec<usize>] {
        &self.sets
    }

    /// All that are one with a lesson, itself among them, best first; nothing if it is alone.
    #[must_use]
    pub fn with(&self, index: usize) -> &[usize] {
        self.of.get(&index).and_then(|&set| self.sets.get(set)).map_or(&[], Vec::as_slice)
    }

    /// The one that stands for all that are one with a lesson; itself if it is alone.
    #[must_use]
    pub fn head(&self, index: usize) -> usize {
        self.with(index).first().copied().unwrap_or(index)
    }

    /// Of some lessons one for each row, in their order: of those that are one the best of them.
    #[must_use]
    pub fn rows(&self, of: &[usize]) -> Vec<usize> {
        if self.sets.is_empty() {
            return of.to_vec();
        }
        let given = self.given(of);
        let better = |index: usize| self.with(index).iter().take_while(move |&&other| other != index);
        of.iter().copied().filter(|&index| !better(index).any(|other| given.contains(other))).collect()
    }

    /// How many rows some lessons make of which none is among others.
    #[must_use]
    pub fn rows_without(&self, of: &[usize], others: &[usize]) -> usize {
        if self.sets.is_empty() {
            return of.len();
        }
        let there = self.given(others);
        let lost: Vec<usize> = of
            .iter()
            .copied()
            .filter(|&index| !self.with(index).iter().any(|other| there.contains(other)))
            .collect();
        self.rows(&lost).len()
    }

    /// Those of some lessons that are one with others.
    fn given(&self, of: &[usize]) -> FxHashSet<usize> {
        of.iter().copied().filter(|index| self.of.contains_key(index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Agent, name, support, whether it is kept back, where it stands.
    type Made = (AgentId, LessonId, &'static str, u32, bool, State);

    fn made(agent: &str, name: &'static str, sessions: u32, kept_back: bool, state: State) -> Made {
        (AgentId::new(agent), LessonId::new(format!("les_{agent}")), name, sessions, kept_back, state)
    }

    fn heads(made: &[Made]) -> Vec<Vec<&str>> {
        let offers: Vec<Offer<'_>> = made
            .iter()
            .map(|(agent, id, name, sessions, kept_back, state)| Offer {
                id,
                agent,
                name,
                statement: "Refunds take five days",
                state: *state,
                sessions: Some(*sessions),
                kept_back: *kept_back,
            })
            .collect();
        let folds = Folds::of(offers.into_iter().enumerate());
        folds.sets().iter().map(|set| set.iter().map(|&index| made[index].0.as_str()).collect()).collect()
    }

    #[test]
    fn the_one_with_the_most_support_that_can_be_accepted_stands_for_all_in_whatever_order() {
        let mut made = vec![
            made("1", "zoe", 12, false, State::Pending),
            made("2", "ann", 12, false, State::Pending),
            made("3", "bob", 40, true, State::Pending),
            made("4", "cat", 9, false, State::Pending),
            made("5", "dan", 99, false, State::Accepted),
        ];
        for _ in 0..made.len() {
            made.rotate_left(1);
            assert_eq!(heads(&made), [["2", "1", "4", "3"]]);
        }
    }

    #[test]
    fn a_row_is_the_best_of_what_is_in_view_and_is_missed_only_if_none_is() {
        let folds =
            Folds { sets: vec![vec![4, 1, 3]], of: [4, 1, 3].into_iter().map(|index| (index, 0)).collect() };
        assert_eq!(folds.rows(&[0, 1, 2, 3, 4]), [0, 2, 4]);
        assert_eq!(folds.rows(&[0, 1, 3]), [0, 1]);
        assert_eq!(folds.rows_without(&[0, 1, 4], &[2, 3]), 1);
        assert_eq!(folds.rows_without(&[0, 1, 4], &[2]), 2);
        assert_eq!((folds.head(3), folds.head(0)), (4, 0));
    }

    #[test]
    fn what_goes_into_shared_memory_stands_for_all_and_those_it_settled_stay_below_it() {
        let shared = |state| made("shared:memory", "shared memory", 3, false, state);
        let waiting = [made("1", "ann", 12, false, State::Pending), shared(State::Pending)];
        assert_eq!(heads(&waiting), [["shared:memory", "1"]]);
        for taken in [State::Accepted, State::Applied] {
            let settled = [
                made("1", "ann", 12, false, State::Rejected),
                shared(taken),
                made("2", "bob", 9, false, State::Pending),
            ];
            assert_eq!(heads(&settled), [["shared:memory", "1"]]);
        }
        let turned_down = [
            made("1", "ann", 12, false, State::Pending),
            shared(State::Rejected),
            made("2", "bob", 9, false, State::Pending),
        ];
        assert_eq!(heads(&turned_down), [["1", "2"]]);
    }

    #[test]
    fn two_of_one_agent_are_two_and_what_is_in_a_memory_is_its_own() {
        let twice = [made("1", "a", 12, false, State::Pending), made("1", "a", 9, false, State::Pending)];
        assert_eq!(heads(&twice), Vec::<Vec<&str>>::new());
        assert!([State::Applied, State::Conflict, State::Superseded].into_iter().all(|it| !is_shared(it)));
    }
}
