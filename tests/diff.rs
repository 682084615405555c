//! Properties of the comparison model, over generated and large texts.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::format_collect,
    reason = "a test fails by panicking, and tells what it measured"
)]

use std::collections::BTreeSet;
use std::time::Instant;

use proptest::prelude::*;
use wakeful::diff::{Folding, Options, Row, RowKind, Rows, Side, find, rows};

/// Lines that are likely to repeat, to be alike, to hide traps of Unicode and of line ends.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(- )?(Ask|Tell) the (owner|lead|team) (before|after) (closing|merging) the (ticket|branch)[.!]?",
        2 => "(# |## |- |  - |1\\. )?[a-c]{1,3}( [a-c]{1,3}){0,6}",
        1 => Just(String::new()),
        1 => "[ \t]{1,3}",
        1 => "[é漢👨‍👩‍👧\u{200d}\u{301}İß ]{0,6}",
        1 => "\\PC{0,20}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    (prop::collection::vec((line(), prop_oneof![8 => Just("\n"), 1 => Just("\r\n")]), 0..24), any::<bool>())
        .prop_map(|(lines, ends)| {
            let mut text: String = lines.iter().flat_map(|(line, end)| [line.as_str(), end]).collect();
            if !ends && text.ends_with('\n') {
                text.pop();
            }
            text
        })
}

/// Two texts, most often versions of each other.
fn versions() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        (text(), text()),
        (text(), prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, line()), 0..6)).prop_map(
            |(old, edits)| {
                let mut lines: Vec<String> = old.split_inclusive('\n').map(str::to_owned).collect();
                for (at, kind, text) in edits {
                    let at = at.index(lines.len() + 1);
                    match kind {
                        0 => lines.insert(at, format!("{text}\n")),
                        1 if at < lines.len() => {
                            lines.remove(at);
                        }
                        2 if at < lines.len() => lines[at].insert_str(0, "- Well, "),
                        3 if at < lines.len() => {
                            let line = lines.remove(at);
                            lines.push(line);
                        }
                        _ => {}
                    }
                }
                (old, lines.concat())
            }
        ),
    ]
}

fn whole() -> Options {
    Options { folding: Folding::none(), ..Options::default() }
}

fn rebuild(rows: &Rows, side: fn(&Row) -> Option<&Side>) -> String {
    rows.rows.iter().filter_map(side).flat_map(|side| [&*side.text, side.ending.as_str()]).collect()
}

fn check(old: &str, new: &str) -> Rows {
    let rows = rows(old, new, &whole());
    assert_eq!(rebuild(&rows, |row| row.old.as_ref()), old, "the old side is the old text");
    assert_eq!(rebuild(&rows, |row| row.new.as_ref()), new, "the new side is the new text");
    for (name, side) in
        [("old", (|row| row.old.as_ref()) as fn(&Row) -> Option<&Side>), ("new", |row| row.new.as_ref())]
    {
        let numbers: Vec<u32> = rows.rows.iter().filter_map(side).map(|side| side.line).collect();
        assert_eq!(
            numbers,
            (1..=numbers.len() as u32).collect::<Vec<_>>(),
            "{name} line numbers rise by one"
        );
    }
    for row in &rows.rows {
        match row.kind {
            RowKind::Same => {
                let (a, b) = (row.old.as_ref().unwrap(), row.new.as_ref().unwrap());
                assert_eq!((&a.text, a.ending), (&b.text, b.ending));
            }
            RowKind::Changed => {
                let (a, b) = (row.old.as_ref().unwrap(), row.new.as_ref().unwrap());
                assert_ne!((&a.text, a.ending), (&b.text, b.ending), "a changed row differs");
            }
            RowKind::Added | RowKind::MovedTo(_) => assert!(row.old.is_none() && row.new.is_some()),
            RowKind::Removed | RowKind::MovedFrom(_) => assert!(row.old.is_some() && row.new.is_none()),
            RowKind::Title | RowKind::Fold(_) => panic!("no titles or folds were asked for"),
        }
        for side in row.old.iter().chain(&row.new) {
            let mut end = 0;
            for range in &side.emphasis {
                assert!(
                    range.start >= end && range.start < range.end,
                    "marks are in order, apart and not empty"
                );
                assert!(side.text.get(range.clone()).is_some(), "marks lie on character boundaries");
                end = range.end;
            }
        }
    }
    rows
}

/// Each end of a move names the other, and both blocks have the same length.
fn check_moves(rows: &Rows) {
    let mut from = BTreeSet::new();
    let mut to = BTreeSet::new();
    for row in &rows.rows {
        match row.kind {
            RowKind::MovedFrom(place) => {
                from.insert((place.block, row.old.as_ref().unwrap().line, place.line))
            }
            RowKind::MovedTo(place) => to.insert((place.block, place.line, row.new.as_ref().unwrap().line)),
            _ => continue,
        };
    }
    assert_eq!(from, to);
}

