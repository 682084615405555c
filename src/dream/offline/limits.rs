//! Limits: how much of something goes well.
//!
//! Owns: which failures speak of a limit, the values on both sides of it, and which are lessons. Must
//! not know: wording of other lessons, documents.
//!
//! A limit that the failure itself names needs no statistics: the tool says it. Otherwise all values
//! that went well must lie below all that did not, more clearly than chance would part them.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::Draft;
use super::episodes::failure;
use super::facts::{CallFact, CallResult};
use super::fixes;
use super::render;
use super::shapes::{self, ActionKind};
use super::shell::Command;
use super::surroundings::{Fact, Field};
use crate::domain::evidence::{Origin, Stance};
use crate::evidence::noise;
use crate::evidence::stats::{self, LogFactorials};

/// How tools say that something was too much.
const SAYS: [&str; 22] = [
    "at most",
    "limit",
    "exceed",
    "too large",
    "too many",
    "too long",
    "too big",
    "maximum",
    "max ",
    "no more than",
    "up to",
    "larger than",
    "greater than",
    "timed out",
    "timeout",
    "rate",
    "429",
    "413",
    "quota",
    "throttl",
    "out of memory",
    "must be below",
];

/// One call with a number in it, and whether that was too much.
#[derive(Debug, Clone)]
struct Row {
    member: u32,
    unit: u32,
    call: u32,
    value: u64,
    /// The line that says so.
    refused: Option<String>,
}

/// Numbers given to one option of one command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Knob {
    head: Vec<String>,
    /// The option; `None` for an argument by itself.
    option: Option<String>,
}

/// All numbers in calls and what came of them.
#[derive(Debug)]
pub struct Table<'a> {
    field: Field<'a>,
    knobs: Vec<(Knob, Vec<Row>)>,
}

/// Where a limit lies.
struct Limit<'t> {
    knob: &'t Knob,
    rows: &'t [Row],
    /// The largest value that went well, and the smallest that did not.
    well: Option<u64>,
    refused: u64,
    /// The number that the failure names.
    named: Option<u64>,
}

impl<'a> Table<'a> {
    /// Reads the numbers of a pool's calls.
    #[must_use]
    pub fn of(field: Field<'a>) -> Self {
        let mut knobs: BTreeMap<Knob, Vec<Row>> = BTreeMap::new();
        for (at, member) in field.pool.members.iter().enumerate() {
            for (index, call) in member.facts.calls.iter().enumerate() {
                for (knob, value, refused) in read(call, field.pool.marks_failures) {
                    let row =
                        Row { member: at as u32, unit: member.unit, call: index as u32, value, refused };
                    knobs.entry(knob).or_default().push(row);
                }
            }
        }
        knobs.retain(|_, rows| rows.iter().any(|row| row.refused.is_some()));
        Self { field, knobs: knobs.into_iter().collect() }
    }

    /// Mean lessons on copies in which the values have been dealt out to other calls of the same command.
    #[must_use]
    pub fn noise(&self, rate: f64, corpus: &str) -> f64 {
        noise::mean_over_copies(self.field.parameters.noise_copies, corpus, "limits", |dice| {
            let mut copy = self.knobs.clone();
            for (_, rows) in &mut copy {
                let mut values: Vec<u64> = rows.iter().map(|row| row.value).collect();
                dice.shuffle(&mut values);
                rows.iter_mut().zip(values).for_each(|(row, value)| row.value = value);
            }
            self.limits(&copy, rate).len() as u32
        })
    }

    /// The lessons.
    #[must_use]
    pub fn drafts(&self, rate: f64) -> Vec<Draft> {
        self.limits(&self.knobs, rate).iter().filter_map(|limit| self.draft(limit)).collect()
    }

