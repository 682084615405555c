//! Pictures of screens: a drawn buffer as SVG.
//!
//! Owns: drawing lines and blocks as shapes, so that no seams show. Must not know: where pictures go.

mod shapes;
mod svg;

pub use svg::{Look, svg};
