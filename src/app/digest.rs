//! The morning in two lines: how much waits, since when, what to look at first, how long it takes.
//!
//! Owns: these numbers and their words. What is not known is not said. Must not know: drawing.

use jiff::{SignedDuration, Timestamp};

use crate::domain::phrase::Phrase;

use super::model::Model;
use super::words::counted;

/// Two decisions further apart than this were not made in one sitting.
const SITTING: SignedDuration = SignedDuration::from_mins(10);
/// Fewer decisions than this say nothing about anyone's pace.
const LEAST: usize = 8;

/// What waits for less than this is of this morning, and not old.
const OLD: SignedDuration = SignedDuration::from_hours(24);

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

/// The morning: what waits and what to look at first, in the order of what matters most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digest {
    /// How much waits, since when, and how long it takes; empty if nothing waits.
    pub waits: Vec<Phrase>,
    /// What to look at first; empty if nothing stands out.
    pub first: Vec<Phrase>,
}

/// The morning as the model knows it.
#[must_use]
pub fn of(model: &Model, duration: fn(SignedDuration) -> String) -> Digest {
    let counts = model.inbox.counts();
    if counts.to_review == 0 {
        return Digest::default();
    }
    let waiting = counted(counts.to_review as u64, "lesson");
    let verb = if counts.to_review == 1 { "waits" } else { "wait" };
    let mut waits = vec![Phrase::new(format!("{waiting} {verb}"), format!("{} {verb}", counts.to_review))];
    let oldest = model.agents.list.iter().filter_map(|summary| summary.oldest).min();
    let age = oldest.map(|at| model.now.duration_since(at)).filter(|age| *age >= OLD);
    waits.extend(age.map(|age| format!("oldest {}", duration(age)).into()));
    waits.push(match model.pace {
        Some(pace) => {
            let about = format!("about {}", work(pace, counts.to_review));
            Phrase::new(format!("{about} at your pace"), about)
        }
        // A reviewer who knows the minutes from other mornings should not look for them.
        None => Phrase::new(format!("no pace yet: it takes {LEAST} single decisions"), "no pace yet"),
    });
    let mut first: Vec<Phrase> = [
        (counts.conflicts, "in conflict", "conflict"),
        (counts.blocked, "to edit", "to edit"),
        (counts.warned, "with a warning", "warned"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, long, short)| Phrase::new(format!("{count} {long}"), format!("{count} {short}")))
    .collect();
    if let Some(Phrase { long, short }) = first.first_mut() {
        *long = format!("look first: {long}");
        *short = format!("first: {short}");
    }
    Digest { waits, first }
}

/// How long so many decisions take; nobody wants to hear of an evening's work in minutes.
fn work(pace: SignedDuration, decisions: usize) -> String {
    let minutes = (pace.as_secs().max(1).saturating_mul(decisions as i64) + 59) / 60;
    if minutes < 300 { format!("{minutes} min") } else { format!("{} h", minutes / 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(seconds: &[i64]) -> Vec<Timestamp> {
        seconds.iter().map(|&second| Timestamp::from_second(second).unwrap()).collect()
    }

    #[test]
    fn work_is_said_in_minutes_until_it_is_a_day_of_it() {
        assert_eq!(work(SignedDuration::from_secs(20), 1), "1 min");
        assert_eq!(work(SignedDuration::from_secs(20), 30), "10 min");
        assert_eq!(work(SignedDuration::from_secs(20), 50_000), "277 h");
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
