//! Findings with their evidence: everything a lesson needs before it has a place in memory.
//!
//! Owns: which places in sessions support, contradict or mention a finding, and where it could have
//! shown. Must not know: tests, documents, ranks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;

use super::episodes::{Episodes, Record, failure};
use super::facts::{CallFact, CallResult};
use super::fixes::{self, Fix};
use super::mistakes::Finding;
use super::pool::Pool;
use super::preferences::Said;
use super::remedy;
use super::render::{self, Trigger};
use super::revise::Swap;
use super::shell::{self, Command};
use super::sides::{Against, Cluster};
use super::told;
use super::words;
use crate::domain::evidence::{Evidence, Origin, Stance, Support};
use crate::domain::lesson::{Mark, Severity, Topic};
use crate::domain::memory::DocPath;
use crate::evidence::count::{self, Sighting};
use crate::transcript::echo::Echo;

/// What a lesson does to memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Adds a note; the shelf says where notes of its kind go by default.
    Add(Shelf),
    /// Takes a note out that another one repeats.
    Remove(DocPath, Range<usize>),
    /// Takes a note out that repeats nothing, but is of no use.
    Retire(DocPath, Range<usize>),
    /// Moves a note out of the index into the document of its topic.
    Move(DocPath, Range<usize>),
    /// Changes a note where it stands.
    Revise(DocPath, Range<usize>),
    /// Takes a note out that another one contradicts.
    Settle(DocPath, Range<usize>),
}

impl Step {
    /// The note it takes out, moves or changes.
    #[must_use]
    pub fn takes(&self) -> Option<(&DocPath, &Range<usize>)> {
        match self {
            Self::Add(_) => None,
            Self::Remove(path, range)
            | Self::Retire(path, range)
            | Self::Move(path, range)
            | Self::Revise(path, range)
            | Self::Settle(path, range) => Some((path, range)),
        }
    }
}

/// Kinds of notes that have a document of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shelf {
    /// Commands that fail.
    Commands,
    /// Tools other than the shell.
    Tools,
    /// What people asked for.
    Preferences,
    /// Ways of working.
    Workflows,
    /// What is the case in the agent's surroundings.
    Facts,
}

/// A lesson without a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What makes it this lesson and no other; the last tie-breaker.
    pub key: String,
    /// What it is about.
    pub topic: Topic,
    /// The sentence; for upkeep, what is proposed.
    pub statement: String,
    /// A few words that name it, for a document of its own.
    pub title: String,
    /// The note's text without marker; the whole note where one is revised; for upkeep the text that goes.
    pub text: String,
    /// What it does.
    pub step: Step,
    /// The tool checks for this slip by itself.
    pub slip: bool,
    /// It says what is wrong, but not surely what is right instead.
    pub open: bool,
    /// Places.
    pub sightings: Vec<Sighting>,
    /// Units in which it could have shown.
    pub exposed: BTreeSet<u32>,
    /// What it puts in the place of what, if it does.
    pub swap: Option<Swap>,
    /// What an agent is about to do when it needs the lesson, as far as that can be told.
    pub when: Option<String>,
    /// What the reviewer should know of how it was found.
    pub marks: Vec<Mark>,
}

impl Draft {
    /// Places to keep and the count made from them.
    #[must_use]
    pub fn counted(&self) -> (Vec<Evidence>, Support) {
        if self.sightings.is_empty() {
            return (Vec::new(), Support::memory());
        }
        count::count(self.sightings.clone(), &self.exposed)
    }

    /// Units of a stance.
    #[must_use]
    pub fn units(&self, stance: Stance) -> BTreeSet<u32> {
        self.sightings.iter().filter(|s| s.evidence.stance == stance).map(|s| s.unit).collect()
    }

    /// The last supporting place.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        let supporting = self.sightings.iter().filter(|s| s.evidence.stance == Stance::Support);
        supporting.filter_map(|s| s.evidence.place.at).max()
    }
}

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
        let shell = calls.iter().any(|call| call.action.kind == super::shapes::ActionKind::Shell);
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

