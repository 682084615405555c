//! Requests made to a platform, newest first: when, what, status, how long, and what the other side
//! calls them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::overlay::RequestsPane;
use crate::domain::agent::SourceKind;
use crate::domain::request::Request;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, put};
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{format, wrap};

/// Narrower than this, the id of a request has a line of its own.
const BESIDE: usize = 90;

/// Draws them over the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, pane: &RequestsPane, drawn: &mut Drawn) {
    let width = usize::from(body.width.saturating_sub(2));
    let none = &[][..];
    let list = pane.list.as_deref().unwrap_or(none);
    let lines: Vec<Line<'_>> = list.iter().flat_map(|request| entry(scene, request, width)).collect();
    let frame = Pane {
        title: scene.line("requests since the start", Role::Title),
        right: scene.line(format::counted(list.len() as u64, "request"), Role::Muted),
        bottom: scene
            .line("no bodies, no keys; also in the log with WAKEFUL_LOG=wakeful::source=debug", Role::Muted),
        ..Pane::default()
    };
    let inside = super::scrolled(buffer, body, scene, frame, (pane.scroll, &lines), drawn);
    if lines.is_empty() {
        let said = match &pane.list {
            None => "looking",
            Some(_) if has_platform(scene) => "No requests yet: nothing was asked of the platform.",
            Some(_) => "No requests: offline sources only.",
        };
        for (row, text) in
            wrap::wrap(&SafeText::line(said), width.saturating_sub(4).max(8)).into_iter().enumerate()
        {
            put(buffer, inside, row, &scene.line(format!("  {text}"), Role::Muted));
        }
    }
}

fn has_platform(scene: &Scene<'_>) -> bool {
    scene.model.agents.list.iter().any(|summary| summary.agent.source == SourceKind::Platform)
}

/// `09:41:07  200   41 ms  GET /v1/agents  req_011C…`; what went wrong stands below.
fn entry<'a>(scene: &Scene<'a>, request: &Request, width: usize) -> Vec<Line<'a>> {
    let ellipsis = scene.symbols().ellipsis;
    let at = request.at.to_zoned(scene.model.zone.clone()).strftime("%H:%M:%S").to_string();
    let (status, role) = match request.status {
        Some(status @ 200..=299) => (status.to_string(), Role::Good),
        Some(status) => (status.to_string(), Role::Bad),
        None => ("none".to_owned(), Role::Bad),
    };
    let took = format!("{:>9}", format!("{} ms", request.millis));
    let id = request.id.as_deref().map(Scene::safe);
    let beside = id.clone().filter(|_| width >= BESIDE);
    let used = 1 + 8 + 2 + 4 + took.len() + 2 + beside.as_ref().map_or(0, |id| 2 + wrap::width(id));
    let room = width.saturating_sub(used).max(8);
    let what = Scene::safe(&request.what);
    let mut first = vec![
        scene.span(format!(" {at}  "), Role::Muted),
        scene.span(format!("{status:<4}"), role),
        scene.span(format!("{took}  "), Role::Muted),
    ];
    match &beside {
        Some(id) => {
            first.push(scene.span(wrap::fit(&what, room, ellipsis), Role::Text));
            first.push(scene.span(format!("  {id}"), Role::Muted));
        }
        None => first.push(scene.span(wrap::clip(&what, room, ellipsis).into_owned(), Role::Text)),
    }
    let mut lines = vec![Line::from(first)];
    let below = request.id.clone().filter(|_| beside.is_none()).map(|id| (id, Role::Muted));
    let problem = request.problem.clone().map(|problem| (problem, Role::Warn));
    for (text, role) in below.into_iter().chain(problem) {
        for text in wrap::wrap(&SafeText::line(&text), width.saturating_sub(12).max(8)) {
            lines.push(Line::from(vec![Span::raw(" ".repeat(11)), scene.span(text, role)]));
        }
    }
    lines
}
