//! A later turn that takes back what an earlier one asked for.
//!
//! Owns: which turns do, and what of earlier turns goes with it. Must not know: how wishes are read or counted.
//!
//! "Never mind." means the turn before; "forget what I said about semicolons" means every earlier turn that asked
//! for something with that name, and so does "ignore my remark on semicolons". "Go back to npm" and "keep npm after
//! all" mean what was asked for in the place of npm. What follows the words must end the clause: "never mind the
//! warning" and "forget that file" take nothing back. A wish lost this way is one session too few; one kept would be
//! one too many.

use std::collections::BTreeSet;

use super::facts::TurnFact;
use super::mood::{self, holds, place};
use super::wishes::Wish;
use super::{patterns, words};

/// What a turn takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakesBack {
    /// What the turn before it asked for.
    Before,
    /// What any earlier turn asked for with one of these words.
    About(BTreeSet<String>),
    /// What any earlier turn asked for in the place of the thing that has these words and no others.
    For(BTreeSet<String>),
}

impl TakesBack {
    /// Whether it takes back something that was asked for earlier.
    #[must_use]
    pub fn takes(&self, wish: &Wish) -> bool {
        match self {
            Self::Before => true,
            Self::About(about) => [Some(wish.this.as_str()), wish.that.as_deref()]
                .into_iter()
                .flatten()
                .any(|text| words::content(text).iter().any(|word| about.contains(word))),
            Self::For(thing) => wish.that.as_deref().is_some_and(|that| {
                words::thing(that).iter().eq(thing) && !words::thing(&wish.this).iter().eq(thing)
            }),
        }
    }

    /// Whether it takes back the side that a turn took. A turn that names the thing may have wanted it; then one
    /// session less is counted.
    fn takes_leaning(&self, leaning: &str) -> bool {
        match self {
            Self::Before => true,
            Self::About(about) => words::content(leaning).iter().any(|word| about.contains(word)),
            Self::For(thing) => thing.is_subset(&words::content(leaning)),
        }
    }
}

/// Sentences of a turn that are looked at: nobody takes something back in passing.
const OPENING: usize = 2;

