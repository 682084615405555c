//! The one function that moves the console on: a message in, effects out.
//!
//! Owns: dispatch, and what holds after every message (the open lesson is the one under the
//! cursor). Must not wait, read, or write anything. Must not know: terminals or stores.

use jiff::Timestamp;

use super::action::{Action, Group};
use super::available;
use super::effect::Effect;
use super::handle::{
    agents, apply, audit, command, decide, dreams, filter, fit, leave, look, marks, memory, mouse, navigate,
    output, overlays, replies, requests, threshold, undo, wish,
};
use super::model::{Model, Pane, Screen};
use super::msg::Msg;
use super::overlay::Overlay;
use super::toast::Tone;
use super::view_state::ViewState;
use super::words;

/// What the console needs first: its lessons, then whatever was cut off last time, and, if `sync` is
/// wanted, fresh facts behind them.
#[must_use]
pub fn start(model: &mut Model, sync: bool) -> Vec<Effect> {
    let mut effects = Vec::new();
    reload(model, &mut effects);
    if !model.read_only {
        effects.push(Effect::Resume);
    }
    if sync {
        dreams::sync(model, &mut effects);
    }
    effects
}

/// Takes in one message. `now` is the moment it arrived.
#[must_use]
pub fn update(model: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    model.now = now;
    let before = ViewState::of(model);
    match msg {
        Msg::Tick => {
            let expired = model.toasts.expire(now);
            model.dirty |= expired || model.counts_seconds();
            return effects;
        }
        Msg::Viewport(viewport) => {
            if model.viewport != viewport {
                model.viewport = viewport;
                model.dirty |= look::clamp(model);
            }
            return effects;
        }
        Msg::Painted(painted) => {
            let page = model.viewport.text;
            model.detail.hear(painted, page);
        }
        Msg::Action(action) => {
            // What was said answered an earlier action; a failure stays up while one only looks around.
            let failure = model.toasts.current().is_some_and(|toast| toast.tone == Tone::Problem);
            if !failure || action.spec().group != Group::Move {
                model.toasts.dismiss();
            }
            act(model, action, &mut effects);
        }
        Msg::Text(edit) => overlays::edit(model, &edit, &mut effects),
        Msg::Paste(text) => overlays::paste(model, &text, &mut effects),
        Msg::Click(spot) => mouse::click(model, spot, &mut effects),
        Msg::Jump(spot) => mouse::jump(model, spot),
        Msg::Wheel(spot, lines) => navigate::wheel(model, spot, lines, &mut effects),
        Msg::Drag(column) => mouse::drag(model, column),
        Msg::Focus(focused) => {
            model.focused = focused;
            return effects;
        }
        Msg::UnknownKey(key) => {
            model.say(Tone::Info, format!("{key} means nothing here; ? shows the keys"));
        }
        other => replies::take(model, other, &mut effects),
    }
    model.dirty = true;
    settle(model, &mut effects);
    if model.looked_up.as_ref().is_some_and(|(set, _)| set != model.inbox.filter().text()) {
        model.looked_up = None;
    }
    let after = ViewState::of(model);
    // The lesson under the cursor alone is not worth a write per key press; it is kept along with
    // anything else, and when the console ends.
    let place_only = ViewState { lesson: before.lesson.clone(), ..after.clone() } == before;
    if after != before && !place_only {
        effects.push(Effect::SaveView(after.to_json()));
    }
    effects
}

