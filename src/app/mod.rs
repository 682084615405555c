//! The console as a pure machine: a model, messages in, effects out.
//!
//! Owns: what is shown, what every action does, and why one is not possible. No waiting, no files,
//! no terminal: effects are data, carried out elsewhere and answered by messages, so that undo,
//! replay, property tests and pictures come for free. Must not know: ratatui, crossterm, SQL,
//! networks, threads.

pub mod action;
pub mod activity;
pub mod available;
pub mod data;
pub mod detail;
pub mod digest;
pub mod doubt;
pub mod effect;
pub mod explain;
pub mod far;
pub mod filter;
pub mod fit;
mod handle;
pub mod inbox;
pub mod line_edit;
pub mod model;
pub mod msg;
pub mod overlay;
pub mod screens;
pub mod selection;
mod slots;
pub mod sort;
pub mod spot;
pub mod tally;
pub mod toast;
pub mod update;
pub mod view_state;
pub mod wish;
pub mod words;

pub use action::{Action, Group, Scope};
pub use effect::Effect;
pub use handle::command::WITH_ARGUMENT;
pub use handle::palette::check as check_from_palette;
pub use model::{Model, Pane, Screen, Viewport};
pub use msg::Msg;
pub use update::{start, update};
