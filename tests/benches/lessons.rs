//! Lessons by the thousand, for benchmarks of the cache and the console.

use jiff::Timestamp;
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::evidence::{Basis, Evidence, Origin, Place, QuoteStatus, Stance, Support, Tier};
use wakeful::domain::ids::{AgentId, DreamId, LessonId, SessionId};
use wakeful::domain::lesson::{Change, DocumentChange, Kind, Lesson, Mark, Severity, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{ContentHash, DocPath};
use wakeful::store::Proposal;

/// Places of each lesson.
pub const EVIDENCE: usize = 12;

/// A finished dream of an agent, over a memory that stays as it is.
pub fn dream(agent: &AgentId, base: ContentHash, now: Timestamp) -> Dream {
    Dream {
        id: DreamId::new("drm"),
        agent: agent.clone(),
        engine: Engine::Offline,
        status: DreamStatus::Completed,
        started: now,
        ended: Some(now),
        window: Window::default(),
        base,
        proposed: Some(base),
        manifest: None,
        error: None,
        model: None,
        instructions: None,
        remote: None,
        usage: None,
        estimate: None,
        cost: None,
    }
}

/// The lesson of that dream with this number.
pub fn proposal(agent: &AgentId, n: usize) -> Proposal {
    let path = DocPath::new(&format!("notes/topic-{}.md", n % 40)).expect("a path");
    let lesson = Lesson {
        id: LessonId::new(format!("les_{n}")),
        agent: agent.clone(),
        dream: DreamId::new("drm"),
        kind: Kind::Add,
        topic: Topic::Mistake,
        statement: format!("Lesson number {n}: run the linter with --fix before the tests"),
        proposed: None,
        state: State::Pending,
        edited: false,
        support: Support { basis: Basis::Verified, sessions: Some(n as u32 % 50), ..Support::memory() },
        tier: Tier::Supported,
        marks: vec![Mark {
            guard: "single-source".to_owned(),
            severity: Severity::Warn,
            text: "one day".to_owned(),
        }],
        documents: vec![DocumentChange { path, change: Change::Modified }],
        tokens: 20,
        cosmetic: false,
        position: n as u32,
    };
    let evidence = (0..EVIDENCE).map(|place| Evidence {
        place: Place {
            session: SessionId::new(format!("session-{place}")),
            file: format!("session-{place}.jsonl"),
            record: "00000000-0000-4000-8000-000000000000".to_owned(),
            call: None,
            bytes: 100..200,
            at: None,
        },
        stance: Stance::Support,
        status: QuoteStatus::Verified,
        origin: Origin::Tool,
        quote: "error: unrecognized subcommand".to_owned(),
    });
    Proposal { lesson, key: format!("key-{n}"), evidence: evidence.collect() }
}
