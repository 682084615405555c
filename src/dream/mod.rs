//! Engines that turn sessions and memory into proposed lessons.
//!
//! Owns: what an engine is asked, what it answers, and how it fails. Must not know: files, databases
//! or screens; sessions come through a [`Corpus`] or as cached facts, and the answer is a proposed
//! snapshot with claims about it.

pub mod manifest;
pub mod offline;
mod parameters;

use std::io;
use std::sync::atomic::AtomicBool;

pub use parameters::Parameters;

pub use crate::domain::session::Corpus;

use crate::domain::agent::Agent;
use crate::domain::dream::{Manifest, Progress, Window};
use crate::domain::evidence::{Evidence, Support, Tier};
use crate::domain::ids::SessionId;
use crate::domain::lesson::{Mark, Topic};
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::outcome::Ending;
use crate::domain::session::SessionMeta;

use offline::ages::Ages;
use offline::facts::SessionFacts;

/// What one pass is asked.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Whose memory may change.
    pub agent: &'a Agent,
    /// Sessions to choose from, in any order.
    pub sessions: &'a [SessionMeta],
    /// The memory as it is.
    pub memory: &'a Snapshot,
    /// Since when the notes of the memory are there.
    pub ages: &'a Ages,
    /// Documents people wrote that a lesson should not contradict: path and text.
    pub protected: &'a [(String, String)],
    /// Which of the sessions to read.
    pub window: &'a Window,
    /// Thresholds and gates.
    pub parameters: &'a Parameters,
    /// The facts of one session, cached or freshly extracted.
    pub facts: &'a (dyn Fn(&SessionMeta) -> io::Result<SessionFacts> + Sync),
    /// The facts of a session that was read before; never reads it. Asked of sessions before the window.
    pub known: &'a (dyn Fn(&SessionMeta) -> Option<SessionFacts> + Sync),
    /// Told how far the pass is, from any thread.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Set by the person who no longer wants an answer.
    pub cancel: &'a AtomicBool,
}

/// What one pass answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The memory with every claim applied.
    pub proposed: Snapshot,
    /// What is claimed, best first. Each stands for one change between the memory and `proposed`.
    pub claims: Vec<Claim>,
    /// How each session that was read ended, where anything says so.
    pub endings: Vec<(SessionId, Option<Ending>)>,
    /// How to run the same pass again.
    pub manifest: Manifest,
}

/// One thing an engine wants memory to say, or to stop saying.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// What it is about.
    pub topic: Topic,
    /// One line for the list.
    pub statement: String,
    /// The document it changes.
    pub path: DocPath,
    /// The block of text that comes into `path`, or that leaves it when `removes` is set.
    pub text: String,
    /// The text leaves the document instead of coming into it.
    pub removes: bool,
    /// Places in sessions; empty when the claim rests on the memory itself.
    pub evidence: Vec<Evidence>,
    /// The count made from exactly that evidence.
    pub support: Support,
    /// How firmly it stands.
    pub tier: Tier,
    /// What the engine itself has to warn of.
    pub marks: Vec<Mark>,
}

/// Why a pass gave no answer. Nothing was written in any case: an engine only proposes.
#[derive(Debug, thiserror::Error)]
pub enum DreamError {
    /// A person stopped it.
    #[error("the dream was stopped; nothing was proposed and nothing has changed")]
    Canceled,
    /// No session of the window could be read.
    #[error(
        "none of the {sessions} sessions could be read, so nothing was proposed; the first problem was: {first}. \
         Run `wakeful doctor` to see which files are affected"
    )]
    Unreadable {
        /// Sessions tried.
        sessions: usize,
        /// What was wrong with the first.
        first: String,
    },
}
