//! `wakeful spot`: a person looks at some of the places an estimate rests on, and the estimate becomes a
//! span.

use std::io::{self, BufRead};

use serde::Serialize;

use super::super::args::Spot;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json;
use super::super::output::{count, line, session_path, short};
use super::super::select;
use super::show;
use crate::domain::checks::{SpotCheck, SpotVerdict};
use crate::domain::evidence::{Basis, Evidence};
use crate::domain::ids::SessionId;
use crate::domain::lesson::Lesson;
use crate::evidence::spot;

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    lesson: String,
    places: Vec<PlaceRow>,
    check: Option<SpotCheck>,
}

#[derive(Serialize)]
struct PlaceRow {
    session: String,
    path: String,
    bytes: [u64; 2],
    quote: String,
}

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Spot) -> Result<Exit, CliError> {
    let store = context.store()?;
    let reader = store.reader()?;
    let id = select::lesson(&reader, &args.lesson)?;
    let Some(lesson) = reader.lesson(&id)? else {
        return Err(CliError::usage(format!("there is no lesson {id}")));
    };
    let all = reader.evidence(&id)?;
    let drawn = spot::sample(&all, args.places as usize, id.as_str());
    let places: Vec<&Evidence> = drawn.into_iter().filter_map(|at| all.get(at)).collect();
    if lesson.support.basis != Basis::Estimated || places.is_empty() {
        return Err(CliError::usage(format!(
            "{} has no estimate to check: {}. `wakeful show {0}` has every place",
            short(id.as_str()),
            match lesson.support.basis {
                Basis::Memory => "it rests on the memory itself",
                Basis::Verified => "its count is exact",
                Basis::Estimated => "the search found nothing",
            }
        )));
    }
    let folder = show::folder_of(&reader, &lesson)?;
    let mut check = lesson.support.checks.spot.clone();
    if !args.list {
        let answers = if args.right.is_empty() && args.wrong.is_empty() {
            ask(context, &lesson, &places, folder.as_deref())?
        } else {
            named(&places, args)?
        };
        if !answers.is_empty() {
            let (by, at) = (context.config.reviewer.value.clone(), context.clock.now());
            let verdicts = answers
                .into_iter()
                .map(|(session, right)| SpotVerdict { session, right, by: by.clone(), at })
                .collect();
            let found = spot::checked(lesson.support.sessions.unwrap_or(0), verdicts);
            store.writer().put_spot_check(&lesson.agent, &id, &found, &by)?;
            check = Some(found);
        }
    }
    if args.output.json {
        let row = |place: &&Evidence| PlaceRow {
            session: place.place.session.to_string(),
            path: session_path(folder.as_deref(), &place.place.file),
            bytes: [place.place.bytes.start, place.place.bytes.end],
            quote: place.quote.clone(),
        };
        let places = places.iter().map(row).collect();
        json::print(
            context.out,
            &Report { schema: "wakeful.spot/1", lesson: id.to_string(), places, check },
        )?;
        return Ok(Exit::Done);
    }
    if args.list {
        for place in &places {
            show::place(context.out, place, folder.as_deref())?;
        }
    }
    match check {
        Some(check) => writeln!(
            context.out,
            "{} found, {} of {} confirmed: about {} to {} are real.",
            count(check.found, "session"),
            check.right,
            check.right + check.wrong,
            check.low,
            check.high
        )?,
        None => writeln!(context.out, "Nothing was checked; {} stays an estimate.", short(id.as_str()))?,
    }
    Ok(Exit::Done)
}

/// Place by place, one letter each.
fn ask(
    context: &mut Context<'_>,
    lesson: &Lesson,
    places: &[&Evidence],
    folder: Option<&str>,
) -> Result<Vec<(SessionId, bool)>, CliError> {
    let mut answers = Vec::new();
    let mut input = io::stdin().lock();
    writeln!(context.err, "{}", line(&lesson.statement))?;
    for (at, place) in places.iter().enumerate() {
        writeln!(context.err, "\nPlace {} of {}. Does it show the lesson to hold?", at + 1, places.len())?;
        show::place(context.err, place, folder)?;
        let answer = loop {
            write!(context.err, "y yes   n no   s skip   q stop  ")?;
            context.err.flush()?;
            let mut typed = String::new();
            if input.read_line(&mut typed)? == 0 {
                break 'q';
            }
            if let Some(letter @ ('y' | 'n' | 's' | 'q')) = typed.trim().chars().next() {
                break letter;
            }
        };
        match answer {
            'y' | 'n' => answers.push((place.place.session.clone(), answer == 'y')),
            's' => {}
            _ => break,
        }
    }
    Ok(answers)
}

/// The answers given with the command; each must be about a place that would be shown.
fn named(places: &[&Evidence], args: &Spot) -> Result<Vec<(SessionId, bool)>, CliError> {
    let mut answers: Vec<(SessionId, bool)> = Vec::new();
    for (named, right) in
        args.right.iter().map(|name| (name, true)).chain(args.wrong.iter().map(|name| (name, false)))
    {
        let place = places.iter().find(|place| place.place.session.as_str() == named);
        let Some(place) =
            place.filter(|place| answers.iter().all(|(known, _)| *known != place.place.session))
        else {
            return Err(CliError::usage(format!(
                "“{}” is none of the {} places that are shown, or was named twice; nothing was kept. \
                 `wakeful spot --list` lists them",
                line(named),
                places.len()
            )));
        };
        answers.push((place.place.session.clone(), right));
    }
    Ok(answers)
}
