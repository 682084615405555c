//! Sessions that repeat the events of others without saying so: copied files, forks of formats whose records
//! have no ids of their own.
//!
//! Owns: when two sessions tell the same story, and which of their events are the later one's own. Must not
//! know: lessons, or sessions that name what they continue.
//!
//! What was done in the same words at the same moment was done once. A session is a copy if that holds of most
//! of its events, or of most of the other's, the shorter one counting; a moment that two sessions share by
//! chance makes none.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use super::facts::{CallFact, SessionFacts, TurnFact};
use crate::transcript::chain::is_unique;

/// Share of the events of the shorter session, in tenths.
const MOST: usize = 6;
/// Fewer events tell no story.
const LEAST: usize = 3;

/// Sessions seen so far, oldest first.
#[derive(Debug, Default)]
pub struct Copies {
    /// Who had an event first.
    first: FxHashMap<u64, usize>,
    /// Events of each session.
    sizes: FxHashMap<usize, usize>,
}

impl Copies {
    /// Takes the next session in. If it is a copy, its copied events are taken out of its facts, and the
    /// session it is a copy of is given.
    pub fn take_in(&mut self, session: usize, facts: &mut SessionFacts) -> Option<usize> {
        let prints: Vec<u64> =
            facts.calls.iter().filter_map(of_call).chain(facts.turns.iter().filter_map(of_turn)).collect();
        let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
        for owner in prints.iter().filter_map(|print| self.first.get(print)) {
            *shared.entry(*owner).or_default() += 1;
        }
        let is_copy = |(owner, count): &(usize, usize)| {
            let shorter = prints.len().min(self.sizes.get(owner).copied().unwrap_or(0));
            shorter >= LEAST && count * 10 >= shorter * MOST
        };
        // Of equal ones the earliest.
        let copied =
            shared.into_iter().filter(is_copy).max_by_key(|&(owner, count)| (count, usize::MAX - owner));
        if copied.is_some() {
            let is_own = |print: Option<u64>| print.is_none_or(|print| !self.first.contains_key(&print));
            facts.calls.retain(|call| is_own(of_call(call)));
            facts.turns.retain(|turn| is_own(of_turn(turn)));
        }
        self.sizes.insert(session, prints.len());
        for print in prints {
            self.first.entry(print).or_insert(session);
        }
        copied.map(|(owner, _)| owner)
    }
}

fn of_call(call: &CallFact) -> Option<u64> {
    let mut hasher = moment(&call.spot)?;
    call.action.tool.hash(&mut hasher);
    call.action.target.hash(&mut hasher);
    for command in &call.action.commands {
        command.words.hash(&mut hasher);
    }
    Some(hasher.finish())
}

fn of_turn(turn: &TurnFact) -> Option<u64> {
    let mut hasher = moment(&turn.spot)?;
    turn.words.hash(&mut hasher);
    Some(hasher.finish())
}

/// `None` for records that are told apart by their ids, and for those of no known time.
fn moment(spot: &super::facts::Spot) -> Option<FxHasher> {
    let at = spot.at.filter(|_| !is_unique(&spot.record))?;
    let mut hasher = FxHasher::default();
    at.as_nanosecond().hash(&mut hasher);
    Some(hasher)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    fn facts(day: u32, commands: &[&str]) -> SessionFacts {
        let mut script = Script::named("s", day);
        script.user("please release the shop today");
        for command in commands {
            script.shell(command, Ok("fine"));
        }
        extract(&meta("s", day), &script).unwrap()
    }

    #[test]
    fn a_copy_keeps_only_what_is_its_own() {
        let mut copies = Copies::default();
        let mut one = facts(1, &["make a", "make b", "make c"]);
        assert_eq!(copies.take_in(0, &mut one), None);
        assert_eq!(one.calls.len(), 3);
        let mut copy = facts(1, &["make a", "make b", "make c"]);
        assert_eq!(copies.take_in(1, &mut copy), Some(0));
        assert!(copy.calls.is_empty() && copy.turns.is_empty());
        let mut fork = facts(1, &["make a", "make b", "make c", "make d"]);
        assert_eq!(copies.take_in(2, &mut fork), Some(0));
        assert_eq!(fork.calls.len(), 1);
    }

    #[test]
    fn the_same_work_on_another_day_and_a_shared_moment_are_no_copies() {
        let mut copies = Copies::default();
        copies.take_in(0, &mut facts(1, &["make a", "make b", "make c"]));
        let mut other_day = facts(2, &["make a", "make b", "make c"]);
        assert_eq!(copies.take_in(1, &mut other_day), None);
        assert_eq!(other_day.calls.len(), 3);
        let mut other_work = facts(1, &["make x", "make y", "make z", "make c"]);
        assert_eq!(copies.take_in(2, &mut other_work), None);
        assert_eq!(other_work.calls.len(), 4);
    }
}
