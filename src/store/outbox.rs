//! The journal of writes to memory stores: what is to be written is on the disk before anything is.
//!
//! Owns: changing `applies`, `apply_lessons` and `outbox`, and how lessons end when an apply does. Must
//! not know: sources, or how the texts were put together.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::applies::{
    self, Apply, ApplyAction, ApplyPlan, Fate, PlannedDocument, PlannedLesson, Progress, Step, StepChange,
};
use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::values::{At, Hex, Json, Named};
use super::{decisions, lessons, snapshots};
use crate::domain::ids::{ApplyId, LessonId, content_id};
use crate::domain::lifecycle::{State, Step as Taken};
use crate::domain::text::counted;

/// Puts a plan on the disk, after checking that it still is what the reviewer decided.
pub(super) fn begin(
    connection: &Connection,
    plan: &ApplyPlan,
    author: &str,
    now: Timestamp,
) -> Result<ApplyId, StoreError> {
    if let Some(open) = applies::unfinished(connection, &plan.agent)? {
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
    let note = format!(
        "{}, {}",
        counted(plan.documents.len() as u64, "document"),
        counted(plan.lessons.len() as u64, "lesson")
    );
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

/// Sends lessons of a plan that writes nothing where they belong. The trail says so; the memory has no version
/// more.
pub(super) fn settle(
    connection: &Connection,
    plan: &ApplyPlan,
    author: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    check_unchanged(connection, plan)?;
    for planned in &plan.satisfied {
        lessons::advance(connection, &planned.lesson, Taken::Dropped, None)?;
    }
    for (planned, reason) in &plan.collided {
        lessons::advance(connection, &planned.lesson, Taken::Collided, None)?;
        lessons::set_collision(connection, &planned.lesson, Some(reason))?;
    }
    let satisfied: Vec<LessonId> = plan.satisfied.iter().map(|planned| planned.lesson.clone()).collect();
    let collided: Vec<LessonId> = plan.collided.iter().map(|(planned, _)| planned.lesson.clone()).collect();
    for (action, lessons, note) in [
        ("drop", satisfied, "the memory says it already; nothing was written"),
        ("return", collided, "back in review: the memory changed underneath; nothing was written"),
    ] {
        if !lessons.is_empty() {
            let entry = AuditEntry {
                agent: Some(plan.agent.clone()),
                lessons,
                note: Some(note.to_owned()),
                ..AuditEntry::new(author, action)
            };
            audit::append(connection, &entry, now)?;
        }
    }
    Ok(())
}

/// What is written must be exactly what stands approved at this moment, whoever else decided since.
fn check_unchanged(connection: &Connection, plan: &ApplyPlan) -> Result<(), StoreError> {
    let needed = |planned: &PlannedLesson| match plan.action {
        _ if planned.takes_out => State::Rejected,
        ApplyAction::Apply => State::Accepted,
        ApplyAction::Undo => State::Applied,
    };
    let collided = plan.collided.iter().map(|(planned, _)| planned);
    for planned in plan.lessons.iter().chain(&plan.satisfied).chain(collided) {
        let state = lessons::require(connection, &planned.lesson)?.state;
        if state != needed(planned) {
            let reason = format!("lesson {} is {} by now", planned.lesson, state.as_str());
            return Err(StoreError::Stale { reason });
        }
        let out = lessons::is_taken_out(connection, &planned.lesson)?;
        if planned.takes_out && out == (plan.action == ApplyAction::Apply) {
            let reason = format!("lesson {} was taken out or put back since", planned.lesson);
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
        "INSERT INTO apply_lessons (apply, position, lesson, dream, edit, takes_out, fate, support)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT support FROM lessons WHERE id = ?3))",
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
            planned.takes_out,
            Named(&fate),
        ])?;
        // These two end here: there is nothing to write for them.
        match fate {
            // It is out already, whoever did that.
            Fate::Satisfied if planned.takes_out => {
                lessons::advance(connection, &planned.lesson, Taken::TakenOut, None)?;
                lessons::set_applied_by(connection, &planned.lesson, Some(apply))?;
            }
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
    let agent = applies::require(connection, apply)?.agent;
    let Step { path, expected, content, lessons, .. } = applies::steps(connection, apply)?
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
    let owner = applies::require(connection, apply)?;
    let known = applies::steps(connection, apply)?;
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
    let owner = applies::require(connection, apply)?;
    if owner.ended.is_some() {
        return Ok(());
    }
    let waiting =
        applies::steps(connection, apply)?.into_iter().any(|step| step.progress == Progress::Waiting);
    if waiting {
        return Err(StoreError::Stale { reason: format!("apply {apply} still has documents to write") });
    }
    let mut written = Vec::new();
    for (planned, fate) in applies::lessons_of(connection, apply)? {
        if fate != Fate::Planned {
            continue;
        }
        let collision = collided.iter().find(|(lesson, _)| *lesson == planned.lesson);
        let fate = end_lesson(connection, &owner, &planned, collision.map(|(_, reason)| reason.as_str()))?;
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
    let note = format!("{} done, {} in conflict", counted(written.len() as u64, "lesson"), collided.len());
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
    planned: &PlannedLesson,
    collision: Option<&str>,
) -> Result<Fate, StoreError> {
    let lesson = &planned.lesson;
    match (apply.action, collision) {
        (ApplyAction::Apply, None) if planned.takes_out => {
            lessons::advance(connection, lesson, Taken::TakenOut, None)?;
            lessons::set_applied_by(connection, lesson, Some(&apply.id))?;
            lessons::set_collision(connection, lesson, None)?;
            Ok(Fate::Written)
        }
        (ApplyAction::Undo, None) if planned.takes_out => {
            lessons::advance(connection, lesson, Taken::PutBack, None)?;
            lessons::set_applied_by(connection, lesson, None)?;
            Ok(Fate::Written)
        }
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
