//! What an agent's lessons and passes did of late, day by day: for the small curves on its page.
//!
//! Owns: adding up by the reviewer's days. Must not know: how a curve is drawn.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::cost::Spent;

/// Days that are shown.
pub const DAYS: usize = 14;

/// What happened to one agent of late, as the cache has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    /// Places in sessions that support a lesson of the agent: when, and how many.
    pub evidence: Vec<(Timestamp, u32)>,
    /// Decisions on its lessons: when, whether to accept, and how many.
    pub decided: Vec<(Timestamp, bool, u32)>,
}

/// One number for each of the last [`DAYS`] days, today last; `None`: there is none for that day.
pub type Days = [Option<f64>; DAYS];

fn add_up(entries: impl Iterator<Item = (Timestamp, f64)>, now: Timestamp, zone: &TimeZone) -> Days {
    let mut days: Days = [None; DAYS];
    let today = now.to_zoned(zone.clone()).date();
    for (at, value) in entries {
        let ago = (today - at.to_zoned(zone.clone()).date()).get_days();
        let slot = usize::try_from(ago).ok().and_then(|ago| (DAYS - 1).checked_sub(ago));
        if let Some(slot) = slot.and_then(|slot| days.get_mut(slot)) {
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

    /// Of the decisions of the days that are shown: how many were to accept, and how many there were.
    #[must_use]
    pub fn decided_lately(&self, now: Timestamp, zone: &TimeZone) -> (u64, u64) {
        let all = |days: Days| days.iter().flatten().sum::<f64>() as u64;
        (all(self.accepted(now, zone)), all(self.decided(now, zone)))
    }

    fn decided(&self, now: Timestamp, zone: &TimeZone) -> Days {
        add_up(self.decided.iter().map(|(at, _, count)| (*at, f64::from(*count))), now, zone)
    }

    fn accepted(&self, now: Timestamp, zone: &TimeZone) -> Days {
        let accepted = self.decided.iter().filter(|(_, accepted, _)| *accepted);
        add_up(accepted.map(|(at, _, count)| (*at, f64::from(*count))), now, zone)
    }

    /// Share of decisions of each day that were to accept.
    #[must_use]
    pub fn accepted_by_day(&self, now: Timestamp, zone: &TimeZone) -> Days {
        let (yes, all) = (self.accepted(now, zone), self.decided(now, zone));
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
            decided: vec![(day, true, 2), (day, false, 1), (day, true, 1)],
            ..Activity::default()
        };
        let days = activity.accepted_by_day(now, &TimeZone::UTC);
        assert_eq!((days[13], days[12]), (Some(0.75), None));
        assert_eq!(activity.decided_lately(now, &TimeZone::UTC), (3, 4));
    }
}
