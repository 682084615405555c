//! Care of the memory itself: notes said twice.
//!
//! Owns: when two notes are one, and the shape of lessons that rest on the memory. Must not know:
//! lessons from sessions. Nothing is ever rewritten: a note is kept as it is, or taken out as a repeat.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use super::words;
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
    let runs = Runs::read(&notes);
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    let mut drafts = Vec::new();
    for (index, note) in notes.iter().enumerate() {
        // A note goes if a better one stays: a longer one, or of equals the earlier one.
        let others = runs.perhaps_repeated(index, parameters);
        let kept = others.into_iter().filter(|other| !gone.contains(other)).find_map(|other| {
            let kept = notes.get(other)?;
            let place = |note: &Note| Some(&note.entry.path) != index_document;
            let better = (kept.words.len(), place(kept), index) > (note.words.len(), place(note), other);
            let same = note.equals(kept) || runs.alike(index, other, parameters);
            (better && same && note.may_repeat(kept)).then_some(kept)
        });
        if let Some(kept) = kept {
            gone.insert(index);
            drafts.push(note.draft(kept));
        }
    }
    drafts
}

/// The runs of words of all notes, as numbers in their order.
struct Runs {
    /// Of each note, sorted.
    of: Vec<Vec<u32>>,
    /// The notes that have each.
    holders: Vec<Vec<usize>>,
    /// What each weighs: the more, the fewer notes have it.
    weights: Vec<f64>,
}

impl Runs {
    fn read(notes: &[Note]) -> Self {
        let mut all: BTreeMap<&[String], Vec<usize>> = BTreeMap::new();
        for (index, note) in notes.iter().enumerate() {
            note.runs().into_iter().for_each(|run| all.entry(run).or_default().push(index));
        }
        let mut of = vec![Vec::new(); notes.len()];
        for (number, holders) in all.values().enumerate() {
            for holder in holders {
                of.get_mut(*holder).into_iter().for_each(|runs: &mut Vec<u32>| runs.push(number as u32));
            }
        }
        let weight = |holders: &Vec<usize>| (1.0 + notes.len() as f64 / holders.len().max(1) as f64).ln();
        let weights = all.values().map(weight).collect();
        Self { of, holders: all.into_values().collect(), weights }
    }

    fn weight(&self, run: u32) -> f64 {
        self.weights.get(run as usize).copied().unwrap_or(0.0)
    }

    fn holders(&self, run: u32) -> &[usize] {
        self.holders.get(run as usize).map_or(&[], Vec::as_slice)
    }

    fn of(&self, note: usize) -> &[u32] {
        self.of.get(note).map_or(&[], Vec::as_slice)
    }

    /// Every note that this one may repeat, in order, and few others.
    ///
    /// What is alike enough shares one of the rarest runs: the rest is too few of them and weighs too little
    /// (prefix filtering; Chaudhuri, Ganti and Kaushik, ICDE 2006). So the cost grows with the notes, also where
    /// all of them are cut from the same cloth.
    fn perhaps_repeated(&self, note: usize, parameters: &Parameters) -> BTreeSet<usize> {
        let mut rarest = self.of(note).to_vec();
        rarest.sort_by_key(|run| (self.holders(*run).len(), *run));
        let (count, total) = (rarest.len() as f64, rarest.iter().map(|run| self.weight(*run)).sum::<f64>());
        let (mut left, mut weight) = (count, total);
        let mut others = BTreeSet::new();
        for run in rarest {
            // A hair of room for the order in which weights are added up.
            let too_few = left < parameters.duplicate_containment * count;
            let too_light = weight < (parameters.duplicate_jaccard - 1e-9) * total;
            if too_few && too_light {
                break;
            }
            others.extend(self.holders(run));
            left -= 1.0;
            weight -= self.weight(run);
        }
        others.remove(&note);
        others
    }

