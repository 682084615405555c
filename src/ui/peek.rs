//! The lesson under the cursor, below the list of a screen too narrow for both beside each other: what it says,
//! what it rests on, what to beware of, the first lines of its change.
//!
//! Owns: which of these there is room for. Must not know: how any of them looks.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Action;
use crate::app::Pane as Focus;
use crate::app::spot::Spot;

use super::pane::{Pane, put};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{inbox, layout, lesson};

/// Rows that the change gets at least; without remarks and with, which matter more.
const TEXT: (usize, usize) = (2, 1);

/// Draws it. Its texts are painted for the whole width, as when the lesson is opened: that shows them at once.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, surface: &Surface, drawn: &mut Drawn) {
    let Some(entry) = scene.model.inbox.current() else { return };
    let rows = usize::from(area.height.saturating_sub(2));
    let width = usize::from(area.width.saturating_sub(2));
    let room = width.saturating_sub(2).max(8);
    let mut head = lesson::statement(scene, entry, room, if rows < 8 { 3 } else { 5 });
    head.push(lesson::standing(scene, entry, width));
    let mut marks = lesson::marks(scene, entry, room, if rows < 8 { 1 } else { 2 });
    marks.extend(lesson::kept(scene, room, 2));
    let text = if marks.is_empty() { TEXT.0 } else { TEXT.1 };
    let for_marks = rows.saturating_sub(head.len() + text);
    let cut = marks.len() > for_marks;
    head.extend(marks.into_iter().take(if cut { for_marks.saturating_sub(1) } else { for_marks }));
    if cut && for_marks > 0 {
        let more = format!("    {} shows more remarks", scene.key(Action::Explain));
        head.push(scene.line(more, Role::Muted));
    }
    let text_rows = rows.saturating_sub(head.len());
    let frame = Pane {
        title: lesson::title(scene, entry),
        right: lesson::what(scene, entry),
        bottom: inbox::filter(scene),
        bottom_right: lesson::position(scene, text_rows),
        focused: true,
        joined: true,
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.spots.push((inside, Spot::Pane(Focus::Lesson)));
    for (row, line) in head.iter().enumerate() {
        put(buffer, inside, row, line);
    }
    let (_, text) = layout::split_top(inside, head.len() as u16);
    if text.height > 0 {
        lesson::draw_text(buffer, text, scene, surface, drawn);
    }
}
