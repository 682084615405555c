//! Which words of a few questions stand in which events, over all sessions of a pass.
//!
//! Owns: reading sessions once and keeping no more than the questions need. Must not know: scores,
//! or what an event says about a lesson.
//!
//! All questions are known before the sessions are read, so nothing but their words is indexed: memory
//! is eight bytes per event and eight per hit, whatever the sessions hold, and time is one reading of
//! them. A full-text table (FTS5) was the alternative; it indexes every word of every tool result at
//! 15 to 24 MB/s and ranks no better, because the ranking below is not one of its own.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::terms::{Stems, words};
use crate::domain::dream::Progress;
use crate::domain::session::{Corpus, Event, EventKind, SessionMeta};
use crate::transcript::echo::Echo;

/// The words of all questions.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    pub ids: FxHashMap<String, u32>,
}

impl Vocabulary {
    pub fn add(&mut self, term: &str) {
        let next = self.ids.len() as u32;
        if !self.ids.contains_key(term) {
            self.ids.insert(term.to_owned(), next);
        }
    }
}

/// An event with words in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passage {
    /// Position among all events of the session.
    pub event: u32,
    /// Words that say something.
    pub length: u32,
}

/// One question's word in one event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Posting {
    pub passage: u32,
    pub weight: f32,
}

/// Everything the ranking needs to know of the sessions.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub passages: Vec<Passage>,
    /// First passage of each session, and one more for the end.
    pub starts: Vec<u32>,
    /// Of each term, by passage.
    pub postings: Vec<Vec<Posting>>,
    /// Dates of passages as words, by term: they count half.
    pub dated: Vec<Vec<u32>>,
    /// Sessions that could not be read.
    pub unread: Vec<(u32, String)>,
}

/// Somebody stopped the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Tells how far a reading is, and hears when to stop.
pub(crate) struct Watch<'a> {
    pub stage: &'static str,
    pub progress: &'a (dyn Fn(Progress) + Sync),
    pub cancel: &'a AtomicBool,
}

impl Watch<'_> {
    /// Runs a job for each of the sessions in parallel; the answers keep the order.
    pub fn each<T: Send, J: Sync>(
        &self,
        jobs: &[J],
        job: impl Fn(&J) -> T + Sync,
    ) -> Result<Vec<T>, Stopped> {
        let done = AtomicU64::new(0);
        let told = Mutex::new(0);
        jobs.par_iter()
            .map(|item| {
                if self.cancel.load(Ordering::Relaxed) {
                    return Err(Stopped);
                }
                let answer = job(item);
                let now = done.fetch_add(1, Ordering::Relaxed) + 1;
                if let Ok(mut told) = told.lock()
                    && *told < now
                {
                    *told = now;
                    (self.progress)(Progress { stage: self.stage, done: now, total: jobs.len() as u64 });
                }
                Ok(answer)
            })
            .collect()
    }
}

/// Longest stretch of an event that is looked at, from its start and from its end.
const LONGEST_START: usize = 24 * 1024;
const LONGEST_END: usize = 8 * 1024;

