//! The journal of writes to memory stores: what is to be written is on the disk before anything is.
//!
//! Owns: `applies`, `apply_lessons` and `outbox`, and how lessons end when an apply does. Must not
//! know: sources, or how the texts were put together.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::values::{At, Hex, Json, Named, Path};
use super::{decisions, lessons, snapshots};
use crate::domain::ids::{AgentId, ApplyId, DreamId, LessonId, content_id};
use crate::domain::lifecycle::{State, Step as Taken};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};

use serde::{Deserialize, Serialize};

/// Whether lessons go into the memory or are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplyAction {
    /// Accepted lessons are written.
    Apply,
    /// Applied lessons are taken back.
    Undo,
}

impl ApplyAction {
    /// The name used in JSON, the database and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Undo => "undo",
        }
    }
}

/// What became of a lesson in an apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// The apply has not ended.
    Planned,
    /// All its documents are written: it is in the memory (or out of it, for an undo).
    Written,
    /// The memory changed underneath it; nothing of it is in the memory.
    Collided,
    /// The memory said the same already; nothing was written for it.
    Satisfied,
}

/// A lesson of an apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedLesson {
    /// Which.
    pub lesson: LessonId,
    /// The pass from which its text was cut.
    pub dream: DreamId,
    /// The reviewer's text, where there is one.
    pub edit: Option<String>,
}

/// A document to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedDocument {
    /// Which.
    pub path: DocPath,
    /// Hash of the text that the reviewer saw there; `None`: there must be no document.
    pub expected: Option<ContentHash>,
    /// The text to write; `None`: the document goes.
    pub content: Option<Arc<str>>,
    /// Lessons that change it.
    pub lessons: Vec<LessonId>,
}

/// Everything an apply is going to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyPlan {
    /// Whose memory.
    pub agent: AgentId,
    /// In or out.
    pub action: ApplyAction,
    /// The apply that an undo takes back, wholly or in part.
    pub target: Option<ApplyId>,
    /// Memory as read when planning.
    pub before: Snapshot,
    /// Memory as it will be.
    pub after: Snapshot,
    /// Lessons to write (or take back), in the order in which they were put together.
    pub lessons: Vec<PlannedLesson>,
    /// Accepted lessons that the memory contains already.
    pub satisfied: Vec<PlannedLesson>,
    /// Accepted lessons that collide with the memory, and where.
    pub collided: Vec<(PlannedLesson, String)>,
    /// Documents to write, in this order.
    pub documents: Vec<PlannedDocument>,
}

/// How far one write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// Not written, as far as is known: a kill may have come between write and note.
    Waiting,
    /// Written.
    Written,
    /// Not written: the document changed meanwhile.
    Changed,
    /// Not written: a later step took its place.
    Replaced,
}

/// One write of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Number in its apply.
    pub step: u32,
    /// Which document.
    pub path: DocPath,
    /// Hash that must be there; `None`: no document.
    pub expected: Option<ContentHash>,
    /// Hash of the text to write; `None`: the document goes.
    pub content: Option<ContentHash>,
    /// Lessons that change it.
    pub lessons: Vec<LessonId>,
    /// How far it is.
    pub progress: Progress,
}

/// A change of the journal while an apply runs, when some document can't be written as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepChange {
    /// The document changed meanwhile; leave it, and don't write these lessons.
    Leave(u32, Vec<LessonId>),
    /// Write something else instead of a step that still waits, or after one that was written.
    Instead(u32, PlannedDocument),
    /// Don't write a step that still waits.
    Drop(u32),
}

/// One apply or undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apply {
    /// Which.
    pub id: ApplyId,
    /// Whose memory.
    pub agent: AgentId,
    /// In or out.
    pub action: ApplyAction,
    /// The apply that an undo takes back.
    pub target: Option<ApplyId>,
    /// Who.
    pub author: String,
    /// When it began.
    pub begun: Timestamp,
    /// When it ended; `None` if it was cut off and can be resumed.
    pub ended: Option<Timestamp>,
    /// Memory before.
    pub before: ContentHash,
    /// Memory as planned.
    pub after: ContentHash,
}

