//! What is found in sessions, and in parts of them.
//!
//! Owns: that every family of lessons passes its gates at a rate which shuffled copies bear out, and the look at
//! small segments by themselves. Must not know: the memory, documents, ranks.

use std::collections::BTreeSet;

use super::drafts::{self, Draft, Step};
use super::pool::Pool;
use super::recount::Recount;
use super::segments::{self, Segments};
use super::spread::Spread;
use super::surroundings::{Field, Surroundings};
use super::{
    echo, episodes, forbidden, hopeless, mistakes, mix, preferences, select, sides, stage, unresolved,
    workflows,
};
use crate::domain::evidence::Stance;
use crate::domain::lesson::Topic;
use crate::dream::{DreamError, Request};
use crate::transcript::echo::Echo;

/// What was found, before anything is chosen.
pub(super) struct Mined {
    pub(super) drafts: Vec<Draft>,
    /// The false-discovery rate that the noise check left.
    pub(super) rate: f64,
    pub(super) noise: f64,
    pub(super) remarks: Vec<String>,
    pub(super) episodes: episodes::Episodes,
}

/// All families of lessons from sessions, behind gates that shuffled copies do not pass.
pub(super) fn mine(
    request: &Request<'_>,
    pool: &Pool<'_>,
    spread: &Spread,
    corpus: &str,
) -> Result<Mined, DreamError> {
    let parameters = request.parameters;
    stage(request, "grouping errors")?;
    let episodes = episodes::find(pool, parameters);
    let mix = mix::Mix::of(pool);
    let table = mistakes::Table::new(&episodes, spread, &mix, parameters);
    stage(request, "noise check")?;
    // No rate makes these fewer, but asking for more sessions does.
    let of_preferences = preferences::noise(pool, spread, parameters, corpus);
    let field = Field { pool, spread, mix: &mix, parameters };
    let surroundings = Surroundings::of(field);
    let workflows = workflows::find(pool, spread, &mix, parameters, corpus);
    let mut remarks = Vec::new();
    match workflows.explained_by_mix {
        0 => {}
        1 => {
            remarks
                .push("an order of steps is not proposed: how it ends is explained by task mix".to_owned());
        }
        more => remarks
            .push(format!("{more} orders of steps are not proposed: how they end is explained by task mix")),
    }
    let mut rate = parameters.false_discovery;
    let unresolved = |rate: f64| {
        let known = table.find(rate).into_iter().map(|finding| finding.template).collect();
        unresolved::Table::new(&episodes, known, spread, parameters)
    };
    let hopeless = hopeless::Table::new(&episodes, pool, spread, parameters);
    let noise_at = |rate: f64| {
        let standing = unresolved(rate).noise(rate, corpus) + hopeless.noise(rate, corpus);
        let of_errors = table.noise(rate, corpus) + standing;
        of_errors + surroundings.noise(rate, corpus) + of_preferences.lessons + workflows.noise
    };
    let mut noise = noise_at(rate);
    while noise > parameters.noise_limit && rate > STRICTEST {
        rate /= 5.0;
        noise = noise_at(rate);
        remarks
            .push(format!("shuffled copies gave too many lessons: false-discovery rate lowered to {rate}"));
        stage(request, "noise check")?;
    }
    stage(request, "counting")?;
    let echo = echo(request);
    let clusters = preferences::find(pool, spread, parameters, of_preferences.least);
    let mut findings = table.find(rate);
    findings.retain(|finding| {
        let Some(fix) = episodes.fixes.get(finding.fix as usize) else { return false };
        let against =
            clusters.iter().find(|c| c.said.iter().any(|said| forbidden::speaks_against(said, fix)));
        if let Some(cluster) = against {
            remarks.extend(refused(finding, cluster, &episodes, pool, &echo));
        }
        against.is_none()
    });
    let mut drafts: Vec<Draft> =
        findings.iter().filter_map(|finding| drafts::mistake(finding, &episodes, pool, &echo)).collect();
    drafts.extend(surroundings.drafts(rate, &drafts));
    let found = |near: &mistakes::NearMiss| findings.iter().any(|f| f.template == near.finding.template);
    let near = table.near_misses(rate).into_iter().filter(|near| !found(near));
    let told = |near: mistakes::NearMiss| {
        let draft = drafts::mistake(&near.finding, &episodes, pool, &echo)?;
        Some(not_proposed(&near, &draft.statement))
    };
    remarks.extend(near.filter_map(told).take(NEAR));
    let standing = unresolved(rate).find(rate);
    drafts.extend(standing.iter().filter_map(|standing| unresolved::draft(standing, &episodes, pool)));
    let mut known: BTreeSet<u32> = findings.iter().map(|finding| finding.template).collect();
    known.extend(standing.iter().map(|standing| standing.template));
    let never = hopeless.find(rate, &known);
    drafts.extend(never.iter().filter_map(|hopeless| hopeless::draft(hopeless, &episodes, pool)));
    let shown: Vec<_> = drafts.iter().map(|draft| (draft, supporting(draft))).collect();
    let told: Vec<bool> = shown.iter().map(|(draft, own)| is_told(draft, own, &shown)).collect();
    let mut told = told.into_iter();
    drafts.retain(|_| !told.next().unwrap_or(false));
    drafts.extend(workflows.drafts);
    drafts.extend(clusters.iter().filter_map(|cluster| drafts::preference(cluster, pool)));
    if of_preferences.least > parameters.least_sessions {
        let least = of_preferences.least;
        remarks.push(format!(
            "a preference needs {least} sessions here: with fewer, shuffled words give too many, too"
        ));
    }
    Ok(Mined { drafts, rate, noise, remarks, episodes })
}

