//! Every screen as those hear it who can't see it: no signs, no columns beside each other, words for what is
//! shown by height, length and colour.

use wakeful::app::{Action, Model};

use crate::sample;
use crate::screens::{Stage, act, text};

fn heard(size: (u16, u16), prepare: &dyn Fn(&mut Model)) -> String {
    let (mut model, mut stage) = (sample::model(), Stage::aloud());
    stage.draw(&mut model, size);
    prepare(&mut model);
    text(&stage.draw(&mut model, size))
}

#[test]
fn every_screen_is_words() {
    let ways: &[(&str, &[Action])] = &[
        ("inbox", &[]),
        ("lesson", &[Action::Top, Action::Down, Action::Down, Action::Open]),
        ("final text", &[Action::Open, Action::FinalText]),
        ("evidence", &[Action::Evidence]),
        ("transcript", &[Action::OpenTranscript]),
        ("dreams", &[Action::ScreenDreams]),
        ("agents", &[Action::ScreenAgents]),
        ("memory", &[Action::ScreenMemory]),
        ("blame", &[Action::ScreenMemory, Action::FocusNext, Action::Down, Action::Down]),
        ("versions", &[Action::ScreenMemory, Action::FocusPrevious]),
        ("audit", &[Action::ScreenAudit]),
        ("preview", &[Action::Preview]),
        ("three sides", &[Action::Top, Action::Down, Action::Fit, Action::FitLesson]),
    ];
    let mut all = String::new();
    for (name, way) in ways {
        let heard = heard((100, 30), &|model| {
            act(model, way);
            model.toasts.dismiss();
        });
        let blank = |line: &&str| !line.trim().is_empty();
        let lines: Vec<&str> = heard.lines().filter(blank).collect();
        all.push_str(&format!("== {name}\n{}\n\n", lines.join("\n")));
    }
    insta::assert_snapshot!("aloud", all);
}

#[test]
fn a_change_is_said_in_one_column_whatever_the_width_and_the_wish() {
    for size in [(200, 60), (140, 40), (100, 30), (80, 24), (60, 20)] {
        for layout in 0..3 {
            let said = heard(size, &|model| {
                act(model, &[Action::Open]);
                act(model, &vec![Action::Layout; layout]);
            });
            let line = |start: &str| {
                let found = said.lines().filter(|line| line.contains(start)).count();
                assert_eq!(found, 1, "{start:?} at {size:?}:\n{said}");
            };
            line("changed from: - Confirm the account id.");
            line("changed to:   - Confirm the account id before");
            line("added:        - When a customer mentions");
            // What stays the same is said once.
            if size.1 >= 24 {
                line(" - Close the ticket.");
            }
        }
    }
}

#[test]
fn what_is_left_out_of_a_statement_is_three_dots() {
    for size in [(140, 40), (60, 20)] {
        let mut overview = sample::overview();
        for lesson in &mut overview.lessons {
            lesson.statement = "Wait… then ask".to_owned();
        }
        let (mut model, mut stage) = (sample::model_of(overview), Stage::aloud());
        let said = text(&stage.draw(&mut model, size));
        assert!(said.contains("Wait... then ask"), "{said}");
        act(&mut model, &[Action::Open]);
        let said = text(&stage.draw(&mut model, size));
        assert!(said.contains("Wait... then ask") && !said.contains("Wait>"), "{said}");
    }
}

#[test]
fn nothing_is_told_by_a_sign() {
    for size in [(140, 40), (100, 30), (60, 20)] {
        for way in
            [&[][..], &[Action::Open], &[Action::Evidence], &[Action::ScreenAgents], &[Action::Preview]]
        {
            let said = heard(size, &|model| act(model, way));
            for sign in ["!!", " ! ", " ~ ", "\u{2502}", "\u{2713}", "->", "|", "+-", "##.", "\\"] {
                let body: Vec<&str> = said.lines().filter(|line| !line.contains("layout")).collect();
                assert!(!body.iter().any(|line| line.contains(sign)), "{sign:?} at {size:?}:\n{said}");
            }
        }
    }
}
