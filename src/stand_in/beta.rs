//! Which headers an endpoint wants.
//!
//! Owns: the rules for `anthropic-version`, the key and the beta values. Must not know: the endpoints
//! themselves.

use hyper::HeaderMap;

use super::failure::Failure;

const MANAGED_AGENTS: &str = "managed-agents-2026-04-01";
const AGENT_MEMORY: &str = "agent-memory-2026-07-22";
const DREAMING: &str = "dreaming-2026-04-21";
const VERSIONS: &[&str] = &["2026-10-21", "2023-06-01"];

/// Checks key, version and beta values. `keys` are those that open the workspace; none: any key does.
pub fn check(headers: &HeaderMap, path: &str, keys: &[String]) -> Result<(), Failure> {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = value("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let key = bearer.or_else(|| value("x-api-key")).unwrap_or_default();
    if key.is_empty() || !(keys.is_empty() || keys.iter().any(|known| known == key)) {
        return Err(Failure::of_status(401));
    }
    match value("anthropic-version") {
        Some(version) if VERSIONS.contains(&version) => {}
        Some(version) => return Err(Failure::invalid(format!("anthropic-version: unknown: {version}"))),
        None => return Err(Failure::invalid("anthropic-version: header is required")),
    }
    let betas: Vec<&str> = headers
        .get_all("anthropic-beta")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .collect();
    if let Some(unknown) = betas.iter().find(|beta| ![MANAGED_AGENTS, AGENT_MEMORY, DREAMING].contains(*beta))
    {
        return Err(Failure::invalid(format!("anthropic-beta: unknown value {unknown}")));
    }
    let has = |beta: &str| betas.contains(&beta);
    let granted = match path.split('/').nth(2) {
        Some("memory_stores") if has(AGENT_MEMORY) && has(MANAGED_AGENTS) => {
            return Err(Failure::invalid(format!(
                "anthropic-beta: {AGENT_MEMORY} and {MANAGED_AGENTS} exclude each other here"
            )));
        }
        Some("memory_stores") => has(AGENT_MEMORY) || has(MANAGED_AGENTS),
        Some("dreams") => has(DREAMING),
        _ => has(MANAGED_AGENTS),
    };
    if granted { Ok(()) } else { Err(Failure::invalid("this endpoint needs a beta header")) }
}
