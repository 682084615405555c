//! `wakeful dream`: runs passes and shows past ones.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::super::args::{Dream as Command, DreamList, DreamRun, DreamShow, Engine, Output};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::interrupt;
use super::super::json::{self, DreamRow, Dreams, LessonRow, Names, ShownDream};
use super::super::output::{columns, count, line, minute, short};
use super::super::progress::Meter;
use super::super::select;
use super::apply::Desk;
use super::sync::pull;
use super::{far, leftover, lessons};
use crate::app::tally::Tally;
use crate::domain::agent::{Agent, Mode};
use crate::domain::dream::{Dream, DreamStatus, Window};
use crate::domain::ids::DreamId;
use crate::domain::lesson::Lesson;
use crate::dream::Parameters;
use crate::store::{LessonQuery, Reader};
use crate::sync::dream::Reading;
use crate::sync::{self, SyncError, auto};

/// Runs the command.
pub fn run(context: &mut Context<'_>, command: &Command) -> Result<Exit, CliError> {
    match command {
        Command::Run(args) => passes(context, args),
        Command::List(args) => list(context, args),
        Command::Show(args) => show(context, args),
        Command::Watch(args) => far::watch(context, args),
        Command::Cancel(args) => far::cancel(context, args),
        Command::Adopt(args) => leftover::adopt(context, args),
        Command::Discard(args) => leftover::discard(context, args),
    }
}

fn passes(context: &mut Context<'_>, args: &DreamRun) -> Result<Exit, CliError> {
    // The platform's path asks questions, at which Ctrl-C has to end the program as ever.
    let stop = if args.engine == Engine::Offline { interrupt::on_ctrl_c() } else { Arc::default() };
    let mut unread = false;
    if !args.no_sync {
        let store = context.store()?;
        let report = pull(context, &store, &stop)?;
        unread = report.is_failure();
        for problem in report.problems {
            writeln!(context.err, "wakeful: {}", line(&problem))?;
        }
    }
    let desk = Desk::open(context)?;
    let agents = wanted(context, &desk.reader, args)?;
    if desk.reader.agents()?.is_empty() {
        // Nothing is wrong with the configuration where the places in it could not be read.
        return Err(if unread { nothing_read() } else { context.no_agents() });
    }
    if agents.is_empty() {
        let what = if args.due { "No dream is due." } else { "No agent has sessions to read." };
        writeln!(context.err, "{what}")?;
    }
    let named: Vec<&str> = args.of.wanted().collect();
    if let [only] = named.as_slice() {
        context.again.with_agent(Some(only));
    }
    if args.engine == Engine::Platform {
        return far::start(context, args, agents, unread);
    }
    let mut exit = Exit::Done;
    let mut done = Vec::new();
    for agent in agents {
        let window = Window {
            last: args.last.unwrap_or_else(|| context.config.lookback_of(&agent)),
            since: args.since,
            until: args.until,
            segment: args.segment.clone(),
        };
        if let Some(text) = no_such_segment(&desk.reader, &agent, &window)? {
            writeln!(context.err, "wakeful: {}: {text}", line(&agent.name))?;
            exit = Exit::Usage;
            continue;
        }
        let reading = if args.no_sync { Reading::Cached } else { Reading::Asking };
        match pass(context, &desk, &agent, &window, reading, args.balance, &stop) {
            Ok(id) => {
                if !args.output.json {
                    summary(context, &desk.reader, &id)?;
                }
                if let Err(error) = by_itself(context, &desk, &agent, &id, args.output) {
                    let text = context.again.complete(&error.to_string());
                    writeln!(context.err, "wakeful: {}: {text}", line(&agent.name))?;
                    exit = error.exit;
                }
                done.push(id);
            }
            // One agent's trouble is not the others'; a stop is meant for all.
            Err(error) => {
                let stopped = matches!(error, SyncError::Canceled);
                let error = CliError::from(error);
                let text = context.again.complete(&error.to_string());
                writeln!(context.err, "wakeful: {}: {text}", line(&agent.name))?;
                exit = error.exit;
                if stopped {
                    break;
                }
            }
        }
    }
    if !done.is_empty() {
        for_shared(context, &desk, &mut done, args.output)?;
    }
    if args.output.json {
        print_rows(context, &desk.reader, |dream| done.contains(&dream.id))?;
    }
    Ok(exit)
}

