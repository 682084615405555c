//! How alike two blocks are.
//!
//! Owns: words of a block as hashes, two measures over them, the normal form in which only spacing
//! and markers are forgotten, and an index that finds likely partners in linear time.
//! Must not know: documents or lessons.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};
use sha2::{Digest as _, Sha256};

use super::blocks::BlockKind;

/// The distinct words of a block, hashed and sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words(Vec<u32>);

impl Words {
    /// Words are runs of letters and digits in lower case; where a script writes no spaces, every
    /// character is a word.
    pub fn of(text: &str) -> Self {
        let mut words = Vec::new();
        let mut hasher = FxHasher::default();
        let mut open = false;
        for c in text.chars() {
            if c.is_alphanumeric() {
                let alone = is_unspaced(c);
                if open && alone {
                    words.push(finish(&mut hasher));
                }
                for lower in c.to_lowercase() {
                    u32::from(lower).hash(&mut hasher);
                }
                open = !alone;
                if alone {
                    words.push(finish(&mut hasher));
                }
            } else if open {
                words.push(finish(&mut hasher));
                open = false;
            }
        }
        if open {
            words.push(finish(&mut hasher));
        }
        words.sort_unstable();
        words.dedup();
        Self(words)
    }

    /// Number of distinct words.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn common(&self, other: &Self) -> usize {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut common = 0;
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.cmp(y) {
                std::cmp::Ordering::Less => drop(a.next()),
                std::cmp::Ordering::Greater => drop(b.next()),
                std::cmp::Ordering::Equal => {
                    common += 1;
                    a.next();
                    b.next();
                }
            }
        }
        common
    }

    /// Dice coefficient in percent: twice the common words over all words (L. R. Dice, 1945).
    pub fn likeness(&self, other: &Self) -> u32 {
        (200 * self.common(other)).checked_div(self.len() + other.len()).unwrap_or(100) as u32
    }

    /// How much of this stands in the other, in percent of this block's words.
    pub fn contained_in(&self, other: &Self) -> u32 {
        (100 * self.common(other)).checked_div(self.len()).unwrap_or(0) as u32
    }
}

fn finish(hasher: &mut FxHasher) -> u32 {
    let hash = std::mem::take(hasher).finish();
    (hash ^ (hash >> 32)) as u32
}

fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF
        | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Hash of a block's exact text.
pub(crate) fn exact_hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    hasher.finish()
}

/// A hasher for which nobody can make up two texts that meet: where hashes alone decide that two texts are
/// the same to a reader, a text made to meet another would be called mere formatting.
#[derive(Default)]
struct Digest(Vec<u8>);

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = Sha256::digest(&self.0);
        digest.iter().take(8).fold(0, |hash, &byte| (hash << 8) | u64::from(byte))
    }
}

/// Hash of a block without what a reader does not see: line ends, runs of spaces, the sort of list
/// marker. Code and tables forget only spaces at line ends.
pub(crate) fn normal_hash(kind: BlockKind, text: &str) -> u64 {
    let mut hasher = Digest::default();
    let shape = match kind {
        BlockKind::Item { depth, .. } => BlockKind::Item { depth, ordered: false },
        other => other,
    };
    shape.hash(&mut hasher);
    if matches!(kind, BlockKind::Code | BlockKind::FrontMatter | BlockKind::Html) {
        for line in text.lines() {
            line.trim_end().hash(&mut hasher);
        }
        return hasher.finish();
    }
    // A code block inside an item or quote has lines whose spaces matter.
    let fenced = text.contains("```") || text.contains("~~~");
    let body = if matches!(kind, BlockKind::Item { .. }) { after_marker(text) } else { text };
    if fenced {
        body.lines().for_each(|line| line.trim_end().hash(&mut hasher));
    } else {
        for word in body.split_whitespace() {
            if kind != BlockKind::TableHead || !word.chars().all(|c| matches!(c, '-' | ':' | '|')) {
                word.hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

/// An item's text after its bullet or number.
pub(crate) fn after_marker(text: &str) -> &str {
    let text = text.trim_start();
    let rest = text.strip_prefix(['-', '*', '+']).or_else(|| {
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        if digits.len() == text.len() { None } else { digits.strip_prefix(['.', ')']) }
    });
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']) => rest.trim_start(),
        _ => text,
    }
}

/// Finds blocks that share rare words with a given one.
pub(crate) struct Index {
    places: FxHashMap<u32, Vec<u32>>,
}

/// Words in more blocks than this say little and cost much.
const COMMON: usize = 48;
/// How many of a block's rarest words are looked up.
const PROBES: usize = 12;
/// How many candidates are handed out, those with most shared rare words first.
const CANDIDATES: usize = 12;

impl Index {
    /// Indexes some blocks by their position in the slice.
    pub fn build<'a>(blocks: impl Iterator<Item = (usize, &'a Words)>) -> Self {
        let mut places: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (at, words) in blocks {
            for &word in &words.0 {
                places.entry(word).or_default().push(at as u32);
            }
        }
        Self { places }
    }

    /// Likely partners, best first; ties by position, so the answer never depends on hashing.
    pub fn candidates(&self, words: &Words) -> Vec<usize> {
        let mut lists: Vec<(usize, u32)> = words
            .0
            .iter()
            .filter_map(|&word| Some((self.places.get(&word)?.len(), word)))
            .filter(|&(length, _)| length <= COMMON)
            .collect();
        lists.sort_unstable();
        let mut shared: FxHashMap<u32, usize> = FxHashMap::default();
        for (_, word) in lists.iter().take(PROBES) {
            for &at in self.places.get(word).map(Vec::as_slice).unwrap_or_default() {
                *shared.entry(at).or_default() += 1;
            }
        }
        let mut best: Vec<(usize, u32)> = shared.into_iter().map(|(at, count)| (count, at)).collect();
        best.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        best.into_iter().take(CANDIDATES).map(|(_, at)| at as usize).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_about_words() {
        let words = |text| Words::of(text);
        assert_eq!(words("Refund window is 14 days").likeness(&words("refund window: is 14 days.")), 100);
        assert_eq!(words("a b c d").likeness(&words("a b x y")), 50);
        assert_eq!(words("a b").contained_in(&words("a b x y")), 100);
        assert_eq!(words("東京都").len(), 3);
    }

    #[test]
    fn the_normal_form_forgets_only_what_nobody_sees() {
        let item = BlockKind::Item { depth: 0, ordered: false };
        let numbered = BlockKind::Item { depth: 0, ordered: true };
        assert_eq!(normal_hash(item, "* a  b"), normal_hash(item, "- a\r\n  b"));
        assert_eq!(normal_hash(item, "- a"), normal_hash(numbered, "12. a"));
        assert_ne!(
            normal_hash(item, "- a"),
            normal_hash(BlockKind::Item { depth: 1, ordered: false }, "  - a")
        );
        assert_ne!(normal_hash(BlockKind::Code, "a  b"), normal_hash(BlockKind::Code, "a b"));
        assert_ne!(
            normal_hash(BlockKind::Paragraph, "-5 degrees"),
            normal_hash(BlockKind::Paragraph, "5 degrees")
        );
    }
}
