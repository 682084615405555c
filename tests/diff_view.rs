//! What a comparison looks like: every layout over prose, at three widths, as text; and its looks.

#![allow(
    clippy::format_collect,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use ratatui::style::Modifier;
use wakeful::diff::{Folding, Options, Pair, RowKind, Rows, documents, find, rows};
use wakeful::domain::lesson::Change;
use wakeful::domain::memory::DocPath;
use wakeful::ui::diff::{Layout, Paint, Painted, SPLIT_FROM, render};
use wakeful::ui::highlight::Highlighter;
use wakeful::ui::theme::{Background, Depth, Name, Theme};
use wakeful::ui::wrap;

const BEFORE: &str = "\
# Cancellations

Customers who cancel are often unsure. Be kind and be brief.

- Confirm the account id.
- Close the ticket when the refund window of 14 days has passed and nobody has answered for a week.
- Never promise a date.

## Escalation

- The staging database is reset every Sunday night, so never keep evidence there.
- Ask the lead on duty.

## Contacts

- Billing: billing@example.com
- Legal: legal@example.com
- Press: press@example.com
- Sales: sales@example.com
- 返金の問い合わせは十四日以内に担当者へ回し、必ず確認の返事を送ること。
- Security: see `runbook.md`\u{20}\u{20}
";

const AFTER: &str = "\
# Cancellations

Customers who cancel are often unsure. Be kind and be brief.

- Confirm the account id.
- When a customer mentions \"cancel\", offer a call before processing it; a third of them stay.
- Close the ticket when the refund window of 30 days has passed and nobody has answered for a week.

## Contacts

- Billing: billing@example.com
- Legal: legal@example.com
- Press: press@example.com
- Sales: sales@example.com
- 返金の問い合わせは三十日以内に担当者へ回し、必ず確認の返事を送ること。
- Security: see `runbook.md`
- The staging database is reset every Sunday night, so never keep evidence there.
";

fn theme() -> Theme {
    Theme::load(Name::Dark, Background::Dark, Depth::Rgb, false)
}

fn document<'a>(path: &str, change: Change, before: &'a str, after: &'a str) -> Pair<'a> {
    Pair { path: Some(DocPath::new(path).unwrap()), change, before, after }
}

fn sample() -> Rows {
    let pairs = [document("/customers/cancellations.md", Change::Modified, BEFORE, AFTER)];
    documents(&pairs, &Options::default())
}

fn painted(rows: &Rows, width: u16, layout: Layout) -> Painted {
    let theme = theme();
    render(rows, &Paint { layout, ..Paint::new(width, &theme) })
}

/// The lines as text, ends marked so that widths can be seen.
fn text(painted: &Painted) -> String {
    painted.lines.iter().map(|line| format!("{line}|\n")).collect()
}

fn shot(rows: &Rows, width: u16, layout: Layout) -> String {
    let painted = painted(rows, width, layout);
    for line in &painted.lines {
        assert!(line.width() <= usize::from(width), "{line}");
    }
    text(&painted)
}

#[test]
fn prose_side_by_side() {
    insta::assert_snapshot!("split_90", shot(&sample(), 90, Layout::Auto));
    insta::assert_snapshot!("split_140", shot(&sample(), 140, Layout::Auto));
    insta::assert_snapshot!("split_60", shot(&sample(), 60, Layout::Split));
}

#[test]
fn prose_in_one_column() {
    insta::assert_snapshot!("unified_60", shot(&sample(), 60, Layout::Auto));
    insta::assert_snapshot!("unified_90", shot(&sample(), 90, Layout::Unified));
    insta::assert_snapshot!("unified_140", shot(&sample(), 140, Layout::Unified));
}

#[test]
fn prose_as_it_will_read() {
    insta::assert_snapshot!("final_60", shot(&sample(), 60, Layout::FinalText));
    insta::assert_snapshot!("final_90", shot(&sample(), 90, Layout::FinalText));
    insta::assert_snapshot!("final_140", shot(&sample(), 140, Layout::FinalText));
}

fn several() -> Rows {
    let moved = "- The staging database is reset every Sunday night.\n- It takes an hour.\n";
    let from = format!("# Ops\n\n{moved}- Be patient.\n");
    let to = format!("# Environments\n\n{moved}");
    let pairs = [
        document("/ops.md", Change::Modified, &from, "# Ops\n\n- Be patient.\n"),
        document("/environments.md", Change::Created, "", &to),
        document(
            "/portal.md",
            Change::Deleted,
            "# The old portal\n\nIt is gone since spring; nobody asks for it.\n",
            "",
        ),
        document("/new.md", Change::Renamed(DocPath::new("/old.md").unwrap()), "a\nb\n", "a\nb\n"),
        document("/empty.md", Change::Created, "", ""),
        document("/dos.md", Change::Modified, "one\ntwo\nthree\n", "one\r\ntwo\r\nthree"),
    ];
    documents(&pairs, &Options::default())
}

