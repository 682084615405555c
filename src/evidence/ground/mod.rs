//! Evidence for lessons we did not find ourselves: dreams of the platform, notes of other tools.
//!
//! Owns: the two ways to evidence and what keeps them apart. Quotes that come with a lesson are checked
//! where they are said to stand, and count if they are there and on point. Everything else is searched
//! for, and its count is an estimate. Must not know: where lessons or sessions come from.
//!
//! The sessions are read twice, in parallel: once for the words of all lessons together, once for the
//! places that look promising. The same lessons and sessions give the same answer in any order and on
//! any number of threads.

mod claims;
mod filter;
mod marks;
mod reading;
mod structure;
mod weigh;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use rustc_hash::FxHashMap;

use super::cite::Citation;
use super::find::terms::Stems;
use super::find::{Finder, Question, Stopped, Watch};
use super::judge::Thesis;
use super::repair::Repair;
use super::verify::{Quote, Rules};
use crate::domain::dream::Progress;
use crate::domain::evidence::{Evidence, QuoteStatus, Support, Tier};
use crate::domain::lesson::Mark;
use crate::domain::session::{Corpus, SessionMeta};
use crate::transcript::echo::Echo;
use filter::Filter;
use reading::{Cited, Reader, Reading};
use weigh::Bench;

/// A lesson that wants evidence.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// One line that says what it is.
    pub statement: &'a str,
    /// The text that would come.
    pub inserted: &'a str,
    /// The text that would go.
    pub removed: &'a str,
    /// What was cited for it.
    pub citations: &'a [Citation],
}

/// What of a stretch of a text may be kept: secrets masked, also those that reach over its ends.
pub type Excerpt = dyn Fn(&str, Range<usize>) -> String + Sync;

/// What there is to look in.
pub struct Given<'a> {
    /// The sessions the lessons are said to come from, in any order.
    pub sessions: &'a [SessionMeta],
    /// Hands out their events.
    pub corpus: &'a dyn Corpus,
    /// What the agent was given in those sessions: the memory before the dream, rules. Its own words
    /// that repeat it prove nothing.
    pub echo: &'a Echo,
    /// Makes of a stretch of a text the words that are kept.
    pub mask: &'a Excerpt,
    /// Told how far the search is, from any thread.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Set by whoever no longer wants an answer.
    pub cancel: &'a AtomicBool,
}

/// How the quotes of a lesson fared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quotes {
    /// Sessions cited, with or without words.
    pub cited: u32,
    /// Sessions cited that were not among those given.
    pub strangers: u32,
    /// Quotes that came with a citation.
    pub quoted: u32,
    /// Found, word for word or nearly.
    pub found: u32,
    /// Found with small differences.
    pub altered: u32,
    /// Found in another session than cited.
    pub moved: u32,
    /// Found, and about what the lesson says.
    pub on_point: u32,
    /// Found only in what memory, summaries or the agent's own reasoning say, or in texts that many sessions share.
    pub worthless: u32,
    /// Too short to prove anything.
    pub generic: u32,
    /// Not there.
    pub missing: u32,
}

/// What a lesson rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Grounds {
    /// Places, in session order.
    pub evidence: Vec<Evidence>,
    /// The count made from exactly that evidence: verified if quotes carry it, else estimated.
    pub support: Support,
    /// How firmly it stands. Estimates are leads: nobody counted.
    pub tier: Tier,
    /// What to beware of.
    pub marks: Vec<Mark>,
    /// How its quotes fared.
    pub quotes: Quotes,
    /// Places left out because they repeat what the agent was given.
    pub echoes: u32,
    /// Sessions that still support the text that would go; `None` if none goes.
    pub still_supported: Option<u32>,
}

/// One sentence of one lesson.
struct Piece {
    ask: usize,
    removed: bool,
    question: Question,
    thesis: Thesis,
    text: String,
    /// What it says helps against what, if it says such a thing.
    repair: Option<Repair>,
}

/// Events of a session that may speak about sentences, with which.
type Candidates = BTreeMap<u32, Vec<usize>>;

/// Candidates of one sentence: altogether, and in one session.
const MOST_CANDIDATES: usize = 600;
const MOST_IN_SESSION: usize = 4;

