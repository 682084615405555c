//! Highlights Markdown and code, away from the drawing path.
//!
//! Owns: which bytes of a text are headings, code, links and so on, and a cache of that by content.
//! Must not know: colours, widths, or comparisons.

use std::ops::Range;

use crate::domain::memory::ContentHash;

use super::theme::Role;

/// Highlighting of one text: for each line, byte ranges and their roles, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlighted {
    /// One entry per line of the text.
    pub lines: Vec<Vec<(Range<usize>, Role)>>,
}

/// Makes and keeps highlighting. Cheap to look up from the drawing path; made on a worker.
#[derive(Debug, Default)]
pub struct Highlighter {}

impl Highlighter {
    /// With an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Finished highlighting of the text with this hash, if there is any. Never computes.
    #[must_use]
    pub fn ready(&self, _hash: &ContentHash) -> Option<std::sync::Arc<Highlighted>> {
        None
    }
}
