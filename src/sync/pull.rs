//! Reading what sources have into the cache, and only what changed.
//!
//! Owns: what counts as unchanged, and the order of writes. Must not know: any kind of source, or
//! what is done with sessions.
//!
//! A session whose files have the sizes and times they had is not opened, and of one that grew only what was appended
//! is read. What was read is written batch by batch, so that a stop loses little. The last batch is written together
//! with the chains of all: until then the next pull still finds something to read, and looks at the chains again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use super::compose::Cuttings;
use super::error::SyncError;
use super::platform::{self, Options};
use super::renew;
use super::shared;
use crate::domain::agent::Agent;
use crate::domain::dream::Progress;
use crate::domain::ids::{AgentId, DreamId, SessionId};
use crate::domain::lifecycle::State;
use crate::domain::session::{SessionFile, SessionMeta};
use crate::source::{Described, FoundSession, Source, SourceError, Sources, describe, describe_grown};
use crate::store::{Reader, Writer};
use crate::transcript::chain::{self, Links};

/// Who offers lessons when a sync finds that several agents have them, as the audit trail names it.
const AUTHOR: &str = "wakeful";

/// What a memory that changed meanwhile may fit no longer, or again.
const MAY_FIT: [State; 4] = [State::Pending, State::Accepted, State::Snoozed, State::Conflict];

/// What a pull found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullReport {
    /// Agents found.
    pub agents: u64,
    /// Sessions found.
    pub sessions: u64,
    /// Sessions read because they are new or changed.
    pub read: u64,
    /// Parts of those that are no records of a transcript and were passed over.
    pub skipped: u64,
    /// Sessions that are no longer there.
    pub gone: u64,
    /// Agents whose memory differs from when it was last seen.
    pub memory_changed: Vec<AgentId>,
    /// Snoozed lessons whose time has come.
    pub woken: u64,
    /// Dreams elsewhere that are new or changed.
    pub dreams: u64,
    /// Dreams elsewhere whose lessons were kept.
    pub harvested: Vec<DreamId>,
    /// Requests made to platforms.
    pub requests: u64,
    /// Platforms that could not be read at all.
    pub platforms_failed: u64,
    /// What could not be read, in words. The rest was.
    pub problems: Vec<String>,
}

impl PullReport {
    /// Whether nothing could be read, or a platform not at all.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        (self.agents == 0 && !self.problems.is_empty()) || self.platforms_failed > 0
    }
}

