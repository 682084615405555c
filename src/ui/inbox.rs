//! The list of lessons, grouped by agent.
//!
//! Owns: the columns of a row and which give way when there is little room. Must not know: how
//! lessons are sorted or filtered.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crate::app::Pane as Focus;
use crate::app::digest;
use crate::app::inbox::{Entry, Group, Row};
use crate::app::overlay::{Overlay, PromptKind};
use crate::app::spot::Spot;
use crate::domain::lesson::{Kind, Lesson, RETURNED, Severity};
use crate::domain::lifecycle::State;
use crate::domain::phrase::Phrase;

use super::pane::{self, Pane, put, tint};
use super::phrases::{self, Between};
use super::surface::Surface;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, layout, nothing, wrap};

/// From this width on, a row names the document.
const WITH_PATH: usize = 88;

/// Widths that are the same for all rows of a frame.
struct Columns {
    support: usize,
    path: usize,
}

/// The list and, below it, the place for the lesson under the cursor, where there is room for both.
#[must_use]
pub fn shared(scene: &Scene<'_>, body: Rect) -> (Rect, Option<Rect>) {
    let inbox = &scene.model.inbox;
    if inbox.current().is_none() {
        return (body, None);
    }
    // While a filter is typed the list gets ever shorter; the border must not move with every letter.
    let typing = matches!(
        scene.model.overlay(),
        Some(Overlay::Prompt(prompt)) if matches!(prompt.ask, PromptKind::Filter { .. })
    );
    let moves = typing && !inbox.filter().text().is_empty();
    let rows = inbox.rows().len() + digest(scene, body).len() + 2;
    layout::peek(body, Some(rows).filter(|_| !moves))
}

/// Draws the list; `peeked` where the lesson under the cursor is shown below it.
pub fn draw(
    buffer: &mut Buffer,
    area: Rect,
    scene: &Scene<'_>,
    surface: &mut Surface,
    drawn: &mut Drawn,
    peeked: Option<Rect>,
) {
    let model = scene.model;
    let focused = model.pane == Focus::List;
    let rows = model.inbox.rows();
    let digest = digest(scene, peeked.map_or(area, |below| area.union(below)));
    let height = usize::from(area.height.saturating_sub(2)).saturating_sub(digest.len());
    let selected = model.inbox.current_row();
    // The heading above the first lesson belongs to it.
    let shown = selected.map_or(0, |row| if row == 1 { 0 } else { row });
    surface.tops.inbox = layout::scroll_to_show(surface.tops.inbox, shown, rows.len(), height.max(1));
    if let Some(row) = selected.filter(|&row| row >= surface.tops.inbox + height.max(1)) {
        surface.tops.inbox = (row + 1).saturating_sub(height.max(1));
    }
    let top = surface.tops.inbox;
    let sorting = sorting(scene);
    let cells =
        usize::from(area.width).saturating_sub(4 + sorting.width() + 3 * usize::from(sorting.width() > 0));
    let frame = Pane {
        title: title(scene, cells),
        right: sorting,
        // Else it stands at the bottom of what is below.
        bottom: if peeked.is_none() { filter(scene) } else { Line::default() },
        focused,
        scroll: Some((top, height, rows.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    for (row, line) in digest.iter().enumerate() {
        put(buffer, inside, row, line);
    }
    let (_, inside) = layout::split_top(inside, digest.len() as u16);
    drawn.viewport.list = usize::from(inside.height);
    if rows.is_empty() {
        nothing::draw(buffer, inside, scene);
        return;
    }
    let columns = columns(scene, usize::from(inside.width), surface);
    for (line, row) in rows.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        match *row {
            Row::Group(index) => {
                if let Some(group) = model.inbox.groups().get(index) {
                    put(buffer, inside, line, &heading(scene, group, usize::from(inside.width)));
                }
            }
            Row::Lesson(index) => {
                let Some(entry) = model.inbox.entries().get(index) else { continue };
                let current = Some(top + line) == selected;
                drawn.row_is(inside, line, Spot::Lesson(index));
                put(
                    buffer,
                    inside,
                    line,
                    &lesson(scene, entry, current, &columns, usize::from(inside.width)),
                );
                if current {
                    let role = if focused { Role::Selection } else { Role::SelectionIdle };
                    tint(buffer, inside, line, scene.style(role));
                    if focused {
                        drawn.cursor = Some(Position::new(inside.x, inside.y + line as u16));
                    }
                }
            }
        }
    }
}

/// The morning in one or two lines, while nothing is filtered and there is room.
fn digest<'a>(scene: &Scene<'a>, area: Rect) -> Vec<Line<'a>> {
    let most = match area.height {
        0..12 => 0,
        12..14 => 1,
        _ => 2,
    };
    if !scene.model.inbox.filter().text().is_empty() || !scene.model.loaded {
        return Vec::new();
    }
    let room = usize::from(area.width).saturating_sub(4).max(8);
    if scene.model.inbox.counts().to_review == 0 {
        return match scene.model.inbox.rows() {
            // An empty list says it in its own place.
            [] => Vec::new(),
            _ => nothing::left(scene, room, usize::from(area.height * 2 / 5)),
        };
    }
    let digest = digest::of(scene.model, format::duration);
    let ellipsis = scene.symbols().ellipsis;
    let between = Between { dot: &scene.dot(), more: ellipsis, ellipsis };
    let mut lines: Vec<Line<'a>> = [(&digest.waits, Role::Text), (&digest.first, Role::Warn)]
        .into_iter()
        .filter(|(phrases, _)| !phrases.is_empty())
        .take(most)
        .map(|(phrases, role)| scene.line(format!(" {}", phrases::fit(phrases, between, room)), role))
        .collect();
    // Where rows are scarce they belong to lessons.
    if !lines.is_empty() && area.height >= 22 {
        lines.push(Line::default());
    }
    lines
}

