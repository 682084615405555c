//! `wakeful config …`.
//!
//! Owns: what can be typed behind `config`. Must not know: what settings there are.

use clap::{Args as ClapArgs, Subcommand};

use super::Output;

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
