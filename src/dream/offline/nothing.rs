//! Why a pass proposes nothing.
//!
//! Owns: the words for it. Must not know: how any family of lessons is found.

use std::collections::BTreeMap;

use super::episodes::Episodes;
use super::pool::Pool;
use super::preferences;
use super::window::Selection;
use crate::dream::Parameters;

/// What came up in sessions and might have become a lesson: errors, and what people asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Things that came up in any session.
    candidates: usize,
    /// Most sessions that one of them came up in.
    most: usize,
}

impl Seen {
    /// Counts them.
    #[must_use]
    pub fn of(pool: &Pool<'_>, episodes: &Episodes, parameters: &Parameters) -> Self {
        let mut errors: BTreeMap<u32, usize> = BTreeMap::new();
        // One record per error and unit.
        episodes.records.iter().for_each(|record| *errors.entry(record.template).or_default() += 1);
        let asked = preferences::asked(pool, parameters);
        let all = || errors.values().copied().chain(asked.iter().copied());
        Self { candidates: all().count(), most: all().max().unwrap_or(0) }
    }
}

/// The reason, for the reviewer.
#[must_use]
pub fn why(
    selection: &Selection<'_>,
    read: usize,
    units: u32,
    seen: Seen,
    parameters: &Parameters,
) -> String {
    let left_out = selection.excluded.len() + selection.older;
    let least = parameters.least_sessions;
    let Seen { candidates, most } = seen;
    if read == 0 && left_out == 0 {
        return "nothing was proposed: there are no sessions".to_owned();
    }
    if read == 0 {
        let are = if left_out == 1 { "is" } else { "are" };
        return format!("nothing was proposed: no session is in the window, {left_out} {are} outside of it");
    }
    if candidates == 0 {
        return format!("nothing was proposed: no error and no wish to learn from in {}", sessions(units));
    }
    let came_up = if candidates == 1 {
        format!("1 candidate, seen in {most} of {}", sessions(units))
    } else {
        format!("{candidates} candidates, the best seen in {most} of {}", sessions(units))
    };
    let short = if (most as u32) < least {
        format!("a lesson needs {least}")
    } else {
        "none stands out from what chance gives so many, or for too few people and days".to_owned()
    };
    format!("nothing was proposed: {came_up}; {short}")
}

fn sessions(count: u32) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_told_with_its_counts() {
        let nothing =
            Selection { chosen: Vec::new(), excluded: Vec::new(), older: 0, over: 0, before: Vec::new() };
        let why = |older: usize, read: usize, units: u32, candidates: usize, most: usize| {
            let selection = Selection { older, ..nothing.clone() };
            let text = super::why(&selection, read, units, Seen { candidates, most }, &Parameters::default());
            text.strip_prefix("nothing was proposed: ").map(str::to_owned).unwrap()
        };
        assert_eq!(why(0, 0, 0, 0, 0), "there are no sessions");
        assert_eq!(why(4, 0, 0, 0, 0), "no session is in the window, 4 are outside of it");
        assert_eq!(why(1, 0, 0, 0, 0), "no session is in the window, 1 is outside of it");
        assert_eq!(why(0, 1, 1, 0, 0), "no error and no wish to learn from in 1 session");
        assert_eq!(why(0, 7, 7, 12, 2), "12 candidates, the best seen in 2 of 7 sessions; a lesson needs 3");
        assert!(
            why(0, 7, 7, 12, 4).starts_with("12 candidates, the best seen in 4 of 7 sessions; none stands")
        );
    }
}
