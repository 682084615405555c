//! Three versions of one block to a fourth.
//!
//! Owns: merging a change proposed to a block with a change made to it meanwhile, word by word.
//! Must not know: documents or lessons.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

/// Applies the changes from `old` to `proposed` and from `old` to `current` together.
///
/// `None` where they touch the same or neighbouring words: then a person has to look. The method is
/// the classic diff3 (S. Khanna, K. Kunal, B. C. Pierce, 2007) over words and spaces.
pub(crate) fn merge(old: &str, proposed: &str, current: &str) -> Option<String> {
    let words = |text| -> Vec<&str> { str::split_word_bounds(text).collect() };
    let (base, mine, theirs) = (words(old), words(proposed), words(current));
    let (ours, others) = (changes(&base, &mine), changes(&base, &theirs));
    let mut merged = String::with_capacity(proposed.len().max(current.len()));
    let (mut a, mut b) = (ours.iter().peekable(), others.iter().peekable());
    let mut at = 0;
    loop {
        let (next, text) = match (a.peek().copied(), b.peek().copied()) {
            (None, None) => break,
            (Some(x), None) => (a.next()?, mine.get(x.new.clone())?),
            (None, Some(y)) => (b.next()?, theirs.get(y.new.clone())?),
            (Some(x), Some(y)) => {
                // One word of distance keeps two people from writing one sentence half each.
                if x.old.end < y.old.start {
                    (a.next()?, mine.get(x.new.clone())?)
                } else if y.old.end < x.old.start {
                    (b.next()?, theirs.get(y.new.clone())?)
                } else if x.old == y.old && mine.get(x.new.clone()) == theirs.get(y.new.clone()) {
                    b.next();
                    (a.next()?, mine.get(x.new.clone())?)
                } else {
                    return None;
                }
            }
        };
        merged.extend(base.get(at..next.old.start)?.iter().copied());
        merged.extend(text.iter().copied());
        at = next.old.end;
    }
    merged.extend(base.get(at..)?.iter().copied());
    Some(merged)
}

struct Hunk {
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

fn changes(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, old, new) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        match hunks.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => hunks.push(Hunk { old, new }),
        }
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn changes_in_different_places_go_together() {
        let old = "Refund window is 14 days. Ask for the order number first.";
        let proposed = "Refund window is 30 days. Ask for the order number first.";
        let current = "Refund window is 14 days. Ask for the order id first.";
        assert_eq!(
            merge(old, proposed, current).as_deref(),
            Some("Refund window is 30 days. Ask for the order id first.")
        );
    }

    #[test]
    fn changes_of_the_same_word_do_not() {
        assert_eq!(merge("is 14 days", "is 30 days", "is 21 days"), None);
        assert_eq!(merge("is 14 days", "is 30 days", "is 30 days").as_deref(), Some("is 30 days"));
        assert_eq!(merge("a b", "a b c", "a b d"), None);
    }
}
