//! Why a lesson wants a look of its own before it is accepted.
//!
//! Owns: which lessons are not accepted along with others, and which of them are worst. Must not know: how accepting
//! is asked for; batches, and taking over a whole dream, do that in their own ways.

use crate::domain::evidence::Tier;
use crate::domain::lesson::{Lesson, Severity};
use crate::domain::lifecycle::State;

/// What speaks against accepting a lesson unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt<'a> {
    /// A guard warns of it; its name.
    Warned(&'a str),
    /// Its examples don't establish it.
    NotEstablished,
}

impl<'a> Doubt<'a> {
    /// In a word or two.
    #[must_use]
    pub fn short(self) -> &'a str {
        match self {
            Self::Warned(guard) => guard,
            Self::NotEstablished => "not established",
        }
    }
}

/// What speaks against accepting a lesson along with others. What is blocked is another matter: nobody can accept it
/// as it is.
#[must_use]
pub fn doubt(lesson: &Lesson) -> Option<Doubt<'_>> {
    if lesson.is_blocked() {
        return None;
    }
    if let Some(mark) = lesson.marks.iter().find(|mark| mark.severity == Severity::Warn) {
        return Some(Doubt::Warned(&mark.guard));
    }
    let counted = lesson.support.sessions.is_some();
    (counted && lesson.tier != Tier::Established).then_some(Doubt::NotEstablished)
}

/// Those of some lessons that nobody has looked at and that want a look of their own, the worst first: those with
/// the most warnings, then those with the fewest examples. Each in a line.
#[must_use]
pub fn doubted<'a>(lessons: impl IntoIterator<Item = &'a Lesson>) -> Vec<String> {
    let warnings =
        |lesson: &Lesson| lesson.marks.iter().filter(|mark| mark.severity == Severity::Warn).count();
    let open = lessons.into_iter().filter(|lesson| lesson.state != State::Accepted);
    let mut found: Vec<(&Lesson, Doubt<'_>)> =
        open.filter_map(|lesson| Some((lesson, doubt(lesson)?))).collect();
    found.sort_by_key(|(lesson, _)| {
        (std::cmp::Reverse(warnings(lesson)), lesson.support.sessions.unwrap_or(0), lesson.position)
    });
    found.into_iter().map(|(lesson, doubt)| in_a_line(lesson, doubt)).collect()
}

/// A name longer than this leaves no room for the reason.
const NAMED: usize = 60;

fn in_a_line(lesson: &Lesson, doubt: Doubt<'_>) -> String {
    let cut = if lesson.statement.chars().count() > NAMED { "…" } else { "" };
    let name: String = lesson.statement.chars().take(NAMED).collect();
    let mut why: Vec<&str> = vec![doubt.short()];
    for mark in lesson.marks.iter().filter(|mark| mark.severity == Severity::Warn) {
        if !why.contains(&mark.guard.as_str()) {
            why.push(&mark.guard);
        }
    }
    let examples = match lesson.support.sessions {
        Some(1) => ", 1 example".to_owned(),
        Some(sessions) => format!(", {sessions} examples"),
        None => String::new(),
    };
    format!("“{}{cut}”: {}{examples}", name.trim_end(), why.join(", "))
}
