//! What a lesson does to the text of its documents, for `show` and `review --plain`.
//!
//! Owns: taking one lesson out of its pass and laying it over the memory as last read. Must not
//! know: how it is printed.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use super::error::CliError;
use super::json::Texts;
use crate::domain::ids::LessonId;
use crate::domain::memory::{DocPath, Snapshot};
use crate::lesson::{Choice, Cutting, Fate, combine, cut, rebase};
use crate::store::{Located, Reader};

/// A lesson found again in its pass.
struct Found {
    cutting: Cutting,
    index: usize,
    edit: Option<String>,
    fate: Fate,
}

/// The documents of a lesson without and with it: over the memory as last read, or for a lesson
/// that is in the memory, over the one its pass started from.
///
/// # Errors
/// When the cache can't be read.
pub fn of(reader: &Reader, lesson: &LessonId) -> Result<Texts, CliError> {
    let located = reader.locate(lesson)?;
    let applied = located.as_ref().is_some_and(|located| located.applied_by.is_some());
    let found = match &located {
        Some(located) => find(reader, located, !applied)?,
        None => None,
    };
    let Some(found) = found else {
        return Ok(Texts {
            remark: Some("its pass is no longer in the cache".to_owned()),
            ..Texts::default()
        });
    };
    let remark = match &found.fate {
        _ if applied => Some("it is in the memory; this is what it changed".to_owned()),
        Fate::Clean => None,
        Fate::Satisfied => Some("the memory says this already".to_owned()),
        Fate::Conflict(reason) => Some(format!("the memory changed meanwhile: {reason}")),
    };
    let without = combine(&found.cutting, &Choice::default());
    let with = combine(&found.cutting, &only(&found));
    Ok(texts(&without, &with, remark))
}

/// The text a lesson would insert: the reviewer's, or else as proposed.
///
/// # Errors
/// When the cache can't be read.
pub fn inserted(reader: &Reader, lesson: &LessonId) -> Result<Option<String>, CliError> {
    let Some(located) = reader.locate(lesson)? else { return Ok(None) };
    let Some(found) = find(reader, &located, false)? else { return Ok(None) };
    Ok(found.edit.or_else(|| found.cutting.lessons.get(found.index).map(|lesson| lesson.inserted.clone())))
}

fn find(reader: &Reader, located: &Located, over_current: bool) -> Result<Option<Found>, CliError> {
    let Some(dream) = reader.dream(&located.dream)? else { return Ok(None) };
    let Some(proposed) = dream.proposed else { return Ok(None) };
    let cutting = cut(&reader.snapshot(dream.base)?, &reader.snapshot(proposed)?);
    let Some(index) = cutting.lessons.iter().position(|lesson| lesson.key == located.key) else {
        return Ok(None);
    };
    let edit = located.edit.clone();
    let current = if over_current { reader.memory(&dream.agent)? } else { None };
    let Some(current) = current else {
        return Ok(Some(Found { cutting, index, edit, fate: Fate::Clean }));
    };
    let rebased = rebase(&cutting, &current);
    let fate = rebased.fate.get(index).cloned().unwrap_or(Fate::Clean);
    Ok(Some(Found { cutting: rebased.cutting, index, edit, fate }))
}

fn only(found: &Found) -> Choice {
    let edits = found.edit.iter().map(|text| (found.index, text.clone())).collect();
    Choice { accepted: BTreeSet::from([found.index]), edits }
}

/// Documents that differ between two snapshots, and their diff.
#[must_use]
pub fn texts(before: &Snapshot, after: &Snapshot, remark: Option<String>) -> Texts {
    let paths: BTreeSet<&DocPath> = before.paths().chain(after.paths()).collect();
    let mut texts = Texts { remark, ..Texts::default() };
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        if old != new {
            texts.diff.push_str(&diff(path, old.map(AsRef::as_ref), new.map(AsRef::as_ref)));
            insert(&mut texts.before, path, old);
            insert(&mut texts.after, path, new);
        }
    }
    texts
}

fn insert(texts: &mut BTreeMap<DocPath, Option<String>>, path: &DocPath, text: Option<&std::sync::Arc<str>>) {
    texts.insert(path.clone(), text.map(ToString::to_string));
}

/// A unified diff of one document, with three lines around each change.
#[must_use]
pub fn diff(path: &DocPath, old: Option<&str>, new: Option<&str>) -> String {
    let name = |text: Option<&str>, side: char| {
        text.map_or_else(|| "/dev/null".to_owned(), |_| format!("{side}{}", path.as_str()))
    };
    let (from, to) = (name(old, 'a'), name(new, 'b'));
    TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default())
        .unified_diff()
        .context_radius(3)
        .header(&from, &to)
        .to_string()
}
