//! What is remembered of the view between two sittings: where the cursor was and how it was looked at.
//!
//! Owns: the JSON form. Unknown or broken state is dropped silently: it is a convenience, never data.
//! Must not know: where it is kept.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AgentId, LessonId};

use super::detail::DiffStyle;
use super::model::Model;
use super::sort::Sort;

/// The remembered view.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ViewState {
    /// Lesson under the cursor.
    pub lesson: Option<LessonId>,
    /// Filter as typed.
    pub filter: String,
    /// Smallest example count shown; `None`: as configured.
    pub threshold: Option<u32>,
    /// The one that was configured then: where that is another by now, the configuration was heard last.
    pub configured: Option<u32>,
    /// Order inside groups.
    pub sort: Sort,
    /// How diffs are shown.
    pub diff: DiffStyle,
    /// Cells given to the list.
    pub list_width: Option<u16>,
    /// The theme that was picked.
    pub theme: Option<String>,
    /// Memory shown last.
    pub memory_of: Option<AgentId>,
}

impl ViewState {
    /// Reads remembered state; anything unreadable counts as nothing remembered.
    #[must_use]
    pub fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The state to remember.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            lesson: model.inbox.selection.current().cloned(),
            filter: filter(model).to_owned(),
            threshold: Some(model.inbox.threshold()),
            configured: model.configured_threshold,
            sort: model.inbox.sort(),
            diff: model.detail.style,
            list_width: model.list_width,
            theme: model.theme.as_deref().map(str::to_owned),
            memory_of: model.memory.agent.clone(),
        }
    }

    /// The smallest example count to show: what the reviewer set last, whether in the console or in the
    /// configuration.
    #[must_use]
    pub fn threshold_over(&self, configured: u32) -> u32 {
        self.threshold.filter(|_| self.configured == Some(configured)).unwrap_or(configured)
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Puts a new model where the reader left the old one. The console always opens on the inbox:
    /// that is where the work is.
    pub(super) fn restore(&self, model: &mut Model) {
        model.inbox.set_threshold(self.threshold.unwrap_or(DEFAULT_THRESHOLD));
        model.configured_threshold = self.configured;
        model.inbox.set_sort(self.sort);
        model.inbox.set_filter(&self.filter);
        if let Some(lesson) = &self.lesson {
            model.inbox.go_to_lesson(lesson.clone());
        }
        model.detail.style = self.diff;
        model.list_width = self.list_width;
        model.memory.agent.clone_from(&self.memory_of);
    }
}

/// The filter that the reviewer typed last; one that came from looking something up is not kept.
pub(super) fn filter(model: &Model) -> &str {
    let now = model.inbox.filter().text();
    match &model.looked_up {
        Some((set, typed)) if set == now => typed,
        _ => now,
    }
}

/// Smallest example count shown when nobody said otherwise.
const DEFAULT_THRESHOLD: u32 = 10;
