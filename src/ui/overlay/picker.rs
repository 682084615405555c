//! A choice among agents.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::overlay::{AgentPicker, PickFor};
use crate::ui::pane::{Pane, clear, put, tint};
use crate::ui::status::draw_input;
use crate::ui::surface::Surface;
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{format, layout, wrap};

/// Draws the choice over the body.
pub fn draw(
    buffer: &mut Buffer,
    body: Rect,
    scene: &Scene<'_>,
    picker: &AgentPicker,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let height = (scene.model.agents.list.len() as u16).saturating_add(4).min(18);
    let area = layout::centred(body, 60, height);
    clear(buffer, area);
    let count = picker.matches.len();
    let rows = usize::from(area.height.saturating_sub(4));
    surface.tops.overlay = layout::scroll_to_show(surface.tops.overlay, picker.selected, count, rows.max(1));
    let title = match picker.purpose {
        PickFor::Dream => "run a dream for",
        PickFor::Memory => "memory of",
    };
    let frame = Pane {
        title: scene.line(title, Role::Title),
        focused: true,
        scroll: Some((surface.tops.overlay, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    draw_input(buffer, inside, scene, "find ", &picker.input, drawn);
    let (_, list) = layout::split_top(inside, 2);
    let shown = picker.matches.iter().enumerate().skip(surface.tops.overlay).take(usize::from(list.height));
    for (row, (index, id)) in shown.enumerate() {
        let current = index == picker.selected;
        let symbols = scene.symbols();
        let name = Scene::safe(scene.model.inbox.name(id));
        let sessions = scene.model.agents.get(id).map_or(0, |summary| summary.sessions);
        let facts = format::counted(sessions, "session");
        let room = usize::from(list.width).saturating_sub(4 + wrap::width(&facts));
        let line = Line::from(vec![
            scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
            scene.span(format!(" {}", wrap::fit(&name, room, symbols.ellipsis)), Role::Text),
            scene.span(format!(" {facts} "), Role::Muted),
        ]);
        put(buffer, list, row, &line);
        if current {
            tint(buffer, list, row, scene.style(Role::Selection));
        }
    }
}
