//! Cuts texts into lines and finds the runs of equal ones.
//!
//! Owns: what a line is (text and line end, so that nothing is lost) and the line comparison. Must
//! not know: what a line means.

use std::collections::HashMap;
use std::hash::Hash;

use rustc_hash::FxBuildHasher;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ending {
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
    /// The text stops here without a line end.
    None,
}

impl Ending {
    /// The bytes of the line end.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::None => "",
        }
    }
}

/// One line of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextLine<'a> {
    /// Without its line end.
    pub text: &'a str,
    /// How it ends.
    pub ending: Ending,
}

impl TextLine<'_> {
    /// Whether there is nothing but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Cuts a text into lines. Joining texts and ends again gives the text, byte for byte.
#[must_use]
pub fn split(text: &str) -> Vec<TextLine<'_>> {
    text.split_inclusive('\n')
        .map(|piece| {
            if let Some(text) = piece.strip_suffix("\r\n") {
                TextLine { text, ending: Ending::CrLf }
            } else if let Some(text) = piece.strip_suffix('\n') {
                TextLine { text, ending: Ending::Lf }
            } else {
                TextLine { text: piece, ending: Ending::None }
            }
        })
        .collect()
}

/// How lines are compared: anchored on lines that occur once, which for prose keeps paragraphs
/// together where the shortest script would thread through blank lines. (Histogram reads as well,
/// but took time quadratic in the number of changed places.)
pub const BY_LINES: Algorithm = Algorithm::Patience;

/// Compares two lists by key. The result covers both completely and in order. Keys become small
/// numbers before, so that the comparison itself never looks at text again.
#[must_use]
pub fn compare<K: Eq + Hash>(
    algorithm: Algorithm,
    old: impl IntoIterator<Item = K>,
    new: impl IntoIterator<Item = K>,
) -> Vec<DiffOp> {
    let mut numbers: HashMap<K, u32, FxBuildHasher> = HashMap::default();
    let mut number = |key: K| {
        let next = numbers.len() as u32;
        *numbers.entry(key).or_insert(next)
    };
    let old: Vec<u32> = old.into_iter().map(&mut number).collect();
    let new: Vec<u32> = new.into_iter().map(&mut number).collect();
    capture_diff_slices(algorithm, &old, &new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_ends_join_to_the_text() {
        for text in ["", "a", "a\n", "a\r\nb", "\n\n", "a\rb\n", "\r\n"] {
            let joined: String =
                split(text).iter().flat_map(|line| [line.text, line.ending.as_str()]).collect();
            assert_eq!(joined, text);
        }
        assert_eq!(split("").len(), 0);
        assert_eq!(split("a\n").len(), 1);
    }

    #[test]
    fn comparison_covers_both_sides_in_order() {
        let (old, new) = (split("a\nb\nc\n"), split("a\nx\nc\nd\n"));
        let ops = compare(BY_LINES, old.iter(), new.iter());
        assert_eq!(ops.iter().map(|op| op.old_range().len()).sum::<usize>(), 3);
        assert_eq!(ops.iter().map(|op| op.new_range().len()).sum::<usize>(), 4);
    }
}
