//! Which agents a profile has, as far as its lists have been read.
//!
//! Owns: pairing agents with stores while sessions come in. Must not know: requests, or SQL.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::agent::Agent;
use crate::domain::ids::AgentId;
use crate::source::platform::{Mounted, agent_id, note_mounts, paired, wire};

/// The agents of one profile.
pub(super) struct Roster<'a> {
    profile: &'a str,
    agents: Vec<wire::Agent>,
    stores: Vec<wire::Store>,
    /// Stores that dreams wrote; nobody's memory unless a session mounts one.
    outputs: BTreeSet<String>,
    mounted: Mounted,
    adjust: &'a dyn Fn(&mut Agent),
    current: BTreeMap<AgentId, Agent>,
}

impl<'a> Roster<'a> {
    /// The agents and stores listed; `known` are agents as last synced.
    pub fn new(
        profile: &'a str,
        agents: Vec<wire::Agent>,
        stores: Vec<wire::Store>,
        outputs: BTreeSet<String>,
        known: &[Agent],
        adjust: &'a dyn Fn(&mut Agent),
    ) -> Self {
        let mut mounted = Mounted::new();
        for agent in known.iter().filter(|agent| !agent.sessions_at.is_empty() && !agent.memory_at.is_empty())
        {
            mounted.entry(agent.sessions_at.clone()).or_default().insert(agent.memory_at.clone());
        }
        let mut roster = Self { profile, agents, stores, outputs, mounted, adjust, current: BTreeMap::new() };
        roster.pair();
        roster
    }

    /// Every agent, by id.
    pub fn agents(&self) -> Vec<Agent> {
        self.current.values().cloned().collect()
    }

    /// Agents that work with a store.
    pub fn with_store(&self, store: &str) -> Vec<&Agent> {
        self.current.values().filter(|agent| agent.memory_at == store).collect()
    }

    /// Learns from a session who works with what; says whether that changed the agents.
    pub fn learn(&mut self, session: &wire::Session) -> bool {
        let new = note_mounts(&mut self.mounted, session);
        if new {
            self.pair();
        }
        new
    }

    /// The agents to which a session belongs: one for each store it may write to.
    pub fn homes(&self, session: &wire::Session) -> Vec<&Agent> {
        let agent = session.agent.id.as_str();
        let stores = session.mounts().filter(|mount| mount.is_writable());
        let ids: BTreeSet<AgentId> =
            stores.map(|mount| agent_id(self.profile, agent, &mount.memory_store_id)).collect();
        let homes: Vec<&Agent> = ids.iter().filter_map(|id| self.current.get(id)).collect();
        if homes.is_empty() {
            return self.current.get(&agent_id(self.profile, agent, "")).into_iter().collect();
        }
        homes
    }

    fn pair(&mut self) {
        let (outputs, adjust) = (&self.outputs, self.adjust);
        self.current = paired(self.profile, &self.agents, &self.mounted, &self.stores)
            .into_iter()
            .filter(|agent| !(agent.sessions_at.is_empty() && outputs.contains(&agent.memory_at)))
            .map(|mut agent| {
                adjust(&mut agent);
                (agent.id.clone(), agent)
            })
            .collect();
    }
}
