//! `wakeful status`: what waits, agent by agent.

use super::super::args::StatusArgs;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, StatusReport};
use super::super::output::{ago, columns, count, line};
use crate::domain::agent::Agent;
use crate::run::world::threshold;
use crate::store::{AgentStatus, Status};

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: StatusArgs) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let configured = *context.config.threshold;
    let threshold = threshold(&reader, configured)?;
    let mut status = reader.status(threshold)?;
    // What is not configured any more is nobody's trouble.
    status.troubles.retain(|(profile, _)| context.config.platforms.contains_key(profile));
    if args.short {
        short(context, &status)?;
    } else if args.output.json {
        json::print(context.out, &StatusReport::new(&status, threshold))?;
    } else if !status.agents.is_empty() {
        text(context, &status, (threshold, configured))?;
    }
    if status.agents.is_empty() && !args.short {
        return Err(never_read(context, &status, &reader.gone_agents()?));
    }
    Ok(if status.pending > 0 { Exit::Waiting } else { Exit::Done })
}

/// Why there are no agents to tell about.
fn never_read(context: &Context<'_>, status: &Status, gone: &[Agent]) -> CliError {
    let Some((profile, trouble)) = status.troubles.first() else {
        let Some((first, rest)) = gone.split_first() else { return context.no_agents() };
        let (name, more) = (line(&first.name), rest.len());
        let who = if more == 0 { format!("{name} is") } else { format!("{name} and {more} more are") };
        return CliError::new(
            Exit::Config,
            format!(
                "{who} in none of the places that are read any more; what is in the cache is kept. `wakeful init \
                 --folder DIR` or `--claude-code DIR` names the place again, `wakeful config show` says which are read"
            ),
        );
    };
    CliError::new(
        Exit::NoAccess,
        format!(
            "never synced: the last try to read the platform ({}) failed {}: {}",
            line(profile),
            ago(trouble.at, context.clock.now()),
            line(&trouble.text)
        ),
    )
}

/// One line for a prompt or a status line; nothing where nothing waits.
fn short(context: &mut Context<'_>, status: &Status) -> Result<(), CliError> {
    let now = context.clock.now();
    let mut parts = Vec::new();
    if status.pending > 0 {
        let oldest = status.oldest.map(|oldest| ago(oldest, now));
        let since = oldest.map(|ago| format!(" (oldest {ago})")).unwrap_or_default();
        parts.push(format!("{} to review{since}", status.pending));
    }
    if status.accepted > 0 {
        parts.push(format!("{} to write", status.accepted));
    }
    if !status.unfinished.is_empty() {
        parts.push("an apply was cut off".to_owned());
    }
    if !parts.is_empty() {
        writeln!(context.out, "wakeful: {}", parts.join(", "))?;
    }
    Ok(())
}

fn text(
    context: &mut Context<'_>,
    status: &Status,
    (threshold, configured): (u32, u32),
) -> Result<(), CliError> {
    let now = context.clock.now();
    write!(context.out, "{} to review", count(status.pending, "lesson"))?;
    if let Some(oldest) = status.oldest {
        let ago = ago(oldest, now);
        // What waits since just now is not old.
        if let Some(age) = ago.strip_suffix(" ago") {
            write!(context.out, ", the oldest since {age}")?;
        }
    }
    writeln!(context.out, ".")?;
    if status.hidden > 0 {
        // Nobody should look into the configuration for a number that was set elsewhere.
        let set = if threshold == configured { "" } else { " (set in the console)" };
        let hidden = count(status.hidden, "lesson");
        writeln!(context.out, "{hidden} below {threshold} examples{set} not counted.")?;
    }
    if status.accepted > 0 {
        let text = format!(
            "{} accepted and not yet written; `wakeful apply` writes.",
            count(status.accepted, "lesson")
        );
        writeln!(context.out, "{}", context.again.complete(&text))?;
    }
    for apply in &status.unfinished {
        let text = format!("{apply} was cut off; `wakeful apply` finishes it.");
        writeln!(context.out, "{}", context.again.complete(&text))?;
    }
    writeln!(context.out)?;
    let rows: Vec<Vec<String>> = status.agents.iter().map(|agent| row(agent, now)).collect();
    columns(context.out, 0, &rows)?;
    // Each of its agents says so too, where there is one.
    for (profile, trouble) in &status.troubles {
        let told = |agent: &AgentStatus| agent.trouble.as_ref().is_some_and(|told| told.text == trouble.text);
        if !status.agents.iter().any(told) {
            let at = ago(trouble.at, now);
            writeln!(context.out, "! platform {}, {at}: {}", line(profile), line(&trouble.text))?;
        }
    }
    Ok(())
}

fn row(status: &AgentStatus, now: jiff::Timestamp) -> Vec<String> {
    let agent = &status.agent;
    let memory = status.memory_tokens.map_or_else(
        || "memory not read".to_owned(),
        |tokens| format!("memory {tokens}/{} tokens", agent.budget.store_tokens),
    );
    vec![
        line(&agent.name),
        format!("{} to review", status.pending),
        count(status.sessions, "session"),
        memory,
        status
            .last_dream
            .as_ref()
            .map_or_else(|| "no dream yet".to_owned(), |dream| format!("dream {}", ago(dream.started, now))),
        status.last_sync.map_or_else(|| "never synced".to_owned(), |at| format!("synced {}", ago(at, now))),
        format!("({}, {})", agent.source.as_str(), agent.mode.as_str()),
        status
            .trouble
            .as_ref()
            .map(|trouble| format!("! {}: {}", ago(trouble.at, now), line(&trouble.text)))
            .unwrap_or_default(),
    ]
}
