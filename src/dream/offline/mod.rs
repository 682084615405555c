//! The built-in engine: no model, no key, no cost, and the same answer every time.
//!
//! Owns: the order of the stages, their progress and the stop button. Must not know: what any stage
//! finds.

pub mod across;
pub mod ages;
mod at_hand;
mod clash;
mod confirm;
mod contradicted;
mod copies;
mod drafts;
mod endings;
mod entries;
mod episodes;
mod extract;
pub mod facts;
mod failures;
mod fixes;
mod followed;
mod follows;
mod forbidden;
mod hearsay;
#[cfg(test)]
mod heed_tests;
mod hopeless;
mod leanings;
mod limits;
mod listing;
mod manner;
mod masks;
#[cfg(test)]
mod memory_tests;
mod mining;
mod mistakes;
mod mix;
mod mood;
mod nothing;
mod orders;
mod past;
mod patterns;
mod place;
mod places;
mod plan;
mod pool;
mod preferences;
mod reading;
mod recount;
mod remedy;
mod render;
mod revise;
mod rule_files;
mod sections;
mod segments;
mod select;
mod shapes;
mod shell;
mod sides;
mod spread;
mod stale;
mod stand;
mod steps;
mod surroundings;
#[cfg(test)]
mod surroundings_tests;
mod takeback;
mod templates;
#[cfg(test)]
pub(crate) mod test_corpus;
#[cfg(test)]
mod tests;
mod told;
mod unresolved;
mod unused;
mod upkeep;
mod uses;
mod variants;
mod version_sides;
mod versions;
mod window;
mod wishes;
mod words;
mod workflows;

use std::sync::atomic::Ordering;

pub use extract::{Extractor, extract};

use super::{Claim, DreamError, Outcome, Parameters, Request, manifest};
use crate::domain::checks::{Checks, Noise};
use crate::domain::dream::{Manifest, Progress};
use crate::domain::evidence::Stance;
use crate::domain::memory::Snapshot;
use crate::domain::session::SessionMeta;
use crate::guard::{protected, unseen};
use crate::transcript::echo::Echo;
use drafts::Draft;
use facts::SessionFacts;
use pool::Pool;
use select::Chosen;
use spread::Spread;

/// Name and version of this engine, as the manifest gives it.
pub const ENGINE: &str = "offline/1";

