//! What a dream wrote, as a whole: taking it over, and putting its store away.

use super::{Previewed, World, failure};
use crate::app::data::{Failure, Preview};
use crate::app::doubt;
use crate::app::far::{Adoption, LeftoverStore};
use crate::domain::ids::{AgentId, DreamId};
use crate::domain::remote::OutputStore;
use crate::store::{LessonQuery, StoreError};
use crate::sync::adopt::{self, Rejected};
use crate::sync::platform::leftover;

impl World {
    /// Works out what writing all of a dream would do, and keeps the plan under a number.
    ///
    /// # Errors
    /// When a memory or the cache can't be read.
    pub fn plan_adopt(&self, number: u64, agent: &AgentId, dream: &DreamId) -> Result<Adoption, Failure> {
        let (agent, found) = self
            .with_agent(agent, |context| Ok((context.agent.clone(), adopt::plan(context, dream)?)))
            .map_err(failure)?;
        let of_dream = LessonQuery { dream: Some(dream.clone()), ..LessonQuery::default() };
        let lessons = self.read(|reader| reader.lessons(&of_dream)).map_err(failure)?;
        let plans = vec![super::write::shown(&agent.name, &found.plan, &lessons)];
        let rejected = found.rejected.iter().map(in_words).collect();
        // What was rejected is named as such already.
        let unseen = lessons.iter().filter(|lesson| {
            let overruled = found.rejected.iter().any(|rejected| rejected.lesson == lesson.id);
            found.plan.lessons.contains(&lesson.id) && !overruled
        });
        let doubted = doubt::doubted(unseen);
        self.keep_plans(Previewed {
            number,
            plans: vec![(agent, found.plan)],
            same: Vec::new(),
            adopts: true,
        });
        Ok(Adoption { plan: Preview { plans, ..Preview::default() }, rejected, doubted })
    }

    /// Looks at the store that a dream left. Changes nothing there.
    ///
    /// # Errors
    /// When there is none, or the platform can't be reached.
    pub fn look_leftover(&self, agent: &AgentId, id: &DreamId) -> Result<LeftoverStore, Failure> {
        let left = self.with_far(agent, |far, _| {
            let unknown = || StoreError::Unknown { what: "dream", id: id.to_string() };
            leftover::look(far, &far.reader.dream(id)?.ok_or_else(unknown)?)
        });
        let left = left.map_err(failure)?;
        Ok(LeftoverStore {
            agent: agent.clone(),
            dream: id.clone(),
            store: left.store,
            name: left.name,
            documents: left.documents,
            open: left.open,
            now: left.now,
        })
    }

    /// Archives or deletes that store.
    ///
    /// # Errors
    /// As [`World::look_leftover`].
    pub fn put_away(&self, agent: &AgentId, id: &DreamId, delete: bool) -> Result<OutputStore, Failure> {
        let done = self.with_far(agent, |far, _| {
            let unknown = || StoreError::Unknown { what: "dream", id: id.to_string() };
            leftover::put_away(far, &far.reader.dream(id)?.ok_or_else(unknown)?, delete)
        });
        done.map_err(failure)
    }
}

fn in_words(rejected: &Rejected) -> String {
    match &rejected.reason {
        Some(reason) => format!("“{}”, because: {reason}", rejected.statement),
        None => format!("“{}”", rejected.statement),
    }
}
