//! Which of many quotes may stand in a text, decided in one walk over it.
//!
//! Owns: the automaton over pieces of quotes. Must not know: what a quote proves.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::reading::Cited;
use crate::evidence::verify::Page;

/// Finds the quotes that a text holds a piece of; a quote without any can't stand there.
pub(super) struct Filter {
    automaton: Option<AhoCorasick>,
    owner: Vec<usize>,
}

impl Filter {
    /// A filter over the quotes that `wanted` picks: for words as they are, or for words with slips.
    pub fn new(quotes: &[Cited], slips: bool, wanted: impl Fn(usize) -> bool) -> Self {
        let mut pieces: Vec<&[u8]> = Vec::new();
        let mut owner = Vec::new();
        for (index, cited) in quotes.iter().enumerate().filter(|(index, _)| wanted(*index)) {
            for piece in cited.quote.anchors(slips) {
                pieces.push(piece);
                owner.push(index);
            }
        }
        // Too many quotes for one automaton: then every quote may stand everywhere.
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(pieces).ok();
        Self { automaton, owner }
    }

    /// Quotes to look for in a text, in order.
    pub fn candidates(&self, page: &Page, quotes: usize) -> Vec<usize> {
        let Some(automaton) = &self.automaton else { return (0..quotes).collect() };
        let mut found: Vec<usize> = automaton
            .find_overlapping_iter(page.normal())
            .filter_map(|hit| self.owner.get(hit.pattern().as_usize()).copied())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}
