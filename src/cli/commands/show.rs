//! `wakeful show`: one lesson in full.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::Timestamp;

use super::super::args::Show;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, LessonRow, Names, Shown, Texts};
use super::super::output::{count, line, minute, session_folder, session_path, short, statement, tokens};
use super::super::{select, texts};
use crate::domain::count_line;
use crate::domain::decision::Decision;
use crate::domain::evidence::{Evidence, Stance};
use crate::domain::ids::SessionId;
use crate::domain::lesson::Lesson;
use crate::domain::lifecycle::State;
use crate::domain::outcome::Ending;
use crate::domain::phrase::in_full;
use crate::domain::text::SafeText;
use crate::guard;
use crate::store::{Apply, ApplyAction, Fate, PlannedLesson, Reader};

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Show) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let id = select::lesson(&reader, &args.lesson)?;
    let Some(lesson) = reader.lesson(&id)? else {
        return Err(CliError::usage(format!("there is no lesson {id}")));
    };
    let evidence = reader.evidence(&id)?;
    let endings = reader.endings(&lesson.agent, &evidence)?;
    let decisions = reader.decisions(&id)?;
    let writes = writes(&reader, &lesson)?;
    let texts = texts::of(&reader, &lesson)?;
    let names = Names::new(reader.agents()?, &reader.dreams(None)?);
    if args.output.json {
        let row = LessonRow::new(&lesson, &names, Some(&evidence))
            .with_endings(&endings)
            .also_for(super::lessons::others(&reader, &names, &lesson)?);
        json::print(context.out, &Shown::new(row, texts, &decisions, &writes))?;
    } else {
        writeln!(context.out, "{}\n", statement(&lesson))?;
        head(context.out, &lesson, names.agent(&lesson.agent))?;
        diff(context.out, &texts)?;
        let folder = folder_of(&reader, &lesson)?;
        let evidence = with_folders(&reader, &lesson, evidence)?;
        places(context.out, &evidence, &endings, &reader.gone(&lesson.agent, &evidence)?, folder.as_deref())?;
        history(context.out, &lesson, &decisions, &writes)?;
    }
    Ok(Exit::Done)
}

/// Facts about a lesson, and what its marks mean.
///
/// # Errors
/// When the output is closed.
pub fn head(out: &mut dyn Write, lesson: &Lesson, agent: &str) -> io::Result<()> {
    writeln!(
        out,
        "{}  {} {} for {}, {}, {}",
        short(lesson.id.as_str()),
        lesson.kind.as_str(),
        lesson.topic.as_str(),
        line(agent),
        lesson.state.as_str(),
        tokens(lesson.tokens)
    )?;
    for parts in rests_on(lesson) {
        writeln!(out, "{}", line(&parts.join(", ")))?;
    }
    for mark in &lesson.marks {
        writeln!(out, "! {} ({}): {}", mark.guard, mark.severity.as_str(), line(&mark.text))?;
        let explanation = guard::explain(&mark.guard);
        if !explanation.is_empty() {
            writeln!(out, "  {explanation}")?;
        }
    }
    writeln!(out)
}

/// What the example count rests on, line by line.
#[must_use]
pub fn rests_on(lesson: &Lesson) -> Vec<Vec<String>> {
    let support = &lesson.support;
    let mut counted = count_line::counted(support, lesson.tier, "+");
    if lesson.edited {
        // The places were found for what the dream wrote.
        counted.insert(1.min(counted.len()), "counted for the text as proposed".to_owned().into());
    }
    let lines = [counted, count_line::against(support), count_line::confirmed(support)];
    lines.into_iter().filter(|parts| !parts.is_empty()).map(in_full).collect()
}

/// The change of every document.
///
/// # Errors
/// When the output is closed.
pub fn diff(out: &mut dyn Write, texts: &Texts) -> io::Result<()> {
    if let Some(remark) = &texts.remark {
        writeln!(out, "Note: {}", line(remark))?;
    }
    writeln!(out, "{}", SafeText::block(&texts.diff))?;
    if let Some(edited) = &texts.edited {
        writeln!(out, "What you made of the proposal:\n{}", SafeText::block(edited))?;
    }
    if let Some(since) = &texts.since {
        writeln!(out, "Changed since a lesson like it was decided:\n{}", SafeText::block(since))?;
    }
    Ok(())
}

