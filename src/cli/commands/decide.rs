//! `wakeful accept`, `reject`, `snooze`: decisions on lessons, all of one command or none.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};

use super::super::args::{Decide, Output, Snooze};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, DecidedReport};
use super::super::output::{count, line, minute, short};
use super::super::select;
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::domain::lesson::Severity;
use crate::store::{Ask, Changed, Decided, Reader, Store};
use crate::sync::{self, Cuttings};

/// Runs `accept`.
pub fn accept(context: &mut Context<'_>, args: &Decide) -> Result<Exit, CliError> {
    let store = context.store()?;
    let reader = store.reader()?;
    let lessons = find(&reader, &args.lesson)?;
    for id in &lessons {
        let marks = reader.lesson(id)?.map(|lesson| lesson.marks).unwrap_or_default();
        if let Some(mark) = marks.iter().find(|mark| mark.severity == Severity::Block) {
            return Err(CliError::failed(format!(
                "{} can't be accepted as it stands ({}): {}. Nothing was decided; `wakeful edit {0}` changes \
                 its text, then accept it",
                short(id.as_str()),
                mark.guard,
                line(&mark.text)
            )));
        }
    }
    decide(context, &store, lessons, &Verdict::Accept, args.reason.as_deref(), args.output)
}

/// Runs `reject`.
pub fn reject(context: &mut Context<'_>, args: &Decide) -> Result<Exit, CliError> {
    let store = context.store()?;
    let lessons = find(&store.reader()?, &args.lesson)?;
    decide(context, &store, lessons, &Verdict::Reject, args.reason.as_deref(), args.output)
}

/// Runs `snooze`.
pub fn snooze(context: &mut Context<'_>, args: &Snooze) -> Result<Exit, CliError> {
    let now = context.clock.now();
    let until = args.until.unwrap_or_else(|| after(now, args.days.unwrap_or(*context.config.snooze_days)));
    if until <= now {
        return Err(CliError::usage(format!("{until} is past; nothing was snoozed")));
    }
    let store = context.store()?;
    let lessons = find(&store.reader()?, &args.lesson)?;
    let verdict = Verdict::Snooze { until };
    decide(context, &store, lessons, &verdict, args.reason.as_deref(), args.output)
}

/// The moment some days from now.
#[must_use]
pub fn after(now: Timestamp, days: u32) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(now)
}

/// Runs `undo` without a name: takes the last decision back.
pub fn undo(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let store = context.store()?;
    let undone = store.writer().undo_decision(&context.config.reviewer)?;
    turned(context, undone, "undone", "There is no decision to undo.", output)
}

/// Runs `redo`.
pub fn redo(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let store = context.store()?;
    let redone = store.writer().redo_decision(&context.config.reviewer)?;
    turned(context, redone, "made again", "No decision was undone last.", output)
}

fn turned(
    context: &mut Context<'_>,
    undone: Option<crate::store::Undone>,
    done: &str,
    nothing: &str,
    output: Output,
) -> Result<Exit, CliError> {
    let Some(undone) = undone else {
        if output.json {
            json::print(context.out, &DecidedReport::new(None, &[], Vec::new()))?;
        } else {
            writeln!(context.out, "{nothing} Nothing was changed.")?;
        }
        return Ok(Exit::Failed);
    };
    // A script that goes on as if a decision were taken back would be wrong about it.
    let exit = if undone.kept.is_empty() { Exit::Done } else { Exit::Failed };
    if output.json {
        let kept = undone.kept.iter().map(ToString::to_string).collect();
        json::print(context.out, &DecidedReport::new(Some(undone.batch), &undone.changed, kept))?;
        return Ok(exit);
    }
    if undone.changed.is_empty() {
        writeln!(context.out, "The decision was not {done}; nothing was changed:")?;
    } else {
        writeln!(
            context.out,
            "The decision on {} was {done}:",
            count(undone.changed.len() as u64, "lesson")
        )?;
    }
    changes(context.out, &undone.changed)?;
    for id in &undone.kept {
        writeln!(context.out, "  {}  left alone: it changed since", short(id.as_str()))?;
    }
    Ok(exit)
}

fn find(reader: &Reader, wanted: &[String]) -> Result<Vec<LessonId>, CliError> {
    let mut found: Vec<LessonId> = Vec::new();
    for wanted in wanted {
        let id = select::lesson(reader, wanted)?;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}

fn decide(
    context: &mut Context<'_>,
    store: &Store,
    lessons: Vec<LessonId>,
    verdict: &Verdict,
    reason: Option<&str>,
    output: Output,
) -> Result<Exit, CliError> {
    let asks: Vec<Ask> = lessons
        .into_iter()
        .map(|lesson| Ask { lesson, verdict: verdict.clone(), reason: reason.map(str::to_owned) })
        .collect();
    let decided = record(context, store, &store.reader()?, &asks)?;
    if output.json {
        json::print(context.out, &DecidedReport::decided(&decided))?;
    } else {
        changes(context.out, &decided.changed)?;
        for id in &decided.unchanged {
            let how = store.reader()?.lesson(id)?.map_or("so", |lesson| lesson.state.as_str());
            writeln!(context.out, "  {}  is {how} already; nothing was recorded", short(id.as_str()))?;
        }
        if let Verdict::Snooze { until } = verdict {
            writeln!(context.out, "They come back on {} UTC.", minute(*until))?;
        }
    }
    Ok(Exit::Done)
}

/// Records decisions; edited texts are looked at by the guards again.
///
/// # Errors
/// When the cache fails or a lesson can't be decided now; then nothing was recorded.
pub fn record(
    context: &Context<'_>,
    store: &Store,
    reader: &Reader,
    asks: &[Ask],
) -> Result<Decided, CliError> {
    let desk = sync::decide::Desk {
        sources: &context.sources(),
        reader,
        writer: &store.writer(),
        cuttings: &Cuttings::new(),
        by: &context.config.reviewer.value,
    };
    Ok(sync::decide::decide(&desk, asks)?)
}

fn changes(out: &mut dyn Write, changed: &[Changed]) -> std::io::Result<()> {
    for changed in changed {
        let (id, from, to) = (short(changed.lesson.as_str()), changed.from.as_str(), changed.to.as_str());
        if from == to {
            // Only an edit leaves the state as it was.
            writeln!(out, "  {id}  has its other text again, {to} as before")?;
        } else {
            writeln!(out, "  {id}  {from} -> {to}")?;
        }
    }
    Ok(())
}
