//! Following dreams that run on the platform, and stopping them.
//!
//! Owns: one look at a dream with its newest steps, and the loop of looks. Must not know: how long a moment
//! is (a ticker is handed in), or who looks.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::dreams;
use super::far::Far;
use super::harvest;
use super::live::Live;
use crate::domain::dream::{Dream, DreamStatus, Progress};
use crate::domain::ids::DreamId;
use crate::domain::text::SafeText;
use crate::source::platform::wire::{Event, EventView};
use crate::source::platform::{EventQuery, PlatformError, RefusalKind};
use crate::store::StoreError;
use crate::sync::SyncError;

/// Steps shown of one look; a dream's session can have thousands.
const STEPS: usize = 200;

/// Characters of one step.
const LINE: usize = 160;

/// One thing a dream did. Safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Option<Timestamp>,
    /// One line: `read /mnt/memory/notes.md`.
    pub text: String,
}

/// Waits between two looks.
pub trait Ticker {
    /// Waits a moment; `false` to stop looking. The dream goes on. `pass` lets so much time pass, and
    /// what the dream does meanwhile is told at once.
    fn wait(&mut self, pass: &mut dyn FnMut(Duration)) -> bool;
}

impl<F: FnMut(&mut dyn FnMut(Duration)) -> bool> Ticker for F {
    fn wait(&mut self, pass: &mut dyn FnMut(Duration)) -> bool {
        self(pass)
    }
}

/// What was seen of a dream before, so that each step is told once.
#[derive(Debug, Default)]
pub struct Seen {
    last: Option<Timestamp>,
    ids: HashSet<String>,
}

impl Seen {
    /// What an event says, if it was not seen before. Several events may share the last moment, so that
    /// moment is asked for again, and the stream brings what looking brings too.
    fn step(&mut self, event: &Event) -> Option<Step> {
        if !self.ids.insert(event.id.clone()) {
            return None;
        }
        self.last = self.last.max(event.processed_at);
        step(event)
    }
}

/// Looks once: status, tokens, cost, and the steps since the last look. What is new is kept.
///
/// # Errors
/// When the platform can't be read. The dream goes on whatever happens here.
pub fn look(far: &Far<'_>, dream: &DreamId, seen: &mut Seen) -> Result<(Dream, Vec<Step>), SyncError> {
    let before = find(far, dream)?;
    let now = match far.platform.block_on(far.platform.client().dream(dream.as_str())) {
        Ok(now) => now,
        Err(error) if error.is_not_found() => {
            dreams::lost(far, before)?;
            return Ok((find(far, dream)?, Vec::new()));
        }
        Err(error) => return Err(error.into()),
    };
    let after = dreams::updated(far, &now, before.clone());
    if after != before {
        far.writer.put_dream(&after)?;
    }
    let session = after.remote.as_ref().and_then(|remote| remote.session.clone());
    let steps = match session {
        Some(session) => steps(far, &session, seen)?,
        None => Vec::new(),
    };
    Ok((after, steps))
}

