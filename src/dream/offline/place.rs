//! Where a lesson goes in the memory, and the memory with all lessons in their places.
//!
//! Owns: choosing the document and the list, the style of new documents, and the index line that a new
//! document needs. Must not know: where lessons come from. What stands in the memory already is never
//! touched, except for the notes that a lesson takes out or moves, word for word.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::drafts::{Shelf, Step};
use super::patterns::{self, Pattern};
use super::render;
use super::revise::Swap;
use super::select::Chosen;
use super::stand::{self, Stand};
use super::words;
use super::{entries, listing, sections};
use crate::domain::agent::{Agent, Budget};
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::tokens;
use crate::guard::protected;
use crate::lesson::phrase::parted;

/// One lesson in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The document it changes.
    pub path: DocPath,
    /// The block that comes, or that goes.
    pub text: String,
    /// The block goes.
    pub removes: bool,
}

/// The document that is loaded into every session, if this memory is kept by one: the one the budget
/// names, or one that mostly links to others.
#[must_use]
pub fn index(agent: &Agent, memory: &Snapshot) -> Option<DocPath> {
    if let Some(path) = agent.budget.index.as_deref().and_then(|path| DocPath::new(path).ok()) {
        return Some(path);
    }
    let by_convention = DocPath::new("/MEMORY.md").ok().filter(|path| memory.get(path).is_some());
    by_convention.or_else(|| {
        memory.iter().find(|(path, text)| entries::is_index(path, text)).map(|(path, _)| path.clone())
    })
}

/// Puts all lessons in their places. The result lists one place per lesson, in the same order.
#[must_use]
pub fn all(
    memory: &Snapshot,
    index: Option<&DocPath>,
    budget: &Budget,
    chosen: &[Chosen],
) -> (Snapshot, Vec<Option<Placed>>) {
    let notes = index.filter(|path| holds_notes(memory, path, budget)).cloned();
    let mut store = Store { memory: memory.clone(), index: index.cloned(), notes, made: BTreeSet::new() };
    let mut placed: Vec<Option<Placed>> = vec![None; chosen.len()];
    store.take_out(chosen, &mut placed);
    // In the order of their keys, so that a change of rank does not reorder the document.
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by_key(|at| chosen.get(*at).map(|chosen| &chosen.draft.key));
    for at in order {
        let (Some(Chosen { draft, .. }), Some(slot)) = (chosen.get(at), placed.get_mut(at)) else { continue };
        match &draft.step {
            Step::Add(shelf) => *slot = store.add(*shelf, &draft.title, &draft.text),
            Step::Move(..) => store.move_away(&draft.text),
            Step::Remove(..) | Step::Retire(..) | Step::Revise(..) | Step::Settle(..) => {}
        }
    }
    (store.memory, placed)
}

/// Share of the room of an index that notes may fill while further ones go into it, in percent.
const HALF: u64 = 50;

/// Whether an index holds the notes itself: it leads to no other document, and has room for more of them.
fn holds_notes(memory: &Snapshot, index: &DocPath, budget: &Budget) -> bool {
    let Some(text) = memory.get(index) else { return false };
    let leads_on = text.split("](").skip(1).any(|rest| {
        let target = rest.split([')', ' ']).next().unwrap_or("");
        !target.is_empty() && !target.contains("://") && !target.starts_with('#')
    });
    let far = |size: u64, most: u64| size.saturating_mul(100) <= most.saturating_mul(HALF);
    let has_room = far(tokens::estimate(text), budget.index_tokens)
        && budget.index_lines.is_none_or(|most| far(text.lines().count() as u64, most))
        && budget.index_bytes.is_none_or(|most| far(text.len() as u64, most));
    has_room && !leads_on && !text.contains("[[") && !entries::of_document(index, text).is_empty()
}

/// Where a note stands, and what comes in its place.
type Change<'a> = (Range<usize>, Option<&'a str>);

struct Store {
    memory: Snapshot,
    index: Option<DocPath>,
    /// The same, where it holds the notes itself.
    notes: Option<DocPath>,
    /// Documents made for one lesson each. Another lesson in one of them would come with the first, wanted or not.
    made: BTreeSet<DocPath>,
}

