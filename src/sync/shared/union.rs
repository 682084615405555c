//! What the same lesson of several agents rests on in all.
//!
//! Owns: that a session counts once, and that each counted one leads to a quote that is there. Must not know:
//! which lessons are put together, or why.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::error::SyncError;
use crate::domain::evidence::{Evidence, Stance, Support};
use crate::domain::ids::{AgentId, SessionId};
use crate::evidence::count::{Sighting, count};
use crate::store::Reader;

/// What a lesson of one agent rests on.
pub(super) struct Single<'a> {
    /// Whose sessions these are.
    pub agent: &'a AgentId,
    /// The verified places.
    pub evidence: Vec<Evidence>,
    /// Sessions in which it could have shown.
    pub exposed: u32,
}

/// The places of all, each session named with its agent, and the count made from exactly these.
pub(super) fn of(reader: &Reader, singles: Vec<Single<'_>>) -> Result<(Vec<Evidence>, Support), SyncError> {
    let mut places: Vec<(AgentId, SessionId, Evidence)> = Vec::new();
    let mut exposed: BTreeMap<&AgentId, u32> = BTreeMap::new();
    for Single { agent, evidence, exposed: of_agent } in singles {
        let most = exposed.entry(agent).or_default();
        *most = (*most).max(of_agent);
        for mut evidence in evidence {
            let session = evidence.place.session.clone();
            evidence.place.session = session.with_agent(agent);
            places.push((agent.clone(), session, evidence));
        }
    }
    // Oldest first, whichever order the agents come in.
    let mut first: BTreeMap<SessionId, Option<Timestamp>> = BTreeMap::new();
    for (_, _, evidence) in &places {
        let at = first.entry(evidence.place.session.clone()).or_insert(evidence.place.at);
        *at = (*at).into_iter().chain(evidence.place.at).min();
    }
    let mut order: Vec<(&Option<Timestamp>, &SessionId)> = first.iter().map(|(id, at)| (at, id)).collect();
    order.sort();
    let index: BTreeMap<&SessionId, u32> =
        order.iter().enumerate().map(|(at, (_, id))| (*id, at as u32)).collect();
    let mut units: BTreeMap<(AgentId, String), u32> = BTreeMap::new();
    let mut known: BTreeMap<SessionId, (u32, Option<String>)> = BTreeMap::new();
    let mut sightings = Vec::with_capacity(places.len());
    for (agent, session, evidence) in places {
        let named = evidence.place.session.clone();
        let (unit, user) = if let Some(known) = known.get(&named) {
            known.clone()
        } else {
            let meta = reader.session(&agent, &session)?;
            let chain = meta.as_ref().and_then(|meta| meta.chain.clone());
            let key = (agent, chain.unwrap_or_else(|| session.to_string()));
            let next = units.len() as u32;
            let unit = *units.entry(key).or_insert(next);
            let found = (unit, meta.and_then(|meta| meta.user));
            known.insert(named.clone(), found.clone());
            found
        };
        let session = index.get(&named).copied().unwrap_or(u32::MAX);
        sightings.push(Sighting { evidence, session, unit, user });
    }
    let in_reach = in_reach(&units, &sightings, &exposed);
    Ok(count(sightings, &in_reach))
}

/// Units in which it could have shown: those that support or contradict it are among them by that alone, the rest
/// have no places and are only counted.
fn in_reach(
    units: &BTreeMap<(AgentId, String), u32>,
    sightings: &[Sighting],
    exposed: &BTreeMap<&AgentId, u32>,
) -> BTreeSet<u32> {
    let mut all = BTreeSet::new();
    let mut next = units.len() as u32;
    for (agent, exposed) in exposed {
        let own: BTreeSet<u32> =
            units.iter().filter(|((of, _), _)| of == *agent).map(|(_, unit)| *unit).collect();
        let speaks = |sighting: &&Sighting| {
            let evidence = &sighting.evidence;
            own.contains(&sighting.unit) && evidence.status.counts() && evidence.stance != Stance::Mention
        };
        let speaking: BTreeSet<u32> = sightings.iter().filter(speaks).map(|sighting| sighting.unit).collect();
        for _ in 0..exposed.saturating_sub(speaking.len() as u32) {
            all.insert(next);
            next += 1;
        }
    }
    all
}
