//! Notes that nobody acts on, and notes that hardly ever come up.
//!
//! Owns: which notes are proposed to go or to leave the index for that, whatever room there is. Must
//! not know: how uses are counted, or where notes move to.
//!
//! A chance is a session, begun after the note was there, in which what the note is about came up. A note
//! that had many chances and was used in none is of no use. A note whose chances are few may be as good
//! as any, but need not be loaded into every session.

use jiff::{SignedDuration, Timestamp};

use super::ages::Ages;
use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use super::plan::{self, Room};
use super::upkeep::{self, shown};
use super::uses;
use crate::evidence::strata;

/// Notes that nobody acted on, and those that leave the index; `known` are notes that change anyway.
#[must_use]
pub fn find(room: &Room<'_>, ages: &Ages, known: &[Draft]) -> Vec<Draft> {
    entries::of_snapshot(room.memory)
        .iter()
        .filter(|note| note.link.is_none())
        .filter(|note| known.iter().all(|draft| draft.step.takes() != Some((&note.path, &note.range))))
        .filter(|note| !plan::keeps_safe(&note.text) && !uses::referents(&note.text).is_empty())
        .filter_map(|note| {
            let since = ages.since(note)?;
            retire(note, room, since).or_else(|| move_out(note, room, since))
        })
        .collect()
}

fn retire(note: &Entry, room: &Room<'_>, since: Timestamp) -> Option<Draft> {
    let found = room.uses.since(&note.text, since);
    if found.used > 0 || found.chances < room.parameters.rules.retire_after {
        return None;
    }
    let most = (strata::never_seen_bound(found.chances) * 100.0).ceil();
    let statement = format!(
        "Retire a note nobody acted on: 0 of {} chances (at most {most:.0} % at 95 %): \"{}\"",
        found.chances,
        shown(&note.text)
    );
    let mut draft = upkeep::upkeep(statement, note, Step::Retire(note.path.clone(), note.range.clone()));
    draft.key = format!("unused {}", draft.key);
    Some(draft)
}

/// An always-loaded note that hardly ever comes up. Sessions must reach back far enough to say so.
fn move_out(note: &Entry, room: &Room<'_>, since: Timestamp) -> Option<Draft> {
    let days = room.parameters.rules.dormant_days;
    let span = room.uses.span().filter(|_| days > 0 && room.index == Some(&note.path))?;
    let start = span.1.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).ok()?;
    let found = room.uses.since(&note.text, start);
    let rare = found.chances < room.parameters.rules.dormant_below;
    if span.0 > start || since > start || !rare || found.sessions < room.parameters.rules.retire_after {
        return None;
    }
    let statement = format!(
        "Move a note out of the always-loaded index that came up in {} of {} sessions of {days} days: \"{}\"",
        found.chances,
        found.sessions,
        shown(&note.text)
    );
    let mut draft = upkeep::upkeep(statement, note, Step::Move(note.path.clone(), note.range.clone()));
    draft.key = format!("dormant {}", draft.key);
    Some(draft)
}
