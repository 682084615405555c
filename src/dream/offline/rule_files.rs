//! Rules files that people wrote (`CLAUDE.md` and the like), as sessions read them.
//!
//! Owns: recognising such a reading, what is kept of it, and which of several readings counts. Must not
//! know: what contradicts a rule.
//!
//! A project whose folder is not on this machine (a container that is gone, a colleague's sessions)
//! still has rules: agents open the file, and its text stands in the transcript. Only the sentences
//! that demand or forbid something are kept, secrets masked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::pool::Pool;
use super::shapes::{Action, ActionKind};
use crate::guard::protected::Directives;
use crate::guard::secrets;
use crate::transcript::echo::PEOPLE_WRITE;

/// Bytes of an answer that are looked at.
const LONGEST_FILE: usize = 256 * 1024;
/// Sentences kept of one reading, and bytes of each.
const MOST_SENTENCES: usize = 1_000;
const LONGEST_SENTENCE: usize = 300;

/// A sentence that demands or forbids something, in a rules file that a session read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFact {
    /// The file, relative to the working folder.
    pub file: String,
    /// The working folder, as far as the session says which.
    pub folder: String,
    /// Line of the file, from 1.
    pub line: usize,
    /// The sentence, secrets masked.
    pub text: String,
    /// When it was read.
    pub at: Option<Timestamp>,
}

/// The rules file that a call reads: one of the working folder itself. Those of folders below it hold for
/// a part of the work only, and others may be of anyone's project.
#[must_use]
pub fn read_by(action: &Action) -> Option<&str> {
    action.target.as_deref().filter(|file| action.kind == ActionKind::Read && is_rules(file))
}

/// The same for a file that the client loads: its path relative to the working folder, if it lies in it.
#[must_use]
pub fn of_the_project(path: &str, cwd: Option<&str>) -> Option<String> {
    let (path, cwd) = (path.replace('\\', "/"), cwd?.replace('\\', "/"));
    let file = path.strip_prefix(cwd.as_str())?.strip_prefix('/')?;
    is_rules(file).then(|| file.to_owned())
}

fn is_rules(file: &str) -> bool {
    let name = file.strip_prefix(".claude/").or_else(|| file.strip_prefix(".github/")).unwrap_or(file);
    PEOPLE_WRITE.contains(&name) || name != file && name.starts_with("rules/")
}

/// The sentences of an answer that demand or forbid something.
#[must_use]
pub fn sentences(file: &str, folder: Option<&str>, answer: &str, at: Option<Timestamp>) -> Vec<RuleFact> {
    let answer = answer.get(..answer.floor_char_boundary(LONGEST_FILE)).unwrap_or(answer);
    let (first, text) = without_numbers(answer);
    let directives = Directives::read(&[(file.to_owned(), text)]);
    directives
        .sentences()
        .take(MOST_SENTENCES)
        .map(|(line, text)| {
            let text = secrets::redact(text);
            let text = text.get(..text.floor_char_boundary(LONGEST_SENTENCE)).unwrap_or(&text).to_owned();
            RuleFact {
                file: file.to_owned(),
                folder: folder.unwrap_or_default().to_owned(),
                line: first.saturating_add(line).saturating_sub(1),
                text,
                at,
            }
        })
        .collect()
}

/// Adds what sessions read to what was read from disk, for files that are not there.
///
/// A file is read in parts, so its readings are put together; where two give the same line, the later one
/// counts. Each carries the day it was read: the file may have changed since.
pub fn add(pool: &Pool<'_>, protected: &[(String, String)], directives: &mut Directives) {
    let mut lines: BTreeMap<(&str, usize), Vec<&RuleFact>> = BTreeMap::new();
    for rule in pool.members.iter().flat_map(|member| &member.facts.rules) {
        if protected.iter().any(|(path, _)| same_file(path, rule)) {
            continue;
        }
        // A line may hold several sentences.
        let known = lines.entry((&rule.file, rule.line)).or_default();
        let earlier = known.first().map(|known| known.at);
        if earlier.is_some_and(|earlier| earlier < rule.at) {
            known.clear();
        }
        if earlier.is_none_or(|earlier| earlier <= rule.at)
            && !known.iter().any(|other| other.text == rule.text)
        {
            known.push(rule);
        }
    }
    for ((file, line), rules) in lines {
        for rule in rules {
            let day = rule.at.map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
            directives.add_read(file, line, &rule.text, day);
        }
    }
}

/// Whether a path on disk is that of the file a session read.
fn same_file(path: &str, rule: &RuleFact) -> bool {
    let forward = |path: &str| path.replace('\\', "/");
    forward(path) == format!("{}/{}", forward(&rule.folder).trim_end_matches('/'), rule.file)
}

