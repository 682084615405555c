//! Running passes, and syncing.

use jiff::SignedDuration;

use crate::app::action::Action;
use crate::app::data::{Failure, Progress, Pulled};
use crate::app::effect::Effect;
use crate::app::far::{Asked, DreamPlan, Watched};
use crate::app::model::{Model, Screen, SyncState};
use crate::app::overlay::{Confirm, Overlay, PickFor, Then};
use crate::app::screens::{NewPass, RunningDream, STEPS};
use crate::app::toast::Tone;
use crate::app::words::{capitalised, counted};
use crate::domain::agent::SourceKind;
use crate::domain::dream::{Dream, DreamStatus, Engine, Window};
use crate::domain::ids::{AgentId, DreamId};
use crate::domain::remote::RemoteDream;

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    if action == Action::DreamCancel {
        if let Some((agent, dream)) = far_running(model) {
            ask_to_cancel(model, agent, dream);
        } else if let Some(running) = &mut model.dreams.running {
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
    if model.agents.get(&agent).is_some_and(|summary| summary.agent.source == SourceKind::Platform) {
        let number = model.number();
        model.dreams.asked = number;
        model.say(Tone::Info, "Working out what the dream would read and cost; nothing is sent");
        model.dreams.wished = None;
        let asked = window.map_or(Asked::Usual, |window| Asked::Over(*window));
        effects.push(Effect::PlanDream(number, agent, Box::new(asked)));
        return;
    }
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

/// The selected dream, if it runs on the platform.
pub(in crate::app) fn far_running(model: &Model) -> Option<(AgentId, DreamId)> {
    let dream = &model.dreams.current()?.dream;
    let runs = dream.engine == Engine::Platform && !dream.status.is_final();
    runs.then(|| (dream.agent.clone(), dream.id.clone()))
}

fn ask_to_cancel(model: &mut Model, agent: AgentId, dream: DreamId) {
    model.overlays.push(Overlay::Confirm(Confirm {
        question: "Stop this dream?".to_owned(),
        details: vec![
            "What it used so far is paid for. What it wrote so far stays on the platform.".to_owned(),
        ],
        then: Then::CancelDream(agent, dream),
    }));
}

/// Whether a dream on the platform that runs is on the screen, with how long it has been at it.
pub(in crate::app) fn far_on_screen(model: &Model) -> bool {
    model.screen == Screen::Dreams && far_running(model).is_some()
}

/// Asks whether lessons are to be made of a dream on the platform that is over and was not opened yet;
/// says whether there was something to ask.
pub(in crate::app) fn ask_to_fetch(model: &mut Model) -> bool {
    let Some(dream) = model.dreams.current().map(|summary| &summary.dream) else { return false };
    if !is_unopened(dream) {
        return false;
    }
    let mut details = vec!["Its output and the sessions it read are fetched; nothing is written.".to_owned()];
    if dream.status != DreamStatus::Completed {
        details.push(
            "It ended before it was done: what it wrote is partial, and text it was moving may look removed."
                .to_owned(),
        );
    }
    model.overlays.push(Overlay::Confirm(Confirm {
        question: "Fetch the lessons of this dream?".to_owned(),
        details,
        then: Then::FetchDream(dream.agent.clone(), dream.id.clone()),
    }));
    true
}

/// Whether a dream on the platform is over, wrote something, and no lessons were made of it.
fn is_unopened(dream: &Dream) -> bool {
    let wrote =
        |remote: &RemoteDream| !remote.harvested && (remote.in_place || remote.output_store.is_some());
    dream.status.is_final() && dream.remote.as_ref().is_some_and(wrote)
}

/// Hears what came of fetching.
pub(in crate::app) fn fetched(model: &mut Model, result: Result<u32, Failure>) {
    match result {
        Ok(0) => model.say(Tone::Info, "The dream has no lessons to review"),
        Ok(count) => model.say(Tone::Done, format!("{} fetched", counted(u64::from(count), "lesson"))),
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
    }
}

/// Hears what a dream on the platform would read and cost, and asks.
pub(in crate::app) fn planned(model: &mut Model, number: u64, result: Result<DreamPlan, Failure>) {
    if number != model.dreams.asked {
        return;
    }
    model.toasts.dismiss();
    let wished = model.dreams.wished.take();
    let plan = match result {
        Ok(plan) => plan,
        Err(failure) => {
            // What was typed is still there to be mended.
            if let Some(mut pane) = wished {
                pane.problem = Some(failure.to_string());
                return model.overlays.push(Overlay::Wish(pane));
            }
            return model.say(Tone::Problem, failure.to_string());
        }
    };
    let sessions = counted(plan.sessions, "session");
    let of = model.inbox.name(&plan.agent);
    let question = match &plan.over {
        Some(over) => format!("{}. Start a dream of {of} over {sessions} all the same?", capitalised(over)),
        None => format!("Start a dream of {of} over {sessions}?"),
    };
    let then = Then::StartDream(number, plan.over.is_some());
    let details = plan.details.clone();
    model.dreams.planned = Some(plan);
    model.overlays.push(Overlay::Confirm(Confirm { question, details, then }));
}

/// Puts the cursor on the pass that was run or started last, once it is listed.
pub(in crate::app) fn find_new(model: &mut Model) {
    let Some(new) = &model.dreams.new else { return };
    let found = model.dreams.list.iter().map(|summary| &summary.dream).find(|dream| match new {
        NewPass::Started(id) => dream.id == *id,
        NewPass::Of(agent) => dream.agent == *agent && dream.fitted().is_none(),
    });
    if let Some(id) = found.map(|dream| dream.id.clone()) {
        let ids = model.dreams.ids();
        model.dreams.selection.select(&ids, id);
        model.dreams.scroll = 0;
        model.dreams.new = None;
    }
}

/// Hears whether dreams were started.
pub(in crate::app) fn started(model: &mut Model, result: Result<Vec<DreamId>, Failure>) {
    match result {
        Ok(ids) => {
            let dreams = counted(ids.len() as u64, "dream");
            model.dreams.new = ids.into_iter().next().map(NewPass::Started);
            model.say(Tone::Done, format!("{dreams} started; leaving wakeful does not stop it"));
        }
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
    }
}

/// Follows every dream on the platform that runs, also those started before wakeful was.
pub(in crate::app) fn follow(model: &mut Model, effects: &mut Vec<Effect>) {
    for summary in &model.dreams.list {
        let dream = &summary.dream;
        let runs = dream.engine == Engine::Platform && !dream.status.is_final();
        let known = model.agents.get(&dream.agent).is_some();
        if runs && known && !model.dreams.followed.contains_key(&dream.id) {
            model.dreams.followed.insert(dream.id.clone(), std::collections::VecDeque::new());
            effects.push(Effect::WatchDream(dream.agent.clone(), dream.id.clone()));
        }
    }
}

/// Hears what a dream on the platform did, and what it used so far.
pub(in crate::app) fn seen(model: &mut Model, watched: Watched) {
    let shown = model.dreams.list.iter_mut().find(|summary| summary.dream.id == watched.dream);
    if let (Some(summary), Some(now)) = (shown, watched.now) {
        summary.dream = *now;
    }
    if let Some(steps) = model.dreams.followed.get_mut(&watched.dream) {
        steps.extend(watched.steps);
        while steps.len() > STEPS {
            steps.pop_front();
        }
    }
}

/// Hears that a dream on the platform is no longer followed. It stays in the list of those that
/// were, so that one that can't be followed is not tried again and again.
pub(in crate::app) fn left(
    model: &mut Model,
    dream: &DreamId,
    result: Result<(), Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(()) => tell_absent(model, &format!("Dream {dream} is over"), effects),
        Err(failure) => model.say(Tone::Problem, format!("Dream {dream} can't be followed: {failure}")),
    }
}

/// Hears that a pass ended.
pub(in crate::app) fn ended(
    model: &mut Model,
    result: Result<Option<u32>, Failure>,
    effects: &mut Vec<Effect>,
) {
    let running = model.dreams.running.take();
    let name =
        running.as_ref().map(|running| model.inbox.name(&running.agent).to_owned()).unwrap_or_default();
    let agent = running.as_ref().map(|running| running.agent.clone());
    let took = running.map(|running| model.now.duration_since(running.since)).unwrap_or_default();
    let (tone, text) = match result {
        Ok(Some(lessons)) => {
            model.dreams.new = agent.map(NewPass::Of);
            let lessons = counted(u64::from(lessons), "lesson");
            (Tone::Done, format!("The dream for {name} proposes {lessons}"))
        }
        Ok(None) => (Tone::Info, format!("The dream for {name} was stopped")),
        Err(failure) => (Tone::Problem, format!("The dream for {name} failed: {failure}")),
    };
    if took >= WORTH_TELLING {
        tell_absent(model, &text, effects);
    }
    model.say(tone, text);
}

/// What was over sooner needs no notice: the reviewer has hardly looked away.
const WORTH_TELLING: SignedDuration = SignedDuration::from_secs(5);

/// Tells a reviewer who wants to hear it and looks elsewhere.
fn tell_absent(model: &Model, text: &str, effects: &mut Vec<Effect>) {
    if model.notify && !model.focused {
        effects.push(Effect::Notify(text.to_owned()));
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
        Ok(pulled) if pulled.failed => {
            // When each agent was read last comes with the lists; nothing was read now that would make it newer.
            model.sync = SyncState::Failed;
            let why = pulled.problems.join("; ");
            model.say(Tone::Problem, format!("Sync failed: {why}"));
        }
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
