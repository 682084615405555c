//! Lessons of the form "when this fails with that, run this", and the sessions that show it.
//!
//! Owns: reading such a sentence, precision first: what is not clearly of that form is left to the search
//! for words. Must not know: where lessons or sessions come from.

mod command;
mod watch;

pub use command::in_call;
pub use watch::{Ended, Step, Watcher};

use command::Command;

/// What a lesson says of a failure: how it shows, and what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// Words of the failure, in plain form. All of them must show.
    shows: Vec<String>,
    /// What fails, if that is said.
    failing: Option<Command>,
    /// What ends it.
    fix: Command,
    /// It is to be run in place of what fails, so that its own success is the end.
    instead: bool,
    /// The fix as written.
    written: String,
}

/// Verbs before a command that is to be run.
const RUN: [&str; 9] = ["run", "rerun", "use", "try", "execute", "call", "do", "start", "pass"];
/// Beginnings of verbs behind a command that does not do what it should.
const FAILS: [&str; 13] = [
    "fail", "end", "say", "stop", "break", "error", "print", "report", "complain", "refus", "reject", "need",
    "exit",
];
/// Words before the text of a failure.
const TELLS: [&str; 12] =
    ["with", "says", "say", "error", "errors", "message", "prints", "reports", "shows", "see", "sees", "to"];
/// Words before a flag that is missing.
const LACKS: [&str; 8] = ["need", "needs", "with", "add", "pass", "wants", "requires", "without"];
/// Words that turn advice round.
const NOT: [&str; 6] = ["not", "never", "don't", "avoid", "no", "cannot"];
/// Words that open a condition.
const IF: [&str; 5] = ["when", "if", "whenever", "before", "after"];
/// Words of a failure that say nothing.
const FILLERS: [&str; 8] = ["with", "that", "because", "when", "there", "this", "again", "error"];
/// Shortest text of a failure that is recognised.
const LEAST_TEXT: usize = 8;

/// A stretch of a sentence.
enum Part {
    Words(Vec<String>),
    Code(String),
    Quote(String),
}

impl Repair {
    /// Reads a sentence; `None` unless it names one thing to run and what it is good against.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let parts = parts(text);
        let instead = parts.iter().any(|part| words_of(Some(part)).iter().any(|word| word == "instead"));
        let (mut shows, mut failing, mut fixes) =
            (Vec::new(), None::<Command>, Vec::<(Command, String)>::new());
        for (at, part) in parts.iter().enumerate() {
            let (span, code) = match part {
                Part::Words(_) => continue,
                Part::Code(span) => (span, true),
                Part::Quote(span) => (span, false),
            };
            let before = words_of(at.checked_sub(1).and_then(|at| parts.get(at)));
            let before: Vec<&str> = before.iter().rev().take(4).map(String::as_str).collect();
            let says = |list: &[&str]| before.iter().any(|word| list.contains(word));
            let behind = words_of(parts.get(at + 1));
            if code && span.starts_with('-') {
                let command = failing.as_ref().filter(|_| says(&LACKS))?;
                fixes.push((command.with(span), span.clone()));
            } else if let (true, Some(rest)) = (code, failure_behind(behind)) {
                // Two things that fail are two lessons.
                if failing.replace(Command::of(span)?).is_some() {
                    return None;
                }
                shows.extend(rest);
            } else if code && says(&["instead"]) {
                failing = failing.or(Some(Command::of(span)?));
            } else if code && says(&RUN) {
                if says(&NOT) {
                    return None;
                }
                fixes.push((Command::of(span)?, span.clone()));
            } else if span.len() >= LEAST_TEXT && span.contains(' ') && (says(&TELLS) || !code) {
                shows.push(plain(span));
            }
        }
        // "…, then run it again" is what failed, not what helps.
        fixes.retain(|(fix, _)| failing.as_ref() != Some(fix));
        let (fix, written) = fixes.pop().filter(|_| fixes.is_empty())?;
        let instead = instead || failing.as_ref().is_some_and(|failing| fix.is_other_way_of(failing));
        (failing.is_some() || !shows.is_empty()).then_some(Self { shows, failing, fix, instead, written })
    }

    /// The fix as the lesson writes it.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether everything that is said of the failure stands in a text in plain form.
    fn shows_in(&self, plain: &str) -> bool {
        self.shows.iter().all(|words| plain.contains(words.as_str()))
    }
}

