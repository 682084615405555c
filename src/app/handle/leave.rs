//! Leaving: what is transient first, then the place, then the program.

use jiff::SignedDuration;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::model::{Model, Pane, Screen};
use crate::app::overlay::{Confirm, Overlay, PromptKind, Then};
use crate::app::screens::MemoryPane;
use crate::app::toast::Tone;
use crate::app::words::counted;

/// Two presses within this time mean it.
const TWICE: SignedDuration = SignedDuration::from_secs(2);

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Escape => {
            leave_transient(model, effects);
        }
        Action::Back => back(model, effects),
        Action::Quit => quit(model),
        _ => {
            let again = model.interrupted.is_some_and(|at| model.now.duration_since(at) <= TWICE);
            if again {
                model.leaving = true;
                return;
            }
            model.interrupted = Some(model.now);
            leave_transient(model, effects);
            model.say(Tone::Info, "Once more within two seconds quits; nothing is lost");
        }
    }
}

/// Leaves the innermost transient state; `false` if there was none.
fn leave_transient(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    if let Some(Overlay::Transcript(pane)) = model.overlays.last_mut()
        && pane.search.take().is_some()
    {
        return true;
    }
    if let Some(overlay) = model.overlays.pop() {
        put_back(model, overlay, effects);
        return true;
    }
    match model.screen {
        Screen::Inbox => {
            if model.pane != Pane::List && model.detail.search.take().is_some() {
                return true;
            }
            if model.pane != Pane::List || model.zoom {
                return step_back(model);
            }
            if model.inbox.clear_range() {
                return true;
            }
            let (marked, hidden) = model.inbox.chosen_counts();
            if model.inbox.clear_marks() {
                say_unmarked(model, marked, hidden);
                return true;
            }
            if !model.inbox.filter().text().is_empty() {
                model.inbox.set_filter("");
                return true;
            }
        }
        Screen::Memory if model.memory.pane != MemoryPane::Documents => return step_back(model),
        Screen::Audit if !model.audit.query.is_empty() => {
            super::audit::search(model, "", effects);
            return true;
        }
        _ => {}
    }
    model.toasts.dismiss()
}

/// Marks that were out of view would go unseen.
fn say_unmarked(model: &mut Model, marked: usize, hidden: usize) {
    let hidden = if hidden > 0 { format!(", {hidden} of them not in view") } else { String::new() };
    model.say(Tone::Info, format!("{} taken off{hidden}", counted(marked as u64, "mark")));
}

/// A prompt that is left puts back what it changed while typing; what was said in a spot check is kept. Leaving a
/// preview changes nothing, whatever it shows.
pub(in crate::app) fn put_back(model: &mut Model, overlay: Overlay, effects: &mut Vec<Effect>) {
    let prompt = match overlay {
        Overlay::Prompt(prompt) => prompt,
        Overlay::Spot(pane) => return super::overlays::keep_spot(pane, effects),
        Overlay::Wish(pane) => return super::wish::leave(model, *pane),
        _ => return,
    };
    match prompt.ask {
        PromptKind::Filter { before, at } => {
            model.inbox.set_filter(&before);
            if let Some(at) = &at {
                model.inbox.go_back_to(at);
            }
        }
        PromptKind::Search { before } => model.detail.search_again(before),
        PromptKind::TranscriptSearch { before } => super::transcript::search_back(model, before),
        PromptKind::AuditSearch { before } => super::audit::search(model, &before, effects),
        PromptKind::ExportAudit | PromptKind::Threshold | PromptKind::Reason { .. } => {}
    }
}

/// One place back inside a screen.
fn step_back(model: &mut Model) -> bool {
    match (model.screen, model.pane) {
        (Screen::Inbox, Pane::Evidence) if model.zoom => model.pane = Pane::Lesson,
        (Screen::Inbox, Pane::Evidence) if !model.viewport.beside => model.pane = model.evidence_from,
        (Screen::Inbox, Pane::Lesson | Pane::Evidence) => {
            model.pane = Pane::List;
            model.zoom = false;
        }
        (Screen::Inbox, Pane::List) if model.zoom => model.zoom = false,
        (Screen::Memory, _) if model.memory.pane != MemoryPane::Documents => {
            model.memory.pane = MemoryPane::Documents;
        }
        _ => return false,
    }
    true
}

fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(overlay) = model.overlays.pop() {
        put_back(model, overlay, effects);
        return;
    }
    if step_back(model) {
        return;
    }
    if model.screen == Screen::Inbox {
        quit(model);
    } else {
        model.screen = Screen::Inbox;
    }
}

fn quit(model: &mut Model) {
    if !model.is_busy() {
        model.leaving = true;
        return;
    }
    let what = if model.writing {
        "Lessons are being written; leaving waits for that to end."
    } else {
        "A dream is running; leaving stops it. What it has read so far is kept for the next one."
    };
    model.overlays.push(Overlay::Confirm(Confirm {
        question: "Leave now?".to_owned(),
        details: vec![what.to_owned()],
        then: Then::Quit,
    }));
}
