//! A lesson counted again in other sessions than those it was found in.
//!
//! Owns: recognising the subject of a lesson in a wider pool. Must not know: gates; a lesson is counted
//! whether it would be found there or not.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{self, Draft};
use super::episodes::{self, Episodes, failure};
use super::facts::Spot;
use super::mistakes;
use super::pool::Pool;
use super::preferences;
use super::unresolved;
use super::workflows;
use crate::domain::evidence::Stance;
use crate::domain::lesson::Topic;
use crate::dream::Parameters;
use crate::transcript::echo::Echo;

/// A pool in which lessons found in a part of it are counted.
pub struct Recount<'p> {
    pool: &'p Pool<'p>,
    parameters: &'p Parameters,
    episodes: Episodes,
    echo: &'p Echo,
}

/// What identifies a place: session, file, where its record starts, and the call.
type PlaceKey<'a> = (&'a str, &'a str, u64, Option<&'a str>);

impl<'p> Recount<'p> {
    /// Prepares counting in a pool.
    #[must_use]
    pub fn new(pool: &'p Pool<'p>, echo: &'p Echo, parameters: &'p Parameters) -> Self {
        Self { pool, parameters, episodes: episodes::find(pool, parameters), echo }
    }

    /// The lesson as this pool shows it; `None` for kinds of lessons that are not counted again.
    #[must_use]
    pub fn count(&self, draft: &Draft) -> Option<Draft> {
        let places: BTreeSet<PlaceKey<'_>> = draft
            .sightings
            .iter()
            .filter(|sighting| sighting.evidence.stance == Stance::Support)
            .map(|sighting| &sighting.evidence.place)
            .map(|place| {
                (place.session.as_str(), place.file.as_str(), place.bytes.start, place.call.as_deref())
            })
            .collect();
        match draft.topic {
            Topic::Workflow => workflows::tally(&draft.key, self.pool),
            Topic::Preference => {
                let cluster = preferences::around(self.pool, self.parameters, |member, turn| {
                    let turn =
                        self.pool.members.get(member as usize).and_then(|m| m.facts.turns.get(turn as usize));
                    turn.is_some_and(|turn| self.holds(&places, member, &turn.spot))
                })?;
                drafts::preference(&cluster, self.pool)
            }
            Topic::Mistake => self.mistake(draft, &places),
            Topic::Fact | Topic::Upkeep => None,
        }
    }

    fn holds(&self, places: &BTreeSet<PlaceKey<'_>>, member: u32, spot: &Spot) -> bool {
        let Some(member) = self.pool.members.get(member as usize) else { return false };
        let Some(file) = member.facts.files.get(spot.file as usize) else { return false };
        places.contains(&(member.meta.id.as_str(), file.as_str(), spot.bytes.start, spot.call.as_deref()))
    }

    /// The error is the one that shows at the places of the lesson; several, if here they are told apart.
    fn mistake(&self, draft: &Draft, places: &BTreeSet<PlaceKey<'_>>) -> Option<Draft> {
        let mut shared: BTreeMap<u32, u32> = BTreeMap::new();
        for record in &self.episodes.records {
            for (member, call) in &record.shown {
                let call =
                    self.pool.members.get(*member as usize).and_then(|m| m.facts.calls.get(*call as usize));
                let failed = call.and_then(|call| failure(call, self.pool.marks_failures));
                if failed.is_some_and(|failed| self.holds(places, *member, &failed.spot)) {
                    *shared.entry(record.template).or_default() += 1;
                }
            }
        }
        let fix = self.episodes.fixes.iter().position(|fix| draft.key.ends_with(&format!(" {fix:?}")));
        let found = shared.keys().filter_map(|template| match fix {
            Some(fix) => {
                let finding = mistakes::tally(&self.episodes, *template, fix as u32);
                drafts::mistake(&finding, &self.episodes, self.pool, self.echo)
            }
            None if draft.open => {
                let standing = unresolved::tally(&self.episodes, *template);
                unresolved::draft(&standing, &self.episodes, self.pool)
            }
            None => None,
        });
        found.reduce(|mut all, other| {
            all.sightings.extend(other.sightings);
            all.exposed.extend(other.exposed);
            all
        })
    }
}
