//! Reading the list of sessions, and only as far as it brings anything new.
//!
//! Owns: when reading stops, when everything is read again, and going on after a kill. Must not know: what
//! is done with sessions.
//!
//! Sessions come newest first, so what is new stands first. After [`QUIET`] in a row that are as they were,
//! the rest is taken to be so too; sessions that were at work are asked for one by one. Once in
//! [`FULL_EVERY`] the whole list is read, because older sessions can change, and go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::convert;
use super::options::Labels;
use super::pull::Pull;
use super::roster::Roster;
use crate::domain::dream::Progress;
use crate::domain::ids::{AgentId, SessionId};
use crate::domain::session::SessionMeta;
use crate::source::platform::{PlatformError, SessionQuery, wire};
use crate::sync::SyncError;

/// Unchanged sessions in a row after which the rest is taken to be unchanged: one page.
const QUIET: usize = 100;

/// Sessions kept at once.
const CHUNK: usize = 100;

/// How often the whole list is read.
pub(super) const FULL_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// How often a list is taken up again when its place is lost.
const ATTEMPTS: u32 = 3;

/// Sessions at work that are asked for one by one; more wait for the next whole reading.
const LIVE: usize = 100;

/// Name of the list among the cursors.
const LIST: &str = "sessions";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// Whole readings so far, counting the one under way.
    pass: u64,
    /// When the last whole reading was done.
    full: Option<Timestamp>,
    /// How far down a whole reading is that is under way.
    reached: Option<Timestamp>,
    /// Whether one is under way.
    open: bool,
}

/// What reading the list brought.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Sessions that are new or changed.
    pub changed: u64,
    /// Sessions that are no longer there.
    pub gone: u64,
    /// Whether the whole list was read.
    pub whole: bool,
    met: BTreeSet<String>,
}

pub(super) struct Walk<'p, 'a> {
    pull: &'p Pull<'a>,
    roster: &'p mut Roster<'a>,
    labels: Labels,
    cursor: Cursor,
    walked: Walked,
    waiting: BTreeMap<AgentId, Vec<SessionMeta>>,
    count: usize,
    read: u64,
}

impl<'p, 'a> Walk<'p, 'a> {
    /// Reads the list of a profile's sessions into the cache.
    pub fn run(pull: &'p Pull<'a>, roster: &'p mut Roster<'a>) -> Result<Walked, SyncError> {
        let profile = pull.platform.profile();
        let kept = pull.reader.cursor(profile, LIST)?;
        // A cursor that can't be read, of another build say, costs a whole reading.
        let cursor: Cursor = kept.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
        let labels = pull.options.labels_of(profile);
        let walked = Walked::default();
        let mut walk =
            Walk { pull, roster, labels, cursor, walked, waiting: BTreeMap::new(), count: 0, read: 0 };
        let now = pull.writer.now();
        let due = walk.cursor.full.is_none_or(|full| now.duration_since(full) >= FULL_EVERY);
        if walk.cursor.open {
            // What came since stands above where the cut-off reading began.
            walk.down(None, true)?;
            walk.down(walk.cursor.reached, false)?;
        } else if due {
            walk.cursor.pass += 1;
            walk.cursor.open = true;
            walk.cursor.reached = None;
            walk.keep_cursor()?;
            walk.down(None, false)?;
        } else {
            walk.down(None, true)?;
        }
        if walk.cursor.open {
            walk.close(now)?;
        } else {
            walk.live()?;
        }
        Ok(walk.walked)
    }

    /// Reads the list from some moment down: to its end, or until nothing is new.
    fn down(&mut self, from: Option<Timestamp>, until_quiet: bool) -> Result<(), SyncError> {
        let mut from = from;
        let mut attempt = 1;
        loop {
            match self.down_once(from, until_quiet) {
                Err(error)
                    if attempt < ATTEMPTS
                        && matches!(error.platform(), Some(PlatformError::ListBroken { .. })) =>
                {
                    attempt += 1;
                    if !until_quiet {
                        from = self.cursor.reached.or(from);
                    }
                }
                // What came is kept, whatever ended it.
                other => {
                    let flushed = self.flush(!until_quiet);
                    return other.and(flushed);
                }
            }
        }
    }

