//! Reading what a profile of the platform has into the cache, and only what changed.
//!
//! Owns: the order of lists, and that one agent's trouble is not the others'. Must not know: how each list
//! is read, or who asked.
//!
//! An unchanged workspace costs one request each for agents, stores, dreams and sessions, and one for each
//! memory store. What is read is kept page by page or store by store, so a kill loses at most one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::dreams;
use super::far::Far;
use super::harvest;
use super::memory;
use super::options::Options;
use super::roster::Roster;
use super::sessions::Walk;
use crate::domain::agent::Agent;
use crate::domain::dream::{Dream, DreamStatus, Progress};
use crate::domain::ids::AgentId;
use crate::source::Source;
use crate::source::platform::{Platform, PlatformError, RefusalKind, wire};
use crate::store::{Reader, Writer};
use crate::sync::SyncError;
use crate::sync::pull::PullReport;

/// Reading one profile.
pub(in crate::sync) struct Pull<'a> {
    pub platform: &'a Platform,
    pub reader: &'a Reader,
    pub writer: &'a Writer,
    pub options: &'a Options,
    pub adjust: &'a dyn Fn(&mut Agent),
    pub progress: &'a (dyn Fn(Progress) + Sync),
    pub cancel: &'a AtomicBool,
}

impl<'a> Pull<'a> {
    pub(super) fn far(&self) -> Far<'a> {
        let Self { platform, reader, writer, options, .. } = *self;
        Far { platform, reader, writer, options, by: "wakeful" }
    }

    /// Reads the profile. Gives its agents; where the platform can't be read, those known before.
    pub fn run(&self, report: &mut PullReport) -> Result<Vec<Agent>, SyncError> {
        let known = self.known()?;
        match self.profile(&known, report) {
            Err(SyncError::Source(error)) => {
                let text = error.to_string();
                // Those listed before it went wrong are among them: they must not look as if nothing was tried.
                let known = self.known()?;
                for agent in &known {
                    self.writer.put_trouble(&agent.id, Some(&text))?;
                }
                self.writer.put_profile_trouble(self.platform.profile(), Some(&text))?;
                report.problems.push(format!("{}: {text}", self.platform.profile()));
                report.platforms_failed += 1;
                Ok(known)
            }
            Ok(agents) => {
                self.writer.put_profile_trouble(self.platform.profile(), None)?;
                Ok(agents)
            }
            other => other,
        }
    }

    /// Agents of the profile that are in the cache.
    fn known(&self) -> Result<Vec<Agent>, SyncError> {
        Ok(self.reader.agents()?.into_iter().filter(|agent| self.platform.owns(agent)).collect())
    }

    fn profile(&self, known: &[Agent], report: &mut PullReport) -> Result<Vec<Agent>, SyncError> {
        let (platform, far) = (self.platform, self.far());
        let client = platform.client();
        self.say("listing agents", 0, 0);
        let agents = once(platform.each(client.agents()).collect::<Result<Vec<_>, _>>()?, |agent| &agent.id);
        let stores =
            once(platform.each(client.stores(false)).collect::<Result<Vec<_>, _>>()?, |store| &store.id);
        self.say("listing dreams", 0, 0);
        let had = dreams::known(&far)?;
        // Without access to the preview everything but dreams still works.
        let listed = match dreams::changed(&far, &had) {
            Ok(listed) => listed,
            Err(SyncError::Source(error)) => {
                report.problems.push(format!("dreams of {}: {error}", platform.profile()));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        let outputs = outputs(&had, &listed);
        let mut roster = Roster::new(platform.profile(), agents, stores, outputs, known, self.adjust);
        self.writer.put_agents(&roster.agents())?;
        let walked = Walk::run(self, &mut roster)?;
        report.read += walked.changed;
        report.gone += walked.gone;
        let agents = roster.agents();
        self.writer.put_agents(&agents)?;
        for agent in &agents {
            report.sessions += self.reader.session_count(&agent.id)?;
        }
        let troubled = self.memories(&roster, report)?;
        self.keep_dreams(&roster, &listed, &had, report)?;
        self.harvest(&agents, report)?;
        for agent in agents.iter().filter(|agent| !troubled.contains(&agent.id)) {
            self.writer.put_trouble(&agent.id, None)?;
            self.writer.put_synced(&agent.id)?;
        }
        Ok(agents)
    }

    /// Reads every store that an agent works with; gives the agents whose store could not be read.
    fn memories(&self, roster: &Roster<'_>, report: &mut PullReport) -> Result<BTreeSet<AgentId>, SyncError> {
        let mut by_store: BTreeMap<String, Vec<Agent>> = BTreeMap::new();
        for agent in roster.agents().into_iter().filter(|agent| !agent.memory_at.is_empty()) {
            by_store.entry(agent.memory_at.clone()).or_default().push(agent);
        }
        let mut troubled = BTreeSet::new();
        let total = by_store.len() as u64;
        for (done, (store, agents)) in by_store.into_iter().enumerate() {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(SyncError::Canceled);
            }
            self.say("reading memory", done as u64, total);
            match self.memory_of(&store, &agents, report) {
                Ok(()) => {}
                // A refused key is refused everywhere; anything else may be this store's alone.
                Err(error) if error.platform().and_then(PlatformError::kind) == Some(RefusalKind::Key) => {
                    return Err(error);
                }
                Err(SyncError::Source(error)) => {
                    let text = error.to_string();
                    for agent in &agents {
                        self.writer.put_trouble(&agent.id, Some(&text))?;
                        troubled.insert(agent.id.clone());
                    }
                    let names: Vec<&str> = agents.iter().map(|agent| agent.name.as_str()).collect();
                    report.problems.push(format!("{}: {text}", names.join(", ")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(troubled)
    }

    fn memory_of(&self, store: &str, agents: &[Agent], report: &mut PullReport) -> Result<(), SyncError> {
        let mut held = None;
        let mut all_have_it = true;
        for agent in agents {
            match self.reader.memory(&agent.id)? {
                Some(memory) => held = held.or(Some(memory)),
                None => all_have_it = false,
            }
        }
        let known = held.as_ref().filter(|_| all_have_it);
        let Some(changed) = memory::read(self, store, known)? else { return Ok(()) };
        for agent in agents {
            if self.writer.put_memory(&agent.id, &changed.read.snapshot, None)? {
                report.memory_changed.push(agent.id.clone());
            }
        }
        changed.settled(self)?;
        for skipped in &changed.read.skipped {
            let name = agents.first().map_or(store, |agent| agent.name.as_str());
            report
                .problems
                .push(format!("{name}: {} is no memory document: {}", skipped.file, skipped.reason));
        }
        Ok(())
    }

    fn keep_dreams(
        &self,
        roster: &Roster<'_>,
        listed: &[wire::Dream],
        had: &BTreeMap<String, Dream>,
        report: &mut PullReport,
    ) -> Result<(), SyncError> {
        let far = self.far();
        for open in dreams::reconcile(&far)? {
            report.problems.push(format!(
                "a dream of {} was asked for at {} and the answer was lost; the platform does not list it so far, \
                 and it was not asked for again",
                open.intent.agent,
                open.at.strftime("%Y-%m-%d %H:%M")
            ));
        }
        let mut homeless = 0;
        for dream in listed {
            // Settling intents may just have kept it.
            let earlier = match had.get(&dream.id) {
                Some(earlier) => Some(earlier.clone()),
                None => self.reader.dream(&crate::domain::ids::DreamId::new(&dream.id))?,
            };
            let kept = match earlier {
                Some(earlier) => dreams::updated(&far, dream, earlier),
                None => {
                    let store = dream.input_store().unwrap_or_default();
                    let agents: Vec<AgentId> =
                        roster.with_store(store).into_iter().map(|agent| agent.id.clone()).collect();
                    let Some(agent) = dreams::owner(&far, dream, &agents)? else {
                        homeless += 1;
                        continue;
                    };
                    dreams::found(&far, dream, agent)?
                }
            };
            self.writer.put_dream(&kept)?;
            report.dreams += 1;
        }
        if homeless > 0 {
            tracing::info!(homeless, "dreams of memory stores that are gone were passed over");
        }
        Ok(())
    }

    /// Makes lessons of finished dreams: of all that wakeful started, and of each agent's newest by others.
    fn harvest(&self, agents: &[Agent], report: &mut PullReport) -> Result<(), SyncError> {
        let far = self.far();
        for agent in agents {
            let dreams = self.reader.dreams(Some(&agent.id))?;
            let finished = |dream: &&Dream| dream.status == DreamStatus::Completed && dream.remote.is_some();
            let newest = dreams.iter().find(finished).map(|dream| dream.id.clone());
            for dream in dreams.iter().filter(finished) {
                let Some(remote) = &dream.remote else { continue };
                if remote.harvested || !(remote.ours || newest.as_ref() == Some(&dream.id)) {
                    continue;
                }
                if self.cancel.load(Ordering::Relaxed) {
                    return Err(SyncError::Canceled);
                }
                match harvest::run(&far, agent, dream, self.progress, self.cancel) {
                    Ok(_) => report.harvested.push(dream.id.clone()),
                    Err(SyncError::Source(error)) => {
                        report.problems.push(format!("{}, dream {}: {error}", agent.name, dream.id));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn say(&self, stage: &'static str, done: u64, total: u64) {
        (self.progress)(Progress { stage, done, total });
    }
}

/// Each object once: a page may come twice.
fn once<T>(listed: Vec<T>, id: impl Fn(&T) -> &String) -> Vec<T> {
    let mut met = BTreeSet::new();
    listed.into_iter().filter(|item| met.insert(id(item).clone())).collect()
}

/// Stores that dreams wrote beside the one they read.
fn outputs(had: &BTreeMap<String, Dream>, listed: &[wire::Dream]) -> BTreeSet<String> {
    let before = had.values().filter_map(|dream| {
        let remote = dream.remote.as_ref()?;
        remote.output_store.clone().filter(|store| *store != remote.input_store)
    });
    let now = listed.iter().filter_map(|dream| {
        dream.output_store().filter(|store| dream.input_store() != Some(store)).map(str::to_owned)
    });
    before.chain(now).collect()
}
