//! An agent in a source in memory, a cache, and dreams made of two snapshots.

use std::io::{BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::SignedDuration;
use tempfile::TempDir;
use wakeful::domain::agent::{Agent, SourceKind};
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::Progress;
use wakeful::domain::ids::{DreamId, LessonId};
use wakeful::domain::lesson::Mark;
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{ContentHash, DocPath, Snapshot};
use wakeful::source::fake::Fake;
use wakeful::source::{
    FoundSession, MemoryRead, ProtectedDoc, Source, SourceError, Sources, Transcript, WriteError,
};
use wakeful::store::{Ask, AuditQuery, Decided, Reader, Store, Writer};
use wakeful::sync::apply::{self, Applied, Plan};
use wakeful::sync::decide::{Desk, decide};
use wakeful::sync::{Context, Cuttings, SyncError, pull, undo};

use crate::dreams;

pub struct World {
    pub source: Arc<Fake>,
    pub agent: Agent,
    pub writer: Writer,
    pub reader: Reader,
    pub clock: Arc<FixedClock>,
    pub cuttings: Cuttings,
    pub store: Store,
    _folder: TempDir,
}

pub fn memory(documents: &[(&str, &str)]) -> Snapshot {
    documents.iter().map(|(path, text)| (path_of(path), (*text).into())).collect()
}

pub fn path_of(path: &str) -> DocPath {
    DocPath::new(path).unwrap()
}

pub fn silent(_: Progress) {}

impl World {
    pub fn new(memory: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::new("2026-03-02T08:00:00Z".parse().unwrap()));
        let store = Store::open(&folder.path().join("wakeful.db"), clock.clone()).unwrap();
        let source = Arc::new(Fake::new());
        let agent = source.add_agent("bot", self::memory(memory));
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        writer.put_agents(std::slice::from_ref(&agent)).unwrap();
        Self { source, agent, writer, reader, clock, cuttings: Cuttings::new(), store, _folder: folder }
    }

    pub fn context(&self) -> Context<'_> {
        Context {
            agent: &self.agent,
            source: self.source.as_ref(),
            reader: &self.reader,
            writer: &self.writer,
            cuttings: &self.cuttings,
            by: "me",
        }
    }

    pub fn sources(&self) -> Sources {
        Sources::new(vec![self.source.clone()])
    }

    pub fn now(&self) -> Snapshot {
        self.source.memory(&self.agent, &Snapshot::new()).unwrap().snapshot
    }

    pub fn text(&self, path: &str) -> Option<String> {
        self.now().get(&path_of(path)).map(ToString::to_string)
    }

    /// A dream from the memory as it is now to `proposed`; gives its lessons in order.
    pub fn dream(&self, proposed: &[(&str, &str)]) -> Vec<LessonId> {
        self.dream_marked(proposed, &[])
    }

    pub fn dream_marked(&self, proposed: &[(&str, &str)], marks: &[Mark]) -> Vec<LessonId> {
        self.clock.advance(SignedDuration::from_hours(1));
        let (base, proposed) = (self.now(), memory(proposed));
        let id = DreamId::new(format!("drm_{}", self.clock.now().as_second()));
        dreams::propose(&self.writer, &self.agent, &id, self.clock.now(), (&base, &proposed), marks)
    }

    pub fn decide(&self, lessons: &[LessonId], verdict: &Verdict) {
        let asks: Vec<Ask> = lessons
            .iter()
            .map(|lesson| Ask { lesson: lesson.clone(), verdict: verdict.clone(), reason: None })
            .collect();
        self.writer.decide(&asks, "me").unwrap();
    }

    /// As the console and the command line record an edit.
    pub fn edit(&self, lesson: &LessonId, text: &str) -> Result<Decided, SyncError> {
        let (sources, cuttings) = (self.sources(), Cuttings::new());
        let desk = Desk {
            sources: &sources,
            reader: &self.reader,
            writer: &self.writer,
            cuttings: &cuttings,
            by: "me",
        };
        let verdict = Verdict::Edit { text: Some(text.to_owned()) };
        decide(&desk, &[Ask { lesson: lesson.clone(), verdict, reason: None }])
    }

    /// Reads what the source has now.
    pub fn pull(&self) {
        let cancel = AtomicBool::new(false);
        pull::run(&self.sources(), &self.reader, &self.writer, &|_| {}, &silent, &cancel).unwrap();
    }

    pub fn undo_lesson(&self, lesson: &LessonId) {
        self.run(&undo::lesson(&self.context(), lesson).unwrap()).unwrap();
    }

    pub fn accept(&self, lessons: &[LessonId]) {
        self.decide(lessons, &Verdict::Accept);
    }

    pub fn plan(&self) -> Plan {
        apply::plan(&self.context()).unwrap()
    }

    pub fn run(&self, plan: &Plan) -> Result<Applied, SyncError> {
        apply::run(plan, &self.context(), &silent)
    }

    pub fn apply(&self) -> Applied {
        self.run(&self.plan()).unwrap()
    }

    pub fn resume(&self) -> Result<Option<Applied>, SyncError> {
        apply::resume(&self.context(), &silent)
    }

    pub fn state(&self, lesson: &LessonId) -> State {
        self.reader.lesson(lesson).unwrap().unwrap().state
    }

    /// Every write in the audit trail: document and hash after.
    pub fn writes(&self) -> Vec<(String, Option<String>)> {
        let query = AuditQuery { action: Some("write".to_owned()), ..AuditQuery::default() };
        let rows = self.reader.audit(&query).unwrap();
        rows.into_iter()
            .map(|row| (row.entry.path.unwrap().to_string(), row.entry.after.map(|hash| hash.to_string())))
            .collect()
    }
}

/// A source that counts how often transcripts are opened and what is read of them, and can refuse to.
pub struct Counting<S> {
    pub source: S,
    pub opened: AtomicU64,
    /// Bytes read of transcripts.
    pub read: Arc<AtomicU64>,
    /// Transcripts can't be opened while this is set.
    pub refuses: AtomicBool,
}

impl<S> Counting<S> {
    pub fn of(source: S) -> Self {
        Self { source, opened: AtomicU64::new(0), read: Arc::default(), refuses: AtomicBool::new(false) }
    }
}

/// A transcript that counts what is taken of it.
struct Counted {
    transcript: Transcript,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.transcript.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.transcript.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        self.transcript.consume(bytes);
    }
}

impl<S: Source> Source for Counting<S> {
    fn kind(&self) -> SourceKind {
        self.source.kind()
    }
    fn owns(&self, agent: &Agent) -> bool {
        self.source.owns(agent)
    }
    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        self.source.agents()
    }
    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        self.source.sessions(agent)
    }
    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        if self.refuses.load(Ordering::Relaxed) {
            let error = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
            return Err(SourceError::Unreadable { at: file.to_owned(), error });
        }
        let transcript = self.source.open(agent, file, from)?;
        Ok(Box::new(Counted { transcript, read: Arc::clone(&self.read) }))
    }
    fn memory(&self, agent: &Agent, known: &Snapshot) -> Result<MemoryRead, SourceError> {
        self.source.memory(agent, known)
    }
    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        self.source.protected(agent)
    }
    fn write(
        &self,
        agent: &Agent,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError> {
        self.source.write(agent, path, expected, content)
    }
}
