//! What a memory that changed makes of the lessons that wait: whether they still fit it, and what they make
//! of its size.
//!
//! Owns: which lessons are looked at again, and when that can be left out. Must not know: why the memory
//! changed.
//!
//! A mark says "would grow from 28 to 29 lines". After another lesson was written that is no longer true,
//! and a lesson that fitted yesterday may be the one too many today.

use std::collections::BTreeMap;

use super::compose::Cuttings;
use super::error::SyncError;
use super::texts::Placed;
use crate::domain::agent::{Agent, Budget};
use crate::domain::ids::LessonId;
use crate::domain::lesson::{COLLISION, Lesson, Mark};
use crate::domain::lifecycle::State;
use crate::guard::budget::{self, MemorySize};
use crate::lesson::{Choice, Fate, combine};
use crate::store::{LessonQuery, Reader, Writer};

/// Marks the lessons of an agent that no longer fit its memory as last read, and takes the mark from those that
/// do again. Only those in one of `states` are looked at; what an apply had found in collision and fits again
/// waits for a decision once more.
///
/// # Errors
/// When the cache fails.
pub fn collisions(
    reader: &Reader,
    writer: &Writer,
    cuttings: &Cuttings,
    agent: &Agent,
    states: &[State],
) -> Result<(), SyncError> {
    let query =
        LessonQuery { agent: Some(agent.id.clone()), states: states.to_vec(), ..LessonQuery::default() };
    let mut changed: BTreeMap<LessonId, Option<String>> = BTreeMap::new();
    for lesson in reader.lessons(&query)? {
        let Ok(Placed { lesson, fate, .. }) = Placed::of(reader, cuttings, lesson) else { continue };
        let reason = match fate {
            Fate::Conflict(reason) => Some(reason),
            Fate::Clean | Fate::Satisfied => None,
        };
        let is_marked = lesson.marks.iter().any(|mark| mark.guard == COLLISION);
        let ends = reason.is_none() && lesson.state == State::Conflict;
        // An apply may have had a reason of its own, and it is the one that says more.
        if ends || is_marked != reason.is_some() {
            changed.insert(lesson.id, reason);
        }
    }
    if changed.is_empty() { Ok(()) } else { Ok(writer.put_collisions(changed)?) }
}

/// Measures the lessons of an agent that may still be written against its memory as last read.
///
/// # Errors
/// When the cache fails.
pub fn sizes(reader: &Reader, writer: &Writer, cuttings: &Cuttings, agent: &Agent) -> Result<(), SyncError> {
    let Some(hash) = reader.memory_hash(&agent.id)? else { return Ok(()) };
    let size = MemorySize::of(&reader.snapshot(hash)?, &agent.budget);
    let query = LessonQuery {
        agent: Some(agent.id.clone()),
        states: vec![State::Pending, State::Accepted, State::Snoozed],
        ..LessonQuery::default()
    };
    let lessons = reader.lessons(&query)?;
    if is_far(&size, &agent.budget) && lessons.iter().all(|lesson| of_size(lesson).next().is_none()) {
        return Ok(());
    }
    let mut changed: BTreeMap<LessonId, Vec<Mark>> = BTreeMap::new();
    for lesson in lessons {
        // What no longer fits the memory is not measured: it says so itself.
        let Ok(placed) = Placed::of(reader, cuttings, lesson) else { continue };
        if placed.fate != Fate::Clean {
            continue;
        }
        let mut choice = Choice::of([placed.index]);
        choice.edits.extend(placed.edit.clone().map(|edit| (placed.index, edit)));
        let with = MemorySize::of(&combine(placed.over(), &choice), &agent.budget);
        let found = budget::check(&size, &with, &agent.budget);
        if !of_size(&placed.lesson).eq(&found) {
            changed.insert(placed.lesson.id, found);
        }
    }
    if changed.is_empty() { Ok(()) } else { Ok(writer.put_marks(budget::GUARD, changed)?) }
}

fn of_size(lesson: &Lesson) -> impl Iterator<Item = &Mark> {
    lesson.marks.iter().filter(|mark| mark.guard == budget::GUARD)
}

/// Whether no lesson can reach a limit from here. One that doubles a memory is not of this world, and is
/// still measured when it is proposed and when it is written.
fn is_far(size: &MemorySize, budget: &Budget) -> bool {
    let far = |now: u64, limit: u64| now.saturating_mul(2) < limit;
    far(size.tokens, budget.store_tokens)
        && budget.index_lines.is_none_or(|limit| far(size.index_lines, limit))
        && far(size.index_tokens, budget.index_tokens)
        && budget.index_bytes.is_none_or(|limit| far(size.index_bytes, limit))
}
