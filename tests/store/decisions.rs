//! Deciding, undoing and redoing, against the simplest model of it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use wakeful::domain::checks::{SpotCheck, SpotVerdict};
use wakeful::domain::decision::Verdict;
use wakeful::domain::ids::{LessonId, SessionId};
use wakeful::domain::lesson::{Mark, Severity};
use wakeful::domain::lifecycle::{self, State, Step};
use wakeful::store::{Ask, AuditQuery, Remade, StoreError};

use super::support::Cache;

const NAMES: [&str; 4] = ["les_a", "les_b", "les_c", "les_d"];

#[derive(Debug, Clone)]
enum Deed {
    Decide(Vec<(usize, Verdict)>),
    Undo,
    Redo,
    Restart,
}

/// State, end of snooze and edit of each lesson.
type Standing = BTreeMap<usize, (State, Option<jiff::Timestamp>, Option<String>)>;

/// What stands now, and histories of whole states for undo and redo.
#[derive(Default)]
struct Model {
    now: Standing,
    undo: Vec<Standing>,
    redo: Vec<Standing>,
}

impl Model {
    fn new() -> Self {
        let now = (0..NAMES.len()).map(|n| (n, (State::Pending, None, None))).collect();
        Self { now, ..Self::default() }
    }

    /// Gives how many of the asks said something new; without any there is nothing to take back.
    fn decide(&mut self, asks: &[(usize, Verdict)]) -> usize {
        let earlier = self.now.clone();
        let mut new = 0;
        for (lesson, verdict) in asks {
            let slot = self.now.get_mut(lesson).unwrap();
            let before = slot.clone();
            Self::say(slot, verdict);
            new += usize::from(*slot != before);
        }
        if new > 0 {
            self.undo.push(earlier);
            self.redo.clear();
        }
        new
    }

    fn say(slot: &mut (State, Option<jiff::Timestamp>, Option<String>), verdict: &Verdict) {
        let step = match verdict {
            Verdict::Accept => Step::Accept,
            Verdict::Reject => Step::Reject,
            Verdict::Snooze { .. } => Step::Snooze,
            Verdict::Reopen => Step::Reopen,
            Verdict::Edit { text } => {
                slot.2.clone_from(text);
                return;
            }
        };
        slot.0 = lifecycle::next(slot.0, step).unwrap();
        slot.1 = if let Verdict::Snooze { until } = verdict { Some(*until) } else { None };
    }
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Accept),
        Just(Verdict::Reject),
        Just(Verdict::Reopen),
        (1..9i64).prop_map(|day| Verdict::Snooze {
            until: jiff::Timestamp::from_second(4_000_000_000 + day * 86_400).unwrap()
        }),
        prop::option::of("[a-c]{0,2}").prop_map(|text| Verdict::Edit { text }),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => prop::collection::vec((0..NAMES.len(), verdict()), 1..5).prop_map(Deed::Decide),
        4 => Just(Deed::Undo),
        3 => Just(Deed::Redo),
        1 => Just(Deed::Restart),
    ]
}

fn check(cache: &Cache, model: &Model) {
    for (n, (state, _, edit)) in &model.now {
        let lesson = cache.reader.lesson(&LessonId::new(NAMES[*n])).unwrap().unwrap();
        assert_eq!(lesson.state, *state, "{}", NAMES[*n]);
        assert_eq!(lesson.edited, edit.is_some());
        assert_eq!(cache.reader.edit_of(&lesson.id).unwrap(), *edit);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn undo_and_redo_give_the_earlier_states_back(deeds in prop::collection::vec(deed(), 1..25)) {
        let mut cache = Cache::new();
        cache.dream("drm_1", &NAMES);
        let mut model = Model::new();
        let mut rows = 0;
        for deed in deeds {
            match deed {
                Deed::Decide(asks) => {
                    let new = model.decide(&asks);
                    let asks: Vec<Ask> = asks
                        .into_iter()
                        .map(|(n, verdict)| Ask { lesson: LessonId::new(NAMES[n]), verdict, reason: None })
                        .collect();
                    let decided = cache.writer.decide(&asks, "me").unwrap();
                    prop_assert_eq!((decided.changed.len(), decided.unchanged.len()), (new, asks.len() - new));
                    prop_assert_eq!(decided.batch.is_some(), new > 0);
                }
                Deed::Undo => {
                    let undone = cache.writer.undo_decision("me").unwrap();
                    prop_assert_eq!(undone.is_some(), !model.undo.is_empty());
                    if let Some(earlier) = model.undo.pop() {
                        model.redo.push(std::mem::replace(&mut model.now, earlier));
                    }
                }
                Deed::Redo => {
                    let redone = cache.writer.redo_decision("me").unwrap();
                    prop_assert_eq!(redone.is_some(), !model.redo.is_empty());
                    if let Some(later) = model.redo.pop() {
                        model.undo.push(std::mem::replace(&mut model.now, later));
                    }
                }
                Deed::Restart => cache = cache.restart(),
            }
            check(&cache, &model);
            let now = NAMES.iter().map(|name| cache.reader.decisions(&LessonId::new(*name)).unwrap().len()).sum();
            prop_assert!(now >= rows, "decisions are only added");
            rows = now;
        }
        prop_assert_eq!(cache.reader.audit_verify().unwrap(), None);
    }
}

#[test]
fn a_batch_is_decided_whole_or_not_at_all() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let ask = |name: &str| Ask { lesson: LessonId::new(name), verdict: Verdict::Accept, reason: None };
    let error = cache.writer.decide(&[ask("les_a"), ask("les_x")], "me").unwrap_err();
    assert!(matches!(error, StoreError::Unknown { what: "lesson", .. }), "{error}");
    assert_eq!(cache.state("les_a"), State::Pending);
    assert!(cache.reader.decisions(&LessonId::new("les_a")).unwrap().is_empty());
}

