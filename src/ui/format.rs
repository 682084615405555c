//! Numbers, moments and counts as people read them in narrow columns.
//!
//! Owns: the short forms, the same on every screen. Must not know: where they are drawn.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use crate::app::words::counted;
use crate::domain::evidence::{Basis, Support};

/// `850`, `1.2k`, `41k`, `1.3M`.
#[must_use]
pub fn tokens(count: u64) -> String {
    let (unit, name) = match count {
        0..1_000 => return count.to_string(),
        1_000..1_000_000 => (1_000.0, "k"),
        _ => (1_000_000.0, "M"),
    };
    let scaled = count as f64 / unit;
    if scaled < 9.95 { format!("{scaled:.1}{name}") } else { format!("{scaled:.0}{name}") }
}

/// The example count, to be read aloud: `18 of 31 sessions`.
#[must_use]
pub fn examples(support: &Support) -> String {
    let about = if support.basis == Basis::Estimated { "about " } else { "" };
    match (support.basis, support.sessions, support.exposed) {
        (Basis::Memory, _, _) | (_, None, _) => "rests on the memory".to_owned(),
        (_, Some(sessions), Some(exposed)) => format!("{about}{sessions} of {exposed} sessions"),
        (_, Some(sessions), None) => match support.checks.read {
            Some(read) => format!("{about}{sessions} of {read} sessions read"),
            None => format!("{about}{}", counted(u64::from(sessions), "session")),
        },
    }
}

/// `2 below 10 examples`: lessons that the threshold hides.
#[must_use]
pub fn below(count: impl std::fmt::Display, threshold: u32) -> String {
    format!("{count} below {}", counted(u64::from(threshold), "example"))
}

/// `+38`, `-1.2k`, `±0`.
#[must_use]
pub fn token_change(change: i64) -> String {
    let size = tokens(change.unsigned_abs());
    match change.signum() {
        1 => format!("+{size}"),
        -1 => format!("-{size}"),
        _ => format!("±{size}"),
    }
}

/// A moment, as short as it can be without being mistaken: `09:41` today, `Tue 09:41` this week,
/// `17 Feb` this year, else `17 Feb 2025`. Absolute, so that nothing need be redrawn as time passes.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let days = now.date().since(at.date()).map_or(0, |span| span.get_days());
    let format = match days {
        0 => "%H:%M",
        1..=6 => "%a %H:%M",
        _ if at.year() == now.year() => "%-d %b",
        _ => "%-d %b %Y",
    };
    at.strftime(format).to_string()
}

/// A moment with its time of day whatever the day: `2 Mar 09:41`.
#[must_use]
pub fn to_the_minute(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let short = moment(at, now, zone);
    let time = at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    if short.ends_with(&time) { short } else { format!("{short} {time}") }
}

/// A moment with the day spelled out where it is today: `today 03:00`.
#[must_use]
pub fn day_and_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let same_day = at.to_zoned(zone.clone()).date() == now.to_zoned(zone.clone()).date();
    let short = moment(at, now, zone);
    if same_day { format!("today {short}") } else { short }
}

/// A moment to come: `today 14:00`, `tomorrow 03:00`, `Fri 03:00`, `17 Feb`.
#[must_use]
pub fn ahead(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let days = at.date().since(now.date()).map_or(0, |span| span.get_days());
    let format = match days {
        ..=0 => "today %H:%M",
        1 => "tomorrow %H:%M",
        2..=6 => "%a %H:%M",
        _ if at.year() == now.year() => "%-d %b",
        _ => "%-d %b %Y",
    };
    at.strftime(format).to_string()
}

/// How long something took or has waited: `12 s`, `3 min`, `5 h`, `2 days`.
#[must_use]
pub fn duration(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The example count: `31/50`, `≈12` for an estimate, `≈11-16` for one that a reviewer has spot-checked, `mem`.
#[must_use]
pub fn support(support: &Support) -> String {
    match (support.basis, support.sessions, support.exposed) {
        (Basis::Memory, _, _) | (_, None, _) => "mem".to_owned(),
        (Basis::Estimated, Some(sessions), _) => match &support.checks.spot {
            Some(spot) => format!("≈{}-{}", spot.low, spot.high),
            None => format!("≈{sessions}"),
        },
        (Basis::Verified, Some(sessions), Some(exposed)) => format!("{sessions}/{exposed}"),
        (Basis::Verified, Some(sessions), None) => sessions.to_string(),
    }
}

/// The share of supporting among exposed sessions, from 0 to 1, where both are known.
#[must_use]
pub fn share(support: &Support) -> Option<f64> {
    let (sessions, exposed) = (support.sessions?, support.exposed?);
    (exposed > 0).then(|| (f64::from(sessions) / f64::from(exposed)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::checks::SpotCheck;

    #[test]
    fn numbers_stay_short() {
        let cases =
            [(0, "0"), (999, "999"), (1_000, "1.0k"), (9_949, "9.9k"), (9_999, "10k"), (41_234, "41k")];
        for (count, text) in cases {
            assert_eq!(tokens(count), text);
        }
        assert_eq!(token_change(-1_200), "-1.2k");
        assert_eq!(token_change(0), "±0");
    }

    #[test]
    fn an_estimate_becomes_a_span_where_some_of_it_was_looked_at() {
        let mut estimate =
            Support { basis: Basis::Estimated, sessions: Some(17), exposed: None, ..Support::memory() };
        assert_eq!(support(&estimate), "≈17");
        let verdicts = Vec::new();
        estimate.checks.spot = Some(SpotCheck { found: 17, right: 8, wrong: 1, low: 11, high: 16, verdicts });
        assert_eq!(support(&estimate), "≈11-16");
    }

    #[test]
    fn moments_are_never_ambiguous() {
        let now: Timestamp = "2026-03-03T09:41:00Z".parse().unwrap();
        let show = |at: &str| moment(at.parse().unwrap(), now, &TimeZone::UTC);
        assert_eq!(show("2026-03-03T03:00:00Z"), "03:00");
        assert_eq!(show("2026-03-02T23:00:00Z"), "Mon 23:00");
        assert_eq!(show("2026-02-17T03:00:00Z"), "17 Feb");
        assert_eq!(show("2025-02-17T03:00:00Z"), "17 Feb 2025");
        assert_eq!(show("2026-03-04T03:00:00Z"), "4 Mar");
    }
}
