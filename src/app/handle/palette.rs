//! Help and palette in one: every action with its key, found by typing.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::action::{Action, Group};
use crate::app::available;
use crate::app::model::Model;
use crate::app::overlay::{Overlay, Palette};

/// Opens the palette: what works here first, in the order of the groups.
pub(in crate::app) fn open(model: &mut Model) {
    model.overlays.push(Overlay::Palette(Palette::default()));
    let matches = matching(model, "");
    if let Some(Overlay::Palette(palette)) = model.overlays.last_mut() {
        palette.matches = matches;
    }
}

/// Actions that fit what was typed into the palette on top, best first; everything when nothing was
/// typed.
#[must_use]
pub fn matching(model: &Model, query: &str) -> Vec<Action> {
    let mut actions: Vec<Action> = Action::ALL.to_vec();
    actions.retain(|&action| action.spec().group != Group::Answer);
    if query.trim().is_empty() {
        actions.sort_by_key(|&action| (!here(model, action), action.spec().group));
        return actions;
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, Action)> = actions
        .into_iter()
        .filter_map(|action| {
            let spec = action.spec();
            // A hit in the name is worth more than one in the sentence that explains it.
            let named = format!("{} {}", spec.title, spec.id);
            let by_name = pattern.score(Utf32Str::new(&named, &mut buffer), &mut matcher).map(|s| s * 2);
            let words: Vec<_> = query.split_whitespace().collect();
            let help = spec.help.to_lowercase();
            let by_help = words.iter().all(|word| help.contains(&word.to_lowercase())).then_some(1);
            by_name.or(by_help).map(|score| (score, action))
        })
        .collect();
    scored.sort_by_key(|&(score, _)| std::cmp::Reverse(score));
    scored.into_iter().map(|(_, action)| action).collect()
}

/// Whether an action can be started from what lies below the topmost overlay.
#[must_use]
pub fn here(model: &Model, action: Action) -> bool {
    let scopes = model.scopes_below();
    action.spec().scopes.iter().any(|scope| scopes.contains(scope))
}

/// Why an action can't be run from the palette or the command line, if it can't.
///
/// # Errors
/// The reason.
pub fn check(model: &Model, action: Action) -> Result<(), String> {
    if here(model, action) {
        return available::check(model, action);
    }
    let scopes: Vec<_> = action.spec().scopes.iter().map(|scope| scope.as_str()).collect();
    Err(format!("it belongs to {}", scopes.join(", ")))
}
