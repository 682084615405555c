//! Lines of a raw text, wrapped, with marks that were found in the raw text painted where they are
//! shown.
//!
//! Owns: carrying marks over wrapping and over what is made safe. Must not know: what the marks mean.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::Span;

use super::wrap::Strip;

/// One line as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Blanks before it: a line that goes on stands under the text it goes on.
    pub indent: usize,
    /// Its text.
    pub spans: Vec<Span<'static>>,
    /// Bytes of the raw line that it shows; what is left out at its end belongs to the next.
    pub raw: Range<usize>,
}

impl Shown {
    /// Cells it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.indent + self.spans.iter().map(Span::width).sum::<usize>()
    }
}

/// Wraps one raw line into lines of at most `room` cells; `style` says how the text at a byte looks.
#[must_use]
pub fn wrap(raw: &str, room: usize, style: impl Fn(usize) -> Style) -> Vec<Shown> {
    let strip = Strip::new(raw, None);
    let hang = strip.hang(room);
    let mut lines = Vec::new();
    let mut begun = 0;
    for (part, cells) in strip.breaks(room, room.saturating_sub(hang)).into_iter().enumerate() {
        let end = strip.cells().get(cells.end).map_or(usize::MAX, |cell| cell.raw);
        let mut spans = Vec::new();
        let mut run: Option<(Style, Range<usize>)> = None;
        let span = |(style, cells): (Style, Range<usize>)| Span::styled(strip.text(cells).to_owned(), style);
        for at in cells {
            let Some(cell) = strip.cells().get(at) else { continue };
            let style = style(cell.raw);
            match &mut run {
                Some((same, range)) if *same == style => range.end = at + 1,
                _ => spans.extend(run.replace((style, at..at + 1)).map(span)),
            }
        }
        spans.extend(run.map(span));
        lines.push(Shown { indent: if part == 0 { 0 } else { hang }, spans, raw: begun..end });
        begun = end;
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::slice;

    use ratatui::style::Modifier;

    use super::*;

    fn texts(raw: &str, room: usize, marks: &[Range<usize>]) -> Vec<String> {
        let style = |at: usize| {
            let marked = marks.iter().any(|range| range.contains(&at));
            if marked { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() }
        };
        let shown = |line: Shown| {
            let spans = line.spans.iter().map(|span| {
                let marked = span.style.add_modifier.contains(Modifier::BOLD);
                if marked { format!("[{}]", span.content) } else { span.content.to_string() }
            });
            format!("{:1$}", "", line.indent) + &spans.collect::<String>()
        };
        wrap(raw, room, style).into_iter().map(shown).collect()
    }

    #[test]
    fn marks_go_along_with_their_words() {
        assert_eq!(
            texts("- one two three four", 12, slice::from_ref(&(6..15))),
            ["- one [two]", "  [three] four"]
        );
        assert_eq!(texts("a\u{202e}b two", 40, slice::from_ref(&(5..8))), ["a⟨U+202E⟩b[ tw]o"]);
        assert_eq!(texts("", 8, &[]), [""]);
    }

    #[test]
    fn every_byte_belongs_to_one_line() {
        let lines = wrap("one two three", 8, |_| Style::new());
        let ranges: Vec<_> = lines.iter().map(|line| line.raw.clone()).collect();
        assert_eq!(ranges, [0..7, 7..usize::MAX]);
        assert!(lines.iter().all(|line| line.width() <= 8));
    }
}
