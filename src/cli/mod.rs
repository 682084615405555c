//! The command line: everything the console does, for scripts, cron, SSH and screen readers.
//!
//! Owns: parsing, printing, exit codes. A command without the console never touches the terminal
//! library. Must not know: how the console draws.

pub mod args;
pub mod commands;
pub mod context;
mod editor;
pub mod error;
mod json;
mod output;
mod progress;
pub mod schema;
mod select;
mod texts;

use std::io::{self, Write};

use clap::Parser;

use self::args::{Args, Command};
use self::commands::{
    apply, audit, config, decide, doctor, edit, generate, init, lessons, memory, review, show, status, sync,
    undo,
};
use self::context::Context;
use self::error::{CliError, Exit};

/// Runs the program with the arguments of the process and gives its exit code.
#[must_use]
pub fn main() -> u8 {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are printed, and are no failure; anything else is wrong usage.
            let failed = error.print().is_err();
            return if failed {
                Exit::Failed
            } else if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            } as u8;
        }
    };
    let env = |name: &str| std::env::var(name).ok();
    let mut out = io::BufWriter::new(io::stdout());
    let mut err = io::stderr();
    let ended = Context::load(&args.global, &env, &mut out, &mut err).and_then(|mut context| {
        context.say_warnings()?;
        run(&mut context, &args)
    });
    let ended = ended.and_then(|exit| Ok(out.flush().map(|()| exit)?));
    match ended {
        Ok(exit) => exit as u8,
        Err(error) => {
            if !error.message.is_empty() {
                // If the error output is closed too, the exit code is all that is left.
                let _ = writeln!(io::stderr(), "wakeful: {error}");
            }
            error.exit as u8
        }
    }
}

/// Runs one command.
///
/// # Errors
/// Says what failed, what is safe and what to do next.
pub fn run(context: &mut Context<'_>, args: &Args) -> Result<Exit, CliError> {
    let Some(command) = &args.command else {
        return Err(CliError::usage("the console is not wired yet"));
    };
    match command {
        Command::Init(args) => init::run(context, args),
        Command::Sync(output) => sync::run(context, *output),
        Command::Lessons(args) => lessons::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Accept(args) => decide::accept(context, args),
        Command::Reject(args) => decide::reject(context, args),
        Command::Snooze(args) => decide::snooze(context, args),
        Command::Edit(args) => edit::run(context, args),
        Command::Apply(args) => apply::run(context, args),
        Command::Undo(args) => undo::run(context, args),
        Command::Redo(output) => decide::redo(context, *output),
        Command::Memory(command) => memory::run(context, command),
        Command::Audit(args) => audit::run(context, args),
        Command::Status(output) => status::run(context, *output),
        Command::Config(command) => config::run(context, command),
        Command::Doctor(output) => doctor::run(context, *output),
        Command::Review(args) => review::run(context, args),
        Command::Completions(args) => generate::completions(context.out, args.shell).map(|()| Exit::Done),
        Command::Man => generate::man(context.out).map(|()| Exit::Done),
        _ => Err(CliError::usage("not wired yet")),
    }
}
