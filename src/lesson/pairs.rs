//! Which document of the base became which of the proposal, and which of their blocks stay.
//!
//! Owns: pairing documents (also renamed ones) and the order-preserving match of equal blocks. Must
//! not know: what happens to the blocks that don't simply stay.

use rustc_hash::{FxHashMap, FxHashSet};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::blocks::Blocks;
use super::likeness::exact_hash;
use crate::domain::memory::{DocPath, Snapshot};

/// Likeness of two documents, in percent of blocks, from which one is the other renamed.
const RENAMED: usize = 50;

/// One document of the base with its counterpart.
pub(crate) struct DocPair {
    pub old: Option<DocPath>,
    pub new: Option<DocPath>,
    pub before: Blocks,
    pub after: Blocks,
    /// Blocks that stay, byte for byte, in order on both sides.
    pub kept: Vec<(usize, usize)>,
}

/// Pairs the documents that differ and finds the blocks that stay in each.
pub(crate) fn pair_documents(base: &Snapshot, proposed: &Snapshot) -> Vec<DocPair> {
    let parse = |path: Option<&DocPath>, side: &Snapshot| {
        path.and_then(|path| Some(Blocks::parse(path, side.get(path)?))).unwrap_or_else(Blocks::absent)
    };
    let mut pairs: Vec<(Option<DocPath>, Option<DocPath>)> = Vec::new();
    let gone: Vec<&DocPath> = base.paths().filter(|path| proposed.get(path).is_none()).collect();
    let come: Vec<&DocPath> = proposed.paths().filter(|path| base.get(path).is_none()).collect();
    let renamed = renames(base, proposed, &gone, &come);
    for path in base.paths() {
        match proposed.get(path) {
            Some(text) if Some(text) == base.get(path) => {}
            Some(_) => pairs.push((Some(path.clone()), Some(path.clone()))),
            None => pairs.push((Some(path.clone()), renamed.get(path).map(|&new| new.clone()))),
        }
    }
    let taken: FxHashSet<&DocPath> = renamed.values().copied().collect();
    pairs
        .extend(come.into_iter().filter(|path| !taken.contains(path)).map(|path| (None, Some(path.clone()))));
    // By the path a reader will look for, so that lessons come out in document order.
    pairs.sort_by(|a, b| a.1.as_ref().or(a.0.as_ref()).cmp(&b.1.as_ref().or(b.0.as_ref())));
    pairs
        .into_iter()
        .map(|(old, new)| {
            let before = parse(old.as_ref(), base);
            let after = parse(new.as_ref(), proposed);
            let kept = common_blocks(&before, &after);
            DocPair { old, new, before, after, kept }
        })
        .collect()
}

/// Documents that stay as they are: a note that goes may repeat one of theirs.
pub(crate) fn unchanged_documents(base: &Snapshot, proposed: &Snapshot) -> Vec<Blocks> {
    let same = base.iter().filter(|(path, text)| proposed.get(path) == Some(*text));
    same.map(|(path, text)| Blocks::parse(path, text)).collect()
}

/// Documents that go, each with the document it became; best likeness first, each used once.
fn renames<'a>(
    base: &Snapshot,
    proposed: &Snapshot,
    gone: &[&'a DocPath],
    come: &[&'a DocPath],
) -> FxHashMap<&'a DocPath, &'a DocPath> {
    let lines = |side: &Snapshot, path: &DocPath| -> Vec<u64> {
        let text = side.get(path).cloned().unwrap_or_default();
        let mut lines: Vec<u64> =
            text.lines().map(str::trim).filter(|line| line.len() > 3).map(exact_hash).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    };
    let olds: Vec<Vec<u64>> = gone.iter().map(|path| lines(base, path)).collect();
    let news: Vec<Vec<u64>> = come.iter().map(|path| lines(proposed, path)).collect();
    let mut owners: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for (at, hashes) in news.iter().enumerate() {
        for &hash in hashes {
            owners.entry(hash).or_default().push(at);
        }
    }
    let mut scored: Vec<(usize, usize, usize)> = Vec::new();
    for (i, hashes) in olds.iter().enumerate() {
        let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
        for hash in hashes {
            for &j in owners.get(hash).map(Vec::as_slice).unwrap_or_default() {
                *shared.entry(j).or_default() += 1;
            }
        }
        for (j, common) in shared {
            let all = hashes.len() + news.get(j).map_or(0, Vec::len);
            let percent = (200 * common).checked_div(all).unwrap_or(0);
            // Blocks of Markdown and lines of plain text can't be matched later on.
            let markdown = |side: &[&DocPath], at: usize| side.get(at).map(|path| path.is_markdown());
            if percent >= RENAMED && markdown(gone, i) == markdown(come, j) {
                scored.push((percent, i, j));
            }
        }
    }
    scored.sort_unstable_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut used_old, mut used_new) = (FxHashSet::default(), FxHashSet::default());
    let mut found = FxHashMap::default();
    for (_, i, j) in scored {
        if !used_old.contains(&i) && !used_new.contains(&j) {
            used_old.insert(i);
            used_new.insert(j);
            if let (Some(&old), Some(&new)) = (gone.get(i), come.get(j)) {
                found.insert(old, new);
            }
        }
    }
    found
}

fn common_blocks(before: &Blocks, after: &Blocks) -> Vec<(usize, usize)> {
    let hashes = |side: &Blocks| -> Vec<u64> {
        (0..side.blocks.len()).map(|block| exact_hash(side.content(block))).collect()
    };
    common(&hashes(before), &hashes(after))
        .into_iter()
        .filter(|&(old, new)| before.content(old) == after.content(new))
        .collect()
}

/// A longest-common-subsequence-like alignment: equal elements in order on both sides.
///
/// Elements that stand on one side only can't match and are left out before the search, so that a
/// wholly rewritten document costs linear time (the same trick as in git's xdiff).
pub(crate) fn common(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    let in_old: FxHashSet<u64> = old.iter().copied().collect();
    let in_new: FxHashSet<u64> = new.iter().copied().collect();
    let left: Vec<usize> =
        (0..old.len()).filter(|&i| old.get(i).is_some_and(|x| in_new.contains(x))).collect();
    let right: Vec<usize> =
        (0..new.len()).filter(|&i| new.get(i).is_some_and(|x| in_old.contains(x))).collect();
    let pick = |side: &[u64], at: &[usize]| -> Vec<u64> {
        at.iter().filter_map(|&i| side.get(i).copied()).collect()
    };
    let mut pairs = Vec::with_capacity(left.len().min(right.len()));
    for op in capture_diff_slices(Algorithm::Patience, &pick(old, &left), &pick(new, &right)) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for step in 0..len {
                if let (Some(&i), Some(&j)) = (left.get(old_index + step), right.get(new_index + step)) {
                    pairs.push((i, j));
                }
            }
        }
    }
    pairs
}
