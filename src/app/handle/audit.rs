//! The audit screen.

use crate::app::data::{AuditView, Exported, Failure};
use crate::app::effect::Effect;
use crate::app::line_edit::LineEdit;
use crate::app::model::Model;
use crate::app::overlay::{Overlay, Prompt, PromptKind};
use crate::app::toast::Tone;
use crate::app::words::counted;

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

/// Asks where the trail is to go.
pub(in crate::app) fn ask_for_file(model: &mut Model) {
    let (ask, input) = (PromptKind::ExportAudit, LineEdit::default());
    model.overlays.push(Overlay::Prompt(Prompt { ask, input, problem: None }));
}

/// Writes the trail that matches to a file, or copies it.
pub(in crate::app) fn export(model: &Model, file: &str, effects: &mut Vec<Effect>) {
    let file = Some(file.trim().to_owned()).filter(|file| !file.is_empty());
    effects.push(Effect::ExportAudit { words: model.audit.query.clone(), file });
}

/// Hears what became of that.
pub(in crate::app) fn exported(
    model: &mut Model,
    result: Result<Exported, Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(Exported::File(lines, name)) => {
            model.say(Tone::Done, format!("{} written to {name}", counted(lines as u64, "line")));
        }
        Ok(Exported::Text(text)) => effects.push(Effect::Copy { what: "audit trail", text }),
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
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
