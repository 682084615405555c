//! Sessions and their threads.
//!
//! Owns: their shape and the filters of their list. Must not know: events one by one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::events::Events;
use super::failure::Failure;
use super::page::{Ask, Limits};
use super::query::Query;
use super::workspace::Workspace;

/// Not documented; these are the stand-in's own.
const LIMITS: Limits = Limits { usual: 20, most: 100 };

/// A session to add. `..NewSession::of(agent, created)` fills in what does not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSession {
    /// The agent that ran it.
    pub agent: String,
    /// The stores it mounts, and whether it may write there.
    pub stores: Vec<(String, bool)>,
    /// Its title.
    pub title: Option<String>,
    /// When it began.
    pub created: Timestamp,
    /// `idle`, `running`, `rescheduling` or `terminated`.
    pub status: String,
    /// What happened in it.
    pub events: Events,
    /// Input, output, cache read and cache write tokens.
    pub usage: [u64; 4],
    /// Free labels.
    pub metadata: BTreeMap<String, String>,
    /// The result of an outcome evaluation and the grader's explanation.
    pub outcome: Option<(String, String)>,
    /// What subagents did.
    pub threads: Vec<NewThread>,
}

/// What a subagent did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewThread {
    /// The subagent's name.
    pub agent: String,
    /// Its events.
    pub events: Events,
}

impl NewSession {
    /// An idle session without events.
    #[must_use]
    pub fn of(agent: &str, created: Timestamp) -> Self {
        Self {
            agent: agent.to_owned(),
            stores: Vec::new(),
            title: None,
            created,
            status: "idle".to_owned(),
            events: Events::default(),
            usage: [5000, 3200, 20_000, 2000],
            metadata: BTreeMap::new(),
            outcome: None,
            threads: Vec::new(),
        }
    }
}

/// A session that exists.
pub(super) struct Session {
    pub new: NewSession,
    id: String,
    pub updated: Timestamp,
    pub archived: Option<Timestamp>,
    /// Threads with their ids.
    pub threads: Vec<(String, NewThread)>,
    /// Whether a dream runs in it.
    pub of_dream: bool,
}

impl Session {
    /// The thread whose events are the session's own.
    pub fn primary_thread(&self) -> String {
        self.id.replacen("sesn_", "sthr_", 1)
    }
}

