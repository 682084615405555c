//! A choice among themes; the one under the cursor is shown at once.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::overlay::ThemePicker;
use crate::ui::layout;
use crate::ui::pane::{Pane, clear, put, tint};
use crate::ui::theme::Role;
use crate::ui::view::Scene;

/// Draws the choice at the right of the body, so that what it changes is seen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, picker: ThemePicker) {
    let themes = &scene.model.themes;
    let height = (themes.len() as u16).saturating_add(2);
    let box_ = layout::centred(body, 30, height);
    let area = Rect { x: body.right().saturating_sub(box_.width), ..box_ };
    clear(buffer, area);
    let frame = Pane {
        title: scene.line("theme", Role::Title),
        bottom: scene.line("Enter keeps, Esc leaves", Role::Muted),
        focused: true,
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    for (row, theme) in themes.iter().enumerate().take(usize::from(inside.height)) {
        let current = row == picker.selected;
        let cursor = if current { scene.symbols().cursor } else { " " };
        let line =
            Line::from(vec![scene.span(cursor, Role::Accent), scene.span(format!(" {theme}"), Role::Text)]);
        put(buffer, inside, row, &line);
        if current {
            tint(buffer, inside, row, scene.style(Role::Selection));
        }
    }
}
