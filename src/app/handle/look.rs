//! Looking closer: panes, diff layouts, evidence, transcripts, copying.

use crate::app::action::Action;
use crate::app::data::{Compare, FromSession, LessonDetail};
use crate::app::detail::Stops;
use crate::app::effect::Effect;
use crate::app::model::{Model, Pane, Screen};
use crate::app::overlay::{Confirm, Overlay, Then};
use crate::app::screens::{HistoryItem, MemoryPane};
use crate::app::toast::Tone;
use crate::app::words::counted;
use crate::domain::ids::{AgentId, LessonId, SessionId};

/// Panes, and what Enter opens.
pub(in crate::app) fn focus(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    match (action, model.screen) {
        (Action::Zoom, _) => {
            model.zoom = !model.zoom;
            if !model.zoom {
                model.pane = model.zoomed_from.take().unwrap_or(model.pane);
            } else if model.pane == Pane::List {
                model.zoomed_from = Some(model.pane);
                model.pane = Pane::Lesson;
            }
        }
        (Action::FocusNext, Screen::Memory) => turn_memory_pane(model, 1),
        (Action::FocusPrevious, Screen::Memory) => turn_memory_pane(model, 2),
        (Action::FocusNext, _) => turn_pane(model, true),
        (Action::FocusPrevious, _) => turn_pane(model, false),
        (_, Screen::Inbox) => open_lesson(model, effects),
        (_, Screen::Dreams) => {
            if super::dreams::ask_to_fetch(model) {
                return;
            }
            if let Some(id) = model.dreams.current().map(|summary| summary.dream.id.clone()) {
                show_lessons(model, &format!("dream:{id} state:any"));
            }
        }
        (_, Screen::Agents) => {
            if let Some(agent) = model.agents.current().map(|summary| summary.agent.name.clone()) {
                show_lessons(model, &format!("agent:{}", quoted(&agent)));
            }
        }
        (_, Screen::Memory) => open_in_memory(model),
        (_, Screen::Audit) => open_from_audit(model),
    }
}

fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) { format!("\"{word}\"") } else { word.to_owned() }
}

/// Looks lessons up in the inbox; the filter that was there comes back with the first step back.
pub(super) fn show_lessons(model: &mut Model, filter: &str) {
    // Looking something up is not how the reviewer wants the list from now on.
    let typed = super::super::view_state::filter(model).to_owned();
    model.inbox.set_filter(filter);
    model.looked_up = Some((model.inbox.filter().text().to_owned(), typed));
    model.screen = Screen::Inbox;
    model.pane = Pane::List;
    model.zoom = false;
}

fn turn_memory_pane(model: &mut Model, steps: usize) {
    const PANES: [MemoryPane; 3] = [MemoryPane::Documents, MemoryPane::Text, MemoryPane::History];
    let at = PANES.iter().position(|&pane| pane == model.memory.pane).unwrap_or(0);
    model.memory.pane = PANES.get((at + steps) % PANES.len()).copied().unwrap_or_default();
}

fn turn_pane(model: &mut Model, forward: bool) {
    let has_evidence = model.detail.content().is_some_and(|content| !content.evidence.is_empty());
    let mut panes = Vec::from(if model.zoom { [].as_slice() } else { &[Pane::List] });
    if model.inbox.current().is_some() {
        panes.push(Pane::Lesson);
        panes.extend(has_evidence.then_some(Pane::Evidence));
    }
    let at = panes.iter().position(|&pane| pane == model.pane).unwrap_or(0);
    let count = panes.len().max(1);
    let next = if forward { at + 1 } else { at + count - 1 } % count;
    match panes.get(next).copied().unwrap_or_default() {
        Pane::Evidence => model.open_evidence(),
        pane => model.pane = pane,
    }
}

fn open_lesson(model: &mut Model, effects: &mut Vec<Effect>) {
    match model.pane {
        Pane::Evidence => act(model, Action::OpenTranscript, effects),
        Pane::Lesson => match model.detail.fold_in_view(model.viewport.text) {
            Some(fold) => {
                model.detail.open_folds.insert(fold);
            }
            None => model.zoom = !model.zoom,
        },
        Pane::List if model.inbox.current().is_some() => {
            model.pane = Pane::Lesson;
            model.zoom = true;
        }
        Pane::List => {}
    }
}

fn open_in_memory(model: &mut Model) {
    match model.memory.pane {
        MemoryPane::Documents if model.memory.paths().is_empty() => no_documents(model),
        MemoryPane::Documents => model.memory.pane = MemoryPane::Text,
        MemoryPane::Text if model.memory.version.is_some() => {}
        MemoryPane::Text => match model.memory.origin().and_then(|origin| origin.lesson.clone()) {
            Some(lesson) => open_lesson_of_memory(model, lesson),
            None => model.say(Tone::Info, "No lesson is known to have put this line here"),
        },
        MemoryPane::History => match model.memory.history.current().cloned() {
            Some(HistoryItem::Lesson(_, lesson)) => open_lesson_of_memory(model, lesson),
            Some(_) => model.memory.pane = MemoryPane::Text,
            None => {}
        },
    }
}

