//! The memory screen: documents, the text of one with the origin of its lines, and its versions.
//!
//! Owns: the lists and how they share the screen with the text. Must not know: how origins are found
//! out.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::Action;
use crate::app::data::{MemoryDocument, MemoryView};
use crate::app::screens::{HistoryItem, MemoryPane};
use crate::app::spot::Spot;
use crate::domain::text::SafeText;

use super::pane::{Pane, gauge, put, tint};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, memory_text, wrap};

/// Draws the screen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    let Some(view) = model.memory.view.as_ref() else {
        nothing(buffer, body, scene);
        return;
    };
    if drawn.viewport.beside {
        let (left, right) = layout::columns(body, model.list_width);
        drawn.viewport.left = left.width;
        let wanted = (model.memory.history_items().len().min(99) as u16 + 2).max(5);
        let history = wanted.min(left.height * 2 / 5);
        let (documents, history) = layout::split_top(left, left.height.saturating_sub(history));
        draw_documents(buffer, documents, scene, view, surface, drawn);
        draw_history(buffer, history, scene, view, surface, drawn);
        memory_text::draw(buffer, right, scene, view, surface, drawn);
        drawn.spots.push((layout::divider(layout::columns(body, model.list_width).0), Spot::Divider));
    } else {
        match model.memory.pane {
            MemoryPane::Documents => draw_documents(buffer, body, scene, view, surface, drawn),
            MemoryPane::Text => memory_text::draw(buffer, body, scene, view, surface, drawn),
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
        (None, None) => (super::nothing::no_agent(scene), Role::Muted),
    };
    let width = usize::from(inside.width).saturating_sub(4).max(8);
    for (row, line) in wrap::wrap(&SafeText::line(&text), width).iter().enumerate() {
        put(buffer, inside, row + 1, &scene.line(format!("  {line}"), role));
    }
}

/// What it means that a memory has no document, and what comes next.
fn empty(scene: &Scene<'_>) -> String {
    let inbox = &scene.model.inbox;
    let what = "This memory is empty: the agent starts every session without notes.";
    let tally = scene.model.memory.agent.as_ref().map(|agent| inbox.of_agent(agent)).unwrap_or_default();
    let key = |action| scene.key(action);
    let next = match (tally.accepted, tally.to_review) {
        (0, 0) => format!("{} runs a dream, which proposes the first.", key(Action::DreamRun)),
        (0, _) => format!("{} leads to the lessons that would be the first.", key(Action::ScreenInbox)),
        _ => format!("{} shows the first that are accepted, and writes them.", key(Action::Preview)),
    };
    format!("{what} {next}")
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
    let from_lesson = |document: &MemoryDocument| document.origins.iter().any(|o| o.lesson.is_some());
    let touched = if view.documents.iter().any(from_lesson) && !scene.symbols().words {
        Line::from(vec![
            scene.span(scene.symbols().marked, Role::Applied),
            scene.span(" from lessons", Role::Muted),
        ])
    } else {
        Line::default()
    };
    let frame = Pane {
        title: scene.line(name, Role::Title),
        // Over the numbers that they are.
        right: scene.line(format!("{}, tokens", format::counted(count as u64, "document")), Role::Muted),
        bottom: Line::from(size),
        bottom_right: touched,
        focused,
        scroll: Some((surface.tops.documents, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.viewport.list = usize::from(inside.height);
    if count == 0 {
        let width = usize::from(inside.width).saturating_sub(4).max(8);
        let text = SafeText::line(&empty(scene));
        for (row, line) in wrap::wrap(&text, width).into_iter().enumerate() {
            put(buffer, inside, row + 1, &scene.line(format!("  {line}"), Role::Muted));
        }
    }
    let symbols = scene.symbols();
    for (index, document) in view.documents.iter().enumerate().skip(surface.tops.documents).take(rows) {
        let row = index - surface.tops.documents;
        let current = index == selected;
        let from_lesson = document.origins.iter().any(|origin| origin.lesson.is_some());
        let touched = if from_lesson { symbols.marked } else { " " };
        let tokens = format::tokens(document.tokens);
        let room = usize::from(inside.width).saturating_sub(2 + 8);
        let mut line = Line::from(vec![
            scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
            scene.span(touched, Role::Applied),
            scene.span(wrap::fit(&Scene::safe(document.path.as_str()), room, symbols.ellipsis), Role::Text),
            scene.span(format!("{tokens:>7} "), Role::Muted),
        ]);
        if symbols.words {
            let lessons = if from_lesson { ", lines from lessons" } else { "" };
            let text = format!("{}, {tokens} tokens{lessons}", Scene::safe(document.path.as_str()));
            line = scene.line(format!("{} {text}", if current { symbols.cursor } else { " " }), Role::Text);
        }
        put(buffer, inside, row, &line);
        drawn.row_is(inside, row, Spot::Document(index));
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
        title: scene.line("versions", Role::Title),
        right: scene.line(format!("{} undoes", scene.key(Action::TakeBack)), Role::Muted),
        focused,
        scroll: Some((surface.tops.history, rows, items.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.viewport.evidence = usize::from(inside.height);
    if items.is_empty() {
        put(buffer, inside, 0, &scene.line("  No version of this memory is known yet.", Role::Muted));
    }
    for (index, item) in items.iter().enumerate().skip(surface.tops.history).take(rows) {
        let row = index - surface.tops.history;
        let current = focused && index == selected;
        put(buffer, inside, row, &history_line(scene, view, item, current, usize::from(inside.width)));
        drawn.row_is(inside, row, Spot::Version(index));
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
    let id = match item {
        HistoryItem::Apply(id) | HistoryItem::Lesson(id, _) => id,
        HistoryItem::Seen(number) => {
            let Some(version) = view.seen.iter().find(|version| version.number == *number) else {
                return Line::default();
            };
            let what = if version.first { "first seen" } else { "changed outside wakeful" };
            let text = format!("{what}{}{} tokens", scene.dot(), format::tokens(version.tokens));
            return Line::from(vec![
                cursor,
                scene.span(format!("{:<13} ", scene.moment(version.at)), Role::Muted),
                scene.span(
                    wrap::clip(&text, width.saturating_sub(16), symbols.ellipsis).into_owned(),
                    Role::Muted,
                ),
            ]);
        }
    };
    let Some(entry) = view.history.iter().find(|entry| entry.apply == *id) else { return Line::default() };
    match item {
        HistoryItem::Seen(_) | HistoryItem::Apply(_) => {
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
            let mut statement = applied.map_or_else(String::new, |applied| Scene::safe(&applied.statement));
            if symbols.words {
                let word = if stands { "in the memory" } else { "taken out" };
                statement = format!("{word}: {statement}");
            }
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
