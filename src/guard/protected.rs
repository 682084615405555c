//! Finds lessons that say the opposite of a document that people wrote (`CLAUDE.md` and the like).
//!
//! Owns: what counts as the opposite. Must not know: which documents are protected or where they lie.
//!
//! A wrong alarm here teaches reviewers to look away, so only two clear forms are reported: a named
//! thing (a command, an option, an identifier in backticks) that one side demands and the other
//! forbids, and two sentences of nearly the same words with opposite sense.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::mark;
use super::paragraphs::paragraphs;
use crate::domain::lesson::{Mark, Severity};
use crate::domain::text::SafeText;

/// Longest quotation of the document in a mark, in characters.
const SHOWN: usize = 70;
/// Share of the shorter sentence's words that both must have to be about the same thing.
const SAME_SUBJECT: f64 = 0.8;

/// What protected documents demand and forbid, read once per pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives(Vec<Directive>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Directive {
    document: String,
    line: usize,
    text: String,
    sentence: Sentence,
    origin: Origin,
}

/// How a document's words are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It was read itself.
    AtHand,
    /// A session read it, on that day if it says so.
    Session(Option<Date>),
}

/// What one sentence demands and forbids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sentence {
    /// Named things to use.
    wanted: Vec<Vec<String>>,
    /// Named things not to use.
    unwanted: Vec<Vec<String>>,
    /// Named things that are said to fail.
    failing: Vec<Vec<String>>,
    /// `Some(true)` for "always …", `Some(false)` for "never …", where the sentence says so.
    demands: Option<bool>,
    /// Words that carry its meaning, shortened to their stems.
    words: BTreeSet<String>,
}

impl Directives {
    /// Reads documents given as path and text. Code blocks are examples, not directives.
    #[must_use]
    pub fn read(documents: &[(String, String)]) -> Self {
        let mut found = Vec::new();
        for (document, text) in documents {
            for paragraph in paragraphs(text) {
                for (at, text) in sentences(&paragraph.text) {
                    let sentence = Sentence::read(text);
                    if sentence.demands.is_some() || !sentence.unwanted.is_empty() {
                        let (document, text) = (document.clone(), text.trim().to_owned());
                        let line = paragraph.line_at(at);
                        found.push(Directive { document, line, text, sentence, origin: Origin::AtHand });
                    }
                }
            }
        }
        Self(found)
    }

    /// The sentences and the lines they begin on.
    pub fn sentences(&self) -> impl Iterator<Item = (usize, &str)> {
        self.0.iter().map(|directive| (directive.line, directive.text.as_str()))
    }

    /// Adds a sentence of a document that is not at hand, but that a session read on a day, if it is known.
    pub fn add_read(&mut self, document: &str, line: usize, text: &str, on: Option<Date>) {
        self.0.push(Directive {
            document: document.to_owned(),
            line,
            text: text.to_owned(),
            sentence: Sentence::read(text),
            origin: Origin::Session(on),
        });
    }

