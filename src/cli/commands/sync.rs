//! `wakeful sync`: reads what is new.

use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::super::args::Output;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::interrupt;
use super::super::json;
use super::super::output::{count, line};
use super::super::progress::Meter;
use crate::domain::agent::Agent;
use crate::store::Store;
use crate::sync::pull::{self, PullReport};

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    agents: u64,
    sessions: u64,
    read: u64,
    skipped: u64,
    gone: u64,
    woken: u64,
    memory_changed: Vec<String>,
    dreams: u64,
    harvested: Vec<String>,
    requests: u64,
    problems: Vec<String>,
}

/// Runs the command.
pub fn run(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let store = context.store()?;
    let report = pull(context, &store, &interrupt::on_ctrl_c())?;
    let failed = report.is_failure();
    if output.json {
        let report = Report {
            schema: "wakeful.sync/1",
            agents: report.agents,
            sessions: report.sessions,
            read: report.read,
            skipped: report.skipped,
            gone: report.gone,
            woken: report.woken,
            memory_changed: report.memory_changed.iter().map(ToString::to_string).collect(),
            dreams: report.dreams,
            harvested: report.harvested.iter().map(ToString::to_string).collect(),
            requests: report.requests,
            problems: report.problems,
        };
        json::print(context.out, &report)?;
    } else {
        writeln!(
            context.out,
            "{}, {}: {} new or changed, {} gone; memory changed for {}.",
            count(report.agents, "agent"),
            count(report.sessions, "session"),
            report.read,
            report.gone,
            count(report.memory_changed.len() as u64, "agent")
        )?;
        if report.agents == 0 && report.problems.is_empty() {
            let text = "No agent was found in the places that are set. A folder needs `sessions/*.jsonl`, or is one \
                        as Claude Code keeps it, with `projects/`; `wakeful doctor` says what was looked at.";
            writeln!(context.err, "wakeful: {}", context.again.complete(text))?;
        }
        if report.skipped > 0 {
            let parts = count(report.skipped, "part");
            writeln!(context.out, "{parts} of transcripts could not be read; `wakeful doctor` says more.")?;
        }
        if report.dreams > 0 || !report.harvested.is_empty() {
            writeln!(
                context.out,
                "{} on the platform new or changed; lessons of {} to review.",
                count(report.dreams, "dream"),
                report.harvested.len()
            )?;
        }
        if report.requests > 0 {
            let failed = if report.platforms_failed > 0 { ", counting those that failed" } else { "" };
            writeln!(context.out, "{} to the platform{failed}.", count(report.requests, "request"))?;
        }
        if report.woken > 0 {
            writeln!(context.out, "{} back from a snooze.", count(report.woken, "lesson"))?;
        }
        for problem in &report.problems {
            writeln!(context.err, "wakeful: {}", line(problem))?;
        }
    }
    Ok(if failed { Exit::NoAccess } else { Exit::Done })
}

/// Reads sessions and memory into the cache, with progress.
///
/// # Errors
/// When the cache fails, or no source is known. What can't be read of a source is in the report.
pub fn pull(context: &mut Context<'_>, store: &Store, stop: &AtomicBool) -> Result<PullReport, CliError> {
    let sources = context.need_sources()?;
    let meter = Meter::new(context.terminal.error);
    let config = &context.config;
    let (options, problem) = context.platform_options();
    let report = pull::run_with(
        &sources,
        &store.reader()?,
        &store.writer(),
        &options,
        &|agent: &mut Agent| config.apply_to(agent),
        &|progress| meter.tell(&progress),
        stop,
    );
    meter.finish();
    let mut report = report?;
    report.problems.extend(problem);
    tracing::info!(sessions = report.sessions, read = report.read, gone = report.gone, "synced");
    for problem in &report.problems {
        tracing::warn!(%problem, "synced in part");
    }
    Ok(report)
}
