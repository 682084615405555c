//! Which lessons are offered for the memory that several agents share.

use std::sync::Arc;

use wakeful::domain::agent::Agent;
use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::evidence::{Basis, Evidence, Origin, Place, QuoteStatus, Stance, Support, Tier};
use wakeful::domain::ids::{AgentId, DreamId, LessonId, SessionId};
use wakeful::domain::lesson::{Lesson, Mark, Severity, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::lesson::{cut, lesson_id};
use wakeful::source::Sources;
use wakeful::source::shared::Shared;
use wakeful::store::{Ask, LessonQuery, Proposal};
use wakeful::sync::decide::{Desk, decide};
use wakeful::sync::{Context, apply, shared};

use super::support::{World, memory};

const BEFORE: [(&str, &str); 1] = [("a.md", "# A\n\n- one apple\n")];
const NOTE: &str = "Refunds take five days.";

struct Agents {
    world: World,
    sources: Sources,
}

impl Agents {
    fn new() -> Self {
        let world = World::new(&BEFORE);
        let folder = world.store.path().with_file_name("shared");
        std::fs::create_dir(&folder).unwrap();
        let sources =
            Sources::new(vec![world.source.clone(), Arc::new(Shared::new(folder, None, Vec::new()))]);
        let of_shared = sources.agents().0.into_iter().find(|agent| agent.id.is_shared()).unwrap();
        world.writer.put_agents(&[of_shared]).unwrap();
        world.writer.put_memory(&AgentId::shared(), &memory(&[]), None).unwrap();
        Self { world, sources }
    }

    /// A lesson for an agent that says this, from so many sessions.
    fn found(&self, name: &str, note: &str, sessions: u32, marks: &[Mark]) -> LessonId {
        let agent: Agent = self.world.source.add_agent(name, memory(&BEFORE));
        self.world.writer.put_agents(std::slice::from_ref(&agent)).unwrap();
        let (base, proposed) =
            (memory(&BEFORE), memory(&[("a.md", &format!("# A\n\n- one apple\n- {note}\n"))]));
        let at = self.world.clock.now_and_later();
        let dream = Dream {
            id: DreamId::new(format!("drm_{name}")),
            agent: agent.id.clone(),
            engine: Engine::Offline,
            status: DreamStatus::Completed,
            started: at,
            ended: Some(at),
            window: Window::default(),
            base: self.world.writer.put_snapshot(&base).unwrap(),
            proposed: Some(self.world.writer.put_snapshot(&proposed).unwrap()),
            manifest: None,
            error: None,
            model: None,
            instructions: None,
            remote: None,
            usage: None,
            estimate: None,
            cost: None,
        };
        let part = cut(&base, &proposed).lessons.remove(0);
        let id = lesson_id(&agent.id, &part.key);
        let support = Support {
            basis: Basis::Verified,
            sessions: Some(sessions),
            exposed: Some(sessions + 1),
            ..Support::memory()
        };
        let lesson = Lesson {
            id: id.clone(),
            agent: agent.id.clone(),
            dream: dream.id.clone(),
            kind: part.kind,
            topic: Topic::Fact,
            statement: note.to_owned(),
            proposed: None,
            state: State::Pending,
            edited: false,
            support,
            tier: if sessions > 9 { Tier::Established } else { Tier::Emerging },
            marks: marks.to_vec(),
            documents: part.documents.clone(),
            tokens: 1,
            cosmetic: false,
            position: 0,
        };
        let evidence = (0..sessions).map(place).collect();
        let proposal = Proposal { lesson, key: part.key, evidence };
        self.world.writer.finish_dream(&dream, vec![proposal], "wakeful").unwrap();
        id
    }

    fn offer(&self) -> Option<DreamId> {
        let world = &self.world;
        shared::after(&self.sources, &world.reader, &world.writer, &world.cuttings, "wakeful").unwrap()
    }

    fn say(&self, lesson: &LessonId, verdict: Verdict) {
        let desk = Desk {
            sources: &self.sources,
            reader: &self.world.reader,
            writer: &self.world.writer,
            cuttings: &self.world.cuttings,
            by: "me",
        };
        decide(&desk, &[Ask { lesson: lesson.clone(), verdict, reason: None }]).unwrap();
    }

    fn offered(&self) -> Vec<Lesson> {
        let query = LessonQuery { agent: Some(AgentId::shared()), ..LessonQuery::default() };
        let all = self.world.reader.lessons(&query).unwrap();
        all.into_iter().filter(|lesson| lesson.state != State::Superseded).collect()
    }
}

trait Later {
    fn now_and_later(&self) -> jiff::Timestamp;
}

impl Later for wakeful::domain::clock::FixedClock {
    fn now_and_later(&self) -> jiff::Timestamp {
        self.advance(jiff::SignedDuration::from_mins(1));
        wakeful::domain::clock::Clock::now(self)
    }
}

fn place(n: u32) -> Evidence {
    Evidence {
        place: Place {
            session: SessionId::new(format!("s{n}")),
            file: format!("s{n}.jsonl"),
            record: format!("r{n}"),
            call: None,
            bytes: 0..10,
            at: Some(format!("2026-02-{:02}T09:00:00Z", n % 28 + 1).parse().unwrap()),
        },
        stance: Stance::Support,
        status: QuoteStatus::Verified,
        origin: Origin::User,
        quote: "five days".to_owned(),
    }
}

#[test]
fn what_only_one_agent_has_is_never_offered() {
    let agents = Agents::new();
    agents.found("ann", NOTE, 12, &[]);
    agents.found("bob", "Vouchers are never refunded.", 12, &[]);
    assert_eq!((agents.offer(), agents.offered()), (None, Vec::new()));
    agents.found("cat", NOTE, 3, &[]);
    assert!(agents.offer().is_some());
    let offered = agents.offered();
    assert_eq!(offered.len(), 1);
    assert_eq!((offered[0].statement.as_str(), offered[0].support.sessions), (NOTE, Some(15)));
    assert_eq!(offered[0].tier, Tier::Established, "as firm as the firmest");
    assert_eq!(agents.offer(), None, "nothing is new");
    let name = agents.world.reader.dreams(Some(&AgentId::shared())).unwrap().remove(0).manifest.unwrap();
    assert_eq!(name.remarks, ["from lessons of 2 agents: ann, cat"]);
}

#[test]
fn the_order_of_agents_does_not_matter() {
    let protected = |name: &str| Mark {
        guard: "protected".to_owned(),
        severity: Severity::Warn,
        text: format!("contradicts the rules of {name}"),
    };
    let mut names = ["ann", "bob", "cat"];
    let mut seen: Vec<(Lesson, Vec<Evidence>)> = Vec::new();
    for _ in 0..names.len() {
        names.rotate_left(1);
        let agents = Agents::new();
        for name in names {
            let sessions = name.bytes().map(u32::from).sum::<u32>() % 7 + 2;
            agents.found(name, NOTE, sessions, &[protected(name)]);
        }
        agents.offer();
        let mut lesson = agents.offered().remove(0);
        lesson.dream = DreamId::new("drm");
        let evidence = agents.world.reader.evidence(&lesson.id).unwrap();
        assert_eq!(lesson.support.sessions, Some(evidence.len() as u32));
        seen.push((lesson, evidence));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    let marks: Vec<&str> = seen[0].0.marks.iter().map(|mark| mark.text.as_str()).collect();
    for name in ["ann", "bob", "cat"] {
        assert!(marks.contains(&format!("{name}: contradicts the rules of {name}").as_str()), "{marks:?}");
    }
}

#[test]
fn what_a_person_turned_down_for_an_agent_does_not_count_and_what_no_longer_holds_is_taken_off() {
    let agents = Agents::new();
    let (ann, bob) = (agents.found("ann", NOTE, 12, &[]), agents.found("bob", NOTE, 12, &[]));
    agents.offer();
    assert_eq!(agents.offered()[0].state, State::Pending);
    agents.world.decide(&[bob], &Verdict::Reject);
    assert!(agents.offer().is_some());
    assert_eq!(agents.offered(), Vec::new());
    let cat = agents.found("cat", NOTE, 4, &[]);
    agents.world.decide(&[ann, cat], &Verdict::Accept);
    agents.offer();
    assert_eq!(agents.offered()[0].support.sessions, Some(16), "accepted is as good as found");
}

#[test]
fn a_decision_for_shared_memory_reaches_the_single_ones_and_is_taken_back_with_them() {
    use State::{Accepted, Pending, Rejected, Snoozed};

    let agents = Agents::new();
    let world = &agents.world;
    let (ann, bob) = (agents.found("ann", NOTE, 12, &[]), agents.found("bob", NOTE, 3, &[]));
    agents.offer();
    let of_all = agents.offered().remove(0).id;
    let states = || [&of_all, &ann, &bob].map(|lesson| world.state(lesson));
    let say = |lesson: &LessonId, verdict: Verdict| agents.say(lesson, verdict);

    let now = wakeful::domain::clock::Clock::now(world.clock.as_ref());
    say(&of_all, Verdict::Snooze { until: now + std::time::Duration::from_hours(24) });
    assert_eq!(states(), [Snoozed, Snoozed, Snoozed], "put off as the one row that it is");
    say(&of_all, Verdict::Accept);
    assert_eq!(states(), [Accepted, Rejected, Rejected]);
    // Offered on, with what it rests on, although nobody waits for it any more.
    assert_eq!(agents.offer(), None);
    world.writer.undo_decision("me").unwrap();
    assert_eq!(states(), [Snoozed, Snoozed, Snoozed], "one undo takes all of it back");
    say(&of_all, Verdict::Accept);
    say(&of_all, Verdict::Reject);
    assert_eq!(states(), [Rejected, Pending, Pending], "turned down after all, each waits by itself");
    assert!(agents.offer().is_none() && agents.offered()[0].state == Rejected);

    // What is decided for one agent says nothing about shared memory.
    say(&of_all, Verdict::Reopen);
    assert_eq!(states(), [Pending, Pending, Pending]);
    say(&ann, Verdict::Accept);
    assert_eq!(states(), [Pending, Accepted, Accepted]);
    say(&of_all, Verdict::Accept);
    assert_eq!(states(), [Accepted, Accepted, Accepted], "only what waits is settled");
}

#[test]
fn in_a_persons_words_it_is_one_with_the_single_ones_all_the_same() {
    let agents = Agents::new();
    let world = &agents.world;
    let (ann, bob) = (agents.found("ann", NOTE, 12, &[]), agents.found("bob", NOTE, 3, &[]));
    agents.offer();
    let of_all = agents.offered().remove(0).id;
    agents.say(&of_all, Verdict::Edit { text: Some("- Refunds take five working days.\n".to_owned()) });
    assert_eq!(agents.offered()[0].statement, "Refunds take five working days.");
    assert_eq!(world.reader.status(0).unwrap().pending, 1);
    assert_eq!(agents.offer(), None, "it is known in these words, too");
    agents.say(&of_all, Verdict::Accept);
    let states = [&of_all, &ann, &bob].map(|lesson| world.state(lesson));
    assert_eq!(states, [State::Accepted, State::Rejected, State::Rejected]);
    let agent = world.reader.agent(&AgentId::shared()).unwrap().unwrap();
    let context = Context {
        agent: &agent,
        source: agents.sources.of(&agent).unwrap().as_ref(),
        reader: &world.reader,
        writer: &world.writer,
        cuttings: &world.cuttings,
        by: "me",
    };
    apply::run(&apply::plan(&context).unwrap(), &context, &|_| {}).unwrap();
    let written = context.memory_now().unwrap();
    let text = "# Lessons of several agents\n\n- Refunds take five working days.\n";
    assert_eq!(written, memory(&[("lessons.md", text)]));
    world.writer.put_memory(&agent.id, &written, None).unwrap();
    assert_eq!(agents.offer(), None, "nor is it offered again in the words it was found in");
}

#[test]
fn the_same_sessions_of_two_agents_count_once() {
    let agents = Agents::new();
    for name in ["ann", "bob"] {
        agents.found(name, NOTE, 5, &[]);
        let id = AgentId::new(format!("folder:{name}"));
        let agent = agents.world.reader.agent(&id).unwrap().unwrap();
        agents.world.writer.put_agents(&[Agent { sessions_at: "one/folder".to_owned(), ..agent }]).unwrap();
    }
    agents.offer();
    let offered = agents.offered().remove(0);
    assert_eq!((offered.support.sessions, offered.support.exposed), (Some(5), Some(6)));
    assert_eq!(agents.world.reader.evidence(&offered.id).unwrap().len(), 5);
}

#[test]
fn what_the_shared_memory_says_already_is_not_offered() {
    let agents = Agents::new();
    agents.found("ann", NOTE, 12, &[]);
    agents.found("bob", NOTE, 12, &[]);
    let says = memory(&[("notes.md", "# Money\n\n- Refunds take\n  five days.\n")]);
    agents.world.writer.put_memory(&AgentId::shared(), &says, None).unwrap();
    assert_eq!((agents.offer(), agents.offered()), (None, Vec::new()));
}
