//! Whether an action is possible right now, and if not, why.
//!
//! Owns: the reasons, in words a reviewer can act on. The hint bar greys actions out by this, the
//! palette shows the reason, and `update` refuses with it. Must not know: keys or drawing.

use crate::domain::evidence::Basis;
use crate::domain::lesson::Severity;
use crate::domain::lifecycle::{self, State, Step};

use super::action::Action;
use super::inbox::Entry;
use super::model::{Model, Screen, SyncState};
use super::overlay::{Overlay, Purpose};
use super::screens::{HistoryItem, MemoryPane};

/// Whether `action` can be carried out now.
///
/// # Errors
/// The reason why not.
pub fn check(model: &Model, action: Action) -> Result<(), String> {
    use Action as A;
    let no = |reason: &str| Err(reason.to_owned());
    if model.read_only && writes(action) {
        return no("the console was opened to look only");
    }
    match action {
        A::InputComplete if !matches!(model.overlay(), Some(Overlay::Command(_) | Overlay::Wish(_))) => {
            no("there is nothing to complete here")
        }
        A::Theme if model.themes.is_empty() => no("there is no other theme here"),
        A::Accept => decision(model, Step::Accept),
        A::Reject | A::RejectBecause => decision(model, Step::Reject),
        A::Snooze => decision(model, Step::Snooze),
        A::Reopen => decision(model, Step::Reopen),
        A::Edit => {
            let entry = lesson(model)?;
            match entry.state() {
                State::Applied => no("it is already in the memory; undo it there first"),
                State::Superseded => no("it is no longer proposed"),
                _ if entry.lesson.is_taken_out() => no("it was taken out of the memory; put it back first"),
                _ if model.detail.content().is_some_and(|content| content.editable.is_none()) => {
                    no("it writes no text, so there is nothing to edit")
                }
                _ => Ok(()),
            }
        }
        A::Fit => match model.detail.content() {
            Some(content) if content.to_fit.is_some() => Ok(()),
            Some(_) => no("it fits the memory as it is, or no single text would make it fit"),
            None => no("no lesson is open"),
        },
        A::FitUse => match model.overlay() {
            Some(Overlay::Fit(pane)) if pane.parts.open() > 0 => {
                Err(format!("{} of its parts wait for a choice", pane.parts.open()))
            }
            _ => Ok(()),
        },
        A::Compare if model.detail.content().is_none_or(|content| content.comparisons().len() < 2) => {
            no("it was not edited, and no lesson like it was decided before")
        }
        A::Undo if !model.turns.undo => no("there is no decision to undo"),
        A::Redo if !model.turns.redo => no("no decision was undone last"),
        A::Mark | A::Range | A::MarkAll => lesson(model).map(|_| ()),
        A::ClearMarks if !model.inbox.has_chosen() => no("nothing is marked"),
        A::RejectBelow if model.inbox.counts().below == 0 => no("nothing is below the threshold"),
        A::Evidence => match model.detail.content() {
            _ if model.inbox.current().is_none() => no("no lesson is selected"),
            Some(content) if content.evidence.is_empty() => {
                no("this lesson rests on the memory itself, not on sessions")
            }
            _ => Ok(()),
        },
        A::SpotCheck => match model.detail.content() {
            Some(content) if !content.sample.is_empty() => Ok(()),
            Some(_) if is_estimate(model) => no("the search found nothing to look at"),
            Some(_) => no("its count is no estimate, so there is nothing to check"),
            None => no("no lesson is open"),
        },
        A::OpenTranscript => match model.detail.content() {
            Some(content) if content.evidence.get(model.detail.evidence).is_some() => Ok(()),
            Some(_) => no("this lesson has no place in a session to open"),
            None => no("no lesson is open"),
        },
        A::NextUndecided | A::PreviousUndecided if matches!(model.overlay(), Some(Overlay::Transcript(pane)) if pane.search.is_none()) => {
            no("nothing is searched for in this session")
        }
        A::Explain
        | A::NextUndecided
        | A::PreviousUndecided
        | A::Zoom
        | A::Layout
        | A::Wrap
        | A::Folds
        | A::FinalText => lesson(model).map(|_| ()),
        A::ClearFilter if model.screen == Screen::Inbox && model.inbox.filter().text().is_empty() => {
            no("there is no filter")
        }
        A::NextChange | A::PreviousChange if matches!(model.overlay(), Some(Overlay::Preview(pane)) if pane.plan.as_ref().is_none_or(|plan| plan.documents() < 2)) => {
            no("there is no other document")
        }
        A::Preview if model.writing => no("an apply is under way"),
        A::Preview if model.inbox.counts().accepted == 0 => no("nothing is accepted yet"),
        A::Apply => match model.overlay() {
            Some(Overlay::Preview(pane)) => match &pane.plan {
                None => no("the preview is still being made"),
                // Lessons that collide go back to review, and those that the memory says already are done: else
                // they would wait for ever.
                Some(plan) if plan.only_settles() && pane.purpose == Purpose::Decided => Ok(()),
                Some(plan) if plan.lessons() + plan.documents() == 0 => {
                    no("there is nothing that can be written")
                }
                Some(_) => Ok(()),
            },
            _ => no("look at the preview first"),
        },
        A::TakeBack => take_back(model),
        A::Quarantine if super::handle::look::session(model).is_none() => {
            no("no place in a session is selected")
        }
        A::PutBack => super::handle::memory::can_put_back(model),
        A::ExportAudit if model.audit.view.as_ref().is_none_or(|view| view.entries.is_empty()) => {
            no("there is nothing to write")
        }
        A::DreamRun | A::DreamRetry if model.dreams.running.is_some() => no("a dream is already running"),
        A::DreamRetry => match model.dreams.current() {
            None => no("no dream is selected"),
            Some(summary) if !summary.dream.status.is_final() => no("it has not ended yet"),
            Some(summary) if model.agents.get(&summary.dream.agent).is_none() => {
                no("its agent is no longer known; sync first")
            }
            Some(_) => Ok(()),
        },
        A::DreamRun | A::ScreenMemory if model.agents.list.is_empty() => {
            no("no agent is known yet; sync first")
        }
        A::DreamAdopt => super::handle::output::can_adopt(model),
        A::DreamDiscard => super::handle::output::can_discard(model),
        A::DreamChange if !super::handle::wish::can_change(model) => {
            no("this question has nothing to change")
        }
        A::DreamCancel if model.read_only => no("the console was opened to look only"),
        A::DreamCancel if super::handle::dreams::far_running(model).is_some() => Ok(()),
        A::DreamCancel => match &model.dreams.running {
            None => no("no dream is running here"),
            Some(running) if running.stopping => no("it is being stopped"),
            Some(_) => Ok(()),
        },
        A::Sync if matches!(model.sync, SyncState::Running(_)) => no("a sync is already running"),
        A::ScreenEffects => no("what applied lessons did afterwards is not measured yet"),
        A::ChooseAgent if model.agents.list.len() < 2 => no("there is no other agent"),
        _ => Ok(()),
    }
}

