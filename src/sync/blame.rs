//! Who put each line of an agent's memory there: which lesson, accepted by whom and when, on how many
//! sessions then and now; or which actor the store itself names; or somebody outside; or nobody known,
//! because it was there before wakeful looked.
//!
//! Owns: the states a memory went through and their causes, read from the cache. Must not know: how
//! lines are followed (that is [`Blame`]) or shown.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::compose::Cuttings;
use super::error::SyncError;
use super::onto;
use crate::domain::agent::Agent;
use crate::domain::decision::Verdict;
use crate::domain::ids::{ApplyId, LessonId};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::remote::{Author, MemoryRecord};
use crate::lesson::{Blame, beside};
use crate::store::{Apply, ApplyAction, Progress, Reader, Step};

/// States that are followed back; what is older counts as there from the start.
const FOLLOWED: usize = 400;

/// What put lines into a memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A lesson.
    Lesson {
        /// Which.
        lesson: LessonId,
        /// What it says. Untrusted text.
        statement: String,
        /// The apply that wrote it.
        apply: ApplyId,
        /// Who accepted it.
        by: String,
        /// When it was written.
        at: Timestamp,
        /// Sessions that supported it then, where that was kept.
        support_then: Option<u32>,
        /// Sessions that support it as last proposed.
        support_now: Option<u32>,
        /// Whether it still counts as being in the memory.
        stands: bool,
    },
    /// An apply or undo, where it can't be told which of its lessons it was.
    Apply {
        /// Which.
        apply: ApplyId,
        /// Whether it took lessons back.
        undo: bool,
        /// Who confirmed it.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// An actor that the store's own records name.
    Actor {
        /// Who.
        author: Author,
        /// When.
        at: Timestamp,
    },
    /// Somebody outside wakeful; when is only known to have been before this moment.
    Outside {
        /// When it was first seen.
        seen: Timestamp,
    },
}

/// One document with the cause of each line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlamedDocument {
    /// Which.
    pub path: DocPath,
    /// Its text.
    pub text: Arc<str>,
    /// For each line, which of [`Blamed::causes`]; `None`: it was there before wakeful.
    pub lines: Vec<Option<usize>>,
}

/// A memory with the cause of each line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blamed {
    /// Every cause that lines have, in the order they came about.
    pub causes: Vec<Cause>,
    /// Documents by path.
    pub documents: Vec<BlamedDocument>,
}

/// Who put each line of an agent's memory, as last read, there. `None` if the memory was never read.
/// Takes milliseconds to seconds, by the number of states followed; run it beside the screen.
///
/// # Errors
/// When the cache can't be read.
pub fn blame(reader: &Reader, cuttings: &Cuttings, agent: &Agent) -> Result<Option<Blamed>, SyncError> {
    let Some(memory) = reader.memory(&agent.id)? else { return Ok(None) };
    let mut causes = Causes::load(reader, agent)?;
    let mut events = events(reader, agent)?;
    events.drain(..events.len().saturating_sub(FOLLOWED));
    let mut blame: Option<Blame<usize>> = None;
    let mut earlier = Earlier::default();
    let step = |blame: &mut Option<Blame<usize>>,
                to: Snapshot,
                cause: &mut dyn FnMut(&DocPath, &str) -> Option<usize>| {
        match blame {
            Some(blame) => blame.step(to, cause),
            None => *blame = Some(Blame::begin(to)),
        }
    };
    for event in events {
        match event {
            Event::Seen { snapshot, at } => {
                let state = reader.snapshot(snapshot)?;
                step(&mut blame, state.clone(), &mut |path, _| Some(causes.outside(path, &state, at)));
            }
            Event::Apply { apply, after } => {
                let (steps, after) = (reader.apply_steps(&apply.id)?, reader.snapshot(after)?);
                let before = onto::without_it(reader, &apply, &steps, &after)?;
                let begun = apply.begun;
                step(&mut blame, before.clone(), &mut |path, _| Some(causes.outside(path, &before, begun)));
                if let Some(blame) = blame.as_ref().filter(|_| apply.action == ApplyAction::Apply) {
                    earlier.note(blame, &after);
                }
                let brought = brought(reader, cuttings, &apply)?;
                causes.enter(reader, &apply)?;
                step(&mut blame, after, &mut |path, line| match earlier
                    .of(path, line)
                    .filter(|_| apply.action == ApplyAction::Undo)
                {
                    Some(cause) => *cause,
                    None => Some(causes.of(&apply, path, line, &steps, &brought)),
                });
            }
        }
    }
    let seen = reader.memory_log(&agent.id)?.first().map_or(Timestamp::UNIX_EPOCH, |version| version.seen_at);
    step(&mut blame, memory.clone(), &mut |path, _| Some(causes.outside(path, &memory, seen)));
    let documents = memory
        .iter()
        .map(|(path, text)| BlamedDocument {
            path: path.clone(),
            text: text.clone(),
            lines: blame.as_ref().map_or_else(Vec::new, |blame| blame.of(path).to_vec()),
        })
        .collect();
    Ok(Some(Blamed { causes: causes.list, documents }))
}

