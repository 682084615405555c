//! The built-in engine: no model, no key, no cost, and the same answer every time.
//!
//! Owns: the order of the stages, their progress and the stop button. Must not know: what any stage
//! finds.

mod extract;
pub mod facts;
mod failures;
mod masks;
mod pool;
mod shapes;
mod shell;
#[cfg(test)]
mod test_corpus;
mod window;
mod wishes;
mod words;

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

pub use extract::extract;

use super::{DreamError, Outcome, Request, manifest};
use crate::domain::dream::{Excluded, Manifest, Progress};
use crate::domain::session::SessionMeta;
use facts::SessionFacts;
use pool::Pool;

/// Name and version of this engine, as the manifest gives it.
pub const ENGINE: &str = "offline/1";

/// Runs a pass: the same request gives the same outcome, byte for byte, whatever the order of its
/// sessions and the number of threads.
///
/// # Errors
/// When it was stopped, or when no session of the window could be read.
pub fn run(request: &Request<'_>) -> Result<Outcome, DreamError> {
    let mut selection = window::select(request.sessions, request.window);
    let (read, unreadable) = read_facts(request, &selection.chosen)?;
    selection.excluded.extend(unreadable);
    let pool = Pool::new(read);
    let corpus = manifest::corpus(pool.members.iter().map(|member| member.meta));
    let manifest = Manifest {
        engine: ENGINE.to_owned(),
        parameters: request.parameters.hash().to_string(),
        corpus,
        read: pool.members.iter().map(|member| member.meta.id.clone()).collect(),
        excluded: selection.excluded,
        noise: None,
        noise_copies: 0,
        remarks: Vec::new(),
    };
    Ok(Outcome { proposed: request.memory.clone(), claims: Vec::new(), manifest })
}

type Read<'a> = (Vec<(&'a SessionMeta, SessionFacts)>, Vec<Excluded>);

fn read_facts<'a>(request: &Request<'_>, chosen: &[&'a SessionMeta]) -> Result<Read<'a>, DreamError> {
    let total = chosen.len() as u64;
    let done = AtomicU64::new(0);
    (request.progress)(Progress { stage: "reading", done: 0, total });
    let results: Vec<Option<Result<SessionFacts, String>>> = chosen
        .par_iter()
        .map(|session| {
            if request.cancel.load(Ordering::Relaxed) {
                return None;
            }
            let facts = (request.facts)(session).map_err(|error| error.to_string());
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
