//! One lesson: what it says, what to beware of, the memory now and with it, what it rests on.
//!
//! Owns: how the pane is shared between these. Must not know: how diffs are painted.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::data::{Compare, MemorySize};
use crate::app::inbox::Entry;
use crate::app::spot::Spot;
use crate::app::{Action, Pane as Focus};
use crate::domain::count_line;
use crate::domain::decision::Verdict;
use crate::domain::lesson::{Change, Severity};
use crate::domain::phrase::Phrase;
use crate::domain::text::SafeText;

use super::pane::{self, Pane, gauge, put};
use super::phrases::{self, Between};
use super::surface::{PaintJob, PaintKey, Subject, Surface, Texts};
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{evidence, format, inbox, layout, wrap};

/// Guard marks shown at most; the rest are counted.
const MARKS: usize = 3;
/// Lines that a remark may take that forbids to write the lesson.
const BLOCKING: usize = 3;
/// Rows of the pane from which on more than the first line on the count is shown; the rest is a key away.
const COUNT_LINES: usize = 20;
/// Rows the text needs before anything else gets any.
const LEAST_TEXT: u16 = 4;
/// Rows the text needs where there are enough to share.
const COMFORTABLE_TEXT: u16 = 6;
/// Rows of the pane from which on a row separates what is said of the lesson from its text.
const SEPARATED: usize = 16;

/// Draws the pane; `with_evidence` puts the evidence below the text.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    surface: &mut Surface,
    drawn: &mut Drawn,
    with_evidence: bool,
) {
    let model = scene.model;
    let Some(entry) = model.inbox.current() else {
        Pane::default().draw(buffer, area, scene.theme);
        return;
    };
    let focused = model.pane == Focus::Lesson;
    let places = model.detail.content().map_or(0, |content| content.evidence.len());
    let inner_width = usize::from(area.width.saturating_sub(2));
    let mut head = head(scene, entry, inner_width, usize::from(area.height));
    let least = if usize::from(area.height) >= SEPARATED { COMFORTABLE_TEXT } else { LEAST_TEXT };
    let head_rows = (head.len() as u16).min(area.height.saturating_sub(2 + least));
    if head.len() > usize::from(head_rows) && head_rows > 0 {
        head.truncate(usize::from(head_rows) - 1);
        head.push(scene.line(format!("    {} shows more remarks", scene.key(Action::Explain)), Role::Muted));
    }
    let painted = surface.lesson.as_ref().map_or(0, |painting| painting.painted.lines.len());
    let evidence_rows =
        evidence_rows(scene, area.height.saturating_sub(2 + head_rows), places, with_evidence, painted);
    let text_rows = area.height.saturating_sub(2 + head_rows + evidence_rows);
    let frame = Pane {
        title: title(scene, entry),
        right: what(scene, entry),
        bottom: footer(scene, entry),
        bottom_right: position(scene, usize::from(text_rows)),
        focused: focused || (model.pane == Focus::Evidence && with_evidence),
        scroll: Some((model.detail.scroll, usize::from(text_rows), painted)).filter(|_| evidence_rows == 0),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    for (row, line) in head.iter().take(usize::from(head_rows)).enumerate() {
        put(buffer, inside, row, line);
    }
    let (_, below) = layout::split_top(inside, head_rows);
    let (text, rest) = layout::split_top(below, below.height.saturating_sub(evidence_rows));
    drawn.spots.push((inside, Spot::Pane(Focus::Lesson)));
    for (line, fold) in &model.detail.painted().folds {
        if let Some(row) = line.checked_sub(model.detail.scroll) {
            drawn.row_is(text, row, Spot::Fold(*fold));
        }
    }
    draw_text(buffer, text, scene, surface, drawn);
    if focused && drawn.cursor.is_none() {
        drawn.cursor = Some(Position::new(text.x, text.y));
    }
    if evidence_rows > 0 {
        let on_evidence = model.pane == Focus::Evidence;
        let summary = evidence::summary(scene, &entry.lesson.support, inner_width.saturating_sub(4));
        pane::rule(buffer, area, rest.y, &summary, focused || on_evidence, scene.theme);
        let (_, rows) = layout::split_top(rest, 1);
        evidence::draw_rows(buffer, rows, scene, surface, drawn);
    }
}

/// Rows for the evidence with its rule: a few while it is only looked at, half the pane while it is worked in, and
/// every row that the text leaves.
fn evidence_rows(scene: &Scene<'_>, room: u16, places: usize, wanted: bool, text: usize) -> u16 {
    if !wanted || places == 0 || room < LEAST_TEXT + 3 {
        return 0;
    }
    let most = if scene.model.pane == Focus::Evidence { room / 2 } else { (room / 4).clamp(2, 6) };
    // Before the text is there nobody knows how much it needs.
    let spare = if text == 0 { 0 } else { usize::from(room).saturating_sub(text + 2) as u16 };
    let most = most.max(spare);
    let asked = if scene.model.pane == Focus::Evidence { places + 7 } else { places };
    (asked.min(usize::from(u16::MAX)) as u16 + 1).min(most + 1).min(room - LEAST_TEXT)
}

/// What it changes.
pub(super) fn title<'a>(scene: &Scene<'a>, entry: &Entry) -> Line<'a> {
    let symbols = scene.symbols();
    let documents = &entry.lesson.documents;
    let text = match documents.as_slice() {
        [] => "no document".to_owned(),
        [only] => {
            let path = Scene::safe(only.path.as_str());
            match &only.change {
                Change::Created => format!("{path} (new)"),
                Change::Deleted => format!("{path} (goes)"),
                Change::Modified => path,
                Change::Renamed(old) => format!("{} {} {path}", Scene::safe(old.as_str()), symbols.right),
            }
        }
        [first, rest @ ..] => format!("{} and {} more", Scene::safe(first.path.as_str()), rest.len()),
    };
    let edited = scene.model.detail.content().is_some_and(|content| !content.edited.is_empty());
    let to = symbols.right;
    let what = match scene.model.detail.compare() {
        Compare::Change if edited => format!(": memory {to} your text"),
        Compare::Change => String::new(),
        Compare::Edit => format!(": proposal {to} your text"),
        Compare::Proposal => format!(": memory {to} proposal"),
        Compare::Since => ", since it was decided".to_owned(),
    };
    let read = if scene.model.detail.style.final_text { ", as the agent reads it" } else { "" };
    scene.line(text + &what + read, Role::Title)
}

