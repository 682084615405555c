//! Commands that pick lessons, show them, decide on them, and write or take out what they say.
//!
//! Owns: what can be typed behind them. Must not know: what they do.

use clap::Args as ClapArgs;
use jiff::Timestamp;

use super::values::{moment, named, state_names};
use super::{OfAgent, Output};
use crate::domain::lesson::{Kind, Topic};

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
