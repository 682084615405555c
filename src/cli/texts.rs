//! What a lesson or a plan does to the text of documents, as `show`, `apply` and `review` print it.
//!
//! Owns: unified diffs and the words for a lesson that does not fit the memory. Must not know:
//! commands.

use std::io::{self, Write};

use similar::TextDiff;

use super::error::CliError;
use super::json::Texts;
use super::output::short;
use crate::domain::ids::LessonId;
use crate::domain::lesson::{Change, Lesson};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::lesson::{Fate, with_front_of};
use crate::store::{Changed, Decided, Reader};
use crate::sync::leaving::{Known, leaving};
use crate::sync::returns::earlier;
use crate::sync::{Cuttings, lesson_texts};

/// The documents of a lesson without and with it.
///
/// # Errors
/// When the cache can't be read.
pub fn of(reader: &Reader, lesson: &Lesson) -> Result<Texts, CliError> {
    let cuttings = Cuttings::new();
    let found = lesson_texts(reader, &cuttings, &lesson.id)?;
    let said = match &found.fate {
        _ if lesson.state == State::Applied => {
            Some("it is in the memory; this is what it changed".to_owned())
        }
        _ if lesson.is_taken_out() => {
            Some("it was taken out of the memory; this is what it had changed".to_owned())
        }
        _ if lesson.is_in_force() => {
            Some("it is in the memory, where the dream put it; this is what it changed".to_owned())
        }
        Fate::Clean => None,
        Fate::Satisfied => Some("the memory says this already".to_owned()),
        Fate::Conflict(reason) if found.to_fit.is_some() => Some(format!(
            "the memory changed meanwhile: {reason}; it is compared with this below, and `wakeful edit` makes it fit"
        )),
        Fate::Conflict(reason) => Some(format!("the memory changed meanwhile: {reason}")),
    };
    let mut said: Vec<String> = said.into_iter().collect();
    said.extend(found.kept.clone());
    // What collides is written over nobody's lines.
    let collides = matches!(found.fate, Fate::Conflict(_));
    if let Some(agent) = reader.agent(&lesson.agent)?.filter(|_| lesson.state != State::Applied && !collides)
    {
        said.extend(leaving(reader, &cuttings, &Known::default(), &agent, lesson.kind, &found.documents)?);
    }
    let remark = (!said.is_empty()).then(|| said.join("; "));
    let since = earlier(reader, &cuttings, lesson)?
        .map(|earlier| diff(&earlier.path, &Change::Modified, Some(&earlier.before), Some(&earlier.after)));
    let mut edited = String::new();
    for document in &found.documents {
        let proposed = found.proposed.iter().find(|proposed| proposed.path == document.path);
        if let Some(proposed) = proposed.filter(|proposed| proposed.after != document.after) {
            let (before, after) = (Some(&*proposed.after), Some(&*document.after));
            edited.push_str(&diff(&document.path, &Change::Modified, before, after));
        }
    }
    let edited = Some(edited).filter(|edited| !edited.is_empty());
    let mut texts = Texts { remark, since, edited, ..Texts::default() };
    for document in &found.documents {
        let (before, after) = sides(&document.change, &document.before, &document.after);
        texts.diff.push_str(&diff(&document.path, &document.change, before, after));
        texts.before.insert(document.path.clone(), before.map(str::to_owned));
        texts.after.insert(document.path.clone(), after.map(str::to_owned));
    }
    Ok(texts)
}

/// The text a lesson would insert: the reviewer's, or else as proposed.
///
/// # Errors
/// When the cache can't be read.
pub fn inserted(reader: &Reader, lesson: &Lesson) -> Result<String, CliError> {
    let texts = lesson_texts(reader, &Cuttings::new(), &lesson.id)?;
    Ok(match (texts.to_fit, reader.edit_of(&lesson.id)?) {
        (Some(to_fit), _) => to_fit,
        (None, Some(edit)) => edit,
        (None, None) => texts.inserted,
    })
}

/// A text typed without an editor, with the front matter of the text that it replaces.
///
/// # Errors
/// When the cache can't be read.
pub fn typed(reader: &Reader, lesson: &Lesson, text: String) -> Result<String, CliError> {
    let texts = lesson_texts(reader, &Cuttings::new(), &lesson.id)?;
    if texts.to_fit.is_some() {
        return Ok(text);
    }
    let before = reader.edit_of(&lesson.id)?.unwrap_or(texts.inserted);
    Ok(texts.main.map_or_else(|| text.clone(), |main| with_front_of(&main, &before, &text)))
}

/// Says so where a text made another lesson of one that collided.
///
/// # Errors
/// When the output is closed.
pub fn say_made(out: &mut dyn Write, lesson: &LessonId, decided: &Decided) -> io::Result<bool> {
    let fitted: Vec<&Changed> = decided.changed.iter().filter(|changed| changed.lesson != *lesson).collect();
    for changed in &fitted {
        let (old, new) = (short(lesson.as_str()), short(changed.lesson.as_str()));
        writeln!(
            out,
            "  {old}  fits the memory with your text: {new} takes its place and is {}",
            changed.to.as_str()
        )?;
    }
    Ok(!fitted.is_empty())
}

/// Which side of a change has a document at all.
fn sides<'a>(change: &Change, before: &'a str, after: &'a str) -> (Option<&'a str>, Option<&'a str>) {
    match change {
        Change::Created => (None, Some(after)),
        Change::Deleted => (Some(before), None),
        Change::Modified | Change::Renamed(_) => (Some(before), Some(after)),
    }
}

/// A unified diff of one document of a plan.
#[must_use]
pub fn plan_diff(document: &crate::sync::apply::DocPlan) -> String {
    diff(&document.path, &document.change, document.before.as_deref(), document.after.as_deref())
}

/// A unified diff of one document, with three lines around each change.
fn diff(path: &DocPath, change: &Change, before: Option<&str>, after: Option<&str>) -> String {
    let from = match change {
        Change::Renamed(old) => old,
        Change::Created | Change::Modified | Change::Deleted => path,
    };
    let name = |side: char, path: &DocPath, there: bool| {
        if there { format!("{side}{}", path.as_str()) } else { "/dev/null".to_owned() }
    };
    TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default())
        .unified_diff()
        .context_radius(3)
        .header(&name('a', from, before.is_some()), &name('b', path, after.is_some()))
        .to_string()
}
