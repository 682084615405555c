//! `wakeful apply`: shows what would be written, asks, writes.

use std::io::{self, BufRead};

use serde::Serialize;

use super::super::args::{Apply, Output};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, DocumentRow};
use super::super::output::{count, line, short};
use super::super::progress::Meter;
use super::super::{select, texts};
use super::outcome::{Outcome, Tally};
use crate::domain::agent::Agent;
use crate::domain::ids::{DreamId, LessonId};
use crate::domain::lesson::{Change, DocumentChange};
use crate::domain::lifecycle::State;
use crate::domain::memory::DocPath;
use crate::domain::text::SafeText;
use crate::source::Sources;
use crate::store::{ApplyAction, Reader, Writer};
use crate::sync::adopt::Rejected;
use crate::sync::apply::{Applied, Plan, Remark};
use crate::sync::{self, Cuttings, SyncError};

/// What an apply or undo works with besides the agent.
pub struct Desk {
    /// The configured sources.
    pub sources: Sources,
    /// The cache, to read.
    pub reader: Reader,
    /// The cache, to write.
    pub writer: Writer,
    cuttings: Cuttings,
    /// Who acts.
    pub by: String,
}

impl Desk {
    /// Opens the cache and the sources.
    ///
    /// # Errors
    /// When either can't be opened.
    pub fn open(context: &Context<'_>) -> Result<Self, CliError> {
        let store = context.store()?;
        Ok(Self {
            sources: context.need_sources()?,
            reader: store.reader()?,
            writer: store.writer(),
            cuttings: Cuttings::new(),
            by: context.config.reviewer.value.clone(),
        })
    }

    /// Does something with everything that concerns one agent.
    ///
    /// # Errors
    /// When no source has the agent, or what `work` says.
    pub fn with<T>(
        &self,
        agent: &Agent,
        work: impl FnOnce(&sync::Context<'_>) -> Result<T, SyncError>,
    ) -> Result<T, SyncError> {
        let source = self
            .sources
            .of(agent)
            .ok_or_else(|| SyncError::NoSource { agent: SafeText::line(&agent.name).into_string() })?;
        work(&sync::Context {
            agent,
            source: source.as_ref(),
            reader: &self.reader,
            writer: &self.writer,
            cuttings: &self.cuttings,
            by: &self.by,
        })
    }

    /// Offers for shared memory what several agents learned alike, if that is news.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn offer_shared(&self) -> Result<Option<DreamId>, SyncError> {
        sync::shared::after(&self.sources, &self.reader, &self.writer, &self.cuttings, &self.by)
    }
}

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Apply) -> Result<Exit, CliError> {
    let desk = Desk::open(context)?;
    let mut agents = desk.reader.agents()?;
    context.again.with_agent(args.of.wanted());
    if let Some(wanted) = args.of.wanted() {
        agents = vec![select::agent(&agents, wanted)?.clone()];
    }
    if args.give_up {
        return give_up(context, &desk, agents, args);
    }
    let mut rows = Vec::new();
    let mut plans = Vec::new();
    let mut tally = Tally::default();
    for agent in agents {
        if !args.dry_run
            && let Some(done) = finish_open(context, &desk, &agent)?
        {
            rows.push(Row::finished(&agent, &done, tally.done(&done, None)));
        }
        let plan = desk.with(&agent, sync::apply::plan)?;
        if !plan.is_empty() || !plan.blocked.is_empty() {
            plans.push((agent, plan));
        }
    }
    let consent = Consent { decides: None, dry_run: args.dry_run, yes: args.yes, command: "apply" };
    rows.extend(carry_out(context, &desk, plans, &consent, args.output, &mut tally)?);
    if args.output.json {
        json::print(context.out, &Report::new(args.dry_run, rows))?;
    } else if rows.is_empty() {
        writeln!(context.out, "No accepted lessons wait to be written.")?;
    }
    Ok(tally.exit())
}

