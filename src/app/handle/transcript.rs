//! A session around a quoted place: opening it, going from quote to quote, searching in it.
//!
//! Finding is done where the lines are made, beside the loop; what is kept here is where the reader
//! is among the matches.

use std::sync::Arc;

use crate::app::data::{Failure, Transcript};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::overlay::{End, Overlay, PromptKind, SearchFrom, TranscriptLines, TranscriptPane};
use crate::app::toast::Tone;

/// Events asked for before and after the quoted one at first.
const AROUND: usize = 25;
/// By how much more is asked for when the reader comes to an end of what is there.
const GROWTH: usize = 4;
/// More than this on either side is asked for no more at once: a session can have millions.
const WHOLE: usize = 20_000;
/// Below any line; where a session is drawn it is cut to the last page.
const FAR_DOWN: usize = u32::MAX as usize;

/// Opens the session of the selected place.
pub(in crate::app) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(pane) = ask(model, effects) else { return };
    model.open_evidence();
    model.overlays.push(Overlay::Transcript(pane));
}

fn ask(model: &mut Model, effects: &mut Vec<Effect>) -> Option<TranscriptPane> {
    let agent = model.inbox.current()?.lesson.agent.clone();
    let at = model.detail.evidence;
    let evidence = model.detail.content()?.evidence.get(at)?.clone();
    let asked = model.number();
    effects.push(Effect::LoadTranscript(asked, agent.clone(), Box::new(evidence.clone()), AROUND));
    Some(TranscriptPane {
        asked,
        agent,
        evidence: at,
        quote: evidence.quote,
        content: None,
        around: AROUND,
        growing: None,
        before: None,
        wants: None,
        scroll: None,
        search: None,
        lines: TranscriptLines::default(),
        hit: 0,
        seek: None,
    })
}

/// Turns to the next (or previous) quote; what is searched for stays.
pub(in crate::app) fn turn(model: &mut Model, forward: bool, effects: &mut Vec<Effect>) {
    let count = model.detail.content().map_or(0, |content| content.evidence.len());
    let next = model.detail.evidence.checked_add_signed(if forward { 1 } else { -1 });
    let Some(next) = next.filter(|&next| next < count) else {
        let end = if forward { "last" } else { "first" };
        return model.say(Tone::Info, format!("This is the {end} quote"));
    };
    model.detail.evidence = next;
    if let Some(mut pane) = ask(model, effects) {
        if let Some(Overlay::Transcript(before)) = model.overlays.pop() {
            pane.search = before.search;
        }
        model.overlays.push(Overlay::Transcript(pane));
    }
}

/// Reads on where the reader came to an end of what is there: a little more, or, for who wants the end of the
/// session itself, all of it.
pub(in crate::app) fn read_on(model: &mut Model, to: End, whole: bool, effects: &mut Vec<Effect>) {
    let Some(pane) = pane(model) else { return };
    let more = pane.content.as_ref().is_some_and(|content| match to {
        End::First => content.more_before,
        End::Last => content.more_after,
    });
    if more
        && grow(model, whole, effects)
        && let Some(pane) = self::pane(model).filter(|_| whole)
    {
        pane.wants = Some(to);
    }
}

/// Asks for more of the session; `false` where that is under way, or there is no more to be had.
fn grow(model: &mut Model, whole: bool, effects: &mut Vec<Effect>) -> bool {
    let number = model.number();
    let evidence = match pane(model) {
        Some(shown) => shown.evidence,
        None => return false,
    };
    let place = model.detail.content().and_then(|content| content.evidence.get(evidence)).cloned();
    let (Some(place), Some(pane)) = (place, pane(model)) else { return false };
    let around = if whole { WHOLE } else { pane.around.saturating_mul(GROWTH).min(WHOLE) };
    if pane.growing.is_some() || !pane.is_a_part() || around <= pane.around {
        return false;
    }
    (pane.growing, pane.around) = (Some(number), around);
    effects.push(Effect::LoadTranscript(number, pane.agent.clone(), Box::new(place), around));
    true
}

/// A search that was asked for looks through all of the session.
pub(in crate::app) fn search_all(model: &mut Model, effects: &mut Vec<Effect>) {
    let from = model.viewport.overlay_focus;
    let searches = pane(model).is_some_and(|pane| pane.search.is_some());
    if searches
        && grow(model, true, effects)
        && let Some(pane) = pane(model)
    {
        pane.seek = Some(pane.scroll.unwrap_or(from));
    }
}

/// The session that was asked for is there.
pub(in crate::app) fn heard(model: &mut Model, number: u64, result: Result<Box<Transcript>, Failure>) {
    let waiting = model.overlays.iter().rposition(|overlay| {
        matches!(overlay, Overlay::Transcript(pane) if pane.asked == number || pane.growing == Some(number))
    });
    let Some(index) = waiting else { return };
    match result {
        Ok(content) => {
            if let Some(Overlay::Transcript(pane)) = model.overlays.get_mut(index) {
                pane.content = Some(Arc::from(content));
                if pane.growing.take().is_some() {
                    pane.before = Some(pane.asked);
                    pane.asked = number;
                }
            }
        }
        Err(failure) => {
            // What was there before more was asked for is still worth reading.
            match model.overlays.get_mut(index) {
                Some(Overlay::Transcript(pane)) if pane.growing.is_some() => {
                    (pane.growing, pane.wants) = (None, None);
                }
                _ => {
                    model.overlays.remove(index);
                }
            }
            model.say(Tone::Problem, failure.to_string());
        }
    }
}

