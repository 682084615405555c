//! Lessons that are true for a few and would be lost among the many.
//!
//! Owns: when a small segment differs. Must not know: what segments are.
//!
//! A pass over all sessions proposes what most of them show. What only one small group of people or one
//! project needs never reaches the count; it is looked for here, segment by segment.

use super::stats::LogFactorials;

/// What one segment says of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Sessions in which the lesson could have shown.
    pub sessions: u32,
    /// Of those, sessions that support it.
    pub support: u32,
    /// Sessions that show the opposite.
    pub contradict: u32,
}

/// A segment in which a lesson holds, and hardly elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Minority {
    /// The segment.
    pub segment: Segment,
    /// Support and sessions elsewhere.
    pub elsewhere: (u32, u32),
    /// Chance that so much of the support falls into it.
    pub p: f64,
    /// Elsewhere the opposite holds.
    pub opposite: bool,
}

/// A segment is small up to this share of the sessions, and says something from so many on.
const SMALL: f64 = 0.4;
const FROM_SESSIONS: u32 = 15;
const FROM_SUPPORT: u32 = 3;
const CHANCE: f64 = 0.01;
/// Elsewhere the lesson shows at most this share as often.
const RARER: f64 = 0.25;

/// Small segments in which a lesson holds while elsewhere it does not, least likely by chance first.
#[must_use]
pub fn minorities(segments: &[Segment]) -> Vec<Minority> {
    let all: u32 = segments.iter().map(|segment| segment.sessions).sum();
    let support: u32 = segments.iter().map(|segment| segment.support.min(segment.sessions)).sum();
    let against: u32 = segments.iter().map(|segment| segment.contradict).sum();
    let table = LogFactorials::up_to(all);
    let mut found: Vec<Minority> = segments
        .iter()
        .filter(|segment| segment.sessions >= FROM_SESSIONS && segment.support >= FROM_SUPPORT)
        .filter(|segment| f64::from(segment.sessions) <= SMALL * f64::from(all))
        .filter_map(|segment| {
            let here = segment.support.min(segment.sessions);
            let elsewhere = (support - here, all - segment.sessions);
            let rate = |(k, n): (u32, u32)| f64::from(k) / f64::from(n.max(1));
            let rarer = rate(elsewhere) <= RARER * rate((here, segment.sessions));
            let p = table.hypergeometric_tail(here, segment.sessions, support, all);
            let opposite = against.saturating_sub(segment.contradict) > elsewhere.0;
            (rarer && p < CHANCE).then(|| Minority { segment: segment.clone(), elsewhere, p, opposite })
        })
        .collect();
    found.sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| a.segment.name.cmp(&b.segment.name)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(name: &str, sessions: u32, support: u32, contradict: u32) -> Segment {
        Segment { name: name.to_owned(), sessions, support, contradict }
    }

    #[test]
    fn what_holds_for_a_few_is_found() {
        let segments = [segment("shop", 150, 1, 6), segment("billing", 20, 8, 0), segment("tiny", 4, 4, 0)];
        let found = minorities(&segments);
        assert_eq!(found.len(), 1, "a segment of four sessions says too little");
        assert_eq!((found[0].segment.name.as_str(), found[0].elsewhere), ("billing", (5, 154)));
        assert!(found[0].opposite && found[0].p < 1e-4);
    }

    #[test]
    fn what_holds_everywhere_or_for_most_is_no_minority() {
        assert!(minorities(&[segment("a", 100, 40, 0), segment("b", 20, 8, 0)]).is_empty());
        assert!(minorities(&[segment("a", 100, 40, 0), segment("b", 20, 0, 0)]).is_empty());
        assert!(minorities(&[]).is_empty());
    }
}
