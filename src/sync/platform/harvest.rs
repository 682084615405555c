//! From a finished dream on the platform to lessons a person can decide.
//!
//! Owns: the order of that: both sides, citations out, cut, evidence, kept. Must not know: how any of it is
//! done, or who shows it.

use std::sync::atomic::AtomicBool;

use super::base::{self, Compared};
use super::far::Far;
use super::transcripts;
use crate::domain::agent::Agent;
use crate::domain::dream::{Dream, DreamStatus, Excluded, Manifest, Progress};
use crate::domain::ids::hex_digest;
use crate::domain::lesson::{self, Mark, Severity};
use crate::domain::memory::Snapshot;
use crate::domain::remote::BaseOrigin;
use crate::evidence::cite::{self, CitedBlock};
use crate::lesson::cut;
use crate::source::Source;
use crate::sync::SyncError;
use crate::sync::compose::Cuttings;
use crate::sync::others::Search;
use crate::sync::quarantine;
use crate::sync::returns;

/// What came of a dream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harvested {
    /// So many lessons.
    Lessons(usize),
    /// It can't be reviewed; the dream says why.
    Nothing,
}

/// Makes lessons of a dream that is done, and keeps them. Repeating it changes nothing but what is new.
///
/// # Errors
/// When the platform can't be read, or it was stopped; then nothing is kept but fetched transcripts.
pub fn run(
    far: &Far<'_>,
    agent: &Agent,
    dream: &Dream,
    progress: &(dyn Fn(Progress) + Sync),
    cancel: &AtomicBool,
) -> Result<Harvested, SyncError> {
    let Some(remote) = dream.remote.as_ref().filter(|_| dream.status.is_final()) else {
        return Ok(Harvested::Nothing);
    };
    progress(Progress { stage: "comparing", done: 0, total: 0 });
    let mut dream = dream.clone();
    let Compared { base, proposed, origin, mut remarks } = match base::find(far, agent, &dream, remote)? {
        Ok(compared) => compared,
        Err(why) => {
            if let Some(remote) = &mut dream.remote {
                remote.base = BaseOrigin::Unknown { why };
                remote.harvested = true;
            }
            far.writer.put_dream(&dream)?;
            return Ok(Harvested::Nothing);
        }
    };
    // What is in force already is shown as it stands: accepting it must not write anything.
    let (proposed, cited) =
        if remote.in_place { (proposed, Vec::new()) } else { without_citations(&base, &proposed) };
    let fetched = transcripts::fetch(far, agent, &remote.sessions, progress, cancel)?;
    if !fetched.missing.is_empty() {
        remarks.push(format!(
            "{} of {} sessions could not be read, so evidence in them is not counted",
            fetched.missing.len(),
            remote.sessions.len()
        ));
    }
    if let Some(partial) = partial(&dream) {
        remarks.push(partial);
    }
    let protected: Vec<(String, String)> =
        far.platform.protected(agent)?.into_iter().map(|doc| (doc.path, doc.text)).collect();
    let cutting = cut(&base, &proposed);
    // A dream may have been started before: what it read counts, but not for evidence.
    let (sessions, _) = quarantine::kept_out(far.reader, &agent.id, fetched.sessions.clone())?;
    let search = Search {
        source: far.platform,
        agent,
        base: &base,
        protected: &protected,
        sessions: &sessions,
        progress,
        cancel,
    };
    let mut proposals = search.proposals(&dream.id, &cutting, &cited)?;
    returns::recognise(far.reader, &Cuttings::new(), &cutting, &mut proposals)?;
    let marks: Vec<Mark> = [
        remote.in_place.then(|| mark(lesson::IN_FORCE, IN_FORCE.to_owned())),
        partial(&dream).map(|text| mark("partial", text)),
    ]
    .into_iter()
    .flatten()
    .collect();
    for proposal in &mut proposals {
        proposal.lesson.marks.extend(marks.iter().cloned());
    }
    let count = proposals.len();
    dream.base = far.writer.put_snapshot(&base)?;
    dream.proposed = Some(far.writer.put_snapshot(&proposed)?);
    dream.manifest = Some(manifest(&dream, &fetched, remarks));
    if let Some(remote) = &mut dream.remote {
        remote.base = origin;
        remote.harvested = true;
    }
    far.writer.finish_dream(&dream, proposals, far.by)?;
    Ok(Harvested::Lessons(count))
}

/// What a lesson of a dream that wrote into the memory itself says of itself.
const IN_FORCE: &str = "in force already: the dream wrote it into the memory itself; accepting it writes nothing, \
                        rejecting it takes it out with the next apply";

/// What is to be known of a dream that did not come to its end.
fn partial(dream: &Dream) -> Option<String> {
    let end = match dream.status {
        DreamStatus::Failed => "failed",
        DreamStatus::Canceled => "was stopped",
        DreamStatus::Pending | DreamStatus::Running | DreamStatus::Completed => return None,
    };
    Some(format!(
        "the dream {end} before its end: what it wrote is partial, and text it was moving may look removed"
    ))
}

fn mark(guard: &str, text: String) -> Mark {
    Mark { guard: guard.to_owned(), severity: Severity::Warn, text }
}

/// The output without the citations we asked for. Documents that the dream left alone stay byte for byte.
fn without_citations(base: &Snapshot, output: &Snapshot) -> (Snapshot, Vec<CitedBlock>) {
    let (mut untouched, mut touched) = (Snapshot::new(), Snapshot::new());
    for (path, text) in output.iter() {
        let same = base.get(path).is_some_and(|before| before == text);
        let side = if same { &mut untouched } else { &mut touched };
        side.insert(path.clone(), std::sync::Arc::clone(text));
    }
    let stripped = cite::strip_memory(&touched);
    for (path, text) in stripped.memory.iter() {
        untouched.insert(path.clone(), std::sync::Arc::clone(text));
    }
    (untouched, stripped.cited)
}

fn manifest(dream: &Dream, fetched: &transcripts::Fetched, remarks: Vec<String>) -> Manifest {
    let model = dream.model.as_deref().unwrap_or("unknown");
    let told = dream.instructions.as_deref().unwrap_or_default();
    let sessions = dream.remote.as_ref().map(|remote| remote.sessions.clone()).unwrap_or_default();
    let names: Vec<&[u8]> = sessions.iter().map(|session| session.as_str().as_bytes()).collect();
    let excluded = fetched.missing.iter().map(|(session, why)| Excluded {
        session: session.clone(),
        reason: format!("the dream read it, but its transcript could not be fetched: {why}"),
    });
    Manifest {
        engine: format!("platform/{model}"),
        parameters: hex_digest(&[model.as_bytes(), told.as_bytes()]),
        corpus: hex_digest(&names),
        read: sessions,
        excluded: excluded.collect(),
        noise: None,
        noise_copies: 0,
        rules: None,
        fitted: None,
        whole: false,
        remarks,
    }
}
