//! One agent's memory: its documents, what put which line there, its versions and what each changed.

use std::collections::HashMap;

use super::overview::size;
use super::{World, failure};
use crate::app::data::{
    AppliedLesson, DocumentText, Failure, HistoryEntry, MemoryDocument, MemoryView, Origin, OriginKind,
    Preview, SeenVersion, VersionId, VersionTexts,
};
use crate::app::words::counted;
use crate::domain::ids::{AgentId, ApplyId, LessonId};
use crate::domain::lesson::{Change, Lesson};
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::remote::Author;
use crate::domain::tokens;
use crate::store::{Apply, ApplyAction, Fate, Progress, Reader, StoreError};
use crate::sync::blame::{self, BlamedDocument, Cause};
use crate::sync::{SyncError, restore};

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
            let blamed = blame::blame(reader, &self.cuttings, &agent)?.unwrap_or_default();
            let documents = blamed.documents.iter().map(|document| shown(document, &blamed.causes)).collect();
            let applies = reader.applies(Some(id))?;
            let left: HashMap<ApplyId, u64> = reader
                .memory_log(id)?
                .into_iter()
                .filter_map(|version| Some((version.apply?, version.seq)))
                .collect();
            let history = applies
                .iter()
                .map(|apply| history(reader, apply, &lessons, left.get(&apply.id).copied()))
                .collect::<Result<_, _>>()?;
            Ok::<_, SyncError>(Some(MemoryView {
                agent: id.clone(),
                size: size(&memory, &agent.budget),
                budget: agent.budget,
                documents,
                history,
                seen: seen(reader, id)?,
            }))
        });
        view.map_err(failure)?
            .ok_or_else(|| Failure::new("The memory of this agent was not read yet", "Sync reads it"))
    }

    /// Works out what putting a document back to how a version left it would do, and keeps the plan.
    ///
    /// # Errors
    /// When the version is not known, the document is as it was, or memory and cache can't be read.
    pub fn plan_put_back(
        &self,
        token: u64,
        id: &AgentId,
        path: &DocPath,
        version: &VersionId,
    ) -> Result<Preview, Failure> {
        let planned = self.with_agent(id, |context| {
            let gone = || StoreError::Unknown { what: "version", id: format!("{version:?}") };
            let log = context.reader.memory_log(id)?;
            let left = |seq: &u64| log.iter().find(|version| version.seq == *seq);
            let (snapshot, at) = match version {
                VersionId::Apply(apply) => {
                    let apply = context.reader.apply(apply)?.ok_or_else(gone)?;
                    let found = log.iter().find(|version| version.apply.as_ref() == Some(&apply.id));
                    (found.map_or(apply.after, |version| version.snapshot), apply.begun)
                }
                VersionId::Seen(seq) => left(seq).map(|v| (v.snapshot, v.seen_at)).ok_or_else(gone)?,
            };
            let wanted = context.reader.snapshot(snapshot)?.get(path).cloned();
            Ok((context.agent.clone(), at, restore::document(context, path, wanted)?))
        });
        let (agent, at, plan) = planned.map_err(failure)?;
        if plan.documents.is_empty() {
            return Err(Failure::plain(format!("{path} is as it was at that version; nothing to put back")));
        }
        let mut shown = super::write::shown(&agent.name, &plan, &[]);
        let when = at.strftime("%Y-%m-%d %H:%M UTC");
        shown.warnings.insert(
            0,
            format!(
                "puts {path} back to how it was on {when}: what came into it since goes out, lessons included; \
                 the apply can be undone"
            ),
        );
        self.keep_plans(super::Previewed {
            number: token,
            plans: vec![(agent, plan)],
            same: Vec::new(),
            adopts: false,
        });
        Ok(Preview { plans: vec![shown], ..Preview::default() })
    }

    /// What a version of a memory changed.
    ///
    /// # Errors
    /// When the cache fails, or no longer has the version.
    pub fn version(&self, agent: &AgentId, id: &VersionId) -> Result<VersionTexts, Failure> {
        let gone = || StoreError::Unknown { what: "version", id: format!("{id:?}") };
        let (before, after) = self
            .read(|reader| {
                let log = reader.memory_log(agent)?;
                match id {
                    VersionId::Apply(apply) => {
                        let apply = reader.apply(apply)?.ok_or_else(gone)?;
                        let found = log.iter().find(|version| version.apply.as_ref() == Some(&apply.id));
                        let after = found.map_or(apply.after, |version| version.snapshot);
                        Ok((reader.snapshot(apply.before)?, reader.snapshot(after)?))
                    }
                    VersionId::Seen(number) => {
                        let at = log.iter().position(|version| version.seq == *number).ok_or_else(gone)?;
                        let hash = |at: usize| log.get(at).map(|version| version.snapshot);
                        let after = reader.snapshot(hash(at).ok_or_else(gone)?)?;
                        let before = hash(at + 1).map(|hash| reader.snapshot(hash)).transpose()?;
                        Ok::<_, StoreError>((before.unwrap_or_default(), after))
                    }
                }
            })
            .map_err(failure)?;
        Ok(VersionTexts { documents: differences(&before, &after) })
    }
}

