//! One agent's memory: its documents, which lesson put which line there, and what was applied.
//!
//! The origin of a line is followed through the states of the memory before and after each apply: a
//! line that an apply brought keeps its origin for as long as it stays the same line; a line that
//! came between two applies came from someone else.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp};

use super::overview::size;
use super::{World, failure};
use crate::app::data::{AppliedLesson, Failure, HistoryEntry, MemoryDocument, MemoryView, Origin};
use crate::app::words::counted;
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::lesson::Lesson;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::tokens;
use crate::store::{Apply, ApplyAction, Fate, Progress, Reader, Step, StoreError};
use crate::sync::SyncError;

/// Applies that are followed back; lines older than these count as not from wakeful.
const FOLLOWED: usize = 100;

/// For each line of a document, which origin it has.
type Lines = HashMap<DocPath, Vec<Option<usize>>>;

impl World {
    /// The memory of an agent as last read.
    ///
    /// # Errors
    /// When the cache fails, or the memory was never read.
    pub fn memory(&self, id: &AgentId) -> Result<MemoryView, Failure> {
        let view = self.read(|reader| {
            let (Some(mut agent), Some(memory)) = (reader.agent(id)?, reader.memory(id)?) else {
                return Ok(None);
            };
            self.config.apply_to(&mut agent);
            let lessons = Self::statements(reader)?;
            let applies = reader.applies(Some(id))?;
            let (origins, lines) = self.origins(reader, &applies, &memory, &lessons)?;
            let documents =
                memory.iter().map(|(path, text)| document(path, text, lines.get(path), &origins)).collect();
            let history =
                applies.iter().map(|apply| history(reader, apply, &lessons)).collect::<Result<_, _>>()?;
            Ok::<_, SyncError>(Some(MemoryView {
                agent: id.clone(),
                size: size(&memory, &agent.budget),
                budget: agent.budget,
                documents,
                history,
            }))
        });
        view.map_err(failure)?
            .ok_or_else(|| Failure::new("The memory of this agent was not read yet", "Sync reads it"))
    }

    fn origins(
        &self,
        reader: &Reader,
        applies: &[Apply],
        memory: &Snapshot,
        lessons: &HashMap<LessonId, Lesson>,
    ) -> Result<(Vec<Origin>, Lines), SyncError> {
        let mut origins = Vec::new();
        let mut lines = Lines::new();
        let mut last = Snapshot::new();
        let followed = applies.iter().take(FOLLOWED).filter(|apply| apply.ended.is_some());
        for apply in followed.collect::<Vec<_>>().into_iter().rev() {
            let (before, after) = (reader.snapshot(apply.before)?, reader.snapshot(apply.after)?);
            carry(&mut lines, &last, &before, &mut |_, _| None);
            let steps = reader.apply_steps(&apply.id)?;
            let texts = self.inserted(reader, apply)?;
            carry(&mut lines, &before, &after, &mut |path, line| {
                // Taking a lesson back brings nothing of its own.
                if apply.action == ApplyAction::Undo || line.trim().is_empty() {
                    return None;
                }
                let lesson = whose(path, line, &steps, &texts);
                Some(origin(&mut origins, apply, lesson, lessons))
            });
            last = after;
        }
        carry(&mut lines, &last, memory, &mut |_, _| None);
        Ok((origins, lines))
    }

    /// The texts that lessons of an apply brought, to tell which of them a line is from.
    fn inserted(&self, reader: &Reader, apply: &Apply) -> Result<Vec<(LessonId, String)>, SyncError> {
        let mut texts = Vec::new();
        for (planned, _) in reader.apply_lessons(&apply.id)? {
            let text = match planned.edit {
                Some(edit) => edit,
                None => {
                    let Some(located) = reader.locate(&planned.lesson)? else { continue };
                    let cutting = self.cuttings.of(reader, &planned.dream)?;
                    let cut = cutting.lessons.iter().find(|cut| cut.key == located.key);
                    cut.map_or_else(String::new, |cut| cut.inserted.clone())
                }
            };
            texts.push((planned.lesson, text));
        }
        Ok(texts)
    }
}

/// The lesson that brought a line: the only one that wrote the document, or the one whose text has it.
fn whose(path: &DocPath, line: &str, steps: &[Step], texts: &[(LessonId, String)]) -> Option<LessonId> {
    let step = steps.iter().find(|step| step.path == *path && step.progress == Progress::Written);
    let candidates = step.map_or(&[][..], |step| step.lessons.as_slice());
    if let [only] = candidates {
        return Some(only.clone());
    }
    let has = |text: &str| text.lines().any(|other| other.trim() == line.trim());
    texts.iter().find(|(id, text)| candidates.contains(id) && has(text)).map(|(id, _)| id.clone())
}

