//! Whatever arrives in whatever order: no panic, the cursor on something that is there, counts that
//! add up, and never a decision that is shown as saved before it was.

use proptest::prelude::*;
use wakeful::app::data::{Decided, Failure, Pulled, Undone};
use wakeful::app::line_edit::TextEdit;
use wakeful::app::{Action, Effect, Model, Msg, Viewport, update};
use wakeful::domain::lifecycle::{self, State, Step};

use crate::sample;

#[derive(Debug, Clone)]
enum Input {
    Act(usize),
    Type(char),
    Paste(String),
    Resize(usize, usize, bool),
    /// Carry out the oldest effect that waits, well or badly.
    Answer(bool),
    Outside,
    Tick,
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        10 => (0..Action::ALL.len()).prop_map(Input::Act),
        3 => proptest::char::any().prop_map(Input::Type),
        1 => ".{0,20}".prop_map(Input::Paste),
        1 => (0usize..60, 0usize..60, any::<bool>()).prop_map(|(a, b, c)| Input::Resize(a, b, c)),
        6 => any::<bool>().prop_map(Input::Answer),
        1 => Just(Input::Outside),
        1 => Just(Input::Tick),
    ]
}

/// What the world answers, sometimes with a failure.
fn answer(model: &Model, effect: &Effect, well: bool) -> Option<Msg> {
    let failure = || Failure::new("the disk is full", "Make room");
    Some(match effect {
        Effect::Decide(token, asks) if well => {
            let changed = asks
                .iter()
                .filter_map(|ask| {
                    let state = model.inbox.entry(&ask.lesson)?.lesson.state;
                    let step = match ask.verdict.as_str() {
                        "accept" => Step::Accept,
                        "reject" => Step::Reject,
                        "snooze" => Step::Snooze,
                        _ => Step::Reopen,
                    };
                    Some((ask.lesson.clone(), lifecycle::next(state, step).ok()?))
                })
                .collect();
            Msg::Decided(*token, Ok(Decided { changed, ..Decided::default() }))
        }
        Effect::Decide(token, _) => Msg::Decided(*token, Err(failure())),
        Effect::Undo if well => Msg::Undone(Ok(Some(Undone {
            verdict: "accept".to_owned(),
            changed: vec![(sample::lesson_id(0), State::Pending)],
            kept: Vec::new(),
            together: 0,
        }))),
        Effect::Undo => Msg::Undone(Err(failure())),
        Effect::Redo => Msg::Redone(Ok(None)),
        Effect::Dream(..) => Msg::Dreamt(if well { Ok(Some(3)) } else { Err(failure()) }),
        Effect::Pull => Msg::Pulled(if well { Ok(Pulled::default()) } else { Err(failure()) }),
        Effect::Apply(_) => Msg::Applied(Err(failure())),
        Effect::PlanTakeBack(number, _) if !well => Msg::Planned(*number, Err(failure())),
        Effect::Quarantine(..) => Msg::TakenBack(Err(failure())),
        Effect::EditText(lesson) => Msg::Edited(lesson.clone(), Ok(well.then(|| "new".to_owned()))),
        Effect::Copy { .. } => Msg::Copied(Ok("sent".to_owned())),
        Effect::LoadDetail(number, _) if !well => Msg::Detail(*number, Err(failure())),
        Effect::LoadOverview(number) if !well => Msg::Overview(*number, Err(failure())),
        other => return sample::answer(other),
    })
}

