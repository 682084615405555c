//! Asks whether a lesson takes out what keeps people and data from harm.
//!
//! Owns: which notes do that, and how much evidence it takes to lose one. Must not know: how support is
//! counted.
//!
//! A note such as "never delete without a backup" works by what does not happen, so that sessions show
//! little of it, and losing it costs most. It takes twice the evidence of a new note.

use super::{line_of, mark};
use crate::domain::evidence::{Basis, Support};
use crate::domain::lesson::{Mark, Severity};
use crate::domain::text::SafeText;

/// How such notes speak.
const FORBIDS: [&str; 13] = [
    "never ",
    "do not ",
    "don't ",
    "must not ",
    "mustn't ",
    "must ",
    "always ask",
    "ask before",
    "ask for",
    "only after",
    "only with",
    "not allowed",
    "unless ",
];
/// What they speak of.
const HARM: [&str; 32] = [
    "delet",
    "drop ",
    "remove",
    "wipe",
    "overwrit",
    "force",
    "push",
    "production",
    "prod ",
    "deploy",
    "secret",
    "token",
    "password",
    "credential",
    "key",
    "customer",
    "personal",
    "privat",
    "approval",
    "permission",
    "confirm",
    "backup",
    "refund",
    "payment",
    "charge",
    "email",
    "mail",
    "publish",
    "test",
    "review",
    "sandbox",
    "rm -",
];
/// Sessions that establish a new note; twice as many to lose one that keeps from harm.
const FOR_A_NEW_NOTE: u32 = 10;
/// Longest quotation, in characters.
const SHOWN: usize = 80;

/// Marks a lesson whose removed text forbids something harmful and whose new text does not.
#[must_use]
pub fn check(removed: &str, inserted: &str, support: &Support) -> Vec<Mark> {
    let kept = squeezed(inserted);
    let lost = removed.lines().find(|line| {
        let line = squeezed(line);
        keeps_safe(&line) && !line.is_empty() && !kept.contains(line.trim_start_matches(['-', '*', '+', ' ']))
    });
    let Some(line) = lost else { return Vec::new() };
    let at = line.as_ptr() as usize - removed.as_ptr() as usize;
    let shown: String = line.trim().chars().take(SHOWN).collect();
    let needed = FOR_A_NEW_NOTE * 2;
    let evidence = match (support.basis, support.sessions) {
        (Basis::Memory, _) | (_, None) => format!("no session shows that it may go, where {needed} should"),
        (_, Some(sessions)) if sessions < needed => {
            format!("{sessions} sessions say so, where {needed} should")
        }
        (_, Some(sessions)) => format!("{sessions} sessions say so"),
    };
    let text = format!(
        "takes out a note that keeps from harm (line {}): “{}”; {evidence}",
        line_of(removed, at),
        SafeText::line(&shown)
    );
    vec![mark("weakening", Severity::Warn, text)]
}

/// Whether a note forbids something harmful.
#[must_use]
pub fn keeps_safe(note: &str) -> bool {
    let lower = note.to_lowercase();
    FORBIDS.iter().any(|word| lower.contains(word)) && HARM.iter().any(|word| lower.contains(word))
}

/// Lower case, blanks made single.
fn squeezed(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "- Never delete a customer record without approval.\n";

    #[test]
    fn losing_what_keeps_from_harm_needs_twice_the_evidence() {
        let few = Support { basis: Basis::Verified, sessions: Some(12), ..Support::memory() };
        let marks = check(NOTE, "- Delete records when asked.\n", &few);
        assert_eq!(
            marks[0].text,
            "takes out a note that keeps from harm (line 1): “- Never delete a customer record without \
             approval.”; 12 sessions say so, where 20 should"
        );
        let many = Support { sessions: Some(20), ..few.clone() };
        assert!(check(NOTE, "", &many)[0].text.ends_with("20 sessions say so"));
        assert!(check(NOTE, "", &Support::memory())[0].text.contains("no session shows"));
    }

    #[test]
    fn what_moves_or_is_harmless_is_left_alone() {
        let support = Support::memory();
        assert_eq!(
            check(NOTE, "# Records\n\n*  Never delete a customer record without approval.\n", &support),
            []
        );
        assert_eq!(check("- The tests are in tests/.\n", "", &support), []);
        assert_eq!(check("- Never use tabs.\n", "", &support), []);
        assert_eq!(check("", NOTE, &support), []);
    }
}