impl Workspace {
    /// Adds a session; returns its id.
    pub fn add_session(&mut self, new: NewSession) -> String {
        let id = self.id("sesn");
        let threads = new.threads.clone().into_iter().map(|thread| (self.id("sthr"), thread)).collect();
        let session =
            Session { updated: new.created, id: id.clone(), threads, archived: None, of_dream: false, new };
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Ids of the sessions that exist, in the order in which they were added.
    #[must_use]
    pub fn sessions(&self) -> Vec<String> {
        self.sessions.keys().cloned().collect()
    }

    /// Deletes a session with its events.
    pub fn delete_session(&mut self, session: &str) {
        self.sessions.remove(session);
        self.announce();
    }

    /// Gives a session another status, as when it goes on or ends.
    pub fn set_status(&mut self, session: &str, status: &str) {
        let now = self.now();
        if let Some(session) = self.sessions.get_mut(session) {
            status.clone_into(&mut session.new.status);
            session.updated = now;
        }
    }

    /// Puts a session away; whoever follows it sees the end of its stream.
    pub fn archive_session(&mut self, session: &str) {
        let now = self.now();
        if let Some(session) = self.sessions.get_mut(session) {
            session.archived = Some(now);
            session.updated = now;
        }
        self.announce();
    }

    pub(super) fn session(&self, id: &str) -> Result<&Session, Failure> {
        self.sessions.get(id).ok_or_else(|| Failure::missing("Session"))
    }

    pub(super) fn session_body(&self, id: &str) -> Result<Value, Failure> {
        let session = self.session(id)?;
        let new = &session.new;
        let known = self.agents.get(&new.agent);
        let of_agent = |name: &str| known.and_then(|agent| agent.get(name)).cloned().unwrap_or_default();
        let agent = json!({
            "type": "agent", "id": new.agent, "name": of_agent("name"), "version": 1,
            "model": of_agent("model"), "system": of_agent("system"), "tools": of_agent("tools"),
            "description": null, "skills": [], "mcp_servers": [], "multiagent": null,
            "execution_identity": { "type": "service_account" },
        });
        let resources: Vec<Value> = new
            .stores
            .iter()
            .map(|(id, writes)| {
                let name = self.stores.get(id).map_or("gone", |store| store.name.as_str());
                let slug = name.to_lowercase().replace(' ', "-");
                json!({
                    "type": "memory_store", "memory_store_id": id, "name": name, "description": "",
                    "access": if *writes { "read_write" } else { "read_only" }, "instructions": null,
                    "mount_path": format!("/mnt/memory/{slug}"),
                })
            })
            .collect();
        let outcomes: Vec<Value> = new
            .outcome
            .iter()
            .map(|(result, explanation)| {
                json!({
                    "type": "outcome_evaluation", "outcome_id": "outc_01StandIn", "description": "Done well",
                    "iteration": 0, "result": result, "explanation": explanation,
                    "completed_at": session.updated.to_string(),
                })
            })
            .collect();
        let [input, output, read, write] = new.usage;
        Ok(json!({
            "type": "session", "id": id, "status": new.status, "title": new.title, "agent": agent,
            "environment_id": "env_01StandIn", "deployment_id": null, "resources": resources,
            "metadata": new.metadata, "outcome_evaluations": outcomes,
            "usage": {
                "input_tokens": input, "output_tokens": output, "cache_read_input_tokens": read,
                "cache_creation": { "ephemeral_5m_input_tokens": write, "ephemeral_1h_input_tokens": 0 },
            },
            "stats": {}, "budget": null, "vault_ids": [], "created_at": new.created.to_string(),
            "updated_at": session.updated.to_string(),
            "archived_at": session.archived.map(|at| at.to_string()),
        }))
    }

    pub(super) fn list_sessions(&self, query: &Query) -> Result<Value, Failure> {
        query.only(&[
            "agent_id",
            "agent_version",
            "deployment_id",
            "memory_store_id",
            "statuses[]",
            "statuses",
            "created_at[gt]",
            "created_at[gte]",
            "created_at[lt]",
            "created_at[lte]",
            "include_archived",
            "order",
            "limit",
            "page",
        ])?;
        let descending = match query.get("order") {
            None | Some("desc") => true,
            Some("asc") => false,
            Some(_) => return Err(Failure::invalid("order: must be asc or desc")),
        };
        let ask = Ask::read("sessions", query, LIMITS, self.cursors)?;
        let statuses = query.all("statuses");
        let mut found = Vec::new();
        for (id, session) in &self.sessions {
            let new = &session.new;
            let wanted = query.get("agent_id").is_none_or(|agent| agent == new.agent)
                && query
                    .get("memory_store_id")
                    .is_none_or(|store| new.stores.iter().any(|(id, _)| id == store))
                && (statuses.is_empty() || statuses.contains(&new.status.as_str()))
                && (session.archived.is_none() || query.on("include_archived"))
                && (!session.of_dream || self.list_dream_sessions);
            if wanted && query.admits(new.created)? {
                // Times are after 1970 here, so their nanoseconds sort as text once they are padded.
                found.push((format!("{:030}/{id}", new.created.as_nanosecond()), id));
            }
        }
        found.sort();
        if descending {
            found.reverse();
        }
        let (ids, last) = ask.take(found.into_iter(), descending);
        let data = ids.into_iter().map(|id| self.session_body(id)).collect::<Result<_, _>>()?;
        let mut body = ask.body(data, last);
        if let Some(body) = body.as_object_mut() {
            body.insert("prev_page".to_owned(), Value::Null);
        }
        Ok(body)
    }

    pub(super) fn list_threads(&self, id: &str, query: &Query) -> Result<Value, Failure> {
        query.only(&["limit", "page"])?;
        let session = self.session(id)?;
        let primary = (session.primary_thread(), Value::Null, "coordinator");
        let children = session
            .threads
            .iter()
            .map(|(thread, new)| (thread.clone(), Value::from(session.primary_thread()), new.agent.as_str()));
        // A session without subagents has its primary thread alone.
        let data = std::iter::once(primary).chain(children).map(|(thread, parent, name)| {
            json!({
                "type": "session_thread", "id": thread, "session_id": id, "parent_thread_id": parent,
                "agent": {
                    "type": "agent", "id": session.new.agent, "name": name, "version": 1,
                    "model": { "id": "claude-opus-5-5", "speed": "standard" },
                },
                "status": session.new.status, "usage": {}, "stats": {}, "workflow_run_id": null,
                "created_at": session.new.created.to_string(), "updated_at": session.updated.to_string(),
                "archived_at": null,
            })
        });
        Ok(json!({ "data": data.collect::<Vec<_>>(), "next_page": null }))
    }
}
