//! Everything that was said at the bottom of the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::toast::Tone;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::wrap;

/// Draws the messages over the body, oldest first.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, scroll: usize, drawn: &mut Drawn) {
    let room = usize::from(body.width).saturating_sub(20).max(8);
    let mut lines = Vec::new();
    for toast in scene.model.toasts.log() {
        let (sign, role) = match toast.tone {
            Tone::Done => (scene.symbols().yes, Role::Good),
            Tone::Info if scene.symbols().words => (" ", Role::Info),
            Tone::Info => (scene.symbols().dot, Role::Info),
            Tone::Problem => (scene.symbols().warn, Role::Warn),
        };
        for (part, text) in wrap::wrap(&SafeText::line(&toast.text), room).into_iter().enumerate() {
            let (when, sign) = if part == 0 { (scene.moment(toast.at), sign) } else { (String::new(), " ") };
            lines.push(Line::from(vec![
                scene.span(format!("{when:>13} "), Role::Muted),
                scene.span(sign, role),
                Span::raw(" "),
                scene.span(text, Role::Text),
            ]));
        }
    }
    let rows = usize::from(body.height.saturating_sub(2));
    let top = scroll.min(lines.len().saturating_sub(rows));
    clear(buffer, body);
    let frame = Pane {
        title: scene.line("messages", Role::Title),
        focused: true,
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.overlay = usize::from(inside.height);
    drawn.viewport.overlay_lines = lines.len();
    if lines.is_empty() {
        put(buffer, inside, 0, &scene.line("  Nothing was said yet.", Role::Muted));
    }
    for (row, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
}
