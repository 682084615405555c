//! Reading the documents of a memory store, and only those that are not held already.
//!
//! Owns: which listing brings them with the fewest requests, and going on where an earlier reading was cut off.
//! Must not know: the cache, or whose memory it is.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::super::MemoryRead;
use super::source::again;
use super::wire::{Memory, MemoryItem, View};
use super::{Platform, PlatformError};
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::session::Skipped;

/// Documents that a listing with contents brings at a time, unchanged ones too.
const PER_PAGE: usize = 20;

/// Where texts are kept while a store is read, so that a reading that is cut off need not start over.
pub trait Shelf {
    /// The text with this hash, if it is held.
    fn text(&self, hash: ContentHash) -> Option<Arc<str>>;

    /// The page marker that was kept last.
    fn marker(&self) -> Option<String>;

    /// Keeps texts that were read, and the marker of the page that comes next; `None` at the end of the list.
    fn keep(&self, texts: Vec<Arc<str>>, marker: Option<&str>);
}

/// Keeps nothing.
pub struct NoShelf;

impl Shelf for NoShelf {
    fn text(&self, _: ContentHash) -> Option<Arc<str>> {
        None
    }

    fn marker(&self) -> Option<String> {
        None
    }

    fn keep(&self, _: Vec<Arc<str>>, _: Option<&str>) {}
}

impl Platform {
    /// A store's documents. Those that `known` or the shelf hold as they are now are not fetched.
    ///
    /// # Errors
    /// When the store can't be read. What was read until then is on the shelf.
    pub fn read_store(
        &self,
        store: &str,
        known: &Snapshot,
        shelf: &dyn Shelf,
    ) -> Result<MemoryRead, PlatformError> {
        let mut reading =
            Reading { platform: self, store, shelf, read: MemoryRead::default(), wanted: BTreeMap::new() };
        let ids = self.block_on(reading.run(known))?;
        self.ids().insert(store.to_owned(), ids);
        Ok(reading.read)
    }
}

struct Reading<'r> {
    platform: &'r Platform,
    store: &'r str,
    shelf: &'r dyn Shelf,
    read: MemoryRead,
    /// Documents that are not held: id by path.
    wanted: BTreeMap<DocPath, String>,
}

impl Reading<'_> {
    /// Reads all of it; gives the ids of the memories by path.
    async fn run(&mut self, known: &Snapshot) -> Result<HashMap<String, String>, PlatformError> {
        let client = self.platform.client();
        let listed: Vec<MemoryItem> =
            again(|| async { client.memories(self.store, View::Basic).try_collect().await }).await?;
        let total = listed.len();
        let mut ids = HashMap::new();
        for memory in listed.into_iter().filter_map(memory) {
            ids.insert(memory.path.clone(), memory.id.clone());
            match DocPath::new(&memory.path) {
                Ok(path) => match self.held(&path, &memory, known) {
                    Some(text) => self.read.snapshot.insert(path, text),
                    None => drop(self.wanted.insert(path, memory.id)),
                },
                Err(bad) => self.read.skipped.push(skipped(&memory, bad.reason)),
            }
        }
        // Asking for single ones brings one at a time.
        let many = |wanted: &BTreeMap<DocPath, String>| wanted.len() > total / PER_PAGE + 1;
        let mut marker = self.shelf.marker();
        let mut attempt = 0;
        while many(&self.wanted) && attempt < 3 {
            match self.pages(marker.take()).await {
                Ok(()) | Err(PlatformError::ListBroken { .. }) => attempt += 1,
                Err(error) => return Err(error),
            }
        }
        self.singles().await?;
        self.shelf.keep(Vec::new(), None);
        Ok(ids)
    }

    fn held(&self, path: &DocPath, memory: &Memory, known: &Snapshot) -> Option<Arc<str>> {
        let hash = ContentHash::parse(&memory.content_sha256)?;
        let as_known = known.get(path).filter(|text| ContentHash::of(text.as_bytes()) == hash);
        as_known.cloned().or_else(|| self.shelf.text(hash))
    }

    /// Reads pages with contents, from a marker on.
    async fn pages(&mut self, marker: Option<String>) -> Result<(), PlatformError> {
        let mut pages = pin!(self.platform.client().memory_pages(self.store, View::Full, marker));
        while let Some((page, next)) = pages.try_next().await? {
            let texts = page.into_iter().filter_map(memory).filter_map(|memory| self.take(memory)).collect();
            self.shelf.keep(texts, next.as_deref());
        }
        Ok(())
    }

    /// Reads what is still missing one by one.
    async fn singles(&mut self) -> Result<(), PlatformError> {
        let (client, store) = (self.platform.client(), self.store);
        let ids: Vec<String> = self.wanted.values().cloned().collect();
        let fetched = stream::iter(ids).map(|id| async move {
            match client.memory(store, &id).await {
                Ok(memory) => Ok(Some(memory)),
                // Deleted since it was listed.
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        });
        let mut fetched = pin!(fetched.buffer_unordered(client.settings().limits.concurrency.max(1)));
        while let Some(memory) = fetched.try_next().await? {
            if let Some(text) = memory.and_then(|memory| self.take(memory)) {
                self.shelf.keep(vec![text], None);
            }
        }
        Ok(())
    }

    /// Puts a memory with its content into the snapshot; gives its text if it is new.
    fn take(&mut self, memory: Memory) -> Option<Arc<str>> {
        let path = DocPath::new(&memory.path).ok()?;
        self.wanted.remove(&path);
        if self.read.snapshot.get(&path).is_some_and(|text| is_of(text, &memory.content_sha256)) {
            return None;
        }
        match &memory.content {
            Some(text) if is_of(text, &memory.content_sha256) => {
                let text: Arc<str> = text.as_str().into();
                self.read.snapshot.insert(path, Arc::clone(&text));
                Some(text)
            }
            Some(_) => {
                self.read
                    .skipped
                    .push(skipped(&memory, "its content arrived changed; its hash says otherwise"));
                None
            }
            None => {
                self.read.skipped.push(skipped(&memory, "it came without its content"));
                None
            }
        }
    }
}

fn memory(item: MemoryItem) -> Option<Memory> {
    match item {
        MemoryItem::Memory(memory) => Some(*memory),
        MemoryItem::Prefix(_) | MemoryItem::Other(_) => None,
    }
}

fn is_of(text: &str, hash: &str) -> bool {
    ContentHash::parse(hash).is_some_and(|hash| hash == ContentHash::of(text.as_bytes()))
}

fn skipped(memory: &Memory, reason: &str) -> Skipped {
    Skipped {
        file: memory.path.clone(),
        offset: 0,
        bytes: memory.content_size_bytes.unwrap_or(0),
        reason: reason.to_owned(),
    }
}
