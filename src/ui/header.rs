//! The header: name, screens with their counts, the agent in view, how fresh the cache is.
//!
//! Owns: which of these give way first when there is little room. Must not know: other regions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::model::SyncState;
use crate::app::spot::Spot;
use crate::app::{Action, Screen};

use super::pane::{put, put_right};
use super::theme::Role;
use super::view::{Drawn, Scene};

/// How much of the tabs is spelled out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tabs {
    /// The program's name, titles, counts.
    Everything,
    /// The program's name and titles; of the counts only what waits.
    Titles,
    /// Titles without the program's name: it is in the title of the window.
    Nameless,
    /// The first letters of titles.
    Short,
    /// Only the screen shown has its title.
    CurrentTitle,
}

/// How much is said at the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    AgentAndSync,
    Sync,
    Moment,
}

/// What is tried, the best first. The tabs are spelled out before the agent is named, but freshness
/// is always said.
const CHOICES: &[(Tabs, Right)] = &[
    (Tabs::Everything, Right::AgentAndSync),
    (Tabs::Everything, Right::Sync),
    (Tabs::Titles, Right::AgentAndSync),
    (Tabs::Titles, Right::Sync),
    (Tabs::Nameless, Right::Sync),
    (Tabs::Nameless, Right::Moment),
    (Tabs::Short, Right::Sync),
    (Tabs::Short, Right::Moment),
    (Tabs::CurrentTitle, Right::Moment),
];

/// Draws the header.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, drawn: &mut Drawn) {
    let room = usize::from(area.width);
    for &(detail, aside) in CHOICES {
        let (tabs, right) = (tabs(scene, detail), right(scene, aside));
        // Every tab ends with a blank of its own.
        if width(&tabs) + right.width() < room {
            put(buffer, area, 0, &line(&tabs));
            put_right(buffer, area, 0, &right);
            drawn.spots.extend(spots(scene, area, &tabs));
            return;
        }
    }
    put(buffer, area, 0, &line(&tabs(scene, Tabs::CurrentTitle)));
}

/// A piece of the header, and what a click on it leads to.
type Piece<'a> = (Span<'a>, Option<Spot>);

fn width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|(span, _)| span.width()).sum()
}

fn line<'a>(pieces: &[Piece<'a>]) -> Line<'a> {
    Line::from(pieces.iter().map(|(span, _)| span.clone()).collect::<Vec<_>>())
}

/// Where each tab is.
fn spots(scene: &Scene<'_>, area: Rect, pieces: &[Piece<'_>]) -> Vec<(Rect, Spot)> {
    let mut found = Vec::new();
    let mut x = area.x;
    for (span, spot) in pieces {
        let width = span.width() as u16;
        let spot = spot.filter(|_| scene.model.overlay().is_none());
        found.extend(spot.map(|spot| (Rect { x, width, height: 1, ..area }, spot)));
        x += width;
    }
    found
}

fn tabs<'a>(scene: &Scene<'a>, detail: Tabs) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    if matches!(detail, Tabs::Everything | Tabs::Titles) {
        pieces.extend([(scene.span(" wakeful", Role::Accent), None), (Span::raw("  "), None)]);
    }
    for &screen in Screen::ALL {
        // The number between these two is kept for a screen that is not there yet: in brackets, as whatever is
        // not possible, so that nobody looks for what the counting skips.
        if screen == Screen::Audit {
            let text = if detail == Tabs::Everything { "(5 Effects)" } else { "(5)" };
            pieces.push((scene.span(text, Role::Disabled), Some(Spot::Action(Action::ScreenEffects))));
        }
        let current = scene.model.screen == screen;
        let role = if current { Role::TabActive } else { Role::Tab };
        let mut text = screen.number().to_string();
        let title = match detail {
            Tabs::CurrentTitle if !current => "",
            Tabs::Short if !current && screen != Screen::Inbox => screen.short_title(),
            _ => screen.title(),
        };
        if !title.is_empty() {
            text.push(' ');
            text.push_str(title);
        }
        // A number behind a number would be mistaken for another screen.
        let wanted = detail == Tabs::Everything || screen == Screen::Inbox;
        if let Some(count) = count(scene, screen).filter(|_| !title.is_empty() && wanted) {
            text.push(' ');
            text.push_str(&count);
        }
        let spot = Some(Spot::Tab(screen));
        pieces.extend([(Span::raw(" "), spot), (scene.span(text, role), spot), (Span::raw(" "), spot)]);
    }
    pieces
}

fn count(scene: &Scene<'_>, screen: Screen) -> Option<String> {
    let model = scene.model;
    match screen {
        Screen::Inbox if model.loaded => Some(model.inbox.counts().to_review.to_string()),
        Screen::Dreams if model.dreams.running.is_some() && scene.symbols().words => {
            Some("1 running".to_owned())
        }
        Screen::Dreams if model.dreams.running.is_some() => Some(format!("{}1", scene.symbols().running)),
        Screen::Agents if model.loaded => Some(model.agents.list.len().to_string()),
        _ => None,
    }
}

fn right<'a>(scene: &Scene<'a>, detail: Right) -> Line<'a> {
    let model = scene.model;
    let mut spans = Vec::new();
    if model.read_only {
        spans.extend([scene.span("read-only", Role::Warn), Span::raw("  ")]);
    }
    if model.mouse {
        spans.extend([scene.span("mouse", Role::Muted), Span::raw("  ")]);
    }
    if detail == Right::AgentAndSync {
        let agent = match model.screen {
            Screen::Memory => model.memory.agent.as_ref().map(|id| Scene::safe(model.inbox.name(id))),
            Screen::Inbox => {
                model.inbox.current().map(|entry| Scene::safe(model.inbox.name(&entry.lesson.agent)))
            }
            Screen::Dreams | Screen::Agents | Screen::Audit => None,
        };
        if let Some(agent) = agent {
            spans.push(scene.span(agent, Role::Text));
            spans.push(Span::raw("  "));
        }
    }
    let (text, role) = match (&model.sync, model.synced) {
        (SyncState::Running(progress), _) if progress.total > 0 && !model.calm => {
            (format!("syncing {}/{}", progress.done, progress.total), Role::Info)
        }
        (SyncState::Running(_), _) => (format!("syncing{}", scene.symbols().ellipsis), Role::Info),
        (SyncState::Failed, _) if detail == Right::Moment => ("sync failed".to_owned(), Role::Warn),
        (SyncState::Idle, Some(at)) if detail == Right::Moment => (scene.moment(at), Role::Muted),
        (SyncState::Failed, Some(at)) => (format!("sync failed, cache of {}", scene.moment(at)), Role::Warn),
        (SyncState::Failed, None) => ("never synced, the last try failed".to_owned(), Role::Warn),
        (SyncState::Idle, Some(at)) => (format!("synced {}", scene.moment(at)), Role::Muted),
        (SyncState::Idle, None) => ("never synced".to_owned(), Role::Muted),
    };
    spans.push(scene.span(text, role));
    spans.push(Span::raw(" "));
    Line::from(spans)
}
