//! Hides runs of unchanged lines, except a few around each change and those the reader opened.
//!
//! Owns: which rows are hidden and the names of the hidden runs, which stay the same when the
//! context or other folds change. Must not know: how a fold row is drawn.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::rows::{Row, RowKind, Rows};

/// Names one run of unchanged lines for as long as both texts stay the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoldId {
    /// Index into [`Rows::documents`].
    pub document: u32,
    /// Line in the new text at which the unchanged run starts.
    pub line: u32,
}

/// A run of hidden lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Opens it through [`Folding::open`].
    pub id: FoldId,
    /// How many lines are hidden.
    pub count: u32,
    /// The last Markdown heading among the hidden lines: what the next visible line stands under.
    pub heading: Option<Arc<str>>,
}

/// What to hide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folding {
    /// Unchanged lines kept around each change; `None` hides nothing.
    pub context: Option<u32>,
    /// Runs the reader opened.
    pub open: BTreeSet<FoldId>,
}

impl Default for Folding {
    fn default() -> Self {
        Self { context: Some(3), open: BTreeSet::new() }
    }
}

impl Folding {
    /// Hides nothing.
    #[must_use]
    pub fn none() -> Self {
        Self { context: None, open: BTreeSet::new() }
    }
}

/// Runs shorter than this stay: a fold row would save nothing and cost the reader a question.
const LEAST: usize = 2;

impl Rows {
    /// The same rows with unchanged runs hidden. Folding again what is folded changes nothing that
    /// is already hidden; keep the unfolded rows to open folds.
    #[must_use]
    pub fn folded(&self, folding: &Folding) -> Self {
        let Some(context) = folding.context else { return self.clone() };
        let mut out = Self { rows: Vec::new(), documents: self.documents.clone(), stats: self.stats };
        let mut rest = self.rows.as_slice();
        let mut after_change = false;
        while let Some(row) = rest.first() {
            let document = row.document;
            let length =
                rest.iter().take_while(|r| r.kind == RowKind::Same && r.document == document).count();
            if length == 0 {
                after_change = row.kind != RowKind::Title;
                out.rows.push(row.clone());
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let (run, tail) = rest.split_at(length);
            let before_change = tail.first().is_some_and(|r| r.document == document);
            out.rows.extend(fold_run(run, context as usize, after_change, before_change, folding));
            rest = tail;
        }
        out
    }
}

fn fold_run(
    run: &[Row],
    context: usize,
    after_change: bool,
    before_change: bool,
    folding: &Folding,
) -> Vec<Row> {
    let head = if after_change { context.min(run.len()) } else { 0 };
    let tail = if before_change { context.min(run.len() - head) } else { 0 };
    let hidden = run.len() - head - tail;
    let Some(first) = run.first() else { return Vec::new() };
    let id = FoldId { document: first.document, line: first.new.as_ref().map_or(0, |side| side.line) };
    if hidden < LEAST || folding.open.contains(&id) {
        return run.to_vec();
    }
    let mut rows = Vec::with_capacity(head + tail + 1);
    let (above, rest) = run.split_at(head);
    let (middle, below) = rest.split_at(hidden);
    rows.extend_from_slice(above);
    let heading = middle
        .iter()
        .rev()
        .filter_map(|row| row.new.as_ref())
        .find(|side| is_heading(&side.text))
        .map(|side| side.text.clone());
    rows.push(Row {
        kind: RowKind::Fold(Fold { id, count: hidden as u32, heading }),
        document: first.document,
        old: None,
        new: None,
        note: None,
    });
    rows.extend_from_slice(below);
    rows
}

/// Whether a line is a Markdown heading by its look; inside code fences this errs, which only
/// costs an odd label.
pub(super) fn is_heading(line: &str) -> bool {
    let marks = line.bytes().take_while(|&b| b == b'#').count();
    (1..=6).contains(&marks) && line.as_bytes().get(marks) == Some(&b' ')
}
