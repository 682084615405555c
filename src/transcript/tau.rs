//! Runs of tau-bench: an array of conversations with their rewards.
//!
//! Owns: telling who speaks in a run, and its reward as the outcome. Must not know: where files come
//! from, or what the tasks mean.
//!
//! One file holds many runs, so this is no format among those of session files: who wants runs as
//! sessions reads them here. Runs of others than the authors lack ids, hold arguments that are no JSON,
//! or crashed before the first message; such a run has what it has. What the simulated person was told
//! to want (`info.task.instruction`) is never read: the agent did not see it either.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::session::{Event, EventKind, OwnedEvent};

/// One run of one task.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Which task; runs of one task are one family.
    pub task: u64,
    /// Which try at it.
    pub trial: u64,
    /// From 0 to 1; `None` where the run crashed or says nothing.
    pub reward: Option<f64>,
    /// The conversation, and its outcome at the end. No event has a time; byte ranges are made up, one
    /// apart, because a run is no file of its own.
    pub events: Vec<OwnedEvent>,
}

/// Why a file holds no runs.
#[derive(Debug, thiserror::Error)]
#[error("this is no array of tau-bench runs: {0}. Nothing was read")]
pub struct NoRuns(#[from] serde_json::Error);

#[derive(Deserialize)]
struct RawRun<'a> {
    #[serde(default)]
    task_id: u64,
    #[serde(default)]
    trial: u64,
    reward: Option<f64>,
    #[serde(default, borrow)]
    traj: Vec<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default, borrow)]
    role: Cow<'a, str>,
    #[serde(default, borrow)]
    content: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    tool_calls: Option<Vec<Call<'a>>>,
    #[serde(default, borrow)]
    tool_call_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default, borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(default, borrow)]
    name: Cow<'a, str>,
    #[serde(default, borrow)]
    arguments: Option<&'a RawValue>,
}

/// Reads all runs of a file.
///
/// # Errors
/// Only if the file is no array of runs.
pub fn runs(json: &str) -> Result<Vec<Run>, NoRuns> {
    let raw: Vec<RawRun<'_>> = serde_json::from_str(json)?;
    Ok(raw.into_iter().map(run).collect())
}

fn run(raw: RawRun<'_>) -> Run {
    let mut events: Vec<OwnedEvent> = Vec::new();
    let spoken = !raw.traj.is_empty();
    for message in raw.traj {
        let Message { role, content, tool_calls, tool_call_id } = message;
        let text = content.unwrap_or_default().into_owned();
        let kind = match role.as_ref() {
            "user" => EventKind::User,
            "assistant" => EventKind::Assistant,
            "tool" | "function" => EventKind::ToolResult,
            _ => EventKind::Injected,
        };
        let failed = kind == EventKind::ToolResult && text.starts_with("Error:");
        if !text.is_empty() {
            let call = tool_call_id.map(Cow::into_owned);
            push(&mut events, Event { is_error: failed, call: call.map(Cow::Owned), ..said(kind, text) });
        }
        for Call { id, function } in tool_calls.unwrap_or_default() {
            let input = function.arguments.map(arguments).unwrap_or_default();
            push(
                &mut events,
                Event {
                    call: id.map(|id| Cow::Owned(id.into_owned())),
                    tool: Some(Cow::Owned(function.name.into_owned())),
                    ..said(EventKind::ToolCall, input)
                },
            );
        }
    }
    let reward = raw.reward.filter(|_| spoken);
    if let Some(reward) = reward {
        let failed = reward < 1.0;
        let text = format!("reward {reward}");
        push(&mut events, Event { is_error: failed, ..said(EventKind::Outcome, text) });
    }
    Run { task: raw.task_id, trial: raw.trial, reward, events }
}

/// Arguments are JSON inside a string, or JSON; anything else is kept as it is.
fn arguments(raw: &RawValue) -> String {
    serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

fn said(kind: EventKind, text: String) -> OwnedEvent {
    Event {
        kind,
        record: Cow::Borrowed(""),
        call: None,
        tool: None,
        at: None,
        bytes: 0..0,
        text: Cow::Owned(text),
        is_error: false,
        sidechain: false,
        cwd: None,
    }
}

fn push(events: &mut Vec<OwnedEvent>, event: OwnedEvent) {
    let at = events.len() as u64;
    events.push(Event { bytes: at..at + 1, ..event });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_a_conversation_with_its_reward() {
        let json = r#"[{"task_id":3,"trial":1,"reward":0.0,"info":{"task":{"instruction":"hidden"}},"traj":[
            {"role":"system","content":"policy"},
            {"role":"user","content":"Cancel my flight"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"cancel","arguments":"{\"id\":\"R1\"}"}}]},
            {"role":"tool","tool_call_id":"c1","name":"cancel","content":"Error: not allowed"},
            {"role":"assistant","content":"Sorry."}]}]"#;
        let runs = runs(json).unwrap();
        assert_eq!((runs[0].task, runs[0].trial, runs[0].reward), (3, 1, Some(0.0)));
        let events: Vec<(EventKind, &str, Option<&str>, bool)> =
            runs[0].events.iter().map(|e| (e.kind, e.text.as_ref(), e.call.as_deref(), e.is_error)).collect();
        assert_eq!(
            events,
            [
                (EventKind::Injected, "policy", None, false),
                (EventKind::User, "Cancel my flight", None, false),
                (EventKind::ToolCall, "{\"id\":\"R1\"}", Some("c1"), false),
                (EventKind::ToolResult, "Error: not allowed", Some("c1"), true),
                (EventKind::Assistant, "Sorry.", None, false),
                (EventKind::Outcome, "reward 0", None, true),
            ]
        );
        assert_eq!(runs[0].events[2].tool.as_deref(), Some("cancel"));
        assert!(runs[0].events.windows(2).all(|pair| pair[0].bytes.end == pair[1].bytes.start));
    }

    #[test]
    fn runs_of_others_are_read_as_far_as_they_go() {
        let json = r#"[{"task_id":1,"reward":1.0,"traj":[]},
            {"task_id":2,"reward":1,"info":{"error":"x"},"traj":[
              {"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{'id': '#W1'}"}}]},
              {"role":"assistant","tool_calls":[{"function":{"name":"g","arguments":{"a":1}}}]},
              {"role":"tool","content":"ok"}]}]"#;
        let runs = runs(json).unwrap();
        assert_eq!((runs[0].reward, runs[0].events.len()), (None, 0), "a run without a word proves nothing");
        let texts: Vec<&str> = runs[1].events.iter().map(|event| event.text.as_ref()).collect();
        assert_eq!(texts, ["{'id': '#W1'}", "{\"a\":1}", "ok", "reward 1"]);
        assert!(!runs[1].events[3].is_error);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(runs("{}").is_err());
        assert!(runs("[1]").is_err());
        assert!(runs("").is_err());
        assert!(runs("[]").unwrap().is_empty());
    }
}
