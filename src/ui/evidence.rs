//! The evidence of a lesson: a strip below its text, or a page of its own.
//!
//! Owns: how a place in a session is shown in one row, and the whole quote of the selected one.
//! Must not know: transcripts.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::app::Pane as Focus;
use crate::app::data::LessonDetail;
use crate::app::spot::Spot;
use crate::domain::evidence::{Evidence, Stance, Support};
use crate::domain::ids::SessionId;
use crate::domain::text::SafeText;

use super::pane::{Pane, put, tint};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, wrap};

/// Lines of the selected quote that are shown at most.
const QUOTE_LINES: usize = 6;

/// `31 sessions support · 2 contradict · 7 mention`, and how that lies in time where there is room.
#[must_use]
pub fn summary<'a>(scene: &Scene<'a>, support: &Support, room: usize) -> Line<'a> {
    let Some(sessions) = support.sessions else {
        return scene.line("rests on the memory itself", Role::Muted);
    };
    let mut spans = vec![scene.span(
        format!(
            "{} support{}",
            format::counted(u64::from(sessions), "session"),
            if sessions == 1 { "s" } else { "" }
        ),
        Role::Support,
    )];
    for (count, word, role) in
        [(support.contradict, "contradict", Role::Contradict), (support.mention, "mention", Role::Mention)]
    {
        if count > 0 {
            spans.push(scene.span(scene.dot(), Role::Muted));
            spans.push(scene.span(format!("{count} {word}"), role));
        }
    }
    let used: usize = spans.iter().map(ratatui::text::Span::width).sum();
    let over_time = over_time(scene).map(|bars| format!("{}{bars}", scene.dot()));
    if let Some(over_time) = over_time.filter(|bars| used + wrap::width(bars) <= room) {
        spans.push(scene.span(over_time, Role::Muted));
    }
    Line::from(spans)
}

