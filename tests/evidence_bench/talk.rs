//! Conversations of a data set as sessions.

use std::io;
use std::path::PathBuf;

use jiff::Timestamp;
use wakeful::domain::ids::{AgentId, SessionId};
use wakeful::domain::session::{Corpus, Event, EventKind, SessionMeta};

/// The shared data, or a note that it is missing.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let found = Some(root.join(folder)).filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("skipped: no shared data ({folder}); set WAKEFUL_SHARED_DATA");
    }
    found
}

/// One session of talk.
pub struct Talk {
    pub meta: SessionMeta,
    pub turns: Vec<(EventKind, String)>,
}

impl Talk {
    pub fn new(id: &str, at: Option<Timestamp>, turns: Vec<(EventKind, String)>) -> Self {
        let meta = SessionMeta {
            id: SessionId::new(id),
            agent: AgentId::new("bench"),
            files: vec![],
            title: String::new(),
            started: at,
            ended: None,
            events: turns.len() as u64,
            calls: 0,
            errors: 0,
            skipped: vec![],
            user: None,
            segment: None,
            chain: None,
            remote: None,
        };
        Self { meta, turns }
    }
}

/// Several of them.
pub struct Talks(pub Vec<Talk>);

impl Talks {
    pub fn metas(&self) -> Vec<&SessionMeta> {
        self.0.iter().map(|talk| &talk.meta).collect()
    }
}

impl Corpus for Talks {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        let talk = self.0.iter().find(|talk| talk.meta.id == session.id).ok_or(io::ErrorKind::NotFound)?;
        for (index, (kind, text)) in talk.turns.iter().enumerate() {
            let event = Event {
                kind: *kind,
                record: format!("{}-{index}", session.id).into(),
                call: None,
                tool: None,
                at: session.started,
                bytes: index as u64 * 100..index as u64 * 100 + 99,
                text: text.as_str().into(),
                is_error: false,
                sidechain: false,
                cwd: None,
            };
            sink("talk.jsonl", event);
        }
        Ok(())
    }
}
