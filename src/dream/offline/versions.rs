//! Versions that sessions ask for again and again.
//!
//! Owns: when the answers agree. Must not know: which commands answer with a version; extraction does.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::Draft;
use super::render;
use super::revise::Swap;
use super::surroundings::{Fact, Field};
use crate::domain::evidence::{Origin, Stance};

/// One answer.
struct Answer<'p> {
    member: usize,
    unit: u32,
    call: usize,
    version: &'p str,
}

/// The lessons: what the last sessions that asked were all told.
#[must_use]
pub fn find(field: Field<'_>) -> Vec<Draft> {
    let mut asked: BTreeMap<&[String], Vec<Answer<'_>>> = BTreeMap::new();
    for (at, member) in field.pool.members.iter().enumerate() {
        for (index, call) in member.facts.calls.iter().enumerate() {
            if let (Some(version), [command]) = (call.version.as_deref(), call.action.commands.as_slice()) {
                let answer = Answer { member: at, unit: member.unit, call: index, version };
                asked.entry(&command.words).or_default().push(answer);
            }
        }
    }
    asked.into_iter().filter_map(|(words, answers)| draft(words, &answers, field)).collect()
}

fn draft(words: &[String], answers: &[Answer<'_>], field: Field<'_>) -> Option<Draft> {
    let latest = answers.last()?.version;
    // A change of version starts the count anew.
    let since = answers.iter().rposition(|answer| answer.version != latest).map_or(0, |at| at + 1);
    let units: BTreeSet<u32> = answers.get(since..)?.iter().map(|answer| answer.unit).collect();
    if !field.suffice(&units) {
        return None;
    }
    let mut sightings = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        let call = field.pool.members.get(answer.member)?.facts.calls.get(answer.call)?;
        let stance = if at >= since { Stance::Support } else { Stance::Mention };
        let quote = words.first()?;
        sightings.extend(field.pool.sighting(answer.member, &call.spot, stance, Origin::Agent, quote));
    }
    let program = words.first()?;
    let text = format!("{} here is version {}.", render::code(program), render::code(latest));
    let before = since.checked_sub(1).and_then(|at| answers.get(at)).map(|answer| answer.version);
    Some(
        Fact {
            title: render::as_title(&format!("Version of {program}")),
            text,
            sightings,
            exposed: answers.iter().map(|answer| answer.unit).collect(),
            swap: before.map(|before| Swap::of_value(before, latest, program)),
            when: None,
            remark: before.map(|before| format!("earlier sessions were told {before}")),
        }
        .draft("version"),
    )
}

/// The version in the first line of an answer to a command that asks for one.
#[must_use]
pub fn told(words: &[String], answer: &str) -> Option<String> {
    let asks = |word: &String| matches!(word.as_str(), "--version" | "-V" | "-version" | "version");
    let [_, flag] = words else { return None };
    if !asks(flag) {
        return None;
    }
    let line = answer.lines().next().filter(|line| line.len() <= 120)?;
    let is_version = |word: &&str| {
        let bare = word.strip_prefix('v').unwrap_or(word);
        let mut parts = bare.split('.');
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        parts.next().is_some_and(digits)
            && parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    };
    let found =
        line.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '"')).find(is_version)?;
    Some(found.trim_end_matches('.').to_owned())
}
