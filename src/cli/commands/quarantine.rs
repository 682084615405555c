//! `wakeful quarantine`: shows everything that came from a session, asks, takes it back, and never counts
//! the session again.

use std::io::{self, BufRead};

use serde::Serialize;

use super::super::args::Quarantine;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json;
use super::super::output::{count, line, short};
use super::super::select;
use super::apply::Desk;
use crate::domain::agent::Agent;
use crate::domain::ids::{LessonId, SessionId};
use crate::domain::lifecycle::State;
use crate::sync::quarantine::{self, Fallen, Touched};

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    session: String,
    agent: String,
    dry_run: bool,
    lifted: bool,
    /// Lessons that wait for review again after lifting.
    reopened: usize,
    lessons: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    lesson: String,
    statement: String,
    state: State,
    /// Documents of the memory it is in.
    documents: Vec<String>,
    /// Supporting sessions besides.
    others: u32,
    falls: bool,
    /// Why it is still in the memory.
    left: Option<String>,
}

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Quarantine) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let (agent, session) = find(&desk, args)?;
    if args.lift {
        return lift(context, &desk, &agent, &session, args);
    }
    // What came from it may be in the memory that agents share, too.
    let mut holders = vec![(agent.clone(), session.clone())];
    holders.extend(quarantine::in_shared(&desk.reader, &agent.id, &session)?);
    let mut touched = Vec::new();
    for (agent, session) in &holders {
        touched.extend(desk.with(agent, |sync| Ok(quarantine::look(sync, session, args.all)?))?);
    }
    // Where nobody is asked, it is told once it is done, as done.
    if !args.output.json && (args.dry_run || !args.yes) {
        list(context, &agent, &session, &touched, false)?;
    }
    let mut fallen = Vec::new();
    if !args.dry_run {
        if !args.yes {
            if args.output.json || !(context.terminal.input && context.terminal.output) {
                return Err(CliError::usage(
                    "nothing was done: there is nobody to ask here. See what would fall with \
                     `wakeful quarantine SESSION --dry-run`, then say `--yes`",
                ));
            }
            write!(context.out, "Put it in quarantine [y/N]? ")?;
            context.out.flush()?;
            let mut answer = String::new();
            io::stdin().lock().read_line(&mut answer)?;
            if !matches!(answer.trim(), "y" | "Y" | "yes") {
                writeln!(context.out, "Nothing was done.")?;
                return Ok(Exit::Done);
            }
        }
        for (agent, session) in &holders {
            let own = touched.iter().filter(|touched| touched.falls && touched.lesson.agent == agent.id);
            let falling: Vec<LessonId> = own.map(|touched| touched.lesson.id.clone()).collect();
            fallen.extend(desk.with(agent, |sync| quarantine::run(sync, session, &falling))?);
        }
    }
    let left = fallen.iter().filter(|fallen| fallen.left.is_some()).count();
    if args.output.json {
        let row = |touched: &Touched| row(touched, &fallen);
        let lessons = touched.iter().map(row).collect();
        json::print(context.out, &report(&agent, &session, args.dry_run, lessons))?;
    } else if !args.dry_run {
        if args.yes {
            list(context, &agent, &session, &touched, true)?;
        }
        say(context, &session, &fallen, touched.len())?;
        say_documents(context, &touched, &fallen)?;
    }
    Ok(if left > 0 { Exit::Conflict } else { Exit::Done })
}

fn report(agent: &Agent, session: &SessionId, dry_run: bool, lessons: Vec<Row>) -> Report {
    Report {
        schema: "wakeful.quarantine/1",
        session: session.to_string(),
        agent: agent.name.clone(),
        dry_run,
        lifted: false,
        reopened: 0,
        lessons,
    }
}

fn row(touched: &Touched, fallen: &[Fallen]) -> Row {
    let Touched { lesson, others, falls } = touched;
    let is_in_memory = lesson.state == State::Applied;
    let documents = lesson.documents.iter().filter(|_| is_in_memory);
    Row {
        lesson: lesson.id.to_string(),
        statement: lesson.statement.clone(),
        state: lesson.state,
        documents: documents.map(|document| document.path.to_string()).collect(),
        others: *others,
        falls: *falls,
        left: fallen.iter().find(|fallen| fallen.lesson == lesson.id).and_then(|fallen| fallen.left.clone()),
    }
}

/// What came from the session, what falls with it first.
fn list(
    context: &mut Context<'_>,
    agent: &Agent,
    session: &SessionId,
    touched: &[Touched],
    done: bool,
) -> Result<(), CliError> {
    writeln!(
        context.out,
        "Session {} of {}: {} with evidence from it.",
        line(session.as_str()),
        line(&agent.name),
        count(touched.len() as u64, "lesson")
    )?;
    for falls in [true, false] {
        let some: Vec<&Touched> = touched.iter().filter(|touched| touched.falls == falls).collect();
        if some.is_empty() {
            continue;
        }
        let title = match (falls, done) {
            (true, false) => "Would be rejected, and taken out of the memory:",
            (true, true) => "Rejected, and taken out of the memory:",
            (false, false) => "Would stay:",
            (false, true) => "Stays:",
        };
        writeln!(context.out, "{title}")?;
        for Touched { lesson, others, .. } in some {
            let place = match lesson.state {
                State::Applied => {
                    let paths: Vec<String> =
                        lesson.documents.iter().map(|document| line(document.path.as_str())).collect();
                    format!("in {}", paths.join(", "))
                }
                state => state.as_str().to_owned(),
            };
            writeln!(
                context.out,
                "  {}  {place}, {} besides: {}",
                short(lesson.id.as_str()),
                count(u64::from(*others), "session"),
                line(&lesson.statement)
            )?;
        }
    }
    Ok(())
}

