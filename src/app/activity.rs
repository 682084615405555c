//! What an agent's lessons and passes did of late, day by day: for the small curves on its page.
//!
//! Owns: adding up by the reviewer's days. Must not know: how a curve is drawn.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::domain::cost::Spent;

/// Days that are shown.
pub const DAYS: usize = 14;

/// What happened to one agent of late, as the cache has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    /// Places in sessions that support a lesson of the agent: when, and how many.
    pub evidence: Vec<(Timestamp, u32)>,
    /// Decisions on its lessons: when, and whether it was to accept.
    pub decided: Vec<(Timestamp, bool)>,
}

/// One number for each of the last [`DAYS`] days, today last; `None`: there is none for that day.
pub type Days = [Option<f64>; DAYS];

/// How many days before today a moment was, where the reviewer is.
fn days_ago(at: Timestamp, now: Timestamp, zone: &TimeZone) -> Option<usize> {
    let today = now.to_zoned(zone.clone()).date();
    let first = today.checked_sub((DAYS as i64 - 1).days()).ok()?;
    let day = at.to_zoned(zone.clone()).date();
    if day < first || day > today {
        return None;
    }
    usize::try_from(day.until(today).ok()?.get_days()).ok()
}

fn add_up(entries: impl Iterator<Item = (Timestamp, f64)>, now: Timestamp, zone: &TimeZone) -> Days {
    let mut days: Days = [None; DAYS];
    for (at, value) in entries {
        let slot = days_ago(at, now, zone).and_then(|ago| days.get_mut(DAYS - 1 - ago));
        if let Some(slot) = slot {
            *slot = Some(slot.unwrap_or_default() + value);
        }
    }
    days
}

impl Activity {
    /// Supporting places by day.
    #[must_use]
    pub fn evidence_by_day(&self, now: Timestamp, zone: &TimeZone) -> Days {
        add_up(self.evidence.iter().map(|(at, count)| (*at, f64::from(*count))), now, zone)
    }

    /// The decisions of the days that are shown: whether each was to accept.
    #[must_use]
    pub fn decided_lately(&self, now: Timestamp, zone: &TimeZone) -> Vec<bool> {
        let shown = |(at, _): &&(Timestamp, bool)| days_ago(*at, now, zone).is_some();
        self.decided.iter().filter(shown).map(|(_, accepted)| *accepted).collect()
    }

    /// Share of decisions of each day that were to accept.
    #[must_use]
    pub fn accepted_by_day(&self, now: Timestamp, zone: &TimeZone) -> Days {
        let all = add_up(self.decided.iter().map(|(at, _)| (*at, 1.0)), now, zone);
        let yes = self.decided.iter().map(|(at, accepted)| (*at, f64::from(u8::from(*accepted))));
        let yes = add_up(yes, now, zone);
        let mut shares: Days = [None; DAYS];
        for (share, (all, yes)) in shares.iter_mut().zip(all.into_iter().zip(yes)) {
            *share = all.map(|all| yes.unwrap_or_default() / all);
        }
        shares
    }
}

/// Millionths of a dollar by day, at most.
#[must_use]
pub fn cost_by_day(spent: &[(Timestamp, Spent)], now: Timestamp, zone: &TimeZone) -> Days {
    add_up(spent.iter().map(|(at, spent)| (*at, spent.cost.high.as_micros() as f64)), now, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_those_of_the_reviewer_and_today_is_the_last() {
        let now = at("2026-03-03T01:00:00Z");
        let activity = Activity {
            evidence: vec![
                (at("2026-03-03T00:30:00Z"), 2),
                (at("2026-03-02T23:30:00Z"), 3),
                (at("2026-02-18T12:00:00Z"), 4),
                (at("2026-02-17T12:00:00Z"), 9),
                (at("2026-03-04T12:00:00Z"), 9),
            ],
            ..Activity::default()
        };
        let days = activity.evidence_by_day(now, &TimeZone::UTC);
        assert_eq!((days[13], days[12], days[11], days[0]), (Some(2.0), Some(3.0), None, Some(4.0)));
        // West of there it is still the day before.
        let west = TimeZone::fixed(jiff::tz::Offset::constant(-5));
        let days = activity.evidence_by_day(now, &west);
        assert_eq!((days[13], days[12], days[1], days[0]), (Some(5.0), None, Some(4.0), Some(9.0)));
    }

    #[test]
    fn shares_are_of_the_decisions_of_a_day() {
        let (now, day) = (at("2026-03-03T10:00:00Z"), at("2026-03-03T09:00:00Z"));
        let activity = Activity {
            decided: vec![(day, true), (day, false), (day, true), (day, true)],
            ..Activity::default()
        };
        let days = activity.accepted_by_day(now, &TimeZone::UTC);
        assert_eq!((days[13], days[12]), (Some(0.75), None));
    }
}
