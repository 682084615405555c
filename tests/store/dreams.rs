//! What a finished dream leaves: lessons keep what was decided about them.

use jiff::SignedDuration;
use wakeful::domain::count_line;
use wakeful::domain::decision::Verdict;
use wakeful::domain::dream::Window;
use wakeful::domain::ids::{AgentId, DreamId, LessonId};
use wakeful::domain::lesson::Topic;
use wakeful::domain::lifecycle::State;
use wakeful::domain::phrase::in_full;
use wakeful::store::{Ask, LessonQuery};

use super::support::{Cache, proposal};

fn decide(cache: &Cache, name: &str, verdict: Verdict) {
    let ask = Ask { lesson: LessonId::new(name), verdict, reason: None };
    cache.writer.decide(&[ask], "me").unwrap();
}

#[test]
fn what_was_proposed_reads_back() {
    let cache = Cache::new();
    let dream = cache.dream("drm_1", &["les_a"]);
    let sent = proposal("drm_1", "les_a", 0);
    let id = LessonId::new("les_a");
    assert_eq!(cache.reader.lesson(&id).unwrap().unwrap(), sent.lesson);
    assert_eq!(cache.reader.evidence(&id).unwrap(), sent.evidence);
    assert_eq!(cache.reader.dream(&dream.id).unwrap().unwrap(), dream);
    assert_eq!(cache.reader.dreams(Some(&AgentId::new("bot"))).unwrap(), vec![dream]);
    assert_eq!(cache.reader.locate(&id).unwrap().unwrap().key, "les_a-key");
}

#[test]
fn a_later_dream_keeps_decisions_and_retires_what_waits() {
    let cache = Cache::new();
    let all = ["again", "waits", "rejected", "accepted", "snoozed", "edited"];
    cache.dream("drm_1", &all);
    decide(&cache, "rejected", Verdict::Reject);
    decide(&cache, "accepted", Verdict::Accept);
    let until = "2026-06-01T00:00:00Z".parse().unwrap();
    decide(&cache, "snoozed", Verdict::Snooze { until });
    decide(&cache, "edited", Verdict::Edit { text: Some("mine".to_owned()) });

    cache.clock.advance(SignedDuration::from_hours(24));
    cache.dream("drm_2", &["new", "again", "edited"]);
    assert_eq!(cache.state("new"), State::Pending);
    assert_eq!(cache.state("again"), State::Pending);
    assert_eq!(cache.state("waits"), State::Superseded);
    assert_eq!(cache.state("snoozed"), State::Superseded);
    // A person decided these.
    assert_eq!(cache.state("rejected"), State::Rejected);
    assert_eq!(cache.state("accepted"), State::Accepted);
    let edited = cache.reader.lesson(&LessonId::new("edited")).unwrap().unwrap();
    assert!(edited.edited);
    assert_eq!(edited.dream, DreamId::new("drm_2"));
    assert_eq!(edited.position, 2);
    assert_eq!(cache.reader.edit_of(&edited.id).unwrap().as_deref(), Some("mine"));

    cache.clock.advance(SignedDuration::from_hours(24));
    cache.dream("drm_3", &["waits", "rejected"]);
    assert_eq!(cache.state("waits"), State::Pending);
    assert_eq!(cache.state("rejected"), State::Rejected);
    assert_eq!(cache.state("new"), State::Superseded);
}

