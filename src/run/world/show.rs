//! One lesson in full, and a session around a quoted place.

use jiff::Timestamp;

use super::overview::size;
use super::{World, failure};
use crate::app::data::{DocumentText, Failure, LessonDetail, Transcript, TranscriptEvent};
use crate::app::fit::Parts;
use crate::domain::decision::{Decision, Verdict};
use crate::domain::evidence::{Basis, Evidence, Place, QuoteStatus, Stance};
use crate::domain::ids::{AgentId, LessonId, SessionId};
use crate::domain::lesson::{COLLISION, Change, Lesson};
use crate::domain::lifecycle::State;
use crate::domain::session::OwnedEvent;
use crate::evidence::spot;
use crate::guard::secrets::redact;
use crate::lesson::Fate;
use crate::source;
use crate::store::{ApplyAction, Reader, StoreError};
use crate::sync::leaving::leaving;
use crate::sync::returns::{Earlier, earlier};
use crate::sync::{DocumentTexts, LessonTexts, SyncError, lesson_texts};

/// Longest text of one event that is shown; tools can answer with megabytes.
const LONGEST: usize = 12_000;

impl World {
    /// Texts, evidence and decisions of a lesson.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn detail(&self, lesson: &LessonId) -> Result<LessonDetail, Failure> {
        self.read(|reader| {
            let found = reader.lesson(lesson)?.ok_or_else(|| unknown(lesson))?;
            let texts = lesson_texts(reader, &self.cuttings, lesson)?;
            let mut evidence = reader.evidence(lesson)?;
            let estimated = found.support.basis == Basis::Estimated;
            let drawn =
                if estimated { spot::sample(&evidence, spot::USUAL, lesson.as_str()) } else { Vec::new() };
            let drawn: Vec<Place> =
                drawn.into_iter().filter_map(|at| Some(evidence.get(at)?.place.clone())).collect();
            evidence.sort_by(|a, b| order(a).cmp(&order(b)).then(b.place.at.cmp(&a.place.at)));
            let endings = reader.endings(&found.agent, &evidence)?;
            let gone = reader.gone(&found.agent, &evidence)?;
            let mut quarantined = reader.quarantined(&found.agent)?;
            quarantined.retain(|session| evidence.iter().any(|place| place.place.session == *session));
            let agent = reader.agent(&found.agent)?;
            let memory = match (&agent, reader.memory(&found.agent)?) {
                (Some(agent), Some(memory)) => Some(size(&memory, &agent.budget)),
                _ => None,
            };
            let mut remarks: Vec<String> = remark(&texts, &found).into_iter().collect();
            // What collides is written over nobody's lines.
            let collides = matches!(texts.fate, Fate::Conflict(_));
            if let Some(agent) = agent.filter(|_| {
                !collides && found.state != State::Applied && !found.is_in_force() && !found.is_taken_out()
            }) {
                let (kind, documents) = (found.kind, &texts.documents);
                remarks.extend(leaving(reader, &self.cuttings, &self.origins, &agent, kind, documents)?);
            }
            let edit = reader.edit_of(lesson)?;
            let editable = texts
                .to_fit
                .clone()
                .or(edit)
                .or_else(|| Some(texts.inserted.clone()).filter(|text| !text.is_empty()));
            let mut decisions = reader.decisions(lesson)?;
            let taken_back = match found.state {
                State::Applied => None,
                _ => taken_back(reader, &found.agent, lesson, &decisions)?,
            };
            let since = earlier(reader, &self.cuttings, &found)?;
            let (proposed, edited) = made_of(&texts);
            let to_fit = texts.to_fit.as_deref().and_then(Parts::read);
            let documents = texts.documents.into_iter().map(text).collect();
            Ok(LessonDetail {
                lesson: lesson.clone(),
                quarantined,
                since: since.map(changed_since).into_iter().collect(),
                to_fit,
                taken_back,
                remarks,
                kept: texts.kept,
                proposed,
                edited,
                documents,
                endings,
                gone,
                sample: drawn
                    .iter()
                    .filter_map(|place| {
                        let supports =
                            |other: &Evidence| other.stance == Stance::Support && other.place == *place;
                        evidence.iter().position(supports)
                    })
                    .collect(),
                evidence,
                decision: decisions.pop(),
                editable,
                memory,
            })
        })
        .map_err(|error: SyncError| failure(error))
    }

    /// The text of a lesson that an editor starts from.
    ///
    /// # Errors
    /// When the cache fails, or the lesson writes no text.
    pub fn editable(&self, lesson: &LessonId) -> Result<String, Failure> {
        self.detail(lesson)?
            .editable
            .ok_or_else(|| Failure::plain("This lesson writes no text, so there is nothing to edit"))
    }

    /// The session around a place, with so many events before and after it.
    ///
    /// # Errors
    /// When the session can't be read, is no longer as it was, or never had the place.
    pub fn transcript(
        &self,
        agent: &AgentId,
        evidence: &Evidence,
        around: usize,
    ) -> Result<Transcript, Failure> {
        let place = &evidence.place;
        let (context, title) = self
            .with_agent(&SessionId::owned(agent, &place.session).0, |sync| {
                let title = sync.reader.session(agent, &place.session)?.map(|session| session.title);
                // One more on either side tells whether there is more.
                Ok((source::context(sync.source, sync.agent, place, around + 1)?, title))
            })
            .map_err(failure)?;
        let mut focus = context.focus.ok_or_else(|| no_place(evidence))?;
        let mut events = context.events;
        let elsewhere = |event: &&OwnedEvent| event.bytes != place.bytes;
        let more_before = events.iter().take_while(elsewhere).count() > around;
        let more_after = events.iter().rev().take_while(elsewhere).count() > around;
        if more_after {
            events.pop();
        }
        if more_before {
            events.remove(0);
            focus -= 1;
        }
        let events = events
            .into_iter()
            .enumerate()
            .map(|(index, event)| TranscriptEvent {
                kind: event.kind,
                tool: event.tool.map(std::borrow::Cow::into_owned),
                at: event.at,
                text: shortened(&redact(&event.text), (index == focus).then_some(evidence.quote.as_str())),
                is_error: event.is_error,
            })
            .collect();
        Ok(Transcript {
            session: place.session.clone(),
            title: title.filter(|title| !title.is_empty()).unwrap_or_else(|| place.session.to_string()),
            file: place.file.clone(),
            events,
            focus,
            more_before,
            more_after,
        })
    }
}

