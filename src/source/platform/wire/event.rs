//! Events of a session, kept whole, with a view on the kinds that matter here.
//!
//! Owns: their fields. Must not know: requests, or what they are used for.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::Raw;
use super::dream::Usage;
use super::lenient::{each, or_default};
use super::session::SessionUsage;

/// One event. The kinds are open by contract, so it is kept as it came; [`Event::view`] reads it.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id; a tool call's id is what its result names.
    pub id: String,
    /// Its kind: `agent.message` and many others. Untrusted.
    pub kind: String,
    /// When it happened; `None` while it still waits.
    pub processed_at: Option<Timestamp>,
    /// All of it.
    pub raw: Raw,
}

/// What an event is about, where this version knows its kind. All texts are untrusted.
#[derive(Debug, Clone, PartialEq)]
pub enum EventView {
    /// Somebody said something: the agent, a person, or the system.
    Message {
        /// The texts, one after another.
        text: String,
    },
    /// A tool was called.
    ToolUse {
        /// Its name.
        name: String,
        /// What it was given, as JSON.
        input: String,
    },
    /// A tool answered.
    ToolResult {
        /// The id of the call.
        call: String,
        /// Whether it failed.
        is_error: bool,
        /// The texts of its answer.
        text: String,
    },
    /// The model was asked and answered.
    ModelUsage {
        /// What that used.
        usage: Usage,
        /// Whether it failed.
        is_error: bool,
    },
    /// What the session used so far.
    SessionUsage(Box<SessionUsage>),
    /// The session began to work, moved or ended: the last part of its kind, such as `running`.
    Status(String),
    /// The session waits.
    Idle {
        /// Why: `end_turn`, `requires_action`, `retries_exhausted`, `budget_reached`, `refusal` and others.
        reason: String,
    },
    /// Something went wrong.
    Failure {
        /// `billing_error` and others.
        kind: String,
        /// In words.
        message: String,
        /// `retrying`, `exhausted` or `terminal`.
        retry: String,
    },
    /// A sub-agent began.
    ThreadCreated {
        /// Its thread.
        thread: String,
        /// Its name.
        agent: String,
    },
    /// An outcome was judged.
    Outcome {
        /// `satisfied`, `needs_revision` and others.
        result: String,
        /// The grader's reasons.
        explanation: String,
    },
    /// Another kind; [`Event::raw`] has all of it.
    Other,
}

/// What a live stream carries.
#[derive(Debug, Clone)]
pub enum StreamEvent {
    /// An event as the history has it too.
    Event(Event),
    /// Words of an event that is still being written.
    Preview {
        /// The event's id.
        event: String,
        /// The words that came.
        text: String,
    },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    #[serde(deserialize_with = "or_default")]
    id: String,
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    processed_at: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(from)?;
        let head: Head = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
        Ok(Self { id: head.id, kind: head.kind, processed_at: head.processed_at, raw })
    }
}

/// Only what is needed to tell an event from another.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EventHead {
    /// Its id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// Its kind.
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub kind: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(deserialize_with = "each")]
    content: Vec<Block>,
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(deserialize_with = "or_default")]
    input: Option<Raw>,
    #[serde(deserialize_with = "or_default")]
    tool_use_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    mcp_tool_use_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    custom_tool_use_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    is_error: bool,
    #[serde(deserialize_with = "or_default")]
    model_usage: Usage,
    #[serde(deserialize_with = "or_default")]
    usage: SessionUsage,
    #[serde(deserialize_with = "or_default")]
    stop_reason: Word,
    #[serde(deserialize_with = "or_default")]
    error: Failure,
    #[serde(deserialize_with = "or_default")]
    session_thread_id: String,
    #[serde(deserialize_with = "or_default")]
    agent_name: String,
    #[serde(deserialize_with = "or_default")]
    result: String,
    #[serde(deserialize_with = "or_default")]
    explanation: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Block {
    #[serde(deserialize_with = "or_default")]
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Word {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    message: String,
    #[serde(deserialize_with = "or_default")]
    retry_status: Word,
}

fn texts(blocks: Vec<Block>) -> String {
    let texts: Vec<String> =
        blocks.into_iter().map(|block| block.text).filter(|text| !text.is_empty()).collect();
    texts.join("\n")
}

impl Event {
    /// What it is about.
    #[must_use]
    pub fn view(&self) -> EventView {
        let fields: Fields = serde_json::from_str(self.raw.get()).unwrap_or_default();
        match self.kind.as_str() {
            "agent.message" | "user.message" | "system.message" => {
                EventView::Message { text: texts(fields.content) }
            }
            "agent.tool_use" | "agent.mcp_tool_use" | "agent.custom_tool_use" => EventView::ToolUse {
                name: fields.name,
                input: fields.input.map_or_else(|| "{}".to_owned(), |raw| raw.get().to_owned()),
            },
            "agent.tool_result"
            | "agent.mcp_tool_result"
            | "user.tool_result"
            | "user.custom_tool_result" => {
                let call = fields.tool_use_id.or(fields.mcp_tool_use_id).or(fields.custom_tool_use_id);
                EventView::ToolResult {
                    call: call.unwrap_or_default(),
                    is_error: fields.is_error,
                    text: texts(fields.content),
                }
            }
            "span.model_request_end" => {
                EventView::ModelUsage { usage: fields.model_usage, is_error: fields.is_error }
            }
            "session.usage" => EventView::SessionUsage(Box::new(fields.usage)),
            "session.status_idle" => EventView::Idle { reason: fields.stop_reason.kind },
            "session.error" => EventView::Failure {
                kind: fields.error.kind,
                message: fields.error.message,
                retry: fields.error.retry_status.kind,
            },
            "session.thread_created" => {
                EventView::ThreadCreated { thread: fields.session_thread_id, agent: fields.agent_name }
            }
            "span.outcome_evaluation_end" => {
                EventView::Outcome { result: fields.result, explanation: fields.explanation }
            }
            kind => match kind.strip_prefix("session.status_") {
                Some(status) => EventView::Status(status.to_owned()),
                None => EventView::Other,
            },
        }
    }

    /// Whether nothing can follow it in its session.
    #[must_use]
    pub fn is_last(&self) -> bool {
        matches!(self.kind.as_str(), "session.deleted" | "session.status_terminated")
    }
}

impl StreamEvent {
    /// Reads the data of one frame; `None` for frames that carry nothing, such as `ping`.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn parse(data: &str) -> Result<Option<Self>, serde_json::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Delta {
            #[serde(deserialize_with = "or_default")]
            event_id: String,
            #[serde(deserialize_with = "or_default")]
            delta: Inner,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Inner {
            #[serde(deserialize_with = "or_default")]
            content: Block,
        }
        let event: Event = serde_json::from_str(data)?;
        match event.kind.as_str() {
            "ping" | "event_start" => Ok(None),
            "event_delta" => {
                let delta: Delta = serde_json::from_str(data)?;
                Ok(Some(Self::Preview { event: delta.event_id, text: delta.delta.content.text }))
            }
            _ => Ok(Some(Self::Event(event))),
        }
    }
}