/// Offers for shared memory what the passes found alike for several agents.
fn for_shared(
    context: &mut Context<'_>,
    desk: &Desk,
    done: &mut Vec<DreamId>,
    output: Output,
) -> Result<(), CliError> {
    let offered = desk.offer_shared()?;
    if let Some(id) = offered {
        if !output.json {
            summary(context, &desk.reader, &id)?;
        }
        done.push(id);
    }
    Ok(())
}

/// What there is instead of a segment that no session of the agent is of.
///
/// # Errors
/// When the cache can't be read.
pub fn no_such_segment(reader: &Reader, agent: &Agent, window: &Window) -> Result<Option<String>, CliError> {
    let Some(wanted) = &window.segment else { return Ok(None) };
    let sessions = reader.all_sessions(&agent.id)?;
    let known: BTreeSet<&str> = sessions.iter().filter_map(|session| session.segment.as_deref()).collect();
    if known.contains(wanted.as_str()) {
        return Ok(None);
    }
    let known: Vec<String> = known.into_iter().map(line).collect();
    let instead = if known.is_empty() {
        "its sessions have none".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    Ok(Some(format!("no session is of the segment {}; {instead}. No dream was run", line(wanted))))
}

/// Runs one pass with progress on the error output.
///
/// # Errors
/// As the pass says.
pub fn pass(
    context: &Context<'_>,
    desk: &Desk,
    agent: &Agent,
    window: &Window,
    reading: Reading,
    balance: Option<u32>,
    stop: &AtomicBool,
) -> Result<DreamId, SyncError> {
    let meter = Meter::about(context.terminal.error, &agent.name);
    tracing::info!(agent = %agent.id, last = window.last, "a dream begins");
    let most_of_one = balance.or(*context.config.max_share);
    let parameters = Parameters { most_of_one, ..Parameters::under(context.config.rules_of(agent)) };
    let result = desk.with(agent, |sync| {
        sync::dream::run(sync, window, &parameters, reading, &|progress| meter.tell(&progress), stop)
    });
    meter.finish();
    match &result {
        Ok(dream) => tracing::info!(agent = %agent.id, %dream, "a dream ended"),
        Err(error) => tracing::warn!(agent = %agent.id, %error, "a dream failed"),
    }
    result
}

/// Why there are no agents after a sync that failed.
fn nothing_read() -> CliError {
    CliError::new(
        Exit::NoAccess,
        "no agent could be read, and none was read before. Nothing was started or changed; put the cause above \
         right and try again, `wakeful doctor` helps to find it",
    )
}

/// Writes what the agent's mode lets go in without a person, and says so.
fn by_itself(
    context: &mut Context<'_>,
    desk: &Desk,
    agent: &Agent,
    dream: &DreamId,
    output: Output,
) -> Result<(), CliError> {
    let threshold = *context.config.threshold;
    let meter = Meter::new(context.terminal.error);
    let outcome =
        desk.with(agent, |sync| auto::run(sync, dream, threshold, &|progress| meter.tell(&progress)));
    meter.finish();
    let mut lines = Vec::new();
    match outcome? {
        auto::Outcome::Nothing => {}
        auto::Outcome::Waits(reason) => {
            lines.push(format!("  nothing was applied by itself, it all waits for you: {}", line(&reason)));
        }
        auto::Outcome::Applied(applied) => {
            let apply = applied.apply.as_ref().map(ToString::to_string).unwrap_or_default();
            tracing::info!(agent = %agent.id, %apply, "applied by itself");
            let lessons = count(applied.lessons.len() as u64, "lesson");
            let back = format!("`wakeful undo {apply}` undoes it.");
            let itself = if applied.lessons.len() == 1 { "itself" } else { "themselves" };
            let text = format!("  {lessons} applied by {itself} (mode auto). {back}");
            lines.push(context.again.complete(&text));
            for id in &applied.lessons {
                let statement = desk.reader.lesson(id)?.map(|lesson| line(&lesson.statement));
                lines.push(format!("    {}  {}", short(id.as_str()), statement.unwrap_or_default()));
            }
        }
    }
    for text in lines {
        // The one JSON object on the output stays alone there.
        writeln!(if output.json { &mut *context.err } else { &mut *context.out }, "{text}")?;
    }
    Ok(())
}

/// Agents that were named, or all that have sessions.
fn wanted(context: &Context<'_>, reader: &Reader, args: &DreamRun) -> Result<Vec<Agent>, CliError> {
    let agents = reader.agents()?;
    let mut chosen: Vec<Agent> = Vec::new();
    if args.of.wanted().next().is_none() {
        for status in reader.status(0)?.agents {
            if status.sessions > 0 {
                chosen.push(status.agent);
            }
        }
    }
    for wanted in args.of.wanted() {
        let agent = select::agent(&agents, wanted)?;
        if !chosen.contains(agent) {
            chosen.push(agent.clone());
        }
    }
    if args.due {
        let now = context.clock.now();
        let mut due = Vec::new();
        for agent in chosen {
            let last = reader.dreams(Some(&agent.id))?.into_iter().map(|dream| dream.started).max();
            let hours = i64::from(context.config.every_hours_of(&agent));
            let old = last.is_none_or(|last| now.as_second() - last.as_second() >= hours * 3_600);
            if old && agent.mode != Mode::Off {
                due.push(agent);
            }
        }
        chosen = due;
    }
    Ok(chosen)
}

fn lessons_of(reader: &Reader, dream: &DreamId) -> Result<Vec<Lesson>, CliError> {
    Ok(reader.lessons(&LessonQuery { dream: Some(dream.clone()), ..LessonQuery::default() })?)
}

fn rows(reader: &Reader, fits: impl Fn(&Dream) -> bool, limit: usize) -> Result<Vec<DreamRow>, CliError> {
    let dreams = reader.dreams(None)?;
    let names = Names::new(reader.agents()?, &dreams);
    dreams
        .iter()
        .filter(|dream| fits(dream))
        .take(limit)
        .map(|dream| Ok(DreamRow::new(dream, &names, &lessons_of(reader, &dream.id)?)))
        .collect()
}

/// Prints passes as JSON.
///
/// # Errors
/// When the output is closed or the cache can't be read.
pub fn print_rows(
    context: &mut Context<'_>,
    reader: &Reader,
    fits: impl Fn(&Dream) -> bool,
) -> Result<(), CliError> {
    let rows = rows(reader, fits, usize::MAX)?;
    Ok(json::print(context.out, &Dreams::new(rows))?)
}

/// Prints one pass with its lessons as JSON.
///
/// # Errors
/// When the output is closed or the cache can't be read.
pub fn print_shown(context: &mut Context<'_>, reader: &Reader, dream: &Dream) -> Result<(), CliError> {
    let found = lessons_of(reader, &dream.id)?;
    let names = Names::new(reader.agents()?, &reader.dreams(None)?);
    let row = DreamRow::new(dream, &names, &found);
    let lessons = found.iter().map(|lesson| LessonRow::new(lesson, &names, None)).collect();
    Ok(json::print(context.out, &ShownDream::new(dream, row, lessons))?)
}

/// What a finished pass read and found, in a few lines.
///
/// # Errors
/// When the output is closed or the cache can't be read.
pub fn summary(context: &mut Context<'_>, reader: &Reader, id: &DreamId) -> Result<(), CliError> {
    let Some(dream) = reader.dream(id)? else { return Ok(()) };
    let names = Names::new(reader.agents()?, &[]);
    let lessons = lessons_of(reader, id)?;
    // The same numbers in the same words as in the console and in `status`.
    let threshold = crate::run::world::threshold(reader, *context.config.threshold)?;
    let tally = Tally::of(&lessons, threshold);
    let below = match tally.below {
        0 => String::new(),
        below => format!(", {below} below {threshold} examples"),
    };
    let firmness = tally.firmness(" · ");
    writeln!(
        context.out,
        "{}: {}{}, {} to review{below} ({})",
        line(names.agent(&dream.agent)),
        count(u64::from(tally.all()), "lesson"),
        if firmness.is_empty() { String::new() } else { format!(" ({firmness})") },
        tally.to_review,
        short(id.as_str())
    )?;
    if let Some(origin) = dream.fitted() {
        writeln!(
            context.out,
            "  a conflict of {} made to fit by hand: its examples are of that dream, and nothing was read or run for this",
            short(origin.as_str())
        )?;
    }
    if let Some(manifest) = dream.manifest.as_ref().filter(|manifest| manifest.fitted.is_none()) {
        let mut text = format!(
            "  read {}, left out {}",
            count(manifest.read.len() as u64, "session"),
            manifest.excluded.len()
        );
        if let Some(noise) = manifest.noise {
            text.push_str(&format!(
                "; {noise:.2} false lessons on average on {} shuffled copies",
                manifest.noise_copies
            ));
        }
        writeln!(context.out, "{text}")?;
        for remark in &manifest.remarks {
            writeln!(context.out, "  {}", line(remark))?;
        }
        if let Some(before) = same_sessions(reader, &dream)? {
            writeln!(
                context.out,
                "  no session is new or changed since the dream of {}",
                minute(before.started)
            )?;
        }
    }
    Ok(())
}

/// The pass before this one, if it read the very same sessions in the same state.
fn same_sessions(reader: &Reader, dream: &Dream) -> Result<Option<Dream>, CliError> {
    let corpus = |dream: &Dream| {
        let manifest = dream.manifest.as_ref().filter(|manifest| !manifest.read.is_empty());
        manifest.map(|manifest| manifest.corpus.clone())
    };
    let before = reader.dreams(Some(&dream.agent))?.into_iter().find(|other| {
        other.engine == dream.engine
            && other.started < dream.started
            && other.status == DreamStatus::Completed
    });
    Ok(before.filter(|before| corpus(before).is_some() && corpus(before) == corpus(dream)))
}

fn list(context: &mut Context<'_>, args: &DreamList) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let agent = match args.of.wanted() {
        Some(wanted) => Some(select::agent(&reader.agents()?, wanted)?.id.clone()),
        None => None,
    };
    let fits = |dream: &Dream| agent.as_ref().is_none_or(|agent| dream.agent == *agent);
    if args.output.json {
        json::print(context.out, &Dreams::new(rows(&reader, fits, args.limit)?))?;
        return Ok(Exit::Done);
    }
    let dreams: Vec<Dream> = reader.dreams(None)?.into_iter().filter(fits).take(args.limit).collect();
    let names = Names::new(reader.agents()?, &[]);
    if dreams.is_empty() {
        let text = context.again.complete("No dream was run yet; `wakeful dream run` runs one.");
        writeln!(context.out, "{text}")?;
    }
    let proposed = reader.proposed()?;
    let mut table = Vec::new();
    for dream in &dreams {
        let given = dream.remote.as_ref().map_or(0, |remote| remote.sessions.len());
        let read = dream.manifest.as_ref().map_or(given, |manifest| manifest.read.len()) as u64;
        table.push(vec![
            short(dream.id.as_str()).to_owned(),
            minute(dream.started),
            line(names.agent(&dream.agent)),
            dream.status.as_str().to_owned(),
            if dream.fitted().is_some() { "by hand".to_owned() } else { count(read, "session") },
            outcome(proposed.get(&dream.id).copied(), &lessons_of(&reader, &dream.id)?),
            price(dream),
            dream.error.as_deref().map(line).unwrap_or_default(),
        ]);
    }
    columns(context.out, 0, &table)?;
    Ok(Exit::Done)
}

