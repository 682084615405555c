//! Moving about: cursors, pages, screens.

use crate::app::action::Action;
use crate::app::detail::Stops;
use crate::app::effect::Effect;
use crate::app::model::{Model, Pane, Screen};
use crate::app::overlay::{End, Overlay};
use crate::app::screens::MemoryPane;
use crate::app::spot::Spot;
use crate::app::toast::Tone;

/// How far to move.
#[derive(Debug, Clone, Copy)]
enum Move {
    By(isize),
    Pages(isize),
    ToStart,
    ToEnd,
}

pub(in crate::app) fn act(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let how = match action {
        Action::Down => Move::By(1),
        Action::Up => Move::By(-1),
        Action::PageDown => Move::Pages(1),
        Action::PageUp => Move::Pages(-1),
        Action::Top => Move::ToStart,
        Action::Bottom => Move::ToEnd,
        Action::DetailDown => return scroll_detail(model, 1),
        Action::DetailUp => return scroll_detail(model, -1),
        Action::NextUndecided => return next(model, true),
        _ => return next(model, false),
    };
    if let (Some(Overlay::Fit(_)), Move::By(by)) = (model.overlay(), how) {
        return super::fit::turn(model, by);
    }
    if model.overlay().is_some() {
        overlay(model, how, effects);
        return;
    }
    in_list(model, how);
}

/// Moves in whatever has the keyboard.
fn in_list(model: &mut Model, how: Move) {
    match (model.screen, model.pane) {
        (Screen::Inbox, Pane::List) => {
            let (at, last) = (model.inbox.selection.index(), model.inbox.visible().len());
            model.inbox.go_to(target(how, at, last, model.viewport.list));
        }
        (Screen::Inbox, Pane::Lesson) => {
            let (at, lines, page) =
                (model.detail.scroll, model.detail.painted().rows.len(), model.viewport.text);
            model.detail.scroll_to(target(how, at, lines, page), page);
        }
        (Screen::Inbox, Pane::Evidence) => {
            let count = model.detail.content().map_or(0, |content| content.evidence.len());
            model.detail.evidence = target(how, model.detail.evidence, count, model.viewport.evidence);
        }
        (Screen::Dreams, _) => {
            let ids = model.dreams.ids();
            let to = target(how, model.dreams.selection.index(), ids.len(), model.viewport.list);
            model.dreams.selection.select_index(&ids, to);
            model.dreams.scroll = 0;
        }
        (Screen::Agents, _) => {
            let ids = model.agents.ids();
            let to = target(how, model.agents.selection.index(), ids.len(), model.viewport.list);
            model.agents.selection.select_index(&ids, to);
            model.agents.scroll = 0;
        }
        (Screen::Memory, _) => memory(model, how),
        (Screen::Audit, _) => {
            let ids = model.audit.ids();
            let to = target(how, model.audit.selection.index(), ids.len(), model.viewport.list);
            model.audit.selection.select_index(&ids, to);
        }
    }
}

/// Where a move leads in a list of `count` things.
fn target(how: Move, at: usize, count: usize, page: usize) -> usize {
    let last = count.saturating_sub(1);
    let half = (page / 2).max(1) as isize;
    match how {
        Move::By(by) => at.saturating_add_signed(by),
        Move::Pages(pages) => at.saturating_add_signed(pages * half),
        Move::ToStart => 0,
        Move::ToEnd => last,
    }
    .min(last)
}

fn memory(model: &mut Model, how: Move) {
    let memory = &mut model.memory;
    match memory.pane {
        MemoryPane::Documents => {
            let paths = memory.paths();
            let to = target(how, memory.document.index(), paths.len(), model.viewport.list);
            memory.document.select_index(&paths, to);
            memory.line = 0;
        }
        MemoryPane::Text => memory_text(model, how),
        MemoryPane::History => {
            let items = memory.history_items();
            let to = target(how, memory.history.index(), items.len(), model.viewport.evidence);
            memory.history.select_index(&items, to);
        }
    }
}

/// Moves the line cursor of a document, or scrolls the changes of a version.
fn memory_text(model: &mut Model, how: Move) {
    let page = model.viewport.text;
    let memory = &mut model.memory;
    if memory.version.is_some() {
        let tops = model.viewport.text_lines.saturating_sub(page.saturating_sub(1));
        memory.scroll = target(how, memory.scroll, tops, page);
    } else {
        let lines = memory.current().map_or(0, |document| document.lines.len());
        memory.line = target(how, memory.line, lines, page);
    }
}

