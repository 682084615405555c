//! Taking decisions back and making them again, by adding their inverses.
//!
//! Owns: which batch is next, and what its inverse is. Must not know: who shows decisions.
//!
//! A batch is what one key press decided. Undo adds a batch with the inverse of each decision; redo
//! adds the inverse of that. Which batch is next follows from the rows alone, so both work after a
//! restart and from another process.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::decisions::{
    Changed, Entry, TAKEN_OUT, Undone, add_batch, edit_of, reason_before, record, refuse_while_written,
    remade_of, verdict_from,
};
use super::error::StoreError;
use super::lessons::{self, Standing};
use super::values::{At, Json, Named};
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::domain::lifecycle::{State, Step};

/// What happens to a batch besides being decided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Undo,
    Redo,
}

impl Turn {
    fn action(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }

    /// In the words of a reader, who knows of no numbers of batches.
    fn note(self, reason: Option<&str>) -> String {
        match (self, reason) {
            (Self::Undo, _) => "the decision is taken back".to_owned(),
            (Self::Redo, None) => "the decision is made again".to_owned(),
            (Self::Redo, Some(reason)) => format!("the decision is made again: {reason}"),
        }
    }
}

/// Takes back the newest batch that still stands.
pub(super) fn undo(
    connection: &Connection,
    author: &str,
    now: Timestamp,
) -> Result<Option<Undone>, StoreError> {
    let mut below = i64::MAX;
    loop {
        // In effect: decided, and neither undone since, or redone after that.
        let next: Option<u64> = connection
            .prepare_cached(
                "SELECT b.id FROM batches b WHERE b.action = 'decide' AND b.id < ?1
                   AND (SELECT o.action FROM batches o WHERE o.target = b.id ORDER BY o.id DESC LIMIT 1)
                       IS NOT 'undo'
                 ORDER BY b.id DESC LIMIT 1",
            )?
            .query_row([below], |row| row.get(0))
            .optional()?;
        let Some(batch) = next else { return Ok(None) };
        if let Some(undone) = invert(connection, batch, Turn::Undo, author, now)? {
            return Ok(Some(undone));
        }
        below = batch as i64;
    }
}

/// Makes again what was undone last, unless something was decided since.
pub(super) fn redo(
    connection: &Connection,
    author: &str,
    now: Timestamp,
) -> Result<Option<Undone>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT target, action FROM batches
         WHERE id > (SELECT max(id) FROM batches WHERE action = 'decide') ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)))?;
    let turns = rows.collect::<Result<BTreeMap<_, _>, _>>()?;
    // Undo goes from the newest batch down, so the lowest one was undone last.
    for (batch, _) in turns.into_iter().filter(|(_, last)| last == Turn::Undo.action()) {
        if let Some(redone) = invert(connection, batch, Turn::Redo, author, now)? {
            return Ok(Some(redone));
        }
    }
    Ok(None)
}

/// Whether a batch stands, and whether one was taken back after the last that was decided.
pub(super) fn turns(connection: &Connection) -> Result<(bool, bool), StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM batches b WHERE b.action = 'decide'
                 AND (SELECT o.action FROM batches o WHERE o.target = b.id ORDER BY o.id DESC LIMIT 1)
                     IS NOT 'undo'),
             EXISTS (SELECT 1 FROM batches u
                 WHERE u.id > (SELECT max(id) FROM batches WHERE action = 'decide') AND u.action = 'undo'
                   AND NOT EXISTS (SELECT 1 FROM batches r WHERE r.target = u.target AND r.id > u.id
                       AND r.action = 'redo'))",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(row)
}

