//! A stand-in for the Claude platform: a loopback HTTP server that speaks its wire format over a
//! workspace held in memory, with faults on request.
//!
//! Owns: what the platform answers, as its documentation has it. Must not know: our client. Bodies are
//! made of bare JSON values here, so that a mistake in the client's types can't hide behind the same
//! mistake in the server's.
//!
//! Nothing here reads a wall clock; the workspace is handed one. [`StandIn::start`] gives a [`Running`]
//! server: its workspace can be looked at and changed as if by someone else, its faults switched, and
//! every request is on record.

mod beta;
mod dreams;
mod events;
mod failure;
pub mod faults;
mod life;
mod log;
mod memory;
mod page;
mod paths;
mod query;
mod route;
mod server;
mod sessions;
mod versions;
mod wire;
mod workspace;

pub use dreams::{Pace, Script};
pub use events::Events;
pub use faults::{Fault, Faults, Rule};
pub use log::{Log, Logged};
pub use memory::CONTENT_LIMIT;
pub use server::{Running, StandIn};
pub use sessions::{NewSession, NewThread};
pub use versions::{Actor, Version};
pub use workspace::Workspace;
