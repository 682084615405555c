//! The lesson of a preference.
//!
//! Owns: how it is worded, which turns speak for and against it, and where it could have come up. Must not know: tests,
//! documents, ranks.

use std::collections::{BTreeMap, BTreeSet};

use super::super::pool::Pool;
use super::super::preferences::Said;
use super::super::render;
use super::super::revise::Swap;
use super::super::sides::{Against, Cluster};
use super::super::words;
use super::{Draft, Shelf, Step};
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::{Mark, Severity, Topic};

/// The lesson of a preference.
#[must_use]
pub fn preference(cluster: &Cluster<'_>, pool: &Pool<'_>) -> Option<Draft> {
    let programs: BTreeSet<&str> = pool
        .members
        .iter()
        .flat_map(|member| member.facts.calls.iter().flat_map(|call| &call.action.commands))
        .filter_map(|command| command.words.first().map(String::as_str))
        .collect();
    let is_program = |word: &str| programs.contains(word);
    // Of the ways it was put, the one used in most sessions; then the shortest; then by spelling.
    let mut ways: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for said in &cluster.said {
        ways.entry(render::preference(said.wish, &is_program)).or_default().insert(said.unit);
    }
    let best =
        ways.iter().min_by_key(|(text, units)| (std::cmp::Reverse(units.len()), text.len(), (*text).clone()));
    let plain = best.map(|(text, _)| text.clone())?;
    let text = shared_scope(cluster).map_or_else(|| plain.clone(), |scope| render::within(&plain, scope));
    // Who changed their mind is shown, but counts for what they said in the end.
    let held = |unit: u32, stance: Stance| {
        let side = if stance == Stance::Support { &cluster.units } else { &cluster.against };
        if side.contains(&unit) { stance } else { Stance::Mention }
    };
    let sighting = |said: &Said<'_>, stance| {
        let member = pool.members.get(said.member as usize)?;
        let turn = member.facts.turns.get(said.turn as usize)?;
        let quote: String = said.wish.sentence.chars().take(200).collect();
        pool.sighting(said.member as usize, &turn.spot, held(said.unit, stance), Origin::User, &quote)
    };
    let supporting = cluster.said.iter().filter_map(|said| sighting(said, Stance::Support));
    let sightings =
        supporting.chain(cluster.opposed.iter().filter_map(|said| sighting(said, Stance::Contradict)));
    let leaning = cluster.leaning.iter().filter_map(|turn| {
        let fact = pool.members.get(turn.member as usize)?.facts.turns.get(turn.turn as usize)?;
        let stance = if turn.for_it { Stance::Support } else { Stance::Contradict };
        let quote: String = turn.text.chars().take(200).collect();
        pool.sighting(turn.member as usize, &fact.spot, held(turn.unit, stance), Origin::User, &quote)
    });
    let (for_it, against) = (cluster.units.len(), cluster.against.len());
    let contested = against >= CONTESTED && against * CONTESTED_SHARE >= for_it + against;
    let marks = contested.then(|| Mark {
        guard: "contested".to_owned(),
        severity: Severity::Warn,
        text: match cluster.against_are() {
            Against::Before => {
                format!("{against} sessions asked for the opposite, all before the {for_it} that ask for it")
            }
            Against::Since => {
                format!("{against} sessions ask for the opposite, all since the {for_it} that ask for it")
            }
            Against::Among => format!("{against} sessions ask for the opposite, where {for_it} ask for it"),
        },
    });
    // Where it is to hold is no part of the choice: the choice came up wherever its things did.
    let terms: BTreeSet<String> = words::content(&plain.replace('`', " "));
    Some(Draft {
        key: text.clone(),
        topic: Topic::Preference,
        statement: text.clone(),
        title: render::as_title(&text),
        text,
        step: Step::Add(Shelf::Preferences),
        slip: false,
        open: false,
        sightings: sightings.chain(leaning).collect(),
        exposed: touched(pool, &terms),
        swap: cluster
            .said
            .first()
            .and_then(|said| Some(Swap::of_choice(&said.wish.this, said.wish.that.as_deref()?))),
        when: None,
        marks: marks.into_iter().collect(),
    })
}

/// From so many sessions for the opposite on, and one in so many of all that took a side, a reviewer is told first.
const CONTESTED: usize = 3;
const CONTESTED_SHARE: usize = 6;

/// Share of those who ask for something from which on where they want it is part of it, in percent.
const SHARED: usize = 80;

/// Where nearly all who ask for it in so many words want it, as most of them put it.
fn shared_scope<'a>(cluster: &Cluster<'a>) -> Option<&'a str> {
    let units =
        |said: &mut dyn Iterator<Item = &Said<'a>>| said.map(|s| s.unit).collect::<BTreeSet<u32>>().len();
    let all = units(&mut cluster.said.iter());
    let mut spelled: BTreeMap<&str, Vec<&Said<'a>>> = BTreeMap::new();
    for said in &cluster.said {
        if let Some(scope) = said.wish.scope.as_deref() {
            spelled.entry(scope).or_default().push(said);
        }
    }
    let mut best: Vec<(usize, &str)> =
        spelled.iter().map(|(scope, said)| (units(&mut said.iter().copied()), *scope)).collect();
    best.sort_by_key(|(count, scope)| (std::cmp::Reverse(*count), *scope));
    best.into_iter().map(|(_, scope)| scope).find(|scope| {
        let same = spelled.iter().filter(|(other, _)| other.to_lowercase() == scope.to_lowercase());
        units(&mut same.flat_map(|(_, said)| said.iter().copied())) * 100 >= all * SHARED
    })
}

/// Units in which a subject came up: a program named by it was run, or half of its words were said.
fn touched(pool: &Pool<'_>, terms: &BTreeSet<String>) -> BTreeSet<u32> {
    let mut units = BTreeSet::new();
    for member in &pool.members {
        let said = member.facts.turns.iter().any(|turn| {
            let known = turn.words.iter().filter(|word| terms.contains(&word.to_lowercase())).count();
            known > 0 && known * 2 >= terms.len()
        });
        let ran = member
            .facts
            .calls
            .iter()
            .flat_map(|call| &call.action.commands)
            .filter_map(|command| command.words.first())
            // Terms are stems: `rails` stands there as "rail".
            .any(|program| terms.contains(program) || terms.contains(&words::stem(program)));
        if said || ran {
            units.insert(member.unit);
        }
    }
    units
}
