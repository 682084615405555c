//! The commands that change the cache.
//!
//! Owns: the typed face of the writing thread; each method is one transaction and returns when it is
//! on the disk. Must not know: how any table looks (that is in the file of its family).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Transaction;

use super::actor::Actor;
use super::applies::{self, ApplyPlan, StepChange};
use super::audit::{self, AuditEntry, Record};
use super::decisions::{self, Ask, Decided, Remade, Undone};
use super::dreams::{self, Proposal};
use super::error::StoreError;
use super::intents::{self, Intent};
use super::lock::FileLock;
use super::outbox;
use super::reader::Reader;
use super::sessions::Facts;
use super::{
    agents, cursors, lessons, open, quarantine, records, sessions, snapshots, spot_checks, undo, view_state,
};
use crate::domain::agent::Agent;
use crate::domain::checks::SpotCheck;
use crate::domain::clock::Clock;
use crate::domain::dream::Dream;
use crate::domain::ids::{AgentId, ApplyId, LessonId, SessionId};
use crate::domain::lesson::Mark;
use crate::domain::memory::{ContentHash, Snapshot};
use crate::domain::outcome::Ending;
use crate::domain::remote::MemoryRecord;
use crate::domain::session::SessionMeta;
use crate::transcript::chain::Links;

/// A handle to the one writing thread. Calls block until their result is on the disk.
#[derive(Clone)]
pub struct Writer {
    actor: Arc<Actor>,
    clock: Arc<dyn Clock>,
    path: PathBuf,
}

