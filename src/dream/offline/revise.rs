//! Lessons that contradict a note: the note is changed where it stands instead of a second one added.
//!
//! Owns: which note a lesson contradicts, and the note's new text. Must not know: how lessons were
//! found, or what else becomes of the memory.
//!
//! As little changes as possible. Where the lesson puts one thing in the place of another, only that
//! thing changes in the note; a general rule keeps its words and gets the exception behind them; only
//! a note that says the very opposite gives way as a whole.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use super::fixes::Fix;
use super::place;
use super::render::Trigger;
use super::versions;
use crate::domain::memory::Snapshot;
use crate::guard::protected::{self, Directives};

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outdated {
    /// These words.
    Words(String),
    /// Any other version of a program.
    Version(String),
    /// Any other place of a file.
    Place(String),
}

impl Outdated {
    fn words(&self) -> &str {
        match self {
            Self::Words(words) => words,
            Self::Version(_) | Self::Place(_) => "",
        }
    }
}

/// One thing in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// What notes should no longer say.
    from: Outdated,
    /// What they should say; empty if it just goes.
    to: String,
    /// What a note must name besides, for the thing to mean the same.
    about: Vec<String>,
}

impl Swap {
    /// What a fix puts in the place of what.
    #[must_use]
    pub fn of_fix(fix: &Fix, trigger: &Trigger) -> Option<Self> {
        let words = trigger.words.join(" ");
        let after = |skip: usize| trigger.words.get(skip..).unwrap_or_default().join(" ");
        let swap = |from: &str, to: String, about: &[String]| Self {
            from: Outdated::Words(from.to_owned()),
            to: to.trim().to_owned(),
            about: about.to_vec(),
        };
        let found = match fix {
            Fix::DropPrefix(prefix) => swap(&words, after(prefix.split(' ').count()), &[]),
            Fix::AddPrefix(prefix) => swap(&words, format!("{prefix} {words}"), &[]),
            Fix::Program { to, .. } => swap(&words, format!("{to} {}", after(1)), &[]),
            Fix::DropFlag(flag) => swap(flag, String::new(), &trigger.words),
            // A whole path means the same wherever it stands.
            Fix::Argument { from, to } if is_whole_path(from) => swap(from, to.clone(), &[]),
            Fix::Argument { from, to } => swap(from, to.clone(), &trigger.words),
            _ => return None,
        };
        let something = !found.from.words().is_empty() && (!found.to.is_empty() || !found.about.is_empty());
        something.then_some(found)
    }

    /// "This instead of that", as people ask for it.
    #[must_use]
    pub fn of_choice(this: &str, that: &str) -> Self {
        Self { from: Outdated::Words(that.to_owned()), to: this.to_owned(), about: Vec::new() }
    }

    /// The version that a program has, in the place of whatever other version notes give it.
    #[must_use]
    pub fn of_version(program: &str, version: &str) -> Self {
        let from = Outdated::Version(program.to_owned());
        Self { from, to: version.to_owned(), about: vec![program.to_owned()] }
    }

    /// The place that a file has, in the place of whatever other place notes give a file of that name.
    #[must_use]
    pub fn of_place(name: &str, file: &str) -> Self {
        Self { from: Outdated::Place(name.to_owned()), to: file.to_owned(), about: vec![name.to_owned()] }
    }

    /// The versions or places that a note gives the thing this is about; nothing if it is about neither.
    fn values(&self, note: &str) -> Vec<Range<usize>> {
        match &self.from {
            Outdated::Words(_) => Vec::new(),
            Outdated::Version(program) => versions::named(note, program),
            Outdated::Place(name) => places(note, name),
        }
    }

