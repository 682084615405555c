//! Who stands behind the words of an event: a person, the agent, its own machine, or somebody outside.
//!
//! Owns: which tools bring in words that strangers wrote. Must not know: what the words say, or what is
//! concluded from who said them.

use crate::domain::evidence::Origin;
use crate::domain::session::EventKind;

/// Tools whose answers are written by whoever runs the other end.
const OUTSIDE: [&str; 8] =
    ["webfetch", "websearch", "fetch", "search_web", "browse", "http_request", "read_email", "get_issue"];

/// Beginnings and ends of names of such tools: remote servers, browsers, mailboxes.
const OUTSIDE_PARTS: [&str; 7] = ["mcp__", "web_", "browser_", "computer_", "email_", "_web", "_url"];

/// A command line is among the first arguments of a call; beyond, a text may merely speak of one.
const OPENING: usize = 80;

/// Where the words of an event came from. For results, `tool` and `input` are those of the call.
#[must_use]
pub fn of(kind: EventKind, tool: Option<&str>, input: &str) -> Origin {
    match kind {
        EventKind::User | EventKind::Interrupt => Origin::User,
        EventKind::ToolCall => Origin::Agent,
        EventKind::Assistant | EventKind::Thinking => Origin::Prose,
        EventKind::Injected | EventKind::Rules | EventKind::Summary => Origin::Injected,
        EventKind::ToolResult | EventKind::Outcome => {
            if tool.is_some_and(|tool| is_outside(tool, input)) {
                Origin::Outside
            } else {
                Origin::Tool
            }
        }
    }
}

/// Whether a tool's answer is written by strangers: it reads the network, a mailbox or a remote server.
#[must_use]
pub fn is_outside(tool: &str, input: &str) -> bool {
    let name = tool.to_ascii_lowercase();
    OUTSIDE.contains(&name.as_str())
        || OUTSIDE_PARTS
            .iter()
            .any(|part| if part.starts_with('_') { name.ends_with(part) } else { name.starts_with(part) })
        || downloads(input)
}

/// A command line that prints what an address answers; the machine itself is not outside.
fn downloads(input: &str) -> bool {
    let opening = input.get(..input.floor_char_boundary(OPENING)).unwrap_or(input);
    let runs = opening.contains("\"command\"") || opening.contains("\"cmd\"");
    runs && ["curl ", "wget "].iter().any(|program| {
        input.match_indices(program).any(|(at, _)| {
            let rest = input.get(at..).unwrap_or_default();
            let command = rest.split(['|', ';', '\n']).next().unwrap_or(rest);
            command.split("://").nth(1).is_some_and(|host| {
                let here = ["localhost", "127.", "0.0.0.0", "[::1]"];
                !here.iter().any(|name| host.starts_with(name))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_strangers_are_told_from_the_machines_own() {
        let of = |tool, input| super::of(EventKind::ToolResult, Some(tool), input);
        for (tool, input) in [
            ("WebFetch", "{}"),
            ("mcp__tickets__read", "{}"),
            ("browser_open", "{}"),
            ("fetch_url", "{}"),
            ("Bash", r#"{"command":"curl -s https://a.example/x | head"}"#),
        ] {
            assert_eq!(of(tool, input), Origin::Outside, "{tool} {input}");
        }
        for (tool, input) in [
            ("Bash", r#"{"command":"make test"}"#),
            ("Bash", r#"{"command":"curl http://localhost:8000/health"}"#),
            ("Read", r#"{"file_path":"docs/curl notes https://x"}"#),
        ] {
            assert_eq!(of(tool, input), Origin::Tool, "{tool} {input}");
        }
        assert_eq!(super::of(EventKind::User, None, ""), Origin::User);
        assert_eq!(super::of(EventKind::Summary, None, ""), Origin::Injected);
    }
}
