//! State of the screens beside the inbox.
//!
//! Owns: cursors, panes and contents of dreams, agents, memory and audit. Must not know: drawing.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::ids::{AgentId, ApplyId, DreamId, LessonId};
use crate::domain::memory::DocPath;

use super::data::{AgentSummary, AuditView, DreamSummary, Failure, HistoryEntry, MemoryView, Progress};
use super::selection::Selection;

/// Passes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dreams {
    /// Newest first.
    pub list: Vec<DreamSummary>,
    /// The cursor.
    pub selection: Selection<DreamId>,
    /// The pass that runs in this process.
    pub running: Option<RunningDream>,
    /// First line shown of what is known of the selected pass.
    pub scroll: usize,
}

impl Dreams {
    /// Ids in order.
    #[must_use]
    pub fn ids(&self) -> Vec<DreamId> {
        self.list.iter().map(|summary| summary.dream.id.clone()).collect()
    }

    /// The pass under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&DreamSummary> {
        let id = self.selection.current()?;
        self.list.iter().find(|summary| summary.dream.id == *id)
    }
}

/// The pass that runs in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningDream {
    /// Whose sessions it reads.
    pub agent: AgentId,
    /// When it began.
    pub since: Timestamp,
    /// How far it is.
    pub progress: Progress,
    /// The reviewer asked to stop it.
    pub stopping: bool,
}

/// Agents.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Agents {
    /// By name.
    pub list: Vec<AgentSummary>,
    /// The cursor.
    pub selection: Selection<AgentId>,
    /// First line shown of what is known of the selected agent.
    pub scroll: usize,
}

impl Agents {
    /// Ids in order.
    #[must_use]
    pub fn ids(&self) -> Vec<AgentId> {
        self.list.iter().map(|summary| summary.agent.id.clone()).collect()
    }

    /// One agent.
    #[must_use]
    pub fn get(&self, id: &AgentId) -> Option<&AgentSummary> {
        self.list.iter().find(|summary| summary.agent.id == *id)
    }

    /// The agent under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&AgentSummary> {
        self.selection.current().and_then(|id| self.get(id))
    }
}

/// Parts of the memory screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MemoryPane {
    /// List of documents.
    #[default]
    Documents,
    /// Text of the selected document.
    Text,
    /// Applies and the lessons they wrote.
    History,
}

/// One line of the history list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryItem {
    /// An apply as a whole.
    Apply(ApplyId),
    /// A lesson it wrote.
    Lesson(ApplyId, LessonId),
}

/// One agent's memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    /// Whose memory is shown.
    pub agent: Option<AgentId>,
    /// Its documents, once they are read.
    pub view: Option<Arc<MemoryView>>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// Number of the newest question asked; answers with another number are late.
    pub asked: u64,
    /// The focused part.
    pub pane: MemoryPane,
    /// Selected document.
    pub document: Selection<DocPath>,
    /// Selected line of the history.
    pub history: Selection<HistoryItem>,
    /// First line of the text shown.
    pub scroll: usize,
}

impl Memory {
    /// Paths in order.
    #[must_use]
    pub fn paths(&self) -> Vec<DocPath> {
        self.view.as_ref().map_or_else(Vec::new, |view| {
            view.documents.iter().map(|document| document.path.clone()).collect()
        })
    }

    /// Lines of the history list, newest apply first, each followed by its lessons.
    #[must_use]
    pub fn history_items(&self) -> Vec<HistoryItem> {
        let Some(view) = &self.view else { return Vec::new() };
        view.history
            .iter()
            .flat_map(|entry| {
                std::iter::once(HistoryItem::Apply(entry.apply.clone())).chain(
                    entry
                        .lessons
                        .iter()
                        .map(|lesson| HistoryItem::Lesson(entry.apply.clone(), lesson.lesson.clone())),
                )
            })
            .collect()
    }

    /// The apply a history line belongs to.
    #[must_use]
    pub fn entry_of(&self, item: &HistoryItem) -> Option<&HistoryEntry> {
        let (HistoryItem::Apply(apply) | HistoryItem::Lesson(apply, _)) = item;
        self.view.as_ref()?.history.iter().find(|entry| entry.apply == *apply)
    }

    /// Keeps both cursors on what they were on.
    pub fn reconcile(&mut self) {
        let (paths, items) = (self.paths(), self.history_items());
        self.document.reconcile(&paths);
        self.history.reconcile(&items);
    }
}

/// The audit trail.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audit {
    /// Words looked for.
    pub query: String,
    /// Entries found.
    pub view: Option<Arc<AuditView>>,
    /// Why there are none.
    pub failure: Option<Failure>,
    /// Number of the newest question asked; answers with another number are late.
    pub asked: u64,
    /// The cursor, by position in the trail.
    pub selection: Selection<u64>,
}

impl Audit {
    /// Positions in the order shown.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        self.view
            .as_ref()
            .map_or_else(Vec::new, |view| view.entries.iter().map(|entry| entry.sequence).collect())
    }
}
