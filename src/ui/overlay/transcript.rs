//! A session around a quoted place, the quoted event marked; searched in place.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::detail::DiffStyle;
use crate::app::overlay::TranscriptPane;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::surface::{PaintJob, PaintKey, Subject, Surface, Texts};
use crate::ui::theme::Role;
use crate::ui::transcript_text::Session;
use crate::ui::view::{Drawn, Scene};

/// Draws the transcript over the body.
pub fn draw(
    buffer: &mut Buffer,
    body: Rect,
    scene: &Scene<'_>,
    pane: &TranscriptPane,
    surface: &Surface,
    drawn: &mut Drawn,
) {
    clear(buffer, body);
    let key = PaintKey {
        subject: Subject::Transcript(pane.asked),
        width: body.width.saturating_sub(2),
        style: DiffStyle::default(),
        search: pane.search.clone(),
        open_folds: std::collections::BTreeSet::new(),
    };
    let ready = surface.transcript.as_ref();
    if let Some(content) = pane.content.as_ref().filter(|_| ready.is_none_or(|ready| ready.key != key)) {
        let session = Session {
            content: content.clone(),
            quote: pane.quote.clone(),
            zone: scene.model.zone.clone(),
            now: scene.model.now,
        };
        drawn.wants = Some(PaintJob { key: key.clone(), texts: Texts::Transcript(session) });
    }
    // Lines in another shape, or with the marks of an older search, are better than none for one frame.
    let shown = |subject: &Subject| {
        *subject == key.subject || pane.before.is_some_and(|before| *subject == Subject::Transcript(before))
    };
    let ready = ready.filter(|painting| shown(&painting.key.subject));
    let (Some(content), Some(painting)) = (&pane.content, ready) else {
        let frame = Pane { title: scene.line("session", Role::Title), focused: true, ..Pane::default() };
        let inside = frame.draw(buffer, body, scene.theme);
        put(buffer, inside, 0, &scene.line(format!("  reading{}", scene.symbols().ellipsis), Role::Muted));
        return;
    };
    let lines = &painting.painted.lines;
    let rows = usize::from(body.height.saturating_sub(2));
    // A few lines of what came before make the quote readable.
    let at_quote = pane.lines.focus.saturating_sub(rows / 4);
    let top = pane.scroll.unwrap_or(at_quote).min(lines.len().saturating_sub(rows));
    let places = scene.model.detail.content().map_or(0, |content| content.evidence.len());
    let frame = Pane {
        title: scene.line(Scene::safe(&content.title), Role::Title),
        right: scene.line(format!("quote {} of {places}", pane.evidence + 1), Role::Muted),
        bottom: scene.line(Scene::safe(&content.file), Role::Muted),
        bottom_right: found_and_ended(scene, pane),
        focused: true,
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.overlay = usize::from(inside.height);
    drawn.viewport.overlay_lines = lines.len();
    drawn.viewport.overlay_focus = at_quote;
    for (row, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
}

/// `match 3 of 17 · failed by the last test`: where the reader is in a search, and, where anything
/// says so, how the session ended.
fn found_and_ended<'a>(scene: &Scene<'a>, pane: &TranscriptPane) -> Line<'a> {
    let mut spans = Vec::new();
    if let Some((at, count)) = pane.match_position() {
        // Not to be taken for a session that never says it.
        let part = if pane.is_a_part() { " in what is loaded" } else { "" };
        let text =
            if count == 0 { format!("no match{part}") } else { format!("match {at} of {count}{part}") };
        spans.push(scene.span(text, Role::Strong));
    }
    let content = scene.model.detail.content();
    let place = content.and_then(|content| content.evidence.get(pane.evidence));
    let ending = content.zip(place).and_then(|(content, place)| content.endings.get(&place.place.session));
    if let Some(ending) = ending {
        if !spans.is_empty() {
            spans.push(scene.span(scene.dot(), Role::Muted));
        }
        spans.push(scene.span(ending.in_words(), Role::Muted));
    }
    Line::from(spans)
}
