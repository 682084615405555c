//! Keys to messages.
//!
//! Owns: what keys are called, which action they start, and how a sequence of keys is held.
//! Must not know: what actions do, or how anything is drawn.

pub mod key;
pub mod keymap;
pub mod route;

pub use key::Key;
pub use keymap::{Keymap, Overrides};
pub use route::Router;
