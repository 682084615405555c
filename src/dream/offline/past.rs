//! Sentences that tell how it once was.
//!
//! Owns: the words that put what is said into the past. Must not know: what is asked for.
//!
//! "Last year we wrote them in English, not German" has all the words of a choice, and nobody asks for it any
//! more. What was decided in the past may still hold, though: "we moved to pnpm last year" takes a side today.

use super::mood::{has, holds, place};

/// Phrases after which a sentence tells of the past, whatever else it says.
const PHRASES: [&[&str]; 24] = [
    &["used", "to"],
    &["last", "year"],
    &["last", "month"],
    &["last", "quarter"],
    &["last", "week"],
    &["last", "sprint"],
    &["last", "summer"],
    &["last", "winter"],
    &["last", "spring"],
    &["last", "autumn"],
    &["previous", "year"],
    &["years", "ago"],
    &["months", "ago"],
    &["weeks", "ago"],
    &["back", "then"],
    &["in", "the", "past"],
    &["in", "those", "days"],
    &["in", "the", "old", "days"],
    &["in", "the", "early", "days"],
    &["previously"],
    &["formerly"],
    &["originally"],
    &["old", "project"],
    &["old", "repo"],
];

/// Times that are past only where something is said to have been: "always lint before the release" is a demand.
const TIMES: [&[&str]; 11] = [
    &["in", "the", "beginning"],
    &["at", "the", "time"],
    &["before", "the"],
    &["before", "we"],
    &["until"],
    &["yesterday"],
    &["earlier"],
    &["initially"],
    &["at", "first"],
    &["once"],
    &["back", "in"],
];

/// Who did it.
const WHO: &str = "everybody everyone he i it people she team they we";
/// What they did, where the word does not end in "ed".
const DID: &str = "began chose did had kept made ran said sent spoke took was went were wrote";
/// What may stand between the two.
const ADVERBS: &str = "all always also mostly never often only still usually";
/// What was settled once and may hold today.
const SETTLED: &str = "agreed banned chose chosen decided dropped migrated moved picked removed replaced retired switched \
    voted";

/// Whether a sentence tells how it once was.
#[must_use]
pub fn remembers(says: &[&str]) -> bool {
    // "As agreed last week" says since when something is asked for.
    let since = |at: usize| says.get(1..at).is_some_and(|before| before.contains(&"as"));
    PHRASES.iter().any(|phrase| place(says, phrase).is_some_and(|at| !since(at)))
        || has(says, &TIMES) && says_what_was(says)
}

/// Whether it does, and tells of nothing that was settled then, nor of how it is now: "yarn was ripped out last
/// spring, it's pnpm now".
#[must_use]
pub fn is_over(says: &[&str]) -> bool {
    const TODAY: &str = "now nowadays today";
    remembers(says) && !says.iter().any(|word| holds(SETTLED, word) || holds(TODAY, word))
}

/// "That was before the merger": what was said just before is past.
#[must_use]
pub fn closes(says: &[&str]) -> bool {
    let [that, was, rest @ ..] = says else { return false };
    let when = rest.iter().find(|word| !holds("all just long only way well", word));
    holds("it that this those these", that)
        && matches!(*was, "was" | "were")
        && when.is_some_and(|word| holds("back before earlier last then until years months weeks when", word))
}

/// Somebody is said to have done or been something.
fn says_what_was(says: &[&str]) -> bool {
    let past = |word: &&str| holds(DID, word) || word.ends_with("ed") && !word.ends_with("eed");
    says.iter().enumerate().filter(|(_, word)| holds(WHO, word)).any(|(at, _)| {
        let mut after = says.get(at + 1..).unwrap_or_default().iter();
        after.find(|word| !holds(ADVERBS, word)).is_some_and(past)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::dream::offline::{patterns, wishes, words};

    fn says<T>(sentence: &str, read: impl Fn(&[&str]) -> T) -> T {
        let lower = patterns::lower(&words::pieces(sentence));
        read(&lower.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[rstest]
    #[case("Last year we wrote commit messages in English, not German.")]
    #[case("Last week I used tabs instead of spaces.")]
    #[case("Before the merger we wrote commit messages in English, not German.")]
    #[case("In the old days it was English, not German.")]
    #[case("We always used mocha instead of jest until the rewrite.")]
    #[case("At first they wrote in English instead of German.")]
    fn the_past_is_no_demand(#[case] sentence: &str) {
        assert!(says(sentence, remembers), "{sentence}");
        let later = wishes::Setting { after_action: true, ..wishes::Setting::default() };
        assert_eq!(wishes::read(sentence, later), [], "{sentence}");
    }

    #[rstest]
    #[case("Yarn was ripped out last spring, it's pnpm now.")]
    #[case("We moved to pnpm last year.")]
    fn what_holds_today_is_not_over(#[case] sentence: &str) {
        assert!(!says(sentence, is_over), "{sentence}");
    }

    #[rstest]
    #[case("Always run the linter before the commit.")]
    #[case("Use vitest instead of jest until the new runner is there.")]
    #[case("Use pnpm instead of npm, as we agreed last week.")]
    #[case("Before the release, use the mirror instead of the registry.")]
    fn a_demand_may_name_a_time(#[case] sentence: &str) {
        assert!(!says(sentence, remembers), "{sentence}");
    }

    #[test]
    fn the_next_sentence_may_say_that_it_is_over() {
        let later = wishes::Setting { after_action: true, ..wishes::Setting::default() };
        let turn = "We write commit messages in English, not German.";
        assert_eq!(wishes::read(turn, later).len(), 1);
        assert_eq!(wishes::read(&format!("{turn} That was before the merger."), later), []);
        assert_eq!(wishes::stated(&format!("{turn} That was long before the merger.")).len(), 0);
        assert_eq!(wishes::read(&format!("{turn} That was wrong in the last commit."), later).len(), 1);
    }

    #[test]
    fn what_was_settled_once_takes_a_side_today() {
        assert!(!says("we moved to pnpm last year, npm is gone", is_over));
        assert!(says("last year we wrote in English, not German", is_over));
    }
}