/// Puts a plan on the disk, after checking that it still is what the reviewer decided.
pub(super) fn begin(
    connection: &Connection,
    plan: &ApplyPlan,
    author: &str,
    now: Timestamp,
) -> Result<ApplyId, StoreError> {
    if let Some(open) = unfinished(connection, &plan.agent)? {
        return Err(StoreError::Stale { reason: format!("an earlier apply ({}) has not ended", open.id) });
    }
    check_unchanged(connection, plan)?;
    let before = snapshots::put(connection, &plan.before)?;
    let after = snapshots::put(connection, &plan.after)?;
    let earlier: u64 = connection.query_row("SELECT count(*) FROM applies", [], |row| row.get(0))?;
    let id = ApplyId::new(content_id(
        "apl",
        &[plan.agent.as_str().as_bytes(), &At(now).nanoseconds().to_le_bytes(), &earlier.to_le_bytes()],
    ));
    connection
        .prepare_cached(
            "INSERT INTO applies (id, agent, action, target, author, begun, before, after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id.as_str(),
            plan.agent.as_str(),
            plan.action.as_str(),
            plan.target.as_ref().map(ApplyId::as_str),
            author,
            At(now),
            Hex(before),
            Hex(after),
        ])?;
    add_lessons(connection, &id, plan)?;
    for (step, document) in plan.documents.iter().enumerate() {
        add_step(connection, &id, step as u32, document)?;
    }
    let note = format!("{} documents, {} lessons", plan.documents.len(), plan.lessons.len());
    audit::append(
        connection,
        &AuditEntry {
            agent: Some(plan.agent.clone()),
            lessons: plan.lessons.iter().map(|planned| planned.lesson.clone()).collect(),
            apply: Some(id.clone()),
            before: Some(before),
            after: Some(after),
            note: Some(note),
            ..AuditEntry::new(author, plan.action.as_str())
        },
        now,
    )?;
    Ok(id)
}

/// What is written must be exactly what stands approved at this moment, whoever else decided since.
fn check_unchanged(connection: &Connection, plan: &ApplyPlan) -> Result<(), StoreError> {
    let needed = match plan.action {
        ApplyAction::Apply => State::Accepted,
        ApplyAction::Undo => State::Applied,
    };
    let collided = plan.collided.iter().map(|(planned, _)| planned);
    for planned in plan.lessons.iter().chain(&plan.satisfied).chain(collided) {
        let state = lessons::require(connection, &planned.lesson)?.state;
        if state != needed {
            let reason = format!("lesson {} is {} by now", planned.lesson, state.as_str());
            return Err(StoreError::Stale { reason });
        }
        if decisions::edit_of(connection, &planned.lesson)? != planned.edit {
            return Err(StoreError::Stale { reason: format!("lesson {} was edited since", planned.lesson) });
        }
    }
    Ok(())
}

fn add_lessons(connection: &Connection, apply: &ApplyId, plan: &ApplyPlan) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO apply_lessons (apply, position, lesson, dream, edit, fate) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let planned = plan.lessons.iter().map(|planned| (planned, Fate::Planned));
    let satisfied = plan.satisfied.iter().map(|planned| (planned, Fate::Satisfied));
    let collided = plan.collided.iter().map(|(planned, _)| (planned, Fate::Collided));
    for (position, (planned, fate)) in planned.chain(satisfied).chain(collided).enumerate() {
        statement.execute(params![
            apply.as_str(),
            position as u64,
            planned.lesson.as_str(),
            planned.dream.as_str(),
            planned.edit,
            Named(&fate),
        ])?;
        // These two end here: there is nothing to write for them.
        match fate {
            Fate::Satisfied => {
                lessons::advance(connection, &planned.lesson, Taken::Dropped, None)?;
            }
            Fate::Collided => {
                lessons::advance(connection, &planned.lesson, Taken::Collided, None)?;
            }
            Fate::Planned | Fate::Written => {}
        }
    }
    for (planned, reason) in &plan.collided {
        lessons::set_collision(connection, &planned.lesson, Some(reason))?;
    }
    Ok(())
}

fn add_step(
    connection: &Connection,
    apply: &ApplyId,
    step: u32,
    document: &PlannedDocument,
) -> Result<(), StoreError> {
    let content = match &document.content {
        Some(text) => Some(Hex(snapshots::put_document(connection, text)?)),
        None => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO outbox (apply, step, path, expected, content, lessons) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            apply.as_str(),
            step,
            document.path.as_str(),
            document.expected.map(Hex),
            content,
            Json(&document.lessons),
        ])?;
    Ok(())
}

