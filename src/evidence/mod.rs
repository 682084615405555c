//! Counts that a person can open: statistics, distinct sessions, quotes that are really there.
//!
//! Owns: how places in sessions become numbers, and whether a quote stands where it is said to
//! stand. Must not know: files, engines, or how lessons are worded.

pub mod beta;
pub mod cite;
pub mod count;
pub mod find;
pub mod ground;
pub mod holdout;
pub mod judge;
pub mod minority;
pub mod near;
pub mod noise;
pub mod normal;
pub mod repair;
pub mod spot;
pub mod stats;
pub mod strata;
pub mod verify;