/// Lines that applies took out, each with its cause: an undo that puts one back did not write it.
#[derive(Default)]
struct Earlier(HashMap<DocPath, HashMap<String, Option<usize>>>);

impl Earlier {
    /// Notes the lines of documents that an apply changes.
    fn note(&mut self, blame: &Blame<usize>, after: &Snapshot) {
        for (path, text) in blame.state().iter().filter(|(path, text)| after.get(path) != Some(text)) {
            let kept: HashSet<&str> = after.get(path).map(|text| text.lines().collect()).unwrap_or_default();
            let lines = text.lines().zip(blame.of(path)).filter(|(line, _)| !kept.contains(line));
            let lines = lines.map(|(line, cause)| (line.to_owned(), *cause));
            self.0.entry(path.clone()).or_default().extend(lines);
        }
    }

    fn of(&self, path: &DocPath, line: &str) -> Option<&Option<usize>> {
        self.0.get(path)?.get(line)
    }
}

/// Something after which the memory was in a known state.
enum Event {
    Seen { snapshot: ContentHash, at: Timestamp },
    Apply { apply: Apply, after: ContentHash },
}

/// What is known of a memory, oldest first.
fn events(reader: &Reader, agent: &Agent) -> Result<Vec<Event>, SyncError> {
    let versions = reader.memory_log(&agent.id)?;
    let mut events: Vec<(Timestamp, u64, Event)> = Vec::new();
    for apply in reader.applies(Some(&agent.id))?.into_iter().rev().filter(|apply| apply.ended.is_some()) {
        // As it was really found afterwards, which is not what was planned where something changed.
        let seen = versions.iter().find(|version| version.apply.as_ref() == Some(&apply.id));
        let (at, seq) = seen.map_or((apply.begun, u64::MAX), |version| (version.seen_at, version.seq));
        let after = seen.map_or(apply.after, |version| version.snapshot);
        events.push((at, seq, Event::Apply { apply, after }));
    }
    for version in versions.into_iter().filter(|version| version.apply.is_none()) {
        let at = version.seen_at;
        events.push((at, version.seq, Event::Seen { snapshot: version.snapshot, at }));
    }
    // Stable: what has the same moment stays in the order in which it was noted.
    events.sort_by_key(|(at, seq, _)| (*at, *seq));
    Ok(events.into_iter().map(|(_, _, event)| event).collect())
}

/// What a lesson of an apply brought, to tell which of them a line is from.
struct Brought {
    lesson: LessonId,
    /// Its own text, as the reviewer left it.
    text: String,
    /// What came along with it, such as a line of an index.
    beside: String,
}

fn brought(reader: &Reader, cuttings: &Cuttings, apply: &Apply) -> Result<Vec<Brought>, SyncError> {
    let mut all = Vec::new();
    for (planned, _) in reader.apply_lessons(&apply.id)? {
        let cutting = cuttings.of(reader, &planned.dream)?;
        let located = reader.locate(&planned.lesson)?;
        let index = located.and_then(|located| cutting.lessons.iter().position(|cut| cut.key == located.key));
        let part = index.and_then(|index| cutting.lessons.get(index));
        let beside = match (index, &planned.edit) {
            (Some(index), Some(edit)) => beside(&cutting, index, edit),
            _ => part.map(|part| part.beside.clone()).unwrap_or_default(),
        };
        let text = planned.edit.or_else(|| part.map(|part| part.inserted.clone())).unwrap_or_default();
        all.push(Brought { lesson: planned.lesson, text, beside });
    }
    Ok(all)
}

/// What is known of a lesson of an apply.
#[derive(Debug, Clone)]
struct Known {
    statement: String,
    /// Who accepted it.
    by: String,
    support_then: Option<u32>,
    support_now: Option<u32>,
    stands: bool,
}

