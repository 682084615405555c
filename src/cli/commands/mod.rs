//! The commands, one per file; each reads its arguments, asks the library, prints, and says how it ended.

pub mod apply;
pub mod audit;
pub mod config;
pub mod decide;
pub mod doctor;
mod doctor_platform;
pub mod dream;
pub mod edit;
mod far;
pub mod generate;
pub mod init;
mod leftover;
pub mod lessons;
mod manual;
pub mod memory;
mod outcome;
pub mod quarantine;
pub mod review;
mod runs;
pub mod show;
pub mod spot;
pub mod status;
pub mod sync;
pub mod undo;
