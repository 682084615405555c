//! Finds text in rows, for the search inside a comparison.
//!
//! Owns: what counts as a match. Must not know: how a match is shown.

use std::ops::Range;

use super::rows::{RowKind, Rows};

/// One match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Index into [`Rows::rows`].
    pub row: u32,
    /// On the old side; else on the new side.
    pub old: bool,
    /// Byte range in the side's text.
    pub range: Range<usize>,
}

/// Finds every match in reading order. A query without capitals ignores case. Lines that are equal
/// on both sides count once, on the new side. Folded lines are not searched: search the unfolded
/// rows and open the fold to go there.
#[must_use]
pub fn find(rows: &Rows, query: &str) -> Vec<Hit> {
    if query.is_empty() {
        return Vec::new();
    }
    let exact = query.chars().any(char::is_uppercase);
    let mut hits = Vec::new();
    for (index, row) in rows.rows.iter().enumerate() {
        let old = row.old.as_ref().filter(|_| row.kind != RowKind::Same).map(|side| (true, side));
        let new = row.new.as_ref().map(|side| (false, side));
        for (old, side) in old.into_iter().chain(new) {
            let ranges = matches(&side.text, query, exact);
            hits.extend(ranges.into_iter().map(|range| Hit { row: index as u32, old, range }));
        }
    }
    hits
}

/// Finds every match in one text, by the same rule.
#[must_use]
pub fn find_in(text: &str, query: &str) -> Vec<Range<usize>> {
    if query.is_empty() { Vec::new() } else { matches(text, query, query.chars().any(char::is_uppercase)) }
}

fn matches(text: &str, query: &str, exact: bool) -> Vec<Range<usize>> {
    if exact {
        return text.match_indices(query).map(|(at, found)| at..at + found.len()).collect();
    }
    // Lower case can change a character's length, so positions are mapped back.
    let mut lower = String::with_capacity(text.len());
    let mut starts = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        for small in c.to_lowercase() {
            starts.resize(lower.len() + small.len_utf8(), at);
            lower.push(small);
        }
    }
    starts.push(text.len());
    let original = |at: usize| starts.get(at).copied().unwrap_or(text.len());
    let end_of = |at: usize| text.get(at..).and_then(|t| t.chars().next()).map_or(at, |c| at + c.len_utf8());
    lower
        .match_indices(query)
        .map(|(at, found)| original(at)..end_of(original(at + found.len() - 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Matches in brackets.
    fn shown(text: &str, query: &str, exact: bool) -> String {
        let mut out = text.to_owned();
        for range in matches(text, query, exact).into_iter().rev() {
            out.insert(range.end, ']');
            out.insert(range.start, '[');
        }
        out
    }

    #[test]
    fn case_matters_only_with_capitals() {
        assert_eq!(shown("Ask, ask, ASK", "ask", false), "[Ask], [ask], [ASK]");
        assert_eq!(shown("Ask, ask, ASK", "ASK", true), "Ask, ask, [ASK]");
    }

    #[test]
    fn letters_that_change_length_keep_their_place() {
        // The small form of İ is two characters.
        assert_eq!(shown("İstanbul office", "office", false), "İstanbul [office]");
        assert_eq!(shown("ẞ ok", "ok", false), "ẞ [ok]");
    }
}
