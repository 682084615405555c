//! The built-in engine: no model, no key, no cost, and the same answer every time.
//!
//! Owns: the order of the stages, their progress and the stop button. Must not know: what any stage
//! finds.

pub mod across;
pub mod ages;
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
mod hearsay;
#[cfg(test)]
mod heed_tests;
mod leanings;
mod limits;
mod listing;
mod masks;
#[cfg(test)]
mod memory_tests;
mod mistakes;
mod mix;
mod mood;
mod nothing;
mod orders;
mod patterns;
mod place;
mod places;
mod plan;
mod pool;
mod preferences;
mod recount;
mod remedy;
mod render;
mod revise;
mod rule_files;
mod segments;
mod select;
mod shapes;
mod shell;
mod spread;
mod stale;
mod surroundings;
#[cfg(test)]
mod surroundings_tests;
mod takeback;
mod templates;
#[cfg(test)]
pub(crate) mod test_corpus;
#[cfg(test)]
mod tests;
mod unresolved;
mod unused;
mod upkeep;
mod uses;
mod variants;
mod versions;
mod window;
mod wishes;
mod words;
mod workflows;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

pub use extract::{Extractor, extract};

use super::{Claim, DreamError, Outcome, Parameters, Request, manifest};
use crate::domain::checks::{Checks, HeldOut, Noise};
use crate::domain::dream::{Excluded, Manifest, Progress};
use crate::domain::evidence::{Stance, Tier};
use crate::domain::memory::Snapshot;
use crate::domain::session::SessionMeta;
use crate::guard::{protected, unseen};
use crate::transcript::echo::Echo;
use drafts::Draft;
use facts::{Actions, SessionFacts};
use pool::Pool;
use recount::Recount;
use segments::Segments;
use select::Chosen;
use spread::Spread;
use surroundings::{Field, Surroundings};

/// Name and version of this engine, as the manifest gives it.
pub const ENGINE: &str = "offline/1";

