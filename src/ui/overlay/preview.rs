//! What an apply would write, before anything is written: documents, token budget, conflicts,
//! guards, and the texts before and after.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::data::{AgentPlan, DocumentText, Preview};
use crate::app::overlay::{Overlay, PreviewPane, Purpose};
use crate::app::{Action, Model, available};
use crate::domain::lesson::Change;
use crate::domain::text::SafeText;
use crate::ui::pane::{Pane, clear, gauge, put};
use crate::ui::surface::{PaintJob, PaintKey, Painting, Subject, Surface, Texts};
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{format, layout, wrap};

/// Draws the preview over the body.
pub fn draw(
    buffer: &mut Buffer,
    body: Rect,
    scene: &Scene<'_>,
    pane: &PreviewPane,
    surface: &Surface,
    drawn: &mut Drawn,
) {
    clear(buffer, body);
    let width = usize::from(body.width.saturating_sub(2));
    let (Some(plan), Some(token)) = (&pane.plan, pane.token) else {
        let frame = Pane { title: scene.line("preview", Role::Title), focused: true, ..Pane::default() };
        let inside = frame.draw(buffer, body, scene.theme);
        let text = format!("  working out what would change{}", scene.symbols().ellipsis);
        put(buffer, inside, 1, &scene.line(text, Role::Muted));
        return;
    };
    let summary = summary(scene, plan, pane.purpose, width);
    let key = PaintKey {
        subject: Subject::Preview(token),
        width: body.width.saturating_sub(2),
        style: layout::diff_style(scene.model.detail.style, buffer.area.width, scene.symbols().words),
        search: None,
        open_folds: std::collections::BTreeSet::new(),
    };
    let ready = surface.preview.as_ref();
    if ready.is_none_or(|painting| painting.key != key) {
        drawn.wants = Some(PaintJob { key: key.clone(), texts: Texts::Preview(plan.clone()) });
    }
    let painted = ready
        .filter(|painting| painting.key.subject == key.subject)
        .map_or(&[][..], |painting| painting.painted.lines.as_slice());
    let lines = summary.len() + painted.len();
    let rows = usize::from(body.height.saturating_sub(2));
    let top = pane.scroll.min(lines.saturating_sub(rows));
    let frame = Pane {
        title: scene.line("preview: nothing is written yet", Role::Title),
        bottom: answer(scene, plan, pane.purpose, width),
        focused: true,
        scroll: Some((top, rows, lines)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, body, scene.theme);
    drawn.viewport.overlay = usize::from(inside.height);
    drawn.viewport.overlay_lines = lines;
    drawn.viewport.overlay_stops = stops(plan, surface, token, (summary.len(), top));
    let all = summary.iter().chain(painted);
    for (row, line) in all.skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, line);
    }
}

/// Where documents begin, before and after the one at the top.
fn stops(
    plan: &Preview,
    surface: &Surface,
    token: u64,
    (above, top): (usize, usize),
) -> (Option<usize>, Option<usize>) {
    let painting =
        surface.preview.as_ref().filter(|painting| painting.key.subject == Subject::Preview(token));
    let documents = plan.plans.iter().flat_map(|plan| &plan.documents);
    let titles: std::collections::BTreeSet<String> =
        documents.map(|document| Scene::safe(document.path.as_str())).collect();
    // A blank line comes before the title of all but the first.
    let title = |painting: &Painting, line: usize| {
        let blank = painting
            .painted
            .lines
            .get(line)
            .is_some_and(|line| line.spans.iter().all(|s| s.content.trim().is_empty()));
        above + line + usize::from(blank)
    };
    let lines: Vec<usize> = painting
        .into_iter()
        .flat_map(|painting| painting.heard.headings.iter().map(move |(line, text)| (painting, *line, text)))
        .filter(|(_, _, text)| titles.contains(*text))
        .map(|(painting, line, _)| title(painting, line))
        .collect();
    let before = lines.iter().copied().rev().find(|&line| line < top);
    (before, lines.iter().copied().find(|&line| line > top))
}

/// What agreeing does where nothing can be written and lessons only go where they belong, in the words of a hint.
pub(in crate::ui) fn settling(model: &Model) -> Option<&'static str> {
    let Some(Overlay::Preview(PreviewPane { plan: Some(plan), .. })) = model.overlay() else { return None };
    plan.only_settles()
        .then(|| if plan.conflicts() == 0 { "take off the list" } else { "send back to review" })
}

