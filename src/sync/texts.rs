//! The texts of one lesson, before and after, for whoever shows it.
//!
//! Owns: over which memory a lesson is shown. Must not know: how texts are compared or painted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::compose::Cuttings;
use super::error::SyncError;
use super::sides;
use crate::domain::ids::LessonId;
use crate::domain::lesson::{Change, Lesson};
use crate::domain::lifecycle::State;
use crate::domain::memory::{DocPath, Snapshot};
use crate::lesson::{Choice, CutLesson, Cutting, Fate, Rebased, combine};
use crate::store::{Reader, StoreError};

/// One document of a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTexts {
    /// Which, after the change unless it goes.
    pub path: DocPath,
    /// What happens to it.
    pub change: Change,
    /// Its text without the lesson; empty if there is none.
    pub before: Arc<str>,
    /// Its text with the lesson; empty if there is none.
    pub after: Arc<str>,
}

/// A lesson with its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonTexts {
    /// Documents it changes.
    pub documents: Vec<DocumentTexts>,
    /// The same as the dream proposed them, where the reviewer's text took their place.
    pub proposed: Vec<DocumentTexts>,
    /// The text it would bring, as proposed: what an editor starts from.
    pub inserted: String,
    /// The document that brings it.
    pub main: Option<DocPath>,
    /// The text it would take away.
    pub removed: String,
    /// What the memory as last read makes of it. Where it is there already, the texts are those of the
    /// dream; otherwise `before` is the memory now, also where it collides.
    pub fate: Fate,
    /// What a person edits to make a lesson fit that collides: a document with all sides in it, or several
    /// one below the other.
    pub to_fit: Option<String>,
    /// Where the note stands that says the same as one it takes away, and what that says.
    pub kept: Option<String>,
}

/// The texts of a lesson, with the reviewer's edit in them.
///
/// # Errors
/// When the lesson or its dream is not in the cache.
pub fn lesson_texts(
    reader: &Reader,
    cuttings: &Cuttings,
    lesson: &LessonId,
) -> Result<LessonTexts, SyncError> {
    let placed = Placed::find(reader, cuttings, lesson)?;
    let mut choice = Choice::of([placed.index]);
    if let Some(edit) = &placed.edit {
        choice.edits.insert(placed.index, edit.clone());
    }
    let over = placed.over();
    let (before, after) = (combine(over, &Choice::default()), combine(over, &choice));
    let part = placed.part()?;
    let sides = sides::of(reader, &placed)?;
    let to_fit = sides::question(&sides);
    let is_alone = sides.is_empty();
    let documents = match sides.as_slice() {
        [] => documents_of(&before, &after, part),
        _ => sides.into_iter().map(|side| side.texts).collect(),
    };
    // Where it collides, there are sides enough without the proposal beside them.
    let proposed = if placed.edit.is_some() && is_alone {
        documents_of(&before, &combine(over, &Choice::of([placed.index])), part)
    } else {
        Vec::new()
    };
    let twin = over.twin_of(placed.index, &after);
    let kept = twin.map(|(path, line, text)| {
        let text: Vec<&str> = text.split_whitespace().collect();
        format!("kept in {path}, line {line}: {}", text.join(" "))
    });
    Ok(LessonTexts {
        kept,
        documents,
        proposed,
        to_fit,
        inserted: part.inserted.clone(),
        main: placed.main_document().cloned(),
        removed: part.removed.clone(),
        fate: placed.fate.clone(),
    })
}

/// A lesson found again among those of its dream, and over the memory as last read.
pub(super) struct Placed {
    /// As the cache has it.
    pub lesson: Lesson,
    /// Its place among the lessons of the dream.
    pub index: usize,
    /// The reviewer's text, where there is one.
    pub edit: Option<String>,
    /// What the memory makes of it.
    pub fate: Fate,
    cutting: Arc<Cutting>,
    carried: Option<Arc<Rebased>>,
}

