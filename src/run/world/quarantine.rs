//! A session that is taken out of everything: what came from it, and taking that back.

use super::{World, failure};
use crate::app::data::{Failure, FromSession};
use crate::app::words::counted;
use crate::domain::ids::{AgentId, LessonId, SessionId};
use crate::domain::lifecycle::State;
use crate::domain::text::SafeText;
use crate::sync::quarantine;

impl World {
    /// What came from a session, and what of it falls with it.
    ///
    /// # Errors
    /// When the cache can't be read.
    pub fn came_from(&self, agent: &AgentId, session: &SessionId) -> Result<FromSession, Failure> {
        let mut touched = Vec::new();
        for (agent, session) in self.holders(agent, session)? {
            let found = self.with_agent(&agent, |context| Ok(quarantine::look(context, &session, false)?));
            touched.extend(found.map_err(failure)?);
        }
        let falls = touched.iter().filter(|touched| touched.falls).map(|touched| {
            let place = if touched.lesson.state == State::Applied { "in the memory" } else { "proposed" };
            format!("{place}: {}", SafeText::line(&touched.lesson.statement))
        });
        let stay = touched.iter().filter(|touched| !touched.falls).count();
        Ok(FromSession { agent: agent.clone(), session: session.clone(), falls: falls.collect(), stay })
    }

    /// Whose lessons may rest on a session: its agent's, and those of the memory that agents share, which has a
    /// name of its own for it.
    fn holders(&self, agent: &AgentId, session: &SessionId) -> Result<Vec<(AgentId, SessionId)>, Failure> {
        let shared = self.read(|reader| quarantine::in_shared(reader, agent, session)).map_err(failure)?;
        let own = (agent.clone(), session.clone());
        Ok(std::iter::once(own).chain(shared.map(|(memory, named)| (memory.id, named))).collect())
    }

    /// Puts a session in quarantine; says what became of what came from it.
    ///
    /// # Errors
    /// When the cache or the memory fails; the session is in quarantine then, and repeating it goes on.
    pub fn quarantine(&self, agent: &AgentId, session: &SessionId) -> Result<String, Failure> {
        let mut fallen = Vec::new();
        for (agent, session) in self.holders(agent, session)? {
            let of_agent = self.with_agent(&agent, |context| {
                let touched = quarantine::look(context, &session, false)?;
                let falls = touched.into_iter().filter(|touched| touched.falls);
                let falling: Vec<LessonId> = falls.map(|touched| touched.lesson.id).collect();
                quarantine::run(context, &session, &falling)
            });
            fallen.extend(of_agent.map_err(failure)?);
        }
        let left: Vec<&str> = fallen.iter().filter_map(|fallen| fallen.left.as_deref()).collect();
        let gone = counted((fallen.len() - left.len()) as u64, "lesson");
        match left.first() {
            None => Ok(format!("In quarantine: {gone} rejected and undone")),
            Some(reason) => Err(Failure::new(
                format!("In quarantine: {gone} rejected, {} could not be taken out: {reason}", left.len()),
                "Edit the memory by hand, or undo what was written later first",
            )),
        }
    }
}
