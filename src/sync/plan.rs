//! What an apply or an undo would do, before it does anything.
//!
//! Owns: the preview a person confirms, and the order of writes. Must not know: the journal's
//! progress, or how plans are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compose::Composition;
use super::context::Context;
use super::error::SyncError;
use super::limits;
use crate::domain::agent::Budget;
use crate::domain::ids::{AgentId, DreamId, LessonId};
use crate::domain::lesson::{COLLISION, Change, Lesson, Mark, Severity};
use crate::domain::lifecycle::State;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::guard::budget::MemorySize;
use crate::guard::protected::Directives;
use crate::guard::repeated::Notes;
use crate::guard::{self, Subject, secrets};
use crate::lesson::{CutLesson, Fate, beside, lesson_id};
use crate::store::{ApplyAction, ApplyPlan, LessonQuery, PlannedDocument, PlannedLesson, Progress};

/// One document that would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocPlan {
    /// Which.
    pub path: DocPath,
    /// What happens to it.
    pub change: Change,
    /// Its text now; for a renamed document, at its old path. `None` if it comes to exist.
    pub before: Option<Arc<str>>,
    /// Its text then; `None` if it goes.
    pub after: Option<Arc<str>>,
    /// Lessons that change it.
    pub lessons: Vec<LessonId>,
}

/// What the guards say of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which guard, and what it says.
    pub text: String,
    /// The lessons it is about; none where it is about all of them together, as the size of a memory is.
    pub lessons: Vec<LessonId>,
    /// It is so already, and the plan makes it no worse.
    pub standing: bool,
}

/// What would be done. Nothing of it has happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Whose memory.
    pub agent: AgentId,
    /// Whether lessons go in or out.
    pub action: ApplyAction,
    /// Documents that would change, by path.
    pub documents: Vec<DocPlan>,
    /// Lessons that would be written, or taken back.
    pub lessons: Vec<LessonId>,
    /// Those of `lessons` that go the other way: a dream wrote them into the memory itself and the reviewer
    /// turned them down, so an apply takes them out and an undo puts them back.
    pub takes_out: Vec<LessonId>,
    /// Accepted lessons that the memory says already, and rejected ones that are out already; nothing is
    /// written for them.
    pub satisfied: Vec<LessonId>,
    /// Lessons left out because the memory changed where they would write, and where.
    pub conflicts: Vec<(LessonId, String)>,
    /// Accepted lessons left out because a guard forbids writing them, and why.
    pub blocked: Vec<(LessonId, String)>,
    /// Size of the memory now.
    pub before: MemorySize,
    /// Size of the memory then.
    pub after: MemorySize,
    /// Limits of that size.
    pub budget: Budget,
    /// What the guards warn of, each thing once.
    pub remarks: Vec<Remark>,
    pub(super) journal: ApplyPlan,
}

impl Plan {
    /// Whether there is nothing to write and nothing to note.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
            && self.lessons.is_empty()
            && self.satisfied.is_empty()
            && self.conflicts.is_empty()
    }

    /// Whether no document would change and no lesson go in or out: all there is to do is to send those that
    /// collide back to review and to drop those that the memory says already. What is found to be out already
    /// is noted as taken out by an apply, as its undo puts it back.
    #[must_use]
    pub fn writes_nothing(&self) -> bool {
        let out_already = self.journal.satisfied.iter().any(|planned| planned.takes_out);
        self.documents.is_empty() && self.lessons.is_empty() && !out_already
    }

    /// The memory as it would be.
    #[must_use]
    pub fn memory_after(&self) -> &Snapshot {
        &self.journal.after
    }
}

/// What writing all accepted lessons of an agent would do to its memory as it is now, and taking out what a
/// dream wrote there itself and the reviewer turned down.
///
/// # Errors
/// When memory or cache can't be read, or an earlier apply was cut off and must be finished first.
pub fn plan(context: &Context<'_>) -> Result<Plan, SyncError> {
    of_lessons(context, decided(context)?)
}