/// There is no document to open: says what comes first.
fn no_documents(model: &mut Model) {
    if model.memory.view.is_none() {
        return;
    }
    let tally = model.memory.agent.as_ref().map(|agent| model.inbox.of_agent(agent)).unwrap_or_default();
    let then: &[_] = match (tally.accepted, tally.to_review) {
        (0, 0) => &[(Action::DreamRun, "runs a dream, which proposes the first notes")],
        (0, _) => &[(Action::ScreenInbox, "leads to the lessons that would be its first notes")],
        _ => &[(Action::Preview, "shows what the accepted lessons would write")],
    };
    model.say_then(Tone::Info, "This memory has no document to open yet", then);
}

fn open_lesson_of_memory(model: &mut Model, lesson: LessonId) {
    if model.inbox.entry(&lesson).is_none() {
        return model.say(Tone::Info, "This lesson is no longer in the inbox; `wakeful show` has it");
    }
    show_lessons(model, "state:any");
    model.inbox.go_to_lesson(lesson);
}

fn open_from_audit(model: &mut Model) {
    let id = model.audit.selection.current().copied();
    let subject = model.audit.view.as_ref().and_then(|view| {
        view.entries.iter().find(|entry| Some(entry.sequence) == id).map(|entry| entry.subject.clone())
    });
    let lesson = subject.map(crate::domain::ids::LessonId::new);
    match lesson.filter(|lesson| model.inbox.entry(lesson).is_some()) {
        Some(lesson) => {
            show_lessons(model, "state:any");
            model.inbox.go_to_lesson(lesson);
        }
        None => model.say(Tone::Info, "This entry is not about a lesson that can be opened"),
    }
}

/// The session of the selected place, and whose it is.
pub(in crate::app) fn session(model: &Model) -> Option<(AgentId, SessionId)> {
    let at = match model.overlay() {
        Some(Overlay::Transcript(pane)) => pane.evidence,
        _ => model.detail.evidence,
    };
    let evidence = model.detail.content()?.evidence.get(at)?;
    let (agent, session) = SessionId::owned(&model.inbox.current()?.lesson.agent, &evidence.place.session);
    Some((agent.into_owned(), session.into_owned()))
}

/// Asks what came from the session of the selected place.
pub(in crate::app) fn quarantine(model: &Model, effects: &mut Vec<Effect>) {
    if let Some((agent, session)) = session(model) {
        effects.push(Effect::LookQuarantine(agent, session));
    }
}

/// Lessons that the question names one by one.
const NAMED: usize = 8;

/// What came from a session is known: the question whether it goes.
pub(in crate::app) fn came_from(model: &mut Model, found: FromSession) {
    let FromSession { agent, session, falls, stay } = found;
    let mut details: Vec<String> = falls.iter().take(NAMED).cloned().collect();
    if falls.len() > NAMED {
        details.push(format!("and {} more.", falls.len() - NAMED));
    }
    if stay > 0 {
        details.push(format!("{} stay: enough other sessions support them.", counted(stay as u64, "lesson")));
    }
    details.push("It never counts again. `wakeful quarantine --lift` turns that back.".to_owned());
    let lessons = counted(falls.len() as u64, "lesson");
    model.overlays.push(Overlay::Confirm(Confirm {
        question: format!("Put session {session} in quarantine and reject {lessons} that came from it?"),
        details,
        then: Then::Quarantine(agent, session),
    }));
}

