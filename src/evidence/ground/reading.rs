//! One session read for everything that is asked of it: candidates judged, quotes looked for.
//!
//! Owns: what surrounds an event (its call, whether it proves anything) and the words that are kept of
//! it. Must not know: other sessions, or what is concluded.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::filter::Filter;
use super::structure::Followers;
use super::{Candidates, Given, Piece};
use crate::domain::evidence::{Origin, Place, QuoteStatus, Stance};
use crate::domain::session::{Event, EventKind, SessionMeta};
use crate::evidence::find::terms::Stems;
use crate::evidence::find::{Relevance, ends};
use crate::evidence::judge::{self, Scene};
use crate::evidence::verify::{Page, Quote};
use crate::transcript::origin;

/// A quote somebody cited.
pub(super) struct Cited {
    pub ask: usize,
    /// Session it is said to stand in, by position; `None` if no such session was given.
    pub session: Option<usize>,
    pub quote: Quote,
}

/// A candidate that says something.
#[derive(Debug)]
pub(super) struct Sight {
    pub piece: usize,
    pub stance: Stance,
    pub place: Place,
    pub origin: Origin,
    pub quote: String,
    /// What was done shows it, not words: it was followed from the failure to its end.
    pub followed: bool,
}

/// Where a quote stands in this session.
#[derive(Debug)]
pub(super) struct QuoteHit {
    pub quote: usize,
    pub status: QuoteStatus,
    pub stance: Stance,
    pub place: Place,
    pub origin: Origin,
    pub words: String,
    /// Edits between what was cited and what stands there.
    pub slips: usize,
    /// A text that many sessions share without meaning anything by it: an opening, a banner.
    pub common: bool,
}

/// What one session answers.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub sights: Vec<Sight>,
    pub hits: Vec<QuoteHit>,
    /// Candidates that only repeat what the agent was given, by piece.
    pub echoes: Vec<usize>,
}

/// Longest quote kept, in bytes.
pub(super) const LONGEST_QUOTE: usize = 320;
/// How far around a quote the judge looks.
const AROUND: usize = 160;
/// Bytes kept of what a tool was called with.
const CALL_HEAD: usize = 600;

pub(super) struct Reader<'a> {
    pub given: &'a Given<'a>,
    pub stems: &'a Stems,
    pub pieces: &'a [Piece],
    pub quotes: &'a [Cited],
    /// Look for these quotes only, with slips in every session: a second look, for those that stand
    /// word for word nowhere.
    pub again: Option<&'a [bool]>,
    /// Tells quickly which quotes a text may hold.
    pub filter: &'a Filter,
}

struct Surroundings {
    relevance: Relevance,
    calls: FxHashMap<String, (String, String)>,
    latest: (String, String),
    person_spoke: bool,
}

