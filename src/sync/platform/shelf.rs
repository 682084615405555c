//! Texts of a memory store in the cache while it is read.
//!
//! Owns: keeping them page by page with the place in the list, so that a kill costs one page and not the whole
//! store. Must not know: requests.

use std::sync::Arc;

use super::far::Far;
use crate::domain::memory::{ContentHash, Snapshot};
use crate::source::MemoryRead;
use crate::source::platform::{PlatformError, Shelf};
use crate::store::StoreError;

/// Reads the documents of a store, going on where an earlier reading was cut off.
///
/// # Errors
/// When the store can't be read; what was read until then is in the cache.
pub(super) fn read(far: &Far<'_>, store: &str, known: &Snapshot) -> Result<MemoryRead, PlatformError> {
    let shelf = CacheShelf { far, list: format!("contents:{store}") };
    far.platform.read_store(store, known, &shelf)
}

struct CacheShelf<'a> {
    far: &'a Far<'a>,
    list: String,
}

impl CacheShelf<'_> {
    fn put(&self, texts: Vec<Arc<str>>, marker: Option<&str>) -> Result<(), StoreError> {
        let profile = self.far.platform.profile();
        if texts.is_empty() && marker.unwrap_or_default() == self.marker().unwrap_or_default() {
            return Ok(());
        }
        self.far.writer.put_documents(texts, profile, &self.list, marker.unwrap_or_default())
    }
}

impl Shelf for CacheShelf<'_> {
    fn text(&self, hash: ContentHash) -> Option<Arc<str>> {
        self.far.reader.document(hash).ok()
    }

    fn marker(&self) -> Option<String> {
        let kept = self.far.reader.cursor(self.far.platform.profile(), &self.list).ok()?;
        kept.filter(|marker| !marker.is_empty())
    }

    fn keep(&self, texts: Vec<Arc<str>>, marker: Option<&str>) {
        if let Err(error) = self.put(texts, marker) {
            // Reading goes on: all of it is kept at its end, or that fails and says so.
            tracing::warn!(%error, list = %self.list, "what was read so far could not be kept");
        }
    }
}
