//! The three sides of a lesson that no longer fits: the memory now, as it was dreamed over, and as the lesson
//! would have it.
//!
//! Owns: which documents meet, the one text in which a person sees all sides, and taking their answer apart
//! again. Must not know: what becomes of the answer.

use std::collections::BTreeMap;

use similar::{ConflictStyle, TextMerge};

use super::error::SyncError;
use super::texts::{DocumentTexts, Placed, documents_of};
use crate::domain::lesson::Change;
use crate::domain::memory::{DocPath, Snapshot};
use crate::lesson::{Choice, Fate, combine, cut_whole, points_to, rebase};
use crate::store::Reader;

/// Lines that part the three sides begin so.
const MARKS: [&str; 4] = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];
/// Begins the line above the text of a document, where several have to be decided on.
pub(super) const ABOVE: &str = "@@@ ";

/// One document of a lesson that no longer fits.
pub(super) struct Side {
    /// Which, with the memory now as `before`, and as the lesson would have it as `after`.
    pub texts: DocumentTexts,
    /// Whether a person has to decide on it.
    pub meet: bool,
    /// What they decide on: the text with the lesson in it, with all three sides between marks where they meet.
    marked: String,
}

/// The documents of a lesson that collides, over the memory now; those to decide on come first. Empty if the
/// lesson fits, and where fitting by hand is no way out: a document that would have been renamed.
pub(super) fn of(reader: &Reader, placed: &Placed) -> Result<Vec<Side>, SyncError> {
    let renames = placed.lesson.documents.iter().any(|doc| matches!(doc.change, Change::Renamed(_)));
    if !matches!(placed.fate, Fate::Conflict(_)) || placed.is_written() || renames {
        return Ok(Vec::new());
    }
    let now = reader.memory(&placed.lesson.agent)?.unwrap_or_default();
    let mut choice = Choice::of([placed.index]);
    choice.edits.extend(placed.edit.clone().map(|edit| (placed.index, edit)));
    let cutting = placed.over();
    let (base, with) = (combine(cutting, &Choice::default()), combine(cutting, &choice));
    let all = documents_of(&base, &with, placed.part()?);
    let main = cutting.main_document(placed.index);
    let mut sides: Vec<Side> = all
        .into_iter()
        .map(|document| {
            let beside = main.filter(|main| **main != document.path);
            side(document, &now, beside)
        })
        .collect();
    // Where no lines meet, the words do, or what was wanted is there in another form: then the text as it would
    // be is what a person decides on.
    if sides.iter().all(|side| !side.meet) {
        let changes = |side: &Side| side.texts.before != side.texts.after;
        let is_main = |side: &Side| Some(&side.texts.path) == main && changes(side);
        let main_only = sides.iter().any(is_main);
        for side in &mut sides {
            side.meet = if main_only { is_main(side) } else { changes(side) };
        }
    }
    sides.sort_by_key(|side| (!side.meet, Some(&side.texts.path) != main));
    Ok(sides)
}

/// What beside the main document needs nobody's decision as long as its blocks find their place.
fn side(document: DocumentTexts, now: &Snapshot, beside: Option<&DocPath>) -> Side {
    let there = now.get(&document.path).cloned();
    let ours = there.clone().unwrap_or_default();
    let change = match &document.change {
        Change::Created if there.is_some() => Change::Modified,
        Change::Modified if there.is_none() => Change::Created,
        change => change.clone(),
    };
    let placed = beside.and_then(|main| by_blocks(&document, &ours, main));
    let texts =
        |after: &str| DocumentTexts { change, before: ours.clone(), after: after.into(), ..document.clone() };
    if let Some(after) = placed {
        return Side { texts: texts(&after), meet: false, marked: after };
    }
    let mut merge = TextMerge::from_lines(&*document.before, &*ours, &*document.after);
    merge.conflict_style(ConflictStyle::Diff3).labels("when it was dreamed", "the memory now", "this lesson");
    let (meet, marked) = (merge.is_conflicted(), merge.to_string());
    let after = if meet { of_lesson(&marked) } else { marked.clone() };
    Side { texts: texts(&after), meet, marked }
}

