//! Joins removed with added lines that are versions of each other: by likeness, not by position.
//!
//! Owns: the likeness of two lines and the best order-preserving pairing. Must not know: words to
//! mark, or how a pair is shown.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;
use similar::DiffTag;
use unicode_segmentation::UnicodeSegmentation;

use super::lines::{BY_LINES, compare};

/// Pairs need at least this likeness (token distance at most 0.6).
pub const LEAST_LIKENESS: f32 = 0.4;
/// Gaps with more candidate pairs than this are paired through a sliding window.
const MOST_CANDIDATES: usize = 2_500;
/// How far the sliding window looks ahead.
const WINDOW: usize = 24;
/// The window takes a line this like at once.
const CERTAIN_LIKENESS: f32 = 0.85;
/// Lines whose token counts multiply to more than this are compared as bags of words.
const MOST_CELLS: usize = 4_096;

/// Numbers words, so that likeness never looks at text twice.
#[derive(Default)]
pub struct Lexicon<'a> {
    numbers: HashMap<&'a str, u32, FxBuildHasher>,
}

/// One line as numbered, weighted tokens.
pub struct Prepared {
    tokens: Vec<(u32, u16)>,
    bag: Vec<(u32, u16)>,
    weight: u32,
    blank: bool,
}

impl Prepared {
    /// Sum of the weights of its tokens: about its number of letters.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight
    }
}

impl<'a> Lexicon<'a> {
    /// Prepares a line. Lines can be compared if one lexicon prepared them.
    pub fn prepare(&mut self, line: &'a str) -> Prepared {
        let mut tokens = Vec::new();
        for word in line.split_word_bounds() {
            let weight = weigh(word);
            if weight > 0 {
                let next = self.numbers.len() as u32;
                tokens.push((*self.numbers.entry(word).or_insert(next), weight));
            }
        }
        let mut bag = tokens.clone();
        bag.sort_unstable();
        let weight = tokens.iter().map(|token| u32::from(token.1)).sum();
        Prepared { tokens, bag, weight, blank: line.trim().is_empty() }
    }
}

/// Letters count, white space does not, and short words count little: sharing "the" and "to" makes
/// no two sentences alike.
fn weigh(word: &str) -> u16 {
    if word.trim().is_empty() {
        return 0;
    }
    let letters = word.chars().filter(|c| c.is_alphanumeric()).take(10).count() as u16;
    match letters {
        0 => 1,
        1..=3 if !word.contains(|c: char| c.is_numeric()) => 2,
        n => n.max(2),
    }
}

/// From 0 (nothing in common) to 1 (the same words in the same order).
#[must_use]
pub fn likeness(a: &Prepared, b: &Prepared) -> f32 {
    let all = a.weight + b.weight;
    if all == 0 || a.blank || b.blank {
        return f32::from(u8::from(a.blank && b.blank));
    }
    let ratio = |common: u32| 2.0 * common as f32 / all as f32;
    // The common bag is an upper bound of the common sequence and much cheaper.
    let bound = ratio(common_bag(&a.bag, &b.bag));
    if bound < LEAST_LIKENESS || a.tokens.len() * b.tokens.len() > MOST_CELLS {
        return bound;
    }
    ratio(common_sequence(&a.tokens, &b.tokens))
}

fn common_bag(a: &[(u32, u16)], b: &[(u32, u16)]) -> u32 {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut common = 0;
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.0.cmp(&y.0) {
            std::cmp::Ordering::Less => {
                a.next();
            }
            std::cmp::Ordering::Greater => {
                b.next();
            }
            std::cmp::Ordering::Equal => {
                common += u32::from(x.1);
                a.next();
                b.next();
            }
        }
    }
    common
}

fn common_sequence(a: &[(u32, u16)], b: &[(u32, u16)]) -> u32 {
    let mut best = vec![0u32; b.len()];
    for x in a {
        let (mut diagonal, mut left) = (0, 0);
        for (cell, y) in best.iter_mut().zip(b) {
            let above = *cell;
            *cell = if x.0 == y.0 { diagonal + u32::from(x.1) } else { above.max(left) };
            (diagonal, left) = (above, *cell);
        }
    }
    best.last().copied().unwrap_or_default()
}