    fn limits<'t>(&self, knobs: &'t [(Knob, Vec<Row>)], rate: f64) -> Vec<Limit<'t>> {
        let mut found: Vec<(f64, Limit<'t>)> =
            knobs.iter().filter_map(|(knob, rows)| self.limit(knob, rows)).collect();
        let p: Vec<f64> = found.iter().map(|(p, _)| *p).collect();
        let mut passes = stats::discoveries(&p, rate, self.field.parameters.any_dependence).into_iter();
        found.retain(|_| passes.next() == Some(true));
        found.into_iter().map(|(_, limit)| limit).collect()
    }

    fn limit<'t>(&self, knob: &'t Knob, rows: &'t [Row]) -> Option<(f64, Limit<'t>)> {
        let over: BTreeSet<u32> = rows.iter().filter(|r| r.refused.is_some()).map(|r| r.unit).collect();
        if !self.field.suffice(&over) {
            return None;
        }
        let refused = rows.iter().filter(|row| row.refused.is_some()).map(|row| row.value).min()?;
        let well = rows.iter().filter(|row| row.refused.is_none()).map(|row| row.value).max();
        if well.is_some_and(|well| well >= refused) {
            return None;
        }
        let mut named: Vec<Option<u64>> = rows
            .iter()
            .filter_map(|row| row.refused.as_deref())
            .map(|line| {
                numbers(line).find(|number| well.unwrap_or(0) <= *number && *number < refused && *number > 0)
            })
            .collect();
        named.sort_unstable();
        named.dedup();
        let named = if let [Some(number)] = named[..] { Some(number) } else { None };
        let within: BTreeSet<u32> = rows.iter().filter(|r| r.refused.is_none()).map(|r| r.unit).collect();
        // Every unit once; those on both sides speak for both and are left out of the test.
        let (up, down) = (over.difference(&within).count() as u32, within.difference(&over).count() as u32);
        let p = LogFactorials::up_to(up + down).hypergeometric_tail(up, up, up, up + down);
        Some((if named.is_some() { 0.0 } else { p }, Limit { knob, rows, well, refused, named }))
    }

    fn draft(&self, limit: &Limit<'_>) -> Option<Draft> {
        let (mut sightings, mut exposed) = (Vec::new(), BTreeSet::new());
        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
        for row in limit.rows {
            exposed.insert(row.unit);
            let Some(line) = row.refused.as_deref() else { continue };
            *said.entry(line).or_default() += 1;
            let call =
                self.field.pool.members.get(row.member as usize)?.facts.calls.get(row.call as usize)?;
            let failure = failure(call, self.field.pool.marks_failures)?;
            let (member, origin) = (row.member as usize, Origin::Tool);
            sightings.extend(self.field.pool.sighting(member, &failure.spot, Stance::Support, origin, line));
        }
        let (line, _) = said.into_iter().max_by_key(|(line, count)| (*count, std::cmp::Reverse(*line)))?;
        let command = limit.knob.head.join(" ");
        let what = match &limit.knob.option {
            Some(option) => render::code(&format!("{command} {option}")),
            None => render::code(&command),
        };
        let error = render::error_text(line);
        let text = match (limit.named, limit.well) {
            (Some(named), _) => format!("{what} takes at most {named}: more fails with \"{error}\"."),
            (None, Some(well)) => {
                format!("{what} goes well up to {well} and fails from {} on: \"{error}\".", limit.refused)
            }
            (None, None) => return None,
        };
        let range = match limit.well {
            Some(well) => format!("{well} went well, {} did not", limit.refused),
            None => format!("nothing below {} was tried", limit.refused),
        };
        let title = render::as_title(&format!("Limit of {what}"));
        let when = Some(what);
        Some(Fact { text, title, sightings, exposed, swap: None, when, remark: Some(range) }.draft("limit"))
    }
}

/// Numbers in a call, each with the line that says it was too much.
fn read(call: &CallFact, marks_failures: bool) -> Vec<(Knob, u64, Option<String>)> {
    if call.action.kind != ActionKind::Shell || call.action.hides_failure() {
        return Vec::new();
    }
    let failed = failure(call, marks_failures);
    let line = failed.map(|failure| failure.line.as_str());
    if line.is_none() && call.result != CallResult::Done {
        return Vec::new();
    }
    let lower = line.map(str::to_lowercase);
    let is_limit = lower.as_deref().is_some_and(|line| SAYS.iter().any(|says| line.contains(says)));
    // Another failure says nothing of the number.
    if line.is_some() && !is_limit {
        return Vec::new();
    }
    let command = match line {
        Some(line) => fixes::failing_command(&call.action, line),
        None => call.action.commands.first().filter(|_| call.action.commands.len() == 1),
    };
    let Some(command) = command else { return Vec::new() };
    knobs(command).into_iter().map(|(knob, value)| (knob, value, line.map(str::to_owned))).collect()
}

fn knobs(command: &Command) -> Vec<(Knob, u64)> {
    let head = shapes::head(command);
    let rest = command.words.get(head.len()..).unwrap_or_default();
    let mut found = Vec::new();
    for (at, word) in rest.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| rest.get(before));
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with('-') => (Some(option.to_owned()), value),
            _ => (
                before.filter(|before| before.starts_with('-') && !before.contains('=')).cloned(),
                word.as_str(),
            ),
        };
        if let Ok(value) = value.parse::<u64>() {
            found.push((Knob { head: head.to_vec(), option }, value));
        }
    }
    found
}

fn numbers(line: &str) -> impl Iterator<Item = u64> + '_ {
    line.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok())
}
