//! Whether a sentence asks for what it speaks of, or merely speaks of it.
//!
//! Owns: telling demands from questions, reports, suppositions, exceptions and quotations, and
//! what the words before a verb make of it. Must not know: what is asked for, or
//! what stands in memory.
//!
//! "Don't use X instead of Y" has all the words of the opposite demand. A wrong preference is far worse
//! than a missed one, so whatever may be something else than a demand is none.

use std::borrow::Cow;

/// What the words of a clause before its verb make of what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It is asked for.
    Wanted,
    /// It is asked not to be: "don't use …", "it is wrong to use …".
    Reversed,
    /// Neither for certain.
    Nothing,
}

/// Words that lead into a clause that tells, supposes or wonders, and people who are told of.
const TELLING: &str = "although assuming because been did didn't he how if imagine lest nobody once others people she \
    seem seems somebody someone suppose supposing they though thought tried try until unless was were what when whenever where whether \
    which while who why you're you've";

/// Words that turn into the reverse what stands right behind them.
const FORBIDDING: &str = "avoid don't dont mustn't never not quit shouldn't stop";
/// The same of what they judge: "it is wrong to …".
const JUDGING: &str = "bad forbidden incorrect mistake unacceptable wrong";
/// Other words that deny something, and leave open what.
const DENYING: &str = "against cannot dislike hate neither none nor nothing refuse without";

/// Words that may stand between a denial and what is denied.
const BETWEEN: &str = "acceptable again allowed always correct ever fine good just of ok okay please right simply \
    start the to us want you";
/// Words that may stand before "don't" where it is a demand.
const BEFORE: &str = "again also and better but do just must no ok okay please really should so then to";
/// Words beside which "you use …" tells of a habit and asks for nothing.
const HABIT: &str =
    "also always are again even just keep kept never now often sometimes still then usually were";
/// Words after which "you use …" is a demand all the same.
const WISHING: &str = "ensure insist prefer sure that want";

