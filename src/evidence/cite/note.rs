//! What stands inside a citation comment: `seen: sesn_01 "exact words"; sesn_02`.
//!
//! Owns: the grammar of a note, and how sloppy it may be. Must not know: documents, or whether what
//! is cited exists.

use super::Citation;
use crate::domain::ids::SessionId;

/// Citations kept of one note; more prove nothing more.
const MOST_CITATIONS: usize = 200;

/// Longest quote kept, in bytes.
const LONGEST_QUOTE: usize = 2_000;

/// Words that may open a note. All but the first need a colon or an equals sign behind them.
const OPENINGS: [&str; 8] =
    ["seen in", "seen at", "seen", "sources", "source", "evidence", "cited from", "cites"];

/// Words between citations that say nothing.
const FILLERS: [&str; 8] = ["and", "in", "session", "sessions", "also", "see", "from", "at"];

/// Reads the inside of a comment. `None` if it is no citation: then it is somebody's own comment.
pub(super) fn read(body: &str) -> Option<Vec<Citation>> {
    let mut rest = opening(body.trim_start_matches(['-', ' ', '\t', '\r', '\n']))?;
    let mut citations: Vec<Citation> = Vec::new();
    let mut quoted = false;
    while let Some((word, after)) = next_part(rest) {
        let first = word.chars().next().unwrap_or(' ');
        if let Some(close) = closing(first) {
            let at = rest.len() - after.len() - word.len() + first.len_utf8();
            let inside = rest.get(at..).unwrap_or_default();
            let (quote, after) = quotation(inside, close);
            rest = after;
            let session = citations.last()?.session.clone();
            let quote = shortened(quote);
            if quote.is_empty() {
                continue;
            }
            let room = citations.len() < MOST_CITATIONS;
            match citations.last_mut() {
                Some(last) if !quoted => last.quote = Some(quote),
                _ if room => citations.push(Citation { session, quote: Some(quote) }),
                _ => {}
            }
            quoted = true;
            continue;
        }
        rest = after;
        match session(word) {
            Some(session) if citations.len() < MOST_CITATIONS => {
                citations.push(Citation { session: SessionId::new(session), quote: None });
                quoted = false;
            }
            Some(_) => {}
            // A note starts with a session; prose that happens to start with "seen" does not.
            None if citations.is_empty() => return None,
            None => {}
        }
    }
    (!citations.is_empty()).then_some(citations)
}

/// What follows the opening word of a note.
fn opening(body: &str) -> Option<&str> {
    OPENINGS.iter().find_map(|word| {
        let head = body.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
        let rest = body.get(head.len()..)?;
        let after = rest.trim_start();
        match after.strip_prefix([':', '=']) {
            Some(after) => Some(after),
            None if word.starts_with("seen") && rest.starts_with(char::is_whitespace) => Some(after),
            None => None,
        }
    })
}

/// The next word that says something, or the mark that opens a quote, and what follows it.
fn next_part(mut rest: &str) -> Option<(&str, &str)> {
    loop {
        rest = rest.trim_start_matches(is_separator);
        let first = rest.chars().next()?;
        if closing(first).is_some() {
            return Some(rest.split_at(first.len_utf8()));
        }
        let length = rest.find(|c: char| is_separator(c) || closing(c).is_some()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let says = word.contains(char::is_alphanumeric);
        if says && !FILLERS.iter().any(|filler| filler.eq_ignore_ascii_case(word)) {
            return Some((word, after));
        }
        rest = after;
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ';' | ',' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '&' | '+' | '—' | '–' | '…')
}

/// The mark that closes what `open` opens.
fn closing(open: char) -> Option<char> {
    Some(match open {
        '"' => '"',
        '“' | '„' => '”',
        '\'' => '\'',
        '‘' => '’',
        '`' => '`',
        '«' => '»',
        _ => return None,
    })
}

/// The words up to the mark that closes the quotation, and what follows it. Quotes inside a quote are
/// common and rarely escaped: a mark closes only before another quote, a session or the end.
fn quotation(inside: &str, close: char) -> (&str, &str) {
    let mut first = None;
    for (at, _) in inside.match_indices([close, '"']) {
        let mark = inside.get(at..).and_then(|tail| tail.chars().next()).unwrap_or(close);
        let mixed = mark != close && !(close == '”' && mark == '"');
        if mixed || inside.get(..at).is_some_and(|head| head.ends_with('\\')) {
            continue;
        }
        let after = inside.get(at + mark.len_utf8()..).unwrap_or_default();
        first.get_or_insert((at, after));
        let ends = next_part(after)
            .is_none_or(|(part, _)| part.starts_with(|c| closing(c).is_some()) || session(part).is_some());
        if ends {
            return (inside.get(..at).unwrap_or_default(), after);
        }
    }
    let (at, after) = first.unwrap_or((inside.len(), ""));
    (inside.get(..at).unwrap_or_default(), after)
}

fn shortened(quote: &str) -> String {
    let quote = quote.trim().replace("\\\"", "\"");
    let end = quote.floor_char_boundary(LONGEST_QUOTE);
    quote.get(..end).unwrap_or_default().to_owned()
}

/// The session a word names, if it looks like one: the platform's ids, UUIDs, and names of letters
/// and digits that are no date.
fn session(word: &str) -> Option<&str> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    [Some(word), word.rsplit([':', '/', '#', '=']).next()]
        .into_iter()
        .flatten()
        .find(|word| looks_like_session(word))
}

