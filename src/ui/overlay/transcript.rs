//! A session around a quoted place, the quoted event marked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::data::{Transcript, TranscriptEvent};
use crate::app::overlay::TranscriptPane;
use crate::domain::session::EventKind;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::surface::{Surface, WrappedText};
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{format, wrap};

/// Draws the transcript over the body.
pub fn draw(
    buffer: &mut Buffer,
    body: Rect,
    scene: &Scene<'_>,
    pane: &TranscriptPane,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    clear(buffer, body);
    let Some(content) = &pane.content else {
        let frame = Pane { title: scene.line("session", Role::Title), focused: true, ..Pane::default() };
        let inside = frame.draw(buffer, body, scene.theme);
        put(buffer, inside, 0, &scene.line(format!("  reading{}", scene.symbols().ellipsis), Role::Muted));
        return;
    };
    let width = body.width.saturating_sub(2);
    let source = (std::sync::Arc::as_ptr(content) as usize, pane.asked as usize);
    if surface.transcript.source != source || surface.transcript.width != width {
        let (lines, focus) = lines(scene, content, &pane.quote, usize::from(width));
        surface.transcript = WrappedText { source, width, lines, focus };
    }
    let WrappedText { lines, focus, .. } = &surface.transcript;
    let rows = usize::from(body.height.saturating_sub(2));
    // A few lines of what came before make the quote readable.
    let at_quote = focus.saturating_sub(rows / 4);
    let top = pane.scroll.unwrap_or(at_quote).min(lines.len().saturating_sub(rows));
    let places = scene.model.detail.content().map_or(0, |content| content.evidence.len());
    let frame = Pane {
        title: scene.line(Scene::safe(&content.title), Role::Title),
        right: scene.line(format!("quote {} of {places}", pane.evidence + 1), Role::Muted),
        bottom: scene.line(Scene::safe(&content.file), Role::Muted),
        bottom_right: scene.line(ended(scene, pane), Role::Muted),
        focused: true,
        scroll: Some((top, rows, lines.len())),
    };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.overlay = usize::from(inside.height);
    drawn.viewport.overlay_lines = lines.len();
    drawn.viewport.overlay_focus = at_quote;
    for (row, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
}

fn lines(scene: &Scene<'_>, content: &Transcript, quote: &str, width: usize) -> (Vec<Line<'static>>, usize) {
    let mut out = Vec::new();
    let mut focus = 0;
    for (index, event) in content.events.iter().enumerate() {
        let quoted = index == content.focus;
        if quoted {
            focus = out.len();
        }
        let bar = if quoted { scene.symbols().cursor } else { " " };
        let bar = || Span::styled(format!("{bar} "), scene.style(Role::Accent));
        out.push(Line::from(vec![bar(), heading(scene, event, quoted)]));
        let role = match event.kind {
            EventKind::User | EventKind::Assistant | EventKind::Interrupt => Role::Text,
            _ => Role::Muted,
        };
        let room = width.saturating_sub(4).max(8);
        let text = SafeText::block(event.text.trim_end());
        let marked = if quoted { found(text.as_str(), quote) } else { Vec::new() };
        let mut at = 0;
        for wrapped in wrap::wrap(&text, room) {
            // Where a wrapped line stands in the text, to see whether it carries part of the quote.
            let needle = wrapped.trim_start();
            let start =
                text.as_str().get(at..).and_then(|rest| rest.find(needle)).map_or(at, |found| at + found);
            let end = start + needle.len();
            at = end;
            let hit = marked.iter().any(|range| range.start < end && start < range.end && !needle.is_empty());
            let role = if hit { Role::Hit } else { role };
            out.push(Line::from(vec![bar(), Span::raw("  "), Span::styled(wrapped, scene.style(role))]));
        }
        out.push(Line::default());
    }
    (out, focus)
}

fn heading(scene: &Scene<'_>, event: &TranscriptEvent, quoted: bool) -> Span<'static> {
    let who = match event.kind {
        EventKind::User => "person".to_owned(),
        EventKind::Interrupt => "person interrupts".to_owned(),
        EventKind::Assistant => "agent".to_owned(),
        EventKind::Thinking => "agent thinks".to_owned(),
        EventKind::ToolCall => {
            format!("agent calls {}", Scene::safe(event.tool.as_deref().unwrap_or("a tool")))
        }
        EventKind::ToolResult if event.is_error => "tool fails".to_owned(),
        EventKind::ToolResult => "tool answers".to_owned(),
        EventKind::Injected => "client puts in".to_owned(),
        EventKind::Rules => format!("rules file {}", Scene::safe(event.tool.as_deref().unwrap_or_default())),
        EventKind::Summary => "summary".to_owned(),
        EventKind::Outcome => "outcome".to_owned(),
    };
    let when = event.at.map_or_else(String::new, |at| {
        let when = format::to_the_minute(at, scene.model.now, &scene.model.zone);
        format!("{}{when}", scene.dot())
    });
    let role = if quoted { Role::Strong } else { Role::Group };
    let here = if quoted { format!("{}quoted", scene.dot()) } else { String::new() };
    Span::styled(format!("{who}{when}{here}"), scene.style(role))
}

/// Where the quote stands in the text; quotes may be shortened at their ends and across blanks, so
/// each of their longer lines is looked for by itself.
fn found(text: &str, quote: &str) -> Vec<std::ops::Range<usize>> {
    SafeText::block(quote)
        .as_str()
        .split(['\n', '…'])
        .map(str::trim)
        .filter(|line| line.chars().count() >= 4)
        .flat_map(|line| text.match_indices(line).map(|(at, found)| at..at + found.len()).collect::<Vec<_>>())
        .collect()
}

/// `failed by the last test`, where anything says how the session ended.
fn ended(scene: &Scene<'_>, pane: &TranscriptPane) -> String {
    let content = scene.model.detail.content();
    let place = content.and_then(|content| content.evidence.get(pane.evidence));
    let ending = content.zip(place).and_then(|(content, place)| content.endings.get(&place.place.session));
    ending.map(crate::domain::outcome::Ending::in_words).unwrap_or_default()
}
