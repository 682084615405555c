//! Filter, search and order.

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::line_edit::LineEdit;
use crate::app::model::{Model, Screen};
use crate::app::overlay::{Overlay, Prompt, PromptKind};
use crate::app::toast::Tone;

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Filter if model.screen == Screen::Audit => {
            let before = model.audit.query.clone();
            prompt(model, &before.clone(), PromptKind::AuditSearch { before });
        }
        Action::Filter => {
            let before = model.inbox.filter().text().to_owned();
            let at = model.inbox.current().map(|entry| entry.lesson.id.clone());
            prompt(model, &before.clone(), PromptKind::Filter { before, at });
        }
        Action::Search if matches!(model.overlay(), Some(Overlay::Transcript(_))) => {
            if let Some(before) = super::transcript::search_from(model) {
                let words = before.words.clone().unwrap_or_default();
                prompt(model, &words, PromptKind::TranscriptSearch { before });
            }
        }
        Action::Search => {
            let before = model.detail.search.clone();
            prompt(model, &before.clone().unwrap_or_default(), PromptKind::Search { before });
        }
        Action::ClearFilter if model.screen == Screen::Audit => super::audit::search(model, "", effects),
        Action::ClearFilter => model.inbox.set_filter(""),
        Action::SortNext => set_sort(model, model.inbox.sort().next()),
        _ => {
            let mut sort = model.inbox.sort();
            sort.reversed = !sort.reversed;
            set_sort(model, sort);
        }
    }
}

/// Opens a field on what is there already: typing takes its place, moving the cursor goes on with it.
fn prompt(model: &mut Model, text: &str, ask: PromptKind) {
    let input = if text.is_empty() { LineEdit::default() } else { LineEdit::offering(text) };
    model.overlays.push(Overlay::Prompt(Prompt { ask, input, problem: None }));
}

/// Orders the list, and says how.
pub(in crate::app) fn set_sort(model: &mut Model, sort: crate::app::sort::Sort) {
    model.inbox.set_sort(sort);
    let direction = if sort.is_descending() { "largest first" } else { "smallest first" };
    model.say(Tone::Info, format!("Ordered by {}, {direction}", sort.field.as_str()));
}