/// Looks for the evidence of all lessons together.
///
/// # Errors
/// Only when it is stopped.
pub fn ground(asks: &[Ask<'_>], given: &Given<'_>) -> Result<Vec<Grounds>, Stopped> {
    let mut sessions: Vec<&SessionMeta> = given.sessions.iter().collect();
    sessions.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    sessions.dedup_by(|a, b| a.id == b.id);
    let stems = Stems::default();
    let drafts = drafts(asks);
    let questions: Vec<Question> = drafts.iter().map(|(.., text)| Question::of(text)).collect();
    let watch = |stage| Watch { stage, progress: given.progress, cancel: given.cancel };
    let finder = Finder::read(&questions, &sessions, given.corpus, &watch("searching"))?;

    let mut pieces: Vec<Piece> = Vec::new();
    for ((ask, removed, text), question) in drafts.into_iter().zip(questions) {
        if let Some(thesis) = Thesis::of(&text, &stems, &|term| finder.weight(term)) {
            let repair = Repair::of(&text);
            pieces.push(Piece { ask, removed, question, thesis, text, repair });
        }
    }
    structure::join_sentences(asks, &mut pieces);
    let follows = pieces.iter().any(|piece| piece.repair.is_some());
    let position: FxHashMap<&str, usize> =
        sessions.iter().enumerate().map(|(at, session)| (session.id.as_str(), at)).collect();
    let mut quotes: Vec<Cited> = Vec::new();
    for (ask, asked) in asks.iter().enumerate() {
        for citation in asked.citations {
            let session = position.get(citation.session.as_str()).copied();
            let quote = citation.quote.as_deref().map(|words| Quote::new(words, Rules::CITED));
            quotes.extend(quote.map(|quote| Cited { ask, session, quote }));
        }
    }

    let mut candidates: Vec<Candidates> = vec![Candidates::new(); sessions.len()];
    for (index, piece) in pieces.iter().enumerate() {
        let mut taken: FxHashMap<u32, usize> = FxHashMap::default();
        for hit in finder.events(&piece.question, MOST_CANDIDATES) {
            let taken = taken.entry(hit.session).or_default();
            *taken += 1;
            if *taken <= MOST_IN_SESSION
                && let Some(events) = candidates.get_mut(hit.session as usize)
            {
                events.entry(hit.event).or_default().push(index);
            }
        }
    }
    let whole = Filter::new(&quotes, false, |_| true);
    let reader =
        Reader { given, stems: &stems, pieces: &pieces, quotes: &quotes, again: None, filter: &whole };
    let jobs: Vec<(usize, &SessionMeta, &Candidates)> = sessions
        .iter()
        .zip(&candidates)
        .enumerate()
        .map(|(at, (session, candidates))| (at, *session, candidates))
        .filter(|(_, _, candidates)| follows || !candidates.is_empty() || !quotes.is_empty())
        .collect();
    let mut readings = watch("checking")
        .each(&jobs, |(at, session, candidates)| (*at, reader.read(*at, session, candidates)))?;

    let again: Vec<bool> = (0..quotes.len()).map(|quote| only_nearly(&readings, quote)).collect();
    if again.contains(&true) {
        let pieces = Filter::new(&quotes, true, |quote| again.get(quote).copied().unwrap_or(false));
        let reader = Reader { again: Some(&again), filter: &pieces, ..reader };
        let none = Candidates::new();
        let second = watch("comparing").each(&jobs, |(at, session, _)| reader.read(*at, session, &none))?;
        for ((_, first), second) in readings.iter_mut().zip(second) {
            first.hits.extend(second.hits);
        }
    }

    structure::prevail(&mut readings, &pieces);
    let units = units(&sessions);
    let bench = Bench { asks, sessions: &sessions, units, pieces, quotes, readings, mask: given.mask };
    let unread = finder.unread().len();
    Ok(asks.iter().enumerate().map(|(index, ask)| bench.grounds(index, ask, unread)).collect())
}

/// A quote that was found, and nowhere word for word: it may stand better elsewhere.
fn only_nearly(readings: &[(usize, Reading)], quote: usize) -> bool {
    let hits = || readings.iter().flat_map(|(_, reading)| &reading.hits).filter(|hit| hit.quote == quote);
    hits().any(|hit| hit.status == QuoteStatus::Near)
        && !hits().any(|hit| hit.status == QuoteStatus::Verified)
}

/// The sentences to look for: of the text that comes, and of the text that goes and does not come back.
fn drafts(asks: &[Ask<'_>]) -> Vec<(usize, bool, String)> {
    let mut drafts = Vec::new();
    for (index, ask) in asks.iter().enumerate() {
        let mut coming = claims::claims(ask.inserted);
        if coming.is_empty() && !ask.inserted.trim().is_empty() {
            coming.push(ask.statement.to_owned());
        }
        let going = claims::claims(ask.removed).into_iter().filter(|claim| !coming.contains(claim));
        let going: Vec<String> = going.collect();
        drafts.extend(coming.into_iter().map(|text| (index, false, text)));
        drafts.extend(going.into_iter().map(|text| (index, true, text)));
    }
    drafts
}

/// Sessions of one chain are one unit.
fn units(sessions: &[&SessionMeta]) -> Vec<u32> {
    let mut names: FxHashMap<&str, u32> = FxHashMap::default();
    let mut next = 0;
    sessions
        .iter()
        .map(|session| {
            let known = session.chain.as_deref().and_then(|chain| names.get(chain).copied());
            known.unwrap_or_else(|| {
                next += 1;
                if let Some(chain) = session.chain.as_deref() {
                    names.insert(chain, next - 1);
                }
                next - 1
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
