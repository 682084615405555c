//! Commands that open something to look at, and the script for a shell.
//!
//! Owns: what can be typed behind `demo`, `review` and `completions`. Must not know: what they do.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::{Opened, Output, Which};
use crate::cli::demo::faults::Arranged;

/// `demo`
#[derive(Debug, ClapArgs)]
pub struct Demo {
    /// Keep the sample agent, cache and configuration in this new folder. With --platform, no console is opened:
    /// the platform is stood in for until Ctrl-C, for commands from another terminal.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// The sample as a workspace of the Claude platform, stood in for on this machine: no key, no network.
    #[arg(long)]
    pub platform: bool,
    /// Let the platform go wrong after the first sync (at once with --no-console): 429, 500, 529, 401, 404, 409,
    /// timeout, trickle, truncated, cut, reset, lost, duplicate or cursor; `500:3` with three requests, then no
    /// more; dream-timeout: the next dream fails so.
    #[arg(long, value_name = "KIND[:N]", requires = "platform")]
    pub fault: Option<Arranged>,
    /// Run the dream, print what it proposes, and end.
    #[arg(long)]
    pub no_console: bool,
    /// How the console is opened.
    #[command(flatten)]
    pub opened: Opened,
    /// How it prints (only with --no-console).
    #[command(flatten)]
    pub output: Output,
}

/// `review`
#[derive(Debug, ClapArgs)]
pub struct Review {
    /// Line by line: prints one lesson, reads one letter.
    #[arg(long, required = true)]
    pub plain: bool,
    /// Which of them.
    #[command(flatten)]
    pub which: Which,
}

/// `completions`
#[derive(Debug, ClapArgs)]
pub struct Completions {
    /// Which shell.
    pub shell: Shell,
}

/// Shells with completions.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Shell {
    /// GNU Bash.
    Bash,
    /// Elvish.
    Elvish,
    /// Fish.
    Fish,
    /// `PowerShell`.
    Powershell,
    /// Z shell.
    Zsh,
}
