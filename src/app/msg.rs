//! Everything that can happen to the console.
//!
//! Owns: the one message type. Must not know: where messages come from.

use crate::domain::ids::{AgentId, DreamId, LessonId};
use crate::domain::remote::OutputStore;
use crate::domain::request::Request;

use super::action::Action;
use super::activity::Activity;
use super::data::{
    Applied, AuditView, Decided, Exported, Failure, FromSession, LessonDetail, MemoryView, Overview, Preview,
    Progress, Pulled, Transcript, Undone, VersionTexts,
};
use super::detail::Painted;
use super::far::{Adoption, DreamPlan, LeftoverStore, Watched};
use super::line_edit::TextEdit;
use super::model::Viewport;
use super::overlay::TranscriptLines;
use super::spot::Spot;

/// An event, in the words of the console.
#[derive(Debug, Clone, PartialEq)]
pub enum Msg {
    /// The reviewer asked for something.
    Action(Action),
    /// The reviewer edited the focused text field.
    Text(TextEdit),
    /// Text was pasted by the terminal.
    Paste(String),
    /// The mouse was clicked on something.
    Click(Option<Spot>),
    /// The letter of a row was pressed; `None`: no row has it.
    Jump(Option<Spot>),
    /// The wheel was turned over something: lines down, or up if negative.
    Wheel(Option<Spot>, i8),
    /// The pointer was dragged to this column.
    Drag(u16),
    /// The terminal is looked at, or no longer.
    Focus(bool),
    /// A key that means nothing here was pressed; holds how it is written.
    UnknownKey(String),
    /// What the screen can show changed.
    Viewport(Viewport),
    /// The diff lines for the open lesson are ready.
    Painted(Painted),
    /// The lines of the session that was asked for under this number are ready.
    TranscriptPainted(u64, TranscriptLines),
    /// Time passed: expire what has an end.
    Tick,
    /// Someone wrote to the cache: this process or another.
    CacheChanged,
    /// Answer to [`super::effect::Effect::LoadOverview`].
    Overview(u64, Result<Box<Overview>, Failure>),
    /// Answer to [`super::effect::Effect::LoadDetail`].
    Detail(u64, Result<Box<LessonDetail>, Failure>),
    /// Answer to [`super::effect::Effect::LoadTranscript`].
    Transcript(u64, Result<Box<Transcript>, Failure>),
    /// Answer to [`super::effect::Effect::LoadMemory`].
    Memory(u64, Result<Box<MemoryView>, Failure>),
    /// Answer to [`super::effect::Effect::LoadVersion`].
    Version(u64, Result<Box<VersionTexts>, Failure>),
    /// Answer to [`super::effect::Effect::LoadAudit`].
    Audit(u64, Result<Box<AuditView>, Failure>),
    /// Answer to [`super::effect::Effect::LoadActivity`].
    Activity(AgentId, Result<Activity, Failure>),
    /// Answer to [`super::effect::Effect::LoadRequests`], newest first.
    Requests(Vec<Request>),
    /// Answer to [`super::effect::Effect::Decide`].
    Decided(u64, Result<Decided, Failure>),
    /// Answer to [`super::effect::Effect::SpotCheck`]: what it makes of the estimate.
    SpotChecked(Result<String, Failure>),
    /// Answer to [`super::effect::Effect::Undo`]; `None`: there was nothing to undo.
    Undone(Result<Option<Undone>, Failure>),
    /// Answer to [`super::effect::Effect::Redo`]; `None`: there was nothing to redo.
    Redone(Result<Option<Undone>, Failure>),
    /// Answer to [`super::effect::Effect::EditText`]; `None`: nothing was changed.
    Edited(LessonId, Result<Option<String>, Failure>),
    /// Answer to [`super::effect::Effect::PlanApply`].
    Planned(u64, Result<Box<Preview>, Failure>),
    /// Answer to [`super::effect::Effect::Apply`].
    Applied(Result<Applied, Failure>),
    /// Answer to [`super::effect::Effect::Resume`]; `None`: nothing was cut off.
    Resumed(Result<Option<Applied>, Failure>),
    /// Answer to [`super::effect::Effect::LookQuarantine`].
    FromSession(Result<FromSession, Failure>),
    /// Answer to the effects that take something out of memory again: what was taken back.
    TakenBack(Result<String, Failure>),
    /// A sync is under way.
    Pulling(Progress),
    /// A sync ended.
    Pulled(Result<Pulled, Failure>),
    /// A pass is under way.
    Dreaming(Progress),
    /// A pass ended: lessons it proposed, or `None` when it was stopped.
    Dreamt(Result<Option<u32>, Failure>),
    /// Answer to [`super::effect::Effect::PlanDream`].
    DreamPlanned(u64, Result<DreamPlan, Failure>),
    /// Answer to [`super::effect::Effect::PlanAdopt`].
    AdoptPlanned(u64, Result<Box<Adoption>, Failure>),
    /// Answer to [`super::effect::Effect::LookLeftover`].
    Leftover(u64, Result<LeftoverStore, Failure>),
    /// Answer to [`super::effect::Effect::PutAway`].
    PutAway(DreamId, Result<OutputStore, Failure>),
    /// Answer to [`super::effect::Effect::StartDream`]: the dreams that were started.
    DreamStarted(Result<Vec<DreamId>, Failure>),
    /// What was seen of a dream on the platform.
    DreamSeen(Watched),
    /// A dream on the platform is no longer followed: it ended, or could not be followed.
    DreamLeft(DreamId, Result<(), Failure>),
    /// Answer to [`super::effect::Effect::CancelFarDream`].
    DreamCanceled(Result<(), Failure>),
    /// Answer to [`super::effect::Effect::FetchDream`]: how many lessons it has.
    DreamFetched(Result<u32, Failure>),
    /// Answer to [`super::effect::Effect::ExportAudit`].
    Exported(Result<Exported, Failure>),
    /// What became of something copied, in honest words.
    Copied(Result<String, Failure>),
    /// Run a pass for an agent, as the demo does by itself.
    Dream(AgentId),
    /// A remark from the surroundings, such as a warning about the configuration.
    Notice(String),
}
