//! Claude Code's session files.
//!
//! Owns: which records of this format matter and what events they are. Must not know: where the files
//! lie, or how lines are cut into records.
//!
//! The format is no contract: record types come and go with client versions. Types known to hold
//! nothing of use are passed over, unknown ones are noted, and of the known ones only the fields
//! below are looked at.

mod rules;
mod speaker;

use std::borrow::Cow;
use std::ops::Range;

use super::chain::fingerprint;
use super::records::{Out, Parser, Record};
use super::scan::{self, unquoted};
use super::wire::{self, Block, Content, Message, Text};
use crate::domain::session::{Event, EventKind};
use jiff::Timestamp;
use speaker::Speaker;

/// Opening of a turn in which the person accepted a plan; the plan behind it is the agent's text.
const ACCEPTED_PLAN: &str = "Implement the following plan:";

/// The fields of a record that are looked at, raw.
#[derive(Debug, Default)]
struct Fields<'t> {
    kind: &'t str,
    uuid: &'t str,
    parent: &'t str,
    timestamp: &'t str,
    cwd: &'t str,
    message: &'t str,
    /// Whatever else carries the text of the record, by its type.
    payload: &'t str,
    subtype: &'t str,
    /// What a tool did, as the client keeps it for itself.
    told: &'t str,
    origin: &'t str,
    sidechain: bool,
    meta: bool,
    summary: bool,
    api_error: bool,
    plan: bool,
}

impl<'t> Fields<'t> {
    fn of(fields: &[(&'t str, &'t str)]) -> Self {
        let mut this = Self::default();
        for &(key, value) in fields {
            match key {
                "type" => this.kind = unquoted(value),
                "uuid" => this.uuid = value,
                // After a compaction the parent is null and the logical one links the record to what was before.
                "parentUuid" | "logicalParentUuid" if value.starts_with('"') => this.parent = value,
                "timestamp" => this.timestamp = unquoted(value),
                "cwd" => this.cwd = value,
                "message" => this.message = value,
                "attachment" | "content" | "summary" | "customTitle" | "aiTitle" => this.payload = value,
                "toolUseResult" => this.told = value,
                "subtype" => this.subtype = unquoted(value),
                "origin" => this.origin = value,
                "isSidechain" => this.sidechain = value == "true",
                "isMeta" => this.meta = value == "true",
                "isCompactSummary" | "isVisibleInTranscriptOnly" => this.summary |= value == "true",
                "isApiErrorMessage" => this.api_error = value == "true",
                "planContent" => this.plan = value.starts_with('"'),
                _ => {}
            }
        }
        this
    }

    fn event<'e>(&self, kind: EventKind, text: Cow<'e, str>, bytes: &Range<u64>) -> Event<'e>
    where
        't: 'e,
    {
        Event {
            kind,
            record: scan::text(self.uuid).unwrap_or_default(),
            call: None,
            tool: None,
            at: self.timestamp.parse().ok(),
            bytes: bytes.clone(),
            text,
            is_error: false,
            sidechain: self.sidechain,
            cwd: scan::text(self.cwd),
        }
    }
}

/// Fields that only whole records have.
pub(super) const RECORD_FIELDS: [&str; 7] = [
    "parentUuid",
    "sessionId",
    "leafUuid",
    "isSidechain",
    "messageId",
    "logicalParentUuid",
    "sourceToolAssistantUUID",
];

/// How records of this format are read.
pub(super) const PARSER: Parser = Parser { emit, is_record };

/// Whether an object is a record of this format.
pub(super) fn is_record(fields: &[(&str, &str)]) -> bool {
    fields.iter().any(|(key, _)| RECORD_FIELDS.contains(key))
}

/// Turns a record into events.
fn emit(record: &Record<'_>, out: &mut Out<'_>) -> Result<(), &'static str> {
    let (fields, bytes) = match record {
        Record::Fields { fields, bytes } => (Fields::of(fields), bytes),
        Record::Huge { envelope, bytes } => return huge(envelope, bytes, out),
    };
    if !fields.uuid.is_empty() && !fields.sidechain {
        let parent = if fields.parent.is_empty() { 0 } else { fingerprint(fields.parent) };
        out.tree().add(fingerprint(fields.uuid), parent, bytes.start);
    }
    match fields.kind {
        "user" | "assistant" => {
            let known = message(fields.message, |message| match fields.kind {
                "user" => user(&fields, message, bytes, out),
                _ => assistant(&fields, message, bytes, out),
            });
            rules_before_an_edit(&fields, bytes, out);
            return known.ok_or("a message that can't be understood");
        }
        "system" => {
            if let Some(text) = scan::text(fields.payload).filter(|text| !text.is_empty()) {
                let kind = if fields.subtype == "compact_boundary" {
                    EventKind::Summary
                } else {
                    EventKind::Injected
                };
                out.event(fields.event(kind, text, bytes));
            }
        }
        "summary" => {
            if let Some(text) = scan::text(fields.payload) {
                out.event(fields.event(EventKind::Summary, text, bytes));
            }
        }
        "attachment" => attachment(&fields, bytes, out),
        // Rewritten again and again: the last one holds.
        "custom-title" | "ai-title" => {
            out.about().title = scan::text(fields.payload).map(Cow::into_owned);
        }
        "progress"
        | "queue-operation"
        | "file-history-snapshot"
        | "last-prompt"
        | "mode"
        | "pr-link"
        | "frame-link"
        | "agent-name"
        | "agent-color"
        | "tag"
        | "permission-mode" => {}
        "" => return Err("a record without a type"),
        unknown => out.unknown(unknown, bytes),
    }
    Ok(())
}