impl Shelf {
    /// The word for notes of this kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::Tools => "tools",
            Self::Preferences => "preferences",
            Self::Workflows => "workflows",
            Self::Facts => "facts",
        }
    }

    /// The document that takes notes of this kind if the memory has it.
    fn document(self) -> String {
        format!("{}.md", self.name())
    }

    /// What Claude Code calls notes of this kind in a document's front matter.
    fn kind(self) -> &'static str {
        match self {
            Self::Commands | Self::Tools | Self::Workflows => "project",
            Self::Preferences => "feedback",
            Self::Facts => "reference",
        }
    }
}

/// Takes the notes that leave an over-long index.
const OVERFLOW: &str = "more-notes.md";
const OVERFLOW_TITLE: &str = "More notes";
const OVERFLOW_HOOK: &str = "notes moved here to keep this index within its limit";

/// Share of a lesson's words, rare ones weighing more, that a document must have to be its topic.
const SAME_TOPIC: f64 = 0.5;

impl Store {
    /// Takes out the notes that go or move, and puts revised ones in the place of the old.
    fn take_out(&mut self, chosen: &[Chosen], placed: &mut [Option<Placed>]) {
        let mut changes: BTreeMap<DocPath, Vec<Change<'_>>> = BTreeMap::new();
        for (Chosen { draft, .. }, slot) in chosen.iter().zip(placed) {
            let Some((path, range)) = draft.step.takes() else { continue };
            let revised = matches!(draft.step, Step::Revise(..));
            let text = revised.then_some(draft.text.as_str());
            changes.entry(path.clone()).or_default().push((range.clone(), text));
            *slot = Some(Placed { path: path.clone(), text: draft.text.clone(), removes: !revised });
        }
        for (path, mut changes) in changes {
            let Some(text) = self.memory.get(&path) else { continue };
            changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            let left = changes.iter().fold(text.to_string(), |text, (range, new)| match new {
                Some(new) => {
                    let part = |range| text.get(range).unwrap_or("");
                    format!("{}{new}{}", part(0..range.start), part(range.end..text.len()))
                }
                None => entries::without(&text, range),
            });
            let is_empty = entries::of_document(&path, &left.as_str().into()).is_empty();
            if is_empty && self.index.as_ref() != Some(&path) && path.is_markdown() {
                self.drop_document(&path);
            } else {
                self.memory.insert(path, left);
            }
        }
    }

    /// A document goes with its last note, and so does the line of the index that leads there.
    fn drop_document(&mut self, path: &DocPath) {
        self.memory.remove(path);
        let Some(index) = self.index.clone() else { return };
        let Some(text) = self.memory.get(&index).cloned() else { return };
        let entries = entries::of_document(&index, &text);
        let leads_there = |entry: &&entries::Entry| {
            let target = entry.link.as_deref().and_then(|link| listing::target_path(&index, link));
            target.as_ref() == Some(path)
        };
        let mut ranges: Vec<Range<usize>> =
            entries.iter().filter(leads_there).map(|entry| entry.range.clone()).collect();
        ranges.sort_by_key(|range| std::cmp::Reverse(range.start));
        let left = ranges.iter().fold(text.to_string(), |text, range| entries::without(&text, range));
        self.memory.insert(index, left);
    }

    /// Adds a note to the document that speaks of the same, or makes a document for it: one lesson,
    /// one document, so that each can be accepted without the others.
    fn add(&mut self, shelf: Shelf, title: &str, text: &str) -> Option<Placed> {
        let about = advice(text);
        let terms = terms(&without_values(about.strip_prefix(render::ORDER).unwrap_or(about)));
        let shelved = self.beside_index(&shelf.document()).filter(|path| self.memory.get(path).is_some());
        if let Some(path) = self.best_document(&terms).or(shelved).or_else(|| self.notes.clone()) {
            return self.append(path, shelf, text, &terms);
        }
        let name = slug(title);
        let mut file = format!("{name}.md");
        let mut path = self.beside_index(&file)?;
        if self.memory.get(&path).is_some() && !self.made.contains(&path) {
            return self.append(path, shelf, text, &terms);
        }
        for number in 2_u32.. {
            if self.memory.get(&path).is_none() {
                break;
            }
            file = format!("{name}-{number}.md");
            path = self.beside_index(&file)?;
        }
        self.made.insert(path.clone());
        let about = self::terms(&format!("{} {title} {text}", shelf.name()));
        self.list(title, &file, hook(shelf, title, text), &about);
        let opening = self.opening(&slug(title), title, advice(text), shelf.kind());
        let end = line_end(&opening);
        self.memory.insert(path.clone(), format!("{opening}{end}{text}{end}"));
        Some(Placed { path, text: text.to_owned(), removes: false })
    }

