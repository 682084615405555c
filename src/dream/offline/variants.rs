//! Variants of a command: with and without an option, in one directory or another.
//!
//! Owns: how each variant fares, and which differences are lessons. Must not know: wording, documents;
//! what was changed right after a failure belongs to the lessons on mistakes.
//!
//! Most commands fail for reasons of their own. So the variants must differ clearly (Fisher, within
//! segments where several are known), the one must fail more often than not, the other hardly ever, and
//! always with the same error.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::Draft;
use super::episodes::failure;
use super::facts::{CallFact, CallResult};
use super::fixes::{self, Fix};
use super::remedy;
use super::render::{self, Trigger};
use super::revise::Swap;
use super::shapes::{self, ActionKind};
use super::shell::Command;
use super::surroundings::{Fact, Field};
use super::told;
use crate::domain::evidence::{Origin, Stance};
use crate::evidence::noise;
use crate::evidence::stats::{self, LogFactorials};
use crate::evidence::strata::{self, Stratum};

/// Share of the failing units that must show one and the same error.
const SAME_ERROR: f64 = 0.8;
/// Two-sided 5 %, within strata.
const CLEAR: f64 = 1.96;

/// How one unit fared with one spelling of a command.
#[derive(Debug, Clone)]
struct Row {
    unit: u32,
    /// Options and directory.
    traits: BTreeSet<Trait>,
    /// Member and call.
    at: (u32, u32),
    /// The error, details masked; `None` if it went well.
    error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Trait {
    Flag(String),
    Directory(String),
}

/// All commands with what came of them.
#[derive(Debug)]
pub struct Table<'a> {
    field: Field<'a>,
    commands: Vec<(Vec<String>, Vec<Row>)>,
}

/// A difference that matters.
struct Difference<'t> {
    head: &'t [String],
    rows: &'t [Row],
    which: Trait,
    /// The variant that has it is the one that works.
    with: bool,
    error: String,
}

impl<'a> Table<'a> {
    /// Reads the commands of a pool.
    #[must_use]
    pub fn of(field: Field<'a>) -> Self {
        let mut commands: BTreeMap<Vec<String>, Vec<Row>> = BTreeMap::new();
        for (at, member) in field.pool.members.iter().enumerate() {
            for (index, call) in member.facts.calls.iter().enumerate() {
                if let Some((command, error)) = read(call, field.pool.marks_failures) {
                    let row = Row {
                        unit: member.unit,
                        traits: traits(command),
                        at: (at as u32, index as u32),
                        error,
                    };
                    commands.entry(shapes::head(command).to_vec()).or_default().push(row);
                }
            }
        }
        commands.retain(|_, rows| {
            let failing: BTreeSet<u32> = rows.iter().filter(|r| r.error.is_some()).map(|r| r.unit).collect();
            failing.len() as u32 >= field.parameters.least_sessions
                && rows.iter().any(|row| row.error.is_none())
        });
        Self { field, commands: commands.into_iter().collect() }
    }

    /// Mean lessons on copies in which results have been dealt out to other calls of the same command.
    #[must_use]
    pub fn noise(&self, rate: f64, corpus: &str) -> f64 {
        noise::mean_over_copies(self.field.parameters.noise_copies, corpus, "variants", |dice| {
            let mut copy = self.commands.clone();
            for (_, rows) in &mut copy {
                let mut errors: Vec<Option<String>> = rows.iter().map(|row| row.error.clone()).collect();
                dice.shuffle(&mut errors);
                rows.iter_mut().zip(errors).for_each(|(row, error)| row.error = error);
            }
            self.differences(&copy, rate).len() as u32
        })
    }

    /// The lessons.
    #[must_use]
    pub fn drafts(&self, rate: f64) -> Vec<Draft> {
        self.differences(&self.commands, rate).iter().filter_map(|found| self.draft(found)).collect()
    }

