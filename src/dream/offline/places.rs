//! Where things are: what sessions look for again and again, and find in the same file.
//!
//! Owns: what a search is, what it was for, and which finds are lessons. Must not know: wording of other
//! lessons, documents.
//!
//! A name and a file are linked if those who search for the name end up in the file more than those who
//! search for something else do (hypergeometric). A file that everybody opens is linked with nothing. Where hardly
//! anything else is searched for, they are compared with those who open files without a search.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::Draft;
use super::facts::{CallFact, CallResult};
use super::render;
use super::revise::Swap;
use super::shapes::ActionKind;
use super::shell;
use super::surroundings::{Fact, Field};
use crate::domain::evidence::{Origin, Stance};
use crate::evidence::noise;
use crate::evidence::stats::{self, LogFactorials};

/// Searches before a find that make it worth a note.
const SEARCHES: u32 = 2;
/// Shortest name that is looked for.
const SHORTEST: usize = 4;
/// Names kept of one hunt.
const MOST_NAMES: usize = 8;

/// A hunt that ended in a file that its session had not opened before.
#[derive(Debug, Clone)]
struct Hunt {
    member: u32,
    unit: u32,
    names: BTreeSet<String>,
    searches: u32,
    /// The call that opened the file.
    call: u32,
}

/// All hunts and what they found.
#[derive(Debug)]
pub struct Table<'a> {
    field: Field<'a>,
    ln: LogFactorials,
    hunts: Vec<Hunt>,
    found: Vec<String>,
    /// Where hardly anything else is searched for, files that were opened without a hunt, once for each session.
    plain: Vec<String>,
}

/// With fewer hunts for other names than that, there is nothing to compare a name with.
const OTHER_HUNTS: usize = 3;

/// Where hunts for one name ended: all of them, and the units of those that took long.
type Ends<'t> = BTreeMap<&'t str, (u32, BTreeSet<u32>)>;

/// A name, the file, and the hunts for the name that ended there.
struct Link<'t> {
    name: &'t str,
    file: &'t str,
    units: BTreeSet<u32>,
    p: f64,
}

