//! Words of plain English text as the engine compares them.
//!
//! Owns: cutting text into words and code, shortening words to stems, and which words carry no
//! meaning of their own. Must not know: what the text is about.

use std::collections::BTreeSet;

/// A word or a piece of code in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A word, without the punctuation around it.
    Word(&'a str),
    /// What stands between backticks, or a word that looks like code: a path, an option, a name.
    Code(&'a str),
    /// Punctuation that ends a phrase.
    Stop(char),
}

impl<'a> Piece<'a> {
    /// The text of a word or piece of code.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Word(text) | Self::Code(text) => Some(text),
            Self::Stop(_) => None,
        }
    }
}

/// Cuts a sentence into words, code and punctuation.
#[must_use]
pub fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for (index, part) in sentence.split('`').enumerate() {
        if index % 2 == 1 {
            if !part.trim().is_empty() {
                out.push(Piece::Code(part.trim()));
            }
            continue;
        }
        for raw in part.split_whitespace() {
            let open = |c: char| matches!(c, '(' | '[' | '"' | '\'' | '“' | '‘' | '*' | '<');
            let close = |c: char| {
                matches!(
                    c,
                    ')' | ']' | '"' | '\'' | '”' | '’' | '*' | '>' | ',' | ';' | ':' | '.' | '!' | '?' | '…'
                )
            };
            if raw.starts_with('(') {
                out.push(Piece::Stop('('));
            }
            let word = raw.trim_start_matches(open);
            let core = word.trim_end_matches(close);
            if core.chars().all(|c| matches!(c, '-' | '–' | '—' | '=' | '>')) {
                if !core.is_empty() {
                    out.push(Piece::Stop('-'));
                }
            } else if looks_like_code(core) {
                out.push(Piece::Code(core));
            } else {
                out.push(Piece::Word(core));
            }
            if let Some(mark) = word
                .get(core.len()..)
                .and_then(|tail| tail.chars().find(|c| matches!(c, ',' | ';' | ':' | '.' | '!' | '?' | ')')))
            {
                out.push(Piece::Stop(mark));
            }
        }
    }
    out
}

/// Paths, options, snake_case, camelCase, calls and names with inner dots.
#[must_use]
pub fn looks_like_code(word: &str) -> bool {
    let inner = word.trim_start_matches('@');
    let camel = inner
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    word.len() > 1
        && (word.contains(['/', '\\', '_', '(', '=', '$', '{'])
            || word.starts_with('-') && word.len() > 2 && !word.contains(' ')
            || word.starts_with('@')
            || camel
            || inner.split('.').filter(|part| !part.is_empty()).count() > 1 && !inner.ends_with('.')
            || inner.contains(':') && !inner.ends_with(':'))
}

const STOP: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "always", "am", "an", "and", "any", "are", "as", "at",
    "be", "been", "before", "being", "but", "by", "can", "cannot", "could", "did", "do", "does", "doing",
    "don't", "each", "else", "every", "for", "from", "get", "go", "going", "got", "had", "has", "have", "he",
    "here", "how", "i", "i'd", "i'm", "if", "in", "instead", "into", "is", "isn't", "it", "it's", "its",
    "just", "keep", "let", "like", "make", "me", "more", "must", "my", "need", "needs", "never", "no", "not",
    "now", "of", "off", "ok", "on", "once", "one", "only", "or", "our", "out", "over", "please", "prefer",
    "rather", "remember", "same", "say", "see", "she", "should", "so", "some", "still", "stop", "such",
    "sure", "than", "that", "that's", "the", "their", "them", "then", "there", "these", "they", "thing",
    "this", "those", "time", "to", "too", "try", "until", "up", "us", "use", "using", "want", "was", "we",
    "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "without", "would",
    "yes", "you", "your",
];

/// Whether a word (lower case) carries no meaning of its own.
#[must_use]
pub fn is_stop_word(word: &str) -> bool {
    STOP.binary_search(&word).is_ok()
}

