//! What waits, agent by agent.
//!
//! Owns: `wakeful.status/1`. Must not know: how it is counted.

use jiff::Timestamp;
use serde::Serialize;

use crate::store::{AgentStatus, Status};

/// `wakeful.status/1`
#[derive(Debug, Serialize)]
pub struct StatusReport {
    schema: &'static str,
    pending: u64,
    hidden: u64,
    accepted: u64,
    threshold: u32,
    oldest: Option<Timestamp>,
    unfinished: Vec<String>,
    agents: Vec<AgentRow>,
    errors: Vec<ProfileError>,
}

#[derive(Debug, Serialize)]
struct ProfileError {
    profile: String,
    at: Timestamp,
    text: String,
}

#[derive(Debug, Serialize)]
struct AgentRow {
    id: String,
    name: String,
    source: &'static str,
    segment: Option<String>,
    mode: &'static str,
    sessions: u64,
    pending: u64,
    hidden: u64,
    accepted: u64,
    oldest: Option<Timestamp>,
    memory: AgentMemory,
    last_dream: Option<LastDream>,
    last_sync: Option<Timestamp>,
    last_error: Option<LastError>,
}

#[derive(Debug, Serialize)]
struct LastError {
    at: Timestamp,
    text: String,
}

#[derive(Debug, Serialize)]
struct AgentMemory {
    tokens: Option<u64>,
    budget: u64,
    documents: Option<u64>,
}

#[derive(Debug, Serialize)]
struct LastDream {
    id: String,
    status: &'static str,
    started: Timestamp,
}

impl StatusReport {
    /// What waits, agent by agent.
    #[must_use]
    pub fn new(status: &Status, threshold: u32) -> Self {
        Self {
            schema: "wakeful.status/1",
            pending: status.pending,
            hidden: status.hidden,
            accepted: status.accepted,
            threshold,
            oldest: status.oldest,
            unfinished: status.unfinished.iter().map(ToString::to_string).collect(),
            agents: status.agents.iter().map(AgentRow::new).collect(),
            errors: status
                .troubles
                .iter()
                .map(|(profile, trouble)| ProfileError {
                    profile: profile.clone(),
                    at: trouble.at,
                    text: trouble.text.clone(),
                })
                .collect(),
        }
    }
}

impl AgentRow {
    fn new(status: &AgentStatus) -> Self {
        let agent = &status.agent;
        Self {
            id: agent.id.to_string(),
            name: agent.name.clone(),
            source: agent.source.as_str(),
            segment: agent.segment.clone(),
            mode: agent.mode.as_str(),
            sessions: status.sessions,
            pending: status.pending,
            hidden: status.hidden,
            accepted: status.accepted,
            oldest: status.oldest,
            memory: AgentMemory {
                tokens: status.memory_tokens,
                budget: agent.budget.store_tokens,
                documents: status.documents,
            },
            last_dream: status.last_dream.as_ref().map(|dream| LastDream {
                id: dream.id.to_string(),
                status: dream.status.as_str(),
                started: dream.started,
            }),
            last_sync: status.last_sync,
            last_error: status
                .trouble
                .as_ref()
                .map(|trouble| LastError { at: trouble.at, text: trouble.text.clone() }),
        }
    }
}
