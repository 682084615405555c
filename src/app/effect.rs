//! What the console asks the world to do, as data.
//!
//! Owns: the one effect type. Effects are carried out outside; each that reads or writes is
//! answered by a message that carries the same number. Must not know: how they are carried out.

use crate::domain::dream::Window;
use crate::domain::evidence::Evidence;
use crate::domain::ids::{AgentId, DreamId, LessonId, SessionId};
use crate::domain::memory::DocPath;

use super::data::{Ask, TakeBack, VersionId};
use super::far::Asked;

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Read lessons, agents and passes from the cache.
    LoadOverview(u64),
    /// Read texts and evidence of a lesson. A newer one makes an older one pointless.
    LoadDetail(u64, LessonId),
    /// Read a session around the place of a piece of evidence. A newer one makes an older one pointless.
    LoadTranscript(u64, AgentId, Box<Evidence>, usize),
    /// Read the memory of an agent and how it came about.
    LoadMemory(u64, AgentId),
    /// Work out what a version of a memory changed. A newer one makes an older one pointless.
    LoadVersion(u64, AgentId, VersionId),
    /// Read the audit trail; holds the words to look for.
    LoadAudit(u64, String),
    /// Read what an agent did of late.
    LoadActivity(AgentId),
    /// Read the latest requests to a platform.
    LoadRequests,
    /// Record decisions as one batch. Writing effects are carried out in the order they were asked.
    Decide(u64, Vec<Ask>),
    /// Keep what was said of some of the places of a lesson.
    SpotCheck(LessonId, Vec<(SessionId, bool)>),
    /// Take back the last batch.
    Undo,
    /// Make the batch again that was taken back last.
    Redo,
    /// Let the reviewer change the text of a lesson in an editor.
    EditText(LessonId),
    /// The same, starting from this text.
    EditGiven(LessonId, String),
    /// Work out what the accepted lessons would write, and keep the plan under this number.
    PlanApply(u64),
    /// Work out what putting a document back to a version would do, and keep the plan under this number.
    PlanPutBack(u64, AgentId, DocPath, VersionId),
    /// Work out what taking something out of the memory would do, and keep the plan under this number.
    PlanTakeBack(u64, TakeBack),
    /// Write the plan with this number, exactly as it was shown. What can't be written goes back to review.
    Apply(u64),
    /// Finish applies that were cut off.
    Resume,
    /// Find out what came from a session.
    LookQuarantine(AgentId, SessionId),
    /// Put a session in quarantine, with what came from it.
    Quarantine(AgentId, SessionId),
    /// Read new sessions and memories from the sources.
    Pull,
    /// Run a pass for an agent; over the sessions named, or over as many of the last as are configured.
    Dream(AgentId, Option<Box<Window>>),
    /// Stop the pass that is running.
    CancelDream,
    /// Work out what a dream on the platform would read and cost, and keep it under this number.
    PlanDream(u64, AgentId, Box<Asked>),
    /// Work out what writing all of a dream would do, and keep the plan under this number.
    PlanAdopt(u64, AgentId, DreamId),
    /// Look at the store that a dream left; the answer has this number.
    LookLeftover(u64, AgentId, DreamId),
    /// Archive that store, or delete it.
    PutAway(AgentId, DreamId, bool),
    /// Start what was planned under this number; whether also above a cap.
    StartDream(u64, bool),
    /// Follow a dream on the platform until it ends.
    WatchDream(AgentId, DreamId),
    /// Stop a dream on the platform.
    CancelFarDream(AgentId, DreamId),
    /// Make lessons of a dream on the platform that is over.
    FetchDream(AgentId, DreamId),
    /// Write the audit trail that matches the words to a file, or read it as text where none is named.
    ExportAudit {
        /// Words looked for.
        words: String,
        /// Name of the file, as typed.
        file: Option<String>,
    },
    /// Hand text to the clipboard; `what` names it for the answer.
    Copy {
        /// Name of the thing, such as `lesson`.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Tell a reviewer who looks elsewhere, through the terminal.
    Notify(String),
    /// Keep the view state for the next start.
    SaveView(String),
    /// Listen to the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Save a picture of the screen.
    Picture,
    /// Hand the terminal back to the shell.
    Suspend,
    /// Paint everything again.
    Redraw,
}
