//! How a session ended, and who says so.
//!
//! Owns: the order in which tellers are believed, and reading each. Must not know: other sessions.
//!
//! A reward, an evaluation or the outcome that a record states is believed before the last test, and that before a person's last words.
//! Where none of them says anything the ending is unknown, which is not failure.

use serde::{Deserialize, Serialize};

use super::facts::{CallFact, CallResult, SessionFacts};
use super::shapes::{self, ActionKind};
use super::shell::Command;
use crate::domain::outcome::{Ending, Outcomes, Teller};
use crate::domain::session::Event;
use crate::guard::secrets;
use crate::transcript::EVALUATION;

/// What an outcome event says, before it is known which label is the reward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Its first words.
    pub text: String,
    /// It says failed by itself.
    pub failed: bool,
    /// Somebody judged it; otherwise the record of the session only states it.
    #[serde(default)]
    pub evaluated: bool,
}

/// Characters of an outcome that are kept.
const KEPT: usize = 80;

/// What an outcome event says.
#[must_use]
pub fn told(event: &Event<'_>) -> Told {
    Told {
        text: secrets::redact(&event.text).chars().take(KEPT).collect(),
        failed: event.is_error,
        evaluated: event.tool.as_deref() == Some(EVALUATION),
    }
}

/// How a session ended, by what its agent's rules believe.
#[must_use]
pub fn of(facts: &SessionFacts, rules: &Outcomes) -> Option<Ending> {
    let judged = facts.told.as_ref().map(|told| judged(told, rules));
    judged.or_else(|| checked(&facts.calls, rules)).or(facts.said)
}

fn judged(told: &Told, rules: &Outcomes) -> Ending {
    let label = rules.reward.trim();
    let rest = told.text.get(..label.len()).filter(|start| start.eq_ignore_ascii_case(label));
    let Some(rest) = rest.and_then(|_| told.text.get(label.len()..)) else {
        let told_by = if told.evaluated { Teller::Evaluation } else { Teller::Stated };
        return Ending { passed: !told.failed, told_by, score: None };
    };
    let number =
        rest.trim_start_matches([' ', ':', '=']).split(|c: char| c.is_whitespace() || c == ',').next();
    let score = number.and_then(|number| number.parse::<f64>().ok()).filter(|score| score.is_finite());
    let enough = score.is_none_or(|score| score * 1_000.0 >= f64::from(rules.pass_mark) - 1e-6);
    // A number says more than the mark that came with it.
    let passed = if score.is_some() { enough } else { !told.failed };
    Ending { passed, told_by: Teller::Reward, score }
}

/// What the last test or build says. One whose exit code a pipe hid says nothing.
fn checked(calls: &[CallFact], rules: &Outcomes) -> Option<Ending> {
    let call = calls.iter().rev().find(|call| is_check(call, rules))?;
    let passed = match call.result {
        CallResult::Done if !call.action.hides_failure() => true,
        CallResult::Failed(_) => false,
        _ => return None,
    };
    Some(Ending { passed, told_by: Teller::Check, score: None })
}

fn is_check(call: &CallFact, rules: &Outcomes) -> bool {
    let configured = |command: &Command| {
        rules.checks.iter().any(|check| {
            let wanted: Vec<&str> = check.split_whitespace().collect();
            !wanted.is_empty() && command.words.iter().map(String::as_str).take(wanted.len()).eq(wanted)
        })
    };
    if !rules.checks.is_empty() {
        return call.action.commands.iter().any(configured);
    }
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
    (bad != good).then_some(Ending { passed: good, told_by: Teller::Person, score: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    fn ending(script: &Script) -> Option<Ending> {
        of(&extract(&meta("s", 0), script).unwrap(), &Outcomes::default())
    }

    fn told(passed: bool, told_by: Teller) -> Ending {
        Ending { passed, told_by, score: None }
    }

    #[test]
    fn an_agents_own_rules_say_what_its_test_and_its_reward_are() {
        let mut script = Script::new();
        script.shell("make verify", Err("error: broken"));
        script.shell("cargo test", Ok("ok"));
        let facts = extract(&meta("s", 0), &script).unwrap();
        assert_eq!(of(&facts, &Outcomes::default()), Some(told(true, Teller::Check)));
        let rules =
            Outcomes { checks: vec!["make verify".to_owned()], reward: "score".to_owned(), pass_mark: 500 };
        assert_eq!(of(&facts, &rules), Some(told(false, Teller::Check)));
        script.outcome("Score: 0.7 of 1", false);
        let facts = extract(&meta("s", 0), &script).unwrap();
        let reward = Ending { passed: true, told_by: Teller::Reward, score: Some(0.7) };
        assert_eq!(of(&facts, &rules), Some(reward));
        assert_eq!(of(&facts, &Outcomes::default()), Some(told(true, Teller::Stated)));
        let strict = Outcomes { pass_mark: 1_000, ..rules };
        assert_eq!(of(&facts, &strict).map(|ending| ending.passed), Some(false));
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
        assert_eq!(ending(&script), Some(told(false, Teller::Stated)));
        script.outcome("reward 1", false);
        assert_eq!(ending(&script), Some(Ending { score: Some(1.0), ..told(true, Teller::Reward) }));
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