    fn append(
        &mut self,
        path: DocPath,
        shelf: Shelf,
        text: &str,
        terms: &BTreeSet<String>,
    ) -> Option<Placed> {
        let before = self.memory.get(&path)?.clone();
        let (after, block) = sections::insert(&path, &before, text, shelf, terms);
        self.memory.insert(path.clone(), after);
        Some(Placed { path, text: block, removes: false })
    }

    /// Puts a note from the index into the document of its topic, else into one for all such notes.
    fn move_away(&mut self, text: &str) {
        let topic = self.best_document(&terms(text)).and_then(|path| Some((self.memory.get(&path)?, path)));
        let Some((before, path)) = topic else { return self.overflow(text) };
        let gap = if text.starts_with(['-', '*', '+']) && is_list_item(before.trim_end()) {
            ""
        } else {
            line_end(before)
        };
        let end = line_end(before);
        let after = format!("{}{end}{gap}{text}{end}", before.trim_end());
        self.memory.insert(path, after);
    }

    fn overflow(&mut self, text: &str) {
        let Some(path) = self.beside_index(OVERFLOW) else { return };
        let before = if let Some(before) = self.memory.get(&path) {
            before.to_string()
        } else {
            if let Some(index) = self.index.clone() {
                let line = index_line(OVERFLOW_TITLE, OVERFLOW, OVERFLOW_HOOK);
                let after = listing::above(&self.memory, &index, &line);
                self.memory.insert(index, after);
            }
            self.opening("more-notes", OVERFLOW_TITLE, OVERFLOW_HOOK, "reference")
        };
        let end = line_end(&before);
        let gap = if text.starts_with(['-', '*', '+']) && is_list_item(before.trim_end()) { "" } else { end };
        let after = format!("{}{end}{gap}{text}{end}", before.trim_end());
        self.memory.insert(path, after);
    }

    fn beside_index(&self, file: &str) -> Option<DocPath> {
        let folder =
            self.index.as_ref().map_or("/", |index| index.as_str().trim_end_matches(index.file_name()));
        DocPath::new(&format!("{folder}{file}")).ok()
    }

    /// The document that speaks of most of a lesson's words; a memory of a single document takes all.
    fn best_document(&self, terms: &BTreeSet<String>) -> Option<DocPath> {
        let documents: Vec<(&DocPath, BTreeSet<String>)> = self
            .memory
            .iter()
            .filter(|(path, _)| {
                let is_other = Some(*path) != self.index.as_ref() && path.file_name() != OVERFLOW;
                path.is_markdown() && is_other && !self.made.contains(*path)
            })
            .map(|(path, text)| (path, terms_of_document(path, text)))
            .collect();
        if self.index.is_none()
            && let [(only, _)] = documents.as_slice()
        {
            return Some((*only).clone());
        }
        let weight = |term: &String| {
            let holders = documents.iter().filter(|(_, words)| words.contains(term)).count();
            ((documents.len() + 1) as f64 / (holders.max(1) as f64 + 0.5)).ln().max(0.0)
        };
        let all: f64 = terms.iter().map(weight).sum();
        let score = |words: &BTreeSet<String>| -> i64 {
            let known: f64 = terms.intersection(words).map(weight).sum();
            // Compared in whole thousandths: a tie is a tie on every machine.
            if all > 0.0 { (known / all * 1000.0).round() as i64 } else { 0 }
        };
        let best = documents
            .iter()
            .map(|(path, words)| (score(words), path))
            .min_by(|(a, path_a), (b, path_b)| (b, path_a).cmp(&(a, path_b)));
        best.filter(|(score, _)| *score as f64 >= SAME_TOPIC * 1000.0).map(|(_, path)| (*path).clone())
    }

