//! The fields of a dream that is about to be asked for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::wish::WishPane;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::status::draw_input;
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{layout, wrap};

/// Cells for the names of the fields.
const LABEL: usize = 14;

/// Draws the fields in the middle of the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, pane: &WishPane, drawn: &mut Drawn) {
    let area = layout::centred(body, 76, 11);
    clear(buffer, area);
    let name = Scene::safe(scene.model.inbox.name(&pane.agent));
    let frame = Pane {
        title: scene.line(format!("a dream for {name}"), Role::Title),
        focused: true,
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    for (row, (field, input)) in pane.fields().enumerate() {
        let row = row as u16;
        if row >= inside.height {
            break;
        }
        let label = format!("{:<LABEL$}", field.label());
        let line = Rect { y: inside.y + row, height: 1, ..inside };
        if usize::from(row) == pane.selected {
            draw_input(buffer, line, scene, &label, input, drawn);
        } else {
            let room = usize::from(inside.width).saturating_sub(LABEL + 2);
            let text = Scene::safe(input.text());
            let text = wrap::clip(&text, room, scene.symbols().ellipsis).into_owned();
            let line_of =
                Line::from(vec![scene.span(format!(" {label}"), Role::Muted), scene.span(text, Role::Text)]);
            put(buffer, line, 0, &line_of);
        }
    }
    let (text, role) = match &pane.problem {
        Some(problem) => (problem.clone(), Role::Warn),
        None => (pane.hint(), Role::Hint),
    };
    let room = usize::from(inside.width).saturating_sub(2);
    for (row, text) in wrap::wrap(&SafeText::line(&text), room).into_iter().take(2).enumerate() {
        put(buffer, inside, 6 + row, &scene.line(format!(" {text}"), role));
    }
}
