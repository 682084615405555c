//! Which lessons of single agents are offered for the shared memory.
//!
//! Owns: that, and the text they get there. Must not know: passes, or how evidence is put together.
//!
//! Only what says in its own words what it is called is offered: a statement that merely describes a text may be
//! the same for two texts.

use std::collections::{BTreeMap, BTreeSet};

use super::super::context::Context;
use super::super::error::SyncError;
use super::super::texts::Placed;
use super::REASON;
use super::union::{self, Single};
use crate::domain::agent::Agent;
use crate::domain::evidence::Basis;
use crate::domain::ids::{AgentId, SessionId};
use crate::domain::lesson::{COLLISION, FROM_AGENTS, Kind, Lesson, Mark, RETURNED, SHARED};
use crate::domain::lifecycle::State;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::same::settled;
use crate::dream::Claim;
use crate::guard::repeated::{self, Notes};
use crate::source::shared::Shared;
use crate::store::LessonQuery;

/// Heading of a document that is made with its first note.
const HEADING: &str = "# Lessons of several agents\n";

/// Marks that do not hold for the note in another memory, or are made anew for it.
const OF_ONE: [&str; 8] =
    ["budget", "repeated", "joined", "single-source", SHARED, FROM_AGENTS, RETURNED, COLLISION];

/// What is offered for the shared memory.
pub(super) struct Offers {
    /// Each as a claim, the best supported first.
    pub claims: Vec<Claim>,
    /// Names of the agents that it comes from.
    pub agents: Vec<String>,
}

impl Offers {
    /// What two or more of the agents that read the memory have in the same words and it does not say yet.
    pub fn find(
        context: &Context<'_>,
        shared: &Shared,
        agents: &[Agent],
        memory: &Snapshot,
    ) -> Result<Self, SyncError> {
        let mut offers = Self { claims: Vec::new(), agents: Vec::new() };
        let Some(document) = shared.document() else { return Ok(offers) };
        let mut readers: Vec<&Agent> = agents.iter().filter(|agent| shared.is_read_by(agent)).collect();
        readers.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let mut alike: BTreeMap<String, Vec<(&Agent, Lesson)>> = BTreeMap::new();
        for agent in &readers {
            let query = LessonQuery {
                agent: Some(agent.id.clone()),
                kind: Some(Kind::Add),
                ..LessonQuery::default()
            };
            let lessons = context.reader.lessons(&query)?;
            for lesson in lessons.into_iter().filter(Lesson::is_shared) {
                let of = alike.entry(lesson.statement.clone()).or_default();
                // Of two notes of one agent the first stands for it.
                let first = of.iter().all(|(known, _)| known.id != agent.id);
                if first && is_found(context, &lesson)? {
                    of.push((agent, lesson));
                }
            }
        }
        let (notes, closed) = (Notes::read(memory), closed(context)?);
        let mut from: BTreeSet<&str> = BTreeSet::new();
        for (statement, mut found) in alike {
            let text = format!("- {}", squeezed(&statement));
            if found.len() < 2 || closed.contains(&statement) || says(memory, &notes, &text) {
                continue;
            }
            found.retain(|(_, lesson)| is_its_text(context, lesson));
            if found.len() >= 2 {
                from.extend(found.iter().map(|(agent, _)| agent.name.as_str()));
                offers.claims.push(claim(context, agents, &document, text, &found)?);
            }
        }
        offers.agents = from.into_iter().map(str::to_owned).collect();
        let support = |claim: &Claim| std::cmp::Reverse(claim.support.sessions);
        offers.claims.sort_by(|a, b| (support(a), &a.statement).cmp(&(support(b), &b.statement)));
        Ok(offers)
    }

    /// The memory with all of it.
    pub fn written(&self, memory: &Snapshot) -> Snapshot {
        let mut written = memory.clone();
        for claim in &self.claims {
            let before = written.get(&claim.path).cloned().unwrap_or_else(|| HEADING.into());
            written.insert(claim.path.clone(), with_note(&before, &claim.text));
        }
        written
    }

    /// Every session that any of it rests on.
    pub fn sessions(&self) -> Vec<SessionId> {
        let places = self.claims.iter().flat_map(|claim| &claim.evidence);
        let sessions: BTreeSet<&SessionId> = places.map(|evidence| &evidence.place.session).collect();
        sessions.into_iter().cloned().collect()
    }
}

