//! What lies under the pointer, in the words of the console.
//!
//! Owns: the names of places that can be clicked. Must not know: columns and rows, or how a mouse
//! speaks.

use crate::diff::FoldId;

use super::action::Action;
use super::model::{Pane, Screen};
use super::screens::MemoryPane;

/// The letters of rows, the easiest to reach first.
pub const LETTERS: &str = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM";

/// A place on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The tab of a screen.
    Tab(Screen),
    /// A lesson of the list, by its place among all entries.
    Lesson(usize),
    /// A part of the inbox.
    Pane(Pane),
    /// Hidden text of the diff.
    Fold(FoldId),
    /// A piece of evidence.
    Evidence(usize),
    /// A pass.
    Dream(usize),
    /// An agent.
    Agent(usize),
    /// What is known of a pass or an agent.
    Facts,
    /// A part of the memory screen.
    MemoryPane(MemoryPane),
    /// A document.
    Document(usize),
    /// A line of a document.
    Line(usize),
    /// A version.
    Version(usize),
    /// An entry of the audit trail.
    Entry(usize),
    /// The border between list and detail.
    Divider,
    /// What stands for an action: its hint.
    Action(Action),
}

impl Spot {
    /// Whether it is a row that a cursor can stand on.
    #[must_use]
    pub fn is_row(self) -> bool {
        matches!(
            self,
            Self::Lesson(_)
                | Self::Evidence(_)
                | Self::Dream(_)
                | Self::Agent(_)
                | Self::Document(_)
                | Self::Version(_)
                | Self::Entry(_)
        )
    }
}
