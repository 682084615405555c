//! `wakeful completions` and `wakeful man`: text made from the grammar of the command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell as Target;

use super::super::args::{Args, Shell};
use super::super::error::CliError;
use super::manual;

/// Completions for a shell.
///
/// # Errors
/// When the output is closed.
pub fn completions(out: &mut dyn Write, shell: Shell) -> Result<(), CliError> {
    let target = match shell {
        Shell::Bash => Target::Bash,
        Shell::Elvish => Target::Elvish,
        Shell::Fish => Target::Fish,
        Shell::Powershell => Target::PowerShell,
        Shell::Zsh => Target::Zsh,
    };
    // The generator stops the program where it can't write; a buffer can always be written.
    let mut text = Vec::new();
    clap_complete::generate(target, &mut Args::command(), "wakeful", &mut text);
    out.write_all(&text)?;
    Ok(())
}

/// The manual page, with a section for each command.
///
/// # Errors
/// When the output is closed.
pub fn man(out: &mut dyn Write) -> Result<(), CliError> {
    let mut command = Args::command();
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    writeln!(out, ".SH COMMANDS")?;
    for sub in command.get_subcommands() {
        section(out, sub, "wakeful")?;
    }
    writeln!(out, ".SH EXAMPLES")?;
    examples(out, &command)?;
    manual::sections(out)?;
    writeln!(out, ".SH ENVIRONMENT")?;
    for (name, text) in ENVIRONMENT {
        writeln!(out, ".TP\n\\fB{name}\\fR\n{text}")?;
    }
    writeln!(out, ".SH FILES")?;
    for (name, text) in FILES {
        writeln!(out, ".TP\n\\fI{name}\\fR\n{text}")?;
    }
    Ok(())
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("WAKEFUL_CONFIG", "The configuration file, unless \\-\\-config names one."),
    ("WAKEFUL_DATA_DIR", "The folder of the cache and logs, unless \\-\\-data\\-dir names one."),
    (
        "WAKEFUL_LOG",
        "What is logged: a level such as debug, or a filter such as wakeful::sync=debug. wakeful::source=debug logs \
         every request to the platform: method, path, status, milliseconds, request id.",
    ),
    ("CLAUDE_CONFIG_DIR", "Where Claude Code keeps its projects, unless the configuration names folders."),
    ("VISUAL, EDITOR", "The command that edits a text, unless the configuration names one."),
    ("NO_COLOR", "Set to anything: no colours."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME", "Where configuration, cache and logs lie."),
];

const FILES: &[(&str, &str)] = &[
    ("$XDG_CONFIG_HOME/wakeful/config.toml", "Settings; wakeful config template prints them all."),
    ("$XDG_DATA_HOME/wakeful/wakeful.db", "The cache: sessions, lessons, decisions, the audit trail."),
    ("$XDG_STATE_HOME/wakeful/", "Logs of a week, and reports after faults."),
];

fn section(out: &mut dyn Write, command: &clap::Command, parent: &str) -> Result<(), CliError> {
    let name = format!("{parent} {}", command.get_name());
    writeln!(out, ".SS {name}")?;
    if let Some(about) = command.get_about() {
        writeln!(out, "{about}.")?;
    }
    let mut own = Vec::new();
    clap_mangen::Man::new(command.clone()).render_options_section(&mut own)?;
    let own = String::from_utf8_lossy(&own);
    // The options that every command has stand on the first page, and the preamble at its top.
    let own = own.split(".SH EVERYWHERE").next().unwrap_or_default();
    let lines = own.lines().filter(|line| !line.starts_with([' ']) && !preamble(line));
    for line in lines {
        writeln!(out, "{line}")?;
    }
    examples(out, command)?;
    for sub in command.get_subcommands() {
        section(out, sub, &name)?;
    }
    Ok(())
}

fn preamble(line: &str) -> bool {
    [".ie ", ".el ", ".SH OPTIONS"].iter().any(|start| line.starts_with(start))
}

/// Examples as they stand in the help, with their line ends.
fn examples(out: &mut dyn Write, command: &clap::Command) -> Result<(), CliError> {
    if let Some(text) = command.get_after_help() {
        writeln!(out, ".PP\n.nf")?;
        for line in text.to_string().lines() {
            writeln!(out, "{}", line.replace('\\', "\\\\").replace('-', "\\-"))?;
        }
        writeln!(out, ".fi")?;
    }
    Ok(())
}