/// Finishes an apply that was cut off, which always comes first.
fn finish_open(context: &mut Context<'_>, desk: &Desk, agent: &Agent) -> Result<Option<Applied>, CliError> {
    if desk.reader.unfinished_apply(&agent.id)?.is_none() {
        return Ok(None);
    }
    let meter = Meter::new(context.terminal.error);
    let done = desk.with(agent, |sync| sync::apply::resume(sync, &|progress| meter.tell(&progress)));
    meter.finish();
    // What another process is writing right now is not cut off.
    if done.as_ref().is_err_and(|error| !matches!(error, SyncError::Busy { .. })) {
        let text = format!(
            "a write to {} was cut off and can't be finished now; if it never can, \
             `wakeful apply --give-up` ends it",
            line(&agent.name)
        );
        writeln!(context.err, "wakeful: {}", context.again.complete(&text))?;
    }
    let done = done?;
    if let Some(done) = &done {
        let which = done.apply.as_ref().map(ToString::to_string).unwrap_or_default();
        writeln!(context.err, "wakeful: finished {which}, which was cut off earlier")?;
        say_left(context, done)?;
    }
    Ok(done)
}

/// Ends applies that were cut off and can't be finished, after asking.
fn give_up(
    context: &mut Context<'_>,
    desk: &Desk,
    agents: Vec<Agent>,
    args: &Apply,
) -> Result<Exit, CliError> {
    let consent = Consent { decides: None, dry_run: false, yes: args.yes, command: "apply --give-up" };
    let mut rows = Vec::new();
    for agent in agents {
        let Some(open) = desk.reader.unfinished_apply(&agent.id)? else { continue };
        if !args.yes {
            if args.output.json || !(context.terminal.input && context.terminal.output) {
                consent.check(context, args.output)?;
            }
            writeln!(
                context.out,
                "{}: {} was cut off. What it has not written stays as it is, what it wrote of unfinished \
                 lessons is taken out again where the memory still exists, and those lessons go back to review.",
                line(&agent.name),
                open.id
            )?;
            if !yes(context, "Give it up")? {
                let text = context.again.complete("Nothing was changed; `wakeful apply` tries to finish it.");
                writeln!(context.out, "{text}")?;
                continue;
            }
        }
        let meter = Meter::new(context.terminal.error);
        let done = desk.with(&agent, |sync| sync::apply::give_up(sync, &|progress| meter.tell(&progress)));
        meter.finish();
        if let Some(done) = done? {
            if !args.output.json {
                say_done(context, &done)?;
                say_collided(context, &done.conflicts)?;
            }
            // Leaving the rest out is what was asked for here, so the command has done it; the row says what is in.
            let outcome = Tally::default().done(&done, None);
            rows.push(Row::finished(&agent, &done, outcome));
        }
    }
    if args.output.json {
        json::print(context.out, &Report::new(false, rows))?;
    } else if rows.is_empty() {
        writeln!(context.out, "No write that was cut off was given up.")?;
    }
    Ok(Exit::Done)
}

/// What an apply prints as JSON.
#[derive(Serialize)]
pub struct Report {
    schema: &'static str,
    dry_run: bool,
    agents: Vec<Row>,
}

impl Report {
    /// With these rows.
    pub fn new(dry_run: bool, agents: Vec<Row>) -> Self {
        Self { schema: "wakeful.apply/1", dry_run, agents }
    }
}

/// What was, or would be, done to one agent's memory.
#[derive(Serialize)]
pub struct Row {
    agent: String,
    action: &'static str,
    outcome: Outcome,
    apply: Option<String>,
    lessons: Vec<String>,
    takes_out: Vec<String>,
    satisfied: Vec<String>,
    overrules: Vec<Reason>,
    conflicts: Vec<Reason>,
    blocked: Vec<Reason>,
    documents: Vec<DocumentPlan>,
    tokens: Option<TokenPlan>,
    warnings: Vec<String>,
    written: Vec<String>,
    left: Vec<String>,
}

#[derive(Serialize)]
struct Reason {
    lesson: String,
    reason: String,
}

#[derive(Serialize)]
struct DocumentPlan {
    #[serde(flatten)]
    document: DocumentRow,
    lessons: Vec<String>,
    diff: String,
}

