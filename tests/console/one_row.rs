//! The same lesson found for several agents is one row, counts once, and is decided once.

use wakeful::app::data::{Decided, Overview};
use wakeful::app::{Action, Effect, Model, Msg};
use wakeful::domain::ids::LessonId;
use wakeful::domain::lesson::{Kind, Lesson, Mark, Severity};
use wakeful::domain::lifecycle::State;

use crate::sample;

/// A lesson of the sample, made one that is for this agent.
fn one(id: &str, agent: &str, sessions: u32, statement: &str) -> Lesson {
    let mut lesson = sample::lessons().remove(0);
    lesson.id = LessonId::new(id);
    lesson.agent = wakeful::domain::ids::AgentId::new(format!("folder:{agent}"));
    lesson.kind = Kind::Add;
    statement.clone_into(&mut lesson.statement);
    lesson.support.sessions = Some(sessions);
    lesson.marks = Vec::new();
    lesson
}

const SAME: &str = "Refunds take five days";

fn world(lessons: Vec<Lesson>) -> Model {
    let mut model = sample::model_of(Overview { lessons, ..sample::overview() });
    sample::send(&mut model, Msg::Action(Action::ThresholdLower));
    model.inbox.set_threshold(10);
    model
}

fn two() -> Vec<Lesson> {
    vec![
        one("les_a", "support-bot", 12, SAME),
        one("les_b", "orchestrator", 20, SAME),
        one("les_c", "support-bot", 30, "Another"),
    ]
}

fn act(model: &mut Model, msg: Msg) -> Vec<Effect> {
    wakeful::app::update(model, msg, sample::now())
}

fn visible(model: &Model) -> Vec<&str> {
    model.inbox.visible().iter().map(LessonId::as_str).collect()
}

#[test]
fn it_is_shown_under_the_agent_with_the_most_support_and_counts_once() {
    let mut lessons = two();
    for _ in 0..lessons.len() {
        lessons.rotate_left(1);
        let model = world(lessons.clone());
        assert_eq!(visible(&model), ["les_b", "les_c"]);
        let counts = model.inbox.counts();
        assert_eq!((counts.to_review, counts.below, counts.visible), (2, 0, 2));
        let for_agents: Vec<&str> =
            model.inbox.in_one(&LessonId::new("les_b")).map(|entry| entry.lesson.agent.as_str()).collect();
        assert_eq!(for_agents, ["folder:orchestrator", "folder:support-bot"]);
        // Each agent has all of its own.
        assert_eq!(
            model.inbox.of_agent(&lessons[0].agent).to_review,
            match lessons[0].agent.as_str() {
                "folder:support-bot" => 2,
                _ => 1,
            }
        );
    }
}

#[test]
fn the_filter_finds_it_under_each_of_its_agents() {
    let mut model = world(two());
    model.inbox.set_filter("agent:support");
    assert_eq!(visible(&model), ["les_c", "les_a"]);
    assert_eq!(model.inbox.counts().filtered, 0, "it is in view, if as the lesson of another agent");
    model.inbox.set_filter("agent:orch");
    assert_eq!(visible(&model), ["les_b"]);
    assert_eq!(model.inbox.counts().filtered, 1);
    // The threshold hides it only if no agent has enough.
    model.inbox.set_filter("");
    model.inbox.set_threshold(15);
    assert_eq!((visible(&model), model.inbox.counts().below), (vec!["les_b", "les_c"], 0));
    model.inbox.set_threshold(25);
    assert_eq!((visible(&model), model.inbox.counts().below), (vec!["les_c"], 1));
    assert_eq!(model.inbox.below().len(), 1);
}

#[test]
fn what_is_typed_letter_by_letter_shows_what_the_whole_word_does() {
    let mut model = world(two());
    for word in ["s", "su", "sup", "supp"] {
        model.inbox.set_filter(word);
    }
    assert_eq!(visible(&model), ["les_c", "les_a"], "the row of the other agent does not have this word");
}

#[test]
fn one_decision_is_shown_for_all_at_once_and_taken_back_for_all() {
    let mut model = world(two());
    model.inbox.go_to_lesson(LessonId::new("les_a"));
    assert_eq!(model.inbox.current().unwrap().lesson.id.as_str(), "les_b", "the row that shows it");
    let effects = act(&mut model, Msg::Action(Action::Accept));
    let Some(Effect::Decide(token, asks)) =
        effects.into_iter().find(|effect| matches!(effect, Effect::Decide(..)))
    else {
        panic!("nothing is asked of the cache")
    };
    assert_eq!(asks.len(), 1, "the cache knows the others");
    assert_eq!(visible(&model), ["les_b", "les_c"], "still one row while it is saved");
    let both = |state| vec![(LessonId::new("les_a"), state), (LessonId::new("les_b"), state)];
    let changed = both(State::Accepted);
    act(&mut model, Msg::Decided(token, Ok(Decided { changed, ..Decided::default() })));
    assert_eq!(visible(&model), ["les_b", "les_c"]);
    let counts = model.inbox.counts();
    assert_eq!((counts.to_review, counts.accepted, counts.decided), (1, 1, 1));
    let said = model.toasts.current().unwrap().text.clone();
    assert_eq!(said, format!("Accepted: “{SAME}” for 2 agents"));
    let undone = wakeful::app::data::Undone {
        verdict: "accept".to_owned(),
        changed: both(State::Pending),
        kept: Vec::new(),
        together: 0,
    };
    act(&mut model, Msg::Undone(Ok(Some(undone))));
    assert_eq!((model.inbox.counts().to_review, visible(&model)), (2, vec!["les_b", "les_c"]));
    assert_eq!(model.inbox.current().unwrap().lesson.id.as_str(), "les_b");
}

