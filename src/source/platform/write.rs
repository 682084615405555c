//! Writing one memory on condition.
//!
//! Owns: that nothing is overwritten unseen, that a write may be repeated, and finding out what stands
//! there when an answer is lost. Must not know: lessons, or why something is written.

use futures_util::stream::TryStreamExt;

use super::super::WriteError;
use super::endpoints::MemoryChange;
use super::error::{PlatformError, RefusalKind};
use super::wire::{Memory, MemoryItem};
use super::{MEMORY_BYTES_MOST, PATH_PARTS_MOST, Platform};
use crate::domain::memory::{ContentHash, DocPath};

impl Platform {
    /// Writes one memory of a store, if it still is what the caller saw; see
    /// [`write`](super::super::Source::write).
    ///
    /// # Errors
    /// As there.
    pub fn write_memory(
        &self,
        store: &str,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError> {
        let refused = |reason| Err(WriteError::Refused { path: path.clone(), reason });
        if store.is_empty() {
            return refused("its agent has no memory store");
        }
        if content.is_some_and(|text| text.len() > MEMORY_BYTES_MOST) {
            return refused("it would be larger than the 100 kB that a memory may have");
        }
        if path.relative().split('/').count() > PATH_PARTS_MOST {
            return refused("its path has more than 20 parts");
        }
        self.block_on(Write { platform: self, store, path, expected, content }.run())
    }

    /// The memory at a path, with its content.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn memory_at(&self, store: &str, path: &DocPath) -> Result<Option<Memory>, PlatformError> {
        self.block_on(self.find(store, path))
    }

    pub(super) async fn find(&self, store: &str, path: &DocPath) -> Result<Option<Memory>, PlatformError> {
        let wanted = path.as_str();
        let known = self.ids().get(store).and_then(|ids| ids.get(wanted)).cloned();
        if let Some(id) = known {
            match self.client().memory(store, &id).await {
                Ok(memory) if memory.path == wanted => return Ok(Some(memory)),
                // It moved; another may stand here by now.
                Ok(_) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        let folder = wanted.rsplit_once('/').map_or("/", |(folder, _)| folder);
        let mut items = self.client().memories_in(store, &format!("{}/", folder.trim_end_matches('/')));
        let mut found = None;
        while let Some(item) = items.try_next().await? {
            if let MemoryItem::Memory(memory) = item
                && memory.path == wanted
            {
                found = Some(memory.id);
                break;
            }
        }
        let Some(id) = found else {
            if let Some(ids) = self.ids().get_mut(store) {
                ids.remove(wanted);
            }
            return Ok(None);
        };
        self.remember(store, wanted, &id);
        match self.client().memory(store, &id).await {
            Ok(memory) => Ok((memory.path == wanted).then_some(memory)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn remember(&self, store: &str, path: &str, id: &str) {
        self.ids().entry(store.to_owned()).or_default().insert(path.to_owned(), id.to_owned());
    }
}

struct Write<'w> {
    platform: &'w Platform,
    store: &'w str,
    path: &'w DocPath,
    expected: Option<ContentHash>,
    content: Option<&'w str>,
}

impl Write<'_> {
    async fn run(&self) -> Result<(), WriteError> {
        let there = self.look().await?;
        let found = hash_of(there.as_ref()).map_err(|error| self.failed(error))?;
        if found == self.wanted() {
            return Ok(());
        }
        if found != self.expected {
            return Err(self.changed(found));
        }
        let Err(error) = self.send(there.as_ref().map(|memory| memory.id.as_str())).await else {
            return Ok(());
        };
        if !(error.is_ambiguous() || says_changed(&error)) {
            return Err(self.failed(error));
        }
        // Whatever the answer was, what stands there now decides.
        let Ok(there) = self.platform.find(self.store, self.path).await else {
            return Err(self.failed(error));
        };
        let Ok(found) = hash_of(there.as_ref()) else { return Err(self.failed(error)) };
        if found == self.wanted() {
            Ok(())
        } else if found == self.expected {
            Err(self.failed(error))
        } else {
            Err(self.changed(found))
        }
    }

    async fn send(&self, id: Option<&str>) -> Result<(), PlatformError> {
        let client = self.platform.client();
        match (id, self.expected, self.content) {
            (None, _, Some(content)) => {
                let made = client.create_memory(self.store, self.path.as_str(), content).await?;
                self.platform.remember(self.store, self.path.as_str(), &made.id);
            }
            (Some(id), Some(expected), Some(content)) => {
                let change = MemoryChange { content: Some(content.to_owned()), path: None, expected };
                client.update_memory(self.store, id, &change).await?;
            }
            (Some(id), Some(expected), None) => {
                client.delete_memory(self.store, id, expected).await?;
            }
            // Nothing is to become of nothing: `run` has seen that already.
            (None, _, None) | (Some(_), None, _) => {}
        }
        Ok(())
    }

    async fn look(&self) -> Result<Option<Memory>, WriteError> {
        self.platform.find(self.store, self.path).await.map_err(|error| self.failed(error))
    }

    fn wanted(&self) -> Option<ContentHash> {
        self.content.map(|text| ContentHash::of(text.as_bytes()))
    }

    fn changed(&self, found: Option<ContentHash>) -> WriteError {
        WriteError::Changed { path: self.path.clone(), found }
    }

    fn failed(&self, error: PlatformError) -> WriteError {
        WriteError::Platform { path: self.path.clone(), error: Box::new(error) }
    }
}

/// Refusals that say that something else stands there than was seen.
pub(super) fn says_changed(error: &PlatformError) -> bool {
    matches!(
        error.kind(),
        Some(
            RefusalKind::Precondition
                | RefusalKind::PathTaken
                | RefusalKind::NotFound
                | RefusalKind::Conflict
        )
    )
}

/// Hash of what stands there: of the text itself, and not what the server says of it.
pub(super) fn hash_of(memory: Option<&Memory>) -> Result<Option<ContentHash>, PlatformError> {
    let Some(memory) = memory else { return Ok(None) };
    let odd = |reason: &str| PlatformError::Unexpected {
        at: format!("memory {}", crate::domain::text::SafeText::line(&memory.id)),
        reason: reason.to_owned(),
        request_id: None,
    };
    let text = memory.content.as_ref().ok_or_else(|| odd("it came without its content"))?;
    Ok(Some(ContentHash::of(text.as_bytes())))
}
