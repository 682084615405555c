//! The text of a document with what put each line there, or what a version changed.
//!
//! Owns: the column beside the text, and what is said of the line under the cursor. The text itself
//! is painted on a worker. Must not know: how origins are found out.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::app::Action;
use crate::app::data::{MemoryDocument, MemoryView, Origin, OriginKind};
use crate::app::detail::{DiffStyle, Layout};
use crate::app::screens::{MemoryPane, ShownVersion};
use crate::app::spot::Spot;
use crate::domain::text::SafeText;

use super::pane::{self, Pane, put, tint};
use super::surface::{PaintJob, PaintKey, Painting, Subject, Surface, Texts};
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, wrap};

/// From this width of the pane on, the column names who and when; below it only marks lines.
const NAMED_FROM: u16 = 76;
/// Cells of the column that only marks.
const MARKED: u16 = 2;
/// Cells a name has in the column at most.
const LONGEST_NAME: usize = 12;
/// Rows for what is said of the line under the cursor, with the rule above.
const SAID: u16 = 4;

/// Draws the pane.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    view: &std::sync::Arc<MemoryView>,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let model = scene.model;
    if let Some(version) = &model.memory.version {
        draw_version(buffer, area, scene, version, surface, drawn);
        return;
    }
    let focused = model.memory.pane == MemoryPane::Text;
    let (Some(document), Some(index)) = (model.memory.current(), model.memory.current_index()) else {
        Pane { focused, ..Pane::default() }.draw(buffer, area, scene.theme);
        return;
    };
    let said_rows = if area.height >= 14 { SAID } else { 0 };
    let rows = usize::from(area.height.saturating_sub(2 + said_rows));
    let named = area.width >= NAMED_FROM;
    let beside = column_width(scene, document, named);
    let width = area.width.saturating_sub(2 + beside);
    let key = PaintKey {
        subject: Subject::Document(model.memory.answered, index),
        width,
        style: DiffStyle {
            layout: Layout::Unified,
            wrap: true,
            unfolded: true,
            final_text: true,
            ..DiffStyle::default()
        },
        search: None,
        open_folds: std::collections::BTreeSet::new(),
    };
    if surface.document.as_ref().is_none_or(|painting| painting.key != key) && width > 0 && rows > 0 {
        let texts = Texts::Document(view.clone(), index);
        drawn.wants = Some(PaintJob { key: key.clone(), texts });
    }
    let ready = surface.document.as_ref().filter(|painting| painting.key.subject == key.subject);
    let lines = ready.map_or(0, |painting| painting.painted.lines.len());
    let cursor = ready.map_or(0..0, |painting| lines_of(painting, model.memory.line));
    let top = layout::scroll_to_show(surface.tops.text, cursor.end.saturating_sub(1), lines, rows.max(1));
    let top = layout::scroll_to_show(top, cursor.start, lines, rows.max(1));
    surface.tops.text = top;
    let frame = Pane {
        title: scene.line(Scene::safe(document.path.as_str()), Role::Title),
        bottom: scene.line(summary(document), Role::Muted),
        focused,
        scroll: Some((top, rows, lines)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    let (text, said) = layout::split_top(inside, inside.height.saturating_sub(said_rows));
    drawn.viewport.text = usize::from(text.height);
    drawn.viewport.text_lines = lines;
    if let Some(painting) = surface.document.as_ref().filter(|painting| painting.key.subject == key.subject) {
        draw_lines(buffer, text, scene, document, painting, (top, beside, named));
        for row in 0..usize::from(text.height) {
            if let Some(line) = painting.heard.rows.get(top + row) {
                drawn.row_is(text, row, Spot::Line(*line as usize));
            }
        }
    }
    for line in cursor.clone().filter(|line| (top..top + usize::from(text.height)).contains(line)) {
        let role = if focused { Role::Selection } else { Role::SelectionIdle };
        tint(buffer, text, line - top, scene.style(role));
    }
    if focused {
        let row = cursor.start.saturating_sub(top).min(usize::from(text.height).saturating_sub(1));
        drawn.cursor = Some(Position::new(text.x, text.y + row as u16));
    }
    if said_rows > 0 {
        let title = scene.line(format!("line {}", model.memory.line + 1), Role::Muted);
        pane::rule(buffer, area, said.y, &title, focused, scene.theme);
        let (_, rest) = layout::split_top(said, 1);
        draw_said(buffer, rest, scene, model.memory.origin());
    }
}

/// Painted lines of a line of the text.
fn lines_of(painting: &Painting, line: usize) -> std::ops::Range<usize> {
    let rows = &painting.heard.rows;
    let line = line as u32;
    rows.partition_point(|&row| row < line)..rows.partition_point(|&row| row <= line)
}

fn draw_lines(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    document: &MemoryDocument,
    painting: &Painting,
    (top, beside, named): (usize, u16, bool),
) {
    let (column, text) = layout::split_left(area, beside);
    let origin_of = |line: Option<&u32>| {
        let line = usize::try_from(*line?).ok()?;
        document.lines.get(line).copied().flatten()
    };
    for (row, line) in painting.painted.lines.iter().skip(top).take(usize::from(area.height)).enumerate() {
        put(buffer, text, row, line);
        let at = top + row;
        let Some(number) = origin_of(painting.heard.rows.get(at)) else { continue };
        let above = at.checked_sub(1).and_then(|above| origin_of(painting.heard.rows.get(above)));
        let Some(origin) = document.origins.get(number as usize) else { continue };
        // A run of lines is named once, on its first line or the first in view.
        let first = row == 0 || above != Some(number);
        put(buffer, column, row, &beside_line(scene, origin, first && named));
    }
}

/// Cells the column needs: none where nothing is known of any line, else as many as its longest
/// label, so that the text keeps the rest.
fn column_width(scene: &Scene<'_>, document: &MemoryDocument, named: bool) -> u16 {
    let known =
        document.lines.iter().flatten().any(|number| document.origins.get(*number as usize).is_some());
    match (known, named) {
        (false, _) => 0,
        (true, false) => MARKED,
        (true, true) => {
            let label = |number: &u32| document.origins.get(*number as usize).map(|o| label(scene, o));
            let longest = document.lines.iter().flatten().filter_map(label).map(|label| wrap::width(&label));
            // The sign, a blank, the label, and a blank before the text.
            MARKED + 1 + longest.max().unwrap_or(0) as u16
        }
    }
}

/// `owner 20 Feb 18→31`.
fn label(scene: &Scene<'_>, origin: &Origin) -> String {
    let symbols = scene.symbols();
    let who = if origin.by.is_empty() { "outside".to_owned() } else { Scene::safe(&origin.by) };
    let support = match (origin.support_then, origin.support_now) {
        (Some(then), Some(now)) if then != now && symbols.words => format!(" {then} then, {now} now"),
        (Some(then), Some(now)) if then != now => format!(" {then}{}{now}", symbols.right),
        (Some(count), _) | (None, Some(count)) => format!(" {count}"),
        (None, None) => String::new(),
    };
    format!("{} {}{support}", wrap::clip(&who, LONGEST_NAME, symbols.ellipsis), scene.moment(origin.at))
}

/// The sign of an origin, with who, when and the support then and now on the first line of a run.
fn beside_line<'a>(scene: &Scene<'a>, origin: &Origin, named: bool) -> Line<'a> {
    let symbols = scene.symbols();
    let (sign, role) = match origin.kind {
        OriginKind::Lesson if origin.stands => (symbols.column, Role::Applied),
        OriginKind::Lesson | OriginKind::Apply | OriginKind::Undo => (symbols.column, Role::Muted),
        OriginKind::Actor | OriginKind::Outside if symbols.words => (" ", Role::Muted),
        OriginKind::Actor | OriginKind::Outside => (symbols.dot, Role::Muted),
    };
    if !named {
        return scene.line(sign, role);
    }
    Line::from(vec![scene.span(sign, role), scene.span(format!(" {}", label(scene, origin)), Role::Muted)])
}

