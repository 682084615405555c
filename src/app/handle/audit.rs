//! The audit screen.

use crate::app::data::{AuditView, Failure};
use crate::app::effect::Effect;
use crate::app::model::Model;

/// Asks for the trail when the screen is shown without one.
pub(in crate::app) fn ensure_loaded(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.audit.asked == 0 {
        reload(model, effects);
    }
}

/// Asks for the trail.
pub(in crate::app) fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    let number = model.number();
    model.audit.asked = number;
    effects.push(Effect::LoadAudit(number, model.audit.query.clone()));
}

/// Looks for other words.
pub(in crate::app) fn search(model: &mut Model, query: &str, effects: &mut Vec<Effect>) {
    if model.audit.query != query.trim() {
        query.trim().clone_into(&mut model.audit.query);
        reload(model, effects);
    }
}

/// Hears the trail.
pub(in crate::app) fn heard(model: &mut Model, number: u64, result: Result<Box<AuditView>, Failure>) {
    if number != model.audit.asked {
        return;
    }
    match result {
        Ok(view) => {
            model.audit.view = Some(std::sync::Arc::from(view));
            model.audit.failure = None;
            let ids = model.audit.ids();
            model.audit.selection.reconcile(&ids);
        }
        Err(failure) => model.audit.failure = Some(failure),
    }
}
