//! Does a lesson hold in sessions it was not found in?
//!
//! Owns: which units are held out, and what they and older sessions say of each lesson. Must not know:
//! how lessons are found, or how firmly they stand.
//!
//! Whole task families are held out together: trials of one task repeat each other, and a pattern that
//! lives in one task comes back in its other trials and nowhere else. The sessions are then mined a
//! second time without those held out; what is found only with their help they can't confirm.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::{self, Draft};
use super::facts::SessionFacts;
use super::pool::Pool;
use super::recount::Recount;
use super::segments::Segments;
use super::select::{self, Chosen};
use super::words;
use crate::domain::checks::{Confirmation, HeldOut, History, Share};
use crate::domain::evidence::{Stance, Support, Tier};
use crate::domain::lesson::{Mark, Severity};
use crate::domain::session::SessionMeta;
use crate::dream::{Parameters, Request};
use crate::evidence::holdout;
use crate::evidence::stats;
use crate::transcript::echo::Echo;

/// Segments from which on each is taken for a family of tasks rather than a group of people.
const FAMILIES: usize = 10;
/// Largest share of all units that such a family has.
const LARGEST: f64 = 0.15;

/// Units held out of a pool.
#[must_use]
pub fn held_out(pool: &Pool<'_>, share: f64) -> BTreeSet<u32> {
    let families = families(pool);
    let units: Vec<(&str, &str)> =
        families.values().map(|(stratum, family)| (stratum.as_str(), family.as_str())).collect();
    let lot = holdout::hold_out(&units, share);
    families.keys().zip(lot).filter(|(_, held)| *held).map(|(unit, _)| *unit).collect()
}

/// Stratum and task family of each unit. Many small segments are task families; otherwise sessions that
/// were opened with the same words are one family, and the segment, or the person, is the stratum.
fn families(pool: &Pool<'_>) -> BTreeMap<u32, (String, String)> {
    let mut sizes: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for member in &pool.members {
        if let Some(segment) = member.meta.segment.as_deref() {
            sizes.entry(segment).or_default().insert(member.unit);
        }
    }
    let largest = sizes.values().map(BTreeSet::len).max().unwrap_or(0);
    let by_segment = sizes.len() >= FAMILIES && largest as f64 <= LARGEST * f64::from(pool.units);
    let mut families = BTreeMap::new();
    for member in &pool.members {
        let meta = member.meta;
        let segment = meta.segment.clone().unwrap_or_default();
        families.entry(member.unit).or_insert_with(|| {
            if by_segment && !segment.is_empty() {
                return (String::new(), segment);
            }
            let opening: Vec<String> = words::content(&meta.title).into_iter().collect();
            let own = || meta.chain.clone().unwrap_or_else(|| meta.id.to_string());
            // One word, such as "continue", is no task.
            let family = if opening.len() < 2 { own() } else { opening.join(" ") };
            let stratum = if segment.is_empty() { meta.user.clone().unwrap_or_default() } else { segment };
            (stratum, family)
        });
    }
    families
}

/// What the units held out say of each draft, by its key. `without` are the lessons found without them.
#[must_use]
pub fn held_out_says(
    drafts: &[Draft],
    without: &[Draft],
    held: &BTreeSet<u32>,
    parameters: &Parameters,
) -> BTreeMap<String, HeldOut> {
    let says = |draft: &Draft| {
        let found_in = share(draft, |unit| !held.contains(&unit));
        let confirmed_in = share(draft, |unit| held.contains(&unit));
        let bound = stats::lower_bound(found_in.support, found_in.exposed);
        HeldOut {
            found_in,
            confirmed_in,
            found_without: without.iter().any(|other| is_same(draft, other, held, parameters)),
            verdict: holdout::confirm(bound, confirmed_in),
        }
    };
    drafts
        .iter()
        .filter(|draft| !draft.sightings.is_empty())
        .map(|draft| (draft.key.clone(), says(draft)))
        .collect()
}

/// Whether a lesson of all units is the same as one found without those held out.
fn is_same(all: &Draft, without: &Draft, held: &BTreeSet<u32>, parameters: &Parameters) -> bool {
    if all.topic != without.topic {
        return false;
    }
    if all.key == without.key || all.text == without.text || drafts::same_advice(all, without) {
        return true;
    }
    let left: BTreeSet<u32> = all.units(Stance::Support).difference(held).copied().collect();
    select::same_target(all, without)
        && select::jaccard(&left, &without.units(Stance::Support)) >= parameters.merge_jaccard
}

/// Counts of a draft among some units.
#[must_use]
pub fn share(draft: &Draft, among: impl Fn(u32) -> bool) -> Share {
    let count = |units: &BTreeSet<u32>| units.iter().filter(|unit| among(**unit)).count() as u32;
    let (support, contradict) = (draft.units(Stance::Support), draft.units(Stance::Contradict));
    let exposed: BTreeSet<u32> = draft.exposed.iter().chain(&support).chain(&contradict).copied().collect();
    Share { support: count(&support), contradict: count(&contradict), exposed: count(&exposed) }
}