fn show(context: &mut Context<'_>, args: &DreamShow) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let dreams = reader.dreams(None)?;
    let dream = match &args.dream {
        Some(wanted) => select::dream(&dreams, wanted)?,
        None => dreams
            .first()
            .ok_or_else(|| CliError::usage("no dream was run yet; `wakeful dream run` runs one"))?,
    };
    let mut found = lessons_of(&reader, &dream.id)?;
    let agents = reader.agents()?;
    lessons::in_order(&mut found, &agents, &dreams);
    let names = Names::new(agents, &dreams);
    if args.output.json {
        print_shown(context, &reader, dream)?;
        return Ok(Exit::Done);
    }
    writeln!(
        context.out,
        "{}  {}  {} by {}, {}",
        short(dream.id.as_str()),
        minute(dream.started),
        line(names.agent(&dream.agent)),
        if dream.fitted().is_some() { "hand" } else { dream.engine.as_str() },
        dream.status.as_str()
    )?;
    if let Some(error) = &dream.error {
        writeln!(context.out, "{}", line(error))?;
    }
    elsewhere(context, dream)?;
    summary(context, &reader, &dream.id)?;
    if let Some(manifest) = &dream.manifest {
        for excluded in &manifest.excluded {
            writeln!(
                context.out,
                "  left out {}: {}",
                line(excluded.session.as_str()),
                line(&excluded.reason)
            )?;
        }
    }
    columns(context.out, 2, &found.iter().map(lessons::row).collect::<Vec<_>>())?;
    Ok(Exit::Done)
}