/// What kind of change it is, and what it is about.
pub(super) fn what<'a>(scene: &Scene<'a>, entry: &Entry) -> Line<'a> {
    let lesson = &entry.lesson;
    let (sign, role) = inbox::kind_sign(scene, lesson.kind);
    let sign = if scene.symbols().words { String::new() } else { format!("{sign} ") };
    let mut text = format!("{}{}{}", lesson.kind.as_str(), scene.dot(), lesson.topic.as_str());
    if lesson.cosmetic {
        text.push_str(&scene.dot());
        text.push_str("cosmetic");
    }
    Line::from(vec![scene.span(sign, role), scene.span(text, Role::Muted)])
}

/// The statement, where the lesson stands, what it rests on, and what to beware of.
fn head<'a>(scene: &Scene<'a>, entry: &Entry, width: usize, height: usize) -> Vec<Line<'a>> {
    let lesson = &entry.lesson;
    let room = width.saturating_sub(2).max(8);
    let mut lines = statement(scene, entry, room, if height < 16 { 2 } else { 4 });
    lines.push(standing(scene, entry, width));
    if height >= COUNT_LINES {
        let support = &lesson.support;
        for parts in [count_line::against(support), count_line::confirmed(support)] {
            let text = format!(" {}", fitted(scene, &parts, width.saturating_sub(1)));
            lines.extend((!parts.is_empty()).then(|| scene.line(text, Role::Muted)));
        }
    }
    lines.extend(last_decision(scene).map(|line| pane::clip_line(&line, width, scene.symbols().ellipsis)));
    // Where there is room, or little to say, a remark is read to its end.
    let rows = if height >= 28 || lesson.marks.len() == 1 { 2 } else { 1 };
    lines.extend(marks(scene, entry, room, rows));
    lines.extend(kept(scene, room, if height < 16 { 1 } else { 3 }));
    for remark in scene.model.detail.content().into_iter().flat_map(|content| &content.remarks) {
        let said = wrap::wrap(&SafeText::line(remark), room.saturating_sub(3));
        for (index, text) in said.into_iter().take(if height < 16 { 1 } else { 3 }).enumerate() {
            let sign = if index == 0 && !scene.symbols().words { scene.symbols().warn } else { "" };
            lines.push(scene.line(format!(" {sign:<2} {text}"), Role::Conflict));
        }
    }
    lines.extend(way_to_fit(scene, room));
    if height >= SEPARATED {
        lines.push(stands_under(scene, width));
    }
    lines
}