/// Whether a list of words, apart by single blanks, has a word.
pub(super) fn holds(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// What the words of a clause before its verb make of it. `verb` is that word, in lower case.
#[must_use]
pub fn of(before: &[&str], verb: &str) -> Hold {
    // What was, and what is merely allowed.
    let told = |pair: &[&str]| {
        matches!(pair, ["used", "to"] | ["feel", "free"] | ["you" | "we", "can" | "may" | "could"])
    };
    if before.windows(2).any(told) || before.iter().any(|word| holds(TELLING, word)) || is_habit(before) {
        return Hold::Nothing;
    }
    let denies = |(at, word): &(usize, &&str)| {
        let lacking =
            before.get(at + 1).is_some_and(|next| matches!(*next, "need" | "reason" | "point" | "way"));
        let refusal = **word == "no" && *at == 0 && !lacking;
        !refusal
            && ([FORBIDDING, JUDGING, DENYING].iter().any(|list| holds(list, word))
                || **word == "no"
                || word.ends_with("n't"))
    };
    let mut denials = before.iter().enumerate().filter(denies);
    let Some((at, denial)) = denials.next() else { return Hold::Wanted };
    let after = before.get(at + 1..).unwrap_or_default();
    if denials.next().is_some() {
        return Hold::Nothing;
    }
    if let Some(("forget", rest)) = after.split_first().map(|(first, rest)| (*first, rest)) {
        let demand = holds(FORBIDDING, denial) && rest.iter().all(|word| holds(BETWEEN, word));
        return if demand { Hold::Wanted } else { Hold::Nothing };
    }
    if !after.iter().all(|word| holds(BETWEEN, word)) {
        return Hold::Nothing;
    }
    let subject = at.checked_sub(1).and_then(|at| before.get(at)).copied();
    let wants = after.contains(&"want") || matches!(verb, "want" | "prefer");
    let judged = after.first().is_some_and(|word| {
        matches!(*word, "acceptable" | "allowed" | "correct" | "fine" | "good" | "ok" | "okay" | "right")
    });
    let plain = match *denial {
        word if holds(JUDGING, word) => true,
        "not" if judged => true,
        "shouldn't" | "mustn't" => true,
        word if holds(FORBIDDING, word) => {
            subject.is_none_or(|subject| holds(BEFORE, subject))
                || wants && subject.is_some_and(|subject| matches!(subject, "i" | "we" | "do"))
        }
        _ => false,
    };
    if plain { Hold::Reversed } else { Hold::Nothing }
}

/// Whether "never" or "always" behind this word is a demand.
#[must_use]
pub fn may_open_a_demand(before: &str) -> bool {
    holds(BEFORE, before) && before != "and"
}

/// Whether a word leaves open what it denies until after a mark: "do not, whatever comes, use …".
#[must_use]
pub fn denies_ahead(word: &str) -> bool {
    matches!(word, "don't" | "dont" | "never" | "not" | "shouldn't" | "mustn't")
}

/// "You keep …", "you always …": what somebody does, not what is asked of them.
fn is_habit(before: &[&str]) -> bool {
    let Some(at) = before.iter().rposition(|word| *word == "you") else { return false };
    let asked = at.checked_sub(1).and_then(|at| before.get(at)).is_some_and(|word| holds(WISHING, word));
    !asked && before.get(at + 1..).unwrap_or_default().iter().all(|word| holds(HABIT, word))
}

/// Who says, writes or wants something; with "I" or "we" it is the person's own demand.
const REPORTING: &str = "argues asked asks claimed claims complained complains insists mentioned proposed proposes \
    recommended recommends reported reports said say says suggested suggests tells thinks told wants warned warns \
    writes wrote";

/// Somebody else says it.
#[must_use]
pub fn reports(says: &[&str]) -> bool {
    let own = |at: usize| {
        let before = says.get(at.saturating_sub(3)..at).unwrap_or_default();
        before.iter().any(|word| matches!(*word, "i" | "we" | "i've" | "we've" | "i'd"))
    };
    let reported = |(at, word): (usize, &&str)| holds(REPORTING, word) && !own(at);
    let labelled = says.first().is_some_and(|word| {
        matches!(*word, "user" | "assistant" | "agent" | "human" | "bot" | "reviewer")
            && says.get(1) == Some(&"")
    });
    // "I was told to …" has an "I" and is hearsay.
    let heard = has(says, &[&["was", "told"], &["were", "told"], &["according", "to"]]);
    let cited = says.iter().position(|word| word.is_empty()).is_some_and(|mark| {
        let opening = says.get(..mark).unwrap_or_default();
        mark <= 4
            && opening
                .iter()
                .any(|word| matches!(*word, "docs" | "readme" | "memory" | "notes" | "wiki" | "guide"))
    });
    labelled || heard || cited || says.iter().enumerate().any(reported)
}

/// A heading or an opening that says what follows is taken from notes or rules.
#[must_use]
pub fn cites(line: &str) -> bool {
    const SOURCES: &str = "agents.md claude.md contributing contributing.md conventions docs guidelines memory memory.md \
        notes preferences readme readme.md rules";
    let lower = line.to_lowercase();
    let mut words = lower.split(|c: char| c.is_whitespace() || matches!(c, ':' | '`' | '*' | '#' | '"'));
    (line.starts_with('#') || line.ends_with(':'))
        && words.any(|word| !word.is_empty() && holds(SOURCES, word))
}

/// It gives work to be done: "refactor the client to use async instead of callbacks" says what this code should
/// become, and nothing of how others should be written.
#[must_use]
pub fn is_task(says: &[&str]) -> bool {
    opens_with(says, "refactor rewrite reimplement migrate convert port restructure")
}

/// "Rename X to Y", "replace X with Y": work, unless it is said against what was done, or of everything.
#[must_use]
pub fn is_a_change(says: &[&str]) -> bool {
    let of_all = says.contains(&"everywhere");
    opens_with(says, "rename") || opens_with(says, "change replace swap switch") && !of_all
}

/// Whether the first word that says what to do is one of a list.
fn opens_with(says: &[&str], list: &str) -> bool {
    const OPENING: &str = "and also can could i need next no now ok okay please then to want we would you";
    let mut words = says.iter().copied().skip_while(|word| word.is_empty() || holds(OPENING, word));
    words.next().is_some_and(|word| holds(list, word))
}

/// It is to hold for once only.
#[must_use]
pub fn is_exception(says: &[&str]) -> bool {
    const HERE: [&str; 12] = [
        "one", "time", "once", "file", "pr", "commit", "ticket", "task", "function", "line", "case",
        "session",
    ];
    let this = |pair: &[&str]| matches!(pair, ["this" | "that", thing] if HERE.contains(thing));
    says.windows(2).any(this)
        || has(
            says,
            &[
                &["for", "now"],
                &["for", "today"],
                &["for", "the", "moment"],
                &["for", "the", "time", "being"],
                &["just", "once"],
                &["only", "once"],
                &["just", "here"],
                &["only", "here"],
                &["here", "only"],
                &["just", "this"],
                &["only", "this"],
                &["temporarily"],
            ],
        )
}

/// Where a sentence takes back what was said before.
#[must_use]
pub fn takes_back(says: &[&str]) -> Option<usize> {
    const PHRASES: [&[&str]; 24] = [
        &["actually", "no"],
        &["actually", "", "no"],
        &["wait", "no"],
        &["wait", "", "no"],
        &["forget", "that"],
        &["forget", "it"],
        &["forget", "what", "i"],
        &["never", "mind"],
        &["nevermind"],
        &["ignore", "that"],
        &["ignore", "it"],
        &["ignore", "this"],
        &["scrap", "that"],
        &["scratch", "that"],
        &["strike", "that"],
        &["i", "was", "wrong"],
        &["my", "mistake"],
        &["take", "that", "back"],
        &["take", "it", "back"],
        &["disregard"],
        &["i", "disagree"],
        &["leave", "it"],
        &["on", "second", "thought"],
        &["just", "kidding"],
    ];
    PHRASES.iter().filter_map(|phrase| place(says, phrase)).min()
}

/// It asks or wonders.
#[must_use]
pub fn asks(sentence: &str, says: &[&str]) -> bool {
    let marked = sentence.trim_end().trim_end_matches(['"', '\'', ')', '”']).ends_with('?');
    wonders(says) || marked && !is_request(says) && !has_tag(says)
}

/// It asks or wonders by its words, whatever mark it ends with.
#[must_use]
pub fn wonders(says: &[&str]) -> bool {
    const DOUBTS: &str = "could curious maybe might perhaps possibly unsure whether wonder wondering";
    const ASKING: &str =
        "are can could do does had has have how is may shall should was were what which who why would";
    const OPENING: &str = "also and but hey hm hmm ok okay so then wait well";
    let mut words = says.iter().copied().skip_while(|word| word.is_empty() || holds(OPENING, word));
    let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    // "Do not …" and "have it use …" are demands.
    let demand = second == "not" || matches!((first, second), ("have", "it"));
    !is_request(says)
        && (holds(ASKING, first) && !demand
            || says.iter().any(|word| holds(DOUBTS, word))
            || has(says, &[&["not", "sure"], &["what", "if"], &["how", "about"], &["what", "about"]]))
}

/// "…, ok?": a demand with a question mark.
fn has_tag(says: &[&str]) -> bool {
    let mut words = says.iter().rev().filter(|word| !word.is_empty());
    matches!(words.next(), Some(&("ok" | "okay" | "please" | "alright" | "remember" | "thanks")))
}

/// "Could you please use …": a question in form only.
#[must_use]
pub fn is_request(says: &[&str]) -> bool {
    let [first, "you", rest @ ..] = says else { return false };
    let verb = rest.iter().find(|word| !matches!(**word, "please" | "just" | "kindly" | "always"));
    matches!(*first, "can" | "could" | "would" | "will")
        && verb.is_some_and(|verb| {
            holds("answer do keep prefer redo replace reply respond run stick switch use write", verb)
        })
}

/// Whether a sentence has one of some phrases.
pub(super) fn has(says: &[&str], phrases: &[&[&str]]) -> bool {
    phrases.iter().any(|phrase| place(says, phrase).is_some())
}

/// Where a phrase begins in a sentence.
pub(super) fn place(says: &[&str], phrase: &[&str]) -> Option<usize> {
    says.windows(phrase.len()).position(|window| window == phrase)
}

/// Shorter quotations name a thing; longer ones say something that somebody else said.
const QUOTED_WORDS: usize = 4;

/// A line with every quotation of several words blanked out; all else keeps its place.
#[must_use]
pub fn without_quotes(line: &str) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut from = 0;
    while let Some((start, end)) = quotation(line, from) {
        let inside = line.get(start..end).unwrap_or("");
        if inside.split_whitespace().count() >= QUOTED_WORDS {
            out.get_or_insert_with(|| line.to_owned()).replace_range(start..end, &" ".repeat(end - start));
        }
        from = end;
    }
    out.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// The next quotation, marks included.
fn quotation(line: &str, from: usize) -> Option<(usize, usize)> {
    let rest = line.get(from..)?;
    let mut before = line.get(..from).and_then(|head| head.chars().next_back());
    for (at, c) in rest.char_indices() {
        let opens_a_word = before.is_none_or(|before| !before.is_alphanumeric());
        before = Some(c);
        let close = match c {
            '"' => '"',
            '“' | '„' => '”',
            '«' => '»',
            '‘' | '\'' if opens_a_word => {
                if c == '\'' {
                    '\''
                } else {
                    '’'
                }
            }
            _ => continue,
        };
        let inside = at + c.len_utf8();
        let ends = |(_, found): &(usize, char)| *found == close || c == '„' && *found == '“';
        let mut marks = rest.get(inside..)?.char_indices().filter(ends);
        let end = marks.find(|(end, found)| {
            // An apostrophe inside a word ends nothing.
            let next = rest.get(inside + end + found.len_utf8()..).and_then(|tail| tail.chars().next());
            !matches!(found, '\'' | '’') || next.is_none_or(|next| !next.is_alphanumeric())
        });
        if let Some((end, found)) = end {
            return Some((from + at, from + inside + end + found.len_utf8()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn held(before: &str) -> Hold {
        of(&before.split_whitespace().collect::<Vec<_>>(), "use")
    }

    #[rstest]
    #[case("")]
    #[case("please")]
    #[case("no")]
    #[case("i want you to")]
    #[case("make sure you")]
    #[case("don't forget to")]
    #[case("you should always")]
    fn these_words_ask_for_what_follows(#[case] before: &str) {
        assert_eq!(held(before), Hold::Wanted, "{before}");
    }

    #[rstest]
    #[case("don't")]
    #[case("please never")]
    #[case("no don't")]
    #[case("do not")]
    #[case("stop")]
    #[case("it is wrong to")]
    #[case("it's not ok to")]
    #[case("you should not")]
    #[case("i don't want you to")]
    fn these_words_ask_for_the_reverse(#[case] before: &str) {
        assert_eq!(held(before), Hold::Reversed, "{before}");
    }

    #[rstest]
    #[case("i did not ask you to")]
    #[case("we don't")]
    #[case("it's not wrong to")]
    #[case("you don't have to")]
    #[case("there is no reason to")]
    #[case("developers never")]
    #[case("if you")]
    #[case("the build fails when we")]
    #[case("you keep")]
    #[case("you")]
    #[case("they")]
    #[case("we used to")]
    #[case("i tried to")]
    #[case("we can't")]
    #[case("no need to")]
    #[case("you can")]
    #[case("feel free to")]
    #[case("i thought we")]
    #[case("try to")]
    fn these_words_ask_for_nothing(#[case] before: &str) {
        assert_eq!(held(before), Hold::Nothing, "{before}");
    }

    #[rstest]
    #[case("The notes say: \"- Use tabs instead of spaces.\" Go on.", "The notes say:  Go on.")]
    #[case("use \"tabs\" instead of \"spaces\"", "use \"tabs\" instead of \"spaces\"")]
    #[case("he said 'don't use tabs here, ever' to me", "he said  to me")]
    #[case("“always use tabs, please” says it", " says it")]
    #[case("it's mine, isn't it, and that's all of it", "it's mine, isn't it, and that's all of it")]
    #[case("a 5\" pipe and more words here", "a 5\" pipe and more words here")]
    fn quotations_are_blanked_out(#[case] line: &str, #[case] rest: &str) {
        let blank = without_quotes(line);
        assert_eq!(blank.len(), line.len());
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&blank), squeezed(rest));
    }
}
