//! `wakeful audit`: every decision and every write, and whether the trail is whole.

use super::super::args::{Audit, AuditCommand, Output};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, AuditCheck, AuditReport};
use super::super::output::{columns, line, minute, short};
use super::super::select;
use crate::domain::memory::ContentHash;
use crate::store::{AuditQuery, Record};

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Audit) -> Result<Exit, CliError> {
    if let Some(AuditCommand::Verify(output)) = args.command {
        return verify(context, output);
    }
    let reader = context.store()?.reader()?;
    let agent = match &args.agent {
        Some(wanted) => Some(select::agent(&reader.agents()?, wanted)?.id.clone()),
        None => None,
    };
    let lesson = match &args.lesson {
        Some(wanted) => Some(select::lesson(&reader, wanted)?),
        None => None,
    };
    let apply = match &args.apply {
        Some(wanted) => Some(select::apply(&reader.applies(None)?, wanted)?.id.clone()),
        None => None,
    };
    let query = AuditQuery {
        agent,
        lesson,
        apply,
        action: args.action.clone(),
        text: args.text.clone(),
        limit: Some(args.limit),
    };
    let rows = reader.audit(&query)?;
    if args.output.json {
        json::print(context.out, &AuditReport::new(&rows))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        writeln!(context.out, "No rows fit.")?;
    }
    columns(context.out, 0, &rows.iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Done)
}

fn row(record: &Record) -> Vec<String> {
    let entry = &record.entry;
    let mut about: Vec<String> = Vec::new();
    if let Some(path) = &entry.path {
        about.push(line(path.as_str()));
    }
    about.extend(entry.lessons.iter().map(|id| short(id.as_str()).to_owned()));
    if entry.before.is_some() || entry.after.is_some() {
        let hash = |hash: Option<ContentHash>| {
            hash.map_or_else(|| "nothing".to_owned(), |hash| hash.to_string().chars().take(8).collect())
        };
        about.push(format!("{} -> {}", hash(entry.before), hash(entry.after)));
    }
    about.extend(entry.note.as_deref().map(line));
    vec![
        record.seq.to_string(),
        minute(record.at),
        line(&entry.author),
        line(&entry.action),
        about.join("  "),
    ]
}

fn verify(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let broken = context.store()?.reader()?.audit_verify()?;
    if output.json {
        let check = AuditCheck {
            schema: "wakeful.audit-verify/1",
            intact: broken.is_none(),
            broken_at: broken.as_ref().map(|broken| broken.seq),
            reason: broken.as_ref().map(|broken| broken.reason.clone()),
        };
        json::print(context.out, &check)?;
    } else if let Some(broken) = &broken {
        writeln!(context.out, "The trail is broken at row {}: {}.", broken.seq, line(&broken.reason))?;
        writeln!(
            context.out,
            "Rows before it are as they were written. Someone changed the cache file outside wakeful."
        )?;
    } else {
        writeln!(context.out, "The trail is whole: every row fits the one before it.")?;
    }
    Ok(if broken.is_some() { Exit::Failed } else { Exit::Done })
}
