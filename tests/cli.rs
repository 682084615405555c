//! The command line as scripts see it: the real binary, on the sample agent of `wakeful demo`, in a
//! temporary folder with an empty environment.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

#[path = "cli/agents.rs"]
mod agents;
#[path = "cli/auto.rs"]
mod auto;
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/generated.rs"]
mod generated;
#[path = "cli/passes.rs"]
mod passes;
#[path = "cli/reading.rs"]
mod reading;
#[path = "cli/review.rs"]
mod review;
#[path = "cli/shared.rs"]
mod shared;
#[path = "cli/snippets.rs"]
mod snippets;
#[path = "cli/stage.rs"]
mod stage;