/// Causes found so far, and what they are told from.
struct Causes {
    list: Vec<Cause>,
    records: Vec<MemoryRecord>,
    /// Lessons of the apply that is being followed.
    lessons: HashMap<LessonId, Known>,
}

impl Causes {
    fn load(reader: &Reader, agent: &Agent) -> Result<Self, SyncError> {
        let records = if agent.memory_at.is_empty() {
            Vec::new()
        } else {
            reader.memory_records(&agent.memory_at, None)?
        };
        Ok(Self { list: Vec::new(), records, lessons: HashMap::new() })
    }

    /// Learns what is known of the lessons of an apply.
    fn enter(&mut self, reader: &Reader, apply: &Apply) -> Result<(), SyncError> {
        let held = reader.held_by(&apply.id)?;
        self.lessons.clear();
        for (id, then) in reader.supports_then(&apply.id)? {
            let Some(lesson) = reader.lesson(&id)? else { continue };
            let accepted = reader
                .decisions(&id)?
                .into_iter()
                .rev()
                .find(|decision| decision.verdict == Verdict::Accept && decision.at <= apply.begun);
            let by = accepted.map_or_else(|| apply.author.clone(), |decision| decision.by);
            let stands = held.contains(&id);
            let known = Known {
                statement: lesson.statement,
                by,
                support_then: then,
                support_now: lesson.support.sessions,
                stands,
            };
            self.lessons.insert(id, known);
        }
        Ok(())
    }

    fn put(&mut self, cause: Cause) -> usize {
        // Lines come in runs, so the one looked for is almost always among the last.
        if let Some(at) = self.list.iter().rposition(|known| *known == cause) {
            return at;
        }
        self.list.push(cause);
        self.list.len() - 1
    }

    /// Somebody outside, named where the store's own records say who wrote this very text.
    fn outside(&mut self, path: &DocPath, state: &Snapshot, seen: Timestamp) -> usize {
        let hash = state.get(path).map(|text| ContentHash::of(text.as_bytes()));
        let of_path = |record: &&MemoryRecord| {
            record.path.as_deref().is_some_and(|known| known.trim_start_matches('/') == path.relative())
        };
        // The newest first, and the text may have been written the same twice.
        let record =
            self.records.iter().filter(of_path).find(|record| record.content == hash && hash.is_some());
        let cause = match record.and_then(|record| record.author.clone().map(|author| (author, record.at))) {
            Some((author, at)) => Cause::Actor { author, at },
            None => Cause::Outside { seen },
        };
        self.put(cause)
    }

    fn of(
        &mut self,
        apply: &Apply,
        path: &DocPath,
        line: &str,
        steps: &[Step],
        brought: &[Brought],
    ) -> usize {
        let undo = apply.action == ApplyAction::Undo;
        let lesson = if undo { None } else { whose(path, line, steps, brought) };
        let known = lesson.and_then(|id| self.lessons.get(&id).map(|known| (id, known.clone())));
        let cause = match known {
            Some((lesson, Known { statement, by, support_then, support_now, stands })) => Cause::Lesson {
                lesson,
                statement,
                apply: apply.id.clone(),
                by,
                at: apply.begun,
                support_then,
                support_now,
                stands,
            },
            None => {
                let (apply, by, at) = (apply.id.clone(), apply.author.clone(), apply.begun);
                Cause::Apply { apply, undo, by, at }
            }
        };
        self.put(cause)
    }
}

/// The lesson that brought a line: the only one that wrote the document, or the one whose text has it, or the
/// only one with which it came along.
fn whose(path: &DocPath, line: &str, steps: &[Step], brought: &[Brought]) -> Option<LessonId> {
    let step = steps.iter().find(|step| step.path == *path && step.progress == Progress::Written);
    let candidates = step.map_or(&[][..], |step| step.lessons.as_slice());
    if let [only] = candidates {
        return Some(only.clone());
    }
    let has = |text: &str| text.lines().any(|other| other.trim() == line.trim());
    let candidates = || brought.iter().filter(|brought| candidates.contains(&brought.lesson));
    let own = candidates().find(|brought| has(&brought.text));
    let mut along = candidates().filter(|brought| has(&brought.beside));
    // Structure that came with several, such as a heading above their texts, is of none of them alone.
    let along = along.next().filter(|_| along.next().is_none());
    own.or(along).map(|brought| brought.lesson.clone())
}
