//! Citations that dreams are asked to leave beside what they write, and a document without them.
//!
//! Owns: finding the comments `<!-- seen: sesn_01 "exact words"; sesn_02 -->`, which bytes go with
//! them, and which block each speaks for. Must not know: whether what is cited is true.
//!
//! A dream is asked to put one such comment at the end of a block or list item. Whatever it makes of
//! that, nothing but the comment and the blank or line it brought along is ever taken out: the rest of
//! the document stays byte for byte. Comments inside code, and everybody else's comments, stay.

mod code;
mod note;

use std::ops::Range;

use crate::domain::ids::SessionId;
use crate::domain::memory::{DocPath, Snapshot};

/// One session cited, with the words it is cited for where they are given. Untrusted text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    /// The session named; it may not exist.
    pub session: SessionId,
    /// Words said to stand in it.
    pub quote: Option<String>,
}

/// A citation comment in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The comment, from `<!--` to `-->`.
    pub range: Range<usize>,
    /// What it cites.
    pub citations: Vec<Citation>,
}

/// A block of a document that came with citations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedBlock {
    /// Its document.
    pub path: DocPath,
    /// The block as it stands in the document without citations, up to where the comment stood.
    pub text: String,
    /// What was cited for it.
    pub citations: Vec<Citation>,
}

/// A memory without citations, and the citations.
#[derive(Debug, Clone, Default)]
pub struct Stripped {
    /// The documents as they would be written.
    pub memory: Snapshot,
    /// What was cited for which block, in document order.
    pub cited: Vec<CitedBlock>,
}

/// Comments of one document that are looked at.
const MOST_NOTES: usize = 10_000;

/// The citation comments of a document, in order.
#[must_use]
pub fn notes(text: &str) -> Vec<Note> {
    let mut found = Vec::new();
    if !text.contains("<!--") {
        return found;
    }
    let code = code::ranges(text);
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("<!--")).map(|at| from + at) {
        let inside = at + "<!--".len();
        let Some((end, citations)) = comment(text, inside) else {
            // Somebody's own comment ends where it ends; one that never ends hides nothing from us.
            let close = text.get(inside..).and_then(|rest| rest.find("-->"));
            from = close.map_or(inside, |close| inside + close + "-->".len());
            continue;
        };
        let quoted = code.iter().any(|range| range.start <= at && end <= range.end);
        if !quoted && found.len() < MOST_NOTES {
            found.push(Note { range: at..end, citations });
        }
        from = end;
    }
    found
}

/// Where a citation comment ends whose inside starts at `inside`, and what it cites.
fn comment(text: &str, inside: usize) -> Option<(usize, Vec<Citation>)> {
    let rest = text.get(inside..)?;
    let close = rest.find("-->");
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let Some(close) = close else {
        // Never closed: only if the rest of the line is nothing but a citation.
        let body = rest.get(..line)?;
        return unclosed(body).map(|citations| (inside + body.len(), citations));
    };
    let citations = note::read(rest.get(..close)?)?;
    // An arrow inside quoted words does not end the comment if the line goes on to close both.
    let mut end = close;
    while rest.get(..end)?.matches('"').count() % 2 == 1 {
        let later = rest.get(end + 3..line)?.find("-->").map(|at| end + 3 + at);
        match later.and_then(|later| Some((later, note::read(rest.get(..later)?)?))) {
            Some((later, citations)) if rest.get(..later)?.matches('"').count() % 2 == 0 => {
                return Some((inside + later + 3, citations));
            }
            Some((later, _)) => end = later,
            None => break,
        }
    }
    Some((inside + close + 3, citations))
}

/// A comment without its end, such as `<!-- seen: sesn_01 "words" --`.
fn unclosed(body: &str) -> Option<Vec<Citation>> {
    let body = body.trim_end().trim_end_matches(['-', '>', '—', '–']);
    let tail = body.rsplit(['"', '”', ';']).next().unwrap_or(body).trim();
    let ends_well = tail.is_empty() || !tail.contains(' ') || tail.split_whitespace().count() <= 2;
    note::read(body).filter(|_| ends_well)
}

/// A document without its citations, byte for byte as it was before they were put in.
#[must_use]
pub fn strip(text: &str) -> String {
    without(text, &notes(text)).0
}

/// A memory without its citations, and what was cited for which block.
#[must_use]
pub fn strip_memory(memory: &Snapshot) -> Stripped {
    let mut stripped = Stripped::default();
    for (path, text) in memory.iter() {
        let notes = notes(text);
        if notes.is_empty() {
            stripped.memory.insert(path.clone(), std::sync::Arc::clone(text));
            continue;
        }
        let (kept, stood) = without(text, &notes);
        for (note, at) in notes.into_iter().zip(stood) {
            let block = kept.get(block_before(&kept, at)).unwrap_or_default().to_owned();
            match stripped.cited.last_mut() {
                Some(last) if last.path == *path && last.text == block => {
                    last.citations.extend(note.citations);
                }
                _ => stripped.cited.push(CitedBlock {
                    path: path.clone(),
                    text: block,
                    citations: note.citations,
                }),
            }
        }
        stripped.memory.insert(path.clone(), kept);
    }
    stripped
}

