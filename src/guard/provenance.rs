//! Asks whether a lesson rests on one session or one day only.
//!
//! Owns: that question. Must not know: how support is counted.

use std::collections::BTreeSet;

use super::mark;
use crate::domain::evidence::{Basis, Evidence, Stance, Support};
use crate::domain::lesson::{Mark, Severity};

/// Marks a lesson whose support may be one incident.
#[must_use]
pub fn check(support: &Support, evidence: &[Evidence]) -> Vec<Mark> {
    if support.basis == Basis::Memory {
        return Vec::new();
    }
    let counted = || evidence.iter().filter(|e| e.stance == Stance::Support && e.status.counts());
    let sessions = support
        .sessions
        .unwrap_or_else(|| counted().map(|e| &e.place.session).collect::<BTreeSet<_>>().len() as u32);
    let text = match (sessions, support.days) {
        (0, _) => "no session was found that supports it".to_owned(),
        (1, _) => "rests on a single session".to_owned(),
        (sessions, 1) => format!("all {sessions} supporting sessions are from one day"),
        _ => return Vec::new(),
    };
    vec![mark("single-source", Severity::Warn, text)]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, 0, Some("no session was found that supports it"))]
    #[case(1, 1, Some("rests on a single session"))]
    #[case(1, 0, Some("rests on a single session"))]
    #[case(7, 1, Some("all 7 supporting sessions are from one day"))]
    #[case(2, 2, None)]
    #[case(18, 6, None)]
    // Without dates nothing is claimed about days.
    #[case(18, 0, None)]
    fn one_session_or_one_day_is_marked(
        #[case] sessions: u32,
        #[case] days: u32,
        #[case] text: Option<&str>,
    ) {
        let support = Support { basis: Basis::Verified, sessions: Some(sessions), days, ..Support::memory() };
        let marks = check(&support, &[]);
        assert_eq!(marks.first().map(|mark| mark.text.as_str()), text);
    }

    #[test]
    fn upkeep_has_no_sessions_to_speak_of() {
        assert_eq!(check(&Support::memory(), &[]), vec![]);
    }
}
