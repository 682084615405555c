//! Follows one session for one repair: the failure shows, the fix is run, what failed succeeds.
//!
//! Owns: when such an episode begins, and what its end says. Must not know: how a session is stored, or
//! how episodes are counted.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::command::Command;
use super::{Repair, plain};
use crate::domain::evidence::Stance;

/// Calls after a failure within which its end belongs to it.
const LONGEST: u32 = 30;

/// How an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended(pub Stance);

/// What one answer meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The episode under way is over.
    pub ended: Option<Ended>,
    /// A new one begins: the failure shows here, in these bytes of the answer.
    pub shown: Option<Range<usize>>,
}

/// Follows one session.
#[derive(Debug)]
pub struct Watcher<'a> {
    repair: &'a Repair,
    open: Option<Open>,
    calls: FxHashMap<String, Vec<Command>>,
}

/// A failure that showed.
#[derive(Debug)]
struct Open {
    /// What failed.
    failed: Vec<Command>,
    tried: Tried,
    /// Something else was changed since the fix.
    more: bool,
    calls: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    No,
    /// It ran, and failed itself.
    Failed,
    Yes,
}

impl<'a> Watcher<'a> {
    /// Follows a session from its beginning.
    #[must_use]
    pub fn new(repair: &'a Repair) -> Self {
        Self { repair, open: None, calls: FxHashMap::default() }
    }

    /// The agent calls a tool; `commands` is what it runs in a shell, `reads` says that it changes nothing.
    pub fn call(&mut self, id: &str, commands: Vec<Command>, reads: bool) {
        if let Some(open) = &mut self.open {
            open.calls += 1;
            let changes = if commands.is_empty() {
                !reads
            } else {
                commands.iter().any(|command| {
                    !command.only_reads() && !self.repair.fix.is_run_by(command) && !same_goal(open, command)
                })
            };
            open.more |= open.tried == Tried::Yes && changes;
        }
        self.calls.insert(id.to_owned(), commands);
    }

    /// A call is answered.
    pub fn answer(&mut self, id: &str, text: &str, failed: bool) -> Step {
        let commands = self.calls.remove(id).unwrap_or_default();
        let mut step = Step::default();
        if self.open.as_ref().is_some_and(|open| open.calls > LONGEST) {
            step.ended = self.abandon();
        }
        if commands.is_empty() {
            return step;
        }
        let fix = commands.iter().position(|command| self.repair.fix.is_run_by(command));
        let words = plain(text);
        if self.is_failure(&commands, fix.is_some(), &words, failed) {
            if let Some(open) = &self.open {
                let tried = open.tried != Tried::No || fix.is_some();
                step.ended = Some(Ended(if tried { Stance::Contradict } else { Stance::Mention }));
            }
            self.open = Some(Open { failed: commands, tried: Tried::No, more: false, calls: 0 });
            step.shown = Some(place(text, &self.repair.shows));
            return step;
        }
        let Some(open) = &mut self.open else { return step };
        if fix.is_some() {
            let again =
                self.repair.instead || open.failed.iter().any(|failed| self.repair.fix.wants_what(failed));
            if again && failed {
                self.open = None;
                step.ended = Some(Ended(Stance::Contradict));
                return step;
            }
            open.tried = if failed { Tried::Failed } else { Tried::Yes };
            open.more = false;
        }
        let goal = match fix {
            Some(fix) if self.repair.instead => Some(fix),
            _ => commands.iter().rposition(|command| same_goal(open, command)),
        };
        let reached = goal.is_some_and(|goal| {
            let piped = commands.get(goal).is_some_and(Command::is_piped);
            !failed
                && fix.is_none_or(|fix| fix <= goal)
                && !(piped && (words.contains("error") || words.contains("fail")))
        });
        if reached {
            let shows = open.tried == Tried::Yes && !open.more;
            step.ended = Some(Ended(if shows { Stance::Support } else { Stance::Mention }));
            self.open = None;
        }
        step
    }

    /// A person stops the agent, or the session ends: what was under way says little.
    pub fn abandon(&mut self) -> Option<Ended> {
        self.open.take().map(|_| Ended(Stance::Mention))
    }

    /// What the lesson speaks of shows in this answer.
    fn is_failure(&self, commands: &[Command], fixes: bool, words: &str, failed: bool) -> bool {
        let named = match &self.repair.failing {
            Some(failing) => commands.iter().any(|command| {
                failing.is_run_by(command)
                    && !(self.repair.fix.is_run_by(command) && failing.is_run_by(&self.repair.fix))
            }),
            // The fix run alone is not what it mends.
            None => !fixes || commands.len() > 1,
        };
        // A pipe hides that a command failed; its words do not.
        let says = self.repair.failing.is_some() && !self.repair.shows.is_empty();
        named && (failed || says) && self.repair.shows_in(words)
    }
}

/// Whether a command wants what failed; a fix that is such a command is another way to the same end.
fn same_goal(open: &Open, command: &Command) -> bool {
    open.failed.iter().any(|failed| !failed.only_reads() && failed.wants_what(command))
}

/// The lines in which a failure shows.
fn place(text: &str, shows: &[String]) -> Range<usize> {
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').map(|line| {
        let start = at;
        at += line.len();
        (start..start + line.trim_end().len(), plain(line))
    });
    let said = lines.find(|(range, line)| {
        let code = line.starts_with("exit code");
        let first = shows.first().map_or(!code, |words| line.contains(words.as_str()));
        first && !range.is_empty()
    });
    said.map_or(0..text.len(), |(range, _)| range)
}

#[cfg(test)]
mod tests {
    use super::super::in_call;
    use super::*;

