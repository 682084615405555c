//! Counts in words, the same everywhere the console speaks.
//!
//! Owns: plurals. Must not know: what is counted.

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

/// The text with its first letter large, as at the start of a sentence.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
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
}
