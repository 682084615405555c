//! What reviewers decided, and taking it back. Rows are only ever added.
//!
//! Owns: the `batches` and `decisions` tables and the undo and redo order that follows from them.
//! Must not know: who shows decisions or what apply does with them.
//!
//! A batch is what one key press decided. Undo adds a batch with the inverse of each decision; redo
//! adds the inverse of that. Which batch is next follows from the rows alone, so both work after a
//! restart and from another process.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::lessons::{self, Standing};
use super::outbox;
use super::values::{At, Named};
use crate::domain::decision::{Decision, Verdict};
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::lifecycle::{State, Step};

/// One thing to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// About which lesson.
    pub lesson: LessonId,
    /// What.
    pub verdict: Verdict,
    /// Why, in the reviewer's words.
    pub reason: Option<String>,
}

/// A lesson's state before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which lesson.
    pub lesson: LessonId,
    /// State before.
    pub from: State,
    /// State after; the same where only the text was edited.
    pub to: State,
}

/// A batch of decisions, on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Number of the batch.
    pub batch: u64,
    /// What it changed, in the order asked.
    pub changed: Vec<Changed>,
}

/// A batch taken back, or made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The batch that was taken back or made again.
    pub batch: u64,
    /// What that changed.
    pub changed: Vec<Changed>,
    /// Lessons of the batch that were left alone because they changed since: applied, retired by a
    /// later dream, or decided elsewhere.
    pub kept: Vec<LessonId>,
}

/// A stored decision with what it replaced.
struct Entry {
    lesson: LessonId,
    verdict: Verdict,
    reason: Option<String>,
    from: Standing,
    to: State,
    from_edit: Option<String>,
}

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

    fn note(self, batch: u64) -> String {
        match self {
            Self::Undo => format!("takes back batch {batch}"),
            Self::Redo => format!("makes batch {batch} again"),
        }
    }
}

