//! Lists: lessons, agents, passes.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::thread::JoinHandle;

use super::{World, failure};
use crate::app::activity::{Activity, DAYS};
use crate::app::data::{AgentSummary, DreamSummary, Failure, MemorySize, Overview, Turns};
use crate::app::digest;
use crate::domain::agent::Budget;
use crate::domain::dream::DreamStatus;
use crate::domain::ids::{AgentId, DreamId};
use crate::domain::lifecycle::State;
use crate::domain::memory::Snapshot;
use crate::guard::budget;
use crate::store::{AgentStatus, LessonQuery, Reader, StoreError};
use crate::sync::platform::estimate;

/// Passes listed at most; older ones are on the command line.
const DREAMS: usize = 200;
/// Decisions that tell the reviewer's pace.
const DECISIONS: u32 = 200;

impl World {
    /// Everything the lists are made from.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn overview(&self) -> Result<Overview, Failure> {
        let early = self.early.lock().unwrap_or_else(PoisonError::into_inner).take();
        match early.map(JoinHandle::join) {
            Some(Ok(lists)) => lists,
            // A panic there is reported already.
            Some(Err(_)) | None => self.lists_now(),
        }
    }

    /// What an agent did over the days that are shown.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn activity(&self, agent: &AgentId) -> Result<Activity, Failure> {
        // A day more: where the reviewer's first day begins is not known here.
        let reach = jiff::SignedDuration::from_hours(24 * (DAYS as i64 + 1));
        let since = self.writer.now().checked_sub(reach).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.read(|reader| {
            let evidence = reader.supporting_places(agent, since)?;
            let decided = reader.verdicts(agent, since)?;
            Ok::<_, StoreError>(Activity { evidence, decided })
        })
        .map_err(failure)
    }

    pub(super) fn lists_now(&self) -> Result<Overview, Failure> {
        self.read(|reader| self.lists(reader)).map_err(failure)
    }

    fn lists(&self, reader: &Reader) -> Result<Overview, StoreError> {
        let shown = State::ALL.iter().copied().filter(|state| *state != State::Superseded).collect();
        let lessons = reader.lessons(&LessonQuery { states: shown, ..LessonQuery::default() })?;
        let mut counts: HashMap<&DreamId, (u32, u32)> = HashMap::new();
        for lesson in &lessons {
            let (all, undecided) = counts.entry(&lesson.dream).or_default();
            *all += 1;
            *undecided += u32::from(lesson.state.is_undecided());
        }
        let dreams = reader.dreams(None)?;
        let proposed = reader.proposed()?;
        let mut agents = Vec::new();
        let threshold = super::threshold(reader, *self.config.threshold)?;
        for mut status in reader.status(threshold)?.agents {
            self.config.apply_to(&mut status.agent);
            let last = dreams
                .iter()
                .find(|dream| dream.agent == status.agent.id && dream.status == DreamStatus::Completed)
                .map(|dream| dream.started);
            let own = || dreams.iter().filter(|dream| dream.agent == status.agent.id);
            let spent = estimate::all_spent(own());
            let by_others = estimate::all_spent_by_others(own());
            let mut summary = summary(reader, status, last)?;
            summary.lookback = self.config.lookback_of(&summary.agent);
            summary.every_hours = self.config.every_hours_of(&summary.agent);
            summary.spent = spent;
            summary.spent_by_others = by_others;
            agents.push(summary);
        }
        let (spent, spent_by_others) = (estimate::all_spent(&dreams), estimate::all_spent_by_others(&dreams));
        let dreams = dreams
            .iter()
            .take(DREAMS)
            .map(|dream| {
                let (lessons, undecided) = counts.get(&dream.id).copied().unwrap_or_default();
                let lessons = proposed.get(&dream.id).map_or(lessons, |count| *count as u32);
                DreamSummary { dream: dream.clone(), lessons, undecided }
            })
            .collect();
        let pace = digest::pace(&reader.decision_times(&self.config.reviewer.value, DECISIONS)?);
        let snoozed_until = reader.first_back()?;
        let gone = reader.gone_agents()?;
        let (undo, redo) = reader.turns()?;
        let turns = Turns { undo, redo };
        Ok(Overview { lessons, agents, gone, dreams, spent, spent_by_others, snoozed_until, pace, turns })
    }
}

fn summary(
    reader: &Reader,
    status: AgentStatus,
    last_dream: Option<jiff::Timestamp>,
) -> Result<AgentSummary, StoreError> {
    let memory = match status.memory_tokens {
        Some(_) => reader.memory(&status.agent.id)?.map(|memory| size(&memory, &status.agent.budget)),
        None => None,
    };
    Ok(AgentSummary {
        sessions: status.sessions,
        pending: status.pending,
        oldest: status.oldest,
        memory,
        last_dream,
        last_sync: status.last_sync,
        trouble: reader.trouble(&status.agent.id)?.map(|trouble| (trouble.at, trouble.text)),
        lookback: 0,
        every_hours: 0,
        spent: Vec::new(),
        spent_by_others: Vec::new(),
        agent: status.agent,
    })
}

/// The size of a memory, in the terms of its budget.
pub(super) fn size(memory: &Snapshot, limits: &Budget) -> MemorySize {
    let measured = budget::MemorySize::of(memory, limits);
    let has_index = limits.index.is_some();
    MemorySize {
        documents: memory.len() as u64,
        tokens: measured.tokens,
        index_lines: has_index.then_some(measured.index_lines),
        index_bytes: has_index.then_some(measured.index_bytes),
        index_tokens: has_index.then_some(measured.index_tokens),
    }
}
