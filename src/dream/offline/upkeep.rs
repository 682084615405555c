//! Care of the memory itself: notes said twice.
//!
//! Owns: when two notes are one, and the shape of lessons that rest on the memory. Must not know:
//! lessons from sessions. Nothing is ever rewritten: a note is kept as it is, or taken out as a repeat.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use crate::domain::lesson::Topic;
use crate::domain::memory::{DocPath, Snapshot};
use crate::dream::Parameters;
use crate::evidence::verify::guarded;
use crate::lesson::phrase::shorten;

/// Words in a run that is compared.
const SHINGLE: usize = 3;
/// Shorter notes are duplicates only if they are equal, and of the same document.
const SHORTEST: usize = 6;
/// Longest quotation in a statement, in characters.
const SHOWN: usize = 60;

/// Notes that repeat another one. Of equal notes, one in the document of a topic stays rather than one
/// in the index, which has less room.
#[must_use]
pub fn duplicates(
    memory: &Snapshot,
    index_document: Option<&DocPath>,
    parameters: &Parameters,
) -> Vec<Draft> {
    let notes: Vec<Note> = entries::of_snapshot(memory).into_iter().map(Note::new).collect();
    let mut holders: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
    for (index, note) in notes.iter().enumerate() {
        note.shingles().into_iter().for_each(|shingle| holders.entry(shingle).or_default().push(index));
    }
    let weight = |shingle: &[String]| {
        let count = holders.get(shingle).map_or(1, Vec::len);
        (1.0 + notes.len() as f64 / count as f64).ln()
    };
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut drafts = Vec::new();
    for (index, note) in notes.iter().enumerate() {
        // A note goes if a better one stays: a longer one, or of equals the earlier one.
        let mut others: BTreeSet<usize> =
            note.shingles().iter().flat_map(|s| holders.get(s).into_iter().flatten().copied()).collect();
        others.remove(&index);
        let kept = others.into_iter().filter(|other| !gone.contains(other)).find_map(|other| {
            let kept = notes.get(other)?;
            let place = |note: &Note| Some(&note.entry.path) != index_document;
            let better = (kept.words.len(), place(kept), index) > (note.words.len(), place(note), other);
            (better && note.repeats(kept, &weight, parameters)).then_some(kept)
        });
        if let Some(kept) = kept {
            gone.insert(index);
            drafts.push(note.draft(kept));
        }
    }
    drafts
}

struct Note {
    entry: Entry,
    words: Vec<String>,
}

impl Note {
    fn new(entry: Entry) -> Self {
        let lower = entry.text.to_lowercase();
        let words = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect();
        Self { entry, words }
    }

    fn shingles(&self) -> BTreeSet<&[String]> {
        if self.words.len() < SHINGLE {
            return std::iter::once(self.words.as_slice()).filter(|words| !words.is_empty()).collect();
        }
        self.words.windows(SHINGLE).collect()
    }

    fn repeats(&self, kept: &Self, weight: &dyn Fn(&[String]) -> f64, parameters: &Parameters) -> bool {
        let same_document = self.entry.path == kept.entry.path;
        if self.words == kept.words {
            return self.fits(kept) && (same_document || self.words.len() >= SHORTEST);
        }
        if self.words.len() < SHORTEST || !self.fits(kept) || !self.is_covered(kept) {
            return false;
        }
        let (mine, theirs) = (self.shingles(), kept.shingles());
        let shared: f64 = mine.intersection(&theirs).map(|s| weight(s)).sum();
        let all: f64 = mine.union(&theirs).map(|s| weight(s)).sum();
        let contained = mine.intersection(&theirs).count() as f64 / mine.len().max(1) as f64;
        contained >= parameters.duplicate_containment || shared / all >= parameters.duplicate_jaccard
    }

    /// Notes of one scope: the same document, or two documents of one folder. An index line repeats
    /// only another index line for the same document.
    fn fits(&self, kept: &Self) -> bool {
        let folder = |path: &DocPath| {
            path.as_str().rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
        };
        self.entry.link == kept.entry.link && folder(&self.entry.path) == folder(&kept.entry.path)
    }

    /// Every number, path, name and negation of this note stands in the other, and no negation is
    /// added there: otherwise the two differ where it matters.
    fn is_covered(&self, kept: &Self) -> bool {
        let plain = |text: &str| text.to_lowercase().replace(['`', '*'], "");
        let (mine, theirs) = (plain(&self.entry.text), plain(&kept.entry.text));
        let (mine, theirs) = (guarded(&mine), guarded(&theirs));
        let negations = |words: &[&str]| {
            words
                .iter()
                .filter(|w| {
                    matches!(**w, "not" | "never" | "no" | "without" | "cannot") || w.ends_with("n't")
                })
                .count()
        };
        mine.iter().all(|word| theirs.contains(word)) && negations(&mine) == negations(&theirs)
    }