/// The number of the first line and the text, without the line numbers that a reading tool puts before
/// each line (`   12→text`, or a tab in place of the arrow).
fn without_numbers(answer: &str) -> (usize, String) {
    let numbered = |line: &'_ str| -> Option<(usize, usize)> {
        let digits = line.trim_start().split_once(['→', '\t'])?.0;
        let rest = line.find(['→', '\t'])?;
        let arrow = line.get(rest..)?.chars().next()?.len_utf8();
        Some((digits.parse().ok()?, rest + arrow))
    };
    let Some((first, _)) = answer.lines().next().and_then(numbered) else { return (1, answer.to_owned()) };
    let mut text = String::with_capacity(answer.len());
    for line in answer.lines() {
        let Some((_, from)) = numbered(line) else { break };
        text.push_str(line.get(from..).unwrap_or_default());
        text.push('\n');
    }
    (first, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_numbers_of_the_reading_tool_are_those_of_the_file() {
        let answer = "   849→\n   850→**Always prefix commands with `rtk`**. It\n   851→passes through.\n   852→Never push.\n\n<system-reminder>Never mind.</system-reminder>";
        let rules = sentences("CLAUDE.md", None, answer, None);
        let found: Vec<(usize, &str)> = rules.iter().map(|rule| (rule.line, rule.text.as_str())).collect();
        assert_eq!(found, [(850, "**Always prefix commands with `rtk`**."), (852, "Never push.")]);
    }

    #[test]
    fn plain_text_counts_from_one() {
        let rules = sentences("AGENTS.md", None, "# Rules\n\nNever push.\n", None);
        assert_eq!((rules[0].line, rules[0].text.as_str()), (3, "Never push."));
    }

    #[test]
    fn only_readings_of_rules_files_count() {
        let of = |tool: &str, input: &str| {
            read_by(&Action::read(tool, input, Some("/srv/shop"))).map(str::to_owned)
        };
        assert_eq!(of("Read", r#"{"file_path":"/srv/shop/CLAUDE.md"}"#).as_deref(), Some("CLAUDE.md"));
        assert_eq!(
            of("Read", r#"{"file_path":"/srv/shop/.claude/rules/a.md"}"#).as_deref(),
            Some(".claude/rules/a.md")
        );
        assert_eq!(of("Read", r#"{"file_path":"/srv/shop/MEMORY.md"}"#), None);
        assert_eq!(of("Read", r#"{"file_path":"/srv/shop/MY-CLAUDE.md"}"#), None);
        assert_eq!(of("Read", r#"{"file_path":"/srv/shop/node_modules/x/CLAUDE.md"}"#), None);
        assert_eq!(of("Read", r#"{"file_path":"/srv/other/CLAUDE.md"}"#), None);
        assert_eq!(of("Write", r#"{"file_path":"/srv/shop/CLAUDE.md","content":"Never."}"#), None);
        assert_eq!(of("Bash", r#"{"command":"cat CLAUDE.md"}"#), None);
    }

    #[test]
    fn only_files_of_the_working_folder_are_the_projects() {
        let of = |path, cwd| of_the_project(path, Some(cwd));
        assert_eq!(of("/srv/shop/CLAUDE.md", "/srv/shop").as_deref(), Some("CLAUDE.md"));
        assert_eq!(of(r"D:\shop\.claude\rules\go.md", r"D:\shop").as_deref(), Some(".claude/rules/go.md"));
        assert_eq!(of("/srv/shop/a/CLAUDE.md", "/srv/shop"), None);
        assert_eq!(of("/srv/shopping/CLAUDE.md", "/srv/shop"), None);
        assert_eq!(of_the_project("/srv/shop/CLAUDE.md", None), None);
    }

    #[test]
    fn a_file_on_disk_is_known_by_its_whole_path() {
        let rule = |folder: &str, file: &str| sentences(file, Some(folder), "Never push.", None).remove(0);
        let shop = rule("/home/dev/shop", "CLAUDE.md");
        assert!(same_file("/home/dev/shop/CLAUDE.md", &shop));
        assert!(same_file(r"D:\shop\.claude\rules\go.md", &rule(r"D:\shop", ".claude/rules/go.md")));
        assert!(!same_file("/home/dev/.claude/CLAUDE.md", &shop), "the user's own");
        assert!(!same_file("/home/dev/other/CLAUDE.md", &shop));
    }

    #[test]
    fn a_number_that_no_file_has_is_survived() {
        let rules = sentences("CLAUDE.md", None, "18446744073709551615→Never push.", None);
        assert_eq!(rules.len(), 1);
    }
}
