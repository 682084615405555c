//! Finds the words that differ within two versions of a line, for prose.
//!
//! Owns: what a word is, and when marking words stops helping. Must not know: how a word is marked.
//!
//! Prose changes in phrases. Marking every single differing word leaves a speckle of coloured and
//! plain words that is harder to read than no marks at all, so neighbouring marks are joined and
//! marks are dropped when little else would be left.

use std::ops::Range;

use similar::{Algorithm, DiffTag};
use unicode_segmentation::UnicodeSegmentation;

use super::lines::compare;

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
    // Most edits touch one place; only what lies between the common ends is compared.
    let same = |(a, b): &(&(usize, &str), &(usize, &str))| a.1 == b.1;
    let head = old_words.iter().zip(&new_words).take_while(same).count();
    let shorter = old_words.len().min(new_words.len()) - head;
    let tail = old_words.iter().rev().zip(new_words.iter().rev()).take(shorter).take_while(same).count();
    let (old_end, new_end) = (old_words.len() - tail, new_words.len() - tail);
    let ops = compare(Algorithm::Myers, texts(&old_words, head..old_end), texts(&new_words, head..new_end));
    let start = |words: &[(usize, &str)], at: usize, end: usize| words.get(at).map_or(end, |word| word.0);
    let stretch = |equal, o: Range<usize>, n: Range<usize>| Stretch {
        equal,
        old: start(&old_words, o.start, old.len())..start(&old_words, o.end, old.len()),
        new: start(&new_words, n.start, new.len())..start(&new_words, n.end, new.len()),
    };
    let middle = ops.into_iter().map(|op| {
        let (tag, o, n) = op.as_tag_tuple();
        stretch(tag == DiffTag::Equal, o.start + head..o.end + head, n.start + head..n.end + head)
    });
    let mut all = vec![stretch(true, 0..head, 0..head)];
    all.extend(middle);
    all.push(stretch(true, old_end..old_words.len(), new_end..new_words.len()));
    all.retain(|stretch| !stretch.old.is_empty() || !stretch.new.is_empty());
    all
}

fn texts<'a>(words: &[(usize, &'a str)], range: Range<usize>) -> impl Iterator<Item = &'a str> {
    words.get(range).unwrap_or_default().iter().map(|word| word.1)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Both lines with their marks written as brackets.
    fn marked(old: &str, new: &str) -> (String, String) {
        let marks = emphasis(old, new);
        let show = |text: &str, ranges: &[Range<usize>]| {
            let mut out = String::new();
            let mut at = 0;
            for range in ranges {
                out.push_str(&format!("{}[{}]", &text[at..range.start], &text[range.clone()]));
                at = range.end;
            }
            out + &text[at..]
        };
        (show(old, &marks.old), show(new, &marks.new))
    }

    #[rstest::rstest]
    #[case::a_number(
        "Refunds within 14 days.",
        "Refunds within 30 days.",
        "Refunds within [14] days.",
        "Refunds within [30] days."
    )]
    #[case::an_inserted_phrase(
        "Offer a call.",
        "Offer a call before cancelling.",
        "Offer a call.",
        "Offer a call [before cancelling]."
    )]
    #[case::neighbours_join(
        "Ask the owner first.",
        "Ask two leads first.",
        "Ask [the owner] first.",
        "Ask [two leads] first."
    )]
    #[case::thin_words_join(
        "The report goes to finance of the region every Monday morning.",
        "The report goes to controllers of branches every Monday morning.",
        "The report goes to [finance of the region] every Monday morning.",
        "The report goes to [controllers of branches] every Monday morning."
    )]
    #[case::nothing_in_common(
        "Close the ticket.",
        "Escalate by phone!",
        "Close the ticket.",
        "Escalate by phone!"
    )]
    #[case::punctuation("Yes, always.", "Yes: always.", "Yes[,] always.", "Yes[:] always.")]
    #[case::spacing_only("a  b", "a b", "a[  ]b", "a[ ]b")]
    #[case::wide(
        "返金は14日以内です。",
        "返金は30日以内です。",
        "返金は[14]日以内です。",
        "返金は[30]日以内です。"
    )]
    #[case::apostrophes(
        "We can't ship it today.",
        "We cannot ship it today.",
        "We [can't] ship it today.",
        "We [cannot] ship it today."
    )]
    fn marks_are_words(
        #[case] old: &str,
        #[case] new: &str,
        #[case] old_marked: &str,
        #[case] new_marked: &str,
    ) {
        let (a, b) = marked(old, new);
        assert_eq!((a.as_str(), b.as_str()), (old_marked, new_marked));
    }
}
