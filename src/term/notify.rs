//! A word to a reviewer who looks at something else.
//!
//! Owns: the bytes that ask the terminal for a notice. Must not know: what happened, or whether
//! anybody wants to hear it.

use crate::domain::text::SafeText;

/// Asks for a notice (OSC 9) and rings the bell, which terminals know that do not know notices. tmux
/// hands a notice on only in an envelope, and only where its `allow-passthrough` is on; the bell it
/// always hears.
#[must_use]
pub fn notice(text: &str, in_tmux: bool) -> Vec<u8> {
    let text = format!("wakeful: {}", SafeText::line(text));
    if in_tmux {
        format!("\x1bPtmux;\x1b\x1b]9;{text}\x07\x1b\\\x07").into_bytes()
    } else {
        format!("\x1b]9;{text}\x07\x07").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_notice_early() {
        let bytes = notice("done\x07\x1b\\\x1b]52;c;eA==\x07", false);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches('\x1b').count(), 1, "{text:?}");
        assert_eq!(text.matches('\x07').count(), 2, "{text:?}");
        assert!(text.starts_with("\x1b]9;wakeful: done") && text.ends_with("\x07\x07"));
    }

    #[test]
    fn tmux_gets_an_envelope() {
        let text = String::from_utf8(notice("over", true)).unwrap();
        assert_eq!(text, "\x1bPtmux;\x1b\x1b]9;wakeful: over\x07\x1b\\\x07");
    }
}