fn draw_said(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, origin: Option<&Origin>) {
    let width = usize::from(area.width).saturating_sub(2).max(8);
    let lines = match origin {
        None => vec![("was there before wakeful looked".to_owned(), Role::Muted)],
        Some(origin) => said(scene, origin),
    };
    let lines = lines.into_iter().flat_map(|(text, role)| {
        wrap::wrap(&SafeText::line(&text), width).into_iter().map(move |line| (line, role))
    });
    for (row, (text, role)) in lines.take(usize::from(area.height)).enumerate() {
        put(buffer, area, row, &scene.line(format!(" {text}"), role));
    }
}

/// What is known of an origin, in words.
fn said(scene: &Scene<'_>, origin: &Origin) -> Vec<(String, Role)> {
    let model = scene.model;
    let when = format::to_the_minute(origin.at, model.now, &model.zone);
    match origin.kind {
        OriginKind::Lesson => {
            let mut facts = format!("accepted by {}, written {when}", origin.by);
            match (origin.support_then, origin.support_now) {
                (Some(then), Some(now)) => {
                    let then = format::counted(u64::from(then), "session");
                    facts.push_str(&format!("{}{then} then, {now} now", scene.dot()));
                }
                (None, Some(now)) => {
                    let now = format::counted(u64::from(now), "session");
                    facts.push_str(&format!("{}{now} now", scene.dot()));
                }
                (_, None) => facts.push_str(&format!("{}rests on the memory itself", scene.dot())),
            }
            let next = if origin.stands {
                format!("{} opens it, {} takes it out", scene.key(Action::Open), scene.key(Action::TakeBack))
            } else {
                "no longer counted as being in the memory".to_owned()
            };
            facts.push_str(&format!("{}{next}", scene.dot()));
            vec![(format!("“{}”", origin.statement), Role::Strong), (facts, Role::Muted)]
        }
        OriginKind::Apply | OriginKind::Undo => {
            vec![(format!("{}, by {} {when}", origin.statement, origin.by), Role::Text)]
        }
        OriginKind::Actor => {
            vec![(format!("written by {} {when}, {}", origin.by, origin.statement), Role::Text)]
        }
        OriginKind::Outside => vec![(format!("{}, first seen {when}", origin.statement), Role::Text)],
    }
}

