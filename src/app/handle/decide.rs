//! Decisions: on the lesson under the cursor, or on everything chosen.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app::action::Action;
use crate::app::available::eligible;
use crate::app::data::{Ask, LeftOut, Turns};
use crate::app::doubt::{Doubt, doubt};
use crate::app::effect::Effect;
use crate::app::inbox::Entry;
use crate::app::line_edit::LineEdit;
use crate::app::model::Model;
use crate::app::overlay::{Confirm, Overlay, Prompt, PromptKind, Then};
use crate::app::words::are;
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::domain::lesson::Severity;
use crate::domain::lifecycle::{self, State, Step};
use crate::domain::same::is_kept_back;

/// A decision before it is known on which lessons.
#[derive(Debug, Clone)]
struct Intent {
    step: Step,
    verdict: Verdict,
    verb: &'static str,
    reason: Option<String>,
}

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let intent = match action {
        Action::Accept => Intent::new(Step::Accept, Verdict::Accept, "Accept"),
        Action::Snooze => {
            let until = back_on(model);
            Intent::new(Step::Snooze, Verdict::Snooze { until }, "Snooze")
        }
        Action::Reopen => Intent::new(Step::Reopen, Verdict::Reopen, "Reopen"),
        Action::RejectBecause => {
            let (lessons, _) = to_decide(model, Step::Reject, &targets(model));
            model.overlays.push(Overlay::Prompt(Prompt {
                ask: PromptKind::Reason { lessons },
                input: LineEdit::default(),
                problem: None,
            }));
            return;
        }
        Action::RejectBelow => {
            let below = model.inbox.below();
            let shown = format!("below {} examples", model.inbox.threshold());
            ask_for_batch(model, &Intent::reject(None), &below, below.len(), Some(&shown));
            return;
        }
        _ => Intent::reject(None),
    };
    if model.inbox.has_chosen() {
        let (_, hidden) = model.inbox.chosen_counts();
        let chosen = model.inbox.chosen();
        ask_for_batch(model, &intent, &chosen, hidden, None);
    } else if let Some(entry) = model.inbox.current() {
        let asks = vec![intent.ask(entry.lesson.id.clone())];
        record(model, asks, effects);
    }
}

impl Intent {
    fn new(step: Step, verdict: Verdict, verb: &'static str) -> Self {
        Self { step, verdict, verb, reason: None }
    }

    fn reject(reason: Option<String>) -> Self {
        Self { step: Step::Reject, verdict: Verdict::Reject, verb: "Reject", reason }
    }

    fn ask(&self, lesson: LessonId) -> Ask {
        Ask { lesson, verdict: self.verdict.clone(), reason: self.reason.clone() }
    }
}

/// Lessons a decision is about: the chosen ones, else the one under the cursor.
fn targets(model: &Model) -> BTreeSet<LessonId> {
    if model.inbox.has_chosen() {
        return model.inbox.chosen();
    }
    model.inbox.current().map(|entry| entry.lesson.id.clone()).into_iter().collect()
}

/// Which of some lessons a decision on all of them is about: what was decided before stays as it is, and is told
/// of in a sentence, unless nothing else is chosen or to reopen it is what is asked for.
fn to_decide(model: &Model, step: Step, chosen: &BTreeSet<LessonId>) -> (Vec<LessonId>, Option<String>) {
    let state = |id: &LessonId| model.inbox.entry(id).map(Entry::state);
    let decided = |id: &&LessonId| {
        matches!(state(id), Some(State::Accepted | State::Rejected | State::Snoozed)) && step != Step::Reopen
    };
    let (before, open): (Vec<&LessonId>, Vec<&LessonId>) = chosen.iter().partition(decided);
    if open.is_empty() {
        return (chosen.iter().cloned().collect(), None);
    }
    let ways = [State::Accepted, State::Rejected, State::Snoozed];
    let ways = ways.into_iter().filter(|way| before.iter().any(|id| state(id) == Some(*way)));
    let ways: Vec<&str> = ways.map(State::as_str).collect();
    let said = match before.len() {
        0 => None,
        1 => Some(format!("1 that was {} before stays as it is.", ways.join(" or "))),
        many => Some(format!("{many} that were {} before stay as they are.", ways.join(" or "))),
    };
    (open.into_iter().cloned().collect(), said)
}