impl Placed {
    /// Finds a lesson.
    pub fn find(reader: &Reader, cuttings: &Cuttings, id: &LessonId) -> Result<Self, SyncError> {
        Self::of(reader, cuttings, reader.lesson(id)?.ok_or_else(|| unknown(id))?)
    }

    /// Places a lesson that was read already.
    pub fn of(reader: &Reader, cuttings: &Cuttings, lesson: Lesson) -> Result<Self, SyncError> {
        let id = &lesson.id;
        let located = reader.locate(id)?.ok_or_else(|| unknown(id))?;
        let cutting = cuttings.of(reader, &located.dream)?;
        let index =
            cutting.lessons.iter().position(|cut| cut.key == located.key).ok_or_else(|| unknown(id))?;
        let carried = match reader.memory_hash(&lesson.agent)? {
            Some(memory) => Some(cuttings.over(reader, &located.dream, memory)?),
            None => None,
        };
        // What is in the memory with the reviewer's text in it is no edit to be judged any more.
        let edited = located.edit.is_some() && lesson.state != State::Applied;
        let fate = carried.as_ref().and_then(|rebased| {
            if edited { rebased.fate_of_edited(index) } else { rebased.fate.get(index).cloned() }
        });
        let fate = fate.unwrap_or(Fate::Clean);
        Ok(Self { lesson, index, edit: located.edit, fate, cutting, carried })
    }

    /// The lessons to combine: over the memory now where this one fits it, else as the dream has them.
    pub fn over(&self) -> &Cutting {
        match &self.carried {
            Some(rebased) if self.fate == Fate::Clean && !self.is_written() => &rebased.cutting,
            _ => &self.cutting,
        }
    }

    /// Whether the memory has it, or had it until an apply took it out: what it changed is shown as it was then.
    pub fn is_written(&self) -> bool {
        let lesson = &self.lesson;
        lesson.state == State::Applied || lesson.is_in_force() || lesson.is_taken_out()
    }

    /// The document that the reviewer's text is written to.
    pub fn main_document(&self) -> Option<&DocPath> {
        self.cutting.main_document(self.index)
    }

    /// The lesson as its dream has it.
    pub fn part(&self) -> Result<&CutLesson, SyncError> {
        Ok(self.cutting.lessons.get(self.index).ok_or_else(|| unknown(&self.lesson.id))?)
    }
}

fn unknown(lesson: &LessonId) -> StoreError {
    StoreError::Unknown { what: "lesson", id: lesson.to_string() }
}

pub(super) fn documents_of(before: &Snapshot, after: &Snapshot, cut: &CutLesson) -> Vec<DocumentTexts> {
    let text =
        |snapshot: &Snapshot, path: &DocPath| snapshot.get(path).cloned().unwrap_or_else(|| Arc::from(""));
    let mut shown: BTreeSet<&DocPath> = BTreeSet::new();
    let mut documents = Vec::new();
    for document in &cut.documents {
        shown.insert(&document.path);
        let from = match &document.change {
            Change::Renamed(old) => {
                shown.insert(old);
                old
            }
            Change::Created | Change::Modified | Change::Deleted => &document.path,
        };
        // What the dream made new may be there by now, written by somebody else.
        let there = document.change == Change::Created && before.get(&document.path).is_some();
        if there && before.get(&document.path) == after.get(&document.path) {
            continue;
        }
        documents.push(DocumentTexts {
            path: document.path.clone(),
            change: if there { Change::Modified } else { document.change.clone() },
            before: text(before, from),
            after: text(after, &document.path),
        });
    }
    // Structure that comes along, such as a line of an index.
    let paths: BTreeSet<&DocPath> = before.paths().chain(after.paths()).collect();
    for path in paths {
        if before.get(path) != after.get(path) && !shown.contains(path) {
            let change = match (before.get(path), after.get(path)) {
                (None, _) => Change::Created,
                (_, None) => Change::Deleted,
                _ => Change::Modified,
            };
            documents.push(DocumentTexts {
                path: path.clone(),
                change,
                before: text(before, path),
                after: text(after, path),
            });
        }
    }
    documents
}
