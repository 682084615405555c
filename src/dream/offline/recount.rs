//! A lesson counted again in other sessions than those it was found in.
//!
//! Owns: recognising the subject of a lesson in a wider pool, and whether the mix of tasks there explains
//! it. Must not know: other gates; a lesson is counted whether it would be found there or not.

use std::collections::BTreeSet;

use super::drafts::{self, Draft};
use super::episodes::{self, Episodes, failure};
use super::facts::Spot;
use super::hopeless;
use super::mistakes;
use super::mix::Mix;
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
    mix: Mix,
    echo: &'p Echo,
}

/// What identifies a place: session, file, where its record starts, and the call.
type PlaceKey<'a> = (&'a str, &'a str, u64, Option<&'a str>);

impl<'p> Recount<'p> {
    /// Prepares counting in a pool.
    #[must_use]
    pub fn new(pool: &'p Pool<'p>, echo: &'p Echo, parameters: &'p Parameters) -> Self {
        Self { pool, parameters, episodes: episodes::find(pool, parameters), mix: Mix::of(pool), echo }
    }

    /// The lesson as this pool shows it; `None` for kinds of lessons that are not counted again.
    #[must_use]
    pub fn count(&self, draft: &Draft) -> Option<Draft> {
        let places = shown_at(draft);
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

    /// Whether the mix of tasks in this pool explains what a lesson on a mistake says.
    #[must_use]
    pub fn is_explained(&self, draft: &Draft) -> bool {
        let Some(fix) = self.fix(draft).filter(|_| draft.topic == Topic::Mistake) else { return false };
        let templates = self.templates(&shown_at(draft));
        mistakes::is_explained(&self.episodes, &self.mix, &templates, fix)
    }

    /// Whether what a lesson on a mistake recommends helps more in some units than what else was tried there.
    #[must_use]
    pub fn beats_others(&self, draft: &Draft, units: &BTreeSet<u32>) -> bool {
        let Some(fix) = self.fix(draft).filter(|_| draft.topic == Topic::Mistake) else { return true };
        let templates = self.templates(&shown_at(draft));
        mistakes::beats_others(&self.episodes, &templates, fix, units, self.parameters.least_sessions)
    }

    /// The reaction that a lesson recommends.
    fn fix(&self, draft: &Draft) -> Option<u32> {
        let at = self.episodes.fixes.iter().position(|fix| draft.key.ends_with(&format!(" {fix:?}")))?;
        Some(at as u32)
    }

    /// The errors that show at the places of a lesson; several, if here they are told apart.
    fn templates(&self, places: &BTreeSet<PlaceKey<'_>>) -> BTreeSet<u32> {
        let shows = |(member, call): &(u32, u32)| {
            let call =
                self.pool.members.get(*member as usize).and_then(|m| m.facts.calls.get(*call as usize));
            let failed = call.and_then(|call| failure(call, self.pool.marks_failures));
            failed.is_some_and(|failed| self.holds(places, *member, &failed.spot))
        };
        let records = self.episodes.records.iter().filter(|record| record.shown.iter().any(shows));
        records.map(|record| record.template).collect()
    }

    fn mistake(&self, draft: &Draft, places: &BTreeSet<PlaceKey<'_>>) -> Option<Draft> {
        let fix = self.fix(draft);
        let templates = self.templates(places);
        let found = templates.iter().filter_map(|template| match fix {
            Some(fix) => {
                let finding = mistakes::tally(&self.episodes, *template, fix);
                drafts::mistake(&finding, &self.episodes, self.pool, self.echo)
            }
            None if hopeless::is_said_by(draft) => {
                let found = hopeless::tally(&self.episodes, *template, self.pool)?;
                hopeless::draft(&found, &self.episodes, self.pool)
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

/// Where what a lesson rests on shows.
fn shown_at(draft: &Draft) -> BTreeSet<PlaceKey<'_>> {
    draft
        .sightings
        .iter()
        .filter(|sighting| sighting.evidence.stance == Stance::Support)
        .map(|sighting| &sighting.evidence.place)
        .map(|place| (place.session.as_str(), place.file.as_str(), place.bytes.start, place.call.as_deref()))
        .collect()
}