/// Why there is no place to open: the words were never there, or are there no more.
fn no_place(evidence: &Evidence) -> Failure {
    let file = &evidence.place.file;
    if evidence.status == QuoteStatus::NotFound {
        let what = format!("{file} never had this place; the words were cited and not found in it");
        return Failure::new(what, "It counts for nothing; judge the lesson by its other evidence");
    }
    Failure::new(
        format!("{file} no longer has this place; the session was rewritten since"),
        "Sync, and run another dream",
    )
}

/// The texts of a decided lesson and of the one that came back, as of one document.
fn changed_since(earlier: Earlier) -> DocumentText {
    let (before, after) = (earlier.before.into(), earlier.after.into());
    DocumentText { path: earlier.path, change: Change::Modified, before, after }
}

fn unknown(lesson: &LessonId) -> StoreError {
    StoreError::Unknown { what: "lesson", id: lesson.to_string() }
}

/// The undo that took a lesson out of the memory after it was accepted last.
fn taken_back(
    reader: &Reader,
    agent: &AgentId,
    lesson: &LessonId,
    decisions: &[Decision],
) -> Result<Option<(String, Timestamp)>, StoreError> {
    let Some(accepted) = decisions.last().filter(|decision| decision.verdict == Verdict::Accept) else {
        return Ok(None);
    };
    for apply in reader.applies(Some(agent))? {
        if apply.begun < accepted.at {
            break;
        }
        let undone = apply.action == ApplyAction::Undo && apply.ended.is_some();
        if undone && reader.apply_lessons(&apply.id)?.iter().any(|(planned, _)| planned.lesson == *lesson) {
            return Ok(Some((apply.author, apply.begun)));
        }
    }
    Ok(None)
}

