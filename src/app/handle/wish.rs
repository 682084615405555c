//! Changing what a dream on the platform is asked for, before it is started. The estimate is made anew each time.

use crate::app::effect::Effect;
use crate::app::far::Asked;
use crate::app::model::Model;
use crate::app::overlay::{Confirm, Overlay, Then};
use crate::app::toast::Tone;
use crate::app::wish::{Field, WishPane};

/// Whether the question on top is one whose dream can be changed.
pub(in crate::app) fn can_change(model: &Model) -> bool {
    let starts = |confirm: &Confirm| matches!(confirm.then, Then::StartDream(..));
    matches!(model.overlay(), Some(Overlay::Confirm(confirm)) if starts(confirm))
        && model.dreams.planned.is_some()
}

/// Opens the fields in the place of the question.
pub(in crate::app) fn open(model: &mut Model) {
    let Some(plan) = model.dreams.planned.clone() else { return };
    if let Some(Overlay::Confirm(confirm)) = model.overlays.pop() {
        model.overlays.push(Overlay::Wish(Box::new(WishPane::of(&plan, Some(confirm)))));
    }
}

/// Takes what is in the fields: asks for the estimate of it, or goes back to the question if nothing changed.
pub(in crate::app) fn submit(model: &mut Model, mut pane: Box<WishPane>, effects: &mut Vec<Effect>) {
    match pane.wish() {
        Err((field, problem)) => {
            pane.selected = Field::ALL.iter().position(|known| *known == field).unwrap_or(0);
            pane.problem = Some(problem);
            model.overlays.push(Overlay::Wish(pane));
        }
        Ok(None) => leave(model, *pane),
        Ok(Some(wish)) => {
            let number = model.number();
            model.dreams.asked = number;
            model.say(Tone::Info, "Working out what that would read and cost; nothing is sent");
            effects.push(Effect::PlanDream(number, pane.agent.clone(), Box::new(Asked::So(wish))));
            model.dreams.wished = Some(pane);
        }
    }
}

/// Goes back to the question, as it was.
pub(in crate::app) fn leave(model: &mut Model, pane: WishPane) {
    model.overlays.extend(pane.back.map(Overlay::Confirm));
}
