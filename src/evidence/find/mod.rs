//! Finding the places in sessions that a lesson nobody gave evidence for may have come from.
//!
//! Owns: the question, the ranking and its weights. Must not know: whether a place supports a lesson;
//! that is for the judge. What is found is a candidate, and what is counted from it an estimate.
//!
//! The ranking is BM25 over stems, where the words of the events around count too (half for the one
//! before, a quarter for the one after), words of the date count half, and the session an event stands
//! in adds half of its own score. Measured on LoCoMo against plain BM25; the numbers are in
//! `tests/evidence_bench.rs`.

pub(crate) mod index;
pub mod terms;

use rustc_hash::FxHashMap;

pub use index::Stopped;
use index::{Index, Vocabulary};
pub(crate) use index::{Relevance, Watch, ends};
use terms::Stems;

use crate::domain::session::{Corpus, SessionMeta};

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    terms: Vec<String>,
}

impl Question {
    /// The question a text asks: its distinct words without stop words.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut terms = Stems::default().terms(text);
        terms.truncate(MOST_TERMS);
        Self { terms }
    }
}

/// An event that may be evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Position of the session among those given.
    pub session: u32,
    /// Position of the event in the session.
    pub event: u32,
    /// How well it fits; comparable within one question only.
    pub score: f64,
}

/// Words of a question that are looked for.
const MOST_TERMS: usize = 64;

/// How much the words of an event nearby count: by distance, before and after.
const NEARBY: [(i64, f64); 4] = [(-1, 0.5), (1, 0.25), (-2, 0.2), (2, 0.1)];

/// Long events near a passage are data, not context.
const LONGEST_NEARBY: u32 = 300;

/// How much words of the date count.
const DATE: f64 = 0.5;

/// BM25: how soon repetition stops to count, and how much length does, for events and for sessions.
const SATURATION: f64 = 1.2;
const LENGTH_OF_EVENT: f64 = 0.5;
const LENGTH_OF_SESSION: f64 = 0.75;

/// How much the session's own score adds to that of its events.
const SESSION: f64 = 0.5;

/// How much the best, second and third event of a session say about it, and its score as a whole.
const BEST: [f64; 3] = [1.0, 0.5, 0.25];
const WHOLE: f64 = 2.0;

/// Events that a rare term stands in: so many, and one in so many of all.
const RARE: usize = 2;
const RARE_SHARE: usize = 100;

/// An index over some sessions that answers the questions it was made for.
#[derive(Debug)]
pub struct Finder {
    vocabulary: Vocabulary,
    index: Index,
    /// Of each term: passages with their weighted counts, neighbours and dates included.
    spread: Vec<Vec<(u32, f64)>>,
    /// Of each term: sessions with their counts.
    whole: Vec<Vec<(u32, f64)>>,
    /// Weighted length of each passage, and the mean.
    lengths: Vec<f64>,
    mean_length: f64,
    session_lengths: Vec<f64>,
    mean_session_length: f64,
}

impl Finder {
    /// Reads the sessions once, in parallel, for all questions together.
    ///
    /// # Errors
    /// Only when it is stopped. Sessions that can't be read are in [`Finder::unread`].
    pub(crate) fn read(
        questions: &[Question],
        sessions: &[&SessionMeta],
        corpus: &dyn Corpus,
        watch: &Watch<'_>,
    ) -> Result<Self, Stopped> {
        let mut vocabulary = Vocabulary::default();
        questions.iter().flat_map(|question| &question.terms).for_each(|term| vocabulary.add(term));
        let index = Index::read(&vocabulary, sessions, corpus, watch)?;
        Ok(Self::over(vocabulary, index))
    }

    /// Reads sessions without anybody waiting for it.
    ///
    /// # Errors
    /// Never in practice: nobody stops it.
    pub fn new(
        questions: &[Question],
        sessions: &[&SessionMeta],
        corpus: &dyn Corpus,
    ) -> Result<Self, Stopped> {
        let never = std::sync::atomic::AtomicBool::new(false);
        Self::read(
            questions,
            sessions,
            corpus,
            &Watch { stage: "searching", progress: &|_| {}, cancel: &never },
        )
    }

