//! What lies over the screen, one file per overlay.

pub mod confirm;
pub mod explain;
pub mod fit;
pub mod messages;
pub mod palette;
pub mod picker;
pub mod preview;
pub mod requests;
pub mod spot;
pub mod themes;
pub mod transcript;
pub mod wish;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::pane::{Pane, clear, put};
use super::view::{Drawn, Scene};

/// Draws lines over the body, in a frame and from a line on. Gives the room inside the frame.
fn scrolled(
    buffer: &mut Buffer,
    body: Rect,
    scene: &Scene<'_>,
    frame: Pane<'_>,
    (from, lines): (usize, &[Line<'_>]),
    drawn: &mut Drawn,
) -> Rect {
    clear(buffer, body);
    let rows = usize::from(body.height.saturating_sub(2));
    let top = from.min(lines.len().saturating_sub(rows));
    let frame = Pane { focused: true, scroll: Some((top, rows, lines.len())), ..frame };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.overlay = usize::from(inside.height);
    drawn.viewport.overlay_lines = lines.len();
    for (row, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
    inside
}
