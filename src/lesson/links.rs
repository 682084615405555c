//! Index lines: short lines that point to documents that come, go, or get another name.
//!
//! Owns: what a line points to. Must not know: what becomes of the line.

use rustc_hash::FxHashMap;

use super::blocks::{BlockKind, Blocks};
use super::pairs::DocPair;
use crate::domain::memory::DocPath;

/// An index line longer than this says more than where to look.
pub(crate) const INDEX_LINE: usize = 400;

/// Which documents the index lines of other documents point to.
pub(crate) struct Links {
    created: FxHashMap<String, usize>,
    deleted: FxHashMap<String, usize>,
    renamed: FxHashMap<String, (String, usize)>,
}

impl Links {
    pub fn new(pairs: &[DocPair]) -> Self {
        let mut links = Self {
            created: FxHashMap::default(),
            deleted: FxHashMap::default(),
            renamed: FxHashMap::default(),
        };
        for (doc, pair) in pairs.iter().enumerate() {
            match (&pair.old, &pair.new) {
                (None, Some(new)) => drop(links.created.insert(new.to_string(), doc)),
                (Some(old), None) => drop(links.deleted.insert(old.to_string(), doc)),
                (Some(old), Some(new)) if old != new => {
                    links.renamed.insert(old.to_string(), (new.to_string(), doc));
                }
                _ => {}
            }
        }
        links
    }

    pub fn new_documents(&self, pair: &DocPair, blocks: &Blocks, block: usize) -> Vec<usize> {
        pointed_at(pair.new.as_ref(), blocks, block, &self.created)
    }

    pub fn gone_documents(&self, pair: &DocPair, blocks: &Blocks, block: usize) -> Vec<usize> {
        pointed_at(pair.old.as_ref(), blocks, block, &self.deleted)
    }

    pub fn all_new(&self, pair: &DocPair, blocks: &Blocks, block: usize) -> bool {
        !self.new_documents(pair, blocks, block).is_empty()
    }

    pub fn all_gone(&self, pair: &DocPair, blocks: &Blocks, block: usize) -> bool {
        !self.gone_documents(pair, blocks, block).is_empty()
    }

    /// The renamed document that a changed line points to, before and after.
    pub fn renamed_between(&self, from: &DocPair, old: usize, to: &DocPair, new: usize) -> Option<usize> {
        let before = targets(from.old.as_ref()?, from.before.content(old));
        let after = targets(to.new.as_ref()?, to.after.content(new));
        before.iter().find_map(|target| {
            let (renamed, doc) = self.renamed.get(target)?;
            after.contains(renamed).then_some(*doc)
        })
    }
}

/// The documents among `known` that a short line points to, provided it points nowhere else.
fn pointed_at(
    from: Option<&DocPath>,
    blocks: &Blocks,
    block: usize,
    known: &FxHashMap<String, usize>,
) -> Vec<usize> {
    let text = blocks.content(block);
    let line = matches!(
        blocks.blocks.get(block).map(|block| block.kind),
        Some(BlockKind::Item { .. } | BlockKind::Paragraph | BlockKind::TableRow | BlockKind::Line)
    );
    let short = text.len() <= INDEX_LINE && !text.contains('\n');
    let (true, Some(from)) = (line && short && !known.is_empty(), from) else {
        return Vec::new();
    };
    let own = known.get(from.as_str());
    let found: Vec<Option<usize>> =
        targets(from, text).iter().map(|target| known.get(target).copied()).collect();
    // A line of the very document that comes or goes is content, not an index line.
    if found.is_empty() || found.iter().any(|doc| doc.is_none() || doc.as_ref() == own) {
        return Vec::new();
    }
    found.into_iter().flatten().collect()
}

/// Whether a text of one document links to another one.
pub(crate) fn points_to(from: &DocPath, text: &str, to: &DocPath) -> bool {
    targets(from, text).iter().any(|target| target == to.as_str())
}

/// Paths of the documents a text links to: `[x](notes/a.md)` and `[[a]]`. Links to other hosts and
/// anchors are left out.
fn targets(from: &DocPath, text: &str) -> Vec<String> {
    let folder = from.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    let mut add = |target: &str| {
        let target = target.split(['#', '?', ' ']).next().unwrap_or("");
        if target.is_empty() || target.contains(':') {
            return;
        }
        let joined = match target.strip_prefix('/') {
            Some(_) => target.to_owned(),
            None => format!("{folder}/{}", target.strip_prefix("./").unwrap_or(target)),
        };
        found.push(joined);
    };
    for part in text.split("](").skip(1) {
        add(part.split(')').next().unwrap_or("").trim_matches(['<', '>']));
    }
    for part in text.split("[[").skip(1) {
        if let Some((name, _)) = part.split_once("]]") {
            let name = name.split('|').next().unwrap_or("").trim();
            add(&if name.contains('.') { name.to_owned() } else { format!("{name}.md") });
        }
    }
    found
}