fn places(
    out: &mut dyn Write,
    evidence: &[Evidence],
    endings: &BTreeMap<SessionId, Ending>,
    gone: &BTreeSet<SessionId>,
    folder: Option<&str>,
) -> io::Result<()> {
    for (stance, title) in
        [(Stance::Contradict, "Against"), (Stance::Support, "For"), (Stance::Mention, "Mentions")]
    {
        let some: Vec<&Evidence> = evidence.iter().filter(|evidence| evidence.stance == stance).collect();
        if !some.is_empty() {
            writeln!(out, "{title}: {}", count(some.len() as u64, "place"))?;
            for evidence in some {
                place(out, evidence, folder)?;
                if gone.contains(&evidence.place.session) {
                    writeln!(
                        out,
                        "      the session is no longer there; the words were verified while it was"
                    )?;
                }
                if let Some(ending) = endings.get(&evidence.place.session) {
                    writeln!(out, "      session {}", ending.in_words())?;
                }
            }
        }
    }
    Ok(())
}

/// The folder that the session files of a lesson lie in, where that is on this machine.
///
/// # Errors
/// When the cache can't be read.
pub fn folder_of(reader: &Reader, lesson: &Lesson) -> Result<Option<String>, CliError> {
    Ok(reader.agent(&lesson.agent)?.and_then(|agent| session_folder(&agent).map(str::to_owned)))
}

/// The places of a shared memory's lesson with the folders of the agents whose sessions those are.
///
/// # Errors
/// When the cache can't be read.
pub fn with_folders(
    reader: &Reader,
    lesson: &Lesson,
    mut evidence: Vec<Evidence>,
) -> Result<Vec<Evidence>, CliError> {
    if lesson.agent.is_shared() {
        for place in evidence.iter_mut().map(|evidence| &mut evidence.place) {
            let (owner, _) = SessionId::owned(&lesson.agent, &place.session);
            let agent = reader.agent(&owner)?;
            place.file = session_path(agent.as_ref().and_then(session_folder), &place.file);
        }
    }
    Ok(evidence)
}

/// One counted place: when, where, and the words. With the folder of the sessions, where is a path
/// that can be opened.
///
/// # Errors
/// When the output is closed.
pub fn place(out: &mut dyn Write, evidence: &Evidence, folder: Option<&str>) -> io::Result<()> {
    let at = evidence.place.at.map_or_else(|| "undated".to_owned(), minute);
    let sign = match evidence.stance {
        Stance::Support => "+",
        Stance::Contradict => "-",
        Stance::Mention => ".",
    };
    writeln!(
        out,
        "  {sign} {at}  {}  bytes {}-{}",
        line(&session_path(folder, &evidence.place.file)),
        evidence.place.bytes.start,
        evidence.place.bytes.end
    )?;
    writeln!(out, "      {}", line(&evidence.quote))
}

/// The applies and undos that wrote a lesson, or took it out again, the oldest first.
fn writes(reader: &Reader, lesson: &Lesson) -> Result<Vec<Apply>, CliError> {
    let mut writes = Vec::new();
    for apply in reader.applies(Some(&lesson.agent))?.into_iter().filter(|apply| apply.ended.is_some()) {
        let written =
            |(planned, fate): &(PlannedLesson, Fate)| planned.lesson == lesson.id && *fate == Fate::Written;
        if reader.apply_lessons(&apply.id)?.iter().any(written) {
            writes.push(apply);
        }
    }
    writes.reverse();
    Ok(writes)
}

/// What happened to a lesson, in order, and how it stands.
fn history(out: &mut dyn Write, lesson: &Lesson, decisions: &[Decision], writes: &[Apply]) -> io::Result<()> {
    let mut rows: Vec<(Timestamp, String)> = decisions
        .iter()
        .map(|decision| {
            let mut text = format!("{} by {}", decision.verdict.as_str(), line(&decision.by));
            if let Some(reason) = &decision.reason {
                text.push_str(&format!(": {}", line(reason)));
            }
            (decision.at, text)
        })
        .collect();
    rows.extend(writes.iter().map(|apply| {
        let what = match apply.action {
            ApplyAction::Apply => "written to the memory",
            ApplyAction::Undo => "taken out of the memory",
        };
        (apply.begun, format!("{what} by {} ({})", line(&apply.author), short(apply.id.as_str())))
    }));
    rows.sort_by_key(|(at, _)| *at);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "History")?;
    for (at, text) in rows {
        writeln!(out, "  {}  {text}", minute(at))?;
    }
    writeln!(out, "  now: {}", stands(lesson.state))
}

fn stands(state: State) -> &'static str {
    match state {
        State::Pending => "waits for review",
        State::Accepted => "accepted, not yet written",
        State::Rejected => "rejected",
        State::Snoozed => "snoozed",
        State::Applied => "in the memory",
        State::Conflict => "waits for review: the memory changed underneath it",
        State::Superseded => "no longer proposed",
    }
}
