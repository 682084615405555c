//! Writing to memory, and taking out of it again: always shown first, confirmed by another key.

use crate::app::action::Action;
use crate::app::data::{Applied, Failure, Preview};
use crate::app::effect::Effect;
use crate::app::model::{Model, Screen};
use crate::app::overlay::{Confirm, Overlay, PreviewPane, Then};
use crate::app::screens::{HistoryItem, MemoryPane};
use crate::app::toast::Tone;
use crate::app::words::{are, counted};
use crate::domain::ids::LessonId;

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Preview => {
            let number = model.number();
            model.overlays.push(Overlay::Preview(PreviewPane {
                token: Some(number),
                plan: None,
                scroll: 0,
                adopts: false,
            }));
            effects.push(Effect::PlanApply(number));
        }
        Action::Apply => {
            if let Some(Overlay::Preview(PreviewPane { token: Some(token), plan: Some(plan), .. })) =
                model.overlay().cloned()
            {
                model.overlays.pop();
                model.writing = true;
                let what = match plan.lessons() {
                    0 => counted(plan.documents() as u64, "document"),
                    lessons => counted(lessons as u64, "lesson"),
                };
                model.say(Tone::Info, format!("Writing {what}"));
                effects.push(Effect::Apply(token));
            }
        }
        _ => ask_to_take_back(model),
    }
}

/// Leaves the preview. Where it could write nothing, its lessons would wait for ever: those that collide go back
/// to review, where they can be made to fit, and those that the memory says already are done.
pub(in crate::app) fn leave(model: &mut Model, pane: &PreviewPane, effects: &mut Vec<Effect>) {
    let settles = pane.plan.as_ref().is_some_and(|plan| plan.only_settles());
    // Leaving agrees to nothing, and a plan for all of a dream accepts what it settles.
    let settles = settles && !pane.adopts;
    if let (Some(token), true, false) = (pane.token, settles, model.read_only) {
        model.writing = true;
        effects.push(Effect::Apply(token));
    }
}

fn ask_to_take_back(model: &mut Model) {
    let Some((question, then)) = taking_back(model) else { return };
    model.overlays.push(Overlay::Confirm(Confirm {
        question,
        details: vec![
            "This writes to the memory. Later edits stay; if they overlap, nothing is changed.".to_owned(),
        ],
        then,
    }));
}

/// What would be taken back, as a question.
fn taking_back(model: &Model) -> Option<(String, Then)> {
    if model.screen != Screen::Memory {
        let lesson = &model.inbox.current()?.lesson;
        return Some((take_one_back(&lesson.statement), Then::TakeBackLesson(lesson.id.clone())));
    }
    let memory = &model.memory;
    if memory.pane != MemoryPane::History && memory.version.is_none() {
        let origin = memory.origin()?;
        return Some((take_one_back(&origin.statement), Then::TakeBackLesson(origin.lesson.clone()?)));
    }
    let item = memory.history.current()?;
    let entry = memory.entry_of(item)?;
    match item {
        HistoryItem::Lesson(_, lesson) => {
            let named = entry.lessons.iter().find(|applied| applied.lesson == *lesson);
            let statement = named.map_or("", |applied| &applied.statement);
            Some((take_one_back(statement), Then::TakeBackLesson(lesson.clone())))
        }
        _ => {
            if entry.lessons.is_empty() {
                let question = "Take back that a document was put back?".to_owned();
                return Some((question, Then::TakeBackApply(entry.apply.clone())));
            }
            let question = format!(
                "Take back this apply: {} from {}?",
                counted(entry.lessons.len() as u64, "lesson"),
                counted(entry.documents.len() as u64, "document")
            );
            Some((question, Then::TakeBackApply(entry.apply.clone())))
        }
    }
}

fn take_one_back(statement: &str) -> String {
    format!("Take “{statement}” out of the memory?")
}

/// Hears the plan of an apply.
pub(in crate::app) fn planned(model: &mut Model, token: u64, result: Result<Box<Preview>, Failure>) {
    let waiting = model.overlays.iter().rposition(
        |overlay| matches!(overlay, Overlay::Preview(pane) if pane.token == Some(token) && pane.plan.is_none()),
    );
    let Some(index) = waiting else { return };
    match result {
        Ok(plan) => {
            if let Some(Overlay::Preview(pane)) = model.overlays.get_mut(index) {
                pane.plan = Some(std::sync::Arc::from(plan));
            }
        }
        Err(failure) => {
            model.overlays.remove(index);
            model.say(Tone::Problem, failure.to_string());
        }
    }
}

/// Hears how an apply went.
pub(in crate::app) fn applied(model: &mut Model, result: Result<Applied, Failure>) {
    model.writing = false;
    match result {
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
        Ok(applied) => {
            let tone = if applied.left_out.is_empty() { Tone::Done } else { Tone::Problem };
            model.say(tone, what_happened(&applied));
        }
    }
}

fn what_happened(applied: &Applied) -> String {
    let lessons = |count: usize| format!("{} {}", counted(count as u64, "lesson"), are(count as u64));
    let documents = counted(applied.documents as u64, "document");
    let mut parts = match (applied.lessons, applied.documents) {
        (0, 0) => Vec::new(),
        (0, _) => vec![format!("Written: {documents}")],
        (written, _) => vec![format!("Written: {} in {documents}", counted(written as u64, "lesson"))],
    };
    parts.extend(applied.left_out.iter().map(|left_out| format!("Left out: {left_out}")));
    if applied.back > 0 {
        parts.push(format!("{} back in review, where the memory changed", lessons(applied.back)));
    }
    if applied.satisfied > 0 {
        parts.push(format!("{} done: the memory says it already", lessons(applied.satisfied)));
    }
    parts.join(". ")
}

/// Hears whether something was taken out of the memory.
pub(in crate::app) fn taken_back(model: &mut Model, result: Result<String, Failure>) {
    model.writing = false;
    match result {
        Ok(what) => model.say(Tone::Done, what),
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
    }
}

/// Starts taking something out of the memory, once confirmed.
pub(in crate::app) fn take_back(model: &mut Model, effect: Effect, effects: &mut Vec<Effect>) {
    model.writing = true;
    effects.push(effect);
}

/// Whether the lesson is one of those shown in a preview that is still open; its decision may not
/// change under the reviewer's eyes, so the preview is made anew.
pub(in crate::app) fn refresh_preview(model: &mut Model, changed: &[LessonId], effects: &mut Vec<Effect>) {
    if changed.is_empty() || !matches!(model.overlay(), Some(Overlay::Preview(pane)) if !pane.adopts) {
        return;
    }
    let number = model.number();
    if let Some(Overlay::Preview(pane)) = model.overlays.last_mut() {
        *pane = PreviewPane { token: Some(number), plan: None, scroll: pane.scroll, adopts: false };
        effects.push(Effect::PlanApply(number));
    }
}
