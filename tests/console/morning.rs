//! What a reviewer reads before the first key is whole at every size: how much waits, what the count of a lesson
//! rests on, what its change stands under.

use wakeful::app::{Action, Msg};
use wakeful::ui::theme::Depth;

use crate::budgets;
use crate::sample;
use crate::screens::{SIZES, Stage, act, text};

#[test]
fn the_morning_is_told_at_every_size() {
    for size in SIZES {
        let mut model = sample::model();
        let shown = text(&Stage::new(false).draw(&mut model, size));
        let digest: Vec<&str> = shown.lines().skip(2).take(2).collect();
        for said in ["8 ", " wait", "oldest 3 days", "about 3 min"] {
            assert!(digest[0].contains(said), "{said:?} at {size:?}:\n{shown}");
        }
        for said in ["look first: 1 in conflict", "1 to edit", "1 w"] {
            assert!(digest[1].contains(said), "{said:?} at {size:?}:\n{shown}");
        }
    }
}

#[test]
fn what_is_not_known_or_not_old_is_not_told() {
    for size in SIZES {
        let mut overview = sample::overview();
        overview.pace = None;
        for (agent, hours) in overview.agents.iter_mut().zip([5, 23]) {
            agent.oldest = sample::now().checked_sub(jiff::SignedDuration::from_hours(hours)).ok();
        }
        let shown = text(&Stage::new(false).draw(&mut sample::model_of(overview.clone()), size));
        let digest = shown.lines().nth(2).unwrap();
        assert!(digest.contains("no pace"), "{shown}");
        assert!(!digest.contains("oldest"), "{shown}");
        overview.agents[0].oldest = sample::now().checked_sub(jiff::SignedDuration::from_hours(25)).ok();
        let shown = text(&Stage::new(false).draw(&mut sample::model_of(overview), size));
        assert!(shown.lines().nth(2).unwrap().contains("oldest 25 h"), "{shown}");
    }
}

#[test]
fn no_count_is_cut_and_what_is_left_out_is_a_key_away() {
    for width in 60..=220 {
        let mut model = sample::model();
        let mut stage = Stage::new(false);
        stage.draw(&mut model, (width, 30));
        act(&mut model, &[Action::Open]);
        let shown = text(&stage.draw(&mut model, (width, 30)));
        let count = shown.lines().find(|line| line.contains("22 of 41 ")).unwrap();
        let (_, count) = count.split_once("22 of 41").unwrap();
        let said: Vec<&str> = count.trim_end_matches(['│', '┃', ' ']).split(" · ").collect();
        assert!(!count.contains('…'), "{width}: {count}");
        let whole = [
            " sessions ✓ verified",
            " verified",
            "at least 42 %",
            "established",
            "6 days",
            "3 people (like 2.4)",
            "3 people",
            "I more",
        ];
        for part in &said {
            assert!(whole.contains(part), "{part:?} at {width}");
        }
        let everything = said.iter().any(|part| part.starts_with("3 people"));
        assert_ne!(everything, said.contains(&"I more"), "{width}: {count}");
    }
    let mut model = sample::model();
    act(&mut model, &[Action::Explain]);
    sample::send(&mut model, Msg::Action(Action::Bottom));
    let explained = text(&Stage::new(false).draw(&mut model, (60, 60)));
    for said in ["22 of 41 sessions", "at least 42 %", "6 days", "3 people", "established"] {
        assert!(explained.contains(said), "{said:?}:\n{explained}");
    }
}

#[test]
fn a_lesson_opens_at_its_change_with_what_that_stands_under() {
    for size in [(60, 20), (80, 24), (100, 30), (140, 40)] {
        let mut sample = budgets::on_the_demo(size, Depth::Indexed);
        sample.console.press("g enter").unwrap();
        for _ in 0..8 {
            let shown = text(sample.console.frame());
            let detail = &sample.console.model().detail;
            let (top, rows) = (detail.scroll, &detail.painted().rows);
            let page = sample.console.model().viewport.text;
            assert!(top == 0 || rows[top - 1] != rows[top], "it begins in the middle of a line:\n{shown}");
            let change = detail.painted().changes[0];
            assert!((top..top + page).contains(&change), "the change is not in view:\n{shown}");
            // The heading above it is in view, or is said to be above.
            let above = detail.painted().headings.iter().rev().find(|(line, _)| *line <= change);
            if let Some((line, heading)) = above {
                let begin: String = heading.chars().take(20).collect();
                assert!(*line >= top || detail.heading_above().is_some(), "{begin}");
                assert!(shown.contains(&begin), "{begin:?} is not on the screen:\n{shown}");
            }
            sample.console.press("n").unwrap();
        }
    }
}
