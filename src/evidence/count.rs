//! From places in sessions to the number a reviewer sees.
//!
//! Owns: what counts once. A record counts once however many files repeat it, and sessions that
//! continue or fork one another are one *unit*. Must not know: how the places were found.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::stats;
use crate::domain::checks::Checks;
use crate::domain::evidence::{Basis, Evidence, QuoteStatus, Stance, Support};
use crate::transcript::chain::is_unique;

/// A place found in a session, with what is needed to count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The place and what it says.
    pub evidence: Evidence,
    /// Position of its session in the pass, oldest first.
    pub session: u32,
    /// The unit its session belongs to: equal for sessions of one chain.
    pub unit: u32,
    /// Who ran the session, where known.
    pub user: Option<String>,
}

/// At most this many places of one stance are kept per session: more of the same add nothing to open.
const PLACES_PER_SESSION: usize = 5;

/// Counts sightings. Returns the evidence to keep, in session order, and the support made from
/// exactly that evidence: the distinct sessions among its counting support rows are `sessions`.
///
/// `exposed` holds the units in which the lesson could have shown; units that support or contradict
/// it are exposed by that alone.
#[must_use]
pub fn count(mut sightings: Vec<Sighting>, exposed: &BTreeSet<u32>) -> (Vec<Evidence>, Support) {
    sightings.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut seen = BTreeSet::new();
    let first: Vec<bool> =
        sightings.iter().map(|sighting| seen.insert(identity(&sighting.evidence))).collect();
    let mut first = first.into_iter();
    sightings.retain(|_| first.next() == Some(true));

    // Within a chain only the first supporting session counts; what its continuations show is kept as a mention.
    let mut counted: BTreeMap<u32, u32> = BTreeMap::new();
    for sighting in sightings.iter().filter(|s| supports(&s.evidence)) {
        counted.entry(sighting.unit).or_insert(sighting.session);
    }
    for sighting in &mut sightings {
        if supports(&sighting.evidence) && counted.get(&sighting.unit) != Some(&sighting.session) {
            sighting.evidence.stance = Stance::Mention;
        }
    }
    let mut kept: BTreeMap<(u32, Stance), usize> = BTreeMap::new();
    sightings.retain(|sighting| {
        let places = kept.entry((sighting.session, sighting.evidence.stance)).or_default();
        *places += 1;
        *places <= PLACES_PER_SESSION
    });

    let units = |stance: Stance| -> BTreeSet<u32> {
        sightings
            .iter()
            .filter(|s| s.evidence.stance == stance && s.evidence.status.counts())
            .map(|s| s.unit)
            .collect()
    };
    let supporting = units(Stance::Support);
    let contradicting = units(Stance::Contradict);
    let mentioning = units(Stance::Mention).difference(&supporting).count() as u32;
    let in_reach =
        exposed.iter().chain(&supporting).chain(&contradicting).collect::<BTreeSet<_>>().len() as u32;
    let rows = || sightings.iter().filter(|s| supports(&s.evidence));
    let days: BTreeSet<_> =
        rows().filter_map(|s| s.evidence.place.at).map(|at| at.to_zoned(TimeZone::UTC).date()).collect();
    let mut users: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for sighting in rows() {
        if let Some(user) = sighting.user.as_deref() {
            users.entry(user).or_default().insert(sighting.unit);
        }
    }
    let by_user: Vec<u32> = users.values().map(|units| units.len() as u32).collect();
    let with = |status: QuoteStatus| {
        let sessions = sightings.iter().filter(|s| s.evidence.status == status).map(|s| s.session);
        sessions.collect::<BTreeSet<_>>().len() as u32
    };
    let checks = Checks {
        effective_users: (!by_user.is_empty()).then(|| stats::effective_sources(&by_user)),
        of_one_user: by_user.iter().max().copied(),
        not_found: with(QuoteStatus::NotFound),
        echoes: with(QuoteStatus::Echo),
        ..Checks::default()
    };
    let sessions = supporting.len() as u32;
    let support = Support {
        basis: Basis::Verified,
        sessions: Some(sessions),
        exposed: Some(in_reach),
        contradict: contradicting.len() as u32,
        mention: mentioning,
        days: days.len() as u32,
        users: users.len() as u32,
        lower_bound: Some(stats::lower_bound(sessions, in_reach)),
        checks,
    };
    (sightings.into_iter().map(|s| s.evidence).collect(), support)
}