    /// The value as it is to stand in the place of one that a note has.
    fn in_place_of<'v>(&'v self, said: &str) -> Cow<'v, str> {
        match &self.from {
            Outdated::Version(_) => versions::as_exact_as(said, &self.to).into(),
            Outdated::Words(_) | Outdated::Place(_) => self.to.as_str().into(),
        }
    }

    fn is_about(&self, note: &str) -> bool {
        self.about.iter().all(|word| occurrences(note, word).next().is_some())
    }

    /// Whether a note says already what to use.
    #[must_use]
    pub fn is_stated(&self, note: &str) -> bool {
        let said = |at: &Range<usize>| {
            let told = !self.about.is_empty() || is_whole_path(&self.to) || is_told_to_use(note, at);
            told && is_positive(note, at)
        };
        if self.to.is_empty() {
            return false;
        }
        let named = self.values(note);
        if !named.is_empty() {
            return self.outdated(note).is_empty();
        }
        self.is_about(note)
            && occurrences(note, &self.to).any(|at| said(&at))
            && self.outdated(note).is_empty()
    }

    /// Whether a note says to use what should no longer be used.
    #[must_use]
    pub fn is_contradicted(&self, note: &str) -> bool {
        !self.outdated(note).is_empty()
    }

    /// Where a note says what it should no longer say.
    fn outdated(&self, note: &str) -> Vec<Range<usize>> {
        let Outdated::Words(from) = &self.from else {
            let differs =
                |at: &Range<usize>| note.get(at.clone()).is_some_and(|said| said != self.in_place_of(said));
            return self.values(note).into_iter().filter(differs).collect();
        };
        if !self.is_about(note) {
            return Vec::new();
        }
        // `uv run pytest` holds `pytest`, and is what is wanted.
        let right: Vec<Range<usize>> = occurrences(note, &self.to).collect();
        occurrences(note, from)
            .filter(|at| !right.iter().any(|right| right.start <= at.start && at.end <= right.end))
            .filter(|at| is_positive(note, at))
            .filter(|at| {
                let apart = from.contains(' ') || is_whole_path(from);
                !self.about.is_empty() || apart || is_told_to_use(note, at)
            })
            .collect()
    }

    /// The note with the one thing in the place of the other; `None` if it does not say it.
    fn revised(&self, note: &str) -> Option<String> {
        let outdated = self.outdated(note);
        if outdated.is_empty() {
            return None;
        }
        let mut text = note.to_owned();
        for at in outdated.into_iter().rev() {
            // An option that goes takes the blank before it along.
            let blank = self.to.is_empty() && text.get(..at.start).is_some_and(|head| head.ends_with(' '));
            let to = self.in_place_of(note.get(at.clone()).unwrap_or_default());
            text.replace_range(at.start - usize::from(blank)..at.end, &to);
        }
        Some(text)
    }
}

/// A place that is the same whatever a note is about.
fn is_whole_path(word: &str) -> bool {
    word.starts_with(['/', '~']) && word.len() > 2 && !word.contains(' ')
}

/// Where a note says that a file of this name is, in a sentence that says where something is.
fn places(note: &str, name: &str) -> Vec<Range<usize>> {
    const SAYS: [&str; 9] = [
        " is at ",
        " is in ",
        " are in ",
        " are at ",
        " lives ",
        " live ",
        " located ",
        " found in ",
        " found at ",
    ];
    let lower = note.to_lowercase();
    if !SAYS.iter().any(|words| lower.contains(words)) {
        return Vec::new();
    }
    let apart =
        |c: char| c.is_whitespace() || matches!(c, '`' | '"' | '\'' | '(' | ')' | '[' | ']' | ',' | ';');
    note.split(apart)
        .filter_map(|word| {
            let path = word.trim_end_matches(['.', ':', '!', '?']);
            let named = path.rsplit_once('/').is_some_and(|(_, last)| last == name) && !path.contains("://");
            let at = word.as_ptr() as usize - note.as_ptr() as usize;
            named.then_some(at..at + path.len())
        })
        .filter(|at| is_positive(note, at))
        .collect()
}

/// Turns a lesson into the revision of the note it contradicts; gives it back as it is if there is none.
#[must_use]
pub fn instead_of_adding(mut draft: Draft, memory: &Snapshot) -> Draft {
    if !matches!(draft.step, Step::Add(_)) {
        return draft;
    }
    let notes = entries::of_snapshot(memory);
    let by_swap = notes
        .iter()
        .filter(|note| note.link.is_none())
        .find_map(|note| Some((note, draft.swap.as_ref()?.revised(&note.text)?)));
    let found = by_swap.or_else(|| {
        notes
            .iter()
            .filter(|note| note.link.is_none())
            .find_map(|note| Some((note, opposite(note, &draft.text)?)))
    });
    if let Some((note, text)) = found {
        draft.step = Step::Revise(note.path.clone(), note.range.clone());
        draft.text = text;
    }
    draft
}

