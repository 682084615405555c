//! Asks whether a lesson rests on one session, one day or one person only, and on what can be trusted.
//!
//! Owns: that question. Must not know: how support is counted.

use std::collections::BTreeSet;

use super::mark;
use crate::domain::evidence::{Basis, Evidence, Origin, Stance, Support};
use crate::domain::lesson::{Mark, Severity};

/// Sessions that must be left when the person with most of them is left out.
const WITHOUT_ONE: u32 = 2;

/// Marks a lesson whose support may be one incident, one person's wish, or nobody's.
#[must_use]
pub fn check(support: &Support, evidence: &[Evidence]) -> Vec<Mark> {
    if support.basis == Basis::Memory {
        return Vec::new();
    }
    let counted: Vec<&Evidence> =
        evidence.iter().filter(|e| e.stance == Stance::Support && e.status.counts()).collect();
    let distinct = |places: &[&Evidence]| {
        places.iter().map(|place| &place.place.session).collect::<BTreeSet<_>>().len() as u32
    };
    let sessions = support.sessions.unwrap_or_else(|| distinct(&counted));
    // What a person said, the agent did, or a tool of its own machine answered.
    let trusted: Vec<&Evidence> = counted
        .iter()
        .filter(|place| !matches!(place.origin, Origin::Outside | Origin::Injected | Origin::Prose))
        .copied()
        .collect();
    let trusted = distinct(&trusted);
    let people = support.checks.people;
    let left = sessions.saturating_sub(support.checks.of_one_user.unwrap_or(0));
    let text = match (sessions, support.days) {
        (0, _) => "no session was found that supports it".to_owned(),
        (1, _) => "rests on a single session".to_owned(),
        (sessions, 1) => format!("all {sessions} supporting sessions are from one day"),
        (sessions, _) if !counted.is_empty() && trusted < 2 => format!(
            "of {sessions} supporting sessions {trusted} show it in what people said or the agent saw itself"
        ),
        (sessions, _) if people > 1 && support.users == 1 => {
            let text = format!("all {sessions} supporting sessions are one person's, of {people} people");
            return vec![mark("one-person", Severity::Warn, text)];
        }
        (sessions, _) if support.users > 1 && left < WITHOUT_ONE => {
            format!("without one person's sessions {left} of {sessions} is left")
        }
        _ => return Vec::new(),
    };
    vec![mark("single-source", Severity::Warn, text)]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::checks::Checks;

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

    #[rstest]
    #[case(40, 1, 40, 6, Some("all 40 supporting sessions are one person's, of 6 people"))]
    #[case(40, 2, 39, 6, Some("without one person's sessions 1 of 40 is left"))]
    #[case(40, 1, 40, 1, None)]
    #[case(40, 3, 20, 6, None)]
    fn one_person_may_not_decide_for_several(
        #[case] sessions: u32,
        #[case] users: u32,
        #[case] of_one: u32,
        #[case] people: u32,
        #[case] text: Option<&str>,
    ) {
        let checks = Checks { of_one_user: Some(of_one), people, ..Checks::default() };
        let support = Support {
            basis: Basis::Verified,
            sessions: Some(sessions),
            days: 9,
            users,
            checks,
            ..Support::memory()
        };
        assert_eq!(check(&support, &[]).first().map(|mark| mark.text.as_str()), text);
    }

    #[test]
    fn upkeep_has_no_sessions_to_speak_of() {
        assert_eq!(check(&Support::memory(), &[]), vec![]);
    }
}
