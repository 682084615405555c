//! The three sides of a lesson that collides with the memory, and what would be written of them.
//!
//! Owns: how a part is shown: side by side where there is room, else one above the other. Must not know: what
//! a choice does.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::Action;
use crate::app::fit::{Part, Side, chosen};
use crate::app::overlay::FitPane;
use crate::domain::text::SafeText;
use crate::ui::marked::{self, Shown};
use crate::ui::pane::Pane;
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::wrap;

/// From this width on the sides stand beside each other.
const BESIDE: usize = 96;
/// Lines of what all sides share that are shown around a part.
const AROUND: usize = 2;

/// Draws the sides over the body.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, pane: &FitPane, drawn: &mut Drawn) {
    let width = usize::from(body.width.saturating_sub(2));
    let (lines, focus) = lines(scene, pane, width);
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
        ..Pane::default()
    };
    super::scrolled(buffer, body, scene, frame, (focus + pane.scroll, &lines), drawn);
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
            Part::Meeting { now, base, lesson, differ, side } => {
                let selected = at == pane.selected;
                if selected {
                    focus = lines.len().saturating_sub(AROUND + 1);
                }
                at += 1;
                let sides = [
                    (Action::FitNow, "the memory now", (now, &differ.now), Side::Now, Role::Text),
                    (
                        Action::FitLesson,
                        "this lesson",
                        (lesson, &differ.lesson),
                        Side::Lesson,
                        Role::DiffSignAdded,
                    ),
                    (Action::FitBase, "when it was dreamed", (base, &differ.base), Side::Base, Role::Muted),
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
                let columns: Vec<(Span<'a>, Vec<Shown>)> = sides
                    .into_iter()
                    .map(|(action, name, (text, words), own, role)| {
                        let room = if stacked { width.saturating_sub(6) } else { (width - 5) / 3 - 4 };
                        let word =
                            if own == Side::Base { Role::DiffRemovedWord } else { Role::DiffAddedWord };
                        (head(action, name, own), shown(scene, text, room, role, (words, word)))
                    })
                    .collect();
                if stacked {
                    for (head, texts) in columns {
                        lines.push(Line::from(vec![scene.span(bar, Role::Accent), head]));
                        lines.extend(texts.into_iter().map(|text| below(scene, bar, text)));
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
                if !written.is_empty() {
                    let texts =
                        shown(scene, &written, width.saturating_sub(6), Role::Strong, (&[], Role::Strong));
                    lines.extend(texts.into_iter().map(|text| below(scene, bar, text)));
                }
                lines.push(Line::default());
            }
        }
    }
    (lines, focus)
}

/// A text in lines of so many cells, some of its words in another role; `(nothing)` where there is none.
fn shown(
    scene: &Scene<'_>,
    text: &str,
    room: usize,
    role: Role,
    (words, word): (&[Range<usize>], Role),
) -> Vec<Shown> {
    if text.is_empty() {
        return marked::wrap("(nothing)", room.max(8), |_| scene.style(role));
    }
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.trim_end_matches('\n').split('\n') {
        let style = |at: usize| {
            let marked = words.iter().any(|range| range.contains(&(start + at)));
            scene.style(if marked { word } else { role })
        };
        lines.extend(marked::wrap(line, room.max(8), style));
        start += line.len() + 1;
    }
    lines
}

/// A line under its head.
fn below<'a>(scene: &Scene<'a>, bar: &'a str, text: Shown) -> Line<'a> {
    let mut spans = vec![scene.span(bar, Role::Accent), Span::raw(" ".repeat(5 + text.indent))];
    spans.extend(text.spans);
    Line::from(spans)
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
    columns: &[(Span<'a>, Vec<Shown>)],
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
    let rows = columns.iter().map(|(_, texts)| texts.len()).max().unwrap_or(0);
    for row in 0..rows {
        let mut spans = vec![scene.span(bar, Role::Accent)];
        for (index, (_, texts)) in columns.iter().enumerate() {
            if index > 0 {
                spans.push(rule());
            }
            let text = texts.get(row);
            let used = 3 + text.map_or(0, Shown::width);
            spans.push(Span::raw(" ".repeat(3 + text.map_or(0, |text| text.indent))));
            spans.extend(text.into_iter().flat_map(|text| text.spans.iter().cloned()));
            spans.push(Span::raw(" ".repeat(cells.saturating_sub(used))));
        }
        lines.push(Line::from(spans));
    }
}
