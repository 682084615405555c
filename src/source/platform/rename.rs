//! Moving one memory on condition.
//!
//! Owns: that a moved memory keeps its id and its versions, and finding out where it is when an answer is
//! lost. Must not know: lessons, or why something moves.

use super::super::WriteError;
use super::Platform;
use super::endpoints::MemoryChange;
use super::error::PlatformError;
use super::write::{hash_of, says_changed};
use crate::domain::memory::{ContentHash, DocPath};

impl Platform {
    /// Moves one memory of a store, if it still is what the caller saw; see
    /// [`rename`](super::super::Source::rename).
    ///
    /// # Errors
    /// As there.
    pub fn rename_memory(
        &self,
        store: &str,
        from: &DocPath,
        to: &DocPath,
        expected: ContentHash,
        content: &str,
    ) -> Result<(), WriteError> {
        let wanted = ContentHash::of(content.as_bytes());
        let change = MemoryChange {
            content: (wanted != expected).then(|| content.to_owned()),
            path: Some(to.as_str().to_owned()),
            expected,
        };
        let failed = |error| WriteError::Platform { path: to.clone(), error: Box::new(error) };
        self.block_on(async {
            let stands = async || -> Result<_, PlatformError> {
                let old = self.find(store, from).await?;
                let new = self.find(store, to).await?;
                Ok((hash_of(old.as_ref())?, hash_of(new.as_ref())?, old))
            };
            let (old, new, memory) = stands().await.map_err(failed)?;
            let Some(memory) = memory.filter(|_| new.is_none() && old == Some(expected)) else {
                return judge(to, (old, new), wanted, expected).unwrap_or(Ok(()));
            };
            match self.client().update_memory(store, &memory.id, &change).await {
                Ok(_) => {
                    self.remember(store, to.as_str(), &memory.id);
                    Ok(())
                }
                Err(error) if error.is_ambiguous() || says_changed(&error) => {
                    // Whatever the answer was, what stands there now decides.
                    let Ok((old, new, _)) = stands().await else { return Err(failed(error)) };
                    judge(to, (old, new), wanted, expected).unwrap_or_else(|| Err(failed(error)))
                }
                Err(error) => Err(failed(error)),
            }
        })
    }
}

/// What the hashes at the old and the new path say; `None` if it has not moved and still could.
fn judge(
    to: &DocPath,
    (old, new): (Option<ContentHash>, Option<ContentHash>),
    wanted: ContentHash,
    expected: ContentHash,
) -> Option<Result<(), WriteError>> {
    match (old, new) {
        (None, Some(there)) if there == wanted => Some(Ok(())),
        (Some(there), None) if there == expected => None,
        _ => Some(Err(WriteError::Changed { path: to.clone(), found: new })),
    }
}
