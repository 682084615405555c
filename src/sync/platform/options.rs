//! What the configuration says about the platform beside how it is reached.
//!
//! Owns: the list. Must not know: where it is configured.

use std::collections::BTreeMap;

use super::prices::Prices;

/// Names of the labels (`metadata`) by which sessions say whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// The label that tells the person; people are kept apart, not named.
    pub user: Option<String>,
    /// The label that tells the segment.
    pub segment: Option<String>,
}

/// Prices, and labels by profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What models cost.
    pub prices: Prices,
    /// Labels by profile.
    pub labels: BTreeMap<String, Labels>,
}

impl Default for Options {
    fn default() -> Self {
        Self { prices: Prices::built_in(), labels: BTreeMap::new() }
    }
}

impl Options {
    /// The labels of a profile.
    #[must_use]
    pub fn labels_of(&self, profile: &str) -> Labels {
        self.labels.get(profile).cloned().unwrap_or_default()
    }
}
