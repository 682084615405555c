//! Rows on corpora with known truth.

use super::dreambench::corpus::Corpus;
use super::dreambench::decoys::{self, Decoy};
use super::dreambench::naive::{self, Naive};
use super::dreambench::plants::{self, Plant, Wording};
use super::dreambench::score::{self, Found};
use super::table::{Asked, Table, number};

type Planting = fn(&mut Corpus) -> Vec<Plant>;

/// Families whose counts are exact by construction.
const FAMILIES: [(&str, &str, Planting); 8] = [
    ("orders of steps", "workflows", plants::workflows),
    ("stale notes", "gone", plants::gone),
    ("mistakes without a way out", "unresolved", plants::unresolved),
    ("places of things", "places", plants::places),
    ("limits", "limits", plants::limits),
    ("options that commands need", "options", plants::options),
    ("versions", "versions", plants::versions),
    ("notes that contradict each other", "contradicted", plants::contradicted),
];

/// Everything that is planted.
pub fn rows(table: &mut Table, seeds: u32) {
    mistakes(table, seeds);
    for (name, purpose, plant) in FAMILIES {
        family(table, name, &score::family(seeds, purpose, plant));
    }
    preferences(table, seeds);
    scope(table, seeds);
    for decoy in &decoys::ALL {
        fooled(table, decoy, seeds);
    }
    let same = (0..10).filter(|&seed| score::is_deterministic(seed)).count();
    table.shown(
        "same bytes in any order of sessions, on 1 and 8 threads",
        &format!("{same} of 10"),
        same as f64,
        Asked::Least(10.0, 10.0),
        "",
    );
}

fn mistakes(table: &mut Table, seeds: u32) {
    let found = score::mistakes(seeds);
    let (mentions, mentions_on_noise) = Naive::ThreeMentions.score(seeds);
    let (sessions, sessions_on_noise) = Naive::TenSessions.score(seeds);
    let mut row = |figure: &str, of: &dyn Fn(&Found) -> f64, asked| {
        let others = format!("3 mentions {}, 10 sessions {}", number(of(&mentions)), number(of(&sessions)));
        table.row(&format!("mistakes with a fix: {figure}"), of(&found), asked, &others);
    };
    row("precision", &Found::precision, Asked::Least(0.97, 0.99));
    row("recall at 3 sessions", &|found| found.recall(3), Asked::Nothing);
    row("recall at 5 sessions", &|found| found.recall(5), Asked::Least(0.75, 0.85));
    row("recall at 8 sessions", &|found| found.recall(8), Asked::Least(0.90, 0.95));
    row("recall at 10 and more", &Found::recall_from_ten, Asked::Least(0.98, 1.0));
    row("counts that are exact", &Found::exact_share, Asked::Least(1.0, 1.0));
    let against = found.against_share();
    table.row("mistakes with a fix: counter-examples that are exact", against, Asked::Least(0.95, 1.0), "");
    common(table, "mistakes with a fix", &found, Asked::Least(0.85, 0.95));
    let (noise, expected) = score::noise(seeds, 5);
    table.shown(
        "false lessons per corpus of noise",
        &format!("{} (the engine's own check expects {})", number(noise), number(expected)),
        noise,
        Asked::Most(0.05, 0.01),
        &format!("3 mentions {}, 10 sessions {}", number(mentions_on_noise), number(sessions_on_noise)),
    );
}

fn family(table: &mut Table, name: &str, found: &Found) {
    let mut row = |figure: &str, value: f64, asked| table.row(&format!("{name}: {figure}"), value, asked, "");
    row("precision", found.precision(), Asked::Least(0.97, 0.99));
    row("recall at 5 sessions", found.recall(5), Asked::Least(0.75, 0.85));
    row("recall at 8 sessions", found.recall(8), Asked::Least(0.90, 0.95));
    row("recall at 10 and more", found.recall_from_ten(), Asked::Least(0.98, 1.0));
    row("counts that are exact", found.exact_share(), Asked::Least(1.0, 1.0));
    common(table, name, found, Asked::Nothing);
}

fn common(table: &mut Table, name: &str, found: &Found, tiers: Asked) {
    table.row(&format!("{name}: said once, not twice"), found.once_share(), Asked::Nothing, "");
    table.row(&format!("{name}: firmness as the count calls for"), found.tier_share(), tiers, "");
}

/// For whom a lesson is said to hold.
fn scope(table: &mut Table, seeds: u32) {
    let found = score::scope(seeds);
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    let mut row = |figure: &str, part: u32, whole: u32, asked| {
        table.shown(figure, &format!("{part} of {whole}"), share(part, whole), asked, "");
    };
    row("lessons of one segment: found", found.narrow, found.planted, Asked::Least(0.90, 0.95));
    row("– said of that segment alone", found.narrowed, found.narrow, Asked::Least(0.90, 0.99));
    row("lessons of all segments: found", found.wide, found.planted, Asked::Least(0.95, 0.99));
    row("– said of all", found.left_wide, found.wide, Asked::Least(0.95, 0.99));
}

fn preferences(table: &mut Table, seeds: u32) {
    for (name, wording) in [
        ("in the same words", Wording::Same),
        ("reworded", Wording::Reworded),
        ("put freely", Wording::Free),
        ("put freely, second set", Wording::Second),
        ("put freely, third set", Wording::Third),
    ] {
        let found = score::preferences(seeds, wording);
        let grep = naive::cue_grep(seeds, wording);
        let mut row = |figure: &str, of: &dyn Fn(&Found) -> f64, asked| {
            let others = format!("cue words {}", number(of(&grep)));
            table.row(&format!("preferences {name}: {figure}"), of(&found), asked, &others);
        };
        let free = matches!(wording, Wording::Free | Wording::Second | Wording::Third);
        row("precision", &Found::precision, Asked::Least(0.97, 0.99));
        let recall = if free { Asked::Nothing } else { Asked::Least(0.98, 1.0) };
        row("recall at 10 and more", &Found::recall_from_ten, recall);
        let counts = if free { Asked::Least(0.60, 0.80) } else { Asked::Least(0.95, 0.99) };
        row("counts within one", &Found::near_share, counts);
        row("said once, not twice", &Found::once_share, Asked::Nothing);
    }
}

fn fooled(table: &mut Table, decoy: &Decoy, seeds: u32) {
    let times = score::fooled(decoy, seeds);
    let others = [
        ("3 mentions", Naive::ThreeMentions.fooled(decoy, seeds)),
        ("10 sessions", Naive::TenSessions.fooled(decoy, seeds)),
        ("cue words", naive::cue_grep_fooled(decoy, seeds)),
    ];
    let others: Vec<String> =
        others.iter().filter_map(|(name, times)| Some(format!("{name} {}", (*times)?))).collect();
    let name = format!("fooled by: {}", decoy.name);
    table.shown(
        &name,
        &format!("{times} of {seeds}"),
        f64::from(times),
        Asked::Most(0.0, 0.0),
        &others.join(", "),
    );
    if let Some(found) = score::honest(decoy, seeds) {
        let share = f64::from(found) / f64::from(seeds);
        table.shown(
            "– found where it is real",
            &format!("{found} of {seeds}"),
            share,
            Asked::Least(0.90, 1.0),
            "",
        );
    }
}
