//! `wakeful completions` and `wakeful man`: text made from the grammar of the command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell as Target;

use super::super::args::{Args, Shell};
use super::super::error::CliError;

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
    clap_mangen::Man::new(command.clone()).render(out)?;
    for sub in command.get_subcommands() {
        section(out, sub, "wakeful")?;
    }
    Ok(())
}

fn section(out: &mut dyn Write, command: &clap::Command, parent: &str) -> Result<(), CliError> {
    let name = format!("{parent} {}", command.get_name());
    let man = clap_mangen::Man::new(command.clone());
    writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
    if let Some(about) = command.get_about() {
        writeln!(out, "{about}")?;
    }
    // The options that every command has stand on the first page.
    let mut own = Vec::new();
    man.render_options_section(&mut own)?;
    let own = String::from_utf8_lossy(&own).replace(".SH OPTIONS", ".PP");
    let own = own.split(".SH EVERYWHERE").next().unwrap_or_default();
    out.write_all(own.as_bytes())?;
    for sub in command.get_subcommands() {
        section(out, sub, &name)?;
    }
    Ok(())
}
