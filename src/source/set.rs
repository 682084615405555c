//! All configured sources together.
//!
//! Owns: finding the source of an agent, and keeping agent ids apart when two places use the same
//! name. Must not know: any kind of source.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::platform::Platform;
use super::shared::Shared;
use super::{Source, SourceError};
use crate::domain::agent::Agent;
use crate::domain::ids::{AgentId, content_id};

/// The configured sources, in order.
#[derive(Clone, Default)]
pub struct Sources {
    sources: Vec<Arc<dyn Source>>,
    unusable: Vec<String>,
}

impl Sources {
    /// These sources.
    #[must_use]
    pub fn new(sources: Vec<Arc<dyn Source>>) -> Self {
        Self { sources, unusable: Vec::new() }
    }

    /// Notes that a configured place can't be used, and why. It is told with every listing of agents, and
    /// keeps what is known of the place from being taken for gone.
    pub fn note_unusable(&mut self, text: String) {
        self.unusable.push(text);
    }

    /// The platform of a profile.
    #[must_use]
    pub fn platform(&self, profile: &str) -> Option<&Platform> {
        self.platforms().find(|platform| platform.profile() == profile)
    }

    /// The platforms, in order.
    pub fn platforms(&self) -> impl Iterator<Item = &Platform> {
        self.sources.iter().filter_map(|source| source.platform())
    }

    /// The memory that several agents read, if one is configured.
    #[must_use]
    pub fn shared(&self) -> Option<&Shared> {
        self.sources.iter().find_map(|source| source.shared())
    }

    /// Whether none is configured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.unusable.is_empty()
    }

    /// All agents, by id, and what kept a source from being read: one broken place does not hide
    /// the others. Agents that would share an id get the hash of their place added to it.
    #[must_use]
    pub fn agents(&self) -> (Vec<Agent>, Vec<SourceError>) {
        self.listed(|_| true)
    }

    /// The same without those of platforms, which are asked in their own way.
    #[must_use]
    pub fn local_agents(&self) -> (Vec<Agent>, Vec<SourceError>) {
        self.listed(|source| source.platform().is_none())
    }

    fn listed(&self, fits: impl Fn(&dyn Source) -> bool) -> (Vec<Agent>, Vec<SourceError>) {
        let mut agents = Vec::new();
        let mut errors: Vec<SourceError> =
            self.unusable.iter().map(|text| SourceError::Unusable { text: text.clone() }).collect();
        for source in self.sources.iter().filter(|source| fits(source.as_ref())) {
            match source.agents() {
                Ok(found) => agents.extend(found),
                Err(error) => errors.push(error),
            }
        }
        agents.sort_by(|a, b| (&a.id, &a.sessions_at).cmp(&(&b.id, &b.sessions_at)));
        // The same place configured twice is one agent.
        agents.dedup_by(|a, b| a.id == b.id && a.sessions_at == b.sessions_at);
        let mut uses: BTreeMap<AgentId, u32> = BTreeMap::new();
        for agent in &agents {
            *uses.entry(agent.id.clone()).or_default() += 1;
        }
        for agent in agents.iter_mut().filter(|agent| uses.get(&agent.id).is_some_and(|&uses| uses > 1)) {
            let place = content_id("", &[agent.sessions_at.as_bytes()]);
            agent.id = AgentId::new(format!("{}~{}", agent.id, place.get(1..9).unwrap_or_default()));
        }
        (agents, errors)
    }

    /// The source an agent belongs to.
    #[must_use]
    pub fn of(&self, agent: &Agent) -> Option<&Arc<dyn Source>> {
        self.sources.iter().find(|source| source.kind() == agent.source && source.owns(agent))
    }
}
