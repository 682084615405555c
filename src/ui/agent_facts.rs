//! What is known of one agent: where it is, how full its memory is, what waits, when passes run, what
//! they cost, how fresh the cache is.
//!
//! Owns: these facts in words. Must not know: where they come from.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Action;
use crate::app::activity::{Activity, DAYS, Days, cost_by_day};
use crate::app::data::{AgentSummary, DreamSummary};
use crate::app::spot::Spot;
use crate::domain::agent::{Mode, SourceKind};
use crate::domain::cost::{Spent, in_month_of, spent_in};
use crate::domain::dream::{Engine, Manifest};
use crate::domain::text::SafeText;

use super::pane::{Pane, put};
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, spark, wrap};

/// Draws the facts of the selected agent.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, drawn: &mut Drawn) {
    if area.height == 0 {
        return;
    }
    let Some(summary) = scene.model.agents.current() else {
        Pane::default().draw(buffer, area, scene.theme);
        return;
    };
    let width = usize::from(area.width).saturating_sub(4).max(8);
    let label_room = if width >= 56 { 10 } else { 0 };
    let mut lines: Vec<(String, String, Role)> = Vec::new();
    for (label, text, role) in facts(scene, summary) {
        let parts = wrap::wrap(&SafeText::line(&text), width - label_room);
        for (index, part) in parts.into_iter().enumerate() {
            let label = if index == 0 && label_room > 0 { label } else { "" };
            lines.push((format!("{label:<label_room$}"), part, role));
        }
    }
    let rows = usize::from(area.height.saturating_sub(2));
    let top = scene.model.agents.scroll.min(lines.len().saturating_sub(rows));
    let bottom = if lines.len() > rows {
        format!("{} {} scroll", scene.key(Action::DetailDown), scene.key(Action::DetailUp))
    } else {
        String::new()
    };
    let frame = Pane {
        title: scene.line(Scene::safe(&summary.agent.name), Role::Title),
        right: scene.line(summary.agent.source.as_str(), Role::Muted),
        bottom: scene.line(bottom, Role::Muted),
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.spots.push((inside, Spot::Facts));
    drawn.viewport.text = usize::from(inside.height);
    drawn.viewport.text_lines = lines.len();
    for (row, (label, text, role)) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        let line = ratatui::text::Line::from(vec![
            scene.span(format!(" {label}"), Role::Muted),
            scene.span(text.clone(), *role),
        ]);
        put(buffer, inside, row, &line);
    }
}

