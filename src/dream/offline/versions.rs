//! Versions that sessions ask for again and again.
//!
//! Owns: when the answers agree, and where a note gives a program a version. Must not know: which commands answer
//! with a version; extraction does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::drafts::{self, Draft};
use super::facts::{Spot, ToldVersion};
use super::render;
use super::revise::{self, Swap};
use super::surroundings::{Fact, Field};
use crate::domain::evidence::Stance;
use crate::guard::secrets;

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
            if let (Some(told), [command]) = (call.version.as_deref(), call.action.commands.as_slice()) {
                let answer = Answer { member: at, unit: member.unit, call: index, version: &told.version };
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
        let told = call.version.as_deref()?;
        let origin = drafts::answered_by(call);
        sightings.extend(field.pool.sighting(answer.member, &told.spot, stance, origin, &told.line));
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
            swap: Some(Swap::of_version(program, latest)),
            when: None,
            remark: before.map(|before| format!("earlier sessions were told {before}")),
        }
        .draft("version"),
    )
}

/// Words between a program and its version.
const BETWEEN: [&str; 10] = ["is", "version", "at", "here", "runs", "now", "on", "v", "=", "release"];
/// Words of a note that bounds a version instead of giving it.
const BOUNDS: [&str; 13] = [
    "newer", "later", "above", "higher", "up", "least", "minimum", "older", "below", "before", "since",
    "until", "from",
];

/// Where a note gives a program a version: "`node` v20.11", "we are on Node 20", and not "Node 20 or newer".
#[must_use]
pub fn named(note: &str, program: &str) -> Vec<Range<usize>> {
    let bare = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    // Lower case of ASCII letters alone, so that places stay the same.
    let lower = note.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = Vec::new();
    for name in BTreeSet::from([program.to_ascii_lowercase(), bare.to_ascii_lowercase()]) {
        for at in revise::occurrences(&lower, &name) {
            found.extend(
                version_after(note, at.end).filter(|at| revise::is_positive(note, at) && !is_bound(note, at)),
            );
        }
    }
    found.sort_by_key(|at| at.start);
    found.dedup();
    found
}

/// The version behind a name, with hardly a word between them.
fn version_after(note: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    for word in note.get(from..)?.split_inclusive(|c: char| c.is_whitespace() || c == '`') {
        let bare =
            word.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '(' | ')' | ',' | ';'));
        let bare = bare.trim_end_matches('.');
        if !bare.is_empty() {
            if is_version(bare) {
                let start = at + word.find(bare)?;
                // "at 20 Main Street" counts, and so does "20 workers"; a version ends what is said of it.
                let counts = !bare.contains('.') && !ends_here(note.get(start + bare.len()..)?);
                return (!counts).then(|| start..start + bare.len());
            }
            if !BETWEEN.contains(&bare.to_ascii_lowercase().as_str()) || word.contains([',', ';']) {
                return None;
            }
        }
        at += word.len();
    }
    None
}

/// What follows a whole number that is a version, and not how many of something: a mark, or a small word.
fn ends_here(rest: &str) -> bool {
    let Some(rest) = rest.trim_start_matches('`').strip_prefix(' ') else { return true };
    let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    matches!(
        word,
        "" | "here" | "now" | "everywhere" | "and" | "in" | "on" | "is" | "for" | "with" | "or" | "as"
    )
}

/// Whether the words around a version bound it.
fn is_bound(note: &str, at: &Range<usize>) -> bool {
    let near = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .any(|word| BOUNDS.contains(&word.to_ascii_lowercase().as_str()))
    };
    let tail = note.get(at.end..).unwrap_or("");
    let tail = tail.split(['\n', ';']).next().unwrap_or("");
    let head = note.get(..at.start).unwrap_or("");
    let head = head.rsplit(['\n', ';']).next().unwrap_or("");
    tail.starts_with(['+', '.']) && tail.len() > 1 && !tail.starts_with(". ") || near(tail) || near(head)
}

fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix('v').unwrap_or(word);
    !bare.is_empty()
        && bare.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A version with as many parts as another has, and its `v`.
#[must_use]
pub fn as_exact_as(said: &str, version: &str) -> String {
    let bare = said.strip_prefix('v');
    let parts = bare.unwrap_or(said).split('.').count();
    let shown: Vec<&str> = version.trim_start_matches('v').split('.').take(parts).collect();
    format!("{}{}", if bare.is_some() { "v" } else { "" }, shown.join("."))
}

/// The version in the first line of an answer to a command that asks for one.
#[must_use]
pub fn told(words: &[String], answer: &str, spot: &Spot) -> Option<ToldVersion> {
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
    let line = secrets::excerpt(line, 0..line.len()).trim().to_owned();
    Some(ToldVersion { version: found.trim_end_matches('.').to_owned(), spot: spot.clone(), line })
}
