//! When two sentences can't both hold.
//!
//! Owns: the three plain forms of a contradiction: the other of two choices, the same with a "not", and
//! the same with another number, version or place. Must not know: sessions, or what becomes of the notes.
//!
//! A wrong alarm costs a reviewer more than a missed one, so the sentences must agree in every other
//! word that carries meaning, and speak of the same: a document or heading that names a subject of its
//! own is part of what its notes say.

use std::collections::BTreeSet;

use super::entries::Entry;
use super::patterns::{self, Asked};
use super::shell::Command;
use super::wishes::{self, Wish};
use super::words::{self, Piece};

/// Longest sentence that is compared, in bytes, and sentences of a note.
const LONGEST: usize = 300;
const MOST: usize = 6;
/// Words that two sentences with different values must share, and that must stand before the value:
/// a number in front is a name ("Ticket 12 …").
const SHARED: usize = 3;
const BEFORE: usize = 2;

/// How two sentences contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// "This instead of that" against another choice.
    Choice,
    /// One denies what the other says.
    Sense,
    /// Another value in the same place.
    Value,
}

/// A sentence of a note, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Saying {
    /// As it stands in the note.
    pub text: String,
    /// What it asks for, if anything.
    asked: Option<Thing>,
    /// Words that carry meaning.
    pub words: BTreeSet<String>,
    /// The same in order, code taken apart.
    tokens: Vec<Token>,
    negations: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Thing {
    wanted: bool,
    this: Vec<String>,
    that: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    /// The word before it, stop words included.
    after: String,
}

impl From<Asked> for Thing {
    fn from(asked: Asked) -> Self {
        Self {
            wanted: asked.wanted,
            this: words::thing(&asked.this),
            that: asked.that.as_deref().map(words::thing).unwrap_or_default(),
        }
    }
}

impl Saying {
    /// The sentences of a note.
    #[must_use]
    pub fn all(note: &str) -> Vec<Self> {
        let sentences = note.lines().flat_map(wishes::sentences);
        sentences.filter(|sentence| sentence.len() <= LONGEST).take(MOST).map(Self::read).collect()
    }

    fn read(sentence: &str) -> Self {
        let mut tokens = Vec::new();
        let mut before = String::new();
        let mut negations = 0;
        for piece in words::pieces(sentence) {
            let parts: Vec<&str> =
                piece.text().map(|text| text.split_whitespace().collect()).unwrap_or_default();
            for part in parts {
                let lower = part.to_lowercase().replace('’', "'");
                let is_code = matches!(piece, Piece::Code(_));
                negations += usize::from(!is_code && is_negation(&lower));
                if is_code || !words::is_stop_word(&lower) {
                    let text = if is_code { lower.clone() } else { words::stem(part) };
                    tokens.push(Token { text, after: std::mem::take(&mut before) });
                }
                before = lower;
            }
        }
        Self {
            text: sentence.to_owned(),
            asked: patterns::asked(sentence).map(Thing::from),
            words: tokens.iter().map(|token| token.text.clone()).collect(),
            tokens,
            negations,
        }
    }

    /// Whether a person asked for just this.
    #[must_use]
    pub fn is_asked_by(&self, wish: &Wish, other: &Self, clash: Clash) -> bool {
        if clash == Clash::Value {
            let said = Self::read(&wish.sentence);
            let (own, shared) = self.own_value(other);
            return !own.is_empty()
                && own.iter().all(|value| said.words.contains(value.as_str()))
                && shared.iter().filter(|word| said.words.contains(**word)).count() * 2 >= shared.len();
        }
        let Some(asked) = &self.asked else {
            let said = Self::read(&wish.sentence);
            return said.words == self.words && said.negations % 2 == self.negations % 2;
        };
        let this = words::thing(&wish.this);
        let that = wish.that.as_deref().map(words::thing).unwrap_or_default();
        let same = wish.wanted == asked.wanted
            && this == asked.this
            && (that == asked.that || that.is_empty() || asked.that.is_empty());
        same || (!wish.wanted
            && asked.wanted
            && that.is_empty()
            && !asked.that.is_empty()
            && this == asked.that)
    }

    /// Whether a command used the value that only this sentence has, for what both speak of.
    #[must_use]
    pub fn is_done_by(&self, command: &Command, other: &Self, clash: Clash) -> bool {
        if clash != Clash::Value {
            return false;
        }
        let (own, shared) = self.own_value(other);
        let has = |wanted: &str| {
            let is = |word: &String| word.rsplit('=').next() == Some(wanted);
            command.words.iter().any(is)
        };
        let program = command.words.first().is_some_and(|program| shared.contains(&program));
        !own.is_empty() && program && own.iter().all(|value| has(value))
    }

    /// The value that only this sentence has, and the words both share.
    fn own_value<'s>(&'s self, other: &'s Self) -> (Vec<&'s String>, Vec<&'s String>) {
        (self.words.difference(&other.words).collect(), self.words.intersection(&other.words).collect())
    }
}

