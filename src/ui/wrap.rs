//! Measures, cuts and wraps text by cells and graphemes.
//!
//! Owns: how wide text is, where it may break, and how lines that went on are indented. Must not
//! know: what the text is, or its colours.
//!
//! Raw text becomes a [`Strip`]: safe for a terminal, tabs expanded to stops, one entry per
//! grapheme, each knowing the bytes it came from, so that marks found in the raw text can be
//! painted on what is shown.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::text::{SafeText, is_unsafe};

use super::theme::Symbols;

/// Cells from one tab stop to the next.
pub const TAB: usize = 4;

/// Cells a text takes on one line.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, cut to `cells` with a mark at the end if it does not fit. Never cuts a grapheme.
#[must_use]
pub fn clip<'a>(text: &'a str, cells: usize, mark: &str) -> Cow<'a, str> {
    if text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let room = cells.saturating_sub(mark.width());
    let mut used = 0;
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        end = at + grapheme.len();
    }
    let kept = text.get(..end).unwrap_or_default();
    if mark.width() > cells { Cow::Borrowed(kept) } else { Cow::Owned(format!("{kept}{mark}")) }
}

/// As much of the end of the text as fits into `cells`. Never cuts a grapheme.
#[must_use]
pub fn end(text: &str, cells: usize) -> &str {
    let mut used = 0;
    let mut start = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += grapheme.width();
        if used > cells {
            break;
        }
        start = at;
    }
    text.get(start..).unwrap_or_default()
}

/// The text clipped and filled with spaces to exactly `cells`.
#[must_use]
pub fn fit(text: &str, cells: usize, mark: &str) -> String {
    let mut text = clip(text, cells, mark).into_owned();
    let used = text.width();
    text.extend(std::iter::repeat_n(' ', cells.saturating_sub(used)));
    text
}

/// Wraps safe text at words, its own line breaks kept, each line going on under its own text: a
/// list item's second line stands under its first word.
#[must_use]
pub fn wrap(text: &SafeText, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.as_str().split('\n') {
        let strip = Strip::new(line, None);
        let hang = strip.hang(cells);
        for (index, range) in strip.breaks(cells, cells.saturating_sub(hang)).into_iter().enumerate() {
            let indent = if index == 0 { 0 } else { hang };
            lines.push(format!("{:indent$}{}", "", strip.text(range)));
        }
    }
    lines
}

/// What a grapheme on the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// Part of the text.
    Text,
    /// White space.
    Space,
    /// A tab or space made visible.
    Mark,
    /// Stands for a character that is unsafe to show.
    Revealed,
}

/// One grapheme as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Byte in the raw text it comes from.
    pub raw: usize,
    /// What it is.
    pub glyph: Glyph,
    /// Bytes of the shown text.
    start: u32,
    len: u32,
    width: u16,
}

/// One line of raw text, prepared for display.
#[derive(Debug, Clone, Default)]
pub struct Strip {
    shown: String,
    cells: Vec<Cell>,
}

impl Strip {
    /// Prepares a raw line. With symbols given, tabs and spaces that the eye would miss (trailing
    /// and repeated ones) are made visible with them.
    #[must_use]
    pub fn new(raw: &str, visible: Option<&Symbols>) -> Self {
        let mut strip =
            Self { shown: String::with_capacity(raw.len()), cells: Vec::with_capacity(raw.len()) };
        let mut column = 0;
        let ink = raw.trim_end().len();
        for (at, grapheme) in raw.grapheme_indices(true) {
            let before = strip.cells.len();
            if grapheme == "\t" {
                let stop = TAB - column % TAB;
                for step in 0..stop {
                    match visible {
                        Some(symbols) if step == 0 => strip.push(at, symbols.tab, Glyph::Mark),
                        _ => strip.push(at, " ", Glyph::Space),
                    }
                }
            } else if grapheme == " " {
                let next = raw.as_bytes().get(at + 1);
                let previous = at.checked_sub(1).and_then(|at| raw.as_bytes().get(at));
                let missed = at >= ink || [next, previous].into_iter().flatten().any(|b| b" \t".contains(b));
                match visible.filter(|_| missed) {
                    Some(symbols) => strip.push(at, symbols.space, Glyph::Mark),
                    None => strip.push(at, " ", Glyph::Space),
                }
            } else if grapheme.chars().any(is_unsafe) {
                // What is left unsafe by a grapheme's own spelling (a joined emoji) stays as it is.
                let safe = SafeText::line(grapheme);
                if safe.as_str() == grapheme {
                    strip.push(at, grapheme, Glyph::Text);
                } else {
                    for piece in safe.as_str().graphemes(true) {
                        strip.push(at, piece, Glyph::Revealed);
                    }
                }
            } else {
                let glyph = if grapheme.trim().is_empty() { Glyph::Space } else { Glyph::Text };
                strip.push(at, grapheme, glyph);
            }
            column +=
                strip.cells.get(before..).into_iter().flatten().map(|c| usize::from(c.width)).sum::<usize>();
        }
        strip
    }

