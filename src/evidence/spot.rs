//! The spot check: a reviewer looks at a few of the places a search found, and an estimate becomes an
//! interval.
//!
//! Owns: which places are shown, and what the verdicts say about the rest. Must not know: screens.

use serde::{Deserialize, Serialize};

use super::beta;
use super::noise::Dice;
use crate::domain::checks::{SpotCheck, SpotVerdict};
use crate::domain::evidence::{Evidence, Stance};

/// How many sessions of those found are real, with 80 % probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// At least.
    pub low: u32,
    /// At most.
    pub high: u32,
}

/// The places to show: one of each of at most `most` sessions that a search says support a lesson, drawn
/// by lot. The same lesson draws the same places. Positions in `evidence`, in order.
#[must_use]
pub fn sample(evidence: &[Evidence], most: usize, lesson: &str) -> Vec<usize> {
    let mut first: Vec<usize> = Vec::new();
    for (index, place) in evidence.iter().enumerate() {
        let supports = place.stance == Stance::Support && place.status.counts();
        let seen =
            |other: &usize| evidence.get(*other).is_some_and(|o| o.place.session == place.place.session);
        if supports && !first.iter().any(seen) {
            first.push(index);
        }
    }
    Dice::new(lesson, "spot check", 0).shuffle(&mut first);
    first.truncate(most);
    first.sort_unstable();
    first
}

/// What verdicts on a sample say about all sessions found: the middle 80 % of Beta(1 + right, 1 + wrong),
/// never below what was confirmed and never above what was not refuted.
#[must_use]
pub fn interval(found: u32, right: u32, wrong: u32) -> Interval {
    let (a, b) = (f64::from(right) + 1.0, f64::from(wrong) + 1.0);
    let all = f64::from(found);
    let most = found.saturating_sub(wrong);
    // What halving leaves to a whole number must not cost one.
    let whole = |share: f64| (all * share + 1e-6).floor() as u32;
    let (low, high) = (whole(beta::quantile(a, b, 0.1)), whole(beta::quantile(a, b, 0.9)));
    let low = low.max(right).min(most);
    Interval { low, high: high.clamp(low, most.max(low)) }
}

/// What a reviewer's verdicts say of a lesson's sessions.
#[must_use]
pub fn checked(found: u32, verdicts: Vec<SpotVerdict>) -> SpotCheck {
    let right = verdicts.iter().filter(|verdict| verdict.right).count() as u32;
    let wrong = verdicts.len() as u32 - right;
    let Interval { low, high } = interval(found, right, wrong);
    SpotCheck { found, right, wrong, low, high, verdicts }
}

/// Sessions that a spot check shows unless another number is asked for: what a person looks at in a minute.
pub const USUAL: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Origin, Place, QuoteStatus};
    use crate::domain::ids::SessionId;

    #[test]
    fn seventeen_found_and_eight_of_nine_right_are_eleven_to_sixteen() {
        assert_eq!(interval(17, 8, 1), Interval { low: 11, high: 16 });
        assert_eq!(interval(5, 5, 0), Interval { low: 5, high: 5 });
        assert_eq!(interval(5, 0, 5), Interval { low: 0, high: 0 });
        assert_eq!(interval(0, 0, 0), Interval { low: 0, high: 0 });
        let unchecked = interval(20, 0, 0);
        assert_eq!(unchecked, Interval { low: 2, high: 18 });
    }

    #[test]
    fn one_place_of_each_session_is_drawn_the_same_each_time() {
        let place = |session: usize, stance| Evidence {
            place: Place {
                session: SessionId::new(format!("s{session}")),
                file: String::new(),
                record: String::new(),
                call: None,
                bytes: 0..1,
                at: None,
            },
            stance,
            status: QuoteStatus::Verified,
            origin: Origin::User,
            quote: String::new(),
        };
        let mut evidence: Vec<Evidence> = (0..12).map(|i| place(i / 2, Stance::Support)).collect();
        evidence.push(place(9, Stance::Mention));
        let drawn = sample(&evidence, 4, "les_1");
        assert_eq!(drawn.len(), 4);
        assert!(drawn.iter().all(|index| index % 2 == 0 && *index < 12));
        assert_eq!(sample(&evidence, 4, "les_1"), drawn);
        assert_eq!(sample(&evidence, 40, "les_1").len(), 6);
        assert!((0..20).any(|i| sample(&evidence, 4, &format!("les_{i}")) != drawn));
    }
}