fn origin(
    origins: &mut Vec<Origin>,
    apply: &Apply,
    lesson: Option<LessonId>,
    lessons: &HashMap<LessonId, Lesson>,
) -> usize {
    if let Some(at) = origins.iter().position(|known| known.lesson == lesson && known.at == apply.begun) {
        return at;
    }
    let statement = lesson
        .as_ref()
        .and_then(|id| lessons.get(id))
        .map_or_else(|| format!("applied by {}", apply.author), |lesson| lesson.statement.clone());
    origins.push(Origin { lesson, statement, at: apply.begun });
    origins.len() - 1
}

/// Carries the origins of lines over from one state of the memory to the next.
fn carry(
    lines: &mut Lines,
    from: &Snapshot,
    to: &Snapshot,
    origin_of: &mut dyn FnMut(&DocPath, &str) -> Option<usize>,
) {
    let mut carried = Lines::new();
    for (path, text) in to.iter() {
        // A document that only changed its name keeps its lines.
        let source = if from.get(path).is_some() {
            Some(path)
        } else {
            from.iter().find(|(old, was)| to.get(old).is_none() && *was == text).map(|(old, _)| old)
        };
        let old = source.and_then(|path| from.get(path)).map_or("", |text| text.as_ref());
        let known = source.and_then(|path| lines.get(path));
        let known = |line: usize| known.and_then(|lines| lines.get(line)).copied().flatten();
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), text.lines().collect());
        let mut origins = vec![None; new.len()];
        for op in similar::capture_diff_slices(Algorithm::Patience, &old, &new) {
            let kept = matches!(op, DiffOp::Equal { .. });
            for (offset, line) in op.new_range().enumerate() {
                let origin = if kept {
                    known(op.old_range().start + offset)
                } else {
                    new.get(line).and_then(|text| origin_of(path, text))
                };
                if let Some(slot) = origins.get_mut(line) {
                    *slot = origin;
                }
            }
        }
        carried.insert(path.clone(), origins);
    }
    *lines = carried;
}

/// A document with only the origins that it has lines of.
fn document(
    path: &DocPath,
    text: &std::sync::Arc<str>,
    lines: Option<&Vec<Option<usize>>>,
    origins: &[Origin],
) -> MemoryDocument {
    let mut used: Vec<usize> = Vec::new();
    let lines = lines.map_or(&[][..], Vec::as_slice).iter().map(|origin| {
        let origin = (*origin)?;
        let at = used.iter().position(|known| *known == origin).unwrap_or_else(|| {
            used.push(origin);
            used.len() - 1
        });
        Some(at as u32)
    });
    let lines = lines.collect();
    MemoryDocument {
        path: path.clone(),
        tokens: tokens::estimate(text),
        text: text.clone(),
        lines,
        origins: used.iter().filter_map(|at| origins.get(*at).cloned()).collect(),
    }
}

fn history(
    reader: &Reader,
    apply: &Apply,
    lessons: &HashMap<LessonId, Lesson>,
) -> Result<HistoryEntry, StoreError> {
    let held = reader.held_by(&apply.id)?;
    let planned = reader.apply_lessons(&apply.id)?;
    let shown: Vec<AppliedLesson> = planned
        .iter()
        .filter(|(_, fate)| *fate != Fate::Collided)
        .map(|(planned, _)| AppliedLesson {
            statement: lessons
                .get(&planned.lesson)
                .map_or_else(|| planned.lesson.to_string(), |lesson| lesson.statement.clone()),
            stands: held.contains(&planned.lesson),
            lesson: planned.lesson.clone(),
        })
        .collect();
    let steps = reader.apply_steps(&apply.id)?;
    let documents: Vec<DocPath> =
        steps.into_iter().filter(|step| step.progress == Progress::Written).map(|step| step.path).collect();
    let count = counted(shown.len() as u64, "lesson");
    let outcome = match (apply.ended, apply.action) {
        (None, _) => format!("{count}, cut off"),
        (_, ApplyAction::Apply) => format!("{count} written"),
        (_, ApplyAction::Undo) => format!("{count} taken back"),
    };
    let undoable = match (apply.ended, apply.action) {
        (None, _) => Err("it was cut off and is finished first".to_owned()),
        (_, ApplyAction::Undo) => Err("it took lessons back; accept them again instead".to_owned()),
        _ if held.is_empty() => Err("nothing of it is in the memory any more".to_owned()),
        _ => Ok(()),
    };
    Ok(HistoryEntry {
        apply: apply.id.clone(),
        at: apply.begun,
        by: apply.author.clone(),
        outcome,
        undoable,
        lessons: shown,
        documents,
    })
}
