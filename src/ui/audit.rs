//! The audit screen: every decision and every write, newest first.
//!
//! Owns: the columns. Must not know: what actions mean.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::data::AuditEntry;
use crate::app::spot::Spot;
use crate::domain::text::SafeText;

use super::pane::{Pane, put, tint};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, wrap};

/// Draws the screen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    let view = model.audit.view.as_ref();
    let count = view.map_or(0, |view| view.entries.len());
    let rows = usize::from(body.height.saturating_sub(2));
    let selected = model.audit.selection.index().min(count.saturating_sub(1));
    surface.tops.audit = layout::scroll_to_show(surface.tops.audit, selected, count, rows.max(1));
    let frame = Pane {
        title: title(scene, count),
        right: soundness(scene),
        bottom: query(scene),
        focused: true,
        scroll: Some((surface.tops.audit, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.list = usize::from(inside.height);
    if let Some(failure) = &model.audit.failure {
        let text = SafeText::line(&failure.to_string());
        for (row, line) in
            wrap::wrap(&text, usize::from(inside.width).saturating_sub(2).max(8)).iter().enumerate()
        {
            put(buffer, inside, row, &scene.line(format!(" {line}"), Role::Warn));
        }
        return;
    }
    let Some(view) = view else { return };
    if count == 0 {
        let text = if model.audit.query.is_empty() {
            "  Nothing was decided or written yet."
        } else {
            "  Nothing matches."
        };
        put(buffer, inside, 1, &scene.line(text, Role::Muted));
    }
    for (index, entry) in view.entries.iter().enumerate().skip(surface.tops.audit).take(rows) {
        let row = index - surface.tops.audit;
        let current = index == selected;
        put(buffer, inside, row, &line(scene, entry, current, usize::from(inside.width)));
        drawn.row_is(inside, row, Spot::Entry(index));
        if current {
            tint(buffer, inside, row, scene.style(Role::Selection));
            drawn.cursor = Some(Position::new(inside.x, inside.y + row as u16));
        }
    }
}

fn title<'a>(scene: &Scene<'a>, count: usize) -> Line<'a> {
    let more = scene.model.audit.view.as_ref().is_some_and(|view| view.more);
    let count = format::counted(count as u64, "entry");
    scene.line(if more { format!("newest {count}") } else { count }, Role::Title)
}

/// Whether the chain of hashes holds: said in words, since it is what the trail is for.
fn soundness<'a>(scene: &Scene<'a>) -> Line<'a> {
    match scene.model.audit.view.as_ref().map(|view| &view.broken) {
        None => Line::default(),
        Some(None) => scene.line(format!("{} unbroken", scene.symbols().yes).trim().to_owned(), Role::Good),
        Some(Some(broken)) => {
            let text = format!("{} {}", scene.symbols().warn, Scene::safe(broken));
            scene.line(text.trim().to_owned(), Role::Bad)
        }
    }
}

fn query<'a>(scene: &Scene<'a>) -> Line<'a> {
    if scene.model.audit.query.is_empty() {
        return Line::default();
    }
    Line::from(vec![
        scene.span("search ", Role::Muted),
        scene.span(Scene::safe(&scene.model.audit.query), Role::Accent),
    ])
}

fn line<'a>(scene: &Scene<'a>, entry: &AuditEntry, current: bool, width: usize) -> Line<'a> {
    let symbols = scene.symbols();
    let when = scene.moment(entry.at);
    let by = wrap::fit(&Scene::safe(&entry.by), 12, symbols.ellipsis);
    let action = wrap::fit(&Scene::safe(&entry.action), 10, symbols.ellipsis);
    let room = width.saturating_sub(2 + 13 + 13 + 11);
    let mut what = Scene::safe(&entry.text);
    if what.is_empty() {
        what = Scene::safe(&entry.subject);
    }
    Line::from(vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(format!("{when:>12}  "), Role::Muted),
        scene.span(action, Role::Strong),
        Span::raw(" "),
        scene.span(by, Role::Muted),
        Span::raw(" "),
        scene.span(wrap::clip(&what, room, symbols.ellipsis).into_owned(), Role::Text),
    ])
}
