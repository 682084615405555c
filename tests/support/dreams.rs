//! A finished dream made of two snapshots, as a pass would leave it in the cache.

use jiff::Timestamp;
use wakeful::domain::agent::Agent;
use wakeful::domain::dream::{Dream, DreamStatus, Engine, Window};
use wakeful::domain::evidence::{Support, Tier};
use wakeful::domain::ids::{DreamId, LessonId};
use wakeful::domain::lesson::{Lesson, Mark, Topic};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::Snapshot;
use wakeful::lesson::{cut, lesson_id};
use wakeful::store::{Proposal, Writer};

/// Keeps a dream from `base` to `proposed`; gives its lessons in order.
pub fn propose(
    writer: &Writer,
    agent: &Agent,
    id: &DreamId,
    at: Timestamp,
    (base, proposed): (&Snapshot, &Snapshot),
    marks: &[Mark],
) -> Vec<LessonId> {
    let dream = Dream {
        id: id.clone(),
        agent: agent.id.clone(),
        engine: Engine::Offline,
        status: DreamStatus::Completed,
        started: at,
        ended: Some(at),
        window: Window::default(),
        base: writer.put_snapshot(base).unwrap(),
        proposed: Some(writer.put_snapshot(proposed).unwrap()),
        manifest: None,
        error: None,
        model: None,
        instructions: None,
        remote: None,
        usage: None,
        estimate: None,
        cost: None,
    };
    let proposals: Vec<Proposal> = cut(base, proposed)
        .lessons
        .into_iter()
        .enumerate()
        .map(|(position, cut)| Proposal {
            lesson: Lesson {
                id: lesson_id(&agent.id, &cut.key),
                agent: agent.id.clone(),
                dream: id.clone(),
                kind: cut.kind,
                topic: Topic::Upkeep,
                statement: cut.statement,
                proposed: None,
                state: State::Pending,
                edited: false,
                support: Support::memory(),
                tier: Tier::Lead,
                marks: marks.to_vec(),
                documents: cut.documents,
                tokens: cut.tokens,
                cosmetic: cut.cosmetic,
                position: position as u32,
            },
            key: cut.key,
            evidence: Vec::new(),
        })
        .collect();
    let ids = proposals.iter().map(|proposal| proposal.lesson.id.clone()).collect();
    writer.finish_dream(&dream, proposals, "wakeful").unwrap();
    ids
}