/// Puts the question of a batch, count first; another key than the one that asked answers it.
fn ask_for_batch(
    model: &mut Model,
    intent: &Intent,
    chosen: &BTreeSet<LessonId>,
    hidden: usize,
    which: Option<&str>,
) {
    let mut asks = Vec::new();
    let mut left_out: Vec<LeftOut> = Vec::new();
    let (lessons, stay) = to_decide(model, intent.step, chosen);
    for id in &lessons {
        let Some(entry) = model.inbox.entry(id) else { continue };
        match allowed_in_batch(entry, intent.step) {
            Ok(()) => asks.push(intent.ask(id.clone())),
            Err((short, reason)) => left_out.push(LeftOut { lesson: id.clone(), short, reason }),
        }
    }
    let count = asks.len();
    let noun = if count == 1 { "lesson" } else { "lessons" };
    let which = which.map(|which| format!(" {which}")).unwrap_or_default();
    let mut details = Vec::new();
    if hidden > 0 {
        details.push(format!("{hidden} of the chosen lessons {} not in view.", are(hidden as u64)));
    }
    let stay_before = stay.clone();
    details.extend(stay);
    let reasons = grouped(left_out.iter().map(|left| left.reason.as_str()));
    details.extend(reasons.into_iter().map(|(reason, count)| format!("{count} left out: {reason}.")));
    if count == 0 {
        // Every reason with its count: a reviewer who marked ten and hears of one looks for nine.
        let reasons = grouped(left_out.iter().map(|left| left.reason.as_str()));
        let why = match reasons.as_slice() {
            [] => stay_before.unwrap_or_else(|| "nothing is left to decide".to_owned()),
            [(reason, _)] => (*reason).to_owned(),
            many => {
                let each: Vec<String> =
                    many.iter().map(|(reason, count)| format!("{count}: {reason}")).collect();
                each.join(". ")
            }
        };
        let (verb, out) = (intent.verb, left_out.len());
        let out = if out > 1 { format!(" ({out} left out)") } else { String::new() };
        model.say(crate::app::toast::Tone::Info, format!("{verb} nothing{out}: {why}"));
        return;
    }
    let accepted = |ask: &&Ask| model.inbox.entry(&ask.lesson).map(Entry::state) == Some(State::Accepted);
    let accepted = asks.iter().filter(accepted).count();
    if accepted > 0 && intent.step != Step::Accept {
        details.push(format!("{accepted} of them {} accepted and not yet written.", are(accepted as u64)));
    }
    let turned_down = asks.iter().filter_map(|ask| model.inbox.entry(&ask.lesson).map(Entry::state));
    let turned_down = turned_down.filter(|state| matches!(state, State::Rejected | State::Snoozed)).count();
    if turned_down > 0 && intent.step == Step::Accept {
        let be = if turned_down == 1 { "was" } else { "were" };
        details.push(format!("{turned_down} of them {be} rejected or snoozed before."));
    }
    if !left_out.is_empty() && which.is_empty() {
        details.push("What is left out stays marked.".to_owned());
    }
    details.push("One undo takes all of it back.".to_owned());
    model.overlays.push(Overlay::Confirm(Confirm {
        question: format!("{} {count} {noun}{which}?", intent.verb),
        details,
        // Below the threshold nothing was marked, so nothing stays so.
        then: Then::Decide(asks, if which.is_empty() { left_out } else { Vec::new() }),
    }));
}

/// Each text once, in order, with how often it is there.
fn grouped<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<(&'a str, usize)> {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for text in texts {
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => groups.push((text, 1)),
        }
    }
    groups
}

/// Whether a lesson may be decided together with others; else why not, in a word or two and in full.
fn allowed_in_batch(entry: &Entry, step: Step) -> Result<(), (String, String)> {
    let lesson = &entry.lesson;
    if step == Step::Accept
        && let Some(doubt) = doubt(lesson)
    {
        let reason = match doubt {
            Doubt::Warned(_) => "a guard warns of them, and each wants a look",
            Doubt::NotEstablished => "not established; such lessons are accepted one by one",
        };
        return Err((doubt.short().to_owned(), reason.to_owned()));
    }
    eligible(entry, step).map_err(|reason| {
        let blocking = lesson.marks.iter().find(|mark| mark.severity == Severity::Block);
        let blocking = blocking.filter(|_| step == Step::Accept);
        let short = blocking.map_or_else(|| entry.state().as_str().to_owned(), |mark| mark.guard.clone());
        (short, reason)
    })
}

/// Records what was confirmed for a batch. What it leaves out stays marked, and is told of once the
/// rest is durable.
pub(in crate::app) fn record_batch(
    model: &mut Model,
    asks: Vec<Ask>,
    left_out: Vec<LeftOut>,
    effects: &mut Vec<Effect>,
) {
    let mut left_out = left_out;
    // What was read again since the question may have other marks by now.
    let asks: Vec<Ask> = asks
        .into_iter()
        .filter(|ask| match still_allowed(model, ask) {
            Ok(()) => true,
            Err((short, reason)) => {
                left_out.push(LeftOut { lesson: ask.lesson.clone(), short, reason });
                false
            }
        })
        .collect();
    if asks.is_empty() {
        let why = not_decided(&left_out);
        return model.say(crate::app::toast::Tone::Info, format!("Nothing was recorded{why}"));
    }
    let batch = record(model, asks, effects);
    model.inbox.mark(left_out.iter().map(|left| left.lesson.clone()));
    model.left_out.extend(batch.map(|batch| (batch, left_out)));
}