/// Whether words behind a command say that it fails, and what they say of how: the words that must show.
fn failure_behind(words: &[String]) -> Option<Vec<String>> {
    let clause = clause(words);
    let at = clause.iter().take(5).position(|word| FAILS.iter().any(|verb| word.starts_with(verb)))?;
    let (before, rest) = clause.split_at(at);
    if before.iter().any(|word| IF.contains(&word.as_str())) {
        return None;
    }
    let rest = rest.iter().skip(1).filter(|word| word.len() >= 4 && !FILLERS.contains(&word.as_str()));
    Some(rest.cloned().collect())
}

/// Words up to the first mark that ends a clause.
fn clause(words: &[String]) -> &[String] {
    let mark = |word: &String| matches!(word.as_str(), "," | ";" | ":" | "." | "—" | "–");
    let end = words.iter().position(mark).unwrap_or(words.len());
    words.get(..end).unwrap_or_default()
}

fn words_of(part: Option<&Part>) -> &[String] {
    match part {
        Some(Part::Words(words)) => words,
        _ => &[],
    }
}

/// Lower case and blanks made single, as failures are compared.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A sentence cut at code and quotes. Quotes inside code belong to it.
fn parts(text: &str) -> Vec<Part> {
    let text = text.replace(['“', '”'], "\"");
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['`', '"']) {
        let (before, after) = rest.split_at(at);
        let mark = if after.starts_with('`') { '`' } else { '"' };
        let inside = after.get(1..).unwrap_or_default();
        let Some(end) = inside.find(mark) else { break };
        parts.push(Part::Words(lower(before)));
        let span = inside.get(..end).unwrap_or_default().trim().to_owned();
        parts.push(if mark == '`' { Part::Code(span) } else { Part::Quote(span) });
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    parts.push(Part::Words(lower(rest)));
    parts
}

/// Words in lower case; marks that end a clause are words of their own.
fn lower(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('’', "'");
        let opens = word.starts_with([',', ';', ':', '.', '—', '–']);
        words.extend(word.chars().next().filter(|_| opens).map(String::from));
        let ends = !bare.is_empty() && word.ends_with([',', ';', ':', '.']);
        words.extend(Some(bare).filter(|bare| !bare.is_empty()));
        words.extend(word.chars().last().filter(|_| ends).map(String::from));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Vec<String>, Option<Command>, Command)> {
        Repair::of(text).map(|repair| (repair.shows, repair.failing, repair.fix))
    }

    #[test]
    fn ways_to_say_what_helps_are_read() {
        let make = Command::of("make test");
        let create = Command::of("make db-create").unwrap();
        let shown = vec!["database \"shop_test\" does not exist".to_owned()];
        for text in [
            "When `make test` ends with `database \"shop_test\" does not exist`, run `make db-create`, then test again.",
            "Run `make db-create` when `make test` fails with `database \"shop_test\" does not exist`.",
            "If `make test` says `database \"shop_test\" does not exist`: use `make db-create`, then run `make test` again.",
        ] {
            assert_eq!(read(text), Some((shown.clone(), make.clone(), create.clone())), "{text}");
        }
        assert_eq!(
            read("`shopctl preview up` needs `--region eu-west`: the account has more than one region."),
            Some((
                Vec::new(),
                Command::of("shopctl preview up"),
                Command::of("shopctl preview up --region eu-west").unwrap()
            ))
        );
        assert_eq!(
            read("When `make theme` says the icon manifest is out of date, run `make icons`."),
            Some((
                vec!["icon".to_owned(), "manifest".to_owned(), "date".to_owned()],
                Command::of("make theme"),
                Command::of("make icons").unwrap()
            ))
        );
        assert_eq!(
            read("On \"Address already in use\" run `make stop`."),
            Some((vec!["address already in use".to_owned()], None, Command::of("make stop").unwrap()))
        );
    }

    #[test]
    fn other_sentences_are_left_to_the_search_for_words() {
        for text in [
            "Use `Decimal` for prices.",
            "When `make test` fails, do not run `make db-create`.",
            "When `make test` fails, run `make a` or use `make b`.",
            "`make test` fails with \"no such file\".",
            "Prices are never `float`.",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
