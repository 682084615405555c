//! Taking a dream over as a whole: every lesson of it, whatever was decided about each.
//!
//! Owns: the plan, which rejections it would pass over, and the decisions that agreeing makes. Must not know:
//! how it is asked.

use std::collections::BTreeSet;

use super::context::Context;
use super::error::SyncError;
use super::plan::{Plan, of_lessons};
use crate::domain::decision::Verdict;
use crate::domain::ids::{DreamId, LessonId};
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;
use crate::store::{Ask, LessonQuery};

/// What is recorded with each decision that comes of it.
const REASON: &str = "adopted with the whole dream";

/// What adopting a dream would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// What would be written. To carry it out its lessons have to be accepted: [`accept`] does that.
    pub plan: Plan,
    /// Lessons that a reviewer turned down and that it would write all the same.
    pub rejected: Vec<Rejected>,
}

/// A lesson that was turned down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which.
    pub lesson: LessonId,
    /// What it says.
    pub statement: String,
    /// Why it was turned down, in the reviewer's words.
    pub reason: Option<String>,
}

/// What writing all lessons of one dream would do, whatever was decided about them so far.
///
/// # Errors
/// When memory or cache can't be read, or an earlier apply was cut off and must be finished first.
pub fn plan(context: &Context<'_>, dream: &DreamId) -> Result<Adoption, SyncError> {
    let query = LessonQuery {
        agent: Some(context.agent.id.clone()),
        dream: Some(dream.clone()),
        states: vec![State::Pending, State::Accepted, State::Rejected, State::Snoozed, State::Conflict],
        ..LessonQuery::default()
    };
    let mut lessons = context.reader.lessons(&query)?;
    // What is in force needs no writing.
    lessons.retain(|lesson| !lesson.is_in_force());
    lessons.sort_by_key(|lesson| lesson.position);
    let turned_down: Vec<Lesson> =
        lessons.iter().filter(|lesson| lesson.state == State::Rejected).cloned().collect();
    let plan = of_lessons(context, lessons)?;
    let written: BTreeSet<&LessonId> = decided_by(&plan).collect();
    let mut rejected = Vec::new();
    for lesson in turned_down.into_iter().filter(|lesson| written.contains(&lesson.id)) {
        let last = context.reader.decisions(&lesson.id)?.into_iter().next_back();
        let reason = last.and_then(|decision| decision.reason).filter(|reason| !reason.trim().is_empty());
        rejected.push(Rejected { lesson: lesson.id, statement: lesson.statement, reason });
    }
    Ok(Adoption { plan, rejected })
}

/// Lessons that agreeing to the whole decides.
fn decided_by(plan: &Plan) -> impl Iterator<Item = &LessonId> {
    let collided = plan.conflicts.iter().map(|(lesson, _)| lesson);
    plan.lessons.iter().chain(&plan.satisfied).chain(collided)
}

/// Agreeing to the whole is agreeing to each lesson; the decisions are on record like any other.
///
/// # Errors
/// When the cache fails, or one can't be decided now; then nothing was recorded.
pub fn accept(context: &Context<'_>, plan: &Plan) -> Result<(), SyncError> {
    let mut asks = Vec::new();
    for lesson in decided_by(plan) {
        let state = context.reader.lesson(lesson)?.map(|lesson| lesson.state);
        if state != Some(State::Accepted) {
            let reason = Some(REASON.to_owned());
            asks.push(Ask { lesson: lesson.clone(), verdict: Verdict::Accept, reason });
        }
    }
    if !asks.is_empty() {
        context.writer.decide(&asks, context.by)?;
    }
    Ok(())
}
