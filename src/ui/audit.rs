//! The audit screen: every decision and every write, newest first; the selected one in full.
//!
//! Owns: the columns, and what gives way where there is little room. Must not know: what actions mean.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::data::AuditEntry;
use crate::app::spot::Spot;
use crate::domain::text::SafeText;

use super::pane::{Pane, put, tint};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, wrap};

/// Draws the screen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    let view = model.audit.view.as_ref();
    let count = view.map_or(0, |view| view.entries.len());
    let selected = model.audit.selection.index().min(count.saturating_sub(1));
    let entry = view.and_then(|view| view.entries.get(selected));
    let full = entry.map(|entry| in_full(scene, entry, body.width)).unwrap_or_default();
    let below = full_rows(body, full.len());
    let (list, facts) = layout::split_top(body, body.height - below);
    let rows = usize::from(list.height.saturating_sub(2));
    surface.tops.audit = layout::scroll_to_show(surface.tops.audit, selected, count, rows.max(1));
    let frame = Pane {
        title: title(scene, count),
        right: soundness(scene),
        bottom: query(scene),
        focused: true,
        scroll: Some((surface.tops.audit, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, list, scene.theme);
    drawn.viewport.list = usize::from(inside.height);
    if below > 0 {
        let inside = Pane::default().draw(buffer, facts, scene.theme);
        for (row, line) in full.iter().take(usize::from(inside.height)).enumerate() {
            put(buffer, inside, row, line);
        }
    }
    if let Some(failure) = &model.audit.failure {
        let text = SafeText::line(&failure.to_string());
        for (row, line) in
            wrap::wrap(&text, usize::from(inside.width).saturating_sub(2).max(8)).iter().enumerate()
        {
            put(buffer, inside, row, &scene.line(format!(" {line}"), Role::Warn));
        }
        return;
    }
    let Some(view) = view else { return };
    if count == 0 {
        let text = if model.audit.query.is_empty() {
            "  Nothing was decided or written yet."
        } else {
            "  Nothing matches."
        };
        put(buffer, inside, 1, &scene.line(text, Role::Muted));
    }
    let when = moments(scene, &view.entries, surface);
    for (index, entry) in view.entries.iter().enumerate().skip(surface.tops.audit).take(rows) {
        let row = index - surface.tops.audit;
        let current = index == selected;
        put(buffer, inside, row, &line(scene, entry, current, when, usize::from(inside.width)));
        drawn.row_is(inside, row, Spot::Entry(index));
        if current {
            tint(buffer, inside, row, scene.style(Role::Selection));
            drawn.cursor = Some(Position::new(inside.x, inside.y + row as u16));
        }
    }
}

/// Rows for the selected entry in full, with its frame: as many as it has lines, a third of the screen at
/// most; none where there is hardly room for the list.
fn full_rows(body: Rect, lines: usize) -> u16 {
    const LEAST_BODY: u16 = 12;
    if body.height < LEAST_BODY || lines == 0 {
        return 0;
    }
    (lines.min(usize::from(body.height / 3)) as u16).saturating_add(2)
}

/// Who did what and when, to what, and the rest in words, to its end.
fn in_full<'a>(scene: &Scene<'a>, entry: &AuditEntry, width: u16) -> Vec<Line<'a>> {
    let model = scene.model;
    let when = format::day_and_time(entry.at, model.now, &model.zone);
    let about =
        if entry.subject.is_empty() { String::new() } else { format!("{}{}", scene.dot(), entry.subject) };
    let head = format!("{} by {}, {when}{about}", entry.action, entry.by);
    let room = usize::from(width).saturating_sub(4).max(8);
    let lines = |text: &str, role| {
        let lines = wrap::wrap(&SafeText::line(text), room).into_iter();
        lines.map(|line| scene.line(format!(" {line}"), role)).collect::<Vec<_>>()
    };
    let mut all = lines(&head, Role::Muted);
    if !entry.text.is_empty() {
        all.extend(lines(&entry.text, Role::Text));
    }
    all
}

fn title<'a>(scene: &Scene<'a>, count: usize) -> Line<'a> {
    let more = scene.model.audit.view.as_ref().is_some_and(|view| view.more);
    let count = format::counted(count as u64, "entry");
    scene.line(if more { format!("newest {count}") } else { count }, Role::Title)
}

/// Whether the chain of hashes holds: said in words, since it is what the trail is for.
fn soundness<'a>(scene: &Scene<'a>) -> Line<'a> {
    match scene.model.audit.view.as_ref().map(|view| &view.broken) {
        None => Line::default(),
        Some(None) => scene.line(format!("{} unbroken", scene.symbols().yes).trim().to_owned(), Role::Good),
        Some(Some(broken)) => {
            let text = format!("{} {}", scene.symbols().warn, Scene::safe(broken));
            scene.line(text.trim().to_owned(), Role::Bad)
        }
    }
}

fn query<'a>(scene: &Scene<'a>) -> Line<'a> {
    if scene.model.audit.query.is_empty() {
        return Line::default();
    }
    Line::from(vec![
        scene.span("search ", Role::Muted),
        scene.span(Scene::safe(&scene.model.audit.query), Role::Accent),
    ])
}

/// Cells of the widest moment, over all entries: columns must not move while scrolling. Looked for once for each
/// answer and day.
fn moments(scene: &Scene<'_>, entries: &[AuditEntry], surface: &mut Surface) -> usize {
    let model = scene.model;
    let today = model.now.to_zoned(model.zone.clone()).date();
    let of = (model.audit.asked, entries.len(), Some(today));
    if surface.widest_moment.0 != of {
        let widths = entries.iter().map(|entry| wrap::width(&scene.moment(entry.at)));
        surface.widest_moment = (of, widths.max().unwrap_or(0));
    }
    surface.widest_moment.1
}

fn line<'a>(scene: &Scene<'a>, entry: &AuditEntry, current: bool, moment: usize, width: usize) -> Line<'a> {
    let symbols = scene.symbols();
    let when = scene.moment(entry.at);
    let by = wrap::fit(&Scene::safe(&entry.by), 12, symbols.ellipsis);
    let action = wrap::fit(&Scene::safe(&entry.action), 10, symbols.ellipsis);
    // cursor, moment, two blanks; what was done and a blank; who and a blank.
    let room = width.saturating_sub(1 + moment + 2 + 11 + 13);
    let mut what = Scene::safe(&entry.text);
    if what.is_empty() {
        what = Scene::safe(&entry.subject);
    }
    Line::from(vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(format!("{when:>moment$}  "), Role::Muted),
        scene.span(action, Role::Strong),
        Span::raw(" "),
        scene.span(by, Role::Muted),
        Span::raw(" "),
        scene.span(wrap::clip(&what, room, symbols.ellipsis).into_owned(), Role::Text),
    ])
}