/// Runs a pass: the same request gives the same outcome, byte for byte, whatever the order of its
/// sessions and the number of threads.
///
/// # Errors
/// When it was stopped, or when no session of the window could be read.
pub fn run(request: &Request<'_>) -> Result<Outcome, DreamError> {
    let mut selection = window::select(request.sessions, request.window, request.parameters.most_of_one);
    let (mut read, unreadable) = reading::read_facts(request, &selection.chosen)?;
    for (_, facts) in &mut read {
        facts.ending = endings::of(facts, &request.agent.outcomes);
    }
    let ending = |(session, facts): &(&SessionMeta, SessionFacts)| (session.id.clone(), facts.ending);
    let endings = read.iter().map(ending).collect();
    selection.excluded.extend(unreadable);
    let pool = Pool::new(read);
    let corpus = manifest::corpus(pool.members.iter().map(|member| member.meta));
    let spread = Spread::of(&pool);

    let mined = mining::mine(request, &pool, &spread, &corpus)?;
    let drafts = select::join(mined.drafts, request.parameters);
    stage(request, "confirming")?;
    let echo = echo(request);
    // The gates as they were after the noise check, which need not be run again.
    let quiet = Parameters { noise_copies: 0, false_discovery: mined.rate, ..request.parameters.clone() };
    let again = Request { parameters: &quiet, progress: &|_| {}, ..*request };
    let held_out = confirm::held_out(&pool, quiet.held_out);
    let without = mining::mine_part(&again, &pool, &corpus, |unit| !held_out.contains(&unit))?;
    let few = mining::minorities(&again, &pool, &corpus, &drafts, &echo)?;
    let (remembered, new): (Vec<Draft>, Vec<Draft>) = drafts
        .into_iter()
        .chain(few)
        .partition(|draft| !place::remembering(request.memory, &draft.text, draft.swap.as_ref()).is_empty());
    let mut asked = confirm::held_out_says(&new, &without, &held_out, &quiet);
    let (new, skews) = segments::narrowed(new, &pool, &corpus, &mut asked);
    let index = place::index(request.agent, request.memory);
    let mut drafts = revisions(new, request.memory);
    for draft in &mut drafts {
        contradicted::weigh(draft, request.memory, &pool, request.parameters);
    }
    let mut repeats = upkeep::duplicates(request.memory, index.as_ref(), request.parameters);
    repeats.retain(|repeat| drafts.iter().all(|draft| draft.step.takes() != repeat.step.takes()));
    let uses = uses::Uses::of(&pool);
    let room = plan::Room {
        memory: request.memory,
        index: index.as_ref(),
        budget: &request.agent.budget,
        uses: &uses,
        parameters: request.parameters,
    };
    drafts.extend(repeats);
    let of_notes = followed::Known {
        memory: request.memory,
        ages: request.ages,
        pool: &pool,
        spread: &spread,
        parameters: request.parameters,
    };
    // What shows that a note holds does not show that it is out of date, or of no use.
    let held: Vec<entries::Entry> = remembered.iter().flat_map(|finding| of_notes.notes(finding)).collect();
    let mut hooks = Vec::new();
    let mut remembered = remembered;
    remembered.retain(|finding| match followed::judge(finding, of_notes) {
        None => true,
        Some(followed::Heeded::NeedsHook(remark)) => {
            hooks.push(remark);
            false
        }
        Some(followed::Heeded::Rewrite(draft)) => {
            let free = drafts.iter().all(|other| other.step.takes() != draft.step.takes());
            if free {
                drafts.push(*draft);
            }
            false
        }
    });
    let idle = |draft: &Draft| held.iter().all(|n| draft.step.takes() != Some((&n.path, &n.range)));
    let stale = stale::find(request.memory, request.ages, &drafts, &pool, &spread, request.parameters);
    asked.extend(confirm::held_out_says(&stale, &[], &held_out, &quiet));
    drafts.extend(stale.into_iter().filter(&idle));
    drafts.extend(contradicted::find(request.memory, &drafts, &pool, request.parameters));
    let unused = unused::find(&room, request.ages, &drafts);
    drafts.extend(unused.into_iter().filter(&idle));
    let plan = plan::plan(&room, &drafts);
    drafts.extend(plan.steps);

    stage(request, "placing")?;
    let noise = (request.parameters.noise_copies > 0)
        .then_some(Noise { copies: request.parameters.noise_copies, lessons: mined.noise });
    let checks = |draft: &Draft| {
        let about = skews.get(&draft.key).cloned().unwrap_or_default();
        let found = !draft.sightings.is_empty();
        Checks { held_out: asked.get(&draft.key).copied(), noise: noise.filter(|_| found), ..about }
    };
    let (mut chosen, left_out) = select::select(drafts, &pool, &spread, request.parameters, &checks);
    let older = confirm::history(request, &selection.before, &pool, &mut chosen, &echo);
    let (proposed, places) = place::all(request.memory, index.as_ref(), &request.agent.budget, &chosen);
    // What the memory itself demands is no less worth a warning than what people wrote elsewhere.
    let mut documents = request.protected.to_vec();
    documents.extend(request.memory.iter().map(|(path, text)| (path.to_string(), text.to_string())));
    let mut all = protected::Directives::read(&documents);
    rule_files::add(&pool, request.protected, &mut all);
    let mut known = unseen::Known::default();
    pool.members.iter().for_each(|member| note_names(&mut known, &member.facts, member.unit));
    let mut by_people = protected::Directives::read(request.protected);
    rule_files::add(&pool, request.protected, &mut by_people);
    let claims: Vec<Claim> = chosen
        .into_iter()
        .zip(places)
        .filter_map(|(chosen, placed)| {
            // A note that is revised does not contradict the memory any more.
            let revises = matches!(chosen.draft.step, drafts::Step::Revise(..));
            Some(claim(chosen, placed?, if revises { &by_people } else { &all }, &known))
        })
        .collect();

    let mut remarks = mined.remarks;
    if claims.is_empty() && remembered.is_empty() {
        let read = pool.members.len();
        let seen = nothing::Seen::of(&pool, &mined.episodes, request.parameters);
        remarks.push(nothing::why(&selection, read, pool.units, seen, request.parameters));
    }
    let mut remark = |count: usize, one: &str, more: &str| match count {
        0 => {}
        1 => remarks.push(format!("1 {one}")),
        more_than_one => remarks.push(format!("{more_than_one} {more}")),
    };
    remark(selection.older, "session is older than the window", "sessions are older than the window");
    remark(
        older,
        "of them was read before, and lessons were counted in it, too",
        "of them were read before, and lessons were counted in them, too",
    );
    remark(
        selection.over,
        "session was left out so that no person and no segment has more than its share",
        "sessions were left out so that no person and no segment has more than its share",
    );
    remark(remembered.len(), "finding is in memory already", "findings are in memory already");
    remark(
        left_out,
        "lesson was left out to keep the list short; a later dream proposes it",
        "lessons were left out to keep the list short; later dreams propose them",
    );
    remark(
        plan.over as usize,
        "token too many stays in memory: the other notes keep from harm, or sessions can't show their use",
        "tokens too many stay in memory: the other notes keep from harm, or sessions can't show their use",
    );
    remarks.extend(hooks);
    remarks.extend(remembered.iter().filter_map(|finding| not_followed(finding, of_notes)).take(NAMED));
    remarks.extend(match (pool.several_users, pool.dated) {
        (true, _) => None,
        (false, true) => {
            Some("one person as far as is known: lessons need several days instead of people".to_owned())
        }
        (false, false) => Some("no people and no dates known: lessons need more sessions instead".to_owned()),
    });
    Ok(Outcome {
        proposed,
        claims,
        endings,
        manifest: Manifest {
            engine: ENGINE.to_owned(),
            parameters: request.parameters.hash().to_string(),
            corpus,
            read: pool.members.iter().map(|member| member.meta.id.clone()).collect(),
            excluded: selection.excluded,
            noise: (request.parameters.noise_copies > 0).then_some(mined.noise),
            noise_copies: request.parameters.noise_copies,
            rules: Some(request.parameters.rules),
            fitted: None,
            whole: false,
            remarks,
        },
    })
}