fn supports(evidence: &Evidence) -> bool {
    evidence.stance == Stance::Support && evidence.status.counts()
}

fn key(sighting: &Sighting) -> (u32, Stance, &str, u64, &str) {
    let place = &sighting.evidence.place;
    (
        sighting.session,
        sighting.evidence.stance,
        &place.file,
        place.bytes.start,
        place.call.as_deref().unwrap_or(""),
    )
}

/// What makes two places the same event: the record and call ids that forks copy, or the position where a
/// format's ids are unique only within a session, or there are none.
fn identity(evidence: &Evidence) -> (&str, Option<&str>, &str, u64) {
    let place = &evidence.place;
    if is_unique(&place.record) {
        (&place.record, place.call.as_deref(), "", 0)
    } else {
        (place.session.as_str(), place.call.as_deref(), &place.file, place.bytes.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Origin, Place};
    use crate::domain::ids::SessionId;

    fn uuid(name: &str) -> String {
        let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("00000000-0000-4000-8000-{hex:0>12}")
    }

    fn sighting(session: u32, unit: u32, record: &str, stance: Stance) -> Sighting {
        Sighting {
            evidence: Evidence {
                place: Place {
                    session: SessionId::new(format!("s{session}")),
                    file: format!("s{session}.jsonl"),
                    record: uuid(record),
                    call: None,
                    bytes: 0..10,
                    at: Some(format!("2026-03-{:02}T09:00:00Z", session + 1).parse().unwrap()),
                },
                stance,
                status: QuoteStatus::Verified,
                origin: Origin::Tool,
                quote: "q".to_owned(),
            },
            session,
            unit,
            user: Some("u".to_owned()),
        }
    }

    fn distinct_supporting(evidence: &[Evidence]) -> u32 {
        evidence
            .iter()
            .filter(|e| supports(e))
            .map(|e| e.place.session.as_str())
            .collect::<BTreeSet<_>>()
            .len() as u32
    }

    #[test]
    fn repeats_inside_a_session_count_once() {
        let many = (0..12).map(|i| sighting(0, 0, &format!("r{i}"), Stance::Support)).collect();
        let (evidence, support) = count(many, &BTreeSet::from([0, 1, 2]));
        assert_eq!((support.sessions, support.exposed, support.days), (Some(1), Some(3), 1));
        assert_eq!(evidence.len(), PLACES_PER_SESSION);
    }

    #[test]
    fn a_record_copied_by_forks_counts_once_and_a_chain_is_one_unit() {
        // One error shows in seven files; it happened in four sessions, two of which continue one another.
        let shown = vec![
            sighting(0, 0, "a", Stance::Support),
            sighting(1, 1, "a", Stance::Support),
            sighting(2, 2, "a", Stance::Support),
            sighting(2, 2, "b", Stance::Support),
            sighting(3, 3, "a", Stance::Support),
            sighting(4, 4, "c", Stance::Support),
            sighting(5, 4, "d", Stance::Support),
        ];
        let (evidence, support) = count(shown, &BTreeSet::new());
        assert_eq!(support.sessions, Some(3));
        assert_eq!(distinct_supporting(&evidence), 3);
        assert_eq!(support.mention, 0, "a continuation of a counted session is not a mention of its own");
        assert_eq!(evidence.len(), 4);
    }

    #[test]
    fn ids_that_are_unique_only_in_their_session_join_nothing() {
        let numbered = |session: u32| {
            let mut sighting = sighting(session, session, "a", Stance::Support);
            sighting.evidence.place.record = "e7".to_owned();
            sighting.evidence.place.call = Some("call_1".to_owned());
            sighting
        };
        let (evidence, support) = count((0..12).map(numbered).collect(), &BTreeSet::new());
        assert_eq!((support.sessions, distinct_supporting(&evidence)), (Some(12), 12));
    }

    #[test]
    fn only_found_quotes_count() {
        let mut lost = sighting(0, 0, "a", Stance::Support);
        lost.evidence.status = QuoteStatus::NotFound;
        let (_, support) = count(vec![lost, sighting(1, 1, "b", Stance::Contradict)], &BTreeSet::from([0]));
        assert_eq!((support.sessions, support.contradict, support.exposed), (Some(0), 1, Some(2)));
    }
}