/// Diff layouts, evidence and transcripts.
pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let page = model.viewport.text;
    match action {
        Action::Evidence => {
            if model.pane == Pane::Evidence {
                model.pane = Pane::List;
            } else {
                model.open_evidence();
            }
            model.zoom &= model.pane != Pane::List;
        }
        Action::OpenTranscript => super::transcript::open(model, effects),
        Action::NextChange | Action::PreviousChange => {
            let forward = action == Action::NextChange;
            if matches!(model.overlay(), Some(Overlay::Fit(_))) {
                super::fit::turn(model, if forward { 1 } else { -1 });
            } else if matches!(model.overlay(), Some(Overlay::Transcript(_))) {
                super::transcript::turn(model, forward, effects);
            } else if matches!(model.overlay(), Some(Overlay::Preview(_))) {
                super::apply::turn(model, forward);
            } else if !model.detail.jump(Stops::Changes, forward, page) {
                model.inbox.step(if forward { 1 } else { -1 });
            }
        }
        Action::Layout => {
            model.detail.style.layout = model.detail.style.layout.next();
            model.detail.style.final_text = false;
            let layout = model.detail.style.layout.as_str();
            model.say(Tone::Info, format!("Diff layout: {layout}"));
        }
        Action::FinalText => {
            model.detail.style.final_text = !model.detail.style.final_text;
            let text = if model.detail.style.final_text { "As the agent will read it" } else { "As a diff" };
            model.say(Tone::Info, text);
        }
        Action::Wrap => {
            model.detail.style.wrap = !model.detail.style.wrap;
            let text = if model.detail.style.wrap { "Long lines wrap" } else { "Long lines are cut" };
            model.say(Tone::Info, text);
        }
        Action::ContextMore | Action::ContextLess => {
            model.detail.hold_change(page);
            let style = &mut model.detail.style;
            let more = action == Action::ContextMore;
            style.context = style.context.saturating_add_signed(if more { 2 } else { -2 }).clamp(1, 31);
            style.unfolded = false;
            let lines = counted(u64::from(style.context), "unchanged line");
            model.say(Tone::Info, format!("{lines} around each change"));
        }
        Action::Compare => {
            model.detail.compare_next();
            let text = match model.detail.compare() {
                Compare::Change => "What it changes in the memory",
                Compare::Edit => "What the dream proposed, and what you made of it; the same key goes on",
                Compare::Proposal => "The memory, and what the dream proposed; the same key goes on",
                Compare::Since => "What changed since it was decided; the same key goes back",
            };
            model.say(Tone::Info, text);
        }
        _ => {
            model.detail.hold_change(page);
            model.detail.style.unfolded = !model.detail.style.unfolded;
            model.detail.open_folds.clear();
            let text = if model.detail.style.unfolded {
                "Unchanged text is shown"
            } else {
                "Unchanged text is folded"
            };
            model.say(Tone::Info, text);
        }
    }
}

/// Hands what is selected to the clipboard.
pub(in crate::app) fn copy(model: &mut Model, effects: &mut Vec<Effect>) {
    let (what, text) = if let Some(Overlay::Transcript(pane)) = model.overlay() {
        ("quote", Some(pane.quote.clone()))
    } else {
        match (model.screen, model.pane) {
            (Screen::Inbox, Pane::Evidence) => {
                let evidence = model.detail.content().and_then(|c| c.evidence.get(model.detail.evidence));
                ("quote", evidence.map(|evidence| evidence.quote.clone()))
            }
            (Screen::Inbox, _) => ("lesson", lesson_text(model)),
            (Screen::Memory, _) => {
                ("document", model.memory.current().map(|document| document.text.to_string()))
            }
            (Screen::Audit, _) => {
                let id = model.audit.selection.current().copied();
                let entry = model
                    .audit
                    .view
                    .as_ref()
                    .and_then(|view| view.entries.iter().find(|entry| Some(entry.sequence) == id));
                ("entry", entry.map(|e| format!("{} {} {} {} {}", e.at, e.by, e.action, e.subject, e.text)))
            }
            (Screen::Dreams | Screen::Agents, _) => ("entry", None),
        }
    };
    match text {
        Some(text) => effects.push(Effect::Copy { what, text }),
        None => model.say(Tone::Info, "There is nothing to copy here"),
    }
}

fn lesson_text(model: &Model) -> Option<String> {
    let entry = model.inbox.current()?;
    let editable =
        model.detail.content().and_then(|content: &std::sync::Arc<LessonDetail>| content.editable.clone());
    Some(editable.map_or_else(
        || entry.lesson.statement.clone(),
        |text| format!("{}\n\n{text}", entry.lesson.statement),
    ))
}

/// Puts scroll positions back inside their texts after the screen changed its size; tells whether
/// any had to move.
pub(in crate::app) fn clamp(model: &mut Model) -> bool {
    let viewport = model.viewport;
    let scrolls =
        |model: &Model| (model.detail.scroll, model.memory.scroll, model.dreams.scroll, model.agents.scroll);
    let before = scrolls(model);
    model.detail.resized(viewport.text);
    if viewport.text_lines > 0 {
        let last = viewport.text_lines.saturating_sub(viewport.text);
        let shown = match model.screen {
            Screen::Memory => Some(&mut model.memory.scroll),
            Screen::Dreams => Some(&mut model.dreams.scroll),
            Screen::Agents => Some(&mut model.agents.scroll),
            Screen::Inbox | Screen::Audit => None,
        };
        if let Some(scroll) = shown {
            *scroll = (*scroll).min(last);
        }
    }
    let last = viewport.overlay_lines.saturating_sub(viewport.overlay);
    let scroll = match model.overlays.last_mut() {
        Some(Overlay::Preview(pane)) => Some(&mut pane.scroll),
        Some(Overlay::Transcript(pane)) => pane.scroll.as_mut(),
        Some(Overlay::Explain { scroll } | Overlay::Messages { scroll }) => Some(scroll),
        Some(Overlay::Requests(pane)) => Some(&mut pane.scroll),
        Some(Overlay::Fit(pane)) => Some(&mut pane.scroll),
        _ => None,
    };
    let moved = scroll.is_some_and(|scroll| {
        let out = *scroll > last;
        *scroll = (*scroll).min(last);
        out
    });
    moved || before != scrolls(model)
}
