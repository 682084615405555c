//! Fitting a lesson to a memory that changed underneath it, part by part.

use crate::app::action::Action;
use crate::app::data::Ask;
use crate::app::effect::Effect;
use crate::app::fit::Side;
use crate::app::model::Model;
use crate::app::overlay::{FitPane, Overlay};
use crate::app::toast::Tone;
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;

use super::decide;

/// Opens the three sides of the lesson under the cursor.
pub(in crate::app) fn open(model: &mut Model) {
    let Some(content) = model.detail.content().cloned() else { return };
    let Some(parts) = content.to_fit.clone() else { return };
    let path = content.documents.first().map(|document| document.path.clone());
    let lesson = content.lesson.clone();
    model.overlays.push(Overlay::Fit(FitPane { lesson, path, parts, selected: 0, scroll: 0 }));
}

/// Chooses a side of the selected part, and goes to the next that waits.
pub(in crate::app) fn choose(model: &mut Model, action: Action) {
    let Some(Overlay::Fit(pane)) = model.overlays.last_mut() else { return };
    let side = match action {
        Action::FitNow => Side::Now,
        Action::FitLesson => Side::Lesson,
        Action::FitBoth => Side::Both,
        _ => Side::Base,
    };
    pane.parts.choose(pane.selected, side);
    let sides: Vec<Side> = pane.parts.sides().collect();
    let open = |from: usize| (from..sides.len()).find(|&at| sides.get(at) == Some(&Side::Open));
    if let Some(next) = open(pane.selected + 1).or_else(|| open(0)) {
        pane.select(next);
    }
}

/// Goes to another part.
pub(in crate::app) fn turn(model: &mut Model, by: isize) {
    if let Some(Overlay::Fit(pane)) = model.overlays.last_mut() {
        let last = pane.parts.meeting().saturating_sub(1);
        pane.select(pane.selected.saturating_add_signed(by).min(last));
    }
}

/// Takes the text as it was put together, as the reviewer's own.
pub(in crate::app) fn use_it(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Fit(pane)) = model.overlays.last() else { return };
    let (lesson, text) = (pane.lesson.clone(), pane.parts.text());
    model.overlays.pop();
    let ask = Ask { lesson, verdict: Verdict::Edit { text: Some(text) }, reason: None };
    decide::record(model, vec![ask], effects);
}

/// Opens the editor on the text as it was put together so far. The sides stay where they are until it comes back
/// changed.
pub(in crate::app) fn edit(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Overlay::Fit(pane)) = model.overlay() else { return };
    let (lesson, text, open) = (pane.lesson.clone(), pane.parts.text(), pane.parts.open());
    if open > 0 {
        model.say(Tone::Info, "Parts without a choice stand between marks; take the marks out");
    }
    effects.push(Effect::EditGiven(lesson, text));
}

/// Leaves the sides of a lesson: its text is decided on.
pub(in crate::app) fn leave(model: &mut Model, lesson: &LessonId) {
    model.overlays.retain(|over| !matches!(over, Overlay::Fit(pane) if pane.lesson == *lesson));
}