/// The new text of a note that says the opposite of a lesson.
fn opposite(note: &Entry, lesson: &str) -> Option<String> {
    let body = note.text.trim_start_matches(['-', '*', '+', ' ']);
    let marker = note.text.get(..note.text.len() - body.len()).unwrap_or("");
    if place::opposed(body, lesson) {
        return Some(format!("{marker}{lesson}"));
    }
    if place::is_denied_in_part(body, lesson) {
        return None;
    }
    let said = Directives::read(&[(String::new(), body.to_owned())]);
    if protected::check(lesson, "", &said).is_empty() {
        return None;
    }
    // A rule for all commands is not wrong because it fails for one of them.
    let (general, special) = (names(body), names(place::advice(lesson)));
    let is_exception = !general.is_empty() && general.is_subset(&special) && general.len() < special.len();
    let body = body.trim_end();
    Some(if is_exception { format!("{marker}{body} {lesson}") } else { format!("{marker}{lesson}") })
}

fn names(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).collect()
}

/// Where a text holds some words, not just as part of longer ones.
pub fn occurrences<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/'));
    text.match_indices(words)
        .filter(|(_, found)| !found.is_empty())
        .map(|(at, found)| at..at + found.len())
        .filter(move |at| {
            let before = text.get(..at.start).and_then(|head| head.chars().next_back());
            let mut tail = text.get(at.end..).unwrap_or("").chars();
            let (next, then) = (tail.next(), tail.next());
            // `14.5` holds no `14`, but a sentence may end with it.
            let goes_on = matches!(next, Some('.' | ',')) && then.is_some_and(|c| c.is_ascii_digit());
            !inside(before) && !inside(next) && !goes_on
        })
}

/// Whether a note speaks of a thing as something to use, at least once.
#[must_use]
pub fn is_recommended(note: &str, thing: &str) -> bool {
    occurrences(note, thing).any(|at| is_positive(note, &at))
}

/// Words that turn a mention into a warning.
const TURNS: [&str; 14] = [
    "not", "never", "no", "without", "avoid", "instead", "rather", "fails", "fail", "don't", "cannot",
    "can't", "doesn't", "but",
];

/// Nothing in the sentence says that the thing is not to be used.
pub fn is_positive(note: &str, at: &Range<usize>) -> bool {
    let ends = |c: char| matches!(c, ';' | '!' | '?' | '\n');
    let head = note.get(..at.start).unwrap_or("");
    let start = head.rfind(". ").map_or(0, |end| end + 1).max(head.rfind(ends).map_or(0, |end| end + 1));
    let tail = note.get(at.end..).unwrap_or("");
    let end = tail.find(". ").unwrap_or(tail.len()).min(tail.find(ends).unwrap_or(tail.len()));
    let sentence = note.get(start..at.end + end).unwrap_or("");
    let says = |word: &str| TURNS.contains(&word.to_lowercase().as_str());
    !sentence.split(|c: char| !c.is_alphanumeric() && c != '\'').any(says)
}