/// What older sessions say of a lesson. `again` is the lesson counted in a pool that holds them, under
/// unit numbers from `first` on, and the sessions of the pass.
#[must_use]
pub fn history_says(again: &Draft, first: u32) -> Option<History> {
    let (own, older) = (share(again, |unit| unit < first), share(again, |unit| unit >= first));
    let bound = stats::lower_bound(own.support, own.exposed);
    (older.exposed > 0).then(|| History { share: older, verdict: holdout::confirm(bound, older) })
}

/// Counts the chosen lessons in older sessions that were read before; gives how many these are.
pub(super) fn history(
    request: &Request<'_>,
    before: &[&SessionMeta],
    pool: &Pool<'_>,
    chosen: &mut [Chosen],
    echo: &Echo,
) -> usize {
    let newest = before.iter().rev();
    let mut read: Vec<(&SessionMeta, SessionFacts)> = newest
        .filter_map(|session| Some((*session, (request.known)(session)?)))
        .take(request.parameters.history as usize)
        .collect();
    read.reverse();
    let older = read.len();
    if older == 0 || chosen.is_empty() {
        return 0;
    }
    let wider = pool.after(read);
    let recount = Recount::new(&wider, echo, request.parameters);
    let segments = Segments::of(&wider);
    for lesson in chosen {
        let mut again = recount.count(&lesson.draft);
        if let (Some(again), Some(only)) = (&mut again, &lesson.support.checks.only_for) {
            segments.keep_only(again, only);
        }
        lesson.support.checks.history = again.and_then(|again| history_says(&again, pool.units));
        lesson.draft.marks.extend(spike(&lesson.support));
        if let Some(mark) = reversed(&lesson.support) {
            // What older sessions speak against is for a person to decide, one by one.
            lesson.tier = lesson.tier.min(Tier::Emerging);
            lesson.draft.marks.push(mark);
        }
    }
    older
}

/// Older sessions from which on a spike can be told, and the chance below which it is none.
const USUAL: u32 = 20;
const SPIKE: f64 = 0.001;

/// Marks a lesson that shows far more often than it did before.
#[must_use]
pub fn spike(support: &Support) -> Option<Mark> {
    let before =
        support.checks.history.map(|history| history.share).filter(|share| share.exposed >= USUAL)?;
    let (sessions, exposed) = (support.sessions?, support.exposed?);
    // Half an event more, so that what never showed is not taken for impossible.
    let rate = (f64::from(before.support) + 0.5) / (f64::from(before.exposed) + 1.0);
    let chance = stats::poisson_tail(sessions, rate * f64::from(exposed));
    let text = format!(
        "{sessions} of {exposed} sessions, before {} of {}: more than chance explains",
        before.support, before.exposed
    );
    (chance < SPIKE).then(|| Mark { guard: "spike".to_owned(), severity: Severity::Info, text })
}

/// Marks a lesson of which older sessions show the opposite more often.
#[must_use]
pub fn reversed(support: &Support) -> Option<Mark> {
    let history = support.checks.history.filter(|history| history.verdict == Confirmation::Contradicted)?;
    let Share { support, contradict, .. } = history.share;
    let text = format!("older sessions speak against it: {support} for, {contradict} against");
    Some(Mark { guard: "reversed".to_owned(), severity: Severity::Warn, text })
}

/// A lesson is confirmed if it is found without the units held out and these show it again.
#[must_use]
pub fn is_replicated(held: Option<&HeldOut>) -> bool {
    held.is_some_and(|held| held.found_without && held.verdict == Confirmation::Replicated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::session::SessionMeta;
    use crate::dream::offline::facts::SessionFacts;
    use crate::dream::offline::test_corpus::meta;

    fn pool(metas: &[SessionMeta]) -> Pool<'_> {
        Pool::new(metas.iter().map(|meta| (meta, SessionFacts::default())).collect())
    }

    #[test]
    fn trials_of_one_task_are_held_out_together() {
        let named = |n: u32, title: String, segment: Option<String>| SessionMeta {
            title,
            segment,
            ..meta(&format!("s{n}"), n)
        };
        let titled: Vec<SessionMeta> =
            (0..60).map(|n| named(n, format!("repair the gearbox of wagon{}", n / 4), None)).collect();
        let tasks: Vec<SessionMeta> =
            (0..60).map(|n| named(n, "continue".to_owned(), Some(format!("task{}", n / 4)))).collect();
        for metas in [&titled, &tasks] {
            let held = held_out(&pool(metas), 0.3);
            assert!((15..=25).contains(&held.len()), "{held:?}");
            assert!(
                held.iter().all(|unit| (unit / 4 * 4..unit / 4 * 4 + 4).all(|trial| held.contains(&trial)))
            );
        }
        let alike: Vec<SessionMeta> = (0..60).map(|n| named(n, "continue".to_owned(), None)).collect();
        assert_eq!(held_out(&pool(&alike), 0.3).len(), 18, "one word is no task");
    }
}
