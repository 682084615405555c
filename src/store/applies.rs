//! Applies and undos: what was planned, how far it is, what became of it.
//!
//! Owns: the shapes of the journal and reading them back from `applies`, `apply_lessons` and `outbox`.
//! Must not know: sources, or how the texts were put together.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::values::{At, Hex, Json, Named, Path};
use crate::domain::ids::{AgentId, ApplyId, DreamId, LessonId};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};

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
    /// It is in the memory because its dream wrote it there itself, and the reviewer turned it down: it is
    /// taken out (and put back by an undo).
    pub takes_out: bool,
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
    /// Accepted lessons that the memory contains already, and those to be taken out that it does not.
    pub satisfied: Vec<PlannedLesson>,
    /// Lessons that collide with the memory, and where.
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
    /// Whether the place of the memory came to be by it, and was not taken away again.
    pub made_memory: bool,
}

/// Notes whether the place of the memory is this apply's doing.
pub(super) fn set_made_memory(
    connection: &Connection,
    apply: &ApplyId,
    made: bool,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE applies SET made_memory = ?2 WHERE id = ?1")?
        .execute(params![apply.as_str(), made])?;
    Ok(())
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

const COLUMNS: &str = "id, agent, action, target, author, begun, ended, before, after, made_memory";

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

/// One apply; an error if there is no such.
pub(super) fn require(connection: &Connection, apply: &ApplyId) -> Result<Apply, StoreError> {
    one(connection, apply)?.ok_or_else(|| StoreError::Unknown { what: "apply", id: apply.to_string() })
}

/// Lessons of an apply, in the order in which they were put together, and what became of each.
pub(super) fn lessons_of(
    connection: &Connection,
    apply: &ApplyId,
) -> Result<Vec<(PlannedLesson, Fate)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT lesson, dream, edit, takes_out, fate FROM apply_lessons WHERE apply = ?1 ORDER BY position",
    )?;
    let rows = statement.query_map([apply.as_str()], |row| {
        let planned = PlannedLesson {
            lesson: LessonId::new(row.get::<_, String>(0)?),
            dream: DreamId::new(row.get::<_, String>(1)?),
            edit: row.get(2)?,
            takes_out: row.get(3)?,
        };
        Ok((planned, row.get::<_, Named<_>>(4)?.0))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many sessions supported each lesson of an apply when it was planned, where that was kept.
pub(super) fn supports(
    connection: &Connection,
    apply: &ApplyId,
) -> Result<Vec<(LessonId, Option<u32>)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT lesson, support FROM apply_lessons WHERE apply = ?1")?;
    let rows = statement
        .query_map([apply.as_str()], |row| Ok((LessonId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
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
        made_memory: row.get(9)?,
    })
}
