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

#[cfg(test)]
mod tests {
    use super::super::{Options, rows};
    use super::*;

    fn kinds(rows: &Rows) -> String {
        rows.rows
            .iter()
            .map(|row| match &row.kind {
                RowKind::Same => "=".to_owned(),
                RowKind::Fold(fold) => format!("<{}>", fold.count),
                _ => "!".to_owned(),
            })
            .collect()
    }

    fn folding(context: u32) -> Options {
        Options { folding: Folding { context: Some(context), open: BTreeSet::new() }, ..Options::default() }
    }

    #[test]
    fn runs_fold_to_their_context() {
        let old: String = (0..20).map(|i| format!("line {i}\n")).collect();
        let new = old.replace("line 10\n", "something else\n");
        assert_eq!(kinds(&rows(&old, &new, &folding(3))), "<7>===!!===<6>");
        assert_eq!(kinds(&rows(&old, &new, &folding(0))), "<10>!!<9>");
        assert_eq!(kinds(&rows(&old, &new, &folding(9))), "==========!!=========");
        assert_eq!(kinds(&rows(&old, &old, &folding(3))), "<20>");
    }

    #[test]
    fn a_fold_keeps_its_name_and_opens() {
        let old: String = (0..20).map(|i| format!("line {i}\n")).collect();
        let new = old.replace("line 10\n", "something else\n");
        let names = |context| -> Vec<FoldId> {
            rows(&old, &new, &folding(context))
                .rows
                .into_iter()
                .filter_map(|row| if let RowKind::Fold(fold) = row.kind { Some(fold.id) } else { None })
                .collect()
        };
        assert_eq!(names(0), names(3));
        let full = rows(&old, &new, &Options { folding: Folding::none(), ..Options::default() });
        let open: BTreeSet<_> = names(3).into_iter().take(1).collect();
        let opened = full.folded(&Folding { context: Some(3), open });
        assert_eq!(kinds(&opened), "==========!!===<6>");
    }

    #[test]
    fn a_fold_names_the_heading_it_hides() {
        let old = "# A\n\na\n\n# B\n\nb1\nb2\nb3\nb4\nend\n";
        let new = old.replace("end", "END OF IT");
        let folded = rows(old, &new, &folding(2));
        let RowKind::Fold(fold) = &folded.rows[0].kind else { panic!("{folded:?}") };
        assert_eq!(fold.heading.as_deref(), Some("# B"));
    }
}
