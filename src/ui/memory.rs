//! The memory screen: documents, the text of one with the origin of its lines, and what was applied.
//!
//! Owns: the three panes and how they share the screen. Must not know: how origins are found out.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::data::{MemoryDocument, MemoryView};
use crate::app::screens::{HistoryItem, MemoryPane};
use crate::domain::text::SafeText;

use super::pane::{Pane, gauge, put, tint};
use super::surface::{Surface, WrappedText};
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, wrap};

/// Draws the screen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    let Some(view) = model.memory.view.as_ref() else {
        nothing(buffer, body, scene);
        return;
    };
    if drawn.viewport.beside {
        let (left, right) = layout::columns(body);
        let wanted = (model.memory.history_items().len().min(99) as u16 + 2).max(5);
        let history = wanted.min(left.height * 2 / 5);
        let (documents, history) = layout::split_top(left, left.height.saturating_sub(history));
        draw_documents(buffer, documents, scene, view, surface, drawn);
        draw_history(buffer, history, scene, view, surface, drawn);
        draw_text(buffer, right, scene, view, surface, drawn);
    } else {
        match model.memory.pane {
            MemoryPane::Documents => draw_documents(buffer, body, scene, view, surface, drawn),
            MemoryPane::Text => draw_text(buffer, body, scene, view, surface, drawn),
            MemoryPane::History => draw_history(buffer, body, scene, view, surface, drawn),
        }
    }
}

fn nothing(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>) {
    let inside = Pane { focused: true, ..Pane::default() }.draw(buffer, body, scene.theme);
    let memory = &scene.model.memory;
    let (text, role) = match (&memory.failure, &memory.agent) {
        (Some(failure), _) => (failure.to_string(), Role::Warn),
        (None, Some(_)) => (format!("reading{}", scene.symbols().ellipsis), Role::Muted),
        (None, None) => ("No agent is known yet.".to_owned(), Role::Muted),
    };
    let width = usize::from(inside.width).saturating_sub(4).max(8);
    for (row, line) in wrap::wrap(&SafeText::line(&text), width).iter().enumerate() {
        put(buffer, inside, row + 1, &scene.line(format!("  {line}"), role));
    }
}

