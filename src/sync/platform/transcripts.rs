//! Fetching the transcripts that a dream reads, and nothing that is here already.
//!
//! Owns: which are fetched again, and keeping what was read of each. Must not know: what reads them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use super::convert;
use super::far::Far;
use crate::domain::agent::Agent;
use crate::domain::dream::Progress;
use crate::domain::ids::SessionId;
use crate::domain::remote::RemoteSession;
use crate::domain::session::SessionMeta;
use crate::source::platform::{PlatformError, RefusalKind};
use crate::source::{Described, FoundSession, Source, SourceError, describe};
use crate::sync::SyncError;

/// Transcripts fetched before they are noted: a kill loses no more than these.
const BATCH: usize = 8;

/// What was fetched.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The sessions whose transcripts are here now, in the order asked.
    pub sessions: Vec<SessionMeta>,
    /// Those that could not be fetched, and why.
    pub missing: Vec<(SessionId, String)>,
}

/// Fetches the transcripts of sessions that are not here, or changed since.
///
/// # Errors
/// When the key is refused, the platform can't be reached, or it was stopped. A session that is gone is in
/// the answer instead.
pub fn fetch(
    far: &Far<'_>,
    agent: &Agent,
    sessions: &[SessionId],
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<Fetched, SyncError> {
    let total = sessions.len() as u64;
    let done = AtomicU64::new(0);
    let mut fetched = Fetched::default();
    for batch in sessions.chunks(BATCH) {
        if cancel.load(Ordering::Relaxed) {
            return Err(SyncError::Canceled);
        }
        let mut known = Vec::with_capacity(batch.len());
        for id in batch {
            known.push((id, far.reader.session(&agent.id, id)?));
        }
        let results: Vec<_> = known
            .into_par_iter()
            .map(|(id, meta)| {
                let result = one(far.platform, far.options, agent, id, meta);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(Progress { stage: "fetching transcripts", done, total });
                (id, result)
            })
            .collect();
        let mut new = Vec::new();
        for (id, result) in results {
            match result {
                Ok(Transcript::Here(meta)) => fetched.sessions.push(*meta),
                Ok(Transcript::New(described)) => {
                    fetched.sessions.push(described.meta.clone());
                    new.push((described.meta, described.links));
                }
                Err(error) if is_of_this_session(&error) => {
                    fetched.missing.push((id.clone(), error.to_string()));
                }
                Err(error) => {
                    far.writer.put_sessions(&agent.id, new)?;
                    return Err(error.into());
                }
            }
        }
        far.writer.put_sessions(&agent.id, new)?;
    }
    Ok(fetched)
}

enum Transcript {
    Here(Box<SessionMeta>),
    New(Box<Described>),
}

fn one(
    platform: &crate::source::platform::Platform,
    options: &super::options::Options,
    agent: &Agent,
    id: &SessionId,
    known: Option<SessionMeta>,
) -> Result<Transcript, SourceError> {
    let mut meta = match known {
        Some(meta) => meta,
        // Somebody else's dream may have read sessions of another agent.
        None => {
            let listed = platform.block_on(platform.client().session(id.as_str()))?;
            convert::session(&listed, agent, &options.labels_of(platform.profile()), None)
        }
    };
    let here = platform.fetched_transcript(id.as_str());
    if meta.remote.as_ref().is_some_and(RemoteSession::is_fetched)
        && here.is_some_and(|file| meta.files.first().is_some_and(|known| known.bytes == file.bytes))
    {
        return Ok(Transcript::Here(Box::new(meta)));
    }
    let file = platform.fetch_transcript(id.as_str())?;
    let found = FoundSession { id: id.clone(), files: vec![file] };
    let mut described = describe(platform as &dyn Source, agent, &found)?;
    if let Some(remote) = &mut meta.remote {
        remote.fetched = Some(remote.updated);
    }
    let read = &mut described.meta;
    read.remote = meta.remote;
    read.user = meta.user.or(read.user.take());
    read.segment = meta.segment.or(read.segment.take());
    if !meta.title.is_empty() {
        read.title = meta.title;
    }
    // The list decides what is new; times of the events would put sessions in another order.
    read.started = meta.started.or(read.started);
    read.ended = meta.ended.or(read.ended);
    Ok(Transcript::New(Box::new(described)))
}

fn is_of_this_session(error: &SourceError) -> bool {
    match error {
        SourceError::Platform(error) => {
            matches!(
                error.kind(),
                Some(
                    RefusalKind::NotFound
                        | RefusalKind::Permission
                        | RefusalKind::Request
                        | RefusalKind::TooLarge
                )
            ) || matches!(**error, PlatformError::Unexpected { .. })
        }
        _ => true,
    }
}
