//! Finding a text that was copied with small mistakes: pieces first, then Myers' bit-parallel distance.
//!
//! Owns: approximate search over bytes. Must not know: what may differ in a quote.
//!
//! If at most `k` edits separate a pattern from its copy, one of `k + 1` pieces of the pattern stands
//! in the copy unchanged. Only windows around such pieces are compared, so a search costs little more
//! than an exact one.

use std::ops::Range;

use memchr::memmem;

/// Pieces shorter than this would be found everywhere.
const SHORTEST_PIECE: usize = 6;

/// Windows compared before giving up: a pattern whose pieces stand in more places than this is boilerplate.
const MOST_WINDOWS: usize = 2_000;

/// The pieces of a pattern of which one stands unchanged in every copy with at most `most` edits, as far
/// as pieces that short can tell.
#[must_use]
pub fn pieces(length: usize, most: usize) -> Vec<Range<usize>> {
    let count = (most + 1).min(length / SHORTEST_PIECE).max(1);
    let size = length / count;
    (0..count)
        .map(|index| index * size..if index + 1 == count { length } else { (index + 1) * size })
        .collect()
}

/// The best copy of `pattern` in `text` with at most `most` edits: its range and distance.
#[must_use]
pub fn find(text: &[u8], pattern: &[u8], most: usize) -> Option<(Range<usize>, usize)> {
    if pattern.is_empty() {
        return None;
    }
    let pieces = pieces(pattern.len(), most);
    let most = most.min(pieces.len() - 1);
    let mut best: Option<(Range<usize>, usize)> = None;
    let mut windows = 0;
    let mut done = 0..0;
    for Range { start, end } in pieces {
        for hit in memmem::find_iter(text, pattern.get(start..end)?) {
            let from = hit.saturating_sub(start + most);
            let to = (hit + pattern.len() - start + most).min(text.len());
            if done.contains(&from) && done.contains(&(to - 1)) {
                continue;
            }
            windows += 1;
            if windows > MOST_WINDOWS {
                return best;
            }
            done = from..to;
            let window = text.get(from..to)?;
            if let Some((range, distance)) = best_in(window, pattern, most)
                && best.as_ref().is_none_or(|(_, least)| distance < *least)
            {
                best = Some((from + range.start..from + range.end, distance));
                if distance == 0 {
                    return best;
                }
            }
        }
    }
    best
}

/// The best match inside one window: the end by a forward scan, the start by a backward one.
fn best_in(window: &[u8], pattern: &[u8], most: usize) -> Option<(Range<usize>, usize)> {
    let (end, distance) = least_end(window.iter().copied(), pattern.iter().copied(), most)?;
    let backwards = window.get(..end)?.iter().rev().copied();
    let (length, _) = least_end_anchored(backwards, pattern.iter().rev().copied(), distance)?;
    Some((end - length..end, distance))
}

/// Free start: where in the text does the pattern end with the fewest edits?
fn least_end(
    text: impl Iterator<Item = u8>,
    pattern: impl ExactSizeIterator<Item = u8>,
    most: usize,
) -> Option<(usize, usize)> {
    scan(text, pattern, most, 0)
}

/// The pattern must start where the text starts.
fn least_end_anchored(
    text: impl Iterator<Item = u8>,
    pattern: impl ExactSizeIterator<Item = u8>,
    most: usize,
) -> Option<(usize, usize)> {
    scan(text, pattern, most, 1)
}

