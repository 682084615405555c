//! Recording what a reviewer decided. Where the text of a lesson is edited, the guards look at it
//! again, so that its marks always speak of the text that would be written.
//!
//! Owns: what an edit makes of a lesson, and that no edit is recorded without that. Must not know: who
//! decides, or how marks are shown.

use std::collections::BTreeMap;

use super::compose::Cuttings;
use super::error::SyncError;
use super::fit;
use super::shared;
use super::sides;
use super::texts::Placed;
use crate::domain::agent::{Agent, Budget};
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::domain::lesson::{COLLISION, Kind, Lesson, Mark, Severity};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::domain::same;
use crate::guard::budget::MemorySize;
use crate::guard::protected::{self, Directives};
use crate::guard::repeated::Notes;
use crate::guard::{self, Subject, secrets};
use crate::lesson::{Choice, CutLesson, Fate, beside, combine, renewed, says_now};
use crate::source::Sources;
use crate::store::{Ask, Decided, Reader, Remade, Writer};

/// What deciding needs.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Where the documents lie that no lesson should contradict.
    pub sources: &'a Sources,
    /// The cache, to read.
    pub reader: &'a Reader,
    /// The cache, to write.
    pub writer: &'a Writer,
    /// Dreams cut into lessons before.
    pub cuttings: &'a Cuttings,
    /// Who decides, as the audit trail names them.
    pub by: &'a str,
}

/// Records decisions as one batch, all of them or none. What is decided for one agent is so for all others to
/// whom the same lesson is shown in the same row, in the same batch. Edited lessons get the marks of their new
/// text; taking the edit back gives them the earlier ones again. The edit of a lesson that collides with the
/// memory makes it a lesson that fits, in its place and accepted.
///
/// # Errors
/// When the cache fails, or a lesson can't be decided now; then nothing was recorded.
pub fn decide(desk: &Desk<'_>, asks: &[Ask]) -> Result<Decided, SyncError> {
    if let [Ask { lesson, verdict: Verdict::Edit { text: Some(text) }, reason }] = asks {
        let placed = Placed::find(desk.reader, desk.cuttings, lesson)?;
        if sides::question(&sides::of(desk.reader, &placed)?).is_some() {
            let fitted = fit::answer(desk, &placed, text)?;
            return accept(desk, fitted, reason.as_deref());
        }
        // A text that could not be written either must not look as if it had settled anything.
        refuse_what_collides(desk, lesson)?;
    }
    for ask in asks.iter().filter(|ask| ask.verdict == Verdict::Accept) {
        refuse_what_collides(desk, &ask.lesson)?;
    }
    let mut asks = with_twins(desk, asks)?;
    asks.iter_mut().for_each(mask);
    let mut remade = BTreeMap::new();
    for ask in &mut asks {
        if let Verdict::Edit { text: Some(text) } = &mut ask.verdict {
            if text.trim().is_empty() {
                return Err(SyncError::EmptyEdit);
            }
            let placed = Placed::find(desk.reader, desk.cuttings, &ask.lesson)?;
            *text = in_full(&placed, text)?;
            remade.insert(ask.lesson.clone(), remake(desk, &placed, text)?);
            // The marks speak of what was typed and keep it from being written; a secret is kept nowhere.
            *text = secrets::redact(text).into_owned();
        }
    }
    Ok(desk.writer.decide_remade(&asks, remade, desk.by)?)
}

/// Reasons are kept, shown and told to dreams: none of that may spread a secret.
fn mask(ask: &mut Ask) {
    ask.reason = ask.reason.as_deref().map(|reason| secrets::redact(reason).into_owned());
}

