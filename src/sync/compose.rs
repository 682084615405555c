//! Accepted lessons, from however many dreams, put together over a memory.
//!
//! Owns: the order in which the lessons of several dreams are combined, and a small store of dreams
//! that were cut before. Must not know: what is decided or written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::SyncError;
use crate::domain::ids::{DreamId, LessonId};
use crate::domain::lesson::{DocumentChange, Lesson};
use crate::domain::lifecycle::State;
use crate::domain::memory::{ContentHash, Snapshot};
use crate::lesson::{Choice, Cutting, Fate, Rebased, combine, cut, cut_whole, rebase, take_out};
use crate::store::{LessonQuery, PlannedLesson, Reader, StoreError};

/// Dreams kept cut: cutting a large memory takes a noticeable moment, and the same few are asked for
/// again and again.
const KEPT: usize = 8;

/// Dreams cut into lessons, and carried over to the memory as it is.
#[derive(Default)]
pub struct Cuttings {
    cut: Mutex<Recent<DreamId, Cutting>>,
    carried: Mutex<Recent<(DreamId, ContentHash), Rebased>>,
}

impl Cuttings {
    /// With nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The lessons of a dream, with what it takes to combine them.
    ///
    /// # Errors
    /// When the dream or its snapshots are not in the cache.
    pub fn of(&self, reader: &Reader, dream: &DreamId) -> Result<Arc<Cutting>, SyncError> {
        let mut recent = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get(dream, || {
            let unknown = || StoreError::Unknown { what: "dream", id: dream.to_string() };
            let found = reader.dream(dream)?.ok_or_else(unknown)?;
            let proposed = found.proposed.ok_or_else(unknown)?;
            let whole = found.manifest.is_some_and(|manifest| manifest.whole);
            let (base, proposed) = (reader.snapshot(found.base)?, reader.snapshot(proposed)?);
            Ok(if whole { cut_whole(&base, &proposed) } else { cut(&base, &proposed) })
        })
    }

    /// The lessons of a dream carried over to the snapshot with this hash.
    ///
    /// # Errors
    /// When the dream or a snapshot is not in the cache.
    pub fn over(
        &self,
        reader: &Reader,
        dream: &DreamId,
        memory: ContentHash,
    ) -> Result<Arc<Rebased>, SyncError> {
        let mut recent = self.carried.lock().unwrap_or_else(PoisonError::into_inner);
        recent.get(&(dream.clone(), memory), || {
            Ok(rebase(self.of(reader, dream)?.as_ref(), &reader.snapshot(memory)?))
        })
    }
}

