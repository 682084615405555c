//! Agents side by side: where the memory of one, or a lesson for it, contradicts the memory of another.
//!
//! Owns: which agents are compared, and how it is told. Must not know: when two notes contradict each
//! other. Agents do different work, so a contradiction between them need not be a mistake: it is shown,
//! with both notes quoted, and nothing is proposed for it.
//!
//! The same lesson for several agents is the other half: which are one is told by `domain::same`, a decision on
//! one reaches the others in `decide`, and what goes into a memory that agents share is in `shared`.

use super::context::Context;
use super::error::SyncError;
use crate::domain::dream::ACROSS;
use crate::domain::lesson::{Mark, Severity};
use crate::domain::memory::Snapshot;
use crate::domain::text::counted;
use crate::dream::Outcome;
use crate::dream::offline::across::{self, Difference};

/// Agents compared: more are not read by a person either.
const AGENTS: usize = 30;
/// Contradictions named one by one.
const NAMED: usize = 5;

/// Adds to a pass what other agents' memories say otherwise: a mark on each lesson, and a remark for what
/// the memory says already.
pub(super) fn tell(context: &Context<'_>, memory: &Snapshot, outcome: &mut Outcome) -> Result<(), SyncError> {
    let mut others: Vec<(String, Snapshot)> = Vec::new();
    for agent in context.reader.agents()? {
        if agent.id == context.agent.id || others.len() >= AGENTS {
            continue;
        }
        if agent.memory_at == context.agent.memory_at && agent.source == context.agent.source {
            // The very same store: nothing to compare.
            continue;
        }
        if let Some(memory) = context.reader.memory(&agent.id)? {
            others.push((agent.name, memory));
        }
    }
    for claim in outcome.claims.iter_mut().filter(|claim| !claim.removes) {
        let alone: Snapshot = std::iter::once((claim.path.clone(), claim.text.as_str().into())).collect();
        if let Some(found) = across::differences(&alone, &others).into_iter().next() {
            claim.marks.push(Mark {
                guard: "agents-differ".to_owned(),
                severity: Severity::Warn,
                text: format!(
                    "the memory of {} says otherwise: \"{}\" ({})",
                    found.agent, found.there, found.at
                ),
            });
        }
    }
    let found = across::differences(memory, &others);
    let words = |found: &Difference| {
        let Difference { agent, here, path, there, at } = found;
        format!("the memory of {agent} says otherwise: \"{here}\" ({path}) here, \"{there}\" ({at}) there")
    };
    let mut told: Vec<String> = found.iter().take(NAMED).map(words).collect();
    let count = counted(found.len() as u64, "note");
    match found.len() {
        0 => {}
        1 => told.insert(0, "1 note here contradicts another agent's".to_owned()),
        more if more > NAMED => {
            told.insert(0, format!("{count} here contradict other agents', the first {NAMED}:"));
        }
        _ => told.insert(0, format!("{count} here contradict other agents'")),
    }
    outcome.manifest.remarks.extend(told.into_iter().map(|text| format!("{ACROSS}{text}")));
    Ok(())
}