pub(super) fn of_lessons(context: &Context<'_>, lessons: Vec<Lesson>) -> Result<Plan, SyncError> {
    refuse_unfinished(context)?;
    let current = context.memory_now()?;
    let mut blocked = Vec::new();
    let mut planned = Vec::new();
    let mut marks = BTreeMap::new();
    for lesson in lessons {
        marks.insert(lesson.id.clone(), lesson.marks.clone());
        let edit = if lesson.edited { context.reader.edit_of(&lesson.id)? } else { None };
        let takes_out = lesson.state == State::Rejected && lesson.is_in_force();
        // What is forbidden to be in the memory may well leave it.
        let reason = if takes_out { None } else { forbidden(context, &lesson, edit.as_deref())? };
        match reason {
            Some(reason) => blocked.push((lesson.id, reason)),
            None => planned.push(PlannedLesson { lesson: lesson.id, dream: lesson.dream, edit, takes_out }),
        }
    }
    let composition = Composition::load(context.reader, context.cuttings, &planned)?;
    let (composed, over) = limits::compose(&composition, &current, &planned, context.source.limits());
    planned.retain(|planned| !over.contains_key(&planned.lesson));
    blocked.extend(over);
    let mut journal = ApplyPlan {
        agent: context.agent.id.clone(),
        action: ApplyAction::Apply,
        target: None,
        before: current,
        after: composed.snapshot,
        lessons: Vec::new(),
        satisfied: Vec::new(),
        collided: Vec::new(),
        documents: Vec::new(),
    };
    for lesson in planned {
        match composed.fates.get(&lesson.lesson) {
            Some(Fate::Clean) => journal.lessons.push(lesson),
            Some(Fate::Satisfied) => journal.satisfied.push(lesson),
            Some(Fate::Conflict(why)) => journal.collided.push((lesson, why.clone())),
            None => {}
        }
    }
    let mut plan = finish(journal, blocked, &composition, &context.agent.budget);
    for lesson in &plan.takes_out {
        marks.remove(lesson);
    }
    plan.remarks.splice(0..0, remarks(&plan.lessons, &marks));
    Ok(plan)
}

/// What the marks of the lessons of a plan warn of. The size is measured for all of them together, and what
/// collides is not among them: the plan was made on the memory as it is.
fn remarks(lessons: &[LessonId], marks: &BTreeMap<LessonId, Vec<Mark>>) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    for lesson in lessons {
        let worth = |mark: &&Mark| {
            mark.severity != Severity::Info
                && ![guard::budget::GUARD, COLLISION].contains(&mark.guard.as_str())
        };
        for mark in marks.get(lesson).into_iter().flatten().filter(worth) {
            let text = format!("{}: {}", mark.guard, mark.text);
            match remarks.iter_mut().find(|known| known.text == text) {
                Some(known) => known.lessons.push(lesson.clone()),
                None => remarks.push(Remark { text, lessons: vec![lesson.clone()], standing: false }),
            }
        }
    }
    remarks
}

/// Lessons that an apply has something to do for, in the order in which they are put together: earlier
/// dreams first.
fn decided(context: &Context<'_>) -> Result<Vec<Lesson>, SyncError> {
    let query = |state: State, dream: Option<&DreamId>| LessonQuery {
        agent: Some(context.agent.id.clone()),
        dream: dream.cloned(),
        states: vec![state],
        ..LessonQuery::default()
    };
    let mut lessons = context.reader.lessons(&query(State::Accepted, None))?;
    let dreams = context.reader.dreams(Some(&context.agent.id))?;
    for dream in dreams.iter().filter(|dream| dream.is_in_force()) {
        let rejected = context.reader.lessons(&query(State::Rejected, Some(&dream.id)))?;
        lessons.extend(rejected.into_iter().filter(|lesson| lesson.awaits_apply(lesson.state)));
    }
    let started: BTreeMap<_, _> = dreams.into_iter().map(|dream| (dream.id, dream.started)).collect();
    lessons.sort_by_cached_key(|lesson| {
        (started.get(&lesson.dream).copied(), lesson.dream.clone(), lesson.position)
    });
    Ok(lessons)
}

/// Why a guard forbids writing a lesson. An edited one is judged by the reviewer's text, which may have taken the
/// cause out or brought one in, and by the marks made when it was typed: a secret in it is kept masked.
fn forbidden(
    context: &Context<'_>,
    lesson: &Lesson,
    edit: Option<&str>,
) -> Result<Option<String>, SyncError> {
    let marks = match edit {
        None => lesson.marks.clone(),
        Some(text) => {
            let cutting = context.cuttings.of(context.reader, &lesson.dream)?;
            let is_it = |part: &CutLesson| lesson_id(&lesson.agent, &part.key) == lesson.id;
            let along = cutting.lessons.iter().position(is_it).map(|part| beside(&cutting, part, text));
            let mut found = guard::check(&Subject {
                kind: lesson.kind,
                // It is made from the text, which the guards see in full.
                statement: "",
                inserted: text,
                beside: along.as_deref().unwrap_or_default(),
                removed: "",
                documents: &lesson.documents,
                evidence: &[],
                support: &lesson.support,
                protected: &Directives::default(),
                memory: &Notes::EMPTY,
                before: MemorySize::default(),
                after: MemorySize::default(),
                budget: &context.agent.budget,
            });
            let typed = lesson.marks.iter().filter(|mark| mark.guard == secrets::GUARD);
            if secrets::is_masked(text) && found.iter().all(|mark| mark.guard != secrets::GUARD) {
                found.extend(typed.cloned());
            }
            found
        }
    };
    let reasons: Vec<String> =
        marks.into_iter().filter(|mark| mark.severity == Severity::Block).map(|mark| mark.text).collect();
    Ok((!reasons.is_empty()).then(|| reasons.join("; ")))
}