#[derive(Serialize)]
struct TokenPlan {
    before: u64,
    after: u64,
    budget: u64,
    exact: bool,
}

fn ids(lessons: &[LessonId]) -> Vec<String> {
    lessons.iter().map(ToString::to_string).collect()
}

fn reasons(pairs: &[(LessonId, String)]) -> Vec<Reason> {
    pairs
        .iter()
        .map(|(lesson, reason)| Reason { lesson: lesson.to_string(), reason: reason.clone() })
        .collect()
}

impl Row {
    fn planned(agent: &Agent, plan: &Plan, warnings: Vec<String>) -> Self {
        Self {
            agent: agent.name.clone(),
            action: plan.action.as_str(),
            outcome: Outcome::Planned,
            apply: None,
            lessons: ids(&plan.lessons),
            takes_out: ids(&plan.takes_out),
            satisfied: ids(&plan.satisfied),
            overrules: Vec::new(),
            conflicts: reasons(&plan.conflicts),
            blocked: reasons(&plan.blocked),
            documents: plan
                .documents
                .iter()
                .map(|document| DocumentPlan {
                    document: DocumentRow::new(&DocumentChange {
                        path: document.path.clone(),
                        change: document.change.clone(),
                    }),
                    lessons: ids(&document.lessons),
                    diff: texts::plan_diff(document),
                })
                .collect(),
            tokens: Some(TokenPlan {
                before: plan.before.tokens,
                after: plan.after.tokens,
                budget: plan.budget.store_tokens,
                exact: false,
            }),
            warnings,
            written: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Notes the rejections that are passed over.
    pub fn overrules(&mut self, rejected: &[Rejected]) {
        let row = |rejected: &Rejected| Reason {
            lesson: rejected.lesson.to_string(),
            reason: rejected.reason.clone().unwrap_or_default(),
        };
        self.overrules = rejected.iter().map(row).collect();
    }

    fn finished(agent: &Agent, done: &Applied, outcome: Outcome) -> Self {
        Self {
            agent: agent.name.clone(),
            action: done.action.as_str(),
            outcome,
            apply: done.apply.as_ref().map(ToString::to_string),
            lessons: ids(&done.lessons),
            takes_out: ids(&done.taken_out),
            satisfied: Vec::new(),
            overrules: Vec::new(),
            conflicts: reasons(&done.conflicts),
            blocked: Vec::new(),
            documents: Vec::new(),
            tokens: None,
            warnings: Vec::new(),
            written: done.written.iter().map(ToString::to_string).collect(),
            left: done.left.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What agreeing decides.
pub type Decide<'d> = dyn Fn(&Plan) -> Result<(), CliError> + 'd;

/// Whether a person agreed already, or may be asked.
pub struct Consent<'a> {
    /// Decisions that go with agreeing.
    pub decides: Option<&'a Decide<'a>>,
    /// Only show.
    pub dry_run: bool,
    /// Agreed to by the call itself.
    pub yes: bool,
    /// The command, to say how to agree.
    pub command: &'a str,
}

impl Consent<'_> {
    /// Nothing is written where nobody agreed and nobody can be asked.
    fn check(&self, context: &Context<'_>, output: Output) -> Result<(), CliError> {
        let asked = context.terminal.input && context.terminal.output && !output.json;
        if self.dry_run || self.yes || asked {
            return Ok(());
        }
        Err(CliError::usage(format!(
            "nothing was written: there is nobody to ask here. See what it would write with \
             `wakeful {0} --dry-run`, then say `wakeful {0} --yes`",
            self.command
        )))
    }
}

/// Shows plans, asks where a person can answer, and carries them out. Gives one row per plan; `tally` tells
/// how the command ends.
///
/// # Errors
/// When memory or decisions changed since, or a document can't be written.
pub fn carry_out(
    context: &mut Context<'_>,
    desk: &Desk,
    plans: Vec<(Agent, Plan)>,
    consent: &Consent<'_>,
    output: Output,
    tally: &mut Tally,
) -> Result<Vec<Row>, CliError> {
    if plans.iter().any(|(_, plan)| !plan.documents.is_empty()) {
        consent.check(context, output)?;
    }
    let mut rows = Vec::new();
    for (agent, plan) in plans {
        let warnings = warnings(&plan);
        if !output.json {
            preview(context, desk, &agent, &plan, &warnings)?;
        }
        tally.plan(&plan, consent.dry_run);
        let mut row = Row::planned(&agent, &plan, warnings);
        if consent.dry_run && !output.json {
            say_next_step(context, &desk.reader, &plan.conflicts)?;
            say_forbidden(context, &plan)?;
        }
        if consent.dry_run || plan.is_empty() {
            if !consent.dry_run && !plan.blocked.is_empty() {
                row.outcome = Outcome::Nothing;
                if !output.json {
                    say_forbidden(context, &plan)?;
                }
            }
            rows.push(row);
            continue;
        }
        if !consent.yes && !plan.documents.is_empty() && !agreed(context, &plan)? {
            let stands = match plan.action {
                ApplyAction::Apply => "the decisions stand",
                ApplyAction::Undo => "the memory is as it was",
            };
            writeln!(context.out, "Nothing was written; {stands}.")?;
            rows.push(row);
            continue;
        }
        if let Some(decide) = consent.decides {
            decide(&plan)?;
        }
        let meter = Meter::new(context.terminal.error);
        let done = desk.with(&agent, |sync| sync::apply::run(&plan, sync, &|progress| meter.tell(&progress)));
        meter.finish();
        let done = done.inspect_err(|error| tracing::warn!(agent = %agent.id, %error, "an apply failed"))?;
        tracing::info!(agent = %agent.id, apply = ?done.apply, documents = done.written.len(), "applied");
        row.outcome = tally.done(&done, Some(&plan));
        if !output.json {
            say_done(context, &done)?;
            say_returned(context, &desk.reader, &plan, &done)?;
            say_forbidden(context, &plan)?;
        }
        row.apply = done.apply.as_ref().map(ToString::to_string);
        row.lessons = ids(&done.lessons);
        row.takes_out = ids(&done.taken_out);
        row.conflicts = reasons(&done.conflicts);
        row.written = done.written.iter().map(ToString::to_string).collect();
        row.left = done.left.iter().map(ToString::to_string).collect();
        rows.push(row);
    }
    Ok(rows)
}

/// Accepted lessons that no apply will write as they are, and what gets them on.
fn say_forbidden(context: &mut Context<'_>, plan: &Plan) -> io::Result<()> {
    let Some((first, _)) = plan.blocked.first() else { return Ok(()) };
    let left = plan.blocked.len() as u64;
    let (are, first_of) = if left == 1 { ("is", "it") } else { ("are", "the first") };
    let id = short(first.as_str());
    let text = format!(
        "{} {are} accepted and not in the memory: `wakeful edit {id}` changes what {first_of} says, \
         `wakeful reject {id}` turns it down.",
        count(left, "lesson")
    );
    writeln!(context.out, "{}", context.again.complete(&text))
}

fn say_done(context: &mut Context<'_>, done: &Applied) -> io::Result<()> {
    let Some(apply) = &done.apply else { return Ok(()) };
    let written = count(done.written.len() as u64, "document");
    let other = done.taken_out.len();
    let lessons = count((done.lessons.len() - other) as u64, "lesson");
    let out =
        if other > 0 { format!(", {} out of it", count(other as u64, "lesson")) } else { String::new() };
    let text = match done.action {
        ApplyAction::Apply if done.written.is_empty() && done.lessons.is_empty() => {
            format!("{apply}: nothing was written.")
        }
        ApplyAction::Apply if done.written.is_empty() => {
            format!("{apply}: nothing had to be written, {lessons} in the memory{out}.")
        }
        ApplyAction::Apply => format!(
            "{apply}: {written} written, {lessons} in the memory{out}. `wakeful undo {apply}` undoes it."
        ),
        ApplyAction::Undo if done.written.is_empty() && done.lessons.is_empty() => {
            format!("{apply}: nothing was undone, the memory is as it was.")
        }
        ApplyAction::Undo if done.written.is_empty() => format!(
            "{apply}: nothing had to be written, {lessons} out of the memory already and back in review."
        ),
        ApplyAction::Undo if other == done.lessons.len() && other > 0 => format!(
            "{apply}: {written} written, {} in the memory again and back in review.",
            count(other as u64, "lesson")
        ),
        ApplyAction::Undo => format!(
            "{apply}: {written} written, {lessons} out of the memory and back in review. What is accepted \
             again, `wakeful apply` writes again."
        ),
    };
    writeln!(context.out, "{}", context.again.complete(&text))?;
    for path in &done.fitted {
        let path = line(path.as_str());
        writeln!(
            context.out,
            "  {path} changed after the preview; the lessons were written into it as it is now"
        )?;
    }
    for path in &done.left {
        writeln!(context.out, "  {}", left_as_it_is(path))?;
    }
    Ok(())
}

fn left_as_it_is(path: &DocPath) -> String {
    format!("{} changed meanwhile and was left as it is", line(path.as_str()))
}

/// What an apply that was finished late left out. Told beside the output, where the plan comes.
fn say_left(context: &mut Context<'_>, done: &Applied) -> io::Result<()> {
    for path in &done.left {
        writeln!(context.err, "wakeful: {}", left_as_it_is(path))?;
    }
    for (lesson, reason) in &done.conflicts {
        writeln!(context.err, "wakeful: {} is back in review: {}", short(lesson.as_str()), line(reason))?;
    }
    Ok(())
}

fn say_collided(context: &mut Context<'_>, conflicts: &[(LessonId, String)]) -> io::Result<()> {
    for (lesson, reason) in conflicts {
        writeln!(context.out, "  {}  back in review: {}", short(lesson.as_str()), line(reason))?;
    }
    Ok(())
}

/// Lessons that did not go in, and what to do with them. Those of the preview were told there already.
fn say_returned(
    context: &mut Context<'_>,
    reader: &Reader,
    plan: &Plan,
    done: &Applied,
) -> Result<(), CliError> {
    let told = |lesson: &LessonId| plan.conflicts.iter().any(|(known, _)| known == lesson);
    let new: Vec<_> = done.conflicts.iter().filter(|(lesson, _)| !told(lesson)).cloned().collect();
    say_collided(context, &new)?;
    let known = done.conflicts.len() - new.len();
    if done.apply.is_none() {
        writeln!(context.out, "{}", nothing_written(plan))?;
    } else if known > 0 {
        let are = if known == 1 { "is" } else { "are" };
        writeln!(context.out, "{} {are} back in review.", count(known as u64, "lesson"))?;
    }
    say_next_step(context, reader, &done.conflicts)
}

/// Why an apply wrote nothing.
fn nothing_written(plan: &Plan) -> String {
    let mut text = "Nothing was written".to_owned();
    let (conflicts, satisfied) = (plan.conflicts.len() as u64, plan.satisfied.len() as u64);
    if conflicts > 0 {
        let are = if conflicts == 1 { "is" } else { "are" };
        text.push_str(&format!("; {} {are} back in review", count(conflicts, "lesson")));
    }
    if satisfied > 0 {
        let are = if satisfied == 1 { "is" } else { "are" };
        text.push_str(&format!("; {} {are} done: the memory says it already", count(satisfied, "lesson")));
    }
    text + "."
}

/// What gets a lesson on that collides with the memory.
fn say_next_step(
    context: &mut Context<'_>,
    reader: &Reader,
    conflicts: &[(LessonId, String)],
) -> Result<(), CliError> {
    let Some((first, _)) = conflicts.first() else { return Ok(()) };
    let renames = |change: &DocumentChange| matches!(change.change, Change::Renamed(_));
    let fits = reader.lesson(first)?.is_some_and(|lesson| !lesson.documents.iter().any(renames));
    let id = short(first.as_str());
    let edit =
        if fits { format!("`wakeful edit {id}` opens all sides of the first, ") } else { String::new() };
    let text = format!("{edit}`wakeful reject {id}` turns it down.");
    writeln!(context.out, "{}", context.again.complete(&text))?;
    Ok(())
}

/// Remarks of the guards on what a plan writes, and on the memory as it would be.
fn warnings(plan: &Plan) -> Vec<String> {
    let of = |remark: &Remark| {
        let ids: Vec<&str> = remark.lessons.iter().map(|id| short(id.as_str())).collect();
        if ids.is_empty() { remark.text.clone() } else { format!("{}  {}", ids.join(" "), remark.text) }
    };
    plan.remarks.iter().map(of).collect()
}

fn preview(
    context: &mut Context<'_>,
    desk: &Desk,
    agent: &Agent,
    plan: &Plan,
    warnings: &[String],
) -> Result<(), CliError> {
    if plan.writes_nothing() {
        writeln!(context.out, "{}: nothing to write", line(&agent.name))?;
        return left_out(context, desk, plan);
    }
    writeln!(
        context.out,
        "{}: {} to {} in {}, about {} -> {} of {} tokens",
        line(&agent.name),
        count(plan.lessons.len() as u64, "lesson"),
        match plan.action {
            ApplyAction::Apply => "write",
            ApplyAction::Undo => "undo",
        },
        count(plan.documents.len() as u64, "document"),
        plan.before.tokens,
        plan.after.tokens,
        plan.budget.store_tokens
    )?;
    for id in &plan.lessons {
        let note = match plan.action {
            _ if !plan.takes_out.contains(id) => "",
            ApplyAction::Apply => "takes out, the dream had written it: ",
            ApplyAction::Undo => "puts back: ",
        };
        say_lesson(context, &desk.reader, id, note)?;
    }
    left_out(context, desk, plan)?;
    for warning in warnings {
        writeln!(context.out, "  ! {}", line(warning))?;
    }
    writeln!(context.out)?;
    for document in &plan.documents {
        if let Change::Renamed(old) = &document.change {
            writeln!(context.out, "rename {} to {}", line(old.as_str()), line(document.path.as_str()))?;
        }
        writeln!(context.out, "{}", SafeText::block(&texts::plan_diff(document)))?;
    }
    Ok(())
}

/// Lessons of a plan that nothing is written for, each with the reason.
fn left_out(context: &mut Context<'_>, desk: &Desk, plan: &Plan) -> Result<(), CliError> {
    for id in &plan.satisfied {
        let rejected = desk.reader.lesson(id)?.is_some_and(|lesson| lesson.state == State::Rejected);
        let note = if rejected {
            "the memory does not say this any more: "
        } else {
            "the memory says this already: "
        };
        say_lesson(context, &desk.reader, id, note)?;
    }
    for (id, reason) in &plan.conflicts {
        say_lesson(context, &desk.reader, id, "left out, the memory changed: ")?;
        writeln!(context.out, "      {}", line(reason))?;
    }
    for (id, reason) in &plan.blocked {
        say_lesson(context, &desk.reader, id, "left out, a guard forbids it: ")?;
        writeln!(context.out, "      {}", line(reason))?;
    }
    Ok(())
}

fn say_lesson(context: &mut Context<'_>, reader: &Reader, id: &LessonId, note: &str) -> Result<(), CliError> {
    let statement = reader.lesson(id)?.map(|lesson| line(&lesson.statement)).unwrap_or_default();
    writeln!(context.out, "  {}  {note}{statement}", short(id.as_str()))?;
    Ok(())
}

/// Asks where a person can answer. A script said what it wants by calling the command.
fn agreed(context: &mut Context<'_>, plan: &Plan) -> Result<bool, CliError> {
    yes(context, &format!("Write {}", count(plan.documents.len() as u64, "document")))
}

/// Asks a question that only `yes` agrees to.
pub(super) fn yes(context: &mut Context<'_>, question: &str) -> Result<bool, CliError> {
    write!(context.out, "{question}? Type yes: ")?;
    context.out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "yes" | "y"))
}
