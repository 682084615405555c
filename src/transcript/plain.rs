//! The product's own session format: one JSON object per line, for anyone's agents.
//!
//! Owns: what `assets/session-format.md` documents and `assets/schema/session.json` describes. Must not
//! know: where the files lie, or how lines are cut into records.

use std::borrow::Cow;
use std::ops::Range;

use super::records::{Out, Parser, Record};
use super::scan;
use crate::domain::session::{Event, EventKind};

#[derive(Debug, Default)]
struct Fields<'t> {
    kind: Cow<'t, str>,
    id: Option<Cow<'t, str>>,
    text: Option<Cow<'t, str>>,
    call: Option<Cow<'t, str>>,
    tool: Option<Cow<'t, str>>,
    at: Option<Cow<'t, str>>,
    cwd: Option<Cow<'t, str>>,
    title: Option<Cow<'t, str>>,
    user: Option<Cow<'t, str>>,
    segment: Option<Cow<'t, str>>,
    chain: Option<Cow<'t, str>>,
    input: Option<&'t str>,
    error: bool,
    sidechain: bool,
}

impl<'t> Fields<'t> {
    fn of(fields: &[(&'t str, &'t str)]) -> Self {
        let mut this = Self::default();
        for &(key, value) in fields {
            match key {
                "type" => this.kind = scan::text(value).unwrap_or_default(),
                "id" => this.id = scan::text(value),
                "text" => this.text = scan::text(value),
                "call" => this.call = scan::text(value),
                "tool" => this.tool = scan::text(value),
                "at" => this.at = scan::text(value),
                "cwd" => this.cwd = scan::text(value),
                "title" => this.title = scan::text(value),
                "user" => this.user = scan::text(value),
                "segment" => this.segment = scan::text(value),
                "chain" => this.chain = scan::text(value),
                "input" => this.input = Some(value),
                "error" => this.error = value == "true",
                "sidechain" => this.sidechain = value == "true",
                _ => {}
            }
        }
        this
    }
}

/// How records of this format are read.
pub(super) const PARSER: Parser = Parser { emit, is_record };

/// Whether an object is a record of this format: of a known type, with what that type needs.
pub(super) fn is_record(fields: &[(&str, &str)]) -> bool {
    let has = |wanted: &str| fields.iter().any(|(key, _)| *key == wanted);
    let kind = fields.iter().find(|(key, _)| *key == "type").map_or("", |(_, value)| value.trim_matches('"'));
    match kind {
        "session" | "interrupt" | "outcome" => true,
        "user" | "assistant" | "thinking" | "system" | "summary" => has("text"),
        "tool_call" => has("tool"),
        "tool_result" => has("call"),
        _ => false,
    }
}

/// Turns a record into an event.
fn emit(record: &Record<'_>, out: &mut Out<'_>) -> Result<(), &'static str> {
    let Record::Fields { fields, bytes } = record else { return Err("too large") };
    let fields = Fields::of(fields);
    let kind = match &*fields.kind {
        "session" => {
            about(fields, out);
            return Ok(());
        }
        "user" => EventKind::User,
        "assistant" => EventKind::Assistant,
        "thinking" => EventKind::Thinking,
        "tool_call" => EventKind::ToolCall,
        "tool_result" => EventKind::ToolResult,
        "interrupt" => EventKind::Interrupt,
        "system" => EventKind::Injected,
        "summary" => EventKind::Summary,
        "outcome" => EventKind::Outcome,
        "" => return Err("an event without `type`"),
        unknown => {
            out.unknown(unknown, bytes);
            return Ok(());
        }
    };
    event(kind, fields, bytes, out)
}

fn event(
    kind: EventKind,
    fields: Fields<'_>,
    bytes: &Range<u64>,
    out: &mut Out<'_>,
) -> Result<(), &'static str> {
    let text = match (kind, fields.text) {
        (EventKind::ToolCall, _) => Cow::Borrowed(fields.input.unwrap_or("{}")),
        (_, Some(text)) => text,
        // These say something by being there.
        (EventKind::ToolResult | EventKind::Interrupt | EventKind::Outcome, None) => Cow::default(),
        (_, None) => return Err("an event without `text`"),
    };
    if kind == EventKind::ToolCall && fields.tool.is_none() {
        return Err("a tool call without `tool`");
    }
    if kind == EventKind::ToolResult && fields.call.is_none() {
        return Err("a tool result without `call`");
    }
    let about = out.about();
    if about.user.is_none() {
        about.user = fields.user.map(Cow::into_owned);
    }
    if about.segment.is_none() {
        about.segment = fields.segment.map(Cow::into_owned);
    }
    out.event(Event {
        kind,
        record: fields.id.unwrap_or_default(),
        call: fields.call,
        tool: fields.tool,
        at: fields.at.and_then(|at| at.parse().ok()),
        bytes: bytes.clone(),
        text,
        is_error: fields.error && matches!(kind, EventKind::ToolResult | EventKind::Outcome),
        sidechain: fields.sidechain,
        cwd: fields.cwd,
    });
    Ok(())
}

fn about(fields: Fields<'_>, out: &mut Out<'_>) {
    let about = out.about();
    about.title = fields.title.map(Cow::into_owned);
    about.user = fields.user.map(Cow::into_owned);
    about.segment = fields.segment.map(Cow::into_owned);
    about.chain = fields.chain.map(Cow::into_owned);
}