/// Near misses that are told.
const NEAR: usize = 3;

/// Why a reviewer who saw it does not find it.
fn not_proposed(near: &mistakes::NearMiss, statement: &str) -> String {
    let usual = near.base * 100.0;
    let (k, n) = (near.finding.resolved.len(), near.finding.tried.len());
    format!(
        "not proposed, for errors here end that often whatever is done ({usual:.0} %): it helped in {k} of {n} \
         sessions: {statement}"
    )
}

/// The calls that lessons rest on.
type Calls<'d> = BTreeSet<(u32, Option<&'d str>)>;

/// Whether what fails at the places of a mistake is told better: by a fact that all of them show, or with a way out.
fn is_told(mistake: &Draft, own: &Calls<'_>, all: &[(&Draft, Calls<'_>)]) -> bool {
    let better = |other: &Draft| match other.topic {
        Topic::Fact => true,
        Topic::Mistake => mistake.open && !other.open,
        _ => false,
    };
    mistake.topic == Topic::Mistake
        && matches!(mistake.step, Step::Add(_))
        && !own.is_empty()
        && all.iter().any(|(other, calls)| better(other) && own.is_subset(calls))
}

/// The calls that support a lesson.
fn supporting(draft: &Draft) -> Calls<'_> {
    let supports = draft.sightings.iter().filter(|sighting| sighting.evidence.stance == Stance::Support);
    supports.map(|sighting| (sighting.unit, sighting.evidence.place.call.as_deref())).collect()
}

/// That people asked not to do what ended an error.
fn refused(
    finding: &mistakes::Finding,
    cluster: &sides::Cluster<'_>,
    episodes: &episodes::Episodes,
    pool: &Pool<'_>,
    echo: &Echo,
) -> Option<String> {
    let said = drafts::preference(cluster, pool)?.statement;
    let draft = drafts::mistake(finding, episodes, pool, echo)?;
    Some(format!("not proposed, for people asked: \"{said}\": {}", draft.statement))
}

/// Below this rate nothing but certainties would be left.
const STRICTEST: f64 = 0.001;

/// What is found in a part of the sessions.
pub(super) fn mine_part(
    request: &Request<'_>,
    pool: &Pool<'_>,
    corpus: &str,
    wanted: impl Fn(u32) -> bool,
) -> Result<Vec<Draft>, DreamError> {
    let part = pool.part(wanted);
    let mined = mine(request, &part, &Spread::of(&part), corpus)?;
    Ok(select::join(mined.drafts, request.parameters))
}

/// Lessons of small segments that are none over all sessions, counted over all sessions.
pub(super) fn minorities(
    request: &Request<'_>,
    pool: &Pool<'_>,
    corpus: &str,
    known: &[Draft],
    echo: &Echo,
) -> Result<Vec<Draft>, DreamError> {
    let segments = Segments::of(pool);
    let mut few: Vec<Draft> = Vec::new();
    let mut everywhere: Option<Recount<'_>> = None;
    for (segment, units) in segments.small() {
        for draft in mine_part(request, pool, corpus, |unit| units.contains(&unit))? {
            let is_new = |other: &Draft| other.key != draft.key && !drafts::same_advice(other, &draft);
            if !known.iter().chain(&few).all(is_new) {
                continue;
            }
            let everywhere = everywhere.get_or_insert_with(|| Recount::new(pool, echo, request.parameters));
            // Among sessions of one kind a habit can't be told from what their tasks let happen.
            if everywhere.is_explained(&draft) || !everywhere.beats_others(&draft, &units) {
                continue;
            }
            let Some(all) = everywhere.count(&draft) else { continue };
            let shares = segments.shares(&all);
            few.extend(segments::of_a_few(all, segment, &shares));
        }
    }
    Ok(few)
}