/// Which documents were written: what was taken out of them is looked for there.
fn say_documents(context: &mut Context<'_>, touched: &[Touched], fallen: &[Fallen]) -> io::Result<()> {
    let out = |lesson: &LessonId| fallen.iter().any(|one| one.lesson == *lesson && one.left.is_none());
    let lessons = touched.iter().map(|touched| &touched.lesson);
    let written = lessons.filter(|lesson| lesson.state == State::Applied && out(&lesson.id));
    let mut paths: Vec<String> = written
        .flat_map(|lesson| lesson.documents.iter().map(|document| line(document.path.as_str())))
        .collect();
    paths.sort_unstable();
    paths.dedup();
    if paths.is_empty() {
        return Ok(());
    }
    writeln!(context.out, "Written: {}.", paths.join(", "))
}

/// What was done.
fn say(
    context: &mut Context<'_>,
    session: &SessionId,
    fallen: &[Fallen],
    touched: usize,
) -> Result<(), CliError> {
    for Fallen { lesson, left } in fallen {
        if let Some(reason) = left {
            writeln!(context.out, "{} stays in the memory: {}", short(lesson.as_str()), line(reason))?;
        }
    }
    let gone = fallen.iter().filter(|fallen| fallen.left.is_none()).count();
    writeln!(
        context.out,
        "{} is in quarantine and counts for nothing; {} rejected. `wakeful quarantine {0} --lift` turns it back.",
        line(session.as_str()),
        count(gone as u64, "lesson")
    )?;
    if touched > fallen.len() {
        writeln!(
            context.out,
            "{} without it from now on; `wakeful dream run` also asks anew whether it holds.",
            match touched - fallen.len() {
                1 => "The lesson that stays is counted".to_owned(),
                more => format!("The {more} lessons that stay are counted"),
            }
        )?;
    }
    Ok(())
}

fn lift(
    context: &mut Context<'_>,
    desk: &Desk,
    agent: &Agent,
    session: &SessionId,
    args: &Quarantine,
) -> Result<Exit, CliError> {
    if !desk.reader.quarantined(&agent.id)?.contains(session) {
        return Err(CliError::usage(format!("{} is not in quarantine", line(session.as_str()))));
    }
    let mut reopened = desk.with(agent, |sync| quarantine::lift(sync, session))?;
    if let Some((memory, named)) = quarantine::in_shared(&desk.reader, &agent.id, session)? {
        reopened += desk.with(&memory, |sync| quarantine::lift(sync, &named))?;
    }
    if args.output.json {
        let report = Report { lifted: true, reopened, ..report(agent, session, false, Vec::new()) };
        json::print(context.out, &report)?;
    } else {
        writeln!(
            context.out,
            "{} counts again from the next dream on; {} review again. What was taken out of the memory stays out \
             until it is accepted and applied again.",
            line(session.as_str()),
            if reopened == 1 {
                "1 lesson waits for".to_owned()
            } else {
                format!("{reopened} lessons wait for")
            }
        )?;
    }
    Ok(Exit::Done)
}

/// The session meant, and whose it is.
fn find(desk: &Desk, args: &Quarantine) -> Result<(Agent, SessionId), CliError> {
    /// Sessions listed where several fit.
    const LISTED: u32 = 20;
    let agents = desk.reader.agents()?;
    let wanted = args.agent.as_deref().map(|wanted| select::agent(&agents, wanted)).transpose()?;
    let mut found = desk.reader.sessions_named(&args.session, LISTED)?;
    found.retain(|(agent, _)| wanted.is_none_or(|wanted| wanted.id == *agent));
    if found.iter().any(|(_, session)| session.as_str() == args.session) {
        found.retain(|(_, session)| session.as_str() == args.session);
    }
    match found.as_slice() {
        [(agent, session)] => {
            let agent = desk.reader.agent(agent)?;
            let agent = agent.ok_or_else(|| CliError::failed("its agent is no longer known; sync first"))?;
            Ok((agent, session.clone()))
        }
        [] => Err(CliError::usage(format!("no session starts with “{}”", line(&args.session)))),
        several => {
            let list: Vec<String> = several
                .iter()
                .map(|(agent, session)| format!("  {}  ({})", line(session.as_str()), line(agent.as_str())))
                .collect();
            Err(CliError::usage(format!(
                "“{}” fits several sessions; say which, or whose with --agent:\n{}",
                line(&args.session),
                list.join("\n")
            )))
        }
    }
}
