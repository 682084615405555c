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

/// Whether a tool's answer is written by strangers: it reads the network, a mailbox, a remote server, a tracker, or
/// a package of somebody else.
#[must_use]
pub fn is_outside(tool: &str, input: &str) -> bool {
    let name = tool.to_ascii_lowercase();
    OUTSIDE.contains(&name.as_str())
        || OUTSIDE_PARTS
            .iter()
            .any(|part| if part.starts_with('_') { name.ends_with(part) } else { name.starts_with(part) })
        || argument(input, &["command", "cmd"]).is_some_and(prints_strangers)
        || argument(input, &["file_path", "path"]).is_some_and(is_vendored)
}

/// A command line that prints what an address answers, what is written on a tracker or in a registry, or a file of
/// somebody else's package. The machine itself is not outside.
fn prints_strangers(line: &str) -> bool {
    // The line stands in JSON, where a line break is a backslash and a letter.
    line.split("\\n").flat_map(|line| line.split(['|', ';', '\n', '&'])).any(|command| {
        let words: Vec<&str> = command.split_whitespace().map(bare).collect();
        // What fetches may be called by anything else: `sudo`, `time`, `$(…)`.
        let fetched = |at: usize| words.get(at..).unwrap_or_default().iter().any(|word| is_far(word));
        let fetches = |word: &&str| {
            let inside = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.');
            word.rsplit(inside).next().is_some_and(|program| FETCHERS.contains(&program))
        };
        if words.iter().position(fetches).is_some_and(fetched) {
            return true;
        }
        let start = words.iter().position(|word| !is_prefix(word)).unwrap_or(words.len());
        match words.get(start..).unwrap_or_default() {
            [program, rest @ ..] if READERS.contains(program) => rest.iter().any(|word| is_vendored(word)),
            [program, what, ..] => {
                TRACKERS.iter().any(|(name, parts)| name == program && parts.contains(what))
            }
            _ => false,
        }
    })
}

/// A word without the quotes, brackets and signs that a shell takes off.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '\\', '`', '$', '(', ')'])
}

/// What stands before a program without being one: a variable, or a program that runs another.
fn is_prefix(word: &str) -> bool {
    matches!(word, "sudo" | "doas" | "env" | "time" | "nice" | "nohup" | "command" | "exec" | "xargs")
        || word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains('/'))
}

/// Programs that print what an address answers.
const FETCHERS: [&str; 8] = ["curl", "wget", "lynx", "w3m", "http", "https", "xh", "httpie"];

/// Programs that print what people wrote on a tracker or published in a registry, by what they are asked.
const TRACKERS: [(&str, &[&str]); 9] = [
    ("gh", &["issue", "pr", "api", "release", "search", "gist", "discussion"]),
    ("glab", &["issue", "mr", "api", "release", "snippet"]),
    ("jira", &["issue", "view"]),
    ("npm", &["view", "info", "show", "search"]),
    ("pnpm", &["view", "info", "show", "search"]),
    ("yarn", &["info", "npm"]),
    ("cargo", &["info", "search"]),
    ("gem", &["info", "search"]),
    ("brew", &["info", "search"]),
];

/// Programs that print files.
const READERS: [&str; 9] = ["cat", "head", "tail", "less", "more", "bat", "sed", "grep", "rg"];

/// Folders in which tools keep what others wrote.
const VENDORED: [&str; 9] = [
    "node_modules",
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "site-packages",
    "bower_components",
    "Pods",
    "registry",
];

fn is_far(word: &str) -> bool {
    let here = ["localhost", "127.", "0.0.0.0", "[::1]"];
    word.split_once("://").is_some_and(|(_, host)| !here.iter().any(|name| host.starts_with(name)))
}

fn is_vendored(path: &str) -> bool {
    let mut folders = path.rsplit('/').skip(1);
    // `registry` alone is many a project's own.
    folders.any(|folder| VENDORED.contains(&folder) && (folder != "registry" || path.contains(".cargo/")))
}

/// The value of the first of some keys in the opening of a call's arguments, as it stands there.
fn argument<'a>(input: &'a str, keys: &[&str]) -> Option<&'a str> {
    let opening = input.get(..input.floor_char_boundary(OPENING)).unwrap_or(input);
    keys.iter().find_map(|key| {
        let at = opening.find(&format!("\"{key}\""))? + key.len() + 2;
        let value = input.get(at..)?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let mut escaped = false;
        let end = value.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        value.get(..end.unwrap_or(value.len()))
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
            ("Bash", r#"{"command":"sudo curl -s https://a.example/x"}"#),
            ("Bash", r#"{"command":"cd app\ntext=$(curl -s https://a.example/x)"}"#),
            ("Bash", r#"{"command":"python -c 'print(1)' && time wget -qO- 'https://a.example/x?a=1&b=2'"}"#),
            ("Bash", r#"{"command":"cd app && gh issue view 14 --comments"}"#),
            ("Bash", r#"{"command":"GH_PAGER=cat gh issue view 14"}"#),
            ("Bash", r#"{"command": "cat node_modules/left-pad/README.md"}"#),
            ("Bash", r#"{"command":"npm view left-pad readme"}"#),
            ("Read", r#"{"file_path":"/srv/app/vendor/theme/README.md"}"#),
        ] {
            assert_eq!(of(tool, input), Origin::Outside, "{tool} {input}");
        }
        for (tool, input) in [
            ("Bash", r#"{"command":"make test"}"#),
            ("Bash", r#"{"command":"curl http://localhost:8000/health"}"#),
            ("Read", r#"{"file_path":"docs/curl notes https://x"}"#),
            ("Bash", r#"{"command":"go test ./vendor/theme/..."}"#),
            ("Bash", r#"{"command":"gh run watch"}"#),
            ("Bash", r#"{"command":"echo \"cat vendor/x/y\""}"#),
            ("Read", r#"{"file_path":"src/vendor.rs"}"#),
            ("Read", r#"{"file_path":"services/registry/README.md"}"#),
        ] {
            assert_eq!(of(tool, input), Origin::Tool, "{tool} {input}");
        }
        assert_eq!(super::of(EventKind::User, None, ""), Origin::User);
        assert_eq!(super::of(EventKind::Summary, None, ""), Origin::Injected);
    }
}