    fn push(&mut self, raw: usize, text: &str, glyph: Glyph) {
        let start = self.shown.len() as u32;
        self.shown.push_str(text);
        self.cells.push(Cell { raw, glyph, start, len: text.len() as u32, width: text.width() as u16 });
    }

    /// The graphemes in order.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The shown text of some graphemes.
    #[must_use]
    pub fn text(&self, range: Range<usize>) -> &str {
        let Some(cells) = self.cells.get(range) else { return "" };
        let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return "" };
        self.shown.get(first.start as usize..last.start as usize + last.len as usize).unwrap_or_default()
    }

    /// Cells some graphemes take.
    #[must_use]
    pub fn width(&self, range: Range<usize>) -> usize {
        self.cells.get(range).into_iter().flatten().map(|cell| usize::from(cell.width)).sum()
    }

    /// How far lines that go on are indented: under the first word of a list item, a quote or an
    /// indented line, but never past half the width.
    #[must_use]
    pub fn hang(&self, cells: usize) -> usize {
        let lead = lead(&self.shown);
        let lead = self.shown.get(..lead).map_or(0, UnicodeWidthStr::width);
        if lead * 2 > cells { 0 } else { lead }
    }

    /// Cuts into lines of at most `first` and then `rest` cells, as ranges of graphemes. White space
    /// at a cut is left out. There is always at least one line.
    #[must_use]
    pub fn breaks(&self, first: usize, rest: usize) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let mut start = 0;
        loop {
            let room = if lines.is_empty() { first } else { rest }.max(1);
            let (end, next) = self.fill(start, room);
            lines.push(start..end);
            if next >= self.cells.len() {
                return lines;
            }
            start = next;
        }
    }

    /// The end of the line that starts at `start`, and the start of the next.
    fn fill(&self, start: usize, room: usize) -> (usize, usize) {
        let mut used = 0;
        let mut cut = None;
        for (index, cell) in self.cells.iter().enumerate().skip(start) {
            let blank = cell.glyph == Glyph::Space;
            if used + usize::from(cell.width) > room {
                let full = index.max(start + 1);
                let end = if blank { full } else { cut.filter(|&at| at > start).unwrap_or(full) };
                return (self.without_trailing_space(start, end), self.after_space(end));
            }
            used += usize::from(cell.width);
            if self.may_break_after(index) {
                cut = Some(index + 1);
            }
        }
        (self.cells.len(), self.cells.len())
    }

    fn without_trailing_space(&self, start: usize, end: usize) -> usize {
        let cells = self.cells.get(start..end).unwrap_or_default();
        let ink = cells.iter().rposition(|cell| cell.glyph != Glyph::Space);
        // Leading space of a line is its indentation: a line of nothing else keeps it.
        ink.map_or(end, |ink| start + ink + 1)
    }

    fn after_space(&self, at: usize) -> usize {
        let rest = self.cells.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|cell| cell.glyph == Glyph::Space).count()
    }

    fn may_break_after(&self, index: usize) -> bool {
        let (Some(cell), Some(next)) = (self.cells.get(index), self.cells.get(index + 1)) else {
            return false;
        };
        if next.glyph == Glyph::Space {
            return false;
        }
        if cell.glyph == Glyph::Space {
            // Not between indentation or a list marker and the first word.
            return cell.start as usize + cell.len as usize > lead(&self.shown);
        }
        let (text, following) = (self.text(index..index + 1), self.text(index + 1..index + 2));
        let letter = |text: &str| text.chars().all(char::is_alphabetic);
        match text {
            "-" | "/" => index > 0 && letter(self.text(index - 1..index)) && letter(following),
            "—" => true,
            // Scripts written without spaces break between any two wide characters.
            _ => {
                (cell.width == 2 || (next.width == 2 && !letter(text))) && !closes(following) && !opens(text)
            }
        }
    }
}

