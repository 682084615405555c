//! What lies over the screen: a stack of plain values, topmost last.
//!
//! Owns: the state of each overlay. Must not know: how keys reach it or how it is drawn.

use std::sync::Arc;

use crate::domain::ids::{AgentId, DreamId, LessonId, SessionId};
use crate::domain::memory::DocPath;
use crate::domain::request::Request;

use super::action::Action;
use super::data::{Ask, LeftOut, Preview, Transcript};
use super::fit::Parts;
use super::line_edit::LineEdit;
use super::wish::WishPane;

/// One layer over the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Overlay {
    /// Help and palette in one: type to find, Enter runs.
    Palette(Palette),
    /// The command line.
    Command(CommandLine),
    /// A question answered by typing.
    Prompt(Prompt),
    /// A question answered by one key.
    Confirm(Confirm),
    /// What an apply would write.
    Preview(PreviewPane),
    /// A session around a quoted place.
    Transcript(TranscriptPane),
    /// A choice among agents.
    Agents(AgentPicker),
    /// What a dream on the platform is asked for.
    Wish(Box<WishPane>),
    /// A choice among themes; the one under the cursor is shown at once.
    Themes(ThemePicker),
    /// A letter at every row in view; the one pressed is gone to.
    Jump,
    /// Places that an estimate rests on, one by one.
    Spot(SpotPane),
    /// What the marks and numbers of the lesson in front mean.
    Explain {
        /// First line shown.
        scroll: usize,
    },
    /// The three sides of a lesson that collides with the memory.
    Fit(FitPane),
    /// Requests made to a platform.
    Requests(RequestsPane),
    /// Messages shown so far.
    Messages {
        /// First line shown.
        scroll: usize,
    },
}

/// Help and palette.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Palette {
    /// What was typed.
    pub input: LineEdit,
    /// Which of the matching actions is selected.
    pub selected: usize,
    /// Actions that match, best first.
    pub matches: Vec<Action>,
}

/// The command line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommandLine {
    /// What was typed.
    pub input: LineEdit,
    /// What Tab could complete to.
    pub candidates: Vec<String>,
    /// Which candidate Tab showed last.
    pub chosen: Option<usize>,
    /// What is wrong with the line, after Enter.
    pub problem: Option<String>,
}

/// A question answered by typing.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// What is asked.
    pub ask: PromptKind,
    /// The answer so far.
    pub input: LineEdit,
    /// What is wrong with the answer.
    pub problem: Option<String>,
}

/// What a prompt is for.
#[derive(Debug, Clone, PartialEq)]
pub enum PromptKind {
    /// The inbox filter, applied while typing; holds the filter to go back to.
    Filter {
        /// Filter before the prompt was opened.
        before: String,
        /// The lesson under the cursor before.
        at: Option<LessonId>,
    },
    /// Search in the diff; holds the search to go back to.
    Search {
        /// Search before the prompt was opened.
        before: Option<String>,
    },
    /// Search in the session shown; holds what to go back to.
    TranscriptSearch {
        /// Search and place before the prompt was opened.
        before: SearchFrom,
    },
    /// Search in the audit trail.
    AuditSearch {
        /// Search before the prompt was opened.
        before: String,
    },
    /// The file the audit trail is written to; nothing typed: it is copied.
    ExportAudit,
    /// The evidence threshold.
    Threshold,
    /// Why lessons are rejected.
    Reason {
        /// Which lessons.
        lessons: Vec<LessonId>,
    },
}

/// What a search in a session goes back to when it is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFrom {
    /// What was searched for.
    pub words: Option<String>,
    /// First line that was shown.
    pub scroll: Option<usize>,
    /// Which of the matches the reader was at.
    pub hit: usize,
    /// What was known of the lines.
    pub lines: TranscriptLines,
}

/// A question answered by one key, never by the key that raised it.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// The question, with its count first.
    pub question: String,
    /// What a reader should know before answering.
    pub details: Vec<String>,
    /// What yes does.
    pub then: Then,
}

/// What a confirmed question does.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// Record decisions as one batch; lessons that can't be decided so stay marked.
    Decide(Vec<Ask>, Vec<LeftOut>),
    /// Put a session in quarantine, with what came from it.
    Quarantine(AgentId, SessionId),
    /// Start the dream that was planned under this number; whether also above a cap.
    StartDream(u64, bool),
    /// Show what all of a dream would write, with what was rejected.
    Adopt(u64, Arc<Preview>),
    /// Archive the store that a dream left, or delete it.
    PutAway(AgentId, DreamId, bool),
    /// Stop a dream on the platform.
    CancelDream(AgentId, DreamId),
    /// Make lessons of a dream on the platform that is over.
    FetchDream(AgentId, DreamId),
    /// Leave although work is running.
    Quit,
}

