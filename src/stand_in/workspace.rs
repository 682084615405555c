//! What the stand-in holds: agents, stores, sessions and dreams of one workspace.
//!
//! Owns: ids, the present moment, agents, and switches that hold for the whole workspace. Must not know:
//! HTTP.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::dreams::{Dream, Pace, Script};
use super::failure::Failure;
use super::memory::Store;
use super::page::{Ask, Cursors, USUAL};
use super::query::Query;
use super::sessions::Session;
use crate::domain::clock::Clock;

/// One workspace.
pub struct Workspace {
    clock: Arc<dyn Clock>,
    given: u64,
    /// Keys that open it; none: any key does.
    pub keys: Vec<String>,
    /// How many memories a store may have.
    pub memory_limit: usize,
    /// How dreams come along.
    pub pace: Pace,
    /// Whether a dream's own session is in the list of sessions. The documentation leaves it open.
    pub list_dream_sessions: bool,
    pub(super) cursors: Cursors,
    pub(super) agents: BTreeMap<String, Value>,
    pub(super) stores: BTreeMap<String, Store>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) dreams: BTreeMap<String, Dream>,
    pub(super) scripts: VecDeque<Script>,
    pub(super) changed: watch::Sender<u64>,
}

impl Workspace {
    /// An empty one.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            given: 0,
            keys: Vec::new(),
            memory_limit: 2000,
            pace: Pace::default(),
            list_dream_sessions: false,
            cursors: Cursors::default(),
            agents: BTreeMap::new(),
            stores: BTreeMap::new(),
            sessions: BTreeMap::new(),
            dreams: BTreeMap::new(),
            scripts: VecDeque::new(),
            changed: watch::Sender::new(0),
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Goes by another clock from here on.
    pub fn use_clock(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }

    /// A new id. They sort by age.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.given += 1;
        format!("{prefix}_01StandIn{:014}", self.given)
    }

    /// Lets every page cursor given so far expire.
    pub fn expire_cursors(&mut self) {
        self.cursors.age += 1;
    }

    /// Whether last pages leave `next_page` out rather than saying null.
    pub fn omit_last_page(&mut self, omit: bool) {
        self.cursors.omit_last = omit;
    }

    /// Adds an agent; returns its id.
    pub fn add_agent(&mut self, name: &str, model: &str) -> String {
        let id = self.id("agent");
        let now = self.now().to_string();
        let agent = json!({
            "type": "agent", "id": id, "name": name, "description": null, "system": "You help.", "version": 1,
            "model": { "id": model, "effort": { "type": "medium" }, "inference_geo": null, "speed": "standard" },
            "tools": [{
                "type": "agent_toolset_20260401", "configs": [],
                "default_config": { "enabled": true, "permission_policy": { "type": "always_allow" } },
            }],
            "skills": [], "mcp_servers": [], "multiagent": null,
            "execution_identity": { "type": "service_account" }, "metadata": {},
            "created_at": now, "updated_at": now, "archived_at": null,
        });
        self.agents.insert(id.clone(), agent);
        id
    }

    /// Puts an agent away.
    pub fn archive_agent(&mut self, agent: &str) {
        let now = self.now().to_string();
        if let Some(agent) = self.agents.get_mut(agent).and_then(Value::as_object_mut) {
            agent.insert("archived_at".to_owned(), now.into());
        }
    }

    pub(super) fn agent(&self, id: &str) -> Result<Value, Failure> {
        self.agents.get(id).cloned().ok_or_else(|| Failure::missing("Agent"))
    }

    pub(super) fn list_agents(&self, query: &Query) -> Result<Value, Failure> {
        query.only(&["created_at[gte]", "created_at[lte]", "include_archived", "limit", "page"])?;
        let ask = Ask::read("agents", query, USUAL, self.cursors)?;
        let mut found = Vec::new();
        for (id, agent) in self.agents.iter().rev() {
            let text = |name: &str| agent.get(name).and_then(Value::as_str);
            let created = text("created_at").and_then(|at| at.parse().ok()).unwrap_or_default();
            let shown = query.on("include_archived") || text("archived_at").is_none();
            if shown && query.admits(created)? {
                found.push((id.clone(), agent.clone()));
            }
        }
        let (data, last) = ask.take(found.into_iter(), true);
        Ok(ask.body(data, last))
    }

    /// Tells those who follow a session that there is something new.
    pub(super) fn announce(&self) {
        self.changed.send_modify(|count| *count += 1);
    }
}
