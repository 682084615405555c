//! `wakeful dream run --engine platform`, `dream watch`, `dream cancel`: dreams that run on the platform.

use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::args::{DreamCancel, DreamRun, DreamWatch, Elsewhere};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::interrupt;
use super::super::json::{self, DreamPlans, PlannedDream};
use super::super::output::{count, line, short};
use super::super::progress::Meter;
use super::super::select;
use super::dream;
use crate::domain::agent::{Agent, SourceKind};
use crate::domain::dream::{Dream, DreamStatus, Window};
use crate::domain::ids::DreamId;
use crate::source::Sources;
use crate::store::{Reader, Writer};
use crate::sync::SyncError;
use crate::sync::platform::estimate::Caps;
use crate::sync::platform::{self, Far, Options, Plan, Seen, Told, Wish};

/// Time between two looks at a dream that somebody watches.
const LOOK: Duration = Duration::from_secs(10);

/// Longest instructions that are read from the input, in bytes.
const LONGEST: u64 = 64 << 10;

/// The cache and the platforms.
struct Desk {
    sources: Sources,
    reader: Reader,
    writer: Writer,
    options: Options,
    by: String,
}

impl Desk {
    fn open(context: &mut Context<'_>) -> Result<Self, CliError> {
        let store = context.store()?;
        let (options, problem) = context.platform_options();
        if let Some(problem) = problem {
            writeln!(context.err, "wakeful: {}", line(&problem))?;
        }
        Ok(Self {
            sources: context.need_sources()?,
            reader: store.reader()?,
            writer: store.writer(),
            options,
            by: context.config.reviewer.value.clone(),
        })
    }

    /// Everything that concerns the platform an agent is on.
    fn far(&self, agent: &Agent) -> Result<Far<'_>, SyncError> {
        let name = || line(&agent.name);
        if agent.source != SourceKind::Platform {
            return Err(SyncError::NotOnPlatform { agent: name() });
        }
        let source = self.sources.of(agent).ok_or_else(|| SyncError::NoSource { agent: name() })?;
        let platform = source.platform().ok_or_else(|| SyncError::NotOnPlatform { agent: name() })?;
        Ok(Far { platform, reader: &self.reader, writer: &self.writer, options: &self.options, by: &self.by })
    }

    fn agent_of(&self, dream: &Dream) -> Result<Agent, CliError> {
        if dream.remote.is_none() {
            return Err(CliError::usage(format!(
                "{} ran on this machine and is {}; only dreams on the platform can be watched or stopped",
                short(dream.id.as_str()),
                dream.status.as_str()
            )));
        }
        let agent = self.reader.agent(&dream.agent)?;
        Ok(agent.ok_or_else(|| SyncError::NoSource { agent: dream.agent.to_string() })?)
    }
}

