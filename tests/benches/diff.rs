//! How long it takes to compare, fold, highlight and paint texts, from a screenful to a whole memory.
//! Prints a table; measures, never judges.

#![allow(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use wakeful::diff::{Folding, Options, rows};
use wakeful::ui::diff::{Layout, Paint, render};
use wakeful::ui::highlight::Highlighted;
use wakeful::ui::theme::{Background, Depth, Name, Theme};

fn main() {
    let theme = Theme::load(Name::Dark, Background::Dark, Depth::Rgb, false);
    println!("{:<34} {:>10} {:>10} {:>10} {:>10}", "text", "compare", "fold", "highlight", "paint");
    for (name, lines, every) in [
        ("200 lines, every 20th changed", 200, 20),
        ("2,000 lines, every 20th changed", 2_000, 20),
        ("20,000 lines, every 20th changed", 20_000, 20),
        ("20,000 lines, every 3rd changed", 20_000, 3),
        ("20,000 lines, all reworded", 20_000, 1),
    ] {
        let (old, new) = (text(lines, 0), text(lines, every));
        let whole = Options { folding: Folding::none(), ..Options::default() };
        let all = rows(&old, &new, &whole);
        let folded = all.folded(&Folding::default());
        let compare = best(|| rows(&old, &new, &whole));
        let fold = best(|| all.folded(&Folding::default()));
        let highlight = best(|| Highlighted::markdown(&new));
        let paint = best(|| render(&folded, &Paint { layout: Layout::Split, ..Paint::new(120, &theme) }));
        println!("{name:<34} {compare:>10.1?} {fold:>10.1?} {highlight:>10.1?} {paint:>10.1?}");
    }
}

/// Notes; every `every`th is worded otherwise (0: none).
fn text(lines: usize, every: usize) -> String {
    let mut text = String::new();
    for i in 0..lines {
        let due = if every > 0 && i % every == 0 { "has to be paid by" } else { "is due on" };
        let n = i.wrapping_mul(2_654_435_761) % 1_000_003;
        text.push_str(&format!(
            "- Invoice {n} of customer `{}` {due} day {} of the month.\n",
            i * 7 % 977,
            i % 31
        ));
        if i % 25 == 24 {
            text.push_str(&format!("\n## Section {}\n\n", i / 25));
        }
    }
    text
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut best = Duration::MAX;
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(1) {
        let start = Instant::now();
        black_box(work());
        best = best.min(start.elapsed());
    }
    best
}
