//! What a memory may not hold, found before anything is sent.
//!
//! Owns: which lessons would break a limit of the place they are written to. Must not know: what the
//! limits of any place are.

use std::collections::BTreeMap;

use unicode_normalization::is_nfc;

use super::compose::{Composed, Composition};
use crate::domain::ids::LessonId;
use crate::domain::lesson::Change;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::text::counted;
use crate::source::MemoryLimits;
use crate::store::PlannedLesson;

/// Lessons over a memory, without those that would break a limit, and why those are left out.
pub(super) fn compose(
    composition: &Composition,
    current: &Snapshot,
    planned: &[PlannedLesson],
    limits: Option<MemoryLimits>,
) -> (Composed, BTreeMap<LessonId, String>) {
    let mut out: BTreeMap<LessonId, String> = BTreeMap::new();
    loop {
        let composed = composition.over(current, &|lesson| !out.contains_key(lesson));
        let Some(limits) = limits else { return (composed, out) };
        let chosen = || planned.iter().map(|planned| &planned.lesson).filter(|id| !out.contains_key(id));
        let found = match broken(current, &composed.snapshot, &limits) {
            None => return (composed, out),
            Some(Broken::Size(path, reason)) => {
                let touching: Vec<LessonId> =
                    chosen().filter(|id| touches(composition, id, &path)).cloned().collect();
                // One at a time, the one that makes the most of it first: a small note, and one that takes text
                // away, may well go in.
                let without = |left: &LessonId| {
                    let rest =
                        composition.over(current, &|lesson| lesson != left && !out.contains_key(lesson));
                    rest.snapshot.get(&path).map_or(0, |text| text.len())
                };
                let most = touching.iter().min_by_key(|lesson| without(lesson)).cloned();
                (most.map_or_else(|| chosen().cloned().collect(), |lesson| vec![lesson]), reason)
            }
            Some(Broken::Document(path, reason)) => {
                let touching = chosen().filter(|id| touches(composition, id, &path)).cloned();
                let touching: Vec<LessonId> = touching.collect();
                // Where it can't be told who is to blame, none is written.
                let blamed = if touching.is_empty() { chosen().cloned().collect() } else { touching };
                (blamed, reason)
            }
            Some(Broken::Count(reason)) => {
                let creates = |id: &&LessonId| {
                    composition.documents(id).iter().any(|document| document.change == Change::Created)
                };
                // The memory may have been over its limit before; then what creates nothing is no matter.
                let Some(last) = chosen().rfind(creates).cloned() else { return (composed, out) };
                (vec![last], reason)
            }
        };
        if found.0.is_empty() {
            return (composed, out);
        }
        out.extend(found.0.into_iter().map(|lesson| (lesson, found.1.clone())));
    }
}

enum Broken {
    Size(DocPath, String),
    Document(DocPath, String),
    Count(String),
}

/// The first limit that what changes would break.
fn broken(current: &Snapshot, after: &Snapshot, limits: &MemoryLimits) -> Option<Broken> {
    for (path, text) in after.iter().filter(|(path, text)| current.get(path) != Some(text)) {
        let new = current.get(path).is_none();
        if text.len() > limits.document_bytes {
            let bytes = counted(text.len() as u64, "byte");
            let reason = format!("{path} would have {bytes}; a memory may have {}", limits.document_bytes);
            return Some(Broken::Size(path.clone(), reason));
        }
        let reason = if new && path.relative().split('/').count() > limits.path_parts {
            format!("the path {path} has more than {}", counted(limits.path_parts as u64, "part"))
        } else if new && !is_nfc(path.as_str()) {
            format!("the path {path} is not written in the Unicode form (NFC) that memories need")
        } else if let Some(other) = new.then(|| in_the_way(path, after)).flatten() {
            format!("{path} and {other} can't both be there: a memory is no folder")
        } else {
            continue;
        };
        return Some(Broken::Document(path.clone(), reason));
    }
    let over = after.len() > limits.documents && after.len() > current.len();
    over.then(|| {
        let most = limits.documents;
        let documents = counted(after.len() as u64, "document");
        Broken::Count(format!("the memory would have {documents}; it may have {most}"))
    })
}

/// A document whose path is a folder of the other's.
fn in_the_way<'a>(path: &DocPath, after: &'a Snapshot) -> Option<&'a DocPath> {
    let above = |upper: &DocPath, lower: &DocPath| {
        lower.as_str().strip_prefix(upper.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    after.paths().find(|other| above(path, other) || above(other, path))
}

fn touches(composition: &Composition, lesson: &LessonId, path: &DocPath) -> bool {
    composition.documents(lesson).iter().any(|document| document.path == *path)
}
