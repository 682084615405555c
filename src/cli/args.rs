//! The command line as a grammar: commands, options, help and examples.
//!
//! Owns: what can be typed. Completions, the man page and `--help` are made from here. Must not
//! know: what a command does.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::demo::faults::Arranged;
use crate::domain::lesson::{Kind, Topic};
use crate::domain::lifecycle::State;

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

/// Which lessons.
#[derive(Debug, Default, ClapArgs)]
pub struct Which {
    /// Whose.
    #[command(flatten)]
    pub of: OfAgent,
    /// Only those of this dream.
    #[arg(long)]
    pub dream: Option<String>,
    /// Only in this state, or `all`. May be repeated, or several with commas. Without: those that wait.
    #[arg(long, value_delimiter = ',', value_parser = state_names())]
    pub state: Vec<String>,
    /// Only with at least this many supporting sessions (default: the threshold; 0 shows all).
    #[arg(long, value_name = "N")]
    pub min_support: Option<u32>,
    /// Only about this.
    #[arg(long, value_parser = named(Topic::ALL, |topic: Topic| topic.as_str()))]
    pub topic: Option<String>,
    /// Only doing this.
    #[arg(long, value_parser = named(Kind::ALL, |kind: Kind| kind.as_str()))]
    pub kind: Option<String>,
    /// Only with this text in the statement or a path.
    #[arg(long)]
    pub text: Option<String>,
}

