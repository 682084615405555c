//! Which agents work with which memory stores.
//!
//! Owns: making agents as this program means them (one memory each) out of the platform's agents, sessions
//! and stores. Must not know: how those are fetched.

use std::collections::{BTreeMap, BTreeSet};

use super::wire;
use crate::domain::agent::{Agent, Budget, Mode, SourceKind};
use crate::domain::ids::AgentId;

/// The profile whose agents carry no name of a profile in their ids.
const DEFAULT: &str = "default";

/// The id of an agent that works with a store; either may be empty. Ids of other profiles than `default`
/// start with the profile's name.
#[must_use]
pub fn agent_id(profile: &str, agent: &str, store: &str) -> AgentId {
    let joined = if agent.is_empty() || store.is_empty() {
        format!("{agent}{store}")
    } else {
        format!("{agent}@{store}")
    };
    AgentId::new(if profile == DEFAULT { joined } else { format!("{profile}:{joined}") })
}

/// The profile that an id belongs to.
pub(super) fn profile_of(id: &AgentId) -> &str {
    id.as_str().split_once(':').map_or(DEFAULT, |(profile, _)| profile)
}

/// Ids of stores by the agents whose sessions may write to them.
pub type Mounted = BTreeMap<String, BTreeSet<String>>;

/// Adds the stores that a session may write to; says whether one of them is new.
pub fn note_mounts(mounted: &mut Mounted, session: &wire::Session) -> bool {
    let mut new = false;
    for mount in session.mounts().filter(|mount| mount.is_writable()) {
        new |= mounted.entry(session.agent.id.clone()).or_default().insert(mount.memory_store_id.clone());
    }
    new
}

/// One agent per platform agent and store that one of `sessions` may write to, as [`paired`] says.
pub fn pairs<'s>(
    profile: &str,
    agents: &[wire::Agent],
    sessions: impl IntoIterator<Item = &'s wire::Session>,
    stores: &[wire::Store],
) -> Vec<Agent> {
    let mut mounted = Mounted::new();
    for session in sessions {
        note_mounts(&mut mounted, session);
    }
    paired(profile, agents, &mounted, stores)
}

/// One agent per platform agent and store it may write to. An agent without a store stands alone, and so
/// does a store without an agent. Stores that are not in `stores`, such as those put away, count as not
/// there. Sorted by id.
#[must_use]
pub fn paired(
    profile: &str,
    agents: &[wire::Agent],
    mounted: &Mounted,
    stores: &[wire::Store],
) -> Vec<Agent> {
    let stores: BTreeMap<&str, &wire::Store> =
        stores.iter().map(|store| (store.id.as_str(), store)).collect();
    let make = |agent: &str, store: &str, name: String| Agent {
        id: agent_id(profile, agent, store),
        name,
        source: SourceKind::Platform,
        sessions_at: agent.to_owned(),
        memory_at: store.to_owned(),
        protected: Vec::new(),
        segment: None,
        mode: Mode::default(),
        budget: Budget::default(),
        outcomes: crate::domain::outcome::Outcomes::default(),
    };
    let named = |name: &str, id: &str| if name.is_empty() { id.to_owned() } else { name.to_owned() };
    let mut found = Vec::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for agent in agents {
        let name = named(&agent.name, &agent.id);
        let own: Vec<&wire::Store> = mounted
            .get(&agent.id)
            .into_iter()
            .flatten()
            .filter_map(|id| stores.get(id.as_str()).copied())
            .collect();
        if own.is_empty() {
            found.push(make(&agent.id, "", name.clone()));
        }
        for store in &own {
            used.insert(&store.id);
            // One agent with several memories is told apart by their names.
            let name = if own.len() > 1 {
                format!("{name} ({})", named(&store.name, &store.id))
            } else {
                name.clone()
            };
            found.push(make(&agent.id, &store.id, name));
        }
    }
    for (id, store) in stores {
        if !used.contains(id) {
            found.push(make("", id, named(&store.name, id)));
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: &str, name: &str) -> wire::Agent {
        serde_json::from_value(serde_json::json!({ "id": id, "name": name })).unwrap()
    }

    fn store(id: &str, name: &str) -> wire::Store {
        serde_json::from_value(serde_json::json!({ "id": id, "name": name })).unwrap()
    }

    fn session(agent: &str, mounts: &[(&str, Option<&str>)]) -> wire::Session {
        let resources: Vec<_> = mounts
            .iter()
            .map(|(id, access)| {
                serde_json::json!({ "type": "memory_store", "memory_store_id": id, "access": access })
            })
            .collect();
        let session = serde_json::json!({ "id": "sesn_1", "agent": { "id": agent }, "resources": resources });
        serde_json::from_value(session).unwrap()
    }

    #[test]
    fn agents_are_paired_with_what_they_may_write() {
        let agents = [agent("agent_1", "one"), agent("agent_2", "two"), agent("agent_3", "")];
        let stores = [store("memstore_1", "notes"), store("memstore_2", ""), store("memstore_3", "lonely")];
        let sessions = [
            session("agent_1", &[("memstore_1", Some("read_write")), ("memstore_3", Some("read_only"))]),
            session("agent_1", &[("memstore_1", None)]),
            session("agent_2", &[("memstore_1", None), ("memstore_2", None), ("memstore_gone", None)]),
            session("agent_9", &[("memstore_3", None)]),
        ];
        let found = pairs("default", &agents, &sessions, &stores);
        let shown: Vec<(&str, &str)> =
            found.iter().map(|agent| (agent.id.as_str(), agent.name.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("agent_1@memstore_1", "one"),
                ("agent_2@memstore_1", "two (notes)"),
                ("agent_2@memstore_2", "two (memstore_2)"),
                ("agent_3", "agent_3"),
                ("memstore_3", "lonely"),
            ]
        );
        let work = pairs("work", &agents, &sessions, &stores);
        assert_eq!(work[0].id.as_str(), "work:agent_1@memstore_1");
        assert_eq!((profile_of(&work[0].id), profile_of(&found[0].id)), ("work", "default"));
    }
}