/// The parts of a long text where what matters stands.
pub(crate) fn ends(text: &str) -> (&str, &str) {
    if text.len() <= LONGEST_START + LONGEST_END {
        return (text, "");
    }
    let start = text.floor_char_boundary(LONGEST_START);
    let end = text.ceil_char_boundary(text.len() - LONGEST_END);
    (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

/// Follows the events of a session and says which may speak about a lesson at all: what the client
/// injects, summaries, reasoning, and reading or writing memory are no evidence.
#[derive(Debug, Default)]
pub(crate) struct Relevance {
    echo: Echo,
    of_memory: Vec<String>,
    after_memory_call: bool,
}

impl Relevance {
    pub fn of(&mut self, event: &Event<'_>) -> bool {
        match event.kind {
            EventKind::Thinking | EventKind::Injected | EventKind::Rules | EventKind::Summary => false,
            EventKind::ToolCall => {
                let memory = self.echo.touches_memory(&event.text);
                if memory && let Some(call) = &event.call {
                    self.of_memory.push(call.clone().into_owned());
                }
                self.after_memory_call = memory;
                !memory
            }
            EventKind::ToolResult => match event.call.as_deref() {
                Some(call) => !self.of_memory.iter().any(|other| other == call),
                None => !self.after_memory_call,
            },
            EventKind::User | EventKind::Interrupt | EventKind::Assistant | EventKind::Outcome => true,
        }
    }
}

#[derive(Default)]
struct OneSession {
    passages: Vec<Passage>,
    hits: Vec<(u32, Posting)>,
    dated: Vec<(u32, u32)>,
    unread: Option<String>,
}

impl Index {
    /// Reads all sessions once, in parallel.
    pub fn read(
        vocabulary: &Vocabulary,
        sessions: &[&SessionMeta],
        corpus: &dyn Corpus,
        watch: &Watch<'_>,
    ) -> Result<Self, Stopped> {
        let read = watch.each(sessions, |session| one(vocabulary, session, corpus))?;
        let terms = vocabulary.ids.len();
        let mut index =
            Self { postings: vec![Vec::new(); terms], dated: vec![Vec::new(); terms], ..Self::default() };
        for (position, session) in read.into_iter().enumerate() {
            let first = index.passages.len() as u32;
            index.starts.push(first);
            index.passages.extend(session.passages);
            for (term, mut posting) in session.hits {
                posting.passage += first;
                if let Some(list) = index.postings.get_mut(term as usize) {
                    list.push(posting);
                }
            }
            for (term, passage) in session.dated {
                if let Some(list) = index.dated.get_mut(term as usize) {
                    list.push(first + passage);
                }
            }
            index.unread.extend(session.unread.map(|reason| (position as u32, reason)));
        }
        index.starts.push(index.passages.len() as u32);
        Ok(index)
    }

    /// The session a passage belongs to.
    pub fn session_of(&self, passage: u32) -> u32 {
        (self.starts.partition_point(|&start| start <= passage) as u32).saturating_sub(1)
    }
}

fn one(vocabulary: &Vocabulary, session: &SessionMeta, corpus: &dyn Corpus) -> OneSession {
    let mut out = OneSession::default();
    let stems = Stems::default();
    let mut known: FxHashMap<String, Option<u32>> = FxHashMap::default();
    let mut relevance = Relevance::default();
    let mut event_number = 0;
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    let read: io::Result<()> = corpus.read(session, &mut |_, event| {
        let number = event_number;
        event_number += 1;
        if !relevance.of(&event) || event.text.is_empty() {
            return;
        }
        counts.clear();
        let mut length = 0;
        let (start, end) = ends(&event.text);
        for word in words(start).iter().chain(&words(end)) {
            if super::terms::is_stop_word(word.text) {
                continue;
            }
            length += 1;
            let term = if let Some(term) = known.get(word.text) {
                *term
            } else {
                let term = stems.term(word.text).and_then(|term| vocabulary.ids.get(&term).copied());
                if known.len() < MOST_KNOWN {
                    known.insert(word.text.to_owned(), term);
                }
                term
            };
            if let Some(term) = term {
                *counts.entry(term).or_default() += 1;
            }
        }
        let passage = out.passages.len() as u32;
        out.passages.push(Passage { event: number, length });
        let mut hits: Vec<(u32, u32)> = counts.iter().map(|(term, count)| (*term, *count)).collect();
        hits.sort_unstable();
        out.hits
            .extend(hits.into_iter().map(|(term, count)| (term, Posting { passage, weight: count as f32 })));
        if let Some(at) = event.at {
            let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
            let names = [date.strftime("%B").to_string(), date.year().to_string(), date.day().to_string()];
            for term in names.iter().filter_map(|name| stems.term(name)) {
                out.dated.extend(vocabulary.ids.get(&term).map(|id| (*id, passage)));
            }
        }
    });
    out.unread = read.err().map(|error| error.to_string());
    out
}

/// Words whose term is remembered while a session is read.
const MOST_KNOWN: usize = 50_000;
