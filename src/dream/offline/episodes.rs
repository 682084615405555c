//! Error episodes: what failed, what was tried after it, and whether the failure came back.
//!
//! Owns: where an episode starts and ends. Must not know: statistics.
//!
//! An episode opens at a failing call and follows the calls of the same run of events until one with
//! the same goal no longer shows the error, a person turns to something else, or the limit is reached.
//! How it ends is often unknown, and unknown is not failure.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::facts::{CallFact, CallResult, Failure};
use super::fixes::{self, Fix};
use super::pool::{Member, Pool};
use super::shapes::{self, ActionKind};
use super::shell;
use super::templates::{Line, Templates};
use crate::dream::Parameters;

/// Reactions between a failure and the next call with the same goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was tried, as numbers of [`Episodes::fixes`].
    pub tried: BTreeSet<u32>,
    /// The error did not show again.
    pub resolved: bool,
}

/// One unit's experience with one error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The error.
    pub template: u32,
    /// The unit.
    pub unit: u32,
    /// What was tried after it, over all its episodes in the unit.
    pub attempts: Vec<Attempt>,
    /// The failing calls: member and call.
    pub shown: Vec<(u32, u32)>,
}

/// How a goal was pursued again after it had been reached, and what was done before: what change looks like when
/// nothing failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// The unit.
    pub unit: u32,
    /// Differences seen and things done in between, as numbers of [`Episodes::fixes`].
    pub tried: BTreeSet<u32>,
}

/// All episodes of a pass.
#[derive(Debug, Default)]
pub struct Episodes {
    /// Ways of reacting, sorted.
    pub fixes: Vec<Fix>,
    /// Errors.
    pub templates: Templates,
    /// One per error and unit, sorted by them.
    pub records: Vec<Record>,
    /// One per unit and goal.
    pub controls: Vec<Control>,
    /// Calls that read like an error but are not marked as one: by template, member and call.
    pub suspects: BTreeMap<u32, Vec<(u32, u32)>>,
}

/// Calls looked at for the next one with the same goal after a success.
const CONTROL_REACH: usize = 10;

/// The failure of a call, as far as the formats in the pool let one be sure of it.
#[must_use]
pub fn failure(call: &CallFact, marks_failures: bool) -> Option<&Failure> {
    match &call.result {
        CallResult::Failed(failure) => Some(failure),
        CallResult::Suspect(failure) if !marks_failures => Some(failure),
        _ => None,
    }
}

/// Finds all episodes of a pool.
#[must_use]
pub fn find(pool: &Pool<'_>, parameters: &Parameters) -> Episodes {
    let mut seen: BTreeMap<Line, BTreeSet<u32>> = BTreeMap::new();
    for member in &pool.members {
        for call in &member.facts.calls {
            if let CallResult::Failed(failure) | CallResult::Suspect(failure) = &call.result {
                seen.entry(line(call, failure)).or_default().insert(member.unit);
            }
        }
    }
    let templates = Templates::group(&seen, parameters);
    let local: Vec<Local> = pool
        .members
        .par_iter()
        .map(|member| Local::of(member, &templates, pool.marks_failures, parameters.episode_calls))
        .collect();
    merge(pool, templates, local)
}

/// The line that stands for a failure. A line that names nothing (`Exit code 1`) says something only
/// together with the command.
fn line(call: &CallFact, failure: &Failure) -> Line {
    let telling =
        super::words::content(&failure.masked).len() >= 2 && !failure.masked.starts_with("Exit code");
    let command = fixes::failing_command(&call.action, &failure.masked);
    let class = match (call.action.kind, command) {
        (ActionKind::Shell, Some(command)) if !telling => shapes::head(command).join(" "),
        (ActionKind::Shell, _) => "shell".to_owned(),
        _ => call.action.tool.clone(),
    };
    Line { class, masked: failure.masked.clone() }
}

/// Reactions before a fix has its number, and whether the failure stayed away.
type Reaction = (BTreeSet<Fix>, bool);

#[derive(Debug, Default)]
struct LocalRecord {
    attempts: Vec<Reaction>,
    shown: Vec<u32>,
}

#[derive(Debug, Default)]
struct Local {
    records: BTreeMap<u32, LocalRecord>,
    controls: BTreeMap<String, BTreeSet<Fix>>,
    suspects: Vec<(u32, u32)>,
}

impl Local {
    fn of(member: &Member<'_>, templates: &Templates, marks_failures: bool, reach: usize) -> Self {
        let mut local = Self::default();
        let mut streams: BTreeMap<u32, Vec<(u32, &CallFact)>> = BTreeMap::new();
        for (index, call) in member.facts.calls.iter().enumerate() {
            streams.entry(call.stream).or_default().push((index as u32, call));
        }
        for calls in streams.values() {
            let template_of: Vec<Option<u32>> = calls
                .iter()
                .map(|(_, call)| match &call.result {
                    CallResult::Failed(failure) | CallResult::Suspect(failure) => {
                        templates.of(&line(call, failure))
                    }
                    _ => None,
                })
                .collect();
            local.follow(member, calls, &template_of, marks_failures, reach);
        }
        local
    }

