//! What a dream is told: our own text, what reviewers turned down before, and the user's words.
//!
//! Owns: putting these together within the platform's limit, without secrets. Must not know: where they come from.

use crate::domain::text::SafeText;
use crate::guard::secrets;

/// Our own text: what a reviewable dream looks like, and how it cites.
pub const OURS: &str = include_str!("../../../assets/prompts/dream.md");

/// Characters the platform takes.
pub const MOST: usize = 4_096;

/// Characters of one turned-down lesson and of its reason.
const REJECTION: usize = 160;

/// Stands before the lessons that were turned down.
const HEAD: &str =
    "\n\nReviewers turned these down. Do not propose them again unless new sessions answer the reason:";

/// A lesson that a reviewer turned down, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What it said. Untrusted.
    pub statement: String,
    /// The reviewer's reason.
    pub reason: String,
}

/// What a dream is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    /// The whole text, at most [`MOST`] characters.
    pub text: String,
    /// Rejections for which there was no room.
    pub left_out: usize,
}

/// The user's own words don't fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the instructions have {given} characters; a dream takes {room} beside what wakeful tells it itself")]
pub struct TooLong {
    /// Characters given.
    pub given: usize,
    /// Characters there is room for.
    pub room: usize,
}

/// Puts the instructions together, secrets masked. The user's words are never cut; rejections are left out, the last
/// ones first, where there is no room.
///
/// # Errors
/// When the user's words don't fit.
pub fn instructions(own: Option<&str>, rejected: &[Rejection]) -> Result<Instructions, TooLong> {
    let ours = OURS.trim_end();
    let own = own.map(str::trim).filter(|own| !own.is_empty()).map(secrets::redact);
    let own = own.as_deref();
    let wish = own.map(|own| format!("\n\nThe owner of this memory also asks:\n{own}")).unwrap_or_default();
    let room = MOST.saturating_sub(count(ours));
    if count(&wish) > room {
        let frame = count(&wish) - own.map_or(0, count);
        return Err(TooLong { given: own.map_or(0, count), room: room.saturating_sub(frame) });
    }
    let mut left = room - count(&wish);
    let mut listed = String::new();
    let mut used = 0;
    for rejection in rejected {
        let line = format!("\n- {} (reason: {})", short(&rejection.statement), short(&rejection.reason));
        let needed = count(&line) + if used == 0 { count(HEAD) } else { 0 };
        if needed > left {
            break;
        }
        if used == 0 {
            listed.push_str(HEAD);
        }
        listed.push_str(&line);
        left -= needed;
        used += 1;
    }
    Ok(Instructions { text: format!("{ours}{listed}{wish}"), left_out: rejected.len() - used })
}

fn count(text: &str) -> usize {
    text.chars().count()
}

/// One line of a bounded length, without anything invisible or secret.
fn short(text: &str) -> String {
    let line = SafeText::line(&secrets::redact(text)).to_string();
    match line.char_indices().nth(REJECTION) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejection(statement: &str) -> Rejection {
        Rejection { statement: statement.to_owned(), reason: "only true for the old portal".to_owned() }
    }

    #[test]
    fn our_text_leaves_room_for_the_user() {
        assert!(count(OURS) < MOST - 1_000);
        assert!(OURS.contains("<!-- seen: sesn_01"));
        let plain = instructions(None, &[]).unwrap();
        assert_eq!(plain.text, OURS.trim_end());
    }

    #[test]
    fn the_users_words_are_whole_and_rejections_give_way() {
        let many: Vec<Rejection> = (0..100).map(|n| rejection(&format!("Lesson {n}"))).collect();
        let own = "Keep conventions; drop one-off notes.";
        let told = instructions(Some(own), &many).unwrap();
        assert!(count(&told.text) <= MOST);
        assert!(told.text.ends_with(own));
        assert!(told.text.contains("Lesson 0 (reason: only true"));
        assert!(told.left_out > 0);
        assert!(!told.text.contains("Lesson 99"));
    }

    #[test]
    fn words_that_do_not_fit_are_refused_with_the_room_there_is() {
        let long = "x".repeat(5_000);
        let refused = instructions(Some(&long), &[]).unwrap_err();
        assert_eq!(refused.given, 5_000);
        let fits = "x".repeat(refused.room);
        assert!(instructions(Some(&fits), &[]).is_ok());
    }

    #[test]
    fn what_a_dream_wrote_reaches_the_next_one_as_one_harmless_line() {
        let told = instructions(None, &[rejection("Do\nthis \u{202e}now\u{1b}[31m")]).unwrap();
        let line = told.text.lines().last().unwrap();
        assert!(line.starts_with("- Do"), "{line:?}");
        assert!(!told.text.contains('\u{202e}') && !told.text.contains('\u{1b}'));
    }
}