/// Documents that differ, with a document that only changed its name as one.
fn differences(before: &Snapshot, after: &Snapshot) -> Vec<DocumentText> {
    let renamed = |path: &DocPath, text: &str| {
        let source = before.iter().find(|(old, was)| after.get(old).is_none() && ***was == *text);
        source.map(|(old, _)| old.clone()).filter(|_| before.get(path).is_none())
    };
    let mut documents = Vec::new();
    let mut moved = Vec::new();
    for (path, text) in after.iter().filter(|(path, text)| before.get(path) != Some(text)) {
        let (change, was) = match (before.get(path), renamed(path, text)) {
            (Some(was), _) => (Change::Modified, was.clone()),
            (None, Some(old)) => {
                moved.push(old.clone());
                (Change::Renamed(old), text.clone())
            }
            (None, None) => (Change::Created, "".into()),
        };
        documents.push(DocumentText { path: path.clone(), change, before: was, after: text.clone() });
    }
    for (path, text) in before.iter().filter(|(path, _)| after.get(path).is_none() && !moved.contains(path)) {
        let (before, after) = (text.clone(), "".into());
        documents.push(DocumentText { path: path.clone(), change: Change::Deleted, before, after });
    }
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    documents
}

/// States that were not wakeful's doing.
fn seen(reader: &Reader, agent: &AgentId) -> Result<Vec<SeenVersion>, StoreError> {
    let log = reader.memory_log(agent)?;
    let oldest = log.last().map(|version| version.seq);
    let outside = log.into_iter().filter(|version| version.apply.is_none());
    Ok(outside
        .map(|version| SeenVersion {
            number: version.seq,
            at: version.seen_at,
            tokens: version.tokens,
            first: Some(version.seq) == oldest,
        })
        .collect())
}

/// A document with only the origins that it has lines of.
fn shown(document: &BlamedDocument, causes: &[Cause]) -> MemoryDocument {
    let mut used: Vec<usize> = Vec::new();
    let lines = document.lines.iter().map(|cause| {
        let cause = (*cause)?;
        let at = used.iter().position(|known| *known == cause).unwrap_or_else(|| {
            used.push(cause);
            used.len() - 1
        });
        Some(at as u32)
    });
    let lines = lines.collect();
    MemoryDocument {
        path: document.path.clone(),
        tokens: tokens::estimate(&document.text),
        text: document.text.clone(),
        lines,
        origins: used.iter().filter_map(|at| causes.get(*at)).map(origin).collect(),
    }
}

fn origin(cause: &Cause) -> Origin {
    let plain = |kind, statement: String, by: String, at| Origin {
        kind,
        lesson: None,
        statement,
        by,
        at,
        support_then: None,
        support_now: None,
        stands: false,
    };
    match cause {
        Cause::Lesson { lesson, statement, by, at, support_then, support_now, stands, .. } => Origin {
            kind: OriginKind::Lesson,
            lesson: Some(lesson.clone()),
            statement: statement.clone(),
            by: by.clone(),
            at: *at,
            support_then: *support_then,
            support_now: *support_now,
            stands: *stands,
        },
        Cause::Apply { undo: true, by, at, .. } => {
            plain(OriginKind::Undo, "put back when a lesson was taken out".to_owned(), by.clone(), *at)
        }
        Cause::Apply { by, at, .. } => {
            plain(OriginKind::Apply, "written with several lessons".to_owned(), by.clone(), *at)
        }
        Cause::Actor { author, at } => {
            plain(OriginKind::Actor, "as the store's own records say".to_owned(), author_name(author), *at)
        }
        Cause::Outside { seen } => {
            plain(OriginKind::Outside, "changed outside wakeful".to_owned(), String::new(), *seen)
        }
    }
}

fn author_name(author: &Author) -> String {
    match author {
        Author::Session { id } => format!("session {id}"),
        Author::ApiKey { id } => format!("key {id}"),
        Author::User { id } => format!("person {id}"),
        Author::ServiceAccount { id } => format!("service {id}"),
        Author::Other { name } => name.clone(),
    }
}

fn history(
    reader: &Reader,
    apply: &Apply,
    lessons: &HashMap<LessonId, Lesson>,
    left: Option<u64>,
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
    // Without lessons it put a document back, or took that back.
    let restores = planned.is_empty();
    let outcome = match (apply.ended, apply.action) {
        (None, _) if restores => "putting back was cut off".to_owned(),
        (_, ApplyAction::Apply) if restores => "put back to an earlier version".to_owned(),
        (_, ApplyAction::Undo) if restores => "putting back was undone".to_owned(),
        (None, _) => format!("{count}, cut off"),
        (_, ApplyAction::Apply) => format!("{count} written"),
        (_, ApplyAction::Undo) => format!("{count} undone"),
    };
    let undoable = match (apply.ended, apply.action) {
        (None, _) => Err("it was cut off and is finished first".to_owned()),
        (_, ApplyAction::Undo) => Err("it took lessons back; accept them again instead".to_owned()),
        _ if restores => Ok(()),
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
        left,
    })
}
