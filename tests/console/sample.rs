//! A small world to look at: two agents, three passes, a dozen lessons of every kind and state.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wakeful::app::activity::Activity;
use wakeful::app::data::{
    AgentPlan, AgentSummary, AppliedLesson, AuditEntry, AuditView, DocumentText, DreamSummary, HistoryEntry,
    LessonDetail, MemoryDocument, MemorySize, MemoryView, Origin, OriginKind, Overview, Preview, SeenVersion,
    Transcript, TranscriptEvent, VersionTexts,
};
use wakeful::app::far::{DreamPlan, DreamWish, Watched};
use wakeful::app::fit::Parts;
use wakeful::app::view_state::ViewState;
use wakeful::app::{Effect, Model, Msg, update};
use wakeful::domain::agent::{Agent, Budget, Mode, SourceKind};
use wakeful::domain::checks::{Checks, Confirmation, HeldOut, Noise, Share};
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Excluded, Manifest, Window};
use wakeful::domain::evidence::{Basis, Evidence, Place, QuoteStatus, Stance, Support, Tier};
use wakeful::domain::ids::{AgentId, ApplyId, DreamId, LessonId, SessionId};
use wakeful::domain::lesson::{Change, DocumentChange, Kind, Lesson, Mark, Severity, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{ContentHash, DocPath};
use wakeful::domain::rules::Rules;
use wakeful::domain::session::EventKind;

pub fn now() -> Timestamp {
    "2026-03-03T09:41:00Z".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn agent(id: &str, segment: Option<&str>, store_tokens: u64) -> Agent {
    Agent {
        id: AgentId::new(format!("folder:{id}")),
        name: id.to_owned(),
        source: SourceKind::Folder,
        sessions_at: format!("/agents/{id}/sessions"),
        memory_at: format!("/agents/{id}/memory"),
        protected: Vec::new(),
        segment: segment.map(str::to_owned),
        mode: Mode::Review,
        outcomes: wakeful::domain::outcome::Outcomes::default(),
        budget: Budget {
            index: Some("/MEMORY.md".to_owned()),
            index_lines: Some(200),
            index_bytes: Some(25_000),
            index_tokens: 4_000,
            store_tokens,
        },
    }
}

fn counted(sessions: u32, exposed: u32, contradict: u32, mention: u32) -> Support {
    Support {
        basis: Basis::Verified,
        sessions: Some(sessions),
        exposed: Some(exposed),
        contradict,
        mention,
        days: sessions.div_ceil(4),
        users: sessions.div_ceil(8),
        lower_bound: Some(f64::from(sessions) / f64::from(exposed) * 0.8),
        checks: checks(sessions, exposed),
    }
}

/// Three tenths held out, about as often there as elsewhere.
fn checks(sessions: u32, exposed: u32) -> Checks {
    let (held, chances) = (sessions * 3 / 10, exposed * 3 / 10);
    let share = |support, exposed| Share { support, contradict: 0, exposed };
    Checks {
        effective_users: Some(f64::from(sessions.div_ceil(8)) * 0.8),
        people: 6,
        held_out: Some(HeldOut {
            found_in: share(sessions - held, exposed - chances),
            confirmed_in: share(held, chances),
            found_without: true,
            verdict: Confirmation::Replicated,
        }),
        noise: Some(Noise { copies: 20, lessons: 0.05 }),
        ..Checks::default()
    }
}

struct Draft(
    &'static str,
    &'static str,
    Kind,
    Topic,
    Support,
    State,
    &'static [(&'static str, Severity, &'static str)],
    &'static str,
    i64,
);

fn drafts() -> Vec<Draft> {
    use {Kind as K, State as S, Topic as T};
    const SKEW: &[(&str, Severity, &str)] = &[("skew", Severity::Info, "29 of 31 sessions are long-tail")];
    const PROTECTED: &[(&str, Severity, &str)] =
        &[("protected", Severity::Warn, "contradicts CLAUDE.md line 12: “refunds within 30 days”")];
    const RETURNED: &[(&str, Severity, &str)] = &[(
        "returned",
        Severity::Info,
        "changed since it was rejected by owner on 2026-02-20: “say who sends it”",
    )];
    const SECRET: &[(&str, Severity, &str)] =
        &[("secret", Severity::Block, "holds what looks like an access key; edit it out to accept")];
    vec![
        Draft(
            "support-bot",
            "Offer a call before processing a cancellation: most people who are offered one stay",
            K::Add,
            T::Preference,
            counted(31, 50, 2, 7),
            S::Pending,
            SKEW,
            "/customers/cancellations.md",
            38,
        ),
        Draft(
            "support-bot",
            "Refund window is 30 days, not 14",
            K::Revise,
            T::Fact,
            counted(24, 50, 0, 3),
            S::Pending,
            PROTECTED,
            "/policies/refunds.md",
            2,
        ),
        Draft(
            "support-bot",
            "Merge 3 notes on escalation",
            K::Merge,
            T::Upkeep,
            Support::memory(),
            S::Pending,
            &[],
            "/escalation.md",
            -212,
        ),
        Draft(
            "support-bot",
            "Drop the note on the old portal",
            K::Remove,
            T::Upkeep,
            counted(12, 50, 1, 0),
            S::Accepted,
            &[],
            "/tools/portal.md",
            -44,
        ),
        Draft(
            "support-bot",
            "Move the greeting rules to /style/tone.md",
            K::Move,
            T::Upkeep,
            Support::memory(),
            S::Pending,
            &[],
            "/style/tone.md",
            0,
        ),
        Draft(
            "support-bot",
            "Call the orders tool with the region, or it answers “not found”",
            K::Add,
            T::Mistake,
            counted(18, 31, 0, 2),
            S::Pending,
            &[],
            "/tools/orders.md",
            27,
        ),
        Draft(
            "support-bot",
            "Log in to the ledger with the shared key",
            K::Add,
            T::Workflow,
            counted(11, 20, 0, 0),
            S::Pending,
            SECRET,
            "/tools/ledger.md",
            31,
        ),
        Draft(
            "support-bot",
            "Answer in the customer's language",
            K::Add,
            T::Preference,
            counted(4, 50, 0, 1),
            S::Pending,
            &[],
            "/style/tone.md",
            12,
        ),
        Draft(
            "orchestrator",
            "Send follow-ups to sales-writer",
            K::Add,
            T::Workflow,
            counted(22, 41, 1, 5),
            S::Pending,
            RETURNED,
            "/routing.md",
            19,
        ),
        Draft(
            "orchestrator",
            "Ask for the time zone before booking",
            K::Revise,
            T::Mistake,
            counted(10, 41, 0, 4),
            S::Conflict,
            &[],
            "/booking.md",
            8,
        ),
        Draft(
            "orchestrator",
            "Keep hand-overs under ten lines\u{202e}",
            K::Add,
            T::Preference,
            counted(9, 41, 0, 0),
            S::Pending,
            &[],
            "/routing.md",
            14,
        ),
    ]
}

pub fn lesson_id(position: usize) -> LessonId {
    LessonId::new(format!("les_{position:02}"))
}

pub fn lessons() -> Vec<Lesson> {
    drafts()
        .into_iter()
        .enumerate()
        .map(|(position, Draft(agent, statement, kind, topic, support, state, marks, path, tokens))| Lesson {
            id: lesson_id(position),
            agent: AgentId::new(format!("folder:{agent}")),
            dream: DreamId::new(format!("drm_{agent}")),
            kind,
            topic,
            statement: statement.to_owned(),
            proposed: None,
            state,
            edited: false,
            tier: match support.sessions {
                Some(10..) => Tier::Established,
                Some(5..) => Tier::Supported,
                Some(3..) => Tier::Emerging,
                _ => Tier::Lead,
            },
            support,
            marks: marks
                .iter()
                .map(|(guard, severity, text)| Mark {
                    guard: (*guard).to_owned(),
                    severity: *severity,
                    text: (*text).to_owned(),
                })
                .collect(),
            documents: vec![DocumentChange { path: DocPath::new(path).unwrap(), change: Change::Modified }],
            tokens,
            cosmetic: false,
            position: position as u32,
        })
        .collect()
}

fn dream(id: &str, agent: &str, started: &str, status: DreamStatus) -> Dream {
    let done = status == DreamStatus::Completed;
    Dream {
        id: DreamId::new(id),
        agent: AgentId::new(format!("folder:{agent}")),
        engine: Engine::Offline,
        status,
        started: at(started),
        ended: at(started).checked_add(jiff::SignedDuration::from_secs(74)).ok(),
        window: Window::default(),
        base: ContentHash::of(b"base"),
        proposed: done.then(|| ContentHash::of(b"proposed")),
        manifest: done.then(|| Manifest {
            engine: "offline/1".to_owned(),
            parameters: "p".to_owned(),
            corpus: "c".to_owned(),
            read: (0..48).map(|n| SessionId::new(format!("sesn_{n:02}"))).collect(),
            excluded: vec![Excluded { session: SessionId::new("sesn_48"), reason: "a fork of sesn_12".to_owned() }],
            noise: Some(0.05),
            noise_copies: 20,
            rules: Some(Rules::default()),
            fitted: None,
            whole: false,
            remarks: vec!["single-user corpus: team claims are disabled".to_owned()],
        }),
        error: (status == DreamStatus::Failed)
            .then(|| "The memory folder can't be read: permission denied. Nothing was changed; check its rights and run the pass again".to_owned()),
        model: None,
        instructions: None,
        remote: None,
        usage: None,
        estimate: None,
        cost: None,
    }
}

pub fn overview() -> Overview {
    let summary = |agent: Agent, sessions, pending, tokens| AgentSummary {
        sessions,
        pending,
        oldest: (pending > 0).then(|| at("2026-02-28T08:00:00Z")),
        memory: Some(MemorySize {
            documents: 9,
            tokens,
            index_lines: Some(143),
            index_bytes: Some(9_120),
            index_tokens: Some(2_280),
        }),
        last_dream: Some(at("2026-03-03T03:00:00Z")),
        last_sync: Some(at("2026-03-03T09:39:00Z")),
        trouble: None,
        lookback: 50,
        every_hours: 24,
        spent: Vec::new(),
        spent_by_others: Vec::new(),
        agent,
    };
    Overview {
        spent_by_others: Vec::new(),
        spent: Vec::new(),
        lessons: lessons(),
        agents: vec![
            summary(agent("support-bot", Some("long-tail"), 50_000), 212, 7, 41_300),
            summary(agent("orchestrator", None, 25_000), 41, 3, 26_100),
        ],
        gone: Vec::new(),
        turns: wakeful::app::data::Turns { undo: true, redo: false },
        dreams: vec![
            DreamSummary {
                dream: dream(
                    "drm_support-bot",
                    "support-bot",
                    "2026-03-03T03:00:00Z",
                    DreamStatus::Completed,
                ),
                lessons: 8,
                undecided: 7,
            },
            DreamSummary {
                dream: dream(
                    "drm_orchestrator",
                    "orchestrator",
                    "2026-03-03T02:00:00Z",
                    DreamStatus::Completed,
                ),
                lessons: 3,
                undecided: 3,
            },
            DreamSummary {
                dream: dream("drm_failed", "orchestrator", "2026-03-02T02:00:00Z", DreamStatus::Failed),
                lessons: 0,
                undecided: 0,
            },
        ],
        snoozed_until: None,
        pace: Some(jiff::SignedDuration::from_secs(21)),
    }
}

/// The sample after a morning: what reaches the threshold is decided, by turns in these ways. What was snoozed
/// comes back tomorrow.
pub fn cleared(ways: &[State]) -> Overview {
    let mut overview = overview();
    let mut ways = ways.iter().cycle();
    for lesson in overview.lessons.iter_mut().filter(|lesson| lesson.meets(10)) {
        lesson.state = *ways.next().unwrap();
    }
    overview.snoozed_until = Some("2026-03-04T00:00:00Z".parse().unwrap());
    overview
}

const BEFORE: &str = "# Customers\n\n## Cancellations\n\n- Confirm the account id.\n- Close the ticket.\n\n## Complaints\n\n- Listen first.\n- Repeat the problem in your own words.\n- Say what happens next.\n\n## Refunds\n\n- See /policies/refunds.md.\n";
const AFTER: &str = "# Customers\n\n## Cancellations\n\n- Confirm the account id before anything else.\n- When a customer mentions \"cancel\", offer a call with a person before processing it: most people who are offered one stay.\n- Close the ticket.\n\n## Complaints\n\n- Listen first.\n- Repeat the problem in your own words.\n- Say what happens next.\n\n## Refunds\n\n- See /policies/refunds.md.\n";

fn evidence(session: &str, stance: Stance, when: &str, quote: &str) -> Evidence {
    Evidence {
        place: Place {
            session: SessionId::new(session),
            file: format!("{session}.jsonl"),
            record: "rec_1".to_owned(),
            call: None,
            bytes: 1042..1187,
            at: Some(at(when)),
        },
        stance,
        status: QuoteStatus::Verified,
        origin: wakeful::domain::evidence::Origin::Tool,
        quote: quote.to_owned(),
    }
}

/// Two places where the memory changed underneath a lesson.
const TO_FIT: &str = "# Booking\n\nBefore anything else:\n\n- Greet by name.\n- Say who is asking.\n<<<<<<< the memory now\n- Ask for the time zone of the caller, and repeat it once in full.\n||||||| when it was dreamed\n- Ask for the date.\n=======\n- Ask for the time zone before the date: most mistakes in bookings were an hour off, and each cost a call.\n>>>>>>> this lesson\n- Repeat the booking.\n\n## Afterwards\n\n<<<<<<< the memory now\n||||||| when it was dreamed\n- Send a mail.\n=======\n- Send a mail with the time in both zones.\n>>>>>>> this lesson\n";

fn since() -> DocumentText {
    DocumentText {
        path: DocPath::new("/routing.md").unwrap(),
        change: Change::Modified,
        before: Arc::from("- Send follow-ups to the writer.\n"),
        after: Arc::from("- Send follow-ups to sales-writer, with the name of who asked.\n"),
    }
}

pub fn detail(lesson: &LessonId) -> LessonDetail {
    let of_memory = lessons().iter().any(|l| l.id == *lesson && l.support.sessions.is_none());
    LessonDetail {
        quarantined: std::collections::BTreeSet::new(),
        lesson: lesson.clone(),
        documents: vec![DocumentText {
            path: DocPath::new("/customers/cancellations.md").unwrap(),
            change: Change::Modified,
            before: Arc::from(BEFORE),
            after: Arc::from(AFTER),
        }],
        endings: std::collections::BTreeMap::new(),
        gone: std::collections::BTreeSet::new(),
        sample: Vec::new(),
        evidence: if of_memory {
            Vec::new()
        } else {
            vec![
                evidence(
                    "sesn_01",
                    Stance::Support,
                    "2026-03-03T08:12:00Z",
                    "can you cancel my plan? → ok, a call works, thank you for asking before closing it, I had not seen the smaller plan at all and it is all I need",
                ),
                evidence("sesn_07", Stance::Support, "2026-03-01T16:40:00Z", "a call would be good, yes"),
                evidence(
                    "sesn_12",
                    Stance::Support,
                    "2026-02-17T10:00:00Z",
                    "thanks for calling, I will stay",
                ),
                evidence(
                    "sesn_19",
                    Stance::Contradict,
                    "2026-02-27T12:30:00Z",
                    "just cancel it, don't call me",
                ),
                evidence("sesn_23", Stance::Mention, "2026-02-20T09:00:00Z", "someone called about my order"),
            ]
        },
        decision: None,
        taken_back: None,
        kept: None,
        editable: Some("- When a customer mentions \"cancel\", offer a call.\n".to_owned()),
        memory: Some(MemorySize {
            documents: 9,
            tokens: 41_300,
            index_lines: Some(143),
            index_bytes: Some(9_120),
            index_tokens: Some(2_280),
        }),
        remarks: Vec::new(),
        proposed: Vec::new(),
        edited: Vec::new(),
        since: if *lesson == lesson_id(8) { vec![since()] } else { Vec::new() },
        to_fit: (*lesson == lesson_id(9)).then(|| Parts::read(TO_FIT).unwrap()),
    }
}

pub fn transcript() -> Transcript {
    let event = |kind, text: &str, tool: Option<&str>, is_error| TranscriptEvent {
        kind,
        tool: tool.map(str::to_owned),
        at: Some(at("2026-03-03T08:12:00Z")),
        text: text.to_owned(),
        is_error,
    };
    Transcript {
        session: SessionId::new("sesn_01"),
        title: "can you cancel my plan?".to_owned(),
        file: "sesn_01.jsonl".to_owned(),
        events: vec![
            event(EventKind::User, "can you cancel my plan?", None, false),
            event(EventKind::ToolCall, "{\"account\":\"17\"}", Some("orders"), false),
            event(EventKind::ToolResult, "not found", None, true),
            event(
                EventKind::Assistant,
                "I can do that. Before I do: would a short call with a colleague help? There is a smaller plan that might fit better.",
                None,
                false,
            ),
            event(
                EventKind::User,
                "ok, a call works, thank you for asking before closing it, I had not seen the smaller plan at all and it is all I need",
                None,
                false,
            ),
            event(EventKind::Assistant, "A colleague calls you within the hour.", None, false),
            event(EventKind::Outcome, "kept", None, false),
        ],
        focus: 4,
        more_before: false,
        more_after: false,
    }
}

pub fn memory() -> MemoryView {
    let path = |path: &str| DocPath::new(path).unwrap();
    let document = |name: &str, text: &str, lines: Vec<Option<u32>>, origins| MemoryDocument {
        path: path(name),
        tokens: text.len() as u64 / 4,
        text: Arc::from(text),
        lines,
        origins,
    };
    let origin = Origin {
        kind: OriginKind::Lesson,
        lesson: Some(lesson_id(0)),
        statement: "Offer a call before processing a cancellation".to_owned(),
        by: "owner".to_owned(),
        at: at("2026-02-20T08:00:00Z"),
        support_then: Some(18),
        support_now: Some(31),
        stands: true,
    };
    let outside = Origin {
        kind: OriginKind::Outside,
        lesson: None,
        statement: "changed outside wakeful".to_owned(),
        by: String::new(),
        at: at("2026-02-25T10:00:00Z"),
        support_then: None,
        support_now: None,
        stands: false,
    };
    let after: Vec<_> = AFTER
        .lines()
        .enumerate()
        .map(|(n, _)| match n {
            5 => Some(0),
            10 | 11 => Some(1),
            _ => None,
        })
        .collect();
    MemoryView {
        agent: AgentId::new("folder:support-bot"),
        budget: Budget { store_tokens: 50_000, ..Budget::default() },
        size: MemorySize {
            documents: 3,
            tokens: 41_300,
            index_lines: Some(143),
            index_bytes: Some(9_120),
            index_tokens: Some(2_280),
        },
        documents: vec![
            document("/customers/cancellations.md", AFTER, after, vec![origin, outside]),
            document("/policies/refunds.md", "Refunds within 30 days.\n", vec![None], Vec::new()),
            document("/style/tone.md", "Be brief.\n", vec![None], Vec::new()),
        ],
        history: vec![HistoryEntry {
            apply: ApplyId::new("apl_1"),
            at: at("2026-02-20T08:00:00Z"),
            by: "owner".to_owned(),
            outcome: "2 lessons written".to_owned(),
            undoable: Ok(()),
            lessons: vec![
                AppliedLesson {
                    lesson: lesson_id(0),
                    statement: "Offer a call before processing a cancellation".to_owned(),
                    stands: true,
                },
                AppliedLesson {
                    lesson: LessonId::new("les_gone"),
                    statement: "Greet by name".to_owned(),
                    stands: false,
                },
            ],
            documents: vec![path("/customers/cancellations.md")],
            left: Some(5),
        }],
        seen: vec![
            SeenVersion { number: 7, at: at("2026-02-25T10:00:00Z"), tokens: 41_300, first: false },
            SeenVersion { number: 1, at: at("2026-02-01T08:00:00Z"), tokens: 40_100, first: true },
        ],
    }
}

pub fn version() -> VersionTexts {
    VersionTexts { documents: detail(&lesson_id(0)).documents }
}

pub fn audit() -> AuditView {
    let entry = |sequence, when: &str, action: &str, text: &str| AuditEntry {
        sequence,
        at: at(when),
        by: "owner".to_owned(),
        action: action.to_owned(),
        subject: lesson_id(0).to_string(),
        text: text.to_owned(),
    };
    AuditView {
        entries: vec![
            entry(4, "2026-03-03T09:40:00Z", "accept", "les_03"),
            entry(3, "2026-02-20T08:00:01Z", "write", "/customers/cancellations.md 4f1c2a9b → 9d02e77a"),
            entry(2, "2026-02-20T08:00:00Z", "apply", "1 lesson"),
            entry(1, "2026-02-20T07:59:00Z", "accept", "les_00"),
        ],
        more: false,
        broken: None,
    }
}

pub fn preview() -> Preview {
    Preview {
        same: Vec::new(),
        plans: vec![AgentPlan {
            takes_out: Vec::new(),
            agent: AgentId::new("folder:support-bot"),
            name: "support-bot".to_owned(),
            lessons: vec![(lesson_id(0), "Offer a call before processing a cancellation".to_owned())],
            documents: detail(&lesson_id(0)).documents,
            tokens_before: 41_300,
            tokens_after: 41_338,
            budget: 50_000,
            conflicts: vec![(
                "Ask for the time zone before booking".to_owned(),
                "/booking.md line 4 was changed since".to_owned(),
            )],
            blocked: vec![(
                "Log in to the ledger with the shared key".to_owned(),
                "it holds a secret; edit it out first".to_owned(),
            )],
            satisfied: 0,
            warnings: vec!["skew: 29 of 31 sessions are long-tail".to_owned()],
        }],
    }
}

/// What a dream on the platform would read and cost.
pub fn dream_plan() -> DreamPlan {
    let details = [
        "claude-opus-5 reads 48 sessions and 3 documents: 0.9M to 1.4M tokens, $1.20 to $2.10 at list prices.",
        "Allowed: at most $5.00 per dream, at most $20.00 per month, of which $3.40 are spent.",
        "It goes on when wakeful is left, and can be stopped from here.",
    ];
    let wish = DreamWish {
        window: Window { last: 50, ..Window::default() },
        share: None,
        model: "claude-opus-5".to_owned(),
        instructions: String::new(),
    };
    DreamPlan {
        agent: AgentId::new("folder:support-bot"),
        sessions: 48,
        details: details.map(str::to_owned).to_vec(),
        over: None,
        wish,
        segments: vec!["enterprise".to_owned(), "long-tail".to_owned()],
    }
}

/// The small world with its first agent on the platform, and a dream there that has begun.
pub fn overview_on_the_platform() -> Overview {
    let mut world = overview();
    world.agents[0].agent.source = SourceKind::Platform;
    let running = Dream {
        engine: Engine::Platform,
        model: Some("claude-opus-5".to_owned()),
        ended: None,
        ..dream("drm_far", "support-bot", "2026-03-03T09:38:00Z", DreamStatus::Running)
    };
    world.dreams.insert(0, DreamSummary { dream: running, lessons: 0, undecided: 0 });
    world
}

/// What that dream did so far.
pub fn steps() -> Watched {
    let step = |when: &str, text: &str| (Some(at(when)), text.to_owned());
    Watched {
        dream: DreamId::new("drm_far"),
        now: None,
        steps: vec![
            step("2026-03-03T09:38:20Z", "read /mnt/session/transcripts/sesn_01.jsonl"),
            step("2026-03-03T09:39:05Z", "search the transcripts for “refund”"),
            step("2026-03-03T09:40:10Z", "write /mnt/memory/output/policies/refunds.md"),
        ],
    }
}

/// Two busy days, and decisions on one of them.
pub fn activity() -> Activity {
    let day = |day: u32, hour: u32| at(&format!("2026-03-0{day}T{hour:02}:00:00Z"));
    Activity {
        evidence: vec![(at("2026-02-20T10:00:00Z"), 3), (day(1, 9), 12), (day(2, 9), 31), (day(3, 8), 7)],
        decided: vec![
            (day(2, 9), true, 1),
            (day(2, 9), false, 1),
            (day(2, 10), true, 1),
            (day(3, 9), true, 1),
        ],
    }
}

/// Answers every effect that reads, as the world would.
pub fn answer(effect: &Effect) -> Option<Msg> {
    Some(match effect {
        Effect::LoadOverview(number) => Msg::Overview(*number, Ok(Box::new(overview()))),
        Effect::LoadDetail(number, lesson) => Msg::Detail(*number, Ok(Box::new(detail(lesson)))),
        Effect::LoadTranscript(number, ..) => Msg::Transcript(*number, Ok(Box::new(transcript()))),
        Effect::LoadMemory(number, _) => Msg::Memory(*number, Ok(Box::new(memory()))),
        Effect::LoadVersion(number, ..) => Msg::Version(*number, Ok(Box::new(version()))),
        Effect::LoadActivity(agent) => Msg::Activity(agent.clone(), Ok(activity())),
        Effect::LoadAudit(number, _) => Msg::Audit(*number, Ok(Box::new(audit()))),
        Effect::PlanDream(number, ..) => Msg::DreamPlanned(*number, Ok(dream_plan())),
        Effect::PlanApply(number) | Effect::PlanTakeBack(number, _) => {
            Msg::Planned(*number, Ok(Box::new(preview())))
        }
        _ => return None,
    })
}

/// Sends a message and answers what it asks for, until nothing is asked any more.
pub fn send(model: &mut Model, msg: Msg) {
    let mut waiting = vec![msg];
    while let Some(msg) = waiting.pop() {
        waiting.extend(update(model, msg, now()).iter().filter_map(answer));
    }
}

/// A console that has read the small world.
pub fn model() -> Model {
    model_of(overview())
}

/// A console that has read another world.
pub fn model_of(world: Overview) -> Model {
    let mut model = Model::new(TimeZone::UTC, now(), &ViewState::default());
    for effect in wakeful::app::start(&mut model, false) {
        let answer = match &effect {
            Effect::LoadOverview(number) => Some(Msg::Overview(*number, Ok(Box::new(world.clone())))),
            other => answer(other),
        };
        if let Some(msg) = answer {
            send(&mut model, msg);
        }
    }
    model
}