    /// Whether there is nothing to contradict.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a mark says of a document that is not at hand.
const IN_A_SESSION: &str = "as a session read it";

/// Whether a mark speaks of a document that is not at hand: it can't be made anew.
#[must_use]
pub fn is_from_a_session(mark: &Mark) -> bool {
    mark.guard == "protected" && mark.text.contains(IN_A_SESSION)
}

/// Marks a lesson that says the opposite of a protected document: at most one mark per document.
#[must_use]
pub fn check(inserted: &str, statement: &str, protected: &Directives) -> Vec<Mark> {
    if protected.is_empty() {
        return Vec::new();
    }
    let mut marks: Vec<Mark> = Vec::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let read = |text: &str| -> Vec<Sentence> {
        let paragraphs = paragraphs(text);
        let texts = paragraphs.iter().flat_map(|paragraph| sentences(&paragraph.text));
        texts.map(|(_, text)| Sentence::read(text)).collect()
    };
    let lesson: Vec<Sentence> = read(inserted).into_iter().chain(read(statement)).collect();
    for directive in &protected.0 {
        let opposed = lesson.iter().any(|said| {
            opposite_on_a_named_thing(&directive.sentence, said, &lesson)
                || opposite_sense(&directive.sentence, said)
        });
        if opposed && named.insert(&directive.document) {
            let quote: String = directive.text.chars().take(SHOWN).collect();
            let more = if directive.text.chars().count() > SHOWN { "…" } else { "" };
            let read = match directive.origin {
                Origin::AtHand => String::new(),
                Origin::Session(None) => format!(" ({IN_A_SESSION})"),
                Origin::Session(Some(day)) => format!(" ({IN_A_SESSION} on {day})"),
            };
            marks.push(mark(
                "protected",
                Severity::Warn,
                format!(
                    "contradicts {} line {}{read}: “{}{more}”",
                    SafeText::line(&name_of(&directive.document)),
                    directive.line,
                    SafeText::line(&quote)
                ),
            ));
        }
    }
    marks
}

/// One side demands a named thing, the other forbids it or says that it fails.
fn opposite_on_a_named_thing(rule: &Sentence, said: &Sentence, lesson: &[Sentence]) -> bool {
    if rule.demands != Some(false) {
        for demanded in &rule.wanted {
            // A lesson that still uses the thing, only otherwise, goes along with the rule.
            let goes_along = lesson
                .iter()
                .flat_map(|sentence| &sentence.wanted)
                .any(|wanted| wanted.starts_with(demanded));
            let forbids = said
                .unwanted
                .iter()
                .any(|unwanted| unwanted.starts_with(demanded) || demanded.starts_with(unwanted));
            if (forbids && !goes_along) || drops(demanded, said, lesson) {
                return true;
            }
        }
    }
    rule.unwanted.iter().any(|forbidden| {
        said.demands != Some(false)
            && said.wanted.iter().any(|wanted| contains(wanted, forbidden))
            && !said.unwanted.iter().any(|unwanted| contains(unwanted, forbidden))
    })
}

/// "`wrap build` fails …; use `build`": what fails starts with the demanded thing, and what is
/// used in its place is the rest.
fn drops(demanded: &[String], said: &Sentence, lesson: &[Sentence]) -> bool {
    said.failing.iter().filter(|failing| failing.starts_with(demanded)).any(|failing| {
        let rest = failing.get(demanded.len()..).unwrap_or_default();
        let first = rest.first();
        first.is_some()
            && lesson
                .iter()
                .flat_map(|sentence| &sentence.wanted)
                .any(|wanted| wanted.first() == first && !wanted.starts_with(demanded))
    })
}

/// Nearly the same words, one demanding and the other forbidding.
fn opposite_sense(rule: &Sentence, said: &Sentence) -> bool {
    let (Some(one), Some(other)) = (rule.demands, said.demands) else { return false };
    let shorter = rule.words.len().min(said.words.len());
    let common = rule.words.intersection(&said.words).count();
    one != other && common >= 2 && common as f64 >= SAME_SUBJECT * shorter as f64
}

fn contains(whole: &[String], part: &[String]) -> bool {
    !part.is_empty() && whole.windows(part.len()).any(|window| window == part)
}

/// A document as people call it: the end of its path.
fn name_of(path: &str) -> String {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    parts.get(parts.len().saturating_sub(2)..).unwrap_or_default().join("/")
}

/// Sentences of a paragraph and where each begins. A full stop inside a word (`e.g.`, `file.md`,
/// `1.2`) ends none.
fn sentences(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut in_code = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c == '`' {
            in_code = !in_code;
        }
        let ends = matches!(c, '.' | '!' | '?' | ';')
            && !in_code
            && chars
                .peek()
                .is_none_or(|&(_, next)| next.is_whitespace() || matches!(next, '*' | '_' | '"' | '”' | ')'));
        if ends {
            out.push((start, text.get(start..=at).unwrap_or_default()));
            start = at + c.len_utf8();
        }
    }
    out.push((start, text.get(start..).unwrap_or_default()));
    out.retain(|(_, sentence)| sentence.chars().any(char::is_alphanumeric));
    // The blank between two sentences belongs to neither.
    out.into_iter().map(|(at, text)| (at + text.len() - text.trim_start().len(), text.trim())).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Wanted,
    Unwanted,
    Mentioned,
}

