//! The journal of applies, without any memory store.

use std::sync::Arc;

use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::{AgentId, ApplyId, DreamId, LessonId};
use wakeful::domain::lifecycle::State;
use wakeful::domain::memory::{ContentHash, DocPath, Snapshot};
use wakeful::store::{
    ApplyAction, ApplyPlan, Ask, AuditQuery, Fate, PlannedDocument, PlannedLesson, Progress, StepChange,
    StoreError,
};

use super::support::Cache;

fn decide(cache: &Cache, names: &[&str], verdict: &Verdict) {
    let asks: Vec<Ask> = names
        .iter()
        .map(|name| Ask { lesson: LessonId::new(*name), verdict: verdict.clone(), reason: None })
        .collect();
    cache.writer.decide(&asks, "me").unwrap();
}

fn planned(name: &str) -> PlannedLesson {
    PlannedLesson { lesson: LessonId::new(name), dream: DreamId::new("drm_1"), edit: None, takes_out: false }
}

fn document(path: &str, text: &str, lessons: &[&str]) -> PlannedDocument {
    PlannedDocument {
        path: DocPath::new(path).unwrap(),
        expected: None,
        content: Some(Arc::from(text)),
        lessons: lessons.iter().map(|name| LessonId::new(*name)).collect(),
    }
}

fn plan(lessons: &[&str], documents: Vec<PlannedDocument>) -> ApplyPlan {
    ApplyPlan {
        agent: AgentId::new("bot"),
        action: ApplyAction::Apply,
        target: None,
        before: Snapshot::new(),
        after: Snapshot::new(),
        lessons: lessons.iter().map(|name| planned(name)).collect(),
        satisfied: Vec::new(),
        collided: Vec::new(),
        documents,
    }
}

fn writes(cache: &Cache, apply: &ApplyId) -> usize {
    let query =
        AuditQuery { apply: Some(apply.clone()), action: Some("write".to_owned()), ..AuditQuery::default() };
    cache.reader.audit(&query).unwrap().len()
}

#[test]
fn an_apply_goes_from_plan_to_end() {
    let cache = Cache::new();
    cache.dream("drm_1", &["a", "b", "c", "d"]);
    decide(&cache, &["a", "b", "c", "d"], &Verdict::Accept);
    let mut plan = plan(&["a", "b"], vec![document("x.md", "x", &["a"]), document("y.md", "y", &["b"])]);
    plan.satisfied.push(planned("c"));
    plan.collided.push((planned("d"), "somebody rewrote the section".to_owned()));
    let apply = cache.writer.begin_apply(&plan, "me").unwrap();
    assert_eq!(cache.state("a"), State::Accepted);
    assert_eq!(cache.state("c"), State::Superseded);
    assert_eq!(cache.state("d"), State::Conflict);
    let collided = cache.reader.lesson(&LessonId::new("d")).unwrap().unwrap();
    assert_eq!(collided.marks[0].text, "somebody rewrote the section");

    // It can't end before everything is written, and saying so twice leaves one row.
    assert!(cache.writer.finish_apply(&apply, Vec::new(), "me").is_err());
    for _ in 0..2 {
        cache.writer.mark_written(&apply, 0, "me").unwrap();
    }
    assert_eq!(writes(&cache, &apply), 1);
    assert_eq!(cache.reader.unfinished_apply(&AgentId::new("bot")).unwrap().unwrap().id, apply);
    cache.writer.mark_written(&apply, 1, "me").unwrap();
    for _ in 0..2 {
        cache.writer.finish_apply(&apply, Vec::new(), "me").unwrap();
    }
    assert_eq!(cache.state("a"), State::Applied);
    assert_eq!(cache.reader.unfinished_apply(&AgentId::new("bot")).unwrap(), None);
    assert_eq!(cache.reader.held_by(&apply).unwrap().len(), 2);
    let fates: Vec<Fate> =
        cache.reader.apply_lessons(&apply).unwrap().into_iter().map(|(_, fate)| fate).collect();
    assert_eq!(fates, [Fate::Written, Fate::Written, Fate::Satisfied, Fate::Collided]);
    assert_eq!(cache.reader.audit_verify().unwrap(), None);
    let steps = cache.reader.apply_steps(&apply).unwrap();
    assert_eq!(steps[0].content, Some(ContentHash::of(b"x")));
    assert_eq!(&*cache.reader.document(ContentHash::of(b"x")).unwrap(), "x");
}

