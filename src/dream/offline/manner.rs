//! Requests about how the agent speaks: "please answer in German", "be brief", "no emojis".
//!
//! Owns: the few forms such a request has, one wording for each, and which of them exclude each other. Must not know:
//! how often something is asked for, or what else a sentence may ask for.
//!
//! Everything else a person asks for without "always" may be the work at hand. How an answer is put is not: there the
//! words say by themselves that they are about the agent. Only what can't be anything else is read: "reply in the
//! thread" and "write the letter in German" are work.

use super::mood::holds;
use super::patterns::{Asked, opens_a_demand};

const SPEAKING: &str = "answer reply respond speak talk write";
const ANSWERS: &str = "answers explanations messages replies responses summaries";
const SHORT: &str = "brief concise short shorter succinct terse";
const EMOJIS: &str = "emoji emojis";
const LANGUAGES: &str = "arabic bengali bulgarian catalan chinese croatian czech danish dutch english estonian finnish french german \
    greek hebrew hindi hungarian indonesian irish italian japanese korean latvian lithuanian mandarin norwegian persian polish \
    portuguese romanian russian serbian slovak slovenian spanish swedish tamil thai turkish ukrainian urdu vietnamese welsh";
/// Forms of an answer, by the words behind "in".
const FORMS: [&[&str]; 8] = [
    &["bullet", "points"],
    &["bullets"],
    &["full", "sentences"],
    &["complete", "sentences"],
    &["markdown"],
    &["plain", "text"],
    &["short", "sentences"],
    &["simple", "words"],
];

/// What a sentence asks of the agent's own way to speak. `says` are its words in lower case, empty for marks, without
/// "please".
#[must_use]
pub fn asked(says: &[&str]) -> Option<Asked> {
    let end = says.iter().rposition(|word| !word.is_empty()).map_or(0, |last| last + 1);
    let says = says.get(..end)?;
    // "No, …", "again: …" and "can you …" say nothing of what is asked for.
    let start = says.iter().rposition(|word| word.is_empty()).map_or(0, |mark| mark + 1);
    let clause = says.get(start..)?;
    let opening = clause.iter().take_while(|word| holds(OPENING, word)).count();
    let demand = clause.get(opening..)?;
    if !opens_a_demand(says, start) {
        return None;
    }
    let (wanted, this) = spoken(demand).or_else(|| short(demand)).or_else(|| plain(demand))?;
    Some(Asked { wanted, this, that: None, scope: None })
}

/// Words in front of a demand.
const OPENING: &str = "again also and but can could just kindly ok okay so to will would you";

/// "Answer in German": the rest of the clause is the language or the form, and nothing else.
fn spoken(demand: &[&str]) -> Option<(bool, String)> {
    let (verb, rest) = demand.split_first()?;
    let rest = match rest {
        ["to", "me" | "us", rest @ ..] | ["me" | "us" | "only" | "back" | "always", rest @ ..] => rest,
        rest => rest,
    };
    let ["in", form @ ..] = rest else { return None };
    let form = match form {
        [form @ .., "only" | "instead" | "again"] => form,
        form => form,
    };
    let known = match form {
        [language] => holds(LANGUAGES, language) || FORMS.contains(&form),
        _ => FORMS.contains(&form),
    };
    (holds(SPEAKING, verb) && known).then(|| (true, format!("answer in {}", as_written(form))))
}

