//! Taking decisions back and making them again. The cache knows what was last; the screen asks it.

use crate::app::action::Action;
use crate::app::data::{Failure, Undone};
use crate::app::effect::Effect;
use crate::app::model::{Model, Screen};
use crate::app::toast::Tone;
use crate::domain::ids::LessonId;
use crate::domain::lifecycle::State;

use super::look;

pub(in crate::app) fn undo(_model: &mut Model, effects: &mut Vec<Effect>) {
    effects.push(Effect::Undo);
}

pub(in crate::app) fn redo(_model: &mut Model, effects: &mut Vec<Effect>) {
    effects.push(Effect::Redo);
}

/// Hears what was taken back or made again, says so by name, and goes there.
pub(in crate::app) fn heard(model: &mut Model, result: Result<Option<Undone>, Failure>, again: bool) {
    let word = if again { "Made again" } else { "Undone" };
    let undone = match result {
        Err(failure) => return model.say(Tone::Problem, failure.to_string()),
        Ok(None) => {
            let verb = if again { "make again" } else { "undo" };
            return model.say(Tone::Info, format!("There is no decision to {verb}"));
        }
        Ok(Some(undone)) => undone,
    };
    model.inbox.set_states(&undone.changed);
    if undone.changed.is_empty()
        && let Some(first) = undone.kept.first()
    {
        let rows = model.inbox.rows_of(undone.kept.iter().map(|(id, _)| id));
        return stuck(model, first, rows.saturating_sub(1), again);
    }
    let what = match (model.inbox.rows_of(undone.changed.iter().map(|(id, _)| id)), undone.changed.first()) {
        (1, Some((id, _))) => named(model, id),
        (rows, _) => format!("{rows} lessons"),
    };
    if let Some((id, _)) = undone.changed.first().filter(|(id, _)| model.inbox.is_in_view(id)) {
        model.inbox.go_to_lesson(id.clone());
    }
    let stay = match undone.kept.as_slice() {
        [] => String::new(),
        [(id, state)] => format!("; {} is {} and stays", named(model, id), state.as_str()),
        many => format!("; {} of them changed since and stay", many.len()),
    };
    model.say(Tone::Done, format!("{word}: {} {what}{stay}", undone.verdict));
}

fn named(model: &Model, id: &LessonId) -> String {
    let entry = model.inbox.entry(id);
    entry.map_or_else(|| "one lesson".to_owned(), |entry| format!("“{}”", entry.lesson.statement))
}

/// Nothing of the batch could be turned back: goes to the first lesson that stands in the way and says how it is
/// taken back.
fn stuck(model: &mut Model, (id, state): &(LessonId, State), others: usize, again: bool) {
    let name = named(model, id);
    let others = match others {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if model.inbox.entry(id).is_some() {
        if !model.inbox.is_in_view(id) {
            look::show_lessons(model, "state:any");
        }
        model.screen = Screen::Inbox;
        model.inbox.go_to_lesson(id.clone());
    }
    match state {
        State::Applied if !again => model.say_then(
            Tone::Info,
            format!("The last decision is written already: {name}{others}"),
            Action::TakeBack,
            "shows what taking it out of the memory again would write",
        ),
        _ => {
            let verb = if again { "made again" } else { "undone" };
            let text = format!("The decision can't be {verb}: {name}{others} is {} now", state.as_str());
            model.say(Tone::Problem, text);
        }
    }
}