/// Carries out an action, or says why not.
pub(super) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    use Action as A;
    let scopes = model.scopes();
    // Their keys are text in a field; the list below it is paged through all the same.
    let pages = matches!(action, A::PageDown | A::PageUp | A::Top | A::Bottom) && model.pages().is_some();
    if !pages && !action.spec().scopes.iter().any(|scope| scopes.contains(scope)) {
        let places: Vec<_> = action.spec().scopes.iter().map(|scope| scope.as_str()).collect();
        return refuse(model, action, &format!("not here; it belongs to {}", places.join(", ")));
    }
    if let Err(reason) = available::check(model, action) {
        return refuse(model, action, &reason);
    }
    if !matches!(action, A::Interrupt) {
        model.interrupted = None;
    }
    match action {
        A::Accept | A::Reject | A::RejectBecause | A::Snooze | A::Reopen | A::RejectBelow => {
            decide::act(model, action, effects);
        }
        A::Edit if matches!(model.overlay(), Some(Overlay::Fit(_))) => fit::edit(model, effects),
        A::Edit => decide::edit(model, effects),
        A::Fit => fit::open(model),
        A::FitNow | A::FitLesson | A::FitBoth | A::FitBase => fit::choose(model, action),
        A::FitUse => fit::use_it(model, effects),
        A::Undo => undo::undo(model, effects),
        A::Redo => undo::redo(model, effects),
        A::Mark | A::Range | A::MarkAll | A::ClearMarks => marks::act(model, action),
        A::Down
        | A::Up
        | A::PageDown
        | A::PageUp
        | A::Top
        | A::Bottom
        | A::NextUndecided
        | A::PreviousUndecided
        | A::DetailDown
        | A::DetailUp => navigate::act(model, action, effects),
        A::Jump => model.overlays.push(super::overlay::Overlay::Jump),
        A::FocusNext | A::FocusPrevious | A::Open | A::Zoom => look::focus(model, action, effects),
        A::Evidence
        | A::OpenTranscript
        | A::NextChange
        | A::PreviousChange
        | A::Layout
        | A::FinalText
        | A::Wrap
        | A::ContextMore
        | A::ContextLess
        | A::Compare
        | A::Folds => look::act(model, action, effects),
        A::SpotCheck => overlays::spot(model),
        A::Quarantine => look::quarantine(model, effects),
        A::Copy => look::copy(model, effects),
        A::Filter | A::Search | A::ClearFilter | A::SortNext | A::SortReverse => {
            filter::act(model, action, effects);
        }
        A::ThresholdLower | A::ThresholdRaise | A::ThresholdSet => threshold::act(model, action),
        A::PutBack => {
            if let Err(reason) = memory::put_back(model, None, effects) {
                refuse(model, action, &reason);
            }
        }
        A::ExportAudit => audit::ask_for_file(model),
        A::Preview | A::Apply | A::TakeBack => apply::act(model, action, effects),
        A::DreamRun | A::DreamRetry | A::DreamCancel => dreams::act(model, action, effects),
        A::DreamAdopt | A::DreamDiscard => output::act(model, action, effects),
        A::DreamChange => wish::open(model),
        A::Sync => dreams::sync(model, effects),
        A::ScreenInbox | A::ScreenDreams | A::ScreenAgents | A::ScreenMemory | A::ScreenAudit => {
            navigate::screen(model, action, effects);
        }
        // Never available so far.
        A::ScreenEffects => {}
        A::ChooseAgent => memory::choose_agent(model),
        A::Requests => requests::open(model, effects),
        A::Explain | A::Messages | A::Help | A::Command | A::Theme => overlays::open(model, action),
        A::Escape | A::Back | A::Quit | A::Interrupt => leave::act(model, action, effects),
        A::ListWider => mouse::resize_list(model, 4),
        A::ListNarrower => mouse::resize_list(model, -4),
        A::Mouse => mouse::toggle(model, effects),
        A::Picture => effects.push(Effect::Picture),
        A::Suspend => effects.push(Effect::Suspend),
        A::Redraw => effects.push(Effect::Redraw),
        A::Confirm | A::Decline => overlays::answer(model, action, effects),
        A::InputSubmit => command::submit(model, effects),
        A::InputCancel | A::InputNext | A::InputPrevious | A::InputComplete => {
            overlays::input(model, action, effects);
        }
    }
}

/// Says why an action is not carried out. Titles are verbs, nouns and phrases, so none is built into a sentence.
fn refuse(model: &mut Model, action: Action, reason: &str) {
    let title = words::capitalised(action.spec().title);
    model.say(Tone::Info, format!("{title}: {reason}"));
}

/// What holds after every message.
fn settle(model: &mut Model, effects: &mut Vec<Effect>) {
    let current = model.inbox.current().map(|entry| entry.lesson.id.clone());
    if current.is_none() {
        model.pane = Pane::List;
        model.zoom = false;
    }
    if !model.zoom {
        model.zoomed_from = None;
    }
    if model.detail.lesson() != current.as_ref() {
        model.detail.open(current.clone());
        if let Some(lesson) = current {
            load_detail(model, lesson, effects);
        }
    }
    match model.screen {
        Screen::Memory => memory::ensure_loaded(model, effects),
        Screen::Audit => audit::ensure_loaded(model, effects),
        Screen::Agents => agents::ensure_loaded(model, effects),
        Screen::Inbox | Screen::Dreams => {}
    }
}

/// Asks for the texts of a lesson.
pub(super) fn load_detail(
    model: &mut Model,
    lesson: crate::domain::ids::LessonId,
    effects: &mut Vec<Effect>,
) {
    let number = model.number();
    model.detail.asked = number;
    effects.push(Effect::LoadDetail(number, lesson));
}

/// Asks for everything the lists are made from.
pub(super) fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    let number = model.number();
    model.overview_asked = number;
    model.overview_waiting = true;
    effects.push(Effect::LoadOverview(number));
}
