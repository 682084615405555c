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

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use rustc_hash::FxHashMap;

use super::cite::Citation;
use super::count::{Sighting, count};
use super::find::terms::Stems;
use super::find::{Finder, Question, Stopped, Watch};
use super::judge::Thesis;
use super::verify::{Quote, Rules};
use crate::domain::dream::Progress;
use crate::domain::evidence::{Basis, Evidence, Origin, Place, QuoteStatus, Stance, Support, Tier};
use crate::domain::lesson::Mark;
use crate::domain::session::{Corpus, SessionMeta};
use crate::transcript::echo::Echo;
use filter::Filter;
use reading::{Cited, QuoteHit, Reader, Reading};

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

/// What there is to look in.
pub struct Given<'a> {
    /// The sessions the lessons are said to come from, in any order.
    pub sessions: &'a [SessionMeta],
    /// Hands out their events.
    pub corpus: &'a dyn Corpus,
    /// What the agent was given in those sessions: the memory before the dream, rules. Its own words
    /// that repeat it prove nothing.
    pub echo: &'a Echo,
    /// Masks secrets in words that are kept.
    pub mask: &'a (dyn Fn(&str) -> String + Sync),
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
}

/// Events of a session that may speak about sentences, with which.
type Candidates = BTreeMap<u32, Vec<usize>>;

/// Candidates of one sentence: altogether, and in one session.
const MOST_CANDIDATES: usize = 600;
const MOST_IN_SESSION: usize = 4;

/// A sentence says as much as another if it is not more than this many times shorter.
const SHORTER: usize = 2;

/// Share of sessions beyond which words that stand in all of them say nothing, and from how many on.
const BOILERPLATE: f64 = 0.2;
const BOILERPLATE_FROM: usize = 10;

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
            pieces.push(Piece { ask, removed, question, thesis, text });
        }
    }
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
        .filter(|(_, _, candidates)| !candidates.is_empty() || !quotes.is_empty())
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

/// Everything that was read, to be put together lesson by lesson.
struct Bench<'a> {
    asks: &'a [Ask<'a>],
    sessions: &'a [&'a SessionMeta],
    units: Vec<u32>,
    pieces: Vec<Piece>,
    quotes: Vec<Cited>,
    readings: Vec<(usize, Reading)>,
    mask: &'a (dyn Fn(&str) -> String + Sync),
}

/// What became of one quote.
struct Fate<'a> {
    status: QuoteStatus,
    moved: bool,
    hit: Option<(usize, &'a QuoteHit)>,
}

