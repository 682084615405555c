//! `wakeful lessons`: the queue as a list.

use std::collections::BTreeMap;

use super::super::args::{ALL_STATES, Lessons, Which};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, LessonRow, Names};
use super::super::output::{columns, count, line, marks, minute, short, statement, support};
use super::super::select;
use crate::app::sort::{Placed, Sort};
use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::lesson::{Kind, Lesson, Topic};
use crate::domain::lifecycle::State;
use crate::domain::same::{self, Folds};
use crate::run::world::threshold;
use crate::store::{LessonQuery, Reader};

/// Lessons that fit a choice, and how many the evidence threshold leaves out. The same lesson of several agents
/// is one.
pub struct Chosen {
    /// Those that fit.
    pub lessons: Vec<Lesson>,
    /// Smallest support shown.
    pub threshold: u32,
    /// Those left out for too little support.
    pub hidden: u64,
}

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Lessons) -> Result<Exit, CliError> {
    let reader = context.store()?.reader()?;
    let none = reader.agents()?.is_empty();
    if none && !args.output.json {
        return Err(context.no_agents());
    }
    let chosen = choose(&reader, &args.which, threshold(&reader, *context.config.threshold)?)?;
    let dreams = reader.dreams(None)?;
    if args.output.json {
        let names = Names::new(reader.agents()?, &dreams);
        let mut rows = Vec::new();
        for lesson in &chosen.lessons {
            let others = others(&reader, &names, lesson)?;
            let row = if args.evidence {
                let evidence = reader.evidence(&lesson.id)?;
                let endings = reader.endings(&lesson.agent, &evidence)?;
                LessonRow::new(lesson, &names, Some(&evidence)).with_endings(&endings)
            } else {
                LessonRow::new(lesson, &names, None)
            };
            rows.push(row.also_for(others));
        }
        json::print(context.out, &json::Lessons::new(chosen.threshold, chosen.hidden, rows))?;
    } else {
        text(context, &reader, &chosen, &dreams, args.evidence)?;
    }
    if none { Err(context.no_agents()) } else { Ok(Exit::Done) }
}

/// Finds the lessons that fit.
///
/// # Errors
/// When an agent or pass is not found, or the cache can't be read.
pub fn choose(reader: &Reader, which: &Which, threshold: u32) -> Result<Chosen, CliError> {
    let agents = reader.agents()?;
    let agent = match which.of.wanted() {
        Some(wanted) => Some(select::agent(&agents, wanted)?.id.clone()),
        None => None,
    };
    let dream = match &which.dream {
        Some(wanted) => Some(select::dream(&reader.dreams(None)?, wanted)?.id.clone()),
        None => None,
    };
    let mut states: Vec<State> = which.state.iter().filter_map(|name| State::parse(name)).collect();
    if which.state.iter().any(|name| name == ALL_STATES) {
        states = State::ALL.to_vec();
    } else if states.is_empty() {
        states = vec![State::Pending, State::Conflict];
    }
    let query = LessonQuery {
        agent,
        dream,
        states,
        topic: which.topic.as_deref().and_then(Topic::parse),
        kind: which.kind.as_deref().and_then(Kind::parse),
        text: which.text.clone(),
        min_support: None,
        limit: None,
    };
    let threshold = which.min_support.unwrap_or(threshold);
    // As in the console: what was decided is listed whatever the threshold, unless one was asked for.
    let decided = |lesson: &Lesson| which.min_support.is_none() && !lesson.state.is_undecided();
    let all = reader.lessons(&query)?;
    let names: BTreeMap<_, _> = agents.iter().map(|agent| (&agent.id, agent.name.as_str())).collect();
    let folds = Folds::among(&all, |agent| names.get(agent).copied().unwrap_or(agent.as_str()));
    let fits = |index: &usize| all.get(*index).is_some_and(|one| decided(one) || one.meets(threshold));
    let (fit, hidden): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(fits);
    let mut lessons: Vec<Lesson> =
        folds.rows(&fit).into_iter().filter_map(|index| all.get(index).cloned()).collect();
    in_order(&mut lessons, &agents, &reader.dreams(None)?);
    Ok(Chosen { lessons, threshold, hidden: folds.rows_without(&hidden, &fit) as u64 })
}

