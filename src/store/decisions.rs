//! What reviewers decided. Rows are only ever added.
//!
//! Owns: the `batches` and `decisions` tables. Must not know: who shows decisions, in which order they
//! are taken back, or what apply does with them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::applies;
use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::lessons::{self, Standing};
use super::values::{At, Json, Named, QUARTER};
use crate::domain::decision::{Decision, Verdict};
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::lesson::Mark;
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

/// What the reviewer's text makes of a lesson beside its documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remade {
    /// What the guards say of the new text.
    pub marks: Vec<Mark>,
    /// About how many tokens the lesson adds with it.
    pub tokens: i64,
    /// What the lesson says now; `None` where that is what it said before.
    #[serde(default)]
    pub statement: Option<String>,
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
    /// Number of the batch; `None` if everything was so already and nothing was recorded.
    pub batch: Option<u64>,
    /// What it changed, in the order asked.
    pub changed: Vec<Changed>,
    /// Lessons that were so already.
    pub unchanged: Vec<LessonId>,
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
pub(super) struct Entry {
    pub lesson: LessonId,
    pub verdict: Verdict,
    pub reason: Option<String>,
    pub from: Standing,
    pub to: State,
    pub from_edit: Option<String>,
    /// What the text of an edit makes of the lesson.
    pub remade: Option<Remade>,
    /// What the text before made of it.
    pub from_remade: Option<Remade>,
}

/// When a reviewer decided, one moment per batch, the newest first.
pub(super) fn times(connection: &Connection, author: &str, limit: u32) -> Result<Vec<Timestamp>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT at FROM batches WHERE action = 'decide' AND author = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let times = statement.query_map(params![author, limit], |row| Ok(row.get::<_, At>(0)?.0))?;
    Ok(times.collect::<Result<_, _>>()?)
}

/// The decisions that count on lessons of an agent since a moment, where they are to accept or to reject: counted by
/// quarters of an hour, with whether they are to accept.
pub(super) fn verdicts(
    connection: &Connection,
    agent: &AgentId,
    since: Timestamp,
) -> Result<Vec<(Timestamp, bool, u32)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT d.at - d.at % ?3, d.verdict = 'accept', count(*) FROM lessons l JOIN decisions d ON d.lesson = l.id
         WHERE l.agent = ?1 AND d.at >= ?2 AND d.verdict IN ('accept', 'reject')
           AND d.seq = (SELECT max(seq) FROM decisions WHERE lesson = l.id AND verdict <> 'edit')
         GROUP BY 1, 2 ORDER BY 1, 2",
    )?;
    let verdicts = statement.query_map(params![agent.as_str(), At(since), QUARTER], |row| {
        Ok((row.get::<_, At>(0)?.0, row.get(1)?, row.get(2)?))
    })?;
    Ok(verdicts.collect::<Result<_, _>>()?)
}

/// Decides a batch, all of it or nothing. `remade` says what the texts of its edits make of lessons.
pub(super) fn decide(
    connection: &Connection,
    asks: &[Ask],
    remade: &BTreeMap<LessonId, Remade>,
    author: &str,
    now: Timestamp,
) -> Result<Decided, StoreError> {
    let mut batch = None;
    let mut changed = Vec::with_capacity(asks.len());
    let mut unchanged = Vec::new();
    for ask in asks {
        refuse_while_written(connection, &ask.lesson)?;
        if lessons::is_taken_out(connection, &ask.lesson)? {
            return Err(StoreError::Refused { lesson: ask.lesson.clone(), reason: TAKEN_OUT.to_owned() });
        }
        let from = lessons::require(connection, &ask.lesson)?;
        let to = verdict_on(&ask.lesson, from, &ask.verdict)?;
        let before = edit_of(connection, &ask.lesson)?;
        if says_nothing_new(connection, ask, from, to, before.as_deref())? {
            unchanged.push(ask.lesson.clone());
            continue;
        }
        let number = match batch {
            Some(number) => number,
            None => add_batch(connection, "decide", None, author, now)?,
        };
        batch = Some(number);
        let made = match &ask.verdict {
            Verdict::Edit { text: Some(_) } => remade.get(&ask.lesson).cloned(),
            _ => None,
        };
        let entry = Entry {
            lesson: ask.lesson.clone(),
            verdict: ask.verdict.clone(),
            reason: ask.reason.clone(),
            from,
            to: to.state,
            from_edit: before,
            remade: made,
            from_remade: remade_of(connection, &ask.lesson)?,
        };
        record(connection, number, &entry, to, author, now, None)?;
        changed.push(Changed { lesson: ask.lesson.clone(), from: from.state, to: to.state });
    }
    Ok(Decided { batch, changed, unchanged })
}

