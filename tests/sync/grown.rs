//! Sessions that grow: only what was appended is read, and what comes out is what reading all of it gives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wakeful::domain::agent::Agent;
use wakeful::domain::dream::{Progress, Window};
use wakeful::domain::ids::SessionId;
use wakeful::domain::session::SessionMeta;
use wakeful::dream::Parameters;
use wakeful::dream::offline::ENGINE;
use wakeful::source::Sources;
use wakeful::source::fake::Fake;
use wakeful::store::LessonQuery;
use wakeful::sync::dream::Reading;
use wakeful::sync::{Context, SyncError, dream, pull};

use super::support::{Counting, World, memory, silent};

struct Setting {
    world: World,
    source: Arc<Counting<Fake>>,
    agent: Agent,
}

/// What is known of a session, what was mined from it, and the lessons.
type Outcome = (SessionMeta, Vec<u8>, Vec<String>);

impl Setting {
    fn new() -> Self {
        let world = World::new(&[]);
        let source = Arc::new(Counting::of(Fake::new()));
        let agent = source.source.add_agent("real", memory(&[("notes.md", "# Notes\n")]));
        Self { world, source, agent }
    }

    fn put(&self, text: &str) {
        self.source.source.put_session(&self.agent, "s.jsonl", text);
    }

    fn pull(&self, progress: &(dyn Fn(Progress) + Sync), cancel: &AtomicBool) -> Result<u64, SyncError> {
        let sources = Sources::new(vec![self.source.clone()]);
        let (reader, writer) = (&self.world.reader, &self.world.writer);
        pull::run(&sources, reader, writer, &|_| {}, progress, cancel).map(|report| report.read)
    }

    /// A pull and a pass; gives what they know then, and how many bytes they read for it.
    fn outcome(&self) -> (Outcome, u64) {
        let before = self.source.read.load(Ordering::Relaxed);
        let never = AtomicBool::new(false);
        self.pull(&silent, &never).unwrap();
        let context = Context { agent: &self.agent, source: self.source.as_ref(), ..self.world.context() };
        let id = dream::run(
            &context,
            &Window::default(),
            &Parameters::default(),
            Reading::Asking,
            &silent,
            &never,
        )
        .unwrap();
        let reader = &self.world.reader;
        let session = SessionId::new("s");
        let lessons = reader.lessons(&LessonQuery { dream: Some(id), ..LessonQuery::default() }).unwrap();
        let outcome = (
            reader.session(&self.agent.id, &session).unwrap().unwrap(),
            reader.facts(&self.agent.id, &session, ENGINE).unwrap().unwrap().body,
            lessons.into_iter().map(|lesson| lesson.statement).collect(),
        );
        (outcome, self.source.read.load(Ordering::Relaxed) - before)
    }
}

/// The same by reading everything at once.
fn at_once(text: &str) -> Outcome {
    let setting = Setting::new();
    setting.put(text);
    setting.outcome().0
}

/// A turn, a call that fails and one that works.
fn round(n: usize) -> String {
    let common = |record: usize| {
        format!(
            r#""uuid":"00000000-0000-4000-8000-{:012}","sessionId":"s","timestamp":"2026-03-01T10:{:02}:{:02}.000Z""#,
            n * 10 + record,
            n / 60 % 60,
            n % 60
        )
    };
    let user = |record, content: &str| {
        format!(
            "{{\"type\":\"user\",{},\"message\":{{\"role\":\"user\",\"content\":{content}}}}}\n",
            common(record)
        )
    };
    let call = |record, id: &str, command: &str| {
        format!(
            r#"{{"type":"assistant",{},"message":{{"id":"m","role":"assistant","content":[{{"type":"tool_use","id":"{id}{n}","name":"Bash","input":{{"command":"{command}"}}}}]}}}}"#,
            common(record)
        ) + "\n"
    };
    let answer = |id: &str, failed: bool, text: &str| {
        format!(
            r#"[{{"type":"tool_result","tool_use_id":"{id}{n}","is_error":{failed},"content":"{text}"}}]"#
        )
    };
    [
        user(1, &format!("\"No, use pnpm instead of npm, round {n}.\"")),
        call(2, "a", "npm test"),
        user(3, &answer("a", true, "Exit code 1\\nerror: no lock file")),
        call(4, "b", "pnpm test"),
        user(5, &answer("b", false, &"built and tested ".repeat(500))),
    ]
    .concat()
}

fn rounds(range: std::ops::Range<usize>) -> String {
    range.map(round).collect()
}

#[test]
fn of_a_session_that_grew_only_the_new_end_is_read() {
    let setting = Setting::new();
    let (start, end) = (rounds(0..60), rounds(60..64));
    // The last record is still being written when it is read first.
    let half = round(60).len() / 2;
    setting.put(&(start.clone() + &end[..half]));
    let (_, first) = setting.outcome();
    assert!(first >= 2 * start.len() as u64, "read to list it and to mine it: {first}");
    let whole = start + &end;
    setting.put(&whole);
    let (grown, second) = setting.outcome();
    assert!(second < whole.len() as u64 / 2, "{second} of {} bytes were read again", whole.len());
    assert!(grown == at_once(&whole), "what was appended changed more than it should");
    let (again, third) = setting.outcome();
    assert_eq!(third, 0);
    assert!(again == grown);
}

#[test]
fn a_session_that_was_rewritten_is_read_from_its_start() {
    let setting = Setting::new();
    let start = rounds(0..60);
    setting.put(&start);
    setting.outcome();
    // Something in the middle is taken out; at the end there is more than before.
    let rewritten = start.replacen("built and tested built and tested ", "", 1) + &rounds(60..66);
    assert!(rewritten.len() > start.len());
    setting.put(&rewritten);
    assert!(setting.outcome().0 == at_once(&rewritten), "the old text was gone on with");
    // And one that got shorter.
    setting.put(&start);
    assert!(setting.outcome().0 == at_once(&start));
}

#[test]
fn a_pull_that_is_stopped_keeps_what_it_read_and_the_next_goes_on() {
    let setting = Setting::new();
    for n in 0..600 {
        let text = round(n);
        setting.source.source.put_session(&setting.agent, &format!("s{n:03}.jsonl"), text);
    }
    let stop = AtomicBool::new(false);
    let stopping = |progress: Progress| {
        if progress.stage == "reading" && progress.done >= 520 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    assert!(matches!(setting.pull(&stopping, &stop), Err(SyncError::Canceled)));
    let kept = setting.world.reader.session_count(&setting.agent.id).unwrap();
    assert!((256..600).contains(&kept), "{kept}");
    let read = setting.pull(&silent, &AtomicBool::new(false)).unwrap();
    assert_eq!(read + kept, 600, "what was kept is not read again");
}
