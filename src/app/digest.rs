//! The morning in two lines: how much waits, since when, what to look at first, how long it takes.
//!
//! Owns: these numbers and their words. What is not known is not said. Must not know: drawing.

use jiff::{SignedDuration, Timestamp};

use super::model::Model;
use super::words::counted;

/// Two decisions further apart than this were not made in one sitting.
const SITTING: SignedDuration = SignedDuration::from_mins(10);
/// Fewer decisions than this say nothing about anyone's pace.
const LEAST: usize = 8;

/// What waits for less than this is not old; counting its seconds would change the screen with
/// every look at the cache.
const OLD: SignedDuration = SignedDuration::from_hours(1);

/// How long one decision usually takes, from when decisions were made; `None` from too few.
#[must_use]
pub fn pace(times: &[Timestamp]) -> Option<SignedDuration> {
    let mut times = times.to_vec();
    times.sort_unstable();
    let mut gaps: Vec<SignedDuration> = times
        .iter()
        .zip(times.iter().skip(1))
        .map(|(earlier, later)| later.duration_since(*earlier))
        .filter(|gap| *gap <= SITTING)
        .collect();
    if gaps.len() < LEAST {
        return None;
    }
    gaps.sort_unstable();
    // The middle one: a cup of coffee in between should not count.
    gaps.get(gaps.len() / 2).copied()
}

/// What waits, in at most two lines, the more important first; empty if nothing waits.
#[must_use]
pub fn lines(model: &Model, dot: &str, duration: fn(SignedDuration) -> String) -> Vec<String> {
    let counts = model.inbox.counts();
    if counts.to_review == 0 {
        return Vec::new();
    }
    let waiting = counted(counts.to_review as u64, "lesson");
    let verb = if counts.to_review == 1 { "waits" } else { "wait" };
    let mut first = vec![format!("{waiting} {verb}")];
    let oldest = model.agents.list.iter().filter_map(|summary| summary.oldest).min();
    let age = oldest.map(|at| model.now.duration_since(at)).filter(|age| *age >= OLD);
    first.extend(age.map(|age| format!("oldest {}", duration(age))));
    if let Some(pace) = model.pace {
        let seconds = pace.as_secs().max(1).saturating_mul(counts.to_review as i64);
        let minutes = (seconds + 59) / 60;
        first.push(format!("about {minutes} min at your pace"));
    }
    let attention = [
        (counts.conflicts, "no longer fit", "no longer fits"),
        (counts.blocked, "to edit", "to edit"),
        (counts.warned, "with a warning", "with a warning"),
    ];
    let attention: Vec<String> = attention
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, many, one)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
    let mut lines = vec![first.join(dot)];
    if !attention.is_empty() {
        lines.push(format!("look first: {}", attention.join(dot)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|&second| Timestamp::from_second(second).unwrap()).collect()
    }

    #[test]
    fn the_pace_is_the_usual_gap_and_unknown_from_few_decisions() {
        assert_eq!(pace(&[]), None);
        assert_eq!(pace(&times(&[0, 10, 20])), None);
        // Newest first, a night and a long look in between.
        let made = times(&[90_300, 90_010, 90_000, 100, 90, 80, 70, 60, 50, 40, 30, 20]);
        assert_eq!(pace(&made), Some(SignedDuration::from_secs(10)));
    }
}
