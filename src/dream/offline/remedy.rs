//! How the command that came before a success is spelled in a lesson.
//!
//! Owns: which of its words the sessions share. An agent can't act on `rm` alone, and a guard can't judge
//! it: what ran is told as far as the sessions agree, and where they don't, that there is more. Must not
//! know: sentences, or why the command stands out.

use std::collections::{BTreeMap, BTreeSet};

use super::episodes::Record;
use super::facts::CallResult;
use super::fixes;
use super::pool::Pool;
use super::shapes;
use super::shell::{self, Command};
use crate::guard::{arguments, secrets};

/// Calls after a failure among which what was done about it is looked for.
const REACH: usize = 30;
/// Longest command that is told whole.
const LONGEST: usize = 160;
/// Stands for words that differ from session to session.
const MORE: &str = "…";

/// The command with this head as it ran after failures of these records.
#[must_use]
pub fn spelled<'r>(head: &str, records: impl Iterator<Item = &'r Record>, pool: &Pool<'_>) -> String {
    let ran: Vec<Vec<&str>> = records.filter_map(|record| last_of(record, head, pool)).collect();
    agreed(head, &ran)
}

/// An option with the value it had wherever it went well, if all sessions gave it the same: "pass `--platform`" helps
/// nobody. What stands behind the option is its value unless commands without it have that word, too.
#[must_use]
pub fn with_value(flag: &str, head: &[String], units: &BTreeSet<u32>, pool: &Pool<'_>) -> String {
    // Its value is in its name already: `--verify=false`.
    if flag.contains('=') {
        return flag.to_owned();
    }
    let calls = pool.members.iter().flat_map(|member| {
        let counts = units.contains(&member.unit);
        member.facts.calls.iter().map(move |call| (call, counts))
    });
    let (mut values, mut others, mut times): (BTreeSet<String>, BTreeSet<&str>, u32) = Default::default();
    for (call, counts) in calls {
        for command in call.action.commands.iter().filter(|command| command.words.starts_with(head)) {
            let at = command.words.iter().position(|word| fixes::flag_name(word) == flag);
            match at {
                None => others.extend(command.words.iter().map(String::as_str)),
                Some(at) if counts && call.result == CallResult::Done => {
                    times += 1;
                    let own = command.words.get(at);
                    values.extend(own.map(|word| value(head, word, command.words.get(at + 1))));
                }
                Some(_) => {}
            }
        }
    }
    let mut values = values.into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) if value != "…" && times >= ALIKE && !others.contains(value.trim_start()) => {
            format!("{flag}{value}")
        }
        _ => flag.to_owned(),
    }
}

/// Calls that must give an option the same value before it is told.
const ALIKE: u32 = 3;
/// Longest value that is told.
const LONGEST_VALUE: usize = 60;

/// The value of an option as it is written behind its name; an empty one where it has none.
fn value(command: &[String], option: &str, next: Option<&String>) -> String {
    let own = option.split_once('=').map(|(_, value)| format!("={value}"));
    let behind = || next.filter(|word| !word.starts_with('-')).map(|word| format!(" {word}"));
    let value = own.or_else(behind).unwrap_or_default();
    let (words, bare): (Vec<&str>, _) =
        (command.iter().map(String::as_str).collect(), value.trim_start_matches(['=', ' ']));
    let name = option.split_once('=').map_or(option, |(name, _)| name);
    let private = !bare.is_empty() && arguments::is_private(&words, name, bare);
    let plain = !value.contains(['$', '*', '<'])
        && !secrets::is_masked(&value)
        && !private
        && value.len() <= LONGEST_VALUE;
    // A value that can't be told is a value that differs.
    if plain { value } else { "…".to_owned() }
}

/// The words of the last such command after a failure in one unit: the one nearest to where the failure ended.
fn last_of<'p>(record: &Record, head: &str, pool: &'p Pool<'_>) -> Option<Vec<&'p str>> {
    let of_failure = |&(member, failed): &(u32, u32)| {
        let calls = &pool.members.get(member as usize)?.facts.calls;
        let failing = calls.get(failed as usize)?;
        let later = calls.get(failed as usize + 1..)?.iter();
        later
            .filter(|call| call.stream == failing.stream && call.asked > failing.answered)
            .take(REACH)
            .find_map(|call| together(&call.action.commands, head, &failing.action.commands))
    };
    record.shown.iter().rev().find_map(of_failure)
}

/// A command of a line with what the line does before and behind it: whoever ran `rm -rf data && npm run seed` did not
/// just seed. Trying again what failed is no part of it, nor is looking around.
fn together<'p>(line: &'p [Command], head: &str, failing: &[Command]) -> Option<Vec<&'p str>> {
    let at = line.iter().position(|command| shapes::head(command).join(" ") == head)?;
    let again = |command: &Command| failing.iter().any(|f| shapes::head(f) == shapes::head(command));
    let until = line.iter().skip(at + 1).position(again).map(|end| at + 1 + end);
    // What is asked for may have stood in the failing line, too.
    let belongs = |(index, command): &(usize, &Command)| {
        *index == at || !shell::is_a_look(&command.words) && !again(command)
    };
    let mut all: Vec<&str> = Vec::new();
    for (_, command) in line.iter().enumerate().take(until.unwrap_or(line.len())).filter(belongs) {
        if !all.is_empty() {
            all.push("&&");
        }
        all.extend(words(command));
    }
    Some(all)
}

