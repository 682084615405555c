//! What the lessons of a dream rest on that another engine dreamed: its citations are checked, evidence is
//! looked for, and every guard looks at each lesson.
//!
//! Owns: which citations belong to which lesson, and asking for the evidence of all of them together. Must
//! not know: how evidence is found or judged, or who dreamed.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::AtomicBool;

use super::error::SyncError;
use super::propose::{self, Ground, Grounded};
use crate::domain::agent::Agent;
use crate::domain::dream::Progress;
use crate::domain::evidence::{Basis, Support, Tier};
use crate::domain::ids::DreamId;
use crate::domain::lesson::{Change, Kind, Mark, Severity, Topic};
use crate::domain::memory::Snapshot;
use crate::domain::session::{Corpus, Event, SessionMeta};
use crate::dream::offline;
use crate::evidence::cite::{Citation, CitedBlock};
use crate::evidence::ground::{Ask, Given, ground};
use crate::guard::secrets;
use crate::guard::unseen::{self, Known};
use crate::lesson::{CutLesson, Cutting};
use crate::source::{Source, read_session};
use crate::store::Proposal;
use crate::transcript::echo::Echo;

/// What evidence is looked for in.
pub struct Search<'a> {
    /// Where the transcripts are read.
    pub source: &'a dyn Source,
    /// Whose memory.
    pub agent: &'a Agent,
    /// The memory the agent had in those sessions.
    pub base: &'a Snapshot,
    /// Documents people wrote: path and text.
    pub protected: &'a [(String, String)],
    /// Sessions whose transcripts are here.
    pub sessions: &'a [SessionMeta],
    /// Told how far it is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Set by whoever no longer wants an answer.
    pub cancel: &'a AtomicBool,
}

impl Search<'_> {
    /// The lessons of a dream over `base`, with what each rests on and what to beware of; those of the most
    /// sessions first.
    ///
    /// # Errors
    /// Only when it is stopped.
    pub fn proposals(
        &self,
        dream: &DreamId,
        cutting: &Cutting,
        cited: &[CitedBlock],
    ) -> Result<Vec<Proposal>, SyncError> {
        let grounds = self.of(&cutting.lessons, cited)?;
        let (agent, memory, protected) = (self.agent, self.base, self.protected);
        Ok(propose::assemble(dream, &Grounded { agent, memory, protected, cutting }, grounds))
    }

    /// What each lesson rests on, in the same order. Lessons of the most sessions come first in a list.
    fn of(&self, lessons: &[CutLesson], cited: &[CitedBlock]) -> Result<Vec<Ground>, SyncError> {
        if self.sessions.is_empty() {
            return Ok(lessons.iter().enumerate().map(|(rank, part)| unchecked(part, rank)).collect());
        }
        let citations: Vec<Vec<Citation>> = lessons.iter().map(|part| cited_for(part, cited)).collect();
        let asks: Vec<Ask<'_>> = lessons
            .iter()
            .zip(&citations)
            .map(|(part, citations)| Ask {
                statement: &part.statement,
                inserted: &part.inserted,
                removed: &part.removed,
                citations,
            })
            .collect();
        let mut echo = Echo::new();
        self.base.iter().for_each(|(_, text)| echo.add_text(text));
        self.protected.iter().for_each(|(_, text)| echo.add_text(text));
        let corpus = Transcripts { source: self.source, agent: self.agent };
        let given = Given {
            sessions: self.sessions,
            corpus: &corpus,
            echo: &echo,
            mask: &secrets::excerpt,
            progress: self.progress,
            cancel: self.cancel,
        };
        let found = ground(&asks, &given).map_err(|_| SyncError::Canceled)?;
        let mut order: Vec<usize> = (0..found.len()).collect();
        let weight = |at: usize| {
            found.get(at).map(|grounds| (grounds.support.basis == Basis::Verified, grounds.support.sessions))
        };
        order.sort_by(|a, b| weight(*b).cmp(&weight(*a)).then(a.cmp(b)));
        let mut ranks = vec![0; found.len()];
        for (rank, at) in order.into_iter().enumerate() {
            if let Some(slot) = ranks.get_mut(at) {
                *slot = rank;
            }
        }
        let known = self.names(lessons);
        let grounds = lessons.iter().zip(found).zip(ranks).map(|((part, mut found), rank)| {
            found.marks.extend(unseen::check(&part.inserted, &known));
            let statement = part.statement.clone();
            if only_tidies(part) {
                let (support, tier) = (Support::memory(), Tier::Lead);
                let (evidence, marks) = (Vec::new(), Vec::new());
                return Ground { rank, statement, topic: topic(part.kind), support, tier, evidence, marks };
            }
            let (support, tier, evidence, marks) = (found.support, found.tier, found.evidence, found.marks);
            Ground { rank, statement, topic: topic(part.kind), support, tier, evidence, marks }
        });
        Ok(grounds.collect())
    }

    /// Addresses and packages that the sessions used or the memory had before. Sessions are read for it only if
    /// a lesson names any.
    fn names(&self, lessons: &[CutLesson]) -> Known {
        let mut known = Known::default();
        let corpus = Transcripts { source: self.source, agent: self.agent };
        if lessons.iter().all(|part| unseen::names(&part.inserted).is_empty()) {
            return known;
        }
        for (_, text) in self.base.iter() {
            // What is there needs no session to vouch for it.
            known.add(text, u32::MAX);
            known.add(text, u32::MAX - 1);
        }
        let mut units: BTreeMap<&str, u32> = BTreeMap::new();
        for session in self.sessions {
            let next = units.len() as u32;
            let unit = *units.entry(session.chain.as_deref().unwrap_or(session.id.as_str())).or_insert(next);
            // One that can't be read vouches for nothing.
            if let Ok(facts) = offline::extract(session, &corpus) {
                offline::note_names(&mut known, &facts, unit);
            }
        }
        known
    }
}