    fn draft(&self, kept: &Self) -> Draft {
        let place = if kept.entry.path == self.entry.path {
            String::new()
        } else {
            format!(" ({})", kept.entry.path)
        };
        let statement = if self.words == kept.words {
            format!("Keep one of two equal notes{place}: \"{}\"", shown(&self.entry.text))
        } else {
            format!("Drop a note that a longer one covers{place}: \"{}\"", shown(&self.entry.text))
        };
        upkeep(statement, &self.entry, Step::Remove(self.entry.path.clone(), self.entry.range.clone()))
    }
}

/// A lesson that rests on the memory itself.
#[must_use]
pub fn upkeep(statement: String, entry: &Entry, step: Step) -> Draft {
    Draft {
        key: format!("{} {:08} {}", entry.path, entry.range.start, entry.text),
        topic: Topic::Upkeep,
        statement,
        title: String::new(),
        text: entry.text.clone(),
        step,
        slip: false,
        open: false,
        sightings: Vec::new(),
        exposed: BTreeSet::new(),
        swap: None,
        when: None,
        marks: Vec::new(),
    }
}

/// A note as a statement quotes it: the beginning of its first line.
#[must_use]
pub fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or("").trim_start_matches(['-', '*', '+', ' ']);
    shorten(line, SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(documents: &[(&str, &str)]) -> Snapshot {
        documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect()
    }

    fn removed(documents: &[(&str, &str)]) -> Vec<String> {
        duplicates(&memory(documents), None, &Parameters::default()).into_iter().map(|d| d.text).collect()
    }

    #[test]
    fn equal_notes_keep_the_first() {
        let line = "- [Zsh](zsh.md) — wrap order, re-entry trap";
        let text = format!("- [A](a.md) — one\n{line}\n{line}\n");
        let drafts = duplicates(&memory(&[("/MEMORY.md", &text)]), None, &Parameters::default());
        assert_eq!(drafts.len(), 1);
        assert!(
            matches!(&drafts[0].step, Step::Remove(_, range) if range.start > text.find("Zsh").unwrap() + 10)
        );
    }

    #[test]
    fn the_note_that_says_more_stays() {
        let short = "- Escalate billing questions to the finance team before answering.";
        let long = "- Escalate billing questions to the finance team before answering. They answer within an hour on weekdays.";
        assert_eq!(removed(&[("/a.md", &format!("{short}\n\n{long}\n"))]), [short]);
        assert_eq!(removed(&[("/a.md", &format!("{long}\n")), ("/b.md", &format!("{short}\n"))]), [short]);
    }

    #[test]
    fn notes_that_differ_where_it_matters_stay() {
        for (a, b) in [
            (
                "- The refund window for all orders is 30 days.",
                "- The refund window for all orders is 14 days.",
            ),
            (
                "- Always push the release branch to origin first.",
                "- Never push the release branch to origin first.",
            ),
            (
                "- The service config lives in `conf/a.toml` on the server.",
                "- The service config lives in `conf/b.toml` on the server.",
            ),
            (
                "- Use the small model for all summaries of tickets.",
                "- Ask the customer for the account id and the address.",
            ),
            ("- Confirm the id.", "- Confirm the name."),
        ] {
            assert_eq!(removed(&[("/a.md", &format!("{a}\n{b}\n"))]), Vec::<String>::new(), "{a}");
        }
        let note = "- Confirm the account id before any change is made.";
        let folders = [("/customers/a/x.md", note), ("/customers/b/x.md", note)];
        assert_eq!(removed(&folders), Vec::<String>::new(), "two customers may need the same note");
    }

    #[test]
    fn of_equal_notes_the_one_in_the_index_goes() {
        let note = "- Release notes are written for customers, not for us.";
        let both = memory(&[("/MEMORY.md", note), ("/releases.md", note)]);
        let index = DocPath::new("/MEMORY.md").unwrap();
        let gone =
            |index| duplicates(&both, index, &Parameters::default())[0].step.takes().unwrap().0.clone();
        assert_eq!(gone(Some(&index)), index);
        assert_eq!(gone(None).as_str(), "/releases.md");
    }

    #[test]
    fn an_index_line_is_no_repeat_of_the_note_it_points_to() {
        let documents = [
            ("/MEMORY.md", "- [Cache](cache.md) — stores never write on close without the save flag\n"),
            ("/cache.md", "Stores never write on close without the save flag\n"),
        ];
        assert_eq!(removed(&documents), Vec::<String>::new());
    }
}
