//! The status line: the text field being typed in, else the newest message, else what is marked;
//! at its right end the work under way.
//!
//! Owns: what is said when several things could be. Must not know: how messages come about.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::Screen;
use crate::app::line_edit::LineEdit;
use crate::app::overlay::{Overlay, PromptKind};
use crate::domain::text::SafeText;

use super::layout::Regions;
use super::pane::{clear, put, put_right};
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, wrap};

/// Draws the status line, over the hint bar where a message needs both. A text field is drawn even where there is
/// no room for a status line: over the last row of the body.
pub fn draw(buffer: &mut Buffer, regions: &Regions, scene: &Scene<'_>, drawn: &mut Drawn) {
    let area = regions.status;
    if let Some((label, input, hint)) = field(scene) {
        let row = if area.height > 0 {
            area
        } else {
            let last = regions.body.height.saturating_sub(1);
            Rect { y: regions.body.y + last, height: regions.body.height.min(1), ..regions.body }
        };
        clear(buffer, row);
        draw_field(buffer, row, scene, (&label, input, &hint), drawn);
        return;
    }
    let work = work(scene);
    let room = usize::from(area.width).saturating_sub(work.width() + 2);
    put_right(buffer, area, 0, &work);
    let left = Rect { width: (room as u16).min(area.width), ..area };
    let line = if let Some((pressed, follows)) = scene.pending {
        let mut spans = vec![scene.span(format!(" {pressed} "), Role::Key)];
        for (keys, title) in follows {
            spans.push(scene.span(format!(" {keys} "), Role::Key));
            spans.push(scene.span(format!("{title} "), Role::Hint));
        }
        Line::from(spans)
    } else if let Some(toast) = scene.model.toasts.current() {
        let (sign, role) = scene.tone(toast.tone);
        let (first, rest) = in_rows(scene, &scene.said(toast), room.saturating_sub(4), regions.hints);
        if let Some(rest) = rest {
            clear(buffer, regions.hints);
            // What the message covers can't be clicked.
            drawn.spots.retain(|(area, _)| area.intersection(regions.hints).is_empty());
            put(buffer, regions.hints, 0, &Line::from(scene.span(format!("   {rest}"), Role::Toast)));
        }
        Line::from(vec![scene.span(format!(" {sign} "), role), scene.span(first, Role::Toast)])
    } else {
        chosen(scene)
    };
    put(buffer, left, 0, &line);
}

/// A message in the status line, and what does not fit there in the row of the hints below it. The list of
/// messages has it in full.
fn in_rows(scene: &Scene<'_>, text: &str, room: usize, below: Rect) -> (String, Option<String>) {
    let text = SafeText::line(text);
    let ellipsis = scene.symbols().ellipsis;
    if wrap::width(text.as_str()) <= room || below.height == 0 {
        return (wrap::clip(text.as_str(), room, ellipsis).into_owned(), None);
    }
    let mut rows = wrap::wrap(&text, room).into_iter();
    let first = rows.next().unwrap_or_default();
    let rest = rows.collect::<Vec<_>>().join(" ");
    let room = usize::from(below.width).saturating_sub(4);
    (first.trim_end().to_owned(), Some(wrap::clip(&rest, room, ellipsis).into_owned()))
}

/// What is marked, and how much of it is out of sight.
fn chosen<'a>(scene: &Scene<'a>) -> Line<'a> {
    let inbox = &scene.model.inbox;
    if !inbox.has_chosen() {
        return Line::default();
    }
    let (count, hidden) = inbox.chosen_counts();
    let mut text = format!("{count} marked");
    if hidden > 0 {
        text.push_str(&format!(", {hidden} of them not in view"));
    }
    if inbox.is_ranging() {
        text.push_str(", range open");
    }
    Line::from(vec![
        scene.span(format!(" {} ", scene.symbols().marked), Role::Marked),
        scene.span(text, Role::Strong),
        scene.span(scene.dot(), Role::Muted),
        scene.span("decisions act on all of them", Role::Muted),
    ])
}

/// Work under way: what, how far, since when.
fn work<'a>(scene: &Scene<'a>) -> Line<'a> {
    let model = scene.model;
    if model.writing {
        return Line::from(vec![
            scene.span(scene.symbols().running, Role::Info),
            scene.span(" writing to memory ", Role::Muted),
        ]);
    }
    // The dreams screen shows it in full.
    let elsewhere = model.dreams.running.as_ref().filter(|_| model.screen != Screen::Dreams);
    let Some(running) = elsewhere else { return Line::default() };
    let name = Scene::safe(model.inbox.name(&running.agent));
    let progress = &running.progress;
    if model.calm {
        return scene.line(format!("a dream runs for {name} "), Role::Muted);
    }
    let far =
        if progress.total > 0 { format!(" {}/{}", progress.done, progress.total) } else { String::new() };
    let stage = if running.stopping { "stopping" } else { progress.stage.as_str() };
    let seconds = format::duration(model.now.duration_since(running.since));
    Line::from(vec![
        scene.span(format!("{} ", scene.symbols().running), Role::Info),
        scene.span(
            format!(
                "{stage}{far}{}{}{}{seconds} ",
                scene.dot(),
                wrap::clip(&name, 24, scene.symbols().ellipsis),
                scene.dot()
            ),
            Role::Muted,
        ),
    ])
}