/// A document beside the main one with what the lesson does to it, if its blocks find their place. A line that
/// points to the main document is not needed twice.
fn by_blocks(document: &DocumentTexts, now: &str, main: &DocPath) -> Option<String> {
    let points = |line: &str| points_to(&document.path, line, main);
    let comes = |line: &&str| !document.before.lines().any(|old| old == *line);
    let goes = document.before.lines().any(|line| !document.after.lines().any(|new| new == line));
    if !goes && document.after.lines().filter(comes).all(points) && now.lines().any(points) {
        return Some(now.to_owned());
    }
    let alone = |text: &str| -> Snapshot {
        let exists = !text.is_empty();
        exists.then(|| (document.path.clone(), text.into())).into_iter().collect()
    };
    let cutting = cut_whole(&alone(&document.before), &alone(&document.after));
    let rebased = rebase(&cutting, &alone(now));
    let fits = rebased.fate.iter().all(|fate| *fate != Fate::Satisfied && !matches!(fate, Fate::Conflict(_)));
    let all = Choice::of(0..cutting.lessons.len());
    fits.then(|| {
        combine(&rebased.cutting, &all).get(&document.path).map(ToString::to_string).unwrap_or_default()
    })
}

/// A text with the lesson's side of each part.
fn of_lesson(marked: &str) -> String {
    let mut out = String::with_capacity(marked.len());
    let mut is_others = false;
    for line in marked.split_inclusive('\n') {
        match MARKS.iter().position(|mark| line.starts_with(mark)) {
            Some(0 | 1) => is_others = true,
            Some(_) => is_others = false,
            None if is_others => {}
            None => out.push_str(line),
        }
    }
    out
}

/// Whether marks are left in a text.
pub(super) fn has_marks(text: &str) -> bool {
    text.lines().any(|line| MARKS.iter().any(|mark| line.starts_with(mark)))
}

/// The text a person has to decide on, with all sides in it; `None` if there is none. Several documents stand
/// one below the other.
pub(super) fn question(sides: &[Side]) -> Option<String> {
    let meeting: Vec<&Side> = sides.iter().filter(|side| side.meet).collect();
    match meeting.as_slice() {
        [] => None,
        [only] => Some(only.marked.clone()),
        several => {
            let mut text = String::new();
            for side in several {
                text.push_str(&format!("{ABOVE}{}\n{}", side.texts.path, side.marked));
                text.push_str(if text.ends_with('\n') { "" } else { "\n" });
            }
            Some(text)
        }
    }
}

/// What a person's answer says of each document; else the one whose text can't be told from the others.
pub(super) fn answers<'t>(sides: &[Side], text: &'t str) -> Result<BTreeMap<DocPath, &'t str>, DocPath> {
    let paths: Vec<&DocPath> = sides.iter().filter(|side| side.meet).map(|side| &side.texts.path).collect();
    if let [only] = paths.as_slice() {
        return Ok(std::iter::once(((*only).clone(), text)).collect());
    }
    let mut found = Vec::with_capacity(paths.len());
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let named = line.strip_prefix(ABOVE).map(str::trim);
        if let Some(path) = named.and_then(|named| paths.iter().find(|path| path.as_str() == named)) {
            found.push(((*path).clone(), at, at + line.len()));
        }
        at += line.len();
    }
    let ends = found.iter().skip(1).map(|(_, start, _)| *start).chain([text.len()]);
    let texts: BTreeMap<DocPath, &str> = found
        .iter()
        .zip(ends)
        .map(|((path, _, start), end)| (path.clone(), text.get(*start..end).unwrap_or_default()))
        .collect();
    match paths.into_iter().find(|path| !texts.contains_key(*path)) {
        Some(lost) => Err(lost.clone()),
        None => Ok(texts),
    }
}
