//! `wakeful doctor`: is everything as it should be, and if not, what to do.

use std::path::Path;

use serde::Serialize;

use super::super::args::Output;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json;
use super::super::output::{count, line};
use super::config;
use super::doctor_platform;
use crate::domain::agent::Agent;
use crate::domain::memory::Snapshot;
use crate::source::shared::Shared;
use crate::store::Store;

/// How it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works; something is worth knowing.
    Note,
    /// Something does not work.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Check {
    name: &'static str,
    health: Health,
    text: String,
    advice: Option<String>,
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    version: &'static str,
    system: String,
    healthy: bool,
    checks: Vec<Check>,
}

/// Runs the command.
pub fn run(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let mut checks = Vec::new();
    configuration(context, &mut checks);
    cache(context, &mut checks);
    sources(context, &mut checks);
    logs(context, &mut checks);
    terminal(context, &mut checks);
    for check in &mut checks {
        check.text = context.again.complete(&check.text);
        check.advice = check.advice.as_deref().map(|advice| context.again.complete(advice));
    }
    let healthy = checks.iter().all(|check| check.health != Health::Problem);
    let report = Report {
        schema: "wakeful.doctor/1",
        version: env!("CARGO_PKG_VERSION"),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        healthy,
        checks,
    };
    if output.json {
        json::print(context.out, &report)?;
    } else {
        writeln!(context.out, "wakeful {} on {}", report.version, report.system)?;
        for check in &report.checks {
            let sign = match check.health {
                Health::Ok => "ok     ",
                Health::Note => "note   ",
                Health::Problem => "PROBLEM",
            };
            writeln!(context.out, "{sign}  {}: {}", check.name, line(&check.text))?;
            if let Some(advice) = &check.advice {
                writeln!(context.out, "         {}", line(advice))?;
            }
        }
    }
    let sick = |check: &Check| check.health == Health::Problem;
    let configured_wrongly = report.checks.iter().any(|check| sick(check) && check.name == "configuration");
    let no_access = report.checks.iter().any(|check| sick(check) && check.name == "platform");
    Ok(match (healthy, configured_wrongly) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Config,
        // As `sync` ends then.
        (false, false) if no_access => Exit::NoAccess,
        (false, false) => Exit::Failed,
    })
}

pub(super) fn ok(name: &'static str, text: impl Into<String>) -> Check {
    Check { name, health: Health::Ok, text: text.into(), advice: None }
}

