//! What the lessons of a dream on the platform rest on.
//!
//! Owns: which citations belong to which lesson, and asking for the evidence of all of them together. Must
//! not know: how evidence is found or judged.

use crate::domain::evidence::{Basis, Support, Tier};
use crate::domain::lesson::{Kind, Mark, Severity, Topic};
use crate::lesson::CutLesson;
use crate::sync::propose::Ground;

/// What each lesson rests on, in the same order.
pub(super) fn of(lessons: &[CutLesson]) -> Vec<Ground> {
    lessons.iter().enumerate().map(|(rank, part)| unchecked(part, rank)).collect()
}

/// A lesson whose evidence nobody looked for: it counts nothing.
fn unchecked(part: &CutLesson, rank: usize) -> Ground {
    let support = Support { basis: Basis::Estimated, sessions: Some(0), ..Support::memory() };
    let mark = Mark {
        guard: "unchecked".to_owned(),
        severity: Severity::Info,
        text: "no evidence checked yet".to_owned(),
    };
    Ground {
        rank,
        statement: part.statement.clone(),
        topic: topic(part.kind),
        support,
        tier: Tier::Lead,
        evidence: Vec::new(),
        marks: vec![mark],
    }
}

/// A dream does not say what a lesson is about: new text is taken for a fact, the rest for upkeep.
fn topic(kind: Kind) -> Topic {
    match kind {
        Kind::Add | Kind::Revise => Topic::Fact,
        Kind::Merge | Kind::Move | Kind::Remove => Topic::Upkeep,
    }
}
