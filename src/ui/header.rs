//! The header: name, screens with their counts, the agent in view, how fresh the cache is.
//!
//! Owns: which of these give way first when there is little room. Must not know: other regions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::Screen;
use crate::app::model::SyncState;

use super::pane::{put, put_right};
use super::theme::Role;
use super::view::Scene;

/// How much of the tabs is spelled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Everything,
    Titles,
    CurrentTitle,
}

/// Draws the header.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>) {
    let room = usize::from(area.width);
    let right = [right(scene, true), right(scene, false)];
    let tabs = [Detail::Everything, Detail::Titles, Detail::CurrentTitle].map(|detail| tabs(scene, detail));
    let fits = |tabs: &Line<'_>, right: &Line<'_>| tabs.width() + right.width() + 3 <= room;
    // The tabs are spelled out before the agent is named, but freshness is always said.
    let choice = tabs.iter().flat_map(|tabs| right.iter().map(move |right| (tabs, right)));
    let chosen = choice.into_iter().find(|(tabs, right)| fits(tabs, right));
    match (chosen, tabs.last()) {
        (Some((tabs, right)), _) => {
            put(buffer, area, 0, tabs);
            put_right(buffer, area, 0, right);
        }
        (None, Some(shortest)) => put(buffer, area, 0, shortest),
        (None, None) => {}
    }
}

fn tabs<'a>(scene: &Scene<'a>, detail: Detail) -> Line<'a> {
    let mut spans = vec![scene.span(" wakeful", Role::Accent), Span::raw("  ")];
    for &screen in Screen::ALL {
        let current = scene.model.screen == screen;
        let role = if current { Role::TabActive } else { Role::Tab };
        let mut text = screen.number().to_string();
        if current || detail < Detail::CurrentTitle {
            text.push(' ');
            text.push_str(screen.title());
        }
        // A number behind a number would be mistaken for another screen.
        let titled = text.len() > 1;
        let wanted = detail == Detail::Everything || screen == Screen::Inbox;
        if let Some(count) = count(scene, screen).filter(|_| titled && wanted) {
            text.push(' ');
            text.push_str(&count);
        }
        spans.push(Span::raw(" "));
        spans.push(scene.span(text, role));
        spans.push(Span::raw(if detail == Detail::CurrentTitle { "" } else { " " }));
    }
    Line::from(spans)
}

fn count(scene: &Scene<'_>, screen: Screen) -> Option<String> {
    let model = scene.model;
    match screen {
        Screen::Inbox if model.loaded => Some(model.inbox.counts().to_review.to_string()),
        Screen::Dreams if model.dreams.running.is_some() => Some(format!("{}1", scene.symbols().running)),
        Screen::Agents if model.loaded => Some(model.agents.list.len().to_string()),
        _ => None,
    }
}

fn right<'a>(scene: &Scene<'a>, with_agent: bool) -> Line<'a> {
    let model = scene.model;
    let mut spans = Vec::new();
    if with_agent {
        let agent = match model.screen {
            Screen::Memory => model.memory.agent.as_ref().map(|id| Scene::safe(model.inbox.name(id))),
            _ => model.inbox.current().map(|entry| Scene::safe(model.inbox.name(&entry.lesson.agent))),
        };
        if let Some(agent) = agent {
            spans.push(scene.span(agent, Role::Text));
            spans.push(Span::raw("  "));
        }
    }
    let (text, role) = match (&model.sync, model.synced) {
        (SyncState::Running(progress), _) if progress.total > 0 => {
            (format!("syncing {}/{}", progress.done, progress.total), Role::Info)
        }
        (SyncState::Running(_), _) => (format!("syncing{}", scene.symbols().ellipsis), Role::Info),
        (SyncState::Failed, Some(at)) => (format!("sync failed, cache of {}", scene.moment(at)), Role::Warn),
        (SyncState::Failed, None) => ("sync failed".to_owned(), Role::Warn),
        (SyncState::Idle, Some(at)) => (format!("synced {}", scene.moment(at)), Role::Muted),
        (SyncState::Idle, None) => ("never synced".to_owned(), Role::Muted),
    };
    spans.push(scene.span(text, role));
    spans.push(Span::raw(" "));
    Line::from(spans)
}
