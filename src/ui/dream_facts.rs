//! What is known of one pass: what it was asked to read, what it read and left out and why, what came
//! of it, what it cost, why it failed and what to do.
//!
//! Owns: these facts in words. Must not know: engines, or where passes are kept.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::Action;
use crate::app::spot::Spot;
use crate::app::tally::Tally;
use crate::domain::dream::{Dream, DreamStatus, Engine, Excluded, Manifest, Window};
use crate::domain::ids::DreamId;
use crate::domain::text::SafeText;

use super::pane::{Pane, put};
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::{format, wrap};

/// Sessions named behind a shared reason.
const NAMED: usize = 3;

/// Draws the facts of the selected pass.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, drawn: &mut Drawn) {
    if area.height == 0 {
        return;
    }
    let Some(summary) = scene.model.dreams.current() else {
        Pane::default().draw(buffer, area, scene.theme);
        return;
    };
    let width = usize::from(area.width).saturating_sub(4).max(8);
    let lines: Vec<(String, Role)> = facts(scene, &summary.dream)
        .into_iter()
        .flat_map(|(text, role)| {
            wrap::wrap(&SafeText::line(&text), width).into_iter().map(move |line| (line, role))
        })
        .collect();
    let rows = usize::from(area.height.saturating_sub(2));
    let top = scene.model.dreams.scroll.min(lines.len().saturating_sub(rows));
    let more = lines.len() > rows;
    let frame = Pane {
        title: scene.line(Scene::safe(summary.dream.id.as_str()), Role::Title),
        right: scene.line(summary.dream.status.as_str(), Role::Muted),
        bottom: if more {
            let keys = format!("{} {} scroll", scene.key(Action::DetailDown), scene.key(Action::DetailUp));
            scene.line(keys, Role::Muted)
        } else {
            ratatui::text::Line::default()
        },
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    drawn.spots.push((inside, Spot::Facts));
    drawn.viewport.text = usize::from(inside.height);
    drawn.viewport.text_lines = lines.len();
    for (row, (text, role)) in lines.iter().skip(top).take(usize::from(inside.height)).enumerate() {
        put(buffer, inside, row, &scene.line(format!(" {text}"), *role));
    }
}

fn facts(scene: &Scene<'_>, dream: &Dream) -> Vec<(String, Role)> {
    let mut facts = Vec::new();
    let unopened = unopened(scene, dream);
    let opened = unopened.is_none();
    facts.extend(unopened.map(|text| (text, Role::Info)));
    if let Some(error) = &dream.error {
        facts.push((error.clone(), Role::Bad));
        let retry = format!("{} runs it again; what it read so far is kept", scene.key(Action::DreamRetry));
        facts.push((retry, Role::Info));
    }
    if let Some(origin) = dream.fitted() {
        facts.extend(fitted(scene, dream, origin).into_iter().map(|text| (text, Role::Text)));
    } else {
        facts.push((engine(scene, dream), Role::Text));
        // What goes into shared memory comes from lessons, not from a window of sessions.
        if !dream.agent.is_shared() {
            facts.push((window(scene, &dream.window), Role::Text));
        }
    }
    if let Some(manifest) = dream.manifest.as_ref().filter(|manifest| manifest.fitted.is_none()) {
        facts.push((read(manifest), Role::Text));
        facts.extend(excluded(&manifest.excluded).into_iter().map(|text| (text, Role::Muted)));
        facts.push((noise(manifest), Role::Text));
    }
    if dream.status == DreamStatus::Completed && opened {
        let tally = scene.model.inbox.of_dream(&dream.id);
        facts.extend(
            lessons(&tally, scene.model.inbox.threshold(), &scene.dot())
                .into_iter()
                .map(|text| (text, Role::Text)),
        );
    }
    if dream.fitted().is_none() {
        facts.extend(cost(dream).map(|text| (text, Role::Text)));
    }
    if let Some(remote) = &dream.remote {
        facts.push((remote.words(), Role::Muted));
    }
    // The newest step first: that is what a reader of a running dream looks for.
    for (at, text) in scene.model.dreams.followed.get(&dream.id).into_iter().flatten().rev() {
        let when = at.map_or_else(String::new, |at| format!("{}  ", scene.moment(at)));
        facts.push((format!("{when}{text}"), Role::Muted));
    }
    if let Some(manifest) = &dream.manifest {
        facts.extend(manifest.remarks.iter().map(|remark| (remark.clone(), Role::Warn)));
    }
    if let Some(instructions) = dream.instructions.as_ref().filter(|text| !text.is_empty()) {
        facts.push(("told:".to_owned(), Role::Text));
        // Paragraph by paragraph, as it was written.
        facts.extend(instructions.trim_end().lines().map(|line| (line.to_owned(), Role::Muted)));
    }
    facts
}

/// Where the lesson of a conflict comes from that was made to fit by hand.
fn fitted(scene: &Scene<'_>, dream: &Dream, origin: &DreamId) -> Vec<String> {
    let model = scene.model;
    let known = model.dreams.list.iter().map(|summary| &summary.dream).find(|known| known.id == *origin);
    let when = format::day_and_time(dream.ended.unwrap_or(dream.started), model.now, &model.zone);
    let pass = known.map_or_else(String::new, |known| {
        format!(
            ", {} by {}",
            format::day_and_time(known.started, model.now, &model.zone),
            known.engine.as_str()
        )
    });
    vec![
        format!("a conflict made to fit by hand{}{when}", scene.dot()),
        format!(
            "the lesson and its examples are of the dream {origin}{pass}; nothing was read or run for this"
        ),
    ]
}