type Fact = (&'static str, String, Role);

fn facts(scene: &Scene<'_>, summary: &AgentSummary) -> Vec<Fact> {
    let mut facts = vec![waits(scene, summary)];
    facts.extend(taken(scene, summary));
    facts.extend(evidence(scene));
    facts.extend(memory(scene, summary));
    facts.extend(differs(scene, summary));
    facts.push(("dreams", passes(scene, summary), Role::Text));
    let bill = [summary.spent.as_slice(), &summary.spent_by_others].concat();
    let days = cost_by_day(&bill, scene.model.now, &scene.model.zone);
    facts.push(("cost", with_curve(scene, Some(&days), cost(scene, summary)), Role::Text));
    let sessions = if summary.agent.source == SourceKind::Shared {
        "those of the agents that read it".to_owned()
    } else {
        format!("{}{}{}", summary.sessions, scene.dot(), place(&summary.agent.sessions_at))
    };
    facts.push(("sessions", sessions, Role::Text));
    let store = if summary.agent.source == SourceKind::Platform { "store" } else { "memory at" };
    facts.push((store, place(&summary.agent.memory_at), Role::Text));
    if let Some(segment) = &summary.agent.segment {
        facts.push(("segment", segment.clone(), Role::Text));
    }
    let synced = summary.last_sync.map_or_else(|| "never".to_owned(), |at| age(scene, at));
    facts.push(("synced", synced, Role::Text));
    if let Some((at, text)) = &summary.trouble {
        facts.push(("trouble", format!("{}: {text}", age(scene, *at)), Role::Warn));
    }
    facts
}

/// Notes that contradict those of other agents, as the last pass of this machine found them: how many, and each.
fn differs(scene: &Scene<'_>, summary: &AgentSummary) -> Vec<Fact> {
    let of_agent = |dream: &&DreamSummary| {
        let dream = &dream.dream;
        dream.agent == summary.agent.id && dream.engine == Engine::Offline && dream.fitted().is_none()
    };
    let last =
        scene.model.dreams.list.iter().filter(of_agent).find_map(|dream| dream.dream.manifest.as_ref());
    let told = last.into_iter().flat_map(Manifest::across);
    told.enumerate()
        .map(|(at, text)| (if at == 0 { "differs" } else { "" }, text.to_owned(), Role::Warn))
        .collect()
}

fn place(at: &str) -> String {
    if at.is_empty() { "none".to_owned() } else { at.to_owned() }
}

/// `today 09:39`, `Mon 09:39, 26 h ago`. Minutes are not counted: nothing is drawn as they pass.
fn age(scene: &Scene<'_>, at: Timestamp) -> String {
    let model = scene.model;
    let moment = format::day_and_time(at, model.now, &model.zone);
    let ago = model.now.duration_since(at);
    if ago.as_hours() < 3 { moment } else { format!("{moment}, {} ago", format::duration(ago)) }
}

fn waits(scene: &Scene<'_>, summary: &AgentSummary) -> Fact {
    let model = scene.model;
    let tally = model.inbox.of_agent(&summary.agent.id);
    let mut parts = vec![format!("{} to review", tally.to_review)];
    if let Some(oldest) = summary.oldest.filter(|_| tally.to_review > 0) {
        parts.push(format!("the oldest for {}", format::duration(model.now.duration_since(oldest))));
    }
    if tally.below > 0 {
        parts.push(format::below(tally.below, model.inbox.threshold()));
    }
    if tally.accepted > 0 {
        parts.push(format!("{} accepted and not yet written", tally.accepted));
    }
    if tally.snoozed > 0 {
        parts.push(format!("{} snoozed", tally.snoozed));
    }
    let role = if tally.to_review > 0 { Role::Strong } else { Role::Text };
    ("waits", parts.join(&scene.dot()), role)
}

/// How much of what it was proposed people took, in all and of late; nothing is said where nothing is decided.
fn taken(scene: &Scene<'_>, summary: &AgentSummary) -> Option<Fact> {
    let model = scene.model;
    let tally = model.inbox.of_agent(&summary.agent.id);
    let taken = u64::from(tally.accepted + tally.applied);
    let decided = taken + u64::from(tally.rejected);
    let percent = tally.accepted_percent()?;
    let mut text = format!("{taken} of {} decided ({percent} %)", format::counted(decided, "lesson"));
    let days = activity(scene).map(|activity| {
        let (yes, all) = activity.decided_lately(model.now, &model.zone);
        text.push_str(&match all {
            0 => format!("{}nothing in the last {DAYS} days", scene.dot()),
            // Of one lesson there may be several: this counts what was done, the other how lessons stand.
            all => format!("{}{yes} of {all} decisions in the last {DAYS} days", scene.dot()),
        });
        activity.accepted_by_day(model.now, &model.zone)
    });
    Some(("accepted", with_curve(scene, days.as_ref(), text), Role::Text))
}

/// What was found for its lessons, by the day of the session.
fn evidence(scene: &Scene<'_>) -> Option<Fact> {
    let model = scene.model;
    let days = activity(scene)?.evidence_by_day(model.now, &model.zone);
    let all: f64 = days.iter().flatten().sum();
    let places = format::counted(all as u64, "supporting place");
    let text = format!("{places} in sessions of the last {DAYS} days");
    Some(("evidence", with_curve(scene, Some(&days), text), Role::Text))
}

/// What the selected agent did of late, once it is there.
fn activity<'a>(scene: &Scene<'a>) -> Option<&'a Activity> {
    scene.model.agents.activity.as_deref()
}

/// A text behind the curve of its days, where there is one.
fn with_curve(scene: &Scene<'_>, days: Option<&Days>, text: String) -> String {
    match days.and_then(|days| spark::curve(days, scene.symbols())) {
        Some(curve) => format!("{curve}  {text}"),
        None => text,
    }
}

