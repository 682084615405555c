//! Counts and near misses in words, the same everywhere the console speaks.
//!
//! Owns: plurals, and the known word nearest to a mistyped one. Must not know: what is counted.

/// `1 lesson`, `2 lessons`, `2 memories`, `2 passes`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") => format!("{count} {noun}es"),
        _ => format!("{count} {noun}s"),
    }
}

/// `is` or `are`.
#[must_use]
pub fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The known word that is most like a mistyped one, if any is like it at all.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let most = (word.chars().count() / 2).max(1);
    known
        .iter()
        .map(|candidate| (steps(word, candidate), *candidate))
        .filter(|(steps, candidate)| *steps <= most || candidate.starts_with(word))
        .min_by_key(|(steps, candidate)| (!candidate.starts_with(word), *steps))
        .map(|(_, candidate)| candidate)
}

/// Letters to change, add, drop or swap with their neighbour to get from one word to the other.
fn steps(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let change = at(&last, j) + usize::from(a != b);
            let mut best = change.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals() {
        let cases = [
            (1, "pass", "1 pass"),
            (2, "pass", "2 passes"),
            (0, "memory", "0 memories"),
            (2, "day", "2 days"),
            (2, "match", "2 matches"),
            (3, "lesson", "3 lessons"),
        ];
        for (count, noun, text) in cases {
            assert_eq!(counted(count, noun), text);
        }
    }

    #[test]
    fn a_near_miss_is_found_and_a_far_one_is_not() {
        let known = ["agent", "topic", "kind", "support", "state"];
        assert_eq!(nearest("agnet", &known), Some("agent"));
        assert_eq!(nearest("suport", &known), Some("support"));
        assert_eq!(nearest("top", &known), Some("topic"));
        assert_eq!(nearest("statee", &known), Some("state"));
        assert_eq!(nearest("zzzzzz", &known), None);
    }
}