/// Findings in memory already that are named one by one.
const NAMED: usize = 5;

/// What memory says and sessions do not do: another note would not help, a check that runs by itself may.
fn not_followed(draft: &Draft, notes: followed::Known<'_>) -> Option<String> {
    let (again, of) = notes.again(draft)?;
    Some(format!("in memory, yet seen again in {again} of {of} sessions since: {}", draft.statement))
}

/// Lessons that contradict a note as revisions of it: one per note, that of the most sessions.
fn revisions(drafts: Vec<Draft>, memory: &Snapshot) -> Vec<Draft> {
    let mut revised: Vec<Draft> = drafts;
    revised.sort_by(|a, b| {
        let units = |draft: &Draft| draft.units(Stance::Support).len();
        (units(b), &a.key).cmp(&(units(a), &b.key))
    });
    let mut taken: Vec<drafts::Step> = Vec::new();
    revised
        .into_iter()
        .map(|draft| {
            let plain = draft.clone();
            let draft = revise::instead_of_adding(draft, memory);
            if draft.step.takes().is_some_and(|note| taken.iter().any(|step| step.takes() == Some(note))) {
                return plain;
            }
            taken.push(draft.step.clone());
            draft
        })
        .collect()
}

/// Text that is in memory or in documents of people: repeating it proves nothing.
fn echo(request: &Request<'_>) -> Echo {
    let mut echo = Echo::new();
    request.memory.iter().for_each(|(_, text)| echo.add_text(text));
    request.protected.iter().for_each(|(_, text)| echo.add_text(text));
    echo
}

fn stage(request: &Request<'_>, stage: &'static str) -> Result<(), DreamError> {
    if request.cancel.load(Ordering::Relaxed) {
        return Err(DreamError::Canceled);
    }
    (request.progress)(Progress { stage, done: 0, total: 0 });
    Ok(())
}

/// Takes note of the addresses and packages that calls of a session used with success, unless an outsider had
/// named them before, or that people named.
pub fn note_names(known: &mut unseen::Known, facts: &SessionFacts, unit: u32) {
    let named_outside = |call: &facts::CallFact| call.heard.as_ref().is_some_and(|heard| !heard.in_part);
    let trusted = |call: &&facts::CallFact| call.result == facts::CallResult::Done && !named_outside(call);
    for call in facts.calls.iter().filter(trusted) {
        call.action.commands.iter().for_each(|command| known.add(&command.words.join(" "), unit));
    }
    facts.turns.iter().flat_map(|turn| &turn.words).for_each(|word| known.add(word, unit));
}

fn claim(
    chosen: Chosen,
    placed: place::Placed,
    directives: &protected::Directives,
    known: &unseen::Known,
) -> Claim {
    let Chosen { draft, evidence, support, tier } = chosen;
    let mut marks = draft.marks;
    if !placed.removes {
        marks.extend(protected::check(&draft.text, &draft.statement, directives));
        marks.extend(unseen::check(&draft.text, known));
    }
    Claim {
        topic: draft.topic,
        statement: draft.statement,
        path: placed.path,
        text: placed.text,
        removes: placed.removes,
        evidence,
        support,
        tier,
        marks,
    }
}
