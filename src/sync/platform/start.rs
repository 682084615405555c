//! Starting a dream on the platform: planned, shown, within the caps, and never twice.
//!
//! Owns: the plan, and the order in which intent, request and answer are recorded. Must not know: who is
//! asked for consent.
//!
//! The intent is in the cache before the request is sent. If the answer is lost, dreams made since are
//! listed: one that fits is ours. If none fits yet, the intent stays open and nothing is sent again until a
//! later look settles it.

use std::collections::BTreeSet;

use super::choose::{self, Chosen};
use super::dreams::{self, SKEW};
use super::estimate::{self, Caps, OverCap};
use super::far::Far;
use super::prompt::{self, Rejection};
use super::shelf;
use crate::domain::agent::Agent;
use crate::domain::cost::{Estimate, Money, Span, Spent, in_month_of, spent_in};
use crate::domain::dream::{Excluded, Window};
use crate::domain::ids::DreamId;
use crate::domain::lifecycle::State;
use crate::domain::memory::ContentHash;
use crate::domain::session::SessionMeta;
use crate::domain::text::counted;
use crate::source::platform::wire::NewDream;
use crate::store::{Intent, LessonQuery};
use crate::sync::SyncError;
use crate::sync::quarantine;

/// Turned-down lessons that are looked at for the instructions, the newest first.
const REJECTIONS: usize = 40;

/// What a person wants dreamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which sessions.
    pub window: Window,
    /// The model.
    pub model: String,
    /// The user's own words.
    pub instructions: Option<String>,
    /// Sessions of one person at most, in per cent.
    pub share: Option<u32>,
    /// Whether the dream is told what reviewers turned down, and why.
    pub tell_rejections: bool,
}

/// One dream to start.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The sessions it reads, the oldest first.
    pub sessions: Vec<SessionMeta>,
    /// What it will probably take.
    pub estimate: Estimate,
}

/// What would be started.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// One dream for each part.
    pub parts: Vec<Part>,
    /// What all parts together will probably take.
    pub total: Estimate,
    /// The model.
    pub model: String,
    /// What each dream is told.
    pub instructions: String,
    /// What was asked for.
    pub window: Window,
    /// Sessions left out, and why.
    pub excluded: Vec<Excluded>,
    /// Plain remarks for whoever decides.
    pub remarks: Vec<String>,
    /// What this month's dreams of all agents cost already.
    pub spent: Spent,
    /// What this month's dreams of all agents cost that others started. No cap counts them.
    pub spent_by_others: Spent,
    /// The cap that would not be kept, if there is one.
    pub over: Option<OverCap>,
}

/// Plans a dream from what the cache holds. Sends nothing.
///
/// # Errors
/// When there is nothing to read, or the user's words don't fit.
pub fn plan(far: &Far<'_>, agent: &Agent, wish: &Wish, caps: Caps) -> Result<Plan, SyncError> {
    let elsewhere = |reason: String| SyncError::Elsewhere { reason };
    if agent.memory_at.is_empty() {
        return Err(elsewhere(format!(
            "{} has no memory store: a dream reads one. Mount a store in its sessions first",
            agent.name
        )));
    }
    let dreams = far.reader.dreams(None)?;
    let dreamers: BTreeSet<String> =
        dreams.iter().filter_map(|dream| dream.remote.as_ref()?.session.clone()).collect();
    // Those left out must not use up the number asked for.
    let all = Window { last: u32::MAX, ..wish.window.clone() };
    let sessions = far.reader.sessions(&agent.id, &all)?;
    let (sessions, kept_out) = quarantine::kept_out(far.reader, &agent.id, sessions)?;
    let Chosen { parts, mut excluded, mut remarks } =
        choose::choose(sessions, &wish.window, wish.share, &dreamers);
    excluded.extend(kept_out);
    if parts.is_empty() {
        return Err(elsewhere(format!(
            "there is no session of {} to read in that window. Nothing was sent; `wakeful sync` reads new ones",
            agent.name
        )));
    }
    let rejected = if wish.tell_rejections { rejections(far, agent)? } else { Vec::new() };
    let told = prompt::instructions(wish.instructions.as_deref(), &rejected)
        .map_err(|error| elsewhere(format!("{error}. Nothing was sent; shorten them")))?;
    if told.left_out > 0 {
        remarks.push(format!("{} of {} rejections fit in", rejected.len() - told.left_out, rejected.len()));
    }
    let memory = far.reader.memory(&agent.id)?.map_or(0, |memory| memory.bytes());
    let prices = &far.options.prices;
    let parts: Vec<Part> = parts
        .into_iter()
        .map(|sessions| Part {
            estimate: estimate::estimate(&sessions, memory, &wish.model, prices),
            sessions,
        })
        .collect();
    let total = sum(parts.iter().map(|part| &part.estimate));
    if total.unknown > 0 {
        remarks.push(format!(
            "the size of {} is not known, so not in the estimate",
            counted(u64::from(total.unknown), "session")
        ));
    }
    let spent = estimate::spent_in_month(&dreams, far.writer.now());
    let by_others = estimate::all_spent_by_others(&dreams);
    let spent_by_others = spent_in(by_others, &in_month_of(far.writer.now()));
    let over = estimate::check(&wish.model, &total, caps, spent.cost.high).err();
    Ok(Plan {
        parts,
        total,
        model: wish.model.clone(),
        instructions: told.text,
        window: wish.window.clone(),
        excluded,
        remarks,
        spent,
        spent_by_others,
        over,
    })
}

