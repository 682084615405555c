//! The steps that sessions take, and the runs of them in which an order can show.
//!
//! Owns: what a step is called, whose work it is, and where an error breaks a run. Must not know: orders.

use std::collections::{BTreeMap, BTreeSet};

use super::episodes::failure;
use super::facts::{CallFact, CallResult, SessionFacts};
use super::orders::{Taken, Walk};
use super::pool::{Member, Pool};
use super::shapes::{self, ActionKind};
use super::shell;
use super::wishes::Wish;
use super::words;

/// Steps after which a failure that nobody came back to is given up.
const PATIENCE: usize = 10;
/// Tools with which clients keep house, though they are named like those of a trade.
const HOUSEKEEPING: [&str; 6] =
    ["apply_patch", "save_memory", "todo_read", "todo_write", "update_plan", "update_topic"];
/// Programs that only start what a project has named: their targets are as different as programs are.
const RUNNERS: [&str; 8] = ["make", "gmake", "just", "task", "rake", "invoke", "mage", "doit"];
/// Programs that do so behind a word of their own.
const MANAGERS: [&str; 10] =
    ["npm", "pnpm", "yarn", "bun", "deno", "uv", "poetry", "pdm", "hatch", "composer"];
const RUNS: [&str; 3] = ["run", "run-script", "task"];

/// Which steps of a session are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Runs of at least two steps without those that came after an error, as these may have been tried
    /// because of it.
    Undisturbed,
    /// All but those between an error and the next try of what failed. An error that nobody came back
    /// to says nothing of what was done after it.
    Everything,
}

/// Names of steps, sorted; their numbers are their places.
#[must_use]
pub fn names(pool: &Pool<'_>) -> Vec<String> {
    let calls = pool.members.iter().flat_map(|member| &member.facts.calls);
    let names: BTreeSet<String> = calls.filter_map(name).collect();
    names.into_iter().take(usize::from(u16::MAX) - 1).collect()
}

/// The steps of a pool's sessions.
#[must_use]
pub fn walks(pool: &Pool<'_>, names: &[String], reading: Reading) -> Vec<Walk> {
    let walk = |(at, member): (usize, &Member<'_>)| Walk {
        member: at,
        unit: member.unit,
        runs: runs(&member.facts, names, pool.marks_failures, reading),
    };
    pool.members.iter().enumerate().map(walk).collect()
}

/// Whose work a step is, by its name: the program, or all of the name where a program only starts things
/// that a project has named (`make proto`, `npm run build`).
#[must_use]
pub fn program(name: &str) -> &str {
    let mut words = name.split(' ');
    let first = words.next().unwrap_or(name);
    let runs = words.next().is_some_and(|word| RUNS.contains(&word));
    if RUNNERS.contains(&first) || (runs && MANAGERS.contains(&first)) { name } else { first }
}

/// What a call is called as a step; `None` for looking around with commands, and for a client's own tools:
/// the order of reading and writing files says nothing by itself. Tools of a trade (`book_reservation`)
/// have names of several words.
fn name(call: &CallFact) -> Option<String> {
    let action = &call.action;
    if action.kind == ActionKind::Other {
        let trade = action.tool.contains('_') && !action.outside;
        return (trade && !HOUSEKEEPING.contains(&action.tool.as_str())).then(|| action.tool.clone());
    }
    command(call).map(|command| shapes::head(command).join(" "))
}

/// The command that makes a call a step.
fn command(call: &CallFact) -> Option<&shell::Command> {
    let works = |command: &&shell::Command| !shell::is_a_look(&command.words);
    call.action.commands.iter().find(works).filter(|_| call.action.kind == ActionKind::Shell)
}

/// The script that an interpreter is given.
fn script(call: &CallFact) -> Option<&str> {
    let words = &command(call)?.words;
    words.first().filter(|program| shapes::is_interpreter(program))?;
    words.get(1).map(String::as_str).filter(|word| !word.starts_with('-'))
}

