//! Paints the text of one line: safe, highlighted, marked, and wrapped to its column.
//!
//! Owns: which look wins where several meet, and the pieces a wrapped line falls into. Must not
//! know: gutters, columns, or rows.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::Span;

use crate::diff::{Note, Side};
use crate::ui::theme::{Role, Theme};
use crate::ui::wrap::{Cell, Glyph, Strip};

/// One painted line of a wrapped text.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub spans: Vec<Span<'static>>,
    /// Cells it takes.
    pub width: usize,
    /// Indexes, among the line's matches, of those that start in this piece.
    pub hits: Vec<usize>,
}

/// How a line's text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Under everything: the line's own colours.
    pub base: Style,
    /// The words that differ.
    pub word: Style,
    /// Whether syntax may colour it; moved lines keep one muted look.
    pub syntax: bool,
}

/// What is painted over a line's text.
pub(super) struct Overlay<'a> {
    pub syntax: &'a [(Range<usize>, Role)],
    pub hits: &'a [(Range<usize>, bool)],
    /// What only a closer look would show.
    pub note: Option<Note>,
}

/// Paints the text into `cells` columns. There is always at least one piece.
pub(super) fn paint(
    side: &Side,
    look: Look,
    over: &Overlay<'_>,
    cells: usize,
    wrap: bool,
    theme: &Theme,
) -> Vec<Piece> {
    let visible = (over.note == Some(Note::Spacing)).then(|| theme.symbols());
    let strip = Strip::new(&side.text, visible);
    let styles = styles(&strip, side, look, over, theme);
    let lines = if wrap {
        strip.breaks(cells, cells.saturating_sub(strip.hang(cells)))
    } else {
        std::iter::once(0..strip.cells().len()).collect()
    };
    let hang = if wrap { strip.hang(cells) } else { 0 };
    let mut starts = Vec::with_capacity(lines.len());
    let mut pieces: Vec<Piece> = Vec::with_capacity(lines.len());
    for range in lines {
        let mut piece = Piece { spans: Vec::new(), width: 0, hits: Vec::new() };
        if !pieces.is_empty() && hang > 0 {
            piece.push(&" ".repeat(hang), hang, look.base);
        }
        piece.fill(&strip, &styles, range.clone(), cells, theme);
        pieces.push(piece);
        starts.push(strip.cells().get(range.start).map_or(0, |cell| cell.raw));
    }
    for (index, (range, _)) in over.hits.iter().enumerate() {
        let at = starts.partition_point(|&start| start <= range.start).saturating_sub(1);
        if let Some(piece) = pieces.get_mut(at) {
            piece.hits.push(index);
        }
    }
    pieces
}

impl Piece {
    fn push(&mut self, text: &str, width: usize, style: Style) {
        self.width += width;
        match self.spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(text),
            _ => self.spans.push(Span::styled(text.to_owned(), style)),
        }
    }

    /// Adds graphemes as long as they fit; what does not is marked, never dropped in silence.
    fn fill(&mut self, strip: &Strip, styles: &[Style], range: Range<usize>, cells: usize, theme: &Theme) {
        let fits = self.width + strip.width(range.clone()) <= cells;
        let room = if fits { cells } else { cells.saturating_sub(1) };
        for index in range {
            let width = strip.width(index..index + 1);
            if self.width + width > room {
                break;
            }
            let style = styles.get(index).copied().unwrap_or_default();
            self.push(strip.text(index..index + 1), width, style);
        }
        if !fits && self.width < cells {
            let style = styles.first().copied().unwrap_or_default().patch(theme.style(Role::DiffMark));
            self.push(theme.symbols().clipped, 1, style);
        }
    }
}

/// The look of each grapheme, from the weakest to the strongest claim: the line, its syntax, the
/// words that differ, marks that are not text, characters that were unsafe, search matches.
fn styles(strip: &Strip, side: &Side, look: Look, over: &Overlay<'_>, theme: &Theme) -> Vec<Style> {
    let cells = strip.cells();
    let mut styles = vec![look.base; cells.len()];
    let mut lay = |range: &Range<usize>, style: Style| {
        for slot in styles.get_mut(covered(cells, range)).into_iter().flatten() {
            *slot = slot.patch(style);
        }
    };
    if look.syntax {
        for (range, role) in over.syntax {
            lay(range, theme.style(*role));
        }
    }
    for range in &side.emphasis {
        lay(range, look.word);
    }
    for (style, cell) in styles.iter_mut().zip(cells) {
        match cell.glyph {
            // Where spacing itself differs the mark is the difference and looks like it.
            Glyph::Mark if !side.emphasis.iter().any(|range| range.contains(&cell.raw)) => {
                *style = style.patch(theme.style(Role::DiffMark));
            }
            Glyph::Revealed => *style = style.patch(theme.style(Role::Revealed)),
            _ => {}
        }
    }
    for (range, current) in over.hits {
        let style = theme.style(if *current { Role::HitCurrent } else { Role::Hit });
        for slot in styles.get_mut(covered(cells, range)).into_iter().flatten() {
            *slot = slot.patch(style);
        }
    }
    styles
}

/// The graphemes that show a range of the raw text. A range inside a grapheme covers all of it.
fn covered(cells: &[Cell], range: &Range<usize>) -> Range<usize> {
    let after = cells.partition_point(|cell| cell.raw <= range.start);
    let start = after.checked_sub(1).and_then(|index| cells.get(index)).map_or(0, |cell| cell.raw);
    cells.partition_point(|cell| cell.raw < start)..cells.partition_point(|cell| cell.raw < range.end)
}
