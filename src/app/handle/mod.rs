//! What each family of actions does to the model.
//!
//! Owns: one file per family. Must not know: keys, drawing, or how effects are carried out.

pub mod agents;
pub mod apply;
pub mod audit;
pub mod command;
pub mod decide;
pub mod dreams;
pub mod filter;
pub mod fit;
pub mod leave;
pub mod look;
pub mod marks;
pub mod memory;
pub mod mouse;
pub mod navigate;
pub mod output;
pub mod overlays;
pub mod palette;
pub mod replies;
pub mod requests;
pub mod threshold;
pub mod transcript;
pub mod undo;
pub mod wish;
