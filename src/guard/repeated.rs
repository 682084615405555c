//! Asks whether the memory has a note already that says what a lesson would add.
//!
//! Owns: when two notes say the same. Must not know: where the memory comes from. A note that the lesson
//! itself takes out or rewrites is not repeated by it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::mark;
use super::paragraphs::paragraphs;
use crate::domain::lesson::{Mark, Severity};
use crate::domain::memory::Snapshot;
use crate::domain::text::SafeText;

/// Words in a run that is compared.
const RUN: usize = 3;
/// Shorter notes say too little to be called the same.
const SHORTEST: usize = 6;
/// Share of a note's runs that stand in the other, of the shorter one.
const CONTAINED: f64 = 0.8;
/// Runs that both have, as a share of all runs of both.
const ALIKE: f64 = 0.6;
/// Longest quotation of the other note, in characters.
const SHOWN: usize = 70;

/// The notes of a memory, read once for all lessons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    notes: Vec<Note>,
    /// Notes that hold a run of words.
    holders: BTreeMap<u64, Vec<usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    document: String,
    line: usize,
    text: String,
    runs: BTreeSet<u64>,
}

impl Notes {
    /// Of a memory that says nothing.
    pub const EMPTY: Self = Self { notes: Vec::new(), holders: BTreeMap::new() };

    /// Reads a memory.
    #[must_use]
    pub fn read(memory: &Snapshot) -> Self {
        let mut all = Self::default();
        for (path, text) in memory.iter() {
            for paragraph in paragraphs(text) {
                let Some(runs) = runs(&paragraph.text) else { continue };
                for run in &runs {
                    all.holders.entry(*run).or_default().push(all.notes.len());
                }
                let (document, line) = (path.to_string(), paragraph.line_at(0));
                all.notes.push(Note { document, line, text: paragraph.text, runs });
            }
        }
        all
    }

    /// Notes that share at least one run of words, in the order of the memory.
    fn near(&self, runs: &BTreeSet<u64>) -> BTreeSet<usize> {
        runs.iter().filter_map(|run| self.holders.get(run)).flatten().copied().collect()
    }
}

/// Marks a lesson that says again what the memory says.
#[must_use]
pub fn check(inserted: &str, removed: &str, memory: &Notes) -> Option<Mark> {
    if memory.notes.is_empty() {
        return None;
    }
    let going: BTreeSet<String> =
        paragraphs(removed).into_iter().map(|paragraph| squeezed(&paragraph.text)).collect();
    let same = paragraphs(inserted).into_iter().find_map(|paragraph| {
        let coming = runs(&paragraph.text)?;
        let stays = |note: &&Note| !going.contains(&squeezed(&note.text));
        let notes = memory.near(&coming).into_iter().filter_map(|at| memory.notes.get(at)).filter(stays);
        let mut alike =
            notes.filter(|note| say_the_same((&coming, &paragraph.text), (&note.runs, &note.text)));
        alike.next()
    })?;
    let quote: String = same.text.trim_start_matches(['-', '*', '+', ' ']).chars().take(SHOWN).collect();
    let more = if same.text.chars().count() > SHOWN + 2 { "…" } else { "" };
    let place = SafeText::line(&same.document);
    let text = format!("{place} line {} says this already: “{}{more}”", same.line, SafeText::line(&quote));
    Some(mark("repeated", Severity::Warn, text))
}

/// Nearly the same words in the same order, and nothing differs that changes the sense: no number, name or
/// negation.
fn say_the_same(one: (&BTreeSet<u64>, &str), other: (&BTreeSet<u64>, &str)) -> bool {
    let common = one.0.intersection(other.0).count() as f64;
    let all = one.0.union(other.0).count().max(1) as f64;
    let least = one.0.len().min(other.0.len()).max(1) as f64;
    if common / all < ALIKE && common / least < CONTAINED {
        return false;
    }
    telling(one.1) == telling(other.1)
}

/// The words of which one alone changes the sense: numbers, names of files and options, negations.
fn telling(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase().replace(['`', '*'], "");
    let negates = |word: &str| {
        matches!(word, "not" | "never" | "no" | "none" | "nor" | "without" | "cannot")
            || word.ends_with("n't")
    };
    lower
        .split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '"'))
        })
        .filter(|word| {
            word.bytes().any(|b| b.is_ascii_digit())
                || word.contains(['/', '\\', '_', '=', '.', '@'])
                || (word.starts_with('-') && word.len() > 1)
                || negates(word)
        })
        .map(str::to_owned)
        .collect()
}

/// The runs of words of a note; `None` where it says too little.
fn runs(text: &str) -> Option<BTreeSet<u64>> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    (words.len() >= SHORTEST).then(|| {
        let hashed = |run: &[&str]| {
            let mut hasher = FxHasher::default();
            run.hash(&mut hasher);
            hasher.finish()
        };
        words.windows(RUN).map(hashed).collect()
    })
}

/// Blanks made single.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::memory::DocPath;

    fn memory() -> Notes {
        let text = "# Parcels\n\n- Parcels up to 20 kg go with the parcel carrier.\n- Give the tracking number in\n  every answer about a parcel.\n";
        Notes::read(&[(DocPath::new("/parcels.md").unwrap(), text.into())].into_iter().collect())
    }

    #[rstest]
    #[case("- Give the tracking number in every answer about a parcel or a letter.\n", true)]
    #[case("# New\n\nGive the **tracking number** in every answer about a parcel!\n", true)]
    // Other sense, other number, other subject, too short to tell.
    #[case("- Never give the tracking number in every answer about a parcel.\n", false)]
    #[case("- Parcels up to 30 kg go with the parcel carrier.\n", false)]
    #[case("- Parcels over 20 kg go with the freight carrier.\n", false)]
    #[case("- Give the tracking number.\n", false)]
    fn a_note_that_is_there_already_is_named(#[case] inserted: &str, #[case] repeated: bool) {
        let mark = check(inserted, "", &memory());
        assert_eq!(mark.is_some(), repeated, "{mark:?}");
        if let Some(mark) = mark {
            assert!(mark.text.starts_with("/parcels.md line 4 says this already: “Give the tracking"));
        }
    }

    #[test]
    fn what_the_lesson_itself_takes_out_is_not_repeated() {
        let inserted = "- Give the tracking number in every answer about a parcel, with a link.\n";
        let removed = "- Give the tracking number in every answer about a parcel.\n";
        assert_eq!(check(inserted, removed, &memory()), None);
        assert!(check(inserted, "", &memory()).is_some());
    }
}