/// How two sentences of two notes contradict each other; `None` if both may hold.
#[must_use]
pub fn between(one: (&Entry, &Saying), other: (&Entry, &Saying)) -> Option<Clash> {
    let ((note_a, a), (note_b, b)) = (one, other);
    let clash = if is_other_choice(a, b) {
        Clash::Choice
    } else if a.words == b.words && a.words.len() >= 2 && a.negations.abs_diff(b.negations) == 1 {
        Clash::Sense
    } else if has_other_value(a, b) {
        Clash::Value
    } else {
        return None;
    };
    same_scope(note_a, note_b, &a.words.intersection(&b.words).cloned().collect()).then_some(clash)
}

fn is_other_choice(a: &Saying, b: &Saying) -> bool {
    let (Some(x), Some(y)) = (&a.asked, &b.asked) else { return false };
    let rest = |saying: &Saying, asked: &Thing| -> BTreeSet<String> {
        let named = |word: &&String| asked.this.contains(word) || asked.that.contains(word);
        saying.words.iter().filter(|word| !named(word)).cloned().collect()
    };
    let swapped = !x.that.is_empty() && x.this == y.that && x.that == y.this;
    let another = !x.that.is_empty() && x.that == y.that && x.this != y.this;
    let refused =
        |x: &Thing, y: &Thing| !x.that.is_empty() && !y.wanted && y.that.is_empty() && x.this == y.this;
    x.wanted == y.wanted && (swapped || another) && rest(a, x) == rest(b, y)
        || (refused(x, y) || refused(y, x)) && rest(a, x) == rest(b, y)
}

/// How two sentences of two notes contradict each other by giving something different versions, as far as that is
/// what the caller takes them to do: of sentences as short as "Node is version 18" the words alone don't tell.
#[must_use]
pub fn by_version(
    one: (&Entry, &Saying),
    other: (&Entry, &Saying),
    disputed: impl Fn(&str, &str) -> bool,
) -> Option<Clash> {
    let ((note_a, a), (note_b, b)) = (one, other);
    let differ = only_difference(a, b).is_some() && disputed(&a.text, &b.text);
    let shared = a.words.intersection(&b.words).cloned().collect();
    (differ && same_scope(note_a, note_b, &shared)).then_some(Clash::Value)
}

/// The one word in which two sentences differ, and its place.
fn only_difference<'s>(a: &'s Saying, b: &'s Saying) -> Option<(usize, &'s Token, &'s Token)> {
    if a.tokens.len() != b.tokens.len() || a.negations != b.negations {
        return None;
    }
    let mut different = a.tokens.iter().zip(&b.tokens).enumerate().filter(|(_, (x, y))| x.text != y.text);
    let (at, (x, y)) = different.next()?;
    different.next().is_none().then_some((at, x, y))
}

fn has_other_value(a: &Saying, b: &Saying) -> bool {
    let Some((at, x, y)) = only_difference(a, b) else { return false };
    let number = |token: &Token| token.text.bytes().any(|byte| byte.is_ascii_digit());
    let place =
        |token: &Token| token.text.contains('/') && matches!(token.after.as_str(), "in" | "at" | "under");
    let after_words = a.tokens.iter().take(at).filter(|token| !number(token)).count() >= BEFORE;
    a.tokens.len() > SHARED && after_words && (number(x) && number(y) || place(x) && place(y))
}

/// Whether a word (lower case) denies what it stands in front of.
#[must_use]
pub fn is_negation(word: &str) -> bool {
    matches!(word, "not" | "never" | "no" | "without" | "cannot" | "nobody" | "nothing")
        || word.ends_with("n't")
}

/// Names of documents and headings that say nothing of a subject: what kind of notes stand there, not what
/// they are about.
const GENERAL: [&str; 48] = [
    "agent",
    "always",
    "basics",
    "behaviour",
    "best",
    "choices",
    "claude",
    "commands",
    "context",
    "conventions",
    "decisions",
    "defaults",
    "facts",
    "feedback",
    "general",
    "guidelines",
    "guidance",
    "habits",
    "how",
    "index",
    "instructions",
    "knowledge",
    "learned",
    "learnings",
    "lessons",
    "memory",
    "misc",
    "notes",
    "other",
    "overview",
    "patterns",
    "practices",
    "preferences",
    "principles",
    "project",
    "readme",
    "reminders",
    "rules",
    "setup",
    "style",
    "team",
    "tips",
    "tools",
    "user",
    "ways",
    "workflow",
    "working",
    "things",
];

/// Whether a word of a heading says nothing of a subject, in whatever form it stands there.
#[must_use]
pub fn is_general(word: &str) -> bool {
    GENERAL.iter().any(|general| *general == word || words::stem(general) == word)
}