    fn follow(
        &mut self,
        member: &Member<'_>,
        calls: &[(u32, &CallFact)],
        template_of: &[Option<u32>],
        marks_failures: bool,
        reach: usize,
    ) {
        let mut covered: BTreeSet<usize> = BTreeSet::new();
        for (at, (index, call)) in calls.iter().enumerate() {
            let template = template_of.get(at).copied().flatten();
            match (failure(call, marks_failures), template) {
                (Some(failure), Some(template)) => {
                    let record = self.records.entry(template).or_default();
                    record.shown.push(*index);
                    if !covered.contains(&at) {
                        let episode = Episode { member, failing: call, error: &failure.masked, template };
                        record.attempts.extend(episode.run(
                            calls.get(at + 1..).unwrap_or_default(),
                            template_of.get(at + 1..).unwrap_or_default(),
                            reach,
                            at + 1,
                            &mut covered,
                        ));
                    }
                }
                (None, Some(template)) if call.action.hides_failure() => {
                    self.suspects.push((template, *index));
                }
                _ if call.result == CallResult::Done => {
                    self.control(call, calls.get(at + 1..).unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    fn control(&mut self, call: &CallFact, later: &[(u32, &CallFact)]) {
        let Some(command) =
            call.action.commands.iter().find(|c| c.words.first().is_some_and(|p| !shell::only_looks(p)))
        else {
            return;
        };
        let after = later.iter().filter(|(_, other)| other.asked > call.answered).take(CONTROL_REACH);
        let mut tried: BTreeSet<Fix> = BTreeSet::new();
        for (_, other) in after {
            let Some(fix) = fixes::relation(&call.action, Some(command), &other.action) else {
                tried.extend(fixes::in_between(&call.action, &other.action));
                continue;
            };
            tried.insert(fix);
            self.controls.entry(shapes::head(command).join(" ")).or_default().extend(tried);
            break;
        }
    }
}

struct Episode<'a> {
    member: &'a Member<'a>,
    failing: &'a CallFact,
    error: &'a str,
    template: u32,
}

impl Episode<'_> {
    fn run(
        &self,
        later: &[(u32, &CallFact)],
        template_of: &[Option<u32>],
        reach: usize,
        offset: usize,
        covered: &mut BTreeSet<usize>,
    ) -> Vec<Reaction> {
        let command = fixes::failing_command(&self.failing.action, self.error);
        let end = self.turned_away();
        let mut attempts = Vec::new();
        let mut between: BTreeSet<Fix> = BTreeSet::new();
        let reactions = later.iter().zip(template_of).enumerate();
        for (at, ((_, call), template)) in
            reactions.filter(|(_, ((_, call), _))| call.asked > self.failing.answered).take(reach)
        {
            if end.is_some_and(|end| call.asked > end) || call.result == CallResult::Refused {
                break;
            }
            let Some(fix) = fixes::relation(&self.failing.action, command, &call.action) else {
                between.extend(fixes::in_between(&self.failing.action, &call.action));
                continue;
            };
            let mut tried = std::mem::take(&mut between);
            // What was done first is told apart from repeating the command blindly.
            if fix.is_change() || tried.is_empty() {
                tried.insert(fix);
            }
            if call.result == CallResult::Unknown {
                continue;
            }
            let again = *template == Some(self.template);
            attempts.push((tried, !again));
            if !again {
                break;
            }
            covered.insert(offset + at);
        }
        attempts
    }

    /// Where a person turned to something else: their first turn after the failure that shares no
    /// word with what failed.
    fn turned_away(&self) -> Option<u32> {
        let words: BTreeSet<&str> = self
            .failing
            .action
            .commands
            .iter()
            .flat_map(|command| &command.words)
            .map(String::as_str)
            .filter(|word| word.len() >= 3)
            .collect();
        let turns = self
            .member
            .facts
            .turns
            .iter()
            .filter(|turn| turn.stream == self.failing.stream && turn.asked > self.failing.answered);
        turns
            .filter(|turn| !turn.words.iter().any(|word| words.contains(word.as_str())))
            .map(|turn| turn.asked)
            .next()
    }
}

fn merge(pool: &Pool<'_>, templates: Templates, local: Vec<Local>) -> Episodes {
    let all: BTreeSet<&Fix> = local
        .iter()
        .flat_map(|l| {
            l.records
                .values()
                .flat_map(|record| record.attempts.iter().flat_map(|(tried, _)| tried))
                .chain(l.controls.values().flatten())
        })
        .collect();
    let fixes: Vec<Fix> = all.into_iter().cloned().collect();
    let number = |fix: &Fix| fixes.binary_search(fix).unwrap_or(0) as u32;
    let mut records: BTreeMap<(u32, u32), Record> = BTreeMap::new();
    let mut controls: BTreeMap<(u32, &str), BTreeSet<u32>> = BTreeMap::new();
    let mut suspects: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for (index, (member, local)) in pool.members.iter().zip(&local).enumerate() {
        for (template, found) in &local.records {
            let record = records.entry((*template, member.unit)).or_insert_with(|| Record {
                template: *template,
                unit: member.unit,
                attempts: Vec::new(),
                shown: Vec::new(),
            });
            record.attempts.extend(found.attempts.iter().map(|(tried, resolved)| Attempt {
                tried: tried.iter().map(number).collect(),
                resolved: *resolved,
            }));
            record.shown.extend(found.shown.iter().map(|call| (index as u32, *call)));
        }
        for (goal, tried) in &local.controls {
            controls.entry((member.unit, goal)).or_default().extend(tried.iter().map(number));
        }
        for (template, call) in &local.suspects {
            suspects.entry(*template).or_default().push((index as u32, *call));
        }
    }
    Episodes {
        records: records.into_values().collect(),
        controls: controls.into_iter().map(|((unit, _), tried)| Control { unit, tried }).collect(),
        fixes,
        templates,
        suspects,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::SessionMeta;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    const FAILED: &str = "Exit code 1\nerror: no workspace selected";

    /// What was tried after the failures of one session, and whether the error stayed away.
    fn attempts(write: impl Fn(&mut Script)) -> Vec<(Vec<Fix>, bool)> {
        let mut script = Script::new();
        write(&mut script);
        let metas: [SessionMeta; 1] = [meta("s", 0)];
        let facts = extract(&metas[0], &script).unwrap();
        let pool = Pool::new(vec![(&metas[0], facts)]);
        let episodes = find(&pool, &Parameters::default());
        let name = |number: &u32| episodes.fixes[*number as usize].clone();
        let records = episodes.records.iter().flat_map(|record| &record.attempts);
        records.map(|attempt| (attempt.tried.iter().map(name).collect(), attempt.resolved)).collect()
    }

    fn first(command: &str) -> Fix {
        Fix::First(command.to_owned())
    }

    #[test]
    fn attempts_end_with_the_next_call_of_the_same_goal() {
        let tried = attempts(|script| {
            script.shell("deploy push", Err(FAILED));
            script.shell("git fetch", Ok(""));
            script.shell("ls -la", Ok(""));
            script.shell("deploy push", Err(FAILED));
            script.shell("deploy login", Ok(""));
            script.shell("deploy push", Ok("pushed"));
            script.shell("deploy push", Err(FAILED));
            script.shell("deploy push --force", Ok("pushed"));
        });
        assert_eq!(
            tried,
            [
                (vec![first("git fetch")], false),
                (vec![first("deploy login")], true),
                (vec![Fix::AddFlag("--force".into())], true),
            ]
        );
    }

    #[test]
    fn another_error_means_that_this_one_is_gone() {
        let tried = attempts(|script| {
            script.shell("wrap yarn test", Err("error: unknown subcommand 'yarn'"));
            script.shell("yarn test", Err("error: two tests are red"));
        });
        assert_eq!(tried, [(vec![Fix::DropPrefix("wrap".into())], true)]);
    }

    #[test]
    fn an_open_end_is_unknown_not_failed() {
        let open = |script: &mut Script| {
            script.shell("deploy push", Err(FAILED));
            script.shell("deploy login", Ok(""));
        };
        assert_eq!(attempts(open), []);
        let left = attempts(|script| {
            open(script);
            script.user("never mind, write the changelog");
            script.shell("deploy push", Ok(""));
        });
        assert_eq!(left, []);
        let guided = attempts(|script| {
            open(script);
            script.user("now try deploy again");
            script.shell("deploy push", Ok(""));
        });
        assert_eq!(guided, [(vec![first("deploy login")], true)]);
    }

    #[test]
    fn calls_made_before_the_answer_are_no_reaction() {
        let tried = attempts(|script| {
            script.call("a", "Bash", r#"{"command":"deploy push"}"#);
            script.call("b", "Bash", r#"{"command":"deploy login"}"#);
            script.error("a", FAILED);
            script.result("b", "ok");
            script.shell("git fetch", Ok(""));
            script.shell("deploy push", Ok(""));
        });
        assert_eq!(tried, [(vec![first("git fetch")], true)]);
    }

    #[test]
    fn a_refused_call_ends_the_episode() {
        let tried = attempts(|script| {
            script.shell("deploy push", Err(FAILED));
            script.shell("deploy reset", Err("The user doesn't want to proceed with this tool use."));
            script.shell("deploy push", Ok(""));
        });
        assert_eq!(tried, []);
    }
}
