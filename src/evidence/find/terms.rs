//! Words of a text as the finder and the judge compare them.
//!
//! Owns: cutting text into words, which words say nothing of their own, and bringing the forms of a
//! word together: a table for irregular ones, Snowball stems (Porter 2) for the rest. Must not know:
//! queries, scores or lessons.
//!
//! Measured on LoCoMo (tests/evidence_bench.rs), stems and stop words are worth 9 points of recall at
//! ten over plain words; the table of irregular forms is worth 2 points of mean reciprocal rank.

use std::borrow::Cow;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;

/// A word where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'t> {
    /// As written, without a genitive `'s`.
    pub text: &'t str,
    /// Where.
    pub range: Range<usize>,
    /// A phrase ends between the word before and this one: punctuation or a line end.
    pub after_break: bool,
}

/// Longest word looked at, in bytes; what is longer is data.
const LONGEST_WORD: usize = 40;

/// Cuts a text into words: runs of letters and digits, with apostrophes inside. Paths, options and
/// names fall into their parts.
#[must_use]
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::with_capacity(text.len() / 8);
    let mut chars = text.char_indices().peekable();
    let mut after_break = true;
    while let Some((start, c)) = chars.next() {
        if !c.is_alphanumeric() {
            after_break |= ends_phrase(c, chars.peek().map(|(_, next)| *next));
            continue;
        }
        let mut end = start + c.len_utf8();
        let mut apostrophe = None;
        while let Some((at, next)) = chars.peek().copied() {
            let inner = matches!(next, '\'' | '’')
                && text
                    .get(at + next.len_utf8()..)
                    .and_then(|t| t.chars().next())
                    .is_some_and(char::is_alphabetic);
            if !next.is_alphanumeric() && !inner {
                break;
            }
            if inner {
                apostrophe = Some(at);
            }
            end = at + next.len_utf8();
            chars.next();
        }
        let genitive = apostrophe
            .filter(|&at| text.get(at..end).is_some_and(|tail| matches!(tail, "'s" | "’s" | "'S" | "’S")));
        let range = start..genitive.unwrap_or(end);
        if range.len() <= LONGEST_WORD {
            found.push(Word { text: text.get(range.clone()).unwrap_or_default(), range, after_break });
            after_break = false;
        }
    }
    found
}

