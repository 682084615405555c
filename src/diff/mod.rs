//! What the eye needs to compare two texts, without colours.
//!
//! Owns: which lines belong together, which words of them differ, what moved, what can be folded
//! away, and the one row model ([`Rows`]) that every layout is painted from. Must not know: colours,
//! widths, terminals, or what a lesson is.
//!
//! The way of a text: [`lines`] finds equal lines, [`slide`] moves ambiguous edits to natural
//! boundaries, [`moved`] finds blocks that only changed their place, [`pair`] joins removed with
//! added lines by likeness, [`words`] finds the words that differ, [`build`] writes the [`mod@rows`]
//! and [`fold`] hides what did not change.

pub mod build;
pub mod find;
pub mod fold;
pub mod lines;
pub mod moved;
pub mod pair;
pub mod rows;
pub mod slide;
pub mod stats;
pub mod words;

pub use build::{Pair, documents, rows, snapshots};
pub use find::{Hit, find, find_in};
pub use fold::{Fold, FoldId, Folding};
pub use lines::Ending;
pub use moved::Place;
pub use rows::{Document, Note, Row, RowKind, Rows, Side};
pub use stats::Stats;

/// How a comparison is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Find the words that differ within paired lines.
    pub words: bool,
    /// Recognise blocks that changed their place.
    pub moves: bool,
    /// What to hide.
    pub folding: Folding,
}

impl Default for Options {
    fn default() -> Self {
        Self { words: true, moves: true, folding: Folding::default() }
    }
}
