//! The memory screen.

use crate::app::data::{Failure, MemoryView, VersionTexts};
use crate::app::effect::Effect;
use crate::app::model::{Model, Screen};
use crate::app::overlay::{AgentPicker, Overlay, PickFor, PreviewPane, Purpose};
use crate::app::screens::{HistoryItem, Memory, MemoryPane, ShownVersion};
use crate::domain::ids::AgentId;
use crate::domain::memory::DocPath;

/// Asks for a memory when the screen is shown without one.
pub(in crate::app) fn ensure_loaded(model: &mut Model, effects: &mut Vec<Effect>) {
    let known = model.memory.agent.as_ref().is_some_and(|agent| model.agents.get(agent).is_some());
    if !known {
        let of_lesson = model.inbox.current().map(|entry| entry.lesson.agent.clone());
        let first = model.agents.list.first().map(|summary| summary.agent.id.clone());
        let agent = of_lesson.or(first);
        if agent.is_some() && agent != model.memory.agent {
            model.memory = Memory { agent, ..Memory::default() };
        }
    }
    if model.memory.asked == 0 && model.memory.agent.is_some() {
        reload(model, effects);
    }
    ensure_version(model, effects);
}

/// While the reader is in the versions, what the one under the cursor changed is shown.
fn ensure_version(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.memory.pane {
        MemoryPane::Documents => model.memory.version = None,
        MemoryPane::Text => {}
        MemoryPane::History => {
            let wanted = model.memory.history.current().map(HistoryItem::version);
            let shown = model.memory.version.as_ref().map(|version| &version.id);
            let agent = model.memory.agent.clone();
            if let (Some(id), Some(agent), true) = (&wanted, agent, shown != wanted.as_ref()) {
                let asked = model.number();
                model.memory.scroll = 0;
                model.memory.version =
                    Some(ShownVersion { id: id.clone(), asked, texts: None, failure: None });
                effects.push(Effect::LoadVersion(asked, agent, id.clone()));
            }
        }
    }
}

/// Hears what a version changed.
pub(in crate::app) fn heard_version(
    model: &mut Model,
    number: u64,
    result: Result<Box<VersionTexts>, Failure>,
) {
    let Some(version) = model.memory.version.as_mut().filter(|version| version.asked == number) else {
        return;
    };
    match result {
        Ok(texts) => version.texts = Some(std::sync::Arc::from(texts)),
        Err(failure) => version.failure = Some(failure),
    }
}

/// Shows what putting a document back to the selected version would do; another key confirms. Without a
/// path it is the selected document.
///
/// # Errors
/// The reason why there is nothing to put back.
pub(in crate::app) fn put_back(
    model: &mut Model,
    path: Option<DocPath>,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    can_put_back(model)?;
    let memory = &model.memory;
    let path = path.or_else(|| memory.document.current().cloned());
    let version = memory.history.current().map(HistoryItem::version);
    let (Some(agent), Some(path), Some(version)) = (memory.agent.clone(), path, version) else {
        return Err("no document is selected; name one with :put-back".to_owned());
    };
    let number = model.number();
    model.overlays.push(Overlay::Preview(PreviewPane::asked(number, Purpose::PutBack)));
    effects.push(Effect::PlanPutBack(number, agent, path, version));
    Ok(())
}

/// Whether a version is selected to which something could be put back.
///
/// # Errors
/// The reason why not.
pub(in crate::app) fn can_put_back(model: &Model) -> Result<(), String> {
    let memory = &model.memory;
    if model.writing {
        return Err("an apply is under way".to_owned());
    }
    if model.screen != Screen::Memory || (memory.pane != MemoryPane::History && memory.version.is_none()) {
        return Err("select a version first".to_owned());
    }
    match memory.history.current() {
        Some(_) => Ok(()),
        None => Err("no version of this memory is known yet".to_owned()),
    }
}

/// Asks for the memory shown.
pub(in crate::app) fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(agent) = model.memory.agent.clone() {
        let number = model.number();
        model.memory.asked = number;
        effects.push(Effect::LoadMemory(number, agent));
    }
}

/// Turns to the memory of an agent.
pub(in crate::app) fn show(model: &mut Model, agent: Option<AgentId>, effects: &mut Vec<Effect>) {
    if agent.is_some() && agent != model.memory.agent {
        model.memory = Memory { agent, ..Memory::default() };
        reload(model, effects);
    }
}

/// Lets the reviewer pick an agent.
pub(in crate::app) fn choose_agent(model: &mut Model) {
    pick(model, PickFor::Memory);
}

/// Opens the choice among agents.
pub(in crate::app) fn pick(model: &mut Model, purpose: PickFor) {
    let matches = model.agents.ids();
    let current = model.current_agent();
    let selected = matches.iter().position(|id| Some(id) == current.as_ref()).unwrap_or(0);
    let picker =
        AgentPicker { input: crate::app::line_edit::LineEdit::default(), selected, matches, purpose };
    model.overlays.push(Overlay::Agents(picker));
}

/// Hears a memory.
pub(in crate::app) fn heard(model: &mut Model, number: u64, result: Result<Box<MemoryView>, Failure>) {
    if number != model.memory.asked {
        return;
    }
    match result {
        Ok(view) => {
            model.memory.view = Some(std::sync::Arc::from(view));
            model.memory.answered = number;
            model.memory.failure = None;
            model.memory.reconcile();
        }
        Err(failure) => {
            model.memory.view = None;
            model.memory.failure = Some(failure);
        }
    }
}
