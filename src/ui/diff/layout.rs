//! Decides what fits: which layout, how wide the columns, whether there are line numbers.
//!
//! Owns: the width classes of a comparison. Pure arithmetic. Must not know: colours or texts.

use crate::diff::{Row, Rows};

use super::Layout;

/// Panes at least this wide show both texts side by side: what is left for the comparison beside the
/// list on a terminal of 120 columns. Each text then has about thirty characters of prose beside its
/// numbers, wrapped at words; below that lines break too often to be read across.
pub const SPLIT_FROM: u16 = 70;
/// Unified panes at least this wide number both texts.
const TWO_NUMBERS_FROM: u16 = 70;
/// Cells for the longest word that stands in place of a sign, and the blank behind it.
const SPOKEN: usize = "changed from: ".len();
/// Columns narrower than this have signs even where words are wanted.
const WORDS_FROM: usize = 36;
/// Text gets at least this many cells before numbers do.
const LEAST_TEXT: usize = 12;

/// The layout to use, never [`Layout::Auto`].
#[must_use]
pub fn choose(wanted: Layout, width: u16) -> Layout {
    match wanted {
        Layout::Auto if width >= SPLIT_FROM => Layout::Split,
        Layout::Auto => Layout::Unified,
        other => other,
    }
}

/// What stands before the text of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gutter {
    /// Cells of one line number; 0 for none.
    pub digits: usize,
    /// Columns of line numbers.
    pub numbers: usize,
    /// Cells of the sign or word and the blank behind it; 0 where there is no room for it.
    pub sign: usize,
}

impl Gutter {
    /// The gutter of a column `width` cells wide.
    pub fn fit(rows: &Rows, width: usize, wanted_numbers: usize, words: bool) -> Self {
        let last = |rows: &Rows| {
            let lines = rows.rows.iter().flat_map(|row| [&row.old, &row.new]).flatten().map(|side| side.line);
            lines.max().unwrap_or(1)
        };
        let digits = if wanted_numbers == 0 { 0 } else { (last(rows).ilog10() as usize + 1).max(2) };
        let spoken = words && width >= WORDS_FROM && rows.rows.iter().any(Row::is_change);
        let sign = if spoken { SPOKEN } else { 2 };
        let mut gutter = Self { digits, numbers: wanted_numbers, sign };
        while gutter.numbers > 0 && gutter.width() + LEAST_TEXT > width {
            gutter.numbers -= 1;
        }
        if gutter.numbers == 0 {
            gutter.digits = 0;
        }
        if width <= 4 {
            gutter.sign = 0;
        }
        gutter
    }

    /// Number columns of a unified pane.
    pub fn unified_numbers(width: u16) -> usize {
        if width >= TWO_NUMBERS_FROM { 2 } else { 1 }
    }

    /// Cells it takes.
    pub fn width(self) -> usize {
        self.numbers * (self.digits + 1) + self.sign
    }
}

/// Width of each of the two columns, and of the divider between them: of an odd number of cells the last goes to
/// the divider, so that the same line is wrapped in the same way on both sides.
pub(super) fn columns(width: u16) -> (usize, usize) {
    let inner = usize::from(width).saturating_sub(1);
    (inner / 2, 1 + inner % 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_follows_the_width_unless_told() {
        assert_eq!(choose(Layout::Auto, 69), Layout::Unified);
        assert_eq!(choose(Layout::Auto, 70), Layout::Split);
        assert_eq!(choose(Layout::Unified, 200), Layout::Unified);
        assert_eq!(choose(Layout::Split, 20), Layout::Split);
    }

    #[test]
    fn numbers_yield_to_text() {
        let rows = Rows::default();
        assert_eq!(Gutter::fit(&rows, 80, 2, false).width(), 8);
        assert_eq!(Gutter::fit(&rows, 18, 2, false).width(), 5);
        assert_eq!(Gutter::fit(&rows, 15, 1, false).width(), 2);
        assert_eq!(Gutter::fit(&rows, 4, 1, false).width(), 0);
        // Where nothing changed nothing is said of it.
        assert_eq!(Gutter::fit(&rows, 80, 1, true).width(), 5);
        let changed = crate::diff::rows("a\n", "b\n", &crate::diff::Options::default());
        assert_eq!(Gutter::fit(&changed, 80, 1, true).width(), 17);
        assert_eq!(Gutter::fit(&changed, 20, 1, true).width(), 5);
    }

    #[test]
    fn columns_are_equal_and_take_the_width() {
        for width in 0..300 {
            let (column, divider) = columns(width);
            assert_eq!(2 * column + divider, usize::from(width).max(1));
            assert!((1..=2).contains(&divider));
        }
    }
}
