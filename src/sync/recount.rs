//! The count of a lesson without one of its sessions.
//!
//! Owns: what goes with a session. Must not know: why it goes.
//!
//! What is subtracted is what the session was counted for. Whether a continuation of it would support in its
//! place, and what was asked of the count beyond the number (does it hold in sessions held out, and before),
//! the next pass finds; until then count and tier are rather too low than too high.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::domain::checks::Checks;
use crate::domain::evidence::{Evidence, Stance, Support, Tier};
use crate::domain::ids::SessionId;
use crate::domain::lesson::Lesson;
use crate::domain::session::SessionMeta;
use crate::dream::Parameters;
use crate::evidence::stats;

/// The count and the tier that a lesson keeps without a session; `None` if the session does not count for or
/// against it. `sessions` are the agent's.
#[must_use]
pub(super) fn without(
    lesson: &Lesson,
    evidence: &[Evidence],
    session: &SessionId,
    sessions: &BTreeMap<&SessionId, &SessionMeta>,
) -> Option<(Support, Tier)> {
    let before = &lesson.support;
    let chain = |id: &SessionId| sessions.get(id).and_then(|meta| meta.chain.as_deref());
    let speaks = |e: &&Evidence, stance: Stance| e.stance == stance && e.status.counts();
    let shows = |stance| evidence.iter().any(|e| e.place.session == *session && speaks(&e, stance));
    // A continuation that still speaks against it counts in the place of the session.
    let still_against =
        evidence.iter().filter(|e| e.place.session != *session && speaks(e, Stance::Contradict));
    let own = chain(session);
    let goes_on = still_against.clone().any(|e| own.is_some() && chain(&e.place.session) == own);
    let (supported, contradicted) = (shows(Stance::Support), shows(Stance::Contradict) && !goes_on);
    if !(supported || contradicted) {
        return None;
    }
    let less = |count: u32, here: bool| count.saturating_sub(u32::from(here));
    let left: Vec<&Evidence> = evidence
        .iter()
        .filter(|e| e.place.session != *session && e.stance == Stance::Support && e.status.counts())
        .collect();
    let at = |e: &&Evidence| Some(e.place.at?.to_zoned(TimeZone::UTC).date());
    let days: BTreeSet<_> = left.iter().filter_map(at).collect();
    let mut people: BTreeMap<&str, BTreeSet<&SessionId>> = BTreeMap::new();
    for place in left.iter().map(|e| &e.place.session) {
        if let Some(user) = sessions.get(place).and_then(|meta| meta.user.as_deref()) {
            people.entry(user).or_default().insert(place);
        }
    }
    let by_user: Vec<u32> = people.values().map(|sessions| sessions.len() as u32).collect();
    let support = before.sessions.map(|count| less(count, supported));
    let exposed = before.exposed.map(|count| less(count, true));
    let mut segments = before.checks.segments.clone();
    let own = sessions.get(session).and_then(|meta| meta.segment.as_deref());
    for segment in segments.iter_mut().filter(|segment| own == Some(segment.name.as_str())) {
        segment.share.support = less(segment.share.support, supported);
        segment.share.contradict = less(segment.share.contradict, contradicted);
        segment.share.exposed = less(segment.share.exposed, true);
    }
    let kept = Support {
        sessions: support,
        exposed,
        contradict: less(before.contradict, contradicted),
        days: if supported { days.len() as u32 } else { before.days },
        users: if supported && before.users > 0 { by_user.len() as u32 } else { before.users },
        lower_bound: support.zip(exposed).map(|(k, n)| stats::lower_bound(k, n)),
        checks: Checks {
            effective_users: (!by_user.is_empty()).then(|| stats::effective_sources(&by_user)),
            of_one_user: by_user.iter().max().copied(),
            held_out: None,
            history: None,
            skew: None,
            narrower: None,
            segments,
            ..before.checks.clone()
        },
        ..before.clone()
    };
    let parameters = Parameters::default();
    let (days, users) = (kept.days, kept.users);
    let wide = users >= parameters.least_users || days >= parameters.established_days;
    let firmest = parameters.firmness(support.unwrap_or(0), wide, false).unwrap_or(Tier::Lead);
    // Of one person on one day nothing is more than a beginning, whoever counted it.
    let firmest = if days < 2 && users < 2 { firmest.min(Tier::Emerging) } else { firmest };
    Some((kept, lesson.tier.min(firmest)))
}
