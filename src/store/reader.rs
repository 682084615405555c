//! The questions that can be asked of the cache.
//!
//! Owns: one read-only connection; it never waits for the writing thread. Must not know: how any
//! table looks (that is in the file of its family).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::applies::{self, Apply, Fate, PlannedLesson, Step};
use super::audit::{self, AuditQuery, Break, Record};
use super::cursors::{self, SyncTrouble};
use super::error::StoreError;
use super::intents::{self, OpenIntent};
use super::lessons::{self, LessonQuery, Located};
use super::sessions::Facts;
use super::snapshots::{self, MemoryVersion};
use super::status::{self, Status};
use super::{agents, decisions, dreams, evidence, quarantine, records, same, sessions, undo, view_state};
use crate::domain::agent::Agent;
use crate::domain::clock::Clock;
use crate::domain::decision::Decision;
use crate::domain::dream::{Dream, Window};
use crate::domain::evidence::Evidence;
use crate::domain::ids::{AgentId, ApplyId, DreamId, LessonId, SessionId};
use crate::domain::lesson::Lesson;
use crate::domain::memory::{ContentHash, Snapshot};
use crate::domain::outcome::Ending;
use crate::domain::quick;
use crate::domain::remote::MemoryRecord;
use crate::domain::session::SessionMeta;
use crate::transcript::chain::Links;

/// One read-only connection. Can be sent to another thread; open another for use at the same time.
pub struct Reader {
    connection: Connection,
    clock: Arc<dyn Clock>,
    path: PathBuf,
}