/// Bytes of indentation and list, task or quote markers before the first word.
fn lead(line: &str) -> usize {
    let mut at = line.len() - line.trim_start().len();
    loop {
        let rest = line.get(at..).unwrap_or_default();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let marker = match rest.as_bytes() {
            [b'-' | b'*' | b'+' | b'>', b' ', ..] => 2,
            [b'[', b' ' | b'x' | b'X', b']', b' ', ..] => 4,
            _ if (1..=3).contains(&digits)
                && matches!(rest.as_bytes().get(digits..digits + 2), Some([b'.' | b')', b' '])) =>
            {
                digits + 2
            }
            _ => return at,
        };
        at += marker;
        let rest = line.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start_matches(' ').len();
    }
}

/// Characters no line may start with.
fn closes(text: &str) -> bool {
    text.chars().next().is_some_and(|c| {
        "、。，．・：；？！）］｝〕〉》」』】〙〗’”ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:!?)]}"
            .contains(c)
    })
}

/// Characters no line may end with.
fn opens(text: &str) -> bool {
    text.chars().next().is_some_and(|c| "（［｛〔〈《「『【〘〖‘“([{".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::UNICODE;

    fn wrapped(text: &str, cells: usize) -> Vec<String> {
        wrap(&SafeText::block(text), cells)
    }

    #[rstest::rstest]
    #[case::words("one two three", 8, &["one two", "three"])]
    #[case::exact("one two", 7, &["one two"])]
    #[case::items("- one two three", 9, &["- one two", "  three"])]
    #[case::numbers("12. one two three", 11, &["12. one two", "    three"])]
    #[case::tasks("- [ ] one two three", 13, &["- [ ] one two", "      three"])]
    #[case::quotes("> one two three", 9, &["> one two", "  three"])]
    #[case::indented("  one two three", 9, &["  one two", "  three"])]
    #[case::long_words("abcdefghij", 4, &["abcd", "efgh", "ij"])]
    #[case::long_items("- abcdefghij", 6, &["- abcd", "  efgh", "  ij"])]
    #[case::narrow("- one two", 3, &["- o", "ne", "two"])]
    #[case::compounds("well-known facts", 6, &["well-", "known", "facts"])]
    #[case::flags("use --all here", 6, &["use", "--all", "here"])]
    #[case::wide("返金は三十日以内です。", 8, &["返金は三", "十日以内", "です。"])]
    #[case::closing("返金です。", 8, &["返金で", "す。"])]
    #[case::emoji("a 👨‍👩‍👧 b", 4, &["a 👨‍👩‍👧", "b"])]
    #[case::breaks("one\n\ntwo", 8, &["one", "", "two"])]
    #[case::spaces("one    two", 5, &["one", "two"])]
    #[case::tabs("\tone\ttwo", 8, &["    one", "    two"])]
    #[case::zero("abc", 0, &["a", "b", "c"])]
    #[case::empty("", 5, &[""])]
    fn text_wraps(#[case] text: &str, #[case] cells: usize, #[case] expected: &[&str]) {
        assert_eq!(wrapped(text, cells), expected);
    }

    #[test]
    fn clipping_keeps_graphemes_whole_and_says_so() {
        assert_eq!(clip("abcdef", 4, "…"), "abc…");
        assert_eq!(clip("abcd", 4, "…"), "abcd");
        assert_eq!(clip("返金返金", 4, "…"), "返…");
        assert_eq!(clip("👨‍👩‍👧x", 2, "…"), "…");
        assert_eq!(clip("abc", 0, "…"), "");
        assert_eq!(fit("返金返金", 4, "…"), "返… ");
    }

    #[test]
    fn the_end_of_a_text_begins_with_a_whole_grapheme() {
        assert_eq!(end("abc", 2), "bc");
        assert_eq!(end("a漢字", 3), "字");
        assert_eq!(end("x👨‍👩‍👧", 1), "");
        assert_eq!(end("x👨‍👩‍👧", 2), "👨‍👩‍👧");
        assert_eq!(end("abc", 9), "abc");
    }

    #[test]
    fn a_strip_is_safe_and_remembers_its_bytes() {
        let strip = Strip::new("a\u{202e}b\tc", None);
        assert_eq!(strip.text(0..strip.cells().len()), "a⟨U+202E⟩b  c");
        let last = strip.cells().last().unwrap();
        assert_eq!((last.raw, last.glyph), (6, Glyph::Text));
        assert_eq!(strip.cells()[1].glyph, Glyph::Revealed);
    }

    #[test]
    fn missed_spacing_can_be_shown() {
        let shown = |raw| {
            let strip = Strip::new(raw, Some(&UNICODE));
            strip.text(0..strip.cells().len()).to_owned()
        };
        assert_eq!(shown("a b  c "), "a b··c·");
        assert_eq!(shown("\ta"), "→   a");
    }
}