impl Reader<'_> {
    /// Reads the session at `position`; `candidates` are its events that may speak about a piece.
    pub fn read(&self, position: usize, session: &SessionMeta, candidates: &Candidates) -> Reading {
        let mut reading = Reading::default();
        let mut around = Surroundings {
            relevance: Relevance::default(),
            calls: FxHashMap::default(),
            latest: Default::default(),
            person_spoke: false,
        };
        let mut number = 0;
        let pieces = if self.again.is_none() { self.pieces } else { &[] };
        let mut followers = Followers::new(pieces, self.given.mask);
        // What can't be read was reported when it was searched.
        let _ = self.given.corpus.read(session, &mut |file, event| {
            let relevant = around.relevance.of(&event);
            let call = around.call_of(&event);
            let opens = event.kind == EventKind::User && !around.person_spoke;
            around.person_spoke |= event.kind == EventKind::User;
            let place = || place(session, file, &event);
            if let Some(pieces) = candidates.get(&number).filter(|_| relevant) {
                self.judge(pieces, &event, call.as_ref(), &place, &mut reading);
            }
            if !self.quotes.is_empty() && !event.text.is_empty() {
                let looked = Looked { event: &event, call: call.as_ref(), relevant, opens };
                self.look_for_quotes(position, &looked, &place, &mut reading);
            }
            if relevant {
                followers.event(&event, call.as_ref(), &place, &mut reading.sights);
            }
            number += 1;
        });
        followers.end(&mut reading.sights);
        reading
    }

    fn judge(
        &self,
        pieces: &[usize],
        event: &Event<'_>,
        call: Option<&(String, String)>,
        place: &dyn Fn() -> Place,
        reading: &mut Reading,
    ) {
        let (start, end) = ends(&event.text);
        for &index in pieces {
            let Some(piece) = self.pieces.get(index) else { continue };
            let found = [start, end].into_iter().filter(|text| !text.is_empty()).find_map(|text| {
                let scene = scene(event, text, call);
                let finding = judge::judge(&piece.thesis, &scene, self.stems, false)?;
                Some((text, finding, scene.origin))
            });
            let Some((text, finding, origin)) = found else { continue };
            let shown = sentence_around(text, &finding.range);
            let words = text.get(shown.clone()).unwrap_or_default();
            let person = matches!(event.kind, EventKind::User | EventKind::Interrupt) && !event.sidechain;
            if !person && self.given.echo.is_echo(words) {
                reading.echoes.push(index);
                continue;
            }
            reading.sights.push(Sight {
                piece: index,
                stance: finding.stance,
                place: place(),
                origin,
                quote: (self.given.mask)(text, shown),
                followed: false,
            });
        }
    }

    fn look_for_quotes(
        &self,
        position: usize,
        looked: &Looked<'_>,
        place: &dyn Fn() -> Place,
        reading: &mut Reading,
    ) {
        let event = looked.event;
        let cited_here =
            self.again.is_none() && self.quotes.iter().any(|cited| cited.session == Some(position));
        // Only a session that is cited is searched to the last byte.
        let text = if cited_here { &*event.text } else { ends(&event.text).0 };
        let person = matches!(event.kind, EventKind::User | EventKind::Interrupt);
        let page = Page::new(event.kind, text, !looked.relevant && event.kind != EventKind::Thinking);
        let mut candidates = self.filter.candidates(&page, self.quotes.len());
        if cited_here {
            let own = self.quotes.iter().enumerate().filter(|(_, cited)| cited.session == Some(position));
            candidates.extend(own.map(|(index, _)| index));
            candidates.sort_unstable();
            candidates.dedup();
        }
        for index in candidates {
            let Some(cited) = self.quotes.get(index) else { continue };
            let here = cited.session == Some(position);
            let found = match self.again.map(|again| again.get(index).copied().unwrap_or(false)) {
                Some(wanted) => (wanted && !here).then(|| cited.quote.near(&page)).flatten(),
                None if here => cited.quote.near(&page),
                None => cited.quote.exact(&page),
            };
            let Some(verdict) = found else { continue };
            let words = text.get(verdict.range.clone()).unwrap_or_default();
            let status = match verdict.status {
                _ if event.kind == EventKind::Thinking => QuoteStatus::WrongRole,
                status if status.counts() && !person && self.given.echo.is_echo(words) => QuoteStatus::Echo,
                status => status,
            };
            let known = reading.hits.iter().position(|hit| hit.quote == index);
            let better = |hit: &QuoteHit| {
                (rank(status), verdict.slips, role(event))
                    < (rank(hit.status), hit.slips, role_of(hit.origin))
            };
            if known.and_then(|at| reading.hits.get(at)).is_some_and(|hit| !better(hit)) {
                continue;
            }
            let around = widened(text, &verdict.range, AROUND);
            let context = text.get(around).unwrap_or_default();
            let scene = scene(event, context, looked.call);
            let common = match event.kind {
                EventKind::Assistant => true,
                EventKind::ToolResult => !event.is_error,
                EventKind::User => looked.opens,
                _ => false,
            };
            let hit = QuoteHit {
                quote: index,
                status,
                stance: self.on_point(cited.ask, &scene),
                place: place(),
                origin: scene.origin,
                words: (self.given.mask)(text, verdict.range.clone()),
                slips: verdict.slips,
                common,
            };
            match known.and_then(|at| reading.hits.get_mut(at)) {
                Some(old) => *old = hit,
                None => reading.hits.push(hit),
            }
        }
    }

    /// What a quoted stretch says about the lesson it was quoted for: the best it says of any part.
    fn on_point(&self, ask: usize, scene: &Scene<'_>) -> Stance {
        let said = self.pieces.iter().filter(|piece| piece.ask == ask);
        said.filter_map(|piece| judge::judge(&piece.thesis, scene, self.stems, true))
            .map(|finding| finding.stance)
            .min()
            .unwrap_or(Stance::Mention)
    }
}

