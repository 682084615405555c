//! Remembered, but not followed: what a note says, and sessions that had it did not do.
//!
//! Owns: when that is so, and what is proposed. Must not know: how findings are found.
//!
//! Another line would say it a second time. If the note does not say when it applies, that is put in
//! front of it; if it does, or if no moment can be told, only something that runs by itself would help
//! (a hook, a check, a lint), and the pass says so. Only sessions that began after the note was there
//! count: the ones it was learned from broke no rule.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ages::Ages;
use super::drafts::{Draft, Step};
use super::entries::Entry;
use super::place;
use super::pool::Pool;
use super::spread::Spread;
use super::upkeep::shown;
use crate::domain::evidence::Stance;
use crate::domain::lesson::{Mark, Severity, Topic};
use crate::domain::memory::Snapshot;
use crate::dream::Parameters;

/// What becomes of a finding that is in memory already.
#[derive(Debug)]
pub enum Heeded {
    /// The note is to say when it applies.
    Rewrite(Box<Draft>),
    /// No wording helps: a sentence for the reviewer.
    NeedsHook(String),
}

/// What is known beside the findings.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The memory.
    pub memory: &'a Snapshot,
    /// Since when its notes are there.
    pub ages: &'a Ages,
    /// Sessions.
    pub pool: &'a Pool<'a>,
    /// Their people and days.
    pub spread: &'a Spread,
    /// Gates.
    pub parameters: &'a Parameters,
}

impl Known<'_> {
    /// The notes that say what a finding says.
    #[must_use]
    pub fn notes(&self, finding: &Draft) -> Vec<Entry> {
        place::remembering(self.memory, &finding.text, finding.swap.as_ref())
    }

    /// The one of them that can be reworded, rather than a line of an index that leads to it.
    fn note(&self, finding: &Draft) -> Option<Entry> {
        let mut notes = self.notes(finding);
        let own = notes.iter().position(|note| note.link.is_none()).unwrap_or(0);
        (own < notes.len()).then(|| notes.swap_remove(own))
    }

    /// In how many sessions that surely had the note the same happened again, and of how many; `None` if that
    /// says nothing of whether the note was followed.
    #[must_use]
    pub fn again(&self, finding: &Draft) -> Option<(usize, usize)> {
        let note = self.note(finding)?;
        if !breaks_it(finding) {
            return None;
        }
        let after = after(self.pool, self.ages.since(&note)?);
        let broke: BTreeSet<u32> = finding.units(Stance::Support).intersection(&after).copied().collect();
        let chances: BTreeSet<u32> = finding.exposed.intersection(&after).chain(&broke).copied().collect();
        (!broke.is_empty()).then_some((broke.len(), chances.len()))
    }
}

/// Whether a session that shows a finding did not do what it says. What to do once something failed is done where
/// it shows; so is a usual order of steps.
fn breaks_it(finding: &Draft) -> bool {
    let advises = matches!(finding.topic, Topic::Mistake | Topic::Preference);
    advises && !finding.open && !finding.text.starts_with("When ")
}

/// Tells whether a remembered finding was not followed; `None` if sessions since then are too few to say.
#[must_use]
pub fn judge(finding: &Draft, known: Known<'_>) -> Option<Heeded> {
    let note = known.note(finding).filter(|_| breaks_it(finding))?;
    let since = known.ages.since(&note)?;
    let after = after(known.pool, since);
    let broke: BTreeSet<u32> = finding.units(Stance::Support).intersection(&after).copied().collect();
    if (broke.len() as u32) < known.parameters.least_sessions
        || !known.spread.suffices(&broke, known.parameters)
    {
        return None;
    }
    let mut chances: BTreeSet<u32> = finding.exposed.intersection(&after).copied().collect();
    chances.extend(&broke);
    let date = since.to_zoned(TimeZone::UTC).date();
    let (v, n) = (broke.len(), chances.len());
    let when = finding.when.as_deref().filter(|_| !says_when(&note.text));
    let Some(when) = when else {
        return Some(Heeded::NeedsHook(format!(
            "in memory since {date} at the latest, not followed in {v} of {n} sessions since: \"{}\" No other \
             wording would help; a hook or check that runs by itself may",
            shown(&note.text)
        )));
    };
    Some(Heeded::Rewrite(Box::new(rewrite(finding, &note, when, &after, chances, (v, n, &date.to_string())))))
}

/// Units all of whose sessions began after a moment.
fn after(pool: &Pool<'_>, since: Timestamp) -> BTreeSet<u32> {
    let (mut after, mut before) = (BTreeSet::new(), BTreeSet::new());
    for member in &pool.members {
        let side = if member.meta.started.is_some_and(|at| at > since) { &mut after } else { &mut before };
        side.insert(member.unit);
    }
    after.difference(&before).copied().collect()
}

/// The note says when it applies.
fn says_when(note: &str) -> bool {
    let first = note.trim_start_matches(['-', '*', '+', ' ']).split(' ').next().unwrap_or("").to_lowercase();
    matches!(first.as_str(), "before" | "when" | "whenever" | "if" | "after")
}

fn rewrite(
    finding: &Draft,
    note: &Entry,
    when: &str,
    after: &BTreeSet<u32>,
    chances: BTreeSet<u32>,
    (v, n, date): (usize, usize, &str),
) -> Draft {
    let body = note.text.trim_start_matches(['-', '*', '+', ' ']);
    let marker = note.text.get(..note.text.len() - body.len()).unwrap_or("");
    let mut draft = finding.clone();
    draft.key = format!("followed {} {:08} {}", note.path, note.range.start, note.text);
    draft.statement =
        format!("Say when a note applies that was there and not followed: \"{}\"", shown(&note.text));
    draft.text = format!("{marker}Before {when}: {body}");
    draft.step = Step::Revise(note.path.clone(), note.range.clone());
    draft.sightings.retain(|sighting| after.contains(&sighting.unit));
    draft.exposed = chances;
    draft.swap = None;
    draft.marks.push(Mark {
        guard: "not-followed".to_owned(),
        severity: Severity::Info,
        text: format!(
            "in memory since {date} at the latest, yet the same happened in {v} of {n} sessions since; a hook or \
             check that runs by itself may do better than any wording"
        ),
    });
    draft
}
