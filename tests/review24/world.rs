//! A support desk: fourteen sessions in a folder, a memory with a history, and a dream of 24 lessons whose
//! citations, counts and guards are the product's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use wakeful::config::{Config, Setting};
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::ids::DreamId;
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::evidence::cite::strip_memory;
use wakeful::lesson::cut;
use wakeful::run::ConsoleOptions;
use wakeful::source::folder::Folder;
use wakeful::source::{Source, Sources};
use wakeful::store::{Reader, Store, Writer};
use wakeful::sync::others::Search;
use wakeful::sync::platform::prices::Prices;

/// How the lessons begin that a careful person accepts.
pub const GOOD: [&str; 12] = [
    "Answer in the language the customer writes in.",
    "Ask for the order number before anything else about a refund.",
    "Call the orders tool with the region, or it answers not found.",
    "Companies get the invoice as a PDF",
    "Confirm a new address in writing before changing it.",
    "Drop the repeated note: Hand over with the order number",
    "Drop: The old portal lists open orders.",
    "Move to “Escalation” in /escalation.md",
    "Parcels over 20 kg go with the freight carrier.",
    "Refunds take 30 days.",
    "Send the reset link only to the address on file.",
    "The stock tool counts reserved items; subtract them.",
];

/// A desk in a temporary folder.
pub struct Desk {
    folder: tempfile::TempDir,
    clock: Arc<FixedClock>,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Where the texts of the review lie.
fn texts(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/review24").join(name)
}

/// The documents of a folder of texts, as a memory.
pub fn documents(folder: &Path) -> Snapshot {
    let mut memory = Snapshot::default();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = format!("/{}", file.file_name().unwrap().to_string_lossy());
        memory.insert(DocPath::new(&name).unwrap(), fs::read_to_string(file).unwrap());
    }
    memory
}

/// The memory as it is right after exactly the good lessons were accepted.
pub fn right() -> Snapshot {
    documents(&texts("after"))
}

