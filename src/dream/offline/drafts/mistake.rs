//! The lesson of a mistake.
//!
//! Owns: which places support, contradict or mention that something ends an error, and where it could have shown. Must
//! not know: tests, documents, ranks.

use std::collections::BTreeSet;

use super::super::episodes::{Episodes, Record, failure};
use super::super::facts::{CallFact, CallResult};
use super::super::fixes::{self, Fix};
use super::super::mistakes::Finding;
use super::super::pool::Pool;
use super::super::remedy;
use super::super::render::{self, Trigger};
use super::super::revise::Swap;
use super::super::shell::{self, Command};
use super::super::{shapes, told};
use super::{Draft, Shelf, Step};
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::Topic;
use crate::evidence::count::Sighting;
use crate::transcript::echo::Echo;

/// The calls that failed with one error in some units.
#[derive(Debug)]
pub struct Failing<'p> {
    calls: Vec<&'p CallFact>,
    /// Where a note on them goes by default.
    pub shelf: Shelf,
}

impl<'p> Failing<'p> {
    /// Gathers them.
    #[must_use]
    pub fn of(template: u32, units: &BTreeSet<u32>, episodes: &Episodes, pool: &'p Pool<'_>) -> Self {
        let calls: Vec<&CallFact> = episodes
            .records
            .iter()
            .filter(|record| record.template == template && units.contains(&record.unit))
            .flat_map(|record| record.shown.iter().filter_map(|at| call_at(pool, *at)))
            .collect();
        let shell = calls.iter().any(|call| call.action.kind == shapes::ActionKind::Shell);
        Self { calls, shelf: if shell { Shelf::Commands } else { Shelf::Tools } }
    }

    /// What fails, as far as they agree.
    #[must_use]
    pub fn trigger(&self, template: &str, fix: &Fix) -> Option<Trigger> {
        if self.shelf != Shelf::Commands {
            let tool = self.calls.first().map(|call| call.action.tool.clone())?;
            return Some(Trigger { words: vec![tool], more: false });
        }
        let commands: Vec<&Command> =
            self.calls.iter().filter_map(|call| fixes::failing_command(&call.action, template)).collect();
        Trigger::of(&commands, template, fix)
    }

    /// All of them only look at something.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        let looks = |call: &&CallFact| {
            let mut programs = call.action.commands.iter().filter_map(|command| command.words.first());
            !call.action.commands.is_empty() && programs.all(|program| shell::only_looks(program))
        };
        self.calls.iter().all(looks)
    }

    /// All of them are slips that the tool checks for by itself.
    #[must_use]
    pub fn is_slip(&self, pool: &Pool<'_>) -> bool {
        self.calls.iter().all(|call| failure(call, pool.marks_failures).is_some_and(|failure| failure.slip))
    }
}

fn call_at<'p>(pool: &'p Pool<'_>, (member, call): (u32, u32)) -> Option<&'p CallFact> {
    pool.members.get(member as usize)?.facts.calls.get(call as usize)
}

/// The places where an error showed, each with what its unit says.
#[must_use]
pub fn shown(
    template: u32,
    episodes: &Episodes,
    pool: &Pool<'_>,
    stance: &dyn Fn(u32) -> Stance,
) -> Vec<Sighting> {
    let mut sightings = Vec::new();
    for record in episodes.records.iter().filter(|record| record.template == template) {
        for at in &record.shown {
            let Some(call) = call_at(pool, *at) else { continue };
            let Some(failure) = failure(call, pool.marks_failures) else { continue };
            sightings.extend(pool.sighting(
                at.0 as usize,
                &failure.spot,
                stance(record.unit),
                answered_by(call),
                &failure.line,
            ));
        }
    }
    sightings
}

