//! A question answered by one key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Action;
use crate::app::overlay::{Confirm, Then};
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::theme::Role;
use crate::ui::view::Scene;
use crate::ui::{layout, wrap};

/// Draws the question in the middle of the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, confirm: &Confirm) {
    let width = body.width.min(68);
    let room = usize::from(width).saturating_sub(6).max(8);
    let mut lines: Vec<Line<'_>> = wrap::wrap(&SafeText::line(&confirm.question), room)
        .into_iter()
        .map(|text| scene.line(format!("  {text}"), Role::Strong))
        .collect();
    lines.push(Line::default());
    for detail in &confirm.details {
        for text in wrap::wrap(&SafeText::line(detail), room) {
            lines.push(scene.line(format!("  {text}"), Role::Text));
        }
    }
    let mut answers = vec![
        scene.span(format!("  {} ", scene.key(Action::Confirm)), Role::Key),
        scene.span("yes    ", Role::Text),
        scene.span(format!("{} ", scene.key(Action::Decline)), Role::Key),
        scene.span("no", Role::Text),
    ];
    if matches!(confirm.then, Then::StartDream(..)) {
        let key = scene.key(Action::DreamChange);
        answers.extend([scene.span(format!("    {key} "), Role::Key), scene.span("change it", Role::Text)]);
    }
    let answers = Line::from(answers);
    let area = layout::centred(body, width, lines.len() as u16 + 5);
    clear(buffer, area);
    let inside = Pane { focused: true, ..Pane::default() }.draw(buffer, area, scene.theme);
    // The answers are shown whatever has to give way.
    let rows = usize::from(inside.height).saturating_sub(1);
    for (row, line) in lines.iter().take(rows.saturating_sub(1)).enumerate() {
        put(buffer, inside, row + usize::from(inside.height > 4), line);
    }
    put(buffer, inside, rows, &answers);
}
