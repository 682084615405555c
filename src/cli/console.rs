//! Opens the console with everything the command line knows.
//!
//! Owns: what the console is given, and the exit code it leaves. Must not know: how it works.

use std::path::PathBuf;

use super::context::Context;
use super::error::{CliError, Exit};
use crate::domain::ids::AgentId;
use crate::run::{ConsoleError, ConsoleOptions, Ended, console};

/// Exit code of a program that a signal ended, as shells count: this plus the signal's number.
pub(super) const SIGNALLED: i32 = 128;

/// Opens the console; `dream` names an agent whose dream starts at once, `saved` the folder for pictures and for
/// copies that no clipboard takes.
///
/// # Errors
/// When there is no terminal, or the cache can't be opened.
pub fn run(context: &mut Context<'_>, dream: Option<AgentId>, saved: PathBuf) -> Result<u8, CliError> {
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(CliError::usage(
            "the console can't be drawn on this terminal (TERM is dumb); `wakeful review --plain` asks about the \
             same lessons line by line",
        ));
    }
    if !(context.terminal.input && context.terminal.output) {
        return Err(CliError::usage(
            "the console needs a terminal; `wakeful status`, `wakeful lessons` and `wakeful review --plain` work without one",
        ));
    }
    let file = context.paths.config.display();
    let (platform, unpriced) = context.platform_options();
    let notices =
        context.warnings.iter().map(|warning| format!("{file}: {warning}")).chain(unpriced).collect();
    let options = ConsoleOptions {
        store: context.store()?,
        sources: context.sources(),
        config: context.config.clone(),
        prices: platform.prices,
        clock: std::sync::Arc::clone(&context.clock),
        zone: jiff::tz::TimeZone::system(),
        state: saved,
        requests: context.requests.clone(),
        notices,
        sync_at_start: true,
        dream_at_start: dream,
    };
    match console(options) {
        Ok(Ended::Left) => Ok(Exit::Done as u8),
        Ok(Ended::Signal(signal)) => Ok(u8::try_from(SIGNALLED + signal).unwrap_or(Exit::Failed as u8)),
        Err(error @ ConsoleError::Terminal(_)) => Err(CliError::new(Exit::NoAccess, error.to_string())),
        Err(error @ ConsoleError::Fault) => Err(CliError::failed(error.to_string())),
    }
}
