//! [`SafeText`]: the only form in which text that agents wrote may reach a terminal, a log or a shell.
//!
//! Owns: which characters can move a cursor, colour a screen, reorder or hide text, and how each is
//! made visible. Must not know: colours, widths, or who displays the text.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::char::is_combining_mark;

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
        | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D159
        | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Whether a character has no meaning that a reader could know: private use, which a font may draw as anything or
/// as nothing, and code points that are no characters.
fn is_meaningless(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xF0000..=0x0010_FFFF) || code & 0xFFFE == 0xFFFE
}

/// Whether a character needs replacing before display. `\n` and `\t` do too: callers that keep
/// lines handle them first.
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    c.is_control() || is_deceptive(c) || is_meaningless(c)
}

/// Marks on one character that a script may need; more of them would be drawn over the lines around.
const MOST_MARKS: usize = 8;

fn visible(raw: &str, lines: bool) -> Cow<'_, str> {
    let harmless = |c: char| !is_unsafe(c) || (lines && (c == '\n' || c == '\t'));
    if raw.chars().all(|c| harmless(c) && c != STYLE && !is_mark(c)) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    let mut chars = raw.chars().peekable();
    let mut before: Option<char> = None;
    let mut marks = 0;
    while let Some(c) = chars.next() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
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
            STYLE if before.is_some_and(|base| has_styles(base, chars.peek().copied())) => out.push(c),
            c if is_unsafe(c) || c == STYLE || marks > MOST_MARKS => {
                out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
            }
            // Without a character of its own it would change one that belongs to the screen.
            c if marks == 1 && before.is_none_or(|base| base.is_whitespace() || is_unsafe(base)) => {
                out.extend(['◌', c]);
            }
            c => out.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(out)
}

/// Whether a character is drawn onto the one before it.
fn is_mark(c: char) -> bool {
    // Most text has none, and needs no table to tell.
    c >= '\u{300}' && is_combining_mark(c)
}

/// Asks for the coloured form of the character before it.
const STYLE: char = '\u{FE0F}';

/// Whether a character comes in a plain and a coloured form, given the one that follows the choice between them.
/// After any other one the choice shows nothing, and can be made in places to hide something.
fn has_styles(base: char, after: Option<char>) -> bool {
    match base {
        '#' | '*' | '0'..='9' => after == Some('\u{20E3}'),
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙' => true,
        base => base != STYLE && is_pictograph(base),
    }
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

    /// Written down from the Unicode character database 17.0: Default_Ignorable_Code_Point, Bidi_Control, general
    /// categories Cc, Zl, Zp and Co, and Noncharacter_Code_Point; first and last of each run.
    const NEVER_SHOWN_AS_THEY_ARE: &[(u32, u32)] = &[
        (0x00, 0x08),
        (0x0B, 0x1F),
        (0x7F, 0x9F),
        (0xAD, 0xAD),
        (0x34F, 0x34F),
        (0x61C, 0x61C),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x200B, 0x200F),
        (0x2028, 0x202E),
        (0x2060, 0x206F),
        (0x3164, 0x3164),
        (0xE000, 0xF8FF),
        (0xFDD0, 0xFDEF),
        (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0xFFFE, 0xFFFF),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0x1FFFE, 0x1FFFF),
        (0xE0000, 0xE0FFF),
        (0xF_0000, 0x10_FFFF),
    ];

    #[test]
    fn no_character_that_hides_reaches_a_screen() {
        let codes = NEVER_SHOWN_AS_THEY_ARE.iter().flat_map(|&(first, last)| first..=last);
        for c in codes.filter_map(char::from_u32) {
            for text in [format!("{c}"), format!("pass{c}word"), format!("1{c}2"), format!("e\u{301}{c}")] {
                let (line, block) = (SafeText::line(&text), SafeText::block(&text));
                assert!(!line.as_str().contains(c) && !block.as_str().contains(c), "{text:?} is {line}");
            }
        }
    }

    #[test]
    fn marks_stand_on_a_character_of_their_own_and_do_not_pile_up() {
        assert_eq!(SafeText::line("\u{338}rm").as_str(), "◌\u{338}rm");
        assert_eq!(SafeText::block("a\n\u{20DD}b").as_str(), "a\n◌\u{20DD}b");
        assert_eq!(SafeText::line("a\u{202E}\u{338}b").as_str(), "a⟨U+202E⟩◌\u{338}b");
        let piled = SafeText::line(&format!("a{}", "\u{301}".repeat(40)));
        assert_eq!(piled.as_str().matches('\u{301}').count(), MOST_MARKS);
        for word in ["naïve", "e\u{301}te\u{301}", "हिन्दी", "ภาษาไทย", "שָׁלוֹם", "Việt"]
        {
            assert_eq!(SafeText::line(word).as_str(), word);
        }
    }

    #[test]
    fn a_choice_of_style_stays_only_where_there_is_one() {
        for text in ["❤\u{FE0F}", "1\u{FE0F}\u{20E3}", "™\u{FE0F}", "⚠\u{FE0F} careful"] {
            assert_eq!(SafeText::line(text).as_str(), text);
        }
        assert_eq!(SafeText::line("14\u{FE0F} days").as_str(), "14⟨U+FE0F⟩ days");
        assert_eq!(SafeText::line("❤\u{FE0F}\u{FE0F}").as_str(), "❤\u{FE0F}⟨U+FE0F⟩");
    }

    #[test]
    fn family_emoji_survive() {
        let family = "👨\u{200D}👩\u{200D}👧";
        assert_eq!(SafeText::line(family).as_str(), family);
        assert_eq!(SafeText::line("pass\u{200D}word").as_str(), "pass⟨U+200D⟩word");
    }
}