/// The lesson of a preference.
#[must_use]
pub fn preference(cluster: &Cluster<'_>, pool: &Pool<'_>) -> Option<Draft> {
    let programs: BTreeSet<&str> = pool
        .members
        .iter()
        .flat_map(|member| member.facts.calls.iter().flat_map(|call| &call.action.commands))
        .filter_map(|command| command.words.first().map(String::as_str))
        .collect();
    let is_program = |word: &str| programs.contains(word);
    // Of the ways it was put, the one used in most sessions; then the shortest; then by spelling.
    let mut ways: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for said in &cluster.said {
        ways.entry(render::preference(said.wish, &is_program)).or_default().insert(said.unit);
    }
    let best =
        ways.iter().min_by_key(|(text, units)| (std::cmp::Reverse(units.len()), text.len(), (*text).clone()));
    let plain = best.map(|(text, _)| text.clone())?;
    let text = shared_scope(cluster).map_or_else(|| plain.clone(), |scope| render::within(&plain, scope));
    // Who changed their mind is shown, but counts for what they said in the end.
    let held = |unit: u32, stance: Stance| {
        let side = if stance == Stance::Support { &cluster.units } else { &cluster.against };
        if side.contains(&unit) { stance } else { Stance::Mention }
    };
    let sighting = |said: &Said<'_>, stance| {
        let member = pool.members.get(said.member as usize)?;
        let turn = member.facts.turns.get(said.turn as usize)?;
        let quote: String = said.wish.sentence.chars().take(200).collect();
        pool.sighting(said.member as usize, &turn.spot, held(said.unit, stance), Origin::User, &quote)
    };
    let supporting = cluster.said.iter().filter_map(|said| sighting(said, Stance::Support));
    let sightings =
        supporting.chain(cluster.opposed.iter().filter_map(|said| sighting(said, Stance::Contradict)));
    let leaning = cluster.leaning.iter().filter_map(|turn| {
        let fact = pool.members.get(turn.member as usize)?.facts.turns.get(turn.turn as usize)?;
        let stance = if turn.for_it { Stance::Support } else { Stance::Contradict };
        let quote: String = turn.text.chars().take(200).collect();
        pool.sighting(turn.member as usize, &fact.spot, held(turn.unit, stance), Origin::User, &quote)
    });
    let (for_it, against) = (cluster.units.len(), cluster.against.len());
    let contested = against >= CONTESTED && against * CONTESTED_SHARE >= for_it + against;
    let marks = contested.then(|| Mark {
        guard: "contested".to_owned(),
        severity: Severity::Warn,
        text: match cluster.against_are() {
            Against::Before => {
                format!("{against} sessions asked for the opposite, all before the {for_it} that ask for it")
            }
            Against::Since => {
                format!("{against} sessions ask for the opposite, all since the {for_it} that ask for it")
            }
            Against::Among => format!("{against} sessions ask for the opposite, where {for_it} ask for it"),
        },
    });
    // Where it is to hold is no part of the choice: the choice came up wherever its things did.
    let terms: BTreeSet<String> = words::content(&plain.replace('`', " "));
    Some(Draft {
        key: text.clone(),
        topic: Topic::Preference,
        statement: text.clone(),
        title: render::as_title(&text),
        text,
        step: Step::Add(Shelf::Preferences),
        slip: false,
        open: false,
        sightings: sightings.chain(leaning).collect(),
        exposed: touched(pool, &terms),
        swap: cluster
            .said
            .first()
            .and_then(|said| Some(Swap::of_choice(&said.wish.this, said.wish.that.as_deref()?))),
        when: None,
        marks: marks.into_iter().collect(),
    })
}

/// From so many sessions for the opposite on, and one in so many of all that took a side, a reviewer is told first.
const CONTESTED: usize = 3;
const CONTESTED_SHARE: usize = 6;

/// Share of those who ask for something from which on where they want it is part of it, in percent.
const SHARED: usize = 80;

/// Where nearly all who ask for it in so many words want it, as most of them put it.
fn shared_scope<'a>(cluster: &Cluster<'a>) -> Option<&'a str> {
    let units =
        |said: &mut dyn Iterator<Item = &Said<'a>>| said.map(|s| s.unit).collect::<BTreeSet<u32>>().len();
    let all = units(&mut cluster.said.iter());
    let mut spelled: BTreeMap<&str, Vec<&Said<'a>>> = BTreeMap::new();
    for said in &cluster.said {
        if let Some(scope) = said.wish.scope.as_deref() {
            spelled.entry(scope).or_default().push(said);
        }
    }
    let mut best: Vec<(usize, &str)> =
        spelled.iter().map(|(scope, said)| (units(&mut said.iter().copied()), *scope)).collect();
    best.sort_by_key(|(count, scope)| (std::cmp::Reverse(*count), *scope));
    best.into_iter().map(|(_, scope)| scope).find(|scope| {
        let same = spelled.iter().filter(|(other, _)| other.to_lowercase() == scope.to_lowercase());
        units(&mut same.flat_map(|(_, said)| said.iter().copied())) * 100 >= all * SHARED
    })
}

/// Units in which a subject came up: a program named by it was run, or half of its words were said.
fn touched(pool: &Pool<'_>, terms: &BTreeSet<String>) -> BTreeSet<u32> {
    let mut units = BTreeSet::new();
    for member in &pool.members {
        let said = member.facts.turns.iter().any(|turn| {
            let known = turn.words.iter().filter(|word| terms.contains(&word.to_lowercase())).count();
            known > 0 && known * 2 >= terms.len()
        });
        let ran = member
            .facts
            .calls
            .iter()
            .flat_map(|call| &call.action.commands)
            .filter_map(|command| command.words.first())
            // Terms are stems: `rails` stands there as "rail".
            .any(|program| terms.contains(program) || terms.contains(&words::stem(program)));
        if said || ran {
            units.insert(member.unit);
        }
    }
    units
}

/// Whether the fix and the trigger of two drafts speak of the same: used to join errors that differ
/// only in wording.
#[must_use]
pub fn same_advice(a: &Draft, b: &Draft) -> bool {
    if a.topic == Topic::Workflow {
        return a.key == b.key;
    }
    let advice = |draft: &Draft| draft.text.split(':').next().unwrap_or("").to_owned();
    !(a.open || b.open)
        && a.topic == b.topic
        && a.step == b.step
        && advice(a) == advice(b)
        && matches!(a.step, Step::Add(_))
}
