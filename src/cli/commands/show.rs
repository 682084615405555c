//! `wakeful show`: one lesson in full.

use std::io::{self, Write};

use super::super::args::Show;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, LessonRow, Names, Shown, Texts};
use super::super::output::{count, line, minute, short, support, tokens};
use super::super::{select, texts};
use crate::domain::decision::Decision;
use crate::domain::evidence::{Basis, Evidence, Stance};
use crate::domain::lesson::Lesson;
use crate::domain::text::SafeText;
use crate::guard;

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Show) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let id = select::lesson(&reader, &args.lesson)?;
    let Some(lesson) = reader.lesson(&id)? else {
        return Err(CliError::usage(format!("there is no lesson {id}")));
    };
    let evidence = reader.evidence(&id)?;
    let decisions = reader.decisions(&id)?;
    let texts = texts::of(&reader, &lesson)?;
    let names = Names::new(reader.agents()?, &reader.dreams(None)?);
    if args.output.json {
        let row = LessonRow::new(&lesson, &names, Some(&evidence));
        json::print(context.out, &Shown::new(row, texts, &decisions))?;
    } else {
        writeln!(context.out, "{}\n", line(&lesson.statement))?;
        head(context.out, &lesson, names.agent(&lesson.agent))?;
        diff(context.out, &texts)?;
        places(context.out, &evidence)?;
        history(context.out, &decisions)?;
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
        "{}  {} {} for {}, {}{}, {}",
        short(lesson.id.as_str()),
        lesson.kind.as_str(),
        lesson.topic.as_str(),
        line(agent),
        lesson.state.as_str(),
        if lesson.edited { " (edited)" } else { "" },
        tokens(lesson.tokens)
    )?;
    writeln!(out, "{}", rests_on(lesson))?;
    for mark in &lesson.marks {
        writeln!(out, "! {} ({}): {}", mark.guard, mark.severity.as_str(), line(&mark.text))?;
        let explanation = guard::explain(&mark.guard);
        if !explanation.is_empty() {
            writeln!(out, "  {explanation}")?;
        }
    }
    writeln!(out)
}

/// What the example count rests on, in a sentence.
#[must_use]
pub fn rests_on(lesson: &Lesson) -> String {
    let counted = &lesson.support;
    if counted.basis == Basis::Memory {
        return "rests on the memory itself".to_owned();
    }
    let mut text = format!("support {}", support(counted));
    if counted.exposed.is_some() {
        text.push_str(" sessions in which it could have shown");
    }
    text.push_str(&format!(
        ", {} against, {} mention it, over {}",
        counted.contradict,
        counted.mention,
        count(u64::from(counted.days), "day")
    ));
    if counted.users > 0 {
        text.push_str(&format!(
            " and {}",
            if counted.users == 1 { "1 person".to_owned() } else { format!("{} people", counted.users) }
        ));
    }
    text.push_str(&format!("; {}", lesson.tier.as_str()));
    text
}

/// The change of every document.
///
/// # Errors
/// When the output is closed.
pub fn diff(out: &mut dyn Write, texts: &Texts) -> io::Result<()> {
    if let Some(remark) = &texts.remark {
        writeln!(out, "Note: {}", line(remark))?;
    }
    writeln!(out, "{}", SafeText::block(&texts.diff))
}

fn places(out: &mut dyn Write, evidence: &[Evidence]) -> io::Result<()> {
    for (stance, title) in
        [(Stance::Contradict, "Against"), (Stance::Support, "For"), (Stance::Mention, "Mentions")]
    {
        let some: Vec<&Evidence> = evidence.iter().filter(|evidence| evidence.stance == stance).collect();
        if !some.is_empty() {
            writeln!(out, "{title}: {}", count(some.len() as u64, "place"))?;
            for evidence in some {
                place(out, evidence)?;
            }
        }
    }
    Ok(())
}

/// One counted place: when, where, and the words.
///
/// # Errors
/// When the output is closed.
pub fn place(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let at = evidence.place.at.map_or_else(|| "undated".to_owned(), minute);
    let sign = match evidence.stance {
        Stance::Support => "+",
        Stance::Contradict => "-",
        Stance::Mention => "~",
    };
    writeln!(
        out,
        "  {sign} {at}  {}  bytes {}-{}",
        line(&evidence.place.file),
        evidence.place.bytes.start,
        evidence.place.bytes.end
    )?;
    writeln!(out, "      {}", line(&evidence.quote))
}

fn history(out: &mut dyn Write, decisions: &[Decision]) -> io::Result<()> {
    if !decisions.is_empty() {
        writeln!(out, "Decisions")?;
    }
    for decision in decisions {
        write!(out, "  {}  {} by {}", minute(decision.at), decision.verdict.as_str(), line(&decision.by))?;
        if let Some(reason) = &decision.reason {
            write!(out, ": {}", line(reason))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