    fn down_once(&mut self, from: Option<Timestamp>, until_quiet: bool) -> Result<(), SyncError> {
        let platform = self.pull.platform;
        // Several sessions may share a moment: those of the last one are read again.
        let before = from.map(|from| from.saturating_add(SignedDuration::from_millis(1)).unwrap_or(from));
        let query = SessionQuery { created_before: before, archived: true, ..SessionQuery::default() };
        let list = platform.client().sessions(&query);
        let mut quiet = 0;
        for session in platform.each(list) {
            let session = session?;
            if self.pull.cancel.load(Ordering::Relaxed) {
                return Err(SyncError::Canceled);
            }
            self.read += 1;
            if self.read.is_multiple_of(CHUNK as u64) {
                (self.pull.progress)(Progress { stage: "listing sessions", done: self.read, total: 0 });
            }
            quiet = if self.take(&session)? { 0 } else { quiet + 1 };
            let at = session.created_at;
            self.walked.met.insert(session.id);
            if self.count >= CHUNK {
                self.flush(false)?;
            }
            if !until_quiet && let Some(at) = at {
                self.cursor.reached = Some(at);
                if self.count == 0 {
                    self.keep_cursor()?;
                }
            }
            if until_quiet && quiet >= QUIET {
                break;
            }
        }
        Ok(())
    }

    /// Takes a session up; says whether it is new or changed.
    fn take(&mut self, session: &wire::Session) -> Result<bool, SyncError> {
        if self.roster.learn(session) {
            // Sessions refer to their agents, so those come first.
            self.pull.writer.put_agents(&self.roster.agents())?;
        }
        let mut changed = false;
        for agent in self.roster.homes(session) {
            let earlier = self.pull.reader.session(&agent.id, &SessionId::new(&session.id))?;
            let meta = convert::session(session, agent, &self.labels, earlier.clone());
            let same = earlier.as_ref() == Some(&meta);
            changed |= !same;
            if !same || self.cursor.open {
                self.waiting.entry(agent.id.clone()).or_default().push(meta);
                self.count += 1;
            }
        }
        self.walked.changed += u64::from(changed);
        Ok(changed)
    }

    fn flush(&mut self, note_place: bool) -> Result<(), SyncError> {
        for (agent, sessions) in std::mem::take(&mut self.waiting) {
            self.pull.writer.put_listed_sessions(&agent, sessions, self.cursor.pass)?;
        }
        self.count = 0;
        // Sessions first: a kill in between reads some of them again and misses none.
        if note_place { self.keep_cursor() } else { Ok(()) }
    }

    /// Ends a whole reading: what it did not meet is gone.
    fn close(&mut self, now: Timestamp) -> Result<(), SyncError> {
        for agent in self.roster.agents() {
            self.walked.gone += self.pull.writer.forget_unlisted_sessions(&agent.id, self.cursor.pass)?;
        }
        self.cursor.open = false;
        self.cursor.reached = None;
        self.cursor.full = Some(now);
        self.walked.whole = true;
        self.keep_cursor()
    }

    /// Asks again for sessions that were at work and were not among those just read.
    fn live(&mut self) -> Result<(), SyncError> {
        let mut asked = BTreeSet::new();
        for agent in self.roster.agents() {
            for known in self.pull.reader.live_sessions(&agent.id)? {
                let id = known.id.as_str().to_owned();
                if self.walked.met.contains(&id) || asked.len() >= LIVE || !asked.insert(id.clone()) {
                    continue;
                }
                match self.pull.platform.block_on(self.pull.platform.client().session(&id)) {
                    Ok(session) => drop(self.take(&session)?),
                    Err(error) if error.is_not_found() => {
                        self.pull.writer.forget_sessions(&agent.id, std::slice::from_ref(&known.id))?;
                        self.walked.gone += 1;
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        self.flush(false)
    }

    fn keep_cursor(&self) -> Result<(), SyncError> {
        let body = serde_json::to_string(&self.cursor).map_err(|error| SyncError::Elsewhere {
            reason: format!("how far the sync is can't be kept: {error}"),
        })?;
        Ok(self.pull.writer.put_cursor(self.pull.platform.profile(), LIST, &body)?)
    }
}
