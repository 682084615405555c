//! `wakeful undo`: takes back the last decision, an applied lesson, or a whole apply.

use super::super::args::Undo;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json;
use super::super::output::line;
use super::super::select;
use super::apply::{Consent, Desk, Report, carry_out};
use super::decide;
use super::outcome::Tally;
use crate::domain::agent::Agent;
use crate::domain::ids::AgentId;
use crate::sync;

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Undo) -> Result<Exit, CliError> {
    let Some(what) = &args.what else {
        return decide::undo(context, args.output);
    };
    let desk = Desk::open(context)?;
    let (agent, plan) = if what.starts_with("apl_") {
        let applies = desk.reader.applies(None)?;
        let apply = select::apply(&applies, what)?;
        let agent = agent(&desk, &apply.agent)?;
        let plan = desk.with(&agent, |sync| sync::undo::apply(sync, &apply.id))?;
        (agent, plan)
    } else {
        let id = select::lesson(&desk.reader, what)?;
        let Some(lesson) = desk.reader.lesson(&id)? else {
            return Err(CliError::usage(format!("there is no lesson {id}")));
        };
        let agent = agent(&desk, &lesson.agent)?;
        let plan = desk.with(&agent, |sync| sync::undo::lesson(sync, &id))?;
        (agent, plan)
    };
    let named = format!("undo {}", line(what));
    let consent = Consent { decides: None, dry_run: args.dry_run, yes: args.yes, command: &named };
    let mut tally = Tally::default();
    let rows = carry_out(context, &desk, vec![(agent, plan)], &consent, args.output, &mut tally)?;
    if args.output.json {
        json::print(context.out, &Report::new(args.dry_run, rows))?;
    }
    Ok(tally.exit())
}

fn agent(desk: &Desk, id: &AgentId) -> Result<Agent, CliError> {
    desk.reader.agent(id)?.ok_or_else(|| {
        CliError::failed(format!("the agent {id} is no longer known; `wakeful sync` may bring it back"))
    })
}