/// Notes that a step is written. Saying it twice changes nothing and leaves one audit row.
pub(super) fn mark_written(
    connection: &Connection,
    apply: &ApplyId,
    step: u32,
    author: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let marked = connection
        .prepare_cached(
            "UPDATE outbox SET progress = 'written' WHERE apply = ?1 AND step = ?2 AND progress = 'waiting'",
        )?
        .execute(params![apply.as_str(), step])?;
    if marked == 0 {
        return Ok(());
    }
    let agent = require(connection, apply)?.agent;
    let Step { path, expected, content, lessons, .. } = steps(connection, apply)?
        .into_iter()
        .find(|written| written.step == step)
        .ok_or_else(|| StoreError::Unknown { what: "step", id: format!("{apply}/{step}") })?;
    audit::append(
        connection,
        &AuditEntry {
            agent: Some(agent),
            lessons,
            apply: Some(apply.clone()),
            path: Some(path),
            before: expected,
            after: content,
            ..AuditEntry::new(author, "write")
        },
        now,
    )?;
    Ok(())
}

/// Changes the journal of a running apply.
pub(super) fn revise(
    connection: &Connection,
    apply: &ApplyId,
    changes: &[StepChange],
    author: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let owner = require(connection, apply)?;
    let known = steps(connection, apply)?;
    let mut next = known.iter().map(|step| step.step + 1).max().unwrap_or(0);
    let mut set = connection.prepare_cached(
        "UPDATE outbox SET progress = ?3 WHERE apply = ?1 AND step = ?2 AND progress = 'waiting'",
    )?;
    for change in changes {
        match change {
            StepChange::Leave(step, dropped) => {
                set.execute(params![apply.as_str(), step, Named(Progress::Changed)])?;
                connection
                    .prepare_cached("UPDATE outbox SET lessons = ?3 WHERE apply = ?1 AND step = ?2")?
                    .execute(params![apply.as_str(), step, Json(dropped)])?;
                let path = known.iter().find(|known| known.step == *step).map(|known| known.path.clone());
                audit::append(
                    connection,
                    &AuditEntry {
                        agent: Some(owner.agent.clone()),
                        lessons: dropped.clone(),
                        apply: Some(apply.clone()),
                        path,
                        note: Some("changed meanwhile; left as it is".to_owned()),
                        ..AuditEntry::new(author, "leave")
                    },
                    now,
                )?;
            }
            StepChange::Drop(step) => {
                set.execute(params![apply.as_str(), step, Named(Progress::Replaced)])?;
            }
            StepChange::Instead(step, document) => {
                set.execute(params![apply.as_str(), step, Named(Progress::Replaced)])?;
                add_step(connection, apply, next, document)?;
                next += 1;
            }
        }
    }
    Ok(())
}

/// Ends an apply: its lessons are in the memory (or out of it), except those that collided on the way.
pub(super) fn finish(
    connection: &Connection,
    apply: &ApplyId,
    collided: &[(LessonId, String)],
    author: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let owner = require(connection, apply)?;
    if owner.ended.is_some() {
        return Ok(());
    }
    let waiting = steps(connection, apply)?.into_iter().any(|step| step.progress == Progress::Waiting);
    if waiting {
        return Err(StoreError::Stale { reason: format!("apply {apply} still has documents to write") });
    }
    let mut written = Vec::new();
    for (planned, fate) in lessons_of(connection, apply)? {
        if fate != Fate::Planned {
            continue;
        }
        let collision = collided.iter().find(|(lesson, _)| *lesson == planned.lesson);
        let fate =
            end_lesson(connection, &owner, &planned.lesson, collision.map(|(_, reason)| reason.as_str()))?;
        if fate == Fate::Written {
            written.push(planned.lesson.clone());
        }
        connection
            .prepare_cached("UPDATE apply_lessons SET fate = ?3 WHERE apply = ?1 AND lesson = ?2")?
            .execute(params![apply.as_str(), planned.lesson.as_str(), Named(&fate)])?;
    }
    connection
        .prepare_cached("UPDATE applies SET ended = ?2 WHERE id = ?1")?
        .execute(params![apply.as_str(), At(now)])?;
    let note = format!("{} lessons done, {} in conflict", written.len(), collided.len());
    audit::append(
        connection,
        &AuditEntry {
            agent: Some(owner.agent),
            lessons: written,
            apply: Some(apply.clone()),
            note: Some(note),
            ..AuditEntry::new(author, &format!("{}-end", owner.action.as_str()))
        },
        now,
    )?;
    Ok(())
}