#[test]
fn an_edit_at_an_end_that_slides_loses_nothing() {
    let owner = "Ask the owner before closing the ticket\n";
    let team = "- Ask the team before closing the ticket\n";
    let old = format!("{owner}{owner}{owner}{owner}{team}{owner}\na\n{owner}{team}");
    let new = format!("{owner}{owner}{owner}{owner}\na\n{owner}{team}{owner}{team}");
    check(&old, &new);
    check(&new, &old);
    for (old, new) in [("x\nx\n", "x\nx\nx\n"), ("- a\nb\n- a\n", "- a\nb\n- a\nb\n- a\n")] {
        check(old, new);
        check(new, old);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_both_texts_exactly((old, new) in versions()) {
        let rows = check(&old, &new);
        check_moves(&rows);
        prop_assert_eq!(rows.stats.is_unchanged(), old == new);
        let same = check(&new, &new);
        prop_assert!(same.stats.is_unchanged());
    }

    #[test]
    fn folding_loses_no_line((old, new) in versions(), context in 0..5u32) {
        let full = check(&old, &new);
        let folding = Folding { context: Some(context), open: BTreeSet::new() };
        let folded = full.folded(&folding);
        let mut hidden = 0;
        let mut open = BTreeSet::new();
        for row in &folded.rows {
            if let RowKind::Fold(fold) = &row.kind {
                prop_assert!(open.insert(fold.id), "each fold has its own name");
                hidden += fold.count as usize;
            }
        }
        prop_assert_eq!(folded.rows.len() - open.len() + hidden, full.rows.len());
        prop_assert_eq!(folded.stats, full.stats);
        let changes = |rows: &Rows| rows.rows.iter().filter(|row| row.is_change()).cloned().collect::<Vec<_>>();
        prop_assert_eq!(changes(&folded), changes(&full), "no change is ever hidden");
        let opened = full.folded(&Folding { open, ..folding });
        prop_assert_eq!(&opened, &full);
    }

    #[test]
    fn matches_are_where_they_say((old, new) in versions(), query in "[a-c]{1,2}|the|É|漢") {
        let full = check(&old, &new);
        for hit in find(&full, &query) {
            let row = &full.rows[hit.row as usize];
            let side = if hit.old { row.old.as_ref() } else { row.new.as_ref() }.unwrap();
            let found = side.text.get(hit.range.clone()).unwrap();
            prop_assert_eq!(found.to_lowercase(), query.to_lowercase());
        }
    }
}

/// Twenty thousand lines in hostile shapes. The limit is far above what is measured (under a second
/// each unoptimised) and far below what anything quadratic would need.
#[test]
fn large_texts_take_about_linear_time() {
    const LINES: usize = 20_000;
    let prose = |salt: usize| -> String {
        (0..LINES)
            .map(|i| {
                let n = i.wrapping_mul(2_654_435_761).wrapping_add(salt * 97) % 1_000_003;
                format!("- Entry {n} says that the {} of {} is due on day {}.\n", n % 89, n % 97, i % 31)
            })
            .collect()
    };
    let base = prose(1);
    let every_third: String = base
        .lines()
        .enumerate()
        .map(|(i, line)| if i % 3 == 0 { format!("{line} Really.\n") } else { format!("{line}\n") })
        .collect();
    let reversed: String = base.lines().rev().map(|line| format!("{line}\n")).collect();
    let shapes: Vec<(&str, String, String)> = vec![
        ("one line changed", base.clone(), base.replacen("Entry", "Note", 1)),
        ("every third line changed", base.clone(), every_third),
        ("wholly rewritten", base.clone(), prose(2)),
        ("reversed", base.clone(), reversed),
        ("line ends changed", base.clone(), base.replace('\n', "\r\n")),
        ("created", String::new(), base.clone()),
        ("the same line over and over", "---\n".repeat(LINES), "--- \n".repeat(LINES)),
        ("blank lines", "\n".repeat(LINES), " \n".repeat(LINES)),
        ("two lines shuffled", "a\nb\n".repeat(LINES / 2), "b\na\na\n".repeat(LINES / 3)),
        ("one huge line", "word ".repeat(200_000), "ward ".repeat(200_000)),
    ];
    for (name, old, new) in shapes {
        let start = Instant::now();
        let rows = check(&old, &new);
        let took = start.elapsed();
        println!("{name}: {took:?}, {:?}", rows.stats);
        assert!(took.as_secs() < 60, "{name} took {took:?}");
    }
}