/// A lesson that does not fit the memory can't be written, so it is not accepted.
fn refuse_what_collides(desk: &Desk<'_>, lesson: &LessonId) -> Result<(), SyncError> {
    let Ok(placed) = Placed::find(desk.reader, desk.cuttings, lesson) else { return Ok(()) };
    match placed.fate {
        Fate::Conflict(ref reason) if !placed.is_written() => {
            let reason = reason.clone();
            let can_be_fitted = sides::question(&sides::of(desk.reader, &placed)?).is_some();
            Err(SyncError::Collides { lesson: lesson.clone(), reason, can_be_fitted })
        }
        _ => Ok(()),
    }
}

/// The same lesson is decided once, whichever agents it is for: those that stand as this one does go along, and
/// what is accepted or rejected is so for all that wait. What a guard keeps back still waits.
fn with_twins(desk: &Desk<'_>, asks: &[Ask]) -> Result<Vec<Ask>, SyncError> {
    let mut all = asks.to_vec();
    for ask in asks {
        if matches!(ask.verdict, Verdict::Edit { .. }) {
            continue;
        }
        let Some(lesson) = desk.reader.lesson(&ask.lesson)? else { continue };
        if lesson.agent.is_shared() {
            settle(desk, ask, &lesson, &mut all)?;
            continue;
        }
        let settles = matches!(ask.verdict, Verdict::Accept | Verdict::Reject);
        for twin in desk.reader.twins(&ask.lesson)?.into_iter().filter(|twin| !twin.agent.is_shared()) {
            let waits = settles && matches!(twin.state, State::Pending | State::Snoozed);
            let with_it = twin.state == lesson.state && same::is_shared(twin.state);
            let named = all.iter().any(|other| other.lesson == twin.id);
            let accepts = ask.verdict == Verdict::Accept;
            let kept_back = accepts && (twin.is_blocked() || refuse_what_collides(desk, &twin.id).is_err());
            if (waits || with_it) && !(named || kept_back) {
                all.push(Ask { lesson: twin.id, ..ask.clone() });
            }
        }
    }
    Ok(all)
}

/// What a decision on a lesson for shared memory does to those of single agents: accepting it settles those that
/// wait, taking that back lets them wait again. Rejecting it leaves them to be decided by themselves.
fn settle(desk: &Desk<'_>, ask: &Ask, lesson: &Lesson, all: &mut Vec<Ask>) -> Result<(), SyncError> {
    for twin in desk.reader.twins(&ask.lesson)? {
        let waits = matches!(twin.state, State::Pending | State::Snoozed | State::Conflict);
        let verdict = match ask.verdict {
            // What a dream wrote into a memory itself would be taken out of it.
            Verdict::Accept if waits && !twin.is_in_force() => {
                Some((Verdict::Reject, Some(shared::REASON.to_owned())))
            }
            Verdict::Reject | Verdict::Reopen | Verdict::Snooze { .. }
                if twin.state == State::Rejected
                    && same::settled(&desk.reader.decisions(&twin.id)?, shared::REASON) =>
            {
                Some((Verdict::Reopen, ask.reason.clone()))
            }
            Verdict::Snooze { .. } | Verdict::Reopen if twin.state == lesson.state => {
                (twin.state != State::Rejected).then(|| (ask.verdict.clone(), ask.reason.clone()))
            }
            _ => None,
        };
        let named = all.iter().any(|other| other.lesson == twin.id);
        if let (Some((verdict, reason)), false) = (verdict, named) {
            all.push(Ask { lesson: twin.id, verdict, reason });
        }
    }
    Ok(())
}

/// Accepts what a person fitted to the memory by hand: they decided with the text. What a guard keeps back
/// waits.
fn accept(desk: &Desk<'_>, fitted: Vec<LessonId>, reason: Option<&str>) -> Result<Decided, SyncError> {
    let mut asks = Vec::with_capacity(fitted.len());
    for lesson in fitted {
        let kept_back = desk
            .reader
            .lesson(&lesson)?
            .is_none_or(|lesson| lesson.marks.iter().any(|mark| mark.severity == Severity::Block));
        if !kept_back {
            asks.push(Ask { lesson, verdict: Verdict::Accept, reason: reason.map(str::to_owned) });
        }
    }
    asks.iter_mut().for_each(mask);
    Ok(desk.writer.decide(&asks, desk.by)?)
}