const PHRASES: [&[&str]; 14] = [
    &["actually", "no"],
    &["actually", "", "no"],
    &["wait", "no"],
    &["wait", "", "no"],
    &["forget", "that"],
    &["forget", "it"],
    &["never", "mind"],
    &["nevermind"],
    &["scrap", "that"],
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

/// Words that a person gives what was said: "ignore my pnpm remark".
const REMARKS: &str = "advice comment comments correction hint instruction instructions message note point remark remarks \
    request suggestion wish";
/// Words that go back to a thing, and words that may stand around its name.
const BACK: &str = "change go going move return revert roll switch";
const AROUND: &str =
    "actually fine here keep leave let's oh ok okay please right sorry stay stick then was were better";
/// Words that end what a thing is called.
const ENDS: &str = "and because but for in since so until";

/// What a turn takes back of earlier ones, if anything.
#[must_use]
pub fn read(turn: &str) -> Option<TakesBack> {
    let spoken = mood::without_quotes(turn);
    let sentences = super::wishes::sentences(&spoken).into_iter().take(OPENING);
    let taken: Vec<TakesBack> = sentences
        .filter_map(|sentence| {
            let lower = patterns::lower(&words::pieces(sentence));
            let says: Vec<&str> = lower.iter().map(String::as_str).collect();
            by_name(&says)
                .or_else(|| takes_all(&says).then_some(TakesBack::Before))
                .or_else(|| changes_to(&says).map(TakesBack::For))
        })
        .collect();
    // "Scrap that. Ignore my pnpm remark." says with its second sentence what the first one means.
    let named = taken.iter().position(|taken| *taken != TakesBack::Before).unwrap_or(0);
    taken.into_iter().nth(named)
}

/// What a sentence takes back by its name: "forget what I said about npm", "go back to npm".
#[must_use]
pub fn of_sentence(says: &[&str]) -> Option<TakesBack> {
    by_name(says).or_else(|| changes_to(says).map(TakesBack::For))
}

fn by_name(says: &[&str]) -> Option<TakesBack> {
    let about = |rest: &[&str]| {
        let about = words::content(&rest.join(" "));
        if about.is_empty() { TakesBack::Before } else { TakesBack::About(about) }
    };
    if let Some(rest) = WHAT_I_SAID.iter().find_map(|phrase| rest_of(says, phrase)) {
        return Some(about(says.get(rest..).unwrap_or_default()));
    }
    let kept = || returns_to(says).or_else(|| keeps_instead(says));
    my_remark(says).map(|words| about(&words)).or_else(|| kept().map(TakesBack::For))
}

/// What is kept by one who gives something up with the same breath: "never mind, keep npm".
fn keeps_instead(says: &[&str]) -> Option<BTreeSet<String>> {
    let mark = says.iter().position(|word| word.is_empty())?;
    let gives_up = matches!(says, ["never", "mind", ..] | ["nevermind" | "forget" | "scrap" | "scratch", ..]);
    let rest = says.get(mark + 1..).unwrap_or_default();
    let kept = match rest {
        ["keep" | "leave", kept @ ..] => kept,
        ["stay" | "stick", "with" | "to", kept @ ..] => kept,
        _ => return None,
    };
    let goes_on = kept.first().is_none_or(|word| holds("at doing going it that this trying working", word));
    (gives_up && !goes_on).then(|| thing_in(kept))?
}

fn takes_all(says: &[&str]) -> bool {
    let ends = |at: usize| says.get(at).is_none_or(|word| word.is_empty());
    PHRASES.iter().filter_map(|phrase| rest_of(says, phrase)).any(ends)
}

fn rest_of(says: &[&str], phrase: &[&str]) -> Option<usize> {
    Some(place(says, phrase)? + phrase.len())
}

/// What "ignore my pnpm remark" and "forget my comment about pnpm" speak of.
fn my_remark<'s>(says: &[&'s str]) -> Option<Vec<&'s str>> {
    let at = says.windows(2).position(|pair| {
        matches!(pair, ["disregard" | "drop" | "forget" | "ignore" | "scrap" | "scratch", "my"])
    })?;
    let rest = says.get(at + 2..).unwrap_or_default();
    let noun = rest.iter().take(4).position(|word| holds(REMARKS, word))?;
    let before = rest.get(..noun).unwrap_or_default();
    let after = rest.get(noun + 1..).unwrap_or_default();
    let clause = after.split(|word| word.is_empty()).next().unwrap_or_default();
    let named = match clause {
        [] => before,
        ["about" | "on" | "regarding" | "with", named @ ..] => named,
        // "Ignore my note says the linter": of something else.
        _ => return None,
    };
    let general = |word: &&&str| !holds("earlier first last other previous", word);
    Some(before.iter().chain(named).filter(general).copied().collect())
}

/// The thing that some words name, and nothing else, up to the next mark.
fn thing_in(words: &[&str]) -> Option<BTreeSet<String>> {
    let end = words.iter().position(|word| word.is_empty() || holds(ENDS, word)).unwrap_or(words.len());
    let named = words.get(..end).unwrap_or_default().iter().filter(|word| !holds(AROUND, word));
    let thing = words::content(&named.copied().collect::<Vec<_>>().join(" "));
    (!thing.is_empty()).then_some(thing)
}

/// The thing that a sentence goes back to or keeps after all.
fn returns_to(says: &[&str]) -> Option<BTreeSet<String>> {
    if says.iter().any(|word| matches!(*word, "not" | "never") || word.ends_with("n't")) {
        return None;
    }
    let back = says.windows(3).position(|three| matches!(three, [verb, "back", "to"] if holds(BACK, verb)));
    if let Some(at) = back {
        return thing_in(says.get(at + 3..).unwrap_or_default());
    }
    let end = says.windows(2).position(|pair| pair == ["after", "all"])?;
    let clause = says.get(..end).unwrap_or_default();
    thing_in(clause.rsplit(|word| word.is_empty()).next().unwrap_or_default())
}

/// "No wait, npm" and "ah no, npm was right": the last word of one who changed their mind; "not pnpm" may follow.
fn changes_to(says: &[&str]) -> Option<BTreeSet<String>> {
    was_right(says).or_else(|| comes_to(says))
}