    fn over(vocabulary: Vocabulary, index: Index) -> Self {
        let lengths = weighted_lengths(&index);
        let sessions = index.starts.len().saturating_sub(1);
        let mut session_lengths = vec![0.0; sessions];
        for (session, length) in session_lengths.iter_mut().enumerate() {
            let range = index.starts.get(session).zip(index.starts.get(session + 1));
            let passages = range.and_then(|(from, to)| index.passages.get(*from as usize..*to as usize));
            *length = passages.unwrap_or_default().iter().map(|p| f64::from(p.length)).sum();
        }
        let spread = (0..index.postings.len()).map(|term| spread(&index, term)).collect();
        let whole = index.postings.iter().map(|list| by_session(&index, list)).collect();
        Self {
            mean_length: mean(&lengths),
            mean_session_length: mean(&session_lengths),
            spread,
            whole,
            lengths,
            session_lengths,
            vocabulary,
            index,
        }
    }

    /// Sessions that could not be read, by position, with the reason.
    #[must_use]
    pub fn unread(&self) -> &[(u32, String)] {
        &self.index.unread
    }

    /// How much a term says: little if it stands in many events. One that stands nowhere says no more
    /// than a rare one: it may be the writer's own way to put things.
    #[must_use]
    pub fn weight(&self, term: &str) -> f64 {
        let all = self.lengths.len();
        let found = self.id(term).and_then(|id| self.index.postings.get(id)).map_or(0, Vec::len);
        rarity(found.max(RARE + all / RARE_SHARE), all)
    }

    /// The events that fit a question best.
    #[must_use]
    pub fn events(&self, question: &Question, most: usize) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self
            .scores(question)
            .into_iter()
            .filter_map(|(passage, score, whole)| {
                let event = self.index.passages.get(passage as usize)?.event;
                let session = self.index.session_of(passage);
                Some(Hit { session, event, score: score + SESSION * whole })
            })
            .collect();
        hits.sort_by(|a, b| {
            b.score.total_cmp(&a.score).then((a.session, a.event).cmp(&(b.session, b.event)))
        });
        hits.truncate(most);
        hits
    }

    /// The sessions that fit a question best, with their scores.
    #[must_use]
    pub fn sessions(&self, question: &Question, most: usize) -> Vec<(u32, f64)> {
        let mut of_session: FxHashMap<u32, (Vec<f64>, f64)> = FxHashMap::default();
        for (passage, score, whole) in self.scores(question) {
            let entry = of_session.entry(self.index.session_of(passage)).or_default();
            entry.0.push(score);
            entry.1 = whole;
        }
        let mut ranked: Vec<(u32, f64)> = of_session
            .into_iter()
            .map(|(session, (mut scores, whole))| {
                scores.sort_by(|a, b| b.total_cmp(a));
                let best: f64 = scores.iter().zip(BEST).map(|(score, weight)| score * weight).sum();
                (session, best + WHOLE * whole)
            })
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.truncate(most);
        ranked
    }

    fn id(&self, term: &str) -> Option<usize> {
        self.vocabulary.ids.get(term).map(|id| *id as usize)
    }

    /// Every passage with any word of the question in reach: its own score and that of its session.
    fn scores(&self, question: &Question) -> Vec<(u32, f64, f64)> {
        let mut passages: FxHashMap<u32, f64> = FxHashMap::default();
        let mut sessions: FxHashMap<u32, f64> = FxHashMap::default();
        for id in question.terms.iter().filter_map(|term| self.id(term)) {
            let spread = self.spread.get(id).map_or(&[][..], Vec::as_slice);
            let idf = rarity(spread.len(), self.lengths.len());
            for &(passage, count) in spread {
                let length = self.lengths.get(passage as usize).copied().unwrap_or(0.0) / self.mean_length;
                *passages.entry(passage).or_default() += idf * saturated(count, length, LENGTH_OF_EVENT);
            }
            let whole = self.whole.get(id).map_or(&[][..], Vec::as_slice);
            let idf = rarity(whole.len(), self.session_lengths.len());
            for &(session, count) in whole {
                let length = self.session_lengths.get(session as usize).copied().unwrap_or(0.0)
                    / self.mean_session_length;
                *sessions.entry(session).or_default() += idf * saturated(count, length, LENGTH_OF_SESSION);
            }
        }
        let mut all: Vec<(u32, f64, f64)> = passages
            .into_iter()
            .map(|(passage, score)| {
                let whole = sessions.get(&self.index.session_of(passage)).copied().unwrap_or(0.0);
                (passage, score, whole)
            })
            .collect();
        all.sort_by_key(|(passage, ..)| *passage);
        all
    }
}

