//! Everything that changes something: decisions, applies, taking back.

use std::sync::PoisonError;

use super::{Previewed, World, failure};
use crate::app::data::{
    AgentPlan, Applied, Ask, Decided, DocumentText, Failure, LeftOut, Preview, TakeBack, Undone, rows,
};
use crate::domain::checks::SpotVerdict;
use crate::domain::ids::{AgentId, LessonId, SessionId};
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;
use crate::domain::same::Folds;
use crate::evidence::spot;
use crate::lesson::phrase::shorten;
use crate::store::{self, ApplyAction, Changed, Fate, LessonQuery, Reader, StoreError};
use crate::sync::apply::{self, Plan};
use crate::sync::{self, SyncError, adopt, undo};

/// A lesson that is named in a message is known by the beginning of its statement: so many characters.
const NAMED: usize = 60;

/// The lesson that keeps a batch from being recorded, and why in a word or two and in full.
fn of_one_lesson(error: &SyncError) -> Option<(&LessonId, &'static str, &String)> {
    match error {
        SyncError::Store(StoreError::Refused { lesson, reason }) => {
            Some((lesson, "changed meanwhile", reason))
        }
        SyncError::Collides { lesson, reason, .. } => Some((lesson, "conflict", reason)),
        _ => None,
    }
}

impl World {
    /// Records decisions as one batch.
    ///
    /// # Errors
    /// When the cache fails, or nothing of it can be decided; then nothing was recorded.
    pub fn decide(&self, asks: &[Ask]) -> Result<Decided, Failure> {
        let mut asks: Vec<store::Ask> = asks
            .iter()
            .map(|ask| store::Ask {
                lesson: ask.lesson.clone(),
                verdict: ask.verdict.clone(),
                reason: ask.reason.clone(),
            })
            .collect();
        let mut refused = Vec::new();
        // A batch is recorded as one; a lesson that changed meanwhile leaves it and does not stop the others.
        let decided = loop {
            let decided = self.read(|reader| {
                let desk = sync::decide::Desk {
                    sources: &self.sources,
                    reader,
                    writer: &self.writer,
                    cuttings: &self.cuttings,
                    by: &self.config.reviewer.value,
                };
                sync::decide::decide(&desk, &asks)
            });
            match decided {
                Ok(decided) => break decided,
                Err(error) => {
                    let Some((lesson, short, reason)) = of_one_lesson(&error) else {
                        return Err(failure(error));
                    };
                    let before = asks.len();
                    asks.retain(|ask| ask.lesson != *lesson);
                    // Of lessons that go along with one asked for, nothing is known here.
                    if asks.len() == before || asks.is_empty() {
                        return Err(self.by_name(lesson, &error));
                    }
                    let left =
                        LeftOut { lesson: lesson.clone(), short: short.to_owned(), reason: reason.clone() };
                    refused.push(left);
                }
            }
        };
        Ok(Decided { changed: states(decided.changed), refused })
    }

    /// Keeps what the reviewer said of some of the places of a lesson; gives what it makes of the estimate.
    ///
    /// # Errors
    /// When the cache fails; then nothing was kept.
    pub fn spot_check(&self, id: &LessonId, said: Vec<(SessionId, bool)>) -> Result<String, Failure> {
        let lesson = self.read(|reader| reader.lesson(id)).map_err(failure)?;
        let lesson =
            lesson.ok_or_else(|| Failure::plain("The lesson is no longer there; nothing was kept"))?;
        let (by, at) = (&self.config.reviewer.value, self.writer.now());
        let verdict = |(session, right)| SpotVerdict { session, right, by: by.clone(), at };
        let check =
            spot::checked(lesson.support.sessions.unwrap_or(0), said.into_iter().map(verdict).collect());
        self.writer.put_spot_check(&lesson.agent, id, &check, by).map_err(failure)?;
        Ok(format!(
            "{} found, you confirmed {} of {}: about {} to {} are real",
            check.found,
            check.right,
            check.right + check.wrong,
            check.low,
            check.high
        ))
    }

