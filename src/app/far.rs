//! Dreams on a platform, as the screens know them: what one is asked for and would cost, what it does, and what it
//! left.
//!
//! Owns: those shapes. Must not know: how they are got.

use jiff::Timestamp;

use crate::domain::dream::{Dream, Window};
use crate::domain::ids::{AgentId, DreamId};
use crate::domain::remote::OutputStore;

use super::data::Preview;

/// What a dream on the platform would read and cost, before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DreamPlan {
    /// Whose dream.
    pub agent: AgentId,
    /// Sessions it would read.
    pub sessions: u64,
    /// Estimate, caps and remarks, in sentences.
    pub details: Vec<String>,
    /// The cap that would not be kept, in words.
    pub over: Option<String>,
    /// What it is asked for, in full.
    pub wish: DreamWish,
    /// Segments that sessions of the agent have.
    pub segments: Vec<String>,
}

/// What a dream on the platform is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DreamWish {
    /// Which sessions.
    pub window: Window,
    /// Sessions of one person at most, in per cent.
    pub share: Option<u32>,
    /// The model.
    pub model: String,
    /// The reviewer's own words; may be empty.
    pub instructions: String,
}

/// Which dream an estimate is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// As configured.
    Usual,
    /// As configured, over these sessions.
    Over(Window),
    /// Just so.
    So(DreamWish),
}

/// What taking over all of a dream would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// What would be written.
    pub plan: Preview,
    /// Lessons that were rejected and would be written all the same, in words.
    pub rejected: Vec<String>,
    /// Lessons that want a look of their own and would be written unseen, in words, the worst first.
    pub doubted: Vec<String>,
}

/// The store that a dream left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftoverStore {
    /// Whose dream.
    pub agent: AgentId,
    /// Which dream.
    pub dream: DreamId,
    /// Id of the store.
    pub store: String,
    /// Its name.
    pub name: String,
    /// Documents in it.
    pub documents: u64,
    /// Lessons of the dream that can still be decided or written.
    pub open: u64,
    /// What became of it so far.
    pub now: OutputStore,
}

/// What was seen of a dream that runs elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Which.
    pub dream: DreamId,
    /// As it stands now, with what it used so far; `None` if it could not be looked at.
    pub now: Option<Box<Dream>>,
    /// What it did since it was looked at last: when, and what. Untrusted text.
    pub steps: Vec<(Option<Timestamp>, String)>,
}
