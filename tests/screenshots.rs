//! The pictures in `screenshots/` show what the program shows now.
//!
//! `WAKEFUL_BLESS=1 cargo test --test screenshots` makes them anew; without it the test fails when
//! the stored ones are stale.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/shot/mod.rs"]
mod shot;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Block, Widget};
use shot::{Look, covers, png, svg};
use wakeful::ui::theme::UNICODE;

/// A small screen with everything the writer knows.
fn small() -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 6));
    Block::bordered().title(" <box> & ").render(buffer.area, &mut buffer);
    buffer.set_string(2, 1, "plain", Style::new());
    buffer.set_string(8, 1, "bold", Style::new().add_modifier(Modifier::BOLD).fg(Color::Rgb(255, 200, 0)));
    buffer.set_string(13, 1, "under", Style::new().add_modifier(Modifier::UNDERLINED));
    buffer.set_string(2, 2, " on green  ", Style::new().bg(Color::Rgb(0, 95, 0)));
    buffer.set_string(13, 2, "reverse", Style::new().add_modifier(Modifier::REVERSED));
    buffer.set_string(2, 3, "▁▂▃▄▅▆▇█▌ ✓✗→", Style::new().fg(Color::Indexed(117)));
    buffer.set_string(2, 4, "漢 wide", Style::new().add_modifier(Modifier::ITALIC).fg(Color::LightRed));
    buffer
}

#[test]
fn a_small_screen_becomes_a_known_picture() {
    insta::assert_snapshot!("shot_small", svg(&small(), "small", &Look::DARK));
}

#[test]
fn lines_have_no_seams() {
    let picture = png(&svg(&small(), "small", &Look::LIGHT));
    let ink = |x: u32, y: u32| picture.pixel(x, y).unwrap().demultiply();
    // The left border from the upper to the lower corner, in one piece.
    let (x, top) = (10 + 9 / 2, 30 + 10 + 19 / 2);
    for y in top..top + 5 * 19 {
        assert_eq!(ink(x, y), ink(x, top), "a seam at {y}");
    }
    // The lower border from corner to corner.
    let y = 30 + 10 + 5 * 19 + 19 / 2;
    for x in x..x + 23 * 9 {
        assert_eq!(ink(x, y), ink(x, y.min(y)), "a seam at {x}");
        assert_ne!(ink(x, y), ink(x, y + 3), "no line at {x}");
    }
    // A background is one colour from edge to edge.
    let green = ink(10 + 2 * 9 + 1, 30 + 10 + 2 * 19);
    assert_eq!((green.red(), green.green(), green.blue()), (0, 95, 0));
    assert_eq!(ink(10 + 13 * 9 - 1, 30 + 10 + 3 * 19 - 1), green);
}

#[test]
fn the_font_has_every_symbol_of_the_screen() {
    let shown = format!("{UNICODE:?}");
    let mut symbols: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
    symbols.extend("⟨⟩⏎·─│┌┐└┘├┤┬┴┼▌▇▾●✓✗…«»".chars());
    symbols.sort_unstable();
    symbols.dedup();
    for font in [dejavu::sans_mono::regular(), dejavu::sans_mono::bold()] {
        assert!(covers(font, 'a') && !covers(font, '漢'));
        let missing: Vec<char> = symbols.iter().copied().filter(|&c| !covers(font, c)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
