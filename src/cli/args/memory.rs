//! `wakeful memory …` and `wakeful audit …`: what stands in memory, and who put it there.
//!
//! Owns: what can be typed behind them. Must not know: what they do.

use clap::{Args as ClapArgs, Subcommand};

use super::{OfAgent, Output};

/// `memory`
#[derive(Debug, Subcommand)]
pub enum Memory {
    /// List documents.
    #[command(after_help = "Examples:\n  wakeful memory list support-bot")]
    List(MemoryList),
    /// Print a document.
    #[command(
        after_help = "Examples:\n  wakeful memory show /MEMORY.md\n  wakeful memory show /MEMORY.md support-bot"
    )]
    Show(MemoryShow),
    /// Who put each line of a document there: which lesson, accepted by whom, on how many sessions.
    #[command(after_help = "Examples:\n  wakeful memory blame /MEMORY.md")]
    Blame(MemoryShow),
    /// Every state in which the memory was seen.
    #[command(after_help = "Examples:\n  wakeful memory log support-bot")]
    Log(MemoryList),
}

/// `memory list`, `memory log`
#[derive(Debug, ClapArgs)]
pub struct MemoryList {
    /// Whose.
    #[command(flatten)]
    pub of: OfAgent,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `memory show`, `memory blame`
#[derive(Debug, ClapArgs)]
pub struct MemoryShow {
    /// The document.
    pub path: String,
    /// Whose, where several agents have such a document.
    #[command(flatten)]
    pub of: OfAgent,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `audit`
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Audit {
    /// What to do with the trail; lists it without.
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    /// Only this agent: id, name, or a part that fits only one.
    #[arg(long)]
    pub agent: Option<String>,
    /// Only about this lesson.
    #[arg(long)]
    pub lesson: Option<String>,
    /// Only of this apply.
    #[arg(long)]
    pub apply: Option<String>,
    /// Only this action: `accept`, `reject`, `write`, …
    #[arg(long)]
    pub action: Option<String>,
    /// Only rows in which author, path or note contain this.
    #[arg(long)]
    pub text: Option<String>,
    /// At most this many, the newest first.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `audit verify`
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum AuditCommand {
    /// Check that no row of the trail was changed or taken out.
    #[command(after_help = "Examples:\n  wakeful audit verify && echo unbroken")]
    Verify(Output),
}