/// The note that stays where one goes that says the same: it is what the reviewer has to judge, and may stand in
/// another document.
pub(super) fn kept<'a>(scene: &Scene<'a>, room: usize, rows: usize) -> Vec<Line<'a>> {
    let Some(kept) = scene.model.detail.content().and_then(|content| content.kept.as_ref()) else {
        return Vec::new();
    };
    let sign = if scene.symbols().words { "" } else { scene.symbols().right };
    let said = wrap::wrap(&SafeText::line(&scene.spelled(kept)), room.saturating_sub(3));
    let lines = said.iter().take(rows).enumerate().map(|(index, text)| {
        let more = if index + 1 == rows && said.len() > rows { scene.symbols().ellipsis } else { "" };
        let text = wrap::clip(text, room.saturating_sub(3 + wrap::width(more)), "").into_owned() + more;
        scene.line(format!(" {:<2} {text}", if index == 0 { sign } else { "" }), Role::DiffMovedNote)
    });
    lines.collect()
}

/// The keys that make a lesson fit which collides.
fn way_to_fit<'a>(scene: &Scene<'a>, room: usize) -> Option<Line<'a>> {
    scene.model.detail.content()?.to_fit.as_ref()?;
    let (fit, edit) = (scene.key(Action::Fit), scene.key(Action::Edit));
    let text = format!("{fit} makes it fit part by part, {edit} edits all sides");
    let text = wrap::clip(&text, room.saturating_sub(3), scene.symbols().ellipsis).into_owned();
    Some(scene.line(format!("    {text}"), Role::Muted))
}

/// What it says, in at most so many lines of `room` cells; cut with a mark at the end where that is too few.
pub(super) fn statement<'a>(scene: &Scene<'a>, entry: &Entry, room: usize, most: usize) -> Vec<Line<'a>> {
    let statement = wrap::wrap(&SafeText::line(&scene.spelled(&entry.lesson.statement)), room);
    let lines = statement.iter().take(most).enumerate().map(|(index, text)| {
        let cut = index + 1 == most && statement.len() > most;
        let text = if cut {
            format!(" {}{}", wrap::clip(text, room - 1, ""), scene.symbols().ellipsis)
        } else {
            format!(" {text}")
        };
        scene.line(text, Role::Strong)
    });
    lines.collect()
}

