//! Every threshold of the offline engine, in one place.
//!
//! Owns: the numbers, their defaults and their hash, which goes into the manifest of a pass. Must
//! not know: what any of them is used for.

use serde::{Deserialize, Serialize};

use crate::domain::evidence::Tier;
use crate::domain::memory::ContentHash;
use crate::domain::rules::Rules;

/// Thresholds and gates of a pass. The defaults are measured ones; see each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// False-discovery rate inside a family of lessons. On planted corpora 1 % finds as many lessons as
    /// 5 % and halves the false ones (DreamBench).
    pub false_discovery: f64,
    /// Also hold that rate under any dependence between tests (Benjamini–Yekutieli).
    pub any_dependence: bool,
    /// Fewest units for a lesson (tier *emerging*).
    pub least_sessions: u32,
    /// Fewest units for tier *supported*.
    pub supported_sessions: u32,
    /// Fewest units for tier *established*.
    pub established_sessions: u32,
    /// Fewest people, where more than one is known.
    pub least_users: u32,
    /// Fewest days, where all sessions are one person's.
    pub least_days: u32,
    /// Days that stand in for several people in tier *established*.
    pub established_days: u32,
    /// Share of units held out to see whether a lesson repeats.
    pub held_out: f64,
    /// Of the sessions of a pass, at most so many per cent of one person, and of one segment where there are
    /// several.
    pub most_of_one: Option<u32>,
    /// Sessions before the window, of those already read, in which lessons are counted again.
    pub history: u32,
    /// Shuffled copies of the noise check.
    pub noise_copies: u32,
    /// Mean false lessons on them above which the gates tighten.
    pub noise_limit: f64,
    /// Token-wise likeness at which two error lines share a template.
    pub template_likeness: f64,
    /// Templates compared per bucket.
    pub template_bucket: usize,
    /// Tokens of an error line that are compared.
    pub template_tokens: usize,
    /// Templates in all.
    pub templates: usize,
    /// Calls an error episode may last.
    pub episode_calls: usize,
    /// Score at which a person's turn is a correction by itself.
    pub correction_strong: f64,
    /// Score at which it may join an equal one.
    pub correction_weak: f64,
    /// Likeness at which two corrections ask for the same.
    pub correction_likeness: f64,
    /// Rare words two corrections must share beyond that.
    pub correction_words: usize,
    /// Share of one memory entry's shingles inside another that makes it a duplicate.
    pub duplicate_containment: f64,
    /// Weighted Jaccard likeness that makes two entries duplicates.
    pub duplicate_jaccard: f64,
    /// The same two in a memory over its budget.
    pub crowded_containment: f64,
    /// See [`Parameters::crowded_containment`].
    pub crowded_jaccard: f64,
    /// Jaccard likeness of supporting units at which two claims are one.
    pub merge_jaccard: f64,
    /// Share of shingles of a text inside memory or rules that makes it an echo.
    pub echo_containment: f64,
    /// Rules of retention, which people set.
    pub rules: Rules,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            false_discovery: 0.01,
            any_dependence: false,
            least_sessions: 3,
            supported_sessions: 5,
            established_sessions: 10,
            least_users: 2,
            least_days: 3,
            established_days: 5,
            held_out: 0.30,
            most_of_one: None,
            history: 200,
            noise_copies: 20,
            noise_limit: 0.5,
            template_likeness: 0.5,
            template_bucket: 100,
            template_tokens: 40,
            templates: 20_000,
            episode_calls: 30,
            correction_strong: 2.0,
            correction_weak: 1.0,
            correction_likeness: 0.5,
            correction_words: 2,
            duplicate_containment: 0.8,
            duplicate_jaccard: 0.6,
            crowded_containment: 0.65,
            crowded_jaccard: 0.45,
            merge_jaccard: 0.7,
            echo_containment: 0.7,
            rules: Rules::default(),
        }
    }
}

impl Parameters {
    /// Fewer and firmer lessons: the rate holds under any dependence between tests, and no lesson rests
    /// on fewer than five sessions.
    #[must_use]
    pub fn strict() -> Self {
        Self { any_dependence: true, least_sessions: 5, ..Self::default() }
    }

    /// How firmly a lesson stands on so many sessions; `None`: too few for one. `wide` says that they are of enough
    /// people or days, `repeats` that it shows again where it was not looked for.
    #[must_use]
    pub fn firmness(&self, sessions: u32, wide: bool, repeats: bool) -> Option<Tier> {
        match sessions {
            few if few < self.least_sessions => None,
            many if many >= self.established_sessions && wide && repeats => Some(Tier::Established),
            some if some >= self.supported_sessions => Some(Tier::Supported),
            _ => Some(Tier::Emerging),
        }
    }

    /// The defaults under rules of retention that people set.
    #[must_use]
    pub fn under(rules: Rules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Hash over all of them, for the manifest.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_changes_the_hash_and_old_files_get_defaults() {
        let default = Parameters::default();
        assert_ne!(default.hash(), Parameters::strict().hash());
        assert_eq!(default.hash(), Parameters::default().hash());
        let rules = Rules { dormant_days: 0, ..Rules::default() };
        assert_ne!(default.hash(), Parameters::under(rules).hash());
        assert_eq!(serde_json::from_str::<Parameters>("{}").unwrap(), default);
    }
}
