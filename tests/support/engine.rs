//! Runs the offline engine over agents found by a source.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "helpers of tests fail the test")]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use wakeful::domain::agent::Agent;
use wakeful::domain::dream::Window;
use wakeful::domain::memory::Snapshot;
use wakeful::domain::session::{Event, SessionMeta};
use wakeful::dream::offline;
use wakeful::dream::{Corpus, DreamError, Outcome, Parameters, Request};
use wakeful::source::{self, Source};
use wakeful::transcript::chain;

/// The folder of shared transcripts; `None`, with a note, where it is absent.
pub fn shared() -> Option<PathBuf> {
    let path = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    if path.is_dir() {
        Some(path)
    } else {
        eprintln!("skipped: no shared transcripts at {}", path.display());
        None
    }
}

/// An agent with its sessions, read through its source.
pub struct Found<'s> {
    pub source: &'s dyn Source,
    pub agent: Agent,
    pub sessions: Vec<SessionMeta>,
}

impl<'s> Found<'s> {
    /// The agent whose name or id ends with `name`.
    pub fn new(source: &'s dyn Source, name: &str) -> Self {
        let agents = source.agents().unwrap();
        let ends = |agent: &&Agent| agent.id.as_str().ends_with(name) || agent.name.ends_with(name);
        let agent =
            agents.iter().find(ends).unwrap_or_else(|| panic!("no agent {name} among {agents:?}")).clone();
        let (mut sessions, links): (Vec<_>, Vec<_>) = source
            .sessions(&agent)
            .unwrap()
            .iter()
            .map(|found| source::describe(source, &agent, found).unwrap())
            .map(|described| (described.meta, described.links))
            .unzip();
        chain::assign(&mut sessions, &links);
        Self { source, agent, sessions }
    }
}

impl Corpus for Found<'_> {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        source::read_session(self.source, &self.agent, &session.files, sink).map_err(io::Error::other)
    }
}

/// Runs a pass with default parameters over all sessions given.
pub fn dream(
    agent: &Agent,
    sessions: &[SessionMeta],
    corpus: &dyn Corpus,
    memory: &Snapshot,
    protected: &[(String, String)],
) -> Result<Outcome, DreamError> {
    offline::run(&Request {
        agent,
        sessions,
        memory,
        protected,
        ages: &offline::ages::Ages::default(),
        window: &Window { last: 1_000, ..Window::default() },
        parameters: &Parameters::default(),
        facts: &|session| offline::extract(session, corpus),
        known: &|_| None,
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    })
}
