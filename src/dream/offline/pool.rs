//! All sessions of a pass side by side: what is original, and what counts together.
//!
//! Owns: units (sessions of one chain are one, and so are copies) and the removal of copied records. Must not know:
//! lessons.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::copies::Copies;
use super::facts::{SessionFacts, Spot};
use crate::domain::evidence::{Evidence, Origin, Place, QuoteStatus, Stance};
use crate::domain::session::SessionMeta;
use crate::evidence::count::Sighting;
use crate::transcript::chain::Ledger;

/// One session of the pass.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// What is known of it.
    pub meta: &'a SessionMeta,
    /// What was found in it, copies of earlier sessions' records removed.
    pub facts: Arc<SessionFacts>,
    /// The unit it counts as.
    pub unit: u32,
}

/// The sessions of a pass, oldest first.
#[derive(Debug)]
pub struct Pool<'a> {
    /// In canonical order.
    pub members: Vec<Member<'a>>,
    /// Number of units.
    pub units: u32,
    /// At least one result somewhere is marked as failed: unmarked ones then went well.
    pub marks_failures: bool,
    /// More than one person is known.
    pub several_users: bool,
    /// Sessions say when they happened.
    pub dated: bool,
}

impl<'a> Pool<'a> {
    /// Puts sessions together; they must come in canonical order.
    #[must_use]
    pub fn new(sessions: Vec<(&'a SessionMeta, SessionFacts)>) -> Self {
        let (mut ledger, mut copies) = (Ledger::default(), Copies::default());
        let mut chains: BTreeMap<&str, u32> = BTreeMap::new();
        let mut units = 0;
        let mut members: Vec<Member<'_>> = Vec::with_capacity(sessions.len());
        for (index, (meta, mut facts)) in sessions.into_iter().enumerate() {
            facts.calls.retain(|call| ledger.is_original(index, &call.spot.record));
            facts.turns.retain(|turn| ledger.is_original(index, &turn.spot.record));
            let copied: Option<&Member<'_>> =
                copies.take_in(index, &mut facts).and_then(|original| members.get(original));
            let unit = match (copied, meta.chain.as_deref()) {
                (Some(original), _) => original.unit,
                (None, Some(chain)) => *chains.entry(chain).or_insert(units),
                (None, None) => units,
            };
            units = units.max(unit + 1);
            members.push(Member { meta, facts: Arc::new(facts), unit });
        }
        Self::of(members, units)
    }

    /// The part of the pool whose units are wanted; units keep their numbers.
    #[must_use]
    pub fn part(&self, wanted: impl Fn(u32) -> bool) -> Self {
        Self::of(self.members.iter().filter(|member| wanted(member.unit)).cloned().collect(), self.units)
    }

    /// The pool with older sessions before its own. Its own units keep their numbers; an older session of
    /// one of its chains belongs to that chain's unit.
    #[must_use]
    pub fn after(&self, older: Vec<(&'a SessionMeta, SessionFacts)>) -> Self {
        let own: BTreeMap<&str, u32> = self
            .members
            .iter()
            .filter_map(|member| Some((member.meta.chain.as_deref()?, member.unit)))
            .collect();
        let mut chains: BTreeMap<&str, u32> = BTreeMap::new();
        let mut units = self.units;
        let mut members: Vec<Member<'a>> = Vec::with_capacity(older.len() + self.members.len());
        for (meta, facts) in older {
            let unit = meta.chain.as_deref().map_or(units, |chain| {
                own.get(chain).copied().unwrap_or_else(|| *chains.entry(chain).or_insert(units))
            });
            units = units.max(unit + 1);
            members.push(Member { meta, facts: Arc::new(facts), unit });
        }
        members.extend(self.members.iter().cloned());
        Self::of(members, units)
    }

    fn of(members: Vec<Member<'a>>, units: u32) -> Self {
        let users: BTreeSet<&str> = members.iter().filter_map(|m| m.meta.user.as_deref()).collect();
        Self {
            units,
            marks_failures: members.iter().any(|m| m.facts.marks_failures),
            several_users: users.len() > 1,
            dated: members.iter().any(|m| m.meta.started.is_some()),
            members,
        }
    }

    /// A place in a member, ready to be counted. The quote stands in the record: the extraction took
    /// it from there.
    #[must_use]
    pub fn sighting(
        &self,
        member: usize,
        spot: &Spot,
        stance: Stance,
        origin: Origin,
        quote: &str,
    ) -> Option<Sighting> {
        let Member { meta, facts, unit } = self.members.get(member)?;
        Some(Sighting {
            evidence: Evidence {
                place: Place {
                    session: meta.id.clone(),
                    file: facts.files.get(spot.file as usize)?.clone(),
                    record: spot.record.clone(),
                    call: spot.call.clone(),
                    bytes: spot.bytes.clone(),
                    at: spot.at.or(meta.started),
                },
                stance,
                status: QuoteStatus::Verified,
                origin,
                quote: quote.to_owned(),
            },
            session: member as u32,
            unit: *unit,
            user: meta.user.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    #[test]
    fn chains_are_units_and_copied_records_stay_with_the_first() {
        let uuid = |n: u32| format!("00000000-0000-4000-8000-{n:012}");
        let script = |records: &[u32]| {
            let mut script = Script::new();
            for _ in records {
                script.shell("make", Err("error: x"));
            }
            let mut facts = extract(&meta("x", 0), &script).unwrap();
            for (call, record) in facts.calls.iter_mut().zip(records) {
                call.spot.record = uuid(*record);
            }
            facts
        };
        let chained = |id: &str, day, chain: Option<&str>| SessionMeta {
            chain: chain.map(str::to_owned),
            ..meta(id, day)
        };
        let metas = [chained("a", 0, Some("c")), chained("b", 1, None), chained("c", 2, Some("c"))];
        let facts = [script(&[1, 2]), script(&[9]), script(&[1, 2, 3])];
        let pool = Pool::new(metas.iter().zip(facts).collect());
        assert_eq!(pool.units, 2);
        assert_eq!(pool.members.iter().map(|m| m.unit).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(pool.members.iter().map(|m| m.facts.calls.len()).collect::<Vec<_>>(), [2, 1, 1]);
    }
}