pub(super) fn note(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Check {
    Check { name, health: Health::Note, text: text.into(), advice: Some(advice.into()) }
}

pub(super) fn problem(name: &'static str, text: impl Into<String>, advice: impl Into<String>) -> Check {
    Check { name, health: Health::Problem, text: text.into(), advice: Some(advice.into()) }
}

fn configuration(context: &Context<'_>, checks: &mut Vec<Check>) {
    let file = context.paths.config.display().to_string();
    if !context.configured {
        checks.push(note(
            "configuration",
            format!("{file} is not there; the defaults apply"),
            "`wakeful init` writes one",
        ));
    }
    let faults = config::faults(context);
    if context.configured && faults.is_empty() {
        checks.push(ok("configuration", file.clone()));
    }
    for fault in faults {
        checks.push(problem(
            "configuration",
            format!("{file}, {fault}"),
            "`wakeful config template` shows every setting",
        ));
    }
}

fn cache(context: &Context<'_>, checks: &mut Vec<Check>) {
    let store = match context.store() {
        Ok(store) => store,
        Err(error) => {
            // The error already says what to do.
            checks.push(Check { name: "cache", health: Health::Problem, text: error.message, advice: None });
            return;
        }
    };
    if let Err(error) = cached(context, &store, checks) {
        checks.push(Check { name: "cache", health: Health::Problem, text: error.message, advice: None });
    }
}

fn cached(context: &Context<'_>, store: &Store, checks: &mut Vec<Check>) -> Result<(), CliError> {
    let reader = store.reader()?;
    let path = store.path().display().to_string();
    let faults = reader.check_integrity()?;
    match faults.first() {
        None => checks.push(ok("cache", path.clone())),
        Some(first) => checks.push(problem(
            "cache",
            format!("{path} is damaged: {first}"),
            "Move the file aside and keep it, then `wakeful sync`; memory documents are not in it",
        )),
    }
    if let Some(mode) = open_to_others(store.path()) {
        checks.push(problem(
            "cache",
            format!("{path} can be read by others (mode {mode:o})"),
            "chmod 600 it; it holds quotes from sessions",
        ));
    }
    match reader.audit_verify()? {
        None => checks.push(ok("audit trail", "whole")),
        Some(broken) => checks.push(problem(
            "audit trail",
            format!("broken at row {}: {}", broken.seq, broken.reason),
            "Someone changed the cache outside wakeful; rows before it are as written",
        )),
    }
    let status = reader.status(*context.config.threshold)?;
    for apply in &status.unfinished {
        checks.push(note(
            "apply",
            format!("{apply} was cut off"),
            "`wakeful apply` finishes it; nothing is written twice",
        ));
    }
    for agent in &status.agents {
        let sessions = reader.all_sessions(&agent.agent.id)?;
        let skipped: usize = sessions.iter().map(|session| session.skipped.len()).sum();
        if skipped > 0 {
            let first = sessions.iter().flat_map(|session| &session.skipped).next();
            let example = first.map(|skipped| {
                format!("first: {} at byte {}, {}", skipped.file, skipped.offset, skipped.reason)
            });
            checks.push(note(
                "sessions",
                format!(
                    "{}: {} of transcripts could not be read, in {}",
                    agent.agent.name,
                    count(skipped as u64, "part"),
                    count(sessions.len() as u64, "session")
                ),
                example.unwrap_or_default(),
            ));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<u32> {
    None
}

fn sources(context: &Context<'_>, checks: &mut Vec<Check>) {
    let sources = context.sources();
    if sources.is_empty() {
        checks.push(note(
            "sources",
            "none is known",
            "`wakeful init --folder DIR` adds one; `wakeful demo` needs none",
        ));
        return;
    }
    // Platforms are asked in their own way below.
    let (agents, errors) = sources.local_agents();
    checks.push(if agents.is_empty() && !context.profiles.is_empty() {
        ok("sources", "none on this machine; platforms are below".to_owned())
    } else {
        ok("sources", count(agents.len() as u64, "agent"))
    });
    for error in errors {
        checks.push(problem(
            "sources",
            error.to_string(),
            "Mend the path, or take it out of the configuration",
        ));
    }
    for agent in &agents {
        if let Some(source) = sources.of(agent) {
            for text in source.problems() {
                checks.push(note("sources", text, "It works without; the rest is used"));
            }
            if let Err(error) = source.memory(agent, &Snapshot::new()) {
                checks.push(problem("memory", error.to_string(), "Check who owns the folder"));
            }
        }
    }
    if let Some(shared) = sources.shared() {
        of_shared(shared, &agents, !context.profiles.is_empty(), checks);
    }
    checks.dedup_by(|a, b| a.text == b.text && a.name == b.name);
    doctor_platform::check(context, &sources, checks);
}

/// Whether a shared memory can be what it is meant to be. That its folder can be read was looked at with those of
/// agents.
fn of_shared(shared: &Shared, agents: &[Agent], others: bool, checks: &mut Vec<Check>) {
    let readers = agents.iter().filter(|agent| shared.is_read_by(agent)).count();
    let unknown = shared.unknown_readers(agents);
    let (name, folder) = ("shared memory", shared.folder());
    if !unknown.is_empty() && !others {
        let text = format!("no agent is called {}", unknown.join(", "));
        checks.push(note(name, text, "`wakeful status` names them all; mend shared.agents"));
    }
    if readers < 2 && !others {
        let text = format!("{folder} is read by {}", count(readers as u64, "agent"));
        checks.push(note(name, text, "It is offered what two or more of its agents learned alike"));
    } else if shared.has_folder() {
        checks.push(ok(name, format!("{folder}, read by {}", count(readers as u64, "agent"))));
    } else {
        let text = format!("{folder} is not there yet");
        checks.push(note(name, text, "The first apply makes it; or mend shared.memory"));
    }
}

fn logs(context: &Context<'_>, checks: &mut Vec<Check>) {
    let folder = &context.paths.state;
    let faults = std::fs::read_dir(folder).map_or(0, |entries| {
        entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("fault-"))
            .count()
    });
    let at = folder.display();
    checks.push(if faults == 0 {
        ok("logs", at.to_string())
    } else {
        note(
            "logs",
            format!("{} in {at}", count(faults as u64, "fault report")),
            "Send the newest with a bug report, after reading it",
        )
    });
}

fn terminal(context: &Context<'_>, checks: &mut Vec<Check>) {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let term = said("TERM").unwrap_or_else(|| "not set".to_owned());
    let colour = if said("NO_COLOR").is_some() {
        "no colours (NO_COLOR)".to_owned()
    } else {
        said("COLORTERM").unwrap_or_else(|| "256 colours or fewer".to_owned())
    };
    if term == "dumb" || term == "not set" {
        checks.push(note(
            "terminal",
            format!("TERM is {term}"),
            "the console needs more; `wakeful review --plain` works here",
        ));
    } else {
        checks.push(ok("terminal", format!("{term}, {colour}")));
    }
    match &context.config.editor.value {
        Some(editor) => checks.push(ok("editor", format!("{editor} ({})", context.config.editor.origin))),
        None => checks.push(note(
            "editor",
            "neither VISUAL nor EDITOR is set; `vi` is used",
            "Set EDITOR, or editor.command",
        )),
    }
}
