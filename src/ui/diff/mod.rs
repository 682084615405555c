//! Paints [`Rows`] as lines for a width and a theme.
//!
//! Owns: the layouts. Pure: rows and options in, owned lines out, so that it can run on a worker and
//! be kept. Must not know: the model, keys, or where texts come from. Text is untrusted and becomes
//! safe here, on its way to a cell.

mod canvas;
mod final_text;
mod furniture;
mod layout;
mod split;
mod text;
mod unified;

use ratatui::text::Line;

use crate::diff::{FoldId, Hit, Rows};

use super::highlight::Highlighter;
use super::theme::Theme;

pub use layout::SPLIT_FROM;

/// How a comparison is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Side by side where there is room, else one column.
    #[default]
    Auto,
    /// Side by side whatever the width.
    Split,
    /// One column.
    Unified,
    /// The text as it will read, with change marks in the margin.
    FinalText,
}

/// How to paint.
#[derive(Debug, Clone)]
pub struct Paint<'a> {
    /// Cells of the pane's inside.
    pub width: u16,
    /// The wanted layout.
    pub layout: Layout,
    /// Looks and symbols.
    pub theme: &'a Theme,
    /// Wrap long lines; else clip them with a mark.
    pub wrap: bool,
    /// Show line numbers.
    pub numbers: bool,
    /// Finished highlighting, looked up and never computed here.
    pub highlighter: Option<&'a Highlighter>,
    /// Search matches, from [`crate::diff::find()`] over the same rows.
    pub hits: &'a [Hit],
    /// Index of the match the reader is at.
    pub current_hit: Option<usize>,
    /// The fold the keyboard is at.
    pub focus: Option<FoldId>,
}

impl<'a> Paint<'a> {
    /// The usual: automatic layout, wrapped, with numbers.
    #[must_use]
    pub fn new(width: u16, theme: &'a Theme) -> Self {
        Self {
            width,
            layout: Layout::Auto,
            theme,
            wrap: true,
            numbers: true,
            highlighter: None,
            hits: &[],
            current_hit: None,
            focus: None,
        }
    }
}

/// A painted comparison. Scrolling is choosing where to start in `lines`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Painted {
    /// All lines, each at most as wide as asked for.
    pub lines: Vec<Line<'static>>,
    /// For each line, the index of its row: to keep the reader's place across widths and layouts.
    pub rows: Vec<u32>,
    /// Line at which each change starts, for `]` and `[`.
    pub changes: Vec<u32>,
    /// Line and name of each fold.
    pub folds: Vec<(u32, FoldId)>,
    /// Line of each search match, in the order of [`Paint::hits`].
    pub hits: Vec<u32>,
    /// The layout that was chosen.
    pub layout: Layout,
}

impl Painted {
    /// First line of a row, or of the nearest row before it that has a line.
    #[must_use]
    pub fn line_of_row(&self, row: u32) -> usize {
        let after = self.rows.partition_point(|&other| other <= row);
        let found = after.checked_sub(1).and_then(|line| self.rows.get(line)).copied();
        found.map_or(0, |found| self.rows.partition_point(|&other| other < found))
    }
}

/// Paints.
#[must_use]
pub fn render(rows: &Rows, paint: &Paint<'_>) -> Painted {
    match layout::choose(paint.layout, paint.width) {
        Layout::Split => split::render(rows, paint),
        Layout::FinalText => final_text::render(rows, paint),
        Layout::Unified | Layout::Auto => unified::render(rows, paint),
    }
}
