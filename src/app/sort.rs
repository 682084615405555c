//! The order of lessons, in their group and of the groups.
//!
//! Owns: sort fields and their comparison. Ties always fall back to the lesson's place in its dream
//! and its id, so rows never dance on a refresh. Must not know: filters, or drawing.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::lesson::{Lesson, Severity};

/// What lessons are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Example count; lessons that rest on the memory itself come last.
    Support,
    /// Tokens added.
    Tokens,
    /// Worst guard mark.
    Risk,
    /// First document touched.
    Path,
    /// What the lesson is about.
    Topic,
    /// Order in which the dream proposed them.
    Dream,
}

impl Field {
    /// Every field, in the order the sort key cycles through them.
    pub const ALL: &'static [Self] =
        &[Self::Support, Self::Tokens, Self::Risk, Self::Path, Self::Topic, Self::Dream];

    /// The name shown and typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Tokens => "tokens",
            Self::Risk => "risk",
            Self::Path => "path",
            Self::Topic => "topic",
            Self::Dream => "dream",
        }
    }

    /// Reads [`Field::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.as_str() == name)
    }

    /// Largest first unless the reader asks otherwise.
    fn descends(self) -> bool {
        matches!(self, Self::Support | Self::Tokens | Self::Risk)
    }
}

/// A field and whether its natural direction is turned around.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// What to order by.
    pub field: Field,
    /// Smallest first where largest first is natural, and the other way round.
    pub reversed: bool,
}

/// A lesson with what its group is ordered by.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// What people call its agent.
    pub agent: &'a str,
    /// When its pass began, if that is known.
    pub started: Option<Timestamp>,
}

impl Default for Sort {
    fn default() -> Self {
        Self { field: Field::Support, reversed: false }
    }
}

impl Sort {
    /// The next field, in its natural direction.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Field::ALL.iter().position(|&field| field == self.field).unwrap_or(0);
        let field = Field::ALL.get((at + 1) % Field::ALL.len()).copied().unwrap_or(Field::Support);
        Self { field, reversed: false }
    }

    /// Whether larger values come first.
    #[must_use]
    pub fn is_descending(self) -> bool {
        self.field.descends() != self.reversed
    }

    /// Compares two lessons of any groups: agents by name, then as chosen. The newest pass is first where that
    /// is asked for, and among equals.
    #[must_use]
    pub fn compare_in_groups(self, a: &Placed<'_>, b: &Placed<'_>) -> Ordering {
        let agents = || a.agent.cmp(b.agent).then_with(|| a.lesson.agent.cmp(&b.lesson.agent));
        let passes = || b.started.cmp(&a.started).then_with(|| a.lesson.dream.cmp(&b.lesson.dream));
        let ties = || a.lesson.position.cmp(&b.lesson.position).then_with(|| a.lesson.id.cmp(&b.lesson.id));
        let chosen = match (self.field, self.reversed) {
            (Field::Dream, true) => passes().then_with(ties).reverse(),
            (Field::Dream, false) => passes(),
            _ => self.by_field(a.lesson, b.lesson).then_with(passes),
        };
        agents().then(chosen).then_with(ties)
    }

    /// Compares two lessons by the field alone, in its direction.
    fn by_field(self, a: &Lesson, b: &Lesson) -> Ordering {
        let by_field = match self.field {
            Field::Support => a.support.sessions.cmp(&b.support.sessions),
            Field::Tokens => a.tokens.cmp(&b.tokens),
            Field::Risk => risk(a).cmp(&risk(b)),
            Field::Path => path(a).cmp(path(b)),
            Field::Topic => a.topic.cmp(&b.topic),
            Field::Dream => Ordering::Equal,
        };
        if self.is_descending() { by_field.reverse() } else { by_field }
    }
}

fn risk(lesson: &Lesson) -> Option<Severity> {
    lesson.marks.iter().map(|mark| mark.severity).max()
}

fn path(lesson: &Lesson) -> &str {
    lesson.documents.first().map_or("", |document| document.path.as_str())
}
