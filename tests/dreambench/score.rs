//! Counting what was found, missed and invented.
//!
//! Owns: the figures of a run over several seeds. Must not know: how they are judged.

use wakeful::domain::evidence::Tier;

use super::corpus::Corpus;
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
    /// Claims about planted lessons, with those that say one again; and right ones of the tier that their true
    /// count calls for.
    pub told: u32,
    pub tiers: u32,
    /// Right ones with the true count of sessions that show the opposite.
    pub against: u32,
}

impl Found {
    /// Takes note of one corpus: which of its lessons were found, and with what count.
    pub fn note(&mut self, plants: &[Plant], matches: impl Fn(&Plant) -> Option<u32>) {
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

    /// Share of the claims about planted lessons that are not said twice.
    pub fn once_share(&self) -> f64 {
        ratio(self.right, self.told)
    }

    pub fn against_share(&self) -> f64 {
        ratio(self.against, self.right)
    }

    pub fn tier_share(&self) -> f64 {
        ratio(self.tiers, self.right)
    }
}

/// The tier that a count calls for by itself; whether it is also wide enough and shows again is the engine's to tell.
fn tier_of(sessions: usize) -> Tier {
    match sessions {
        10.. => Tier::Established,
        5.. => Tier::Supported,
        _ => Tier::Emerging,
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn engine(found: &mut Found, corpus: &Corpus, plants: &[Plant]) {
    let claims = corpus.dream(0, None).claims;
    found.note(plants, |plant| claims.iter().find(|claim| plant.is(claim))?.support.sessions);
    for plant in plants {
        let about: Vec<Tier> =
            claims.iter().filter(|claim| plant.is(claim)).map(|claim| claim.tier).collect();
        found.told += about.len() as u32;
        found.tiers += u32::from(about.first() == Some(&tier_of(plant.truth.len())));
        let claim = claims.iter().find(|claim| plant.is(claim));
        found.against += u32::from(claim.is_some_and(|c| c.support.contradict == plant.against.len() as u32));
    }
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

/// How lessons of one segment, and lessons of all, were worded.
#[derive(Debug, Default, Clone)]
pub struct Scoped {
    /// Found of those that hold in one segment, and said of that segment alone.
    pub narrow: u32,
    pub narrowed: u32,
    /// Found of those that hold for all, and said of all.
    pub wide: u32,
    pub left_wide: u32,
    /// Planted of each.
    pub planted: u32,
}

/// Whether lessons are said for whom they hold.
pub fn scope(seeds: u32) -> Scoped {
    let mut scoped = Scoped::default();
    for seed in 0..seeds {
        let mut corpus = Corpus::new("scope", seed);
        let [narrow, wide] = plants::of_segments(&mut corpus);
        let claims = corpus.dream(0, None).claims;
        scoped.planted += narrow.len() as u32;
        for plant in &narrow {
            let Some(claim) = claims.iter().find(|claim| plant.is(claim)) else { continue };
            scoped.narrow += 1;
            scoped.narrowed += u32::from(claim.support.checks.only_for.as_deref() == Some(plants::SEGMENT));
        }
        for plant in &wide {
            let Some(claim) = claims.iter().find(|claim| plant.is(claim)) else { continue };
            scoped.wide += 1;
            scoped.left_wide += u32::from(claim.support.checks.only_for.is_none());
        }
    }
    scoped
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

/// Whether a pass gives the same bytes whatever the order of its sessions and the number of threads.
pub fn is_deterministic(seed: u32) -> bool {
    let mut corpus = Corpus::new("mistakes", seed);
    plants::mistakes(&mut corpus);
    plants::preferences(&mut corpus, Wording::Reworded);
    plants::preferences(&mut corpus, Wording::Second);
    plants::places(&mut corpus);
    plants::limits(&mut corpus);
    plants::workflows(&mut corpus);
    plants::gone(&mut corpus);
    plants::contradiction(&mut corpus);
    let order = corpus.shuffled();
    let threads = |count| rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
    let one = threads(1).install(|| corpus.dream(5, None));
    let eight = threads(8).install(|| corpus.dream(5, Some(&order)));
    one == eight
}