    /// Gives a document its line in the index, if the memory has one.
    fn list(&mut self, title: &str, file: &str, hook: &str, about: &BTreeSet<String>) {
        if let Some(index) = self.index.clone() {
            let after = listing::insert(&self.memory, &index, &index_line(title, file, hook), about);
            self.memory.insert(index, after);
        }
    }

    /// How a new document starts: with front matter where the other topic documents have it.
    fn opening(&self, name: &str, title: &str, about: &str, kind: &str) -> String {
        let topics: Vec<&str> = self
            .memory
            .iter()
            .filter(|(path, _)| path.is_markdown() && Some(*path) != self.index.as_ref())
            .map(|(_, text)| &**text)
            .collect();
        let matter = |text: &&&str| text.starts_with("---\n") || text.starts_with("---\r\n");
        let with = topics.iter().filter(matter).count();
        let fronted = if topics.is_empty() { self.index.is_some() } else { with * 2 >= topics.len() };
        let end = topics.first().map_or("\n", |text| line_end(text));
        if !fronted {
            return format!("# {title}{end}");
        }
        let flat = topics.iter().filter(matter).any(|text| text.contains("\ntype:"));
        let nested = !flat || topics.iter().filter(matter).any(|text| text.contains("\nmetadata:"));
        let kind = if nested { format!("metadata:\n  type: {kind}") } else { format!("type: {kind}") };
        // Quoted, because a sentence may hold what YAML reads as structure.
        let about = about.trim_end_matches('.').replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!("---\nname: {name}\ndescription: \"{about}\"\n{kind}\n---\n");
        text.replace('\n', end)
    }
}

/// A line of the index.
fn index_line(title: &str, file: &str, hook: &str) -> String {
    format!("- [{}]({file}) — {hook}", title.replace(['[', ']'], " "))
}

/// What the index says of a lesson beside its title: what to do, where the title does not say all of it; else why, or
/// when, or who wants it so; else what it says.
fn hook<'t>(shelf: Shelf, title: &str, text: &'t str) -> &'t str {
    let text = text.trim_end_matches('.');
    let titled: BTreeSet<&str> = title.split_whitespace().collect();
    let numbers = |part: &str| {
        part.split_whitespace()
            .all(|word| !word.starts_with(|c: char| c.is_ascii_digit()) || titled.contains(word))
    };
    let is_told = |part: &str| names_of(part).all(|name| titled.contains(name)) && numbers(part);
    if let (advice, Some(why)) = parted(text) {
        return if is_told(advice) || is_order(text) { why } else { advice };
    }
    let quoted = text.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"'));
    if let Some((error, rest)) = quoted {
        let rest = rest.trim_start_matches([',', ';', ' ']);
        let rest = rest.strip_prefix("and ").unwrap_or(rest);
        // "Run it before trying again" is what the title says; what nothing ends has no more than an error in it.
        let only_words = names_of(rest).next().is_none() && rest.contains("ask ");
        return if only_words || !is_told(rest) { rest } else { error };
    }
    match shelf {
        Shelf::Preferences => "asked for by the people it works with",
        _ => text,
    }
}

/// The words of a text that are set as code.
fn names_of(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).filter(|name| *name != "…")
}

fn is_order(text: &str) -> bool {
    text.starts_with(render::ORDER)
}

/// What to do, without the error that says when.
#[must_use]
pub fn advice(text: &str) -> &str {
    // In an order of steps, the steps are what is to be done.
    if is_order(text) { text } else { parted(text).0 }
}

/// A text without the values of options set as code: what value an option has says nothing of what a note is about.
fn without_values(text: &str) -> String {
    let bare = |(at, part): (usize, &str)| {
        let end =
            part.find([' ', '=']).filter(|_| at % 2 == 1 && part.starts_with('-')).unwrap_or(part.len());
        part.get(..end).unwrap_or(part).to_owned()
    };
    text.split('`').enumerate().map(bare).collect::<Vec<_>>().join("`")
}

