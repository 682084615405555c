//! Finds lessons that say the opposite of a document that people wrote (`CLAUDE.md` and the like).
//!
//! Owns: what counts as the opposite. Must not know: which documents are protected or where they lie.
//!
//! A wrong alarm here teaches reviewers to look away, so only clear forms are reported: a named
//! thing (a command, an option, an identifier in backticks) that one side demands and the other
//! forbids, a thing that one side has used and the other replaces, and two sentences of nearly the
//! same words with opposite sense. A lesson that changes such a document itself is told in any case.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::choices::Choices;
use super::mark;
use super::paragraphs::paragraphs;
use crate::domain::lesson::{Change, DocumentChange, Mark, Severity};
use crate::domain::text::SafeText;

/// Longest quotation of the document in a mark, in characters.
const SHOWN: usize = 70;
/// Share of the shorter sentence's words that both must have to be about the same thing.
const SAME_SUBJECT: f64 = 0.8;

/// What protected documents demand and forbid, read once per pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    all: Vec<Directive>,
    /// Documents at hand, as path and text: what changes one of them changes what people wrote.
    documents: Vec<(String, String)>,
}

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
    /// It asks for something without "always": "use …", "run …".
    asks: bool,
    /// It lets something be done: "may be …".
    allows: bool,
    /// It makes exceptions.
    excepts: bool,
    /// What it has used and what not, where no backticks name it.
    choices: Choices,
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
                    if sentence.says_what_to_do() {
                        let (document, text) = (document.clone(), text.trim().to_owned());
                        let line = paragraph.line_at(at);
                        found.push(Directive { document, line, text, sentence, origin: Origin::AtHand });
                    }
                }
            }
        }
        Self { all: found, documents: documents.to_vec() }
    }

    /// The sentences and the lines they begin on.
    pub fn sentences(&self) -> impl Iterator<Item = (usize, &str)> {
        self.all.iter().map(|directive| (directive.line, directive.text.as_str()))
    }

    /// Adds a sentence of a document that is not at hand, but that a session read on a day, if it is known.
    pub fn add_read(&mut self, document: &str, line: usize, text: &str, on: Option<Date>) {
        self.all.push(Directive {
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
        self.all.is_empty()
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
    for directive in &protected.all {
        let opposed = lesson.iter().any(|said| {
            opposite_on_a_named_thing(&directive.sentence, said, &lesson)
                || opposite_sense(&directive.sentence, said)
                || opposite_choice(&directive.sentence, said, &lesson)
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

/// One side has a thing used that the other replaces or forbids.
fn opposite_choice(rule: &Sentence, said: &Sentence, lesson: &[Sentence]) -> bool {
    // A lesson that uses the thing all the same, only otherwise, goes along with the rule.
    let goes_along = |choices: &Choices| lesson.iter().any(|other| other.choices.agrees(choices));
    rule.choices.opposes(&said.choices) && !goes_along(&rule.choices)
}

/// Nearly the same words, one asking for it or allowing it and the other forbidding it.
fn opposite_sense(rule: &Sentence, said: &Sentence) -> bool {
    let forbids = |sentence: &Sentence| sentence.demands == Some(false);
    let favours = |sentence: &Sentence| {
        sentence.demands == Some(true) || sentence.demands.is_none() && (sentence.asks || sentence.allows)
    };
    let opposed = forbids(rule) && favours(said) || favours(rule) && forbids(said);
    // "Never … without" and "always … with" say the same.
    let without = |sentence: &Sentence| sentence.words.contains(WITHOUT);
    if !opposed || without(rule) != without(said) || rule.excepts || said.excepts {
        return false;
    }
    let shorter = rule.words.len().min(said.words.len());
    let common = rule.words.intersection(&said.words).count();
    let of_meaning = common - usize::from(without(rule));
    of_meaning >= 2 && common as f64 >= SAME_SUBJECT * shorter as f64
}

/// The word that turns what is asked for round.
const WITHOUT: &str = "without";

/// Marks a lesson that changes a protected document itself: it may lie in the memory.
#[must_use]
pub fn changed(documents: &[DocumentChange], removed: &str, protected: &Directives) -> Vec<Mark> {
    let lines: Vec<&str> = removed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_old = |change: &&DocumentChange| change.change != Change::Created;
    let mut marks = Vec::new();
    for change in documents.iter().filter(is_old) {
        let path = match &change.change {
            Change::Renamed(from) => from.relative(),
            _ => change.path.relative(),
        };
        // Elsewhere a document of that name is another one; the words that go tell.
        let is_it = |(document, text): &&(String, String)| {
            let document = document.replace('\\', "/");
            let tail = document.strip_suffix(path);
            tail.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
                && lines.iter().any(|line| text.lines().any(|own| own.trim() == *line))
        };
        if let Some((document, _)) = protected.documents.iter().find(is_it) {
            let name = name_of(document);
            marks.push(mark(
                "protected",
                Severity::Warn,
                format!("changes {}, which people wrote", SafeText::line(&name)),
            ));
        }
    }
    marks
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

/// Verbs with which people tell what to do.
const ASKING: [&str; 28] = [
    "add", "answer", "ask", "call", "check", "commit", "confirm", "deploy", "end", "follow", "format",
    "include", "keep", "merge", "offer", "prefer", "push", "put", "reply", "run", "send", "set", "sign",
    "start", "test", "use", "wait", "write",
];

impl Sentence {
    /// Whether there is something in it that a lesson can contradict.
    fn says_what_to_do(&self) -> bool {
        self.demands.is_some()
            || self.asks
            || self.allows
            || !self.unwanted.is_empty()
            || !self.choices.is_empty()
    }

    fn read(text: &str) -> Self {
        let mut sentence = Self { choices: Choices::read(text), ..Self::default() };
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
                    let opening =
                        words_before.iter().all(|word| word == "please" || ASKING.contains(&word.as_str()));
                    sentence.asks |= opening && ASKING.contains(&word.as_str()) && recent.is_empty();
                    sentence.excepts |= matches!(word.as_str(), "unless" | "except");
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
                        _ if is_allowed(&words_before) => sentence.allows = true,
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

/// "May be merged", "are allowed"; what may be slow is not allowed to.
fn is_allowed(words: &[String]) -> bool {
    const DONE: [&str; 8] = ["cut", "done", "put", "run", "sent", "set", "skipped", "written"];
    let last = words.iter().rev().take(3).rev().map(String::as_str).collect::<Vec<_>>();
    match last.as_slice() {
        ["may" | "can", "be", verb] => verb.ends_with("ed") || DONE.contains(verb),
        [.., "is" | "are", "allowed"] => true,
        _ => false,
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
    use crate::domain::memory::DocPath;

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
    #[case("- Use emojis in commit messages.", "- Don't use emojis in commit messages.")]
    #[case("Never use emojis in commit messages.", "Use emojis in commit messages.")]
    #[case("Small fixes may be merged without a review.", "Never merge without a review.")]
    #[case("Never merge without a review.", "Small fixes may be merged without a review.")]
    #[case("Always use npm.", "Use pnpm instead of npm.")]
    #[case("Always use npm.", "Use `pnpm` instead of `npm`.")]
    #[case("Use npm for everything.", "Use pnpm instead of npm.")]
    #[case("Always use tabs.", "Use spaces rather than tabs.")]
    #[case("Never use yarn.", "Use yarn instead of npm.")]
    #[case("Use npm, not yarn.", "Prefer yarn over npm.")]
    #[case("Use emojis.", "Don't use emojis.")]
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
    #[case("Always use emojis in commit messages.", "Don't use emojis in code comments.")]
    #[case("Use emojis in commit messages.", "Use emojis in commit messages.")]
    #[case("Never merge without a review.", "Always merge with a review.")]
    #[case("Small fixes may be merged without a review.", "Never merge without a green build.")]
    #[case("Small fixes may be merged without a review.", "Never merge without a review unless it is small.")]
    #[case("Always use npm.", "Use npm instead of pnpm.")]
    #[case("Always use npm.", "Use npm ci instead of npm install.")]
    #[case("Use pnpm instead of npm.", "Use pnpm instead of yarn.")]
    #[case("Never use npm.", "Use pnpm instead of npm.")]
    #[case("Use tabs in makefiles.", "Use spaces instead of tabs in Python.")]
    #[case("The use of npm is described below.", "Use pnpm instead of npm.")]
    #[case("The build may be slow.", "Never start a slow build.")]
    #[case("Run the tests before a commit.", "Never push before the tests are green.")]
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
    fn a_change_of_the_document_itself_is_told() {
        let directives =
            |path: &str| Directives::read(&[(path.to_owned(), "# Rules\n\n- Always use npm.\n".to_owned())]);
        let change = [DocumentChange { path: DocPath::new("RULES.md").unwrap(), change: Change::Modified }];
        let text = |path: &str, removed: &str| {
            changed(&change, removed, &directives(path)).into_iter().map(|mark| mark.text).next()
        };
        let told = "changes memory/RULES.md, which people wrote";
        assert_eq!(text("/srv/memory/RULES.md", "- Always use npm.\n").as_deref(), Some(told));
        assert_eq!(text("/srv/memory/RULES.md", "- Be kind.\n"), None);
        assert_eq!(text("/srv/memory/OLD_RULES.md", "- Always use npm.\n"), None);
        assert_eq!(text("/srv/memory/RULES.md", ""), None);
    }

    #[test]
    fn one_mark_per_document() {
        let text = "Always use `rtk`.\nAlways prefix with `rtk`.\n".to_owned();
        let directives = Directives::read(&[("A.md".to_owned(), text.clone()), ("B.md".to_owned(), text)]);
        assert_eq!(check("Never use `rtk`.", "", &directives).len(), 2);
    }
}