impl<'a> Table<'a> {
    /// Reads the hunts of a pool.
    #[must_use]
    pub fn of(field: Field<'a>) -> Self {
        let (mut hunts, mut found, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for (at, member) in field.pool.members.iter().enumerate() {
            let mut streams: BTreeMap<u32, Vec<(u32, &CallFact)>> = BTreeMap::new();
            for (index, call) in member.facts.calls.iter().enumerate() {
                streams.entry(call.stream).or_default().push((index as u32, call));
            }
            let mut opened: BTreeSet<&str> = BTreeSet::new();
            for calls in streams.values() {
                for (hunt, file) in Hunter::default().follow(calls) {
                    if opened.insert(file) {
                        hunts.push(Hunt { member: at as u32, unit: member.unit, ..hunt });
                        found.push(file.to_owned());
                    }
                }
                let others = calls.iter().filter_map(|(_, call)| opens(call));
                plain.extend(others.filter(|file| opened.insert(file)).map(str::to_owned));
            }
        }
        let mut of_name: BTreeMap<&str, usize> = BTreeMap::new();
        hunts
            .iter()
            .flat_map(|hunt: &Hunt| &hunt.names)
            .for_each(|name| *of_name.entry(name).or_default() += 1);
        let most = of_name.into_values().max().unwrap_or(0);
        if hunts.len() - most >= OTHER_HUNTS {
            plain.clear();
        }
        let ln = LogFactorials::up_to((hunts.len() + plain.len()) as u32);
        Self { field, ln, hunts, found, plain }
    }

    /// Mean lessons on copies in which the files have been dealt out to other hunts.
    #[must_use]
    pub fn noise(&self, rate: f64, corpus: &str) -> f64 {
        noise::mean_over_copies(self.field.parameters.noise_copies, corpus, "places", |dice| {
            let mut dealt = [self.found.as_slice(), &self.plain].concat();
            dice.shuffle(&mut dealt);
            let (found, plain) = dealt.split_at(self.found.len());
            self.links(found, plain, rate).len() as u32
        })
    }

    /// The lessons.
    #[must_use]
    pub fn drafts(&self, rate: f64) -> Vec<Draft> {
        self.links(&self.found, &self.plain, rate).iter().map(|link| self.draft(link)).collect()
    }

    fn links<'t>(&'t self, found: &'t [String], plain: &[String], rate: f64) -> Vec<Link<'t>> {
        let mut of_file: BTreeMap<&str, u32> = BTreeMap::new();
        // Per name: units that looked for it, hunts, and where they ended.
        let mut of_name: BTreeMap<&str, (BTreeSet<u32>, u32, Ends<'t>)> = BTreeMap::new();
        for (hunt, file) in self.hunts.iter().zip(found) {
            *of_file.entry(file).or_default() += 1;
            for name in &hunt.names {
                let (units, hunts, ends) = of_name.entry(name).or_default();
                units.insert(hunt.unit);
                *hunts += 1;
                let (all, long) = ends.entry(file).or_default();
                *all += 1;
                if hunt.searches >= SEARCHES {
                    long.insert(hunt.unit);
                }
            }
        }
        for file in plain {
            of_file.entry(file).and_modify(|marked| *marked += 1);
        }
        let all = (self.hunts.len() + plain.len()) as u32;
        // Whatever could have been a link is a test: to count only those that look like one would make
        // chance look rare.
        let mut tests: Vec<(Link<'t>, bool)> = Vec::new();
        for (name, (looked, drawn, ends)) in of_name {
            for (file, (both, units)) in ends {
                let marked = of_file.get(file).copied().unwrap_or(0);
                if looked.len().min(marked as usize) >= self.field.parameters.least_sessions as usize {
                    let usual = stats::lower_bound(units.len() as u32, looked.len() as u32) > 0.5;
                    let p = self.ln.hypergeometric_tail(both, drawn, marked, all);
                    let is_link = usual && self.field.suffice(&units);
                    tests.push((Link { name, file, units, p }, is_link));
                }
            }
        }
        let p: Vec<f64> = tests.iter().map(|(link, _)| link.p).collect();
        let passes = stats::discoveries(&p, rate, self.field.parameters.any_dependence);
        // One name per file: the one of most sessions, then the least likely by chance, then the longest.
        let mut best: BTreeMap<&str, Link<'t>> = BTreeMap::new();
        for ((link, _), _) in
            tests.into_iter().zip(passes).filter(|((_, is_link), passes)| *is_link && *passes)
        {
            let order = |link: &Link<'_>| (link.units.len(), -link.p, link.name.len());
            if best.get(link.file).is_none_or(|other| order(&link) > order(other)) {
                best.insert(link.file, link);
            }
        }
        best.into_values().collect()
    }

    fn draft(&self, link: &Link<'_>) -> Draft {
        let (mut sightings, mut exposed, mut took) = (Vec::new(), BTreeSet::new(), Vec::new());
        let hunts = self.hunts.iter().zip(&self.found).filter(|(hunt, _)| hunt.names.contains(link.name));
        for (hunt, file) in hunts {
            exposed.insert(hunt.unit);
            let stance = match (file == link.file, hunt.searches >= SEARCHES) {
                (true, true) => Stance::Support,
                (true, false) => Stance::Mention,
                (false, _) if link.units.contains(&hunt.unit) => continue,
                (false, _) => Stance::Contradict,
            };
            if stance == Stance::Support {
                took.push(hunt.searches);
            }
            let call = self.field.pool.members.get(hunt.member as usize);
            let call = call.and_then(|member| member.facts.calls.get(hunt.call as usize));
            sightings.extend(call.and_then(|call| {
                self.field.pool.sighting(hunt.member as usize, &call.spot, stance, Origin::Agent, file)
            }));
        }
        took.sort_unstable();
        let median = took.get(took.len() / 2).copied().unwrap_or(SEARCHES);
        let (name, file) = (render::code(link.name), render::code(link.file));
        let is_file = link.file.rsplit('/').next() == Some(link.name);
        let text = if is_file { format!("{name} is at {file}.") } else { format!("{name} is in {file}.") };
        let title = render::as_title(&format!("Where {name} is"));
        let remark = Some(format!("found after {median} searches in the middle of these sessions"));
        let swap = is_file.then(|| Swap::of_place(link.name, link.file));
        Fact { text, title, sightings, exposed, swap, when: None, remark }.draft("place")
    }
}

/// Follows the calls of one stream.
#[derive(Default)]
struct Hunter<'p> {
    names: BTreeSet<String>,
    searches: u32,
    /// The files opened in this run of looking around, each with the searches before it.
    opened: Vec<(u32, &'p str, u32)>,
    /// The run ended with a change to the file opened last.
    edited: bool,
}

impl<'p> Hunter<'p> {
    fn follow(mut self, calls: &[(u32, &'p CallFact)]) -> Vec<(Hunt, &'p str)> {
        let mut found = Vec::new();
        for (index, call) in calls {
            if call.result == CallResult::Refused {
                continue;
            }
            if let Some(names) = sought(call).or_else(|| missed(call)) {
                self.searches += 1;
                let room = MOST_NAMES.saturating_sub(self.names.len());
                self.names.extend(names.into_iter().take(room));
            } else if let Some(file) = opens(call) {
                if self.searches > 0 {
                    self.opened.push((*index, file, self.searches));
                }
                if call.action.kind == ActionKind::Edit {
                    self.edited = true;
                    found.extend(self.end());
                }
            } else if !looks(call) {
                found.extend(self.end());
            }
        }
        found.extend(self.end());
        found
    }

    fn end(&mut self) -> Option<(Hunt, &'p str)> {
        let Self { names, opened, edited, .. } = std::mem::take(self);
        let (call, file, searches) = prey(&names, &opened, edited)?;
        Some((Hunt { member: 0, unit: 0, names, searches, call }, file))
    }
}

/// The file that a hunt was for: one of a name that was sought; else the one that is read and changed; else the first
/// one opened after the last search, for what is read behind it may be for another reason. What is changed without
/// being read was known before, and nobody hunted for it.
fn prey<'p>(
    names: &BTreeSet<String>,
    opened: &[(u32, &'p str, u32)],
    edited: bool,
) -> Option<(u32, &'p str, u32)> {
    let last = opened.last().filter(|_| !names.is_empty())?;
    let is_named = |(_, file, _): &&(u32, &str, u32)| names.contains(file.rsplit('/').next().unwrap_or(file));
    let first = || opened.iter().find(|(.., searches)| *searches == last.2);
    let read = || opened.iter().filter(|(_, file, _)| *file == last.1).count() > 1 || opened.len() == 1;
    let otherwise = || if edited && read() { Some(last) } else { first() };
    opened.iter().find(is_named).or_else(otherwise).copied()
}

/// Only looking around: its commands neither search nor open anything that has a name.
fn looks(call: &CallFact) -> bool {
    match call.action.kind {
        ActionKind::Search | ActionKind::Read => true,
        ActionKind::Edit | ActionKind::Other => false,
        ActionKind::Shell => {
            let only = |program: &String| shell::only_looks(program);
            call.action.commands.iter().all(|command| command.words.first().is_some_and(only))
        }
    }
}

/// The file a call opens.
fn opens(call: &CallFact) -> Option<&str> {
    if call.result != CallResult::Done {
        return None;
    }
    match call.action.kind {
        ActionKind::Read | ActionKind::Edit => {
            call.action.target.as_deref().filter(|file| file.contains('.'))
        }
        ActionKind::Shell => file_read(call),
        ActionKind::Search | ActionKind::Other => None,
    }
}

/// The file that a command line reads.
fn file_read(call: &CallFact) -> Option<&str> {
    let [command, ..] = call.action.commands.as_slice() else { return None };
    let reads = matches!(command.words.first()?.as_str(), "cat" | "head" | "tail" | "sed" | "less" | "nl");
    let file = command.words.iter().skip(1).rfind(|word| word.contains('.') && is_path(word));
    file.filter(|_| reads).map(|file| file.trim_start_matches("./"))
}

fn is_path(word: &str) -> bool {
    !word.starts_with('-') && word.bytes().any(|byte| byte.is_ascii_alphabetic()) && !word.contains("://")
}

/// The names a call searches for; `None` if it is no search.
fn sought(call: &CallFact) -> Option<BTreeSet<String>> {
    match call.action.kind {
        ActionKind::Search => Some(names(call.action.sought.as_deref().unwrap_or(""))),
        ActionKind::Shell if looks(call) => {
            let mut all = BTreeSet::new();
            let mut searches = false;
            for command in &call.action.commands {
                let words = command.words.as_slice();
                let pattern = match words.first().map(String::as_str) {
                    Some("grep" | "egrep" | "rg" | "fd") => {
                        words.iter().skip(1).find(|word| !word.starts_with('-'))
                    }
                    Some("find") => {
                        let named =
                            |word: &String| matches!(word.as_str(), "-name" | "-iname" | "-path" | "-ipath");
                        words.iter().position(named).and_then(|at| words.get(at + 1))
                    }
                    Some("ls" | "tree") => None,
                    _ => continue,
                };
                searches = true;
                // Of a text, nothing but that it was one is kept.
                let pattern = pattern.filter(|pattern| *pattern != shell::TEXT);
                all.extend(pattern.map(|pattern| names(pattern)).unwrap_or_default());
            }
            searches.then_some(all)
        }
        _ => None,
    }
}

/// A file that was opened where it is not: a search for it that went wrong.
fn missed(call: &CallFact) -> Option<BTreeSet<String>> {
    let (CallResult::Failed(failure) | CallResult::Suspect(failure)) = &call.result else { return None };
    let line = failure.line.to_lowercase();
    if !NOT_THERE.iter().any(|words| line.contains(words)) {
        return None;
    }
    let file = match call.action.kind {
        ActionKind::Read | ActionKind::Edit => call.action.target.as_deref()?,
        ActionKind::Shell => file_read(call)?,
        ActionKind::Search | ActionKind::Other => return None,
    };
    Some(names(file.rsplit('/').next().unwrap_or(file)))
}

/// How tools say that a file is not where it was looked for.
const NOT_THERE: [&str; 5] =
    ["does not exist", "no such file", "not found", "cannot find the file", "doesn't exist"];

/// Words of a pattern that stand in any source.
const COMMON: [&str; 20] = [
    "async",
    "class",
    "const",
    "default",
    "enum",
    "error",
    "export",
    "false",
    "from",
    "func",
    "function",
    "import",
    "interface",
    "public",
    "return",
    "static",
    "struct",
    "true",
    "type",
    "void",
];

/// Names in a search pattern: runs of letters, digits and the marks that names have inside.
fn names(pattern: &str) -> BTreeSet<String> {
    // "*.toml" names a kind of files, and none of them.
    let is_a_kind = |piece: &&str| piece.starts_with('.') && pattern.contains(&format!("*{piece}"));
    pattern
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .filter(|piece| !is_a_kind(piece))
        .map(|name| name.trim_matches(['.', '-', '_']))
        .filter(|name| name.len() >= SHORTEST && name.len() <= 60 && name.chars().any(char::is_alphabetic))
        .filter(|name| !COMMON.contains(&name.to_lowercase().as_str()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_files_is_no_name() {
        let named = |pattern: &str| names(pattern).into_iter().collect::<Vec<_>>();
        assert_eq!(named("*.toml"), Vec::<String>::new());
        assert_eq!(named("src/**/*.config.ts"), Vec::<String>::new());
        assert_eq!(named("*flags.toml"), ["flags.toml"]);
        assert_eq!(named("feature_flags.*toml"), ["feature_flags", "toml"]);
    }
}
