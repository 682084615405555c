//! `wakeful memory`: documents, texts, history.

mod blame;

use std::sync::Arc;

use super::super::args::{Memory, MemoryList, MemoryShow};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{
    self, AgentDocuments, DocumentReport, DocumentSize, MemoryLog, MemoryReport, VersionRow,
};
use super::super::output::{columns, count, line, minute, short};
use super::super::select;
use crate::domain::agent::Agent;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::text::SafeText;
use crate::domain::tokens;
use crate::store::Reader;

/// Runs the command.
pub fn run(context: &mut Context<'_>, command: &Memory) -> Result<Exit, CliError> {
    match command {
        Memory::List(args) => list(context, args),
        Memory::Show(args) => show(context, args),
        Memory::Blame(args) => blame::run(context, args),
        Memory::Log(args) => log(context, args),
    }
}

fn agents(reader: &Reader, wanted: Option<&str>) -> Result<Vec<Agent>, CliError> {
    let agents = reader.agents()?;
    match wanted {
        Some(wanted) => Ok(vec![select::agent(&agents, wanted)?.clone()]),
        None => Ok(agents),
    }
}

fn list(context: &mut Context<'_>, args: &MemoryList) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let mut listed = Vec::new();
    for agent in agents(&reader, args.of.wanted())? {
        if let Some(memory) = reader.memory(&agent.id)? {
            listed.push(documents(&agent, &memory));
        }
    }
    if args.output.json {
        json::print(context.out, &MemoryReport::new(listed))?;
        return Ok(Exit::Done);
    }
    if listed.is_empty() {
        let text = context.again.complete("No memory was read yet. `wakeful sync` reads it.");
        writeln!(context.out, "{text}")?;
    }
    for agent in listed {
        writeln!(
            context.out,
            "{} · {} · about {} of {} tokens",
            line(&agent.name),
            count(agent.documents.len() as u64, "document"),
            agent.tokens,
            agent.budget
        )?;
        let rows: Vec<Vec<String>> = agent
            .documents
            .iter()
            .map(|document| {
                vec![
                    line(document.path.as_str()),
                    count(document.lines, "line"),
                    format!("{} bytes", document.bytes),
                    format!("about {} tokens", document.tokens),
                ]
            })
            .collect();
        columns(context.out, 2, &rows)?;
    }
    Ok(Exit::Done)
}

fn documents(agent: &Agent, memory: &Snapshot) -> AgentDocuments {
    let documents: Vec<DocumentSize> = memory
        .iter()
        .map(|(path, text)| DocumentSize {
            path: path.clone(),
            bytes: text.len() as u64,
            lines: text.lines().count() as u64,
            tokens: tokens::estimate(text),
            sha256: ContentHash::of(text.as_bytes()).to_string(),
        })
        .collect();
    AgentDocuments {
        id: agent.id.to_string(),
        name: agent.name.clone(),
        tokens: documents.iter().map(|document| document.tokens).sum(),
        budget: agent.budget.store_tokens,
        documents,
    }
}

fn show(context: &mut Context<'_>, args: &MemoryShow) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let (agent, path, text) = find(&reader, args)?;
    if args.output.json {
        let report = DocumentReport {
            schema: "wakeful.document/1",
            agent: agent.id.as_str(),
            path: &path,
            sha256: ContentHash::of(text.as_bytes()).to_string(),
            text: &text,
        };
        json::print(context.out, &report)?;
    } else if context.terminal.output {
        write!(context.out, "{}", SafeText::block(&text))?;
    } else {
        // In a pipe the document itself is wanted, byte for byte.
        context.out.write_all(text.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// The one document that is meant.
fn find(reader: &Reader, args: &MemoryShow) -> Result<(Agent, DocPath, Arc<str>), CliError> {
    let path = DocPath::new(&args.path).map_err(|error| CliError::usage(error.to_string()))?;
    let mut found = Vec::new();
    for agent in agents(reader, args.of.wanted())? {
        if let Some(text) = reader.memory(&agent.id)?.and_then(|memory| memory.get(&path).cloned()) {
            found.push((agent, text));
        }
    }
    let names: Vec<String> = found.iter().map(|(agent, _)| line(&agent.name)).collect();
    match (found.pop(), names.as_slice()) {
        (Some((agent, text)), [_]) => Ok((agent, path, text)),
        (None, _) => {
            Err(CliError::usage(format!("there is no document {path}; `wakeful memory list` lists them")))
        }
        (Some(_), names) => Err(CliError::usage(format!(
            "{} agents have a document {path}: {}; say which with --agent",
            names.len(),
            names.join(", ")
        ))),
    }
}

fn log(context: &mut Context<'_>, args: &MemoryList) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let mut versions = Vec::new();
    for agent in agents(&reader, args.of.wanted())? {
        for version in reader.memory_log(&agent.id)? {
            versions.push((agent.name.clone(), version));
        }
    }
    versions.sort_by_key(|(_, version)| std::cmp::Reverse(version.seq));
    if args.output.json {
        let rows = versions
            .into_iter()
            .map(|(agent, version)| VersionRow {
                agent,
                snapshot: version.snapshot.to_string(),
                seen_at: version.seen_at,
                apply: version.apply.map(|apply| apply.to_string()),
                documents: version.documents,
                tokens: version.tokens,
            })
            .collect();
        json::print(context.out, &MemoryLog::new(rows))?;
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = versions
        .iter()
        .map(|(agent, version)| {
            vec![
                minute(version.seen_at),
                line(agent),
                count(version.documents, "document"),
                format!("about {} tokens", version.tokens),
                version.apply.as_ref().map_or_else(
                    || "changed outside wakeful, or first seen".to_owned(),
                    |apply| format!("written by {}", short(apply.as_str())),
                ),
            ]
        })
        .collect();
    if rows.is_empty() {
        let text = context.again.complete("No memory was read yet. `wakeful sync` reads it.");
        writeln!(context.out, "{text}")?;
    }
    columns(context.out, 0, &rows)?;
    Ok(Exit::Done)
}
