//! What each mark and each number of a lesson means, in plain words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::explain;
use crate::domain::text::SafeText;
use crate::ui::pane::Pane;
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::wrap;

/// Columns that text takes at most: longer lines are hard to read.
const WIDEST: usize = 90;

/// Draws the explanation of the lesson in front over the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, scroll: usize, drawn: &mut Drawn) {
    let room = usize::from(body.width).saturating_sub(6).clamp(8, WIDEST);
    let mut lines: Vec<Line<'_>> = Vec::new();
    if let Some(entry) = scene.model.inbox.current() {
        for item in explain::lesson(&entry.lesson) {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            let role = if item.warns { Role::Warn } else { Role::Strong };
            for text in wrap::wrap(&SafeText::line(&item.says), room) {
                lines.push(Line::from(vec![Span::raw(" "), scene.span(text, role)]));
            }
            for text in wrap::wrap(&SafeText::line(&item.means), room.saturating_sub(2)) {
                lines.push(Line::from(vec![Span::raw("   "), scene.span(text, Role::Text)]));
            }
        }
    }
    let frame = Pane { title: scene.line("what the marks and numbers mean", Role::Title), ..Pane::default() };
    super::scrolled(buffer, body, scene, frame, (scroll, &lines), drawn);
}
