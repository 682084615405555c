//! Did a call fail, and which line of its answer says why?
//!
//! Owns: reading the outcome from a tool result. Must not know: what the call was meant to achieve,
//! or whether the failure ever happened before.

use super::facts::{CallResult, Failure, Spot};
use super::masks;
use super::shapes::{Action, ActionKind};
use crate::guard::secrets;

/// Openings by which a client says that a person refused the call.
const REFUSED: [&str; 3] = [
    "The user doesn't want to",
    "The agent proposed a plan that was rejected by the user",
    "[Request interrupted by user",
];

/// Another call of the same batch failed; this one never ran.
const NOT_ITS_FAULT: [&str; 2] = ["Sibling tool call errored", "Cancelled: parallel tool call"];

/// Slips that the client checks for by itself, so that no memory is needed to prevent harm.
const SLIPS: [&str; 8] = [
    "String to replace not found",
    "File has not been read yet",
    "File has been modified since read",
    "File does not exist",
    "InputValidationError",
    "matches of the string to replace",
    "No changes to make",
    "exceeds maximum allowed tokens",
];

/// Programs whose exit code 1 is an answer, not a failure.
const ANSWERS_BY_EXIT_CODE: [&str; 9] = ["grep", "egrep", "rg", "diff", "cmp", "test", "[", "pgrep", "which"];

const FIRST_LINES: usize = 40;
const LAST_LINES: usize = 20;
const LONGEST_LINE: usize = 200;

/// Reads what came of a call. `spot` is where the result stands.
#[must_use]
pub fn classify(text: &str, is_error: bool, action: &Action, spot: Spot) -> CallResult {
    let body = text.trim_start().trim_start_matches("<tool_use_error>");
    if REFUSED.iter().any(|opening| body.starts_with(opening)) {
        return CallResult::Refused;
    }
    if NOT_ITS_FAULT.iter().any(|opening| body.starts_with(opening)) {
        return CallResult::Unknown;
    }
    if !is_error {
        // What a reading tool shows may speak of errors without being one.
        let may_fail = match action.kind {
            ActionKind::Shell => {
                action.commands.iter().any(|c| c.words.first().is_some_and(|p| !super::shell::only_looks(p)))
            }
            ActionKind::Other => true,
            ActionKind::Edit | ActionKind::Read | ActionKind::Search => false,
        };
        return match may_fail.then(|| anchored(body, true)).flatten() {
            Some(line) => CallResult::Suspect(failure(line, body, spot)),
            None => CallResult::Done,
        };
    }
    if is_an_answer(body, action) {
        return CallResult::Done;
    }
    let line = anchored(body, false).or_else(|| lines(body).find(|line| says_something(line)));
    let line = line
        .or_else(|| body.lines().find(|line| !line.trim().is_empty()))
        .unwrap_or("failed without a message");
    CallResult::Failed(failure(line, body, spot))
}

fn failure(line: &str, body: &str, spot: Spot) -> Box<Failure> {
    let line = line.trim().trim_end_matches("</tool_use_error>");
    let line = secrets::excerpt(line, 0..line.len().min(LONGEST_LINE)).trim_end().to_owned();
    let head = body.get(..body.floor_char_boundary(400)).unwrap_or(body);
    let slip = SLIPS.iter().any(|slip| head.contains(slip));
    Box::new(Failure { masked: masks::mask(&line), line, spot, slip })
}

/// `grep` finding nothing and `diff` finding something both end with 1.
fn is_an_answer(body: &str, action: &Action) -> bool {
    let Some(rest) = body.strip_prefix("Exit code 1") else { return false };
    let answers = |command: &super::shell::Command| {
        let program = command.ends_in.as_ref().or(command.words.first());
        program.is_some_and(|program| ANSWERS_BY_EXIT_CODE.contains(&program.as_str()))
    };
    let all = !action.commands.is_empty() && action.commands.iter().all(answers);
    let silent_last = rest.trim().is_empty() && action.commands.last().is_some_and(answers);
    all || silent_last
}

/// The first and last lines of an answer, without looking at the middle of a long one.
fn lines(body: &str) -> impl Iterator<Item = &str> {
    let count = body.lines().take(FIRST_LINES + LAST_LINES + 1).count();
    let tail: Vec<&str> = if count > FIRST_LINES + LAST_LINES {
        let mut last: Vec<&str> = body.lines().rev().take(LAST_LINES).collect();
        last.reverse();
        last
    } else {
        body.lines().skip(FIRST_LINES).collect()
    };
    body.lines().take(FIRST_LINES).chain(tail)
}

/// Neither empty, nor the exit code, nor the echo of the command, nor a drawn line.
fn says_something(line: &str) -> bool {
    let line = line.trim();
    !(line.starts_with("Exit code ") || line.starts_with("$ ") || line.starts_with("> "))
        && line.chars().filter(|c| c.is_alphanumeric()).count() >= 4
}

/// The first line that says by its opening that something failed. In an answer that is not marked as
/// failed only unmistakable openings count (`strict`).
fn anchored(body: &str, strict: bool) -> Option<&str> {
    let mut traceback = false;
    for line in lines(body) {
        let bare =
            line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '×' | '✗' | '✖' | '❌' | '!'));
        if bare.starts_with("Traceback (most recent call last)") {
            traceback = true;
        } else if traceback && is_exception(line) || opens_with_failure(bare, strict) {
            return Some(line);
        }
    }
    None
}