/// The last few values made, the latest used last.
struct Recent<K, V>(Vec<(K, Arc<V>)>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq + Clone, V> Recent<K, V> {
    fn get(&mut self, key: &K, make: impl FnOnce() -> Result<V, SyncError>) -> Result<Arc<V>, SyncError> {
        let value = match self.0.iter().position(|(known, _)| known == key) {
            Some(at) => self.0.remove(at).1,
            None => Arc::new(make()?),
        };
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push((key.clone(), Arc::clone(&value)));
        Ok(value)
    }
}

/// Lessons to put together, dream by dream.
pub(super) struct Composition {
    layers: Vec<Layer>,
}

struct Layer {
    cutting: Arc<Cutting>,
    /// The dream wrote into the memory itself: nothing is left to write for what is accepted of it.
    in_force: bool,
    /// Lessons of such a dream that were taken out of the memory before.
    out: BTreeSet<usize>,
    parts: Vec<Part>,
}

struct Part {
    lesson: LessonId,
    /// Its place among the lessons of the dream; `None` if cutting no longer finds it.
    index: Option<usize>,
    edit: Option<String>,
    /// It leaves a memory that it is in.
    takes_out: bool,
}

/// A memory with lessons in it, and without those that are to leave it.
pub(super) struct Composed {
    /// The memory.
    pub snapshot: Snapshot,
    /// What became of each chosen lesson.
    pub fates: BTreeMap<LessonId, Fate>,
}

impl Composition {
    /// Finds the lessons again in their dreams. Dreams come in the order of their first lesson.
    pub fn load(reader: &Reader, cuttings: &Cuttings, lessons: &[PlannedLesson]) -> Result<Self, SyncError> {
        let mut dreams: Vec<&DreamId> = Vec::new();
        for planned in lessons {
            if !dreams.contains(&&planned.dream) {
                dreams.push(&planned.dream);
            }
        }
        let mut layers = Vec::with_capacity(dreams.len());
        for dream in dreams {
            let cutting = cuttings.of(reader, dream)?;
            let mut parts = Vec::new();
            for planned in lessons.iter().filter(|planned| planned.dream == *dream) {
                let located = reader
                    .locate(&planned.lesson)?
                    .ok_or_else(|| StoreError::Unknown { what: "lesson", id: planned.lesson.to_string() })?;
                let index = cutting.lessons.iter().position(|lesson| lesson.key == located.key);
                let (lesson, edit) = (planned.lesson.clone(), planned.edit.clone());
                parts.push(Part { lesson, index, edit, takes_out: planned.takes_out });
            }
            let in_force = reader.dream(dream)?.is_some_and(|dream| dream.is_in_force());
            let out = if in_force { taken_out(reader, dream, &cutting, &parts)? } else { BTreeSet::new() };
            layers.push(Layer { cutting, in_force, out, parts });
        }
        Ok(Self { layers })
    }

    /// Puts the chosen lessons into a memory, one dream after the other.
    pub fn over(&self, memory: &Snapshot, chosen: &dyn Fn(&LessonId) -> bool) -> Composed {
        let mut snapshot = memory.clone();
        let mut fates = BTreeMap::new();
        for layer in &self.layers {
            if layer.in_force {
                snapshot = layer.take_out(&snapshot, chosen, &mut fates);
                continue;
            }
            let rebased = rebase(&layer.cutting, &snapshot);
            let mut choice = Choice::default();
            for part in layer.parts.iter().filter(|part| chosen(&part.lesson)) {
                let fate = fate_of(part, &rebased);
                if let (Fate::Clean, Some(index)) = (&fate, part.index) {
                    choice.accepted.insert(index);
                    if let Some(text) = &part.edit {
                        choice.edits.insert(index, text.clone());
                    }
                }
                fates.insert(part.lesson.clone(), fate);
            }
            snapshot = combine(&rebased.cutting, &choice);
        }
        Composed { snapshot, fates }
    }

    /// The documents that a lesson changes, as its dream has them.
    pub fn documents(&self, lesson: &LessonId) -> &[DocumentChange] {
        self.layers
            .iter()
            .find_map(|layer| {
                let index = layer.parts.iter().find(|part| part.lesson == *lesson)?.index?;
                Some(layer.cutting.lessons.get(index)?.documents.as_slice())
            })
            .unwrap_or_default()
    }

    /// Lessons that cutting no longer finds in their dream.
    pub fn lost(&self) -> BTreeSet<LessonId> {
        let parts = self.layers.iter().flat_map(|layer| &layer.parts);
        parts.filter(|part| part.index.is_none()).map(|part| part.lesson.clone()).collect()
    }
}

impl Layer {
    /// Takes the chosen lessons that are to leave out of a memory; those that may stay are there already.
    fn take_out(
        &self,
        memory: &Snapshot,
        chosen: &dyn Fn(&LessonId) -> bool,
        fates: &mut BTreeMap<LessonId, Fate>,
    ) -> Snapshot {
        let parts = || self.parts.iter().filter(|part| chosen(&part.lesson));
        let going = parts().filter(|part| part.takes_out).filter_map(|part| part.index).collect();
        let out = take_out(&self.cutting, memory, &going, &self.out);
        for part in parts() {
            let fate = match part.index {
                None => lost(),
                Some(_) if !part.takes_out && part.edit.is_some() => no_place(),
                Some(_) if !part.takes_out => Fate::Satisfied,
                Some(index) => out.fates.get(&index).cloned().unwrap_or(Fate::Satisfied),
            };
            fates.insert(part.lesson.clone(), fate);
        }
        out.memory
    }
}

/// Lessons of a dream that were taken out of the memory, besides those that are being put together.
fn taken_out(
    reader: &Reader,
    dream: &DreamId,
    cutting: &Cutting,
    parts: &[Part],
) -> Result<BTreeSet<usize>, SyncError> {
    let query =
        LessonQuery { dream: Some(dream.clone()), states: vec![State::Rejected], ..LessonQuery::default() };
    let mut out = BTreeSet::new();
    for lesson in reader.lessons(&query)?.into_iter().filter(Lesson::is_taken_out) {
        if parts.iter().all(|part| part.lesson != lesson.id) {
            let key = reader.locate(&lesson.id)?.map(|located| located.key);
            out.extend(cutting.lessons.iter().position(|lesson| Some(&lesson.key) == key.as_ref()));
        }
    }
    Ok(out)
}

fn fate_of(part: &Part, rebased: &Rebased) -> Fate {
    let fate = part.index.and_then(|index| match &part.edit {
        None => rebased.fate.get(index).cloned(),
        Some(_) => rebased.fate_of_edited(index),
    });
    fate.unwrap_or_else(lost)
}

fn lost() -> Fate {
    Fate::Conflict(
        "another version of wakeful proposed it and this one no longer finds it; dream again".to_owned(),
    )
}

fn no_place() -> Fate {
    Fate::Conflict("the memory already has the text as it was proposed, so your edit has no place".to_owned())
}