fn still_allowed(model: &Model, ask: &Ask) -> Result<(), (String, String)> {
    match (model.inbox.entry(&ask.lesson), &ask.verdict) {
        (Some(entry), Verdict::Accept) => allowed_in_batch(entry, Step::Accept),
        // What only another process knows of, the cache refuses.
        _ => Ok(()),
    }
}

/// `, 3 not: secret (2), hidden (1); those stay marked`; nothing where nothing was left out.
pub(in crate::app) fn not_decided(left_out: &[LeftOut]) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let groups = grouped(left_out.iter().map(|left| left.short.as_str()));
    let groups: Vec<String> = groups.into_iter().map(|(short, count)| format!("{short} ({count})")).collect();
    let stay = if left_out.len() == 1 { "it stays marked" } else { "those stay marked" };
    format!(", {} not: {}; {stay}", left_out.len(), groups.join(", "))
}

/// Records a batch: shown at once as being saved, solid when the cache has answered. Gives its number, under which
/// the answer comes.
pub(in crate::app) fn record(model: &mut Model, asks: Vec<Ask>, effects: &mut Vec<Effect>) -> Option<u64> {
    let states: Vec<(LessonId, State)> = asks.iter().flat_map(|ask| leads_to(model, ask)).collect();
    if asks.is_empty() {
        return None;
    }
    let token = model.number();
    model.turns = Turns { undo: true, redo: false };
    let of_cursor =
        model.inbox.selection.current().is_some_and(|id| states.iter().any(|(lesson, _)| lesson == id));
    model.inbox.begin_saving(token, &states);
    model.inbox.clear_marks();
    effects.push(Effect::Decide(token, asks));
    let decided = model.inbox.current().is_some_and(|entry| !entry.is_undecided());
    if of_cursor && decided {
        model.inbox.go_to_undecided(true);
    }
    Some(token)
}

/// Where a decision leads the lesson it is on, and those that are one with it.
fn leads_to(model: &Model, ask: &Ask) -> Vec<(LessonId, State)> {
    let accepts = ask.verdict == Verdict::Accept;
    let entry = model.inbox.entry(&ask.lesson);
    // What is turned down for shared memory waits for each agent by itself.
    let turned_down =
        ask.verdict == Verdict::Reject && entry.is_some_and(|entry| entry.lesson.agent.is_shared());
    let goes_along = |entry: &&Entry| {
        let kept_back = accepts && is_kept_back(&entry.lesson.marks);
        let alone = matches!(ask.verdict, Verdict::Edit { .. }) || turned_down || kept_back;
        entry.lesson.id != ask.lesson && !alone
    };
    let all = entry.into_iter().chain(model.inbox.in_one(&ask.lesson).filter(goes_along));
    all.filter_map(|entry| Some((entry.lesson.id.clone(), after(entry, &ask.verdict)?))).collect()
}

fn after(entry: &Entry, verdict: &Verdict) -> Option<State> {
    let step = match verdict {
        Verdict::Accept => Step::Accept,
        Verdict::Reject => Step::Reject,
        Verdict::Snooze { .. } => Step::Snooze,
        Verdict::Reopen => Step::Reopen,
        Verdict::Edit { .. } => return Some(entry.state()),
    };
    lifecycle::next(entry.state(), step).ok()
}

/// Rejects with a reason, once it was typed.
pub(in crate::app) fn reject_because(
    model: &mut Model,
    lessons: &[LessonId],
    reason: &str,
    effects: &mut Vec<Effect>,
) {
    let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let intent = Intent::reject(reason);
    let asks = lessons
        .iter()
        .filter(|id| model.inbox.entry(id).is_some_and(|entry| eligible(entry, Step::Reject).is_ok()))
        .map(|id| intent.ask(id.clone()))
        .collect();
    record(model, asks, effects);
}

/// Opens the editor on the text of the lesson under the cursor.
pub(in crate::app) fn edit(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(entry) = model.inbox.current() {
        effects.push(Effect::EditText(entry.lesson.id.clone()));
    }
}

/// Start of the day on which a lesson that is snoozed now comes back, where the reviewer is.
pub(in crate::app) fn back_on(model: &Model) -> Timestamp {
    let days = i64::from(model.snooze_days.max(1));
    let here = model.now.to_zoned(model.zone.clone());
    let midnight = here.checked_add(jiff::Span::new().days(days)).and_then(|day| day.start_of_day());
    midnight.map_or_else(
        |_| model.now.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(model.now),
        |midnight| midnight.timestamp(),
    )
}