    /// Takes back the last batch, or makes again what was taken back last.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn turn_back(&self, again: bool) -> Result<Option<Undone>, Failure> {
        let by = &self.config.reviewer.value;
        let undone = if again { self.writer.redo_decision(by) } else { self.writer.undo_decision(by) };
        let undone = match undone {
            // What is in the memory is taken back there: which lesson that is, is all there is to say here.
            Err(StoreError::Refused { lesson, .. }) if self.is_applied(&lesson) => {
                let together = self.read(|reader| written_with(reader, &lesson)).map_err(failure)?;
                let (verdict, kept) = ("decision".to_owned(), vec![(lesson, State::Applied)]);
                return Ok(Some(Undone { verdict, changed: Vec::new(), kept, together }));
            }
            other => other.map_err(|error| self.by_name_if_refused(error))?,
        };
        let Some(undone) = undone else { return Ok(None) };
        let verdict = undone.changed.first().map_or("decision", |changed| said(changed, again)).to_owned();
        let mut kept = Vec::new();
        for id in undone.kept {
            let lesson = self.read(|reader| reader.lesson(&id)).map_err(failure)?;
            kept.extend(lesson.map(|lesson| (id, lesson.state)));
        }
        let applied = kept.iter().find(|(_, state)| *state == State::Applied);
        let together = match applied {
            Some((lesson, _)) => self.read(|reader| written_with(reader, lesson)).map_err(failure)?,
            None => 0,
        };
        Ok(Some(Undone { verdict, changed: states(undone.changed), kept, together }))
    }

    fn is_applied(&self, lesson: &LessonId) -> bool {
        let known = self.read(|reader| reader.lesson(lesson)).ok().flatten();
        known.is_some_and(|lesson| lesson.state == State::Applied)
    }

    fn by_name_if_refused(&self, error: StoreError) -> Failure {
        let error = SyncError::Store(error);
        match of_one_lesson(&error) {
            Some((lesson, ..)) => self.by_name(lesson, &error),
            None => failure(error),
        }
    }

    /// A failure that names its lesson as the reviewer knows it.
    fn by_name(&self, lesson: &LessonId, error: &SyncError) -> Failure {
        let text = error.to_string();
        let Ok(Some(known)) = self.read(|reader| reader.lesson(lesson)) else { return failure(text) };
        let name = format!("“{}”", shorten(&known.statement, NAMED));
        let text = text.replacen(lesson.as_str(), &name, 1);
        failure(text.strip_prefix("lesson ").unwrap_or(&text))
    }

    /// Works out what the accepted lessons of all agents would write, and keeps the plans.
    ///
    /// # Errors
    /// When a memory or the cache can't be read.
    pub fn plan(&self, token: u64) -> Result<Preview, Failure> {
        let accepted = LessonQuery { states: vec![State::Accepted], ..LessonQuery::default() };
        let lessons = self.read(|reader| reader.lessons(&accepted)).map_err(failure)?;
        let mut agents: Vec<&AgentId> = lessons.iter().map(|lesson| &lesson.agent).collect();
        agents.sort_unstable();
        agents.dedup();
        let mut plans = Vec::new();
        let folds = Folds::among(&lessons, |_| "");
        let ids = |set: &Vec<usize>| {
            set.iter().filter_map(|&at| lessons.get(at)).map(|one| one.id.clone()).collect()
        };
        let same: Vec<Vec<LessonId>> = folds.sets().iter().map(ids).collect();
        let mut preview = Preview { same: same.clone(), ..Preview::default() };
        for agent in agents {
            let (agent, plan) = self
                .with_agent(agent, |context| Ok((context.agent.clone(), apply::plan(context)?)))
                .map_err(failure)?;
            preview.plans.push(shown(&agent.name, &plan, &lessons));
            plans.push((agent, plan));
        }
        self.keep_plans(Previewed { number: token, plans, same, adopts: false });
        Ok(preview)
    }

    /// Works out what taking a lesson, or a whole apply, out of the memory would do, and keeps the plan.
    ///
    /// # Errors
    /// When later edits overlap it: then only a person can say what is right.
    pub fn plan_take_back(&self, token: u64, what: &TakeBack) -> Result<Preview, Failure> {
        let (agent, lessons) = self
            .read(|reader| {
                let (agent, lessons) = match what {
                    TakeBack::Lesson(id) => {
                        let unknown = || StoreError::Unknown { what: "lesson", id: id.to_string() };
                        let lesson = reader.lesson(id)?.ok_or_else(unknown)?;
                        (lesson.agent.clone(), vec![lesson])
                    }
                    TakeBack::Apply(id) => {
                        let unknown = || StoreError::Unknown { what: "apply", id: id.to_string() };
                        let agent = reader.apply(id)?.ok_or_else(unknown)?.agent;
                        let all = LessonQuery { agent: Some(agent.clone()), ..LessonQuery::default() };
                        (agent, reader.lessons(&all)?)
                    }
                };
                Ok::<_, StoreError>((agent, lessons))
            })
            .map_err(failure)?;
        let (agent, plan) = self
            .with_agent(&agent, |context| {
                let plan = match what {
                    TakeBack::Lesson(id) => undo::lesson(context, id)?,
                    TakeBack::Apply(id) => undo::apply(context, id)?,
                };
                Ok((context.agent.clone(), plan))
            })
            .map_err(failure)?;
        let preview = Preview { plans: vec![shown(&agent.name, &plan, &lessons)], ..Preview::default() };
        self.keep_plans(Previewed {
            number: token,
            plans: vec![(agent, plan)],
            same: Vec::new(),
            adopts: false,
        });
        Ok(preview)
    }

    /// Keeps the plans that are being looked at, in the place of those before.
    pub(super) fn keep_plans(&self, previewed: Previewed) {
        *self.plans.lock().unwrap_or_else(PoisonError::into_inner) = Some(previewed);
    }

    /// Writes the plans that were shown under this number.
    ///
    /// # Errors
    /// When nothing could be written. What could not be written of several memories is in the answer.
    pub fn apply(&self, token: u64) -> Result<Applied, Failure> {
        let kept = self.plans.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Previewed { plans, same, adopts, .. } = match kept {
            Some(kept) if kept.number == token => kept,
            _ => return Err(Failure::new("The preview is out of date", "Look at it again")),
        };
        let mut done = Applied::default();
        let mut failed = None;
        let mut written_lessons: Vec<LessonId> = Vec::new();
        for (agent, plan) in plans {
            let written = self.with_agent(&agent.id, |context| {
                if adopts {
                    adopt::accept(context, &plan)?;
                }
                apply::run(&plan, context, &|_| {})
            });
            match written {
                Ok(applied) => {
                    done.took_back |= plan.action == ApplyAction::Undo;
                    written_lessons.extend(applied.lessons.iter().cloned());
                    done.documents += applied.written.len();
                    done.fitted.extend(applied.fitted.iter().map(ToString::to_string));
                    let left = applied.left.iter().filter(|_| applied.lessons.is_empty());
                    done.left_out.extend(left.map(|path| format!("{path} was changed meanwhile")));
                    // Those of the preview were told there, with the reason.
                    let told = |lesson: &LessonId| plan.conflicts.iter().any(|(known, _)| known == lesson);
                    for (lesson, reason) in applied.conflicts {
                        if told(&lesson) {
                            done.back.push(lesson);
                        } else {
                            done.left_out.push(reason);
                        }
                    }
                    done.satisfied += plan.satisfied.len();
                }
                Err(error) => {
                    done.left_out.push(format!("{}: {error}", agent.name));
                    failed = Some(error);
                }
            }
        }
        done.lessons = rows(&same, written_lessons.iter());
        match failed {
            Some(error) if done.lessons + done.documents + done.back.len() == 0 => Err(failure(error)),
            _ => Ok(done),
        }
    }

    /// Finishes applies that were cut off: they were confirmed, and their journal says what is left.
    ///
    /// # Errors
    /// When one can't be finished now.
    pub fn resume(&self) -> Result<Option<Applied>, Failure> {
        let cut_off: Vec<AgentId> = self
            .read(|reader| {
                let applies = reader.applies(None)?;
                let open = applies.into_iter().filter(|apply| apply.ended.is_none());
                Ok::<_, StoreError>(open.map(|apply| apply.agent).collect())
            })
            .map_err(failure)?;
        let mut done = Applied::default();
        for agent in &cut_off {
            match self.with_agent(agent, |context| apply::resume(context, &|_| {})) {
                Ok(Some(applied)) => {
                    done.lessons += applied.lessons.len();
                    done.documents += applied.written.len();
                    done.fitted.extend(applied.fitted.iter().map(ToString::to_string));
                    done.left_out.extend(applied.conflicts.into_iter().map(|(_, reason)| reason));
                }
                // Another wakeful is at it.
                Ok(None) | Err(SyncError::Busy { .. }) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Ok((done != Applied::default()).then_some(done))
    }

    /// Lessons by id, for their statements.
    pub(super) fn statements(
        reader: &Reader,
    ) -> Result<std::collections::HashMap<LessonId, Lesson>, StoreError> {
        let all = reader.lessons(&LessonQuery::default())?;
        Ok(all.into_iter().map(|lesson| (lesson.id.clone(), lesson)).collect())
    }
}

fn states(changed: Vec<Changed>) -> Vec<(LessonId, State)> {
    changed.into_iter().map(|changed| (changed.lesson, changed.to)).collect()
}

/// What a batch had said, told from what taking it back (or making it again) changed.
/// How many lessons the apply wrote that wrote this one last.
fn written_with(reader: &Reader, lesson: &LessonId) -> Result<usize, StoreError> {
    let Some(found) = reader.lesson(lesson)? else { return Ok(0) };
    for apply in reader.applies(Some(&found.agent))? {
        let lessons = reader.apply_lessons(&apply.id)?;
        let written = lessons.iter().filter(|(_, fate)| *fate == Fate::Written);
        let written: Vec<&LessonId> = written.map(|(planned, _)| &planned.lesson).collect();
        if apply.action == ApplyAction::Apply && written.contains(&lesson) {
            return Ok(written.len());
        }
    }
    Ok(0)
}

fn said(changed: &Changed, again: bool) -> &'static str {
    let (before, after) = if again { (changed.from, changed.to) } else { (changed.to, changed.from) };
    match after {
        _ if before == after => "edit",
        State::Accepted => "accept",
        State::Rejected => "reject",
        State::Snoozed => "snooze",
        State::Pending | State::Conflict => "reopen",
        State::Applied | State::Superseded => "decision",
    }
}

