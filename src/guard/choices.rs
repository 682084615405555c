//! What a sentence has used, and what not, where nothing sets the names apart: "use pnpm instead of npm".
//!
//! Owns: finding both. Must not know: whose sentences they are. Only short names right behind the verb
//! count; what they are used for keeps two sentences apart that speak of different work.

use std::collections::BTreeSet;

/// Words of a name at most.
const LONGEST: usize = 3;
/// Verbs with which a thing is chosen.
const CHOOSING: [&str; 4] = ["choose", "pick", "prefer", "use"];
/// Words before such a verb that forbid it.
const FORBIDDING: [&str; 7] = ["avoid", "cannot", "don't", "mustn't", "never", "not", "stop"];
/// Words before it that make no request of it: "the use of", "how to use".
const NAMING: [&str; 8] = ["can", "could", "in", "may", "of", "the", "they", "to"];
/// Words that end a name and say what for.
const FOR: [&str; 16] = [
    "after", "at", "before", "by", "for", "from", "if", "in", "on", "to", "unless", "until", "when", "where",
    "while", "with",
];
/// Words that end a name and say nothing of that.
const ENDS: [&str; 17] = [
    "and",
    "as",
    "because",
    "but",
    "directly",
    "everywhere",
    "here",
    "instead",
    "is",
    "not",
    "now",
    "only",
    "or",
    "over",
    "rather",
    "since",
    "so",
];
const ARTICLES: [&str; 5] = ["a", "an", "our", "the", "your"];
/// What is used for these is used for all.
const ALL: [&str; 5] = ["all", "any", "anything", "every", "everything"];

/// What a sentence has used, and what not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Choices {
    wanted: Vec<Choice>,
    unwanted: Vec<Choice>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Choice {
    name: Vec<String>,
    /// Words that say what for; none where it is for everything.
    for_what: BTreeSet<String>,
}

impl Choices {
    pub(super) fn read(text: &str) -> Self {
        let words = words(text);
        let at = |index: usize| words.get(index).map_or("", |(word, _)| word.as_str());
        let mut choices = Self::default();
        // "When …, use …": what comes first says what for.
        let opens = FOR.contains(&at(0));
        let lead = words.iter().position(|(_, ends)| *ends).filter(|_| opens).unwrap_or(0);
        let lead: BTreeSet<String> =
            words.iter().take(lead + 1).skip(1).map(|(word, _)| word.clone()).collect();
        let lead = if opens { lead } else { BTreeSet::new() };
        for index in 0..words.len() {
            let before = if index == 0 { "" } else { at(index - 1) };
            let two_before = if index < 2 { "" } else { at(index - 2) };
            let chooses = CHOOSING.contains(&at(index)) && !NAMING.contains(&before);
            let forbidden =
                FORBIDDING.contains(&before) || before == "ever" && FORBIDDING.contains(&two_before);
            let replaced = matches!((before, at(index)), ("instead", "of") | ("rather", "than"))
                || at(index) == "over" && !choices.wanted.is_empty()
                || at(index) == "not" && !choices.wanted.is_empty() && ended(&words, index);
            let avoids = at(index) == "avoid";
            if !(chooses || replaced || avoids) {
                continue;
            }
            let Some(mut choice) = name_at(&words, index + 1) else { continue };
            choice.for_what.extend(lead.iter().cloned());
            let list =
                if replaced || avoids || forbidden { &mut choices.unwanted } else { &mut choices.wanted };
            list.push(choice);
        }
        // "Use tabs rather than spaces in makefiles": both are meant for them.
        let of_all: BTreeSet<String> = choices
            .wanted
            .iter()
            .chain(&choices.unwanted)
            .flat_map(|choice| choice.for_what.clone())
            .collect();
        for choice in choices.wanted.iter_mut().chain(&mut choices.unwanted) {
            choice.for_what.clone_from(&of_all);
        }
        choices
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Whether one of the two has something used that the other has not.
    pub(super) fn opposes(&self, other: &Self) -> bool {
        meet(&self.wanted, &other.unwanted) || meet(&self.unwanted, &other.wanted)
    }

    /// Whether something is used by both.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        meet(&self.wanted, &other.wanted)
    }
}

fn meet(some: &[Choice], others: &[Choice]) -> bool {
    some.iter().any(|one| {
        others.iter().any(|other| {
            one.name == other.name
                && (one.for_what.is_empty()
                    || other.for_what.is_empty()
                    || !one.for_what.is_disjoint(&other.for_what))
        })
    })
}

/// The name that begins at a word, and what it is used for.
fn name_at(words: &[(String, bool)], from: usize) -> Option<Choice> {
    let mut choice = Choice::default();
    let mut rest = words.get(from..)?.iter();
    let mut for_what = false;
    for (word, ends) in rest.by_ref() {
        for_what = FOR.contains(&word.as_str());
        if for_what || ENDS.contains(&word.as_str()) {
            break;
        }
        if !ARTICLES.contains(&word.as_str()) {
            choice.name.push(word.clone());
        }
        if *ends {
            break;
        }
    }
    if for_what {
        for (word, ends) in rest {
            if ENDS.contains(&word.as_str()) {
                break;
            }
            if !ARTICLES.contains(&word.as_str()) && !FOR.contains(&word.as_str()) {
                choice.for_what.insert(word.clone());
            }
            if *ends {
                break;
            }
        }
        if choice.for_what.iter().any(|word| ALL.contains(&word.as_str())) {
            choice.for_what.clear();
        }
    }
    (1..=LONGEST).contains(&choice.name.len()).then_some(choice)
}

/// Whether something ends right before a word.
fn ended(words: &[(String, bool)], index: usize) -> bool {
    index.checked_sub(1).and_then(|before| words.get(before)).is_some_and(|(_, ends)| *ends)
}

/// The words in lower case, each with whether something ends behind it.
fn words(text: &str) -> Vec<(String, bool)> {
    text.split_whitespace()
        .filter_map(|word| {
            let core = word.trim_matches(|c: char| !c.is_alphanumeric()).replace('’', "'").to_lowercase();
            (!core.is_empty()).then(|| (core, word.ends_with([',', ':', ';', '.', '!', '?', ')'])))
        })
        .collect()
}
