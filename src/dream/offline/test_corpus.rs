//! Hand-written sessions for the engine's unit tests.

use std::collections::BTreeMap;
use std::io;

use jiff::{SignedDuration, Timestamp};

use crate::domain::ids::{AgentId, SessionId};
use crate::domain::session::{Event, EventKind, SessionMeta};
use crate::dream::Corpus;

/// One session, written event by event.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    events: Vec<Event<'static>>,
    name: String,
    start: Timestamp,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::named("s", 0)
    }

    /// A session on day `day`, whose record ids start with its name.
    pub(crate) fn named(name: &str, day: u32) -> Self {
        Self { events: Vec::new(), name: name.to_owned(), start: day_start(day) }
    }

    fn push(&mut self, kind: EventKind, call: Option<&str>, tool: Option<&str>, text: &str, is_error: bool) {
        let index = self.events.len() as i64;
        self.events.push(Event {
            kind,
            record: format!("{}-{index}", self.name).into(),
            call: call.map(|call| format!("{}-{call}", self.name).into()),
            tool: tool.map(|tool| tool.to_owned().into()),
            at: Some(self.start + SignedDuration::from_secs(index)),
            bytes: (index as u64 * 100)..(index as u64 * 100 + 99),
            text: text.to_owned().into(),
            is_error,
            sidechain: false,
            cwd: Some("/srv/app".into()),
        });
    }

    pub(crate) fn user(&mut self, text: &str) {
        self.push(EventKind::User, None, None, text, false);
    }

    pub(crate) fn assistant(&mut self, text: &str) {
        self.push(EventKind::Assistant, None, None, text, false);
    }

    pub(crate) fn injected(&mut self, text: &str) {
        self.push(EventKind::Injected, None, None, text, false);
    }

    pub(crate) fn interrupt(&mut self, text: &str) {
        self.push(EventKind::Interrupt, None, None, text, false);
    }

    pub(crate) fn outcome(&mut self, text: &str, failed: bool) {
        self.push(EventKind::Outcome, None, None, text, failed);
    }

    pub(crate) fn call(&mut self, id: &str, tool: &str, input: &str) {
        self.push(EventKind::ToolCall, Some(id), Some(tool), input, false);
    }

    pub(crate) fn result(&mut self, id: &str, text: &str) {
        self.push(EventKind::ToolResult, Some(id), None, text, false);
    }

    pub(crate) fn error(&mut self, id: &str, text: &str) {
        self.push(EventKind::ToolResult, Some(id), None, text, true);
    }

    /// A shell call and its answer; `Err` is an answer marked as failed.
    pub(crate) fn shell(&mut self, line: &str, answer: Result<&str, &str>) {
        let id = format!("c{}", self.events.len());
        self.call(&id, "Bash", &serde_json::json!({ "command": line }).to_string());
        match answer {
            Ok(text) => self.result(&id, text),
            Err(text) => self.error(&id, text),
        }
    }

    /// The text of the event at a place, to check quotes against.
    pub(crate) fn text_at(&self, start: u64) -> &str {
        self.events.iter().find(|e| e.bytes.start == start).map_or("", |e| &e.text)
    }
}

impl Corpus for Script {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        let file = session.files.first().map_or("s.jsonl", |file| file.path.as_str());
        self.events.iter().for_each(|event| sink(file, event.clone()));
        Ok(())
    }
}

fn day_start(day: u32) -> Timestamp {
    let base: Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
    base + SignedDuration::from_hours(24 * i64::from(day))
}

/// What is known of a session on day `day`.
pub(crate) fn meta(id: &str, day: u32) -> SessionMeta {
    SessionMeta {
        id: SessionId::new(id),
        agent: AgentId::new("folder:test"),
        files: vec![],
        title: String::new(),
        started: Some(day_start(day)),
        ended: None,
        events: 0,
        calls: 0,
        errors: 0,
        skipped: vec![],
        user: Some("u1".to_owned()),
        segment: None,
        chain: None,
        remote: None,
    }
}

/// Several scripts as one corpus.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripts {
    pub(crate) metas: Vec<SessionMeta>,
    scripts: BTreeMap<SessionId, Script>,
}

impl Scripts {
    pub(crate) fn add(&mut self, meta: SessionMeta, script: Script) {
        self.scripts.insert(meta.id.clone(), script);
        self.metas.push(meta);
    }

    pub(crate) fn script(&self, id: &SessionId) -> &Script {
        &self.scripts[id]
    }
}

impl Corpus for Scripts {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no such session");
        self.scripts.get(&session.id).ok_or_else(missing)?.read(session, sink)
    }
}