/// Hears of newly made lines. Matches of words that were just typed are gone to at once.
pub(in crate::app) fn painted(model: &mut Model, number: u64, lines: TranscriptLines) {
    let viewport = model.viewport;
    let Some(pane) = pane(model).filter(|pane| pane.asked == number) else { return };
    let grown = pane.before.take().is_some();
    let fresh = grown || pane.search != pane.lines.search;
    let before = std::mem::replace(&mut pane.lines, lines).focus;
    if grown {
        // What came before moved everything down; the reader stays at the same words.
        let moved = |line: usize| line.saturating_add(pane.lines.focus).saturating_sub(before);
        (pane.scroll, pane.seek) = (pane.scroll.map(moved), pane.seek.map(moved));
        match pane.wants.take() {
            Some(End::First) => pane.scroll = Some(0),
            Some(End::Last) => pane.scroll = Some(FAR_DOWN),
            None => {}
        }
    }
    if pane.search != pane.lines.search {
        return;
    }
    let seek = pane.seek.take();
    if fresh {
        // On a session that was turned to, the quote stays in view.
        let start = seek.unwrap_or(pane.lines.focus);
        pane.hit = pane.lines.hits.iter().position(|&line| line >= start).unwrap_or(0);
    }
    pane.hit = pane.hit.min(pane.lines.hits.len().saturating_sub(1));
    if seek.is_some() {
        // How many lines there are now is known once they are drawn.
        let lines = if grown { FAR_DOWN } else { viewport.overlay_lines };
        show(pane, viewport.overlay, lines);
    }
}

/// Puts the match the reader is at in view, with a little of what is above.
fn show(pane: &mut TranscriptPane, rows: usize, lines: usize) {
    if let Some(&line) = pane.lines.hits.get(pane.hit) {
        pane.scroll = Some(line.saturating_sub(rows / 4).min(lines.saturating_sub(rows)));
    }
}

/// Goes to the next (or previous) match: of the one the reader is at while it is in view, else of
/// what is in view.
pub(in crate::app) fn next(model: &mut Model, forward: bool) {
    let viewport = model.viewport;
    let Some(pane) = pane(model) else { return };
    let top = pane.scroll.unwrap_or(viewport.overlay_focus);
    let view = top..top + viewport.overlay.max(1);
    let hits = &pane.lines.hits;
    let in_view = hits.get(pane.hit).is_some_and(|line| view.contains(line));
    let to = match (forward, in_view) {
        (true, true) => Some(pane.hit + 1).filter(|&to| to < hits.len()),
        (false, true) => pane.hit.checked_sub(1),
        (true, false) => hits.iter().position(|&line| line >= view.start),
        (false, false) => hits.iter().rposition(|&line| line < view.end),
    };
    match to {
        Some(to) => {
            pane.hit = to;
            show(pane, viewport.overlay, viewport.overlay_lines);
        }
        None if hits.is_empty() => {
            let part =
                if pane.is_a_part() { "No match in what is loaded of this session" } else { "No match" };
            model.say(Tone::Info, part);
        }
        None => {
            let end = if forward { "last" } else { "first" };
            model.say(Tone::Info, format!("This is the {end} match"));
        }
    }
}

/// Searches for other words; none ends the search.
pub(in crate::app) fn search(model: &mut Model, words: &str) {
    let before = from(model);
    if let Some(pane) = pane(model) {
        pane.search = Some(words.to_owned()).filter(|words| !words.is_empty());
        // Each letter looks from where the reader began to type.
        pane.seek = before.or(pane.seek);
    }
}

/// What a search that is given up goes back to.
pub(in crate::app) fn search_from(model: &mut Model) -> Option<SearchFrom> {
    let pane = pane(model)?;
    Some(SearchFrom {
        words: pane.search.clone(),
        scroll: pane.scroll,
        hit: pane.hit,
        lines: pane.lines.clone(),
    })
}

/// Gives a search up.
pub(in crate::app) fn search_back(model: &mut Model, before: SearchFrom) {
    if let Some(pane) = pane(model) {
        (pane.search, pane.scroll, pane.seek) = (before.words, before.scroll, None);
        (pane.hit, pane.lines) = (before.hit, before.lines);
    }
}

/// The line the reader was at when the search that is being typed began, if one is; who had not
/// scrolled was at the quote.
fn from(model: &Model) -> Option<usize> {
    let quote = model.viewport.overlay_focus;
    match model.overlay() {
        Some(Overlay::Prompt(prompt)) => match &prompt.ask {
            PromptKind::TranscriptSearch { before } => Some(before.scroll.unwrap_or(quote)),
            _ => None,
        },
        _ => None,
    }
}

/// The session shown, also while a text field lies over it.
fn pane(model: &mut Model) -> Option<&mut TranscriptPane> {
    model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Transcript(pane) => Some(pane),
        _ => None,
    })
}
