//! Pictures of screens: a drawn buffer as SVG, and that as PNG.
//!
//! Owns: the grid, the window frame, and drawing lines and blocks as shapes so that no seams show.
//! Must not know: which screens there are.

mod png;
mod shapes;
mod svg;

pub use png::{covers, png};
pub use svg::{Look, moving, svg};
