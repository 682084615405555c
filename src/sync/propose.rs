//! From what an engine answers to lessons a person can decide.
//!
//! Owns: which claim stands behind which lesson, and the guards' remarks on each. Must not know: how
//! claims were found, or where lessons are kept.

use crate::domain::agent::Agent;
use crate::domain::evidence::{Evidence, Support, Tier};
use crate::domain::ids::DreamId;
use crate::domain::lesson::{Change, Lesson, Mark, Severity, Topic};
use crate::domain::lifecycle::State;
use crate::domain::memory::Snapshot;
use crate::dream::{Claim, Outcome};
use crate::guard::budget::MemorySize;
use crate::guard::protected::Directives;
use crate::guard::repeated::Notes;
use crate::guard::{self, Subject};
use crate::lesson::{Choice, CutLesson, Cutting, combine, cut, lesson_id};
use crate::store::Proposal;

/// What a pass leaves to make lessons of.
pub(super) struct Material<'a> {
    /// Whose memory.
    pub agent: &'a Agent,
    /// The memory it started from.
    pub memory: &'a Snapshot,
    pub outcome: &'a Outcome,
    /// Documents people wrote: path and text.
    pub protected: &'a [(String, String)],
}

/// What a lesson rests on.
pub(super) struct Ground {
    /// Place of its claim among all claims; lessons without one come last.
    pub rank: usize,
    pub statement: String,
    pub topic: Topic,
    pub support: Support,
    pub tier: Tier,
    pub evidence: Vec<Evidence>,
    pub marks: Vec<Mark>,
}

/// A memory cut into lessons, and what guards look at beside them.
pub(super) struct Grounded<'a> {
    /// Whose memory.
    pub agent: &'a Agent,
    /// The memory the lessons start from.
    pub memory: &'a Snapshot,
    /// Documents people wrote: path and text.
    pub protected: &'a [(String, String)],
    pub cutting: &'a Cutting,
}

/// The lessons of a pass, those of the best claims first.
pub(super) fn proposals(dream: &DreamId, material: &Material<'_>) -> Vec<Proposal> {
    let cutting = cut(material.memory, &material.outcome.proposed);
    let grounds = cutting.lessons.iter().map(|part| ground(part, &material.outcome.claims)).collect();
    let Material { agent, memory, protected, .. } = *material;
    assemble(dream, &Grounded { agent, memory, protected, cutting: &cutting }, grounds)
}