/// Pairs lines that differ in spacing or line end alone. Both numbers rise from pair to pair.
#[must_use]
pub fn same_words(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    // Blank lines are each their own key, or they would be the anchors.
    let key = |index: usize, line: &str| -> (usize, String) {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        (if words.is_empty() { index + 1 } else { 0 }, words)
    };
    let old_keys = old.iter().enumerate().map(|(index, line)| key(index, line));
    let new_keys = new.iter().enumerate().map(|(index, line)| key(old.len() + index, line));
    let equal = compare(BY_LINES, old_keys, new_keys).into_iter().map(|op| op.as_tag_tuple());
    equal.filter(|op| op.0 == DiffTag::Equal).flat_map(|(_, old, new)| old.zip(new)).collect()
}

/// Pairs lines by likeness. Both numbers rise from pair to pair.
#[must_use]
pub fn pair(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let mut lexicon = Lexicon::default();
    let old: Vec<_> = old.iter().map(|line| lexicon.prepare(line)).collect();
    let new: Vec<_> = new.iter().map(|line| lexicon.prepare(line)).collect();
    if old.len() * new.len() <= MOST_CANDIDATES { best_pairs(&old, &new) } else { near_pairs(&old, &new) }
}

/// The pairing with the greatest sum of likeness over the threshold.
fn best_pairs(old: &[Prepared], new: &[Prepared]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    // score[i * width + j]: best for old[i..] against new[j..].
    let mut score = vec![0f32; (old.len() + 1) * width];
    let mut taken = vec![false; (old.len() + 1) * width];
    let at = |table: &[f32], index: usize| table.get(index).copied().unwrap_or_default();
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let here = i * width + j;
            let skip = at(&score, here + 1).max(at(&score, here + width));
            let like = likeness(a, b);
            // One good pair beats two poor ones: only what exceeds chance likeness counts.
            let with = at(&score, here + width + 1) + like - LEAST_LIKENESS / 2.0;
            let take = like >= LEAST_LIKENESS && with >= skip;
            if let (Some(cell), Some(flag)) = (score.get_mut(here), taken.get_mut(here)) {
                *cell = if take { with } else { skip };
                *flag = take;
            }
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        let here = i * width + j;
        if taken.get(here).copied().unwrap_or_default() {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&score, here + width) >= at(&score, here + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// For gaps too large to try every pair: each old line takes the best of the next few new ones.
fn near_pairs(old: &[Prepared], new: &[Prepared]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut from = 0;
    for (i, a) in old.iter().enumerate() {
        let window = new.iter().enumerate().skip(from).take(WINDOW);
        let mut best: Option<(usize, f32)> = None;
        for (j, b) in window {
            let like = likeness(a, b);
            if like >= LEAST_LIKENESS && best.is_none_or(|(_, other)| like > other) {
                best = Some((j, like));
            }
            if like >= CERTAIN_LIKENESS {
                break;
            }
        }
        if let Some((j, _)) = best {
            pairs.push((i, j));
            from = j + 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_beats_position() {
        let old = ["- Confirm the account id before anything else.", "- Close the ticket when done."];
        let new = [
            "- When a customer mentions cancelling, offer a call first.",
            "- Confirm the account id and plan before anything else.",
            "- Thank them for their time.",
            "- Close the ticket when all is done.",
        ];
        assert_eq!(pair(&old, &new), [(0, 1), (1, 3)]);
    }

    #[test]
    fn one_good_pair_beats_two_poor_ones() {
        let old = ["alpha beta gamma delta", "epsilon zeta eta theta"];
        let new = ["epsilon zeta eta theta iota", "kappa lambda mu nu"];
        assert_eq!(pair(&old, &new), [(1, 0)]);
    }

    #[test]
    fn unlike_lines_stay_alone() {
        assert_eq!(pair(&["Close the ticket."], &["Refunds take thirty days."]), []);
        assert_eq!(pair(&["the of to a in"], &["Ask the lead of sales to join."]), []);
    }

    #[test]
    fn blank_lines_pair_only_with_blank_lines() {
        assert_eq!(pair(&["", "Some words here"], &["  ", "Some words there"]), [(0, 0), (1, 1)]);
        assert_eq!(same_words(&["", "Some words"], &["  ", "Some  words"]), [(1, 1)]);
        assert_eq!(pair(&[""], &["words"]), []);
    }

    #[test]
    fn a_large_gap_is_paired_through_the_window() {
        let old: Vec<String> = (0..300).map(|i| format!("entry number {i} of the long list")).collect();
        let new: Vec<String> = (0..300).map(|i| format!("entry number {i} of the very long list")).collect();
        let refs = |lines: &'_ [String]| lines.iter().map(|l| l.clone().leak() as &str).collect::<Vec<_>>();
        let pairs = pair(&refs(&old), &refs(&new));
        assert_eq!(pairs, (0..300).map(|i| (i, i)).collect::<Vec<_>>());
    }
}
