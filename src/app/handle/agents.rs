//! The agents screen: what the page of the selected agent is made from.

use std::sync::Arc;

use crate::app::activity::Activity;
use crate::app::data::Failure;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::toast::Tone;
use crate::domain::ids::AgentId;

/// Asks for what the selected agent did of late, unless it is there or asked for.
pub(in crate::app) fn ensure_loaded(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(agent) = model.agents.current().map(|summary| summary.agent.id.clone()) else { return };
    if model.agents.activity_of.as_ref() != Some(&agent) {
        ask(model, agent, effects);
    }
}

/// Asks again, where it was asked for.
pub(in crate::app) fn reload(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(agent) = model.agents.activity_of.clone() {
        ask(model, agent, effects);
    }
}

fn ask(model: &mut Model, agent: AgentId, effects: &mut Vec<Effect>) {
    if model.agents.activity_of.as_ref() != Some(&agent) {
        model.agents.activity = None;
    }
    model.agents.activity_of = Some(agent.clone());
    effects.push(Effect::LoadActivity(agent));
}

/// It is there; of another agent it comes too late.
pub(in crate::app) fn heard(model: &mut Model, agent: &AgentId, result: Result<Activity, Failure>) {
    if model.agents.activity_of.as_ref() != Some(agent) {
        return;
    }
    match result {
        Ok(activity) => model.agents.activity = Some(Arc::new(activity)),
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
    }
}