/// Starts dreams on the platform, after showing what they will read and cost. `unread`: the sync before could
/// not read a platform, so all that is known is what was read earlier.
///
/// # Errors
/// When nobody agreed, an agent is not on the platform, or a dream can't be started.
pub fn start(
    context: &mut Context<'_>,
    args: &DreamRun,
    agents: Vec<Agent>,
    unread: bool,
) -> Result<Exit, CliError> {
    if let Some(problem) = context.config.unread_cap.as_ref().filter(|_| !args.elsewhere.estimate) {
        return Err(CliError::new(
            Exit::Config,
            format!(
                "the dream was not started: {problem}. Nothing was sent; mend it, `wakeful doctor` shows how"
            ),
        ));
    }
    let desk = Desk::open(context)?;
    let named = args.of.wanted().next().is_some();
    // Without a name: every agent for which the platform can dream.
    let agents: Vec<Agent> = agents
        .into_iter()
        .filter(|agent| named || (agent.source == SourceKind::Platform && !agent.memory_at.is_empty()))
        .collect();
    if agents.is_empty() {
        writeln!(
            context.err,
            "No agent on the platform has sessions to read; `wakeful sync` looks for new ones."
        )?;
    }
    let own = words(&args.elsewhere)?;
    let mut exit = Exit::Done;
    let mut plans: Vec<(Agent, Plan)> = Vec::new();
    for agent in agents {
        let wish = Wish {
            window: Window {
                last: args.last.unwrap_or_else(|| context.config.lookback_of(&agent)),
                since: args.since,
                until: args.until,
                segment: args.segment.clone(),
            },
            model: args.elsewhere.model.clone().unwrap_or_else(|| context.config.model.value.clone()),
            instructions: own.clone(),
            share: args.balance.or(*context.config.max_share),
            tell_rejections: !args.elsewhere.no_rejections,
        };
        if let Some(text) = dream::no_such_segment(&desk.reader, &agent, &wish.window)? {
            writeln!(context.err, "wakeful: {}: {text}", line(&agent.name))?;
            exit = Exit::Usage;
            continue;
        }
        let caps = Caps { pass: *context.config.max_cost, month: *context.config.max_cost_month };
        match desk.far(&agent).and_then(|far| platform::plan(&far, &agent, &wish, caps)) {
            Ok(plan) => plans.push((agent, plan)),
            Err(error) => exit = complain(context, &agent, error)?,
        }
    }
    let elsewhere = &args.elsewhere;
    if elsewhere.estimate {
        show(context, args, &plans)?;
        if unread && exit == Exit::Done {
            writeln!(
                context.err,
                "wakeful: the platform could not be read, so this is over what was read before; --no-sync asks \
                 for just that"
            )?;
            exit = Exit::NoAccess;
        }
        return Ok(exit);
    }
    if plans.is_empty() || !agreed(context, args, &plans)? {
        return Ok(exit);
    }
    let over_cap =
        elsewhere.over_cap || std::env::var_os("WAKEFUL_OVER_CAP").is_some_and(|value| value == "1");
    let mut started: Vec<DreamId> = Vec::new();
    for (agent, plan) in &plans {
        match desk.far(agent).and_then(|far| platform::start(&far, agent, plan, over_cap)) {
            Ok(new) => {
                tracing::info!(agent = %agent.id, dreams = new.len(), "dreams started on the platform");
                if !args.output.json {
                    for dream in &new {
                        let follow = format!("`wakeful dream watch {}` follows it", line(dream.as_str()));
                        let follow = context.again.complete(&follow);
                        writeln!(
                            context.out,
                            "{}: started {}; {follow}",
                            line(&agent.name),
                            line(dream.as_str())
                        )?;
                    }
                }
                started.extend(new);
            }
            Err(error) => exit = complain(context, agent, error)?,
        }
    }
    if args.output.json {
        dream::print_rows(context, &desk.reader, |dream| started.contains(&dream.id))?;
    }
    Ok(exit)
}

/// The user's own words; `-` reads them from the input.
fn words(elsewhere: &Elsewhere) -> Result<Option<String>, CliError> {
    match elsewhere.instructions.as_deref() {
        Some("-") => {
            let mut text = String::new();
            io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
            Ok(Some(text))
        }
        other => Ok(other.map(str::to_owned)),
    }
}

fn complain(context: &mut Context<'_>, agent: &Agent, error: SyncError) -> Result<Exit, CliError> {
    let error = CliError::from(error);
    let text = context.again.complete(&error.to_string());
    writeln!(context.err, "wakeful: {}: {text}", line(&agent.name))?;
    Ok(error.exit)
}

fn show(context: &mut Context<'_>, args: &DreamRun, plans: &[(Agent, Plan)]) -> Result<(), CliError> {
    if args.output.json {
        let rows = plans.iter().map(|(agent, plan)| PlannedDream::new(agent, plan)).collect();
        json::print(context.out, &DreamPlans::new(rows))?;
        return Ok(());
    }
    for (agent, plan) in plans {
        say(context.out, agent, plan)?;
    }
    Ok(())
}