fn overlay(model: &mut Model, how: Move, effects: &mut Vec<Effect>) {
    let viewport = model.viewport;
    let tops = viewport.overlay_lines.saturating_sub(viewport.overlay.saturating_sub(1));
    match model.overlays.last_mut() {
        Some(Overlay::Preview(pane)) => pane.scroll = target(how, pane.scroll, tops, viewport.overlay),
        Some(Overlay::Transcript(pane)) => {
            // The end of a session that was asked for stands as far down as it can be.
            let at = pane.scroll.unwrap_or(viewport.overlay_focus).min(tops.saturating_sub(1));
            let to = target(how, at, tops, viewport.overlay);
            pane.scroll = Some(to);
            let whole = matches!(how, Move::ToStart | Move::ToEnd);
            let forward = matches!(how, Move::ToEnd | Move::By(1..) | Move::Pages(1..));
            if forward && to + 1 >= tops {
                super::transcript::read_on(model, End::Last, whole, effects);
            } else if !forward && to == 0 {
                super::transcript::read_on(model, End::First, whole, effects);
            }
        }
        Some(Overlay::Explain { scroll } | Overlay::Messages { scroll }) => {
            *scroll = target(how, *scroll, tops, viewport.overlay);
        }
        Some(Overlay::Palette(palette)) => {
            palette.selected = target(how, palette.selected, palette.matches.len(), viewport.overlay);
        }
        Some(Overlay::Requests(pane)) => pane.scroll = target(how, pane.scroll, tops, viewport.overlay),
        Some(Overlay::Fit(pane)) => pane.scroll = target(how, pane.scroll, tops, viewport.overlay),
        _ => {}
    }
}

/// Scrolls what is under the pointer, wherever the keyboard is. Lists move their cursor: what is
/// selected stays in view.
pub(in crate::app) fn wheel(model: &mut Model, spot: Option<Spot>, lines: i8, effects: &mut Vec<Effect>) {
    let by = isize::from(lines);
    match spot.filter(|_| model.overlay().is_none()) {
        Some(Spot::Pane(Pane::Lesson) | Spot::Fold(_) | Spot::Facts) => scroll_detail(model, by),
        Some(Spot::Line(_) | Spot::MemoryPane(_)) => memory_text(model, Move::By(by)),
        _ => {
            let how = Move::By(by.signum());
            if model.overlay().is_some() {
                overlay(model, Move::By(by), effects);
            } else {
                in_list(model, how);
            }
        }
    }
}

fn scroll_detail(model: &mut Model, by: isize) {
    let page = model.viewport.text;
    let lines = model.viewport.text_lines.saturating_sub(page.saturating_sub(1));
    let scroll = match model.screen {
        Screen::Memory => return memory_text(model, Move::By(by)),
        Screen::Dreams => &mut model.dreams.scroll,
        Screen::Agents => &mut model.agents.scroll,
        Screen::Inbox | Screen::Audit => return model.detail.scroll_by(by, page),
    };
    *scroll = target(Move::By(by), *scroll, lines, page);
}

/// Next match in a session, or while a search is up in the diff; else the next undecided lesson.
fn next(model: &mut Model, forward: bool) {
    let page = model.viewport.text;
    if matches!(model.overlay(), Some(Overlay::Transcript(_))) {
        super::transcript::next(model, forward);
    } else if model.pane != Pane::List && model.detail.search.is_some() {
        let words = model.detail.search.clone().unwrap_or_default();
        if model.detail.painted().matches.is_empty() {
            model.say(Tone::Info, format!("No match for “{words}”"));
        } else if !model.detail.jump(Stops::Matches, forward, page) {
            let end = if forward { "last" } else { "first" };
            model.say(Tone::Info, format!("This is the {end} match"));
        }
    } else if !model.inbox.go_to_undecided(forward) {
        model.say(Tone::Info, "No other lesson waits for a decision here");
    }
}

/// Goes to a screen.
pub(in crate::app) fn screen(model: &mut Model, action: Action, effects: &mut Vec<Effect>) {
    let screen = match action {
        Action::ScreenDreams => Screen::Dreams,
        Action::ScreenAgents => Screen::Agents,
        Action::ScreenMemory => Screen::Memory,
        Action::ScreenAudit => Screen::Audit,
        _ => Screen::Inbox,
    };
    if screen == Screen::Memory && model.screen == Screen::Agents {
        let agent = model.agents.current().map(|summary| summary.agent.id.clone());
        super::memory::show(model, agent, effects);
    }
    if screen == Screen::Inbox && model.screen == Screen::Inbox {
        model.pane = Pane::List;
        model.zoom = false;
    }
    model.screen = screen;
}
