//! A session around a quoted place: opening it, going from quote to quote, searching in it.
//!
//! Finding is done where the lines are made, beside the loop; what is kept here is where the reader
//! is among the matches.

use std::sync::Arc;

use crate::app::data::{Failure, Transcript};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::overlay::{Overlay, PromptKind, SearchFrom, TranscriptLines, TranscriptPane};
use crate::app::toast::Tone;

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
    effects.push(Effect::LoadTranscript(asked, agent.clone(), Box::new(evidence.clone())));
    Some(TranscriptPane {
        asked,
        agent,
        evidence: at,
        quote: evidence.quote,
        content: None,
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

/// The session that was asked for is there.
pub(in crate::app) fn heard(model: &mut Model, number: u64, result: Result<Box<Transcript>, Failure>) {
    let waiting =
        model.overlays.iter().rposition(|o| matches!(o, Overlay::Transcript(pane) if pane.asked == number));
    let Some(index) = waiting else { return };
    match result {
        Ok(content) => {
            if let Some(Overlay::Transcript(pane)) = model.overlays.get_mut(index) {
                pane.content = Some(Arc::from(content));
            }
        }
        Err(failure) => {
            model.overlays.remove(index);
            model.say(Tone::Problem, failure.to_string());
        }
    }
}

/// Hears of newly made lines. Matches of words that were just typed are gone to at once.
pub(in crate::app) fn painted(model: &mut Model, number: u64, lines: TranscriptLines) {
    let viewport = model.viewport;
    let Some(pane) = pane(model).filter(|pane| pane.asked == number) else { return };
    let fresh = pane.search != pane.lines.search;
    pane.lines = lines;
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
        show(pane, viewport.overlay, viewport.overlay_lines);
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
        None if hits.is_empty() => model.say(Tone::Info, "No match in what is shown of this session"),
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
