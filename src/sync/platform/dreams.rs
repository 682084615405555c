//! Dreams of the platform as dreams of the cache.
//!
//! Owns: reading their list, which agent each belongs to, and finding the dream of a request whose answer
//! was lost. Must not know: how a result is reviewed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::convert;
use super::failure;
use super::far::Far;
use crate::domain::dream::{Dream, DreamStatus, Engine, Window};
use crate::domain::ids::{AgentId, DreamId, SessionId};
use crate::domain::memory::{ContentHash, Snapshot};
use crate::domain::remote::{BaseOrigin, RemoteDream};
use crate::source::platform::{DreamQuery, wire};
use crate::store::OpenIntent;
use crate::sync::SyncError;

/// Unchanged dreams in a row after which the rest is taken to be unchanged: one page.
const QUIET: usize = 100;

/// How far the clocks of this machine and the platform may differ when a lost dream is looked for.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(15);

/// Dreams of a profile as they are in the cache, by their ids on the platform.
pub(super) fn known(far: &Far<'_>) -> Result<BTreeMap<String, Dream>, SyncError> {
    let profile = far.platform.profile();
    let ours = |dream: &Dream| dream.remote.as_ref().is_some_and(|remote| remote.profile == profile);
    let dreams = far.reader.dreams(None)?.into_iter().filter(ours);
    Ok(dreams.map(|dream| (dream.id.as_str().to_owned(), dream)).collect())
}