/// Languages are names.
fn as_written(form: &[&str]) -> String {
    match form {
        [language] if holds(LANGUAGES, language) => {
            let mut letters = language.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
        ["bullets"] => "bullet points".to_owned(),
        ["complete", "sentences"] => "full sentences".to_owned(),
        ["markdown"] => "Markdown".to_owned(),
        form => form.join(" "),
    }
}

/// "Be brief", "keep your answers short", "shorter answers".
fn short(demand: &[&str]) -> Option<(bool, String)> {
    let is_short = |word: &&str| holds(SHORT, word);
    let asked = match demand {
        ["be", "more" | "very", how] | ["be", how] => is_short(how),
        ["keep", "your" | "the" | "all", what, how] | ["keep", what, how] => {
            holds(ANSWERS, what) && is_short(how)
        }
        [how, what] => is_short(how) && holds(ANSWERS, what),
        _ => false,
    };
    asked.then(|| (true, "keep answers short".to_owned()))
}

/// "No emojis".
fn plain(demand: &[&str]) -> Option<(bool, String)> {
    let asked = match demand {
        ["no" | "without", "more", what] | ["no" | "without", what] => holds(EMOJIS, what),
        ["don't" | "never", "use" | "add", what] | ["stop", "using" | "adding", what] => holds(EMOJIS, what),
        _ => false,
    };
    asked.then(|| (false, "use emojis".to_owned()))
}

/// What excludes a request: for one language the others. `this` are its words as they are compared.
pub fn rivals(this: &[String]) -> impl Iterator<Item = Vec<String>> {
    let language = match this {
        [verb, language] if verb == ANSWER && holds(LANGUAGES, language) => Some((verb, language)),
        _ => None,
    };
    language.into_iter().flat_map(|(verb, language)| {
        let others = LANGUAGES.split(' ').filter(move |other| other != language);
        others.map(move |other| vec![verb.clone(), other.to_owned()])
    })
}

/// The verb of [`spoken`].
const ANSWER: &str = "answer";

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::dream::offline::wishes::{self, Setting};
    use crate::dream::offline::words;

    const LATER: Setting =
        Setting { after_interrupt: false, after_action: true, rephrases: false, after_revert: false };

    #[rstest]
    #[case("Please answer in German.", "+ answer in German")]
    #[case("answer me in german please", "+ answer in German")]
    #[case("Can you reply in German, please?", "+ answer in German")]
    #[case("No, respond in German!", "+ answer in German")]
    #[case("Thanks. And please write in German only.", "+ answer in German")]
    #[case("Reply in bullets please", "+ answer in bullet points")]
    #[case("be brief", "+ keep answers short")]
    #[case("Please be more concise.", "+ keep answers short")]
    #[case("Keep your answers short, please.", "+ keep answers short")]
    #[case("shorter answers please", "+ keep answers short")]
    #[case("No emojis please!", "- use emojis")]
    #[case("please, no more emojis", "- use emojis")]
    #[case("don't use emojis", "- use emojis")]
    fn how_an_answer_is_put_is_asked_for(#[case] turn: &str, #[case] wish: &str) {
        for setting in [LATER, Setting::default()] {
            let read = wishes::read(turn, setting);
            let said: Vec<String> =
                read.iter().map(|w| format!("{} {}", if w.wanted { '+' } else { '-' }, w.this)).collect();
            assert_eq!(said, [wish], "{turn}");
        }
    }

    #[rstest]
    #[case("Reply in the thread.")]
    #[case("Write the letter in German.")]
    #[case("Answer the ticket in German.")]
    #[case("Should I answer in German?")]
    #[case("The customer wants us to answer in German.")]
    #[case("They reply in German.")]
    #[case("I answer in German.")]
    #[case("Answer in German this time.")]
    #[case("Just for now, be brief.")]
    #[case("be brief in the summary of this page")]
    #[case("I will be brief")]
    #[case("the bot said: be brief")]
    #[case("no emojis were found in the table")]
    fn work_and_talk_about_it_are_not(#[case] turn: &str) {
        let plain: Vec<_> = wishes::read(turn, Setting::default());
        assert_eq!(plain, [], "{turn}");
    }

    #[test]
    fn one_language_excludes_the_others() {
        let german = words::thing("answer in German");
        let others: Vec<Vec<String>> = rivals(&german).collect();
        assert!(others.contains(&words::thing("answer in English")));
        assert!(!others.contains(&german));
        assert_eq!(rivals(&words::thing("keep answers short")).count(), 0);
    }
}
