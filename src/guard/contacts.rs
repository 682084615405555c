//! Asks whether a lesson would put a person's address or number into a memory.
//!
//! Owns: what looks like one. Must not know: who shares the memory.

use std::sync::LazyLock;

use regex::Regex;

use super::{line_of, mark};
use crate::domain::lesson::{Mark, Severity};

/// Parts of addresses that belong to nobody: roles, machines, and names kept free for examples.
const NOBODY: [&str; 16] = [
    "noreply@",
    "no-reply@",
    "support@",
    "info@",
    "hello@",
    "admin@",
    "security@",
    "sales@",
    "help@",
    "team@",
    "git@",
    "root@",
    "@example.",
    ".example",
    "@localhost",
    "@users.noreply.",
];
/// Digits of a number that can be called from abroad.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9][a-z0-9.-]{0,250}\.[a-z]{2,24}\b").ok()
});
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\w.+])((?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,14})(?:$|[^\w])").ok());

/// Marks a lesson that names somebody's e-mail address or telephone number; neither is repeated in full.
#[must_use]
pub fn check(inserted: &str) -> Vec<Mark> {
    let address = ADDRESS.as_ref().and_then(|regex| {
        regex.find_iter(inserted).find(|found| {
            let lower = found.as_str().to_lowercase();
            // `git@host:path` and `name@1.2.3` are no people.
            !NOBODY.iter().any(|part| lower.contains(part))
                && !inserted.get(found.end()..).is_some_and(|rest| rest.starts_with(':'))
        })
    });
    let number = NUMBER.as_ref().and_then(|regex| {
        regex
            .captures_iter(inserted)
            .filter_map(|found| found.get(1))
            .find(|found| DIGITS.contains(&found.as_str().chars().filter(char::is_ascii_digit).count()))
    });
    let mut marks = Vec::new();
    if let Some(found) = address {
        let host = found.as_str().rsplit('@').next().unwrap_or_default();
        let line = line_of(inserted, found.start());
        marks.push(mark(
            "contact",
            Severity::Warn,
            format!("holds an e-mail address at {host} (line {line})"),
        ));
    }
    if let Some(found) = number {
        let line = line_of(inserted, found.start());
        let start: String = found.as_str().chars().take(4).collect();
        marks.push(mark(
            "contact",
            Severity::Warn,
            format!("holds a telephone number, {start}… (line {line})"),
        ));
    }
    marks
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "- Ask Ada (ada.lovelace@analytical-engines.co.uk) first.",
        "holds an e-mail address at analytical-engines.co.uk (line 1)"
    )]
    #[case("x\n- Call +44 20 7946 0958 at night.", "holds a telephone number, +44 … (line 2)")]
    fn people_are_marked_and_not_repeated(#[case] text: &str, #[case] says: &str) {
        let marks = check(text);
        assert_eq!(marks.iter().map(|mark| mark.text.as_str()).collect::<Vec<_>>(), [says]);
    }

    #[rstest]
    #[case("Clone git@github.com:org/repo.git")]
    #[case("Install left-pad@1.3.0 and @types/node@20.1.0.")]
    #[case("Mail support@shop-tools.com or somebody@example.com.")]
    #[case("Port 8080, build 2026-03-01, id 00123456789012345678, +12 tokens, v+1.2.3")]
    fn roles_versions_and_numbers_are_left_alone(#[case] text: &str) {
        assert_eq!(check(text), vec![], "{text}");
    }
}