/// What an apply would write.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewPane {
    /// Name under which the plan is kept; `None` while it is being made.
    pub token: Option<u64>,
    /// The plan.
    pub plan: Option<Arc<Preview>>,
    /// First line shown.
    pub scroll: usize,
    /// What it is for.
    pub purpose: Purpose,
}

/// What is previewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Writing what was accepted. It follows the decisions.
    Decided,
    /// Writing all of a dream, which accepts all of it.
    Adopt,
    /// Taking a lesson, or a whole apply, out of the memory.
    TakeBack,
    /// Putting a document back to an earlier version.
    PutBack,
}

impl PreviewPane {
    /// A preview that is still being made.
    #[must_use]
    pub fn asked(number: u64, purpose: Purpose) -> Self {
        Self { token: Some(number), plan: None, scroll: 0, purpose }
    }
}

/// A session around a quoted place.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriptPane {
    /// Number of the question; answers with another number are late.
    pub asked: u64,
    /// Whose session.
    pub agent: AgentId,
    /// Which piece of evidence of the open lesson it shows.
    pub evidence: usize,
    /// The quote, to be highlighted.
    pub quote: String,
    /// The session; `None` while it is being read.
    pub content: Option<Arc<Transcript>>,
    /// Events asked for before and after the quoted one.
    pub around: usize,
    /// The question for more of it that is open.
    pub growing: Option<u64>,
    /// More of it is there and being made into lines: the number of those that are shown until then.
    pub before: Option<u64>,
    /// Where the reader wants to be once there is more of it.
    pub wants: Option<End>,
    /// First line shown; `None`: put the quoted event in view.
    pub scroll: Option<usize>,
    /// What is searched for.
    pub search: Option<String>,
    /// What is known of its lines.
    pub lines: TranscriptLines,
    /// Which of the matches the reader is at.
    pub hit: usize,
    /// The line from which the first match is to be brought into view, once matches are known.
    pub seek: Option<usize>,
}

/// An end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where it begins.
    First,
    /// Where it stops.
    Last,
}

impl TranscriptPane {
    /// Whether a part of the session is not there.
    #[must_use]
    pub fn is_a_part(&self) -> bool {
        self.content.as_ref().is_some_and(|content| content.more_before || content.more_after)
    }

    /// Which match the reader is at, counted from one, and how many there are; `None` while nothing
    /// is searched for, or not yet.
    #[must_use]
    pub fn match_position(&self) -> Option<(usize, usize)> {
        let known = self.search.is_some() && self.search == self.lines.search;
        let count = self.lines.hits.len();
        known.then(|| ((self.hit + 1).min(count), count))
    }
}

/// What is heard of the lines of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TranscriptLines {
    /// Line at which the quoted event begins.
    pub focus: usize,
    /// What was searched for in them.
    pub search: Option<String>,
    /// Line of each match, in order.
    pub hits: Vec<usize>,
}

/// Requests made to a platform.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestsPane {
    /// Newest first; `None` while they are being asked for.
    pub list: Option<Arc<[Request]>>,
    /// First line shown.
    pub scroll: usize,
}

/// Places that an estimate rests on, each to be called right or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotPane {
    /// The lesson.
    pub lesson: LessonId,
    /// Places to show, among the evidence of the open lesson.
    pub places: Vec<usize>,
    /// What was said so far, in that order.
    pub said: Vec<(SessionId, bool)>,
}

/// The three sides of a lesson that collides with the memory.
#[derive(Debug, Clone, PartialEq)]
pub struct FitPane {
    /// Which lesson.
    pub lesson: LessonId,
    /// The document it collides in.
    pub path: Option<DocPath>,
    /// The document, with what was chosen so far.
    pub parts: Parts,
    /// Which of the parts that differ is selected.
    pub selected: usize,
    /// Lines scrolled beyond the start of that part.
    pub scroll: usize,
}

impl FitPane {
    /// Goes to a part.
    pub fn select(&mut self, part: usize) {
        (self.selected, self.scroll) = (part, 0);
    }
}

/// A choice among agents.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentPicker {
    /// What was typed.
    pub input: LineEdit,
    /// Which of the matching agents is selected.
    pub selected: usize,
    /// Agents that match.
    pub matches: Vec<AgentId>,
    /// What the choice is for.
    pub purpose: PickFor,
}

/// What an agent is picked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickFor {
    /// To run a dream pass.
    Dream,
    /// To show its memory.
    Memory,
}

/// A choice among themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThemePicker {
    /// Which of [`super::model::Model::themes`] is selected.
    pub selected: usize,
}