impl Bench<'_> {
    fn grounds(&self, ask: usize, asked: &Ask<'_>, unread: usize) -> Grounds {
        let goes = !asked.removed.trim().is_empty();
        let removes = goes && asked.inserted.trim().is_empty();
        let (mut sightings, quotes) = self.quoted(ask);
        let verified = quotes.on_point > 0;
        let cited: BTreeSet<u32> = sightings.iter().map(|sighting| sighting.session).collect();
        let lead = self.leading(ask, removes);
        for mut sighting in lead.map(|lead| self.found(lead)).unwrap_or_default() {
            // Beside quotes that count, what a search found must not swell the count.
            if verified && sighting.evidence.stance == Stance::Support {
                if cited.contains(&sighting.session) {
                    continue;
                }
                sighting.evidence.stance = Stance::Mention;
            }
            sightings.push(sighting);
        }
        if removes {
            // What speaks for the text speaks against taking it away.
            for sighting in &mut sightings {
                sighting.evidence.stance = opposite(sighting.evidence.stance);
            }
        }
        let all: BTreeSet<u32> = self.units.iter().copied().collect();
        let (evidence, mut support) = count(sightings, &all);
        support.basis = if verified { Basis::Verified } else { Basis::Estimated };
        let still_supported =
            goes.then(|| self.leading(ask, true).map_or(0, |piece| self.supporting(piece).len() as u32));
        let of_ask = |piece: &&usize| self.pieces.get(**piece).is_some_and(|piece| piece.ask == ask);
        let echoes =
            self.readings.iter().flat_map(|(_, reading)| &reading.echoes).filter(of_ask).count() as u32;
        let marks = marks::marks(&marks::Seen {
            removes,
            support: &support,
            evidence: &evidence,
            quotes,
            still_supported,
            sessions: all.len(),
            unread,
            silent: &self.silent(ask, lead.filter(|_| !removes)),
        });
        let tier = tier(&support);
        Grounds { evidence, support, tier, marks, quotes, echoes, still_supported }
    }

    fn sighting(&self, at: usize, evidence: Evidence) -> Option<Sighting> {
        let session = self.sessions.get(at)?;
        let unit = *self.units.get(at)?;
        Some(Sighting { evidence, session: at as u32, unit, user: session.user.clone() })
    }

    /// The sentence that speaks for a lesson: of those that say enough, the one with most support.
    fn leading(&self, ask: usize, removed: bool) -> Option<usize> {
        let own = || {
            self.pieces.iter().enumerate().filter(|(_, piece)| piece.ask == ask && piece.removed == removed)
        };
        let most = own().map(|(_, piece)| piece.thesis.words()).max().unwrap_or(0);
        own()
            .filter(|(_, piece)| piece.thesis.words() * SHORTER >= most)
            .max_by_key(|(index, _)| (self.supporting(*index).len(), std::cmp::Reverse(*index)))
            .map(|(index, _)| index)
    }

    /// Units that support a sentence.
    fn supporting(&self, piece: usize) -> BTreeSet<u32> {
        let shows = |reading: &Reading| {
            reading.sights.iter().any(|sight| sight.piece == piece && sight.stance == Stance::Support)
        };
        let sessions = self.readings.iter().filter(|(_, reading)| shows(reading));
        sessions.filter_map(|(at, _)| self.units.get(*at).copied()).collect()
    }

    /// Sentences that say as much as the leading one and that nothing supports, while something
    /// supports that one.
    fn silent(&self, ask: usize, lead: Option<usize>) -> Vec<&str> {
        let Some(lead) = lead.filter(|lead| !self.supporting(*lead).is_empty()) else { return Vec::new() };
        let words = self.pieces.get(lead).map_or(0, |piece| piece.thesis.words());
        let others = self.pieces.iter().enumerate().filter(|(index, piece)| {
            let says_enough = piece.thesis.words() * SHORTER >= words;
            piece.ask == ask && !piece.removed && *index != lead && says_enough
        });
        others
            .filter(|(index, _)| self.supporting(*index).is_empty())
            .map(|(_, piece)| piece.text.as_str())
            .collect()
    }

    /// What the search found for a sentence.
    fn found(&self, piece: usize) -> Vec<Sighting> {
        let mut sightings = Vec::new();
        for (at, reading) in &self.readings {
            for sight in reading.sights.iter().filter(|sight| sight.piece == piece) {
                let evidence = Evidence {
                    place: sight.place.clone(),
                    stance: sight.stance,
                    status: QuoteStatus::Verified,
                    origin: sight.origin,
                    quote: sight.quote.clone(),
                };
                sightings.extend(self.sighting(*at, evidence));
            }
        }
        sightings
    }

    /// What became of the quotes of a lesson.
    fn quoted(&self, ask: usize) -> (Vec<Sighting>, Quotes) {
        let citations = self.asks.get(ask).map_or(&[][..], |asked| asked.citations);
        let named: BTreeSet<&str> = citations.iter().map(|citation| citation.session.as_str()).collect();
        let given = |name: &&str| self.sessions.iter().any(|session| session.id.as_str() == *name);
        let mut tally = Quotes {
            cited: named.len() as u32,
            strangers: named.iter().filter(|name| !given(name)).count() as u32,
            ..Quotes::default()
        };
        let mut sightings = Vec::new();
        for (index, cited) in self.quotes.iter().enumerate().filter(|(_, cited)| cited.ask == ask) {
            tally.quoted += 1;
            let fate = self.fate(index, cited);
            match fate.status {
                QuoteStatus::TooGeneric => tally.generic += 1,
                QuoteStatus::NotFound => tally.missing += 1,
                status if status.counts() => {
                    tally.found += 1;
                    tally.altered += u32::from(status == QuoteStatus::Near);
                    tally.moved += u32::from(fate.moved);
                    tally.on_point +=
                        u32::from(fate.hit.is_some_and(|(_, hit)| hit.stance == Stance::Support));
                }
                _ => tally.worthless += 1,
            }
            let (at, evidence) = match (fate.hit, cited.session) {
                (Some((at, hit)), _) => {
                    let evidence = Evidence {
                        place: hit.place.clone(),
                        stance: if fate.status.counts() { hit.stance } else { Stance::Mention },
                        status: fate.status,
                        origin: hit.origin,
                        quote: hit.words.clone(),
                    };
                    (at, evidence)
                }
                (None, Some(at)) => match self.lost(at, index, fate.status, citations) {
                    Some(evidence) => (at, evidence),
                    None => continue,
                },
                (None, None) => continue,
            };
            sightings.extend(self.sighting(at, evidence));
        }
        (sightings, tally)
    }

    /// A quote that is not there, under the session it was said to stand in.
    fn lost(&self, at: usize, index: usize, status: QuoteStatus, citations: &[Citation]) -> Option<Evidence> {
        let ask = self.quotes.get(index).map_or(0, |cited| cited.ask);
        let nth = self.quotes.iter().take(index).filter(|cited| cited.ask == ask).count();
        let words = citations.iter().filter_map(|citation| citation.quote.as_deref()).nth(nth);
        let session = self.sessions.get(at)?;
        let file = session.files.first().map(|file| file.path.clone());
        Some(Evidence {
            place: Place {
                session: session.id.clone(),
                file: file.unwrap_or_default(),
                record: String::new(),
                call: None,
                bytes: 0..0,
                at: None,
            },
            stance: Stance::Mention,
            status,
            origin: Origin::Unknown,
            quote: (self.mask)(words.unwrap_or_default()),
        })
    }

    fn fate(&self, index: usize, cited: &Cited) -> Fate<'_> {
        let lost = |status| Fate { status, moved: false, hit: None };
        if cited.quote.is_generic() {
            return lost(QuoteStatus::TooGeneric);
        }
        let hits: Vec<(usize, &QuoteHit)> = self
            .readings
            .iter()
            .flat_map(|(at, reading)| reading.hits.iter().map(move |hit| (*at, hit)))
            .filter(|(_, hit)| hit.quote == index)
            .collect();
        let here = hits.iter().find(|(at, _)| Some(*at) == cited.session);
        let elsewhere = hits
            .iter()
            .filter(|(at, hit)| Some(*at) != cited.session && hit.status.counts())
            .min_by_key(|(at, hit)| (hit.slips, *at));
        // Words that stand closer to what was cited in another session were taken from there.
        let chosen = match (here, elsewhere) {
            (Some((_, own)), Some((_, other))) if own.slips > other.slips => elsewhere,
            (Some(_), _) => here,
            (None, _) => elsewhere,
        };
        let Some(&(at, hit)) = chosen else { return lost(QuoteStatus::NotFound) };
        let shared: BTreeSet<u32> = hits
            .iter()
            .filter(|(_, hit)| hit.common && hit.status.counts())
            .filter_map(|(at, _)| self.units.get(*at).copied())
            .collect();
        let all = self.units.iter().copied().collect::<BTreeSet<_>>().len();
        let common = hit.common && all >= BOILERPLATE_FROM && shared.len() as f64 > BOILERPLATE * all as f64;
        let status = if common && hit.status.counts() { QuoteStatus::Boilerplate } else { hit.status };
        Fate { status, moved: Some(at) != cited.session, hit: Some((at, hit)) }
    }
}

fn opposite(stance: Stance) -> Stance {
    match stance {
        Stance::Support => Stance::Contradict,
        Stance::Contradict => Stance::Support,
        Stance::Mention => Stance::Mention,
    }
}

/// Quotes that were checked make a lesson firmer, but nobody tested it against chance: it is never
/// established. Estimates stay leads.
fn tier(support: &Support) -> Tier {
    match (support.basis, support.sessions.unwrap_or(0)) {
        (Basis::Verified, 5..) if support.days >= 2 || support.users >= 2 => Tier::Supported,
        (Basis::Verified, 3..) => Tier::Emerging,
        _ => Tier::Lead,
    }
}

#[cfg(test)]
mod tests;
