//! `wakeful dream …`.
//!
//! Owns: what can be typed behind `dream`. Must not know: what a dream does.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::values::moment;
use super::{OfAgent, OfAgents, Output};

/// `dream`
#[derive(Debug, Subcommand)]
pub enum Dream {
    /// Run a dream: read sessions and propose lessons. Writes nothing to memory.
    #[command(after_help = "Examples:\n  \
        wakeful dream run\n  \
        wakeful dream run support-bot --last 100\n  \
        wakeful dream run --since 2026-03-01T00:00:00Z --segment enterprise\n  \
        wakeful dream run --due              in cron: agents whose last dream is old enough\n  \
        wakeful dream run support-bot --engine platform --estimate\n  \
        wakeful --source ~/agents/support-bot dream run")]
    Run(DreamRun),
    /// List dreams.
    #[command(after_help = "Examples:\n  wakeful dream list\n  wakeful dream list support-bot --json")]
    List(DreamList),
    /// Show a dream: what it read, what it left out, what it found.
    #[command(after_help = "Examples:\n  wakeful dream show drm_01")]
    Show(DreamShow),
    /// Follow a dream on the platform to its end, then make lessons of it.
    #[command(after_help = "Examples:\n  wakeful dream watch\n  wakeful dream watch drm_01 --json")]
    Watch(DreamWatch),
    /// Stop a dream on the platform. The memory it reads stays as it is.
    #[command(after_help = "Examples:\n  wakeful dream cancel drm_01")]
    Cancel(DreamCancel),
    /// Write everything a dream proposes, as a whole: shows what changes, asks, writes.
    #[command(after_help = "Examples:\n  \
        wakeful dream adopt drm_01abc --dry-run\n  \
        wakeful dream adopt drm_01abc")]
    Adopt(DreamAdopt),
    /// Put away the store that a dream on the platform left behind. Asks; nothing does it by itself.
    #[command(after_help = "Examples:\n  \
        wakeful dream discard drm_01abc            archives it: it can still be read\n  \
        wakeful dream discard drm_01abc --delete   deletes it with everything in it, for good")]
    Discard(DreamDiscard),
}

/// `dream adopt`
#[derive(Debug, ClapArgs)]
pub struct DreamAdopt {
    /// The dream: its id, or enough of it.
    pub dream: String,
    /// Write those of its lessons that were rejected, too.
    #[arg(long)]
    pub with_rejected: bool,
    /// Show what would change and end.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Don't ask.
    #[arg(long)]
    pub yes: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `dream discard`
#[derive(Debug, ClapArgs)]
pub struct DreamDiscard {
    /// The dream: its id, or enough of it.
    pub dream: String,
    /// Delete the store for good rather than archive it.
    #[arg(long)]
    pub delete: bool,
    /// Don't ask.
    #[arg(long)]
    pub yes: bool,
}

/// `dream run`
#[derive(Debug, ClapArgs)]
pub struct DreamRun {
    /// Whose.
    #[command(flatten)]
    pub of: OfAgents,
    /// Who dreams: `offline` on this machine, without model or cost, or `platform`.
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Engine::Offline)]
    pub engine: Engine,
    /// Read at most this many sessions, the newest (default: 50, or as configured).
    #[arg(long, visible_alias = "lookback", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: Option<u32>,
    /// Only sessions not before this moment.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub since: Option<Timestamp>,
    /// Only sessions not after this moment.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Only sessions of this segment.
    #[arg(long)]
    pub segment: Option<String>,
    /// Only agents that are switched on and whose last dream is old enough.
    #[arg(long)]
    pub due: bool,
    /// Use what the cache has; don't read new sessions first. Of agents on the platform nothing is asked then,
    /// except to start a dream there.
    #[arg(long)]
    pub no_sync: bool,
    /// Of the sessions read, at most so many per cent of one person; with the engine of wakeful
    /// also of one segment, where there are several. Older sessions are read instead.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub balance: Option<u32>,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
    /// What only matters on the platform.
    #[command(flatten)]
    pub elsewhere: Elsewhere,
}

/// Who dreams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The engine of wakeful itself.
    Offline,
    /// The Claude platform.
    Platform,
}

/// Options of `dream run --engine platform`.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "With --engine platform")]
pub struct Elsewhere {
    /// The model (default: as configured).
    #[arg(long)]
    pub model: Option<String>,
    /// What the dream is told beside wakeful's own instructions; `-` reads it from the input.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub instructions: Option<String>,
    /// Don't tell the dream which lessons were rejected, and why.
    #[arg(long)]
    pub no_rejections: bool,
    /// Show what it would read and cost, and start nothing.
    #[arg(long)]
    pub estimate: bool,
    /// Start it although it could cost more than the caps allow (or WAKEFUL_OVER_CAP=1).
    #[arg(long)]
    pub over_cap: bool,
    /// Don't ask. Needed where nobody can be asked, as in a script.
    #[arg(long, short)]
    pub yes: bool,
}

/// `dream watch`
#[derive(Debug, ClapArgs)]
pub struct DreamWatch {
    /// The dream: its id, or enough of it. The newest at work without.
    pub dream: Option<String>,
    /// Make lessons also of what a failed or stopped dream wrote before its end.
    #[arg(long, requires = "dream")]
    pub partial: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `dream cancel`
#[derive(Debug, ClapArgs)]
pub struct DreamCancel {
    /// The dream: its id, or enough of it.
    pub dream: String,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `dream list`
#[derive(Debug, ClapArgs)]
pub struct DreamList {
    /// Whose.
    #[command(flatten)]
    pub of: OfAgent,
    /// At most this many, the newest first.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `dream show`
#[derive(Debug, ClapArgs)]
pub struct DreamShow {
    /// The dream: its id, or enough of it. The latest without.
    pub dream: Option<String>,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}