impl Reader {
    pub(super) fn new(connection: Connection, clock: Arc<dyn Clock>, path: PathBuf) -> Self {
        Self { connection, clock, path }
    }

    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        quick::may_take_long("storage");
        question(&self.connection).map_err(|error| error.at(&self.path))
    }

    /// Agents that are there, by name.
    ///
    /// # Errors
    /// As [`StoreError`] says. The same holds for every method here.
    pub fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        self.ask(agents::all)
    }

    /// Whether a decision stands that can be taken back, and whether one was taken back that can be made again;
    /// what was written since may still stand in the way.
    pub fn turns(&self) -> Result<(bool, bool), StoreError> {
        self.ask(undo::turns)
    }

    /// Agents that no source has any more.
    pub fn gone_agents(&self) -> Result<Vec<Agent>, StoreError> {
        self.ask(agents::gone)
    }

    /// One agent, also if its source no longer has it.
    pub fn agent(&self, agent: &AgentId) -> Result<Option<Agent>, StoreError> {
        self.ask(|connection| agents::one(connection, agent))
    }

    /// Sessions inside a window, the newest first.
    pub fn sessions(&self, agent: &AgentId, window: &Window) -> Result<Vec<SessionMeta>, StoreError> {
        self.ask(|connection| sessions::window(connection, agent, window))
    }

    /// Every session of an agent, the newest first.
    pub fn all_sessions(&self, agent: &AgentId) -> Result<Vec<SessionMeta>, StoreError> {
        self.sessions(agent, &Window { last: u32::MAX, ..Window::default() })
    }

    /// Sessions of some evidence that a source no longer has.
    pub fn gone(&self, agent: &AgentId, evidence: &[Evidence]) -> Result<BTreeSet<SessionId>, StoreError> {
        let all: BTreeSet<&SessionId> = evidence.iter().map(|evidence| &evidence.place.session).collect();
        let mut gone = BTreeSet::new();
        for session in all {
            if self.session(agent, session)?.is_none() {
                gone.insert(session.clone());
            }
        }
        Ok(gone)
    }

    /// Every session of an agent by id, with what tells whether it shares history with others.
    pub fn linked_sessions(&self, agent: &AgentId) -> Result<Vec<(SessionMeta, Links)>, StoreError> {
        self.ask(|connection| sessions::linked(connection, agent, None))
    }

    /// One session with what tells whether it shares history with others.
    pub fn linked_session(
        &self,
        agent: &AgentId,
        session: &SessionId,
    ) -> Result<Option<(SessionMeta, Links)>, StoreError> {
        self.ask(|connection| Ok(sessions::linked(connection, agent, Some(session))?.pop()))
    }

    /// Sessions of an agent that were at work when they were last listed.
    pub fn live_sessions(&self, agent: &AgentId) -> Result<Vec<SessionMeta>, StoreError> {
        self.ask(|connection| sessions::live(connection, agent))
    }

    /// One session.
    pub fn session(&self, agent: &AgentId, session: &SessionId) -> Result<Option<SessionMeta>, StoreError> {
        let (agent, session) = SessionId::owned(agent, session);
        self.ask(|connection| sessions::one(connection, &agent, &session))
    }

    /// What an engine mined from a session when it last did; the digest tells whether that still holds.
    pub fn facts(
        &self,
        agent: &AgentId,
        session: &SessionId,
        engine: &str,
    ) -> Result<Option<Facts>, StoreError> {
        self.ask(|connection| sessions::facts(connection, agent, session, engine))
    }

    /// The snapshot with this hash.
    pub fn snapshot(&self, hash: ContentHash) -> Result<Snapshot, StoreError> {
        self.ask(|connection| snapshots::get(connection, hash))
    }

    /// The text of the document with this hash, from any snapshot or plan.
    pub fn document(&self, hash: ContentHash) -> Result<Arc<str>, StoreError> {
        self.ask(|connection| snapshots::document(connection, hash))
    }

    /// An agent's memory as last read; `None` if it never was.
    pub fn memory(&self, agent: &AgentId) -> Result<Option<Snapshot>, StoreError> {
        self.ask(|connection| match snapshots::latest(connection, agent)? {
            Some(hash) => snapshots::get(connection, hash).map(Some),
            None => Ok(None),
        })
    }

    /// Hash of an agent's memory as last read; `None` if it never was.
    pub fn memory_hash(&self, agent: &AgentId) -> Result<Option<ContentHash>, StoreError> {
        self.ask(|connection| snapshots::latest(connection, agent))
    }

    /// Every state in which an agent's memory was seen, the newest first.
    pub fn memory_log(&self, agent: &AgentId) -> Result<Vec<MemoryVersion>, StoreError> {
        self.ask(|connection| snapshots::log(connection, agent))
    }

    /// Dreams of one agent or of all, the newest first.
    pub fn dreams(&self, agent: Option<&AgentId>) -> Result<Vec<Dream>, StoreError> {
        self.ask(|connection| dreams::all(connection, agent))
    }

    /// How many lessons each finished dream proposed; later dreams may have taken them over since.
    pub fn proposed(&self) -> Result<BTreeMap<DreamId, u64>, StoreError> {
        self.ask(dreams::proposed)
    }

    /// One dream.
    pub fn dream(&self, dream: &DreamId) -> Result<Option<Dream>, StoreError> {
        self.ask(|connection| dreams::one(connection, dream))
    }

    /// How far the reading of a far list is.
    pub fn cursor(&self, profile: &str, list: &str) -> Result<Option<String>, StoreError> {
        self.ask(|connection| cursors::get(connection, profile, list))
    }

    /// What went wrong when an agent was synced last; `None` if nothing did.
    pub fn trouble(&self, agent: &AgentId) -> Result<Option<SyncTrouble>, StoreError> {
        self.ask(|connection| cursors::trouble(connection, agent))
    }

    /// What a memory store says of its own history, the newest first; of one path, if one is given.
    pub fn memory_records(&self, store: &str, path: Option<&str>) -> Result<Vec<MemoryRecord>, StoreError> {
        self.ask(|connection| records::of(connection, store, path))
    }

    /// The newest known record of a memory store.
    pub fn newest_record(&self, store: &str) -> Result<Option<MemoryRecord>, StoreError> {
        self.ask(|connection| records::newest(connection, store))
    }

    /// Dreams asked for through a profile of which it is not known whether they came to be.
    pub fn open_intents(&self, profile: &str) -> Result<Vec<OpenIntent>, StoreError> {
        self.ask(|connection| intents::open(connection, profile))
    }

    /// What was meant when wakeful started a dream elsewhere; `None` if it did not.
    pub fn intent_of(&self, dream: &DreamId) -> Result<Option<OpenIntent>, StoreError> {
        self.ask(|connection| intents::of(connection, dream))
    }

    /// The dream that came of an intent, once that is known.
    pub fn dream_of_intent(&self, intent: i64) -> Result<Option<DreamId>, StoreError> {
        self.ask(|connection| intents::dream_of(connection, intent))
    }

    /// How a session ended, where anything says so.
    pub fn ending(&self, agent: &AgentId, session: &SessionId) -> Result<Option<Ending>, StoreError> {
        let (agent, session) = SessionId::owned(agent, session);
        self.ask(|connection| sessions::ending(connection, &agent, &session))
    }

    /// How the sessions of some evidence ended, where anything says so.
    pub fn endings(
        &self,
        agent: &AgentId,
        evidence: &[Evidence],
    ) -> Result<BTreeMap<SessionId, Ending>, StoreError> {
        let sessions: BTreeSet<&SessionId> = evidence.iter().map(|place| &place.place.session).collect();
        let mut endings = BTreeMap::new();
        for session in sessions {
            if let Some(ending) = self.ending(agent, session)? {
                endings.insert(session.clone(), ending);
            }
        }
        Ok(endings)
    }

    /// Sessions of an agent in quarantine.
    pub fn quarantined(&self, agent: &AgentId) -> Result<BTreeSet<SessionId>, StoreError> {
        self.ask(|connection| quarantine::of(connection, agent))
    }

    /// Lessons of an agent with evidence from a session.
    pub fn lessons_from(&self, agent: &AgentId, session: &SessionId) -> Result<Vec<LessonId>, StoreError> {
        self.ask(|connection| quarantine::lessons_from(connection, agent, session))
    }

    /// Sessions whose id starts so, with their agents; at most `most`.
    pub fn sessions_named(&self, start: &str, most: u32) -> Result<Vec<(AgentId, SessionId)>, StoreError> {
        self.ask(|connection| quarantine::sessions_named(connection, start, most))
    }

    /// Number of sessions of an agent.
    pub fn session_count(&self, agent: &AgentId) -> Result<u64, StoreError> {
        self.ask(|connection| sessions::count(connection, agent))
    }

    /// Lessons that match, grouped by agent and dream (the newest first), in the order of the dream.
    pub fn lessons(&self, query: &LessonQuery) -> Result<Vec<Lesson>, StoreError> {
        self.ask(|connection| lessons::find(connection, query, self.clock.now()))
    }

    /// One lesson.
    pub fn lesson(&self, lesson: &LessonId) -> Result<Option<Lesson>, StoreError> {
        self.ask(|connection| lessons::one(connection, lesson, self.clock.now()))
    }

    /// Lessons of other agents in the same words that nobody edited and that wait for a decision, were rejected,
    /// or stand as this one does.
    pub fn twins(&self, lesson: &LessonId) -> Result<Vec<Lesson>, StoreError> {
        self.ask(|connection| same::twins(connection, lesson, self.clock.now()))
    }

    /// What finds a lesson again among those cut from its dream's snapshots.
    pub fn locate(&self, lesson: &LessonId) -> Result<Option<Located>, StoreError> {
        self.ask(|connection| lessons::locate(connection, lesson))
    }

    /// What a lesson rests on.
    pub fn evidence(&self, lesson: &LessonId) -> Result<Vec<Evidence>, StoreError> {
        self.ask(|connection| evidence::of(connection, lesson))
    }

    /// Every decision on a lesson, the oldest first; taking one back shows as its inverse.
    pub fn decisions(&self, lesson: &LessonId) -> Result<Vec<Decision>, StoreError> {
        self.ask(|connection| decisions::of(connection, lesson))
    }

    /// The reviewer's text of a lesson, where there is one.
    pub fn edit_of(&self, lesson: &LessonId) -> Result<Option<String>, StoreError> {
        self.ask(|connection| decisions::edit_of(connection, lesson))
    }

    /// What a lesson said when it was proposed, whatever a reviewer made of it since.
    pub fn proposed_statement(&self, lesson: &LessonId) -> Result<Option<String>, StoreError> {
        self.ask(|connection| lessons::proposed_statement(connection, lesson))
    }

    /// Applies and undos of one agent or of all, the newest first.
    pub fn applies(&self, agent: Option<&AgentId>) -> Result<Vec<Apply>, StoreError> {
        self.ask(|connection| applies::all(connection, agent))
    }

    /// One apply or undo.
    pub fn apply(&self, apply: &ApplyId) -> Result<Option<Apply>, StoreError> {
        self.ask(|connection| applies::one(connection, apply))
    }

    /// The apply or undo of an agent that was cut off, if there is one.
    pub fn unfinished_apply(&self, agent: &AgentId) -> Result<Option<Apply>, StoreError> {
        self.ask(|connection| applies::unfinished(connection, agent))
    }

    /// Lessons of an apply, in the order in which they were put together, and what became of each.
    pub fn apply_lessons(&self, apply: &ApplyId) -> Result<Vec<(PlannedLesson, Fate)>, StoreError> {
        self.ask(|connection| applies::lessons_of(connection, apply))
    }

    /// How many sessions supported each lesson of an apply when it was planned, where that was kept.
    pub fn supports_then(&self, apply: &ApplyId) -> Result<Vec<(LessonId, Option<u32>)>, StoreError> {
        self.ask(|connection| applies::supports(connection, apply))
    }

    /// When a reviewer decided, one moment per key press, the newest first and at most so many.
    pub fn decision_times(&self, author: &str, limit: u32) -> Result<Vec<Timestamp>, StoreError> {
        self.ask(|connection| decisions::times(connection, author, limit))
    }

    /// When the first of the snoozed lessons comes back.
    pub fn first_back(&self) -> Result<Option<Timestamp>, StoreError> {
        self.ask(lessons::first_back)
    }

    /// When decisions that still count were made on lessons of an agent since a moment, and whether each was to
    /// accept; putting off and editing decide nothing.
    pub fn verdicts(
        &self,
        agent: &AgentId,
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, bool, u32)>, StoreError> {
        self.ask(|connection| decisions::verdicts(connection, agent, since))
    }

    /// Supporting places of lessons of an agent since a moment, counted by quarters of an hour.
    pub fn supporting_places(
        &self,
        agent: &AgentId,
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, u32)>, StoreError> {
        self.ask(|connection| evidence::supporting_since(connection, agent, since))
    }

    /// Lessons that an apply put into the memory and that are still there.
    pub fn held_by(&self, apply: &ApplyId) -> Result<Vec<LessonId>, StoreError> {
        self.ask(|connection| lessons::held_by(connection, apply))
    }

    /// The writes of an apply, in order.
    pub fn apply_steps(&self, apply: &ApplyId) -> Result<Vec<Step>, StoreError> {
        self.ask(|connection| applies::steps(connection, apply))
    }

    /// Rows of the audit trail, the newest first.
    pub fn audit(&self, query: &AuditQuery) -> Result<Vec<Record>, StoreError> {
        self.ask(|connection| audit::find(connection, query))
    }

    /// Follows the audit trail from its start; `None` if every row fits.
    pub fn audit_verify(&self) -> Result<Option<Break>, StoreError> {
        self.ask(audit::verify)
    }

    /// What waits and how each agent stands, for an evidence threshold.
    pub fn status(&self, threshold: u32) -> Result<Status, StoreError> {
        self.ask(|connection| status::read(connection, threshold, self.clock.now()))
    }

    /// The console's state under a key.
    pub fn view(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.ask(|connection| view_state::get(connection, key))
    }

    /// A number that differs from last time if anyone, in this process or another, wrote since.
    pub fn data_version(&self) -> Result<i64, StoreError> {
        self.ask(|connection| Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?))
    }

    /// What SQLite finds wrong with the file; empty if nothing. Reads all of it.
    pub fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check")?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            let found = lines.collect::<Result<Vec<_>, _>>()?;
            Ok(found.into_iter().filter(|line| line != "ok").collect())
        })
    }
}
