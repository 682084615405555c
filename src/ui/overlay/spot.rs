//! A place that an estimate rests on, and the question whether it is right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Action;
use crate::app::overlay::SpotPane;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::theme::Role;
use crate::ui::view::Scene;
use crate::ui::{layout, wrap};

/// Lines of the quote and of the statement that are shown at most.
const QUOTE: usize = 12;
const STATEMENT: usize = 4;

/// Draws the place in the middle of the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, pane: &SpotPane) {
    let width = body.width.min(84);
    let room = usize::from(width).saturating_sub(6).max(8);
    let mut lines: Vec<Line<'_>> = Vec::new();
    if let Some(entry) = scene.model.inbox.current() {
        let statement = wrap::wrap(&SafeText::line(&scene.spelled(&entry.lesson.statement)), room);
        lines.extend(
            statement.into_iter().take(STATEMENT).map(|text| scene.line(format!("  {text}"), Role::Strong)),
        );
        lines.push(Line::default());
    }
    let place = pane.places.get(pane.said.len()).copied();
    let evidence = scene.model.detail.content().zip(place).and_then(|(content, at)| content.evidence.get(at));
    if let Some(evidence) = evidence {
        let when = evidence.place.at.map_or_else(|| "no date".to_owned(), |at| scene.moment(at));
        let session = Scene::safe(evidence.place.session.as_str());
        let said = evidence.origin.as_str();
        lines.push(scene.line(format!("  {when}{0}{session}{0}said by: {said}", scene.dot()), Role::Muted));
        let quote = wrap::wrap(&SafeText::block(evidence.quote.trim()), room.saturating_sub(2));
        lines
            .extend(quote.into_iter().take(QUOTE).map(|text| scene.line(format!("    {text}"), Role::Quote)));
    }
    let area = layout::centred(body, width, lines.len() as u16 + 6);
    clear(buffer, area);
    let title = format!("place {} of {}", pane.said.len() + 1, pane.places.len());
    let frame = Pane { title: scene.line(title, Role::Title), focused: true, ..Pane::default() };
    let inside = frame.draw(buffer, area, scene.theme);
    // The question is shown whatever has to give way.
    let rows = usize::from(inside.height).saturating_sub(2);
    for (row, line) in lines.iter().take(rows).enumerate() {
        put(buffer, inside, row, line);
    }
    put(buffer, inside, rows, &scene.line("  Does this show the lesson to hold?", Role::Text));
    let answers = Line::from(vec![
        scene.span(format!("  {} ", scene.key(Action::Confirm)), Role::Key),
        scene.span("yes    ", Role::Text),
        scene.span(format!("{} ", scene.key(Action::Decline)), Role::Key),
        scene.span("no    ", Role::Text),
        scene.span(format!("{} ", scene.key(Action::Escape)), Role::Key),
        scene.span("enough", Role::Text),
    ]);
    put(buffer, inside, rows + 1, &answers);
}