fn title<'a>(scene: &Scene<'a>, cells: usize) -> Line<'a> {
    let counts = scene.model.inbox.counts();
    if !scene.model.loaded {
        return scene.line(format!("reading{}", scene.symbols().ellipsis), Role::Title);
    }
    let first = format!("{} to review", counts.to_review);
    let mut said = vec![Phrase::from(first.clone())];
    if counts.below > 0 {
        let threshold = scene.model.inbox.threshold();
        let hidden = if counts.below_shown { "" } else { " hidden" };
        let (below, short) =
            (format::below(counts.below, threshold), format!("{} below {threshold}", counts.below));
        said.push(Phrase::new(format!("{below}{hidden}"), format!("{short}{hidden}")));
    }
    said.extend((counts.decided > 0).then(|| format!("{} decided", counts.decided).into()));
    let ellipsis = scene.symbols().ellipsis;
    let between = Between { dot: &scene.dot(), more: "", ellipsis };
    let line = phrases::fit(&said, between, cells);
    let rest = line.strip_prefix(&first).unwrap_or_default().to_owned();
    Line::from(vec![scene.span(first, Role::Title), scene.span(rest, Role::Muted)])
}

fn sorting<'a>(scene: &Scene<'a>) -> Line<'a> {
    let sort = scene.model.inbox.sort();
    if sort == crate::app::sort::Sort::default() {
        return Line::default();
    }
    let arrow = if sort.is_descending() { scene.symbols().down } else { scene.symbols().up };
    scene.line(format!("{} {arrow}", sort.field.as_str()), Role::Muted)
}

/// What is filtered, and how much that hides: never out of sight while it is on.
pub(super) fn filter<'a>(scene: &Scene<'a>) -> Line<'a> {
    let inbox = &scene.model.inbox;
    if inbox.filter().text().is_empty() {
        return Line::default();
    }
    let counts = inbox.counts();
    let mut spans = vec![
        scene.span("filter ", Role::Muted),
        scene.span(Scene::safe(inbox.filter().text()), Role::Accent),
    ];
    spans.push(match inbox.filter().problems().first() {
        Some(problem) => scene.span(format!("{}{}", scene.dot(), Scene::safe(problem)), Role::Warn),
        None => {
            let text = format!("{}{} shown, {} filtered out", scene.dot(), counts.visible, counts.filtered);
            scene.span(text, Role::Muted)
        }
    });
    Line::from(spans)
}

