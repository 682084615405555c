//! The three sides of a lesson that collides with the memory, and what would be written of them.
//!
//! Owns: how a part is shown: side by side where there is room, else one above the other. Must not know: what
//! a choice does.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::Action;
use crate::app::fit::{Part, Side, chosen};
use crate::app::overlay::FitPane;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, put};
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::wrap;

/// From this width on the sides stand beside each other.
const BESIDE: usize = 96;
/// Lines of what all sides share that are shown around a part.
const AROUND: usize = 2;

/// Draws the sides over the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, pane: &FitPane, drawn: &mut Drawn) {
    clear(buffer, body);
    let width = usize::from(body.width.saturating_sub(2));
    let (lines, focus) = lines(scene, pane, width);
    let rows = usize::from(body.height.saturating_sub(2));
    let top = (focus + pane.scroll).min(lines.len().saturating_sub(rows));
    let path = pane.path.as_ref().map_or_else(String::new, |path| Scene::safe(path.as_str()));
    let (open, all) = (pane.parts.open(), pane.parts.meeting());
    let right = format!("part {} of {all}", pane.selected + 1);
    let frame = Pane {
        title: scene.line(format!("make it fit: {path}"), Role::Title),
        right: scene.line(right, Role::Muted),
        bottom: if open == 0 {
            scene.line(format!("{} takes this text and accepts it", scene.key(Action::FitUse)), Role::Good)
        } else {
            scene.line(format!("{open} to choose"), Role::Warn)
        },
        focused: true,
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.overlay = usize::from(inside.height);
    drawn.viewport.overlay_lines = lines.len();
    for (row, line) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
}

/// All lines, and the first of the selected part.
fn lines<'a>(scene: &Scene<'a>, pane: &FitPane, width: usize) -> (Vec<Line<'a>>, usize) {
    let mut lines: Vec<Line<'a>> = Vec::new();
    let mut focus = 0;
    let mut at = 0;
    // Read aloud, columns beside each other are one muddle.
    let stacked = width < BESIDE || scene.symbols().words;
    for part in pane.parts.all() {
        match part {
            Part::Same(text) => same(scene, text, width, &mut lines),
            Part::Meeting { now, base, lesson, side } => {
                let selected = at == pane.selected;
                if selected {
                    focus = lines.len().saturating_sub(AROUND + 1);
                }
                at += 1;
                let sides = [
                    (Action::FitNow, "the memory now", now, Side::Now, Role::Text),
                    (Action::FitLesson, "this lesson", lesson, Side::Lesson, Role::DiffSignAdded),
                    (Action::FitBase, "when it was dreamed", base, Side::Base, Role::Muted),
                ];
                let head = |action, name: &str, own: Side| {
                    let taken = *side == own || (*side == Side::Both && own != Side::Base);
                    let sign = match (taken, scene.symbols().words) {
                        (true, true) => "chosen:",
                        (true, false) => scene.symbols().yes,
                        (false, _) => " ",
                    };
                    let role = if taken { Role::Good } else { Role::Strong };
                    scene.span(format!(" {sign} {} {name}", scene.key(action)), role)
                };
                let bar = if selected { scene.symbols().cursor } else { " " };
                let columns: Vec<(Span<'a>, Vec<String>, Role)> = sides
                    .into_iter()
                    .map(|(action, name, text, own, role)| {
                        let room = if stacked { width.saturating_sub(6) } else { (width - 5) / 3 - 4 };
                        (head(action, name, own), shown(text, room), role)
                    })
                    .collect();
                if stacked {
                    for (head, texts, role) in columns {
                        lines.push(Line::from(vec![scene.span(bar, Role::Accent), head]));
                        lines.extend(texts.into_iter().map(|text| {
                            Line::from(vec![
                                scene.span(bar, Role::Accent),
                                scene.span(format!("     {text}"), role),
                            ])
                        }));
                    }
                } else {
                    beside(scene, bar, &columns, (width - 5) / 3, &mut lines);
                }
                let written = chosen(now, base, lesson, *side);
                let (said, role) = match side {
                    Side::Open => ("   choose one, or ", Role::Warn),
                    _ if written.is_empty() => ("   nothing is written here", Role::Good),
                    _ => ("   written:", Role::Good),
                };
                let mut said = said.to_owned();
                if *side == Side::Open {
                    said.push_str(&format!("{} for both", scene.key(Action::FitBoth)));
                }
                lines.push(Line::from(vec![scene.span(bar, Role::Accent), scene.span(said, role)]));
                lines.extend(
                    shown(&written, width.saturating_sub(6)).into_iter().filter(|_| !written.is_empty()).map(
                        |text| {
                            Line::from(vec![
                                scene.span(bar, Role::Accent),
                                scene.span(format!("     {text}"), Role::Strong),
                            ])
                        },
                    ),
                );
                lines.push(Line::default());
            }
        }
    }
    (lines, focus)
}

/// A text in lines of so many cells; `(nothing)` where there is none.
fn shown(text: &str, room: usize) -> Vec<String> {
    if text.is_empty() {
        return vec!["(nothing)".to_owned()];
    }
    wrap::wrap(&SafeText::block(text.trim_end_matches('\n')), room.max(8))
}

/// What all sides share: its first and last lines.
fn same<'a>(scene: &Scene<'a>, text: &str, width: usize, lines: &mut Vec<Line<'a>>) {
    let all: Vec<&str> = text.lines().collect();
    let first = if lines.is_empty() { 0 } else { AROUND };
    let hidden = all.len().saturating_sub(first + AROUND);
    for (index, line) in all.iter().enumerate() {
        if hidden > 1 && index == first {
            let text = format!("   {} {hidden} lines as they are", scene.symbols().fold);
            lines.push(scene.line(text, Role::DiffFold));
        }
        if hidden <= 1 || index < first || index >= first + hidden {
            let text = format!("      {}", SafeText::line(line));
            lines.push(
                scene.line(wrap::clip(&text, width, scene.symbols().ellipsis).into_owned(), Role::Muted),
            );
        }
    }
}

/// The sides in three columns.
fn beside<'a>(
    scene: &Scene<'a>,
    bar: &'a str,
    columns: &[(Span<'a>, Vec<String>, Role)],
    cells: usize,
    lines: &mut Vec<Line<'a>>,
) {
    let fill = |text: &str| {
        let rest = cells.saturating_sub(wrap::width(text));
        format!("{text}{}", " ".repeat(rest))
    };
    let rule = || scene.span(scene.symbols().column, Role::Border);
    let mut head = vec![scene.span(bar, Role::Accent)];
    for (index, (title, ..)) in columns.iter().enumerate() {
        if index > 0 {
            head.push(rule());
        }
        head.push(Span::styled(fill(&title.content), title.style));
    }
    lines.push(Line::from(head));
    let rows = columns.iter().map(|(_, texts, _)| texts.len()).max().unwrap_or(0);
    for row in 0..rows {
        let mut spans = vec![scene.span(bar, Role::Accent)];
        for (index, (_, texts, role)) in columns.iter().enumerate() {
            if index > 0 {
                spans.push(rule());
            }
            let text = texts.get(row).map_or("", String::as_str);
            spans.push(scene.span(fill(&format!("   {text}")), *role));
        }
        lines.push(Line::from(spans));
    }
}