/// How many lessons a pass proposed, and whether a later one took them all over.
fn outcome(proposed: Option<u64>, here: &[Lesson]) -> String {
    let proposed = proposed.unwrap_or(here.len() as u64);
    let lessons = count(proposed, "lesson");
    let waits = here.iter().any(|lesson| lesson.state.is_undecided());
    if proposed == 0 || waits { lessons } else { format!("{lessons}, none waiting here now") }
}

/// What a dream cost, or is expected to; empty for one that costs nothing.
fn price(dream: &Dream) -> String {
    let expected = dream.estimate.as_ref().map(|estimate| match estimate.money {
        Some(money) => format!("estimated {money}"),
        None => "price unknown".to_owned(),
    });
    dream.cost.map(|cost| cost.to_string()).or(expected).unwrap_or_default()
}

/// What only dreams on the platform have to say.
fn elsewhere(context: &mut Context<'_>, dream: &Dream) -> Result<(), CliError> {
    let Some(remote) = &dream.remote else { return Ok(()) };
    let model = dream.model.as_deref().map_or_else(|| "an unknown model".to_owned(), line);
    let who = if remote.ours { "started here" } else { "started elsewhere" };
    writeln!(context.out, "  {} on {model}, {who}; {}", line(&remote.id), line(&remote.words()))?;
    if let Some(usage) = dream.usage {
        writeln!(
            context.out,
            "  {} tokens in, {} out, {} from the cache, {} into it",
            usage.input, usage.output, usage.cache_read, usage.cache_write
        )?;
    }
    let expected = dream.estimate.as_ref().and_then(|estimate| estimate.money);
    match (dream.cost, expected) {
        (Some(cost), Some(money)) => writeln!(context.out, "  cost {cost}, estimated {money}")?,
        (Some(cost), None) => writeln!(context.out, "  cost {cost}")?,
        (None, Some(money)) => writeln!(context.out, "  estimated {money}")?,
        (None, None) => writeln!(context.out, "  price unknown")?,
    }
    Ok(())
}