/// Runs a pass: the same request gives the same outcome, byte for byte, whatever the order of its
/// sessions and the number of threads.
///
/// # Errors
/// When it was stopped, or when no session of the window could be read.
pub fn run(request: &Request<'_>) -> Result<Outcome, DreamError> {
    let mut selection = window::select(request.sessions, request.window, request.parameters.most_of_one);
    let (mut read, unreadable) = read_facts(request, &selection.chosen)?;
    for (_, facts) in &mut read {
        facts.ending = endings::of(facts, &request.agent.outcomes);
    }
    let ending = |(session, facts): &(&SessionMeta, SessionFacts)| (session.id.clone(), facts.ending);
    let endings = read.iter().map(ending).collect();
    selection.excluded.extend(unreadable);
    let pool = Pool::new(read);
    let corpus = manifest::corpus(pool.members.iter().map(|member| member.meta));
    let spread = Spread::of(&pool);

    let mined = mine(request, &pool, &spread, &corpus)?;
    let drafts = select::join(mined.drafts, request.parameters);
    stage(request, "confirming")?;
    let echo = echo(request);
    // The gates as they were after the noise check, which need not be run again.
    let quiet = Parameters { noise_copies: 0, false_discovery: mined.rate, ..request.parameters.clone() };
    let again = Request { parameters: &quiet, progress: &|_| {}, ..*request };
    let held_out = confirm::held_out(&pool, quiet.held_out);
    let without = mine_part(&again, &pool, &corpus, |unit| !held_out.contains(&unit))?;
    let few = minorities(&again, &pool, &corpus, &drafts, &echo)?;
    let (remembered, new): (Vec<Draft>, Vec<Draft>) = drafts
        .into_iter()
        .chain(few)
        .partition(|draft| !place::remembering(request.memory, &draft.text, draft.swap.as_ref()).is_empty());
    let mut asked = confirm::held_out_says(&new, &without, &held_out, &quiet);
    let (new, skews) = narrowed(new, &pool, &corpus, &mut asked);
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
    let older = history(request, &selection.before, &pool, &mut chosen, &echo);
    let (proposed, places) = place::all(request.memory, index.as_ref(), &chosen);
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
        "lesson was left out to keep the list short",
        "lessons were left out to keep the list short",
    );
    remark(
        plan.over as usize,
        "token too many stays in memory: no other note is safe to retire",
        "tokens too many stay in memory: no other note is safe to retire",
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

/// What is found in a part of the sessions.
fn mine_part(
    request: &Request<'_>,
    pool: &Pool<'_>,
    corpus: &str,
    wanted: impl Fn(u32) -> bool,
) -> Result<Vec<Draft>, DreamError> {
    let part = pool.part(wanted);
    let mined = mine(request, &part, &Spread::of(&part), corpus)?;
    Ok(select::join(mined.drafts, request.parameters))
}

/// Lessons of small segments that are none over all sessions, counted over all sessions.
fn minorities(
    request: &Request<'_>,
    pool: &Pool<'_>,
    corpus: &str,
    known: &[Draft],
    echo: &Echo,
) -> Result<Vec<Draft>, DreamError> {
    let segments = Segments::of(pool);
    let mut few: Vec<Draft> = Vec::new();
    let mut everywhere: Option<Recount<'_>> = None;
    for (segment, units) in segments.small() {
        for draft in mine_part(request, pool, corpus, |unit| units.contains(&unit))? {
            let is_new = |other: &Draft| other.key != draft.key && !drafts::same_advice(other, &draft);
            if !known.iter().chain(&few).all(is_new) {
                continue;
            }
            let everywhere = everywhere.get_or_insert_with(|| Recount::new(pool, echo, request.parameters));
            // Among sessions of one kind a habit can't be told from what their tasks let happen.
            if everywhere.is_explained(&draft) {
                continue;
            }
            let Some(all) = everywhere.count(&draft) else { continue };
            let shares = segments.shares(&all);
            few.extend(segments::of_a_few(all, segment, &shares));
        }
    }
    Ok(few)
}

/// Lessons with what segments say of each, by key; those that one segment carries are narrowed to it.
fn narrowed(
    mut drafts: Vec<Draft>,
    pool: &Pool<'_>,
    corpus: &str,
    asked: &mut BTreeMap<String, HeldOut>,
) -> (Vec<Draft>, BTreeMap<String, Checks>) {
    let segments = Segments::of(pool);
    let mut checks = BTreeMap::new();
    for draft in &mut drafts {
        let shares = segments.shares(draft);
        if shares.is_empty() {
            continue;
        }
        let skew = segments::skew(&shares, corpus, &draft.key);
        let before = draft.key.clone();
        let is_narrow = draft.marks.iter().any(|mark| mark.guard == segments::MINORITY);
        let carried_by = || shares.first().map(|segment| segment.name.clone());
        let only_for = if is_narrow {
            carried_by()
        } else {
            segments::narrow(draft, &shares, skew, &segments.reach(&shares))
        };
        if let Some(only) = &only_for {
            segments.keep_only(draft, only);
        }
        if let Some(held) = asked.get(&before).copied() {
            asked.insert(draft.key.clone(), held);
        }
        checks.insert(draft.key.clone(), Checks { segments: shares, skew, only_for, ..Checks::default() });
    }
    (drafts, checks)
}

/// Counts the chosen lessons in older sessions that were read before; gives how many these are.
fn history(
    request: &Request<'_>,
    before: &[&SessionMeta],
    pool: &Pool<'_>,
    chosen: &mut [Chosen],
    echo: &Echo,
) -> usize {
    let newest = before.iter().rev();
    let mut read: Vec<(&SessionMeta, SessionFacts)> = newest
        .filter_map(|session| Some((*session, (request.known)(session)?)))
        .take(request.parameters.history as usize)
        .collect();
    read.reverse();
    let older = read.len();
    if older == 0 || chosen.is_empty() {
        return 0;
    }
    let wider = pool.after(read);
    let recount = Recount::new(&wider, echo, request.parameters);
    let segments = Segments::of(&wider);
    for lesson in chosen {
        let mut again = recount.count(&lesson.draft);
        if let (Some(again), Some(only)) = (&mut again, &lesson.support.checks.only_for) {
            segments.keep_only(again, only);
        }
        lesson.support.checks.history = again.and_then(|again| confirm::history_says(&again, pool.units));
        lesson.draft.marks.extend(confirm::spike(&lesson.support));
        if let Some(mark) = confirm::reversed(&lesson.support) {
            // What older sessions speak against is for a person to decide, one by one.
            lesson.tier = lesson.tier.min(Tier::Emerging);
            lesson.draft.marks.push(mark);
        }
    }
    older
}

struct Mined {
    drafts: Vec<Draft>,
    /// The false-discovery rate that the noise check left.
    rate: f64,
    noise: f64,
    remarks: Vec<String>,
    episodes: episodes::Episodes,
}

/// All families of lessons from sessions, behind gates that shuffled copies do not pass.
fn mine(request: &Request<'_>, pool: &Pool<'_>, spread: &Spread, corpus: &str) -> Result<Mined, DreamError> {
    let parameters = request.parameters;
    stage(request, "grouping errors")?;
    let episodes = episodes::find(pool, parameters);
    let mix = mix::Mix::of(pool);
    let table = mistakes::Table::new(&episodes, spread, &mix, parameters);
    stage(request, "noise check")?;
    let preference_noise = preferences::noise(pool, spread, parameters, corpus);
    // No rate makes these fewer: where shuffled words give as many, none is proposed, and none counts.
    let propose_preferences = preference_noise <= parameters.noise_limit;
    let preference_noise = if propose_preferences { preference_noise } else { 0.0 };
    let field = Field { pool, spread, mix: &mix, parameters };
    let surroundings = Surroundings::of(field);
    let workflows = workflows::find(pool, spread, &mix, parameters, corpus);
    let mut remarks = Vec::new();
    match workflows.explained_by_mix {
        0 => {}
        1 => {
            remarks
                .push("an order of steps is not proposed: how it ends is explained by task mix".to_owned());
        }
        more => remarks
            .push(format!("{more} orders of steps are not proposed: how they end is explained by task mix")),
    }
    let mut rate = parameters.false_discovery;
    let unresolved = |rate: f64| {
        let known = table.find(rate).into_iter().map(|finding| finding.template).collect();
        unresolved::Table::new(&episodes, known, spread, parameters)
    };
    let noise_at = |rate: f64| {
        let of_errors = table.noise(rate, corpus) + unresolved(rate).noise(rate, corpus);
        of_errors + surroundings.noise(rate, corpus) + preference_noise + workflows.noise
    };
    let mut noise = noise_at(rate);
    while noise > parameters.noise_limit && rate > STRICTEST {
        rate /= 5.0;
        noise = noise_at(rate);
        remarks
            .push(format!("shuffled copies gave too many lessons: false-discovery rate lowered to {rate}"));
        stage(request, "noise check")?;
    }
    stage(request, "counting")?;
    let echo = echo(request);
    let findings = table.find(rate);
    let mut drafts: Vec<Draft> =
        findings.iter().filter_map(|finding| drafts::mistake(finding, &episodes, pool, &echo)).collect();
    drafts.extend(surroundings.drafts(rate, &drafts));
    let standing = unresolved(rate).find(rate);
    drafts.extend(standing.iter().filter_map(|standing| unresolved::draft(standing, &episodes, pool)));
    drafts.extend(workflows.drafts);
    if propose_preferences {
        let clusters = preferences::find(pool, spread, parameters);
        drafts.extend(clusters.iter().filter_map(|cluster| drafts::preference(cluster, pool)));
    } else {
        remarks.push("preferences are not proposed: shuffled words gave as many".to_owned());
    }
    Ok(Mined { drafts, rate, noise, remarks, episodes })
}

/// Below this rate nothing but certainties would be left.
const STRICTEST: f64 = 0.001;

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
    let trusted = |call: &&facts::CallFact| call.result == facts::CallResult::Done && call.heard.is_none();
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

type Read<'a> = (Vec<(&'a SessionMeta, SessionFacts)>, Vec<Excluded>);

