//! What an engine mined from sessions, kept between passes.
//!
//! Owns: when kept facts still hold, when a session can be gone on with from where it was left, and writing what was
//! mined bit by bit. Must not know: what facts mean.

use std::io;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::context::Context;
use super::error::SyncError;
use crate::domain::agent::Agent;
use crate::domain::memory::ContentHash;
use crate::domain::session::{Event, SessionFile, SessionMeta};
use crate::dream::Corpus;
use crate::dream::offline::facts::{SessionFacts, VERSION};
use crate::dream::offline::{ENGINE, Extractor};
use crate::source::{Source, read_on, read_session};
use crate::store::{Facts, Reader, StoreError, Writer};

/// Bytes of facts that are held before they are written.
const HELD: usize = 4 << 20;

/// Facts of sessions, from the cache where the session is as it was, else mined now.
pub(super) struct KeptFacts<'a> {
    agent: &'a Agent,
    source: &'a dyn Source,
    writer: &'a Writer,
    /// A connection of its own: the engine asks from many threads.
    reader: Mutex<Reader>,
    mined: Mutex<Vec<Facts>>,
    /// Why facts could not be written: no reason to pass over a session, but the pass fails in the end.
    failed: Mutex<Option<StoreError>>,
}

/// The form in which facts are kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    facts: SessionFacts,
    /// What it takes to go on where reading ended; only read when that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<Box<RawValue>>,
}

#[derive(Serialize, Deserialize)]
struct Open {
    /// The session's only file as far as it was read.
    file: SessionFile,
    extractor: Extractor,
}

impl<'a> KeptFacts<'a> {
    pub(super) fn open(context: &Context<'a>) -> Result<Self, SyncError> {
        Ok(Self {
            agent: context.agent,
            source: context.source,
            writer: context.writer,
            reader: Mutex::new(context.writer.reader()?),
            mined: Mutex::default(),
            failed: Mutex::default(),
        })
    }

    /// The facts of a session that was read before and is as it was then; never reads it.
    pub(super) fn known(&self, session: &SessionMeta) -> io::Result<Option<SessionFacts>> {
        let cached = {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.facts(&self.agent.id, &session.id, ENGINE).map_err(io::Error::other)?
        };
        let same = cached.filter(|cached| cached.digest == digest(session));
        let kept = same.and_then(|cached| serde_json::from_slice::<Kept>(&cached.body).ok());
        Ok(kept.map(|kept| kept.facts).filter(|facts| facts.version == VERSION))
    }

    /// The facts of a session.
    pub(super) fn of(&self, session: &SessionMeta) -> io::Result<SessionFacts> {
        let digest = digest(session);
        let cached = {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.facts(&self.agent.id, &session.id, ENGINE).map_err(io::Error::other)?
        };
        // Facts that can't be read, of another build say, are simply mined again.
        let is_same = cached.as_ref().is_some_and(|cached| cached.digest == digest);
        let known = cached.and_then(|cached| serde_json::from_slice::<Kept>(&cached.body).ok());
        let known = known.filter(|kept| kept.facts.version == VERSION);
        let grown = match known {
            Some(kept) if is_same => return Ok(kept.facts),
            Some(kept) => self.gone_on(session, kept)?,
            None => None,
        };
        let extractor = match grown {
            Some(extractor) => extractor,
            None => self.anew(session)?,
        };
        let open = match session.files.as_slice() {
            [file] if file.seal.is_some() && extractor.can_go_on() => {
                Some(serde_json::value::to_raw_value(&OpenRef { file, extractor: &extractor })?)
            }
            _ => None,
        };
        let kept = Kept { facts: extractor.finish(), open };
        self.hold(Facts { session: session.id.clone(), digest, body: serde_json::to_vec(&kept)? });
        Ok(kept.facts)
    }

    fn anew(&self, session: &SessionMeta) -> io::Result<Extractor> {
        let mut extractor = Extractor::default();
        self.read(session, &mut |file, event| extractor.event(file, &event))?;
        Ok(extractor)
    }

    /// Mines only what was appended to a session's one file, if that is all that happened to it.
    fn gone_on(&self, session: &SessionMeta, kept: Kept) -> io::Result<Option<Extractor>> {
        let Some(open) = kept.open.and_then(|open| serde_json::from_str::<Open>(open.get()).ok()) else {
            return Ok(None);
        };
        let [file] = session.files.as_slice() else { return Ok(None) };
        if open.file.path != file.path || file.read_to < open.file.read_to {
            return Ok(None);
        }
        let mut extractor = open.extractor.with(kept.facts);
        let mut sink = |event: Event<'_>| extractor.event(&file.path, &event);
        let read = read_on(self.source, self.agent, &open.file, file.read_to, &mut sink);
        Ok(read.map_err(io::Error::other)?.map(|_| extractor))
    }

    /// Holds facts, and writes what is held once it is much: a stop then loses little, and memory stays small.
    fn hold(&self, facts: Facts) {
        let full = {
            let mut mined = self.mined.lock().unwrap_or_else(PoisonError::into_inner);
            mined.push(facts);
            let held: usize = mined.iter().map(|facts| facts.body.len()).sum();
            if held < HELD { Vec::new() } else { std::mem::take(&mut *mined) }
        };
        if full.is_empty() {
            return;
        }
        if let Err(error) = self.writer.put_facts(&self.agent.id, ENGINE, full) {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// Writes what is still held.
    pub(super) fn keep(self) -> Result<(), SyncError> {
        if let Some(error) = self.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error.into());
        }
        let mined = self.mined.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !mined.is_empty() {
            self.writer.put_facts(&self.agent.id, ENGINE, mined)?;
        }
        Ok(())
    }
}

/// [`Open`] as it is written.
#[derive(Serialize)]
struct OpenRef<'a> {
    file: &'a SessionFile,
    extractor: &'a Extractor,
}

impl Corpus for KeptFacts<'_> {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        read_session(self.source, self.agent, &session.files, sink).map_err(io::Error::other)
    }
}

/// Changes whenever a file of the session, or what the engine makes of it, does.
fn digest(session: &SessionMeta) -> String {
    let mut text = format!("{ENGINE} {VERSION}");
    for file in &session.files {
        text.push_str(&format!("\n{} {} {} {}", file.bytes, file.mtime, file.read_to, file.path));
    }
    ContentHash::of(text.as_bytes()).to_string()
}
