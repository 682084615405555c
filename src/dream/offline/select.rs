//! Which drafts are proposed, in what order, and how firmly each stands.
//!
//! Owns: joining near-identical lessons, tiers, ranks and the cap. Must not know: how drafts were
//! found, or where they go.

use std::collections::BTreeSet;

use super::confirm;
use super::drafts::{self, Draft, Step};
use super::pool::Pool;
use super::segments::{FEW, MINORITY};
use super::spread::Spread;
use crate::domain::checks::Checks;
use crate::domain::evidence::{Evidence, Stance, Support, Tier};
use crate::domain::lesson::Topic;
use crate::dream::Parameters;
use crate::evidence::stats;

/// A draft that is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The draft.
    pub draft: Draft,
    /// Places to keep.
    pub evidence: Vec<Evidence>,
    /// The count made from them.
    pub support: Support,
    /// How firmly it stands.
    pub tier: Tier,
}

/// Ranks and caps drafts; `checks` gives what else was asked of one. Returns what is proposed, best first, and how many were left out.
#[must_use]
pub fn select(
    drafts: Vec<Draft>,
    pool: &Pool<'_>,
    spread: &Spread,
    parameters: &Parameters,
    checks: &dyn Fn(&Draft) -> Checks,
) -> (Vec<Chosen>, usize) {
    let newest = pool.members.iter().filter_map(|m| m.meta.ended.or(m.meta.started)).max();
    let mut ranked: Vec<((bool, u8, i64), Chosen)> = drafts
        .into_iter()
        .filter_map(|draft| {
            let (evidence, mut support) = draft.counted();
            let asked = checks(&draft);
            support.checks = Checks {
                effective_users: support.checks.effective_users,
                of_one_user: support.checks.of_one_user,
                people: spread.people(),
                not_found: support.checks.not_found,
                echoes: support.checks.echoes,
                ..asked
            };
            let tier = tier(&draft, &support, spread, parameters)?;
            let age = newest
                .zip(draft.last())
                .map_or(0.0, |(newest, last)| newest.duration_since(last).as_secs_f64() / 86_400.0);
            let recency = 0.5_f64.powf(age.max(0.0) / f64::from(parameters.rules.half_life_days.max(1)));
            let sources = people(&draft, spread, parameters);
            let score = support.lower_bound.unwrap_or(0.0) * recency * sources;
            // Whole numbers, so that the last bit of a product can't reorder lessons.
            let rank = (draft.slip, class(&draft), -(score * 1e6).round() as i64);
            Some((rank, Chosen { draft, evidence, support, tier }))
        })
        .collect();
    ranked.sort_by(|(rank_a, a), (rank_b, b)| (rank_a, &a.draft.key).cmp(&(rank_b, &b.draft.key)));
    let left_out = ranked.len().saturating_sub(parameters.rules.proposals as usize);
    ranked.truncate(parameters.rules.proposals as usize);
    (ranked.into_iter().map(|(_, chosen)| chosen).collect(), left_out)
}

/// Lessons from sessions first, those that say what to do before those that only say what fails; then
/// the care of memory: repeats before moves before losses.
fn class(draft: &Draft) -> u8 {
    match draft.step {
        Step::Add(_) | Step::Revise(..) => u8::from(draft.open),
        Step::Remove(..) | Step::Settle(..) => 2,
        Step::Move(..) => 3,
        // What sessions looked for and did not find is a lesson like any other.
        Step::Retire(..) if !draft.sightings.is_empty() => 1,
        Step::Retire(..) => 4,
    }
}

/// Joins lessons that give the same advice, or rest on the same units and start alike: one lesson with
/// the union of the evidence, never the sum of the counts.
#[must_use]
pub fn join(drafts: Vec<Draft>, parameters: &Parameters) -> Vec<Draft> {
    let mut drafts = drafts;
    drafts.sort_by(|a, b| {
        let (units_a, units_b) = (a.units(Stance::Support).len(), b.units(Stance::Support).len());
        (units_b, &a.key).cmp(&(units_a, &b.key))
    });
    let mut joined: Vec<Draft> = Vec::new();
    for draft in drafts {
        let units = draft.units(Stance::Support);
        let same = joined.iter_mut().find(|kept| {
            drafts::same_advice(kept, &draft)
                || (same_target(kept, &draft)
                    && jaccard(&kept.units(Stance::Support), &units) >= parameters.merge_jaccard)
        });
        match same {
            Some(kept) => {
                kept.sightings.extend(draft.sightings);
                kept.exposed.extend(draft.exposed);
                kept.slip &= draft.slip;
            }
            None => joined.push(draft),
        }
    }
    joined
}

/// Both speak of the same failing command.
#[must_use]
pub fn same_target(a: &Draft, b: &Draft) -> bool {
    let target = |draft: &Draft| draft.text.split('`').nth(1).map(str::to_owned);
    a.step == b.step
        && a.topic == b.topic
        && a.topic != Topic::Workflow
        && matches!(a.step, Step::Add(_))
        && target(a) == target(b)
}

/// Share of the units of two sets that both hold.
#[must_use]
pub fn jaccard(a: &BTreeSet<u32>, b: &BTreeSet<u32>) -> f64 {
    let all = a.union(b).count();
    if all == 0 { 0.0 } else { a.intersection(b).count() as f64 / all as f64 }
}

/// The tier; `None` if, after joining and counting, too little is left.
fn tier(draft: &Draft, support: &Support, spread: &Spread, parameters: &Parameters) -> Option<Tier> {
    // Which of two notes holds is for a person to say, however many sessions there are.
    if draft.open && draft.topic == Topic::Upkeep {
        return Some(Tier::Lead);
    }
    let Some(sessions) = support.sessions else {
        // What nobody used may yet be needed: such a lesson is never taken in bulk.
        return Some(if matches!(draft.step, Step::Retire(..)) { Tier::Lead } else { Tier::Supported });
    };
    if disproved(support) {
        return None;
    }
    let units = draft.units(Stance::Support);
    let is_wide = |units: &BTreeSet<u32>| {
        spread.users(units) >= parameters.least_users || spread.days(units) >= parameters.established_days
    };
    // Nobody makes a lesson of all by saying it often: it has to stand without the person who says it most.
    let rest = spread.without_top(&units);
    let wide = is_wide(&units) && rest.len() as u32 >= parameters.least_sessions && is_wide(&rest);
    let tier =
        parameters.firmness(sessions, wide, confirm::is_replicated(support.checks.held_out.as_ref()))?;
    let is_marked = |name: &str| draft.marks.iter().any(|mark| mark.guard == name);
    if is_marked(MINORITY) {
        // What was looked for in a part of the sessions was looked for often; it has to wait for more.
        return Some(Tier::Lead);
    }
    // Said of all and shown by few: a person decides, however many sessions there are.
    Some(if is_marked(FEW) { tier.min(Tier::Supported) } else { tier })
}

/// At least half of what was seen may well speak against it.
fn disproved(support: &Support) -> bool {
    let sessions = support.sessions.unwrap_or(0);
    support.contradict > 0 && stats::lower_bound(sessions, sessions + support.contradict) <= 0.5
}

/// Lessons of few people weigh less where several are known.
fn people(draft: &Draft, spread: &Spread, parameters: &Parameters) -> f64 {
    let counts = spread.by_user(&draft.units(Stance::Support));
    if counts.is_empty() || !spread.several_users() {
        return 1.0;
    }
    (stats::effective_sources(&counts) / f64::from(parameters.least_users.max(1))).min(1.0)
}
