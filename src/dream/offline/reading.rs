//! Reading the sessions of a pass, several at a time.
//!
//! Owns: progress, the stop button, and what becomes of sessions that can't be read. Must not know: what is taken
//! from a session, or in which order it is used.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::facts::{Actions, SessionFacts};
use crate::domain::dream::{Excluded, Progress};
use crate::domain::session::SessionMeta;
use crate::dream::{DreamError, Request};

/// Sessions with what was taken from them, and those that can't be read.
pub(super) type Read<'a> = (Vec<(&'a SessionMeta, SessionFacts)>, Vec<Excluded>);

/// Reads the chosen sessions, in their order.
///
/// # Errors
/// When it was stopped, or when not one of them can be read.
pub(super) fn read_facts<'a>(
    request: &Request<'_>,
    chosen: &[&'a SessionMeta],
) -> Result<Read<'a>, DreamError> {
    let total = chosen.len() as u64;
    let done = AtomicU64::new(0);
    (request.progress)(Progress { stage: "reading", done: 0, total });
    let actions = Mutex::new(Actions::default());
    let results: Vec<Option<Result<SessionFacts, String>>> = chosen
        .par_iter()
        .map(|session| {
            if request.cancel.load(Ordering::Relaxed) {
                return None;
            }
            let mut facts = (request.facts)(session).map_err(|error| error.to_string());
            if let Ok(facts) = &mut facts {
                actions.lock().unwrap_or_else(PoisonError::into_inner).share(facts);
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (request.progress)(Progress { stage: "reading", done, total });
            Some(facts)
        })
        .collect();
    let mut read = Vec::with_capacity(chosen.len());
    let mut unreadable = Vec::new();
    let mut first = None;
    for (session, result) in chosen.iter().zip(results) {
        match result.ok_or(DreamError::Canceled)? {
            Ok(facts) => read.push((*session, facts)),
            Err(problem) => {
                unreadable.push(Excluded {
                    session: session.id.clone(),
                    reason: format!("can't be read: {problem}"),
                });
                first.get_or_insert(problem);
            }
        }
    }
    match first {
        Some(first) if read.is_empty() => Err(DreamError::Unreadable { sessions: chosen.len(), first }),
        _ => Ok((read, unreadable)),
    }
}
