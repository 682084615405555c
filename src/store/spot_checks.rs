//! What reviewers said of places that a search found.
//!
//! Owns: the `spot_checks` table. Must not know: what verdicts say of the places nobody looked at.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::values::Json;
use crate::domain::checks::SpotCheck;
use crate::domain::ids::{AgentId, LessonId};

/// Keeps a check in the place of an earlier one of the same lesson.
pub(super) fn put(
    connection: &Connection,
    agent: &AgentId,
    lesson: &LessonId,
    check: &SpotCheck,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO spot_checks (lesson, body) VALUES (?1, ?2)")?
        .execute(params![lesson.as_str(), Json(check)])?;
    let note = format!(
        "{} of {} places confirmed; about {} to {} of {} sessions are real",
        check.right,
        check.right + check.wrong,
        check.low,
        check.high,
        check.found
    );
    let entry = AuditEntry {
        agent: Some(agent.clone()),
        lessons: vec![lesson.clone()],
        note: Some(note),
        ..AuditEntry::new(by, "spot-check")
    };
    audit::append(connection, &entry, now)?;
    Ok(())
}
