//! The filter language of the inbox: `text`, `agent:`, `topic:`, `kind:`, `support:>=10`, `flag:`,
//! `state:`, `dream:`, each of which `-` turns around.
//!
//! Owns: parsing, matching, and explaining what could not be read. A filter is a view: it hides rows
//! and changes nothing. Must not know: thresholds, sorting, or drawing.

use crate::domain::evidence::Tier;
use crate::domain::lesson::{Kind, Lesson, Topic};
use crate::domain::lifecycle::State;
use crate::domain::nearest::nearest;

/// A parsed filter; the text it came from is kept as typed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
    problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Text(String),
    Agent(String),
    Dream(String),
    Topic(Topic),
    Kind(Kind),
    Tier(Tier),
    Flag(String),
    Path(String),
    State(State),
    AnyState,
    Edited,
    Support(Comparison, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    AtLeast,
    Above,
    AtMost,
    Below,
    Equal,
}

/// Names that may stand before a colon, for completion and error messages.
pub const KEYS: &[&str] =
    &["agent", "topic", "kind", "support", "flag", "state", "tier", "path", "dream", "is"];

impl Filter {
    /// Reads a filter. Words it can't read are reported in [`Filter::problems`] and match nothing
    /// less than before: a half-typed filter must not empty the list.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut filter = Self { text: text.trim().to_owned(), ..Self::default() };
        for Word { text, quoted } in split(text) {
            let (negated, word) = match text.strip_prefix('-') {
                Some(rest) if !rest.is_empty() && !quoted => (true, rest),
                _ => (false, text.as_str()),
            };
            let read = if quoted { Ok(Some(Test::Text(word.to_lowercase()))) } else { test(word) };
            match read {
                Ok(Some(test)) => filter.terms.push(Term { negated, test }),
                Ok(None) => {}
                Err(problem) => filter.problems.push(problem),
            }
        }
        filter
    }

    /// The filter as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is filtered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Words that could not be read, with what would be right.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Whether the filter itself says which states to show.
    #[must_use]
    pub fn names_states(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::State(_) | Test::AnyState))
    }

    /// Whether the filter sets its own evidence bound, which then stands instead of the threshold.
    #[must_use]
    pub fn names_support(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::Support(..)))
    }

    /// Whether nothing passes that does not pass `wider`, as when another letter was typed. `false` also where
    /// that is hard to tell.
    #[must_use]
    pub fn narrows(&self, wider: &Self) -> bool {
        // These decide what is looked at in the first place.
        let sets_scope =
            |term: &Term| matches!(term.test, Test::State(_) | Test::AnyState | Test::Support(..));
        if self.terms.iter().chain(&wider.terms).any(sets_scope) || wider.terms.len() > self.terms.len() {
            return false;
        }
        wider.terms.iter().zip(&self.terms).all(|(wide, narrow)| match (&wide.test, &narrow.test) {
            (Test::Text(wide_word), Test::Text(word)) if !wide.negated && !narrow.negated => {
                word.contains(wide_word.as_str())
            }
            _ => wide == narrow,
        })
    }

    /// Whether a lesson passes; `agent` is the name people call its agent. Every word must hold;
    /// several `state:` words mean any of them.
    #[must_use]
    pub fn matches(&self, lesson: &Lesson, agent: &str) -> bool {
        let mut states =
            self.terms.iter().filter(|term| matches!(term.test, Test::State(_)) && !term.negated);
        let state_ok = match states.next() {
            None => true,
            Some(first) => {
                first.test.holds(lesson, agent) || states.any(|term| term.test.holds(lesson, agent))
            }
        };
        state_ok
            && self
                .terms
                .iter()
                .filter(|term| term.negated || !matches!(term.test, Test::State(_)))
                .all(|term| term.test.holds(lesson, agent) != term.negated)
    }

    /// The plain words, for highlighting.
    pub fn plain_words(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match &term.test {
            Test::Text(word) if !term.negated => Some(word.as_str()),
            _ => None,
        })
    }
}

impl Test {
    fn holds(&self, lesson: &Lesson, agent: &str) -> bool {
        match self {
            Self::Text(word) => {
                contains(&lesson.statement, word)
                    || lesson.documents.iter().any(|document| contains(document.path.as_str(), word))
                    || contains(agent, word)
            }
            Self::Agent(word) => contains(agent, word) || contains(lesson.agent.as_str(), word),
            Self::Dream(word) => contains(lesson.dream.as_str(), word),
            Self::Topic(topic) => lesson.topic == *topic,
            Self::Kind(kind) => lesson.kind == *kind,
            Self::Tier(tier) => lesson.tier == *tier,
            Self::Flag(word) => match word.as_str() {
                "any" => !lesson.marks.is_empty(),
                "cosmetic" => lesson.cosmetic,
                _ => lesson
                    .marks
                    .iter()
                    .any(|mark| contains(&mark.guard, word) || mark.severity.as_str() == word),
            },
            Self::Path(word) => {
                lesson.documents.iter().any(|document| contains(document.path.as_str(), word))
            }
            Self::State(state) => lesson.state == *state,
            Self::AnyState => true,
            Self::Edited => lesson.edited,
            Self::Support(comparison, bound) => lesson.support.sessions.is_some_and(|n| match comparison {
                Comparison::AtLeast => n >= *bound,
                Comparison::Above => n > *bound,
                Comparison::AtMost => n <= *bound,
                Comparison::Below => n < *bound,
                Comparison::Equal => n == *bound,
            }),
        }
    }
}