    fn differences<'t>(&self, commands: &'t [(Vec<String>, Vec<Row>)], rate: f64) -> Vec<Difference<'t>> {
        // Every comparison is a test, also those that turn out not to matter.
        let mut found: Vec<(f64, Option<Difference<'t>>)> = Vec::new();
        for (head, rows) in commands {
            let all: BTreeSet<&Trait> = rows.iter().flat_map(|row| &row.traits).collect();
            for which in all {
                for with in [true, false] {
                    found.extend(self.difference(head, rows, which, with));
                }
            }
        }
        let p: Vec<f64> = found.iter().map(|(p, _)| *p).collect();
        let passes = stats::discoveries(&p, rate, self.field.parameters.any_dependence);
        // One per command: the least likely by chance.
        let mut best: BTreeMap<&[String], (f64, Difference<'t>)> = BTreeMap::new();
        for ((p, difference), _) in found.into_iter().zip(passes).filter(|(_, passes)| *passes) {
            let Some(difference) = difference else { continue };
            if best.get(difference.head).is_none_or(|(other, _)| p < *other) {
                best.insert(difference.head, (p, difference));
            }
        }
        best.into_values().map(|(_, difference)| difference).collect()
    }

    fn difference<'t>(
        &self,
        head: &'t [String],
        rows: &'t [Row],
        which: &Trait,
        with: bool,
    ) -> Option<(f64, Option<Difference<'t>>)> {
        let is_good = |row: &&Row| row.traits.contains(which) == with;
        let good = Fared::of(rows.iter().filter(is_good));
        let bad = Fared::of(rows.iter().filter(|row| !is_good(row)));
        let least = self.field.parameters.least_sessions;
        let tried = good.tried().min(bad.tried());
        if tried < least {
            return None;
        }
        let all = good.tried() + bad.tried();
        let well = good.well.len() as u32;
        let both = well + bad.well.len() as u32;
        let p = LogFactorials::up_to(all).hypergeometric_tail(well, good.tried(), both, all);
        let difference =
            (well >= least).then(|| self.clear(head, rows, which, with, (&good, &bad))).flatten();
        Some((p, difference))
    }

    /// The difference if it is one that matters.
    fn clear<'t>(
        &self,
        head: &'t [String],
        rows: &'t [Row],
        which: &Trait,
        with: bool,
        (good, bad): (&Fared, &Fared),
    ) -> Option<Difference<'t>> {
        if stats::lower_bound(good.well.len() as u32, good.tried()) <= 0.5
            || stats::lower_bound(bad.ill.len() as u32, bad.tried()) <= 0.5
            || !self.field.suffice(&bad.ill)
            || !self.holds_within(good, bad)
        {
            return None;
        }
        let mut errors: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.traits.contains(which) != with) {
            if let Some(error) = &row.error {
                errors.entry(error).or_default().insert(row.unit);
            }
        }
        let (error, units) =
            errors.into_iter().max_by_key(|(error, units)| (units.len(), std::cmp::Reverse(*error)))?;
        if (units.len() as f64) < SAME_ERROR * bad.ill.len() as f64 {
            return None;
        }
        Some(Difference { head, rows, which: which.clone(), with, error: error.to_owned() })
    }

    /// Within strata, where several are known, the difference shows too.
    fn holds_within(&self, good: &Fared, bad: &Fared) -> bool {
        let mut cells: BTreeMap<u32, Stratum> = BTreeMap::new();
        for (fared, drawn) in [(good, 1), (bad, 0)] {
            for (units, marked) in [(&fared.well, 1), (&fared.ill, 0)] {
                for unit in units {
                    let Some(stratum) = self.field.mix.stratum(*unit) else { continue };
                    let empty = Stratum { both: 0, drawn: 0, marked: 0, all: 0 };
                    let cell = cells.entry(stratum).or_insert(empty);
                    cell.all += 1;
                    cell.drawn += drawn;
                    cell.marked += marked;
                    cell.both += drawn * marked;
                }
            }
        }
        let cells: Vec<Stratum> = cells.into_values().collect();
        cells.is_empty() || strata::cochran_mantel_haenszel(&cells).is_some_and(|found| found.z >= CLEAR)
    }

    fn draft(&self, found: &Difference<'_>) -> Option<Draft> {
        let fix = match (&found.which, found.with) {
            (Trait::Flag(flag), true) => Fix::AddFlag(flag.clone()),
            (Trait::Flag(flag), false) => Fix::DropFlag(flag.clone()),
            (Trait::Directory(directory), true) => Fix::Directory(directory.clone()),
            (Trait::Directory(_), false) => return None,
        };
        let trigger = Trigger { words: found.head.to_vec(), more: true };
        let (mut sightings, mut exposed, mut line) = (Vec::new(), BTreeSet::new(), None);
        // Where the variant that should work showed the very error, it did not help there, whatever the other did.
        let is_good = |row: &&Row| row.traits.contains(&found.which) == found.with;
        let fared = Fared::of(found.rows.iter().filter(is_good));
        let same_error = |row: &Row| row.error.as_deref() == Some(found.error.as_str());
        let failed = found.rows.iter().filter(is_good).filter(|row| same_error(row)).map(|row| row.unit);
        let against: BTreeSet<u32> = failed.filter(|unit| fared.ill.contains(unit)).collect();
        for row in found.rows {
            exposed.insert(row.unit);
            let good = row.traits.contains(&found.which) == found.with;
            let member = row.at.0 as usize;
            let call = self.field.pool.members.get(member)?.facts.calls.get(row.at.1 as usize)?;
            let head = found.head.first()?;
            let pool = self.field.pool;
            match (good, failure(call, pool.marks_failures)) {
                (false, Some(failure)) => {
                    line.get_or_insert_with(|| failure.line.clone());
                    let (spot, said) = (&failure.spot, &failure.line);
                    let stance = if against.contains(&row.unit) { Stance::Mention } else { Stance::Support };
                    sightings.extend(pool.sighting(member, spot, stance, Origin::Tool, said));
                }
                (false, None) => {
                    sightings.extend(pool.sighting(
                        member,
                        &call.spot,
                        Stance::Contradict,
                        Origin::Agent,
                        head,
                    ));
                }
                (true, None) => {
                    sightings.extend(pool.sighting(member, &call.spot, Stance::Mention, Origin::Agent, head));
                }
                (true, Some(failure)) if against.contains(&row.unit) && same_error(row) => {
                    let (spot, said) = (&failure.spot, &failure.line);
                    sightings.extend(pool.sighting(member, spot, Stance::Contradict, Origin::Tool, said));
                }
                (true, Some(_)) => {}
            }
        }
        sightings.extend(told::of_fix(&fix, &trigger, &exposed, self.field.pool));
        let title = render::mistake_title(&fix, &trigger);
        let told = match &fix {
            Fix::AddFlag(flag) => {
                Fix::AddFlag(remedy::with_value(flag, found.head, &fared.well, self.field.pool))
            }
            other => other.clone(),
        };
        let text = render::mistake(&told, &trigger, &found.error);
        let swap = Swap::of_fix(&fix, &trigger);
        let when = trigger.when();
        Some(Fact { text, title, sightings, exposed, swap, when, remark: None }.draft("variant"))
    }
}