/// Lessons with what each rests on, in the order of the cutting, as proposals: the best first.
pub(super) fn assemble(dream: &DreamId, material: &Grounded<'_>, grounds: Vec<Ground>) -> Vec<Proposal> {
    let cutting = material.cutting;
    let directives = Directives::read(material.protected);
    let notes = Notes::read(material.memory);
    let budget = &material.agent.budget;
    let size = MemorySize::of(material.memory, budget);
    let mut ranked: Vec<(usize, Proposal)> = Vec::with_capacity(cutting.lessons.len());
    for (index, (part, mut ground)) in cutting.lessons.iter().zip(grounds).enumerate() {
        let with = MemorySize::of(&combine(cutting, &Choice::of([index])), budget);
        let mut found = guard::check(&Subject {
            kind: part.kind,
            statement: &ground.statement,
            inserted: &part.inserted,
            beside: &part.beside,
            removed: &part.removed,
            documents: &part.documents,
            evidence: &ground.evidence,
            support: &ground.support,
            protected: &directives,
            memory: &notes,
            before: size,
            after: with,
            budget,
        });
        // One mark says that nothing was found.
        if ground.marks.iter().any(|mark| mark.guard == "no-evidence") {
            found.retain(|mark| mark.guard != "single-source");
        }
        // The engine may have warned of the same.
        ground.marks.retain(|mark| found.iter().all(|other| other.guard != mark.guard));
        ground.marks.splice(0..0, found);
        let tokens = with.tokens as i64 - size.tokens as i64;
        ranked.push((ground.rank, proposal(dream, material, part, ground, tokens)));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut proposals: Vec<Proposal> = ranked.into_iter().map(|(_, proposal)| proposal).collect();
    for (position, proposal) in proposals.iter_mut().enumerate() {
        proposal.lesson.position = position as u32;
    }
    proposals
}

fn proposal(
    dream: &DreamId,
    material: &Grounded<'_>,
    part: &CutLesson,
    ground: Ground,
    tokens: i64,
) -> Proposal {
    let agent = &material.agent.id;
    Proposal {
        lesson: Lesson {
            id: lesson_id(agent, &part.key),
            agent: agent.clone(),
            dream: dream.clone(),
            kind: part.kind,
            topic: ground.topic,
            statement: ground.statement,
            proposed: None,
            state: State::Pending,
            edited: false,
            support: ground.support,
            tier: ground.tier,
            marks: ground.marks,
            documents: part.documents.clone(),
            // As the memory with it measures, as the preview of an apply does: structure that comes
            // along counts, and nothing is rounded twice.
            tokens,
            cosmetic: part.cosmetic,
            position: 0,
        },
        key: part.key.clone(),
        evidence: ground.evidence,
    }
}

/// The claim whose text a lesson brings or takes away. Where several went into one lesson, the one
/// with the least support speaks for it: the lesson as a whole is no firmer than that.
fn ground(part: &CutLesson, claims: &[Claim]) -> Ground {
    let behind: Vec<(usize, &Claim)> =
        claims.iter().enumerate().filter(|(_, claim)| stands_behind(claim, part)).collect();
    let weakest = behind.iter().min_by_key(|(rank, claim)| (claim.support.sessions, *rank));
    let Some((rank, claim)) = weakest else {
        return Ground {
            rank: usize::MAX,
            statement: part.statement.clone(),
            topic: Topic::Upkeep,
            support: Support::memory(),
            tier: Tier::Lead,
            evidence: Vec::new(),
            marks: Vec::new(),
        };
    };
    let mut marks = claim.marks.clone();
    let others: Vec<&str> =
        behind.iter().filter(|(other, _)| other != rank).map(|(_, claim)| claim.statement.as_str()).collect();
    if !others.is_empty() {
        let text = format!("also says: {}", others.join("; "));
        marks.push(Mark { guard: "joined".to_owned(), severity: Severity::Info, text });
    }
    Ground {
        rank: *rank,
        statement: claim.statement.clone(),
        topic: claim.topic,
        support: claim.support.clone(),
        tier: claim.tier,
        evidence: claim.evidence.clone(),
        marks,
    }
}

fn stands_behind(claim: &Claim, part: &CutLesson) -> bool {
    let touches = part.documents.iter().any(|document| {
        document.path == claim.path || matches!(&document.change, Change::Renamed(old) if *old == claim.path)
    });
    let text = squeezed(&claim.text);
    let held = if claim.removes { &part.removed } else { &part.inserted };
    touches && !text.is_empty() && squeezed(held).contains(&text)
}

/// Blanks made single: a block keeps its words, not its indentation, when it is put in place.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::{Budget, Mode, SourceKind};
    use crate::domain::dream::Manifest;
    use crate::domain::evidence::Basis;
    use crate::domain::ids::AgentId;
    use crate::domain::memory::DocPath;

    fn agent() -> Agent {
        Agent {
            id: AgentId::new("bot"),
            name: "bot".to_owned(),
            source: SourceKind::Folder,
            sessions_at: String::new(),
            memory_at: String::new(),
            protected: Vec::new(),
            segment: None,
            mode: Mode::Review,
            budget: Budget { index: Some("MEMORY.md".to_owned()), index_lines: Some(3), ..Budget::default() },
            outcomes: crate::domain::outcome::Outcomes::default(),
        }
    }

    fn memory(documents: &[(&str, &str)]) -> Snapshot {
        documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect()
    }

    fn claim(path: &str, text: &str, sessions: u32) -> Claim {
        let support =
            Support { basis: Basis::Verified, sessions: Some(sessions), days: 4, ..Support::memory() };
        Claim {
            topic: Topic::Mistake,
            statement: format!("Claim {sessions}"),
            path: DocPath::new(path).unwrap(),
            text: text.to_owned(),
            removes: false,
            evidence: Vec::new(),
            support,
            tier: Tier::Supported,
            marks: Vec::new(),
        }
    }

    fn lessons(before: &[(&str, &str)], after: &[(&str, &str)], claims: Vec<Claim>) -> Vec<Lesson> {
        let manifest = Manifest {
            engine: String::new(),
            parameters: String::new(),
            corpus: String::new(),
            read: Vec::new(),
            excluded: Vec::new(),
            noise: None,
            noise_copies: 0,
            rules: None,
            fitted: None,
            whole: false,
            remarks: Vec::new(),
        };
        let outcome = Outcome { proposed: memory(after), claims, endings: Vec::new(), manifest };
        let protected = [("CLAUDE.md".to_owned(), "Always prefix commands with rtk.\n".to_owned())];
        let (agent, memory) = (agent(), memory(before));
        let material = Material { agent: &agent, memory: &memory, outcome: &outcome, protected: &protected };
        proposals(&DreamId::new("drm_1"), &material).into_iter().map(|proposal| proposal.lesson).collect()
    }

    #[test]
    fn each_lesson_carries_its_claim_and_the_best_come_first() {
        let before = [("a.md", "# A\n\n- one apple\n"), ("b.md", "# B\n\n- one pear\n")];
        let after = [
            ("a.md", "# A\n\n- one apple\n- Refunds take five days.\n"),
            ("b.md", "# B\n\n- one pear\n- Use bun for every script.\n"),
        ];
        let claims = vec![
            claim("b.md", "- Use bun for every script.", 18),
            claim("a.md", "- Refunds  take\nfive days.", 7),
        ];
        let lessons = lessons(&before, &after, claims);
        let listed: Vec<(&str, Option<u32>, u32)> = lessons
            .iter()
            .map(|lesson| (lesson.statement.as_str(), lesson.support.sessions, lesson.position))
            .collect();
        assert_eq!(listed, [("Claim 18", Some(18), 0), ("Claim 7", Some(7), 1)]);
    }

    #[test]
    fn what_no_claim_explains_counts_nothing() {
        let after = [("a.md", "# A\n\nSomething new that nobody claimed.\n")];
        let lessons = lessons(&[("a.md", "# A\n")], &after, vec![claim("b.md", "Something new", 9)]);
        assert_eq!((lessons[0].topic, lessons[0].tier), (Topic::Upkeep, Tier::Lead));
        assert_eq!(lessons[0].support, Support::memory());
    }

    #[test]
    fn the_weakest_of_several_claims_speaks_for_a_lesson() {
        let text = "Refunds take five days, and vouchers are never refunded.\n";
        let claims = vec![
            claim("new.md", "Refunds take five days", 18),
            claim("new.md", "vouchers are never refunded", 6),
        ];
        let lessons = lessons(&[], &[("new.md", text)], claims);
        assert_eq!(lessons[0].support.sessions, Some(6));
        let joined = lessons[0].marks.iter().find(|mark| mark.guard == "joined").unwrap();
        assert!(joined.text.contains("Claim 18"));
    }

    #[test]
    fn guards_look_at_what_comes_along_with_a_lesson() {
        let topic = "---\nname: bun\ndescription: Call bun\n---\n\nCall bun directly.\n";
        let index = "# Index\n\n- one\n- [Bun](bun.md) — the password: k3x9QQ1z\n";
        let heading = "# A\n\n- one apple\n\n## Cal\u{202e}ls\n\n- Call first.\n";
        let before = [("MEMORY.md", "# Index\n\n- one\n"), ("a.md", "# A\n\n- one apple\n")];
        let after = [("MEMORY.md", index), ("a.md", heading), ("bun.md", topic)];
        let lessons = lessons(&before, &after, Vec::new());
        let blocks = |words: &str| {
            let lesson = lessons.iter().find(|lesson| lesson.statement.contains(words)).unwrap();
            lesson
                .marks
                .iter()
                .filter(|mark| mark.severity == Severity::Block)
                .map(|mark| &*mark.guard)
                .collect()
        };
        let (of_index, of_heading): (Vec<&str>, Vec<&str>) = (blocks("Call bun"), blocks("Call first"));
        assert_eq!((of_index, of_heading), (vec!["secret"], vec!["hidden"]));
    }

    #[test]
    fn guards_look_at_every_lesson() {
        let before = [("MEMORY.md", "# Index\n\n- one\n")];
        let after = [("MEMORY.md", "# Index\n\n- one\n- Never prefix commands with rtk.\n")];
        let lessons =
            lessons(&before, &after, vec![claim("MEMORY.md", "Never prefix commands with rtk.", 12)]);
        let guards: Vec<&str> = lessons[0].marks.iter().map(|mark| mark.guard.as_str()).collect();
        assert!(guards.contains(&"protected"), "{guards:?}");
        assert!(guards.contains(&"budget"), "{guards:?}");
    }
}