fn say(out: &mut dyn io::Write, agent: &Agent, plan: &Plan) -> io::Result<()> {
    let sessions: usize = plan.parts.iter().map(|part| part.sessions.len()).sum();
    let dreams =
        if plan.parts.len() == 1 { String::new() } else { format!(" in {} dreams", plan.parts.len()) };
    writeln!(
        out,
        "{}: {} on {}{dreams}, {} left out",
        line(&agent.name),
        count(sessions as u64, "session"),
        line(&plan.model),
        plan.excluded.len()
    )?;
    let tokens = plan.total.tokens;
    let money = match (&plan.total.money, &plan.total.prices) {
        (Some(money), Some(date)) => format!("{money} (prices of {})", line(date)),
        (Some(money), None) => money.to_string(),
        (None, _) => "price unknown".to_owned(),
    };
    writeln!(
        out,
        "  about {} to {} tokens, {money}; this month so far, all agents: {}",
        tokens.low, tokens.high, plan.spent
    )?;
    if !plan.spent_by_others.is_nothing() {
        writeln!(out, "  dreams of others this month: {}, which no cap counts", plan.spent_by_others)?;
    }
    for remark in &plan.remarks {
        writeln!(out, "  {}", line(remark))?;
    }
    if let Some(over) = &plan.over {
        writeln!(out, "  ! {over}")?;
    }
    Ok(())
}

/// Whether a person agreed, with a flag or when asked. Nothing is started where nobody can be asked.
fn agreed(context: &mut Context<'_>, args: &DreamRun, plans: &[(Agent, Plan)]) -> Result<bool, CliError> {
    if args.elsewhere.yes {
        return Ok(true);
    }
    if !(context.terminal.input && context.terminal.output) || args.output.json {
        return Err(CliError::usage(
            "starting a dream on the platform costs money and nobody can be asked here; look with --estimate, \
             then say --yes. Nothing was sent",
        ));
    }
    for (agent, plan) in plans {
        say(context.out, agent, plan)?;
    }
    let dreams: usize = plans.iter().map(|(_, plan)| plan.parts.len()).sum();
    write!(context.out, "Start {}? Type yes: ", count(dreams as u64, "dream"))?;
    context.out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "yes" | "y"))
}

/// Whether a dream is over and what came of it is in the cache: there is nothing to ask the platform.
fn is_settled(dream: &Dream) -> bool {
    let harvested = dream.remote.as_ref().is_none_or(|remote| remote.harvested);
    dream.status.is_final() && (dream.status != DreamStatus::Completed || harvested)
}

/// Follows a dream to its end, with its steps.
///
/// # Errors
/// When there is no such dream, or the platform can't be read.
pub fn watch(context: &mut Context<'_>, args: &DreamWatch) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let id = chosen(&desk, args.dream.as_deref())?;
    let dream = found(&desk, &id)?;
    let agent = desk.agent_of(&dream)?;
    let far = desk.far(&agent)?;
    let stop = interrupt::on_ctrl_c();
    let mut ticker = |pass: &mut dyn FnMut(Duration)| wait(&stop, pass);
    let quiet = args.output.json;
    let mut failed: Option<io::Error> = None;
    let out = &mut *context.out;
    let err = &mut *context.err;
    let mut last = String::new();
    let mut told = |told: &Told<'_>| {
        let mut print = || -> io::Result<()> {
            match told {
                Told::Seen { dream, steps } if !quiet => {
                    for step in *steps {
                        let at = step.at.map(|at| at.strftime("%H:%M:%S ").to_string()).unwrap_or_default();
                        writeln!(out, "  {at}{}", step.text)?;
                    }
                    let now = standing(dream);
                    if now != last {
                        writeln!(out, "{now}")?;
                        last = now;
                    }
                }
                Told::Seen { .. } => {}
                Told::Trouble(error) => writeln!(err, "wakeful: {error}; looking again")?,
            }
            Ok(())
        };
        if let Err(error) = print() {
            failed.get_or_insert(error);
        }
    };
    let meter = Meter::about(context.terminal.error, &agent.name);
    let progress = |progress| meter.tell(&progress);
    let done = if is_settled(&dream) {
        Ok(dream)
    } else {
        // Without a connection it ends here; one that breaks later is looked over, as the dream goes on.
        let first = platform::look(&far, &id, &mut Seen::default());
        first.and_then(|_| platform::watch(&far, &id, &mut ticker, &mut told, &progress, &stop))
    };
    meter.finish();
    let mut done = done?;
    if args.partial && matches!(done.status, DreamStatus::Failed | DreamStatus::Canceled) {
        done = platform::fetch(&far, &id, &|progress| meter.tell(&progress), &stop)?;
        meter.finish();
    }
    if let Some(error) = failed {
        return Err(error.into());
    }
    if args.output.json {
        dream::print_shown(context, &desk.reader, &done)?;
    } else {
        ended(context, &desk.reader, &done)?;
    }
    Ok(match done.status {
        DreamStatus::Failed | DreamStatus::Canceled => Exit::Failed,
        DreamStatus::Pending | DreamStatus::Running | DreamStatus::Completed => Exit::Done,
    })
}