/// An apply that was cut off comes first: its documents may be half of what the memory is to be.
pub(super) fn refuse_unfinished(context: &Context<'_>) -> Result<(), SyncError> {
    let Some(open) = context.reader.unfinished_apply(&context.agent.id)? else { return Ok(()) };
    // What another process is writing right now is not cut off.
    drop(super::apply::lock(context)?);
    let steps = context.reader.apply_steps(&open.id)?;
    let written = steps.iter().filter(|step| step.progress == Progress::Written).count();
    Err(SyncError::Unfinished { apply: open.id, written, of: steps.len() })
}

/// Fills in the documents, and makes what a person looks at of it.
pub(super) fn finish(
    mut journal: ApplyPlan,
    blocked: Vec<(LessonId, String)>,
    composition: &Composition,
    budget: &Budget,
) -> Plan {
    let documents = changes(&journal, composition);
    journal.documents = writes(&journal, &documents);
    let name = |planned: &PlannedLesson| planned.lesson.clone();
    let (before, after) = (MemorySize::of(&journal.before, budget), MemorySize::of(&journal.after, budget));
    let size =
        guard::budget::of_plan((&journal.before, &before), (&journal.after, &after), budget).into_iter();
    Plan {
        agent: journal.agent.clone(),
        action: journal.action,
        lessons: journal.lessons.iter().map(name).collect(),
        takes_out: journal.lessons.iter().filter(|planned| planned.takes_out).map(name).collect(),
        satisfied: journal.satisfied.iter().map(name).collect(),
        conflicts: journal.collided.iter().map(|(planned, why)| (name(planned), why.clone())).collect(),
        blocked,
        before,
        after,
        remarks: size
            .map(|mark| Remark {
                text: format!("{}: {}", mark.guard, mark.text),
                lessons: Vec::new(),
                standing: mark.severity == Severity::Info,
            })
            .collect(),
        budget: budget.clone(),
        documents,
        journal,
    }
}

fn changes(journal: &ApplyPlan, composition: &Composition) -> Vec<DocPlan> {
    let (before, after) = (&journal.before, &journal.after);
    let mut renamed: BTreeMap<&DocPath, &DocPath> = BTreeMap::new();
    let mut touching: BTreeMap<&DocPath, BTreeSet<&LessonId>> = BTreeMap::new();
    for planned in &journal.lessons {
        for document in composition.documents(&planned.lesson) {
            touching.entry(&document.path).or_default().insert(&planned.lesson);
            if let Change::Renamed(old) = &document.change {
                touching.entry(old).or_default().insert(&planned.lesson);
                renamed.insert(&document.path, old);
            }
        }
    }
    let paths: BTreeSet<&DocPath> = before.paths().chain(after.paths()).collect();
    let mut documents = Vec::new();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        if old == new {
            continue;
        }
        let source = renamed.get(path).filter(|from| old.is_none() && after.get(from).is_none());
        let change = match (old, new, source) {
            (None, Some(_), Some(from)) => Change::Renamed((*from).clone()),
            (None, _, _) => Change::Created,
            (_, None, _) => Change::Deleted,
            _ => Change::Modified,
        };
        let lessons = match touching.get(path) {
            Some(lessons) => lessons.iter().map(|lesson| (*lesson).clone()).collect(),
            None => journal.lessons.iter().map(|planned| planned.lesson.clone()).collect(),
        };
        documents.push(DocPlan {
            path: path.clone(),
            change,
            before: old.or_else(|| before.get(source?)).cloned(),
            after: new.cloned(),
            lessons,
        });
    }
    documents
}

/// The writes, those that bring text first and those that take it away last: cut off in between, a
/// moved text is there twice rather than not at all.
fn writes(journal: &ApplyPlan, documents: &[DocPlan]) -> Vec<PlannedDocument> {
    let mut writes: Vec<PlannedDocument> = documents
        .iter()
        .map(|document| PlannedDocument {
            path: document.path.clone(),
            expected: journal.before.get(&document.path).map(|text| ContentHash::of(text.as_bytes())),
            content: document.after.clone(),
            lessons: document.lessons.clone(),
        })
        .collect();
    let length = |text: Option<&Arc<str>>| text.map_or(0, |text| text.len() as i64);
    writes.sort_by_key(|write| {
        let shrinks = length(journal.before.get(&write.path)) - length(write.content.as_ref());
        (write.content.is_none(), shrinks, write.path.clone())
    });
    writes
}