/// Dreams that are new or may have changed since they were last listed.
pub(super) fn changed(far: &Far<'_>, known: &BTreeMap<String, Dream>) -> Result<Vec<wire::Dream>, SyncError> {
    let query = DreamQuery { archived: true, ..DreamQuery::default() };
    let list = far.platform.client().dreams(&query);
    let (mut found, mut met, mut quiet) = (Vec::new(), BTreeSet::new(), 0);
    for dream in far.platform.each(list) {
        let dream = dream?;
        // A page may come twice.
        if !met.insert(dream.id.clone()) {
            continue;
        }
        let earlier = known.get(&dream.id);
        let same = earlier.is_some_and(|earlier| updated(far, &dream, earlier.clone()) == *earlier);
        if same {
            quiet += 1;
        } else {
            quiet = 0;
            found.push(dream);
        }
        if quiet >= QUIET {
            break;
        }
    }
    for (id, dream) in known {
        if dream.status.is_final() || met.contains(id) {
            continue;
        }
        match far.platform.block_on(far.platform.client().dream(id)) {
            Ok(dream) => found.push(dream),
            Err(error) if error.is_not_found() => lost(far, dream.clone())?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// A dream that the platform no longer has.
pub(super) fn lost(far: &Far<'_>, mut dream: Dream) -> Result<(), SyncError> {
    dream.status = DreamStatus::Failed;
    dream.ended = Some(far.writer.now());
    dream.error = Some(
        "the platform no longer has this dream. The memory it read is as it was; run another with `wakeful dream run`"
            .to_owned(),
    );
    Ok(far.writer.put_dream(&dream)?)
}

/// The agent whose memory a dream reads: of several that share a store, the one whose sessions it was given.
pub(super) fn owner(
    far: &Far<'_>,
    dream: &wire::Dream,
    agents: &[AgentId],
) -> Result<Option<AgentId>, SyncError> {
    if let [only] = agents {
        return Ok(Some(only.clone()));
    }
    for session in dream.input_sessions().take(3).map(SessionId::new) {
        for agent in agents {
            if far.reader.session(agent, &session)?.is_some() {
                return Ok(Some(agent.clone()));
            }
        }
    }
    Ok(agents.first().cloned())
}

/// A dream that somebody else started, as it is first seen.
pub(super) fn found(far: &Far<'_>, dream: &wire::Dream, agent: AgentId) -> Result<Dream, SyncError> {
    let base = far.writer.put_snapshot(&Snapshot::new())?;
    let fresh = blank(far, dream, agent, base, BaseOrigin::NotYet, false);
    Ok(updated(far, dream, fresh))
}

/// A dream that wakeful asked for.
pub(super) fn started(far: &Far<'_>, dream: &wire::Dream, open: &OpenIntent) -> Dream {
    let intent = &open.intent;
    let mut ours = blank(far, dream, intent.agent.clone(), intent.base, BaseOrigin::Saved, true);
    ours.window = intent.window.clone();
    ours.estimate.clone_from(&intent.estimate);
    ours.instructions.clone_from(&intent.instructions);
    updated(far, dream, ours)
}

fn blank(
    far: &Far<'_>,
    dream: &wire::Dream,
    agent: AgentId,
    base: ContentHash,
    origin: BaseOrigin,
    ours: bool,
) -> Dream {
    let sessions: Vec<SessionId> = dream.input_sessions().map(SessionId::new).collect();
    Dream {
        id: DreamId::new(&dream.id),
        agent,
        engine: Engine::Platform,
        status: DreamStatus::Pending,
        started: dream.created_at.unwrap_or_else(|| far.writer.now()),
        ended: None,
        window: Window { last: sessions.len() as u32, ..Window::default() },
        base,
        proposed: None,
        manifest: None,
        error: None,
        model: Some(dream.model.id.clone()).filter(|model| !model.is_empty()),
        instructions: dream.instructions.clone(),
        remote: Some(RemoteDream {
            profile: far.platform.profile().to_owned(),
            id: dream.id.clone(),
            input_store: dream.input_store().unwrap_or_default().to_owned(),
            output_store: None,
            session: None,
            sessions,
            in_place: matches!(dream.output_behavior, wire::OutputBehavior::UpdateExisting(_)),
            ours,
            archived: false,
            failure: None,
            base: origin,
            harvested: false,
            output: crate::domain::remote::OutputStore::Kept,
        }),
        usage: None,
        estimate: None,
        cost: None,
    }
}

/// A dream of the cache brought up to what the platform says now.
pub(super) fn updated(far: &Far<'_>, now: &wire::Dream, mut dream: Dream) -> Dream {
    dream.status = convert::status(&now.status);
    dream.ended = now.ended_at;
    dream.usage = convert::usage(now.usage);
    let price = dream.model.as_deref().and_then(|model| far.options.prices.of(model));
    dream.cost = dream.usage.zip(price).map(|(usage, price)| price.cost(&usage));
    if let Some(remote) = &mut dream.remote {
        remote.output_store = now.output_store().map(str::to_owned);
        remote.session.clone_from(&now.session_id);
        remote.archived = now.archived_at.is_some();
        if let Some(error) = &now.error {
            remote.failure = Some(error.kind.clone());
            dream.error = Some(failure::words(&error.kind, &error.message));
        }
    }
    dream
}

/// Settles open intents: each is either a dream among those listed since, or still open. Gives what is
/// still open.
pub(super) fn reconcile(far: &Far<'_>) -> Result<Vec<OpenIntent>, SyncError> {
    let open = far.reader.open_intents(far.platform.profile())?;
    let Some(first) = open.first() else { return Ok(open) };
    let since = first.at.saturating_sub(SKEW).unwrap_or(first.at);
    let query = DreamQuery { created_after: Some(since), archived: true, ..DreamQuery::default() };
    let known = known(far)?;
    let list = far.platform.client().dreams(&query);
    let mut unclaimed = Vec::new();
    for dream in far.platform.each(list) {
        let dream = dream?;
        let ours =
            known.get(&dream.id).and_then(|dream| dream.remote.as_ref()).is_some_and(|remote| remote.ours);
        if !ours {
            unclaimed.push(dream);
        }
    }
    // The oldest intent takes the oldest dream that fits.
    unclaimed.reverse();
    let mut still = Vec::new();
    for intent in open {
        match unclaimed.iter().position(|dream| fits(dream, &intent)) {
            Some(place) => {
                let dream = unclaimed.remove(place);
                far.writer.intent_started(intent.id, &started(far, &dream, &intent))?;
            }
            None => still.push(intent),
        }
    }
    Ok(still)
}

/// Whether a dream is the one an intent asked for: same store, sessions, model and words.
fn fits(dream: &wire::Dream, open: &OpenIntent) -> bool {
    let intent = &open.intent;
    let given: BTreeSet<&str> = dream.input_sessions().collect();
    let meant: BTreeSet<&str> = intent.sessions.iter().map(SessionId::as_str).collect();
    dream.input_store() == Some(intent.store.as_str())
        && given == meant
        && dream.model.id == intent.model
        && dream.instructions == intent.instructions
}
