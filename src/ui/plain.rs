//! Typographic characters on screens that only show ASCII.
//!
//! Owns: their stand-ins: one cell for one cell, and where a sentence can still be laid out, as many as they
//! take. Must not know: where they stand. The symbols of the
//! screen have stand-ins of their own; this is for sentences, whoever wrote them.

use std::borrow::Cow;

use ratatui::buffer::Buffer;

/// The plain form of a character; `None` where there is none.
fn plain(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "\u{2018}" | "\u{2019}" => "'",
        "\u{201c}" | "\u{201d}" => "\"",
        "\u{2013}" | "\u{2014}" | "\u{2212}" => "-",
        // In texts that were laid out before; no sign of a change, and no word when read aloud.
        "\u{2026}" => ".",
        "\u{2248}" => "?",
        "\u{b1}" => "+",
        "\u{d7}" => "x",
        "\u{b7}" | "\u{2022}" => "*",
        "\u{a0}" => " ",
        _ => return None,
    })
}

/// A sentence that is not laid out yet, with three dots where it leaves something out.
#[must_use]
pub fn spelled(text: &str) -> Cow<'_, str> {
    if text.contains('\u{2026}') { text.replace('\u{2026}', "...").into() } else { text.into() }
}

/// Puts the plain forms into a frame.
pub fn simplify(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(plain) = plain(cell.symbol()) {
            cell.set_symbol(plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Cell;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_sentence_keeps_its_width_and_loses_its_ornaments() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, "\u{201c}Caf\u{e9}\u{201d} \u{2013} 3\u{d7} \u{b1}0\u{2026}", Style::new());
        simplify(&mut buffer);
        let text: String = buffer.content.iter().map(Cell::symbol).collect();
        assert_eq!(text.trim_end(), "\"Caf\u{e9}\" - 3x +0.");
        assert_eq!(spelled("wait\u{2026} what"), "wait... what");
    }
}
