//! The console's model painted as cells.
//!
//! Owns: what every screen looks like, one file per region. Must not know: keys being pressed,
//! stores, sources; nothing here changes the model.

pub mod agent_facts;
mod agent_words;
pub mod agents;
pub mod audit;
pub mod diff;
pub mod dream_facts;
pub mod dreams;
pub mod evidence;
pub mod format;
pub mod header;
pub mod highlight;
pub mod hints;
pub mod inbox;
pub mod layout;
pub mod lesson;
mod marked;
pub mod memory;
pub mod memory_text;
mod nothing;
pub mod overlay;
pub mod pane;
mod peek;
pub mod phrases;
mod plain;
pub mod shot;
mod spark;
pub mod status;
pub mod surface;
pub mod theme;
pub mod transcript_text;
pub mod view;
pub mod wrap;

pub use surface::{PaintJob, Painter, Painting, Surface};
pub use view::{Drawn, Scene, draw};
