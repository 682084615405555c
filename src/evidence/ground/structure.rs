//! Sessions that do what a lesson says: the failure, the fix, the success.
//!
//! Owns: following every lesson of that form through a session, and that such counts win over words. Must
//! not know: how an episode is told, or other lessons.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Excerpt;
use super::reading::{Reading, Sight};
use super::{Ask, Piece};
use crate::domain::evidence::{Origin, Place, Stance};
use crate::domain::session::{Event, EventKind};
use crate::evidence::repair::{Ended, Repair, Watcher, in_call};
use crate::transcript::origin;

/// Longest lesson whose sentences are read as one, in bytes.
const LONGEST_LESSON: usize = 600;
/// Bytes kept around words of outsiders.
const AROUND: usize = 200;

/// A lesson may say what fails in one sentence and what helps in the next: its first sentence then stands
/// for all.
pub(super) fn join_sentences(asks: &[Ask<'_>], pieces: &mut [Piece]) {
    for (index, ask) in asks.iter().enumerate() {
        let own = |piece: &Piece| piece.ask == index && !piece.removed;
        let read = pieces.iter().any(|piece| own(piece) && piece.repair.is_some());
        if read || ask.inserted.len() > LONGEST_LESSON {
            continue;
        }
        if let Some(first) = pieces.iter_mut().find(|piece| own(piece)) {
            first.repair = Repair::of(ask.inserted);
        }
    }
}

/// Where what was done shows something, words prove nothing beside it, unless a person said them.
pub(super) fn prevail(readings: &mut [(usize, Reading)], pieces: &[Piece]) {
    let followed: BTreeSet<usize> = readings
        .iter()
        .flat_map(|(_, reading)| &reading.sights)
        .filter(|sight| sight.followed)
        .map(|sight| sight.piece)
        .filter(|piece| pieces.get(*piece).is_some_and(|piece| piece.repair.is_some()))
        .collect();
    for (_, reading) in readings {
        for sight in &mut reading.sights {
            if followed.contains(&sight.piece) && !sight.followed && sight.origin != Origin::User {
                sight.stance = Stance::Mention;
            }
        }
    }
}

/// One session, followed for all lessons that say what helps.
pub(super) struct Followers<'a> {
    all: Vec<Follower<'a>>,
    mask: &'a Excerpt,
}

struct Follower<'a> {
    piece: usize,
    repair: &'a Repair,
    watcher: Watcher<'a>,
    /// The failure that showed last.
    shown: Option<Sight>,
    /// An outsider's words with the fix in them were kept.
    heard: bool,
}

impl<'a> Followers<'a> {
    /// At the beginning of a session.
    pub fn new(pieces: &'a [Piece], mask: &'a Excerpt) -> Self {
        let all = pieces.iter().enumerate().filter_map(|(piece, asked)| {
            let repair = asked.repair.as_ref()?;
            Some(Follower { piece, repair, watcher: Watcher::new(repair), shown: None, heard: false })
        });
        Self { all: all.collect(), mask }
    }

    /// The next event, with the call it belongs to.
    pub fn event(
        &mut self,
        event: &Event<'_>,
        call: Option<&(String, String)>,
        place: &dyn Fn() -> Place,
        sights: &mut Vec<Sight>,
    ) {
        if self.all.is_empty() {
            return;
        }
        let id = event.call.as_deref().unwrap_or_default();
        match event.kind {
            EventKind::ToolCall => {
                let commands = in_call(&event.text);
                let reads = only_reads(event.tool.as_deref().unwrap_or_default());
                for follower in &mut self.all {
                    follower.watcher.call(id, commands.clone(), reads);
                }
            }
            EventKind::ToolResult => {
                let (tool, input) =
                    call.map_or((None, ""), |(tool, input)| (Some(tool.as_str()), input.as_str()));
                let origin = origin::of(event.kind, tool, input);
                for follower in &mut self.all {
                    follower.answer(event, origin, place, self.mask, sights);
                }
            }
            EventKind::Interrupt => self.end(sights),
            _ => {}
        }
    }

    /// The session is over.
    pub fn end(&mut self, sights: &mut Vec<Sight>) {
        for follower in &mut self.all {
            let ended = follower.watcher.abandon();
            sights.extend(follower.over(ended));
        }
    }
}

impl Follower<'_> {
    fn answer(
        &mut self,
        event: &Event<'_>,
        origin: Origin,
        place: &dyn Fn() -> Place,
        mask: &Excerpt,
        sights: &mut Vec<Sight>,
    ) {
        let sight = |stretch: Range<usize>, origin: Origin, followed: bool| Sight {
            piece: self.piece,
            stance: Stance::Mention,
            place: place(),
            origin,
            quote: mask(&event.text, stretch).trim().to_owned(),
            followed,
        };
        let outside = origin == Origin::Outside;
        let told = event.text.find(self.repair.written()).filter(|_| outside && !self.heard);
        if let Some(at) = told {
            // Who said first what to run matters more than that it worked.
            let to = (at + self.repair.written().len() + AROUND).min(event.text.len());
            sights.push(sight(at.saturating_sub(AROUND)..to, origin, false));
        }
        let id = event.call.as_deref().unwrap_or_default();
        let step = self.watcher.answer(id, &event.text, event.is_error);
        let shown = step.shown.map(|range| {
            let end = range.end.min(range.start + super::reading::LONGEST_QUOTE);
            sight(range.start..end, Origin::Tool, true)
        });
        self.heard |= told.is_some();
        sights.extend(self.over(step.ended));
        if shown.is_some() {
            self.shown = shown;
        }
    }

    /// What an episode that ended says, where its failure showed.
    fn over(&mut self, ended: Option<Ended>) -> Option<Sight> {
        let Ended(stance) = ended?;
        self.shown.take().map(|sight| Sight { stance, ..sight })
    }
}

/// Tools that change nothing, by their names.
fn only_reads(tool: &str) -> bool {
    let tool = tool.to_ascii_lowercase();
    ["read", "grep", "glob", "search", "fetch", "view", "list"].iter().any(|part| tool.contains(part))
}
