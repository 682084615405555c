//! Proposals that come back: a lesson much like one that was decided before, in other words.
//!
//! Owns: when a lesson is a new version of a decided one. The same text again is the same lesson and keeps its
//! decision, so only changed ones are looked for here. Must not know: who shows it.

use std::collections::BTreeMap;

use similar::TextDiff;

use super::compose::Cuttings;
use super::error::SyncError;
use crate::domain::decision::{Decision, Verdict};
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::lesson::{Kind, Lesson, Mark, RETURNED, Severity};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::domain::text::SafeText;
use crate::lesson::{CutLesson, Cutting};
use crate::store::{LessonQuery, Proposal, Reader};

/// Share of the words that both have to have in the same order.
const ALIKE: f32 = 0.5;
/// Decided lessons of one document that are compared, the latest proposed first.
const MOST: u32 = 60;

/// A decided lesson and the lesson that came back in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// The lesson that was decided.
    pub lesson: Lesson,
    /// The last decision on it.
    pub decision: Decision,
    /// The document both speak of.
    pub path: DocPath,
    /// The text it would have brought, or taken away.
    pub before: String,
    /// The text that the new one would bring, or take away.
    pub after: String,
}

/// Marks the proposals of a pass that were decided before in other words.
///
/// # Errors
/// When the cache can't be read.
pub fn recognise(
    reader: &Reader,
    cuttings: &Cuttings,
    cutting: &Cutting,
    proposals: &mut [Proposal],
) -> Result<(), SyncError> {
    let mut decided = Decided { reader, cuttings, of: BTreeMap::new() };
    for proposal in proposals {
        let Some(part) = cutting.lessons.iter().find(|part| part.key == proposal.key) else { continue };
        if reader.lesson(&proposal.lesson.id)?.is_some() {
            // It was here before, in exactly these words.
            continue;
        }
        if let Some(earlier) = decided.nearest(&proposal.lesson, part)? {
            proposal.lesson.marks.push(mark(&earlier));
        }
    }
    Ok(())
}

/// The decided lesson that a marked one came back from.
///
/// # Errors
/// When the cache can't be read.
pub fn earlier(reader: &Reader, cuttings: &Cuttings, lesson: &Lesson) -> Result<Option<Earlier>, SyncError> {
    if !lesson.marks.iter().any(|mark| mark.guard == RETURNED) {
        return Ok(None);
    }
    let Some(part) = part_of(reader, cuttings, &lesson.id)? else { return Ok(None) };
    Decided { reader, cuttings, of: BTreeMap::new() }.nearest(lesson, &part)
}

fn mark(earlier: &Earlier) -> Mark {
    let decision = &earlier.decision;
    let what = match decision.verdict {
        Verdict::Accept => "accepted",
        Verdict::Reject => "rejected",
        Verdict::Snooze { .. } => "snoozed",
        Verdict::Edit { .. } => "edited",
        Verdict::Reopen => "reopened",
    };
    let mut text = format!(
        "changed since it was {what} by {} on {}",
        SafeText::line(&decision.by),
        decision.at.strftime("%Y-%m-%d")
    );
    if let Some(reason) = &decision.reason {
        text.push_str(&format!(": “{}”", SafeText::line(reason)));
    }
    Mark { guard: RETURNED.to_owned(), severity: Severity::Info, text }
}

/// Decided lessons with what they say, by the document they are about.
struct Decided<'a> {
    reader: &'a Reader,
    cuttings: &'a Cuttings,
    of: BTreeMap<(AgentId, DocPath), Vec<Said>>,
}

/// A lesson that was decided, the last decision, and its text.
type Said = (Lesson, Decision, String);

impl Decided<'_> {
    /// The lesson decided before that is most like this one: of the same document, and as much a removal.
    fn nearest(&mut self, lesson: &Lesson, part: &CutLesson) -> Result<Option<Earlier>, SyncError> {
        let after = text(part);
        let mut best: Option<(f32, Earlier)> = None;
        for document in &lesson.documents {
            for (other, decision, before) in self.about(&lesson.agent, &document.path)? {
                let alone = (other.kind == Kind::Remove) == (lesson.kind == Kind::Remove);
                if other.id == lesson.id || !alone || before == after {
                    continue;
                }
                let ratio = TextDiff::from_words(before.as_str(), after).ratio();
                if ratio >= ALIKE && best.as_ref().is_none_or(|(known, _)| ratio > *known) {
                    let earlier = Earlier {
                        lesson: other.clone(),
                        decision: decision.clone(),
                        path: document.path.clone(),
                        before: before.clone(),
                        after: after.to_owned(),
                    };
                    best = Some((ratio, earlier));
                }
            }
        }
        Ok(best.map(|(_, earlier)| earlier))
    }

    fn about(&mut self, agent: &AgentId, path: &DocPath) -> Result<&[Said], SyncError> {
        let key = (agent.clone(), path.clone());
        if !self.of.contains_key(&key) {
            let mut lessons = self.reader.lessons(&LessonQuery {
                agent: Some(agent.clone()),
                states: vec![State::Rejected, State::Snoozed, State::Accepted, State::Superseded],
                text: Some(path.to_string()),
                limit: Some(MOST),
                ..LessonQuery::default()
            })?;
            lessons.retain(|lesson| lesson.documents.iter().any(|document| document.path == *path));
            // Those of one dream together: it is cut once.
            lessons.sort_by(|a, b| (&a.dream, &a.id).cmp(&(&b.dream, &b.id)));
            let mut known = Vec::new();
            for lesson in lessons {
                let last = self.reader.decisions(&lesson.id)?.pop();
                let Some(decision) = last.filter(|last| last.verdict != Verdict::Reopen) else { continue };
                let Some(part) = part_of(self.reader, self.cuttings, &lesson.id)? else { continue };
                known.push((lesson, decision, text(&part).to_owned()));
            }
            self.of.insert(key.clone(), known);
        }
        Ok(self.of.get(&key).map_or(&[], Vec::as_slice))
    }
}

/// What a lesson says: the text that comes, or that goes where none comes.
fn text(part: &CutLesson) -> &str {
    if part.inserted.trim().is_empty() { &part.removed } else { &part.inserted }
}

fn part_of(reader: &Reader, cuttings: &Cuttings, id: &LessonId) -> Result<Option<CutLesson>, SyncError> {
    let Some(located) = reader.locate(id)? else { return Ok(None) };
    let cutting = cuttings.of(reader, &located.dream)?;
    Ok(cutting.lessons.iter().find(|part| part.key == located.key).cloned())
}