/// Calls of one stream that are steps, with their places in the session and their names.
type Steps<'a> = Vec<(u32, &'a CallFact, String)>;

fn runs(facts: &SessionFacts, names: &[String], marks_failures: bool, reading: Reading) -> Vec<Vec<Taken>> {
    let mut streams: BTreeMap<u32, Steps<'_>> = BTreeMap::new();
    for (index, call) in facts.calls.iter().enumerate() {
        if let Some(name) = name(call) {
            streams.entry(call.stream).or_default().push((index as u32, call, name));
        }
    }
    let turned = |from: u32, to: u32| {
        facts.turns.iter().any(|turn| !turn.interrupts && (from..to).contains(&turn.asked))
    };
    let mut runs = Vec::new();
    for calls in streams.values() {
        let mut run: Vec<Taken> = Vec::new();
        let mut last: Option<&CallFact> = None;
        // The step that failed last, until it works again or is given up.
        let mut failing: Option<&String> = None;
        let mut since = (0, 0);
        for (at, (index, call, name)) in calls.iter().enumerate() {
            if last.is_some_and(|last| is_corrected(last, call.asked, facts)) {
                run.pop();
                runs.push(std::mem::take(&mut run));
                last = None;
            }
            since.0 += 1;
            if since.0 > PATIENCE || turned(since.1, call.asked) {
                failing = None;
            }
            if failure(call, marks_failures).is_some() {
                let later = calls.get(at + 1..).unwrap_or_default();
                if reading == Reading::Undisturbed || is_tried_again(call, name, later, turned) {
                    failing = Some(name);
                    since = (0, call.asked);
                }
            } else if call.result == CallResult::Done {
                if failing.is_none() {
                    let Ok(step) = names.binary_search(name) else { continue };
                    // The same again is the same step.
                    if run.last().is_none_or(|last| usize::from(last.step) != step) {
                        run.push(Taken { step: step as u16, call: *index });
                    }
                    last = Some(call);
                    continue;
                }
                if failing == Some(name) {
                    failing = None;
                }
            }
            runs.push(std::mem::take(&mut run));
            last = None;
        }
        if last.is_some_and(|last| is_corrected(last, u32::MAX, facts)) {
            run.pop();
        }
        runs.push(run);
    }
    let least = if reading == Reading::Undisturbed { 2 } else { 1 };
    runs.retain(|run| run.len() >= least);
    runs
}

/// Whether a person said, before the next step, that this is not how it is done: nobody works as they are told not to.
/// What they said must name something of the step; a word on something else leaves it as it is.
fn is_corrected(step: &CallFact, next: u32, facts: &SessionFacts) -> bool {
    let mut turns = facts.turns.iter().filter(|turn| (step.asked..next).contains(&turn.asked)).peekable();
    if turns.peek().is_none() {
        return false;
    }
    let said = command(step).into_iter().flat_map(|command| &command.words);
    let named: BTreeSet<String> = said.flat_map(|word| words::thing(&plainly(word))).collect();
    let corrects = |wish: &Wish| {
        let unwanted = match &wish.that {
            Some(that) => that,
            None if wish.wanted => return false,
            None => &wish.this,
        };
        words::thing(unwanted).iter().any(|word| named.contains(word))
    };
    // What was done at a wish that is taken back is undone as well.
    turns.any(|turn| turn.takes_back || turn.wishes.iter().any(corrects))
}

/// A word of a command with what people call it.
fn plainly(word: &str) -> String {
    let called = match word {
        "rm" | "rmdir" | "del" => "delete remove",
        "mv" => "move rename",
        "cp" => "copy",
        _ => "",
    };
    format!("{word} {called}")
}

