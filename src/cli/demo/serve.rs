//! `wakeful demo --platform --keep`: the stand-in alone, for every command from another terminal, with faults
//! switched from this one.
//!
//! Owns: saying how to reach it, and reading what is to go wrong. Must not know: what the faults do.

use std::convert::Infallible;
use std::io::BufRead;

use super::Stage;
use super::faults::{Arranged, KINDS};
use crate::cli::args::Demo;
use crate::cli::context::Context;
use crate::cli::error::CliError;

/// Stands in for the platform until the program is ended, which Ctrl-C does as ever. The folder stays. Comes back
/// with errors alone.
///
/// # Errors
/// When the output is closed.
pub fn serve(context: &mut Context<'_>, stage: &Stage, args: &Demo) -> Result<Infallible, CliError> {
    let url = stage.url().unwrap_or_default();
    let key = stage.key();
    writeln!(context.out, "The platform is stood in for at {url} until Ctrl-C ends this.")?;
    super::say_kept(context, args)?;
    writeln!(context.out, "Its key is in {}; it opens to no other.", key.display())?;
    writeln!(context.out, "\nWhat is to go wrong may be typed here (`500:3`: with the next 3 requests):")?;
    for (kind, what) in KINDS {
        writeln!(context.out, "  {kind:<13} {what}")?;
    }
    writeln!(
        context.out,
        "  {:<13} the next dream fails with timeout, or with any other name",
        "dream-timeout"
    )?;
    writeln!(context.out, "  {:<13} somebody else's dream writes into the memory itself", "in-place")?;
    writeln!(context.out, "  {:<13} nothing any more\n", "off")?;
    if let Some(fault) = &args.fault {
        writeln!(context.out, "Now: {fault}.")?;
    }
    context.out.flush()?;
    for typed in std::io::stdin().lock().lines() {
        let typed = typed?;
        match typed.trim() {
            "" => {}
            "off" => {
                stage.clear_faults();
                writeln!(context.out, "Now: everything works.")?;
            }
            "in-place" => match stage.dream_in_place() {
                Ok(()) => writeln!(context.out, "Now: it wrote; a sync finds it.")?,
                Err(error) => writeln!(context.out, "{error}")?,
            },
            typed => match typed.parse::<Arranged>() {
                Ok(fault) => {
                    stage.clear_faults();
                    stage.arrange(&fault);
                    writeln!(context.out, "Now: {fault}.")?;
                }
                Err(error) => writeln!(context.out, "{error}")?,
            },
        }
        context.out.flush()?;
    }
    // Nobody types any more; it goes on until it is ended.
    loop {
        std::thread::park();
    }
}
