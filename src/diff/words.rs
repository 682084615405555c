//! Finds the words that differ within two versions of a line, for prose.
//!
//! Owns: what a word is, and when marking words stops helping. Must not know: how a word is marked.
//!
//! Prose changes in phrases. Marking every single differing word leaves a speckle of coloured and
//! plain words that is harder to read than no marks at all, so neighbouring marks are joined and
//! marks are dropped when little else would be left.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

/// Below this share of common letters the whole line is the change.
const LEAST_COMMON: f32 = 0.35;
/// With more marks than this, more must be common.
const MANY_MARKS: usize = 5;
/// Share of common letters needed to show many marks.
const LEAST_COMMON_FOR_MANY: f32 = 0.6;
/// A common word this short between two longer differing phrases joins them.
const THIN: usize = 4;
/// Lines longer than this are not compared by words: they are data, not prose.
const LONGEST: usize = 20_000;

/// Byte ranges that differ in the old and in the new line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Emphasis {
    /// In the old line.
    pub old: Vec<Range<usize>>,
    /// In the new line.
    pub new: Vec<Range<usize>>,
}

/// A stretch of both lines, in bytes, equal or not.
#[derive(Debug, Clone)]
struct Stretch {
    equal: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// Finds what differs. Empty on both sides when marking would not help.
#[must_use]
pub fn emphasis(old: &str, new: &str) -> Emphasis {
    if old == new || old.len() > LONGEST || new.len() > LONGEST {
        return Emphasis::default();
    }
    let mut stretches = join_thin(stretches(old, new), old);
    for stretch in &mut stretches {
        if !stretch.equal {
            let (before, after) = (trim(old, &stretch.old), trim(new, &stretch.new));
            // Where spacing is all that differs, spacing is what is marked.
            if !before.is_empty() || !after.is_empty() {
                (stretch.old, stretch.new) = (before, after);
            }
        }
    }
    let spacing_only = old.split_whitespace().eq(new.split_whitespace());
    let marks = stretches.iter().filter(|stretch| !stretch.equal).count();
    let common: usize = stretches.iter().filter(|s| s.equal).map(|s| letters(slice(old, &s.old))).sum();
    let all = letters(old) + letters(new);
    let share = if all == 0 { 1.0 } else { 2.0 * common as f32 / all as f32 };
    let least = if marks > MANY_MARKS { LEAST_COMMON_FOR_MANY } else { LEAST_COMMON };
    if share < least && !spacing_only {
        return Emphasis::default();
    }
    let pick = |side: fn(&Stretch) -> &Range<usize>| {
        stretches.iter().filter(|s| !s.equal).map(side).filter(|r| !r.is_empty()).cloned().collect()
    };
    Emphasis { old: pick(|s| &s.old), new: pick(|s| &s.new) }
}

fn stretches(old: &str, new: &str) -> Vec<Stretch> {
    let old_words: Vec<(usize, &str)> = old.split_word_bound_indices().collect();
    let new_words: Vec<(usize, &str)> = new.split_word_bound_indices().collect();
    let start = |words: &[(usize, &str)], at: usize, end: usize| words.get(at).map_or(end, |word| word.0);
    let texts = |words: &[(usize, &'_ str)]| words.iter().map(|word| word.1.to_owned()).collect::<Vec<_>>();
    capture_diff_slices(Algorithm::Myers, &texts(&old_words), &texts(&new_words))
        .into_iter()
        .map(|op| {
            let (tag, o, n) = op.as_tag_tuple();
            Stretch {
                equal: tag == DiffTag::Equal,
                old: start(&old_words, o.start, old.len())..start(&old_words, o.end, old.len()),
                new: start(&new_words, n.start, new.len())..start(&new_words, n.end, new.len()),
            }
        })
        .collect()
}

/// Joins differing stretches across common ones that are too thin to read by themselves.
fn join_thin(stretches: Vec<Stretch>, old: &str) -> Vec<Stretch> {
    let mut joined: Vec<Stretch> = Vec::with_capacity(stretches.len());
    let size = |s: &Stretch| s.old.len().max(s.new.len());
    for (at, next) in stretches.iter().enumerate() {
        let thin = next.equal && {
            let text = slice(old, &next.old);
            let length = letters(text);
            let left = joined.last().filter(|s| !s.equal).map_or(0, size);
            let right = stretches.get(at + 1).filter(|s| !s.equal).map_or(0, size);
            left > 0 && right > 0 && (length == 0 || (length <= THIN && length < left && length < right))
        };
        match joined.last_mut() {
            Some(last) if !last.equal && (thin || !next.equal) => {
                last.old.end = next.old.end;
                last.new.end = next.new.end;
            }
            _ => joined.push(next.clone()),
        }
    }
    joined
}

fn trim(text: &str, range: &Range<usize>) -> Range<usize> {
    let inner = slice(text, range);
    let start = range.start + (inner.len() - inner.trim_start().len());
    let end = range.end - (inner.len() - inner.trim_end().len());
    if start >= end { range.start..range.start } else { start..end }
}

fn slice<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}
