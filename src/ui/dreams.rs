//! The dreams screen: the pass that runs, the passes there were, and what is known of one.
//!
//! Owns: rows and facts of passes. Must not know: engines.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::Action;
use crate::app::data::DreamSummary;
use crate::app::spot::Spot;
use crate::domain::dream::DreamStatus;

use super::pane::{Pane, gauge, put, tint};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{dream_facts, format, layout, wrap};

/// Draws the screen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    let running = running(scene, usize::from(body.width.saturating_sub(4)));
    let count = model.dreams.list.len();
    // The list takes what it needs, what is known of the selected pass the rest.
    let wanted = count + running.len() + 2;
    let least = 4 + running.len() as u16;
    let most = if body.height >= 13 { (body.height / 2).max(least) } else { body.height };
    let (list, facts) = layout::split_top(body, (wanted as u16).max(least).min(most));
    let rows = usize::from(list.height.saturating_sub(2)).saturating_sub(running.len());
    let selected = model.dreams.selection.index().min(count.saturating_sub(1));
    surface.tops.dreams = layout::scroll_to_show(surface.tops.dreams, selected, count, rows.max(1));
    let frame = Pane {
        title: scene.line(format::counted(count as u64, "dream"), Role::Title),
        focused: true,
        scroll: Some((surface.tops.dreams, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, list, scene.theme);
    drawn.viewport.list = rows;
    for (row, line) in running.iter().enumerate() {
        put(buffer, inside, row, line);
    }
    if count == 0 && running.is_empty() {
        let text = format!(
            "  No dream has run yet. {}  runs one: it reads sessions and proposes lessons.",
            scene.key(Action::DreamRun)
        );
        put(buffer, inside, 1, &scene.line(text, Role::Muted));
    }
    for (index, summary) in model.dreams.list.iter().enumerate().skip(surface.tops.dreams).take(rows) {
        let row = running.len() + index - surface.tops.dreams;
        let current = index == selected;
        put(buffer, inside, row, &line(scene, summary, current, usize::from(inside.width)));
        drawn.row_is(inside, row, Spot::Dream(index));
        if current {
            tint(buffer, inside, row, scene.style(Role::Selection));
            drawn.cursor = Some(Position::new(inside.x, inside.y + row as u16));
        }
    }
    dream_facts::draw(buffer, facts, scene, drawn);
}

/// The pass under way: stage, bar, time.
fn running<'a>(scene: &Scene<'a>, width: usize) -> Vec<Line<'a>> {
    let model = scene.model;
    let Some(running) = &model.dreams.running else { return Vec::new() };
    let progress = &running.progress;
    let stage = if running.stopping { "stopping".to_owned() } else { progress.stage.clone() };
    let name = Scene::safe(model.inbox.name(&running.agent));
    let mut spans = vec![
        scene.span(format!(" {} ", scene.symbols().running), Role::Info),
        scene.span(wrap::clip(&name, 28, scene.symbols().ellipsis).into_owned(), Role::Strong),
        scene.span(format!("  {stage} "), Role::Text),
    ];
    if progress.total > 0 {
        let cells = (width / 4).clamp(6, 30);
        spans.extend(gauge(progress.done, progress.total, cells, scene.theme));
        spans.push(scene.span(format!(" {}/{}", progress.done, progress.total), Role::Text));
    }
    let seconds = format::duration(model.now.duration_since(running.since));
    spans.push(scene.span(format!("  {seconds}"), Role::Muted));
    vec![Line::from(spans), Line::default()]
}

fn sign<'a>(scene: &Scene<'a>, status: DreamStatus) -> (&'a str, Role) {
    let symbols = scene.symbols();
    match status {
        DreamStatus::Completed => (symbols.yes, Role::Good),
        DreamStatus::Failed => (symbols.no, Role::Bad),
        DreamStatus::Canceled => (symbols.mention, Role::Muted),
        DreamStatus::Running | DreamStatus::Pending => (symbols.running, Role::Info),
    }
}

fn line<'a>(scene: &Scene<'a>, summary: &DreamSummary, current: bool, width: usize) -> Line<'a> {
    let dream = &summary.dream;
    let symbols = scene.symbols();
    let (sign, role) = sign(scene, dream.status);
    let when = format::day_and_time(dream.started, scene.model.now, &scene.model.zone);
    let outcome = match dream.status {
        DreamStatus::Completed => {
            let tally = scene.model.inbox.of_dream(&dream.id);
            let mut text = format::counted(u64::from(summary.lessons), "lesson");
            if tally.to_review > 0 {
                text.push_str(&format!(", {} to review", tally.to_review));
            } else if tally.below > 0 {
                text.push_str(&format!(", {} below {}", tally.below, scene.model.inbox.threshold()));
            }
            text
        }
        status => status.as_str().to_owned(),
    };
    let (read, engine) = match &dream.manifest {
        Some(manifest) if manifest.fitted.is_some() => (String::new(), "by hand"),
        Some(manifest) => {
            let read = format!("{} read", format::counted(manifest.read.len() as u64, "session"));
            (read, dream.engine.as_str())
        }
        None => (String::new(), dream.engine.as_str()),
    };
    // Cursor and sign, when, outcome; then what there is room for.
    let (with_read, with_engine) = (width >= 84, width >= 60);
    let (moment, result) = (14, 28);
    let others = 3 + moment + 2 + result + if with_read { 20 } else { 0 } + if with_engine { 10 } else { 0 };
    let name_room = width.saturating_sub(others).clamp(8, 40);
    let name = wrap::fit(&Scene::safe(scene.model.inbox.name(&dream.agent)), name_room, symbols.ellipsis);
    let outcome_room = result.min(width.saturating_sub(3 + moment + 2 + name_room));
    let mut spans = vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(sign, role),
        Span::raw(" "),
        scene.span(name, Role::Text),
        scene.span(format!(" {when:>13}  "), Role::Muted),
        scene.span(wrap::fit(&outcome, outcome_room, symbols.ellipsis), Role::Text),
    ];
    if with_read {
        spans.push(scene.span(format!("{read:>18}  "), Role::Muted));
    }
    if with_engine {
        spans.push(scene.span(format!(" {engine}"), Role::Muted));
    }
    Line::from(spans)
}