/// `lessons`
#[derive(Debug, ClapArgs)]
pub struct Lessons {
    /// Which of them.
    #[command(flatten)]
    pub which: Which,
    /// With the places they rest on.
    #[arg(long)]
    pub evidence: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `show`
#[derive(Debug, ClapArgs)]
pub struct Show {
    /// The lesson: its id, or enough of it.
    pub lesson: String,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `spot`
#[derive(Debug, ClapArgs)]
pub struct Spot {
    /// The lesson: its id, or enough of it.
    pub lesson: String,
    /// How many places to look at, each of another session.
    #[arg(long, default_value_t = crate::evidence::spot::USUAL as u32, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub places: u32,
    /// Only list the places it would show.
    #[arg(long, conflicts_with_all = ["right", "wrong"])]
    pub list: bool,
    /// Sessions among the places that do support the lesson; nobody is asked.
    #[arg(long, value_name = "SESSION", value_delimiter = ',')]
    pub right: Vec<String>,
    /// Sessions among the places that do not.
    #[arg(long, value_name = "SESSION", value_delimiter = ',')]
    pub wrong: Vec<String>,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `accept`, `reject`
#[derive(Debug, ClapArgs)]
pub struct Decide {
    /// Lessons: their ids, or enough of each. All are decided together, or none.
    #[arg(required = true)]
    pub lesson: Vec<String>,
    /// Why; kept with the decision.
    #[arg(long)]
    pub reason: Option<String>,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `snooze`
#[derive(Debug, ClapArgs)]
pub struct Snooze {
    /// Lessons: their ids, or enough of each.
    #[arg(required = true)]
    pub lesson: Vec<String>,
    /// For this many days (default: as configured).
    #[arg(long, conflicts_with = "until", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
    /// Until this moment.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Why; kept with the decision.
    #[arg(long)]
    pub reason: Option<String>,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `edit`
#[derive(Debug, ClapArgs)]
pub struct Edit {
    /// The lesson: its id, or enough of it.
    pub lesson: String,
    /// The new text; `-` reads it from the input. Without, an editor opens.
    #[arg(long, allow_hyphen_values = true)]
    pub text: Option<String>,
    /// Back to the text as proposed.
    #[arg(long, conflicts_with = "text")]
    pub reset: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `apply`
#[derive(Debug, ClapArgs)]
pub struct Apply {
    /// Whose.
    #[command(flatten)]
    pub of: OfAgent,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Don't ask; write what the preview shows. Needed where nobody can be asked, as in a script.
    #[arg(long, short)]
    pub yes: bool,
    /// End a write that was cut off and can't be finished; its lessons go back to review.
    #[arg(long, conflicts_with = "dry_run")]
    pub give_up: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `undo`
#[derive(Debug, ClapArgs)]
pub struct Undo {
    /// An applied lesson or an apply. Without: the last decision.
    pub what: Option<String>,
    /// Show what would be written, and write nothing.
    #[arg(long, requires = "what")]
    pub dry_run: bool,
    /// Don't ask; write what the preview shows. Needed where nobody can be asked, as in a script.
    #[arg(long, short, requires = "what")]
    pub yes: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

/// `quarantine`
#[derive(Debug, ClapArgs)]
pub struct Quarantine {
    /// The session: its id, or the start of it.
    pub session: String,
    /// Only of this agent: id, name, or a part that fits only one.
    #[arg(long, value_name = "AGENT")]
    pub agent: Option<String>,
    /// Show what came from it, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Also take back lessons that enough other sessions support.
    #[arg(long)]
    pub all: bool,
    /// Turn it back: the session counts again, and lessons rejected with it wait for review.
    #[arg(long, conflicts_with_all = ["dry_run", "all"])]
    pub lift: bool,
    /// Don't ask. Needed where nobody can be asked, as in a script.
    #[arg(long, short)]
    pub yes: bool,
    /// How it prints.
    #[command(flatten)]
    pub output: Output,
}

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

/// `config`
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print the settings that apply, and where each was said.
    #[command(after_help = "Examples:\n  wakeful config show")]
    Show(Output),
    /// Check the file. Ends with exit code 3 if something in it can't be used.
    #[command(after_help = "Examples:\n  wakeful config check\n  wakeful config check --json")]
    Check(Output),
    /// Print a commented configuration.
    #[command(after_help = "Examples:\n  wakeful config template > ~/.config/wakeful/config.toml")]
    Template,
    /// Print a theme to start one of your own from: put it into the folder `themes` beside the configuration.
    #[command(after_help = "Examples:\n  wakeful config theme dark > ~/.config/wakeful/themes/mine.toml")]
    Theme(ConfigTheme),
    /// Print the schema of a command's JSON output, or the names of all without one.
    #[command(after_help = "Examples:\n  wakeful config schema\n  wakeful config schema lessons")]
    Schema(ConfigSchema),
    /// Print the keys of the console.
    #[command(after_help = "Examples:\n  wakeful config keys\n  wakeful config keys --json")]
    Keys(Output),
}

/// `config theme`
#[derive(Debug, ClapArgs)]
pub struct ConfigTheme {
    /// `dark`, `light`, `high-contrast`, `ansi16` or `mono`.
    #[arg(default_value = "dark")]
    pub name: String,
}

/// `config schema`
#[derive(Debug, ClapArgs)]
pub struct ConfigSchema {
    /// `lessons`, `status`, …
    pub name: Option<String>,
}

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

/// Names of a closed set, so that wrong ones are refused with the list and completions know them.
fn named<T: Copy + 'static>(
    all: &'static [T],
    name: impl Fn(T) -> &'static str,
) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(all.iter().map(|&value| name(value)).collect::<Vec<_>>())
}

/// Stands for every state.
pub const ALL_STATES: &str = "all";

/// Names of states, and the one for all of them.
fn state_names() -> clap::builder::PossibleValuesParser {
    let names = State::ALL.iter().map(|state| state.as_str());
    clap::builder::PossibleValuesParser::new(names.chain([ALL_STATES]).collect::<Vec<_>>())
}

/// A moment: RFC 3339, or a date alone, which means its first moment in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>()
        .or_else(|_| {
            let day: jiff::civil::Date = text.parse()?;
            Ok(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
        })
        .map_err(|_: jiff::Error| {
            "write a date like 2026-03-01 or a moment like 2026-03-01T09:00:00Z".to_owned()
        })
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

    #[test]
    fn moments_may_be_dates() {
        assert_eq!(moment("2026-03-01").unwrap().to_string(), "2026-03-01T00:00:00Z");
        assert_eq!(moment("2026-03-01T09:00:00+01:00").unwrap().to_string(), "2026-03-01T08:00:00Z");
        assert!(moment("tomorrow").is_err());
    }
}