#[test]
fn several_documents() {
    insta::assert_snapshot!("several_60", shot(&several(), 60, Layout::Auto));
    insta::assert_snapshot!("several_90", shot(&several(), 90, Layout::Auto));
    insta::assert_snapshot!("several_final_90", shot(&several(), 90, Layout::FinalText));
}

#[test]
fn clipped_instead_of_wrapped() {
    let theme = theme();
    let painted = render(&sample(), &Paint { wrap: false, ..Paint::new(90, &theme) });
    insta::assert_snapshot!("clipped_90", text(&painted));
}

#[test]
fn plain_ascii() {
    let theme = Theme::load(Name::Mono, Background::Dark, Depth::None, true);
    let rows = rows(
        "one\n\tlong and winding road\nsame\n",
        "one\nlong and winding  road\nsame\n",
        &Options::default(),
    );
    let painted = render(&rows, &Paint::new(60, &theme));
    let shown = text(&painted);
    assert!(shown.is_ascii(), "{shown}");
    let expected = [
        " 1   one|",
        " 2 - >   long and winding road|",
        " 2 + long and winding..road|",
        "     only spacing differs|",
        " 3   same|",
    ];
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_a_glance_misses_is_said_in_words() {
    let old = "One two three four\nfive six seven eight nine.\n\nend\n";
    let rows = rows(old, "One two\nthree four five\nsix seven eight nine.\n\nend\n", &Options::default());
    for layout in [Layout::Split, Layout::Unified] {
        let shown = shot(&rows, 100, layout);
        assert_eq!(shown.matches("only the line breaks differ").count(), 1, "{shown}");
    }
}

#[test]
fn hostile_text_is_shown_not_obeyed() {
    let rows = rows("safe\n", "\u{1b}[31mred\u{202e}txt\u{7}\u{200b}\r now\n", &Options::default());
    for layout in [Layout::Split, Layout::Unified, Layout::FinalText] {
        let shown = shot(&rows, 100, layout);
        assert!(shown.contains("␛[31mred⟨U+202E⟩txt␇⟨U+200B⟩␍ now"), "{shown}");
        assert!(!shown.chars().any(|c| c != '\n' && wakeful::domain::text::is_unsafe(c)));
    }
}

/// One letter per look of each cell, for the words that differ and the lines they are on.
fn looks(painted: &Painted, theme: &Theme) -> String {
    use wakeful::ui::theme::Role;
    let named = [
        (Role::DiffAddedWord, 'A'),
        (Role::DiffRemovedWord, 'R'),
        (Role::DiffAdded, 'a'),
        (Role::DiffRemoved, 'r'),
        (Role::DiffMovedTo, 'm'),
        (Role::HitCurrent, 'C'),
        (Role::Hit, 'H'),
    ];
    let mut out = String::new();
    for line in &painted.lines {
        for span in &line.spans {
            let style = line.style.patch(span.style);
            let letter =
                named.iter().find(|(role, _)| theme.style(*role).bg == style.bg).map_or('.', |found| found.1);
            let letter = if style.bg.is_none() { '.' } else { letter };
            out.extend(std::iter::repeat_n(letter, span.width()));
        }
        out.push_str("|\n");
    }
    out
}

#[test]
fn words_and_matches_are_marked() {
    let theme = theme();
    let rows =
        rows("Refunds within 14 days.\nplain\n", "Refunds within 30 days.\nplain\n", &Options::default());
    let hits = find(&rows, "in");
    let painted = render(&rows, &Paint { hits: &hits, current_hit: Some(2), ..Paint::new(40, &theme) });
    assert_eq!(hits.len(), 3);
    assert_eq!(painted.hits, [0, 1, 2]);
    let expected = [
        " 1 - Refunds within 14 days.            |",
        " 1 + Refunds within 30 days.            |",
        " 2   plain|",
        "...rrrrrrrrrrrrrrHHrRRrrrrrrrrrrrrrrrrrr|",
        "...aaaaaaaaaaaaaaHHaAAaaaaaaaaaaaaaaaaaa|",
        "........CC|",
    ];
    let shown = text(&painted) + &looks(&painted, &theme);
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn syntax_is_painted_once_it_is_ready() {
    let theme = theme();
    let (before, after) = ("# Old `x`\n", "# New `x`\n");
    let rows = rows(before, after, &Options::default());
    let highlighter = Highlighter::new();
    let paint = Paint { highlighter: Some(&highlighter), ..Paint::new(40, &theme) };
    let plain = render(&rows, &paint);
    highlighter.prepare(after);
    let half = render(&rows, &paint);
    assert_eq!(plain.lines[0], half.lines[0], "the old text is not ready yet");
    assert_ne!(plain.lines[1], half.lines[1]);
    let bold = half.lines[1].spans.iter().any(|span| span.style.add_modifier.contains(Modifier::BOLD));
    assert!(bold, "a heading stands out: {:?}", half.lines[1]);
    assert_eq!(text(&plain), text(&half), "colour never changes the text");
}

#[test]
fn changes_and_folds_can_be_walked() {
    let old: String = (0..60).map(|i| format!("line number {i}\n")).collect();
    let new = old.replace("line number 20\n", "something else\n").replace("line number 50\n", "");
    let rows = rows(&old, &new, &Options::default());
    for (width, layout) in [(60, Layout::Unified), (120, Layout::Split), (60, Layout::FinalText)] {
        let painted = painted(&rows, width, layout);
        assert_eq!(painted.changes.len(), 2);
        for (&line, change) in painted.changes.iter().zip(rows.changes()) {
            assert_eq!(painted.rows[line as usize] as usize, change.start);
        }
        assert_eq!(painted.folds.len(), 3);
        for (line, id) in &painted.folds {
            let row = &rows.rows[painted.rows[*line as usize] as usize];
            assert!(matches!(&row.kind, RowKind::Fold(fold) if fold.id == *id));
        }
        for row in 0..rows.rows.len() as u32 {
            let line = painted.line_of_row(row);
            assert!(painted.rows[line] <= row);
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        3 => "(- |  - |> |1\\. |# )?[jqz]{1,9}( [jqz]{1,12}){0,12}",
        1 => "[\t 漢é👨‍👩‍👧\u{202e}\u{1b}\u{301}]{0,12}",
        1 => Just(String::new()),
    ];
    prop::collection::vec(line, 0..16).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// At every width, down to nothing: no panic, no line too wide, no text lost.
    #[test]
    fn everything_fits_and_nothing_is_lost(old in any_text(), new in any_text(), width in 0..130u16, numbers: bool) {
        let theme = theme();
        let all = rows(&old, &new, &Options { folding: Folding::none(), ..Options::default() });
        let query = "z";
        let hits = find(&all, query);
        for layout in [Layout::Auto, Layout::Split, Layout::Unified, Layout::FinalText] {
            let painted = render(&all, &Paint { layout, numbers, hits: &hits, ..Paint::new(width, &theme) });
            prop_assert_eq!(painted.rows.len(), painted.lines.len());
            prop_assert!(painted.rows.is_sorted());
            prop_assert_eq!(painted.hits.len(), hits.len());
            prop_assert!(painted.hits.iter().all(|&line| (line as usize) < painted.lines.len()));
            for line in &painted.lines {
                prop_assert!(line.width() <= usize::from(width).max(1), "{width}: {line}");
                let safe = |c: char| !wakeful::domain::text::is_unsafe(c) || c == '\u{200d}';
                prop_assert!(line.to_string().chars().all(safe));
            }
            if width >= 40 {
                // Letters that no remark has.
                let ink = |text: &str| text.chars().filter(|c| "jqz".contains(*c)).count();
                let shown: usize = painted
                    .lines
                    .iter()
                    .map(ToString::to_string)
                    .map(|line| ink(&line))
                    .sum();
                let own = |row: &wakeful::diff::Row| match (layout, &row.kind) {
                    (Layout::FinalText, _) => row.new.as_ref().map_or(0, |side| ink(&side.text)),
                    (Layout::Unified, RowKind::Same) => row.new.as_ref().map_or(0, |side| ink(&side.text)),
                    (Layout::Auto, RowKind::Same) if width < SPLIT_FROM => row.new.as_ref().map_or(0, |side| ink(&side.text)),
                    _ => row.old.iter().chain(&row.new).map(|side| ink(&side.text)).sum(),
                };
                let expected: usize = all.rows.iter().map(own).sum();
                prop_assert_eq!(shown, expected, "{:?} at {}", layout, width);
            }
        }
    }
}

#[test]
fn widths_agree_with_the_terminal_library() {
    for text in ["abc", "返金", "👨‍👩‍👧", "é", "❤️", "🇫🇷"] {
        assert_eq!(wrap::width(text), ratatui::text::Span::raw(text).width(), "{text}");
    }
}