/// Its words, with the interpreter that a pipe feeds: what is downloaded is one thing, what runs it another.
fn words(command: &Command) -> Vec<&str> {
    let mut words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    if let Some(program) = command.ends_in.as_deref().filter(|program| !shell::only_looks(program)) {
        words.extend(["|", program]);
    }
    words
}

/// What four of five ran to the letter, else the words with which all of them begin.
fn agreed(head: &str, ran: &[Vec<&str>]) -> String {
    let mut counts: BTreeMap<&[&str], usize> = BTreeMap::new();
    for words in ran {
        *counts.entry(words).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(words, count)| (**count, std::cmp::Reverse(**words)));
    let Some((most, count)) = most else { return head.to_owned() };
    let shared = if count * 5 >= ran.len() * 4 {
        most.len()
    } else {
        ran.iter().fold(most.len(), |shared, words| {
            shared.min(most.iter().zip(words).take_while(|(a, b)| a == b).count())
        })
    };
    let mut told = String::new();
    let mut whole = ran.iter().all(|words| words.len() <= shared) || count * 5 >= ran.len() * 4;
    for (at, word) in most.iter().take(shared).enumerate() {
        let before = most.get(..at).unwrap_or_default();
        if *word == shell::TEXT || is_private(before, word) || told.len() + word.len() > LONGEST {
            whole = false;
            break;
        }
        if !told.is_empty() {
            told.push(' ');
        }
        told.push_str(word);
    }
    match (told.len() < head.len(), whole) {
        (true, _) => format!("{head} {MORE}"),
        (false, true) => told,
        (false, false) => format!("{told} {MORE}"),
    }
}

/// Whether a word is the value of an option that may be a secret.
fn is_private(before: &[&str], word: &str) -> bool {
    let own = word.split_once('=').filter(|(option, _)| option.starts_with('-'));
    let (option, value) = own.unwrap_or((before.last().copied().unwrap_or_default(), word));
    option.starts_with('-') && !value.starts_with('-') && arguments::is_private(before, option, value)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::all_that_was_done(
        "rm -rf node_modules && npm install",
        "npm install",
        "rm -rf node_modules && npm install"
    )]
    #[case::behind_it("rm -rf data; npm run seed", "rm", "rm -rf data && npm run seed")]
    #[case::not_the_next_try("make db && npm test && git push", "make db", "make db")]
    #[case::the_failing_program_itself("npm test -- --clean", "npm test", "npm test -- --clean")]
    #[case::nor_the_one_before("npm test; make db && npm test", "make db", "make db")]
    #[case::not_a_look("ls && make db | tail", "make db", "make db")]
    fn what_ran_in_one_line_is_told_together(#[case] line: &str, #[case] head: &str, #[case] told: &str) {
        let (line, failing) = (shell::parse(line), shell::parse("npm test"));
        assert_eq!(together(&line, head, &failing).map(|words| words.join(" ")).as_deref(), Some(told));
    }

    #[rstest]
    #[case::the_same_everywhere("rm", &["rm -rf /var/lib/fly"; 5], "rm -rf /var/lib/fly")]
    #[case::four_of_five("apt install", &["apt install gcc", "apt install gcc", "apt install gcc", "apt install gcc", "apt install gcc make"], "apt install gcc")]
    #[case::what_they_begin_with("rm", &["rm -rf a", "rm -rf b", "rm -rf c"], "rm -rf …")]
    #[case::nothing_but_the_program("make", &["make a", "make b", "make"], "make …")]
    #[case::no_arguments("make db", &["make db"; 3], "make db")]
    #[case::fed_to_a_shell("curl", &["curl -fsSL https://x.example/fix | sh"; 3], "curl -fsSL https://x.example/fix | sh")]
    #[case::read_by_eye("make db", &["make db | tail -5"; 3], "make db")]
    #[case::prose_is_not_told("git commit", &["git commit -m 'fix the thing'"; 3], "git commit -m …")]
    #[case::what_may_be_a_secret("vaultx open", &["vaultx open -p hunter22"; 3], "vaultx open -p …")]
    #[case::a_pin("vpnctl up", &["vpnctl up --pin=47 now"; 3], "vpnctl up …")]
    #[case::a_port("ssh host", &["ssh host -p 22 ls"; 3], "ssh host -p 22 ls")]
    #[case::a_folder("mkdir", &["mkdir -p dir"; 3], "mkdir -p dir")]
    #[case::never_seen("make db", &[], "make db")]
    fn a_command_is_told_as_far_as_sessions_agree(
        #[case] head: &str,
        #[case] lines: &[&str],
        #[case] expected: &str,
    ) {
        let parsed: Vec<Command> =
            lines.iter().filter_map(|line| shell::parse(line).into_iter().next()).collect();
        let ran: Vec<Vec<&str>> = parsed.iter().map(words).collect();
        assert_eq!(agreed(head, &ran), expected);
    }
}