    const LESSON: &str =
        "When `make test` ends with `database \"shop_test\" does not exist`, run `make db-create`.";
    const MISSING: &str = "Exit code 2\nFATAL: database \"shop_test\" does not exist\nmake: *** Error 1";

    /// What the episodes of a session say: commands with their answers, `!` in front of one that failed.
    fn stances(lesson: &str, session: &[(&str, &str)]) -> Vec<Stance> {
        let repair = Repair::of(lesson).unwrap();
        let mut watcher = Watcher::new(&repair);
        let mut found = Vec::new();
        for (command, answer) in session {
            let input = serde_json::json!({ "command": command }).to_string();
            watcher.call("c", in_call(&input), false);
            let failed = answer.starts_with('!');
            let step = watcher.answer("c", answer.trim_start_matches('!'), failed);
            found.extend(step.ended.map(|ended| ended.0));
        }
        found.extend(watcher.abandon().map(|ended| ended.0));
        found
    }

    fn missing() -> String {
        format!("!{MISSING}")
    }

    #[test]
    fn a_fix_that_ends_the_failure_supports_and_one_that_does_not_contradicts() {
        let missing = missing();
        let (error, fix, good) =
            (("make test", missing.as_str()), ("make db-create", "made"), ("make test", "ok"));
        assert_eq!(stances(LESSON, &[error, fix, good]), [Stance::Support]);
        assert_eq!(
            stances(LESSON, &[error, ("grep -n create Makefile", "44"), fix, good]),
            [Stance::Support]
        );
        assert_eq!(stances(LESSON, &[error, ("make db-create && make test", "ok")]), [Stance::Support]);
        assert_eq!(stances(LESSON, &[("make test | tail -3", MISSING), fix, good]), [Stance::Support]);
        assert_eq!(stances(LESSON, &[error, fix, error]), [Stance::Contradict, Stance::Mention]);
        assert_eq!(stances(LESSON, &[error]), [Stance::Mention]);
        assert_eq!(stances(LESSON, &[error, good]), [Stance::Mention], "it went away by itself");
    }

    #[test]
    fn what_only_looks_like_it_does_not_count() {
        let missing = missing();
        let (error, fix, good) =
            (("make test", missing.as_str()), ("make db-create", "made"), ("make test", "ok"));
        assert_eq!(stances(LESSON, &[fix, error, good]), [Stance::Mention], "tried before");
        assert_eq!(stances(LESSON, &[("make test", "!syntax error"), fix, good]), [], "another failure");
        assert_eq!(stances(LESSON, &[("make serve", missing.as_str()), fix, good]), [], "another command's");
        assert_eq!(stances(LESSON, &[("cat notes.md", MISSING), fix, good]), [], "only read");
        assert_eq!(
            stances(LESSON, &[error, ("echo 'make db-create'", "make db-create"), good]),
            [Stance::Mention],
            "only spoken of"
        );
        assert_eq!(
            stances(LESSON, &[error, fix, ("rm -rf .cache", ""), good]),
            [Stance::Mention],
            "something else"
        );
        assert_eq!(
            stances(LESSON, &[error, ("make db-create", "!no"), good]),
            [Stance::Mention],
            "it failed"
        );
        assert_eq!(
            stances(LESSON, &[error, fix, ("make test | tail", "3 tests failed")]),
            [Stance::Mention],
            "a pipe hides it"
        );
    }

    #[test]
    fn a_missing_flag_is_a_fix() {
        let lesson = "`shopctl preview up` needs `--region eu-west`: there are two regions.";
        let error = ("shopctl preview up", "!error: no region given");
        assert_eq!(
            stances(lesson, &[error, ("shopctl preview up --region eu-west", "ready")]),
            [Stance::Support]
        );
        assert_eq!(
            stances(lesson, &[error, ("shopctl preview up --region eu-west", "!quota")]),
            [Stance::Contradict]
        );
        assert_eq!(stances(lesson, &[("shopctl preview up --region eu-west", "ready")]), []);
    }

    #[test]
    fn another_tool_is_a_fix() {
        let lesson =
            "When `python -m pytest` fails with `No module named 'pytest'`, run `uv run pytest` instead.";
        let error = ("python -m pytest tests/orders", "!ModuleNotFoundError: No module named 'pytest'");
        assert_eq!(stances(lesson, &[error, ("uv run pytest tests/orders", "31 passed")]), [Stance::Support]);
        assert_eq!(
            stances(lesson, &[error, ("uv run pytest tests/orders", "!1 failed")]),
            [Stance::Contradict]
        );
    }

    #[test]
    fn the_same_without_its_wrapper_is_a_fix() {
        let lesson =
            "Run `bun` directly, not through `rtk`: `rtk bun` fails with \"unrecognized subcommand 'bun'\".";
        let error = ("rtk bun run test", "!error: unrecognized subcommand 'bun'");
        assert_eq!(stances(lesson, &[error, ("bun run test", "31 passed")]), [Stance::Support]);
        assert_eq!(stances(lesson, &[error, ("npm run test", "31 passed")]), [Stance::Mention]);
        assert_eq!(
            stances(lesson, &[error, error, ("bun run test", "ok")]),
            [Stance::Mention, Stance::Support]
        );
    }

    #[test]
    fn the_line_that_shows_the_failure_is_the_place() {
        let repair = Repair::of(LESSON).unwrap();
        let range = place(MISSING, &repair.shows);
        assert_eq!(MISSING.get(range), Some("FATAL: database \"shop_test\" does not exist"));
        assert_eq!("Exit code 1\nno region".get(place("Exit code 1\nno region", &[])), Some("no region"));
    }
}
