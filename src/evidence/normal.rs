//! The form in which quotes and transcripts are compared, with the way back to the original bytes.
//!
//! Owns: what is a difference of spelling (case, spaces, typographic marks, Markdown emphasis,
//! terminal colours) and what is a difference of content. Must not know: quotes, sessions, statuses.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::domain::text::is_deceptive;

/// A text in normal form; every byte knows which bytes of the original it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    text: String,
    /// For each byte of `text`: start and end of the original character it came from.
    origin: Vec<(u32, u32)>,
    /// The original held escape sequences or invisible characters.
    pub disguised: bool,
}

impl Normal {
    /// Brings a text into normal form.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        let mut normal = Self {
            text: String::with_capacity(raw.len()),
            origin: Vec::with_capacity(raw.len()),
            disguised: false,
        };
        let mut code = false;
        let mut chars = raw.char_indices().peekable();
        while let Some((start, c)) = chars.next() {
            let mut end = start + c.len_utf8();
            if c == '\u{1b}' {
                normal.disguised = true;
                end = start + escape_length(raw.get(start..).unwrap_or_default());
                while chars.next_if(|(at, _)| *at < end).is_some() {}
                continue;
            }
            if is_deceptive(c) && !c.is_whitespace() {
                normal.disguised = true;
                continue;
            }
            // A base character and the marks that follow it are one character in normal form.
            while let Some((at, mark)) = chars.next_if(|(_, next)| is_combining(*next)) {
                end = at + mark.len_utf8();
            }
            if c == '`' {
                code = !code;
                continue;
            }
            if c == '*' && !code {
                continue;
            }
            let source = (start as u32, end as u32);
            if c.is_whitespace() {
                if !normal.text.is_empty() && !normal.text.ends_with(' ') {
                    normal.push(' ', source);
                }
            } else {
                for composed in raw.get(start..end).unwrap_or_default().nfc() {
                    for folded in fold(composed).to_lowercase() {
                        normal.push(folded, source);
                    }
                }
            }
        }
        if normal.text.ends_with(' ') {
            normal.text.pop();
            normal.origin.pop();
        }
        normal
    }

    fn push(&mut self, c: char, source: (u32, u32)) {
        self.text.push(c);
        self.origin.extend(std::iter::repeat_n(source, c.len_utf8()));
    }

    /// The text in normal form.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the original that a range of the normal form stands for.
    #[must_use]
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        let start = self.origin.get(range.start).map_or(0, |o| o.0 as usize);
        let end =
            range.end.checked_sub(1).and_then(|last| self.origin.get(last)).map_or(start, |o| o.1 as usize);
        start..end.max(start)
    }
}

/// Curly quotes, dashes and special spaces become the plain character people type.
fn fold(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{2032}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        c => c,
    }
}

fn is_combining(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

/// Length in bytes of the escape sequence a text starts with: CSI, OSC, or two characters.
fn escape_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |from: usize, last: &dyn Fn(u8) -> bool| {
        bytes.iter().skip(from).position(|&b| last(b)).map_or(bytes.len(), |at| from + at + 1)
    };
    match bytes.get(1) {
        Some(b'[') => ends(2, &|b| (0x40..=0x7e).contains(&b)),
        Some(b']') => ends(2, &|b| b == 0x07 || b == b'\\'),
        Some(b) if b.is_ascii() => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_differences_disappear_and_can_be_undone() {
        let raw = "He  said:\n“**Use** `pnpm`\u{00a0}— now”";
        let normal = Normal::of(raw);
        assert_eq!(normal.text(), "he said: \"use pnpm - now\"");
        let at = normal.text().find("pnpm").unwrap();
        assert_eq!(&raw[normal.original(at..at + 4)], "pnpm");
        let dash = normal.text().find('-').unwrap();
        assert_eq!(&raw[normal.original(dash..dash + 1)], "—");
    }

    #[test]
    fn colours_and_invisible_characters_are_dropped_and_noted() {
        let normal = Normal::of("\u{1b}[31merror\u{1b}[0m: pass\u{200b}word");
        assert_eq!(normal.text(), "error: password");
        assert!(normal.disguised);
        assert!(!Normal::of("plain").disguised);
    }

    #[test]
    fn decomposed_letters_equal_composed_ones() {
        assert_eq!(Normal::of("cafe\u{0301}").text(), Normal::of("café").text());
        let raw = "cafe\u{0301} x";
        let normal = Normal::of(raw);
        assert_eq!(&raw[normal.original(0..normal.text().find(' ').unwrap())], "cafe\u{0301}");
    }

    #[test]
    fn stars_in_code_stay() {
        assert_eq!(Normal::of("run `ls *.rs` *now*").text(), "run ls *.rs now");
        assert_eq!(Normal::of("").text(), "");
        assert_eq!(Normal::of(" \n ").text(), "");
        assert_eq!(Normal::of("\u{1b}").text(), "");
    }
}