/// A word in lower case, shortened so that its common forms meet.
#[must_use]
pub fn stem(word: &str) -> String {
    let lower = word.to_lowercase().replace('’', "'");
    let lower = lower.strip_suffix("'s").unwrap_or(&lower);
    if !lower.is_ascii() || lower.bytes().any(|b| !b.is_ascii_lowercase()) {
        return lower.to_owned();
    }
    let enough = |stem: &&str| stem.len() >= 3 && stem.bytes().any(|b| b"aeiouy".contains(&b));
    let cut = |ending: &str| lower.strip_suffix(ending).filter(enough);
    if let Some(stem) = lower.strip_suffix("ies").filter(enough) {
        return format!("{stem}y");
    }
    let stem = cut("ing").or_else(|| cut("ed")).or_else(|| {
        let plural = lower.strip_suffix('s').filter(enough);
        plural.filter(|stem| !stem.ends_with(['s', 'u', 'i']))
    });
    let Some(stem) = stem else { return lower.trim_end_matches('e').to_owned() };
    let stem = stem.trim_end_matches('e');
    // running → run, stopped → stop; but calling → call, missed → miss.
    let bytes = stem.as_bytes();
    match bytes {
        [.., a, b] if a == b && !matches!(b, b'l' | b's' | b'z' | b'e' | b'o') => {
            stem.get(..stem.len() - 1).unwrap_or(stem).to_owned()
        }
        _ => stem.to_owned(),
    }
}

/// The distinct words of a text that carry meaning, as stems; code stays as it is written.
#[must_use]
pub fn content(text: &str) -> BTreeSet<String> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Code(code) => Some(code.to_owned()),
            Piece::Word(word) => {
                let lower = word.to_lowercase();
                (!is_stop_word(&lower) && lower.chars().any(char::is_alphanumeric)).then(|| stem(word))
            }
            Piece::Stop(_) => None,
        })
        .filter(|word| word.len() <= 60)
        .collect()
}

/// What names a thing in a phrase: its words that carry meaning, in lower case. A single stop word may
/// be a name (`make`); "the old one" and "it" say nothing by themselves.
#[must_use]
pub fn thing(text: &str) -> Vec<String> {
    let mut stems: Vec<String> =
        content(&text.replace('`', " ")).into_iter().map(|word| word.to_lowercase()).collect();
    if stems.is_empty() && !text.contains(' ') {
        stems.push(text.to_lowercase());
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_for_the_search() {
        assert!(STOP.is_sorted());
        assert!(is_stop_word("always") && !is_stop_word("linter"));
    }

    #[test]
    fn forms_of_a_word_meet() {
        for (a, b) in [
            ("run", "running"),
            ("commit", "commits"),
            ("commit", "committed"),
            ("write", "writing"),
            ("test", "tests"),
            ("dependency", "dependencies"),
            ("stop", "stopped"),
            ("call", "calling"),
            ("cache", "cached"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_ne!(stem("npm"), stem("pnpm"));
        assert_eq!(stem("class"), "class");
        assert_eq!(stem("bus"), "bus");
    }

    #[test]
    fn code_is_told_from_words() {
        let found = pieces(
            "No, use `pnpm run x` instead of npm (see src/a.ts): run --fast, snake_case and parseInt!",
        );
        let code: Vec<&str> =
            found.iter().filter_map(|p| if let Piece::Code(c) = p { Some(*c) } else { None }).collect();
        assert_eq!(code, ["pnpm run x", "src/a.ts", "--fast", "snake_case", "parseInt"]);
        assert_eq!(found[1], Piece::Stop(','));
        assert_eq!(
            content("Please always run the linters"),
            BTreeSet::from(["linter".to_owned(), "run".to_owned()])
        );
        assert_eq!(pieces("a - b").len(), 3);
    }
}