impl Sentence {
    fn read(text: &str) -> Self {
        let mut sentence = Self::default();
        let mut sense = Sense::Mentioned;
        // Names since the last turn of sense: a verb of failure behind them concerns them.
        let mut recent: Vec<Vec<String>> = Vec::new();
        let mut words_before: Vec<String> = Vec::new();
        for piece in pieces(text) {
            match piece {
                Piece::Name(name) => {
                    match sense {
                        Sense::Wanted => sentence.wanted.push(name.clone()),
                        Sense::Unwanted => sentence.unwanted.push(name.clone()),
                        Sense::Mentioned => {}
                    }
                    recent.push(name);
                }
                Piece::Word(word) => {
                    words_before.push(word.clone());
                    let last_two =
                        words_before.iter().rev().take(2).rev().map(String::as_str).collect::<Vec<_>>();
                    match last_two.as_slice() {
                        [.., "without" | "avoid" | "never" | "don't" | "stop" | "skip"]
                        | ["do" | "must" | "should" | "may", "not"]
                        | ["no", "longer"]
                        | ["instead", "of"]
                        | ["rather", "than"]
                        | ["not", "through" | "via" | "with" | "by"] => sense = Sense::Unwanted,
                        [
                            ..,
                            "fails" | "fail" | "failed" | "breaks" | "errors" | "crashes" | "rejects"
                            | "unsupported" | "unrecognized" | "unknown",
                        ] => {
                            sentence.failing.append(&mut recent);
                            sense = Sense::Mentioned;
                        }
                        [
                            ..,
                            "always" | "use" | "run" | "prefer" | "call" | "must" | "prefix" | "directly",
                        ] if sense != Sense::Unwanted => {
                            sense = Sense::Wanted;
                        }
                        [.., "use" | "run" | "but"] if !forbids_next(&words_before) => sense = Sense::Wanted,
                        [.., "when" | "if" | "because" | "since" | "after" | "before"] => {
                            sense = Sense::Mentioned;
                            recent.clear();
                        }
                        _ => {}
                    }
                    match word.as_str() {
                        "never" | "don't" | "mustn't" | "avoid" => sentence.demands = Some(false),
                        "not" if matches!(last_two.as_slice(), ["do" | "must" | "should" | "may", "not"]) => {
                            sentence.demands = Some(false);
                        }
                        "always" | "must" | "prefer" | "only" if sentence.demands.is_none() => {
                            sentence.demands = Some(true);
                        }
                        _ => {}
                    }
                    if let Some(stem) = stem(&word) {
                        sentence.words.insert(stem);
                    }
                }
                Piece::Comma => {
                    if sense == Sense::Unwanted && !sentence.unwanted.is_empty() {
                        sense = Sense::Mentioned;
                    }
                }
            }
        }
        sentence
    }
}

/// Whether the verb just read stands behind a word that forbids it ("do not use").
fn forbids_next(words: &[String]) -> bool {
    words.iter().rev().skip(1).take(2).any(|word| {
        matches!(
            word.as_str(),
            "not"
                | "never"
                | "don't"
                | "without"
                | "avoid"
                | "of"
                | "than"
                | "longer"
                | "mustn't"
                | "can't"
                | "cannot"
        )
    })
}

enum Piece {
    /// Words of a code span.
    Name(Vec<String>),
    Word(String),
    Comma,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            let name: Vec<String> = part
                .split_whitespace()
                .filter(|word| !matches!(*word, "…" | "..."))
                .map(str::to_lowercase)
                .collect();
            if !name.is_empty() {
                out.push(Piece::Name(name));
            }
            continue;
        }
        for word in part.split_whitespace() {
            let core: String =
                word.trim_matches(|c: char| !c.is_alphanumeric()).replace('’', "'").to_lowercase();
            if !core.is_empty() {
                out.push(Piece::Word(core));
            }
            if word.ends_with([',', ':', ';']) {
                out.push(Piece::Comma);
            }
        }
    }
    out
}