/// The last line of a Python traceback: `ValueError: …`, not indented.
fn is_exception(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or("");
    !name.is_empty()
        && (name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Interrupt"))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

fn opens_with_failure(line: &str, strict: bool) -> bool {
    let plain;
    let line = if line.starts_with('\u{1b}') {
        plain = masks::strip_ansi(line);
        plain.as_str()
    } else {
        line
    };
    let start: String = line.chars().take(16).collect::<String>().to_ascii_lowercase();
    let unmistakable = ["error:", "error[", "fatal:", "npm err!", "npm error", "err!", "panic:", "uncaught "];
    if unmistakable.iter().any(|opening| start.starts_with(opening)) {
        return !line.starts_with("error: 0") && !start.starts_with("error: none");
    }
    if is_exception(line) && line.contains(": ") {
        return true;
    }
    if line.len() < 160 && (line.contains(": command not found") || line.contains("command not found: ")) {
        return true;
    }
    if strict {
        return false;
    }
    start.starts_with("failed ")
        || start.starts_with("failed:")
        || start.starts_with("cannot ")
        || start.starts_with("unknown ")
        || start.starts_with("invalid ")
        || (line.len() < 160
            && [
                "ermission denied",
                "No such file",
                "timed out",
                "not recognized",
                "illegal option",
                "unrecognized option",
            ]
            .iter()
            .any(|part| line.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot() -> Spot {
        Spot { file: 0, record: "r".into(), call: None, bytes: 0..1, at: None }
    }

    fn shell(line: &str) -> Action {
        Action::read("Bash", &serde_json::json!({ "command": line }).to_string(), None)
    }

    fn line_of(text: &str, is_error: bool, action: &Action) -> Option<String> {
        match classify(text, is_error, action, spot()) {
            CallResult::Failed(failure) | CallResult::Suspect(failure) => Some(failure.line),
            _ => None,
        }
    }

    #[test]
    fn the_line_that_says_why_is_found() {
        let run = shell("make");
        for (text, line) in [
            (
                "Exit code 2\nerror: unrecognized subcommand 'bun'\n\nUsage: x",
                "error: unrecognized subcommand 'bun'",
            ),
            (
                "Exit code 1\n$ biome check\n at x ━━━\n\nerror: script \"lint\" exited with code 1",
                "error: script \"lint\" exited with code 1",
            ),
            (
                "Exit code 1\nTraceback (most recent call last):\n  File \"x\"\n    raise\nValueError: bad",
                "ValueError: bad",
            ),
            ("<tool_use_error>Unknown skill: commit</tool_use_error>", "Unknown skill: commit"),
            ("Exit code 127\nzsh: command not found: pnpm", "zsh: command not found: pnpm"),
            ("Exit code 1\n$ tsc\nsomething odd happened", "something odd happened"),
            ("Exit code 3", "Exit code 3"),
        ] {
            assert_eq!(line_of(text, true, &run).as_deref(), Some(line));
        }
    }

    #[test]
    fn answers_are_not_failures() {
        assert_eq!(line_of("Exit code 1", true, &shell("ls | grep x")), None);
        assert_eq!(line_of("Exit code 1\n1c1\n< a", true, &shell("diff a b")), None);
        assert!(
            line_of("Exit code 2\ngrep: x: No such file or directory", true, &shell("grep a x")).is_some()
        );
        assert!(line_of("Exit code 1", true, &shell("make")).is_some());
    }

    #[test]
    fn people_and_siblings_are_not_errors() {
        let refused = "The user doesn't want to proceed with this tool use. The tool use was rejected";
        assert_eq!(classify(refused, true, &shell("make"), spot()), CallResult::Refused);
        let sibling = "<tool_use_error>Sibling tool call errored</tool_use_error>";
        assert_eq!(classify(sibling, true, &shell("make"), spot()), CallResult::Unknown);
    }

    #[test]
    fn unmarked_failures_are_only_suspects_and_never_what_a_reader_shows() {
        let hidden = shell("rtk bun test 2>&1 | tail -5");
        assert!(matches!(
            classify("error: unrecognized subcommand 'bun'\n", false, &hidden, spot()),
            CallResult::Suspect(_)
        ));
        let read = Action::read("Read", r#"{"file_path":"a.rs"}"#, None);
        assert_eq!(classify("error: x\nfatal: y", false, &read, spot()), CallResult::Done);
        assert_eq!(classify("error: x", false, &shell("cat log | tail"), spot()), CallResult::Done);
        assert_eq!(
            classify("0 errors, all good\nerror handling works", false, &shell("make"), spot()),
            CallResult::Done
        );
    }

    #[test]
    fn slips_are_known_and_secrets_masked() {
        let edit = Action::read("Edit", r#"{"file_path":"a","new_string":""}"#, None);
        let CallResult::Failed(slip) =
            classify("<tool_use_error>String to replace not found in file.\nString: x", true, &edit, spot())
        else {
            panic!("not a failure");
        };
        assert!(slip.slip && slip.line == "String to replace not found in file.");
        let token = format!("error: bad token ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        assert!(!line_of(&token, true, &shell("x")).unwrap().contains("a1B2"));
    }
}
