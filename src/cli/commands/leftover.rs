//! `wakeful dream adopt` and `wakeful dream discard`: what becomes of a dream's output as a whole.
//!
//! Owns: showing, asking, and carrying out either. Must not know: how documents are written.

use std::io::{self, BufRead};

use super::super::args::{DreamAdopt, DreamDiscard};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json;
use super::super::output::{count, line, short};
use super::super::select;
use super::apply::{Consent, Desk, Report, carry_out};
use super::outcome::Tally;
use crate::domain::decision::Verdict;
use crate::domain::dream::{Dream, DreamStatus};
use crate::domain::ids::LessonId;
use crate::domain::lifecycle::State;
use crate::domain::memory::Snapshot;
use crate::source::platform::{NoShelf, Platform};
use crate::store::Ask;
use crate::sync::apply::{self as applying, Plan};

/// Writes everything a dream proposes, through the same journal as any apply.
pub fn adopt(context: &mut Context<'_>, args: &DreamAdopt) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let dreams = desk.reader.dreams(None)?;
    let dream = select::dream(&dreams, &args.dream)?.clone();
    let agents = desk.reader.agents()?;
    let Some(agent) = agents.into_iter().find(|agent| agent.id == dream.agent) else {
        return Err(CliError::usage(format!(
            "the agent of {} is not there any more",
            short(dream.id.as_str())
        )));
    };
    let plan = desk.with(&agent, |sync| applying::adopt(sync, &dream.id))?;
    let nothing = plan.is_empty() && plan.blocked.is_empty();
    let decide = |plan: &Plan| accept(&desk, plan);
    let named = format!("dream adopt {}", short(dream.id.as_str()));
    let consent = Consent { decides: Some(&decide), dry_run: args.dry_run, yes: args.yes, command: &named };
    let plans = if nothing { Vec::new() } else { vec![(agent, plan)] };
    let mut tally = Tally::default();
    let rows = carry_out(context, &desk, plans, &consent, args.output, &mut tally)?;
    if args.output.json {
        json::print(context.out, &Report::new(args.dry_run, rows))?;
    } else if nothing {
        writeln!(context.out, "The memory has everything that {} proposes.", short(dream.id.as_str()))?;
    }
    Ok(tally.exit())
}

/// Agreeing to the whole is agreeing to each lesson; the decisions are on record like any other.
fn accept(desk: &Desk, plan: &Plan) -> Result<(), CliError> {
    let collided = plan.conflicts.iter().map(|(lesson, _)| lesson);
    let mut asks = Vec::new();
    for lesson in plan.lessons.iter().chain(&plan.satisfied).chain(collided) {
        if state(desk, lesson)? != Some(State::Accepted) {
            let reason = Some("adopted with the whole dream".to_owned());
            asks.push(Ask { lesson: lesson.clone(), verdict: Verdict::Accept, reason });
        }
    }
    if !asks.is_empty() {
        desk.writer.decide(&asks, &desk.by)?;
    }
    Ok(())
}

fn state(desk: &Desk, lesson: &LessonId) -> Result<Option<State>, CliError> {
    Ok(desk.reader.lesson(lesson)?.map(|lesson| lesson.state))
}

/// Archives or deletes the store that a dream left behind, after asking.
pub fn discard(context: &mut Context<'_>, args: &DreamDiscard) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let dreams = desk.reader.dreams(None)?;
    let dream = select::dream(&dreams, &args.dream)?;
    let (platform, store) = leftover(&desk, dream)?;
    let failed = |error| CliError::new(Exit::NoAccess, format!("{error}"));
    let found = platform.block_on(platform.client().store(&store)).map_err(failed)?;
    let documents =
        platform.read_store(&store, &Snapshot::new(), &NoShelf).map_err(failed)?.snapshot.len() as u64;
    let undecided = desk
        .reader
        .lessons(&crate::store::LessonQuery {
            dream: Some(dream.id.clone()),
            states: vec![State::Pending, State::Accepted],
            ..crate::store::LessonQuery::default()
        })?
        .len() as u64;
    writeln!(
        context.out,
        "{} left the store {} ({}) with {}.",
        short(dream.id.as_str()),
        line(&found.name),
        line(&store),
        count(documents, "document")
    )?;
    if undecided > 0 {
        writeln!(
            context.out,
            "{} of it can still be decided or written; they are kept here and don't need the store.",
            count(undecided, "lesson")
        )?;
    }
    let (act, end) = if args.delete {
        ("Delete it with everything in it, for good", "deleted")
    } else {
        ("Archive it, which can't be taken back (it can still be read)", "archived")
    };
    if !args.yes {
        if !(context.terminal.input && context.terminal.output) {
            return Err(CliError::usage(
                "nothing was changed: there is nobody to ask here. Say --yes to agree beforehand",
            ));
        }
        write!(context.out, "{act}? Type yes: ")?;
        context.out.flush()?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "yes" | "y") {
            writeln!(context.out, "Nothing was changed.")?;
            return Ok(Exit::Done);
        }
    }
    let done = platform.block_on(async {
        if args.delete {
            platform.client().delete_store(&store).await.map(drop)
        } else {
            platform.client().archive_store(&store).await.map(drop)
        }
    });
    done.map_err(failed)?;
    tracing::info!(dream = %dream.id, store, end, "a leftover store was put away");
    writeln!(
        context.out,
        "The store is {end}. The dream's lessons and its \"before\" and \"after\" are kept here."
    )?;
    Ok(Exit::Done)
}

/// The store that only this dream made, and the platform it is on.
fn leftover<'d>(desk: &'d Desk, dream: &Dream) -> Result<(&'d Platform, String), CliError> {
    let name = short(dream.id.as_str());
    let refused = |why: &str| Err(CliError::usage(format!("{name} {why}. Nothing was changed")));
    let Some(remote) = &dream.remote else { return refused("ran on this machine and left no store") };
    if matches!(dream.status, DreamStatus::Pending | DreamStatus::Running) {
        return refused("has not ended; cancel it first, or wait");
    }
    let Some(store) = remote.output_store.clone() else { return refused("made no store") };
    if remote.in_place || store == remote.input_store {
        return refused("wrote into the memory it read, which is no leftover");
    }
    if desk.reader.agents()?.iter().any(|agent| agent.memory_at == store && !agent.sessions_at.is_empty()) {
        return refused("made a store that an agent works with by now");
    }
    match desk.sources.platform(&remote.profile) {
        Some(platform) => Ok((platform, store)),
        None => refused("is of a profile that is not configured any more"),
    }
}
