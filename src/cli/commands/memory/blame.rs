//! `wakeful memory blame`: who put each line of a document there.

use serde::Serialize;

use super::super::super::args::MemoryShow;
use super::super::super::context::Context;
use super::super::super::error::{CliError, Exit};
use super::super::super::json;
use super::super::super::output::{columns, count, line, minute, short};
use super::find;
use crate::domain::ids::{ApplyId, LessonId};
use crate::domain::memory::DocPath;
use crate::domain::remote::Author;
use crate::sync::Cuttings;
use crate::sync::blame::{Blamed, Cause, blame};

/// `wakeful.blame/1`
#[derive(Debug, Serialize)]
struct BlameReport<'a> {
    schema: &'static str,
    agent: &'a str,
    path: &'a DocPath,
    lines: Vec<BlamedLine<'a>>,
}

#[derive(Debug, Serialize)]
struct BlamedLine<'a> {
    line: u64,
    text: &'a str,
    cause: Option<CauseRow<'a>>,
}

/// What put a line there; fields that make no sense for its kind are left out.
#[derive(Debug, Default, Serialize)]
struct CauseRow<'a> {
    kind: &'static str,
    at: jiff::Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apply: Option<&'a ApplyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lesson: Option<&'a LessonId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    support_then: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    support_now: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_memory: Option<bool>,
}

/// Runs the command.
pub(super) fn run(context: &mut Context<'_>, args: &MemoryShow) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let (agent, path, text) = find(&reader, args)?;
    let blamed = blame(&reader, &Cuttings::new(), &agent)?.unwrap_or_default();
    let causes = causes(&blamed, &path);
    let lines = || text.lines().zip(causes.iter().copied().chain(std::iter::repeat(None)));
    if args.output.json {
        let lines = lines()
            .enumerate()
            .map(|(index, (text, cause))| BlamedLine { line: index as u64 + 1, text, cause: cause.map(row) })
            .collect();
        let report = BlameReport { schema: "wakeful.blame/1", agent: agent.id.as_str(), path: &path, lines };
        json::print(context.out, &report)?;
        return Ok(Exit::Done);
    }
    let digits = text.lines().count().to_string().len();
    let mut rows = Vec::new();
    let mut above = None;
    for (index, (text, cause)) in lines().enumerate() {
        // A run of lines is named once.
        let said = if index > 0 && above == cause { String::new() } else { words(cause) };
        above = cause;
        rows.push(vec![said, format!("{:>digits$}", index + 1), line(text)]);
    }
    columns(context.out, 0, &rows)?;
    Ok(Exit::Done)
}

/// The cause of each line of a document.
fn causes<'a>(blamed: &'a Blamed, path: &DocPath) -> Vec<Option<&'a Cause>> {
    let document = blamed.documents.iter().find(|document| document.path == *path);
    let lines = document.map_or(&[][..], |document| document.lines.as_slice());
    lines.iter().map(|cause| cause.and_then(|cause| blamed.causes.get(cause))).collect()
}

fn row(cause: &Cause) -> CauseRow<'_> {
    match cause {
        Cause::Lesson { lesson, statement, apply, by, at, support_then, support_now, stands } => CauseRow {
            kind: "lesson",
            at: *at,
            by: Some(by.clone()),
            apply: Some(apply),
            lesson: Some(lesson),
            statement: Some(statement),
            support_then: *support_then,
            support_now: *support_now,
            in_memory: Some(*stands),
        },
        Cause::Apply { apply, undo, by, at } => CauseRow {
            kind: if *undo { "undo" } else { "apply" },
            at: *at,
            by: Some(by.clone()),
            apply: Some(apply),
            ..CauseRow::default()
        },
        Cause::Actor { author, at } => {
            CauseRow { kind: "actor", at: *at, by: Some(name(author)), ..CauseRow::default() }
        }
        Cause::Outside { seen } => CauseRow { kind: "outside", at: *seen, ..CauseRow::default() },
    }
}

fn name(author: &Author) -> String {
    match author {
        Author::Session { id } => format!("session {id}"),
        Author::ApiKey { id } => format!("key {id}"),
        Author::User { id } => format!("person {id}"),
        Author::ServiceAccount { id } => format!("service {id}"),
        Author::Other { name } => name.clone(),
    }
}

/// `les_4f1c2a9b by owner 2026-03-03 09:41, 18 sessions then, 31 now`.
fn words(cause: Option<&Cause>) -> String {
    match cause {
        None => "before wakeful".to_owned(),
        Some(Cause::Lesson { lesson, by, at, support_then, support_now, .. }) => {
            let mut text = format!("{} by {} {}", short(lesson.as_str()), line(by), minute(*at));
            match (support_then, support_now) {
                (Some(then), Some(now)) if then != now => {
                    text.push_str(&format!(", {} then, {now} now", count(u64::from(*then), "session")));
                }
                (_, Some(now)) => text.push_str(&format!(", {}", count(u64::from(*now), "session"))),
                (_, None) => {}
            }
            text
        }
        Some(Cause::Apply { apply, undo, by, at }) => {
            let what = if *undo { "undo" } else { "apply" };
            format!("{what} {} by {} {}", short(apply.as_str()), line(by), minute(*at))
        }
        Some(Cause::Actor { author, at }) => format!("{} {}", line(&name(author)), minute(*at)),
        Some(Cause::Outside { seen }) => format!("outside wakeful, seen {}", minute(*seen)),
    }
}
