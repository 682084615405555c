//! Taking decisions back and making them again. The cache knows what was last; the screen asks it.

use crate::app::data::{Failure, Undone};
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::toast::Tone;

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
    let what = match (model.inbox.rows_of(undone.changed.iter().map(|(id, _)| id)), undone.changed.first()) {
        (1, Some((id, _))) => {
            let entry = model.inbox.entry(id);
            entry.map_or_else(|| "one lesson".to_owned(), |entry| format!("“{}”", entry.lesson.statement))
        }
        (rows, _) => format!("{rows} lessons"),
    };
    if let Some((id, _)) = undone.changed.first().filter(|(id, _)| model.inbox.is_in_view(id)) {
        model.inbox.go_to_lesson(id.clone());
    }
    model.say(Tone::Done, format!("{word}: {} {what}", undone.verdict));
}
