//! Facts about the surroundings of an agent: variants of a command that work, places, limits, versions.
//!
//! Owns: which of them become lessons beside those on mistakes, and their noise check. Must not know:
//! how each kind is found.
//!
//! Facts of this kind go stale sooner than other lessons. The date of the last session that showed one
//! stands in a mark beside the lesson rather than in the note: a note must read the same tomorrow, or
//! a rejected one would come back under every new date.

use std::collections::BTreeSet;

use super::drafts::{Draft, Shelf, Step};
use super::mix::Mix;
use super::place;
use super::pool::Pool;
use super::revise::Swap;
use super::spread::Spread;
use super::{limits, places, variants, versions};
use crate::domain::evidence::Stance;
use crate::domain::lesson::{Mark, Severity, Topic};
use crate::dream::Parameters;
use crate::evidence::count::Sighting;

/// What facts are found in.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Sessions.
    pub pool: &'a Pool<'a>,
    /// Their people and days.
    pub spread: &'a Spread,
    /// Their strata.
    pub mix: &'a Mix,
    /// Gates.
    pub parameters: &'a Parameters,
}

impl Field<'_> {
    /// Units enough, of people or days enough.
    #[must_use]
    pub fn suffice(&self, units: &BTreeSet<u32>) -> bool {
        units.len() as u32 >= self.parameters.least_sessions && self.spread.suffices(units, self.parameters)
    }
}

/// Facts, and the mean number of lessons the same gates let through on shuffled copies.
#[derive(Debug)]
pub struct Surroundings<'a> {
    field: Field<'a>,
    variants: variants::Table<'a>,
    places: places::Table<'a>,
    limits: limits::Table<'a>,
}

impl<'a> Surroundings<'a> {
    /// Reads the sessions.
    #[must_use]
    pub fn of(field: Field<'a>) -> Self {
        Self {
            field,
            variants: variants::Table::of(field),
            places: places::Table::of(field),
            limits: limits::Table::of(field),
        }
    }

    /// Mean lessons on copies in which results, targets and values have been dealt out anew.
    #[must_use]
    pub fn noise(&self, rate: f64, corpus: &str) -> f64 {
        self.variants.noise(rate, corpus) + self.places.noise(rate, corpus) + self.limits.noise(rate, corpus)
    }

    /// The lessons, without those that say what a lesson on a mistake says already.
    #[must_use]
    pub fn drafts(&self, rate: f64, mistakes: &[Draft]) -> Vec<Draft> {
        let mut drafts = self.variants.drafts(rate);
        drafts.extend(self.limits.drafts(rate));
        drafts.retain(|draft| mistakes.iter().all(|mistake| !self.is_said(draft, mistake)));
        drafts.extend(self.places.drafts(rate));
        drafts.extend(versions::find(self.field));
        drafts
    }

    /// The same advice, or another way of saying why the same calls failed.
    fn is_said(&self, draft: &Draft, mistake: &Draft) -> bool {
        let units = |draft: &Draft| draft.units(Stance::Support);
        let (ours, theirs) = (units(draft), units(mistake));
        let shared = ours.intersection(&theirs).count() as f64;
        let named = |text: &str| text.split('`').nth(1).map(str::to_owned).unwrap_or_default();
        let (a, b) = (named(&draft.text), named(&mistake.text));
        let same = !a.is_empty() && (mistake.text.contains(&a) || draft.text.contains(&b));
        place::advice(&draft.text) == place::advice(&mistake.text)
            || same && shared >= self.field.parameters.merge_jaccard * ours.len() as f64
    }
}

/// What a lesson on a fact says and shows.
#[derive(Debug, Default)]
pub struct Fact {
    /// The note.
    pub text: String,
    /// A few words that name it.
    pub title: String,
    /// Places.
    pub sightings: Vec<Sighting>,
    /// Units in which it could have shown.
    pub exposed: BTreeSet<u32>,
    /// What it puts in the place of what.
    pub swap: Option<Swap>,
    /// What an agent is about to do when it needs the fact.
    pub when: Option<String>,
    /// What else the reviewer should know, as a sentence.
    pub remark: Option<String>,
}

impl Fact {
    /// The lesson.
    #[must_use]
    pub fn draft(self, kind: &str) -> Draft {
        let mut draft = Draft {
            key: format!("fact {kind} {}", self.text),
            topic: Topic::Fact,
            statement: self.text.clone(),
            title: self.title,
            text: self.text,
            step: Step::Add(Shelf::Facts),
            slip: false,
            open: false,
            sightings: self.sightings,
            exposed: self.exposed,
            swap: self.swap,
            when: self.when,
            marks: Vec::new(),
        };
        let last = draft
            .last()
            .map(|at| format!("last confirmed on {}", at.to_zoned(jiff::tz::TimeZone::UTC).date()));
        let told: Vec<String> = last.into_iter().chain(self.remark).collect();
        if !told.is_empty() {
            let (guard, text) = ("confirmed".to_owned(), told.join("; "));
            draft.marks.push(Mark { guard, severity: Severity::Info, text });
        }
        draft
    }
}