/// Both notes lie in one folder, and at most one of them stands under a name that its sentence does not
/// mention: "built with node 18" under *worker* does not contradict another number under *server*.
fn same_scope(a: &Entry, b: &Entry, shared: &BTreeSet<String>) -> bool {
    let folder = |note: &Entry| note.path.as_str().rsplit_once('/').map(|(folder, _)| folder.to_owned());
    let subject = |note: &Entry| -> BTreeSet<String> {
        let file = note.path.file_name();
        let stem = file.strip_suffix(".md").unwrap_or(file).replace(['-', '_', '.'], " ");
        words::content(&format!("{stem} {}", note.heading))
            .into_iter()
            .map(|word| word.to_lowercase())
            .filter(|word| !is_general(word))
            .collect()
    };
    let (of_a, of_b) = (subject(a), subject(b));
    folder(a) == folder(b) && (of_a == of_b || of_a.is_subset(shared) || of_b.is_subset(shared))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::memory::DocPath;
    use crate::dream::offline::entries;

    fn clash(a: (&str, &str), b: (&str, &str)) -> Option<Clash> {
        let note = |(path, text): (&str, &str)| {
            let notes = entries::of_document(&DocPath::new(path).unwrap(), &text.into());
            notes.into_iter().next().unwrap()
        };
        let (a, b) = (note(a), note(b));
        between((&a, &Saying::read(&a.text)), (&b, &Saying::read(&b.text)))
    }

    #[rstest]
    #[case("Use pnpm instead of npm.", "Use `npm` instead of `pnpm`.", Clash::Choice)]
    #[case("Use pnpm instead of npm.", "Prefer yarn over npm.", Clash::Choice)]
    #[case("Use pnpm instead of npm.", "Never use pnpm.", Clash::Choice)]
    #[case("Always run the linter before a commit.", "Never run the linter before a commit.", Clash::Sense)]
    #[case("The importer runs at night.", "The importer does not run at night.", Clash::Sense)]
    #[case(
        "The refund window for shoes is 14 days.",
        "The refund window for shoes is 30 days.",
        Clash::Value
    )]
    #[case("Export with `shop export --batch 500`.", "Export with `shop export --batch 200`.", Clash::Value)]
    #[case("Styles of the shop live in `src/a`.", "Styles of the shop live in `web/b`.", Clash::Value)]
    fn contradictions_are_told(#[case] a: &str, #[case] b: &str, #[case] expected: Clash) {
        assert_eq!(clash(("/notes.md", a), ("/notes.md", b)), Some(expected));
        assert_eq!(clash(("/notes.md", b), ("/memory.md", a)), Some(expected), "either way round");
    }

    #[rstest]
    #[case("Use pnpm instead of npm.", "Use vitest instead of jest.")]
    #[case("Use pnpm instead of npm for builds.", "Use yarn instead of npm for publishing.")]
    #[case("Never `npm install` twice.", "Start with `npm install`.")]
    #[case("The worker image is built with node 18.", "The server image is built with node 20.")]
    #[case("Ticket 12 is about refunds of lamps.", "Ticket 14 is about refunds of lamps.")]
    #[case("Port 8080 is the shop's.", "Port 8081 is the shop's.")]
    #[case("In 2024 the team had 12 people.", "In 2025 the team had 14 people.")]
    #[case("`make a` builds the docs of the shop.", "`make b` builds the docs of the shop.")]
    #[case("Run `bun` directly.", "Don't run `bun` through `rtk`.")]
    fn what_may_both_hold_is_none(#[case] a: &str, #[case] b: &str) {
        assert_eq!(clash(("/notes.md", a), ("/notes.md", b)), None);
    }

    #[test]
    fn documents_and_headings_that_name_a_subject_part_notes() {
        let (a, b) =
            ("The image is built with node 18 every night.", "The image is built with node 20 every night.");
        assert_eq!(clash(("/worker.md", a), ("/server.md", b)), None);
        assert_eq!(clash(("/a/notes.md", a), ("/b/notes.md", b)), None);
        let under = |heading: &str, text: &str| format!("# {heading}\n\n- {text}\n");
        assert_eq!(clash(("/x.md", &under("Worker", a)), ("/x.md", &under("Server", b))), None);
        assert_eq!(clash(("/image.md", a), ("/builds.md", b)), Some(Clash::Value), "both speak of the image");
    }

    #[rstest]
    #[case("Notes", "Style")]
    #[case("NOTES", "Team rules")]
    #[case("Preferences", "Best practices")]
    #[case("Conventions", "")]
    fn headings_that_name_no_subject_hide_nothing(#[case] one: &str, #[case] other: &str) {
        let under = |heading: &str, text: &str| format!("# {heading}\n\n- {text}\n");
        let (a, b) = ("Use pnpm instead of npm.", "Use npm instead of pnpm.");
        assert_eq!(clash(("/x.md", &under(one, a)), ("/x.md", &under(other, b))), Some(Clash::Choice));
        let (a, b) = ("Answers have at most 120 words.", "Answers have at most 80 words.");
        assert_eq!(clash(("/style.md", &under(one, a)), ("/notes.md", &under(other, b))), Some(Clash::Value));
    }
}
