//! Counts of what changed, for titles.
//!
//! Owns: the counts. Must not know: how they are shown.

use super::rows::{Note, Row, RowKind};

/// How many lines changed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Lines that only the new text has, moved ones not counted.
    pub added: u32,
    /// Lines that only the old text has, moved ones not counted.
    pub removed: u32,
    /// Lines that both texts have, with differences.
    pub changed: u32,
    /// Lines that came here from elsewhere, also from elsewhere in the same text.
    pub arrived: u32,
    /// Lines that went elsewhere, also elsewhere in the same text.
    pub left: u32,
    /// Lines that are the same.
    pub same: u32,
    /// Of all these but the same, those that differ in spacing, line breaks or line ends alone.
    pub spacing: u32,
}

impl Stats {
    /// Counts rows; folded rows count as the same lines they hide.
    #[must_use]
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut stats = Self::default();
        for row in rows {
            stats.spacing += u32::from(row.note.is_some_and(Note::is_cosmetic));
            match &row.kind {
                RowKind::Title => {}
                RowKind::Same => stats.same += 1,
                RowKind::Changed => stats.changed += 1,
                RowKind::Added => stats.added += 1,
                RowKind::Removed => stats.removed += 1,
                RowKind::MovedTo(_) => stats.arrived += 1,
                RowKind::MovedFrom(_) => stats.left += 1,
                RowKind::Fold(fold) => stats.same += fold.count,
            }
        }
        stats
    }

    /// Adds up.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            added: self.added + other.added,
            removed: self.removed + other.removed,
            changed: self.changed + other.changed,
            arrived: self.arrived + other.arrived,
            left: self.left + other.left,
            same: self.same + other.same,
            spacing: self.spacing + other.spacing,
        }
    }

    fn touched(&self) -> u32 {
        self.added + self.removed + self.changed + self.arrived + self.left
    }

    /// Whether nothing changed at all.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.touched() == 0
    }

    /// Whether something changed, but only spacing or line ends.
    #[must_use]
    pub fn is_spacing_only(&self) -> bool {
        self.spacing > 0 && self.spacing == self.touched()
    }
}
