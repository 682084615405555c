//! Fitting a lesson by hand to a memory that changed underneath it.
//!
//! Owns: the text in which a person sees all three sides (the memory now, as it was dreamed over, as the
//! lesson would have it), and making of their answer a lesson over the memory as it is, which rests on the
//! same evidence. Must not know: who edits, or in what.
//!
//! The answer is kept like the result of a pass: its base is the memory that was seen, so what is written
//! later is conditional on exactly that.

use similar::{ConflictStyle, TextMerge};

use super::decide::Desk;
use super::error::SyncError;
use super::propose::{self, Ground, Grounded};
use super::texts::{DocumentTexts, Placed, documents_of};
use crate::domain::agent::Agent;
use crate::domain::dream::{Dream, DreamStatus, Manifest};
use crate::domain::ids::{DreamId, LessonId, content_id};
use crate::domain::lesson::Change;
use crate::domain::memory::{DocPath, Snapshot};
use crate::lesson::{Choice, CutLesson, Fate, combine, cut_whole};
use crate::store::{Reader, StoreError};

/// Lines that part the three sides begin so.
const MARKS: [&str; 4] = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];

/// One document of a lesson that no longer fits.
pub(super) struct Side {
    /// Which, with the memory now as `before`. `after` has the lesson in it where the two don't meet, and
    /// all three sides between marks where they do.
    pub texts: DocumentTexts,
    /// Whether they meet.
    pub meet: bool,
}

/// The documents of a lesson that collides, over the memory now. Empty if the lesson fits, and where fitting
/// by hand is no way out: a document that would have been renamed.
pub(super) fn sides(reader: &Reader, placed: &Placed) -> Result<Vec<Side>, SyncError> {
    let renames = placed.lesson.documents.iter().any(|doc| matches!(doc.change, Change::Renamed(_)));
    if !matches!(placed.fate, Fate::Conflict(_)) || renames {
        return Ok(Vec::new());
    }
    let now = reader.memory(&placed.lesson.agent)?.unwrap_or_default();
    let mut choice = Choice::of([placed.index]);
    choice.edits.extend(placed.edit.clone().map(|edit| (placed.index, edit)));
    let cutting = placed.over();
    let (base, with) = (combine(cutting, &Choice::default()), combine(cutting, &choice));
    let all = documents_of(&base, &with, placed.part()?);
    Ok(all.into_iter().map(|document| side(document, &now)).collect())
}

fn side(document: DocumentTexts, now: &Snapshot) -> Side {
    let text = |path: &DocPath| now.get(path).cloned().unwrap_or_else(|| "".into());
    let ours = text(&document.path);
    let mut merge = TextMerge::from_lines(&*document.before, &*ours, &*document.after);
    merge.conflict_style(ConflictStyle::Diff3).labels("when it was dreamed", "the memory now", "this lesson");
    let (meet, after) = (merge.is_conflicted(), merge.to_string());
    Side { texts: DocumentTexts { before: ours, after: after.into(), ..document }, meet }
}

/// The one text a person has to decide on, with all sides in it; `None` if there is no such text.
///
/// # Errors
/// When the cache fails.
pub(super) fn question(reader: &Reader, placed: &Placed) -> Result<Option<String>, SyncError> {
    let meeting: Vec<Side> = sides(reader, placed)?.into_iter().filter(|side| side.meet).collect();
    Ok(match meeting.as_slice() {
        [only] => Some(only.texts.after.to_string()),
        _ => None,
    })
}

/// Makes of a person's answer lessons over the memory now, in place of the one that collides; gives their ids.
///
/// # Errors
/// When marks are still in the text, it changes nothing, or the cache fails. Nothing is recorded then.
pub(super) fn answer(desk: &Desk<'_>, placed: &Placed, text: &str) -> Result<Vec<LessonId>, SyncError> {
    if text.lines().any(|line| MARKS.iter().any(|mark| line.starts_with(mark))) {
        return Err(unfit("marks of the conflict are still in the text"));
    }
    let lesson = &placed.lesson;
    let unknown = || StoreError::Unknown { what: "agent", id: lesson.agent.to_string() };
    let agent = desk.reader.agent(&lesson.agent)?.ok_or_else(unknown)?;
    let base = desk.reader.memory(&lesson.agent)?.unwrap_or_default();
    let mut proposed = base.clone();
    for side in sides(desk.reader, placed)? {
        let goes = side.texts.change == Change::Deleted;
        let text = if side.meet { text } else { &side.texts.after };
        if goes && text.is_empty() {
            proposed.remove(&side.texts.path);
        } else {
            proposed.insert(side.texts.path, text);
        }
    }
    let cutting = cut_whole(&base, &proposed);
    if cutting.lessons.is_empty() {
        return Err(unfit("the memory says this already; turn the lesson down instead"));
    }
    let dream = kept(desk, placed, &base, &proposed, text)?;
    let evidence = desk.reader.evidence(&lesson.id)?;
    let ground = |(rank, _): (usize, &CutLesson)| Ground {
        rank,
        statement: lesson.statement.clone(),
        topic: lesson.topic,
        support: lesson.support.clone(),
        tier: lesson.tier,
        evidence: evidence.clone(),
        marks: Vec::new(),
    };
    let grounds = cutting.lessons.iter().enumerate().map(ground).collect();
    let protected = protected(desk, &agent);
    let material = Grounded { agent: &agent, memory: &base, protected: &protected, cutting: &cutting };
    let proposals = propose::assemble(&dream.id, &material, grounds);
    let ids = proposals.iter().map(|proposal| proposal.lesson.id.clone()).collect();
    desk.writer.fit_lesson(&dream, proposals, &lesson.id, desk.by)?;
    Ok(ids)
}

/// The pass that the answer is kept as. It begins when the lesson's own pass did, so that no schedule takes it
/// for a new one.
fn kept(
    desk: &Desk<'_>,
    placed: &Placed,
    base: &Snapshot,
    proposed: &Snapshot,
    text: &str,
) -> Result<Dream, SyncError> {
    let lesson = &placed.lesson;
    let unknown = || StoreError::Unknown { what: "dream", id: lesson.dream.to_string() };
    let origin = desk.reader.dream(&lesson.dream)?.ok_or_else(unknown)?;
    let base = desk.writer.put_snapshot(base)?;
    let seen = base.to_string();
    let parts = [lesson.id.as_str().as_bytes(), seen.as_bytes(), text.as_bytes()];
    // What is counted was counted by the pass it comes from; nothing was read or run for this one.
    let manifest = Manifest {
        engine: "by hand".to_owned(),
        fitted: Some(origin.id.clone()),
        whole: true,
        remarks: vec![format!("fitted by {}", desk.by)],
        ..Manifest::default()
    };
    Ok(Dream {
        id: DreamId::new(content_id("drm", &parts)),
        status: DreamStatus::Completed,
        ended: Some(desk.writer.now()),
        base,
        proposed: Some(desk.writer.put_snapshot(proposed)?),
        manifest: Some(manifest),
        error: None,
        model: None,
        instructions: None,
        remote: None,
        usage: None,
        estimate: None,
        cost: None,
        ..origin
    })
}

fn protected(desk: &Desk<'_>, agent: &Agent) -> Vec<(String, String)> {
    let documents = desk.sources.of(agent).and_then(|source| source.protected(agent).ok());
    documents.into_iter().flatten().map(|document| (document.path, document.text)).collect()
}

fn unfit(reason: &str) -> SyncError {
    SyncError::Unfit { reason: reason.to_owned() }
}