#[test]
fn a_pass_over_a_part_of_the_sessions_takes_no_count_and_no_lesson_away() {
    let cache = Cache::new();
    let all = Window::default();
    cache.dream_over("drm_1", &["accepted", "waits", "silent"], all.clone(), Some(50));
    decide(&cache, "accepted", Verdict::Accept);
    let of = |name: &str| cache.reader.lesson(&LessonId::new(name)).unwrap().unwrap();
    let places = |name: &str| cache.reader.evidence(&LessonId::new(name)).unwrap().len();

    for (id, narrow, words) in [
        ("drm_2", Window { segment: Some("billing".to_owned()), ..all.clone() }, "segment billing"),
        (
            "drm_3",
            Window { since: Some("2026-02-20T00:00:00Z".parse().unwrap()), ..all.clone() },
            "since 2026-02-20",
        ),
        ("drm_4", Window { last: 6, ..all.clone() }, "the last 6 sessions"),
    ] {
        cache.clock.advance(SignedDuration::from_hours(1));
        cache.dream_over(id, &["accepted", "waits"], narrow, Some(6));
        for name in ["accepted", "waits"] {
            let lesson = of(name);
            let sessions = lesson.support.sessions.unwrap();
            assert!(sessions >= 10, "{name} of {id}: {sessions}");
            assert_eq!((lesson.support.exposed, places(name)), (Some(50), 1));
            assert_eq!(lesson.dream, DreamId::new(id));
            let told = in_full(count_line::confirmed(&lesson.support)).join("; ");
            assert_eq!(told, format!("counted over the last 50 sessions; a later pass, {words}: 6 of 6"));
        }
        assert_eq!(cache.state("silent"), State::Pending, "{id} did not look where it shows");
    }

    cache.clock.advance(SignedDuration::from_hours(1));
    cache.dream_over("drm_5", &["waits"], all.clone(), Some(40));
    let anew = of("waits").support;
    assert_eq!(
        (anew.exposed, in_full(count_line::confirmed(&anew))),
        (Some(40), Vec::new()),
        "as wide a pass counts anew"
    );
    assert_eq!(cache.state("silent"), State::Superseded);

    cache.dream_over("drm_6", &["new"], Window { segment: Some("billing".to_owned()), ..all }, Some(8));
    let told = in_full(count_line::counted(&of("new").support, of("new").tier, "+")).join(", ");
    assert!(told.contains("8 of 8 sessions") && told.contains("only segment billing"), "{told}");
}

#[test]
fn a_snooze_ends_by_the_clock() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a"]);
    let until = "2026-03-02T10:00:00Z".parse().unwrap();
    decide(&cache, "les_a", Verdict::Snooze { until });
    let listed = |states: &[State]| {
        let query = LessonQuery { states: states.to_vec(), ..LessonQuery::default() };
        cache.reader.lessons(&query).unwrap().len()
    };
    assert_eq!((listed(&[State::Pending]), listed(&[State::Snoozed])), (0, 1));
    assert_eq!(cache.writer.wake_snoozed().unwrap(), 0);
    cache.clock.advance(SignedDuration::from_hours(2));
    assert_eq!(cache.state("les_a"), State::Pending);
    assert_eq!((listed(&[State::Pending]), listed(&[State::Snoozed])), (1, 0));
    assert_eq!(cache.reader.status(10).unwrap().pending, 1);
    assert_eq!(cache.writer.wake_snoozed().unwrap(), 1);
    assert_eq!((listed(&[State::Pending]), listed(&[State::Snoozed])), (1, 0));
}

#[test]
fn lessons_are_found_by_what_they_are() {
    let cache = Cache::new();
    cache.dream("drm_1", &["les_a", "les_b", "les_c"]);
    let count = |query: LessonQuery| cache.reader.lessons(&query).unwrap().len();
    assert_eq!(count(LessonQuery::default()), 3);
    assert_eq!(count(LessonQuery { min_support: Some(11), ..LessonQuery::default() }), 2);
    assert_eq!(count(LessonQuery { topic: Some(Topic::Upkeep), ..LessonQuery::default() }), 0);
    assert_eq!(count(LessonQuery { text: Some("LES_B".to_owned()), ..LessonQuery::default() }), 1);
    assert_eq!(count(LessonQuery { text: Some("notes.md".to_owned()), ..LessonQuery::default() }), 3);
    // Not patterns: what is typed is what is looked for.
    assert_eq!(count(LessonQuery { text: Some("%".to_owned()), ..LessonQuery::default() }), 0);
    assert_eq!(count(LessonQuery { agent: Some(AgentId::new("x")), ..LessonQuery::default() }), 0);
    assert_eq!(count(LessonQuery { limit: Some(2), ..LessonQuery::default() }), 2);
    let all_states = LessonQuery { states: State::ALL.to_vec(), ..LessonQuery::default() };
    assert_eq!(count(all_states), 3);
}