/// What holds after every message.
pub fn check(model: &Model) {
    let inbox = &model.inbox;
    let counts = inbox.counts();
    assert_eq!(counts.visible, inbox.visible().len());
    assert_eq!(inbox.groups().iter().map(|group| group.shown).sum::<usize>(), counts.visible);
    if let Some(entry) = inbox.current() {
        assert_eq!(inbox.visible().get(inbox.selection.index()), Some(&entry.lesson.id));
    } else {
        assert!(inbox.visible().is_empty());
    }
    if let Some(row) = inbox.current_row() {
        let here = inbox.current().map(|entry| &entry.lesson.id);
        let shown = match inbox.rows()[row] {
            wakeful::app::inbox::Row::Lesson(index) => Some(&inbox.entries()[index].lesson.id),
            wakeful::app::inbox::Row::Group(_) => None,
        };
        assert_eq!(shown, here);
    } else {
        assert!(inbox.current().is_none());
    }
    let undecided = inbox.entries().iter().filter(|entry| entry.is_undecided()).count();
    assert_eq!(counts.to_review + counts.below, undecided);
    assert!(inbox.chosen().iter().all(|id| inbox.entry(id).is_some()));
    assert_eq!(model.detail.lesson(), inbox.current().map(|entry| &entry.lesson.id));
    let evidence = model.detail.content().map_or(0, |content| content.evidence.len());
    assert!(model.detail.evidence < evidence.max(1));
    assert!(model.overlays.len() < 40, "overlays pile up");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_anything(inputs in proptest::collection::vec(input(), 1..120)) {
        let mut model = sample::model();
        let mut waiting = std::collections::VecDeque::new();
        for input in inputs {
            let msg = match input {
                Input::Act(index) => Msg::Action(Action::ALL[index]),
                Input::Type(c) => Msg::Text(TextEdit::Insert(c)),
                Input::Paste(text) => Msg::Paste(text),
                Input::Resize(list, text, beside) => Msg::Viewport(Viewport {
                    beside, left: list as u16, list, text, text_lines: text * 2, evidence: list / 3, overlay: text,
                    overlay_lines: list * 3, overlay_focus: list,
                    overlay_stops: (None, None),
                }),
                Input::Answer(well) => match waiting.pop_front().and_then(|e| answer(&model, &e, well)) {
                    Some(msg) => msg,
                    None => continue,
                },
                Input::Outside => Msg::CacheChanged,
                Input::Tick => Msg::Tick,
            };
            waiting.extend(update(&mut model, msg, sample::now()));
            check(&model);
        }
    }

    #[test]
    fn nothing_is_solid_before_it_is_saved(picks in proptest::collection::vec(0usize..3, 1..12)) {
        let mut model = sample::model();
        for pick in picks {
            let action = [Action::Accept, Action::Reject, Action::Snooze][pick];
            let before = model.inbox.current().map(|entry| (entry.lesson.id.clone(), entry.lesson.state));
            let effects = update(&mut model, Msg::Action(action), sample::now());
            let Some((id, saved)) = before else { continue };
            let entry = model.inbox.entry(&id).unwrap();
            prop_assert_eq!(entry.lesson.state, saved);
            let decide = effects.iter().find(|effect| matches!(effect, Effect::Decide(..)));
            prop_assert_eq!(decide.is_some(), entry.saving.is_some());
            if let Some(msg) = decide.and_then(|effect| answer(&model, effect, false)) {
                sample::send(&mut model, msg);
                prop_assert_eq!(model.inbox.entry(&id).unwrap().state(), saved);
            }
        }
    }
}

fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    update(model, Msg::Action(action), sample::now())
}

#[test]
fn deciding_advances_to_the_next_undecided() {
    let mut model = sample::model();
    let first = model.inbox.current().unwrap().lesson.id.clone();
    let to_review = model.inbox.counts().to_review;
    let effects = act(&mut model, Action::Reject);
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Decide(_, asks) if asks[0].lesson == first))
    );
    assert_ne!(model.inbox.current().unwrap().lesson.id, first);
    assert!(model.inbox.current().unwrap().is_undecided());
    assert_eq!(model.inbox.counts().to_review, to_review - 1);
    // Nothing decided here leaves the list, so that it does not jump under the eyes.
    assert!(model.inbox.visible().contains(&first));
}

