//! Overlays: opening them, typing into them, answering them.

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::line_edit::{LineEdit, TextEdit};
use crate::app::model::Model;
use crate::app::overlay::{CommandLine, Overlay, PromptKind, SpotPane, ThemePicker, Then};
use crate::app::toast::Tone;

use super::{apply, audit, command, decide, leave, output, palette, threshold, transcript};

/// Opens help, command line or messages.
pub(in crate::app) fn open(model: &mut Model, action: Action) {
    match action {
        Action::Help => palette::open(model),
        Action::Theme => {
            let now = model.theme.as_ref();
            let selected = model.themes.iter().position(|theme| Some(theme) == now).unwrap_or(0);
            model.overlays.push(Overlay::Themes(ThemePicker { selected }));
        }
        Action::Explain => model.overlays.push(Overlay::Explain { scroll: 0 }),
        Action::Messages if matches!(model.overlay(), Some(Overlay::Messages { .. })) => {}
        Action::Messages => {
            let lines = model.toasts.log().len();
            model.overlays.push(Overlay::Messages { scroll: lines.saturating_sub(1) });
        }
        _ => {
            model.overlays.push(Overlay::Command(CommandLine::default()));
            command::complete(model);
        }
    }
}

/// The text field keys go to, if there is one.
fn field(model: &mut Model) -> Option<&mut LineEdit> {
    match model.overlays.last_mut()? {
        Overlay::Palette(palette) => Some(&mut palette.input),
        Overlay::Command(line) => Some(&mut line.input),
        Overlay::Prompt(prompt) => Some(&mut prompt.input),
        Overlay::Agents(picker) => Some(&mut picker.input),
        Overlay::Wish(pane) => pane.input(),
        Overlay::Confirm(_)
        | Overlay::Preview(_)
        | Overlay::Transcript(_)
        | Overlay::Themes(_)
        | Overlay::Jump
        | Overlay::Spot(_)
        | Overlay::Explain { .. }
        | Overlay::Fit(_)
        | Overlay::Requests(_)
        | Overlay::Messages { .. } => None,
    }
}

/// Edits the text field on top.
pub(in crate::app) fn edit(model: &mut Model, edit: &TextEdit, effects: &mut Vec<Effect>) {
    if let Some(field) = field(model) {
        field.edit(edit);
        typed(model, effects);
    }
}

/// Takes in pasted text; outside text fields it is never read as keys.
pub(in crate::app) fn paste(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    match field(model) {
        Some(field) => {
            field.paste(text);
            typed(model, effects);
        }
        None => model.say(Tone::Info, "Pasted text was ignored: no text field is open"),
    }
}

/// What follows from a changed text field.
fn typed(model: &mut Model, effects: &mut Vec<Effect>) {
    let mut overlays = std::mem::take(&mut model.overlays);
    match overlays.last_mut() {
        Some(Overlay::Prompt(prompt)) => {
            prompt.problem = None;
            let text = prompt.input.text();
            match &prompt.ask {
                PromptKind::Filter { at, .. } => {
                    model.inbox.set_filter(text);
                    if let Some(at) = at {
                        model.inbox.go_back_to(at);
                    }
                    prompt.problem = model.inbox.filter().problems().first().cloned();
                }
                PromptKind::Search { .. } => {
                    model.detail.look_for(text);
                }
                PromptKind::Threshold => prompt.problem = threshold::parse(text).err(),
                PromptKind::TranscriptSearch { .. }
                | PromptKind::AuditSearch { .. }
                | PromptKind::ExportAudit
                | PromptKind::Reason { .. } => {}
            }
        }
        Some(Overlay::Wish(pane)) => pane.problem = None,
        Some(Overlay::Agents(picker)) => {
            let wanted = picker.input.text().to_lowercase();
            picker.matches = model
                .agents
                .list
                .iter()
                .filter(|summary| summary.agent.name.to_lowercase().contains(&wanted))
                .map(|summary| summary.agent.id.clone())
                .collect();
            picker.selected = 0;
        }
        _ => {}
    }
    model.overlays = overlays;
    match model.overlays.last() {
        Some(Overlay::Palette(shown)) => {
            let matches = palette::matching(model, shown.input.text());
            if let Some(Overlay::Palette(shown)) = model.overlays.last_mut() {
                shown.matches = matches;
                shown.selected = 0;
            }
        }
        Some(Overlay::Command(_)) => command::complete(model),
        Some(Overlay::Prompt(prompt)) if matches!(prompt.ask, PromptKind::AuditSearch { .. }) => {
            let words = prompt.input.text().to_owned();
            audit::search(model, &words, effects);
        }
        Some(Overlay::Prompt(prompt)) if matches!(prompt.ask, PromptKind::TranscriptSearch { .. }) => {
            let words = prompt.input.text().to_owned();
            transcript::search(model, &words);
        }
        _ => {}
    }
}

