//! What a piece of memory claims, one sentence at a time.
//!
//! Owns: cutting Markdown into sentences that can be looked for. Must not know: sessions, or what is
//! found.

/// Sentences of one lesson that are looked for.
const MOST: usize = 16;

/// The sentences of a text: list items and paragraphs, cut where a sentence ends. Headings, front
/// matter, rules and code blocks claim nothing.
#[must_use]
pub(super) fn claims(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    let mut fenced = false;
    let mut matter = text.trim_start().starts_with("---\n");
    for (number, line) in text.trim_start().lines().enumerate() {
        let bare = line.trim_start_matches([' ', '\t', '>']).trim_end();
        if matter {
            matter = number == 0 || bare != "---";
            continue;
        }
        if bare.starts_with("```") || bare.starts_with("~~~") {
            fenced = !fenced;
            open = false;
            continue;
        }
        let silent = fenced
            || bare.is_empty()
            || bare.starts_with('#')
            || bare.chars().all(|c| matches!(c, '-' | '*' | '_' | '=' | '|' | ':' | ' '));
        if silent {
            open = false;
            continue;
        }
        let (item, words) = without_marker(bare);
        match blocks.last_mut() {
            Some(block) if open && !item => {
                block.push(' ');
                block.push_str(words);
            }
            _ => blocks.push(words.to_owned()),
        }
        open = true;
    }
    let mut found: Vec<String> = Vec::new();
    for sentence in blocks.iter().flat_map(|block| sentences(block)) {
        if found.len() < MOST && !found.iter().any(|other| other == sentence) {
            found.push(sentence.to_owned());
        }
    }
    found
}

/// Whether a line is a list item or a table row, and its words.
fn without_marker(line: &str) -> (bool, &str) {
    for marker in ["- [ ] ", "- [x] ", "- ", "* ", "+ ", "| "] {
        if let Some(rest) = line.strip_prefix(marker) {
            return (true, rest.trim_end_matches('|').trim());
        }
    }
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < line.len() && rest.len() + 4 > line.len();
    match rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")) {
        Some(words) if numbered => (true, words),
        _ => (false, line),
    }
}

/// Sentences of a block; a full stop inside code or a name ends none.
fn sentences(block: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut code) = (0, false);
    let mut chars = block.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        code ^= c == '`';
        let next = chars.peek().map(|(_, next)| *next);
        let ends = matches!(c, '.' | '!' | '?' | ';') && !code && next.is_none_or(char::is_whitespace);
        let short_form = ["e.g.", "i.e.", "etc.", "vs."]
            .iter()
            .any(|form| block.get(..=at).is_some_and(|head| head.ends_with(form)));
        if ends && !short_form {
            found.push(block.get(start..=at).unwrap_or_default().trim());
            start = at + c.len_utf8();
        }
    }
    found.push(block.get(start..).unwrap_or_default().trim());
    found.retain(|sentence| sentence.contains(char::is_alphabetic));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sentences_claim_something() {
        let text = "---\nname: x\ntype: feedback\n---\n# Refunds\n\nAsk first,\nthen refund. See a.md; e.g. the list.\n\n\
                    - Use `v1.2. x` now\n  and later\n1. One\n\n```\ncode here\n```\n| a | b |\n|---|---|\n---\n";
        assert_eq!(
            claims(text),
            [
                "Ask first, then refund.",
                "See a.md;",
                "e.g. the list.",
                "Use `v1.2. x` now and later",
                "One",
                "a | b"
            ]
        );
        assert!(claims("# Only a heading\n").is_empty());
        assert!(claims("").is_empty());
    }
}