    /// Whether most of a note stands in another, or most of both is the same.
    fn alike(&self, note: usize, kept: usize, parameters: &Parameters) -> bool {
        let (mine, theirs): (BTreeSet<u32>, BTreeSet<u32>) =
            (self.of(note).iter().copied().collect(), self.of(kept).iter().copied().collect());
        let shared: f64 = mine.intersection(&theirs).map(|run| self.weight(*run)).sum();
        let all: f64 = mine.union(&theirs).map(|run| self.weight(*run)).sum();
        let contained = mine.intersection(&theirs).count() as f64 / mine.len().max(1) as f64;
        contained >= parameters.duplicate_containment || shared / all >= parameters.duplicate_jaccard
    }
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

    fn runs(&self) -> BTreeSet<&[String]> {
        if self.words.len() < SHINGLE {
            return std::iter::once(self.words.as_slice()).filter(|words| !words.is_empty()).collect();
        }
        self.words.windows(SHINGLE).collect()
    }

    fn equals(&self, kept: &Self) -> bool {
        self.words == kept.words
    }

    /// Whether nothing but its words may tell this note from another.
    fn may_repeat(&self, kept: &Self) -> bool {
        if self.equals(kept) {
            let same_document = self.entry.path == kept.entry.path;
            return self.fits(kept) && (same_document || self.words.len() >= SHORTEST);
        }
        self.words.len() >= SHORTEST && self.fits(kept) && self.is_covered(kept)
    }

    /// Notes of one scope: the same document, or two documents of one folder. An index line repeats
    /// only another index line for the same document.
    fn fits(&self, kept: &Self) -> bool {
        let folder = |path: &DocPath| {
            path.as_str().rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
        };
        self.entry.link == kept.entry.link && folder(&self.entry.path) == folder(&kept.entry.path)
    }

    /// Every number, path, name, negation and word that carries meaning stands in the other, and no negation is
    /// added there: otherwise the two differ where it matters. "Finance sees the margin" and "Sales sees the margin"
    /// are two notes, however alike the rest is.
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
        let says = |note: &Self| words::content(&note.entry.text.replace('`', " "));
        mine.iter().all(|word| theirs.contains(word))
            && negations(&mine) == negations(&theirs)
            && says(self).is_subset(&says(kept))
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
            let kept = shown(&kept.entry.text);
            format!(
                "Drop a note that a longer one covers{place}: \"{}\"; kept: \"{kept}\"",
                shown(&self.entry.text)
            )
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
    fn looking_at_the_rarest_runs_overlooks_nothing() {
        let mut dice = crate::evidence::noise::Dice::new("notes", "cut from the same cloth", 0);
        let lines: Vec<String> = (0..300)
            .map(|_| {
                let words: Vec<String> =
                    (0..6 + dice.below(8)).map(|at| format!("w{at}{}", dice.below(2 + at % 3))).collect();
                format!("- {}\n", words.join(" "))
            })
            .collect();
        let memory = memory(&[("/a.md", &lines.concat())]);
        let notes: Vec<Note> = entries::of_snapshot(&memory).into_iter().map(Note::new).collect();
        let runs = Runs::read(&notes);
        let mut pairs = 0;
        for (containment, jaccard) in [(0.8, 0.6), (0.65, 0.45), (1.0, 0.9)] {
            let parameters = Parameters {
                duplicate_containment: containment,
                duplicate_jaccard: jaccard,
                ..Parameters::default()
            };
            for note in 0..notes.len() {
                let looked_at = runs.perhaps_repeated(note, &parameters);
                for other in (0..notes.len()).filter(|other| *other != note) {
                    if runs.alike(note, other, &parameters) {
                        assert!(looked_at.contains(&other), "{note} {other}");
                        pairs += 1;
                    }
                }
            }
        }
        assert!(pairs > 100, "{pairs}");
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
            (
                "- Finance sees the margin of an order in the back office.",
                "- Sales sees the margin of an order in the back office.",
            ),
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
