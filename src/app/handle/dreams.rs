//! Running passes, and syncing.

use crate::app::action::Action;
use crate::app::data::{Failure, Progress, Pulled};
use crate::app::effect::Effect;
use crate::app::model::{Model, SyncState};
use crate::app::overlay::PickFor;
use crate::app::screens::RunningDream;
use crate::app::toast::Tone;
use crate::app::words::counted;
use crate::domain::dream::Window;
use crate::domain::ids::AgentId;

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if action == Action::DreamCancel {
        if let Some(running) = &mut model.dreams.running {
            running.stopping = true;
            effects.push(Effect::CancelDream);
        }
        return;
    }
    if action == Action::DreamRetry {
        if let Some(dream) = model.dreams.current().map(|summary| summary.dream.clone()) {
            run_over(model, dream.agent, Some(Box::new(dream.window)), effects);
        }
        return;
    }
    match (model.current_agent(), model.agents.list.len()) {
        (Some(agent), _) => run(model, agent, effects),
        _ => super::memory::pick(model, PickFor::Dream),
    }
}

/// Runs a pass for an agent over its last sessions.
pub(in crate::app) fn run(model: &mut Model, agent: AgentId, effects: &mut Vec<Effect>) {
    run_over(model, agent, None, effects);
}

fn run_over(model: &mut Model, agent: AgentId, window: Option<Box<Window>>, effects: &mut Vec<Effect>) {
    if model.dreams.running.is_some() {
        return;
    }
    let name = model.inbox.name(&agent).to_owned();
    model.dreams.running = Some(RunningDream {
        agent: agent.clone(),
        since: model.now,
        progress: Progress { stage: "starting".to_owned(), done: 0, total: 0 },
        stopping: false,
    });
    model.say(Tone::Info, format!("Reading the sessions of {name}; nothing is written to memory"));
    effects.push(Effect::Dream(agent, window));
}

/// Hears that a pass ended.
pub(in crate::app) fn ended(model: &mut Model, result: Result<Option<u32>, Failure>) {
    let name = model
        .dreams
        .running
        .take()
        .map(|running| model.inbox.name(&running.agent).to_owned())
        .unwrap_or_default();
    match result {
        Ok(Some(lessons)) => {
            let lessons = counted(u64::from(lessons), "lesson");
            model.say(Tone::Done, format!("The pass for {name} proposes {lessons}"));
        }
        Ok(None) => model.say(Tone::Info, format!("The pass for {name} was stopped")),
        Err(failure) => model.say(Tone::Problem, format!("The pass for {name} failed: {failure}")),
    }
}

/// Reads sources again.
pub(in crate::app) fn sync(model: &mut Model, effects: &mut Vec<Effect>) {
    model.sync = SyncState::Running(Progress::default());
    effects.push(Effect::Pull);
}

/// Hears that a sync ended.
pub(in crate::app) fn synced(model: &mut Model, result: Result<Pulled, Failure>) {
    match result {
        Ok(pulled) => {
            model.sync = SyncState::Idle;
            model.synced = Some(model.now);
            let sessions = counted(pulled.sessions, "session");
            match pulled.problems.as_slice() {
                [] if pulled.sessions == 0 => {}
                [] => model.say(Tone::Info, format!("Read {sessions} that were new or had grown")),
                [first, rest @ ..] => {
                    let more =
                        if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
                    model.say(Tone::Problem, format!("Synced, but {first}{more}"));
                    for problem in rest {
                        tracing::warn!(%problem, "sync");
                    }
                }
            }
        }
        Err(failure) => {
            model.sync = SyncState::Failed;
            model.say(Tone::Problem, format!("Sync failed: {failure}"));
        }
    }
}
