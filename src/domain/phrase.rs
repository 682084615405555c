//! Something that can be said in full or in fewer words.
//!
//! Owns: the two wordings side by side. Must not know: how much room there is.

use std::fmt;

/// One thing worth saying, in full and in fewer words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// In full.
    pub long: String,
    /// In fewer words that say the same; may be equal to `long`.
    pub short: String,
}

impl Phrase {
    /// With two wordings.
    pub fn new(long: impl Into<String>, short: impl Into<String>) -> Self {
        Self { long: long.into(), short: short.into() }
    }
}

/// With one wording.
impl From<String> for Phrase {
    fn from(text: String) -> Self {
        Self { short: text.clone(), long: text }
    }
}

/// In full.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.long)
    }
}

/// All of them in full.
#[must_use]
pub fn in_full(phrases: Vec<Phrase>) -> Vec<String> {
    phrases.into_iter().map(|phrase| phrase.long).collect()
}