/// `16 Feb ▂·▅▇ 1 Mar`: in which part of the time the supporting places lie; `None` within one day.
fn over_time(scene: &Scene<'_>) -> Option<String> {
    const BARS: i64 = 12;
    let content = scene.model.detail.content()?;
    let supports = content.evidence.iter().filter(|e| e.stance == Stance::Support && e.status.counts());
    let mut days: Vec<jiff::civil::Date> = supports
        .filter_map(|evidence| evidence.place.at)
        .map(|at| at.to_zoned(scene.model.zone.clone()).date())
        .collect();
    days.sort_unstable();
    let (first, last) = (*days.first()?, *days.last()?);
    let span = i64::from((last - first).get_days());
    if span == 0 {
        return None;
    }
    let (from, to) = (first.strftime("%-d %b"), last.strftime("%-d %b"));
    if scene.symbols().words {
        return Some(format!("from {from} to {to}"));
    }
    let bars = (span + 1).min(BARS);
    let mut counts = vec![0_usize; bars as usize];
    for day in days {
        let at = i64::from((day - first).get_days()) * bars / (span + 1);
        if let Some(count) = usize::try_from(at).ok().and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let heights = scene.symbols().heights;
    let bar = |count: &usize| match (count * heights.len()).div_ceil(most) {
        0 => scene.symbols().dot,
        height => heights.get(height - 1).copied().unwrap_or_default(),
    };
    let shown: String = counts.iter().map(bar).collect();
    Some(format!("{from} {shown} {to}"))
}

/// Draws the evidence as a page of its own.
pub fn draw_page(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let Some(entry) = scene.model.inbox.current() else { return };
    let count = scene.model.detail.content().map_or(0, |content| content.evidence.len());
    let frame = Pane {
        title: summary(scene, &entry.lesson.support, usize::from(area.width).saturating_sub(6)),
        bottom: scene.line(Scene::safe(&scene.spelled(&entry.lesson.statement)), Role::Muted),
        focused: true,
        scroll: Some((surface.tops.evidence, usize::from(area.height.saturating_sub(2)), count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    draw_rows(buffer, inside, scene, surface, drawn);
}

/// Draws the rows.
pub fn draw_rows(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let model = scene.model;
    drawn.viewport.evidence = usize::from(area.height);
    let Some(content) = model.detail.content() else { return };
    let focused = model.pane == Focus::Evidence;
    let selected = model.detail.evidence;
    let quote = content
        .evidence
        .get(selected)
        .filter(|_| focused)
        .map(|evidence| opened(evidence, usize::from(area.width)))
        .unwrap_or_default();
    // The opened quote takes rows of its own below its line.
    let height = usize::from(area.height).saturating_sub(quote.len()).max(1);
    let top = if focused {
        layout::scroll_to_show(surface.tops.evidence, selected, content.evidence.len(), height)
    } else {
        0
    };
    surface.tops.evidence = top;
    let mut row = 0;
    for (index, evidence) in content.evidence.iter().enumerate().skip(top) {
        if row >= usize::from(area.height) {
            break;
        }
        let current = focused && index == selected;
        let open = current && quote.len() > 1;
        put(buffer, area, row, &line(scene, content, evidence, (current, open), usize::from(area.width)));
        drawn.row_is(area, row, Spot::Evidence(index));
        if current {
            tint(buffer, area, row, scene.style(Role::Selection));
            drawn.cursor = Some(Position::new(area.x, area.y + row as u16));
        }
        row += 1;
        if open {
            for text in &quote {
                put(buffer, area, row, &scene.line(format!("    {text}"), Role::Quote));
                row += 1;
            }
        }
    }
}

/// The whole quote of the selected row, wrapped; cut with a mark where it is very long.
fn opened(evidence: &Evidence, width: usize) -> Vec<String> {
    let mut lines = wrap::wrap(&SafeText::block(evidence.quote.trim()), width.saturating_sub(6).max(10));
    if lines.len() > QUOTE_LINES {
        lines.truncate(QUOTE_LINES);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines
}

/// A name that people gave in full; of one that a machine made the beginning, or the end where it is the
/// platform's, whose ids of one day all begin alike.
fn session_name(id: &str) -> String {
    const GIVEN: usize = 16;
    const SHOWN: usize = 8;
    let length = id.chars().count();
    match length {
        ..=GIVEN => id.to_owned(),
        _ if id.starts_with("sesn_") => id.chars().skip(length - SHOWN).collect(),
        _ => id.chars().take(SHOWN).collect(),
    }
}

/// The name of a session; where those of several agents are listed, with its agent.
fn session(scene: &Scene<'_>, content: &LessonDetail, id: &SessionId) -> String {
    let inbox = &scene.model.inbox;
    let Some(of) = inbox.entry(&content.lesson).map(|entry| &entry.lesson.agent) else {
        return session_name(&Scene::safe(id.as_str()));
    };
    let (agent, own) = SessionId::owned(of, id);
    let name = session_name(&Scene::safe(own.as_str()));
    if agent.as_ref() == of {
        name
    } else {
        format!("{name}{}{}", scene.dot(), Scene::safe(inbox.name(&agent)))
    }
}

/// `✓ Tue 17 Feb · 8cd2424f · “can you cancel …”`.
fn line<'a>(
    scene: &Scene<'a>,
    content: &LessonDetail,
    evidence: &Evidence,
    (current, open): (bool, bool),
    width: usize,
) -> Line<'a> {
    let ending = content.endings.get(&evidence.place.session);
    let symbols = scene.symbols();
    // What was taken out of all counts by a person is no mention.
    let out = content.quarantined.contains(&evidence.place.session);
    let (sign, role) = match evidence.stance {
        _ if out => (symbols.remove, Role::Muted),
        Stance::Support => (symbols.yes, Role::Support),
        Stance::Contradict => (symbols.no, Role::Contradict),
        Stance::Mention => (symbols.mention, Role::Mention),
    };
    let when = evidence.place.at.map_or_else(|| "no date".to_owned(), |at| scene.moment(at));
    let session = session(scene, content, &evidence.place.session);
    let counts = evidence.status.counts() || evidence.stance == Stance::Mention;
    let caveat = match counts {
        _ if out => format!("{}in quarantine, not counted", scene.dot()),
        true => String::new(),
        false => format!("{}not counted", scene.dot()),
    };
    let ending =
        ending.map(|ending| format!("{}{}", scene.dot(), if ending.passed { "passed" } else { "failed" }));
    let ending = ending.unwrap_or_default();
    // It was verified while the session was there, and counts on; it can't be opened any more.
    let gone = content.gone.contains(&evidence.place.session);
    let gone = if gone { format!("{}session gone", scene.dot()) } else { String::new() };
    let head = format!("{when:>12}{}{session}{ending}{gone}{caveat}", scene.dot());
    let sign = match evidence.stance {
        _ if !symbols.words => sign,
        _ if out => "",
        Stance::Support => " supports",
        Stance::Contradict => " contradicts",
        Stance::Mention => " mentions",
    };
    let mut spans = vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(sign, role),
        scene.span(format!(" {head}"), Role::Muted),
    ];
    if !open {
        spans.push(scene.span(scene.dot(), Role::Muted));
        let room = width.saturating_sub(2 + wrap::width(sign) + wrap::width(&head) + 5);
        let quote = Scene::safe(&scene.spelled(evidence.quote.trim()));
        let quote = wrap::clip(&quote, room, symbols.ellipsis).into_owned();
        let (open, close) = if symbols.ascii { ("\"", "\"") } else { ("“", "”") };
        spans.push(scene.span(format!("{open}{quote}{close}"), Role::Quote));
    }
    Line::from(spans)
}
