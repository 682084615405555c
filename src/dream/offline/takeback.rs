//! A later turn that takes back what an earlier one asked for.
//!
//! Owns: which turns do, and what of earlier turns goes with it. Must not know: how wishes are read or counted.
//!
//! "Never mind." means the turn before; "forget what I said about semicolons" means every earlier turn that asked
//! for something with that name. What follows the words must end the clause: "never mind the warning" and "forget
//! that file" take nothing back. A wish lost this way is one session too few; one kept would be one too many.

use std::collections::BTreeSet;

use super::facts::TurnFact;
use super::{mood, patterns, words};

/// What a turn takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakesBack {
    /// What the turn before it asked for.
    Before,
    /// What any earlier turn asked for with one of these words.
    About(BTreeSet<String>),
}

/// Sentences of a turn that are looked at: nobody takes something back in passing.
const OPENING: usize = 2;

const PHRASES: [&[&str]; 13] = [
    &["actually", "no"],
    &["actually", "", "no"],
    &["wait", "no"],
    &["wait", "", "no"],
    &["forget", "that"],
    &["forget", "it"],
    &["never", "mind"],
    &["nevermind"],
    &["scratch", "that"],
    &["strike", "that"],
    &["i", "was", "wrong"],
    &["take", "that", "back"],
    &["on", "second", "thought"],
];

const WHAT_I_SAID: [&[&str]; 4] = [
    &["forget", "what", "i", "said"],
    &["ignore", "what", "i", "said"],
    &["disregard", "what", "i", "said"],
    &["take", "back", "what", "i", "said"],
];

/// What a turn takes back of earlier ones, if anything.
#[must_use]
pub fn read(turn: &str) -> Option<TakesBack> {
    let spoken = mood::without_quotes(turn);
    super::wishes::sentences(&spoken).into_iter().take(OPENING).find_map(|sentence| {
        let lower = patterns::lower(&words::pieces(sentence));
        let says: Vec<&str> = lower.iter().map(String::as_str).collect();
        let ends = |at: usize| says.get(at).is_none_or(|word| word.is_empty());
        let rest_of = |phrase: &[&str]| {
            let at = says.windows(phrase.len()).position(|window| window == phrase)?;
            Some(at + phrase.len())
        };
        if let Some(rest) = WHAT_I_SAID.iter().find_map(|phrase| rest_of(phrase)) {
            let about: BTreeSet<String> =
                words::content(&says.get(rest..).unwrap_or_default().join(" ")).into_iter().collect();
            return Some(if about.is_empty() { TakesBack::Before } else { TakesBack::About(about) });
        }
        PHRASES.iter().filter_map(|phrase| rest_of(phrase)).any(ends).then_some(TakesBack::Before)
    })
}

/// Takes back in earlier turns of the same run of events what a turn takes back.
pub fn apply(taken: &TakesBack, earlier: &mut [TurnFact], stream: u32) {
    let mut turns = earlier.iter_mut().rev().filter(|turn| turn.stream == stream);
    match taken {
        TakesBack::Before => {
            if let Some(turn) = turns.next() {
                turn.wishes.clear();
                turn.leaning = None;
            }
        }
        TakesBack::About(about) => {
            for turn in turns {
                let names = |text: &str| words::content(text).iter().any(|word| about.contains(word));
                turn.wishes.retain(|wish| !names(&wish.this) && !wish.that.as_deref().is_some_and(names));
                if turn.leaning.as_deref().is_some_and(names) {
                    turn.leaning = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    #[rstest]
    #[case("Never mind.")]
    #[case("Wait, no, I was wrong.")]
    #[case("Hm. On second thought, leave the tool as it is.")]
    #[case("scratch that, go on with the docs")]
    #[case("Forget what I said.")]
    fn the_turn_before_is_taken_back(#[case] turn: &str) {
        assert_eq!(read(turn), Some(TakesBack::Before), "{turn}");
    }

    #[rstest]
    #[case("Never mind the warning, go on.")]
    #[case("forget that file and read the other one")]
    #[case("Please go on. And then the docs. Never mind.")]
    #[case("The page says \"never mind, I was wrong about all of it\".")]
    #[case("Good. Now the docs.")]
    fn nothing_is_taken_back(#[case] turn: &str) {
        assert_eq!(read(turn), None, "{turn}");
    }

    /// What earlier turns are still taken to have asked for.
    fn asked_before(last: &str) -> Vec<String> {
        let mut script = Script::new();
        script.shell("ls", Ok("fine"));
        script.user("No, use pnpm instead of npm in this repo.");
        script.shell("pnpm install", Ok("fine"));
        script.user("No, use tabs instead of spaces in this repo.");
        script.shell("make format", Ok("fine"));
        script.user(last);
        let facts = extract(&meta("s", 0), &script).unwrap();
        let earlier = facts.turns.iter().take(2).flat_map(|turn| &turn.wishes);
        earlier.map(|wish| wish.this.clone()).collect()
    }

    #[test]
    fn what_is_taken_back_is_no_wish_and_the_rest_stays() {
        assert_eq!(asked_before("Thanks."), ["pnpm", "tabs"]);
        assert_eq!(asked_before("Never mind, spaces are fine."), ["pnpm"]);
        assert_eq!(asked_before("Forget what I said about npm."), ["tabs"]);
        assert_eq!(asked_before("Never mind the warning."), ["pnpm", "tabs"]);
    }
}
