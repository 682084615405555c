//! What lies over the screen, one file per overlay.

pub mod confirm;
pub mod explain;
pub mod fit;
pub mod messages;
pub mod palette;
pub mod picker;
pub mod preview;
pub mod requests;
pub mod spot;
pub mod themes;
pub mod transcript;