/// Looks again and again until the dream is done or the ticker stops; then makes lessons of a finished one.
/// Troubles that pass are told to `told` and looked over.
///
/// # Errors
/// When the platform can't be read and waiting does not help, or the cache fails.
pub fn watch(
    far: &Far<'_>,
    dream: &DreamId,
    ticker: &mut dyn Ticker,
    told: &mut dyn FnMut(&Told<'_>),
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<Dream, SyncError> {
    let mut seen = Seen::default();
    let mut live = Live::default();
    let mut last = None;
    loop {
        match look(far, dream, &mut seen) {
            Ok((now, steps)) => {
                told(&Told::Seen { dream: &now, steps: &steps });
                if now.status.is_final() {
                    return finish(far, now, progress, cancel);
                }
                if let Some(session) = now.remote.as_ref().and_then(|remote| remote.session.as_deref()) {
                    live.of(far, session);
                }
                last = Some(now);
            }
            Err(error) if error.platform().is_some_and(PlatformError::is_passing) => {
                told(&Told::Trouble(&error));
            }
            Err(error) => return Err(error),
        }
        let mut pass = |time| {
            live.pass(far, time, &mut |event| {
                if let (Some(dream), Some(step)) = (&last, seen.step(event)) {
                    told(&Told::Seen { dream, steps: &[step] });
                }
            });
        };
        if cancel.load(Ordering::Relaxed) || !ticker.wait(&mut pass) {
            return find(far, dream);
        }
    }
}

/// What a watcher is told.
pub enum Told<'a> {
    /// The dream as it is, and what it did since.
    Seen {
        /// The dream.
        dream: &'a Dream,
        /// Its newest steps.
        steps: &'a [Step],
    },
    /// It could not be looked at this time.
    Trouble(&'a SyncError),
}

/// Stops a dream. What it wrote so far stays on the platform.
///
/// # Errors
/// When it is over already, or the platform can't be reached.
pub fn cancel(far: &Far<'_>, dream: &DreamId) -> Result<Dream, SyncError> {
    let before = find(far, dream)?;
    let over = |dream: &Dream| SyncError::Elsewhere {
        reason: format!("dream {} is {} already; there is nothing to stop", dream.id, dream.status.as_str()),
    };
    if before.status.is_final() {
        return Err(over(&before));
    }
    match far.platform.block_on(far.platform.client().cancel_dream(dream.as_str())) {
        Ok(now) => {
            let after = dreams::updated(far, &now, before);
            far.writer.put_dream(&after)?;
            Ok(after)
        }
        // It ended on its own in the meantime.
        Err(error) if error.kind() == Some(RefusalKind::Request) => {
            let (now, _) = look(far, dream, &mut Seen::default())?;
            if now.status.is_final() { Err(over(&now)) } else { Err(error.into()) }
        }
        Err(error) => Err(error.into()),
    }
}

fn finish(
    far: &Far<'_>,
    dream: Dream,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<Dream, SyncError> {
    let harvested = dream.remote.as_ref().is_none_or(|remote| remote.harvested);
    if dream.status != DreamStatus::Completed || harvested {
        return Ok(dream);
    }
    harvest_of(far, &dream, progress, cancel)
}

/// Makes lessons of one dream that is over, whoever started it. One that failed or was stopped gives the
/// lessons of what it had written by then; the lessons say so.
///
/// # Errors
/// When it is still at work, wrote nothing, or can't be read.
pub fn fetch(
    far: &Far<'_>,
    dream: &DreamId,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<Dream, SyncError> {
    let (now, _) = look(far, dream, &mut Seen::default())?;
    let refused = |why: &str| SyncError::Elsewhere { reason: format!("dream {} {why}", now.id) };
    if !now.status.is_final() {
        return Err(refused("is still at work; `wakeful dream watch` follows it"));
    }
    if now.remote.as_ref().is_none_or(|remote| remote.output_store.is_none() && !remote.in_place) {
        return Err(refused("wrote nothing, so there is nothing to review; the memory it read is as it was"));
    }
    harvest_of(far, &now, progress, cancel)
}

fn harvest_of(
    far: &Far<'_>,
    dream: &Dream,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<Dream, SyncError> {
    let agent = far.reader.agent(&dream.agent)?;
    let agent = agent.ok_or_else(|| SyncError::NoSource { agent: dream.agent.to_string() })?;
    harvest::run(far, &agent, dream, progress, cancel)?;
    find(far, &dream.id)
}

fn find(far: &Far<'_>, dream: &DreamId) -> Result<Dream, SyncError> {
    let unknown = || StoreError::Unknown { what: "dream", id: dream.to_string() };
    Ok(far.reader.dream(dream)?.ok_or_else(unknown)?)
}

/// What happened in a session since the last look.
fn steps(far: &Far<'_>, session: &str, seen: &mut Seen) -> Result<Vec<Step>, SyncError> {
    let query = EventQuery { from: seen.last, ..EventQuery::default() };
    let list = far.platform.client().events(session, &query);
    let mut steps = Vec::new();
    for event in far.platform.each(list) {
        let event = match event {
            Ok(event) => event,
            // The steps are a courtesy: the dream itself was looked at.
            Err(error) if error.is_not_found() => break,
            Err(error) => return Err(error.into()),
        };
        steps.extend(seen.step(&event));
    }
    let first = steps.len().saturating_sub(STEPS);
    Ok(steps.split_off(first))
}

/// An event as one line; `None` for kinds that say nothing to a person.
fn step(event: &Event) -> Option<Step> {
    let text = match event.view() {
        EventView::Message { text } => text,
        EventView::ToolUse { name, input } => format!("{name} {}", target(&input)),
        EventView::ToolResult { is_error: true, text, .. } => format!("failed: {text}"),
        EventView::Failure { kind, message, retry } => format!("{kind}: {message} ({retry})"),
        EventView::ThreadCreated { agent, .. } => format!("hands over to {agent}"),
        EventView::Outcome { result, explanation } => format!("judged {result}: {explanation}"),
        EventView::Idle { reason } => rests(&reason),
        EventView::ToolResult { .. }
        | EventView::ModelUsage { .. }
        | EventView::SessionUsage(_)
        | EventView::Status(_)
        | EventView::Other => return None,
    };
    let masked = crate::guard::secrets::redact(text.trim());
    let line = SafeText::line(&masked);
    let mut short: String = line.as_str().chars().take(LINE).collect();
    if short.len() < line.as_str().len() {
        short.push('…');
    }
    (!short.is_empty()).then_some(Step { at: event.processed_at, text: short })
}

/// Why a session does nothing, in words.
fn rests(reason: &str) -> String {
    match reason {
        "end_turn" => "is done with its turn".to_owned(),
        "requires_action" => "waits for somebody to answer or to allow something".to_owned(),
        "retries_exhausted" => "stopped: it failed too often".to_owned(),
        "budget_reached" => "stopped: its budget is used up".to_owned(),
        "refusal" => "stopped: the model refused".to_owned(),
        other => format!("waits: {other}"),
    }
}

/// What a tool call is about: the path, pattern or command it was given.
fn target(input: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(input).unwrap_or_default();
    ["file_path", "path", "pattern", "command", "url", "query"]
        .iter()
        .find_map(|key| value.get(key)?.as_str())
        .unwrap_or_default()
        .to_owned()
}
