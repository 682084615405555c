//! Writing to memory, and taking out of it again: always shown first, confirmed by another key.

use crate::app::action::Action;
use crate::app::data::{Applied, Failure, Preview, TakeBack};
use crate::app::effect::Effect;
use crate::app::model::{Model, Screen};
use crate::app::overlay::{Overlay, PreviewPane, Purpose};
use crate::app::screens::{HistoryItem, MemoryPane};
use crate::app::toast::Tone;
use crate::app::words::{are, counted};
use crate::domain::ids::LessonId;

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Preview => {
            let number = model.number();
            model.overlays.push(Overlay::Preview(PreviewPane::asked(number, Purpose::Decided)));
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
                if !plan.only_settles() {
                    model.say(Tone::Info, format!("Writing {what}"));
                }
                effects.push(Effect::Apply(token));
            }
        }
        _ => preview_taking_back(model, effects),
    }
}

/// Puts the next (or previous) document of the preview at the top.
pub(in crate::app) fn turn(model: &mut Model, forward: bool) {
    let viewport = model.viewport;
    let (before, after) = viewport.overlay_stops;
    let last = viewport.overlay_lines.saturating_sub(viewport.overlay);
    let Some(Overlay::Preview(pane)) = model.overlays.last_mut() else { return };
    let to = if forward { after } else { before };
    // What stands on the last page is in view already.
    match to.map(|line| line.min(last)).filter(|&line| line != pane.scroll) {
        Some(line) => pane.scroll = line,
        None => {
            let end = if forward { "last" } else { "first" };
            model.say(Tone::Info, format!("This is the {end} document"));
        }
    }
}

fn preview_taking_back(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(what) = taking_back(model) else { return };
    let number = model.number();
    model.overlays.push(Overlay::Preview(PreviewPane::asked(number, Purpose::TakeBack)));
    effects.push(Effect::PlanTakeBack(number, what));
}

/// What the cursor is on that can leave the memory.
fn taking_back(model: &Model) -> Option<TakeBack> {
    if model.screen != Screen::Memory {
        return Some(TakeBack::Lesson(model.inbox.current()?.lesson.id.clone()));
    }
    let memory = &model.memory;
    if memory.pane != MemoryPane::History && memory.version.is_none() {
        return Some(TakeBack::Lesson(memory.origin()?.lesson.clone()?));
    }
    let item = memory.history.current()?;
    let entry = memory.entry_of(item)?;
    Some(match item {
        HistoryItem::Lesson(_, lesson) => TakeBack::Lesson(lesson.clone()),
        _ => TakeBack::Apply(entry.apply.clone()),
    })
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
            // It waits for the reviewer again, and a filter may have let others into view.
            if let Some(back) = applied.back.into_iter().next() {
                model.inbox.go_to_lesson(back);
            }
        }
    }
}

fn what_happened(applied: &Applied) -> String {
    let lessons = |count: usize| format!("{} {}", counted(count as u64, "lesson"), are(count as u64));
    let documents = counted(applied.documents as u64, "document");
    let (verb, kept) = if applied.took_back { ("Undone", "; later edits are kept") } else { ("Written", "") };
    let mut parts = match (applied.lessons, applied.documents) {
        (0, 0) => Vec::new(),
        (0, _) => vec![format!("{verb}: {documents}{kept}")],
        (lessons, _) => vec![format!("{verb}: {} in {documents}{kept}", counted(lessons as u64, "lesson"))],
    };
    parts.extend(
        applied
            .fitted
            .iter()
            .map(|path| format!("{path} changed after the preview; written into it as it is now")),
    );
    parts.extend(applied.left_out.iter().map(|left_out| format!("Left out: {left_out}")));
    if !applied.back.is_empty() {
        parts.push(format!("{} back in review, where the memory changed", lessons(applied.back.len())));
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
    if changed.is_empty()
        || !matches!(model.overlay(), Some(Overlay::Preview(pane)) if pane.purpose == Purpose::Decided)
    {
        return;
    }
    let number = model.number();
    if let Some(Overlay::Preview(pane)) = model.overlays.last_mut() {
        *pane = PreviewPane { scroll: pane.scroll, ..PreviewPane::asked(number, Purpose::Decided) };
        effects.push(Effect::PlanApply(number));
    }
}
