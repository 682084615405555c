//! Any subset of lessons to a snapshot.
//!
//! Owns: replaying the script. The result is a function of the *set* of accepted lessons, so order
//! can't matter; where two blocks become neighbours that never were, it chooses the blank lines.
//! Must not know: how lessons were cut.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::blocks::{BlockKind, Blocks};
use super::cut::Cutting;
use super::follow::{is_touch, retitled, reworded, says_now};
use super::script::{DocScript, Step};
use crate::domain::memory::{DocPath, Snapshot};

/// Which lessons to write, and what the reviewer changed in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Indices into [`Cutting::lessons`].
    pub accepted: BTreeSet<usize>,
    /// The reviewer's text for a lesson, in place of [`CutLesson::inserted`](super::CutLesson::inserted).
    pub edits: BTreeMap<usize, String>,
}

impl Choice {
    /// Exactly these lessons, as proposed.
    pub fn of(lessons: impl IntoIterator<Item = usize>) -> Self {
        Self { accepted: lessons.into_iter().collect(), edits: BTreeMap::new() }
    }
}

/// Writes the chosen lessons into the base snapshot.
///
/// None chosen gives the base, all chosen gives the proposal, byte for byte. Indices that name no
/// lesson are ignored.
#[must_use]
pub fn combine(cutting: &Cutting, choice: &Choice) -> Snapshot {
    let mut out = cutting.base.clone();
    for document in &cutting.script.documents {
        if let Some(old) = &document.old {
            out.remove(old);
        }
    }
    let edited = edited(cutting, choice);
    for document in &cutting.script.documents {
        if let Some((path, text)) = write(document, choice, &edited) {
            out.insert(path.clone(), text);
        }
    }
    out
}

/// A block about to be written, with its neighbours on each side by number. An edit may be several blocks, which
/// are written as one.
#[derive(Clone)]
struct Placed<'a> {
    text: Cow<'a, str>,
    /// What it begins with.
    first: BlockKind,
    /// What it ends with.
    last: BlockKind,
    /// What stood there in the proposal, where it is an edit: what begins or ends as something else can't have
    /// the blank lines of that.
    instead_of: Option<(BlockKind, BlockKind)>,
    old: Option<(usize, usize)>,
    new: Option<(usize, usize)>,
}

impl Placed<'_> {
    fn begins_otherwise(&self) -> bool {
        self.instead_of.is_some_and(|(first, _)| !is_alike(first, self.first))
    }

    fn ends_otherwise(&self) -> bool {
        self.instead_of.is_some_and(|(_, last)| !is_alike(last, self.last))
    }
}

/// Whether two kinds of block need the same blank lines around them.
fn is_alike(one: BlockKind, other: BlockKind) -> bool {
    let item = |kind| matches!(kind, BlockKind::Item { .. });
    one == other || (item(one) && item(other))
}

/// An accepted lesson whose text the reviewer changed: its main document, and what it says now.
struct Edited<'a> {
    lesson: usize,
    path: &'a DocPath,
    says: String,
    proposed: &'a str,
    text: &'a str,
}

fn edited<'a>(cutting: &'a Cutting, choice: &'a Choice) -> Vec<Edited<'a>> {
    let edits = choice.edits.iter().filter(|(lesson, _)| choice.accepted.contains(lesson));
    let found = edits.filter_map(|(&lesson, text)| {
        let main = cutting.script.documents.iter().find(|document| document.main_of.contains(&lesson))?;
        let path = main.new.as_ref()?;
        let proposed = &cutting.lessons.get(lesson)?.inserted;
        let says = says_now(path, proposed, text).filter(|_| !is_touch(path, proposed, text))?;
        Some(Edited { lesson, path, says, proposed, text })
    });
    found.collect()
}

/// What comes beside the text of an edited lesson: [`CutLesson::beside`](super::CutLesson::beside), in words
/// for the edit.
#[must_use]
pub fn beside(cutting: &Cutting, lesson: usize, edit: &str) -> String {
    let choice = Choice { accepted: [lesson].into(), edits: [(lesson, edit.to_owned())].into() };
    let edited = edited(cutting, &choice);
    let steps = || {
        let documents = cutting.script.documents.iter();
        documents.flat_map(|document| document.steps.iter().map(move |step| (document, step)))
    };
    let comes = |step: &Step| step.inserts();
    let structure = steps()
        .filter(|(_, step)| comes(step) && step.owner.is_none() && step.rule.lessons().contains(&lesson));
    let elsewhere = steps().filter(|(document, step)| {
        comes(step) && step.owner == Some(lesson) && !document.main_of.contains(&lesson)
    });
    let mut text = String::new();
    for (document, step) in structure.chain(elsewhere) {
        let line = reworded_line(document, step, &edited);
        text.push_str(line.as_deref().unwrap_or(step.content.as_str()));
        text.push('\n');
    }
    text
}