fn heading<'a>(scene: &Scene<'a>, group: &Group, width: usize) -> Line<'a> {
    let model = scene.model;
    let dream = group.started.map_or_else(String::new, |at| format::day_and_time(at, model.now, &model.zone));
    let decided = group.shown - group.undecided;
    let count = match (group.undecided, decided) {
        (open, 0) => format!("{open} to review"),
        (0, decided) => format!("{decided} decided"),
        (open, decided) => format!("{open} to review, {decided} decided"),
    };
    let dot = scene.dot();
    let open = format!("{} to review", group.undecided);
    // The name of the agent is worth more than the word for the pass, and what waits more than its time.
    let mut facts = match group.dreams.len() {
        _ if dream.is_empty() => vec![count, open],
        0 | 1 => vec![format!("dream {dream}{dot}{count}"), format!("{dream}{dot}{count}"), count, open],
        dreams => vec![
            format!("{dreams} dreams, the latest {dream}{dot}{count}"),
            format!("{dreams} dreams, {dream}{dot}{count}"),
            format!("{dream}{dot}{count}"),
            count,
            open,
        ],
    };
    let safe = Scene::safe(&group.name);
    let fits = |facts: &String| wrap::width(facts) + wrap::width(&safe) + 4 <= width;
    let first = facts.iter().position(fits).unwrap_or(facts.len() - 1);
    let facts = facts.swap_remove(first);
    let name_room = width.saturating_sub(wrap::width(&facts) + 4).max(8);
    let name = wrap::clip(&safe, name_room, scene.symbols().ellipsis).into_owned();
    Line::from(vec![
        Span::raw(" "),
        scene.span(name, Role::Group),
        Span::raw("  "),
        scene.span(facts, Role::Muted),
    ])
}

fn columns(scene: &Scene<'_>, width: usize, surface: &mut Surface) -> Columns {
    let inbox = &scene.model.inbox;
    // Over all lessons, not only those in view: columns must not move while scrolling. There may be very many.
    if surface.widest_count.0 != inbox.revision() {
        let widths = inbox.entries().iter().map(|entry| wrap::width(&format::support(&entry.lesson.support)));
        surface.widest_count = (inbox.revision(), widths.max().unwrap_or(0));
    }
    let path = if width >= WITH_PATH { (width / 4).min(34) } else { 0 };
    Columns { support: surface.widest_count.1.max(5), path }
}

fn lesson<'a>(scene: &Scene<'a>, entry: &Entry, current: bool, columns: &Columns, width: usize) -> Line<'a> {
    if scene.symbols().words {
        return in_words(scene, entry, current, width);
    }
    let symbols = scene.symbols();
    let lesson = &entry.lesson;
    let chosen = scene.model.inbox.is_chosen(&lesson.id);
    let (state, state_role) = state_sign(scene, entry);
    let (kind, kind_role) = kind_sign(scene, lesson.kind);
    let (guard, guard_role) = guard_sign(scene, lesson);
    let support = format::support(&lesson.support);
    let text_role = if entry.is_undecided() { Role::Text } else { Role::Muted };
    // cursor, mark, state, kind, blank · blank, guards, blank, support, blank, bar
    let fixed = 5 + 4 + columns.support + 2;
    let narrow = width < fixed + 12;
    let path_room = if columns.path > 0 { columns.path + 2 } else { 0 };
    let room = width.saturating_sub(if narrow { 5 } else { fixed + path_room });
    let text = Scene::safe(&scene.spelled(&lesson.statement));
    let agents = for_agents(scene, entry, wrap::width(&text), room);
    let statement = wrap::fit(&text, room.saturating_sub(wrap::width(&agents)), symbols.ellipsis);
    let mut spans = vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(if chosen { symbols.marked } else { " " }, Role::Marked),
        scene.span(state, state_role),
        scene.span(kind, kind_role),
        Span::raw(" "),
        scene.span(statement, text_role),
        scene.span(agents, Role::Muted),
    ];
    if narrow {
        return Line::from(spans);
    }
    if columns.path > 0 {
        let path = lesson.documents.first().map_or("", |document| document.path.as_str());
        spans.push(Span::raw("  "));
        spans.push(scene.span(wrap::fit(&Scene::safe(path), columns.path, symbols.ellipsis), Role::Muted));
    }
    let support_role = if entry.is_undecided() { Role::Strong } else { Role::Muted };
    spans.extend([
        Span::raw(" "),
        scene.span(format!("{guard:>2}"), guard_role),
        Span::raw(" "),
        scene.span(format!("{support:>width$}", width = columns.support), support_role),
        Span::raw(" "),
        pane::height(format::share(&lesson.support), scene.theme),
    ]);
    Line::from(spans)
}

/// Below this room for its words, a row does not say that it is for several agents.
const WITH_AGENTS: usize = 30;

/// The agents of a lesson that several have; none if it is for one. A memory they share is no agent to a reader.
fn agents_of<'a>(scene: &Scene<'a>, entry: &Entry) -> impl Iterator<Item = &'a str> {
    let inbox = &scene.model.inbox;
    let all = inbox.in_one(&entry.lesson.id).filter(|entry| !entry.lesson.agent.is_shared());
    all.map(|entry| inbox.name(&entry.lesson.agent))
}

