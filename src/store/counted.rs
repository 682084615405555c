//! Whose count of a lesson is shown when passes over different sessions propose it.
//!
//! Owns: that a pass over a part of the sessions does not take the place of one over more. Must not know: how
//! lessons are counted.

use rusqlite::{Connection, OptionalExtension};

use super::error::StoreError;
use super::values::{Json, Named};
use super::{dreams, lessons};
use crate::domain::checks::{Narrower, Share};
use crate::domain::dream::{Dream, Reach};
use crate::domain::evidence::{Support, Tier};
use crate::domain::ids::{DreamId, LessonId};
use crate::domain::lesson::{Lesson, Mark};

/// A lesson as it is to be kept, and whether its evidence is that of this pass.
pub(super) struct Counted {
    pub lesson: Lesson,
    pub anew: bool,
}

/// The lesson of a pass with the count it is to have: its own, unless an earlier pass saw more. Then that
/// one's count stays with all that belongs to it, and what this pass counted is told beside it.
pub(super) fn counted(
    connection: &Connection,
    dream: &Dream,
    lesson: &Lesson,
) -> Result<Counted, StoreError> {
    let mut lesson = lesson.clone();
    let Some(reach) = dream.reach() else { return Ok(Counted { lesson, anew: true }) };
    if let Some((before, wider)) = earlier(connection, &lesson.id)?
        && reach.is_part_of(&wider)
        && lesson.support.sessions.is_some()
    {
        let share = Share {
            support: lesson.support.sessions.unwrap_or(0),
            contradict: lesson.support.contradict,
            exposed: lesson.support.exposed.unwrap_or(0),
        };
        lesson.support = before.support;
        lesson.support.checks.narrower = Some(Narrower { reach, share });
        lesson.support.checks.reach = Some(wider);
        lesson.tier = before.tier;
        let marked = |marks: &[Mark], mark: &Mark| marks.iter().any(|other| other.guard == mark.guard);
        // What this pass warns of holds beside what the other one did.
        let new = std::mem::replace(&mut lesson.marks, before.marks);
        let new: Vec<Mark> = new.into_iter().filter(|mark| !marked(&lesson.marks, mark)).collect();
        lesson.marks.extend(new);
        lesson.marks.sort_by_key(|mark| std::cmp::Reverse(mark.severity));
        return Ok(Counted { lesson, anew: false });
    }
    lesson.support.checks.reach = (!reach.window.in_words().is_empty()).then_some(reach);
    Ok(Counted { lesson, anew: true })
}

/// Whether a pass saw too little to say that a lesson no longer holds.
pub(super) fn saw_less(
    connection: &Connection,
    dream: &Dream,
    lesson: &LessonId,
) -> Result<bool, StoreError> {
    let Some(reach) = dream.reach() else { return Ok(false) };
    Ok(earlier(connection, lesson)?.is_some_and(|(_, wider)| reach.is_part_of(&wider)))
}

/// What was counted.
struct Before {
    support: Support,
    tier: Tier,
    marks: Vec<Mark>,
}

/// The count of a lesson from sessions, and what the pass could see that made it.
fn earlier(connection: &Connection, lesson: &LessonId) -> Result<Option<(Before, Reach)>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT basis, support, exposed, contradict, mention, days, users, lower_bound, tier, marks, checks, dream
             FROM lessons WHERE id = ?1 AND support IS NOT NULL",
        )?
        .query_row([lesson.as_str()], |row| {
            let support = lessons::support(row, 0, 10)?;
            let (tier, Json(marks)) = (row.get::<_, Named<_>>(8)?.0, row.get(9)?);
            Ok((Before { support, tier, marks }, DreamId::new(row.get::<_, String>(11)?)))
        })
        .optional()?;
    let Some((before, dream)) = row else { return Ok(None) };
    let reach = match before.support.checks.reach.clone() {
        Some(reach) => Some(reach),
        None => dreams::one(connection, &dream)?.and_then(|dream| dream.reach()),
    };
    Ok(reach.map(|reach| (before, reach)))
}
