//! The memory a dream is compared with.
//!
//! Owns: finding it, and saying where it comes from or why it can't be told. Must not know: what the
//! comparison shows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::far::Far;
use super::shelf;
use crate::domain::agent::Agent;
use crate::domain::dream::Dream;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::remote::{BaseOrigin, RemoteDream};
use crate::source::platform::{PlatformError, VersionQuery, wire};
use crate::sync::SyncError;

/// What a dream is compared with, and with what.
pub(super) struct Compared {
    /// The memory before.
    pub base: Snapshot,
    /// The memory after.
    pub proposed: Snapshot,
    /// Where the memory before comes from.
    pub origin: BaseOrigin,
    /// Plain remarks for the reviewer.
    pub remarks: Vec<String>,
}

/// Both sides of a finished dream; `Err` inside is why they can't be told.
pub(super) fn find(
    far: &Far<'_>,
    agent: &Agent,
    dream: &Dream,
    remote: &RemoteDream,
) -> Result<Result<Compared, String>, SyncError> {
    if remote.in_place {
        return in_place(far, dream, remote);
    }
    let Some(output) = remote.output_store.as_deref() else {
        return Ok(Err("it has no output store".to_owned()));
    };
    let versions = match versions(far, output, None) {
        Ok(versions) => versions,
        Err(error) if error.is_not_found() => {
            return Ok(Err("its output store was deleted".to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    let (base, origin) = match &remote.base {
        BaseOrigin::Saved => (far.reader.snapshot(dream.base)?, BaseOrigin::Saved),
        _ => match oldest(far, output, &versions, remote)? {
            Some(base) => (base, BaseOrigin::OutputVersions),
            None => match nearest(far, agent, dream.started)? {
                Some((base, at)) => (base, BaseOrigin::Nearest { at }),
                None => {
                    return Ok(Err(
                        "its store does not keep what it started from, and wakeful had not seen the memory before"
                            .to_owned(),
                    ));
                }
            },
        },
    };
    let mut remarks = others(&versions, remote, dream.started);
    let read = shelf::read(far, output, &base)?;
    let mut proposed = read.snapshot;
    for skipped in &read.skipped {
        remarks.push(format!("{} of the output was left as it was: {}", skipped.file, skipped.reason));
        // What could not be read must not look as if the dream had removed it.
        if let Ok(path) = DocPath::new(&skipped.file)
            && let Some(text) = base.get(&path)
        {
            proposed.insert(path, std::sync::Arc::clone(text));
        }
    }
    Ok(Ok(Compared { base, proposed, origin, remarks }))
}

/// A dream that wrote into the store it read: its versions, and those right before each.
fn in_place(
    far: &Far<'_>,
    dream: &Dream,
    remote: &RemoteDream,
) -> Result<Result<Compared, String>, SyncError> {
    let Some(session) = remote.session.as_deref() else {
        return Ok(Err("it wrote into the memory itself and does not say in which session".to_owned()));
    };
    let own = versions(far, &remote.input_store, Some(session))?;
    if own.is_empty() {
        let Some((base, at)) = own_snapshot_around(far, dream)? else {
            return Ok(Err(
                "it wrote into the memory itself, the store has no record of its writes any more, and wakeful \
                 had not saved the memory before"
                    .to_owned(),
            ));
        };
        let Some(after) = snapshot_after(far, dream)? else {
            return Ok(Err(
                "it wrote into the memory itself, and wakeful has not seen the memory since".to_owned()
            ));
        };
        let origin = BaseOrigin::Nearest { at };
        return Ok(Ok(Compared { base, proposed: after, origin, remarks: vec![in_place_remark()] }));
    }
    let all = versions(far, &remote.input_store, None)?;
    let mut by_memory: BTreeMap<&str, Vec<&wire::Version>> = BTreeMap::new();
    for version in &all {
        by_memory.entry(version.memory_id.as_str()).or_default().push(version);
    }
    let dreamt: BTreeSet<&str> = own.iter().map(|version| version.id.as_str()).collect();
    let (mut base, mut after) = (Snapshot::new(), Snapshot::new());
    for versions in by_memory.values() {
        // Newest first. Before: the newest version older than the dream's first. After: its last.
        let first = versions.iter().rposition(|version| dreamt.contains(version.id.as_str()));
        let last = versions.iter().position(|version| dreamt.contains(version.id.as_str()));
        let (before, ended) = match (first, last) {
            (Some(first), Some(last)) => (versions.get(first + 1), versions.get(last)),
            _ => {
                let standing =
                    versions.iter().find(|version| version.created_at.is_some_and(|at| at <= dream.started));
                (standing, standing)
            }
        };
        for (snapshot, version) in [(&mut base, before), (&mut after, ended)] {
            if let Some(version) = version {
                match text_of(far, &remote.input_store, version)? {
                    Some((path, text)) => snapshot.insert(path, text),
                    None if matches!(version.operation, wire::Operation::Deleted) => {}
                    None => {
                        return Ok(Err(
                            "it wrote into the memory itself, and versions it replaced were wiped or have expired"
                                .to_owned(),
                        ));
                    }
                }
            }
        }
    }
    let remarks = vec![in_place_remark()];
    Ok(Ok(Compared { base, proposed: after, origin: BaseOrigin::InputVersions, remarks }))
}

fn in_place_remark() -> String {
    "this dream wrote into the memory itself: what it says is in force already; what you reject is taken out by the \
     next apply"
        .to_owned()
}

/// What the output store held before the dream wrote into it: the first version of each memory, unless the
/// dream's own session made it. `None` if the store does not tell.
fn oldest(
    far: &Far<'_>,
    store: &str,
    versions: &[wire::Version],
    remote: &RemoteDream,
) -> Result<Option<Snapshot>, SyncError> {
    let mut first: BTreeMap<&str, &wire::Version> = BTreeMap::new();
    // Newest first, so the last one met of each memory is its oldest.
    for version in versions {
        first.insert(&version.memory_id, version);
    }
    let is_dreams = |version: &wire::Version| match &version.created_by {
        Some(wire::Actor::Session(session)) => remote.session.as_deref() == Some(session.as_str()),
        _ => false,
    };
    let mut base = Snapshot::new();
    for version in first.values().filter(|version| !is_dreams(version)) {
        match text_of(far, store, version)? {
            Some((path, text)) => base.insert(path, text),
            // Half of a memory would make the other half look new.
            None => return Ok(None),
        }
    }
    Ok((!base.is_empty()).then_some(base))
}

/// Our own snapshot of the memory nearest before a moment.
fn nearest(
    far: &Far<'_>,
    agent: &Agent,
    before: Timestamp,
) -> Result<Option<(Snapshot, Timestamp)>, SyncError> {
    let log = far.reader.memory_log(&agent.id)?;
    match log.into_iter().find(|version| version.seen_at <= before) {
        Some(version) => Ok(Some((far.reader.snapshot(version.snapshot)?, version.seen_at))),
        None => Ok(None),
    }
}

fn own_snapshot_around(far: &Far<'_>, dream: &Dream) -> Result<Option<(Snapshot, Timestamp)>, SyncError> {
    let log = far.reader.memory_log(&dream.agent)?;
    match log.into_iter().find(|version| version.seen_at <= dream.started) {
        Some(version) => Ok(Some((far.reader.snapshot(version.snapshot)?, version.seen_at))),
        None => Ok(None),
    }
}

fn snapshot_after(far: &Far<'_>, dream: &Dream) -> Result<Option<Snapshot>, SyncError> {
    let ended = dream.ended.unwrap_or(dream.started);
    let log = far.reader.memory_log(&dream.agent)?;
    match log.into_iter().rev().find(|version| version.seen_at >= ended) {
        Some(version) => Ok(Some(far.reader.snapshot(version.snapshot)?)),
        None => Ok(None),
    }
}

/// Who else wrote into the output store since the dream began.
fn others(versions: &[wire::Version], remote: &RemoteDream, since: Timestamp) -> Vec<String> {
    let mut paths: BTreeSet<&str> = BTreeSet::new();
    for version in versions.iter().filter(|version| version.created_at.is_some_and(|at| at > since)) {
        let stranger = match &version.created_by {
            Some(wire::Actor::Session(session)) => remote.session.as_deref() != Some(session.as_str()),
            // Made when the store was copied, or not recorded: nothing is said about that.
            None | Some(wire::Actor::Other(_)) => false,
            Some(_) => !matches!(version.operation, wire::Operation::Created),
        };
        if stranger && let Some(path) = version.path.as_deref() {
            paths.insert(path);
        }
    }
    if paths.is_empty() {
        return Vec::new();
    }
    let shown: Vec<&str> = paths.iter().take(3).copied().collect();
    let more = if paths.len() > shown.len() { " and others" } else { "" };
    vec![format!("not only the dream wrote its output: somebody else changed {}{more}", shown.join(", "))]
}

fn versions(far: &Far<'_>, store: &str, session: Option<&str>) -> Result<Vec<wire::Version>, PlatformError> {
    let query = VersionQuery { session: session.map(str::to_owned), ..VersionQuery::default() };
    let mut met = BTreeSet::new();
    let listed: Vec<wire::Version> =
        far.platform.each(far.platform.client().versions(store, &query)).collect::<Result<_, _>>()?;
    Ok(listed.into_iter().filter(|version| met.insert(version.id.clone())).collect())
}

/// Path and text of a version, from the cache where it holds that text; `None` where there is none (any more).
fn text_of(
    far: &Far<'_>,
    store: &str,
    version: &wire::Version,
) -> Result<Option<(DocPath, std::sync::Arc<str>)>, SyncError> {
    let Some(path) = version.path.as_deref().and_then(|path| DocPath::new(path).ok()) else {
        return Ok(None);
    };
    let Some(hash) = version.content_sha256.as_deref().and_then(ContentHash::parse) else { return Ok(None) };
    if let Ok(text) = far.reader.document(hash) {
        return Ok(Some((path, text)));
    }
    match far.platform.block_on(far.platform.client().version(store, &version.id)) {
        Ok(full) => {
            let whole = full.content.filter(|text| ContentHash::of(text.as_bytes()) == hash);
            Ok(whole.map(|text| (path, text.into())))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
