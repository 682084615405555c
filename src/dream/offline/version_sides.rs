//! Notes that give one program different versions, and what sessions were told of it.
//!
//! Owns: which programs sessions asked for their version, when two sentences give such a program versions that
//! differ, and the answers that agree with one of them. Must not know: which note gives way.
//!
//! "Node is version 18" and "Node is version 20" are too short to be told from "Ticket 12 …" and "Ticket 14 …" by
//! their words. That sessions asked the program for its version says that the number is one.

use std::collections::BTreeMap;

use super::drafts;
use super::facts::{CallFact, ToldVersion};
use super::pool::Pool;
use super::versions;
use crate::domain::evidence::Stance;
use crate::evidence::count::Sighting;

/// What sessions were told when they asked for versions, by program.
#[derive(Debug)]
pub struct Answers<'p> {
    /// Where they were told.
    pub pool: &'p Pool<'p>,
    of: BTreeMap<&'p str, Vec<(usize, &'p CallFact, &'p ToldVersion)>>,
}

impl<'p> Answers<'p> {
    /// Gathers them.
    #[must_use]
    pub fn of(pool: &'p Pool<'p>) -> Self {
        let mut of: BTreeMap<&str, Vec<(usize, &CallFact, &ToldVersion)>> = BTreeMap::new();
        for (at, member) in pool.members.iter().enumerate() {
            for call in &member.facts.calls {
                if let (Some(told), [command]) = (call.version.as_deref(), call.action.commands.as_slice())
                    && let Some(program) = command.words.first()
                {
                    of.entry(program).or_default().push((at, call, told));
                }
            }
        }
        Self { pool, of }
    }

    /// The program that two sentences give versions which can't both hold.
    #[must_use]
    pub fn disputed(&self, one: &str, other: &str) -> Option<&'p str> {
        let differ = |program: &&&str| {
            let (a, b) = (said(one, program), said(other, program));
            !a.is_empty()
                && !b.is_empty()
                // "20" and "20.11" both hold, and so do the older and the newer of a note that names two.
                && a.iter().all(|a| b.iter().all(|b| versions::as_exact_as(a, b) != *a && versions::as_exact_as(b, a) != *b))
        };
        self.of.keys().find(differ).copied()
    }

    /// The answers that agree with one of two sentences that give a program different versions.
    #[must_use]
    pub fn agreeing(&self, one: &str, other: &str) -> Vec<Sighting> {
        let Some(program) = self.disputed(one, other) else { return Vec::new() };
        let versions = said(one, program);
        let agrees = |told: &ToldVersion| {
            versions.iter().all(|said| versions::as_exact_as(said, &told.version) == *said)
        };
        let answers = self.of.get(program).into_iter().flatten();
        answers
            .filter(|(_, _, told)| agrees(told))
            .filter_map(|(member, call, told)| {
                let origin = drafts::answered_by(call);
                self.pool.sighting(*member, &told.spot, Stance::Support, origin, &told.line)
            })
            .collect()
    }
}

/// The versions that a sentence gives a program.
fn said<'t>(text: &'t str, program: &str) -> Vec<&'t str> {
    versions::named(text, program).into_iter().filter_map(|at| text.get(at)).collect()
}