/// The text field of the topmost overlay that has one at the bottom: label, field, remark.
fn field<'a>(scene: &Scene<'a>) -> Option<(String, &'a LineEdit, String)> {
    match scene.model.overlay()? {
        Overlay::Command(line) => {
            let hint = line
                .problem
                .clone()
                .unwrap_or_else(|| line.candidates.iter().take(12).cloned().collect::<Vec<_>>().join("  "));
            Some((":".to_owned(), &line.input, hint))
        }
        Overlay::Prompt(prompt) => {
            let (label, hint) = match &prompt.ask {
                PromptKind::Filter { .. } => (
                    "filter ".to_owned(),
                    format!(
                        "{} shown{}agent: topic: kind: support:>=10 flag: state: path: -not",
                        scene.model.inbox.counts().visible,
                        scene.dot()
                    ),
                ),
                PromptKind::Search { .. } => {
                    let hint = match scene.model.detail.match_position() {
                        Some((_, count)) => format::counted(count as u64, "line"),
                        None => String::new(),
                    };
                    ("search ".to_owned(), hint)
                }
                PromptKind::TranscriptSearch { .. } => {
                    let position = scene.model.overlays.iter().find_map(|overlay| match overlay {
                        Overlay::Transcript(pane) => pane.match_position(),
                        _ => None,
                    });
                    let part = scene.model.overlays.iter().any(|overlay| match overlay {
                        Overlay::Transcript(pane) => pane.is_a_part(),
                        _ => false,
                    });
                    let hint = position.map(|(at, count)| match count {
                        0 if part => "none yet; Enter looks through all of it".to_owned(),
                        0 => "no match".to_owned(),
                        _ => format!("{at} of {count}"),
                    });
                    ("search ".to_owned(), hint.unwrap_or_default())
                }
                PromptKind::AuditSearch { .. } => {
                    ("search ".to_owned(), "who, what, lesson, document, note".to_owned())
                }
                PromptKind::ExportAudit => {
                    let hint = "JSON lines; no name copies them, no file is replaced";
                    ("write to file ".to_owned(), hint.to_owned())
                }
                PromptKind::Threshold => ("at least how many examples? ".to_owned(), String::new()),
                PromptKind::Reason { lessons } => {
                    let what = format::counted(lessons.len() as u64, "lesson");
                    (format!("reject {what} because "), String::new())
                }
            };
            // Where that is not known, the old text goes unseen behind the new.
            let hint =
                if prompt.input.is_selected() { "typing replaces it, End keeps it".to_owned() } else { hint };
            Some((label, &prompt.input, prompt.problem.clone().unwrap_or(hint)))
        }
        _ => None,
    }
}

fn draw_field(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    (label, input, hint): (&str, &LineEdit, &str),
    drawn: &mut Drawn,
) {
    if area.height == 0 {
        return;
    }
    let width = usize::from(area.width);
    let used = draw_input(buffer, area, scene, label, input, drawn);
    let room = width.saturating_sub(used + 4);
    if room >= 8 {
        let hint = wrap::clip(&Scene::safe(hint), room, scene.symbols().ellipsis).into_owned();
        put_right(buffer, area, 0, &scene.line(format!("{hint} "), Role::Hint));
    }
}

/// Draws a label and a text field into the first row of an area and puts the cursor there; gives
/// the cells used.
pub fn draw_input(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    label: &str,
    input: &LineEdit,
    drawn: &mut Drawn,
) -> usize {
    let label = format!(" {label}");
    let (before, after) = input.around_cursor();
    let room = usize::from(area.width).saturating_sub(wrap::width(&label) + 1);
    // A long text is shown from where the cursor still fits.
    let safe = Scene::safe(before);
    let shown = wrap::end(&safe, room);
    let column = wrap::width(&label) + wrap::width(shown);
    let rest = Scene::safe(after);
    let style = scene.style(Role::Input);
    let style = if input.is_selected() { scene.theme.selected(style, true) } else { style };
    let line = Line::from(vec![
        Span::styled(label, scene.style(Role::Key)),
        Span::styled(format!("{shown}{rest}"), style),
    ]);
    put(buffer, area, 0, &line);
    let x = area.x + (column as u16).min(area.width.saturating_sub(1));
    drawn.cursor = Some(Position::new(x, area.y));
    drawn.typing = true;
    line.width().min(usize::from(area.width))
}