#[test]
fn a_batch_asks_first_and_another_key_confirms() {
    let mut model = sample::model();
    act(&mut model, Action::MarkAll);
    let effects = act(&mut model, Action::Accept);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Decide(..))));
    // The key that asked does nothing now.
    assert!(act(&mut model, Action::Accept).iter().all(|effect| !matches!(effect, Effect::Decide(..))));
    let effects = act(&mut model, Action::Confirm);
    let Some(Effect::Decide(_, asks)) = effects.iter().find(|effect| matches!(effect, Effect::Decide(..)))
    else {
        panic!("{effects:?}");
    };
    // What a secret blocks, and what is accepted already, stays out.
    assert!(asks.iter().all(|ask| ask.lesson != sample::lesson_id(6) && ask.lesson != sample::lesson_id(3)));
}

#[test]
fn marks_out_of_view_are_named() {
    let mut model = sample::model();
    act(&mut model, Action::MarkAll);
    model.inbox.set_filter("agent:orchestrator");
    assert!(model.inbox.chosen_counts().1 > 0);
    act(&mut model, Action::Reject);
    let Some(wakeful::app::overlay::Overlay::Confirm(confirm)) = model.overlay() else { panic!() };
    assert!(confirm.details.iter().any(|detail| detail.contains("not in view")), "{confirm:?}");
}

#[test]
fn the_key_that_shows_the_preview_does_not_confirm_it() {
    let mut model = sample::model();
    sample::send(&mut model, Msg::Action(Action::Preview));
    assert!(act(&mut model, Action::Preview).iter().all(|effect| !matches!(effect, Effect::Apply(_))));
    assert!(act(&mut model, Action::Apply).iter().any(|effect| matches!(effect, Effect::Apply(_))));
}

#[test]
fn filters_read_as_they_are_written() {
    let mut model = sample::model();
    for (filter, expected) in [
        ("refund", 1),
        ("agent:orch", 2),
        ("topic:mistake", 2),
        ("kind:merge", 1),
        ("support:>=20", 3),
        ("support:<10", 2),
        ("flag:secret", 1),
        ("flag:any", 4),
        ("flag:returned", 1),
        ("-agent:support", 2),
        ("state:accepted", 1),
        ("path:/tools topic:workflow", 1),
        ("topic:nonsense", 9),
    ] {
        model.inbox.set_filter(filter);
        assert_eq!(model.inbox.visible().len(), expected, "{filter}");
    }
}

/// A filter typed letter by letter, with letters taken back in between, shows what it shows typed at once.
#[test]
fn typing_on_shows_what_typing_at_once_shows() {
    let texts = [
        "off",
        "offer a call",
        "the region",
        "-refund note",
        "note support:>=12 o",
        "state:any drop",
        "agent:support call",
        "flag:any t",
        "\"a call\" before",
        "REFUND wind",
        "zzz",
        "kind:add c -offer",
    ];
    let mut typed = sample::model();
    for text in texts {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).chain([text.len()]).collect();
        let back = ends.iter().rev().copied().step_by(3);
        for end in ends.iter().copied().chain(back).chain([text.len(), 0]) {
            typed.inbox.set_filter(&text[..end]);
            let mut fresh = sample::model();
            fresh.inbox.set_filter(&text[..end]);
            assert_eq!(typed.inbox.visible(), fresh.inbox.visible(), "{:?}", &text[..end]);
            assert_eq!(typed.inbox.rows(), fresh.inbox.rows());
            assert_eq!(typed.inbox.groups(), fresh.inbox.groups());
            assert_eq!(typed.inbox.counts(), fresh.inbox.counts(), "{:?}", &text[..end]);
            let row = typed.inbox.current_row().map(|row| typed.inbox.rows()[row]);
            let index = typed.inbox.entries().iter().position(|entry| Some(entry) == typed.inbox.current());
            assert_eq!(row, index.map(wakeful::app::inbox::Row::Lesson));
        }
    }
}

#[test]
fn a_refresh_keeps_cursor_marks_and_decisions_on_their_way() {
    let mut model = sample::model();
    act(&mut model, Action::Mark);
    act(&mut model, Action::Accept);
    let (current, chosen) = (model.inbox.current().unwrap().lesson.id.clone(), model.inbox.chosen());
    sample::send(&mut model, Msg::CacheChanged);
    assert_eq!(model.inbox.current().unwrap().lesson.id, current);
    assert_eq!(model.inbox.chosen(), chosen);
}