/// For which agents a lesson is that several have: by name where there is room, else how many. Nothing if it is
/// for one.
fn for_agents(scene: &Scene<'_>, entry: &Entry, text: usize, room: usize) -> String {
    let names: Vec<String> = agents_of(scene, entry).map(Scene::safe).collect();
    if names.is_empty() || room < WITH_AGENTS {
        return String::new();
    }
    let dot = scene.dot();
    let count = format!("{dot}for {}", format::counted(names.len() as u64, "agent"));
    let all = format!("{count}: {}", names.join(", "));
    if text + wrap::width(&all) <= room { all } else { count }
}

/// A row as it is read aloud: what was decided, what it does, how sure it is, what it says.
fn in_words<'a>(scene: &Scene<'a>, entry: &Entry, current: bool, width: usize) -> Line<'a> {
    let lesson = &entry.lesson;
    let mut facts: Vec<String> = Vec::new();
    if scene.model.inbox.is_chosen(&lesson.id) {
        facts.push("marked".to_owned());
    }
    if entry.saving.is_some() {
        facts.push("being saved".to_owned());
    } else if entry.state() != State::Pending {
        facts.push(entry.state().as_str().to_owned());
    }
    facts.push(lesson.kind.as_str().to_owned());
    facts.push(format::examples(&lesson.support));
    match lesson.marks.iter().map(|mark| mark.severity).max() {
        Some(Severity::Block) => facts.push("blocked until edited".to_owned()),
        Some(Severity::Warn) => facts.push("warning".to_owned()),
        Some(Severity::Info) | None => {}
    }
    if lesson.marks.iter().any(|mark| mark.guard == RETURNED) {
        facts.push("came back changed".to_owned());
    }
    let agents: Vec<&str> = agents_of(scene, entry).collect();
    if !agents.is_empty() {
        facts.push(Scene::safe(&format!(
            "for {}: {}",
            format::counted(agents.len() as u64, "agent"),
            agents.join(", ")
        )));
    }
    let cursor = if current { "> " } else { "  " };
    let text = format!("{}: {}", facts.join(", "), Scene::safe(&scene.spelled(&lesson.statement)));
    let text = wrap::clip(&text, width.saturating_sub(2), scene.symbols().ellipsis).into_owned();
    Line::from(vec![scene.span(cursor, Role::Accent), scene.span(text, Role::Text)])
}

/// The sign of a state: one being saved is not yet solid.
#[must_use]
pub fn state_sign<'a>(scene: &Scene<'a>, entry: &Entry) -> (&'a str, Role) {
    let symbols = scene.symbols();
    if entry.saving.is_some() {
        return (symbols.mention, Role::Muted);
    }
    match entry.state() {
        State::Pending => (" ", Role::Text),
        State::Accepted => (symbols.yes, Role::Accepted),
        State::Rejected => (symbols.no, Role::Rejected),
        State::Snoozed => (symbols.snoozed, Role::Snoozed),
        State::Applied => (symbols.running, Role::Applied),
        State::Conflict => (symbols.warn, Role::Conflict),
        State::Superseded => (symbols.dot, Role::Muted),
    }
}

/// The sign of a kind.
#[must_use]
pub fn kind_sign<'a>(scene: &Scene<'a>, kind: Kind) -> (&'a str, Role) {
    let symbols = scene.symbols();
    match kind {
        Kind::Add => (symbols.add, Role::KindAdd),
        Kind::Revise => (symbols.revise, Role::KindRevise),
        Kind::Merge => (symbols.merge, Role::KindMerge),
        Kind::Move => (symbols.move_, Role::KindMove),
        Kind::Remove => (symbols.remove, Role::KindRemove),
    }
}

/// `!` for a warning, `!!` for what can't be applied as it stands; else whether it came back changed.
fn guard_sign<'a>(scene: &Scene<'a>, lesson: &Lesson) -> (&'a str, Role) {
    match lesson.marks.iter().map(|mark| mark.severity).max() {
        Some(Severity::Block) => ("!!", Role::Bad),
        Some(Severity::Warn) => ("!", Role::Warn),
        Some(Severity::Info) if lesson.marks.iter().any(|mark| mark.guard == RETURNED) => {
            (scene.symbols().returned, Role::Info)
        }
        Some(Severity::Info) | None => ("", Role::Text),
    }
}