/// The thing that "was right", "was fine" or "is better" in all a sentence says, but for "no" or "sorry" before it.
fn was_right(says: &[&str]) -> Option<BTreeSet<String>> {
    const OPENS: &str = "actually ah hm hmm no oh ok okay sorry uh wait well";
    let start = says.iter().position(|word| !word.is_empty() && !holds(OPENS, word))?;
    let rest = says.get(start..).unwrap_or_default();
    let opened = says.get(..start).unwrap_or_default().iter().any(|word| !word.is_empty());
    let at = rest.windows(2).position(|pair| {
        matches!(pair, ["was" | "were", "right" | "fine" | "better" | "correct" | "ok" | "okay" | "good"])
    })?;
    let ends = rest.get(at + 2).is_none_or(|word| word.is_empty());
    let short = (1..=2).contains(&at) && rest.get(..at)?.iter().all(|word| !word.is_empty());
    let pronoun =
        rest.first().is_some_and(|word| holds("i it that this you he she they we which what", word));
    (opened && ends && short && !pronoun).then(|| thing_in(rest.get(..at).unwrap_or_default()))?
}

fn comes_to(says: &[&str]) -> Option<BTreeSet<String>> {
    let rest = [&["no", "wait"][..], &["no", "", "wait"]].iter().find_map(|phrase| rest_of(says, phrase))?;
    let rest = says.get(rest..).unwrap_or_default();
    thing_in(rest.strip_prefix(&[""]).unwrap_or(rest))
}

/// Takes back in earlier turns of the same run of events what a turn takes back; whether anything had been asked for
/// that it does.
pub fn apply(taken: &TakesBack, earlier: &mut [TurnFact], stream: u32) -> bool {
    let turns = earlier.iter_mut().rev().filter(|turn| turn.stream == stream);
    let reach = if *taken == TakesBack::Before { 1 } else { usize::MAX };
    let mut any = false;
    for turn in turns.take(reach) {
        let wishes = turn.wishes.len();
        turn.wishes.retain(|wish| !taken.takes(wish));
        any |= turn.wishes.len() < wishes;
        if turn.leaning.as_deref().is_some_and(|leaning| taken.takes_leaning(leaning)) {
            turn.leaning = None;
        }
    }
    any
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

    #[rstest]
    #[case("Actually, go back to npm.")]
    #[case("ok, switch back to npm please, it was faster")]
    #[case("Keep npm after all.")]
    #[case("Hm, npm was fine after all.")]
    #[case("No wait, npm.")]
    #[case("No wait, npm, not pnpm.")]
    #[case("ah no, npm was right")]
    #[case("Sorry, npm was fine.")]
    #[case("no wait, go back to npm")]
    #[case("never mind, keep npm")]
    #[case("forget pnpm, stay with npm")]
    #[case("Scrap that. Ignore my pnpm remark.")]
    #[case("Please ignore my earlier comment about pnpm.")]
    #[case("drop my request with npm and pnpm")]
    fn a_retreat_takes_back_what_was_asked_for_instead(#[case] last: &str) {
        assert_eq!(asked_before(last), ["tabs"], "{last}");
    }

    #[rstest]
    #[case("Sorry, I was wrong: spaces were right after all.")]
    #[case("Scrap that.")]
    fn and_the_turn_before_goes_with_what_is_plain(#[case] last: &str) {
        assert_eq!(asked_before(last), ["pnpm"], "{last}");
    }

    #[rstest]
    #[case("Go back to the npm error.")]
    #[case("Don't go back to npm.")]
    #[case("We are back to pnpm at last.")]
    #[case("Ignore my note file and go on.")]
    #[case("No wait, the file with npm is in src.")]
    #[case("Keep pnpm after all.")]
    fn what_speaks_of_something_else_takes_nothing_back(#[case] last: &str) {
        assert_eq!(asked_before(last), ["pnpm", "tabs"], "{last}");
    }

    #[test]
    fn a_retreat_within_a_turn_counts_too() {
        let later = crate::dream::offline::wishes::Setting { after_action: true, ..Default::default() };
        let wishes = |turn: &str| crate::dream::offline::wishes::read(turn, later).len();
        assert_eq!(wishes("Please use pnpm, not npm. Actually, go back to npm."), 0);
        assert_eq!(wishes("Please use pnpm, not npm. Go back to the start."), 1);
    }
}
