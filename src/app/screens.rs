//! State of the screens beside the inbox.
//!
//! Owns: cursors, panes and contents of dreams, agents, memory and audit. Must not know: drawing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::agent::Agent;
use crate::domain::cost::Spent;
use crate::domain::ids::{AgentId, ApplyId, DreamId, LessonId};
use crate::domain::memory::DocPath;

use super::activity::Activity;
use super::data::{
    AgentSummary, AuditView, DreamSummary, Failure, HistoryEntry, MemoryDocument, MemoryView, Origin,
    Progress, VersionId, VersionTexts,
};
use super::far::DreamPlan;
use super::selection::Selection;
use super::wish::WishPane;

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
    /// Dreams on the platform that are followed, with what they did lately.
    pub followed: BTreeMap<DreamId, VecDeque<DreamStep>>,
    /// Number of the newest estimate asked for; answers with another number are late.
    pub asked: u64,
    /// What the question before a start is about.
    pub planned: Option<DreamPlan>,
    /// What was asked for in the fields and is being worked out.
    pub wished: Option<Box<WishPane>>,
    /// The pass that was run or started last; the cursor goes to it as soon as it is listed.
    pub new: Option<NewPass>,
}

/// A pass that is not in the list yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewPass {
    /// A dream that was started on the platform.
    Started(DreamId),
    /// The newest pass of an agent, which ended just now.
    Of(AgentId),
}

/// One step of a dream on the platform: when, and what.
pub type DreamStep = (Option<Timestamp>, String);

/// Steps kept of a dream.
pub const STEPS: usize = 60;

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
    /// What dreams of all agents cost, each at the moment it was started.
    pub spent: Vec<(Timestamp, Spent)>,
    /// Agents that were known and are in no place any more that is read.
    pub gone: Vec<Agent>,
    /// The same of dreams that others started.
    pub spent_by_others: Vec<(Timestamp, Spent)>,
    /// The cursor.
    pub selection: Selection<AgentId>,
    /// First line shown of what is known of the selected agent.
    pub scroll: usize,
    /// Whose doings of late were asked for last.
    pub activity_of: Option<AgentId>,
    /// They, once they are there.
    pub activity: Option<Arc<Activity>>,
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
    /// A state that somebody else made.
    Seen(u64),
}

impl HistoryItem {
    /// The version it is about.
    #[must_use]
    pub fn version(&self) -> VersionId {
        match self {
            Self::Apply(apply) | Self::Lesson(apply, _) => VersionId::Apply(apply.clone()),
            Self::Seen(number) => VersionId::Seen(*number),
        }
    }
}

/// A version being read.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownVersion {
    /// Which.
    pub id: VersionId,
    /// Number of the question; answers with another number are late.
    pub asked: u64,
    /// What it changed; `None` while that is being worked out.
    pub texts: Option<Arc<VersionTexts>>,
    /// Why that can't be shown.
    pub failure: Option<Failure>,
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
    /// Number of the question that `view` answers: while a newer one is open, that is an older one.
    pub answered: u64,
    /// The focused part.
    pub pane: MemoryPane,
    /// Selected document.
    pub document: Selection<DocPath>,
    /// Selected line of the history.
    pub history: Selection<HistoryItem>,
    /// The line of the document under the cursor.
    pub line: usize,
    /// The version whose changes are shown instead of a document.
    pub version: Option<ShownVersion>,
    /// First line shown of the changes of a version.
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

    /// The document under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&MemoryDocument> {
        let path = self.document.current()?;
        self.view.as_ref()?.documents.iter().find(|document| document.path == *path)
    }

    /// Its place in the view.
    #[must_use]
    pub fn current_index(&self) -> Option<usize> {
        let path = self.document.current()?;
        self.view.as_ref()?.documents.iter().position(|document| document.path == *path)
    }

    /// What put the line under the cursor there; `None` if it was there before wakeful.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        let document = self.current()?;
        let origin = document.lines.get(self.line).copied().flatten()?;
        document.origins.get(origin as usize)
    }

    /// Lines of the history list, newest version first, an apply followed by its lessons. What somebody else made
    /// comes where it came, not where it was noticed: an apply reads the memory first.
    #[must_use]
    pub fn history_items(&self) -> Vec<HistoryItem> {
        let Some(view) = &self.view else { return Vec::new() };
        let mut seen = view.seen.iter().peekable();
        let mut items = Vec::new();
        for entry in &view.history {
            while let Some(version) = seen.next_if(|version| !entry.is_after(version)) {
                items.push(HistoryItem::Seen(version.number));
            }
            items.push(HistoryItem::Apply(entry.apply.clone()));
            items.extend(
                entry
                    .lessons
                    .iter()
                    .map(|lesson| HistoryItem::Lesson(entry.apply.clone(), lesson.lesson.clone())),
            );
        }
        items.extend(seen.map(|version| HistoryItem::Seen(version.number)));
        items
    }

    /// The apply a history line belongs to.
    #[must_use]
    pub fn entry_of(&self, item: &HistoryItem) -> Option<&HistoryEntry> {
        let (HistoryItem::Apply(apply) | HistoryItem::Lesson(apply, _)) = item else { return None };
        self.view.as_ref()?.history.iter().find(|entry| entry.apply == *apply)
    }

    /// Keeps both cursors on what they were on.
    pub fn reconcile(&mut self) {
        let (paths, items) = (self.paths(), self.history_items());
        self.document.reconcile(&paths);
        self.history.reconcile(&items);
        self.keep_line();
    }

    /// Keeps the line cursor inside the document.
    pub fn keep_line(&mut self) {
        let last = self.current().map_or(0, |document| document.lines.len().saturating_sub(1));
        self.line = self.line.min(last);
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
