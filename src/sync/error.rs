//! Why something between sources and the cache was not done, what is safe, and what to do next.
//!
//! Owns: the error type. Must not know: who shows it.

use std::collections::BTreeSet;
use std::fmt;

use super::platform::estimate::OverCap;
use crate::domain::ids::{ApplyId, DreamId, LessonId};
use crate::domain::memory::DocPath;
use crate::domain::text::counted;
use crate::source::SourceError;
use crate::source::platform::PlatformError;
use crate::store::{Progress, Step, StoreError};

/// Where the documents of an apply stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// As planned.
    pub written: Vec<DocPath>,
    /// Not written yet.
    pub waiting: Vec<DocPath>,
    /// Changed by someone else meanwhile, and left as they are.
    pub left: Vec<DocPath>,
}

impl Standing {
    /// As the steps of a journal say.
    pub(super) fn of(steps: &[Step]) -> Self {
        let of = |progress: Progress| -> Vec<DocPath> {
            let paths: BTreeSet<&DocPath> =
                steps.iter().filter(|step| step.progress == progress).map(|step| &step.path).collect();
            paths.into_iter().cloned().collect()
        };
        Self { written: of(Progress::Written), waiting: of(Progress::Waiting), left: of(Progress::Changed) }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("written", &self.written), ("waiting", &self.waiting), ("left as changed", &self.left)];
        let mut first = true;
        for (what, paths) in parts.into_iter().filter(|(_, paths)| !paths.is_empty()) {
            let names: Vec<&str> = paths.iter().map(DocPath::relative).collect();
            write!(f, "{}{what}: {}", if first { "" } else { "; " }, names.join(", "))?;
            first = false;
        }
        Ok(())
    }
}

/// Why a pull, a pass, an apply or an undo did not go through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The cache failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The source can't be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// No configured source has the agent any more.
    #[error(
        "no configured source has the agent {agent}; run `wakeful sync`, or add its source to the configuration"
    )]
    NoSource {
        /// Which agent.
        agent: String,
    },
    /// A reviewer's text has no words.
    #[error(
        "an edit without a word would write an empty note; reject the lesson instead. Nothing was recorded."
    )]
    EmptyEdit,
    /// It can't be written over the memory as it is.
    #[error(
        "{lesson} does not fit the memory: {reason}. Nothing was recorded; {}",
        if *.can_be_fitted { "edit it to make it fit" } else { "the next dream starts from the memory as it is" }
    )]
    Collides {
        /// Which lesson.
        lesson: LessonId,
        /// What is in its way.
        reason: String,
        /// Whether a person can make it fit.
        can_be_fitted: bool,
    },
    /// Another process does it already.
    #[error("another wakeful is {doing} right now. Nothing was changed; try again when it is done.")]
    Busy {
        /// What it does.
        doing: &'static str,
    },
    /// An earlier apply was cut off and comes first.
    #[error(
        "an earlier apply ({apply}) was cut off after {written} of {}. What was written is whole \
         and the rest is in the journal; `wakeful apply` finishes it first.",
        counted(*of as u64, "document")
    )]
    Unfinished {
        /// Which.
        apply: ApplyId,
        /// Documents written.
        written: usize,
        /// Documents in all.
        of: usize,
    },
    /// Memory or decisions changed since the preview.
    #[error("{reason}. Nothing was written; look at the preview again.")]
    Stale {
        /// What changed.
        reason: String,
    },
    /// A document could not be written.
    #[error(
        "{reason}. {written} of {of} documents are written and whole, the others are as they were; the rest \
         waits in the journal ({standing}). Put the cause right and run `wakeful apply` again: it goes on \
         there and writes nothing twice."
    )]
    Interrupted {
        /// Which apply.
        apply: ApplyId,
        /// The document that could not be written.
        path: DocPath,
        /// Why.
        reason: String,
        /// Documents written.
        written: usize,
        /// Documents in all.
        of: usize,
        /// Where each document stands.
        standing: Box<Standing>,
    },
    /// The lesson is not in the memory by wakeful's doing.
    #[error("lesson {lesson} was not applied, so there is nothing to take back")]
    NotApplied {
        /// Which lesson.
        lesson: LessonId,
    },
    /// Nothing of an apply is left in the memory.
    #[error("nothing of apply {apply} is in the memory any more")]
    NothingLeft {
        /// Which apply.
        apply: ApplyId,
    },
    /// Later edits overlap what would be taken back.
    #[error("{}. Nothing was changed; take those edits back first, or edit the document by hand.", .reasons.join("; "))]
    UndoConflict {
        /// One plain sentence for each place.
        reasons: Vec<String>,
    },
    /// A person's text does not settle a conflict.
    #[error("{reason}. Nothing was recorded, and the memory is as it is; edit the lesson again.")]
    Unfit {
        /// Why.
        reason: String,
    },
    /// A pass failed.
    #[error(
        "the dream failed: {reason}. Memory and earlier lessons are as they were; run it again with `wakeful dream run`."
    )]
    Dream {
        /// Why.
        reason: String,
    },
    /// The agent's memory and sessions are not on the platform.
    #[error(
        "{agent} is not on the Claude platform, so the platform can't dream for it; leave out --engine platform"
    )]
    NotOnPlatform {
        /// Which agent.
        agent: String,
    },
    /// A dream elsewhere can't be started, watched or read.
    #[error("{reason}")]
    Elsewhere {
        /// What failed, what is safe, what to do.
        reason: String,
    },
    /// A dream left no store that could be put away.
    #[error("{dream} {why}. Nothing was changed")]
    NoLeftover {
        /// Which dream.
        dream: DreamId,
        /// Why not.
        why: &'static str,
    },
    /// What a dream needs from the platform first can't be had.
    #[error("the dream was not started: {error}. Memory and lessons are as they were; {way}")]
    NotStarted {
        /// Why.
        error: Box<SyncError>,
        /// What works all the same.
        way: &'static str,
    },
    /// A pass that is to ask nobody finds too little in the cache.
    #[error(
        "{what} is in the cache, and --no-sync asks nobody. Nothing was changed; without --no-sync it is fetched"
    )]
    NotCached {
        /// What is missing.
        what: String,
    },
    /// A dream would exceed what may be spent.
    #[error("the dream was not started: {over}. Nothing was sent; --over-cap starts it all the same")]
    OverCap {
        /// Which cap, and by how much.
        over: OverCap,
    },
    /// A person stopped it.
    #[error("stopped. Memory and earlier lessons are as they were.")]
    Canceled,
}

impl From<PlatformError> for SyncError {
    fn from(error: PlatformError) -> Self {
        Self::Source(error.into())
    }
}

impl SyncError {
    /// What the platform said, if it is the platform's trouble.
    #[must_use]
    pub fn platform(&self) -> Option<&PlatformError> {
        match self {
            Self::Source(SourceError::Platform(error)) => Some(error),
            Self::NotStarted { error, .. } => error.platform(),
            _ => None,
        }
    }

    /// The same, where the platform is the trouble, as the reason why a dream was not started.
    pub(super) fn before_start(self, way: &'static str) -> Self {
        match self.platform() {
            Some(_) => Self::NotStarted { error: Box::new(self), way },
            None => self,
        }
    }
}
