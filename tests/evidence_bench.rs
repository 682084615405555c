//! How well evidence is found, quotes are checked and orders replicate on public labelled data, with thresholds
//! that fail the build when they drop. Passes with a note where the data is absent.
#![allow(clippy::print_stderr, reason = "figures for whoever reads the log")]

#[path = "evidence_bench/mod.rs"]
mod evidence_bench;

use evidence_bench::{coding, locomo, longmemeval, pairs, quotes, tau, who_and_when};

#[test]
fn searched_support_agrees_with_the_labels() {
    let Some((precision, recall)) = coding::searched_support() else { return };
    assert!(precision >= 0.95, "precision {precision:.3}");
    assert!(recall >= 0.94, "recall {recall:.3}");
}

#[test]
fn locomo_turns_and_sessions_are_found() {
    let Some(conversations) = locomo::conversations() else { return };
    let found = locomo::recall(&conversations);
    eprintln!("{found:?}");
    assert!(found.turns_at_10 >= 0.72, "{found:?}");
    assert!(found.mean_reciprocal_rank >= 0.52, "{found:?}");
    assert!(found.sessions_at_5 >= 0.85, "{found:?}");
}

#[test]
fn longmemeval_sessions_are_reported() {
    let Some(histories) = longmemeval::histories() else { return };
    let found = longmemeval::recall(&histories);
    eprintln!("{found:?}");
    // Nine questions can't carry a threshold; less than half would be a defect all the same.
    assert!(found.any_of_5 * 2 > found.questions, "{found:?}");
}

#[test]
fn quotes_are_found_with_slips_and_not_in_other_sessions() {
    let Some(found) = quotes::verified() else { return };
    eprintln!("{found:?}");
    assert!(found.exact as f64 >= 0.99 * found.quotes as f64, "{found:?}");
    assert!(found.recall() >= 0.99, "{found:?}");
    assert!(found.accepted_share() <= 0.001, "{found:?}");
}

#[test]
fn orders_found_on_half_of_the_tasks_stand_out_on_the_other_half() {
    let Some(runs) = tau::runs() else { return };
    let found = tau::replication(&runs, tau::SPLITS);
    eprintln!("{found:?}");
    // Of fewer a share says nothing. An order is only usual if its last step seldom comes without the rest, also in
    // sessions that take that step alone, so few are.
    assert!(found.orders >= 10, "{found:?}");
    assert!(f64::from(found.again) >= 0.80 * f64::from(found.orders), "{found:?}");
}

#[test]
fn what_goes_with_passing_only_over_all_tasks_is_no_lesson() {
    let Some(runs) = tau::runs() else { return };
    let found = tau::pooled_only(&runs);
    eprintln!("{found:?}");
    assert!(found.pooled < 0.01 && found.within.is_none_or(|within| within > 0.1), "{found:?}");
    assert_eq!(found.shown, 0, "{found:?}");
    assert!(found.noise.is_some_and(|noise| noise <= 0.1), "{found:?}");
}

#[test]
fn failures_near_the_decisive_step_are_reported() {
    let Some(runs) = who_and_when::runs() else { return };
    let found = who_and_when::near_the_step(&runs);
    eprintln!("{found:?}");
    assert!(found.runs > 0 && found.hits <= found.fired && found.fired <= found.runs, "{found:?}");
}

#[test]
fn planted_pairs_of_lessons_and_places_are_told_apart() {
    for half in pairs::halves() {
        eprintln!("{half}");
        assert!(half.precision() >= 0.95, "{half}");
        assert!(half.recall() >= 0.60, "{half}");
    }
}