pub(super) fn shown(name: &str, plan: &Plan, lessons: &[Lesson]) -> AgentPlan {
    let find = |id: &LessonId| lessons.iter().find(|lesson| lesson.id == *id);
    let statement =
        |id: &LessonId| find(id).map_or_else(|| id.to_string(), |lesson| lesson.statement.clone());
    let with_reason = |out: &[(LessonId, String)]| {
        out.iter().map(|(id, reason)| (statement(id), reason.clone())).collect::<Vec<_>>()
    };
    let mut warnings: Vec<String> = plan
        .remarks
        .iter()
        .map(|remark| match remark.lessons.as_slice() {
            [] => remark.text.clone(),
            [only] => format!("{} ({})", remark.text, statement(only)),
            many => format!("{} ({} lessons)", remark.text, many.len()),
        })
        .collect();
    warnings.extend(plan.satisfied.iter().map(|id| {
        let out = find(id).is_some_and(|lesson| lesson.state == State::Rejected);
        format!(
            "the memory {}: {}",
            if out { "does not say this any more" } else { "says already" },
            statement(id)
        )
    }));
    AgentPlan {
        agent: plan.agent.clone(),
        name: name.to_owned(),
        lessons: plan.lessons.iter().map(|id| (id.clone(), statement(id))).collect(),
        takes_out: plan.takes_out.clone(),
        documents: plan
            .documents
            .iter()
            .map(|document| DocumentText {
                path: document.path.clone(),
                change: document.change.clone(),
                before: document.before.clone().unwrap_or_default(),
                after: document.after.clone().unwrap_or_default(),
            })
            .collect(),
        tokens_before: plan.before.tokens,
        tokens_after: plan.after.tokens,
        budget: plan.budget.store_tokens,
        conflicts: with_reason(&plan.conflicts),
        blocked: with_reason(&plan.blocked),
        satisfied: plan.satisfied.len(),
        warnings,
    }
}
