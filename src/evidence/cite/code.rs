//! Where a document shows code: there, a comment is text to be read and no comment.
//!
//! Owns: fences and code spans, as far as they matter for comments. Must not know: citations.

use std::ops::Range;

/// Fenced blocks and code spans of a document, in no particular order.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut fence: Option<(u8, usize, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '>']);
        match fence {
            Some((mark, length, start)) => {
                if closes(bare, mark, length) {
                    found.push(start..at);
                    fence = None;
                }
            }
            None => match opens(bare) {
                Some((mark, length)) => fence = Some((mark, length, at)),
                None => spans(line, at, &mut found),
            },
        }
        at += line.len();
    }
    found.extend(fence.map(|(_, _, start)| start..text.len()));
    found
}

fn run(line: &str, mark: u8) -> usize {
    line.bytes().take_while(|&b| b == mark).count()
}

fn opens(line: &str) -> Option<(u8, usize)> {
    let backticks = run(line, b'`');
    let tildes = run(line, b'~');
    if backticks >= 3 && !line.get(backticks..).unwrap_or_default().contains('`') {
        Some((b'`', backticks))
    } else if tildes >= 3 {
        Some((b'~', tildes))
    } else {
        None
    }
}

/// A citation behind the closing fence breaks the fence by the letter, but everybody sees what is meant.
fn closes(line: &str, mark: u8, length: usize) -> bool {
    let found = run(line, mark);
    let rest = line.get(found..).unwrap_or_default().trim();
    found >= length && (rest.is_empty() || rest.starts_with("<!--"))
}

/// Code between runs of equally many backticks on one line.
fn spans(line: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = run(line.get(at..).unwrap_or_default(), b'`');
        if length == 0 {
            at += line.get(at..).and_then(|rest| rest.find('`')).unwrap_or(bytes.len());
            continue;
        }
        let mut close = at + length;
        let end = loop {
            let Some(next) = line.get(close..).and_then(|rest| rest.find('`')) else { break None };
            let next = close + next;
            let other = run(line.get(next..).unwrap_or_default(), b'`');
            close = next + other;
            if other == length {
                break Some(close);
            }
        };
        if let Some(end) = end {
            found.push(offset + at..offset + end);
            at = end;
        } else {
            at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_and_spans_are_found() {
        let text = "a `b` c ``d ` e`` f `\n```sh\nx\n```\n> ~~~\n> y\n> ~~~\n```\nopen\n";
        let found: Vec<&str> = ranges(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["`b`", "``d ` e``", "```sh\nx\n", "> ~~~\n> y\n", "```\nopen\n"]);
    }
}