/// The words before a thing tell to use it: "use X", "with X", "run `X …`".
fn is_told_to_use(note: &str, at: &Range<usize>) -> bool {
    let head = note.get(..at.start).unwrap_or("").trim_end_matches(['`', '"', '*', ' ']);
    let last = head.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
    matches!(
        last.as_str(),
        "use"
            | "uses"
            | "using"
            | "run"
            | "runs"
            | "running"
            | "with"
            | "via"
            | "through"
            | "call"
            | "prefer"
            | "by"
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn swap(from: &str, to: &str, about: &[&str]) -> Swap {
        Swap {
            from: Outdated::Words(from.into()),
            to: to.into(),
            about: about.iter().map(|w| (*w).to_owned()).collect(),
        }
    }

    #[rstest]
    #[case("- Send `shop export --batch 500` at night.", "- Send `shop export --batch 200` at night.")]
    #[case("- A `shop export` has `--batch 500`.", "- A `shop export` has `--batch 200`.")]
    fn a_number_changes_where_it_stands(#[case] note: &str, #[case] after: &str) {
        let swap = swap("500", "200", &["shop", "export"]);
        assert_eq!(swap.revised(note).as_deref(), Some(after));
        assert!(swap.is_stated(after) && !swap.is_stated(note));
    }

    #[rstest]
    #[case("- Never run `shop export --batch 500`.")]
    #[case("- `shop export --batch 5000` is for the year.")]
    #[case("- The shop has 500 lamps.")]
    #[case("- `shop export --batch 500` fails with \"limited to 200\"; use 200.")]
    fn other_notes_stay(#[case] note: &str) {
        assert_eq!(swap("500", "200", &["shop", "export"]).revised(note), None);
    }

    #[test]
    fn commands_prefixes_and_options_change_too() {
        let fix = |fix: Fix, words: &[&str]| {
            let words = words.iter().map(|w| (*w).to_owned()).collect();
            Swap::of_fix(&fix, &Trigger { words, more: true }).unwrap()
        };
        let program = fix(Fix::Program { from: "npm".into(), to: "pnpm".into() }, &["npm", "install"]);
        assert_eq!(
            program.revised("Start with `npm install`.").as_deref(),
            Some("Start with `pnpm install`.")
        );
        assert!(
            program.is_stated("Start with `pnpm install`.") && !program.is_stated("`pnpm install` is slow.")
        );
        let prefix = fix(Fix::AddPrefix("uv run".into()), &["pytest"]);
        assert_eq!(
            prefix.revised("Test with `pytest -q`.").as_deref(),
            Some("Test with `uv run pytest -q`.")
        );
        assert_eq!(prefix.revised("Test with `uv run pytest -q`."), None);
        let moved = Fix::Argument { from: "/srv/dumps".into(), to: "/data/dumps".into() };
        let moved = fix(moved, &["ls"]);
        assert_eq!(
            moved.revised("Dumps are in `/srv/dumps`.").as_deref(),
            Some("Dumps are in `/data/dumps`.")
        );
        assert_eq!(moved.revised("Dumps are not in `/srv/dumps`."), None);
        let dropped = fix(Fix::DropFlag("-race".into()), &["go", "test"]);
        assert_eq!(dropped.revised("Run `go test -race ./...`.").as_deref(), Some("Run `go test ./...`."));
    }

    #[rstest]
    #[case("- We are on Node 20 here.", Some("- We are on Node 22 here."))]
    #[case("- The machines have `node` v20.11.", Some("- The machines have `node` v22.3."))]
    #[case("- `node` here is version 20.11.0.", Some("- `node` here is version 22.3.1."))]
    #[case("- node is at 22.3, pnpm at 9.1", None)]
    #[case("- Node 20 or newer is needed.", None)]
    #[case("- We are not on Node 20 any more.", None)]
    #[case("- The node at 20 Main Street answers.", None)]
    #[case("- Start 20 node workers.", None)]
    fn a_version_changes_as_exactly_as_the_note_says_it(#[case] note: &str, #[case] after: Option<&str>) {
        let swap = Swap::of_version("node", "22.3.1");
        assert_eq!(swap.revised(note).as_deref(), after);
        assert!(after.is_none_or(|after| swap.is_stated(after)), "and is not proposed again");
    }

    #[test]
    fn a_program_with_a_number_in_its_name_is_meant_without_it_too() {
        let swap = Swap::of_version("python3", "3.12.1");
        assert_eq!(swap.revised("Python 3.10 is used.").as_deref(), Some("Python 3.12 is used."));
        assert!(swap.is_stated("We run Python 3.12 everywhere."));
    }

    #[test]
    fn choices_need_a_note_that_tells_to_use_the_other() {
        let choice = Swap::of_choice("Decimal", "float");
        assert_eq!(
            choice.revised("Prices are computed with `float`.").as_deref(),
            Some("Prices are computed with `Decimal`.")
        );
        assert_eq!(choice.revised("The `float` in the theme is a layout word."), None);
    }

    fn opposite_of(note: &str, lesson: &str) -> Option<String> {
        let memory: Snapshot =
            [(crate::domain::memory::DocPath::new("/a.md").unwrap(), note.into())].into_iter().collect();
        entries::of_snapshot(&memory).iter().find_map(|note| opposite(note, lesson))
    }

    #[test]
    fn the_very_opposite_gives_way_and_a_general_rule_gets_its_exception() {
        assert_eq!(
            opposite_of("- Use npm instead of pnpm here.\n", "Use `pnpm` instead of `npm`.").as_deref(),
            Some("- Use `pnpm` instead of `npm`.")
        );
        let lesson = "Run `bun` directly, not through `rtk`: `rtk bun …` fails with \"x\".";
        assert_eq!(
            opposite_of("- Always prefix commands with `rtk`.\n", lesson).unwrap(),
            format!("- Always prefix commands with `rtk`. {lesson}")
        );
        assert_eq!(opposite_of("- Run the tests directly.\n", lesson), None);
        let part = "- Delivery dates may be promised for express parcels.\n";
        assert_eq!(opposite_of(part, "Don't promise a delivery date."), None, "more than that would be lost");
    }
}
