//! What the world answered.

use crate::app::action::Action;
use crate::app::data::{Ask, Decided, Failure, Overview};
use crate::app::effect::Effect;
use crate::app::model::{Model, SyncState};
use crate::app::msg::Msg;
use crate::app::toast::Tone;
use crate::app::update::{load_detail, reload};
use crate::app::words::counted;
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::domain::lifecycle::State;

use super::{agents, apply, audit, decide, dreams, fit, look, memory, output, requests, transcript, undo};

/// Takes in an answer.
pub(in crate::app) fn take(model: &mut Model, msg: Msg, effects: &mut Vec<Effect>) {
    match msg {
        Msg::CacheChanged => reload_all(model, effects),
        Msg::Overview(number, result) => {
            overview(model, number, result);
            if !model.read_only {
                dreams::follow(model, effects);
            }
        }
        Msg::Detail(number, result) if number == model.detail.asked => match result {
            Ok(content) if Some(&content.lesson) == model.detail.lesson() => model.detail.fill(*content),
            Ok(_) => {}
            Err(failure) => model.detail.fail(failure),
        },
        Msg::Transcript(number, result) => transcript::heard(model, number, result),
        Msg::TranscriptPainted(number, lines) => transcript::painted(model, number, lines),
        Msg::Memory(number, result) => memory::heard(model, number, result),
        Msg::Version(number, result) => memory::heard_version(model, number, result),
        Msg::Audit(number, result) => audit::heard(model, number, result),
        Msg::Decided(token, result) => decided(model, token, result, effects),
        Msg::SpotChecked(Ok(text)) => {
            model.say(Tone::Done, text);
            reload(model, effects);
        }
        Msg::SpotChecked(Err(failure)) => model.say(Tone::Problem, failure.to_string()),
        Msg::Undone(result) => {
            let changed = changed_by(&result);
            undo::heard(model, result, false);
            reload(model, effects);
            after_decision(model, &changed, effects);
        }
        Msg::Redone(result) => {
            let changed = changed_by(&result);
            undo::heard(model, result, true);
            reload(model, effects);
            after_decision(model, &changed, effects);
        }
        Msg::Edited(lesson, result) => edited(model, lesson, result, effects),
        Msg::Planned(token, result) => apply::planned(model, token, result),
        Msg::Applied(result) => {
            apply::applied(model, result);
            reload_all(model, effects);
        }
        Msg::Resumed(Ok(None)) => {}
        Msg::Resumed(Ok(Some(applied))) => {
            let lessons = counted(applied.lessons as u64, "lesson");
            let mut text = format!("Finished the apply that was cut off: {lessons}");
            let tone = if applied.left_out.is_empty() { Tone::Done } else { Tone::Problem };
            applied.left_out.iter().for_each(|why| text.push_str(&format!(". Left out: {why}")));
            model.say(tone, text);
            reload_all(model, effects);
        }
        Msg::Resumed(Err(failure)) => model.say(Tone::Problem, failure.to_string()),
        Msg::FromSession(Ok(found)) => look::came_from(model, found),
        Msg::FromSession(Err(failure)) => model.say(Tone::Problem, failure.to_string()),
        Msg::TakenBack(result) => {
            apply::taken_back(model, result);
            reload_all(model, effects);
        }
        Msg::Pulling(progress) => {
            requests::refresh(model, effects);
            model.sync = SyncState::Running(progress);
        }
        Msg::Activity(agent, result) => agents::heard(model, &agent, result),
        Msg::Requests(requests) => requests::heard(model, requests),
        Msg::Pulled(result) => {
            requests::refresh(model, effects);
            dreams::synced(model, result);
            reload_all(model, effects);
        }
        Msg::Dreaming(progress) => {
            if let Some(running) = &mut model.dreams.running {
                running.progress = progress;
            }
        }
        Msg::Dreamt(result) => {
            dreams::ended(model, result, effects);
            reload_all(model, effects);
        }
        Msg::Dream(agent) => dreams::run(model, agent, effects),
        Msg::DreamPlanned(number, result) => dreams::planned(model, number, result),
        Msg::AdoptPlanned(number, result) => output::planned(model, number, result),
        Msg::Leftover(number, result) => output::leftover(model, number, result),
        Msg::PutAway(dream, result) => {
            output::put_away(model, &dream, result);
            reload(model, effects);
        }
        Msg::DreamStarted(result) => {
            dreams::started(model, result);
            reload(model, effects);
        }
        Msg::DreamSeen(watched) => {
            requests::refresh(model, effects);
            dreams::seen(model, watched);
        }
        Msg::DreamLeft(dream, result) => {
            dreams::left(model, &dream, result, effects);
            reload_all(model, effects);
        }
        Msg::DreamFetched(result) => {
            dreams::fetched(model, result);
            reload_all(model, effects);
        }
        Msg::DreamCanceled(Ok(())) => {
            model.say(Tone::Done, "The dream is being stopped");
            reload(model, effects);
        }
        Msg::DreamCanceled(Err(failure)) => model.say(Tone::Problem, failure.to_string()),
        Msg::Exported(result) => audit::exported(model, result, effects),
        Msg::Copied(Ok(text)) => model.say(Tone::Done, text),
        Msg::Copied(Err(failure)) => model.say(Tone::Problem, failure.to_string()),
        Msg::Notice(text) => model.say(Tone::Problem, text),
        // An answer to a question that was asked again since, or a message taken in elsewhere.
        _ => {}
    }
}