/// What people call the other agents for which a lesson is that stands as this one does: what is decided on
/// this one holds for theirs.
///
/// # Errors
/// When the cache can't be read.
pub fn others(reader: &Reader, names: &Names, lesson: &Lesson) -> Result<Vec<String>, CliError> {
    let edited = lesson.edited && !lesson.agent.is_shared();
    if !lesson.is_shared() || edited || !same::is_shared(lesson.state) {
        return Ok(Vec::new());
    }
    let twins = reader.twins(&lesson.id)?;
    let of = twins.iter().filter(|twin| twin.state == lesson.state && !twin.agent.is_shared());
    let mut others: Vec<String> = of.map(|twin| names.agent(&twin.agent).to_owned()).collect();
    others.sort();
    others.dedup();
    Ok(others)
}

/// Puts lessons into the order in which the console lists them.
pub fn in_order(lessons: &mut [Lesson], agents: &[Agent], dreams: &[Dream]) {
    let names: BTreeMap<_, _> = agents.iter().map(|agent| (&agent.id, agent.name.as_str())).collect();
    let started: BTreeMap<_, _> = dreams.iter().map(|dream| (&dream.id, dream.started)).collect();
    lessons.sort_by(|a, b| {
        let [a, b] = [a, b].map(|lesson| Placed {
            lesson,
            agent: names.get(&lesson.agent).copied().unwrap_or(lesson.agent.as_str()),
            started: started.get(&lesson.dream).copied(),
        });
        Sort::default().compare_in_groups(&a, &b)
    });
}

fn text(
    context: &mut Context<'_>,
    reader: &Reader,
    chosen: &Chosen,
    dreams: &[Dream],
    evidence: bool,
) -> Result<(), CliError> {
    let names = Names::new(reader.agents()?, dreams);
    for group in chosen.lessons.chunk_by(|a, b| a.agent == b.agent) {
        let Some(first) = group.first() else { continue };
        let mut of: Vec<&Dream> =
            dreams.iter().filter(|dream| group.iter().any(|lesson| lesson.dream == dream.id)).collect();
        of.sort_by_key(|dream| std::cmp::Reverse(dream.started));
        let dream = match of.as_slice() {
            [] => format!("dream {} of an unknown time", short(first.dream.as_str())),
            [dream] => format!("dream {} of {}", short(dream.id.as_str()), minute(dream.started)),
            [latest, ..] => format!(
                "{} dreams, the latest {} of {}",
                of.len(),
                short(latest.id.as_str()),
                minute(latest.started)
            ),
        };
        writeln!(
            context.out,
            "{} · {dream} · {}",
            line(names.agent(&first.agent)),
            count(group.len() as u64, "lesson")
        )?;
        if evidence {
            for lesson in group {
                columns(context.out, 2, &[row_for(reader, &names, lesson)?])?;
                let folder = super::show::folder_of(reader, lesson)?;
                for place in super::show::with_folders(reader, lesson, reader.evidence(&lesson.id)?)? {
                    super::show::place(context.out, &place, folder.as_deref())?;
                }
            }
        } else {
            let rows = group.iter().map(|lesson| row_for(reader, &names, lesson));
            columns(context.out, 2, &rows.collect::<Result<Vec<_>, _>>()?)?;
        }
    }
    // Where some are hidden, that they are is the answer.
    if chosen.lessons.is_empty() && chosen.hidden == 0 {
        writeln!(context.out, "No lessons fit.")?;
    }
    if chosen.hidden > 0 {
        writeln!(
            context.out,
            "{} below {} examples not shown; --min-support 0 shows all.",
            count(chosen.hidden, "lesson"),
            chosen.threshold
        )?;
    }
    Ok(())
}

/// A lesson as a row of columns that says for which agents it is, if for several.
fn row_for(reader: &Reader, names: &Names, lesson: &Lesson) -> Result<Vec<String>, CliError> {
    let mut row = row(lesson);
    let mut agents = others(reader, names, lesson)?;
    if let (Some(tail), false) = (row.last_mut(), agents.is_empty()) {
        if !lesson.agent.is_shared() {
            agents.insert(0, names.agent(&lesson.agent).to_owned());
        }
        tail.push_str(&format!(
            "  for {}: {}",
            count(agents.len() as u64, "agent"),
            line(&agents.join(", "))
        ));
    }
    Ok(row)
}

/// A lesson as a row of columns.
#[must_use]
pub fn row(lesson: &Lesson) -> Vec<String> {
    let mut tail = statement(lesson);
    let marks = marks(lesson);
    if !marks.is_empty() {
        tail.push_str(&format!("  [{marks}]"));
    }
    if !matches!(lesson.state, State::Pending) {
        tail.push_str(&format!("  ({})", lesson.state.as_str()));
    }
    vec![
        short(lesson.id.as_str()).to_owned(),
        support(&lesson.support),
        lesson.kind.as_str().to_owned(),
        lesson.topic.as_str().to_owned(),
        tail,
    ]
}