/// What to beware of, in words: each remark in at most `rows` lines, and how many more there are.
pub(super) fn marks<'a>(scene: &Scene<'a>, entry: &Entry, room: usize, rows: usize) -> Vec<Line<'a>> {
    let lesson = &entry.lesson;
    let mut lines = Vec::new();
    for mark in lesson.marks.iter().take(MARKS) {
        let words = scene.symbols().words;
        let (sign, word, role) = match mark.severity {
            Severity::Block => ("!!", "must be edited first, ", Role::Bad),
            Severity::Warn => ("! ", "warning, ", Role::Warn),
            Severity::Info => (scene.symbols().mention, "remark, ", Role::Info),
        };
        let (sign, word) = if words { ("", word) } else { (sign, "") };
        // What forbids a lesson is read to its end.
        let rows = if mark.severity == Severity::Block { rows.max(BLOCKING) } else { rows };
        let text = SafeText::line(&scene.spelled(&format!("{word}{}: {}", mark.guard, mark.text)));
        let said = wrap::wrap(&text, room.saturating_sub(3));
        for (index, text) in said.iter().take(rows).enumerate() {
            let more = if index + 1 == rows && said.len() > rows { scene.symbols().ellipsis } else { "" };
            let text = wrap::clip(text, room.saturating_sub(3 + wrap::width(more)), "").into_owned() + more;
            let sign = if index == 0 { sign } else { "" };
            lines.push(Line::from(vec![scene.span(format!(" {sign:<2} "), role), scene.span(text, role)]));
        }
    }
    if lesson.marks.len() > MARKS {
        let more = crate::ui::format::counted((lesson.marks.len() - MARKS) as u64, "more remark");
        lines.push(scene.line(format!("    and {more}: {}", scene.key(Action::Explain)), Role::Muted));
    }
    lines
}

/// The heading that the text in view stands under, once that is scrolled out of view.
fn stands_under<'a>(scene: &Scene<'a>, width: usize) -> Line<'a> {
    let Some(heading) = scene.model.detail.heading_above() else { return Line::default() };
    let sign = if scene.symbols().words { "under" } else { scene.symbols().fold };
    let text =
        phrases::at_words(heading, width.saturating_sub(3 + wrap::width(sign)), scene.symbols().ellipsis);
    scene.line(format!(" {sign} {text}"), Role::DiffFold)
}

/// `accepted · 31 of 50 sessions ✓ verified · at least 41 % · established · 6 days`.
pub(super) fn standing<'a>(scene: &Scene<'a>, entry: &Entry, width: usize) -> Line<'a> {
    let lesson = &entry.lesson;
    let mut spans = vec![Span::raw(" ")];
    let (sign, role) = inbox::state_sign(scene, entry);
    if !entry.is_undecided() || entry.state() != crate::domain::lifecycle::State::Pending {
        let word = if entry.saving.is_some() { "saving" } else { entry.state().as_str() };
        let sign = if scene.symbols().words { String::new() } else { format!("{sign} ") };
        spans.push(scene.span(format!("{sign}{word}"), role));
        spans.push(scene.span(scene.dot(), Role::Muted));
    }
    let sign = match scene.symbols() {
        symbols if symbols.words => "",
        symbols if symbols.ascii => "+",
        _ => "✓",
    };
    let mut facts = count_line::counted(&lesson.support, lesson.tier, sign);
    if lesson.edited {
        // The places were found for what the dream wrote.
        facts.insert(1.min(facts.len()), Phrase::new("edited: counted for the text as proposed", "edited"));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(scene.span(fitted(scene, &facts, width.saturating_sub(used)), Role::Muted));
    Line::from(spans)
}

/// What there is room for, and the key that shows the rest.
fn fitted(scene: &Scene<'_>, phrases: &[Phrase], cells: usize) -> String {
    let more = format!("{} more", scene.key(Action::Explain));
    let between = Between { dot: &scene.dot(), more: &more, ellipsis: scene.symbols().ellipsis };
    phrases::fit(phrases, between, cells)
}

/// `accept by owner 09:41: because …`.
fn last_decision<'a>(scene: &Scene<'a>) -> Option<Line<'a>> {
    let content = scene.model.detail.content()?;
    if let Some((by, at)) = &content.taken_back {
        let said = format!(" taken out of the memory by {} {}", Scene::safe(by), scene.moment(*at));
        return Some(scene.line(said, Role::Muted));
    }
    let decision = content.decision.as_ref()?;
    let verdict = match &decision.verdict {
        Verdict::Accept => "accepted".to_owned(),
        Verdict::Reject => "rejected".to_owned(),
        Verdict::Snooze { until } => format!("snoozed until {}", scene.moment(*until)),
        Verdict::Edit { text: Some(_) } => "edited".to_owned(),
        Verdict::Edit { text: None } => "put back to the proposal".to_owned(),
        Verdict::Reopen => "reopened".to_owned(),
    };
    let mut said = format!(" {verdict} by {} {}", Scene::safe(&decision.by), scene.moment(decision.at));
    if let Some(reason) = &decision.reason {
        said.push_str(": ");
        said.push_str(&Scene::safe(reason));
    }
    Some(scene.line(said, Role::Muted))
}

