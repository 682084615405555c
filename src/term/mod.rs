//! The terminal itself: the only code that writes escape sequences.
//!
//! Owns: terminal state and its restoration, frames, events and signals, clipboard, editor.
//! Must not know: the model, or what any key means.

pub mod clipboard;
pub mod editor;
pub mod events;
pub mod frame;
mod keyboard;
mod late;
pub mod notify;
pub mod probe;
pub mod session;

/// Cells in a row of the terminal, where there is one.
#[must_use]
pub fn width() -> Option<usize> {
    crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}
