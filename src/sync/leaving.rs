//! Whose lines a lesson would take out of the memory: what other people wrote, and what was accepted before,
//! does not go unseen.
//!
//! Owns: which lines go, and the sentence for each of their causes. Must not know: who shows it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use similar::{ChangeTag, TextDiff};

use super::blame::{Blamed, Cause, blame};
use super::compose::Cuttings;
use super::error::SyncError;
use super::texts::DocumentTexts;
use crate::domain::agent::Agent;
use crate::domain::ids::AgentId;
use crate::domain::lesson::{Change, Kind};
use crate::domain::memory::{ContentHash, DocPath};
use crate::domain::remote::Author;
use crate::domain::text::SafeText;
use crate::store::Reader;

/// The causes of the lines of one memory, kept: following them takes a moment, and the lessons of an inbox ask
/// one after the other.
#[derive(Default)]
pub struct Known(Mutex<Option<(AgentId, ContentHash, Arc<Blamed>)>>);

impl Known {
    fn of(&self, reader: &Reader, cuttings: &Cuttings, agent: &Agent) -> Result<Arc<Blamed>, SyncError> {
        let Some(now) = reader.memory_hash(&agent.id)? else { return Ok(Arc::default()) };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, at, blamed)) = known.as_ref()
            && (of, at) == (&agent.id, &now)
        {
            return Ok(Arc::clone(blamed));
        }
        let blamed = Arc::new(blame(reader, cuttings, agent)?.unwrap_or_default());
        *known = Some((agent.id.clone(), now, Arc::clone(&blamed)));
        Ok(blamed)
    }
}

/// A sentence for everybody whose lines would go. Lines that were in the memory before wakeful looked, and
/// lines that only move, are not spoken of.
///
/// # Errors
/// When the cache can't be read.
pub fn leaving(
    reader: &Reader,
    cuttings: &Cuttings,
    known: &Known,
    agent: &Agent,
    kind: Kind,
    documents: &[DocumentTexts],
) -> Result<Vec<String>, SyncError> {
    let kept: BTreeSet<&str> =
        documents.iter().flat_map(|document| document.after.lines()).map(str::trim).collect();
    let gone: Vec<(&DocPath, Vec<usize>)> = documents
        .iter()
        .map(|document| {
            let path = match &document.change {
                Change::Renamed(old) => old,
                Change::Created | Change::Modified | Change::Deleted => &document.path,
            };
            (path, taken_out(document, &kept))
        })
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let blamed = known.of(reader, cuttings, agent)?;
    let mut counts: Vec<(usize, usize)> = Vec::new();
    let mut places: HashMap<usize, usize> = HashMap::new();
    for (path, lines) in gone {
        let of_path = |document: &&super::blame::BlamedDocument| document.path == *path;
        let before = documents.iter().find(|document| {
            document.path == *path || matches!(&document.change, Change::Renamed(old) if old == path)
        });
        // Where the lesson is shown over another text than the memory now, its lines have no known cause.
        let Some(document) = blamed
            .documents
            .iter()
            .find(of_path)
            .filter(|document| before.is_some_and(|shown| shown.before == document.text))
        else {
            continue;
        };
        for cause in lines.into_iter().filter_map(|line| document.lines.get(line).copied().flatten()) {
            let at = *places.entry(cause).or_insert_with(|| {
                counts.push((cause, 0));
                counts.len() - 1
            });
            if let Some((_, count)) = counts.get_mut(at) {
                *count += 1;
            }
        }
    }
    let verb = if kind == Kind::Remove { "takes out" } else { "rewrites" };
    Ok(counts
        .into_iter()
        .filter_map(|(cause, count)| Some(sentence(blamed.causes.get(cause)?, verb, count)))
        .collect())
}

/// Positions of lines that go and are not blank.
fn taken_out(document: &DocumentTexts, kept: &BTreeSet<&str>) -> Vec<usize> {
    let diff = TextDiff::from_lines(&*document.before, &*document.after);
    diff.iter_all_changes()
        .filter(|change| change.tag() == ChangeTag::Delete)
        .filter(|change| {
            let text = change.value().trim();
            !text.is_empty() && !kept.contains(text)
        })
        .filter_map(|change| change.old_index())
        .collect()
}

fn sentence(cause: &Cause, verb: &str, count: usize) -> String {
    let lines = if count == 1 { "a line".to_owned() } else { format!("{count} lines") };
    let on = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    let whose = match cause {
        Cause::Lesson { statement, by, at, .. } => {
            let (statement, by) = (SafeText::line(statement), SafeText::line(by));
            format!("of the lesson “{statement}”, accepted by {by} on {}", on(*at))
        }
        Cause::Apply { by, at, undo: true, .. } => {
            format!("that {} put back with wakeful on {}", SafeText::line(by), on(*at))
        }
        Cause::Apply { by, at, .. } => {
            format!("that {} wrote with wakeful on {}", SafeText::line(by), on(*at))
        }
        Cause::Actor { author: Author::User { id }, at } => {
            format!("that a person ({}) wrote on {}; no lesson brought it", SafeText::line(id), on(*at))
        }
        Cause::Actor { at, .. } => format!("written on {}; no lesson brought it", on(*at)),
        Cause::Outside { seen } => format!(
            "written outside wakeful, by a person or the agent, first seen on {}; no lesson brought it",
            on(*seen)
        ),
    };
    format!("{verb} {lines} {whose}")
}