#[test]
fn what_a_guard_keeps_back_for_one_agent_gets_its_own_row_once_the_others_are_decided() {
    let mut lessons = two();
    lessons[1].marks =
        vec![Mark { guard: "secret".to_owned(), severity: Severity::Block, text: "holds a key".to_owned() }];
    let mut model = world(lessons);
    assert_eq!(visible(&model), ["les_c", "les_a"], "the one that can be accepted stands for both");
    model.inbox.go_to_lesson(LessonId::new("les_a"));
    act(&mut model, Msg::Action(Action::Accept));
    assert_eq!(visible(&model), ["les_b", "les_c", "les_a"]);
    assert_eq!(model.inbox.counts().to_review, 2);
}

#[test]
fn a_mark_is_on_the_row_and_a_batch_names_it_once() {
    let mut model = world(two());
    act(&mut model, Msg::Action(Action::MarkAll));
    assert_eq!(model.inbox.chosen_counts(), (2, 0));
    model.inbox.set_filter("agent:support");
    assert!(model.inbox.is_chosen(&LessonId::new("les_a")), "it is the same row");
    assert_eq!(model.inbox.chosen_counts(), (2, 0));
    model.inbox.go_to_lesson(LessonId::new("les_a"));
    model.inbox.toggle_mark();
    model.inbox.set_filter("");
    assert_eq!(model.inbox.chosen_counts(), (1, 0));
    assert!(!model.inbox.is_chosen(&LessonId::new("les_b")));
}

#[test]
fn an_agent_has_one_heading_however_many_passes_its_lessons_are_of() {
    let mut lessons = two();
    lessons[0].statement = "Of an earlier pass".to_owned();
    lessons[0].dream = wakeful::domain::ids::DreamId::new("drm_other");
    let mut model = world(lessons);
    let groups = model.inbox.groups();
    let of = |group: &wakeful::app::inbox::Group| (group.name.clone(), group.shown, group.dreams.len());
    let groups: Vec<_> = groups.iter().map(of).collect();
    assert_eq!(groups, [("orchestrator".to_owned(), 1, 1), ("support-bot".to_owned(), 2, 2)]);
    // Their order is that of the list, not of the passes.
    model.inbox.set_filter("agent:support");
    assert_eq!(visible(&model), ["les_c", "les_a"]);
}

#[test]
fn a_text_of_the_reviewers_own_for_shared_memory_stands_for_the_single_ones_too() {
    let mut lessons = two();
    let mut of_all = one("les_s", "x", 32, "Refunds take five working days");
    of_all.agent = wakeful::domain::ids::AgentId::shared();
    (of_all.edited, of_all.proposed) = (true, Some(SAME.to_owned()));
    lessons.push(of_all);
    let model = world(lessons.clone());
    assert_eq!((visible(&model), model.inbox.counts().to_review), (vec!["les_s", "les_c"], 2));
    // For a single agent an edited one is another lesson.
    lessons.pop();
    lessons[0].edited = true;
    lessons[0].proposed = Some(SAME.to_owned());
    assert_eq!(world(lessons).inbox.counts().to_review, 3);
}

#[test]
fn what_goes_into_shared_memory_is_one_row_before_and_after() {
    let mut lessons = two();
    let mut of_all = one("les_s", "x", 32, SAME);
    of_all.agent = wakeful::domain::ids::AgentId::shared();
    lessons.push(of_all);
    let mut model = world(lessons);
    assert_eq!(model.inbox.counts().to_review, 2);
    model.inbox.go_to_lesson(LessonId::new("les_b"));
    assert_eq!(model.inbox.current().unwrap().lesson.id.as_str(), "les_s");
    let effects = act(&mut model, Msg::Action(Action::Accept));
    let token = effects.into_iter().find_map(|effect| match effect {
        Effect::Decide(token, asks) if asks.len() == 1 => Some(token),
        _ => None,
    });
    assert_eq!(model.inbox.counts().to_review, 1, "while it is saved, too");
    let states = [("les_s", State::Accepted), ("les_a", State::Rejected), ("les_b", State::Rejected)];
    let changed = states.map(|(id, state)| (LessonId::new(id), state)).to_vec();
    act(&mut model, Msg::Decided(token.unwrap(), Ok(Decided { changed, ..Decided::default() })));
    let counts = model.inbox.counts();
    assert_eq!((counts.to_review, counts.accepted, counts.visible), (1, 1, 2));
    assert_eq!(model.toasts.current().unwrap().text, format!("Accepted: “{SAME}” for shared memory"));
}