/// Decides a batch, all of it or nothing.
pub(super) fn decide(
    connection: &Connection,
    asks: &[Ask],
    author: &str,
    now: Timestamp,
) -> Result<Decided, StoreError> {
    let batch = add_batch(connection, "decide", None, author, now)?;
    let mut changed = Vec::with_capacity(asks.len());
    for ask in asks {
        refuse_while_written(connection, &ask.lesson)?;
        let from = lessons::require(connection, &ask.lesson)?;
        let to = verdict_on(&ask.lesson, from, &ask.verdict)?;
        let entry = Entry {
            lesson: ask.lesson.clone(),
            verdict: ask.verdict.clone(),
            reason: ask.reason.clone(),
            from,
            to: to.state,
            from_edit: edit_of(connection, &ask.lesson)?,
        };
        record(connection, batch, &entry, to, author, now, None)?;
        changed.push(Changed { lesson: ask.lesson.clone(), from: from.state, to: to.state });
    }
    Ok(Decided { batch, changed })
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
    let turns = rows.collect::<Result<std::collections::BTreeMap<_, _>, _>>()?;
    // Undo goes from the newest batch down, so the lowest one was undone last.
    for (batch, _) in turns.into_iter().filter(|(_, last)| last == Turn::Undo.action()) {
        if let Some(redone) = invert(connection, batch, Turn::Redo, author, now)? {
            return Ok(Some(redone));
        }
    }
    Ok(None)
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
    for entry in entries(connection, in_effect)?.into_iter().rev() {
        refuse_while_written(connection, &entry.lesson)?;
        let current = lessons::require(connection, &entry.lesson)?;
        let edit = edit_of(connection, &entry.lesson)?;
        if !still_stands(&entry, current, edit.as_deref()) {
            if current.state == State::Applied {
                applied = Some(entry.lesson.clone());
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
        let inverse = Entry {
            lesson: entry.lesson.clone(),
            verdict: inverse_verdict(&entry),
            reason: None,
            from: current,
            to: to.state,
            from_edit: edit,
        };
        record(connection, number, &inverse, to, author, now, Some(turn.note(batch)))?;
        changed.push(Changed { lesson: entry.lesson, from: current.state, to: to.state });
    }
    match (added, applied) {
        (Some(_), _) => Ok(Some(Undone { batch, changed, kept })),
        (None, Some(lesson)) => Err(StoreError::Refused {
            lesson,
            reason: "it is already in the memory; take it back there first (`wakeful undo`)".to_owned(),
        }),
        (None, None) => Ok(None),
    }
}

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

/// Where a verdict leads from a state.
fn verdict_on(lesson: &LessonId, from: Standing, verdict: &Verdict) -> Result<Standing, StoreError> {
    let (taken, until) = match verdict {
        Verdict::Accept => (Step::Accept, None),
        Verdict::Reject => (Step::Reject, None),
        Verdict::Snooze { until } => (Step::Snooze, Some(*until)),
        Verdict::Reopen => (Step::Reopen, None),
        Verdict::Edit { .. } => {
            // Text may be changed exactly where a decision may be; the state stays.
            lessons::step(lesson, from.state, Step::Reopen)?;
            return Ok(from);
        }
    };
    Ok(Standing { state: lessons::step(lesson, from.state, taken)?, until })
}

/// A lesson that an unfinished apply is writing must stay as the apply found it.
fn refuse_while_written(connection: &Connection, lesson: &LessonId) -> Result<(), StoreError> {
    if outbox::is_writing(connection, lesson)? {
        let reason = "an apply that writes it has not ended; finish that first (`wakeful apply`)".to_owned();
        return Err(StoreError::Refused { lesson: lesson.clone(), reason });
    }
    Ok(())
}

fn add_batch(
    connection: &Connection,
    action: &str,
    target: Option<u64>,
    author: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    connection
        .prepare_cached("INSERT INTO batches (action, target, author, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![action, target, author, At(now)])?;
    Ok(connection.last_insert_rowid() as u64)
}

/// Writes one decision: the row, the lesson's standing, the audit trail.
fn record(
    connection: &Connection,
    batch: u64,
    entry: &Entry,
    to: Standing,
    author: &str,
    now: Timestamp,
    note: Option<String>,
) -> Result<(), StoreError> {
    let (until, edit) = match &entry.verdict {
        Verdict::Snooze { until } => (Some(*until), None),
        Verdict::Edit { text } => (None, text.as_deref()),
        Verdict::Accept | Verdict::Reject | Verdict::Reopen => (None, None),
    };
    let (agent, dream): (String, String) = connection
        .prepare_cached("SELECT agent, dream FROM lessons WHERE id = ?1")?
        .query_row([entry.lesson.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    connection
        .prepare_cached(
            "INSERT INTO decisions (batch, lesson, dream, verdict, until, edit, author, at, reason, from_state, \
                 to_state, from_until, from_edit)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            batch,
            entry.lesson.as_str(),
            dream,
            entry.verdict.as_str(),
            At::some(until),
            edit,
            author,
            At(now),
            entry.reason,
            Named(entry.from.state),
            Named(to.state),
            At::some(entry.from.until),
            entry.from_edit,
        ])?;
    if let Verdict::Edit { text } = &entry.verdict {
        lessons::set_edited(connection, &entry.lesson, text.is_some())?;
    } else {
        lessons::set(connection, &entry.lesson, to)?;
    }
    audit::append(
        connection,
        &AuditEntry {
            agent: Some(AgentId::new(agent)),
            lessons: vec![entry.lesson.clone()],
            note: note.or_else(|| entry.reason.clone()),
            ..AuditEntry::new(author, entry.verdict.as_str())
        },
        now,
    )?;
    Ok(())
}

/// Every decision on a lesson, the oldest first.
pub(super) fn of(connection: &Connection, lesson: &LessonId) -> Result<Vec<Decision>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT verdict, until, edit, author, at, reason, batch FROM decisions WHERE lesson = ?1 ORDER BY seq",
    )?;
    let decisions = statement.query_map([lesson.as_str()], |row| {
        Ok(Decision {
            lesson: lesson.clone(),
            verdict: verdict_from(row, 0)?,
            by: row.get(3)?,
            at: row.get::<_, At>(4)?.0,
            reason: row.get(5)?,
            batch: row.get(6)?,
        })
    })?;
    Ok(decisions.collect::<Result<_, _>>()?)
}

/// The reviewer's text of a lesson, if the last edit left one.
pub(super) fn edit_of(connection: &Connection, lesson: &LessonId) -> Result<Option<String>, StoreError> {
    let edit: Option<Option<String>> = connection
        .prepare_cached(
            "SELECT edit FROM decisions WHERE lesson = ?1 AND verdict = 'edit' ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([lesson.as_str()], |row| row.get(0))
        .optional()?;
    Ok(edit.flatten())
}

fn entries(connection: &Connection, batch: u64) -> Result<Vec<Entry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT verdict, until, edit, lesson, reason, from_state, from_until, to_state, from_edit
         FROM decisions WHERE batch = ?1 ORDER BY seq",
    )?;
    let rows = statement.query_map([batch], |row| {
        let until = row.get::<_, Option<At>>(6)?.map(|At(at)| at);
        Ok(Entry {
            lesson: LessonId::new(row.get::<_, String>(3)?),
            verdict: verdict_from(row, 0)?,
            reason: row.get(4)?,
            from: Standing { state: row.get::<_, Named<_>>(5)?.0, until },
            to: row.get::<_, Named<_>>(7)?.0,
            from_edit: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads a verdict from three columns: name, end of a snooze, text of an edit.
fn verdict_from(row: &Row<'_>, first: usize) -> rusqlite::Result<Verdict> {
    let name: String = row.get(first)?;
    let until: Option<At> = row.get(first + 1)?;
    match (name.as_str(), until) {
        ("accept", _) => Ok(Verdict::Accept),
        ("reject", _) => Ok(Verdict::Reject),
        ("reopen", _) => Ok(Verdict::Reopen),
        ("edit", _) => Ok(Verdict::Edit { text: row.get(first + 2)? }),
        ("snooze", Some(At(until))) => Ok(Verdict::Snooze { until }),
        _ => Err(rusqlite::Error::FromSqlConversionFailure(
            first,
            rusqlite::types::Type::Text,
            format!("{name:?} is not a verdict").into(),
        )),
    }
}