impl Desk {
    /// Sessions, a memory that a person wrote a line into, a dream over both, and a line that a person changed
    /// since.
    pub fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(FixedClock::new(at("2026-02-15T08:00:00Z"))),
        };
        for part in ["sessions", "memory"] {
            fs::create_dir_all(desk.root().join(part)).unwrap();
        }
        fs::copy(texts("RULES.md"), desk.root().join("RULES.md")).unwrap();
        fs::write(desk.root().join("wakeful.toml"), "name = \"support-desk\"\nprotected = [\"RULES.md\"]\n")
            .unwrap();
        for (path, text) in documents(&texts("before")).iter() {
            let without = text.replace("- Sign with the name of the shop.\n", "");
            fs::write(desk.document(path.as_str()), without).unwrap();
        }
        let store = desk.store();
        let (writer, reader) = (store.writer(), store.reader().unwrap());
        desk.pull(&reader, &writer);
        // A person writes a line of their own.
        desk.clock.advance(SignedDuration::from_hours(24 * 2));
        fs::write(desk.document("/tone.md"), fs::read_to_string(texts("before/tone.md")).unwrap()).unwrap();
        desk.write_sessions();
        desk.pull(&reader, &writer);
        desk.clock.advance(SignedDuration::from_hours(24 * 13));
        desk.dream(&reader, &writer);
        // And changes one after the dream has read it.
        desk.edit("/accounts.md", "one hour", "one day");
        desk.clock.advance(SignedDuration::from_hours(4));
        desk.pull(&reader, &writer);
        desk
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("support-desk")
    }

    fn document(&self, path: &str) -> PathBuf {
        self.root().join("memory").join(path.trim_start_matches('/'))
    }

    /// Changes a document by hand.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.document(path)).unwrap();
        assert!(text.contains(from), "{from:?} is not in {path}");
        fs::write(self.document(path), text.replace(from, to)).unwrap();
    }

    /// The memory on the disk.
    pub fn memory(&self) -> Snapshot {
        documents(&self.root().join("memory"))
    }

    fn store(&self) -> Store {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        Store::open(&self.folder.path().join("cache/wakeful.db"), clock).unwrap()
    }

    fn source(&self) -> Folder {
        Folder::new(self.root())
    }

    fn sources(&self) -> Sources {
        Sources::new(vec![Arc::new(self.source()) as Arc<dyn Source>])
    }

    fn pull(&self, reader: &Reader, writer: &Writer) {
        let stop = AtomicBool::new(false);
        wakeful::sync::pull::run(&self.sources(), reader, writer, &|_| {}, &|_| {}, &stop).unwrap();
    }

    fn write_sessions(&self) {
        let all = fs::read_to_string(texts("sessions.txt")).unwrap();
        for session in all.split("\n== ").skip(1) {
            let (head, body) = session.split_once('\n').unwrap();
            let [name, day, person] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
            let mut lines = vec![json!({"type": "session", "user": person})];
            for (minute, line) in body.lines().enumerate() {
                let (who, text) = line.split_once(' ').unwrap();
                let at = format!("{day}T09:{minute:02}:00Z");
                lines.push(match who {
                    ">" => json!({"type": "user", "at": at, "text": text}),
                    "<" => json!({"type": "assistant", "at": at, "text": text}),
                    "!" => {
                        let (tool, input) = text.split_once(' ').unwrap();
                        let input: serde_json::Value = serde_json::from_str(input).unwrap();
                        json!({"type": "tool_call", "at": at, "call": "c1", "tool": tool, "input": input})
                    }
                    "=" => json!({"type": "tool_result", "at": at, "call": "c1", "text": text}),
                    _ => panic!("{line}"),
                });
            }
            let text: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(self.root().join(format!("sessions/{name}.jsonl")), text.concat()).unwrap();
        }
    }

    /// Keeps the dream whose text lies prepared, as one of another's engine is kept: its citations are
    /// checked, evidence is looked for, and every guard looks at each lesson.
    fn dream(&self, reader: &Reader, writer: &Writer) {
        let agent = reader.agents().unwrap().remove(0);
        let sessions = reader.all_sessions(&agent.id).unwrap();
        let (base, dreamed) = (reader.memory(&agent.id).unwrap().unwrap(), documents(&texts("dreamed")));
        let stripped = strip_memory(&dreamed);
        let source = self.source();
        let protected: Vec<(String, String)> =
            source.protected(&agent).unwrap().into_iter().map(|doc| (doc.path, doc.text)).collect();
        let dream = Dream {
            id: DreamId::new("drm_desk"),
            agent: agent.id.clone(),
            engine: Engine::Claude,
            status: DreamStatus::Completed,
            started: at("2026-03-02T03:00:00Z"),
            ended: Some(at("2026-03-02T03:04:00Z")),
            window: Window::default(),
            base: writer.put_snapshot(&base).unwrap(),
            proposed: Some(writer.put_snapshot(&stripped.memory).unwrap()),
            manifest: None,
            error: None,
            model: None,
            instructions: None,
            remote: None,
            usage: None,
            estimate: None,
            cost: None,
        };
        let cutting = cut(&base, &stripped.memory);
        let search = Search {
            source: &source,
            agent: &agent,
            base: &base,
            protected: &protected,
            sessions: &sessions,
            progress: &|_| {},
            cancel: &AtomicBool::new(false),
        };
        let proposals = search.proposals(&dream.id, &cutting, &stripped.cited).unwrap();
        writer.finish_dream(&dream, proposals, "wakeful").unwrap();
    }

    /// What a console on this desk is opened with.
    pub fn options(&self) -> ConsoleOptions {
        let plain = |value: &str| Setting { value: value.to_owned(), ..Setting::default() };
        ConsoleOptions {
            store: self.store(),
            sources: self.sources(),
            config: Config {
                reviewer: plain("owner"),
                threshold: Setting { value: 0, ..Setting::default() },
                ..Config::default()
            },
            prices: Prices::built_in(),
            clock: Arc::clone(&self.clock) as _,
            zone: TimeZone::UTC,
            state: self.folder.path().join("state"),
            notices: Vec::new(),
            sync_at_start: false,
            dream_at_start: None,
            requests: wakeful::observe::Requests::default(),
        }
    }
}