/// What was cited for a change: for every block of these documents that the inserted text holds, or
/// that holds the inserted text. Each citation once, in document order.
#[must_use]
pub fn behind(cited: &[CitedBlock], paths: &[&DocPath], inserted: &str) -> Vec<Citation> {
    let inserted = squeezed(inserted);
    let mut citations: Vec<Citation> = Vec::new();
    if inserted.is_empty() {
        return citations;
    }
    for block in cited.iter().filter(|block| paths.contains(&&block.path)) {
        let text = squeezed(&block.text);
        if !text.is_empty() && (inserted.contains(&text) || text.contains(&inserted)) {
            for citation in &block.citations {
                if !citations.contains(citation) {
                    citations.push(citation.clone());
                }
            }
        }
    }
    citations
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without the notes, and where in it each note stood.
fn without(text: &str, notes: &[Note]) -> (String, Vec<usize>) {
    let mut kept = String::with_capacity(text.len());
    let mut stood = Vec::with_capacity(notes.len());
    let mut from = 0;
    let mut at = 0;
    while let Some(first) = notes.get(at) {
        let run = run_length(text, notes.get(at..).unwrap_or_default());
        let run = notes.get(at..at + run).unwrap_or_default();
        at += run.len().max(1);
        let last = run.last().unwrap_or(first);
        if let Some(lines) = own_lines(text, first.range.start..last.range.end) {
            kept.push_str(text.get(from..lines.start.max(from)).unwrap_or_default());
            stood.extend(run.iter().map(|_| kept.len()));
            from = lines.end.max(from);
            continue;
        }
        for note in run {
            let Range { start, end } = with_blank(text, &note.range);
            kept.push_str(text.get(from..start.max(from)).unwrap_or_default());
            stood.push(kept.len());
            from = end;
        }
    }
    kept.push_str(text.get(from..).unwrap_or_default());
    (kept, stood)
}

/// How many of the notes stand together, with nothing but blanks and at most a line end between them.
fn run_length(text: &str, notes: &[Note]) -> usize {
    let together = |pair: &[Note]| match pair {
        [one, next] => {
            let between = text.get(one.range.end..next.range.start).unwrap_or("x");
            between.chars().all(char::is_whitespace) && between.matches('\n').count() <= 1
        }
        _ => false,
    };
    1 + notes.windows(2).take_while(|pair| together(pair)).count()
}

/// The note with the one blank before it, where that blank came with the note.
fn with_blank(text: &str, note: &Range<usize>) -> Range<usize> {
    let before = text.get(..note.start).is_some_and(|head| head.ends_with([' ', '\t']));
    let after = text.get(note.end..).and_then(|tail| tail.chars().next()).is_none_or(char::is_whitespace);
    note.start - usize::from(before && after)..note.end
}

/// The whole lines that hold nothing but these notes, with the blank line that set them apart.
fn own_lines(text: &str, notes: Range<usize>) -> Option<Range<usize>> {
    let head = text.get(..notes.start)?;
    let start = head.rfind('\n').map_or(0, |at| at + 1);
    let lead = head.get(start..)?.trim_start_matches([' ', '\t', '>']);
    let bare = lead.is_empty() || matches!(lead.trim_end(), "-" | "*" | "+");
    let tail = text.get(notes.end..)?;
    let line = tail.find('\n').map_or(tail.len(), |at| at + 1);
    if !bare || !tail.get(..line)?.trim().is_empty() {
        return None;
    }
    let end = notes.end + line;
    let above = text.get(..start)?.strip_suffix('\n');
    let blank_above = above.is_some_and(|above| last_line(above).trim().is_empty());
    let below = text.get(end..)?;
    let blank_below = below.is_empty() || below.lines().next().is_some_and(|line| line.trim().is_empty());
    Some(match above {
        Some(above) if blank_above && blank_below => above.len() - last_line(above).len()..end,
        None if start == 0 && blank_below && !below.is_empty() => {
            start..end + below.find('\n').map_or(below.len(), |at| at + 1)
        }
        _ => start..end,
    })
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or(text)
}

/// The block that ends at or before a position: up to a blank line, a heading or the start of an item.
fn block_before(text: &str, at: usize) -> Range<usize> {
    let end = text.get(..at).map_or(0, |head| head.trim_end().len());
    let mut start = end;
    while start > 0 {
        let head = text.get(..start).unwrap_or_default();
        let line_start = head.rfind('\n').map_or(0, |at| at + 1);
        start = line_start;
        let line = text.get(line_start..end).unwrap_or_default();
        if opens_block(line.lines().next().unwrap_or_default()) || line_start == 0 {
            break;
        }
        let above = last_line(text.get(..line_start - 1).unwrap_or_default());
        if above.trim().is_empty() || above.trim_start().starts_with('#') {
            break;
        }
        start = line_start - 1;
    }
    start..end
}

/// Whether a line starts a list item, a heading or a row of a table.
fn opens_block(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']);
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ")
        || line.starts_with("* ")
        || line.starts_with("+ ")
        || line.starts_with('#')
        || line.starts_with('|')
        || number.len() < line.len() && (number.starts_with(". ") || number.starts_with(") "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "<!-- seen: sesn_01 \"exact words\"; sesn_02 -->";

    #[test]
    fn a_comment_goes_with_the_blank_or_line_it_brought() {
        for (with, without) in [
            ("- Use bun. NOTE\n- Next.\n", "- Use bun.\n- Next.\n"),
            ("- Use bun.\n  NOTE\n- Next.\n", "- Use bun.\n- Next.\n"),
            ("Text.\n\nNOTE\n\nMore.\n", "Text.\n\nMore.\n"),
            ("Text.\n\nNOTE\n", "Text.\n"),
            ("NOTE\n\nText.\n", "Text.\n"),
            ("Text.NOTE", "Text."),
            ("Text. NOTE", "Text."),
            ("Hard break.   NOTE\nnext\n", "Hard break.  \nnext\n"),
            ("Some NOTE words.\n", "Some words.\n"),
            ("Some NOTEwords.\n", "Some words.\n"),
            ("- a NOTE NOTE\n", "- a\n"),
            ("- a\n  NOTE\n  NOTE\n- b\n", "- a\n- b\n"),
            ("- a\n  - NOTE\n- b\n", "- a\n- b\n"),
            ("> said\n> NOTE\n", "> said\n"),
            ("a NOTE\r\nb\r\n", "a\r\nb\r\n"),
            ("a\r\nNOTE\r\nb\r\n", "a\r\nb\r\n"),
            ("a <!-- mine --> NOTE\n", "a <!-- mine -->\n"),
            ("```sh\nbun x\n``` NOTE\n", "```sh\nbun x\n```\n"),
        ] {
            assert_eq!(strip(&with.replace("NOTE", NOTE)), without, "{with:?}");
        }
    }

    #[test]
    fn code_and_other_comments_stay() {
        for text in [
            "Write `<!-- seen: sesn_01 -->` at the end.\n",
            "```\nfoo <!-- seen: sesn_01 -->\n```\n",
            "<!-- reviewed <!-- seen: sesn_01 -->\n",
            "<!-- seen by nobody -->\n<!-- TODO: sesn_01 -->\n",
            "<!-- never ends\n\nText with sesn_01.\n",
            "<!-- seen: sesn_01 and then the page goes on without an end\n",
            "plain",
            "",
        ] {
            assert_eq!(strip(text), text, "{text:?}");
        }
    }

    #[test]
    fn comments_broken_in_small_ways_are_still_found() {
        for with in [
            "- a <!-- seen: sesn_01 \"x --> y z\" -->\n",
            "- a <!--seen: sesn_01 \"words\" --\n",
            "- a <!-- seen: sesn_01\n  \"words over\n  lines\" -->\n",
            "- a <!-- SEEN : sesn_01 -->\n",
        ] {
            assert_eq!(strip(with), "- a\n", "{with:?}");
        }
    }

    fn memory(path: &str, text: &str) -> Snapshot {
        let mut memory = Snapshot::new();
        memory.insert(DocPath::new(path).unwrap(), text);
        memory
    }

    #[test]
    fn each_citation_speaks_for_the_block_before_it() {
        let text = "# Notes\n\n- Use bun\n  always. <!-- seen: sesn_01 \"use bun\" -->\n- Ask first.\n\n\
                    A paragraph\nof two lines.\n<!-- seen: sesn_02; sesn_03 -->\n\n| a | b |\n|---|---|\n| 1 | 2 | <!-- seen: sesn_04 -->\n";
        let stripped = strip_memory(&memory("n.md", text));
        let blocks: Vec<(&str, usize)> =
            stripped.cited.iter().map(|block| (block.text.as_str(), block.citations.len())).collect();
        assert_eq!(
            blocks,
            [("- Use bun\n  always.", 1), ("A paragraph\nof two lines.", 2), ("| 1 | 2 |", 1)]
        );
        let path = DocPath::new("n.md").unwrap();
        assert!(stripped.memory.get(&path).unwrap().ends_with("| 1 | 2 |\n"));
        let behind = |inserted| behind(&stripped.cited, &[&path], inserted);
        assert_eq!(behind("- Use bun always.")[0].quote.as_deref(), Some("use bun"));
        assert_eq!(behind("- Ask first."), []);
        assert_eq!(behind("- Use bun always.\n\nA paragraph of two lines.").len(), 3);
        assert_eq!(super::behind(&stripped.cited, &[], "- Use bun always."), []);
    }
}