struct Looked<'a> {
    event: &'a Event<'a>,
    call: Option<&'a (String, String)>,
    relevant: bool,
    opens: bool,
}

impl Surroundings {
    /// The tool and input that an event belongs to.
    fn call_of(&mut self, event: &Event<'_>) -> Option<(String, String)> {
        match event.kind {
            EventKind::ToolCall => {
                let head = event.text.get(..event.text.floor_char_boundary(CALL_HEAD)).unwrap_or_default();
                let call = (event.tool.clone().unwrap_or_default().into_owned(), head.to_owned());
                if let Some(id) = &event.call {
                    self.calls.insert(id.clone().into_owned(), call.clone());
                }
                self.latest.clone_from(&call);
                Some(call)
            }
            EventKind::ToolResult => match &event.call {
                Some(id) => self.calls.remove(id.as_ref()),
                None => Some(self.latest.clone()),
            },
            _ => None,
        }
    }
}

fn scene<'a>(event: &'a Event<'_>, text: &'a str, call: Option<&'a (String, String)>) -> Scene<'a> {
    let (tool, input) = call.map_or((None, ""), |(tool, input)| (Some(tool.as_str()), input.as_str()));
    Scene {
        kind: event.kind,
        origin: origin::of(event.kind, tool, input),
        text,
        is_error: event.is_error,
        call: tool.map(|tool| (tool, input)),
        sidechain: event.sidechain,
    }
}

fn place(session: &SessionMeta, file: &str, event: &Event<'_>) -> Place {
    Place {
        session: session.id.clone(),
        file: file.to_owned(),
        record: event.record.clone().into_owned(),
        call: event.call.as_deref().map(str::to_owned),
        bytes: event.bytes.clone(),
        at: event.at,
    }
}

/// Lower is better.
fn rank(status: QuoteStatus) -> u8 {
    match status {
        QuoteStatus::Verified => 0,
        QuoteStatus::Near => 1,
        QuoteStatus::WrongRole => 2,
        _ => 3,
    }
}

fn role(event: &Event<'_>) -> u8 {
    role_of(match event.kind {
        EventKind::User | EventKind::Interrupt => Origin::User,
        EventKind::ToolResult | EventKind::Outcome => Origin::Tool,
        EventKind::ToolCall => Origin::Agent,
        _ => Origin::Prose,
    })
}

fn role_of(origin: Origin) -> u8 {
    match origin {
        Origin::User => 0,
        Origin::Tool | Origin::Outside => 1,
        Origin::Agent => 2,
        _ => 3,
    }
}

fn widened(text: &str, range: &Range<usize>, by: usize) -> Range<usize> {
    text.floor_char_boundary(range.start.saturating_sub(by))..text.ceil_char_boundary(range.end + by)
}

/// The sentences a stretch stands in, cut to what fits a screen, at word boundaries.
fn sentence_around(text: &str, range: &Range<usize>) -> Range<usize> {
    let ends = |c: char| matches!(c, '\n' | '.' | '!' | '?');
    let head = text.get(..range.start).unwrap_or_default();
    let mut start = head.rfind(ends).map_or(0, |at| at + 1);
    let tail = text.get(range.end..).unwrap_or_default();
    let mut end = tail.find(ends).map_or(text.len(), |at| range.end + at + 1);
    let room = LONGEST_QUOTE.saturating_sub(range.len()) / 2;
    if range.start - start > room {
        let from = text.ceil_char_boundary(range.start - room);
        start = text.get(from..range.start).and_then(|cut| cut.find(' ')).map_or(range.start, |at| from + at);
    }
    if end - range.end > room {
        let to = text.floor_char_boundary(range.end + room);
        end = text.get(range.end..to).and_then(|cut| cut.rfind(' ')).map_or(range.end, |at| range.end + at);
    }
    let most = start + LONGEST_QUOTE.max(1);
    if end > most {
        end = text.floor_char_boundary(most).max(start);
    }
    let shown = text.get(start..end).unwrap_or_default();
    let blank = shown.len() - shown.trim_start().len();
    start + blank..start + blank + shown.trim().len()
}
