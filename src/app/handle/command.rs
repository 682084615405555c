//! What Enter does in a text field, and the command line with its completion.

use crate::app::action::{Action, Group};
use crate::app::available;
use crate::app::effect::Effect;
use crate::app::filter::Filter;
use crate::app::model::{Model, Screen};
use crate::app::overlay::{AgentPicker, CommandLine, Overlay, PickFor, Prompt, PromptKind};
use crate::app::sort::{Field, Sort};
use crate::app::toast::Tone;
use crate::app::update::act;
use crate::domain::memory::DocPath;
use crate::domain::nearest::nearest;

use super::{audit, decide, dreams, filter, memory, palette, threshold, transcript, wish};

/// Commands that take a word behind them, with what the word is.
pub const WITH_ARGUMENT: &[(&str, &str)] = &[
    ("agent", "show the lessons of one agent"),
    ("filter", "filter the inbox"),
    ("threshold", "smallest example count shown"),
    ("sort", "field to order by"),
    ("put-back", "document to put back to the selected version, also one that is gone"),
    ("reject", "why this lesson is rejected"),
];

/// Takes the answer of the text field on top.
pub(in crate::app) fn submit(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.overlays.pop() {
        Some(Overlay::Prompt(prompt)) => submit_prompt(model, prompt, effects),
        Some(Overlay::Palette(shown)) => {
            let Some(&action) = shown.matches.get(shown.selected) else {
                model.overlays.push(Overlay::Palette(shown));
                return;
            };
            act(model, action, effects);
        }
        Some(Overlay::Command(mut line)) => {
            let text = meant(&line);
            if let Err(problem) = execute(model, &text, effects) {
                line.problem = Some(problem);
                model.overlays.push(Overlay::Command(line));
            }
        }
        Some(Overlay::Agents(picker)) => picked(model, &picker, effects),
        Some(Overlay::Wish(pane)) => wish::submit(model, pane, effects),
        Some(Overlay::Themes(picker)) => {
            model.theme = model.themes.get(picker.selected).cloned();
            if let Some(theme) = model.theme.clone() {
                model.say(Tone::Done, format!("Theme {theme}; it is kept for the next start"));
            }
        }
        Some(other) => model.overlays.push(other),
        None => {}
    }
}

/// The command of a line: as typed, or the only one it can be completed to. The beginning of a title in several
/// words is no word behind another command: who stops typing `reject below threshold` early rejects nothing.
fn meant(line: &CommandLine) -> String {
    let text = line.input.text().trim();
    match line.candidates.as_slice() {
        [only] if !text.is_empty() && named(text).is_none_or(|(_, rest)| !rest.is_empty()) => only.clone(),
        _ => text.to_owned(),
    }
}

/// The command at the start of a line, by its name or by its title as the help lists it, and what follows. The
/// longest wins: `reject below threshold` is not `reject` with a reason.
fn named(line: &str) -> Option<(Action, &str)> {
    let commands = Action::ALL.iter().copied().filter(|action| action.is_command());
    let names = commands.flat_map(|action| [(action.id(), action), (action.spec().title, action)]);
    let found = names.filter_map(|(name, action)| {
        let rest = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
        let rest = rest.and_then(|_| line.get(name.len()..))?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((
            name.len(),
            action,
            rest.trim(),
        ))
    });
    // Of equals the first: an id comes before a title in the same words.
    let longest = found.reduce(|best, other| if other.0 > best.0 { other } else { best });
    longest.map(|(_, action, rest)| (action, rest))
}

fn submit_prompt(model: &mut Model, mut prompt: Prompt, effects: &mut Vec<Effect>) {
    let text = prompt.input.text().to_owned();
    match &prompt.ask {
        PromptKind::Filter { .. } => {
            model.inbox.set_filter(&text);
            if let Some(problem) = model.inbox.filter().problems().first() {
                prompt.problem = Some(problem.clone());
                model.overlays.push(Overlay::Prompt(prompt));
            }
        }
        PromptKind::Search { .. } => {
            model.detail.look_for(&text);
            let page = model.viewport.text;
            model.detail.jump(crate::app::detail::Stops::Matches, true, page);
        }
        PromptKind::TranscriptSearch { .. } => {
            transcript::search(model, &text);
            transcript::search_all(model, effects);
        }
        PromptKind::AuditSearch { .. } => audit::search(model, &text, effects),
        PromptKind::ExportAudit => audit::export(model, &text, effects),
        PromptKind::Reason { lessons } => decide::reject_because(model, lessons, &text, effects),
        PromptKind::Threshold => match threshold::parse(&text) {
            Ok(wanted) => threshold::set(model, wanted),
            Err(problem) => {
                prompt.problem = Some(problem);
                model.overlays.push(Overlay::Prompt(prompt));
            }
        },
    }
}

fn picked(model: &mut Model, picker: &AgentPicker, effects: &mut Vec<Effect>) {
    let Some(agent) = picker.matches.get(picker.selected).cloned() else { return };
    match picker.purpose {
        PickFor::Dream => dreams::run(model, agent, effects),
        PickFor::Memory => memory::show(model, Some(agent), effects),
    }
}