fn draw_documents(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    view: &MemoryView,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let model = scene.model;
    let focused = model.memory.pane == MemoryPane::Documents;
    let count = view.documents.len();
    let rows = usize::from(area.height.saturating_sub(2));
    let selected = model.memory.document.index().min(count.saturating_sub(1));
    surface.tops.documents = layout::scroll_to_show(surface.tops.documents, selected, count, rows.max(1));
    let name = Scene::safe(model.inbox.name(&view.agent));
    let mut size = vec![scene.span(
        format!("{} / {} ", format::tokens(view.size.tokens), format::tokens(view.budget.store_tokens)),
        Role::Muted,
    )];
    size.extend(gauge(view.size.tokens, view.budget.store_tokens, 8, scene.theme));
    let frame = Pane {
        title: scene.line(name, Role::Title),
        right: scene.line(format::counted(count as u64, "document"), Role::Muted),
        bottom: Line::from(size),
        focused,
        scroll: Some((surface.tops.documents, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.viewport.list = usize::from(inside.height);
    if count == 0 {
        put(buffer, inside, 1, &scene.line("  This memory is empty.", Role::Muted));
    }
    let symbols = scene.symbols();
    for (index, document) in view.documents.iter().enumerate().skip(surface.tops.documents).take(rows) {
        let row = index - surface.tops.documents;
        let current = index == selected;
        let touched = if document.origins.is_empty() { " " } else { symbols.marked };
        let tokens = format::tokens(document.tokens);
        let room = usize::from(inside.width).saturating_sub(2 + 8);
        let line = Line::from(vec![
            scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
            scene.span(touched, Role::Applied),
            scene.span(wrap::fit(&Scene::safe(document.path.as_str()), room, symbols.ellipsis), Role::Text),
            scene.span(format!("{tokens:>7} "), Role::Muted),
        ]);
        put(buffer, inside, row, &line);
        if current {
            let role = if focused { Role::Selection } else { Role::SelectionIdle };
            tint(buffer, inside, row, scene.style(role));
            if focused {
                drawn.cursor = Some(Position::new(inside.x, inside.y + row as u16));
            }
        }
    }
}

fn draw_history(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    view: &MemoryView,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let model = scene.model;
    let focused = model.memory.pane == MemoryPane::History;
    let items = model.memory.history_items();
    let rows = usize::from(area.height.saturating_sub(2));
    let selected = model.memory.history.index().min(items.len().saturating_sub(1));
    surface.tops.history = layout::scroll_to_show(surface.tops.history, selected, items.len(), rows.max(1));
    let frame = Pane {
        title: scene.line("what was applied", Role::Title),
        right: scene.line(format!("{} takes back", scene.key(crate::app::Action::TakeBack)), Role::Muted),
        focused,
        scroll: Some((surface.tops.history, rows, items.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.viewport.evidence = usize::from(inside.height);
    if items.is_empty() {
        put(buffer, inside, 0, &scene.line("  Nothing was applied to this memory yet.", Role::Muted));
    }
    for (index, item) in items.iter().enumerate().skip(surface.tops.history).take(rows) {
        let row = index - surface.tops.history;
        let current = focused && index == selected;
        put(buffer, inside, row, &history_line(scene, view, item, current, usize::from(inside.width)));
        if current {
            tint(buffer, inside, row, scene.style(Role::Selection));
            drawn.cursor = Some(Position::new(inside.x, inside.y + row as u16));
        }
    }
}

fn history_line<'a>(
    scene: &Scene<'a>,
    view: &MemoryView,
    item: &HistoryItem,
    current: bool,
    width: usize,
) -> Line<'a> {
    let symbols = scene.symbols();
    let cursor = scene.span(if current { symbols.cursor } else { " " }, Role::Accent);
    let (HistoryItem::Apply(id) | HistoryItem::Lesson(id, _)) = item;
    let Some(entry) = view.history.iter().find(|entry| entry.apply == *id) else { return Line::default() };
    match item {
        HistoryItem::Apply(_) => {
            let text = format!("{}{}by {}", entry.outcome, scene.dot(), Scene::safe(&entry.by));
            let room = width.saturating_sub(2 + 14);
            Line::from(vec![
                cursor,
                scene.span(format!("{:<13} ", scene.moment(entry.at)), Role::Muted),
                scene.span(wrap::clip(&text, room, symbols.ellipsis).into_owned(), Role::Group),
            ])
        }
        HistoryItem::Lesson(_, lesson) => {
            let applied = entry.lessons.iter().find(|applied| applied.lesson == *lesson);
            let stands = applied.is_some_and(|applied| applied.stands);
            let (sign, role) =
                if stands { (symbols.running, Role::Applied) } else { (symbols.no, Role::Muted) };
            let statement = applied.map_or_else(String::new, |applied| Scene::safe(&applied.statement));
            let text_role = if stands { Role::Text } else { Role::Muted };
            let room = width.saturating_sub(6);
            Line::from(vec![
                cursor,
                Span::raw("  "),
                scene.span(sign, role),
                Span::raw(" "),
                scene.span(wrap::clip(&statement, room, symbols.ellipsis).into_owned(), text_role),
            ])
        }
    }
}

fn draw_text(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    view: &MemoryView,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let model = scene.model;
    let focused = model.memory.pane == MemoryPane::Text;
    let path = model.memory.document.current();
    let document = view.documents.iter().find(|document| Some(&document.path) == path);
    let Some(document) = document else {
        Pane { focused, ..Pane::default() }.draw(buffer, area, scene.theme);
        return;
    };
    let width = area.width.saturating_sub(2);
    let source = (document.text.as_ptr() as usize, model.memory.asked as usize);
    if surface.memory.source != source || surface.memory.width != width {
        surface.memory =
            WrappedText { source, width, lines: annotated(scene, document, usize::from(width)), focus: 0 };
    }
    let lines = &surface.memory.lines;
    let rows = usize::from(area.height.saturating_sub(2));
    let top = model.memory.scroll.min(lines.len().saturating_sub(rows));
    let by_wakeful = document.lines.iter().filter(|origin| origin.is_some()).count();
    let origin = if by_wakeful == 0 {
        "no line came from a lesson".to_owned()
    } else {
        format!("{by_wakeful} of {} came from lessons", format::counted(document.lines.len() as u64, "line"))
    };
    let frame = Pane {
        title: scene.line(Scene::safe(document.path.as_str()), Role::Title),
        bottom: scene.line(origin, Role::Muted),
        focused,
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.viewport.text = usize::from(inside.height);
    drawn.viewport.text_lines = lines.len();
    for (row, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
    if focused {
        drawn.cursor = Some(Position::new(inside.x, inside.y));
    }
}

/// The text with line numbers, each run of lines from a lesson under a line that names it.
fn annotated(scene: &Scene<'_>, document: &MemoryDocument, width: usize) -> Vec<Line<'static>> {
    let symbols = scene.symbols();
    let digits = document.lines.len().max(1).to_string().len().max(2);
    let room = width.saturating_sub(digits + 3).max(4);
    let mut out = Vec::new();
    let mut above = None;
    for (index, text) in document.text.lines().enumerate() {
        let origin = document.lines.get(index).copied().flatten();
        if origin != above
            && let Some(origin) = origin.and_then(|origin| document.origins.get(origin as usize))
        {
            let said =
                format!("{}{}{}", Scene::safe(&origin.statement), scene.dot(), scene.moment(origin.at));
            out.push(Line::from(vec![
                Span::raw(" ".repeat(digits + 1)),
                Span::styled(format!("{} ", symbols.marked), scene.style(Role::Applied)),
                Span::styled(
                    wrap::clip(&said, room, symbols.ellipsis).into_owned(),
                    scene.style(Role::Muted),
                ),
            ]));
        }
        above = origin;
        let bar = if origin.is_some() { symbols.column } else { " " };
        for (part, wrapped) in wrap::wrap(&SafeText::block(text), room).into_iter().enumerate() {
            let number = if part == 0 { (index + 1).to_string() } else { String::new() };
            out.push(Line::from(vec![
                Span::styled(format!("{number:>digits$} "), scene.style(Role::DiffNumber)),
                Span::styled(format!("{bar} "), scene.style(Role::Applied)),
                Span::styled(wrapped, scene.style(Role::Text)),
            ]));
        }
    }
    out
}