/// The line of an index that comes with an edited lesson alone, or the heading above its text, in words for the edit.
fn reworded_line(document: &DocScript, step: &Step, edited: &[Edited<'_>]) -> Option<String> {
    let of = step.owner.or(match step.rule.lessons() {
        [lesson] => Some(*lesson),
        _ => None,
    })?;
    let edited = edited.iter().find(|edited| edited.lesson == of && step.inserts())?;
    let (path, line) = (document.new.as_ref()?, step.content.as_str());
    if path == edited.path && matches!(step.kind, BlockKind::Heading(_)) {
        return retitled(line, edited.proposed, edited.text, &edited.says);
    }
    reworded(path, line, edited.path, &edited.says)
}

fn write<'d>(
    document: &'d DocScript,
    choice: &Choice,
    edited: &[Edited<'_>],
) -> Option<(&'d DocPath, String)> {
    let accepted = |lesson: usize| choice.accepted.contains(&lesson);
    let placed = place(document, choice, edited);
    let path = match (&document.old, &document.new) {
        (None, Some(new)) => document.create.fires(&accepted).then_some(new)?,
        (Some(old), None) => (!placed.is_empty() || !document.delete.fires(&accepted)).then_some(old)?,
        (Some(old), Some(new)) => {
            if document.rename.is_some_and(accepted) {
                new
            } else {
                old
            }
        }
        (None, None) => return None,
    };
    let mut text = String::with_capacity(document.before.text.len().max(document.after.text.len()));
    let mut previous = None;
    for next in &placed {
        text.push_str(glue(document, choice, previous, Some(next)));
        text.push_str(&next.text);
        previous = Some(next);
    }
    text.push_str(glue(document, choice, previous, None));
    Some((path, text))
}

fn place<'a>(document: &'a DocScript, choice: &'a Choice, edited: &[Edited<'_>]) -> Vec<Placed<'a>> {
    let accepted = |lesson: usize| choice.accepted.contains(&lesson);
    let mut placed: Vec<Placed<'a>> = Vec::with_capacity(document.steps.len());
    let replaced = replacements(document, choice);
    let mut written: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, step) in document.steps.iter().enumerate() {
        let own = step.owner.and_then(|lesson| Some((lesson, replaced.get(&lesson)?)));
        if let Some((lesson, (text, first))) = own {
            if at == *first && !text.is_empty() {
                written.insert(lesson, placed.len());
                let new = step.new.map(|new| (new, new));
                let (first, last) = kinds(document, text, step.kind);
                let instead_of = Some((step.kind, step.kind));
                placed.push(Placed { text: text.clone(), first, last, instead_of, old: None, new });
            } else if let (Some(new), Some(&slot)) = (step.new, written.get(&lesson)) {
                // The edited text stands for the whole run, so its far neighbour is the run's.
                let adjacent = slot + 1 == placed.len();
                if let Some(Placed { new: Some((_, last)), instead_of: Some((_, ended)), .. }) =
                    placed.get_mut(slot)
                    && adjacent
                    && *last + 1 == new
                {
                    (*last, *ended) = (new, step.kind);
                }
            }
            continue;
        }
        if step.is_there(&accepted) {
            let old = step.old.map(|old| (old, old));
            let new = step.new.map(|new| (new, new));
            let text = reworded_line(document, step, edited).map_or(step.content.as_str().into(), Cow::Owned);
            placed.push(Placed { text, first: step.kind, last: step.kind, instead_of: None, old, new });
        }
    }
    placed
}

/// What a reviewer's text begins and ends with. What is indented is read as what it replaces where it can be: alone,
/// an item of a list in a list looks like code.
fn kinds(document: &DocScript, text: &str, replaced: BlockKind) -> (BlockKind, BlockKind) {
    let path = document.new.as_ref().or(document.old.as_ref());
    let ends = |text: &str| {
        let blocks = Blocks::parse(path?, &Arc::from(text)).blocks;
        Some((blocks.first()?.kind, blocks.last()?.kind))
    };
    let whole = ends(text);
    let code = whole.is_some_and(|(first, _)| first == BlockKind::Code && replaced != BlockKind::Code);
    let read = if code && text.starts_with([' ', '\t']) { ends(text.trim_start()) } else { whole };
    read.unwrap_or((replaced, replaced))
}