/// Keys of text fields other than text.
pub(in crate::app) fn input(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::InputCancel => {
            if let Some(overlay) = model.overlays.pop() {
                leave::put_back(model, overlay, effects);
            }
        }
        Action::InputComplete if matches!(model.overlay(), Some(Overlay::Command(_))) => {
            command::turn_completion(model, 1);
        }
        Action::InputPrevious => turn(model, -1),
        _ => turn(model, 1),
    }
}

fn turn(model: &mut Model, by: isize) {
    let step = |selected: &mut usize, count: usize| {
        *selected = selected.saturating_add_signed(by).min(count.saturating_sub(1));
    };
    let themes = model.themes.len();
    match model.overlays.last_mut() {
        Some(Overlay::Themes(picker)) => step(&mut picker.selected, themes),
        Some(Overlay::Palette(palette)) => step(&mut palette.selected, palette.matches.len()),
        Some(Overlay::Agents(picker)) => step(&mut picker.selected, picker.matches.len()),
        Some(Overlay::Wish(pane)) => pane.turn(by),
        Some(Overlay::Command(_)) => command::turn_completion(model, by),
        _ => {}
    }
}

/// Opens the places of a spot check.
pub(in crate::app) fn spot(model: &mut Model) {
    if let Some(content) = model.detail.content() {
        let pane =
            SpotPane { lesson: content.lesson.clone(), places: content.sample.clone(), said: Vec::new() };
        model.overlays.push(Overlay::Spot(pane));
    }
}

/// Takes in what is said of the place shown, and goes to the next; after the last, all of it is kept.
fn say_of_place(model: &mut Model, mut pane: SpotPane, right: bool, effects: &mut Vec<Effect>) {
    let place = pane.places.get(pane.said.len()).copied();
    let evidence = model.detail.content().filter(|content| content.lesson == pane.lesson);
    let session = evidence.zip(place).and_then(|(content, at)| content.evidence.get(at));
    if let Some(place) = session {
        pane.said.push((place.place.session.clone(), right));
    }
    if session.is_none() || pane.said.len() >= pane.places.len() {
        keep_spot(pane, effects);
    } else {
        model.overlays.push(Overlay::Spot(pane));
    }
}

/// Keeps what was said, also where not all places were looked at.
pub(in crate::app) fn keep_spot(pane: SpotPane, effects: &mut Vec<Effect>) {
    if !pane.said.is_empty() {
        effects.push(Effect::SpotCheck(pane.lesson, pane.said));
    }
}

/// Answers a question.
pub(in crate::app) fn answer(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if let Some(Overlay::Spot(_)) = model.overlay() {
        if let Some(Overlay::Spot(pane)) = model.overlays.pop() {
            say_of_place(model, pane, action == Action::Confirm, effects);
        }
        return;
    }
    let Some(overlay) = model.overlays.pop() else { return };
    let Overlay::Confirm(confirm) = overlay else { return super::leave::put_back(model, overlay, effects) };
    if action == Action::Decline {
        return;
    }
    match confirm.then {
        Then::Decide(asks, left_out) => decide::record_batch(model, asks, left_out, effects),
        Then::Quarantine(agent, session) => {
            apply::take_back(model, Effect::Quarantine(agent, session), effects);
        }
        Then::StartDream(number, over) => {
            model.say(Tone::Info, "Starting the dream");
            effects.push(Effect::StartDream(number, over));
        }
        Then::FetchDream(agent, dream) => {
            model.say(Tone::Info, "Fetching what the dream wrote, and the sessions it read");
            effects.push(Effect::FetchDream(agent, dream));
        }
        Then::Adopt(number, plan) => output::show(model, number, plan),
        Then::PutAway(agent, dream, delete) => effects.push(Effect::PutAway(agent, dream, delete)),
        Then::CancelDream(agent, dream) => effects.push(Effect::CancelFarDream(agent, dream)),
        Then::Quit => model.leaving = true,
    }
}