/// The words of a text that carry meaning, in lower case; those set as code are taken apart.
#[must_use]
pub fn terms(text: &str) -> BTreeSet<String> {
    let plain = text.replace('`', " ");
    words::content(&plain).into_iter().map(|word| word.to_lowercase()).filter(|word| word != "…").collect()
}

fn terms_of_document(path: &DocPath, text: &str) -> BTreeSet<String> {
    let mut all = terms(text);
    all.extend(terms(&path.file_name().replace(['-', '_', '.'], " ")));
    all
}

/// A title as a file name: at most sixty letters, digits and hyphens.
fn slug(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words {
        if slug.len() + word.len() > 60 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() { "note".to_owned() } else { slug }
}

/// How the lines of a text end.
#[must_use]
pub fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn is_list_item(text: &str) -> bool {
    text.lines().next_back().is_some_and(|line| line.trim_start().starts_with(['-', '*', '+']))
}

/// A document with a line behind a list item, or as a list of its own at the end.
#[must_use]
pub fn behind(before: &str, item_end: Option<usize>, line: &str) -> String {
    let end = line_end(before);
    if let Some((head, tail)) = item_end.and_then(|at| before.split_at_checked(at)) {
        return format!("{head}{end}{line}{}", if tail.is_empty() { end } else { tail });
    }
    let head = before.trim_end();
    let gap = if head.is_empty() { String::new() } else { format!("{end}{end}") };
    format!("{head}{gap}{line}{end}")
}

/// The notes that say it already: those that speak of the same and don't say otherwise. Such a lesson is not proposed
/// again, even after a person reworded it.
#[must_use]
pub fn remembering(memory: &Snapshot, text: &str, swap: Option<&Swap>) -> Vec<entries::Entry> {
    let lesson = Lesson::of(text);
    // What failed is told by its names and its error; of what people ask for, the words alone don't tell the sense.
    let is_wish = parted(text).1.is_none();
    let agrees = |note: &entries::Entry| {
        let said = [(String::new(), note.text.clone())];
        let stands = match stand::of(&note.text, lesson.advice) {
            Stand::With => true,
            Stand::Apart => !is_wish,
            Stand::Otherwise | Stand::Against => false,
        };
        stands
            && !opposed(&note.text, text)
            && swap.is_none_or(|swap| !swap.is_contradicted(&note.text))
            && protected::check(text, "", &protected::Directives::read(&said)).is_empty()
    };
    let mut notes = entries::of_snapshot(memory);
    notes.retain(|note| {
        swap.is_some_and(|swap| swap.is_stated(&note.text))
            || says(&note.text, text)
            || lesson.is_told_of_in(note) && agrees(note)
    });
    notes
}

/// The notes that speak of the same and say the opposite of it, or of a part of it.
#[must_use]
pub fn denying(memory: &Snapshot, text: &str) -> Vec<entries::Entry> {
    let lesson = Lesson::of(text);
    let mut notes = entries::of_snapshot(memory);
    notes.retain(|note| {
        let denies = || matches!(stand::of(&note.text, lesson.advice), Stand::Otherwise | Stand::Against);
        note.link.is_none() && lesson.is_told_of_in(note) && denies()
    });
    notes
}

/// The note is the text itself, behind its marker.
fn says(note: &str, text: &str) -> bool {
    note.trim_start_matches(['-', '*', '+', ' ']).trim_end() == text
}

/// What a lesson speaks of.
struct Lesson<'a> {
    advice: &'a str,
    terms: BTreeSet<String>,
    /// What it sets as code.
    names: BTreeSet<String>,
}

impl<'a> Lesson<'a> {
    fn of(text: &'a str) -> Self {
        let advice = advice(text);
        let names = names_of(advice).map(str::to_lowercase).collect();
        Self { advice, terms: terms(advice), names }
    }

