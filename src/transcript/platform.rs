//! Events of the Claude platform's Managed Agents, saved one per line.
//!
//! Owns: which event types matter and what events they are. Must not know: how they are fetched.
//!
//! The union of types is open by contract: what is not known is passed over.

use std::borrow::Cow;
use std::ops::Range;

use super::records::{Out, Parser, Record};
use super::scan::{self, unquoted};
use super::wire::Content;
use crate::domain::session::{Event, EventKind};

/// How records of this format are read.
pub(super) const PARSER: Parser = Parser { emit, is_record };

/// Families of event types.
const FAMILIES: [&str; 5] = ["user.", "agent.", "session.", "span.", "system."];

/// Whether an object is a record of this format.
pub(super) fn is_record(fields: &[(&str, &str)]) -> bool {
    let kind = fields.iter().find(|(key, _)| *key == "type").map_or("", |(_, value)| unquoted(value));
    FAMILIES.iter().any(|family| kind.starts_with(family))
}

#[derive(Debug, Default)]
struct Fields<'t> {
    kind: &'t str,
    id: &'t str,
    at: &'t str,
    content: &'t str,
    name: &'t str,
    input: &'t str,
    call: &'t str,
    result: &'t str,
    /// What a person said with a decision or a wished-for outcome, or what an evaluation found.
    words: &'t str,
    error: bool,
}

impl<'t> Fields<'t> {
    fn of(fields: &[(&'t str, &'t str)]) -> Self {
        let mut this = Self::default();
        for &(key, value) in fields {
            match key {
                "type" => this.kind = unquoted(value),
                "id" => this.id = value,
                "processed_at" => this.at = unquoted(value),
                "content" => this.content = value,
                "name" => this.name = value,
                "input" => this.input = value,
                "tool_use_id" | "mcp_tool_use_id" | "custom_tool_use_id" => this.call = value,
                "result" => this.result = unquoted(value),
                "deny_message" | "description" | "explanation" => this.words = value,
                "is_error" => this.error = value == "true",
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
            record: scan::text(self.id).unwrap_or_default(),
            call: scan::text(self.call),
            tool: None,
            at: self.at.parse().ok(),
            bytes: bytes.clone(),
            text,
            is_error: self.error,
            sidechain: false,
            cwd: None,
        }
    }
}

fn emit(record: &Record<'_>, out: &mut Out<'_>) -> Result<(), &'static str> {
    let Record::Fields { fields, bytes } = record else { return Err("too large") };
    let fields = Fields::of(fields);
    let words = || scan::text(fields.words).unwrap_or_default();
    match fields.kind {
        "user.message" => said(EventKind::User, &fields, bytes, out),
        "agent.message" => said(EventKind::Assistant, &fields, bytes, out),
        "system.message" => said(EventKind::Injected, &fields, bytes, out),
        "user.define_outcome" => {
            out.event(fields.event(EventKind::User, words(), bytes));
            Ok(())
        }
        "user.interrupt" => {
            out.event(fields.event(EventKind::Interrupt, Cow::default(), bytes));
            Ok(())
        }
        "user.tool_confirmation" => {
            if fields.result == "deny" {
                out.event(fields.event(EventKind::Interrupt, words(), bytes));
            }
            Ok(())
        }
        "agent.tool_use" | "agent.mcp_tool_use" | "agent.custom_tool_use" => {
            let input = if fields.input.is_empty() { "{}" } else { fields.input };
            out.event(Event {
                // The id of the event is what its result names.
                call: scan::text(fields.id),
                tool: scan::text(fields.name),
                ..fields.event(EventKind::ToolCall, input.into(), bytes)
            });
            Ok(())
        }
        "agent.tool_result" | "agent.mcp_tool_result" | "user.custom_tool_result" | "user.tool_result" => {
            said(EventKind::ToolResult, &fields, bytes, out)
        }
        "span.outcome_evaluation_end" => {
            let failed = fields.result != "satisfied";
            let text = if fields.words.is_empty() { fields.result.into() } else { words() };
            let tool = Some(super::EVALUATION.into());
            out.event(Event { is_error: failed, tool, ..fields.event(EventKind::Outcome, text, bytes) });
            Ok(())
        }
        kind if FAMILIES.iter().any(|family| kind.starts_with(family)) => Ok(()),
        "" => Err("an event without `type`"),
        kind => {
            out.unknown(kind, bytes);
            Ok(())
        }
    }
}

fn said(
    kind: EventKind,
    fields: &Fields<'_>,
    bytes: &Range<u64>,
    out: &mut Out<'_>,
) -> Result<(), &'static str> {
    if fields.content.is_empty() {
        out.event(fields.event(kind, Cow::default(), bytes));
        return Ok(());
    }
    if let Ok(content) = serde_json::from_str::<Content<'_>>(fields.content) {
        out.event(fields.event(kind, content.into_text(), bytes));
        return Ok(());
    }
    let mended = scan::mend(fields.content);
    let content: Content<'_> =
        serde_json::from_str(&mended).map_err(|_| "content that can't be understood")?;
    out.event(fields.event(kind, content.into_text(), bytes));
    Ok(())
}