/// Why a lesson that was taken out can't be decided again.
pub(super) const TAKEN_OUT: &str =
    "it was taken out of the memory; put it back there first: `T` on it, or `wakeful undo LESSON`";

/// Whether a lesson stands as asked already, and the reason, if one is given, is the one on record.
fn says_nothing_new(
    connection: &Connection,
    ask: &Ask,
    from: Standing,
    to: Standing,
    edit: Option<&str>,
) -> Result<bool, StoreError> {
    let stands = match &ask.verdict {
        Verdict::Edit { text } => text.as_deref() == edit,
        _ => from == to,
    };
    if !stands || ask.reason.is_none() {
        return Ok(stands);
    }
    let last: Option<Option<String>> = connection
        .prepare_cached("SELECT reason FROM decisions WHERE lesson = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([ask.lesson.as_str()], |row| row.get(0))
        .optional()?;
    Ok(last.flatten() == ask.reason)
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
pub(super) fn refuse_while_written(connection: &Connection, lesson: &LessonId) -> Result<(), StoreError> {
    if applies::is_writing(connection, lesson)? {
        let reason = "an apply that writes it has not ended; finish that first (`wakeful apply`)".to_owned();
        return Err(StoreError::Refused { lesson: lesson.clone(), reason });
    }
    Ok(())
}

/// Begins a batch; gives its number.
pub(super) fn add_batch(
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
pub(super) fn record(
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
                 to_state, from_until, from_edit, remade, from_remade)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
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
            entry.remade.as_ref().map(Json),
            entry.from_remade.as_ref().map(Json),
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

/// Why a lesson was decided as it stood before the decision at `seq`, if it stood so by that verdict.
/// What is restored is restored with its reason.
pub(super) fn reason_before(
    connection: &Connection,
    lesson: &LessonId,
    seq: i64,
    verdict: &Verdict,
) -> Result<Option<String>, StoreError> {
    let is_edit = matches!(verdict, Verdict::Edit { .. });
    let before: Option<(Verdict, Option<String>)> = connection
        .prepare_cached(
            "SELECT verdict, until, edit, reason FROM decisions
             WHERE lesson = ?1 AND seq < ?2 AND (verdict = 'edit') = ?3 ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![lesson.as_str(), seq, is_edit], |row| Ok((verdict_from(row, 0)?, row.get(3)?)))
        .optional()?;
    Ok(before.filter(|(said, _)| said == verdict).and_then(|(_, reason)| reason))
}

/// What the reviewer's text of a lesson makes of it, as far as that is known.
pub(super) fn remade_of(connection: &Connection, lesson: &LessonId) -> Result<Option<Remade>, StoreError> {
    let remade: Option<Option<Json<Remade>>> = connection
        .prepare_cached(
            "SELECT remade FROM decisions WHERE lesson = ?1 AND verdict = 'edit' ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([lesson.as_str()], |row| row.get(0))
        .optional()?;
    Ok(remade.flatten().map(|Json(remade)| remade))
}

/// Reads a verdict from three columns: name, end of a snooze, text of an edit.
pub(super) fn verdict_from(row: &Row<'_>, first: usize) -> rusqlite::Result<Verdict> {
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