/// Whether a lesson only moves or joins what the memory says already: it rests on the memory itself, and no
/// session has to show it to hold.
fn only_tidies(part: &CutLesson) -> bool {
    let removed: BTreeSet<String> = part.removed.lines().map(squeezed).collect();
    let brings_nothing = part.inserted.lines().map(squeezed).all(|line| removed.contains(&line));
    matches!(part.kind, Kind::Move | Kind::Merge) && brings_nothing
}

/// The citations that stood beside what a lesson brings.
fn cited_for(part: &CutLesson, cited: &[CitedBlock]) -> Vec<Citation> {
    let inserted = squeezed(&part.inserted);
    let touches = |block: &CitedBlock| {
        part.documents.iter().any(|document| {
            document.path == block.path
                || matches!(&document.change, Change::Renamed(old) if *old == block.path)
        })
    };
    let mut found: Vec<Citation> = Vec::new();
    for block in cited.iter().filter(|block| touches(block)) {
        let text = squeezed(&block.text);
        // A lesson can be several blocks, or one line of a block.
        let belongs = !text.is_empty()
            && !inserted.is_empty()
            && (inserted.contains(&text) || text.contains(&inserted));
        for citation in block.citations.iter().filter(|_| belongs) {
            if !found.contains(citation) {
                found.push(citation.clone());
            }
        }
    }
    found
}

/// Blanks made single.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A lesson whose evidence nobody could look for: it counts nothing.
fn unchecked(part: &CutLesson, rank: usize) -> Ground {
    let support = Support { basis: Basis::Estimated, sessions: Some(0), ..Support::memory() };
    let text = "no evidence checked: none of the sessions could be read".to_owned();
    let mark = Mark { guard: "unchecked".to_owned(), severity: Severity::Warn, text };
    Ground {
        rank,
        statement: part.statement.clone(),
        topic: topic(part.kind),
        support,
        tier: Tier::Lead,
        evidence: Vec::new(),
        marks: vec![mark],
    }
}

/// A dream does not say what a lesson is about: new text is taken for a fact, the rest for upkeep.
fn topic(kind: Kind) -> Topic {
    match kind {
        Kind::Add | Kind::Revise => Topic::Fact,
        Kind::Merge | Kind::Move | Kind::Remove => Topic::Upkeep,
    }
}

/// Fetched transcripts as events.
struct Transcripts<'a> {
    source: &'a dyn Source,
    agent: &'a Agent,
}

impl Corpus for Transcripts<'_> {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        read_session(self.source, self.agent, &session.files, sink).map_err(io::Error::other)
    }
}