/// `+38 tokens · memory 41k / 50k ▇▇▇▇▇▇▇`.
fn footer<'a>(scene: &Scene<'a>, entry: &Entry) -> Line<'a> {
    let mut spans =
        vec![scene.span(format!("{} tokens", format::token_change(entry.lesson.tokens)), Role::Muted)];
    let size: Option<MemorySize> = scene.model.detail.content().and_then(|content| content.memory);
    let budget = scene.model.agents.get(&entry.lesson.agent).map(|summary| summary.agent.budget.store_tokens);
    if let (Some(size), Some(budget)) = (size, budget) {
        let text =
            format!("{}memory {} / {} ", scene.dot(), format::tokens(size.tokens), format::tokens(budget));
        spans.push(scene.span(text, Role::Muted));
        spans.extend(gauge(size.tokens, budget, 8, scene.theme));
    }
    Line::from(spans)
}

/// Where the reader is in the text, and in the matches of a search.
pub(super) fn position<'a>(scene: &Scene<'a>, rows: usize) -> Line<'a> {
    let detail = &scene.model.detail;
    let lines = detail.painted().rows.len();
    let mut parts = Vec::new();
    if let Some((at, count)) = detail.match_position() {
        parts.push(if count == 0 { "no match".to_owned() } else { format!("match {at} of {count}") });
    }
    if lines > rows.max(1) {
        let last = (detail.scroll + rows).min(lines);
        parts.push(format!("{}%", last * 100 / lines));
    }
    scene.line(parts.join(&scene.dot()), Role::Muted)
}

/// Draws the lines of its texts; asks for them where they are not painted yet.
pub(super) fn draw_text(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    surface: &Surface,
    drawn: &mut Drawn,
) {
    let model = scene.model;
    drawn.viewport.text = usize::from(area.height);
    if let Some(failure) = model.detail.failure() {
        let text = SafeText::block(&failure.to_string());
        let lines = wrap::wrap(&text, usize::from(area.width).saturating_sub(2).max(8));
        for (row, line) in lines.into_iter().enumerate() {
            put(buffer, area, row, &scene.line(format!(" {line}"), Role::Warn));
        }
        return;
    }
    let Some(content) = model.detail.content() else { return };
    if area.width == 0 || area.height == 0 {
        return;
    }
    let key = PaintKey {
        subject: Subject::Lesson(model.detail.revision()),
        width: area.width,
        style: layout::diff_style(model.detail.style, buffer.area.width, scene.symbols().words),
        search: model.detail.search.clone(),
        open_folds: model.detail.open_folds.clone(),
    };
    let ready = surface.lesson.as_ref();
    if ready.is_none_or(|painting| painting.key != key) {
        let texts = Texts::Lesson(content.clone(), model.detail.compare());
        drawn.wants = Some(PaintJob { key: key.clone(), texts });
    }
    // Lines of the same texts in another shape are better than none for one frame.
    let Some(painting) = ready.filter(|painting| painting.key.subject == key.subject) else { return };
    for (row, line) in
        painting.painted.lines.iter().skip(model.detail.scroll).take(usize::from(area.height)).enumerate()
    {
        put(buffer, area, row, line);
    }
    // All matches look alike; the line of the one the reader is at is told apart, without colour too.
    let at = model.detail.match_line().and_then(|line| line.checked_sub(model.detail.scroll));
    if let Some(row) = at.filter(|&row| row < usize::from(area.height)) {
        let line = Rect { y: area.y + row as u16, height: 1, ..area };
        buffer.set_style(line, Style::new().add_modifier(Modifier::UNDERLINED));
    }
}