/// Whether a lesson was found for its agent and turned down by nobody: what went into shared memory is not.
fn is_found(context: &Context<'_>, lesson: &Lesson) -> Result<bool, SyncError> {
    let counts = lesson.support.basis == Basis::Verified && lesson.support.sessions.is_some_and(|n| n > 0);
    if lesson.edited || !counts {
        return Ok(false);
    }
    Ok(match lesson.state {
        State::Pending | State::Snoozed | State::Accepted | State::Applied | State::Conflict => true,
        State::Rejected => settled(&context.reader.decisions(&lesson.id)?, REASON),
        State::Superseded => false,
    })
}

/// What was turned down for the shared memory, and what went into it: if a person took that out again, it is not
/// offered once more.
fn closed(context: &Context<'_>) -> Result<BTreeSet<String>, SyncError> {
    let query = LessonQuery {
        agent: Some(AgentId::shared()),
        states: vec![State::Rejected, State::Applied],
        ..LessonQuery::default()
    };
    let mut closed = BTreeSet::new();
    for lesson in context.reader.lessons(&query)? {
        closed.insert(lesson.proposed_statement().to_owned());
    }
    Ok(closed)
}

/// Whether the memory says it.
fn says(memory: &Snapshot, notes: &Notes, text: &str) -> bool {
    let words = text.trim_start_matches("- ");
    memory.iter().any(|(_, document)| squeezed(document).contains(words))
        || repeated::check(text, "", notes).is_some()
}

/// Whether a lesson writes what it is called.
fn is_its_text(context: &Context<'_>, lesson: &Lesson) -> bool {
    let placed = Placed::find(context.reader, context.cuttings, &lesson.id);
    placed.is_ok_and(|placed| {
        placed.part().is_ok_and(|part| squeezed(&part.inserted).contains(&squeezed(&lesson.statement)))
    })
}

fn claim(
    context: &Context<'_>,
    agents: &[Agent],
    document: &DocPath,
    text: String,
    found: &[(&Agent, Lesson)],
) -> Result<Claim, SyncError> {
    let mut singles = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    for (agent, lesson) in found {
        let owner = super::owner(agents, agent);
        let evidence = context.reader.evidence(&lesson.id)?;
        singles.push(Single { agent: owner, evidence, exposed: lesson.support.exposed.unwrap_or(0) });
        let of_all = lesson.marks.iter().filter(|mark| !OF_ONE.contains(&mark.guard.as_str()));
        marks.extend(
            of_all.map(|mark| Mark { text: format!("{}: {}", agent.name, mark.text), ..mark.clone() }),
        );
    }
    let (evidence, support) = union::of(context.reader, singles)?;
    marks.retain(|mark| mark.guard != "one-person" || support.users < 2);
    let best = found.iter().map(|(_, lesson)| lesson).max_by_key(|lesson| lesson.support.sessions);
    let topic = best.map_or(crate::domain::lesson::Topic::Fact, |lesson| lesson.topic);
    let tier = found.iter().map(|(_, lesson)| lesson.tier).max();
    Ok(Claim {
        topic,
        statement: found.first().map(|(_, lesson)| lesson.statement.clone()).unwrap_or_default(),
        path: document.clone(),
        text,
        removes: false,
        evidence,
        support,
        tier: tier.unwrap_or(crate::domain::evidence::Tier::Lead),
        marks,
    })
}

/// Puts back marks that speak of an agent's own documents, where the guards found the like in those of the shared
/// memory and would show only that.
pub(super) fn keep_own(marks: &mut Vec<Mark>, own: &[Mark]) {
    let missing = own.iter().filter(|mark| mark.guard == "protected" && !marks.contains(mark));
    let missing: Vec<Mark> = missing.cloned().collect();
    marks.extend(missing);
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.severity));
}

/// A document with one more note at its end, in a list that ends there or in one of its own.
fn with_note(document: &str, note: &str) -> String {
    let end = if document.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = document.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(end);
    }
    let last = text.lines().next_back().unwrap_or_default();
    let in_list = last.starts_with("- ") || (last.starts_with("  ") && !last.trim().is_empty());
    if !text.is_empty() && !in_list && !last.is_empty() {
        text.push_str(end);
    }
    text + note + end
}

/// Blanks made single.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_joins_the_list_at_the_end_or_begins_one() {
        for (before, after) in [
            ("# A\n", "# A\n\n- new\n"),
            ("# A\n\n- one\n", "# A\n\n- one\n- new\n"),
            ("# A\n\n- one\n  goes on\n", "# A\n\n- one\n  goes on\n- new\n"),
            ("Text without an end", "Text without an end\n\n- new\n"),
            ("# A\r\n\r\n- one\r\n", "# A\r\n\r\n- one\r\n- new\r\n"),
            ("", "- new\n"),
        ] {
            assert_eq!(with_note(before, "- new"), after);
        }
    }
}
