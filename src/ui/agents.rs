//! The agents screen: who there is, what waits, how full each memory is.
//!
//! Owns: the columns and which give way first. Must not know: where agents come from.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::Action;
use crate::app::data::AgentSummary;
use crate::app::spot::Spot;
use crate::domain::text::SafeText;

use super::pane::{Pane, gauge, put, tint};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{agent_facts, agent_words, format, layout, wrap};

/// Draws the screen.
pub fn draw(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    let count = model.agents.list.len();
    // The list takes what it needs, what is known of the selected agent the rest.
    let most = if body.height >= 13 { (body.height / 2).max(5) } else { body.height };
    let (list, facts) = layout::split_top(body, (count as u16).saturating_add(3).max(5).min(most));
    let rows = usize::from(list.height.saturating_sub(3));
    let selected = model.agents.selection.index().min(count.saturating_sub(1));
    surface.tops.agents = layout::scroll_to_show(surface.tops.agents, selected, count, rows.max(1));
    let frame = Pane {
        title: scene.line(format::counted(count as u64, "agent"), Role::Title),
        focused: true,
        scroll: Some((surface.tops.agents, rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, list, scene.theme);
    agent_facts::draw(buffer, facts, scene, drawn);
    drawn.viewport.list = rows;
    if count == 0 {
        let text = format!(
            "{} {}  looks again; `wakeful init` says where to look.",
            super::nothing::no_agent(scene),
            scene.key(Action::Sync)
        );
        let room = usize::from(inside.width).saturating_sub(4).max(8);
        for (row, line) in wrap::wrap(&SafeText::line(&text), room).into_iter().enumerate() {
            put(buffer, inside, row + 1, &scene.line(format!("  {line}"), Role::Muted));
        }
        return;
    }
    let width = usize::from(inside.width);
    let aloud = scene.symbols().words;
    if !aloud {
        put(buffer, inside, 0, &headings(scene, width));
    }
    for (index, summary) in model.agents.list.iter().enumerate().skip(surface.tops.agents).take(rows) {
        let row = 1 + index - surface.tops.agents;
        let current = index == selected;
        let line = if aloud { agent_words::line } else { line };
        put(buffer, inside, row, &line(scene, summary, current, width));
        drawn.row_is(inside, row, Spot::Agent(index));
        if current {
            tint(buffer, inside, row, scene.style(Role::Selection));
            drawn.cursor = Some(Position::new(inside.x, inside.y + row as u16));
        }
    }
}

/// Columns right of the name that fit: name, width, heading.
const COLUMNS: &[(Column, usize, &str)] = &[
    (Column::Waiting, 9, "waiting"),
    (Column::Memory, 24, "memory"),
    (Column::Accepted, 10, "accepted"),
    (Column::Sessions, 10, "sessions"),
    (Column::Dream, 15, "last dream"),
    (Column::Mode, 9, "mode"),
    (Column::Since, 12, "oldest"),
    (Column::Source, 13, "source"),
    (Column::Segment, 14, "segment"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Waiting,
    Memory,
    Accepted,
    Sessions,
    Dream,
    Mode,
    Since,
    Source,
    Segment,
}

/// The columns there is room for beside a name of decent length.
fn fitting(width: usize) -> (usize, Vec<(Column, usize, &'static str)>) {
    let mut room = width.saturating_sub(3 + 16);
    let mut columns = Vec::new();
    for &(column, cells, heading) in COLUMNS {
        if cells > room {
            break;
        }
        room -= cells;
        columns.push((column, cells, heading));
    }
    ((16 + room).min(48).min(width.saturating_sub(3)), columns)
}

fn headings<'a>(scene: &Scene<'a>, width: usize) -> Line<'a> {
    let (name, columns) = fitting(width);
    let mut text = format!("  {}", wrap::fit("agent", name, ""));
    for (_, cells, heading) in columns {
        text.push_str(&format!("{heading:>cells$}"));
    }
    scene.line(text, Role::Muted)
}

fn line<'a>(scene: &Scene<'a>, summary: &AgentSummary, current: bool, width: usize) -> Line<'a> {
    let symbols = scene.symbols();
    let (name_room, columns) = fitting(width);
    let name = wrap::fit(&Scene::safe(&summary.agent.name), name_room, symbols.ellipsis);
    let mut spans = vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        Span::raw(" "),
        scene.span(name, Role::Text),
    ];
    for (column, cells, _) in columns {
        let (text, role) = match column {
            Column::Memory => {
                spans.extend(memory(scene, summary, cells));
                continue;
            }
            Column::Waiting => {
                let tally = scene.model.inbox.of_agent(&summary.agent.id);
                let role = if tally.to_review > 0 { Role::Strong } else { Role::Muted };
                let below = if tally.below > 0 { format!(" +{}", tally.below) } else { String::new() };
                (format!("{}{below}", tally.to_review), role)
            }
            Column::Accepted => {
                let rate = scene.model.inbox.of_agent(&summary.agent.id).accepted_percent();
                (rate.map_or_else(String::new, |percent| format!("{percent} %")), Role::Text)
            }
            Column::Sessions => (summary.sessions.to_string(), Role::Text),
            Column::Dream => {
                (summary.last_dream.map_or_else(|| "never".to_owned(), |at| scene.moment(at)), Role::Muted)
            }
            Column::Mode => (summary.agent.mode.as_str().to_owned(), Role::Text),
            Column::Since => {
                let waited = summary.oldest.map(|at| format::duration(scene.model.now.duration_since(at)));
                (waited.unwrap_or_default(), Role::Muted)
            }
            Column::Source => (summary.agent.source.as_str().to_owned(), Role::Muted),
            Column::Segment => {
                (Scene::safe(summary.agent.segment.as_deref().unwrap_or_default()), Role::Muted)
            }
        };
        let text = wrap::clip(&text, cells - 1, symbols.ellipsis).into_owned();
        spans.push(Span::raw(" ".repeat(cells - wrap::width(&text))));
        spans.push(scene.span(text, role));
    }
    Line::from(spans)
}

/// `41k / 50k ▇▇▇▇▇▇··`.
fn memory<'a>(scene: &Scene<'a>, summary: &AgentSummary, cells: usize) -> Vec<Span<'a>> {
    let Some(size) = summary.memory else {
        return vec![scene.span(format!("{:>cells$}", "not read"), Role::Muted)];
    };
    let budget = summary.agent.budget.store_tokens;
    let text = format!("{} / {} ", format::tokens(size.tokens), format::tokens(budget));
    let mut spans = vec![scene.span(format!("{text:>width$}", width = cells - 8), Role::Text)];
    spans.extend(gauge(size.tokens, budget, 8, scene.theme));
    spans
}