/// What there is to fetch of a dream that no lessons were made of.
fn unopened(scene: &Scene<'_>, dream: &Dream) -> Option<String> {
    let remote = dream.remote.as_ref().filter(|remote| !remote.harvested)?;
    if !dream.status.is_final() || !(remote.in_place || remote.output_store.is_some()) {
        return None;
    }
    let key = scene.key(Action::Open);
    Some(if dream.status == DreamStatus::Completed {
        format!("its lessons were not fetched yet; {key} fetches them")
    } else {
        format!("it ended before it was done and left partial output; {key} fetches that for review")
    })
}

/// `offline/1 · today 03:00 · took 74 s`.
fn engine(scene: &Scene<'_>, dream: &Dream) -> String {
    let name = match (&dream.manifest, &dream.model) {
        (_, Some(model)) => format!("{} with {model}", dream.engine.as_str()),
        (Some(manifest), None) => manifest.engine.clone(),
        (None, None) => dream.engine.as_str().to_owned(),
    };
    let model = scene.model;
    let mut text =
        format!("{name}{}{}", scene.dot(), format::day_and_time(dream.started, model.now, &model.zone));
    match dream.ended {
        Some(ended) => {
            let took = format::duration(ended.duration_since(dream.started));
            text.push_str(&format!("{}took {took}", scene.dot()));
        }
        None if dream.engine == Engine::Platform && !dream.status.is_final() => {
            let since = format::duration(model.now.duration_since(dream.started));
            text.push_str(&format!("{}for {since} now", scene.dot()));
        }
        None => {}
    }
    text
}

fn window(scene: &Scene<'_>, window: &Window) -> String {
    let mut text = format!("asked for the last {}", format::counted(u64::from(window.last), "session"));
    if let Some(since) = window.since {
        text.push_str(&format!(", from {}", scene.moment(since)));
    }
    if let Some(until) = window.until {
        text.push_str(&format!(", until {}", scene.moment(until)));
    }
    if let Some(segment) = &window.segment {
        text.push_str(&format!(", segment {segment}"));
    }
    text
}

fn read(manifest: &Manifest) -> String {
    let read = format::counted(manifest.read.len() as u64, "session");
    match manifest.excluded.len() {
        0 => format!("read {read}, left out none"),
        count => format!("read {read}, left out {count}:"),
    }
}

/// Sessions that were left out for the same reason share a line.
fn excluded(excluded: &[Excluded]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in excluded {
        let session = one.session.as_str();
        match reasons.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, sessions)) => sessions.push(session),
            None => reasons.push((&one.reason, vec![session])),
        }
    }
    reasons
        .into_iter()
        .map(|(reason, sessions)| {
            let named = sessions.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            match sessions.len() {
                1 => format!("  {named}: {reason}"),
                count if count > NAMED => format!("  {count}: {reason} ({named}, …)"),
                count => format!("  {count}: {reason} ({named})"),
            }
        })
        .collect()
}

fn noise(manifest: &Manifest) -> String {
    match manifest.noise {
        Some(noise) => {
            let copies = match manifest.noise_copies {
                1 => "1 shuffled copy".to_owned(),
                count => format!("{count} shuffled copies"),
            };
            format!("noise check: {noise:.2} false lessons on average over {copies}")
        }
        None => "noise check: not run".to_owned(),
    }
}

/// What was proposed, by firmness and by what became of it.
fn lessons(tally: &Tally, threshold: u32, dot: &str) -> Vec<String> {
    if tally.all() == 0 {
        return vec!["proposed nothing that is still under review".to_owned()];
    }
    let list = |parts: &[(u32, String)]| {
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        parts.join(dot)
    };
    let word = |word: &str| word.to_owned();
    let states = list(&[
        (tally.to_review, word("to review")),
        (tally.below, format!("below {threshold} examples")),
        (tally.accepted, word("accepted")),
        (tally.rejected, word("rejected")),
        (tally.snoozed, word("snoozed")),
        (tally.applied, word("in the memory")),
    ]);
    let count = format::counted(u64::from(tally.all()), "lesson");
    vec![format!("{count}: {}", tally.firmness(dot)), states]
}

/// `used 1.2M tokens, $1.87 (expected 0.9M to 1.4M, $1.20 to $2.10)`.
fn cost(dream: &Dream) -> Option<String> {
    let real = dream.usage.map(|usage| {
        let tokens = format!("used {} tokens", format::tokens(usage.total()));
        dream.cost.map_or(tokens.clone(), |cost| format!("{tokens}, {cost}"))
    });
    let expected = dream.estimate.as_ref().map(|estimate| {
        let (low, high) = (format::tokens(estimate.tokens.low), format::tokens(estimate.tokens.high));
        let tokens = if low == high { low } else { format!("{low} to {high}") };
        estimate.money.map_or(format!("{tokens} tokens"), |money| format!("{tokens} tokens, {money}"))
    });
    match (real, expected) {
        (Some(real), Some(expected)) => Some(format!("{real} (expected {expected})")),
        (Some(real), None) => Some(real),
        (None, Some(expected)) => Some(format!("expected {expected}")),
        (None, None) => (dream.engine == Engine::Offline).then(|| "no model, no cost".to_owned()),
    }
}