/// Units in which a variant went well more often than not, and the others.
#[derive(Debug, Default)]
struct Fared {
    well: BTreeSet<u32>,
    ill: BTreeSet<u32>,
}

impl Fared {
    fn tried(&self) -> u32 {
        (self.well.len() + self.ill.len()) as u32
    }

    fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let mut units: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        for row in rows {
            let (well, all) = units.entry(row.unit).or_default();
            *well += u32::from(row.error.is_none());
            *all += 1;
        }
        let mut fared = Self::default();
        for (unit, (well, all)) in units {
            if well * 2 > all {
                fared.well.insert(unit)
            } else {
                fared.ill.insert(unit)
            };
        }
        fared
    }
}

/// The one command of a call that could fail, and how it did.
fn read(call: &CallFact, marks_failures: bool) -> Option<(&Command, Option<String>)> {
    if call.action.kind != ActionKind::Shell || call.action.hides_failure() {
        return None;
    }
    let failed = failure(call, marks_failures);
    match failed {
        Some(failure) if failure.slip => None,
        Some(failure) => {
            Some((fixes::failing_command(&call.action, &failure.line)?, Some(failure.masked.clone())))
        }
        None if call.result == CallResult::Done => {
            let [command] = call.action.commands.as_slice() else { return None };
            Some((command, None))
        }
        None => None,
    }
}

fn traits(command: &Command) -> BTreeSet<Trait> {
    let flag = |word: &String| {
        let name = fixes::flag_name(word);
        (name.len() > 1 && name.starts_with('-')).then_some(Trait::Flag(name))
    };
    let flags = command.words.iter().skip(1).filter_map(flag);
    flags.chain(command.dir.clone().map(Trait::Directory)).collect()
}