/// What would be written of a reviewer's text: with a description that says what it says.
fn in_full(placed: &Placed, text: &str) -> Result<String, SyncError> {
    let part = placed.part()?;
    let before = placed.edit.as_deref().unwrap_or(&part.inserted);
    let main = placed.main_document();
    Ok(main.map_or_else(|| text.to_owned(), |path| renewed(path, before, text)))
}

/// What a text makes of a lesson.
fn remake(desk: &Desk<'_>, placed: &Placed, text: &str) -> Result<Remade, SyncError> {
    let (lesson, part) = (&placed.lesson, placed.part()?);
    let agent = desk.reader.agent(&lesson.agent)?;
    let budget = agent.as_ref().map_or_else(Budget::default, |agent| agent.budget.clone());
    let mut choice = Choice::of([placed.index]);
    choice.edits.insert(placed.index, text.to_owned());
    let cutting = placed.over();
    let without = combine(cutting, &Choice::default());
    let before = MemorySize::of(&without, &budget);
    let after = MemorySize::of(&combine(cutting, &choice), &budget);
    let protected = agent.as_ref().and_then(|agent| protected(desk.sources, agent));
    let found = guard::check(&Subject {
        kind: lesson.kind,
        // It is made from the text, which the guards see in full.
        statement: "",
        inserted: text,
        beside: &beside(cutting, placed.index, text),
        removed: &part.removed,
        documents: &lesson.documents,
        evidence: &desk.reader.evidence(&lesson.id)?,
        support: &lesson.support,
        protected: protected.as_ref().unwrap_or(&Directives::default()),
        memory: &Notes::read(&without),
        before,
        after,
        budget: &budget,
    });
    let mut marks = with_others(found, lesson, protected.is_some());
    // A secret that was masked when it was typed would be written as its placeholder.
    if secrets::is_masked(text) && marks.iter().all(|mark| mark.guard != secrets::GUARD) {
        let typed = lesson.marks.iter().filter(|mark| mark.guard == secrets::GUARD);
        marks.splice(0..0, typed.cloned());
    }
    let statement = placed.main_document().and_then(|path| statement(path, lesson.kind, part, text));
    Ok(Remade { marks, tokens: after.tokens as i64 - before.tokens as i64, statement })
}

/// What an edited lesson says now, where that is not what it said before. A move says where it goes.
fn statement(path: &DocPath, kind: Kind, part: &CutLesson, text: &str) -> Option<String> {
    let says = says_now(path, &part.inserted, text).filter(|_| kind != Kind::Move)?;
    Some(secrets::redact(&says).into_owned())
}

/// What documents written by people say; `None` if that can't be told now.
fn protected(sources: &Sources, agent: &Agent) -> Option<Directives> {
    let documents = sources.of(agent)?.protected(agent).ok()?;
    let texts: Vec<(String, String)> = documents.into_iter().map(|doc| (doc.path, doc.text)).collect();
    Some(Directives::read(&texts))
}

/// Adds the marks that do not speak of the text: they hold whatever it says. A contradiction that
/// can't be looked for now counts as still there.
fn with_others(mut found: Vec<Mark>, lesson: &Lesson, looked_at_protected: bool) -> Vec<Mark> {
    for mark in &lesson.marks {
        let of_text = guard::OF_TEXT.contains(&mark.guard.as_str());
        let unseen =
            mark.guard == "protected" && (!looked_at_protected || protected::is_from_a_session(mark));
        // The store keeps that one itself.
        let collision = mark.guard == COLLISION;
        let known = found.iter().any(|other| other.guard == mark.guard);
        if (!of_text || unseen) && !collision && !known {
            found.push(mark.clone());
        }
    }
    found.sort_by_key(|mark| std::cmp::Reverse(mark.severity));
    found
}