/// For each edited and accepted lesson whose main document this is: its text, and the step that
/// carries it. An edit replaces everything the lesson brings to its main document; a removal that is
/// edited becomes a replacement at the place of its first deleted block. Editors write the line ends of the
/// machine they run on; the document keeps its own.
fn replacements<'a>(document: &'a DocScript, choice: &'a Choice) -> BTreeMap<usize, (Cow<'a, str>, usize)> {
    let mut found = BTreeMap::new();
    for (&lesson, text) in &choice.edits {
        if !choice.accepted.contains(&lesson) {
            continue;
        }
        let own = |step: &Step| step.owner == Some(lesson);
        let inserted = document.steps.iter().position(|step| step.inserts() && own(step));
        let first = inserted.or_else(|| document.steps.iter().position(own));
        let main = document.main_of.contains(&lesson);
        if let Some(first) = first.filter(|_| main) {
            let text = text.trim_end_matches(['\n', '\r']);
            found.insert(lesson, (document.in_its_line_ends(text), first));
        }
    }
    found
}

/// What stands between two blocks; `None` is the start or the end of the document.
fn glue<'a>(
    document: &'a DocScript,
    choice: &Choice,
    previous: Option<&Placed<'a>>,
    next: Option<&Placed<'a>>,
) -> &'a str {
    let neighbours = |side: fn(&Placed<'a>) -> Option<(usize, usize)>, exists: bool, count: usize| {
        let left = previous.map_or(Some(0), |block| side(block).map(|(_, last)| last + 1));
        let right = next.map_or(Some(count), |block| side(block).map(|(first, _)| first));
        left.filter(|_| exists && left == right)
    };
    let old = neighbours(|block| block.old, document.old.is_some(), document.before.blocks.len());
    let new = neighbours(|block| block.new, document.new.is_some(), document.after.blocks.len());
    let otherwise =
        previous.is_some_and(Placed::ends_otherwise) || next.is_some_and(Placed::begins_otherwise);
    match (old, new) {
        _ if otherwise => new_glue(document, previous, next),
        (Some(at), None) => document.before.glue_before(at),
        (None, Some(at)) => document.after.glue_before(at),
        (Some(old), Some(new)) => {
            let cosmetic = document.cosmetic.is_some_and(|lesson| choice.accepted.contains(&lesson));
            if cosmetic { document.after.glue_before(new) } else { document.before.glue_before(old) }
        }
        (None, None) => new_glue(document, previous, next),
    }
}

/// Glue between blocks that are neighbours on neither side: what stood beside either of them, but
/// never so little that two blocks would run into one.
fn new_glue<'a>(
    document: &'a DocScript,
    previous: Option<&Placed<'a>>,
    next: Option<&Placed<'a>>,
) -> &'a str {
    let Some(previous) = previous else { return "" };
    let after = match (previous.new, previous.old) {
        (Some((_, last)), _) => document.after.glue_before(last + 1),
        (None, Some((_, last))) => document.before.glue_before(last + 1),
        (None, None) => "",
    };
    let Some(next) = next else {
        let side = if document.new.is_some() { &document.after } else { &document.before };
        return if side.blocks.is_empty() { after } else { side.glue_before(side.blocks.len()) };
    };
    let before = match (next.new, next.old) {
        (Some((first @ 1.., _)), _) => document.after.glue_before(first),
        (None, Some((first @ 1.., _))) => document.before.glue_before(first),
        _ => "",
    };
    let lines = |glue: &str| glue.matches('\n').count();
    let tight = is_tight(previous.last, next.first);
    let candidates = [after, before];
    let choice = if tight {
        candidates.into_iter().filter(|glue| lines(glue) > 0).min_by_key(|glue| lines(glue))
    } else {
        candidates.into_iter().max_by_key(|glue| lines(glue))
    };
    let least = if tight || !needs_blank(previous.last, next.first) { 1 } else { 2 };
    choice.filter(|glue| lines(glue) >= least).unwrap_or_else(|| document.line_ends(least))
}

fn is_tight(previous: BlockKind, next: BlockKind) -> bool {
    use BlockKind::{Item, Line, TableHead, TableRow};
    matches!((previous, next), (Item { .. }, Item { .. }) | (TableHead | TableRow, TableRow) | (Line, Line))
}

fn needs_blank(previous: BlockKind, next: BlockKind) -> bool {
    use BlockKind::{FrontMatter, Heading, Line};
    !matches!((previous, next), (FrontMatter | Heading(_), _) | (Line, Line))
}
