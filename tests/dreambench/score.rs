//! Counting what was found, missed and invented.
//!
//! Owns: the figures of a run over several seeds, for the engine and for two naive rules. Must not
//! know: how they are judged.

use std::collections::{BTreeMap, BTreeSet};

use wakeful::domain::session::EventKind;

use super::corpus::{Corpus, SESSIONS};
use super::decoys::Decoy;
use super::plants::{self, Plant, SUPPORTS, Wording};

/// How a family of planted lessons was found.
#[allow(clippy::struct_field_names, reason = "the field is what the figure is called")]
#[derive(Debug, Default, Clone)]
pub struct Found {
    /// Per planted support: lessons found.
    pub found: [u32; 6],
    /// Corpora looked at.
    pub corpora: u32,
    /// Claims that are one of the planted lessons, and those that are none.
    pub right: u32,
    pub wrong: u32,
    /// Right ones whose count is the true one, or off by one at most.
    pub exact: u32,
    pub near: u32,
}

impl Found {
    fn note(&mut self, plants: &[Plant], matches: impl Fn(&Plant) -> Option<u32>) {
        self.corpora += 1;
        for (at, plant) in plants.iter().enumerate() {
            let Some(count) = matches(plant) else { continue };
            let truth = plant.truth.len() as u32;
            self.found[at] += 1;
            self.right += 1;
            self.exact += u32::from(count == truth);
            self.near += u32::from(count.abs_diff(truth) <= 1);
        }
    }

    /// Share of planted lessons of a support that were found.
    pub fn recall(&self, support: usize) -> f64 {
        let at = SUPPORTS.iter().position(|&planted| planted == support).unwrap();
        f64::from(self.found[at]) / f64::from(self.corpora)
    }

    /// Share of those with at least ten sessions that were found.
    pub fn recall_from_ten(&self) -> f64 {
        (self.recall(10) + self.recall(15) + self.recall(20)) / 3.0
    }

    /// Share of what was proposed that was planted; 1 if nothing was proposed.
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    pub fn exact_share(&self) -> f64 {
        ratio(self.exact, self.right)
    }

    pub fn near_share(&self) -> f64 {
        ratio(self.near, self.right)
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn engine(found: &mut Found, corpus: &Corpus, plants: &[Plant]) {
    let claims = corpus.dream(0, None).claims;
    found.note(plants, |plant| claims.iter().find(|claim| plant.is(claim))?.support.sessions);
    let wrong: Vec<&str> = claims
        .iter()
        .filter(|claim| !plants.iter().any(|plant| plant.is(claim)))
        .map(|claim| claim.statement.as_str())
        .collect();
    if !wrong.is_empty() {
        eprintln!("not planted: {wrong:?}");
    }
    found.wrong += wrong.len() as u32;
}

/// A family of planted lessons, by the engine.
pub fn family(seeds: u32, purpose: &str, plant: impl Fn(&mut Corpus) -> Vec<Plant>) -> Found {
    let mut found = Found::default();
    for seed in 0..seeds {
        let mut corpus = Corpus::new(purpose, seed);
        let plants = plant(&mut corpus);
        engine(&mut found, &corpus, &plants);
    }
    found
}

/// Mistakes with a fix, by the engine.
pub fn mistakes(seeds: u32) -> Found {
    family(seeds, "mistakes", plants::mistakes)
}

/// Preferences in one wording, by the engine.
pub fn preferences(seeds: u32, wording: Wording) -> Found {
    family(seeds, "preferences", |corpus| plants::preferences(corpus, wording))
}

/// Mean lessons on corpora in which nothing was planted, and the mean that the engine's own noise check
/// expected there.
pub fn noise(seeds: u32, copies: u32) -> (f64, f64) {
    let (mut lessons, mut expected) = (0, 0.0);
    for seed in 0..seeds {
        let outcome = Corpus::new("noise", seed).dream(copies, None);
        lessons += outcome.claims.len();
        expected += outcome.manifest.noise.unwrap_or_default();
    }
    (lessons as f64 / f64::from(seeds), expected / f64::from(seeds))
}

/// In how many of some corpora a decoy worked.
pub fn fooled(decoy: &Decoy, seeds: u32) -> u32 {
    (0..seeds)
        .filter(|&seed| {
            let mut corpus = Corpus::new(decoy.name, seed);
            (decoy.plant)(&mut corpus);
            let outcome = corpus.dream(0, None);
            (decoy.fooled)(&outcome)
        })
        .count() as u32
}

/// In how many of some corpora the honest form of a decoy became a lesson; `None` if it has none.
pub fn honest(decoy: &Decoy, seeds: u32) -> Option<u32> {
    let (plant, found) = decoy.honest?;
    let count = (0..seeds).filter(|&seed| {
        let mut corpus = Corpus::new(decoy.name, seed);
        plant(&mut corpus);
        found(&corpus.dream(0, None))
    });
    Some(count.count() as u32)
}

/// A rule that today's tools follow: whatever followed the same error often enough is a lesson.
#[derive(Debug, Clone, Copy)]
pub enum Naive {
    /// Three mentions, wherever they are.
    ThreeMentions,
    /// Ten sessions.
    TenSessions,
}

impl Naive {
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

    /// The same figures as [`mistakes`], and the mean number of rules on noise.
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

/// Whether a pass gives the same bytes whatever the order of its sessions and the number of threads.
pub fn is_deterministic(seed: u32) -> bool {
    let mut corpus = Corpus::new("mistakes", seed);
    plants::mistakes(&mut corpus);
    plants::preferences(&mut corpus, Wording::Reworded);
    let order = corpus.shuffled();
    let threads = |count| rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
    let one = threads(1).install(|| corpus.dream(5, None));
    let eight = threads(8).install(|| corpus.dream(5, Some(&order)));
    one == eight
}
