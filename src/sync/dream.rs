//! Running a pass: sessions and memory in, reviewable lessons in the cache out.
//!
//! Owns: the life of a pass from start to end, however it ends. Must not know: how the engine finds anything, what is
//! kept of sessions, or how passes are shown.

use std::sync::atomic::AtomicBool;

use super::across;
use super::context::Context;
use super::error::SyncError;
use super::kept::KeptFacts;
use super::platform::{Far, Options, transcripts};
use super::propose::{self, Material};
use super::quarantine;
use super::returns;
use super::shared;
use crate::domain::dream::{Dream, DreamStatus, Engine, Excluded, Progress, Window};
use crate::domain::ids::{DreamId, content_id};
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::session::SessionMeta;
use crate::domain::text::SafeText;
use crate::dream::offline::ages::{Ages, STATES};
use crate::dream::{DreamError, Outcome, Parameters, Request, offline};
use crate::lesson::cut;
use crate::source::platform::Platform;
use crate::store::StoreError;

/// Where a pass over an agent far away has memory and sessions from. Of agents on this machine both are always
/// read as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The platform is asked, and transcripts that are missing are fetched.
    Asking,
    /// The cache as it is; nothing is asked. What is not there is left out.
    Cached,
}

/// Runs the offline engine over an agent's sessions, and keeps what it proposes.
///
/// # Errors
/// When the pass fails or is stopped; that is kept with it, and memory and earlier lessons are as they were.
pub fn run(
    context: &Context<'_>,
    window: &Window,
    parameters: &Parameters,
    reading: Reading,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<DreamId, SyncError> {
    let lock = context.writer.lock_dreams(&context.agent.id)?;
    let _lock = lock.ok_or(SyncError::Busy { doing: "dreaming for this agent" })?;
    end_abandoned(context)?;
    let memory = match context.source.platform() {
        Some(_) if reading == Reading::Cached => cached(context, window)?,
        platform => {
            let way = "`wakeful dream run --no-sync` reads what the cache has";
            let memory = context.memory_now().map_err(|error| error.before_start(way))?;
            context.writer.put_memory(&context.agent.id, &memory, None)?;
            if let Some(platform) = platform {
                fetch(context, platform, window, progress, cancel)
                    .map_err(|error| error.before_start(way))?;
            }
            memory
        }
    };
    if let Some(of_several) = context.source.shared() {
        return shared::run(context, of_several, &memory);
    }
    let mut dream = begin(context, window, &memory)?;
    match pass(context, &dream, parameters, progress, cancel, &memory) {
        Ok((mut outcome, protected)) => {
            across::tell(context, &memory, &mut outcome)?;
            progress(Progress { stage: "checking", done: 0, total: 0 });
            let material =
                Material { agent: context.agent, memory: &memory, outcome: &outcome, protected: &protected };
            let mut proposals = propose::proposals(&dream.id, &material);
            context.writer.put_endings(&context.agent.id, outcome.endings.clone())?;
            let cutting = cut(&memory, &outcome.proposed);
            returns::recognise(context.reader, context.cuttings, &cutting, &mut proposals)?;
            dream.status = DreamStatus::Completed;
            dream.proposed = Some(context.writer.put_snapshot(&outcome.proposed)?);
            dream.manifest = Some(outcome.manifest);
            dream.ended = Some(context.writer.now());
            context.writer.finish_dream(&dream, proposals, context.by)?;
            Ok(dream.id)
        }
        Err(error) => {
            let canceled = matches!(error, SyncError::Canceled);
            dream.status = if canceled { DreamStatus::Canceled } else { DreamStatus::Failed };
            dream.error = Some(error.to_string());
            dream.ended = Some(context.writer.now());
            context.writer.put_dream(&dream)?;
            Err(error)
        }
    }
}

/// Sessions on the platform are only listed by a sync; those in the window are fetched before they are read.
fn fetch(
    context: &Context<'_>,
    platform: &Platform,
    window: &Window,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<(), SyncError> {
    let options = Options::default();
    let far =
        Far { platform, reader: context.reader, writer: context.writer, options: &options, by: context.by };
    let sessions = context.reader.sessions(&context.agent.id, window)?;
    let wanted: Vec<_> = sessions.into_iter().map(|session| session.id).collect();
    transcripts::fetch(&far, context.agent, &wanted, progress, cancel)?;
    Ok(())
}

/// The memory as last read, where there are transcripts to go with it.
fn cached(context: &Context<'_>, window: &Window) -> Result<Snapshot, SyncError> {
    let missing = |what: &str| SyncError::NotCached {
        what: format!("{what} of {}", SafeText::line(&context.agent.name)),
    };
    let memory = context.reader.memory(&context.agent.id)?.ok_or_else(|| missing("no memory"))?;
    let sessions = context.reader.sessions(&context.agent.id, window)?;
    if !sessions.is_empty() && sessions.iter().all(is_only_listed) {
        return Err(missing("no transcript"));
    }
    Ok(memory)
}

/// Whether nothing but the list is known of a session.
fn is_only_listed(session: &SessionMeta) -> bool {
    session.remote.as_ref().is_some_and(|remote| remote.fetched.is_none())
}

/// A pass that still counts as running although its lock is free died with its program.
pub(super) fn end_abandoned(context: &Context<'_>) -> Result<(), SyncError> {
    for mut dream in context.reader.dreams(Some(&context.agent.id))? {
        if dream.remote.is_none() && !dream.status.is_final() {
            dream.status = DreamStatus::Failed;
            dream.ended = Some(context.writer.now());
            let advice = "wakeful was ended while it ran; nothing was proposed. Run it again with `wakeful dream run`.";
            dream.error = Some(advice.to_owned());
            context.writer.put_dream(&dream)?;
        }
    }
    Ok(())
}

pub(super) fn begin(context: &Context<'_>, window: &Window, memory: &Snapshot) -> Result<Dream, SyncError> {
    let started = context.writer.now();
    let earlier = context.reader.dreams(Some(&context.agent.id))?.len() as u64;
    let moment = started.to_string();
    let parts: [&[u8]; 3] = [context.agent.id.as_str().as_bytes(), moment.as_bytes(), &earlier.to_le_bytes()];
    let dream = Dream {
        id: DreamId::new(content_id("drm", &parts)),
        agent: context.agent.id.clone(),
        engine: Engine::Offline,
        status: DreamStatus::Running,
        started,
        ended: None,
        window: window.clone(),
        base: context.writer.put_snapshot(memory)?,
        proposed: None,
        manifest: None,
        error: None,
        model: None,
        instructions: None,
        remote: None,
        usage: None,
        estimate: None,
        cost: None,
    };
    context.writer.put_dream(&dream)?;
    Ok(dream)
}

/// Documents written by people, as path and text.
type Protected = Vec<(String, String)>;

fn pass(
    context: &Context<'_>,
    dream: &Dream,
    parameters: &Parameters,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
    memory: &Snapshot,
) -> Result<(Outcome, Protected), SyncError> {
    let protected: Protected =
        context.source.protected(context.agent)?.into_iter().map(|doc| (doc.path, doc.text)).collect();
    let sessions = context.reader.all_sessions(&context.agent.id)?;
    let ages = ages(context, memory)?;
    let (mut sessions, mut kept_out) = quarantine::kept_out(context.reader, &context.agent.id, sessions)?;
    for absent in sessions.extract_if(.., |session| is_only_listed(session)) {
        let reason = "its transcript is not in the cache, and nothing was fetched for this dream".to_owned();
        kept_out.push(Excluded { session: absent.id, reason });
    }
    let kept = KeptFacts::open(context)?;
    let result = offline::run(&Request {
        agent: context.agent,
        sessions: &sessions,
        memory,
        ages: &ages,
        protected: &protected,
        window: &dream.window,
        parameters,
        facts: &|session| kept.of(session),
        known: &|session| kept.known(session).ok().flatten(),
        progress,
        cancel,
    });
    // Also after a failure: what was read need not be read again.
    kept.keep()?;
    match result {
        Ok(mut outcome) => {
            outcome.manifest.excluded.extend(kept_out);
            Ok((outcome, protected))
        }
        Err(DreamError::Canceled) => Err(SyncError::Canceled),
        Err(error) => Err(SyncError::Dream { reason: error.to_string() }),
    }
}

/// Since when the notes of a memory are known to be there. States that are no longer kept end the look back.
fn ages(context: &Context<'_>, memory: &Snapshot) -> Result<Ages, SyncError> {
    let mut states = Vec::new();
    for version in context.reader.memory_log(&context.agent.id)?.into_iter().take(STATES) {
        match context.reader.snapshot(version.snapshot) {
            Ok(state) => states.push((version.seen_at, state)),
            Err(StoreError::Unknown { .. }) => break,
            Err(error) => return Err(error.into()),
        }
    }
    states.reverse();
    let written = |path: &DocPath| context.source.written(context.agent, path);
    Ok(Ages::of(memory, &states)
        .written_at(memory.iter().filter_map(|(path, _)| Some((path.clone(), written(path)?)))))
}