fn saturated(count: f64, length: f64, share: f64) -> f64 {
    count * (SATURATION + 1.0) / (count + SATURATION * (1.0 - share + share * length))
}

fn rarity(found: usize, all: usize) -> f64 {
    let (found, all) = (found as f64, all as f64);
    (1.0 + (all - found + 0.5) / (found + 0.5)).ln()
}

fn mean(numbers: &[f64]) -> f64 {
    if numbers.is_empty() { 1.0 } else { (numbers.iter().sum::<f64>() / numbers.len() as f64).max(1.0) }
}

/// The passage at a distance, if it belongs to the same session.
fn nearby(index: &Index, passage: u32, distance: i64) -> Option<u32> {
    let other = u32::try_from(i64::from(passage) + distance).ok()?;
    let session = index.session_of(passage);
    ((other as usize) < index.passages.len() && index.session_of(other) == session).then_some(other)
}

fn weighted_lengths(index: &Index) -> Vec<f64> {
    (0..index.passages.len() as u32)
        .map(|passage| {
            let length = |at: u32| index.passages.get(at as usize).map_or(0, |passage| passage.length);
            let around: f64 = NEARBY
                .iter()
                .filter_map(|(distance, weight)| Some((nearby(index, passage, *distance)?, weight)))
                .filter(|(other, _)| length(*other) <= LONGEST_NEARBY)
                .map(|(other, weight)| weight * f64::from(length(other)))
                .sum();
            f64::from(length(passage)) + around
        })
        .collect()
}

/// The counts of a term, spread over the passages around those it stands in.
fn spread(index: &Index, term: usize) -> Vec<(u32, f64)> {
    let mut counts: FxHashMap<u32, f64> = FxHashMap::default();
    for posting in index.postings.get(term).map_or(&[][..], Vec::as_slice) {
        let count = f64::from(posting.weight);
        *counts.entry(posting.passage).or_default() += count;
        let length = index.passages.get(posting.passage as usize).map_or(0, |passage| passage.length);
        if length > LONGEST_NEARBY {
            continue;
        }
        for (distance, weight) in NEARBY {
            // What stands before this passage has it after itself.
            if let Some(other) = nearby(index, posting.passage, -distance) {
                *counts.entry(other).or_default() += weight * count;
            }
        }
    }
    for passage in index.dated.get(term).map_or(&[][..], Vec::as_slice) {
        *counts.entry(*passage).or_default() += DATE;
    }
    let mut counts: Vec<(u32, f64)> = counts.into_iter().collect();
    counts.sort_by_key(|(passage, _)| *passage);
    counts
}

fn by_session(index: &Index, postings: &[index::Posting]) -> Vec<(u32, f64)> {
    let mut counts: Vec<(u32, f64)> = Vec::new();
    for posting in postings {
        let session = index.session_of(posting.passage);
        match counts.last_mut() {
            Some((last, count)) if *last == session => *count += f64::from(posting.weight),
            _ => counts.push((session, f64::from(posting.weight))),
        }
    }
    counts
}
