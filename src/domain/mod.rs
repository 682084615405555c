//! The vocabulary of the product as plain types.
//!
//! Owns: what an agent, a session, a memory snapshot, a dream, a lesson, its evidence and a
//! decision *are*, and the one function that moves a lesson from state to state.
//! Must not know: files, SQL, terminals, threads, networks, or how anything is displayed.

pub mod agent;
pub mod checks;
pub mod clock;
pub mod cost;
pub mod count_line;
pub mod decision;
pub mod dream;
pub mod evidence;
pub mod ids;
pub mod lesson;
pub mod lifecycle;
pub mod memory;
pub mod nearest;
pub mod outcome;
pub mod phrase;
pub mod quick;
pub mod remote;
pub mod request;
pub mod rules;
pub mod same;
pub mod session;
pub mod text;
pub mod tokens;