fn execute(model: &mut Model, line: &str, effects: &mut Vec<Effect>) -> Result<(), String> {
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim();
    let several = named(line).filter(|(action, _)| action.id() != name && action.spec().title != name);
    if let Some((action, rest)) = several {
        if !rest.is_empty() {
            return Err(format!("{} takes no words; nothing was done", action.spec().title));
        }
        act(model, action, effects);
        return Ok(());
    }
    match (name, argument) {
        ("", _) => {}
        ("agent", name) if !name.is_empty() => {
            let quoted = if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() };
            model.inbox.set_filter(&format!("agent:{quoted}"));
            model.screen = Screen::Inbox;
        }
        ("agent", _) => return Err("agent NAME".to_owned()),
        ("filter", text) if !text.is_empty() => {
            let filter = Filter::parse(text);
            if let Some(problem) = filter.problems().first() {
                return Err(problem.clone());
            }
            model.inbox.set_filter(text);
            model.screen = Screen::Inbox;
        }
        ("threshold", number) if !number.is_empty() => threshold::set(model, threshold::parse(number)?),
        ("sort", field) if !field.is_empty() => {
            let field = Field::parse(field).ok_or_else(|| {
                let names: Vec<_> = Field::ALL.iter().map(|field| field.as_str()).collect();
                format!("sort by one of {}", names.join(", "))
            })?;
            filter::set_sort(model, Sort { field, reversed: false });
        }
        ("reject", reason) if !reason.is_empty() && model.screen == Screen::Inbox => {
            available::check(model, Action::Reject)?;
            if let Some(id) = model.inbox.current().map(|entry| entry.lesson.id.clone()) {
                decide::reject_because(model, &[id], reason, effects);
            }
        }
        ("put-back", path) if !path.is_empty() => {
            let path = DocPath::new(path).map_err(|error| error.to_string())?;
            memory::put_back(model, Some(path), effects)?;
        }
        (name, _) => {
            let (action, _) = named(name).ok_or_else(|| unknown_command(name))?;
            if !argument.is_empty() {
                return Err(format!("{name} takes no words; nothing was done"));
            }
            act(model, action, effects);
        }
    }
    Ok(())
}

fn unknown_command(name: &str) -> String {
    let known = Action::ALL
        .iter()
        .filter(|action| action.is_command())
        .map(|action| action.id())
        .chain(WITH_ARGUMENT.iter().map(|(name, _)| *name));
    match nearest(name, known) {
        Some(near) => format!("there is no command “{name}”; did you mean {near}?"),
        None => format!("there is no command “{name}”; Tab completes, Esc leaves"),
    }
}

/// Works out what Tab could complete to.
pub(in crate::app) fn complete(model: &mut Model) {
    let Some(Overlay::Command(line)) = model.overlays.last() else { return };
    let text = line.input.text().trim_start();
    // Also the words of a title find it; what is offered is always the name.
    let starts = |name: &str| name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let here: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.is_command() && action.spec().group != Group::Move)
        .filter(|&action| palette::here(model, action))
        .collect();
    let names = || here.iter().map(|action| action.id()).chain(WITH_ARGUMENT.iter().map(|(name, _)| *name));
    let sorted = |mut ids: Vec<&str>| {
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let by_title = || here.iter().filter(|action| starts(action.spec().title)).map(|action| action.id());
    let candidates: Vec<String> = match text.split_once(' ') {
        None => {
            let by_name = sorted(names().filter(|id| starts(id)).collect());
            if by_name.is_empty() { sorted(by_title().collect()) } else { by_name }
        }
        Some(("agent", rest)) => model
            .agents
            .list
            .iter()
            .map(|summary| summary.agent.name.as_str())
            .filter(|name| name.starts_with(rest.trim_start()))
            .map(|name| format!("agent {name}"))
            .collect(),
        Some(("sort", rest)) => Field::ALL
            .iter()
            .map(|field| field.as_str())
            .filter(|name| name.starts_with(rest.trim_start()))
            .map(|name| format!("sort {name}"))
            .collect(),
        Some(_) => sorted(by_title().collect()),
    };
    if let Some(Overlay::Command(line)) = model.overlays.last_mut() {
        line.candidates = candidates;
        line.chosen = None;
        line.problem = None;
    }
}

/// Puts the next (or previous) completion into the line; typing on starts a new list.
pub(in crate::app) fn turn_completion(model: &mut Model, by: isize) {
    let Some(Overlay::Command(line)) = model.overlays.last_mut() else { return };
    let count = line.candidates.len();
    if count == 0 {
        return;
    }
    let next = match line.chosen {
        None if by < 0 => count - 1,
        None => 0,
        Some(at) => (at + count).saturating_add_signed(by) % count,
    };
    line.chosen = Some(next);
    if let Some(text) = line.candidates.get(next).cloned() {
        line.input.set(&text);
    }
}
