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
    /// Lines that stand somewhere else now.
    pub moved: u32,
    /// Lines that are the same.
    pub same: u32,
    /// Of the changed lines, those that differ in spacing or line ends alone.
    pub spacing: u32,
}

impl Stats {
    /// Counts rows; folded rows count as the same lines they hide.
    #[must_use]
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut stats = Self::default();
        for row in rows {
            match &row.kind {
                // A move is counted where it arrives.
                RowKind::Title | RowKind::MovedFrom(_) => {}
                RowKind::Same => stats.same += 1,
                RowKind::Changed => {
                    stats.changed += 1;
                    stats.spacing += u32::from(row.note.is_some_and(Note::is_cosmetic));
                }
                RowKind::Added => stats.added += 1,
                RowKind::Removed => stats.removed += 1,
                RowKind::MovedTo(_) => stats.moved += 1,
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
            moved: self.moved + other.moved,
            same: self.same + other.same,
            spacing: self.spacing + other.spacing,
        }
    }

    /// Whether nothing changed at all.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.added + self.removed + self.changed + self.moved == 0
    }

    /// Whether something changed, but only spacing or line ends.
    #[must_use]
    pub fn is_spacing_only(&self) -> bool {
        self.spacing > 0 && self.spacing == self.added + self.removed + self.changed + self.moved
    }
}