fn looks_like_session(word: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if word.len() > 160 || !word.bytes().all(allowed) {
        return false;
    }
    let prefixed = ["sesn_", "sess_", "session_", "session-", "ses_"]
        .iter()
        .any(|prefix| word.len() > prefix.len() && word.starts_with(prefix));
    let date = word.len() >= 8 && word.bytes().take(4).all(|b| b.is_ascii_digit());
    let uuid = word.len() == 36
        && word.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let named = word.len() >= 8
        && !date
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().any(|b| b.is_ascii_alphabetic());
    prefixed || uuid || named
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn plain(body: &str) -> Option<Vec<(String, Option<String>)>> {
        read(body).map(|all| all.into_iter().map(|c| (c.session.to_string(), c.quote)).collect())
    }

    #[rstest]
    #[case(r#" seen: sesn_01 "exact words"; sesn_02 "#)]
    #[case(r#"seen:sesn_01 "exact words";sesn_02"#)]
    #[case(r#" Seen: sesn_01: "exact words", sesn_02. "#)]
    #[case(" seen sesn_01 (“exact words”) and sesn_02 ")]
    #[case("\n  seen:\n  - sesn_01 - 'exact words'\n  - sesn_02\n")]
    #[case(r#" seen in: [sesn_01] "exact words" | session sesn_02 "#)]
    #[case(r#" sources: session:sesn_01 “exact words" ; sesn_02 x3 "#)]
    #[case(" evidence = sesn_01 `exact words`; sesn_02 ")]
    fn sloppy_variants_mean_the_same(#[case] body: &str) {
        let expected =
            vec![("sesn_01".to_owned(), Some("exact words".to_owned())), ("sesn_02".to_owned(), None)];
        assert_eq!(plain(body), Some(expected), "{body}");
    }

    #[rstest]
    #[case(" a comment ")]
    #[case(" seen by nobody ")]
    #[case(" seen: 2026-03-01 by the team ")]
    #[case(" seen in production ")]
    #[case(" source: docs/refunds.md ")]
    #[case(" evidence: none ")]
    #[case(" source sesn_01 ")]
    #[case(" last seen: sesn_01 ")]
    #[case(" seen: ")]
    #[case(" seen: \"words\" sesn_01 ")]
    #[case("")]
    fn other_comments_are_not_citations(#[case] body: &str) {
        assert_eq!(plain(body), None, "{body}");
    }

    #[test]
    fn quotes_may_hold_quotes_separators_and_apostrophes() {
        let one = |body| plain(body).unwrap().remove(0).1.unwrap();
        assert_eq!(
            one(r#"seen: sesn_01 "he said "no"; then left, angry"; sesn_02"#),
            r#"he said "no"; then left, angry"#
        );
        assert_eq!(one(r#"seen: sesn_01 "say \"no\" twice""#), r#"say "no" twice"#);
        assert_eq!(one("seen: sesn_01 'don't do that'"), "don't do that");
        assert_eq!(one(r#"seen: sesn_01 "never closed"#), "never closed");
    }

    #[test]
    fn several_quotes_belong_to_the_session_before_them() {
        let found = plain(r#"seen: sesn_01 "first words" "second words"; sesn_02 "third""#).unwrap();
        let quotes: Vec<_> = found.iter().map(|(s, q)| (s.as_str(), q.as_deref().unwrap())).collect();
        assert_eq!(quotes, [("sesn_01", "first words"), ("sesn_01", "second words"), ("sesn_02", "third")]);
    }

    #[test]
    fn other_tools_name_their_sessions_otherwise() {
        let ids = "seen: 0a1b2c3d-0000-4000-8000-00000000abcd, run-2026-07a, checkout7_b";
        assert_eq!(read(ids).unwrap().len(), 3);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many: String = (0..5_000).map(|i| format!("sesn_{i} \"{}\"; ", "x".repeat(30))).collect();
        assert_eq!(read(&format!("seen: {many}")).unwrap().len(), MOST_CITATIONS);
        let long = format!("seen: sesn_01 \"{}\"", "é".repeat(5_000));
        assert_eq!(read(&long).unwrap()[0].quote.as_ref().unwrap().len(), LONGEST_QUOTE);
    }
}