/// A word shortened so that its common forms meet; `None` for words without meaning of their own.
fn stem(word: &str) -> Option<String> {
    const EMPTY: &[&str] = &[
        "a", "an", "the", "and", "or", "but", "of", "to", "in", "on", "at", "by", "for", "with", "from",
        "as", "is", "are", "be", "been", "it", "its", "this", "that", "these", "those", "you", "your", "we",
        "our", "they", "their", "always", "never", "not", "don't", "do", "does", "must", "mustn't", "should",
        "may", "can", "will", "only", "prefer", "avoid", "please", "when", "if", "then", "so", "any", "all",
        "every", "each", "no", "also", "just", "make", "sure", "use", "using",
    ];
    if EMPTY.contains(&word) || word.chars().count() < 2 {
        return None;
    }
    let stem = ["ing", "ed", "es", "s"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.chars().count() >= 3))
        .unwrap_or(word);
    Some(stem.trim_end_matches('e').to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn contradicts(document: &str, lesson: &str) -> bool {
        let directives = Directives::read(&[("CLAUDE.md".to_owned(), document.to_owned())]);
        !check(lesson, "", &directives).is_empty()
    }

    #[rstest]
    // A wrapper that the document demands and the lesson drops.
    #[case(
        "**Always prefix commands with `rtk`**. It is always safe.",
        "When `rtk bun` fails with \"unrecognized subcommand\", run `bun` directly."
    )]
    #[case("**Always prefix commands with `rtk`**.", "Run `bun test` without the `rtk` prefix.")]
    #[case("**Always prefix commands with `rtk`**.", "Run `bun test` instead of `rtk bun test`.")]
    #[case("**Always prefix commands with `rtk`**.", "- Do not use `rtk` with bun.")]
    #[case("Never use `build:binaries` directly.", "Run `npm run build:binaries` before packaging.")]
    #[case("Use `pnpm` instead of `npm`.", "Install packages with care: run `npm install`.")]
    #[case("Never offer refunds by phone.", "Always offer refunds by phone.")]
    #[case(
        "Do not call the customer before cancelling the account.",
        "You must call the customer before cancelling an account."
    )]
    #[case("Always confirm the account id.", "Never confirm an account id.")]
    fn opposites_are_marked(#[case] document: &str, #[case] lesson: &str) {
        assert!(contradicts(document, lesson), "{document} / {lesson}");
    }

    #[rstest]
    #[case("Always use `bun run build` for production.", "When `bun test` fails, run `bun install` first.")]
    #[case(
        "Always use `bun run build` for production.",
        "When `bun run build` fails with ENOENT, run `bun install` first."
    )]
    #[case("Always use `git`.", "Use `git switch` instead of `git checkout`.")]
    #[case("Never use `build:binaries` directly.", "Never run `build:binaries`.")]
    #[case(
        "Never use `rtk` with bun.",
        "Run `bun` directly, not through `rtk`: `rtk bun …` fails with \"x\"."
    )]
    #[case("Never use `build:binaries` directly.", "Run `bun run build` instead of `build:binaries`.")]
    #[case("Use `pnpm` instead of `npm`.", "Run `pnpm install` after pulling.")]
    #[case("Never offer refunds by phone.", "Always offer a call before closing.")]
    #[case("Always confirm the account id.", "Always confirm the account id and the e-mail.")]
    #[case("Prefix commands with `rtk` where it helps.", "The `rtk` wrapper shortens output.")]
    #[case("```\nnever use `npm`\n```", "Run `npm install`.")]
    #[case("The parser never fails.", "The parser fails on CRLF.")]
    #[case("", "Never use `npm`.")]
    fn look_alikes_are_left_alone(#[case] document: &str, #[case] lesson: &str) {
        assert!(!contradicts(document, lesson), "{document} / {lesson}");
    }

    #[test]
    fn the_mark_names_document_and_line() {
        let directives = Directives::read(&[(
            "CLAUDE.md".to_owned(),
            "# Rules\n\n- **Always prefix commands with `rtk`**.\n".to_owned(),
        )]);
        let marks = check("Run `bun test` without `rtk`.", "", &directives);
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0].text, "contradicts CLAUDE.md line 3: “- **Always prefix commands with `rtk`**.”");
    }

    #[test]
    fn wrapped_lines_are_read_as_one() {
        let document = "# Rules\n\n- Be kind.\n- Never run `curl` on an address that is\n  not ours. Always run\n  `make test`.\n";
        let directives = Directives::read(&[("/srv/shop/docs/RULES.md".to_owned(), document.to_owned())]);
        let text = |lesson: &str| check(lesson, "", &directives).into_iter().map(|mark| mark.text).next();
        assert_eq!(
            text("When it fails, run `curl https://x.example.org`.").unwrap(),
            "contradicts docs/RULES.md line 4: “- Never run `curl` on an address that is not ours.”"
        );
        assert_eq!(
            text("Don't run `make test`.").unwrap(),
            "contradicts docs/RULES.md line 5: “Always run `make test`.”"
        );
    }

    #[test]
    fn one_mark_per_document() {
        let text = "Always use `rtk`.\nAlways prefix with `rtk`.\n".to_owned();
        let directives = Directives::read(&[("A.md".to_owned(), text.clone()), ("B.md".to_owned(), text)]);
        assert_eq!(check("Never use `rtk`.", "", &directives).len(), 2);
    }
}