#[test]
fn nothing_is_written_that_is_not_approved_as_it_is() {
    let cache = Cache::new();
    cache.dream("drm_1", &["a", "b"]);
    let refused = |plan: &ApplyPlan| match cache.writer.begin_apply(plan, "me") {
        Err(StoreError::Stale { reason }) => reason,
        other => panic!("{other:?}"),
    };
    let one = plan(&["a"], Vec::new());
    assert!(refused(&one).contains("pending"));
    decide(&cache, &["a"], &Verdict::Accept);
    decide(&cache, &["a"], &Verdict::Edit { text: Some("mine".to_owned()) });
    assert!(refused(&one).contains("edited"));
    assert!(cache.reader.applies(None).unwrap().is_empty());
}

#[test]
fn while_it_is_written_a_lesson_can_not_be_decided() {
    let cache = Cache::new();
    cache.dream("drm_1", &["a", "b"]);
    decide(&cache, &["a"], &Verdict::Accept);
    let apply = cache.writer.begin_apply(&plan(&["a"], vec![document("x.md", "x", &["a"])]), "me").unwrap();
    let ask = Ask { lesson: LessonId::new("a"), verdict: Verdict::Reject, reason: None };
    assert!(matches!(cache.writer.decide(&[ask], "me"), Err(StoreError::Refused { .. })));
    assert!(matches!(cache.writer.undo_decision("me"), Err(StoreError::Refused { .. })));
    assert!(matches!(cache.writer.begin_apply(&plan(&[], Vec::new()), "me"), Err(StoreError::Stale { .. })));
    cache.writer.mark_written(&apply, 0, "me").unwrap();
    cache.writer.finish_apply(&apply, Vec::new(), "me").unwrap();
    // Written: it leaves only through the memory.
    let refused = cache.writer.undo_decision("me").unwrap_err().to_string();
    assert!(refused.contains("take it back"), "{refused}");
}

#[test]
fn a_document_that_changed_meanwhile_is_left_and_the_rest_written_without_it() {
    let cache = Cache::new();
    cache.dream("drm_1", &["a", "b"]);
    decide(&cache, &["a", "b"], &Verdict::Accept);
    let documents = vec![document("x.md", "ab", &["a", "b"]), document("y.md", "b", &["b"])];
    let apply = cache.writer.begin_apply(&plan(&["a", "b"], documents), "me").unwrap();
    cache.writer.mark_written(&apply, 0, "me").unwrap();
    let mut without = document("x.md", "a", &["a"]);
    without.expected = Some(ContentHash::of(b"ab"));
    cache
        .writer
        .revise_apply(
            &apply,
            vec![StepChange::Leave(1, vec![LessonId::new("b")]), StepChange::Instead(0, without)],
            "me",
        )
        .unwrap();
    let progress: Vec<Progress> =
        cache.reader.apply_steps(&apply).unwrap().into_iter().map(|step| step.progress).collect();
    assert_eq!(progress, [Progress::Written, Progress::Changed, Progress::Waiting]);
    cache.writer.mark_written(&apply, 2, "me").unwrap();
    let collided = vec![(LessonId::new("b"), "y.md changed".to_owned())];
    cache.writer.finish_apply(&apply, collided, "me").unwrap();
    assert_eq!((cache.state("a"), cache.state("b")), (State::Applied, State::Conflict));
}

#[test]
fn taking_back_returns_a_lesson_to_review() {
    let cache = Cache::new();
    cache.dream("drm_1", &["a"]);
    decide(&cache, &["a"], &Verdict::Accept);
    let apply = cache.writer.begin_apply(&plan(&["a"], Vec::new()), "me").unwrap();
    cache.writer.finish_apply(&apply, Vec::new(), "me").unwrap();
    let mut back = plan(&["a"], Vec::new());
    back.action = ApplyAction::Undo;
    back.target = Some(apply.clone());
    let undo = cache.writer.begin_apply(&back, "me").unwrap();
    cache.writer.finish_apply(&undo, Vec::new(), "me").unwrap();
    assert_eq!(cache.state("a"), State::Pending);
    assert!(cache.reader.held_by(&apply).unwrap().is_empty());
    // The accept of then no longer stands; there is nothing to take back.
    assert_eq!(cache.writer.undo_decision("me").unwrap(), None);
}