#[test]
fn undo_leaves_alone_what_a_later_dream_retired() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a", "les_b"]);
    let snooze = Verdict::Snooze { until: "2027-01-01T00:00:00Z".parse().unwrap() };
    let asks = [
        Ask { lesson: LessonId::new("les_a"), verdict: Verdict::Accept, reason: None },
        Ask { lesson: LessonId::new("les_b"), verdict: snooze, reason: None },
    ];
    cache.writer.decide(&asks, "me").unwrap();
    cache.clock.advance(jiff::SignedDuration::from_hours(1));
    cache.dream("drm_2", &["les_c"]);
    assert_eq!(cache.state("les_b"), State::Superseded);
    let undone = cache.writer.undo_decision("me").unwrap().unwrap();
    assert_eq!(undone.kept, [LessonId::new("les_b")]);
    assert_eq!(cache.state("les_a"), State::Pending);
    let redone = cache.writer.redo_decision("me").unwrap().unwrap();
    assert_eq!(redone.changed.len(), 1);
    assert_eq!(cache.state("les_a"), State::Accepted);
}

#[test]
fn who_when_and_why_are_kept() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let ask =
        Ask { lesson: LessonId::new("les_a"), verdict: Verdict::Reject, reason: Some("we moved".to_owned()) };
    cache.writer.decide(&[ask], "me").unwrap();
    cache.writer.undo_decision("you").unwrap();
    let decisions = cache.reader.decisions(&LessonId::new("les_a")).unwrap();
    assert_eq!(decisions.len(), 2);
    assert_eq!((decisions[0].by.as_str(), decisions[0].reason.as_deref()), ("me", Some("we moved")));
    assert_eq!((decisions[1].by.as_str(), &decisions[1].verdict), ("you", &Verdict::Reopen));
}

#[test]
fn deciding_the_same_again_records_nothing() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let ask = |reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        [Ask { lesson: LessonId::new("les_a"), verdict: Verdict::Accept, reason }]
    };
    cache.writer.decide(&ask(None), "me").unwrap();
    let rows = cache.reader.audit(&AuditQuery::default()).unwrap().len();
    let again = cache.writer.decide(&ask(None), "me").unwrap();
    assert_eq!((again.batch, again.changed.len()), (None, 0));
    assert_eq!(again.unchanged, [LessonId::new("les_a")]);
    assert_eq!(cache.reader.audit(&AuditQuery::default()).unwrap().len(), rows);

    // A reason that was not on record is something new, once.
    assert!(cache.writer.decide(&ask(Some("seen it")), "me").unwrap().batch.is_some());
    assert!(cache.writer.decide(&ask(Some("seen it")), "me").unwrap().batch.is_none());
    assert_eq!(cache.reader.audit(&AuditQuery::default()).unwrap().len(), rows + 1);
}

#[test]
fn the_marks_of_an_edit_come_and_go_with_its_text() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let lesson = LessonId::new("les_a");
    let remade = |name: &str, tokens: i64| {
        let mark = Mark { guard: name.to_owned(), severity: Severity::Block, text: name.to_owned() };
        BTreeMap::from([(
            lesson.clone(),
            Remade { marks: vec![mark], tokens, statement: Some(format!("says {name}")) },
        )])
    };
    let edit = |text: Option<&str>| {
        let verdict = Verdict::Edit { text: text.map(str::to_owned) };
        [Ask { lesson: lesson.clone(), verdict, reason: None }]
    };
    let stands = || {
        let found = cache.reader.lesson(&lesson).unwrap().unwrap();
        let guards: Vec<String> = found.marks.into_iter().map(|mark| mark.guard).collect();
        (guards, found.tokens, found.statement)
    };
    let proposed = stands();
    let of = |name: &str, tokens: i64| (vec![name.to_owned()], tokens, format!("says {name}"));
    cache.writer.decide_remade(&edit(Some("one")), remade("secret", 7), "me").unwrap();
    assert_eq!(stands(), of("secret", 7));
    cache.writer.decide_remade(&edit(Some("two")), remade("hidden", 9), "me").unwrap();
    assert_eq!(stands(), of("hidden", 9));
    cache.writer.undo_decision("me").unwrap();
    assert_eq!(stands(), of("secret", 7));
    cache.writer.redo_decision("me").unwrap();
    assert_eq!(stands(), of("hidden", 9));
    cache.writer.undo_decision("me").unwrap();
    cache.writer.undo_decision("me").unwrap();
    assert_eq!(stands(), proposed);
    cache.writer.redo_decision("me").unwrap();
    assert_eq!(stands(), of("secret", 7));
    cache.writer.decide(&edit(None), "me").unwrap();
    assert_eq!(stands(), proposed);
    cache.writer.undo_decision("me").unwrap();
    assert_eq!(stands(), of("secret", 7));
}

