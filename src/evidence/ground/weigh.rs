//! What all readings say of one lesson: the count, and what to beware of.
//!
//! Owns: which sentence speaks for a lesson, what becomes of each quote, and what may be counted. Must
//! not know: how sessions are read.

use std::collections::BTreeSet;

use super::Excerpt;
use super::reading::{Cited, QuoteHit, Reading};
use super::{Ask, Grounds, Piece, Quotes, marks};
use crate::domain::evidence::{Basis, Evidence, Origin, Place, QuoteStatus, Stance, Support, Tier};
use crate::domain::session::SessionMeta;
use crate::evidence::cite::Citation;
use crate::evidence::count::{Sighting, count};

/// A sentence says as much as another if it is not more than this many times shorter.
const SHORTER: usize = 2;

/// Share of sessions beyond which words that stand in all of them say nothing, and from how many on.
const BOILERPLATE: f64 = 0.2;
const BOILERPLATE_FROM: usize = 10;

/// Everything that was read, to be put together lesson by lesson.
pub(super) struct Bench<'a> {
    pub asks: &'a [Ask<'a>],
    pub sessions: &'a [&'a SessionMeta],
    pub units: Vec<u32>,
    pub pieces: Vec<Piece>,
    pub quotes: Vec<Cited>,
    pub readings: Vec<(usize, Reading)>,
    pub mask: &'a Excerpt,
}

/// What became of one quote.
struct Fate<'a> {
    status: QuoteStatus,
    moved: bool,
    hit: Option<(usize, &'a QuoteHit)>,
}

impl Bench<'_> {
    /// What one lesson rests on.
    pub fn grounds(&self, ask: usize, asked: &Ask<'_>, unread: usize) -> Grounds {
        let goes = !asked.removed.trim().is_empty();
        let removes = goes && asked.inserted.trim().is_empty();
        let (mut sightings, mut quotes) = self.quoted(ask);
        let cited: BTreeSet<u32> = sightings.iter().map(|sighting| sighting.session).collect();
        let lead = self.leading(ask, removes);
        let followed = lead.is_some_and(|lead| self.followed(lead, false));
        if followed {
            // A failure that was quoted shows that it happens, not that the lesson helps.
            for sighting in sightings.iter_mut().filter(|sighting| sighting.evidence.origin != Origin::User) {
                sighting.evidence.stance = Stance::Mention;
            }
        }
        let verified =
            if followed { lead.is_some_and(|lead| self.followed(lead, true)) } else { quotes.on_point > 0 };
        if followed && verified {
            // The failure is what such a lesson is about.
            quotes.on_point = quotes.found;
        }
        for (mut sighting, exact) in lead.map(|lead| self.found(lead)).unwrap_or_default() {
            // Beside quotes that count, what a search found must not swell the count.
            if verified && !exact && sighting.evidence.stance == Stance::Support {
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
        // A failure that was followed says by itself where the lesson could have shown: wherever it happened.
        // Words looked up do not, so what is left to say is how many sessions were read.
        let exposed = lead.filter(|_| followed).map(|lead| self.failing(lead)).unwrap_or_default();
        let (evidence, mut support) = count(sightings, &exposed);
        if !followed {
            (support.exposed, support.lower_bound) = (None, None);
            support.checks.read = Some(all.len() as u32);
        }
        support.basis = if verified { Basis::Verified } else { Basis::Estimated };
        let still_supported =
            goes.then(|| self.leading(ask, true).map_or(0, |piece| self.supporting(piece).len() as u32));
        let of_ask = |piece: &&usize| self.pieces.get(**piece).is_some_and(|piece| piece.ask == ask);
        let echoes =
            self.readings.iter().flat_map(|(_, reading)| &reading.echoes).filter(of_ask).count() as u32;
        let people: BTreeSet<&str> =
            self.sessions.iter().filter_map(|session| session.user.as_deref()).collect();
        support.checks.people = people.len() as u32;
        support.checks.echoes = support.checks.echoes.max(echoes);
        let marks = marks::marks(&marks::Seen {
            removes,
            support: &support,
            evidence: &evidence,
            quotes,
            still_supported,
            sessions: all.len(),
            people: self.people(),
            unread,
            silent: &self.silent(ask, lead.filter(|_| !removes)),
        });
        let tier = tier(&support);
        Grounds { evidence, support, tier, marks, quotes, echoes, still_supported }
    }

    /// How many different people ran the sessions; 0 where that is not known of all of them.
    fn people(&self) -> usize {
        let users: Option<BTreeSet<&str>> =
            self.sessions.iter().map(|session| session.user.as_deref()).collect();
        users.map_or(0, |users| users.len())
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

    /// What was found for a sentence, and whether by following what was done.
    fn found(&self, piece: usize) -> Vec<(Sighting, bool)> {
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
                sightings.extend(self.sighting(*at, evidence).map(|sighting| (sighting, sight.followed)));
            }
        }
        sightings
    }

    /// Units in which the failure that a sentence is about was seen, however it ended.
    fn failing(&self, piece: usize) -> BTreeSet<u32> {
        let saw =
            |reading: &Reading| reading.sights.iter().any(|sight| sight.piece == piece && sight.followed);
        let sessions = self.readings.iter().filter(|(_, reading)| saw(reading));
        sessions.filter_map(|(at, _)| self.units.get(*at).copied()).collect()
    }

    /// Whether any session was followed for a sentence; with `tells`, to an end that says something.
    fn followed(&self, piece: usize, tells: bool) -> bool {
        self.readings.iter().flat_map(|(_, reading)| &reading.sights).any(|sight| {
            sight.piece == piece && sight.followed && (!tells || sight.stance != Stance::Mention)
        })
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
            quote: words.map_or_else(String::new, |words| (self.mask)(words, 0..words.len())),
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