/// Adds the inverse of what a batch did last; `None` if nothing of it stands any more.
fn invert(
    connection: &Connection,
    batch: u64,
    turn: Turn,
    author: &str,
    now: Timestamp,
) -> Result<Option<Undone>, StoreError> {
    let in_effect: u64 = connection
        .prepare_cached("SELECT max(id) FROM batches WHERE target = ?1 OR id = ?1")?
        .query_row([batch], |row| row.get(0))?;
    let mut added = None;
    let mut changed = Vec::new();
    let mut kept = Vec::new();
    let mut applied = None;
    for (seq, entry) in entries(connection, in_effect)?.into_iter().rev() {
        refuse_while_written(connection, &entry.lesson)?;
        let current = lessons::require(connection, &entry.lesson)?;
        let edit = edit_of(connection, &entry.lesson)?;
        let out = lessons::is_taken_out(connection, &entry.lesson)?;
        if out || !still_stands(&entry, current, edit.as_deref()) {
            if out {
                applied = Some((entry.lesson.clone(), TAKEN_OUT));
            } else if current.state == State::Applied {
                applied = Some((entry.lesson.clone(), APPLIED));
            }
            if !kept.contains(&entry.lesson) {
                kept.push(entry.lesson);
            }
            continue;
        }
        let number = match added {
            Some(number) => number,
            None => add_batch(connection, turn.action(), Some(batch), author, now)?,
        };
        added = Some(number);
        let to = match entry.verdict {
            Verdict::Edit { .. } => current,
            _ => restore(&entry.lesson, current.state, entry.from)?,
        };
        let verdict = inverse_verdict(&entry);
        let reason = reason_before(connection, &entry.lesson, seq, &verdict)?;
        let note = turn.note(reason.as_deref());
        let inverse = Entry {
            lesson: entry.lesson.clone(),
            verdict,
            reason,
            from: current,
            to: to.state,
            from_edit: edit,
            remade: entry.from_remade,
            from_remade: remade_of(connection, &entry.lesson)?,
        };
        record(connection, number, &inverse, to, author, now, Some(note))?;
        changed.push(Changed { lesson: entry.lesson, from: current.state, to: to.state });
    }
    match (added, applied) {
        (Some(_), _) => Ok(Some(Undone { batch, changed, kept })),
        (None, Some((lesson, reason))) => Err(StoreError::Refused { lesson, reason: reason.to_owned() }),
        (None, None) => Ok(None),
    }
}

/// Why a decision that was carried out can't be taken back by itself.
const APPLIED: &str =
    "it is already in the memory; take it back there first: `T` on it, or `wakeful undo LESSON`";

/// Whether a lesson is still as the decision left it.
fn still_stands(entry: &Entry, current: Standing, edit: Option<&str>) -> bool {
    match &entry.verdict {
        Verdict::Edit { text } => {
            edit == text.as_deref() && !matches!(current.state, State::Applied | State::Superseded)
        }
        Verdict::Snooze { until } => current.state == entry.to && current.until == Some(*until),
        _ => current.state == entry.to,
    }
}

/// What the reviewer would have to say to get back to the state before a decision.
fn inverse_verdict(entry: &Entry) -> Verdict {
    if let Verdict::Edit { .. } = entry.verdict {
        return Verdict::Edit { text: entry.from_edit.clone() };
    }
    match (entry.from.state, entry.from.until) {
        (State::Accepted, _) => Verdict::Accept,
        (State::Rejected, _) => Verdict::Reject,
        (State::Snoozed, Some(until)) => Verdict::Snooze { until },
        _ => Verdict::Reopen,
    }
}

/// The way back to an earlier state, step by step through the lifecycle.
fn restore(lesson: &LessonId, current: State, earlier: Standing) -> Result<Standing, StoreError> {
    let steps: &[Step] = match earlier.state {
        State::Accepted => &[Step::Accept],
        State::Rejected => &[Step::Reject],
        State::Snoozed => &[Step::Snooze],
        State::Conflict => &[Step::Accept, Step::Collided],
        State::Pending | State::Applied | State::Superseded => &[Step::Reopen],
    };
    let state = steps.iter().try_fold(current, |state, taken| lessons::step(lesson, state, *taken))?;
    Ok(Standing { state, until: earlier.until })
}

/// The decisions of a batch with their places among all decisions, in order.
fn entries(connection: &Connection, batch: u64) -> Result<Vec<(i64, Entry)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT verdict, until, edit, lesson, reason, from_state, from_until, to_state, from_edit,
                remade, from_remade, seq
         FROM decisions WHERE batch = ?1 ORDER BY seq",
    )?;
    let rows = statement.query_map([batch], |row| {
        let until = row.get::<_, Option<At>>(6)?.map(|At(at)| at);
        let entry = Entry {
            lesson: LessonId::new(row.get::<_, String>(3)?),
            verdict: verdict_from(row, 0)?,
            reason: row.get(4)?,
            from: Standing { state: row.get::<_, Named<_>>(5)?.0, until },
            to: row.get::<_, Named<_>>(7)?.0,
            from_edit: row.get(8)?,
            remade: row.get::<_, Option<Json<_>>>(9)?.map(|Json(remade)| remade),
            from_remade: row.get::<_, Option<Json<_>>>(10)?.map(|Json(remade)| remade),
        };
        Ok((row.get(11)?, entry))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
