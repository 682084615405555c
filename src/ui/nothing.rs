//! What the inbox says when nothing waits for a decision: why, and what is next.
//!
//! Owns: the words, with the keys of the live keymap. Must not know: what the list looks like otherwise.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Action;
use crate::domain::text::SafeText;

use super::pane::put;
use super::theme::Role;
use super::view::Scene;
use super::{format, wrap};

/// An empty list says why it is empty and what can be done.
pub fn draw(buffer: &mut Buffer, inside: Rect, scene: &Scene<'_>) {
    let room = usize::from(inside.width).saturating_sub(4).max(8);
    for (row, line) in wrapped(scene, &why(scene), room).into_iter().enumerate() {
        put(buffer, inside, row + 1, &line);
    }
}

/// What is next, above a list in which everything is decided: at most `most` lines.
#[must_use]
pub fn left<'a>(scene: &Scene<'a>, room: usize, most: usize) -> Vec<Line<'a>> {
    let mut said = vec!["Everything here is decided.".to_owned()];
    said.extend(next(scene));
    let mut lines = wrapped(scene, &said, room);
    lines.truncate(most);
    if !lines.is_empty() && most > lines.len() {
        lines.push(Line::default());
    }
    lines
}

/// The first sentence stands out. What does not fit goes on below its words, behind the key.
fn wrapped<'a>(scene: &Scene<'a>, said: &[String], room: usize) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for (index, text) in said.iter().enumerate() {
        let role = if index == 0 { Role::Strong } else { Role::Muted };
        let (key, words) = text.split_once("  ").map_or(("", text.as_str()), |(key, words)| (key, words));
        let indent = if key.is_empty() { 0 } else { wrap::width(key) + 2 };
        let parts = wrap::wrap(&SafeText::line(words), room.saturating_sub(indent).max(8));
        lines.extend(parts.into_iter().enumerate().map(|(part, line)| {
            let key = if part == 0 { key } else { "" };
            scene.line(format!("  {key:<indent$}{line}"), role)
        }));
    }
    lines
}

/// Why there is no agent: none was found yet, or those that there were are in no place any more that is read.
pub(super) fn no_agent(scene: &Scene<'_>) -> String {
    match scene.model.agents.gone.as_slice() {
        [] => "No agent is known yet.".to_owned(),
        [only] => format!("{} is in none of the places that are read any more.", Scene::safe(&only.name)),
        [first, rest @ ..] => format!(
            "{} and {} more are in none of the places that are read any more.",
            Scene::safe(&first.name),
            rest.len()
        ),
    }
}

fn why(scene: &Scene<'_>) -> Vec<String> {
    let model = scene.model;
    let counts = model.inbox.counts();
    let key = |action| scene.key(action);
    if !model.loaded {
        return Vec::new();
    }
    if !model.inbox.filter().text().is_empty() && (counts.filtered > 0 || counts.below == 0) {
        let hidden = format::counted(counts.filtered as u64, "lesson");
        return vec![
            format!("Nothing matches the filter; it hides {hidden}."),
            format!("{}  show everything again", key(Action::Escape)),
            format!("{}  change the filter", key(Action::Filter)),
        ];
    }
    if model.agents.list.is_empty() {
        return vec![
            no_agent(scene),
            format!("{}  look for agents again", key(Action::Sync)),
            "`wakeful init` says where to look.".to_owned(),
        ];
    }
    let nothing_left = counts.below == 0 && counts.accepted == 0 && counts.snoozed == 0;
    if nothing_left && model.dreams.running.is_some() {
        return vec![
            "A dream is at work; what it proposes will wait here.".to_owned(),
            format!("{}  watch it", key(Action::ScreenDreams)),
        ];
    }
    if nothing_left && model.dreams.list.is_empty() {
        return vec![
            "No dream has run yet.".to_owned(),
            format!("{}  read the last sessions of an agent and propose lessons", key(Action::DreamRun)),
            format!("{}  see the agents", key(Action::ScreenAgents)),
        ];
    }
    let mut lines = if counts.below > 0 {
        let least = format::counted(u64::from(model.inbox.threshold()), "example");
        vec![format!("Nothing has {least} or more.")]
    } else {
        vec!["Nothing waits for a decision.".to_owned()]
    };
    lines.extend(next(scene));
    lines.push(format!("{}  state:any: what was decided", key(Action::Filter)));
    lines
}

/// What waits although nothing is to be decided, and when there will be more: each with its key.
fn next(scene: &Scene<'_>) -> Vec<String> {
    let model = scene.model;
    let counts = model.inbox.counts();
    let key = |action| scene.key(action);
    let mut lines = Vec::new();
    if counts.accepted > 0 {
        let accepted = format::counted(counts.accepted as u64, "accepted lesson");
        lines.push(format!("{}  preview and write {accepted}", key(Action::Preview)));
    }
    if counts.below > 0 {
        let below = format::below(counts.below, model.inbox.threshold());
        lines.push(format!("{}  lower the threshold: {below} hidden", key(Action::ThresholdLower)));
    }
    if counts.snoozed > 0 {
        let back = model.snoozed_until.map(|at| format::ahead(at, model.now, &model.zone));
        let first = if counts.snoozed == 1 { "back" } else { "first back" };
        let back = back.map(|when| format!(", {first} {when}")).unwrap_or_default();
        lines.push(format!("{}  state:snoozed: {}{back}", key(Action::Filter), counts.snoozed));
    }
    lines.push(match model.next_dream() {
        _ if model.dreams.running.is_some() => {
            format!("{}  watch the dream that is at work", key(Action::ScreenDreams))
        }
        None => format!("{}  dream again", key(Action::DreamRun)),
        Some((at, agent)) if at <= model.now => {
            format!("{}  dream now: {} is due", key(Action::DreamRun), Scene::safe(agent))
        }
        Some((at, agent)) => {
            let when = format::ahead(at, model.now, &model.zone);
            format!("{}  dream again; next due {when} ({})", key(Action::DreamRun), Scene::safe(agent))
        }
    });
    lines
}