#[test]
fn what_is_made_again_keeps_its_reason_its_end_and_its_text() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let lesson = LessonId::new("les_a");
    let until = "2027-01-01T00:00:00Z".parse().unwrap();
    let said = [
        (Verdict::Reject, "only the old portal"),
        (Verdict::Snooze { until }, "ask in spring"),
        (Verdict::Edit { text: Some("better".to_owned()) }, "shorter"),
    ];
    let last = || {
        let last = cache.reader.decisions(&lesson).unwrap().pop().unwrap();
        (last.verdict, last.reason)
    };
    let expected = |n: usize| (said[n].0.clone(), Some(said[n].1.to_owned()));
    for (verdict, reason) in &said {
        let reason = Some((*reason).to_owned());
        cache
            .writer
            .decide(&[Ask { lesson: lesson.clone(), verdict: verdict.clone(), reason }], "me")
            .unwrap();
    }
    cache.writer.undo_decision("me").unwrap();
    assert_eq!(last(), (Verdict::Edit { text: None }, None));
    cache.writer.undo_decision("me").unwrap();
    assert_eq!(last(), expected(0), "what is gone back to has its reason too");
    cache.writer.undo_decision("me").unwrap();
    assert_eq!(last(), (Verdict::Reopen, None));
    for n in 0..said.len() {
        cache.writer.redo_decision("me").unwrap();
        assert_eq!(last(), expected(n));
    }
    let newest = cache.reader.audit(&AuditQuery::default()).unwrap();
    assert!(
        newest
            .iter()
            .any(|row| row.entry.note.as_deref() == Some("the decision is made again: only the old portal")),
        "{newest:?}"
    );
}

#[test]
fn a_spot_check_stays_with_its_lesson_also_when_it_is_proposed_again() {
    let cache = Cache::new();
    cache.dream("drm_1", &NAMES);
    let (writer, reader) = (cache.store.writer(), cache.store.reader().unwrap());
    let id = LessonId::new("les_a");
    let agent = reader.lesson(&id).unwrap().unwrap().agent;
    let verdict =
        SpotVerdict { session: SessionId::new("s1"), right: true, by: "owner".to_owned(), at: writer.now() };
    let check = SpotCheck { found: 17, right: 1, wrong: 0, low: 6, high: 16, verdicts: vec![verdict] };
    writer.put_spot_check(&agent, &id, &check, "owner").unwrap();
    let kept = || reader.lesson(&id).unwrap().unwrap().support.checks.spot;
    assert_eq!(kept(), Some(check.clone()));
    cache.dream("drm_2", &NAMES);
    assert_eq!(kept(), Some(check));
    let trail = reader.audit(&AuditQuery { lesson: Some(id), ..AuditQuery::default() }).unwrap();
    assert!(trail.iter().any(|record| record.entry.action == "spot-check"));
    assert_eq!(reader.audit_verify().unwrap(), None);
}

#[test]
fn a_session_is_put_in_quarantine_once_and_taken_out_again() {
    let cache = Cache::new();
    cache.dream("drm_1", &NAMES);
    let (writer, reader) = (cache.store.writer(), cache.store.reader().unwrap());
    let lesson = reader.lesson(&LessonId::new("les_a")).unwrap().unwrap();
    let session = reader.evidence(&lesson.id).unwrap().remove(0).place.session;
    assert!(reader.lessons_from(&lesson.agent, &session).unwrap().contains(&lesson.id));
    assert!(writer.set_quarantine(&lesson.agent, &session, true, "owner").unwrap());
    assert!(!writer.set_quarantine(&lesson.agent, &session, true, "owner").unwrap(), "once is enough");
    assert!(reader.quarantined(&lesson.agent).unwrap().contains(&session));
    assert!(writer.set_quarantine(&lesson.agent, &session, false, "owner").unwrap());
    assert!(reader.quarantined(&lesson.agent).unwrap().is_empty());
    let actions: Vec<String> =
        reader.audit(&AuditQuery::default()).unwrap().into_iter().map(|record| record.entry.action).collect();
    assert_eq!(actions.iter().filter(|action| action.starts_with("quarantine")).count(), 2);
}
