//! The edit script: what stays, goes and comes, and under which lessons.
//!
//! Owns: the data that `combine` replays. A step that stands on both sides is kept; one with only an
//! old place is deleted, one with only a new place inserted, when its rule fires.
//! Must not know: how the script was found.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::blocks::{BlockKind, Blocks};
use crate::domain::memory::DocPath;

/// When a step happens, as a function of the set of accepted lessons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Nothing makes it happen.
    Never,
    /// With the first of these lessons: text that several lessons need.
    Any(Vec<usize>),
    /// With the last of these lessons: text that is needed until all of them are accepted.
    All(Vec<usize>),
}

impl Rule {
    /// Happens with exactly one lesson.
    pub fn one(lesson: usize) -> Self {
        Self::Any(vec![lesson])
    }

    /// Whether it happens, given which lessons are accepted.
    pub fn fires(&self, accepted: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Never => false,
            Self::Any(lessons) => lessons.iter().any(|&lesson| accepted(lesson)),
            Self::All(lessons) => !lessons.is_empty() && lessons.iter().all(|&lesson| accepted(lesson)),
        }
    }

    /// The lessons it waits for.
    pub fn lessons(&self) -> &[usize] {
        match self {
            Self::Never => &[],
            Self::Any(lessons) | Self::All(lessons) => lessons,
        }
    }
}

/// A stretch of some document's text.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    text: Arc<str>,
    range: Range<usize>,
}

impl Piece {
    /// A block of a document.
    pub fn of_block(blocks: &Blocks, block: usize) -> Self {
        let range = blocks.blocks.get(block).map_or(0..0, |block| block.range.clone());
        Self { text: Arc::clone(&blocks.text), range }
    }

    /// Text of its own.
    pub fn owned(text: &str) -> Self {
        Self { text: Arc::from(text), range: 0..text.len() }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.text.get(self.range.clone()).unwrap_or("")
    }

    /// Whether it stands in a document as whole lines.
    pub fn stands_in(&self, document: &str) -> bool {
        self.place_in(document).is_some()
    }

    /// Where it first stands in a document as whole lines, in bytes.
    pub fn place_in(&self, document: &str) -> Option<usize> {
        let piece = self.as_str();
        let mut places = document.match_indices(piece).map(|(at, _)| at);
        places.find(|&at| {
            let (before, after) = (document.get(..at), document.get(at + piece.len()..));
            before.is_some_and(|before| before.is_empty() || before.ends_with('\n'))
                && after.is_some_and(|after| after.is_empty() || after.starts_with(['\n', '\r']))
        })
    }
}

/// One block of either side, or of both.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub content: Piece,
    pub kind: BlockKind,
    /// Number of the block on the old side.
    pub old: Option<usize>,
    /// Number of the block on the new side.
    pub new: Option<usize>,
    /// When it is deleted (old only) or inserted (new only).
    pub rule: Rule,
    /// The lesson whose own text this is; `None` for kept text and for structure.
    pub owner: Option<usize>,
}

impl Step {
    /// Whether the block is there after the accepted lessons.
    pub fn is_there(&self, accepted: &impl Fn(usize) -> bool) -> bool {
        match (self.old, self.new) {
            (Some(_), Some(_)) => true,
            (Some(_), None) => !self.rule.fires(accepted),
            (None, _) => self.rule.fires(accepted),
        }
    }

    /// Whether the step can take text away.
    pub fn deletes(&self) -> bool {
        self.old.is_some() && self.new.is_none() && self.rule != Rule::Never
    }

    /// Whether it is text that nobody proposed to change, such as what somebody wrote meanwhile.
    pub fn is_foreign(&self) -> bool {
        self.old.is_some() && self.new.is_none() && self.rule == Rule::Never
    }

    /// Whether the step brings text.
    pub fn inserts(&self) -> bool {
        self.old.is_none()
    }
}

/// What happens to one document.
#[derive(Debug, Clone)]
pub(crate) struct DocScript {
    /// Path before; `None` for a document that comes to exist.
    pub old: Option<DocPath>,
    /// Path after; `None` for a document that goes.
    pub new: Option<DocPath>,
    pub before: Blocks,
    pub after: Blocks,
    pub steps: Vec<Step>,
    /// Lesson that owns changes of spacing alone.
    pub cosmetic: Option<usize>,
    /// Lesson that owns the change of path.
    pub rename: Option<usize>,
    /// When the document comes to exist.
    pub create: Rule,
    /// When it goes, provided nothing is left in it.
    pub delete: Rule,
    /// Lessons whose main text is here: the text a reviewer's edit replaces.
    pub main_of: BTreeSet<usize>,
}

impl DocScript {
    /// One or two line ends in the document's own style.
    pub fn line_ends(&self, count: usize) -> &'static str {
        let style = |blocks: &Blocks| {
            blocks.text.find('\n').map(|at| blocks.text.get(..at).unwrap_or("").ends_with('\r'))
        };
        let crlf = style(&self.before).or_else(|| style(&self.after)).unwrap_or(false);
        match (crlf, count) {
            (false, 0 | 1) => "\n",
            (false, _) => "\n\n",
            (true, 0 | 1) => "\r\n",
            (true, _) => "\r\n\r\n",
        }
    }

    /// A text with the line ends of the document, where that has one kind only.
    pub fn in_its_line_ends<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let document = [&self.before.text, &self.after.text].into_iter().find(|text| text.contains('\n'));
        let Some(document) = document.filter(|_| text.contains('\n')) else { return text.into() };
        let (all, crlf) = (document.matches('\n').count(), document.matches("\r\n").count());
        if crlf == 0 {
            text.replace("\r\n", "\n").into()
        } else if crlf == all {
            text.replace("\r\n", "\n").replace('\n', "\r\n").into()
        } else {
            text.into()
        }
    }
}

/// What happens to all changed documents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub documents: Vec<DocScript>,
    /// Lessons that take a note away because another one says the same, each with that other note.
    pub twins: Vec<(usize, Piece)>,
}
