//! Lessons put into a corpus, each with what is true of it.
//!
//! Owns: mistakes with a fix, and preferences in three ways of putting them. Must not know: how an
//! engine finds them.

use std::collections::BTreeSet;

use wakeful::dream::Claim;

use super::corpus::{Corpus, error_of};

/// In how many sessions each planted lesson shows.
pub const SUPPORTS: [usize; 6] = [3, 5, 8, 10, 15, 20];

/// A lesson that is there to be found.
pub struct Plant {
    /// Words that a statement of it must hold.
    words: [String; 2],
    /// In how many sessions it was meant to show.
    pub support: usize,
    /// Sessions in which it does show.
    pub truth: BTreeSet<usize>,
}

impl Plant {
    /// Whether a text names both its halves.
    pub fn holds(&self, text: &str) -> bool {
        self.words.iter().all(|word| text.contains(word.as_str()))
    }

    /// Whether a claim is about this lesson.
    pub fn is(&self, claim: &Claim) -> bool {
        self.holds(&claim.statement)
    }
}

/// How people put a preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// The same words every time.
    Same,
    /// Other words around the same two things.
    Reworded,
    /// However they like.
    Free,
}

/// Six mistakes, each ended by its own fix most of the time: the fix is tried in 70 % of reactions and
/// works in 92 % of them.
pub fn mistakes(corpus: &mut Corpus) -> Vec<Plant> {
    let names = ["olive", "plaza", "quilt", "robin", "sugar", "tulip"];
    names
        .into_iter()
        .zip(SUPPORTS)
        .map(|(name, support)| {
            let mut truth = BTreeSet::new();
            for session in corpus.shuffled() {
                if truth.len() >= support {
                    break;
                }
                if mistake(corpus, session, name) {
                    truth.insert(session);
                }
            }
            Plant { words: [format!("`{name} run`"), format!("`{name} setup`")], support, truth }
        })
        .collect()
}

/// Whether the fix was what ended the error.
fn mistake(corpus: &mut Corpus, session: usize, name: &str) -> bool {
    let (line, error) = (format!("{name} run"), error_of(name));
    corpus.shell(session, &line, Err(&error));
    let mut tries = 0;
    for _ in 0..3 {
        let fix = corpus.dice.chance(0.7);
        let action = if fix { format!("{name} setup") } else { corpus.action().to_owned() };
        tries += u32::from(fix);
        corpus.shell(session, &action, Ok("fine"));
        let helped = corpus.dice.chance(if fix { 0.92 } else { 0.3 });
        corpus.shell(session, &line, if helped { Ok("fine") } else { Err(&error) });
        if helped {
            // A fix that failed twice before is not what ended it.
            return fix && tries <= 2;
        }
    }
    false
}

/// Six preferences at the same supports.
pub fn preferences(corpus: &mut Corpus, wording: Wording) -> Vec<Plant> {
    let choices = [
        ("pnpm", "yarn"),
        ("vitest", "jest"),
        ("httpx", "requests"),
        ("podman", "docker"),
        ("ruff", "flake8"),
        ("zod", "yup"),
    ];
    choices
        .into_iter()
        .zip(SUPPORTS)
        .map(|((this, that), support)| {
            let mut truth = BTreeSet::new();
            for session in corpus.shuffled().into_iter().take(support) {
                let at = corpus.dice.below(5);
                corpus.assistant(session, "Done, and the change is committed.");
                corpus.user(session, &wish(this, that, wording, at));
                truth.insert(session);
            }
            Plant { words: [this.to_owned(), that.to_owned()], support, truth }
        })
        .collect()
}

fn wish(this: &str, that: &str, wording: Wording, at: usize) -> String {
    match (wording, at) {
        (Wording::Same, _) | (Wording::Reworded, 0) => format!("No, use {this} instead of {that}."),
        (Wording::Reworded, 1) => format!("please use `{this}` rather than `{that}` here"),
        (Wording::Reworded, 2) => format!("don't use {that}, use {this}"),
        (Wording::Reworded, 3) => format!("Always use {this}, not {that}!"),
        (Wording::Reworded, _) => format!("instead of {that}, use {this}"),
        (Wording::Free, 0) => format!("{that} again? We agreed on {this} a while ago."),
        (Wording::Free, 1) => format!("I would rather see {this} than {that} in this code base"),
        (Wording::Free, 2) => format!("hm, {that} is gone from this project; {this} does that job"),
        (Wording::Free, 3) => format!("No, use {this} instead of {that}."),
        (Wording::Free, _) => format!("please switch from {that} to {this}, as always"),
    }
}