fn summary(document: &MemoryDocument) -> String {
    let from_lessons = document
        .lines
        .iter()
        .flatten()
        .filter(|origin| {
            document.origins.get(**origin as usize).is_some_and(|origin| origin.kind == OriginKind::Lesson)
        })
        .count();
    let lines = format::counted(document.lines.len() as u64, "line");
    if from_lessons == 0 {
        format!("{lines}, none from lessons")
    } else {
        format!("{from_lessons} of {lines} came from lessons")
    }
}

fn draw_version(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    version: &ShownVersion,
    surface: &Surface,
    drawn: &mut Drawn,
) {
    let memory = &scene.model.memory;
    let focused = memory.pane == MemoryPane::Text;
    let rows = usize::from(area.height.saturating_sub(2));
    let subject = Subject::Version(version.asked);
    let ready = surface.version.as_ref().filter(|painting| painting.key.subject == subject);
    let lines = ready.map_or(0, |painting| painting.painted.lines.len());
    let top = memory.scroll.min(lines.saturating_sub(rows));
    let documents = version.texts.as_ref().map_or(0, |texts| texts.documents.len());
    let frame = Pane {
        title: scene.line("what this version changed", Role::Title),
        right: scene.line(format::counted(documents as u64, "document"), Role::Muted),
        focused,
        scroll: Some((top, rows, lines)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.viewport.text = usize::from(inside.height);
    drawn.viewport.text_lines = lines;
    if let Some(failure) = &version.failure {
        let text = SafeText::line(&failure.to_string());
        for (row, line) in wrap::wrap(&text, usize::from(inside.width).max(8)).into_iter().enumerate() {
            put(buffer, inside, row, &scene.line(line, Role::Warn));
        }
        return;
    }
    let Some(texts) = &version.texts else { return };
    if texts.documents.is_empty() {
        put(buffer, inside, 0, &scene.line(" No document changed.", Role::Muted));
        return;
    }
    if inside.is_empty() {
        return;
    }
    let key = PaintKey {
        subject,
        width: inside.width,
        style: layout::diff_style(scene.model.detail.style, buffer.area.width, scene.symbols().words),
        search: None,
        open_folds: std::collections::BTreeSet::new(),
    };
    if surface.version.as_ref().is_none_or(|painting| painting.key != key) {
        drawn.wants = Some(PaintJob { key, texts: Texts::Version(texts.clone()) });
    }
    for (row, line) in ready
        .iter()
        .flat_map(|painting| painting.painted.lines.iter())
        .skip(top)
        .take(usize::from(inside.height))
        .enumerate()
    {
        put(buffer, inside, row, line);
    }
    drawn.spots.push((inside, Spot::MemoryPane(MemoryPane::Text)));
    if focused {
        drawn.cursor = Some(Position::new(inside.x, inside.y));
    }
}
