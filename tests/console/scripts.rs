//! Every script of the world in lists, texts, evidence and fields, at every size: nothing is drawn past its edge, no
//! frame is broken, and no character that consists of several is cut in half.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ratatui::buffer::Buffer;
use unicode_segmentation::UnicodeSegmentation;
use wakeful::app::data::{LessonDetail, Overview};
use wakeful::app::line_edit::TextEdit;
use wakeful::app::{Action, Model, Msg};
use wakeful::domain::memory::DocPath;
use wakeful::domain::text::SafeText;
use wakeful::ui::wrap;

use crate::sample;
use crate::screens::{Stage, act};

/// Wide, joined, combining, right to left, disguised, and plain.
const PIECES: &[&str] = &[
    "漢字",
    "返金は三十日",
    "한국어",
    "\u{1112}\u{1161}\u{11ab}",
    "👨\u{200d}👩\u{200d}👧\u{200d}👦",
    "🏳\u{fe0f}\u{200d}🌈",
    "🇫🇷🇩🇪",
    "👍🏽",
    "❤\u{fe0f}",
    "ө\u{301}\u{323}",
    "שלום",
    "مرحبا بالعالم",
    "\u{202e}gnp.exe\u{202c}",
    "ไทยน้ำ",
    "नमस्ते",
    "\u{1b}[31m",
    "\u{200b}",
    "ｆｕｌｌ",
    "word",
    "- ",
    "\t",
    " ",
    " ",
    "`code`",
    "**bold**",
    "“said”",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 1..24).prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(text(), 1..10).prop_map(|lines| lines.join("\n"))
}

/// A small world in which people write like that.
fn world(statement: &str) -> Overview {
    let mut world = sample::overview();
    for lesson in &mut world.lessons {
        statement.clone_into(&mut lesson.statement);
        let path = DocPath::new(&format!("/{}.md", statement.replace(['\u{1b}', '\t', '/'], "")));
        if let Ok(path) = path {
            lesson.documents[0].path = path;
        }
    }
    for summary in &mut world.agents {
        statement.clone_into(&mut summary.agent.name);
    }
    world
}

fn detail(model: &Model, quote: &str, before: &str, after: &str) -> LessonDetail {
    let mut detail = sample::detail(model.detail.lesson().unwrap());
    for document in &mut detail.documents {
        (document.before, document.after) = (Arc::from(before), Arc::from(after));
    }
    for evidence in &mut detail.evidence {
        quote.clone_into(&mut evidence.quote);
    }
    detail
}

/// Parts of the characters in a text that consist of several.
fn halves(texts: &[&str]) -> BTreeSet<String> {
    let safe: Vec<String> = texts.iter().map(|text| SafeText::block(text).into_string()).collect();
    let whole: BTreeSet<&str> = safe.iter().flat_map(|text| text.graphemes(true)).collect();
    let mut halves = BTreeSet::new();
    for grapheme in &whole {
        for (at, _) in grapheme.char_indices().skip(1) {
            halves.extend([grapheme[..at].to_owned(), grapheme[at..].to_owned()]);
        }
    }
    halves.retain(|half| !half.is_ascii() && !whole.contains(half.as_str()));
    halves
}

fn check(drawn: &Buffer, halves: &BTreeSet<String>) -> Result<(), TestCaseError> {
    for y in 0..drawn.area.height {
        let mut x = 0;
        while x < drawn.area.width {
            let symbol = drawn[(x, y)].symbol();
            let width = wrap::width(symbol).max(1) as u16;
            prop_assert!(x + width <= drawn.area.width, "{symbol:?} sticks out of row {y}");
            prop_assert!(!halves.contains(symbol), "{symbol:?} in row {y} is half of a character");
            for covered in x + 1..x + width {
                let under = drawn[(covered, y)].symbol();
                prop_assert!(under == " ", "{under:?} in row {y} lies under {symbol:?}");
            }
            x += width;
        }
    }
    Ok(())
}

/// Whether the rows between the corners of a frame around the whole width end with its border.
fn frame_is_whole(drawn: &Buffer) -> bool {
    let (last, rows) = (drawn.area.width - 1, 2..drawn.area.height.saturating_sub(3));
    rows.into_iter().all(|y| ["│", "┃", "┤", "┘", "┐"].contains(&drawn[(last, y)].symbol()))
}

const WAYS: &[&[Action]] = &[
    &[],
    &[Action::Open],
    &[Action::Open, Action::FinalText],
    &[Action::Open, Action::Layout],
    &[Action::Open, Action::Wrap],
    &[Action::Evidence],
    &[Action::ScreenAgents],
    &[Action::ScreenDreams],
    &[Action::Explain],
    &[Action::Help],
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_script_stays_in_its_place(
        statement in text(),
        quote in text(),
        before in document(),
        after in document(),
        search in prop::sample::select(PIECES),
        way in prop::sample::select(WAYS),
        (width, height) in (1..200u16, 1..45u16),
        reader: bool,
    ) {
        let halves = halves(&[&statement, &quote, &before, &after, search, &format!("{statement}{quote}")]);
        let mut stage = if reader { Stage::aloud() } else { Stage::new(false) };
        let mut model = sample::model_of(world(&statement));
        stage.draw(&mut model, (width, height));
        act(&mut model, way);
        let hostile = detail(&model, &quote, &before, &after);
        model.detail.fill(hostile);
        model.detail.search = Some(search.to_owned());
        for width in [width, 60, 80] {
            let drawn = stage.draw(&mut model, (width, height.max(8)));
            check(&drawn, &halves)?;
            if !reader && (60..110).contains(&width) && height >= 20 && model.overlay().is_none() {
                prop_assert!(frame_is_whole(&drawn), "{}", crate::screens::text(&drawn));
            }
        }
        // What is typed is shown from where the cursor still fits.
        act(&mut model, &[Action::Escape, Action::Escape, Action::ScreenInbox, Action::Filter]);
        for c in format!("{statement}{quote}").chars().filter(|c| !c.is_control()) {
            sample::send(&mut model, Msg::Text(TextEdit::Insert(c)));
        }
        check(&stage.draw(&mut model, (width, height)), &halves)?;
    }
}