/// Somebody comes back to what failed before it is given up. Another script is not what failed.
fn is_tried_again(
    failed: &CallFact,
    name: &str,
    later: &[(u32, &CallFact, String)],
    turned: impl Fn(u32, u32) -> bool,
) -> bool {
    let same = |call: &CallFact, other: &str| {
        let another = script(failed).zip(script(call)).is_some_and(|(one, other)| one != other);
        name == other && !another
    };
    let again = later.iter().take(PATIENCE).find(|(_, call, other)| same(call, other));
    again.is_some_and(|(_, call, _)| !turned(failed.asked, call.asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    /// Names of the steps in the runs of a session.
    fn read(script: &Script, reading: Reading) -> Vec<String> {
        let meta = meta("s", 0);
        let pool = Pool::new(vec![(&meta, extract(&meta, script).unwrap())]);
        let names = names(&pool);
        let named = |run: &Vec<Taken>| {
            run.iter().map(|taken| names[usize::from(taken.step)].as_str()).collect::<Vec<_>>().join(", ")
        };
        walks(&pool, &names, reading)[0].runs.iter().map(named).collect()
    }

    #[test]
    fn what_a_runner_runs_is_whose_work_it_is() {
        for (name, expected) in [
            ("make proto", "make proto"),
            ("npm run build", "npm run build"),
            ("npm install", "npm"),
            ("cargo test", "cargo"),
            ("cargo run", "cargo"),
            ("git add", "git"),
            ("make", "make"),
        ] {
            assert_eq!(program(name), expected, "{name}");
        }
    }

    #[test]
    fn steps_after_an_error_that_nobody_came_back_to_are_read() {
        let mut script = Script::new();
        script.shell("python tools/lint.py", Err("Exit code 1\nerror: odd"));
        script.shell("shop freeze", Ok("ok"));
        script.shell("deploy push", Ok("ok"));
        script.shell("python tools/other.py", Ok("ok"));
        assert_eq!(read(&script, Reading::Undisturbed), [""; 0]);
        assert_eq!(read(&script, Reading::Everything), ["shop freeze, deploy push, python tools/other.py"]);
    }

    #[test]
    fn a_step_that_a_person_corrects_is_no_part_of_how_it_is_done() {
        let mut script = Script::new();
        script.shell("git pull", Ok("ok"));
        script.shell("npm install", Ok("ok"));
        script.user("pnpm, not npm");
        script.shell("pnpm install", Ok("ok"));
        script.shell("make test", Ok("ok"));
        script.user("use tabs instead of spaces please");
        script.user("please don't write emojis into the log");
        script.user("ok, the build was fine");
        script.shell("git push", Ok("ok"));
        script.shell("rm package-lock.json", Ok("ok"));
        script.user("please don't delete the lockfile");
        script.user("use poetry instead of pip");
        script.shell("poetry install", Ok("ok"));
        script.user("ah no, pip was right");
        script.shell("pip install .", Ok("ok"));
        script.shell("make test", Ok("ok"));
        let steps = ["git pull", "pnpm install, make test, git push", "pip install, make test"];
        assert_eq!(read(&script, Reading::Everything), steps);
    }

    #[test]
    fn a_look_in_between_is_no_step() {
        let mut script = Script::new();
        script.shell("make proto", Ok("ok"));
        script.shell("git diff --stat", Ok("ok"));
        script.shell("cat notes.md", Ok("ok"));
        script.shell("make test", Ok("ok"));
        assert_eq!(read(&script, Reading::Everything), ["make proto, make test"]);
    }

    #[test]
    fn steps_between_an_error_and_the_next_try_are_not_read() {
        let mut script = Script::new();
        script.shell("shop freeze", Ok("ok"));
        script.shell("deploy push", Err("Exit code 1\nerror: no workspace"));
        script.shell("deploy login", Ok("ok"));
        script.shell("make keys", Ok("ok"));
        script.shell("deploy push", Ok("ok"));
        script.shell("make notes", Ok("ok"));
        assert_eq!(read(&script, Reading::Everything), ["shop freeze", "make notes"]);
        assert_eq!(read(&script, Reading::Undisturbed), [""; 0]);
    }
}
