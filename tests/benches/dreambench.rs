//! DreamBench: what passes find, miss and invent on corpora with known truth, beside the rules that
//! today's tools follow, with the aims. Prints one table; `tests/dreambench.rs` holds the floor.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

#[path = "../dreambench/mod.rs"]
mod dreambench;

use dreambench::decoys;
use dreambench::plants::{self, Wording};
use dreambench::score::{self, Found, Naive};

/// Corpora per figure.
const SEEDS: u32 = 200;

fn main() {
    println!("DreamBench: {SEEDS} corpora of 50 sessions for every figure\n");
    println!("| figure | wakeful | aim | 3 mentions | 10 sessions |");
    println!("|---|---|---|---|---|");
    let found = score::mistakes(SEEDS);
    let (noise, expected) = score::noise(SEEDS, 5);
    let (mentions, mentions_on_noise) = Naive::ThreeMentions.score(SEEDS);
    let (sessions, sessions_on_noise) = Naive::TenSessions.score(SEEDS);
    let row = |name: &str, aim: &str, of: &dyn Fn(&Found) -> f64| {
        println!("| {name} | {:.3} | {aim} | {:.3} | {:.3} |", of(&found), of(&mentions), of(&sessions));
    };
    row("mistakes: precision", ">= .97", &Found::precision);
    row("mistakes: recall at 5 sessions", ">= .75", &|found| found.recall(5));
    row("mistakes: recall at 8 sessions", ">= .90", &|found| found.recall(8));
    row("mistakes: recall at 10 and more", ">= .98", &Found::recall_from_ten);
    row("mistakes: counts that are exact", "1.000", &Found::exact_share);
    println!(
        "| false lessons per corpus of noise | {noise:.3} | <= .05 | {mentions_on_noise:.3} | {sessions_on_noise:.3} |"
    );
    println!("| the same, as the noise check expects | {expected:.3} | | | |");
    for (name, wording) in
        [("in the same words", Wording::Same), ("reworded", Wording::Reworded), ("put freely", Wording::Free)]
    {
        let found = score::preferences(SEEDS, wording);
        println!("| preferences {name}: precision | {:.3} | >= .97 | | |", found.precision());
        println!("| preferences {name}: recall at 10 and more | {:.3} | | | |", found.recall_from_ten());
        let aim = if wording == Wording::Free { ">= .60" } else { ">= .95" };
        println!("| preferences {name}: counts within one | {:.3} | {aim} | | |", found.near_share());
    }
    for (name, found) in [
        ("orders of steps", score::family(SEEDS, "workflows", plants::workflows)),
        ("stale notes", score::family(SEEDS, "gone", plants::gone)),
        ("mistakes without a way out", score::family(SEEDS, "unresolved", plants::unresolved)),
    ] {
        println!("| {name}: precision | {:.3} | >= .97 | | |", found.precision());
        println!("| {name}: recall at 5 sessions | {:.3} | | | |", found.recall(5));
        println!("| {name}: recall at 8 sessions | {:.3} | | | |", found.recall(8));
        println!("| {name}: recall at 10 and more | {:.3} | | | |", found.recall_from_ten());
        println!("| {name}: counts that are exact | {:.3} | 1.000 | | |", found.exact_share());
    }
    for decoy in decoys::ALL {
        println!("| decoy: {} | {} of {SEEDS} | 0 | | |", decoy.name, score::fooled(&decoy, SEEDS));
        if let Some(found) = score::honest(&decoy, SEEDS) {
            println!("| the same where it is real | {found} of {SEEDS} | {SEEDS} | | |");
        }
    }
    let same = (0..10).all(score::is_deterministic);
    println!(
        "| same bytes in any order, on 1 and 8 threads | {} | yes | | |",
        if same { "yes" } else { "no" }
    );
}
