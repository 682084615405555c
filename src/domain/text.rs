//! [`SafeText`]: the only form in which text that agents wrote may reach a terminal, a log or a shell.
//!
//! Owns: which characters can move a cursor, colour a screen, reorder or hide text, and how each is
//! made visible. Must not know: colours, widths, or who displays the text.

use std::borrow::Cow;
use std::fmt;

/// Text in which every control, escape, bidirectional and invisible character has been replaced by
/// something a reader can see. Newlines and tabs survive only where asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SafeText(String);

impl SafeText {
    /// One line: newlines become `⏎`, tabs one space.
    #[must_use]
    pub fn line(raw: &str) -> Self {
        Self(visible(raw, false).into_owned())
    }

    /// Several lines: `\n` and `\t` stay, `\r\n` becomes `\n`, everything else is made visible.
    #[must_use]
    pub fn block(raw: &str) -> Self {
        Self(visible(raw, true).into_owned())
    }

    /// The safe text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the safe text away.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Whether a character reorders, hides or imitates text without being a control character:
/// bidirectional marks, zero-width characters, tag characters, variation selectors, fillers.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0E
        | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Whether a character needs replacing before display. `\n` and `\t` do too: callers that keep
/// lines handle them first.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control() || is_deceptive(c)
}

fn visible(raw: &str, lines: bool) -> Cow<'_, str> {
    let harmless = |c: char| !is_unsafe(c) || (lines && (c == '\n' || c == '\t'));
    if raw.chars().all(harmless) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    let mut chars = raw.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' if lines => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => out.push('⏎'),
            '\t' => out.push(' '),
            // A zero-width joiner between two pictographs is how emoji are spelled, not a disguise.
            '\u{200D}'
                if before.is_some_and(is_pictograph) && chars.peek().is_some_and(|&n| is_pictograph(n)) =>
            {
                out.push(c);
            }
            c if c.is_ascii_control() => out.push(control_picture(c)),
            c if is_unsafe(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c => out.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c), 0x2190..=0x2BFF | 0x1F000..=0x1FAFF | 0xFE0F)
}

fn control_picture(c: char) -> char {
    if c == '\u{7f}' { '␡' } else { char::from_u32(0x2400 + u32::from(c)).unwrap_or('␦') }
}

/// A number with its noun: `1 lesson`, `2 lessons`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_not_sent() {
        assert_eq!(SafeText::line("\u{1b}]52;c;x\u{7}").as_str(), "␛]52;c;x␇");
        assert_eq!(SafeText::line("a\u{202e}b").as_str(), "a⟨U+202E⟩b");
        assert_eq!(SafeText::line("a\r\nb\tc").as_str(), "a⏎b c");
        assert_eq!(SafeText::block("a\r\nb\tc\u{9b}").as_str(), "a\nb\tc⟨U+009B⟩");
    }

    #[test]
    fn family_emoji_survive() {
        let family = "👨\u{200D}👩\u{200D}👧";
        assert_eq!(SafeText::line(family).as_str(), family);
        assert_eq!(SafeText::line("pass\u{200D}word").as_str(), "pass⟨U+200D⟩word");
    }
}