fn ended(context: &mut Context<'_>, reader: &Reader, done: &Dream) -> Result<(), CliError> {
    if let Some(error) = &done.error {
        writeln!(context.out, "{}", line(error))?;
    }
    match done.status {
        DreamStatus::Completed => dream::summary(context, reader, &done.id)?,
        DreamStatus::Pending | DreamStatus::Running => {
            writeln!(context.out, "It goes on without being watched; a sync picks up its result.")?;
        }
        DreamStatus::Failed | DreamStatus::Canceled => match &done.remote {
            Some(remote) if remote.harvested => dream::summary(context, reader, &done.id)?,
            Some(remote) if remote.output_store.is_some() => writeln!(
                context.out,
                "It wrote part of its output before it ended; `wakeful dream watch {} --partial` makes lessons of that.",
                line(done.id.as_str())
            )?,
            _ => writeln!(context.out, "It wrote nothing; the memory it read is as it was.")?,
        },
    }
    Ok(())
}

/// Where a dream stands, in one line.
fn standing(dream: &Dream) -> String {
    let tokens = dream.usage.map(|usage| format!(", {} tokens", usage.total())).unwrap_or_default();
    let cost = dream.cost.map(|cost| format!(", {cost}")).unwrap_or_default();
    let expected = dream.estimate.as_ref().and_then(|estimate| estimate.money);
    let expected = expected.map(|money| format!(" (estimated {money})")).unwrap_or_default();
    format!("{} is {}{tokens}{cost}{expected}", line(dream.id.as_str()), dream.status.as_str())
}

/// Stops a dream.
///
/// # Errors
/// When there is no such dream, it is over, or the platform can't be reached.
pub fn cancel(context: &mut Context<'_>, args: &DreamCancel) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let id = chosen(&desk, Some(&args.dream))?;
    let agent = desk.agent_of(&found(&desk, &id)?)?;
    let stopped = platform::cancel(&desk.far(&agent)?, &id)?;
    if args.output.json {
        dream::print_shown(context, &desk.reader, &stopped)?;
    } else {
        writeln!(
            context.out,
            "{}. What it wrote so far stays in its own store; the memory it read is as it was.",
            standing(&stopped)
        )?;
    }
    Ok(Exit::Done)
}

/// The dream that was named; without a name the newest on the platform that is still at work.
fn chosen(desk: &Desk, wanted: Option<&str>) -> Result<DreamId, CliError> {
    let dreams = desk.reader.dreams(None)?;
    if let Some(wanted) = wanted {
        return Ok(select::dream(&dreams, wanted)?.id.clone());
    }
    let running = dreams.iter().find(|dream| dream.remote.is_some() && !dream.status.is_final());
    running.map(|dream| dream.id.clone()).ok_or_else(|| {
        CliError::usage("no dream on the platform is at work; `wakeful dream list` shows those that were")
    })
}

fn found(desk: &Desk, id: &DreamId) -> Result<Dream, CliError> {
    desk.reader.dream(id)?.ok_or_else(|| CliError::usage("there is no such dream any more"))
}

/// Waits for the next look; Ctrl-C ends it.
fn wait(stop: &AtomicBool, pass: &mut dyn FnMut(Duration)) -> bool {
    let step = Duration::from_millis(100);
    let mut left = LOOK;
    while left > Duration::ZERO {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        pass(step);
        left = left.saturating_sub(step);
    }
    true
}