/// What contradicts first, then what supports: the counter-examples are what a decision hangs on. What
/// counts before what does not.
fn order(evidence: &Evidence) -> (u8, bool) {
    let stance = match evidence.stance {
        Stance::Contradict => 0,
        Stance::Support => 1,
        Stance::Mention => 2,
    };
    (stance, !evidence.status.counts())
}

fn text(document: DocumentTexts) -> DocumentText {
    let DocumentTexts { path, change, before, after } = document;
    DocumentText { path, change, before, after }
}

/// What the dream proposed, and what the reviewer made of it; nothing where that is the same.
fn made_of(texts: &LessonTexts) -> (Vec<DocumentText>, Vec<DocumentText>) {
    let edited: Vec<DocumentText> = texts
        .documents
        .iter()
        .filter_map(|document| {
            let proposed = texts.proposed.iter().find(|proposed| proposed.path == document.path)?;
            (proposed.after != document.after).then(|| DocumentText {
                path: document.path.clone(),
                change: Change::Modified,
                before: proposed.after.clone(),
                after: document.after.clone(),
            })
        })
        .collect();
    let proposed = if edited.is_empty() { Vec::new() } else { texts.proposed.clone() };
    (proposed.into_iter().map(text).collect(), edited)
}

/// What before and after need said.
fn remark(texts: &LessonTexts, lesson: &Lesson) -> Option<String> {
    match (&texts.fate, lesson.state) {
        _ if lesson.is_taken_out() => {
            Some("it was taken out of the memory; this is what it had changed".to_owned())
        }
        _ if lesson.is_in_force() => {
            Some("it is in the memory, where the dream put it; this is what it changed".to_owned())
        }
        (_, State::Applied) => Some("it is in the memory; this is what it changed".to_owned()),
        (Fate::Clean, _) => None,
        (Fate::Satisfied, _) => Some("the memory says this already; nothing would be written".to_owned()),
        (Fate::Conflict(reason), _) => {
            let way = if texts.to_fit.is_some() { "compared below" } else { "shown as it was proposed" };
            // The mark it got when it came back says the reason already.
            let told = lesson.marks.iter().any(|mark| mark.guard == COLLISION && mark.text.contains(reason));
            Some(if told {
                format!("the lesson and the memory now are {way}")
            } else {
                format!("the memory changed meanwhile: {reason}; {way}")
            })
        }
    }
}

/// The beginning of a very long text, or what stands around the quoted words of it, and how much is left out.
fn shortened(text: &str, quote: Option<&str>) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let longest =
        quote.and_then(|quote| quote.split(['\n', '…']).map(str::trim).max_by_key(|part| part.len()));
    let at = longest.filter(|part| !part.is_empty()).and_then(|part| Some((text.find(part)?, part.len())));
    let from = match at {
        Some((at, length)) if at + length > LONGEST => {
            let from = text.floor_char_boundary(at.saturating_sub(LONGEST / 2));
            text.get(from..at).and_then(|before| before.find('\n')).map_or(from, |end| from + end + 1)
        }
        _ => 0,
    };
    let to = text.floor_char_boundary(from.saturating_add(LONGEST));
    let kept = text.get(from..to).unwrap_or_default();
    let before = if from == 0 { String::new() } else { format!("… {from} bytes before\n") };
    let after = text.len() - to;
    let after = if after == 0 { String::new() } else { format!("\n… {after} more bytes") };
    format!("{before}{kept}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_of_a_long_text_is_never_the_quote() {
        let long = format!("{}the quoted words\n{}", "before\n".repeat(5_000), "after\n".repeat(5_000));
        let shown = shortened(&long, Some("the quoted words"));
        assert!(shown.contains("the quoted words") && shown.len() < LONGEST + 60, "{}", shown.len());
        assert!(shown.starts_with("… ") && shown.ends_with(" more bytes"));
        let head = shortened(&long, None);
        assert!(head.starts_with("before\n") && !head.contains("quoted"));
        assert_eq!(shortened("short", Some("no")), "short");
    }
}
