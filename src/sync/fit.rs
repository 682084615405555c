//! Fitting a lesson by hand to a memory that changed underneath it.
//!
//! Owns: making of a person's answer a lesson over the memory as it is, which rests on the same evidence. Must
//! not know: how the sides they saw were found, who edits, or in what.
//!
//! The answer is kept like the result of a pass: its base is the memory that was seen, so what is written
//! later is conditional on exactly that.

use super::decide::Desk;
use super::error::SyncError;
use super::propose::{self, Ground, Grounded};
use super::sides::{self, Side};
use super::texts::Placed;
use crate::domain::agent::Agent;
use crate::domain::dream::{Dream, DreamStatus, Manifest};
use crate::domain::ids::{DreamId, LessonId, content_id};
use crate::domain::lesson::Change;
use crate::domain::memory::Snapshot;
use crate::guard::secrets;
use crate::lesson::{CutLesson, cut_whole};
use crate::store::StoreError;

/// Makes of a person's answer lessons over the memory now, in place of the one that collides; gives their ids.
///
/// # Errors
/// When marks are still in the text, it changes nothing, or the cache fails. Nothing is recorded then.
pub(super) fn answer(desk: &Desk<'_>, placed: &Placed, text: &str) -> Result<Vec<LessonId>, SyncError> {
    if sides::has_marks(text) {
        return Err(unfit("marks of the conflict are still in the text"));
    }
    let sides = sides::of(desk.reader, placed)?;
    let known: usize = sides.iter().map(|side| secrets::find(&side.texts.before).len()).sum();
    if secrets::find(text).len() > known {
        return Err(unfit("there is a password, a token or a key in the text"));
    }
    let lesson = &placed.lesson;
    let unknown = || StoreError::Unknown { what: "agent", id: lesson.agent.to_string() };
    let agent = desk.reader.agent(&lesson.agent)?.ok_or_else(unknown)?;
    let base = desk.reader.memory(&lesson.agent)?.unwrap_or_default();
    let mut proposed = base.clone();
    let lost = |path: &str| unfit(&format!("the line `{}{path}` above its text is gone", sides::ABOVE));
    let mut answers = sides::answers(&sides, text).map_err(|path| lost(path.as_str()))?;
    for Side { texts, meet, .. } in &sides {
        let text = if *meet { answers.remove(&texts.path).unwrap_or_default() } else { &*texts.after };
        if texts.change == Change::Deleted && text.is_empty() {
            proposed.remove(&texts.path);
        } else {
            proposed.insert(texts.path.clone(), text);
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