fn end_lesson(
    connection: &Connection,
    apply: &Apply,
    lesson: &LessonId,
    collision: Option<&str>,
) -> Result<Fate, StoreError> {
    match (apply.action, collision) {
        (ApplyAction::Apply, None) => {
            lessons::advance(connection, lesson, Taken::Written, None)?;
            lessons::set_applied_by(connection, lesson, Some(&apply.id))?;
            lessons::set_collision(connection, lesson, None)?;
            Ok(Fate::Written)
        }
        (ApplyAction::Apply, Some(reason)) => {
            lessons::advance(connection, lesson, Taken::Collided, None)?;
            lessons::set_collision(connection, lesson, Some(reason))?;
            Ok(Fate::Collided)
        }
        (ApplyAction::Undo, None) => {
            lessons::advance(connection, lesson, Taken::TakenBack, None)?;
            lessons::set_applied_by(connection, lesson, None)?;
            Ok(Fate::Written)
        }
        // It stays in the memory, where it was.
        (ApplyAction::Undo, Some(_)) => Ok(Fate::Collided),
    }
}

/// Whether an apply that has not ended is about to write (or take back) a lesson.
pub(super) fn is_writing(connection: &Connection, lesson: &LessonId) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM apply_lessons l JOIN applies a ON a.id = l.apply
             WHERE l.lesson = ?1 AND a.ended IS NULL AND l.fate = 'planned'",
        )?
        .exists([lesson.as_str()])?)
}

const COLUMNS: &str = "id, agent, action, target, author, begun, ended, before, after";

/// Applies of one agent or of all, the newest first.
pub(super) fn all(connection: &Connection, agent: Option<&AgentId>) -> Result<Vec<Apply>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM applies WHERE ?1 IS NULL OR agent = ?1 ORDER BY seq DESC"
    ))?;
    let applies = statement.query_map([agent.map(AgentId::as_str)], from_row)?;
    Ok(applies.collect::<Result<_, _>>()?)
}

/// One apply.
pub(super) fn one(connection: &Connection, apply: &ApplyId) -> Result<Option<Apply>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM applies WHERE id = ?1"))?
        .query_row([apply.as_str()], from_row)
        .optional()?)
}

/// The apply of an agent that was cut off, if there is one.
pub(super) fn unfinished(connection: &Connection, agent: &AgentId) -> Result<Option<Apply>, StoreError> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM applies WHERE agent = ?1 AND ended IS NULL ORDER BY seq LIMIT 1"
        ))?
        .query_row([agent.as_str()], from_row)
        .optional()?)
}

fn require(connection: &Connection, apply: &ApplyId) -> Result<Apply, StoreError> {
    one(connection, apply)?.ok_or_else(|| StoreError::Unknown { what: "apply", id: apply.to_string() })
}

/// Lessons of an apply, in the order in which they were put together, and what became of each.
pub(super) fn lessons_of(
    connection: &Connection,
    apply: &ApplyId,
) -> Result<Vec<(PlannedLesson, Fate)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT lesson, dream, edit, fate FROM apply_lessons WHERE apply = ?1 ORDER BY position",
    )?;
    let rows = statement.query_map([apply.as_str()], |row| {
        let planned = PlannedLesson {
            lesson: LessonId::new(row.get::<_, String>(0)?),
            dream: DreamId::new(row.get::<_, String>(1)?),
            edit: row.get(2)?,
        };
        Ok((planned, row.get::<_, Named<_>>(3)?.0))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The writes of an apply, in order.
pub(super) fn steps(connection: &Connection, apply: &ApplyId) -> Result<Vec<Step>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT step, path, expected, content, lessons, progress FROM outbox WHERE apply = ?1 ORDER BY step",
    )?;
    let steps = statement.query_map([apply.as_str()], |row| {
        Ok(Step {
            step: row.get(0)?,
            path: row.get::<_, Path>(1)?.0,
            expected: row.get::<_, Option<Hex>>(2)?.map(|Hex(hash)| hash),
            content: row.get::<_, Option<Hex>>(3)?.map(|Hex(hash)| hash),
            lessons: row.get::<_, Json<_>>(4)?.0,
            progress: row.get::<_, Named<_>>(5)?.0,
        })
    })?;
    Ok(steps.collect::<Result<_, _>>()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Apply> {
    Ok(Apply {
        id: ApplyId::new(row.get::<_, String>(0)?),
        agent: AgentId::new(row.get::<_, String>(1)?),
        action: row.get::<_, Named<_>>(2)?.0,
        target: row.get::<_, Option<String>>(3)?.map(ApplyId::new),
        author: row.get(4)?,
        begun: row.get::<_, At>(5)?.0,
        ended: row.get::<_, Option<At>>(6)?.map(|At(at)| at),
        before: row.get::<_, Hex>(7)?.0,
        after: row.get::<_, Hex>(8)?.0,
    })
}