fn ends_phrase(c: char, next: Option<char>) -> bool {
    match c {
        '\n' | ';' | '!' | '?' | '(' | ')' => true,
        '.' | ',' | ':' => next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

const STOP: &[&str] = &[
    "a",
    "about",
    "across",
    "after",
    "again",
    "against",
    "all",
    "almost",
    "along",
    "already",
    "also",
    "although",
    "always",
    "am",
    "among",
    "an",
    "and",
    "another",
    "any",
    "are",
    "aren't",
    "around",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "between",
    "beyond",
    "both",
    "but",
    "by",
    "can",
    "can't",
    "cannot",
    "could",
    "d",
    "did",
    "didn't",
    "do",
    "does",
    "doesn't",
    "doing",
    "don't",
    "down",
    "during",
    "each",
    "either",
    "else",
    "enough",
    "ever",
    "every",
    "few",
    "for",
    "from",
    "get",
    "had",
    "has",
    "hasn't",
    "have",
    "haven't",
    "he",
    "her",
    "here",
    "hers",
    "hey",
    "him",
    "his",
    "how",
    "however",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "i've",
    "if",
    "in",
    "instead",
    "into",
    "is",
    "isn't",
    "it",
    "its",
    "just",
    "least",
    "less",
    "let",
    "like",
    "ll",
    "m",
    "make",
    "many",
    "me",
    "might",
    "more",
    "most",
    "much",
    "must",
    "my",
    "neither",
    "never",
    "no",
    "nor",
    "not",
    "now",
    "of",
    "off",
    "oh",
    "ok",
    "on",
    "once",
    "one",
    "only",
    "onto",
    "or",
    "other",
    "others",
    "otherwise",
    "our",
    "out",
    "over",
    "own",
    "per",
    "perhaps",
    "please",
    "prefer",
    "quite",
    "rather",
    "re",
    "s",
    "same",
    "say",
    "see",
    "several",
    "she",
    "should",
    "shouldn't",
    "since",
    "so",
    "some",
    "still",
    "such",
    "t",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "this",
    "those",
    "though",
    "through",
    "throughout",
    "thus",
    "time",
    "to",
    "together",
    "too",
    "toward",
    "towards",
    "under",
    "until",
    "up",
    "upon",
    "us",
    "use",
    "used",
    "uses",
    "using",
    "ve",
    "very",
    "via",
    "was",
    "wasn't",
    "we",
    "we're",
    "were",
    "what",
    "whatever",
    "when",
    "whenever",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "why",
    "will",
    "with",
    "within",
    "without",
    "won't",
    "would",
    "yes",
    "yet",
    "you",
    "you're",
    "your",
];

/// Forms that no rule finds, and a few everyday words for the same thing. The first word of each line
/// stands for all.
const IRREGULAR: &str = "become became
begin began begun
break broke broken
bring brought
build built
burn burnt
buy bought
catch caught
child children kid kids
choose chose chosen
come came
config configuration
deal dealt
directory dir folder
draw drew drawn
dream dreamt
drive drove driven
eat ate eaten
environment env
fall fell fallen
father dad
feel felt
fight fought
find found
fly flew flown
foot feet
forget forgot forgotten
give gave given
go went gone goes going
grow grew grown
hang hung
hear heard
hide hid hidden
hold held
husband wife partner spouse
keep kept
know knew known
lead led
learn learnt
leave left
lose lost
man men
meet met
mother mom mum
movie film
pay paid
people person
photo photograph picture pic
read reads
repository repo
ride rode ridden
rise rose risen
run ran
sell sold
send sent
shoot shot
show shown
sing sang sung
sit sat
sleep slept
speak spoke spoken
spend spent
stand stood
steal stole stolen
swim swam swum
take took taken
teach taught
tell told
think thought
throw threw thrown
understand understood
wake woke woken
wear wore worn
win won
woman women
write wrote written";

/// Words that carry no meaning of their own (lower case).
#[must_use]
pub fn is_stop_word(word: &str) -> bool {
    STOP.binary_search(&word).is_ok()
}

/// Brings words to the form they are compared in.
pub struct Stems {
    stemmer: Stemmer,
    irregular: FxHashMap<&'static str, &'static str>,
}

impl std::fmt::Debug for Stems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stems").finish_non_exhaustive()
    }
}

impl Default for Stems {
    fn default() -> Self {
        let lines = IRREGULAR.lines().filter_map(|line| line.split_once(' '));
        let irregular =
            lines.flat_map(|(base, forms)| forms.split(' ').map(move |form| (form, base))).collect();
        Self { stemmer: Stemmer::create(Algorithm::English), irregular }
    }
}

impl Stems {
    /// The term a word stands for; `None` for stop words and single letters.
    #[must_use]
    pub fn term(&self, word: &str) -> Option<String> {
        let lower: Cow<'_, str> = if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            word.into()
        } else {
            word.to_lowercase().replace('’', "'").into()
        };
        if is_stop_word(&lower) || lower.len() < 2 && !lower.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let base = lower.split('\'').next().unwrap_or(&lower);
        let base = self.irregular.get(base).copied().unwrap_or(base);
        Some(self.stemmer.stem(base).into_owned())
    }

    /// The distinct terms of a text, in order of appearance.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for term in words(text).iter().filter_map(|word| self.term(word.text)) {
            if !found.contains(&term) {
                found.push(term);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_for_the_search() {
        assert!(STOP.is_sorted());
    }

    #[test]
    fn forms_of_a_word_meet() {
        let stems = Stems::default();
        for (a, b) in [
            ("running", "ran"),
            ("committed", "commits"),
            ("children", "kid"),
            ("went", "goes"),
            ("refunds", "Refunded"),
            ("dependencies", "dependency"),
            ("repo's", "repository"),
        ] {
            assert_eq!(stems.terms(a), stems.terms(b), "{a} {b}");
        }
        assert_eq!(stems.terms("never use the pnpm, please"), ["pnpm"]);
        assert_eq!(stems.terms("src/web/api.ts:12"), ["src", "web", "api", "ts", "12"]);
    }

    #[test]
    fn phrases_end_at_punctuation_but_not_inside_names() {
        let breaks: Vec<(&str, bool)> =
            words("No, it's a.b of Acme's\nx").iter().map(|word| (word.text, word.after_break)).collect();
        assert_eq!(
            breaks,
            [
                ("No", true),
                ("it", true),
                ("a", false),
                ("b", false),
                ("of", false),
                ("Acme", false),
                ("x", true)
            ]
        );
    }
}