fn overview(model: &mut Model, number: u64, result: Result<Box<Overview>, Failure>) {
    if number != model.overview_asked {
        return;
    }
    model.overview_waiting = false;
    let overview = match result {
        Ok(overview) => *overview,
        Err(failure) => return model.say(Tone::Problem, failure.to_string()),
    };
    let Overview { lessons, agents, gone, dreams, spent, spent_by_others, snoozed_until, pace, turns } =
        overview;
    let before = model.loaded.then(|| model.inbox.counts().to_review);
    model.inbox.refill(lessons, &agents, &gone, &dreams);
    model.agents.gone = gone;
    model.synced = agents.iter().filter_map(|summary| summary.last_sync).max().or(model.synced);
    model.agents.list = agents;
    model.agents.spent = spent;
    model.agents.spent_by_others = spent_by_others;
    model.agents.list.sort_by(|a, b| a.agent.name.cmp(&b.agent.name).then(a.agent.id.cmp(&b.agent.id)));
    model.dreams.list = dreams;
    let (agents, passes) = (model.agents.ids(), model.dreams.ids());
    model.agents.selection.reconcile(&agents);
    model.dreams.selection.reconcile(&passes);
    dreams::find_new(model);
    model.snoozed_until = snoozed_until;
    model.pace = pace;
    model.turns = turns;
    model.loaded = true;
    let now = model.inbox.counts().to_review;
    if let Some(new) = before.and_then(|before| now.checked_sub(before)).filter(|&new| new > 0) {
        // Said only when nothing more important is up: the count in the title has changed anyway.
        if model.toasts.current().is_none() {
            model.say(Tone::Info, format!("{} more to review", counted(new as u64, "lesson")));
        }
    }
}

/// Reads again what is shown.
fn reload_all(model: &mut Model, effects: &mut Vec<Effect>) {
    reload(model, effects);
    if let Some(lesson) = model.detail.lesson().cloned() {
        load_detail(model, lesson, effects);
    }
    agents::reload(model, effects);
    if model.memory.asked != 0 {
        memory::reload(model, effects);
    }
    if model.audit.asked != 0 {
        audit::reload(model, effects);
    }
}