fn memory(scene: &Scene<'_>, summary: &AgentSummary) -> Vec<Fact> {
    let Some(size) = summary.memory else {
        return vec![("memory", "not read yet".to_owned(), Role::Muted)];
    };
    let budget = &summary.agent.budget;
    let over = size.tokens > budget.store_tokens;
    let percent = (size.tokens * 100).checked_div(budget.store_tokens).unwrap_or(0);
    let text = format!(
        "{} of {} tokens ({percent} %){}{}{}",
        format::tokens(size.tokens),
        format::tokens(budget.store_tokens),
        scene.dot(),
        format::counted(size.documents, "document"),
        if over { ", over its budget" } else { "" },
    );
    let mut facts = vec![("memory", text, if over { Role::Bad } else { Role::Text })];
    facts.extend(index(scene, summary));
    facts
}

/// What the agent's loader reads of the index document: beyond that it is invisible to the agent.
fn index(scene: &Scene<'_>, summary: &AgentSummary) -> Option<Fact> {
    let (size, budget) = (summary.memory?, &summary.agent.budget);
    let name = budget.index.as_ref()?;
    let mut parts = Vec::new();
    let mut over = false;
    if let (Some(lines), Some(most)) = (size.index_lines, budget.index_lines) {
        parts.push(format!("{lines} of {most} lines"));
        over |= lines > most;
    }
    if let (Some(bytes), Some(most)) = (size.index_bytes, budget.index_bytes) {
        parts.push(format!("{} of {} KB", bytes.div_ceil(1_000), most / 1_000));
        over |= bytes > most;
    }
    let said = if over { "; the rest is not loaded" } else { "" };
    if let Some(tokens) = size.index_tokens {
        parts.push(format!("{} of {} tokens", format::tokens(tokens), format::tokens(budget.index_tokens)));
        over |= tokens > budget.index_tokens;
    }
    let role = if over { Role::Bad } else { Role::Text };
    (!parts.is_empty()).then(|| ("index", format!("{name}: {}{said}", parts.join(&scene.dot())), role))
}

fn passes(scene: &Scene<'_>, summary: &AgentSummary) -> String {
    let last =
        summary.last_dream.map_or_else(|| "none yet".to_owned(), |at| format!("last {}", age(scene, at)));
    if summary.agent.source == SourceKind::Shared {
        return [last, "after a sync or a dream of its agents".to_owned()].join(&scene.dot());
    }
    let every = match summary.every_hours {
        _ if summary.agent.mode == Mode::Off => "not on a schedule".to_owned(),
        24 => "due every day".to_owned(),
        hours if hours % 24 == 0 => format!("due every {} days", hours / 24),
        hours => format!("due every {}", format::counted(u64::from(hours), "hour")),
    };
    let reads = format!("reads the last {}", format::counted(u64::from(summary.lookback), "session"));
    [last, every, reads, format!("mode {}", summary.agent.mode.as_str())].join(&scene.dot())
}

/// `$1.20 today · ~$14.30 this month · $19.80 by all agents · $0.88 by others`. Dreams that are at work, and
/// those of which nobody says what they used, count for what was expected; then there is a `~`.
fn cost(scene: &Scene<'_>, summary: &AgentSummary) -> String {
    let zone = &scene.model.zone;
    let today = scene.model.now.to_zoned(zone.clone()).date();
    let sum = |spent: &[(Timestamp, Spent)], inside: &dyn Fn(Timestamp) -> bool| {
        spent_in(spent.iter().copied(), inside)
    };
    // The month is the one that the cap counts.
    let this_month = in_month_of(scene.model.now);
    let month = sum(&summary.spent, &this_month);
    let mut parts = Vec::new();
    if month.is_nothing() {
        parts.push("nothing this month".to_owned());
    } else {
        let of_day = sum(&summary.spent, &|at| at.to_zoned(zone.clone()).date() == today);
        parts.extend([format!("{of_day} today"), format!("{month} this month")]);
    }
    let all = sum(&scene.model.agents.spent, &this_month);
    if all != month {
        parts.push(format!("{all} this month for all agents"));
    }
    let others = sum(&summary.spent_by_others, &this_month);
    if !others.is_nothing() {
        let of_day = sum(&summary.spent_by_others, &|at| at.to_zoned(zone.clone()).date() == today);
        let of_day = if of_day.is_nothing() { String::new() } else { format!(", {of_day} of it today") };
        parts.push(format!("{others} this month by others{of_day}"));
    }
    let all_others = sum(&scene.model.agents.spent_by_others, &this_month);
    if all_others != others {
        parts.push(format!("{all_others} by others for all agents"));
    }
    parts.join(&scene.dot())
}
