//! What colours are in pixels.
//!
//! Owns: the values of the 256 colours, and what a colour of any kind looks like in a picture. Must not
//! know: roles, or how pictures are written.

use ratatui::style::Color;

/// Red, green and blue.
pub type Pixel = (u8, u8, u8);

/// The levels of the 6x6x6 cube of the 256 colours.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The sixteen colours by name, in the order of their numbers.
const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The value of an indexed colour from 16 on; the first sixteen are the terminal's own.
#[must_use]
pub fn indexed(index: u8) -> Option<Pixel> {
    let level = |i: u8| LEVELS.get(usize::from(i)).copied().unwrap_or_default();
    match index {
        0..16 => None,
        16..232 => {
            let cube = index - 16;
            Some((level(cube / 36), level(cube / 6 % 6), level(cube % 6)))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            Some((grey, grey, grey))
        }
    }
}

/// What a terminal with these sixteen colours paints for a colour; `default` for its own one.
#[must_use]
pub fn painted(colour: Color, default: Pixel, sixteen: &[Pixel]) -> Pixel {
    let own = |index: usize| sixteen.get(index).copied().unwrap_or(default);
    match colour {
        Color::Reset => default,
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(index) => indexed(index).unwrap_or_else(|| own(usize::from(index))),
        name => NAMED.iter().position(|other| *other == name).map_or(default, own),
    }
}
