//! Everything that was said at the bottom of the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, put};
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::wrap;

/// Draws the messages over the body, oldest first.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, scroll: usize, drawn: &mut Drawn) {
    let room = usize::from(body.width).saturating_sub(20).max(8);
    let mut lines = Vec::new();
    for toast in scene.model.toasts.log() {
        let (sign, role) = scene.tone(toast.tone);
        for (part, text) in wrap::wrap(&SafeText::line(&scene.said(toast)), room).into_iter().enumerate() {
            let (when, sign) = if part == 0 { (scene.moment(toast.at), sign) } else { (String::new(), " ") };
            lines.push(Line::from(vec![
                scene.span(format!("{when:>13} "), Role::Muted),
                scene.span(sign, role),
                Span::raw(" "),
                scene.span(text, Role::Text),
            ]));
        }
    }
    let frame = Pane { title: scene.line("messages", Role::Title), ..Pane::default() };
    let inside = super::scrolled(buffer, body, scene, frame, (scroll, &lines), drawn);
    if lines.is_empty() {
        put(buffer, inside, 0, &scene.line("  Nothing was said yet.", Role::Muted));
    }
}