fn answer<'a>(scene: &Scene<'a>, plan: &Preview, purpose: Purpose, width: usize) -> Line<'a> {
    if plan.lessons() + plan.documents() == 0 {
        return nothing(scene, plan, width);
    }
    if let Err(reason) = available::check(scene.model, Action::Apply) {
        return scene.line(format!("nothing can be written here: {reason}"), Role::Warn);
    }
    let lessons = format::counted(plan.lessons() as u64, "lesson");
    let documents = format::counted(plan.documents() as u64, "document");
    let what = match plan.lessons() {
        0 => format!(" writes {documents}"),
        all if purpose == Purpose::TakeBack || plan.takes_out() == all => {
            format!(" takes {lessons} out of {documents}")
        }
        _ => format!(" writes {lessons} to {documents}"),
    };
    Line::from(vec![
        scene.span(scene.key(Action::Apply), Role::Key),
        scene.span(what, Role::Strong),
        scene.span(scene.dot(), Role::Muted),
        scene.span(scene.key(Action::Decline), Role::Key),
        scene.span(" changes nothing", Role::Muted),
    ])
}

/// Why there is nothing to write, and what agreeing does. The lines of the summary say the reason of each lesson,
/// so here it is what goes first where there is no room for all.
fn nothing<'a>(scene: &Scene<'a>, plan: &Preview, width: usize) -> Line<'a> {
    let blocked = plan.plans.iter().any(|plan| !plan.blocked.is_empty());
    let why = match plan.conflicts() {
        0 if blocked => "nothing to write: a guard forbids it".to_owned(),
        0 => "nothing to write: the memory says it already".to_owned(),
        1 => "nothing to write: the memory changed under the lesson".to_owned(),
        count => format!("nothing to write: the memory changed under {count} lessons"),
    };
    if available::check(scene.model, Action::Apply).is_err() {
        return Line::from(vec![
            scene.span(why, Role::Warn),
            scene.span(scene.dot(), Role::Muted),
            scene.span(scene.key(Action::Escape), Role::Key),
            scene.span(" back", Role::Muted),
        ]);
    }
    let settled = plan.plans.iter().map(|plan| plan.satisfied).sum::<usize>();
    let deed = match (plan.conflicts(), settled) {
        (0, 1) => " takes it off the list",
        (0, _) => " takes them off the list",
        (1, _) => " sends it back to review",
        _ => " sends them back to review",
    };
    let line = |why: &str| {
        let mut spans = Vec::new();
        if !why.is_empty() {
            spans.push(scene.span(why.to_owned(), Role::Warn));
            spans.push(scene.span(scene.dot(), Role::Muted));
        }
        spans.extend([
            scene.span(scene.key(Action::Apply), Role::Key),
            scene.span(deed, Role::Strong),
            scene.span(scene.dot(), Role::Muted),
            scene.span(scene.key(Action::Decline), Role::Key),
            scene.span(" changes nothing", Role::Muted),
        ]);
        Line::from(spans)
    };
    let whys = [why.as_str(), "nothing to write", ""];
    let fits = whys.iter().map(|why| line(why)).find(|line| line.width() + 4 <= width);
    fits.unwrap_or_else(|| line(""))
}