/// Whether an action decides or writes something, beyond how things are looked at.
fn writes(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::SpotCheck
            | A::Quarantine
            | A::Accept
            | A::Reject
            | A::RejectBecause
            | A::RejectBelow
            | A::Snooze
            | A::Reopen
            | A::Edit
            | A::FitUse
            | A::Undo
            | A::Redo
            | A::Apply
            | A::TakeBack
            | A::DreamRun
            | A::DreamRetry
            | A::DreamAdopt
            | A::DreamDiscard
    )
}

fn is_estimate(model: &Model) -> bool {
    model.inbox.current().is_some_and(|entry| entry.lesson.support.basis == Basis::Estimated)
}

fn lesson(model: &Model) -> Result<&Entry, String> {
    model.inbox.current().ok_or_else(|| "no lesson is selected".to_owned())
}

fn decision(model: &Model, step: Step) -> Result<(), String> {
    // A batch leaves out what is not possible and says so, so it is only refused lesson by lesson.
    if model.inbox.has_chosen() {
        return Ok(());
    }
    eligible(lesson(model)?, step)
}

/// Whether one lesson can take a step.
///
/// # Errors
/// The reason why not.
pub fn eligible(entry: &Entry, step: Step) -> Result<(), String> {
    if entry.lesson.is_taken_out() {
        return Err("it was taken out of the memory; put it back first".to_owned());
    }
    let after = lifecycle::next(entry.state(), step).map_err(|refused| refused.to_string())?;
    let blocking = entry.lesson.marks.iter().find(|mark| mark.severity == Severity::Block);
    match (step, blocking) {
        (Step::Accept, Some(mark)) => Err(format!("{} must be edited out first", mark.guard)),
        (Step::Snooze, _) => Ok(()),
        _ if after == entry.state() => Err(format!("it is {} already", after.as_str())),
        _ => Ok(()),
    }
}

fn take_back(model: &Model) -> Result<(), String> {
    if model.writing {
        return Err("an apply is under way".to_owned());
    }
    if model.screen != Screen::Memory {
        return match lesson(model)?.state() {
            State::Applied => Ok(()),
            _ if lesson(model)?.lesson.is_taken_out() => Ok(()),
            _ => Err("it is not in the memory".to_owned()),
        };
    }
    let memory = &model.memory;
    if memory.pane != MemoryPane::History && memory.version.is_none() {
        return match memory.origin() {
            None => Err("this line was there before wakeful; put the cursor on another".to_owned()),
            Some(origin) if origin.lesson.is_none() => {
                Err("no lesson is known to have put this line there".to_owned())
            }
            Some(origin) if !origin.stands => Err("its lesson is no longer in the memory".to_owned()),
            Some(_) => Ok(()),
        };
    }
    let Some(item) = memory.history.current() else {
        return Err("nothing was applied to this memory yet".to_owned());
    };
    let Some(entry) = memory.entry_of(item) else {
        return Err("it was not wakeful that made this change".to_owned());
    };
    match item {
        HistoryItem::Lesson(_, id) => match entry.lessons.iter().find(|lesson| lesson.lesson == *id) {
            Some(lesson) if lesson.stands => Ok(()),
            _ => Err("it is no longer in the memory".to_owned()),
        },
        _ => entry.undoable.clone(),
    }
}
