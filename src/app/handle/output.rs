//! What a dream wrote, as a whole: taking all of it over, or putting its store away. Both are asked about.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::data::{Failure, Preview};
use crate::app::effect::Effect;
use crate::app::far::{Adoption, LeftoverStore};
use crate::app::model::Model;
use crate::app::overlay::{Confirm, Overlay, PreviewPane, Purpose, Then};
use crate::app::toast::Tone;
use crate::app::words::counted;
use crate::domain::ids::DreamId;
use crate::domain::remote::OutputStore;

/// Lessons that are named one by one before they are written all the same.
const NAMED: usize = 6;

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let Some(dream) = model.dreams.current().map(|summary| summary.dream.clone()) else { return };
    let number = model.number();
    model.dreams.asked = number;
    if action == Action::DreamAdopt {
        model.say(Tone::Info, "Working out what all of it would write; nothing is written");
        effects.push(Effect::PlanAdopt(number, dream.agent, dream.id));
    } else {
        model.say(Tone::Info, "Looking at the store it left; nothing is changed");
        effects.push(Effect::LookLeftover(number, dream.agent, dream.id));
    }
}

/// Whether all of the selected dream can be taken over.
///
/// # Errors
/// The reason why not.
pub(in crate::app) fn can_adopt(model: &Model) -> Result<(), String> {
    let no = |reason: &str| Err(reason.to_owned());
    match model.dreams.current() {
        None => no("no dream is selected"),
        Some(_) if model.writing => no("an apply is under way"),
        Some(summary) if !summary.dream.status.is_final() => no("it has not ended yet"),
        Some(summary) if summary.lessons == 0 => no("it has no lessons; Enter may fetch them"),
        Some(summary) if model.agents.get(&summary.dream.agent).is_none() => {
            no("its agent is no longer known; sync first")
        }
        Some(_) => Ok(()),
    }
}

/// Whether the selected dream left a store that can be put away.
///
/// # Errors
/// The reason why not.
pub(in crate::app) fn can_discard(model: &Model) -> Result<(), String> {
    let no = |reason: &str| Err(reason.to_owned());
    let Some(summary) = model.dreams.current() else { return no("no dream is selected") };
    match &summary.dream.remote {
        None => no("it ran on this machine and left no store"),
        Some(_) if !summary.dream.status.is_final() => no("it has not ended yet"),
        Some(remote) if remote.in_place => no("it wrote into the memory it read, which is no leftover"),
        Some(remote) if remote.output_store.is_none() => no("it made no store"),
        Some(remote) if remote.output == OutputStore::Deleted => no("its store is deleted already"),
        Some(_) if model.agents.get(&summary.dream.agent).is_none() => {
            no("its agent is no longer known; sync first")
        }
        Some(_) => Ok(()),
    }
}

/// Hears what all of a dream would write. What was rejected, and what no batch would accept, is a question of its
/// own: agreeing to the whole is how junk gets in.
pub(in crate::app) fn planned(model: &mut Model, number: u64, result: Result<Box<Adoption>, Failure>) {
    if number != model.dreams.asked {
        return;
    }
    model.toasts.dismiss();
    let Adoption { plan, rejected, doubted } = match result {
        Ok(adoption) => *adoption,
        Err(failure) => return model.say(Tone::Problem, failure.to_string()),
    };
    if plan.plans.iter().all(crate::app::data::AgentPlan::is_empty) {
        return model.say(Tone::Info, "The memory has everything that this dream proposes");
    }
    let plan = Arc::new(plan);
    if rejected.is_empty() && doubted.is_empty() {
        return show(model, number, plan);
    }
    let (out, doubts) = (rejected.len(), doubted.len());
    let lessons = |count: usize| counted(count as u64, "lesson");
    let were = if out == 1 { "was" } else { "were" };
    let want = if doubts == 1 { "wants" } else { "want" };
    let question = match (out, doubts) {
        (_, 0) => format!("{} of it {were} rejected. Write them all the same?", lessons(out)),
        (0, _) => format!("{} of it {want} a look one by one. Write them all the same?", lessons(doubts)),
        _ => format!(
            "{} of it {were} rejected, {doubts} more {want} a look one by one. Write them all the same?",
            lessons(out)
        ),
    };
    let room = if out > 0 && doubts > 0 { NAMED / 2 } else { NAMED };
    let mut details = Vec::new();
    for (named, word) in [(rejected, "rejected"), (doubted, "that want a look")] {
        let more = named.len().saturating_sub(room);
        details.extend(named.into_iter().take(room));
        if more > 0 {
            details.push(format!("and {more} more {word}"));
        }
    }
    model.overlays.push(Overlay::Confirm(Confirm { question, details, then: Then::Adopt(number, plan) }));
}

/// Shows what would be written; another key writes it.
pub(in crate::app) fn show(model: &mut Model, number: u64, plan: Arc<Preview>) {
    model.overlays.push(Overlay::Preview(PreviewPane {
        token: Some(number),
        plan: Some(plan),
        scroll: 0,
        purpose: Purpose::Adopt,
    }));
}

/// Hears what a dream left behind, and asks.
pub(in crate::app) fn leftover(model: &mut Model, number: u64, result: Result<LeftoverStore, Failure>) {
    if number != model.dreams.asked {
        return;
    }
    model.toasts.dismiss();
    let left = match result {
        Ok(left) => left,
        Err(failure) => return model.say(Tone::Problem, failure.to_string()),
    };
    let (question, first, delete) = match left.now {
        OutputStore::Deleted => {
            return model.say(Tone::Info, "Its store is deleted already; nothing was changed");
        }
        OutputStore::Archived => (
            "Its store is archived already. Delete it for good?".to_owned(),
            format!("{} ({})", left.name, left.store),
            true,
        ),
        OutputStore::Kept => (
            "Archive the store it left? That can't be undone.".to_owned(),
            format!(
                "{} ({}), {}. It can still be read.",
                left.name,
                left.store,
                counted(left.documents, "document")
            ),
            false,
        ),
    };
    let mut details = vec![first];
    if left.open > 0 {
        details.push(format!(
            "{} of it can still be decided or written; they are kept here and don't need it.",
            counted(left.open, "lesson")
        ));
    }
    model.overlays.push(Overlay::Confirm(Confirm {
        question,
        details,
        then: Then::PutAway(left.agent, left.dream, delete),
    }));
}

/// Hears that the store was put away.
pub(in crate::app) fn put_away(model: &mut Model, dream: &DreamId, result: Result<OutputStore, Failure>) {
    match result {
        Ok(now) => {
            let shown = model.dreams.list.iter_mut().find(|summary| summary.dream.id == *dream);
            if let Some(remote) = shown.and_then(|summary| summary.dream.remote.as_mut()) {
                remote.output = now;
            }
            model.say(Tone::Done, format!("The store is {}; lessons and texts are kept here", now.as_str()));
        }
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
    }
}