/// Case-insensitive for ASCII without allocating: filters run over every lesson on every key.
fn contains(haystack: &str, lowercase_needle: &str) -> bool {
    let needle = lowercase_needle.as_bytes();
    if lowercase_needle.is_ascii() {
        let Some(&first) = needle.first() else { return true };
        let haystack = haystack.as_bytes();
        memchr::memchr2_iter(first, first.to_ascii_uppercase(), haystack).any(|at| {
            haystack.get(at..at + needle.len()).is_some_and(|found| found.eq_ignore_ascii_case(needle))
        })
    } else {
        haystack.to_lowercase().contains(lowercase_needle)
    }
}

/// One word of a filter.
struct Word {
    text: String,
    /// It began with a quotation mark: then it is text, whatever it looks like.
    quoted: bool,
}

/// Splits at spaces; double quotes keep words together and need not be closed while typing.
fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), quoted: false };
    let mut open = false;
    for c in text.chars() {
        match c {
            '"' => {
                open = !open;
                word.quoted |= word.text.is_empty();
            }
            c if c.is_whitespace() && !open => {
                if !word.text.is_empty() {
                    words.push(word);
                }
                word = Word { text: String::new(), quoted: false };
            }
            c => word.text.push(c),
        }
    }
    if !word.text.is_empty() {
        words.push(word);
    }
    words
}

fn test(word: &str) -> Result<Option<Test>, String> {
    let Some((key, value)) = word.split_once(':') else {
        return Ok(Some(Test::Text(word.to_lowercase())));
    };
    if !KEYS.contains(&key) {
        return unknown(word, key, value);
    }
    if value.is_empty() {
        return Ok(None);
    }
    let value = value.to_lowercase();
    let test = match key {
        "agent" => Test::Agent(value),
        "dream" => Test::Dream(value),
        "flag" => Test::Flag(value),
        "path" => Test::Path(value),
        "topic" => Test::Topic(one_of(key, &value, Topic::ALL, Topic::as_str)?),
        "kind" => Test::Kind(one_of(key, &value, Kind::ALL, Kind::as_str)?),
        "tier" => {
            const TIERS: &[Tier] = &[Tier::Lead, Tier::Emerging, Tier::Supported, Tier::Established];
            Test::Tier(one_of(key, &value, TIERS, Tier::as_str)?)
        }
        "state" if value == "any" || value == "all" => Test::AnyState,
        "state" => Test::State(one_of(key, &value, State::ALL, State::as_str)?),
        "is" if value == "edited" => Test::Edited,
        "is" => return Err(format!("there is no is:{value}; only is:edited")),
        _ => support(&value)?,
    };
    Ok(Some(test))
}

/// What to make of a colon behind a word that is no key: `Foo::bar` and `https://…` are text, but
/// `agnet:x` must not quietly look for these letters.
fn unknown(word: &str, key: &str, value: &str) -> Result<Option<Test>, String> {
    let like_a_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase());
    if !like_a_key || value.starts_with([':', '/']) {
        return Ok(Some(Test::Text(word.to_lowercase())));
    }
    Err(match nearest(key, KEYS.iter().copied()) {
        Some(known) => {
            format!("there is no “{key}:”; did you mean {known}:? Quotes look for the text itself")
        }
        None => format!("there is no “{key}:”; there are {}:", KEYS.join(": ")),
    })
}

/// A value by its name or the start of it, so that a half-typed word already filters.
fn one_of<T: Copy>(key: &str, value: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|&item| name(item).starts_with(value)).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|&item| name(item)).collect();
        match nearest(value, names.iter().copied()) {
            Some(near) => format!("there is no {key}:{value}; did you mean {key}:{near}?"),
            None => format!("there is no {key}:{value}; one of {}", names.join(", ")),
        }
    })
}

fn support(value: &str) -> Result<Test, String> {
    let (comparison, digits) = if let Some(rest) = value.strip_prefix(">=") {
        (Comparison::AtLeast, rest)
    } else if let Some(rest) = value.strip_prefix("<=") {
        (Comparison::AtMost, rest)
    } else if let Some(rest) = value.strip_prefix('>') {
        (Comparison::Above, rest)
    } else if let Some(rest) = value.strip_prefix('<') {
        (Comparison::Below, rest)
    } else {
        (Comparison::Equal, value.strip_prefix('=').unwrap_or(value))
    };
    if digits.is_empty() {
        // `support:>=` on the way to `support:>=10` must not empty the list.
        return Ok(Test::Support(Comparison::AtLeast, 0));
    }
    digits
        .parse()
        .map(|bound| Test::Support(comparison, bound))
        .map_err(|_| format!("support:{value}: a number, as in support:>=10"))
}
