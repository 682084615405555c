//! Taking decisions back and making them again. The cache knows what was last; the screen asks it.

use crate::app::action::Action;
use crate::app::data::{Failure, Undone};
use crate::app::effect::Effect;
use crate::app::model::{Model, Screen};
use crate::app::toast::Tone;
use crate::domain::ids::LessonId;
use crate::domain::lifecycle::State;

pub(in crate::app) fn undo(model: &mut Model, effects: &mut Vec<Effect>) {
    // Until the lists are read again, which say how it is.
    model.turns.redo = true;
    effects.push(Effect::Undo);
}

pub(in crate::app) fn redo(model: &mut Model, effects: &mut Vec<Effect>) {
    model.turns.undo = true;
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
        return stuck(model, first, (rows.saturating_sub(1), undone.together), again);
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

/// A name longer than this leaves no room for what can be done.
const NAMED: usize = 24;

/// Said of a lesson that was written alone, of one of several, and of either where the inbox is not on the screen.
const ALONE: &[(Action, &str)] =
    &[(Action::TakeBack, "shows what taking it out of the memory again would write")];
const ONE_OF_SEVERAL: &[(Action, &str)] = &[
    (Action::TakeBack, "takes out this one,"),
    (Action::ScreenMemory, "then"),
    (Action::FocusPrevious, "and"),
    (Action::TakeBack, "all"),
];
const ELSEWHERE: &[(Action, &str)] =
    &[(Action::ScreenInbox, "and"), (Action::TakeBack, "show what taking it out would write")];

/// Nothing of the batch could be turned back: goes to the first lesson that stands in the way, where the inbox is on
/// the screen, and says how it is taken back.
fn stuck(
    model: &mut Model,
    (id, state): &(LessonId, State),
    (others, together): (usize, usize),
    again: bool,
) {
    let name = model.inbox.entry(id).map_or_else(
        || "one lesson".to_owned(),
        |entry| {
            let statement = &entry.lesson.statement;
            let cut = statement.chars().nth(NAMED).map_or("", |_| "…");
            format!("“{}{cut}”", statement.chars().take(NAMED).collect::<String>())
        },
    );
    let others = match others {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let there = model.inbox.entry(id).is_some();
    let unfiltered = there && !model.inbox.bring_back(id.clone());
    let unfiltered = if unfiltered { "; the filter that hid it is off" } else { "" };
    let then = match (model.screen, together) {
        _ if !there => &[],
        (Screen::Inbox, 0 | 1) => ALONE,
        (Screen::Inbox, _) => ONE_OF_SEVERAL,
        _ => ELSEWHERE,
    };
    match state {
        State::Applied if !again => {
            let wrote =
                if together > 1 { format!("; the apply wrote {together} lessons") } else { String::new() };
            let text = format!("The last decision is written already: {name}{others}{wrote}{unfiltered}");
            model.say_then(Tone::Info, text, then);
        }
        _ => {
            let verb = if again { "made again" } else { "undone" };
            let is = state.as_str();
            let text = format!("The decision can't be {verb}: {name}{others} is {is} now{unfiltered}");
            model.say(Tone::Problem, text);
        }
    }
}
