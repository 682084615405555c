//! The command line as a grammar: commands, options, help and examples.
//!
//! Owns: what can be typed. Completions, the man page and `--help` are made from here. Must not
//! know: what a command does.

mod config;
mod dream;
mod lessons;
mod memory;
mod opening;
mod values;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

pub use config::{Config, ConfigSchema, ConfigTheme};
pub use dream::{
    Dream, DreamAdopt, DreamCancel, DreamDiscard, DreamList, DreamRun, DreamShow, DreamWatch, Elsewhere,
    Engine,
};
pub use lessons::{Apply, Decide, Edit, Lessons, Quarantine, Show, Snooze, Spot, Undo, Which};
pub use memory::{Audit, AuditCommand, Memory, MemoryList, MemoryShow};
pub use opening::{Completions, Demo, Review, Shell};
pub use values::ALL_STATES;

/// Review what your AI agents dreamed, before they remember it.
///
/// Without a command, the console opens on the lessons that wait for you.
#[derive(Debug, Parser)]
#[command(
    name = "wakeful",
    version,
    about,
    long_about,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        wakeful demo                     try it on a sample agent, without key or network\n  \
        wakeful init                     find your agents and write a configuration\n  \
        wakeful dream run && wakeful     look for lessons, then review them\n  \
        wakeful status || wakeful        at login: open the console if lessons wait\n\n\
        Exit codes: 0 done, 1 failed or something was left out, 2 wrong usage,\n\
        3 configuration, 4 no access, 5 conflict and nothing written,\n\
        10 lessons wait (only `status`)."
)]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the console without one.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Read settings from this file (or WAKEFUL_CONFIG).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep the cache and logs in this folder (or WAKEFUL_DATA_DIR).
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Use only this place, once: a Claude Code configuration folder or a plain agent folder. May be
    /// repeated. Such runs have a cache of their own.
    #[arg(long, global = true, value_name = "DIR")]
    pub source: Vec<PathBuf>,
    /// Use no colours.
    #[arg(long, global = true)]
    pub no_color: bool,
    /// How the console is opened.
    #[command(flatten)]
    pub opened: Opened,
}

/// How the console is opened: options of the commands that open it, and of no others, as elsewhere they would say
/// what does not happen.
#[derive(Debug, Clone, Copy, Default, ClapArgs)]
pub struct Opened {
    /// Open the console to look only: nothing can be decided or written in it.
    #[arg(long)]
    pub read_only: bool,
    /// Draw the console for screen readers: calm, without frames, words in place of signs.
    #[arg(long)]
    pub screen_reader: bool,
}

impl Opened {
    /// What was asked for on either side of the command.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            read_only: self.read_only || other.read_only,
            screen_reader: self.screen_reader || other.screen_reader,
        }
    }
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find agents on this machine and write a configuration.
    #[command(after_help = "Examples:\n  wakeful init\n  wakeful init --folder ~/agents/support-bot\n  \
        wakeful init --folder ~/agents/airline --runs gpt-4o-airline.json")]
    Init(Init),
    /// Read new sessions and the memory of every agent.
    #[command(after_help = "Examples:\n  wakeful sync\n  wakeful sync --json")]
    Sync(Output),
    /// Look for lessons in the last sessions, and see past dreams.
    #[command(subcommand)]
    Dream(Dream),
    /// List lessons.
    #[command(after_help = "Examples:\n  \
        wakeful lessons\n  \
        wakeful lessons --min-support 5 --agent support-bot\n  \
        wakeful lessons --state accepted --json | jq '.lessons[].id'")]
    Lessons(Lessons),
    /// Show a lesson: what it changes, and the places it rests on.
    #[command(after_help = "Examples:\n  wakeful show les_4f2a\n  wakeful show les_4f2a --json")]
    Show(Show),
    /// Look at some of the places an estimate rests on, and say which are right.
    #[command(after_help = "Examples:\n  \
        wakeful spot les_4f2a                      asks place by place, y or n\n  \
        wakeful spot les_4f2a --list --json        the places it would show\n  \
        wakeful spot les_4f2a --right sesn_01,sesn_02 --wrong sesn_03")]
    Spot(Spot),
    /// Accept lessons; `apply` writes them.
    #[command(
        after_help = "Examples:\n  wakeful accept les_4f2a les_9c01\n  wakeful accept les_4f2a --reason \"seen it twice myself\""
    )]
    Accept(Decide),
    /// Reject lessons; they are not asked again until their content changes.
    #[command(after_help = "Examples:\n  wakeful reject les_4f2a --reason \"only true for the old portal\"")]
    Reject(Decide),
    /// Put lessons off.
    #[command(after_help = "Examples:\n  wakeful snooze les_4f2a --days 7")]
    Snooze(Snooze),
    /// Change the text a lesson would write.
    #[command(after_help = "Examples:\n  \
        wakeful edit les_4f2a                      opens $VISUAL or $EDITOR\n  \
        wakeful edit les_4f2a --text \"- Offer a call first.\"\n  \
        wakeful edit les_4f2a --text - < better.md\n  \
        wakeful edit les_4f2a --reset              back to the proposal")]
    Edit(Edit),
    /// Write accepted lessons to memory, after a preview.
    #[command(after_help = "Examples:\n  wakeful apply --dry-run\n  wakeful apply --agent support-bot --yes")]
    Apply(Apply),
    /// Take back the last decision, an applied lesson, or a whole apply.
    #[command(after_help = "Examples:\n  \
        wakeful undo                    takes back the last decision\n  \
        wakeful undo les_4f2a           shows and asks, then takes this lesson out of the memory again\n  \
        wakeful undo apl_77ab --yes     undoes a whole apply, without asking")]
    Undo(Undo),
    /// Take a session out of everything: what came from it is rejected and undone, and it never counts again.
    #[command(after_help = "Examples:\n  \
        wakeful quarantine sesn_01 --dry-run   lists everything that came from it\n  \
        wakeful quarantine sesn_01             lists, asks, rejects and takes back\n  \
        wakeful quarantine sesn_01 --lift      turns it back")]
    Quarantine(Quarantine),
    /// Make the decision again that `undo` took back.
    #[command(after_help = "Examples:\n  wakeful redo")]
    Redo(Output),
    /// See the memory of agents: documents, texts, history.
    #[command(subcommand)]
    Memory(Memory),
    /// Every decision and every write: who, what, when.
    #[command(
        after_help = "Examples:\n  wakeful audit --limit 20\n  wakeful audit --lesson les_4f2a\n  wakeful audit verify"
    )]
    Audit(Audit),
    /// What waits, agent by agent. Ends with exit code 10 if lessons wait.
    #[command(
        after_help = "Examples:\n  wakeful status\n  wakeful status --short           one line for a prompt or tmux, or nothing\n  wakeful status --json | jq .pending"
    )]
    Status(StatusArgs),
    /// Check the installation and say what to do about problems.
    #[command(after_help = "Examples:\n  wakeful doctor\n  wakeful doctor --json > report.json")]
    Doctor(Output),
    /// Settings: what applies, a template, keys, and the schemas of the JSON output.
    #[command(subcommand)]
    Config(Config),
    /// Open the console on a sample agent in a temporary folder, with a real dream running.
    #[command(after_help = "Examples:\n  \
        wakeful demo\n  \
        wakeful demo --no-console         prints what the dream proposes\n  \
        wakeful demo --keep ~/wakeful-demo")]
    Demo(Demo),
    /// Decide lessons one by one without a full screen: for screen readers, dumb terminals and slow lines.
    #[command(
        after_help = "Examples:\n  wakeful review --plain\n  wakeful review --plain --agent support-bot"
    )]
    Review(Review),
    /// Print completions for a shell.
    #[command(
        after_help = "Examples:\n  wakeful completions bash > ~/.local/share/bash-completion/completions/wakeful\n  wakeful completions fish > ~/.config/fish/completions/wakeful.fish"
    )]
    Completions(Completions),
    /// Print the manual page.
    #[command(after_help = "Examples:\n  wakeful man > ~/.local/share/man/man1/wakeful.1")]
    Man,
}

