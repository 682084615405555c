//! The Claude platform's Managed Agents, and servers that speak the same.
//!
//! Owns: a typed client for its endpoints, and the blocking face of it that the rest of the program reads
//! and writes memory through. Must not know: the cache, lessons, or the screen.
//!
//! Read `settings` and `client` first: how a request is made. `retry` says when it is made again, `error`
//! what can go wrong, `wire` what travels.

pub mod auth;
mod call;
mod client;
mod documents;
mod endpoints;
pub mod error;
mod events;
pub mod limit;
mod page;
mod pairs;
mod rename;
pub mod retry;
pub mod settings;
mod source;
pub mod sse;
mod transcript;
mod transport;
pub mod wire;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use tokio::runtime::{Handle, Runtime};

use crate::domain::clock::Clock;
use crate::domain::session::SessionFile;

pub use auth::{AuthStyle, Key, KeySource};
pub use client::Client;
pub use documents::{NoShelf, Shelf};
pub use endpoints::{DreamQuery, EventQuery, MemoryChange, Order, SessionQuery, VersionQuery};
pub use error::{PlatformError, Refusal, RefusalKind};
pub use pairs::{Mounted, agent_id, note_mounts, paired, pairs};
pub use retry::RetryPolicy;
pub use settings::{Betas, Limits, Settings, Timeouts};
pub use transcript::masked;

/// Largest memory, in bytes.
pub const MEMORY_BYTES_MOST: usize = 102_400;

/// Parts that the path of a memory may have.
pub const PATH_PARTS_MOST: usize = 20;

/// Memories a store may hold.
pub const MEMORIES_MOST: usize = 2_000;

/// The platform as one profile, for code that may wait: each call returns when it is done.
///
/// It must be called outside of asynchronous code.
pub struct Platform {
    client: Client,
    handle: Handle,
    /// Held for as long as this lives, and let go without waiting for its threads.
    runtime: Option<Runtime>,
    transcripts: PathBuf,
    clock: Arc<dyn Clock>,
    /// Ids of memories by store and path as last seen, so that a write need not search for its document.
    ids: Mutex<HashMap<String, HashMap<String, String>>>,
}

/// What a look at the platform found.
#[derive(Debug)]
pub struct Checked {
    /// Whether agents can be listed: the key is good.
    pub agents: Result<(), PlatformError>,
    /// Whether memory stores can be listed.
    pub memory: Result<(), PlatformError>,
    /// Whether dreams can be listed: the organization has access to the preview.
    pub dreams: Result<(), PlatformError>,
    /// How far this machine's clock is ahead of the server's, where that says its time.
    pub ahead: Option<SignedDuration>,
}

impl Platform {
    /// The platform as the settings say. Transcripts go into the folder `transcripts`. Nothing is sent yet.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn new(
        settings: Settings,
        transcripts: PathBuf,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PlatformError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("platform")
            .enable_all()
            .build()
            .map_err(|error| PlatformError::Settings {
                reason: format!("no threads could be started: {error}"),
            })?;
        let client = Client::new(settings)?;
        let handle = runtime.handle().clone();
        Ok(Self { client, handle, runtime: Some(runtime), transcripts, clock, ids: Mutex::default() })
    }

    /// The client, for what this face does not have.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The profile's name.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.client.settings().profile
    }

    /// Where fetched transcripts lie.
    #[must_use]
    pub fn transcripts(&self) -> &Path {
        &self.transcripts
    }

    /// Waits for something the client does.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle.block_on(future)
    }

    /// As [`Self::block_on`], but no longer than this; `None` when the time ran out.
    pub fn within<F: Future>(&self, time: std::time::Duration, future: F) -> Option<F::Output> {
        self.handle.block_on(async { tokio::time::timeout(time, future).await.ok() })
    }

    /// The items of a list one after another, each waited for. No more is asked for than is taken.
    pub fn each<'a, S>(&'a self, mut list: S) -> impl Iterator<Item = S::Item> + 'a
    where
        S: futures_util::Stream + Unpin + 'a,
    {
        std::iter::from_fn(move || self.block_on(futures_util::StreamExt::next(&mut list)))
    }

    /// Fetches a session's events, with those of its sub-agents, and keeps them as
    /// `<transcripts>/<session>.jsonl`: one event a line as it came, secrets masked. The file is replaced
    /// as a whole; a failure leaves the earlier one.
    ///
    /// # Errors
    /// When the events can't be fetched or kept.
    pub fn fetch_transcript(&self, session: &str) -> Result<SessionFile, PlatformError> {
        self.block_on(transcript::fetch(&self.client, session, &self.transcripts))
    }

    /// The transcript of a session as it was last fetched.
    #[must_use]
    pub fn fetched_transcript(&self, session: &str) -> Option<SessionFile> {
        transcript::fetched(&self.transcripts, session)
    }

    /// Looks whether key, access and clock are right, with one small request each.
    #[must_use]
    pub fn check(&self) -> Checked {
        let [agents, memory, dreams] = self.block_on(self.client.probe());
        let ahead = [&agents, &memory, &dreams]
            .into_iter()
            .find_map(|probe| *probe.as_ref().ok()?)
            .map(|server| self.clock.now().duration_since(server));
        Checked { agents: agents.map(drop), memory: memory.map(drop), dreams: dreams.map(drop), ahead }
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<String, HashMap<String, String>>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