fn summary<'a>(scene: &Scene<'a>, plan: &Preview, purpose: Purpose, width: usize) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for plan in &plan.plans {
        lines.push(Line::default());
        lines.push(memory_line(scene, plan, width));
        lines.push(Line::default());
        for (lesson, statement) in &plan.lessons {
            if plan.takes_out.contains(lesson) {
                let text = format!("takes out, the dream had written it: {statement}");
                push(&mut lines, scene, (scene.symbols().no, Role::Rejected), &text, Role::Text, width);
            } else if purpose == Purpose::TakeBack {
                let text = format!("undoes: {statement}");
                push(&mut lines, scene, (scene.symbols().no, Role::Rejected), &text, Role::Text, width);
            } else {
                push(&mut lines, scene, (scene.symbols().yes, Role::Accepted), statement, Role::Text, width);
            }
        }
        if plan.lessons.is_empty() && plan.documents.is_empty() {
            push(
                &mut lines,
                scene,
                (" ", Role::Muted),
                "Nothing can be written to this memory.",
                Role::Muted,
                width,
            );
        }
        for (statement, reason) in &plan.conflicts {
            let text = format!("conflict, stays out: {}: {reason}", statement.trim_end_matches('.'));
            push(&mut lines, scene, (scene.symbols().warn, Role::Conflict), &text, Role::Conflict, width);
        }
        if !plan.conflicts.is_empty() {
            let text = format!(
                "On such a lesson {} makes it fit part by part, {} edits all sides, {} turns it down",
                scene.key(Action::Fit),
                scene.key(Action::Edit),
                scene.key(Action::Reject)
            );
            push(&mut lines, scene, (" ", Role::Muted), &text, Role::Muted, width);
        }
        for (statement, reason) in &plan.blocked {
            let text = format!("blocked, stays out: {}: {reason}", statement.trim_end_matches('.'));
            push(&mut lines, scene, (scene.symbols().no, Role::Bad), &text, Role::Bad, width);
        }
        for warning in &plan.warnings {
            let aloud = if scene.symbols().words { "warning: " } else { "" };
            let text = format!("{aloud}{warning}");
            push(&mut lines, scene, (scene.symbols().warn, Role::Warn), &text, Role::Warn, width);
        }
        if !plan.documents.is_empty() {
            lines.push(Line::default());
        }
        for document in &plan.documents {
            lines.push(document_line(scene, document, width));
        }
    }
    lines.push(Line::default());
    lines
}

fn push<'a>(
    lines: &mut Vec<Line<'a>>,
    scene: &Scene<'a>,
    (sign, sign_role): (&'a str, Role),
    text: &str,
    role: Role,
    width: usize,
) {
    for (part, text) in wrap::wrap(&SafeText::line(&scene.spelled(text)), width.saturating_sub(6).max(8))
        .into_iter()
        .enumerate()
    {
        let sign = if part == 0 { sign } else { " " };
        lines.push(Line::from(vec![
            Span::raw("  "),
            scene.span(sign, sign_role),
            Span::raw(" "),
            scene.span(text, role),
        ]));
    }
}

/// `support-bot   memory 41k → 41k of 50k tokens ▇▇▇▇▇▇··  +38`.
fn memory_line<'a>(scene: &Scene<'a>, plan: &AgentPlan, width: usize) -> Line<'a> {
    let symbols = scene.symbols();
    let change = plan.tokens_after as i64 - plan.tokens_before as i64;
    let name = wrap::clip(&Scene::safe(&plan.name), (width / 3).max(8), symbols.ellipsis).into_owned();
    let over = plan.tokens_after > plan.budget;
    let mut spans = vec![
        scene.span(format!("  {name}  "), Role::Group),
        scene.span(
            format!(
                "memory {} {} {} of {} tokens ",
                format::tokens(plan.tokens_before),
                symbols.right,
                format::tokens(plan.tokens_after),
                format::tokens(plan.budget)
            ),
            if over { Role::Bad } else { Role::Text },
        ),
    ];
    spans.extend(gauge(plan.tokens_after, plan.budget, 10, scene.theme));
    spans.push(scene.span(format!("  {}", format::token_change(change)), Role::Muted));
    if over {
        spans.push(scene.span("  over budget", Role::Bad));
    }
    Line::from(spans)
}

fn document_line<'a>(scene: &Scene<'a>, document: &DocumentText, width: usize) -> Line<'a> {
    let path = Scene::safe(document.path.as_str());
    let (sign, role, what) = match &document.change {
        Change::Created => (scene.symbols().add, Role::KindAdd, "is new".to_owned()),
        Change::Deleted => (scene.symbols().remove, Role::KindRemove, "goes".to_owned()),
        Change::Modified => (scene.symbols().revise, Role::KindRevise, "changes".to_owned()),
        Change::Renamed(old) => {
            (scene.symbols().move_, Role::KindMove, format!("was {}", Scene::safe(old.as_str())))
        }
    };
    let room = width.saturating_sub(6 + wrap::width(&what));
    let path = wrap::clip(&path, room, scene.symbols().ellipsis).into_owned();
    let sign = if scene.symbols().words { " " } else { sign };
    Line::from(vec![
        Span::raw("  "),
        scene.span(sign, role),
        scene.span(format!(" {path} "), Role::Text),
        scene.span(what, Role::Muted),
    ])
}