/// Reads agents, sessions and memory of all sources. `adjust` gives each agent what the
/// configuration says about it.
///
/// # Errors
/// When the cache fails. What can't be read of a source is in the report instead.
pub fn run(
    sources: &Sources,
    reader: &Reader,
    writer: &Writer,
    adjust: &dyn Fn(&mut Agent),
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<PullReport, SyncError> {
    run_with(sources, reader, writer, &Options::default(), adjust, progress, cancel)
}

/// The same with what is configured about platforms.
///
/// # Errors
/// When the cache fails. What can't be read of a source is in the report instead.
pub fn run_with(
    sources: &Sources,
    reader: &Reader,
    writer: &Writer,
    options: &Options,
    adjust: &dyn Fn(&mut Agent),
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<PullReport, SyncError> {
    let mut report = PullReport { woken: writer.wake_snoozed()?, ..PullReport::default() };
    let (mut agents, errors) = sources.local_agents();
    agents.iter_mut().for_each(adjust);
    report.problems.extend(errors.iter().map(ToString::to_string));
    writer.put_agents(&agents)?;
    let pull = Pull { reader, writer, progress, cancel };
    for (done, agent) in agents.iter().enumerate() {
        progress(Progress { stage: "syncing", done: done as u64, total: agents.len() as u64 });
        let Some(source) = sources.of(agent) else { continue };
        match pull.agent(source.as_ref(), agent, &mut report) {
            Ok(()) => writer.put_trouble(&agent.id, None)?,
            Err(SyncError::Source(error)) => {
                let text = error.to_string();
                writer.put_trouble(&agent.id, Some(&text))?;
                report.problems.push(format!("{}: {text}", agent.name));
            }
            Err(error) => return Err(error),
        }
    }
    for platform in sources.platforms() {
        let before = platform.client().requests();
        let pull = platform::pull::Pull { platform, reader, writer, options, adjust, progress, cancel };
        let found = pull.run(&mut report);
        report.requests += platform.client().requests().saturating_sub(before);
        agents.extend(found?);
    }
    let cuttings = Cuttings::new();
    for agent in agents.iter().filter(|agent| report.memory_changed.contains(&agent.id)) {
        renew::collisions(reader, writer, &cuttings, agent, &MAY_FIT)?;
        renew::sizes(reader, writer, &cuttings, agent)?;
    }
    report.agents = agents.len() as u64;
    if errors.is_empty() {
        let found: BTreeSet<&AgentId> = agents.iter().map(|agent| &agent.id).collect();
        let gone: Vec<AgentId> = reader
            .agents()?
            .into_iter()
            .map(|agent| agent.id)
            .filter(|known| !found.contains(known))
            .collect();
        writer.hide_agents(&gone)?;
    }
    shared::after(sources, reader, writer, &cuttings, AUTHOR)?;
    Ok(report)
}

/// Sessions that are read before what was found is written.
const BATCH: usize = 256;

struct Pull<'a> {
    reader: &'a Reader,
    writer: &'a Writer,
    progress: &'a (dyn Fn(Progress) + Sync),
    cancel: &'a AtomicBool,
}

impl Pull<'_> {
    fn agent(&self, source: &dyn Source, agent: &Agent, report: &mut PullReport) -> Result<(), SyncError> {
        let known = self.reader.memory(&agent.id)?.unwrap_or_default();
        let memory = source.memory(agent, &known)?;
        if self.writer.put_memory(&agent.id, &memory.snapshot, None)? {
            report.memory_changed.push(agent.id.clone());
        }
        for skipped in memory.skipped {
            let (name, file) = (&agent.name, skipped.file);
            report.problems.push(format!("{name}: {file} is no memory document: {}", skipped.reason));
        }
        let found = source.sessions(agent)?;
        report.sessions += found.len() as u64;
        self.sessions(source, agent, &found, report)?;
        self.writer.put_synced(&agent.id)?;
        Ok(())
    }

    fn sessions(
        &self,
        source: &dyn Source,
        agent: &Agent,
        found: &[FoundSession],
        report: &mut PullReport,
    ) -> Result<(), SyncError> {
        let known: BTreeMap<SessionId, SessionMeta> =
            self.reader.all_sessions(&agent.id)?.into_iter().map(|meta| (meta.id.clone(), meta)).collect();
        let changed: Vec<&FoundSession> = found
            .iter()
            .filter(|session| {
                known.get(&session.id).is_none_or(|meta| !is_unchanged(&meta.files, &session.files))
            })
            .collect();
        let there: BTreeSet<&SessionId> = found.iter().map(|session| &session.id).collect();
        let gone: Vec<SessionId> = known.keys().filter(|id| !there.contains(id)).cloned().collect();
        if changed.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let mut read = Vec::new();
        let mut done = 0;
        for batch in changed.chunks(BATCH) {
            let earlier = std::mem::take(&mut read);
            if !earlier.is_empty() {
                self.writer.put_sessions(&agent.id, described(agent, earlier, report))?;
            }
            read = self.describe(source, agent, batch, (done, changed.len()))?;
            done += batch.len();
        }
        let mut linked: BTreeMap<SessionId, (SessionMeta, Links)> = self
            .reader
            .linked_sessions(&agent.id)?
            .into_iter()
            .map(|(meta, links)| (meta.id.clone(), (meta, links)))
            .collect();
        linked.retain(|id, _| there.contains(id));
        for (meta, links) in described(agent, read, report) {
            linked.insert(meta.id.clone(), (meta, links));
        }
        // One new session can join two old ones, so the names of all are looked at again.
        let (mut metas, links): (Vec<_>, Vec<_>) = linked.into_values().unzip();
        chain::assign(&mut metas, &links);
        let new =
            metas.into_iter().zip(links).filter(|(meta, _)| known.get(&meta.id) != Some(meta)).collect();
        self.writer.put_sessions(&agent.id, new)?;
        self.writer.forget_sessions(&agent.id, &gone)?;
        report.gone += gone.len() as u64;
        Ok(())
    }

    /// Reads sessions on all cores; results come in the order asked. So many were read before, of so many in all.
    fn describe(
        &self,
        source: &dyn Source,
        agent: &Agent,
        sessions: &[&FoundSession],
        (before, total): (usize, usize),
    ) -> Result<Vec<Result<Described, SourceError>>, SyncError> {
        let (total, done, progress, cancel) =
            (total as u64, AtomicU64::new(before as u64), self.progress, self.cancel);
        let known: Vec<Option<(SessionMeta, Links)>> = sessions
            .iter()
            .map(|session| self.reader.linked_session(&agent.id, &session.id))
            .collect::<Result<_, _>>()?;
        let read = sessions
            .par_iter()
            .zip(known)
            .map(|(session, known)| {
                if cancel.load(Ordering::Relaxed) {
                    return None;
                }
                let grown = known
                    .map(|(meta, links)| describe_grown(source, agent, session, Described { meta, links }))
                    .transpose();
                let described = match grown.map(Option::flatten) {
                    Ok(Some(described)) => Ok(described),
                    Ok(None) => describe(source, agent, session),
                    Err(error) => Err(error),
                };
                progress(Progress {
                    stage: "reading",
                    done: done.fetch_add(1, Ordering::Relaxed) + 1,
                    total,
                });
                Some(described)
            })
            .collect::<Option<Vec<_>>>();
        read.ok_or(SyncError::Canceled)
    }
}

/// The sessions that could be read, and a problem for each that could not.
fn described(
    agent: &Agent,
    read: Vec<Result<Described, SourceError>>,
    report: &mut PullReport,
) -> Vec<(SessionMeta, Links)> {
    let mut sessions = Vec::with_capacity(read.len());
    for result in read {
        match result {
            Ok(described) => sessions.push((described.meta, described.links)),
            Err(error) => report.problems.push(format!("{}: {error}", agent.name)),
        }
    }
    report.read += sessions.len() as u64;
    report.skipped += sessions.iter().map(|(meta, _)| meta.skipped.len() as u64).sum::<u64>();
    sessions
}

/// Whether the files are those that were read: same names, sizes and times.
fn is_unchanged(known: &[SessionFile], found: &[SessionFile]) -> bool {
    known.len() == found.len()
        && known.iter().zip(found).all(|(a, b)| (&a.path, a.bytes, a.mtime) == (&b.path, b.bytes, b.mtime))
}
