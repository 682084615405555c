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
use super::apply::{self, Consent, Desk, Report, carry_out};
use super::outcome::Tally;
use crate::app::doubt;
use crate::domain::remote::OutputStore;
use crate::sync::adopt::{self, Rejected};
use crate::sync::apply::Plan;
use crate::sync::platform::leftover::{self, Leftover};
use crate::sync::platform::{Far, Options};

/// Writes everything a dream proposes, through the same journal as any apply.
pub fn adopt(context: &mut Context<'_>, args: &DreamAdopt) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let dreams = desk.reader.dreams(None)?;
    let dream = select::dream(&dreams, &args.dream)?.clone();
    let name = short(dream.id.as_str());
    let agents = desk.reader.agents()?;
    let Some(agent) = agents.into_iter().find(|agent| agent.id == dream.agent) else {
        return Err(CliError::usage(format!("the agent of {name} is not there any more")));
    };
    let adoption = desk.with(&agent, |sync| adopt::plan(sync, &dream.id))?;
    // A person said no to these: that stands until a person says otherwise, in so many words.
    if !adoption.rejected.is_empty() && !args.with_rejected {
        return passed_over(context, args, name, &adoption.rejected);
    }
    let (plan, overrules) = (adoption.plan, adoption.rejected);
    let nothing = plan.is_empty() && plan.blocked.is_empty();
    let of = agent.clone();
    let decide = |plan: &Plan| desk.with(&of, |sync| adopt::accept(sync, plan)).map_err(CliError::from);
    let flag = if args.with_rejected { " --with-rejected" } else { "" };
    let named = format!("dream adopt {name}{flag}");
    let consent = Consent { decides: Some(&decide), dry_run: args.dry_run, yes: args.yes, command: &named };
    if !args.output.json {
        say_rejected(context, &overrules)?;
        let doubted = doubted(&desk, &plan, &overrules)?;
        say_doubted(context, &doubted)?;
        // Agreeing to the whole is how junk gets in, so what no batch would accept is a question of its own.
        let asks = context.terminal.input && context.terminal.output && !args.dry_run && !args.yes;
        if asks && !doubted.is_empty() && !apply::yes(context, "Write them all the same")? {
            writeln!(context.out, "Nothing was written.")?;
            return Ok(Exit::Done);
        }
    }
    let plans = if nothing { Vec::new() } else { vec![(agent, plan)] };
    let mut tally = Tally::default();
    let mut rows = carry_out(context, &desk, plans, &consent, args.output, &mut tally)?;
    if args.output.json {
        for row in &mut rows {
            row.overrules(&overrules);
        }
        json::print(context.out, &Report::new(args.dry_run, rows))?;
    } else if nothing {
        writeln!(context.out, "The memory has everything that {name} proposes.")?;
    }
    Ok(tally.exit())
}

/// What would be written unseen and wants a look of its own, the worst first.
fn doubted(desk: &Desk, plan: &Plan, overrules: &[Rejected]) -> Result<Vec<String>, CliError> {
    let mut unseen = Vec::new();
    for id in plan.lessons.iter().filter(|id| overrules.iter().all(|rejected| rejected.lesson != **id)) {
        unseen.extend(desk.reader.lesson(id)?);
    }
    Ok(doubt::doubted(&unseen))
}

fn say_doubted(context: &mut Context<'_>, doubted: &[String]) -> io::Result<()> {
    const NAMED: usize = 6;
    if doubted.is_empty() {
        return Ok(());
    }
    let want = if doubted.len() == 1 { "wants" } else { "want" };
    writeln!(context.out, "{} of it {want} a look one by one:", count(doubted.len() as u64, "lesson"))?;
    for lesson in doubted.iter().take(NAMED) {
        writeln!(context.out, "  {}", line(lesson))?;
    }
    if let Some(more) = doubted.len().checked_sub(NAMED).filter(|&more| more > 0) {
        writeln!(context.out, "  and {more} more")?;
    }
    Ok(())
}

/// Refuses to write what was turned down.
fn passed_over(
    context: &mut Context<'_>,
    args: &DreamAdopt,
    name: &str,
    rejected: &[Rejected],
) -> Result<Exit, CliError> {
    if !args.output.json {
        say_rejected(context, rejected)?;
    }
    let were = if rejected.len() == 1 { "was" } else { "were" };
    Err(CliError::usage(format!(
        "{} of {name} {were} rejected, and the whole would write them all the same. Nothing was written; \
         `wakeful dream adopt {name} --with-rejected` overrules that, `wakeful accept` and `wakeful apply` \
         write only what you choose",
        count(rejected.len() as u64, "lesson")
    )))
}

fn say_rejected(context: &mut Context<'_>, rejected: &[Rejected]) -> io::Result<()> {
    for lesson in rejected {
        let why = lesson.reason.as_deref().map(|reason| format!(" ({})", line(reason))).unwrap_or_default();
        let id = short(lesson.lesson.as_str());
        writeln!(context.out, "  {id}  was rejected{why}: {}", line(&lesson.statement))?;
    }
    Ok(())
}

/// Archives or deletes the store that a dream left behind, after asking.
pub fn discard(context: &mut Context<'_>, args: &DreamDiscard) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let dreams = desk.reader.dreams(None)?;
    let dream = select::dream(&dreams, &args.dream)?;
    let name = short(dream.id.as_str());
    let profile = dream.remote.as_ref().map(|remote| remote.profile.as_str());
    let platform = profile.map(|profile| desk.sources.platform(profile));
    let Some(platform) = platform.unwrap_or_else(|| desk.sources.platforms().next()) else {
        let why = match profile {
            Some(_) => "is of a profile that is not configured any more",
            None => "ran on this machine and left no store",
        };
        return Err(CliError::usage(format!("{name} {why}. Nothing was changed")));
    };
    let options = Options::default();
    let far = Far { platform, reader: &desk.reader, writer: &desk.writer, options: &options, by: &desk.by };
    let found = leftover::look(&far, dream)?;
    match (found.now, args.delete) {
        (OutputStore::Deleted, _) => {
            writeln!(context.out, "The store of {name} is deleted already. Nothing was changed.")?;
            return Ok(Exit::Done);
        }
        (OutputStore::Archived, false) => {
            writeln!(
                context.out,
                "The store of {name} is archived already. Nothing was changed; --delete deletes it for good."
            )?;
            return Ok(Exit::Done);
        }
        _ => {}
    }
    say_leftover(context, name, &found)?;
    let act = if args.delete {
        "Delete it with everything in it, for good"
    } else {
        "Archive it, which can't be undone (it can still be read)"
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
    let end = leftover::put_away(&far, dream, args.delete)?;
    writeln!(
        context.out,
        "The store is {}. The dream's lessons and its \"before\" and \"after\" are kept here.",
        end.as_str()
    )?;
    Ok(Exit::Done)
}

fn say_leftover(context: &mut Context<'_>, name: &str, found: &Leftover) -> io::Result<()> {
    let holds = match found.now {
        OutputStore::Kept => format!("with {}", count(found.documents, "document")),
        other => format!("which is {}", other.as_str()),
    };
    writeln!(context.out, "{name} left the store {} ({}) {holds}.", line(&found.name), line(&found.store))?;
    if found.open > 0 {
        writeln!(
            context.out,
            "{} of it can still be decided or written; they are kept here and don't need the store.",
            count(found.open, "lesson")
        )?;
    }
    Ok(())
}
