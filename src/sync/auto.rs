//! What an agent in mode `auto` takes into its memory without a person.
//!
//! Owns: which lessons may go in by themselves, and that they go the same way as any other: planned,
//! recorded as decisions, journalled, audited, and taken back like them. Must not know: who asked for
//! it, or how it is shown.

use super::apply::{self, Applied, Plan};
use super::context::Context;
use super::error::SyncError;
use super::plan;
use crate::domain::agent::Mode;
use crate::domain::decision::Verdict;
use crate::domain::dream::Progress;
use crate::domain::evidence::{Basis, Tier};
use crate::domain::ids::{DreamId, LessonId};
use crate::domain::lesson::{Kind, Lesson, Severity};
use crate::domain::lifecycle::State;
use crate::store::{Ask, LessonQuery};

/// Whom decisions and writes name that no person made.
pub const AUTHOR: &str = "auto";

/// Why the trail says that a lesson was accepted.
const REASON: &str = "the agent's mode is auto";

/// What came of a dream's lessons without a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing may go in by itself.
    Nothing,
    /// It would have, but the whole of it needs a look; nothing was decided or written.
    Waits(String),
    /// Written.
    Applied(Applied),
}

/// Accepts and writes what a dream found beyond doubt, if the agent's mode says so. Lessons that a
/// person accepted meanwhile stay where they are: they wait for that person's own apply.
///
/// # Errors
/// As [`apply::run`]. Unless the apply itself was cut off, nothing stays accepted.
pub fn run(
    context: &Context<'_>,
    dream: &DreamId,
    threshold: u32,
    progress: &dyn Fn(Progress),
) -> Result<Outcome, SyncError> {
    if context.agent.mode != Mode::Auto {
        return Ok(Outcome::Nothing);
    }
    let context = &Context { by: AUTHOR, ..*context };
    let chosen = chosen(context, dream, threshold)?;
    if chosen.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let ids: Vec<LessonId> = chosen.iter().map(|lesson| lesson.id.clone()).collect();
    let plan = plan::of_lessons(context, chosen)?;
    if let Some(reason) = doubt(&plan) {
        return Ok(Outcome::Waits(reason));
    }
    decide(context, &ids, &Verdict::Accept)?;
    match apply::run(&plan, context, progress) {
        Ok(applied) if applied.apply.is_none() => Ok(Outcome::Nothing),
        Ok(applied) => Ok(Outcome::Applied(applied)),
        // Journalled: `apply` goes on there.
        Err(error @ SyncError::Interrupted { .. }) => Err(error),
        Err(error) => {
            decide(context, &ids, &Verdict::Reopen)?;
            Err(error)
        }
    }
}

/// Whether a lesson may go in without a person, as far as it can be told from the lesson.
#[must_use]
pub fn is_beyond_doubt(lesson: &Lesson, threshold: u32) -> bool {
    let counted = lesson.support.basis == Basis::Verified
        && lesson.support.sessions.is_some_and(|sessions| sessions >= threshold);
    counted
        && lesson.state == State::Pending
        && !lesson.edited
        && lesson.tier == Tier::Established
        // What takes text away, or puts it elsewhere, is a person's to decide.
        && matches!(lesson.kind, Kind::Add | Kind::Revise)
        && lesson.marks.iter().all(|mark| mark.severity == Severity::Info)
}

fn chosen(context: &Context<'_>, dream: &DreamId, threshold: u32) -> Result<Vec<Lesson>, SyncError> {
    let query = LessonQuery {
        agent: Some(context.agent.id.clone()),
        dream: Some(dream.clone()),
        states: vec![State::Pending],
        ..LessonQuery::default()
    };
    let mut chosen = Vec::new();
    // What goes into a memory that others read is a person's to decide.
    let found = if context.agent.id.is_shared() { Vec::new() } else { context.reader.lessons(&query)? };
    for lesson in found {
        // What was decided before, or taken back, is never decided again behind a person's back.
        if is_beyond_doubt(&lesson, threshold) && context.reader.decisions(&lesson.id)?.is_empty() {
            chosen.push(lesson);
        }
    }
    chosen.sort_by_key(|lesson| lesson.position);
    Ok(chosen)
}

/// What speaks against writing all of it unseen.
fn doubt(plan: &Plan) -> Option<String> {
    let remark = plan.remarks.iter().find(|remark| !remark.standing).map(|remark| remark.text.clone());
    let collision = plan.conflicts.first().map(|(_, reason)| reason.clone());
    let forbidden = plan.blocked.first().map(|(_, reason)| reason.clone());
    forbidden.or(collision).or(remark)
}

fn decide(context: &Context<'_>, lessons: &[LessonId], verdict: &Verdict) -> Result<(), SyncError> {
    let ask = |lesson: &LessonId| Ask {
        lesson: lesson.clone(),
        verdict: verdict.clone(),
        reason: Some(REASON.to_owned()),
    };
    let asks: Vec<Ask> = lessons.iter().map(ask).collect();
    context.writer.decide(&asks, AUTHOR)?;
    Ok(())
}