    /// A note speaks of the same: it has every name that is set as code, and at least half of the words of the advice.
    fn is_told_of_in(&self, note: &entries::Entry) -> bool {
        let lower = note.text.to_lowercase();
        let said = terms(&note.text);
        let shared = self.terms.intersection(&said).count();
        shared * 2 >= self.terms.len().max(1)
            && !self.terms.is_empty()
            && self.names.iter().all(|name| super::fixes::mentions(&lower, name))
            && (!self.names.is_empty() || shared * 5 >= self.terms.len() * 4)
    }
}

/// Whether a note says the very opposite of a lesson, and nothing besides.
#[must_use]
pub fn opposed(note: &str, text: &str) -> bool {
    stand::of(note, advice(text)) == Stand::Against || prefers_the_other(note, advice(text))
}

/// Whether a note says the opposite of a lesson for a part only, or says more besides: taken out as a whole, what else
/// it says would be lost.
#[must_use]
pub fn is_denied_in_part(note: &str, text: &str) -> bool {
    stand::of(note, advice(text)) == Stand::Otherwise
}

/// "This instead of that" against "that instead of this".
fn prefers_the_other(note: &str, text: &str) -> bool {
    let asked = |text: &str| {
        let pieces = words::pieces(text);
        let says = patterns::lower(&pieces);
        let says: Vec<&str> = says.iter().map(String::as_str).collect();
        Pattern { pieces: &pieces, says: &says }.read(false)
    };
    let (Some(note), Some(text)) = (asked(note), asked(text)) else { return false };
    note.that.is_some_and(|that| that.eq_ignore_ascii_case(&text.this))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(documents: &[(&str, &str)]) -> Snapshot {
        documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect()
    }

    fn text<'a>(memory: &'a Snapshot, path: &str) -> &'a str {
        memory.get(&DocPath::new(path).unwrap()).map_or("(none)", |text| text)
    }

    fn add(documents: &[(&str, &str)], index: Option<&str>, lesson: &str) -> (Snapshot, Placed) {
        let index = index.map(|path| DocPath::new(path).unwrap());
        let mut store = Store { memory: memory(documents), index, notes: None, made: BTreeSet::new() };
        let placed = store.add(Shelf::Commands, "Run bun without rtk", lesson).unwrap();
        (store.memory, placed)
    }

    const LESSON: &str = "Run `bun` directly, not through `rtk`: `rtk bun …` fails with \"x\".";

    #[test]
    fn an_empty_memory_with_an_index_gets_a_topic_and_a_line() {
        let (after, placed) = add(&[], Some("/MEMORY.md"), LESSON);
        assert_eq!((placed.path.as_str(), placed.text.as_str()), ("/run-bun-without-rtk.md", LESSON));
        assert_eq!(
            text(&after, "/MEMORY.md"),
            "- [Run bun without rtk](run-bun-without-rtk.md) — `rtk bun …` fails with \"x\"\n"
        );
        let front = "---\nname: run-bun-without-rtk\ndescription: \"Run `bun` directly, not through `rtk`\"\nmetadata:\n  type: project\n---\n";
        assert_eq!(text(&after, "/run-bun-without-rtk.md"), format!("{front}\n{LESSON}\n"));
    }

    #[test]
    fn each_new_document_is_for_one_lesson() {
        for index in [None, Some("/MEMORY.md")] {
            let index = index.map(|path| DocPath::new(path).unwrap());
            let mut store = Store { memory: Snapshot::new(), index, notes: None, made: BTreeSet::new() };
            let paths: Vec<String> =
                ["Use `pnpm` instead of `npm`.", "Use `pnpm` instead of `yarn`.", "Use tabs."]
                    .into_iter()
                    .map(|text| store.add(Shelf::Preferences, "Use pnpm", text).unwrap().path.to_string())
                    .collect();
            assert_eq!(paths, ["/use-pnpm.md", "/use-pnpm-2.md", "/use-pnpm-3.md"]);
        }
    }

    #[test]
    fn a_document_goes_with_its_last_note() {
        let path = DocPath::new("/bun.md").unwrap();
        let index = "- [Tests](tests.md) — how they run\n- [Run bun](./bun.md) — rtk fails\n";
        let documents = [
            ("/MEMORY.md", index),
            ("/bun.md", "---\nname: bun\n---\n\nRun `bun`.\n"),
            ("/tests.md", "- x\n"),
        ];
        let mut store = Store {
            memory: memory(&documents),
            index: Some(DocPath::new("/MEMORY.md").unwrap()),
            notes: None,
            made: BTreeSet::new(),
        };
        store.drop_document(&path);
        assert_eq!(store.memory.get(&path), None);
        assert_eq!(text(&store.memory, "/MEMORY.md"), "- [Tests](tests.md) — how they run\n");
    }

    #[test]
    fn the_hook_is_the_reason_or_the_error_and_never_half_of_one() {
        assert_eq!(
            hook(
                Shelf::Commands,
                "Run bun without rtk",
                "Run `bun` directly, not through `rtk`: `rtk bun` fails with \"error: no bun\"."
            ),
            "`rtk bun` fails with \"error: no bun\""
        );
        let error = "When `make test` fails with \"FATAL: no database\", run `make db` before trying again.";
        let title = "make db when make test fails";
        assert_eq!((hook(Shelf::Commands, title, error), advice(error)), ("FATAL: no database", error));
        let place = "`settings.py` is at `conf/settings.py`.";
        let title = "Where settings.py is";
        assert_eq!(hook(Shelf::Facts, title, place), "`settings.py` is at `conf/settings.py`");
        let wish = "Use `pnpm`.";
        assert_eq!(hook(Shelf::Preferences, "Use pnpm", wish), "asked for by the people it works with");
    }

    #[test]
    fn the_hook_is_the_advice_where_the_title_lacks_a_part_of_it() {
        let told = |title: &str, text: &str| hook(Shelf::Commands, title, text).to_owned();
        assert_eq!(
            told(
                "nvm use when pnpm fails",
                "When `pnpm` fails with \"x\", run `nvm use 22` before trying again."
            ),
            "run `nvm use 22` before trying again"
        );
        assert_eq!(
            told(
                "helm needs --values",
                "Pass `--values eu.yaml` to `helm`: without it the command fails with \"x\"."
            ),
            "Pass `--values eu.yaml` to `helm`"
        );
        let open = "`terraform …` keeps failing with \"x\", and nothing ended it; say so and ask instead of trying again.";
        assert_eq!(told("terraform fails", open), "nothing ended it; say so and ask instead of trying again");
        let limit = "`orders --batch` takes at most 250: more fails with \"x\".";
        assert_eq!(told("Limit of orders --batch", limit), "`orders --batch` takes at most 250");
        let order = "Usual order here: `make proto`, then `make check`.";
        assert_eq!(told("Steps before make check", order), "`make proto`, then `make check`");
    }

    #[test]
    fn an_order_is_described_and_known_by_its_steps() {
        let order = "Usual order here: `make proto`, then `make check`.";
        let (after, _) = add(&[], Some("/MEMORY.md"), order);
        let document = text(&after, "/run-bun-without-rtk.md");
        assert!(
            document.contains("description: \"Usual order here: `make proto`, then `make check`\"\n"),
            "{document}"
        );
        let known = |note: &str| !remembering(&memory(&[("/a.md", note)]), order, None).is_empty();
        assert!(known("- Usual order: `make proto` and then `make check`."));
        assert!(!known("- Usual order here: `terraform plan`, then `terraform apply`."));
    }

    #[test]
    fn an_index_of_notes_takes_notes_and_one_of_links_does_not() {
        let path = DocPath::new("/MEMORY.md").unwrap();
        let notes = "# Memory\n\n## Testing\n- Integration tests need Docker.\n";
        let holds =
            |text: &str, budget: &Budget| holds_notes(&memory(&[("/MEMORY.md", text)]), &path, budget);
        let roomy = Budget { index_lines: Some(200), ..Budget::default() };
        assert!(holds(notes, &roomy) && holds("- See [the page](https://x.example/y).\n", &roomy));
        assert!(!holds("", &roomy) && !holds("# Memory\n", &roomy));
        assert!(!holds(&format!("{notes}- [Data](data.md) — x\n"), &roomy));
        assert!(!holds(&format!("{notes}\nMore in [data](data.md).\n"), &roomy));
        assert!(!holds(notes, &Budget { index_lines: Some(6), ..Budget::default() }));
    }

    #[test]
    fn a_document_for_such_notes_takes_them_all() {
        let documents = [
            ("/MEMORY.md", "- [Commands](commands.md) — x\n"),
            ("/commands.md", "# Commands\n\n- old\n"),
            ("/z.md", "zsh\n"),
        ];
        let (after, _) = add(&documents, Some("/MEMORY.md"), LESSON);
        assert_eq!(text(&after, "/commands.md"), format!("# Commands\n\n- old\n- {LESSON}\n"));
        assert_eq!(text(&after, "/MEMORY.md"), documents[0].1);
    }

    #[test]
    fn an_existing_topic_takes_the_note_and_the_index_stays() {
        let documents = [
            ("/MEMORY.md", "- [Runner](runner.md) — how to run things\n"),
            (
                "/runner.md",
                "---\nname: runner\n---\n\nAbout bun and rtk here: run things directly.\n\n* one\n* two\n",
            ),
            ("/other.md", "Something about zsh.\n"),
        ];
        let (after, placed) = add(&documents, Some("/MEMORY.md"), LESSON);
        assert_eq!(
            (placed.path.as_str(), placed.text.as_str()),
            ("/runner.md", format!("* {LESSON}").as_str())
        );
        assert!(text(&after, "/runner.md").ends_with(&format!("* two\n* {LESSON}\n")));
        assert_eq!(text(&after, "/MEMORY.md"), documents[0].1);
    }

    #[test]
    fn without_an_index_the_only_document_and_the_fitting_section_are_used() {
        let documents = [(
            "/notes.md",
            "# Notes\n\n## Git\n\n- rebase first\n\n## Bun\n\n- run bun test\n\n## End\n\ntext\n",
        )];
        let (after, _) = add(&documents, None, LESSON);
        assert!(text(&after, "/notes.md").contains(&format!("- run bun test\n- {LESSON}\n\n## End")));
        let (after, placed) = add(&[], None, LESSON);
        assert_eq!(placed.path.as_str(), "/run-bun-without-rtk.md");
        assert_eq!(text(&after, "/run-bun-without-rtk.md"), format!("# Run bun without rtk\n\n{LESSON}\n"));
    }

    #[test]
    fn the_value_of_an_option_is_not_what_a_note_is_about() {
        assert_eq!(
            without_values("Pass `--region eu-west` to `shopctl up`"),
            "Pass `--region` to `shopctl up`"
        );
        assert_eq!(without_values("Run `a -b c` with `--x=y`"), "Run `a -b c` with `--x`");
    }

    #[test]
    fn line_ends_are_kept() {
        let (after, _) = add(&[("/notes.md", "- bun\r\n- b\r\n")], None, LESSON);
        assert_eq!(text(&after, "/notes.md"), format!("- bun\r\n- b\r\n- {LESSON}\r\n"));
        let (after, _) = add(&[("/notes.md", "- bun\n- b")], None, LESSON);
        assert_eq!(text(&after, "/notes.md"), format!("- bun\n- b\n- {LESSON}\n"));
    }

    #[test]
    fn what_is_remembered_in_other_words_is_not_said_again() {
        let remembered = |note: &str| !remembering(&memory(&[("/a.md", note)]), LESSON, None).is_empty();
        assert!(remembered(&format!("- {LESSON}")));
        assert!(remembered("- Call `bun` directly, never via `rtk`, run it as it is."));
        assert!(!remembered("- Always prefix with `rtk`, as in `rtk bun`."));
        assert!(!remembered("- Run the tests directly."));
        assert!(!remembered("- Always run `bun` through `rtk`."));
        let choice = |note: &str| {
            !remembering(&memory(&[("/a.md", note)]), "Use `pnpm` instead of `npm`.", None).is_empty()
        };
        assert!(choice("- Prefer pnpm over npm.") && choice("- Use pnpm instead of npm here"));
        assert!(!choice("- Use npm instead of pnpm.") && !choice("- Use npm for publishing."));
    }
}
