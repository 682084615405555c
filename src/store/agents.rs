//! Agents as last found.
//!
//! Owns: the `agents` table. Must not know: how agents are found.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::values::{At, Json};
use crate::domain::agent::Agent;
use crate::domain::ids::AgentId;

/// Adds agents or brings them up to date.
pub(super) fn put(connection: &Connection, agents: &[Agent]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO agents (id, name, body) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, body = excluded.body, present = 1",
    )?;
    for agent in agents {
        statement.execute(params![agent.id.as_str(), agent.name, Json(agent)])?;
    }
    Ok(())
}

/// Hides agents that their source no longer has. Their history stays.
pub(super) fn hide(connection: &Connection, agents: &[AgentId]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("UPDATE agents SET present = 0 WHERE id = ?1")?;
    for agent in agents {
        statement.execute([agent.as_str()])?;
    }
    Ok(())
}

/// Notes when an agent's sessions and memory were last read.
pub(super) fn synced(connection: &Connection, agent: &AgentId, at: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE agents SET synced_at = ?2 WHERE id = ?1")?
        .execute(params![agent.as_str(), At(at)])?;
    Ok(())
}

/// Agents that are there, by name.
pub(super) fn all(connection: &Connection) -> Result<Vec<Agent>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT body FROM agents WHERE present = 1 ORDER BY name, id")?;
    let agents = statement.query_map([], |row| Ok(row.get::<_, Json<Agent>>(0)?.0))?;
    Ok(agents.collect::<Result<_, _>>()?)
}

/// Agents that no source has any more, by name.
pub(super) fn gone(connection: &Connection) -> Result<Vec<Agent>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT body FROM agents WHERE present = 0 ORDER BY name, id")?;
    let agents = statement.query_map([], |row| Ok(row.get::<_, Json<Agent>>(0)?.0))?;
    Ok(agents.collect::<Result<_, _>>()?)
}

/// One agent, also if it is no longer there.
pub(super) fn one(connection: &Connection, agent: &AgentId) -> Result<Option<Agent>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT body FROM agents WHERE id = ?1")?
        .query_row([agent.as_str()], |row| Ok(row.get::<_, Json<Agent>>(0)?.0))
        .optional()?)
}

/// When an agent was last synced.
pub(super) fn last_sync(connection: &Connection, agent: &AgentId) -> Result<Option<Timestamp>, StoreError> {
    let at: Option<Option<At>> = connection
        .prepare_cached("SELECT synced_at FROM agents WHERE id = ?1")?
        .query_row([agent.as_str()], |row| row.get(0))
        .optional()?;
    Ok(at.flatten().map(|At(at)| at))
}
