//! The command line: everything the console does, for scripts, cron, SSH and screen readers.
//!
//! Owns: parsing, printing, exit codes. A command without the console never touches the terminal
//! library. Must not know: how the console draws.

mod account;
mod again;
pub mod args;
pub mod commands;
mod console;
pub mod context;
pub mod demo;
pub mod error;
mod interrupt;
mod json;
mod output;
mod platforms;
mod progress;
pub mod schema;
mod select;
mod texts;
mod wrapped;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;

use self::args::{Args, Command, Demo, Dream, Global};
use self::commands::{
    apply, audit, config, decide, doctor, dream, edit, generate, init, lessons, memory, quarantine, review,
    show, spot, status, sync, undo,
};
use self::context::{Context, must_be_there};
use self::demo::Stage;
use self::error::{CliError, Exit};
use self::wrapped::Wrapped;
use crate::domain::clock::{Clock, SystemClock};
use crate::guard::secrets;
use crate::observe::{self, Log};

/// Runs the program with the arguments of the process and gives its exit code.
#[must_use]
pub fn main() -> u8 {
    let args = match Args::try_parse_from(asked(std::env::args_os().collect())) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are printed, and are no failure; anything else is wrong usage.
            let failed = error.print().is_err();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return if failed { Exit::Failed } else { exit } as u8;
        }
    };
    // What is read line by line by a person is not to be broken in the middle of a word.
    let broken = matches!(args.command, Some(Command::Review(_))) && io::stdout().is_terminal();
    let width = broken.then(crate::term::width).flatten();
    let mut out = Wrapped::new(io::BufWriter::new(io::stdout()), width);
    let mut err = io::stderr();
    let ended = match &args.command {
        Some(Command::Demo(demo)) => play(demo, &args.global, &mut out, &mut err),
        _ => {
            let env = |name: &str| std::env::var(name).ok();
            // `init` writes the one that is named.
            let writes_it = matches!(args.command, Some(Command::Init(_)));
            let named = args.global.config.as_deref().filter(|_| !writes_it);
            named.map_or(Ok(()), must_be_there).and_then(|()| {
                let mut context = Context::load(&args.global, &env, &mut out, &mut err)?;
                context.say_warnings()?;
                let _log = observe(&mut context, args.command.as_ref())?;
                run(&mut context, &args)
                    .map_err(|error| CliError { message: context.again.complete(&error.message), ..error })
            })
        }
    };
    let ended = ended.and_then(|code| match out.flush() {
        // Where a signal ended it, the terminal may be gone, and with it whoever could be told.
        Err(error) if i32::from(code) <= console::SIGNALLED => Err(error.into()),
        _ => Ok(code),
    });
    match ended {
        Ok(code) => code,
        Err(error) => {
            if !error.message.is_empty() {
                // If the error output is closed too, the exit code is all that is left.
                let _ = writeln!(io::stderr(), "wakeful: {error}");
            }
            error.exit as u8
        }
    }
}

/// `wakeful help dream run` is another way to say `wakeful dream run --help`.
fn asked(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    words
}

/// Runs one command and gives its exit code.
///
/// # Errors
/// Says what failed, what is safe and what to do next.
pub fn run(context: &mut Context<'_>, args: &Args) -> Result<u8, CliError> {
    let Some(command) = &args.command else {
        let saved = context.paths.state.clone();
        return console::run(context, None, saved);
    };
    let exit = match command {
        Command::Init(args) => init::run(context, args),
        Command::Sync(output) => sync::run(context, *output),
        Command::Dream(command) => dream::run(context, command),
        Command::Lessons(args) => lessons::run(context, args),
        Command::Show(args) => show::run(context, args),
        Command::Spot(args) => spot::run(context, args),
        Command::Accept(args) => decide::accept(context, args),
        Command::Reject(args) => decide::reject(context, args),
        Command::Snooze(args) => decide::snooze(context, args),
        Command::Edit(args) => edit::run(context, args),
        Command::Apply(args) => apply::run(context, args),
        Command::Undo(args) => undo::run(context, args),
        Command::Quarantine(args) => quarantine::run(context, args),
        Command::Redo(output) => decide::redo(context, *output),
        Command::Memory(command) => memory::run(context, command),
        Command::Audit(args) => audit::run(context, args),
        Command::Status(args) => status::run(context, *args),
        Command::Doctor(output) => doctor::run(context, *output),
        Command::Config(command) => config::run(context, command),
        Command::Demo(_) => Err(CliError::usage("the demo has a place of its own")),
        Command::Review(args) => review::run(context, args),
        Command::Completions(args) => generate::completions(context.out, args.shell).map(|()| Exit::Done),
        Command::Man => generate::man(context.out).map(|()| Exit::Done),
    };
    exit.map(|exit| exit as u8)
}

/// The demo has settings of its own: whatever is configured on this machine stays out of it, but for the looks and
/// keys of a configuration that was named.
fn play(args: &Demo, global: &Global, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, CliError> {
    let stage = if args.platform {
        Stage::set_platform(args.keep.as_deref(), SystemClock.now(), Arc::new(SystemClock))?
    } else {
        Stage::set(args.keep.as_deref(), SystemClock.now())?
    };
    let asked = Global { opened: global.opened.or(args.opened), ..global.clone() };
    let mut context = Context::load(&stage.options(&asked), &demo::environment, out, err)?;
    demo::look_as(&mut context, global.config.as_deref())?;
    let _log = observe(&mut context, None)?;
    let fault = || args.fault.as_ref().into_iter().for_each(|fault| stage.arrange(fault));
    if args.no_console || args.output.json {
        fault();
        return demo::summarise(&mut context, args).map(|exit| exit as u8);
    }
    // The agent is made known first, so that the console can start its pass at once.
    let store = context.store()?;
    sync::pull(&mut context, &store, &AtomicBool::new(false))?;
    let first = store.reader()?.agents()?.into_iter().next().map(|agent| agent.id);
    // On the platform a dream is done already, and another is the viewer's to start.
    let agent = first.filter(|_| !args.platform);
    drop(store);
    fault();
    if args.platform && args.keep.is_some() {
        match demo::serve::serve(&mut context, &stage, args)? {}
    }
    let saved = stage.saved(&context.paths.state);
    let code = console::run(&mut context, agent, saved)?;
    demo::farewell(&mut context, args, stage.goes())?;
    Ok(code)
}

/// Starts the log and the report after faults, for commands that work rather than only look.
fn observe(context: &mut Context<'_>, command: Option<&Command>) -> Result<Option<Log>, CliError> {
    let folder = context.paths.state.clone();
    observe::install_panic_report(folder.clone(), Arc::clone(&context.clock), secrets::redact);
    let works = matches!(
        command,
        None | Some(
            Command::Sync(_)
                | Command::Dream(Dream::Run(_))
                | Command::Apply(_)
                | Command::Undo(_)
                | Command::Quarantine(_)
        )
    );
    if !works {
        return Ok(None);
    }
    let filter = std::env::var("WAKEFUL_LOG").ok();
    match observe::start(&folder, filter.as_deref(), Arc::clone(&context.clock), secrets::redact) {
        Ok(log) => {
            context.requests = log.requests();
            Ok(Some(log))
        }
        Err(error) => {
            writeln!(context.err, "wakeful: {error}")?;
            Ok(None)
        }
    }
}