fn read_facts<'a>(request: &Request<'_>, chosen: &[&'a SessionMeta]) -> Result<Read<'a>, DreamError> {
    let total = chosen.len() as u64;
    let done = AtomicU64::new(0);
    (request.progress)(Progress { stage: "reading", done: 0, total });
    let actions = Mutex::new(Actions::default());
    let results: Vec<Option<Result<SessionFacts, String>>> = chosen
        .par_iter()
        .map(|session| {
            if request.cancel.load(Ordering::Relaxed) {
                return None;
            }
            let mut facts = (request.facts)(session).map_err(|error| error.to_string());
            if let Ok(facts) = &mut facts {
                actions.lock().unwrap_or_else(PoisonError::into_inner).share(facts);
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (request.progress)(Progress { stage: "reading", done, total });
            Some(facts)
        })
        .collect();
    let mut read = Vec::with_capacity(chosen.len());
    let mut unreadable = Vec::new();
    let mut first = None;
    for (session, result) in chosen.iter().zip(results) {
        match result.ok_or(DreamError::Canceled)? {
            Ok(facts) => read.push((*session, facts)),
            Err(problem) => {
                unreadable.push(Excluded {
                    session: session.id.clone(),
                    reason: format!("can't be read: {problem}"),
                });
                first.get_or_insert(problem);
            }
        }
    }
    match first {
        Some(first) if read.is_empty() => Err(DreamError::Unreadable { sessions: chosen.len(), first }),
        _ => Ok((read, unreadable)),
    }
}