fn decided(model: &mut Model, token: u64, result: Result<Decided, Failure>, effects: &mut Vec<Effect>) {
    match result {
        Ok(decided) => {
            // A state that stays the same means that the text changed, and its guards with it.
            let stays = |(id, state): &(LessonId, State)| {
                model.inbox.entry(id).is_some_and(|entry| entry.lesson.state == *state)
            };
            let edited = decided.changed.iter().any(stays);
            // A text that was fitted to the memory made another lesson in place of the one decided on.
            let fitted = decided.changed.iter().any(|(id, _)| model.inbox.entry(id).is_none());
            if edited || fitted || decided.changed.is_empty() {
                reload(model, effects);
            }
            if fitted {
                model.say(Tone::Done, "Fitted to the memory and accepted");
            }
            model.inbox.set_states(&decided.changed);
            model.inbox.end_saving(token);
            if decided.changed.iter().any(|(_, state)| *state == State::Snoozed) {
                let back = decide::back_on(model);
                model.snoozed_until = Some(model.snoozed_until.map_or(back, |first| first.min(back)));
            }
            let mut left_out = model.left_out.remove(&token).unwrap_or_default();
            model.inbox.mark(decided.refused.iter().map(|left| left.lesson.clone()));
            left_out.extend(decided.refused);
            if let Some(text) = saved(model, &decided.changed, edited) {
                model.say(Tone::Done, text + &decide::not_decided(&left_out));
            }
            after_decision(model, &decided.changed, effects);
        }
        Err(failure) => {
            let refused = model.inbox.saving(token);
            model.inbox.end_saving(token);
            model.left_out.remove(&token);
            // The cursor went on when the key was pressed; what was refused is where it is needed.
            let rows = model.inbox.rows_of(&refused);
            if let (Some(lesson), 1) = (refused.first(), rows) {
                model.inbox.go_to_lesson(lesson.clone());
            }
            let waits = if rows > 1 { "The lessons wait" } else { "The lesson waits" };
            // What makes it fit is worth more than that nothing came of it, and has to be in view.
            let collides = rows == 1 && failure.what.contains(" does not fit the memory: ");
            match failure.what.split_once(". Nothing was recorded") {
                Some((why, _)) if collides => {
                    let then = &[(Action::Fit, "makes it fit,"), (Action::Edit, "edits all sides")];
                    model.say_then(Tone::Problem, why, then);
                }
                _ => model.say(Tone::Problem, format!("{failure}. {waits} as before")),
            }
        }
    }
}

/// What was saved, in words.
fn saved(model: &Model, changed: &[(LessonId, State)], edited: bool) -> Option<String> {
    let word = |state: State| match state {
        _ if edited => "Your text is kept".to_owned(),
        State::Snoozed => {
            let day = decide::back_on(model).to_zoned(model.zone.clone());
            format!("Snoozed until {}", day.strftime("%a %-d %b"))
        }
        State::Accepted => "Accepted".to_owned(),
        State::Rejected => "Rejected".to_owned(),
        State::Pending => "Reopened".to_owned(),
        State::Applied => "Applied".to_owned(),
        State::Conflict => "In conflict".to_owned(),
        State::Superseded => "No longer proposed".to_owned(),
    };
    match changed {
        [] => None,
        // What it says now is being read; what is known here is what it said before.
        [_] if edited => Some("Your text is kept".to_owned()),
        [(id, state), ..] => {
            let rows = model.inbox.rows_of(changed.iter().map(|(id, _)| id));
            if rows > 1 {
                return Some(format!("{}: {rows} lessons", word(*state)));
            }
            let statement = &model.inbox.entry(id)?.lesson.statement;
            let agents = changed.len();
            let all = match agents {
                1 => String::new(),
                _ if model.inbox.entry(id)?.lesson.agent.is_shared() => " for shared memory".to_owned(),
                _ => format!(" for {agents} agents"),
            };
            Some(format!("{}: “{statement}”{all}", word(*state)))
        }
    }
}

fn changed_by(result: &Result<Option<crate::app::data::Undone>, Failure>) -> Vec<(LessonId, State)> {
    result.as_ref().ok().and_then(Option::as_ref).map(|undone| undone.changed.clone()).unwrap_or_default()
}

/// What else on screen depends on decisions.
fn after_decision(model: &mut Model, changed: &[(LessonId, State)], effects: &mut Vec<Effect>) {
    // Lists read while a decision was on its way may not know of it.
    if model.overview_waiting {
        reload(model, effects);
    }
    let ids: Vec<LessonId> = changed.iter().map(|(id, _)| id.clone()).collect();
    apply::refresh_preview(model, &ids, effects);
    // An edit changes the text, and its undo changes it back.
    if let Some(open) = model.detail.lesson().filter(|open| ids.contains(open)).cloned() {
        load_detail(model, open, effects);
    }
    agents::reload(model, effects);
    if model.audit.asked != 0 {
        audit::reload(model, effects);
    }
}

fn edited(
    model: &mut Model,
    lesson: LessonId,
    result: Result<Option<String>, Failure>,
    effects: &mut Vec<Effect>,
) {
    match result {
        Ok(Some(text)) => {
            fit::leave(model, &lesson);
            let ask = Ask { lesson, verdict: Verdict::Edit { text: Some(text) }, reason: None };
            decide::record(model, vec![ask], effects);
        }
        Ok(None) => model.say(Tone::Info, "Nothing was changed in the editor; the lesson is as it was"),
        Err(failure) => model.say(Tone::Problem, failure.to_string()),
    }
}
