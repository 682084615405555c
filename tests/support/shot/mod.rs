//! What the tests add to the program's own pictures: pixels, and pictures that move.

mod png;
mod svg;

pub use png::{covers, png};
pub use svg::moving;
