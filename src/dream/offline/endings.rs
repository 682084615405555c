//! How a session ended, and who says so.
//!
//! Owns: the order in which tellers are believed, and reading each. Must not know: other sessions.
//!
//! A reward or an evaluation is believed before the last test, and that before a person's last words.
//! Where none of them says anything the ending is unknown, which is not failure.

use serde::{Deserialize, Serialize};

use super::facts::{CallFact, CallResult};
use super::shapes::{self, ActionKind};
use crate::domain::session::Event;

/// Who told how a session ended, most believed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Teller {
    /// The person's last words.
    Person,
    /// The last test or build.
    Check,
    /// An evaluation of the outcome.
    Evaluation,
    /// An explicit reward.
    Reward,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// It went well.
    pub passed: bool,
    /// Who says so.
    pub told_by: Teller,
}

/// What an outcome event says.
#[must_use]
pub fn judged(event: &Event<'_>) -> Ending {
    let told_by = if event.text.starts_with("reward") { Teller::Reward } else { Teller::Evaluation };
    Ending { passed: !event.is_error, told_by }
}

/// What the last test or build says. One whose exit code a pipe hid says nothing.
#[must_use]
pub fn checked(calls: &[CallFact]) -> Option<Ending> {
    let call = calls.iter().rev().find(|call| is_check(call))?;
    let passed = match call.result {
        CallResult::Done if !call.action.hides_failure() => true,
        CallResult::Failed(_) => false,
        _ => return None,
    };
    Some(Ending { passed, told_by: Teller::Check })
}

fn is_check(call: &CallFact) -> bool {
    call.action.kind == ActionKind::Shell
        && call.action.commands.iter().any(|command| {
            let head = shapes::head(command);
            let words: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            matches!(words.as_slice(), ["pytest" | "jest" | "vitest" | "tsc" | "ctest", ..])
                || words.iter().skip(1).any(|word| matches!(*word, "test" | "build" | "check" | "clippy"))
        })
}

/// Words longer than these are about something else.
const LONGEST: usize = 12;

/// What a person's short remark on the work says.
#[must_use]
pub fn said(text: &str) -> Option<Ending> {
    let lower = text.trim().to_lowercase();
    if lower.is_empty() || lower.contains('?') || lower.split_whitespace().count() > LONGEST {
        return None;
    }
    let holds = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    let bad = holds(&[
        "doesn't work",
        "does not work",
        "not working",
        "still fails",
        "still broken",
        "that's wrong",
        "not what i",
        "undo that",
        "revert",
    ]);
    let good = holds(&["thank", "perfect", "works now", "looks good", "lgtm", "well done", "great work"]);
    (bad != good).then_some(Ending { passed: good, told_by: Teller::Person })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    fn ending(script: &Script) -> Option<Ending> {
        extract(&meta("s", 0), script).unwrap().ending
    }

    fn told(passed: bool, told_by: Teller) -> Ending {
        Ending { passed, told_by }
    }

    #[test]
    fn the_most_believed_teller_decides() {
        let mut script = Script::new();
        script.user("fix the build");
        assert_eq!(ending(&script), None);
        script.shell("cargo test", Err("error: test failed"));
        script.shell("cargo fmt", Ok(""));
        assert_eq!(ending(&script), Some(told(false, Teller::Check)));
        script.user("Perfect, thank you!");
        assert_eq!(ending(&script), Some(told(false, Teller::Check)), "a test is believed before a person");
        script.shell("npm run build", Ok("ok"));
        assert_eq!(ending(&script), Some(told(true, Teller::Check)));
        script.outcome("needs revision", true);
        assert_eq!(ending(&script), Some(told(false, Teller::Evaluation)));
        script.outcome("reward 1", false);
        assert_eq!(ending(&script), Some(told(true, Teller::Reward)));
    }

    #[test]
    fn hidden_exits_and_other_talk_leave_it_unknown() {
        let mut script = Script::new();
        script.user("thanks for yesterday");
        assert_eq!(ending(&script), None, "nothing was done yet");
        script.shell("cargo test | tail -3", Ok("ok"));
        assert_eq!(ending(&script), None);
        script.user("thanks, could you also look at the parser?");
        assert_eq!(ending(&script), None);
        script.user("it still fails");
        assert_eq!(ending(&script), Some(told(false, Teller::Person)));
        script.user("now the docs");
        assert_eq!(ending(&script), None, "only the last words count");
    }
}