fn sum<'e>(estimates: impl Iterator<Item = &'e Estimate>) -> Estimate {
    let none = Estimate {
        tokens: Span::new(0, 0),
        money: Some(Span::new(Money::NONE, Money::NONE)),
        prices: None,
        unknown: 0,
    };
    estimates.fold(none, |sum, one| Estimate {
        tokens: Span::new(
            sum.tokens.low.saturating_add(one.tokens.low),
            sum.tokens.high.saturating_add(one.tokens.high),
        ),
        money: sum.money.zip(one.money).map(|(a, b)| Span::new(a.low.plus(b.low), a.high.plus(b.high))),
        prices: one.prices.clone().or(sum.prices),
        unknown: sum.unknown + one.unknown,
    })
}

/// What reviewers of this agent turned down with a reason, the newest first.
fn rejections(far: &Far<'_>, agent: &Agent) -> Result<Vec<Rejection>, SyncError> {
    let query = LessonQuery {
        agent: Some(agent.id.clone()),
        states: vec![State::Rejected],
        ..LessonQuery::default()
    };
    let mut found = Vec::new();
    for lesson in far.reader.lessons(&query)? {
        let last = far.reader.decisions(&lesson.id)?.into_iter().next_back();
        if let Some((at, reason)) = last.and_then(|decision| Some((decision.at, decision.reason?)))
            && !reason.trim().is_empty()
        {
            found.push((at, Rejection { statement: lesson.statement, reason }));
        }
    }
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    Ok(found.into_iter().take(REJECTIONS).map(|(_, rejection)| rejection).collect())
}

/// Starts what was planned. With several parts, those before a failure have started and are in the cache.
///
/// # Errors
/// When a cap would not be kept (unless `over_cap`), another wakeful is starting one, an earlier request is
/// not settled, or the platform refuses.
pub fn start(far: &Far<'_>, agent: &Agent, plan: &Plan, over_cap: bool) -> Result<Vec<DreamId>, SyncError> {
    if let Some(over) = plan.over.clone().filter(|_| !over_cap) {
        return Err(SyncError::OverCap { over });
    }
    let lock = far.writer.lock_dreams(&agent.id)?;
    let _lock = lock.ok_or(SyncError::Busy { doing: "starting a dream for this agent" })?;
    settle(far)?;
    // A dream begins with the memory as it is right now, so there is no start without the platform.
    let base = snapshot(far, agent)
        .map_err(|error| error.before_start("`--estimate --no-sync` tells what it would read and cost"))?;
    let mut started = Vec::new();
    for part in &plan.parts {
        let intent = Intent {
            agent: agent.id.clone(),
            profile: far.platform.profile().to_owned(),
            store: agent.memory_at.clone(),
            sessions: part.sessions.iter().map(|session| session.id.clone()).collect(),
            model: plan.model.clone(),
            instructions: Some(plan.instructions.clone()),
            base,
            window: plan.window.clone(),
            estimate: Some(part.estimate.clone()),
        };
        started.push(ask(far, &intent)?);
    }
    Ok(started)
}

/// The memory as it is right now, kept, so that the result can be compared with it.
fn snapshot(far: &Far<'_>, agent: &Agent) -> Result<ContentHash, SyncError> {
    let known = far.reader.memory(&agent.id)?.unwrap_or_default();
    let read = shelf::read(far, &agent.memory_at, &known)?;
    far.writer.put_memory(&agent.id, &read.snapshot, None)?;
    Ok(far.writer.put_snapshot(&read.snapshot)?)
}

/// Settles earlier requests whose answer was lost. One that can't be settled yet keeps others back: it may
/// be a dream that is running, and paid for.
fn settle(far: &Far<'_>) -> Result<(), SyncError> {
    let now = far.writer.now();
    for open in dreams::reconcile(far)? {
        if now.duration_since(open.at) < SKEW {
            return Err(SyncError::Elsewhere {
                reason: format!(
                    "an earlier request for a dream of {} had no answer, and the platform does not list that dream \
                     yet. Nothing more was sent, so that it is not dreamed twice; `wakeful sync` looks again",
                    open.intent.agent
                ),
            });
        }
        // Long since, and still not listed: it never came to be.
        far.writer.intent_refused(open.id)?;
    }
    Ok(())
}

fn ask(far: &Far<'_>, intent: &Intent) -> Result<DreamId, SyncError> {
    let number = far.writer.begin_intent(intent)?;
    let new = NewDream {
        store: intent.store.clone(),
        sessions: intent.sessions.iter().map(|session| session.as_str().to_owned()).collect(),
        model: intent.model.clone(),
        instructions: intent.instructions.clone(),
    };
    match far.platform.block_on(far.platform.client().create_dream(&new)) {
        Ok(dream) => {
            let open = crate::store::OpenIntent { id: number, at: far.writer.now(), intent: intent.clone() };
            let dream = dreams::started(far, &dream, &open);
            far.writer.intent_started(number, &dream)?;
            Ok(dream.id)
        }
        Err(error) if error.is_ambiguous() => {
            let still = dreams::reconcile(far);
            let settled = still.is_ok_and(|still| still.iter().all(|open| open.id != number));
            match far.reader.dream_of_intent(number)? {
                Some(dream) if settled => Ok(dream),
                _ => Err(SyncError::Elsewhere {
                    reason: format!(
                        "it is not known whether the dream was started: {error}. It was not asked for again; \
                         `wakeful sync` looks for it"
                    ),
                }),
            }
        }
        Err(error) => {
            far.writer.intent_refused(number)?;
            Err(error.into())
        }
    }
}