/// How a reading command prints.
#[derive(Debug, Clone, Copy, Default, ClapArgs)]
pub struct Output {
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// `status`
#[derive(Debug, Clone, Copy, Default, ClapArgs)]
pub struct StatusArgs {
    /// Print one short line if something waits, and nothing otherwise.
    #[arg(long, conflicts_with = "json")]
    pub short: bool,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
}

/// One agent, or all of them.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct OfAgent {
    /// Only this agent: id, name, or a part that fits only one.
    #[arg(value_name = "AGENT", id = "named_agent", conflicts_with = "agent")]
    named: Option<String>,
    /// The same: id, name, or a part that fits only one.
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
}

impl OfAgent {
    /// What was typed.
    #[must_use]
    pub fn wanted(&self) -> Option<&str> {
        self.named.as_deref().or(self.agent.as_deref())
    }
}

/// Several agents, or all of them.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct OfAgents {
    /// Only these agents: id, name, or a part that fits only one.
    #[arg(value_name = "AGENT", id = "named_agents")]
    named: Vec<String>,
    /// The same: id, name, or a part that fits only one. May be repeated.
    #[arg(long, value_name = "AGENT")]
    agent: Vec<String>,
}

impl OfAgents {
    /// What was typed.
    pub fn wanted(&self) -> impl Iterator<Item = &str> {
        self.named.iter().chain(&self.agent).map(String::as_str)
    }
}

/// `init`
#[derive(Debug, ClapArgs)]
pub struct Init {
    /// Claude Code configuration folder to use (default: where it is found).
    #[arg(long, value_name = "DIR")]
    pub claude_code: Vec<PathBuf>,
    /// Plain agent folder to use.
    #[arg(long, value_name = "DIR")]
    pub folder: Vec<PathBuf>,
    /// Runs of tau-bench to write into that folder as sessions with their rewards: a JSON array as tau-bench
    /// leaves it, each run with `task_id`, `trial`, `reward` and `traj`.
    #[arg(long, value_name = "FILE", requires = "folder")]
    pub runs: Vec<PathBuf>,
    /// Agents of the Claude platform too; the key is taken from ANTHROPIC_API_KEY unless the
    /// configuration names another place. Nothing is sent yet.
    #[arg(long)]
    pub platform: bool,
    /// Replace a configuration that exists.
    #[arg(long)]
    pub force: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_demo_is_asked_how_to_open_on_either_side_of_its_name() {
        let cases = [
            ["wakeful", "demo", "--screen-reader", "--read-only"],
            ["wakeful", "--screen-reader", "demo", "--read-only"],
            ["wakeful", "--screen-reader", "--read-only", "demo"],
        ];
        for words in cases {
            let args = Args::try_parse_from(words).unwrap();
            let Some(Command::Demo(demo)) = args.command else { panic!("{words:?}") };
            let opened = args.global.opened.or(demo.opened);
            assert!(opened.screen_reader && opened.read_only, "{words:?}");
        }
        // Where no console is opened, it would promise what does not happen.
        assert!(Args::try_parse_from(["wakeful", "apply", "--read-only"]).is_err());
    }
}
