//! The store that a dream left beside the one it read, and what becomes of it.
//!
//! Owns: whether there is one that may be put away, and putting it away, once. Must not know: how it is asked.

use super::far::Far;
use crate::domain::dream::Dream;
use crate::domain::lifecycle::State;
use crate::domain::memory::Snapshot;
use crate::domain::remote::{OutputStore, RemoteDream};
use crate::source::platform::NoShelf;
use crate::store::LessonQuery;
use crate::sync::SyncError;

/// What a dream left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Id of the store.
    pub store: String,
    /// Its name; empty where it is not there any more.
    pub name: String,
    /// Documents in it.
    pub documents: u64,
    /// Lessons of the dream that can still be decided or written. They don't need the store.
    pub open: u64,
    /// What became of it so far.
    pub now: OutputStore,
}

/// Looks at the store that only this dream made. One that was put away already is not asked about again.
///
/// # Errors
/// [`SyncError::NoLeftover`] where there is none; or the platform can't be reached.
pub fn look(far: &Far<'_>, dream: &Dream) -> Result<Leftover, SyncError> {
    let (remote, store) = of(far, dream)?;
    let open = far.reader.lessons(&LessonQuery {
        dream: Some(dream.id.clone()),
        states: vec![State::Pending, State::Accepted],
        ..LessonQuery::default()
    })?;
    let mut left =
        Leftover { store, name: String::new(), documents: 0, open: open.len() as u64, now: remote.output };
    if left.now == OutputStore::Deleted {
        return Ok(left);
    }
    match far.platform.block_on(far.platform.client().store(&left.store)) {
        Ok(found) => {
            left.name = found.name;
            if found.archived_at.is_some() {
                left.now = OutputStore::Archived;
            }
        }
        Err(error) if error.is_not_found() => left.now = OutputStore::Deleted,
        Err(error) => return Err(error.into()),
    }
    if left.now == OutputStore::Kept {
        let read = far.platform.read_store(&left.store, &Snapshot::new(), &NoShelf)?;
        left.documents = read.snapshot.len() as u64;
    }
    note(far, dream, left.now)?;
    Ok(left)
}

/// Archives the store, or deletes it with everything in it. Done again, it changes nothing.
///
/// # Errors
/// As [`look`].
pub fn put_away(far: &Far<'_>, dream: &Dream, delete: bool) -> Result<OutputStore, SyncError> {
    let (_, store) = of(far, dream)?;
    let client = far.platform.client();
    let done = far.platform.block_on(async {
        if delete {
            client.delete_store(&store).await.map(drop)
        } else {
            client.archive_store(&store).await.map(drop)
        }
    });
    let end = match done {
        Ok(()) if delete => OutputStore::Deleted,
        Ok(()) => OutputStore::Archived,
        // Someone was faster; whether by hand or in another window, it is as it was to be.
        Err(error) if error.is_not_found() => OutputStore::Deleted,
        Err(error) => return Err(error.into()),
    };
    note(far, dream, end)?;
    tracing::info!(dream = %dream.id, store, end = end.as_str(), "a leftover store was put away");
    Ok(end)
}

/// Keeps what became of the store with the dream.
fn note(far: &Far<'_>, dream: &Dream, end: OutputStore) -> Result<(), SyncError> {
    let Some(mut kept) = far.reader.dream(&dream.id)? else { return Ok(()) };
    if let Some(remote) = kept.remote.as_mut().filter(|remote| remote.output != end) {
        remote.output = end;
        far.writer.put_dream(&kept)?;
    }
    Ok(())
}

/// The store that only this dream made.
fn of<'d>(far: &Far<'_>, dream: &'d Dream) -> Result<(&'d RemoteDream, String), SyncError> {
    let refused = |why: &'static str| Err(SyncError::NoLeftover { dream: dream.id.clone(), why });
    let remote = match &dream.remote {
        Some(remote) if remote.profile == far.platform.profile() => remote,
        Some(_) => return refused("is of a profile that is not configured any more"),
        None => return refused("ran on this machine and left no store"),
    };
    if !dream.status.is_final() {
        return refused("has not ended; cancel it first, or wait");
    }
    let Some(store) = remote.output_store.clone() else { return refused("made no store") };
    if remote.in_place || store == remote.input_store {
        return refused("wrote into the memory it read, which is no leftover");
    }
    let works_with =
        |agent: &crate::domain::agent::Agent| agent.memory_at == store && !agent.sessions_at.is_empty();
    if far.reader.agents()?.iter().any(works_with) {
        return refused("made a store that an agent works with by now");
    }
    Ok((remote, store))
}