impl Writer {
    pub(super) fn new(actor: Arc<Actor>, clock: Arc<dyn Clock>, path: PathBuf) -> Self {
        Self { actor, clock, path }
    }

    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let now = self.clock.now();
        self.actor.call(move |transaction| work(transaction, now)).map_err(|error| error.at(&self.path))
    }

    /// The present moment, by the clock that the cache was opened with.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes the lock without which nobody writes to memory stores; `None` if another wakeful holds it.
    ///
    /// # Errors
    /// When the lock file can't be made.
    pub fn lock_applies(&self) -> Result<Option<FileLock>, StoreError> {
        self.lock("apply.lock")
    }

    /// Takes the lock for dreaming for one agent; `None` if another wakeful holds it.
    ///
    /// # Errors
    /// When the lock file can't be made.
    pub fn lock_dreams(&self, agent: &AgentId) -> Result<Option<FileLock>, StoreError> {
        let name: String = ContentHash::of(agent.as_str().as_bytes()).to_string().chars().take(12).collect();
        self.lock(&format!("dream-{name}.lock"))
    }

    fn lock(&self, name: &str) -> Result<Option<FileLock>, StoreError> {
        let path: PathBuf = open::beside(&self.path, name);
        FileLock::try_take(&path).map_err(|error| StoreError::Open { reason: error.to_string(), path })
    }

    /// A read-only connection of its own, for work beside this thread.
    ///
    /// # Errors
    /// When the file can't be opened any more.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        open::reader(&self.path, &self.clock)
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds agents or brings them up to date.
    ///
    /// # Errors
    /// As [`StoreError`] says; then nothing changed. The same holds for every method here.
    pub fn put_agents(&self, found: &[Agent]) -> Result<(), StoreError> {
        let found = found.to_vec();
        self.call(move |transaction, _| agents::put(transaction, &found))
    }

    /// Hides agents that their source no longer has; their lessons, decisions and trail stay.
    pub fn hide_agents(&self, gone: &[AgentId]) -> Result<(), StoreError> {
        let gone = gone.to_vec();
        self.call(move |transaction, _| agents::hide(transaction, &gone))
    }

    /// Notes that an agent's sessions and memory were read just now.
    pub fn put_synced(&self, agent: &AgentId) -> Result<(), StoreError> {
        let agent = agent.clone();
        self.call(move |transaction, now| agents::synced(transaction, &agent, now))
    }

    /// Adds sessions or brings them up to date, each with what tells whether it shares history.
    pub fn put_sessions(&self, agent: &AgentId, found: Vec<(SessionMeta, Links)>) -> Result<(), StoreError> {
        let agent = agent.clone();
        self.call(move |transaction, _| sessions::put(transaction, &agent, &found))
    }

    /// Adds sessions known from a list, or brings what the list says up to date; each `SessionMeta` is
    /// kept as it is given. `pass` counts the full readings of that list.
    pub fn put_listed_sessions(
        &self,
        agent: &AgentId,
        listed: Vec<SessionMeta>,
        pass: u64,
    ) -> Result<(), StoreError> {
        let agent = agent.clone();
        self.call(move |transaction, _| sessions::put_listed(transaction, &agent, &listed, pass))
    }

    /// Takes out sessions that a whole reading of the list did not meet; gives how many.
    pub fn forget_unlisted_sessions(&self, agent: &AgentId, pass: u64) -> Result<u64, StoreError> {
        let agent = agent.clone();
        self.call(move |transaction, _| sessions::forget_unlisted(transaction, &agent, pass))
    }

    /// Keeps how far the reading of a far list is.
    pub fn put_cursor(&self, profile: &str, list: &str, body: &str) -> Result<(), StoreError> {
        let (profile, list, body) = (profile.to_owned(), list.to_owned(), body.to_owned());
        self.call(move |transaction, _| cursors::put(transaction, &profile, &list, &body))
    }

    /// Notes what went wrong with an agent's sync; `None` if nothing did.
    pub fn put_trouble(&self, agent: &AgentId, trouble: Option<&str>) -> Result<(), StoreError> {
        let (agent, trouble) = (agent.clone(), trouble.map(str::to_owned));
        self.call(move |transaction, now| cursors::put_trouble(transaction, &agent, trouble.as_deref(), now))
    }

    /// Notes what went wrong with the sync of a whole profile; `None` if nothing did.
    pub fn put_profile_trouble(&self, profile: &str, trouble: Option<&str>) -> Result<(), StoreError> {
        let (profile, trouble) = (profile.to_owned(), trouble.map(str::to_owned));
        self.call(move |transaction, now| {
            cursors::put_profile_trouble(transaction, &profile, trouble.as_deref(), now)
        })
    }

    /// Adds what a memory store says of its own history; gives how many records were new.
    pub fn put_records(&self, records: Vec<MemoryRecord>) -> Result<u64, StoreError> {
        self.call(move |transaction, _| records::put(transaction, &records))
    }

    /// Records that a dream is about to be asked for elsewhere.
    pub fn begin_intent(&self, intent: &Intent) -> Result<i64, StoreError> {
        let intent = intent.clone();
        self.call(move |transaction, now| intents::begin(transaction, &intent, now))
    }

    /// Notes that the dream of an intent came to be, and keeps it.
    pub fn intent_started(&self, intent: i64, dream: &Dream) -> Result<(), StoreError> {
        let dream = dream.clone();
        self.call(move |transaction, _| intents::started(transaction, intent, &dream))
    }

    /// Notes that no dream came of an intent.
    pub fn intent_refused(&self, intent: i64) -> Result<(), StoreError> {
        self.call(move |transaction, _| intents::refused(transaction, intent))
    }

    /// Takes out sessions whose files are gone.
    pub fn forget_sessions(&self, agent: &AgentId, gone: &[SessionId]) -> Result<(), StoreError> {
        let (agent, gone) = (agent.clone(), gone.to_vec());
        self.call(move |transaction, _| sessions::forget(transaction, &agent, &gone))
    }

    /// Keeps what an engine mined from sessions of an agent, in place of what it mined before.
    pub fn put_facts(&self, agent: &AgentId, engine: &str, facts: Vec<Facts>) -> Result<(), StoreError> {
        let (agent, engine) = (agent.clone(), engine.to_owned());
        self.call(move |transaction, _| sessions::put_facts(transaction, &agent, &engine, &facts))
    }

    /// Keeps texts of a store that is being read, each under its hash, and how far that reading is.
    pub fn put_documents(
        &self,
        texts: Vec<Arc<str>>,
        profile: &str,
        list: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        let (profile, list, body) = (profile.to_owned(), list.to_owned(), body.to_owned());
        self.call(move |transaction, _| {
            for text in &texts {
                snapshots::put_document(transaction, text)?;
            }
            cursors::put(transaction, &profile, &list, &body)
        })
    }

    /// Keeps how sessions ended; `None` takes back what was said before.
    pub fn put_endings(
        &self,
        agent: &AgentId,
        endings: Vec<(SessionId, Option<Ending>)>,
    ) -> Result<(), StoreError> {
        let agent = agent.clone();
        self.call(move |transaction, _| sessions::put_endings(transaction, &agent, &endings))
    }

    /// Keeps a snapshot under its hash.
    pub fn put_snapshot(&self, snapshot: &Snapshot) -> Result<ContentHash, StoreError> {
        let snapshot = snapshot.clone();
        self.call(move |transaction, _| snapshots::put(transaction, &snapshot))
    }

    /// Notes an agent's memory as just read, and the apply that made it so if one did; says whether
    /// it differs from when it was last seen.
    pub fn put_memory(
        &self,
        agent: &AgentId,
        snapshot: &Snapshot,
        apply: Option<&ApplyId>,
    ) -> Result<bool, StoreError> {
        let (agent, snapshot, apply) = (agent.clone(), snapshot.clone(), apply.cloned());
        self.call(move |transaction, now| {
            snapshots::put_memory(transaction, &agent, &snapshot, apply.as_ref(), now)
        })
    }

    /// Adds a dream or brings it up to date. Its snapshots must be there.
    pub fn put_dream(&self, dream: &Dream) -> Result<(), StoreError> {
        let dream = dream.clone();
        self.call(move |transaction, _| dreams::put(transaction, &dream))
    }

    /// Keeps a finished dream and its lessons together. A lesson that is known keeps its state, its
    /// edit and its decisions; undecided lessons that are no longer proposed are retired.
    pub fn finish_dream(&self, dream: &Dream, proposals: Vec<Proposal>, by: &str) -> Result<(), StoreError> {
        let (dream, by) = (dream.clone(), by.to_owned());
        self.call(move |transaction, now| dreams::finish(transaction, &dream, &proposals, &by, now))
    }

    /// Keeps what a person made of a lesson that no longer fitted the memory; that lesson is no longer proposed.
    pub fn fit_lesson(
        &self,
        dream: &Dream,
        proposals: Vec<Proposal>,
        instead_of: &LessonId,
        by: &str,
    ) -> Result<(), StoreError> {
        let (dream, instead_of, by) = (dream.clone(), instead_of.clone(), by.to_owned());
        self.call(move |transaction, now| dreams::fit(transaction, &dream, &proposals, &instead_of, &by, now))
    }

    /// Ends snoozes whose time has come; gives how many.
    pub fn wake_snoozed(&self) -> Result<u64, StoreError> {
        self.call(|transaction, now| lessons::wake(transaction, now))
    }

    /// Decides: all of it or nothing, as one batch. When this returns, a power cut loses nothing.
    ///
    /// Marks stay as they are; where an ask edits a text, [`Writer::decide_remade`] is the way.
    pub fn decide(&self, asks: &[Ask], by: &str) -> Result<Decided, StoreError> {
        self.decide_remade(asks, BTreeMap::new(), by)
    }

    /// As [`Writer::decide`], with what the texts of edits make of their lessons.
    pub fn decide_remade(
        &self,
        asks: &[Ask],
        remade: BTreeMap<LessonId, Remade>,
        by: &str,
    ) -> Result<Decided, StoreError> {
        let (asks, by) = (asks.to_vec(), by.to_owned());
        self.call(move |transaction, now| decisions::decide(transaction, &asks, &remade, &by, now))
    }

    /// Puts a session in quarantine, or out of it; `false` if it was there already.
    pub fn set_quarantine(
        &self,
        agent: &AgentId,
        session: &SessionId,
        kept_out: bool,
        by: &str,
    ) -> Result<bool, StoreError> {
        let (agent, session, by) = (agent.clone(), session.clone(), by.to_owned());
        self.call(move |transaction, now| quarantine::set(transaction, &agent, &session, kept_out, &by, now))
    }

    /// Gives lessons the counts they have without a session, whose places stay with them as mentions.
    pub fn recount(
        &self,
        session: &SessionId,
        lessons: Vec<quarantine::Recounted>,
    ) -> Result<(), StoreError> {
        let session = session.clone();
        self.call(move |transaction, _| quarantine::recount(transaction, &session, &lessons))
    }

    /// Keeps what a reviewer said of places that a search found.
    pub fn put_spot_check(
        &self,
        agent: &AgentId,
        lesson: &LessonId,
        check: &SpotCheck,
        by: &str,
    ) -> Result<(), StoreError> {
        let (agent, lesson, check, by) = (agent.clone(), lesson.clone(), check.clone(), by.to_owned());
        self.call(move |transaction, now| spot_checks::put(transaction, &agent, &lesson, &check, &by, now))
    }

    /// Takes back the newest batch that still stands; `None` if there is none.
    pub fn undo_decision(&self, by: &str) -> Result<Option<Undone>, StoreError> {
        let by = by.to_owned();
        self.call(move |transaction, now| undo::undo(transaction, &by, now))
    }

    /// Makes again what was undone last; `None` if nothing was, or something was decided since.
    pub fn redo_decision(&self, by: &str) -> Result<Option<Undone>, StoreError> {
        let by = by.to_owned();
        self.call(move |transaction, now| undo::redo(transaction, &by, now))
    }

    /// Puts a plan into the journal, before anything is written to a memory store.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if a lesson is no longer as the plan has it, or an apply was cut off.
    pub fn begin_apply(&self, plan: &ApplyPlan, by: &str) -> Result<ApplyId, StoreError> {
        let (plan, by) = (plan.clone(), by.to_owned());
        self.call(move |transaction, now| outbox::begin(transaction, &plan, &by, now))
    }

    /// Sends lessons of a plan that writes nothing where they belong, without an apply: those that collide
    /// back to review, those that the memory says already off the list.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if a lesson is no longer as the plan has it.
    pub fn settle(&self, plan: &ApplyPlan, by: &str) -> Result<(), StoreError> {
        let (plan, by) = (plan.clone(), by.to_owned());
        self.call(move |transaction, now| outbox::settle(transaction, &plan, &by, now))
    }

    /// Notes whether the place of the memory came to be by an apply, so that taking it back can take
    /// the place away again.
    pub fn set_made_memory(&self, apply: &ApplyId, made: bool) -> Result<(), StoreError> {
        let apply = apply.clone();
        self.call(move |transaction, _| applies::set_made_memory(transaction, &apply, made))
    }

    /// Puts other marks of one guard in the place of those that lessons have.
    pub fn put_marks(&self, guard: &str, marks: BTreeMap<LessonId, Vec<Mark>>) -> Result<(), StoreError> {
        let guard = guard.to_owned();
        self.call(move |transaction, _| {
            marks
                .iter()
                .try_for_each(|(lesson, marks)| lessons::set_marks(transaction, lesson, &guard, marks))
        })
    }

    /// Notes why lessons do not fit the memory as last read; with `None`, that they do.
    pub fn put_collisions(&self, reasons: BTreeMap<LessonId, Option<String>>) -> Result<(), StoreError> {
        self.call(move |transaction, _| {
            reasons
                .iter()
                .try_for_each(|(lesson, reason)| lessons::collide(transaction, lesson, reason.as_deref()))
        })
    }

    /// Notes that a step of an apply is written. Safe to repeat.
    pub fn mark_written(&self, apply: &ApplyId, step: u32, by: &str) -> Result<(), StoreError> {
        let (apply, by) = (apply.clone(), by.to_owned());
        self.call(move |transaction, now| outbox::mark_written(transaction, &apply, step, &by, now))
    }

    /// Changes what a running apply is going to write, when a document changed underneath it.
    pub fn revise_apply(
        &self,
        apply: &ApplyId,
        changes: Vec<StepChange>,
        by: &str,
    ) -> Result<(), StoreError> {
        let (apply, by) = (apply.clone(), by.to_owned());
        self.call(move |transaction, now| outbox::revise(transaction, &apply, &changes, &by, now))
    }

    /// Ends an apply whose steps are all settled. Lessons named in `collided` go back to review with
    /// the reason; all others are applied (or taken back). Safe to repeat.
    pub fn finish_apply(
        &self,
        apply: &ApplyId,
        collided: Vec<(LessonId, String)>,
        by: &str,
    ) -> Result<(), StoreError> {
        let (apply, by) = (apply.clone(), by.to_owned());
        self.call(move |transaction, now| outbox::finish(transaction, &apply, &collided, &by, now))
    }

    /// Adds a row to the audit trail.
    pub fn audit(&self, entry: AuditEntry) -> Result<Record, StoreError> {
        self.call(move |transaction, now| audit::append(transaction, &entry, now))
    }

    /// Keeps a piece of the console's state under a key.
    pub fn set_view(&self, key: &str, body: &str) -> Result<(), StoreError> {
        let (key, body) = (key.to_owned(), body.to_owned());
        self.call(move |transaction, _| view_state::put(transaction, &key, &body))
    }
}