/// The lesson of a mistake.
#[must_use]
pub fn mistake(finding: &Finding, episodes: &Episodes, pool: &Pool<'_>, echo: &Echo) -> Option<Draft> {
    let fix = episodes.fixes.get(finding.fix as usize)?;
    let template = episodes.templates.text(finding.template);
    let failing = Failing::of(finding.template, &finding.resolved, episodes, pool);
    let shelf = failing.shelf;
    let trigger = failing.trigger(&template, fix)?;
    let stance = |unit: u32| {
        if finding.resolved.contains(&unit) {
            Stance::Support
        } else if finding.tried.contains(&unit) {
            Stance::Contradict
        } else {
            Stance::Mention
        }
    };
    let mut sightings = shown(finding.template, episodes, pool, &stance);
    sightings.extend(told::of_fix(fix, &trigger, &finding.tried, pool));
    for at in episodes.suspects.get(&finding.template).into_iter().flatten() {
        if let Some(call) = call_at(pool, *at)
            && let CallResult::Suspect(suspect) = &call.result
            && !echo.is_echo(&suspect.line)
        {
            let origin = answered_by(call);
            sightings.extend(pool.sighting(
                at.0 as usize,
                &suspect.spot,
                Stance::Mention,
                origin,
                &suspect.line,
            ));
        }
    }
    let (used, worked) = exposure(pool, &trigger, shelf, fix);
    // "When it fails …" could have shown only where it failed; "run it otherwise" wherever it was run.
    let exposed =
        if fix.is_change() { used } else { sightings.iter().map(|sighting| sighting.unit).collect() };
    if fix.is_change() {
        // The lesson says that it fails; where it went well, it says the wrong thing.
        for (member, call) in worked {
            let quote = trigger.words.join(" ");
            sightings.extend(pool.sighting(member, &call.spot, Stance::Contradict, Origin::Agent, &quote));
        }
    }
    let helped =
        |record: &&Record| record.template == finding.template && finding.resolved.contains(&record.unit);
    let told = match fix {
        Fix::First(head) => Fix::First(remedy::spelled(head, episodes.records.iter().filter(helped), pool)),
        Fix::AddFlag(flag) => Fix::AddFlag(remedy::with_value(flag, &trigger.words, &finding.resolved, pool)),
        other => other.clone(),
    };
    let text = render::mistake(&told, &trigger, &template);
    Some(Draft {
        key: format!("{template} {fix:?}"),
        topic: Topic::Mistake,
        statement: text.clone(),
        title: render::mistake_title(fix, &trigger),
        text,
        step: Step::Add(shelf),
        slip: failing.is_slip(pool),
        open: false,
        sightings,
        exposed,
        swap: Swap::of_fix(fix, &trigger),
        when: trigger.when(),
        marks: Vec::new(),
    })
}

/// Who wrote the answer of a call.
#[must_use]
pub fn answered_by(call: &CallFact) -> Origin {
    if call.action.outside { Origin::Outside } else { Origin::Tool }
}

type Worked<'p> = Vec<(usize, &'p CallFact)>;

/// Units in which the trigger was used, and calls that used it as the lesson says not to and went well
/// for certain.
pub fn exposure<'p>(
    pool: &'p Pool<'_>,
    trigger: &Trigger,
    shelf: Shelf,
    fix: &Fix,
) -> (BTreeSet<u32>, Worked<'p>) {
    let mut exposed = BTreeSet::new();
    let mut worked = Vec::new();
    for (index, member) in pool.members.iter().enumerate() {
        for call in &member.facts.calls {
            let mut uses = call
                .action
                .commands
                .iter()
                .filter(|command| trigger.covers(command) && fix.concerns(command));
            let used = match shelf {
                Shelf::Commands => uses.next(),
                _ => {
                    if trigger.words.first() == Some(&call.action.tool) {
                        exposed.insert(member.unit);
                    }
                    None
                }
            };
            if let Some(command) = used {
                exposed.insert(member.unit);
                let alone = call.action.commands.len() == 1 && !call.action.hides_failure();
                if alone && call.result == CallResult::Done && !fix.is_in(command) {
                    worked.push((index, call));
                }
            }
        }
    }
    (exposed, worked)
}
