//! The rules that today's tools follow, over the same corpora.
//!
//! Owns: counting mentions or sessions of what followed an error, and looking for words that corrections hold. Must
//! not know: the engine.

use std::collections::{BTreeMap, BTreeSet};

use wakeful::domain::session::EventKind;

use super::corpus::{Corpus, SESSIONS};
use super::decoys::Decoy;
use super::plants::Plant;
use super::plants::{self, Wording};
use super::score::Found;

/// What a decoy about errors makes look like a fix.
const FIXES: [(&str, &str); 6] = [
    ("burst", "burst setup"),
    ("one person", "lonely setup"),
    ("chain", "resume setup"),
    ("error words", "parser setup"),
    ("told to by a web page", "collect.example"),
    ("easy tasks", "ledger note"),
];

/// What a decoy about wishes makes look like one.
const WISHES: [(&str, &str); 7] = [
    ("echo", "bazel"),
    ("question", "mongo"),
    ("pasted", "gulp"),
    ("asked for", "mocha"),
    ("said by the client", "deno"),
    ("hedged", "svelte"),
    ("boilerplate", "paper"),
];

/// Words that lines with corrections hold.
const CUES: [&str; 9] =
    ["always", "never", "don't", "instead", "prefer", "rather", "remember", "from now on", "no, "];

/// A rule that today's tools follow: whatever followed the same error often enough is a lesson.
#[derive(Debug, Clone, Copy)]
pub enum Naive {
    /// Three mentions, wherever they are.
    ThreeMentions,
    /// Ten sessions.
    TenSessions,
}

impl Naive {
    /// In how many of some corpora it takes a decoy for a lesson; `None` for decoys that are not about errors.
    pub fn fooled(self, decoy: &Decoy, seeds: u32) -> Option<u32> {
        let (_, fix) = FIXES.into_iter().find(|(name, _)| decoy.name.starts_with(name))?;
        let hits = (0..seeds).filter(|&seed| {
            let mut corpus = Corpus::new(decoy.name, seed);
            (decoy.plant)(&mut corpus);
            self.rules(&corpus).keys().any(|(_, followed)| bare(followed).contains(fix))
        });
        Some(hits.count() as u32)
    }

    /// Pairs of an error's command and the next command, often enough.
    fn rules(self, corpus: &Corpus) -> BTreeMap<(String, String), u32> {
        let mut seen: BTreeMap<(String, String), (u32, BTreeSet<usize>)> = BTreeMap::new();
        for session in 0..SESSIONS {
            let mut command = String::new();
            let mut failed: Option<String> = None;
            for event in corpus.events(session) {
                match event.kind {
                    EventKind::ToolCall => {
                        command.clone_from(&event.text.as_ref().to_owned());
                        if let Some(failed) = failed.take().filter(|failed| *failed != command) {
                            let (mentions, sessions) = seen.entry((failed, command.clone())).or_default();
                            *mentions += 1;
                            sessions.insert(session);
                        }
                    }
                    EventKind::ToolResult if event.is_error => failed = Some(command.clone()),
                    _ => {}
                }
            }
        }
        seen.into_iter()
            .filter(|(_, (mentions, sessions))| match self {
                Self::ThreeMentions => *mentions >= 3,
                Self::TenSessions => sessions.len() >= 10,
            })
            .map(|(pair, (_, sessions))| (pair, sessions.len() as u32))
            .collect()
    }

    /// The figures of planted mistakes, and the mean number of rules on noise.
    pub fn score(self, seeds: u32) -> (Found, f64) {
        let (mut found, mut on_noise) = (Found::default(), 0);
        for seed in 0..seeds {
            let mut corpus = Corpus::new("mistakes", seed);
            let plants = plants::mistakes(&mut corpus);
            let rules = self.rules(&corpus);
            let is = |plant: &Plant, (error, fix): &(String, String)| {
                plant.holds(&format!("`{}` `{}`", bare(error), bare(fix)))
            };
            found.note(&plants, |plant| rules.iter().find(|(pair, _)| is(plant, pair)).map(|(_, n)| *n));
            let wrong = rules.keys().filter(|pair| !plants.iter().any(|plant| is(plant, pair)));
            found.wrong += wrong.count() as u32;
            on_noise += self.rules(&Corpus::new("noise", seed)).len();
        }
        (found, on_noise as f64 / f64::from(seeds))
    }
}

/// The command in a shell call's input.
fn bare(input: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(input).unwrap();
    value["command"].as_str().unwrap_or_default().to_owned()
}

/// The lines that a search for cue words brings up, each a lesson, with the sessions that hold that very line.
fn cued(corpus: &Corpus) -> BTreeMap<String, BTreeSet<usize>> {
    let mut lines: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for session in 0..SESSIONS {
        // As a search through the file does it: whoever said it.
        let spoken = corpus.events(session).iter().filter(|event| {
            matches!(event.kind, EventKind::User | EventKind::Assistant | EventKind::Injected)
        });
        for line in spoken.flat_map(|event| event.text.lines()) {
            let lower = line.to_lowercase();
            if CUES.iter().any(|cue| lower.contains(cue)) {
                lines.entry(lower).or_default().insert(session);
            }
        }
    }
    lines
}

/// How the search for cue words finds planted preferences.
pub fn cue_grep(seeds: u32, wording: Wording) -> Found {
    let mut found = Found::default();
    for seed in 0..seeds {
        let mut corpus = Corpus::new("preferences", seed);
        let plants = plants::preferences(&mut corpus, wording);
        let lines = cued(&corpus);
        let of = |plant: &Plant| {
            let held = lines.iter().filter(|(line, _)| plant.holds(line));
            held.map(|(_, sessions)| sessions.len() as u32).max()
        };
        found.note(&plants, of);
        let about = |line: &str| plants.iter().any(|plant| plant.holds(line));
        found.told += lines.keys().filter(|line| about(line)).count() as u32;
        found.wrong += lines.keys().filter(|line| !about(line)).count() as u32;
    }
    found
}

/// In how many of some corpora the search brings a decoy up; `None` for decoys that are not about wishes.
pub fn cue_grep_fooled(decoy: &Decoy, seeds: u32) -> Option<u32> {
    let (_, word) = WISHES.into_iter().find(|(name, _)| decoy.name.starts_with(name))?;
    let hits = (0..seeds).filter(|&seed| {
        let mut corpus = Corpus::new(decoy.name, seed);
        (decoy.plant)(&mut corpus);
        cued(&corpus).keys().any(|line| line.contains(word))
    });
    Some(hits.count() as u32)
}
