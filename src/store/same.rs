//! The same lesson of several agents: in the same words, and edited by nobody.
//!
//! Owns: how they are found. Must not know: which of them stands for all, or what a decision on one does
//! to the others.

use jiff::Timestamp;
use rusqlite::Connection;

use super::error::StoreError;
use super::lessons::{COLUMNS, from_row};
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::lesson::{FROM_AGENTS, Lesson, Mark, SHARED, Severity};
use crate::domain::lifecycle::State;

/// Which other agents have the same lesson.
pub(super) fn mark(of: &str, others: &str) -> Mark {
    let (guard, text) = if AgentId::new(of).is_shared() {
        let text = format!(
            "found for {others}: accepting it here settles those that wait; what their own memories say already \
             stays there"
        );
        (FROM_AGENTS, text)
    } else {
        (SHARED, format!("also a lesson for {others}: a decision on one holds for all that wait"))
    };
    Mark { guard: guard.to_owned(), severity: Severity::Info, text }
}

/// Lessons of other agents in the same words that nobody edited and that wait for a decision, were rejected, or
/// stand as this one does. Of a shared memory's lesson those in the words it was proposed in, also once it was
/// edited.
pub(super) fn twins(
    connection: &Connection,
    lesson: &LessonId,
    now: Timestamp,
) -> Result<Vec<Lesson>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM lessons l JOIN lessons o ON o.statement = l.statement AND o.kind = l.kind \
         WHERE o.id = ?1 AND (NOT o.edited OR o.agent = ?2) AND l.kind = 'add' AND l.agent <> o.agent \
               AND (l.state IN ('pending', 'snoozed', 'rejected') OR l.state = o.state) AND NOT l.edited \
         ORDER BY l.agent, l.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let lessons =
        statement.query_map([lesson.as_str(), AgentId::shared().as_str()], |row| from_row(row, now))?;
    Ok(lessons.collect::<Result<_, _>>()?)
}

/// Lessons in one of some states that other agents have in the same words, in one of these states.
pub(super) fn all(
    connection: &Connection,
    states: &[State],
    now: Timestamp,
) -> Result<Vec<Lesson>, StoreError> {
    let names: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let states = format!("('{}')", names.join("', '"));
    let sql = format!(
        "SELECT {COLUMNS} FROM lessons l JOIN agents a ON a.id = l.agent AND a.present = 1 \
         WHERE l.state IN {states} AND l.kind = 'add' AND (NOT l.edited OR l.agent = ?1) AND EXISTS (\
             SELECT 1 FROM lessons t WHERE t.statement = l.statement AND t.kind = 'add' AND t.agent <> l.agent \
                 AND (NOT t.edited OR t.agent = ?1) AND t.state IN {states}) \
         ORDER BY l.agent, l.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let lessons = statement.query_map([AgentId::shared().as_str()], |row| from_row(row, now))?;
    Ok(lessons.collect::<Result<_, _>>()?)
}