/// Myers' algorithm in blocks of 64 rows (Hyyrö's formulation). `into` is the horizontal difference
/// that enters the first row: 0 lets the match start anywhere, 1 pins it to the start of the text.
fn scan(
    text: impl Iterator<Item = u8>,
    pattern: impl ExactSizeIterator<Item = u8>,
    most: usize,
    into: i8,
) -> Option<(usize, usize)> {
    let length = pattern.len();
    let blocks = length.div_ceil(64);
    let mut masks = vec![[0_u64; 256]; blocks];
    for (row, byte) in pattern.enumerate() {
        *masks.get_mut(row / 64)?.get_mut(usize::from(byte))? |= 1 << (row % 64);
    }
    let last_row = 1_u64 << ((length - 1) % 64);
    let mut plus = vec![u64::MAX; blocks];
    let mut minus = vec![0_u64; blocks];
    let mut score = length;
    let mut best: Option<(usize, usize)> = None;
    for (column, byte) in text.enumerate() {
        let mut carry = into;
        for (block, ((mask, plus), minus)) in masks.iter().zip(&mut plus).zip(&mut minus).enumerate() {
            let top = if block + 1 == blocks { last_row } else { 1 << 63 };
            let mut equal = mask.get(usize::from(byte)).copied().unwrap_or(0);
            let vertical = equal | *minus;
            if carry < 0 {
                equal |= 1;
            }
            let horizontal = ((equal & *plus).wrapping_add(*plus) ^ *plus) | equal;
            let mut up = *minus | !(horizontal | *plus);
            let mut down = *plus & horizontal;
            let out = i8::from(up & top != 0) - i8::from(down & top != 0);
            up = (up << 1) | u64::from(carry > 0);
            down = (down << 1) | u64::from(carry < 0);
            *plus = down | !(vertical | up);
            *minus = up & vertical;
            carry = out;
        }
        score = score.wrapping_add_signed(isize::from(carry));
        if score <= most && best.is_none_or(|(_, least)| score < least) {
            best = Some((column + 1, score));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The textbook table, as the referee.
    fn by_table(text: &[u8], pattern: &[u8]) -> usize {
        let mut above: Vec<usize> = vec![0; text.len() + 1];
        for (i, p) in pattern.iter().enumerate() {
            let mut row = vec![i + 1];
            for (j, t) in text.iter().enumerate() {
                let change = above[j] + usize::from(p != t);
                row.push(change.min(above[j + 1] + 1).min(row[j] + 1));
            }
            above = row;
        }
        above.into_iter().min().unwrap()
    }

    #[test]
    fn distances_equal_those_of_the_textbook_table() {
        let mut dice = crate::evidence::noise::Dice::new("near", "test", 0);
        for round in 0..300 {
            let length = 30 + dice.below(180);
            let pattern: Vec<u8> = (0..length).map(|_| b'a' + dice.below(20) as u8).collect();
            let mut copy = pattern.clone();
            for _ in 0..dice.below(length / 12 + 1) {
                let at = dice.below(copy.len());
                match dice.below(3) {
                    0 => copy[at] = b'z',
                    1 => copy.insert(at, b'z'),
                    _ => {
                        copy.remove(at);
                    }
                }
            }
            let mut text: Vec<u8> = (0..dice.below(200)).map(|_| b'a' + dice.below(20) as u8).collect();
            let before = text.len();
            text.extend(&copy);
            text.extend((0..dice.below(200)).map(|_| b'a' + dice.below(20) as u8));
            let most = length / 10;
            let expected = by_table(&text, &pattern);
            let found = find(&text, &pattern, most);
            if expected <= most {
                let (range, distance) =
                    found.unwrap_or_else(|| panic!("round {round}: missed at {expected}"));
                assert_eq!(distance, expected, "round {round}");
                assert_eq!(by_table(&text[range.clone()], &pattern), distance, "round {round}");
                assert!(
                    range.start.abs_diff(before) <= most && range.end.abs_diff(before + copy.len()) <= most
                );
            } else {
                assert!(found.is_none(), "round {round}");
            }
        }
    }

    #[test]
    fn exact_copies_have_distance_zero() {
        assert_eq!(find(b"say hello world", b"hello", 0), Some((4..9, 0)));
        assert_eq!(find(b"say", b"hello", 0), None);
        assert_eq!(find(b"", b"hello", 3), None);
        assert_eq!(find(b"hello", b"", 3), None);
    }
}
