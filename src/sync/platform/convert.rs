//! The platform's objects as facts of the cache.
//!
//! Owns: that translation, and leaving open what the platform leaves open. Must not know: when anything is
//! asked for or kept.

use jiff::Timestamp;

use super::options::Labels;
use crate::domain::agent::Agent;
use crate::domain::cost::{Money, Usage};
use crate::domain::dream::DreamStatus;
use crate::domain::ids::{SessionId, content_id};
use crate::domain::memory::ContentHash;
use crate::domain::remote::{Author, MemoryRecord, RemoteSession};
use crate::domain::session::SessionMeta;
use crate::domain::text::SafeText;
use crate::guard::secrets;
use crate::source::platform::wire;

/// Longest title, in characters.
const TITLE: usize = 120;

/// Tokens of a dream; `None` before it used any.
pub(super) fn usage(usage: wire::Usage) -> Option<Usage> {
    let usage = Usage {
        input: usage.input_tokens,
        output: usage.output_tokens,
        cache_read: usage.cache_read_input_tokens,
        cache_write: usage.cache_creation_input_tokens,
    };
    (usage.total() > 0).then_some(usage)
}

/// Where a dream stands. A word that is newer than this program may still move, so it counts as running.
pub(super) fn status(status: &wire::DreamStatus) -> DreamStatus {
    match status {
        wire::DreamStatus::Pending => DreamStatus::Pending,
        wire::DreamStatus::Running | wire::DreamStatus::Other(_) => DreamStatus::Running,
        wire::DreamStatus::Completed => DreamStatus::Completed,
        wire::DreamStatus::Failed => DreamStatus::Failed,
        wire::DreamStatus::Canceled => DreamStatus::Canceled,
    }
}

fn session_usage(usage: &wire::SessionUsage) -> Option<Usage> {
    let written = usage.cache_creation;
    let usage = Usage {
        input: usage.input_tokens.unwrap_or(0),
        output: usage.output_tokens.unwrap_or(0),
        cache_read: usage.cache_read_input_tokens.unwrap_or(0),
        cache_write: written.ephemeral_5m_input_tokens.saturating_add(written.ephemeral_1h_input_tokens),
    };
    (usage.total() > 0).then_some(usage)
}

/// What a list says of a session, over what was read of its transcript before.
pub(super) fn session(
    listed: &wire::Session,
    agent: &Agent,
    labels: &Labels,
    earlier: Option<SessionMeta>,
) -> SessionMeta {
    let fetched = earlier.as_ref().and_then(|meta| meta.remote.as_ref()).and_then(|remote| remote.fetched);
    let label = |name: &Option<String>| {
        let value = listed.metadata.get(name.as_deref()?)?;
        (!value.trim().is_empty()).then(|| value.clone())
    };
    let user = label(&labels.user).map(|user| content_id("usr", &[user.as_bytes()]));
    let segment = label(&labels.segment).or_else(|| agent.segment.clone());
    let cost =
        listed.usage.list_cost.as_ref().filter(|cost| cost.currency.is_empty() || cost.currency == "USD");
    let remote = RemoteSession {
        status: SafeText::line(listed.status.as_str()).into_string(),
        updated: listed.updated_at.or(listed.created_at).unwrap_or(Timestamp::UNIX_EPOCH),
        usage: session_usage(&listed.usage),
        cost: cost.and_then(|cost| Money::parse_cents(&cost.amount)),
        outcome: listed
            .outcome_evaluations
            .last()
            .map(|outcome| SafeText::line(&outcome.result).into_string())
            .filter(|result| !result.is_empty()),
        model: Some(listed.agent.model.id.clone()).filter(|model| !model.is_empty()),
        fetched,
    };
    let mut meta = earlier.unwrap_or_else(|| SessionMeta {
        id: SessionId::new(&listed.id),
        agent: agent.id.clone(),
        files: Vec::new(),
        title: String::new(),
        started: None,
        ended: None,
        events: 0,
        calls: 0,
        errors: 0,
        skipped: Vec::new(),
        user: None,
        segment: None,
        chain: None,
        remote: None,
    });
    if let Some(title) = listed.title.as_deref().filter(|title| !title.trim().is_empty()) {
        meta.title = SafeText::line(&secrets::redact(title)).as_str().chars().take(TITLE).collect();
    }
    meta.started = listed.created_at.or(meta.started);
    meta.ended = listed.updated_at.or(meta.ended);
    meta.user = user.or(meta.user);
    meta.segment = segment;
    meta.remote = Some(remote);
    meta
}

/// An entry of a store's history; `None` for one without a time, which can't be put in order.
pub(super) fn record(store: &str, version: wire::Version) -> Option<MemoryRecord> {
    Some(MemoryRecord {
        store: store.to_owned(),
        at: version.created_at?,
        id: version.id,
        memory: version.memory_id,
        path: version.path,
        operation: SafeText::line(version.operation.as_str()).into_string(),
        content: version.content_sha256.as_deref().and_then(ContentHash::parse),
        author: version.created_by.map(author),
    })
}

fn author(actor: wire::Actor) -> Author {
    match actor {
        wire::Actor::Session(id) => Author::Session { id },
        wire::Actor::ApiKey(id) => Author::ApiKey { id },
        wire::Actor::User(id) => Author::User { id },
        wire::Actor::ServiceAccount(id) => Author::ServiceAccount { id },
        wire::Actor::Other(raw) => {
            let kind = serde_json::from_str::<serde_json::Value>(raw.get())
                .ok()
                .and_then(|value| value.get("type")?.as_str().map(|kind| SafeText::line(kind).into_string()));
            Author::Other { name: kind.unwrap_or_else(|| "unknown".to_owned()) }
        }
    }
}
