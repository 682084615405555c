//! Highlights Markdown and the code in it, away from the drawing path.
//!
//! Owns: which bytes of a text are headings, code, links and so on, and a bounded cache of that by
//! content. Must not know: colours, widths, or comparisons.
//!
//! Drawing only ever asks [`Highlighter::ready`], which never computes; a worker calls
//! [`Highlighter::prepare`] and asks for a new frame. Until then text is plain, never late.

mod code;
mod markdown;

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::diff::Rows;
use crate::domain::memory::{ContentHash, Snapshot};
use crate::domain::quick;

use super::theme::Role;

/// Texts larger than this stay plain.
const MOST_BYTES: usize = 2 << 20;
/// Lines and highlighted stretches kept in the cache, together; the oldest texts leave first.
const MOST_PARTS: usize = 400_000;

/// Highlighting of one text: for each line, byte ranges and their roles, in order and apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlighted {
    lines: Vec<Vec<(Range<usize>, Role)>>,
}

impl Highlighted {
    /// Highlights a Markdown text.
    #[must_use]
    pub fn markdown(text: &str) -> Self {
        quick::may_take_long("highlighting");
        if text.len() > MOST_BYTES { Self::default() } else { markdown::highlight(text).by_lines(text) }
    }

    /// Lines and stretches in it: what it takes to keep. A single line may hold very many stretches.
    fn parts(&self) -> usize {
        self.lines.iter().map(|line| line.len() + 1).sum()
    }

    /// The ranges of a line, counted from 1.
    #[must_use]
    pub fn line(&self, number: u32) -> &[(Range<usize>, Role)] {
        let index = (number as usize).wrapping_sub(1);
        self.lines.get(index).map(Vec::as_slice).unwrap_or_default()
    }
}

/// One role per byte of a text: later paint covers earlier, as inner markup covers outer.
struct Canvas {
    roles: Vec<Option<Role>>,
}

impl Canvas {
    fn new(text: &str) -> Self {
        Self { roles: vec![None; text.len()] }
    }

    fn paint(&mut self, range: Range<usize>, role: Role) {
        if let Some(bytes) = self.roles.get_mut(range) {
            bytes.fill(Some(role));
        }
    }

    fn by_lines(&self, text: &str) -> Highlighted {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let mut spans: Vec<(Range<usize>, Role)> = Vec::new();
            let roles = self.roles.get(start..start + line.trim_end().len()).unwrap_or_default();
            for (at, role) in roles.iter().enumerate().filter_map(|(at, role)| Some((at, (*role)?))) {
                match spans.last_mut() {
                    Some((range, last)) if *last == role && range.end == at => range.end = at + 1,
                    _ => spans.push((at..at + 1, role)),
                }
            }
            lines.push(spans);
            start += line.len();
        }
        Highlighted { lines }
    }
}

#[derive(Debug, Default)]
struct Cache {
    texts: HashMap<ContentHash, Arc<Highlighted>>,
    order: VecDeque<ContentHash>,
    parts: usize,
}

/// Makes highlighting and keeps it. Shared between the worker that makes it and the drawing path.
#[derive(Debug, Default)]
pub struct Highlighter {
    cache: Mutex<Cache>,
}

impl Highlighter {
    /// With an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Finished highlighting of the text with this hash, if there is any. Never computes.
    #[must_use]
    pub fn ready(&self, hash: &ContentHash) -> Option<Arc<Highlighted>> {
        self.cache().texts.get(hash).cloned()
    }

    /// Highlights a Markdown text, or finds it done. Takes milliseconds, the first fenced code block
    /// of all some tens of them: call it on a worker.
    pub fn prepare(&self, text: &str) -> Arc<Highlighted> {
        let hash = ContentHash::of(text.as_bytes());
        if let Some(done) = self.ready(&hash) {
            return done;
        }
        let made = Arc::new(Highlighted::markdown(text));
        let mut cache = self.cache();
        if cache.texts.insert(hash, Arc::clone(&made)).is_none() {
            cache.parts += made.parts();
            cache.order.push_back(hash);
        }
        while cache.parts > MOST_PARTS && cache.order.len() > 1 {
            let oldest = cache.order.pop_front().and_then(|oldest| cache.texts.remove(&oldest));
            cache.parts -= oldest.map_or(0, |oldest| oldest.parts());
        }
        made
    }

    /// Highlights the Markdown documents of a comparison, from the snapshots it was made of.
    pub fn prepare_rows(&self, rows: &Rows, before: &Snapshot, after: &Snapshot) {
        for document in &rows.documents {
            let Some(path) = document.path.as_ref().filter(|path| path.is_markdown()) else { continue };
            let old = document.old_path().and_then(|path| before.get(path));
            for text in [old, after.get(path)].into_iter().flatten() {
                self.prepare(text);
            }
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        // A worker that panicked half-way left at worst a missing entry.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_answers_by_content_and_stays_bounded() {
        let highlighter = Highlighter::new();
        let hash = ContentHash::of(b"# a");
        assert_eq!(highlighter.ready(&hash), None);
        let made = highlighter.prepare("# a");
        assert_eq!(highlighter.ready(&hash), Some(made));
        for text in 0..5 {
            highlighter.prepare(&format!("{text}\n").repeat(MOST_PARTS / 3));
        }
        assert_eq!(highlighter.ready(&hash), None, "the oldest left");
        assert!(highlighter.cache().parts <= MOST_PARTS);
        let kept = highlighter.cache().texts.len();
        assert_eq!(kept, highlighter.cache().order.len());
    }

    #[test]
    fn a_text_of_one_line_is_weighed_by_what_is_in_it() {
        let highlighter = Highlighter::new();
        for text in 0..6 {
            highlighter.prepare(&format!("{text} {}", "`c` ".repeat(MOST_PARTS / 6)));
        }
        let cache = highlighter.cache();
        assert!(
            cache.texts.len() < 6 && cache.parts <= MOST_PARTS,
            "{} of {}",
            cache.texts.len(),
            cache.parts
        );
        let held: usize = cache.texts.values().map(|text| text.parts()).sum();
        assert_eq!(held, cache.parts);
    }

    #[test]
    fn huge_texts_stay_plain() {
        assert_eq!(Highlighted::markdown(&"# a\n".repeat(MOST_BYTES / 3)), Highlighted::default());
    }
}
