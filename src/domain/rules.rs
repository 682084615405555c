//! Rules of retention: when notes of a memory go, move or stand against each other.
//!
//! Owns: the rules and their defaults. Must not know: where they are set, or how they are used. A pass
//! keeps those it used in its manifest.

use serde::{Deserialize, Serialize};

/// When notes go, move or hold. Part of a pass's parameters, and of its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Sessions that must have had the chance to use a note before it may be called unused.
    pub retire_after: u32,
    /// Days looked back at for notes that hardly ever come up; 0 looks for none.
    pub dormant_days: u32,
    /// Sessions in those days below which a note need not be in the always-loaded index.
    pub dormant_below: u32,
    /// Days without a session for the other side after which the newer of two contradicting notes holds.
    pub settled_days: u32,
    /// Days after which a lesson's last sighting weighs half as much in the ranking.
    pub half_life_days: u32,
    /// Lessons proposed per pass; how many more there were is said in a remark.
    pub proposals: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            retire_after: 20,
            dormant_days: 90,
            dormant_below: 10,
            settled_days: 30,
            half_life_days: 30,
            proposals: 30,
        }
    }
}
