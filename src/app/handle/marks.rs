//! Choosing several lessons.

use crate::app::action::Action;
use crate::app::model::Model;

pub(in crate::app) fn act(model: &mut Model, action: Action) {
    match action {
        Action::Mark => {
            model.inbox.toggle_mark();
            model.inbox.step(1);
        }
        Action::Range => model.inbox.toggle_range(),
        Action::MarkAll => model.inbox.toggle_all(),
        _ => {
            model.inbox.clear_marks();
        }
    }
}