/// Parses a raw message, once more from a mended copy if strict reading refuses it.
fn message(raw: &str, mut with: impl FnMut(Message<'_>)) -> Option<()> {
    if let Ok(message) = serde_json::from_str(raw) {
        with(message);
        return Some(());
    }
    let mended = scan::mend(raw);
    with(serde_json::from_str(&mended).ok()?);
    Some(())
}

fn user(fields: &Fields<'_>, message: Message<'_>, bytes: &Range<u64>, out: &mut Out<'_>) {
    match message.content {
        Content::None => {}
        Content::Text(text) => user_text(fields, text, bytes, out),
        Content::Blocks(blocks) => {
            for block in blocks {
                match block.kind.as_str() {
                    "tool_result" => tool_result(fields, block, bytes, out),
                    "text" => user_text(fields, block.text.0.unwrap_or_default(), bytes, out),
                    _ => {
                        if let Some(label) = wire::media(&block) {
                            out.event(fields.event(EventKind::Injected, label.into(), bytes));
                        }
                    }
                }
            }
        }
    }
}

fn user_text(fields: &Fields<'_>, text: Cow<'_, str>, bytes: &Range<u64>, out: &mut Out<'_>) {
    if fields.meta {
        return out.event(fields.event(EventKind::Injected, text, bytes));
    }
    if fields.summary {
        return out.event(fields.event(EventKind::Summary, text, bytes));
    }
    let kind = match speaker::of(&text) {
        Speaker::Client => EventKind::Injected,
        Speaker::Summary => EventKind::Summary,
        Speaker::Interrupt(reason) => {
            return out.event(fields.event(EventKind::Interrupt, reason.into(), bytes));
        }
        Speaker::Person if !from_a_person(fields.origin) => EventKind::Injected,
        Speaker::Person => EventKind::User,
    };
    if kind == EventKind::User && !fields.sidechain {
        out.tree().is_prompt();
    }
    let plan = text.strip_prefix(ACCEPTED_PLAN).filter(|_| kind == EventKind::User && fields.plan);
    if let Some(plan) = plan {
        out.event(fields.event(EventKind::User, ACCEPTED_PLAN.into(), bytes));
        return out.event(fields.event(EventKind::Injected, plan.trim_start().into(), bytes));
    }
    out.event(fields.event(kind, text, bytes));
}

/// Newer clients say who wrote a turn; older ones do not, and then it counts as a person's.
fn from_a_person(origin: &str) -> bool {
    let kind = scan::head(origin).into_iter().find(|(key, _)| *key == "kind");
    kind.is_none_or(|(_, kind)| unquoted(kind) == "human")
}

fn tool_result(fields: &Fields<'_>, block: Block<'_>, bytes: &Range<u64>, out: &mut Out<'_>) {
    let call = block.tool_use_id.0;
    let text = block.content.into_text();
    let refused = if block.is_error.0 { speaker::refusal(&text) } else { None };
    let refused = refused.map(|reason| Event {
        call: call.clone(),
        ..fields.event(EventKind::Interrupt, reason.to_owned().into(), bytes)
    });
    out.event(Event { call, is_error: block.is_error.0, ..fields.event(EventKind::ToolResult, text, bytes) });
    if let Some(refused) = refused {
        out.event(refused);
    }
}

fn assistant(fields: &Fields<'_>, message: Message<'_>, bytes: &Range<u64>, out: &mut Out<'_>) {
    // Text the client made up, such as an API error, has a model of its own.
    let words = if fields.api_error || message.model.as_str() == "<synthetic>" {
        EventKind::Injected
    } else {
        EventKind::Assistant
    };
    let blocks = match message.content {
        Content::None => return,
        Content::Text(text) => return out.event(fields.event(words, text, bytes)),
        Content::Blocks(blocks) => blocks,
    };
    for block in blocks {
        match block.kind.as_str() {
            "text" => out.event(fields.event(words, block.text.0.unwrap_or_default(), bytes)),
            "thinking" => {
                // Newer clients keep the signature and drop the words.
                if let Some(text) = block.thinking.0.filter(|text| !text.is_empty()) {
                    out.event(fields.event(EventKind::Thinking, text, bytes));
                }
            }
            "tool_use" | "server_tool_use" | "mcp_tool_use" => {
                let input = block.input_json();
                out.event(Event {
                    call: block.id.0,
                    tool: block.name.0,
                    ..fields.event(EventKind::ToolCall, input.into(), bytes)
                });
            }
            _ => {}
        }
    }
}

/// The client keeps the text a file had before an edit; of a rules file that is what people wrote.
fn rules_before_an_edit(fields: &Fields<'_>, bytes: &Range<u64>, out: &mut Out<'_>) {
    // The path comes first; the rest of the object is whole files, which nobody else looks at.
    let Some(start) = fields.told.strip_prefix(r#"{"filePath":"#) else { return };
    let path = start.split(',').next().unwrap_or_default();
    if !rules::is_file(unquoted(path)) {
        return;
    }
    let told = scan::head(fields.told);
    let field = |key| told.iter().find(|(name, _)| *name == key).and_then(|(_, value)| scan::text(value));
    rules(fields, field("filePath"), field("originalFile"), bytes, out);
}

fn rules(
    fields: &Fields<'_>,
    path: Option<Cow<'_, str>>,
    text: Option<Cow<'_, str>>,
    bytes: &Range<u64>,
    out: &mut Out<'_>,
) {
    if let (Some(path), Some(text)) = (path, text.filter(|text| !text.is_empty())) {
        out.event(Event { tool: Some(path), ..fields.event(EventKind::Rules, text, bytes) });
    }
}

/// Of everything the client attaches, only a prompt typed while the agent was at work is a person's, and only
/// rules files that it loads tell more.
fn attachment(fields: &Fields<'_>, bytes: &Range<u64>, out: &mut Out<'_>) {
    let attachment = scan::head(fields.payload);
    let field = |key| attachment.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| *value);
    if unquoted(field("type")) == "nested_memory" {
        let content = scan::head(field("content"));
        let text = content.iter().find(|(key, _)| *key == "content").and_then(|(_, value)| scan::text(value));
        return rules(fields, scan::text(field("path")), text, bytes, out);
    }
    if unquoted(field("type")) != "queued_command" || !matches!(unquoted(field("commandMode")), "" | "prompt")
    {
        return;
    }
    let prompt: Option<Content<'_>> = serde_json::from_str(field("prompt")).ok();
    match prompt {
        Some(Content::Text(text)) => user_text(fields, text, bytes, out),
        Some(Content::Blocks(blocks)) => {
            for block in blocks {
                if let Text(Some(text)) = block.text {
                    user_text(fields, text, bytes, out);
                }
            }
        }
        Some(Content::None) | None => {}
    }
}

/// A record too large to hold still tells which call it answers, and that it was there.
fn huge(
    envelope: &super::envelope::Envelope,
    bytes: &Range<u64>,
    out: &mut Out<'_>,
) -> Result<(), &'static str> {
    let kind = match (envelope.field("type"), envelope.block_field("type")) {
        (Some("user"), Some("tool_result")) => EventKind::ToolResult,
        (Some("user" | "assistant"), _) => EventKind::Injected,
        _ => return Err("too large"),
    };
    let call = envelope.block_field("tool_use_id").filter(|_| kind == EventKind::ToolResult);
    out.event(Event {
        kind,
        record: envelope.field("uuid").unwrap_or_default().into(),
        call: call.map(Cow::Borrowed),
        tool: None,
        at: envelope.field("timestamp").and_then(|at| at.parse::<Timestamp>().ok()),
        bytes: bytes.clone(),
        text: Cow::Borrowed("[too large to read]"),
        is_error: call.is_some() && envelope.block_field("is_error") == Some("true"),
        sidechain: envelope.field("isSidechain") == Some("true"),
        cwd: envelope.field("cwd").map(Cow::Borrowed),
    });
    Ok(())
}

/// What the head of a session file tells before the file is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The folder the session worked in first.
    pub cwd: Option<String>,
    /// The session it belongs to; a sub-agent's file names its parent here.
    pub session: Option<String>,
}

/// Reads the head of a session file; about [`super::SNIFF_BYTES`] are enough.
#[must_use]
pub fn head(bytes: &[u8]) -> Head {
    let text = String::from_utf8_lossy(bytes);
    let mut head = Head::default();
    for line in text.lines() {
        for (key, value) in scan::head(line.trim_start_matches(['\0', ' '])) {
            let slot = match key {
                "cwd" => &mut head.cwd,
                "sessionId" => &mut head.session,
                _ => continue,
            };
            if slot.is_none() {
                *slot = scan::text(value).map(Cow::into_owned);
            }
        }
        if head.cwd.is_some() && head.session.is_some() {
            break;
        }
    }
    head
}
