//! Memory documents as entries: the notes that stand by themselves.
//!
//! Owns: what one note is, and how it is taken out of its document. Must not know: why.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::memory::{DocPath, Snapshot};
use crate::lesson::blocks::{BlockKind, Blocks};

/// One note: a list item with everything below it, or a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Document it stands in.
    pub path: DocPath,
    /// Where, in bytes: whole lines, without the last line's end.
    pub range: Range<usize>,
    /// Its text.
    pub text: String,
    /// The heading above it.
    pub heading: String,
    /// It is a list item.
    pub item: bool,
    /// Document an index line links to, as written.
    pub link: Option<String>,
}

/// All notes of a memory, in document order.
#[must_use]
pub fn of_snapshot(memory: &Snapshot) -> Vec<Entry> {
    memory
        .iter()
        .filter(|(path, _)| path.is_markdown())
        .flat_map(|(path, text)| of_document(path, text))
        .collect()
}

/// The notes of one document.
#[must_use]
pub fn of_document(path: &DocPath, text: &Arc<str>) -> Vec<Entry> {
    let blocks = Blocks::parse(path, text);
    let mut entries: Vec<Entry> = Vec::new();
    // The entry that each block belongs to, so that what hangs below an item goes with it.
    let mut owner: Vec<Option<usize>> = Vec::with_capacity(blocks.blocks.len());
    for block in &blocks.blocks {
        let above = block.parent.and_then(|parent| owner.get(parent).copied().flatten());
        let starts = matches!(block.kind, BlockKind::Item { .. } | BlockKind::Paragraph | BlockKind::Quote);
        if let Some(entry) = above.and_then(|index| entries.get_mut(index)) {
            entry.range.end = block.range.end;
            owner.push(above);
        } else if starts {
            let heading = block.section.map_or("", |section| blocks.content(section));
            entries.push(Entry {
                path: path.clone(),
                range: block.range.clone(),
                text: String::new(),
                heading: heading.trim_start_matches('#').trim().to_owned(),
                item: matches!(block.kind, BlockKind::Item { .. }),
                link: None,
            });
            owner.push(Some(entries.len() - 1));
        } else {
            owner.push(None);
        }
    }
    for entry in &mut entries {
        text.get(entry.range.clone()).unwrap_or("").clone_into(&mut entry.text);
        entry.link = entry.item.then(|| link_of(&entry.text)).flatten();
    }
    entries
}

/// `x.md` of an index line `- [Title](x.md) — hook`.
fn link_of(text: &str) -> Option<String> {
    let bare = text.trim_start_matches(['-', '*', '+', ' ']);
    let target = bare.strip_prefix('[')?.split_once("](")?.1.split_once(')')?.0;
    (!target.contains("://") && !target.is_empty()).then(|| target.to_owned())
}

/// Whether a document is an index: most of its notes are links to other documents.
#[must_use]
pub fn is_index(path: &DocPath, text: &Arc<str>) -> bool {
    let entries = of_document(path, text);
    let links = entries.iter().filter(|entry| entry.link.is_some()).count();
    links > 0 && links * 2 >= entries.len()
}

/// The document without a note: its lines go, and for a paragraph one of the blank lines around it.
#[must_use]
pub fn without(text: &str, range: &Range<usize>) -> String {
    let mut start = range.start;
    let mut end = range.end;
    let rest = text.get(end..).unwrap_or("");
    let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    end += line_end;
    let blank_before = text
        .get(..start)
        .is_some_and(|head| head.is_empty() || head.ends_with("\n\n") || head.ends_with("\n\r\n"));
    let after = text.get(end..).unwrap_or("");
    let blank_after = after.split_inclusive('\n').next().filter(|line| line.trim().is_empty()).map(str::len);
    match blank_after {
        Some(length) if blank_before => end += length,
        // The last note of a document takes the blank line before it along.
        None if blank_before && after.is_empty() => {
            start = text.get(..start).map_or(start, |head| head.trim_end().len());
            start += text.get(start..).and_then(|tail| tail.find('\n')).map_or(0, |at| at + 1);
        }
        _ => {}
    }
    format!("{}{}", text.get(..start).unwrap_or(""), text.get(end..).unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<Entry> {
        of_document(&DocPath::new("/a.md").unwrap(), &Arc::from(text))
    }

    const DOCUMENT: &str = "---\nname: a\n---\n\n# Git\n\nFirst paragraph.\n\n- one\n  - below one\n- [Two](two.md) — hook\n\nLast.\n";

    #[test]
    fn notes_come_with_what_hangs_below_them() {
        let found = entries(DOCUMENT);
        let texts: Vec<&str> = found.iter().map(|e| e.text.as_str()).collect();
        assert_eq!(texts, ["First paragraph.", "- one\n  - below one", "- [Two](two.md) — hook", "Last."]);
        assert_eq!(found[2].link.as_deref(), Some("two.md"));
        assert!(found.iter().all(|e| e.heading == "Git"));
        let path = DocPath::new("/M.md").unwrap();
        assert!(is_index(&path, &Arc::from("- [A](a.md) — x\n- [B](b.md) — y\n")));
        assert!(!is_index(&path, &Arc::from(DOCUMENT)));
    }

    #[test]
    fn a_note_leaves_no_gap() {
        let found = entries(DOCUMENT);
        let one = without(DOCUMENT, &found[1].range);
        assert!(one.contains("First paragraph.\n\n- [Two]"));
        let first = without(DOCUMENT, &found[0].range);
        assert!(first.contains("# Git\n\n- one"));
        let last = without(DOCUMENT, &found[3].range);
        assert!(last.ends_with("— hook\n"), "{last:?}");
        assert_eq!(without("- a\n- b", &(4..7)), "- a\n");
        assert_eq!(without("- a", &(0..3)), "");
    }
}
