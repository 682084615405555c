//! Reduces colours to what a terminal can show.
//!
//! Owns: the nearest indexed colour. Must not know: roles.

use ratatui::style::{Color, Style};

use super::Depth;
use super::pixels::indexed;

/// A colour of a theme file: its value, and the indexed colour that stands in for it where the
/// theme chose one by eye (dark shades collapse in the coarse grid of the 256).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shade {
    pub full: Color,
    pub indexed: Option<u8>,
}

/// A look before reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub fg: Option<Shade>,
    pub bg: Option<Shade>,
    pub modifiers: ratatui::style::Modifier,
}

pub(super) fn style(look: Look, depth: Depth) -> Style {
    let mut style = Style::new().add_modifier(look.modifiers);
    style.fg = look.fg.map(|shade| colour(shade, depth)).filter(|&c| c != Color::Reset);
    style.bg = look.bg.map(|shade| colour(shade, depth)).filter(|&c| c != Color::Reset);
    style
}

pub(super) fn colour(shade: Shade, depth: Depth) -> Color {
    match (depth, shade.full) {
        (Depth::Indexed, Color::Rgb(r, g, b)) => {
            Color::Indexed(shade.indexed.unwrap_or_else(|| nearest(r, g, b)))
        }
        // Themes with colours of their own are replaced by the terminal's sixteen, not reduced to
        // them: a nearest match among sixteen unknown colours is a guess about someone's palette.
        (Depth::Sixteen, Color::Rgb(..)) | (Depth::None, _) => Color::Reset,
        (_, colour) => colour,
    }
}

fn nearest(red: u8, green: u8, blue: u8) -> u8 {
    let distance = |index: &u8| {
        let near = indexed(*index).unwrap_or_default();
        let square = |a: u8, b: u8| (i32::from(a) - i32::from(b)).pow(2);
        // Green weighs most and blue least in what the eye sees.
        3 * square(red, near.0) + 4 * square(green, near.1) + 2 * square(blue, near.2)
    };
    (16..=255).min_by_key(distance).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_colours_of_the_cube_and_the_greys_are_found() {
        assert_eq!(nearest(0, 95, 0), 22);
        assert_eq!(nearest(255, 255, 255), 231);
        assert_eq!(nearest(8, 8, 8), 232);
        for index in 16..=255 {
            let (r, g, b) = indexed(index).unwrap();
            assert_eq!(indexed(nearest(r, g, b)), indexed(index));
        }
    }
}
