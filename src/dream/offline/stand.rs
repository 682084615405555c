//! How a note stands to what a lesson asks for, where both speak of the same.
//!
//! Owns: telling a note that says it from one that says the opposite, or only allows it. Must not know: which notes
//! are held against a lesson, or what becomes of them.
//!
//! Most words of "use emojis" and "don't use emojis" are the same, so words alone can't tell that a note says a lesson
//! already. A lesson that is taken for known is never seen again, while one that is told a second time costs a glance:
//! where a note says neither, it is not taken to say it.

use std::collections::BTreeSet;

use super::clash::is_negation;
use super::mood::holds;
use super::patterns;
use super::wishes;
use super::words::{self, Piece};

/// What a note says of what a lesson asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// The same, as far as can be told.
    With,
    /// Neither that nor the opposite: it allows what is asked for, or names both things of a choice.
    Apart,
    /// The opposite, but of a part only, or with more besides.
    Otherwise,
    /// The opposite, and nothing else.
    Against,
}

/// Words that deny what they stand in front of, beside the plain negations.
const DENIES: &str = "avoid avoids avoiding banned disallowed drop forbidden forget miss neither none nor nowhere \
    prohibited refrain skip skipped skipping stop unless unwanted";
/// Words behind a negation with which it is none.
const NO_DENIAL: &str = "exception exceptions fail just longer matter only";
/// What a denial of leaves free: "no need to", "not required".
const NEED: &str = "necessary need needed needs obliged required";
/// Words that leave something free by themselves.
const FREES: &str = "needless needn't optional unnecessary";
/// Words that allow something without asking for it.
const ALLOWS: &str = "acceptable allowed can fine may ok okay optional permitted possible";
/// Words that say how something is asked for, and not what.
const HOW: &str = "exception exceptions forget may used";
/// Words that open a part of a sentence that has no verb of its own: "in commit messages, …".
const OPENS: &str = "after at before during for if in inside on under when whenever while with within";
/// Words that go on with something else, or with a reason.
const TURNS: &str = "although because but since so though whereas";
/// Words that refuse the thing behind them in a choice.
const REFUSES: &str = "avoid avoids avoiding ban banned drop over than";
/// Words between a refusal and the thing: "never install with `npm`".
const REACH: usize = 3;
/// Words that name where or when, so that a note with one says something of a part only.
const WHERE: &str = "at during except for if in on only under unless when whenever while within";
/// Longest name of a subject in front of what is said of it: "Commit messages: no emojis".
const NAME: usize = 3;

/// How a note stands to the advice of a lesson. Only what is told to be done, or not to be, can be contradicted.
#[must_use]
pub fn of(note: &str, advice: &str) -> Stand {
    let first = advice.split(' ').next().unwrap_or("").to_lowercase().replace('’', "'");
    let rule = match first.as_str() {
        "always" => Some(true),
        "don't" | "never" | "avoid" => Some(false),
        _ => None,
    };
    if let Some(wanted) = rule {
        return to_rule(note, advice, wanted);
    }
    match patterns::asked(advice) {
        Some(asked) => asked.that.map_or(Stand::With, |that| to_choice(note, &asked.this, &that)),
        None => Stand::With,
    }
}

/// A part of a sentence that says one thing.
#[derive(Debug, Default)]
struct Clause {
    /// Words that carry meaning.
    words: BTreeSet<String>,
    /// All words, in lower case.
    says: Vec<String>,
    /// Words that deny.
    denials: usize,
    /// It leaves something free.
    frees: bool,
    /// It begins with a word that goes on with something else.
    goes_on: bool,
}

impl Clause {
    fn add(&mut self, piece: Piece<'_>) {
        let Some(text) = piece.text() else { return };
        let is_code = matches!(piece, Piece::Code(_));
        for part in text.split_whitespace() {
            let lower = part.to_lowercase().replace('’', "'");
            if is_code {
                self.words.insert(lower.clone());
            } else if !words::is_stop_word(&lower) && !holds(HOW, &lower) && !denies(&lower) {
                self.words.insert(words::stem(part));
            }
            self.says.push(lower);
        }
    }

    /// Counts what its words deny, now that all of them are there.
    fn read(mut self) -> Self {
        let word = |at: usize| self.says.get(at).map_or("", String::as_str);
        let mut denials = 0;
        for at in 0..self.says.len() {
            let denied = denies(word(at)) && !holds(NO_DENIAL, word(at + 1));
            denials += usize::from(denied);
            let needed = |behind: usize| holds(NEED, word(behind));
            let have = word(at + 1) == "have" && word(at + 2) == "to";
            self.frees |= holds(FREES, word(at)) || denied && (needed(at + 1) || needed(at + 2) || have);
        }
        self.denials = denials;
        self.words.retain(|word| !holds(NEED, word) && !holds(FREES, word) && !holds(ALLOWS, word));
        self
    }

    fn allows(&self) -> bool {
        self.says.iter().any(|word| holds(ALLOWS, word))
    }

    /// It names a subject, or where something holds, of which the next clause says more.
    fn leads_on(&self, mark: Option<char>) -> bool {
        let opens = self.says.first().is_some_and(|first| holds(OPENS, first));
        match mark {
            Some(',') => opens,
            Some(':' | '-') | None => self.says.len() <= NAME && self.denials_so_far() == 0,
            Some(_) => false,
        }
    }

    fn denials_so_far(&self) -> usize {
        self.says.iter().filter(|word| denies(word)).count()
    }
}

fn denies(word: &str) -> bool {
    is_negation(word) || holds(DENIES, word)
}

/// The clauses of a text, sentence by sentence.
fn clauses(text: &str) -> Vec<Clause> {
    let mut found = Vec::new();
    let mut open = Clause::default();
    for line in text.lines() {
        for sentence in wishes::sentences(line) {
            let pieces = words::pieces(sentence);
            for (at, piece) in pieces.iter().enumerate() {
                let word = |at: usize| {
                    let text = pieces.get(at).and_then(|piece| piece.text()).unwrap_or("");
                    text.to_lowercase().replace('’', "'")
                };
                if let Piece::Stop(mark) = piece {
                    close(&mut open, Some(*mark), &mut found);
                    continue;
                }
                let is_word = matches!(piece, Piece::Word(_));
                // "… and never …" begins anew.
                let turns = holds(TURNS, &word(at));
                let joins = matches!(word(at).as_str(), "and" | "or");
                if is_word && (turns || joins && (denies(&word(at + 1)) || word(at + 1) == "do")) {
                    close(&mut open, Some('.'), &mut found);
                    open.goes_on = true;
                }
                open.goes_on |= is_word && joins && open.says.is_empty();
                open.add(*piece);
            }
        }
        close(&mut open, None, &mut found);
    }
    close(&mut open, Some('.'), &mut found);
    found
}

/// Ends a clause, unless the next one says of what.
fn close(open: &mut Clause, mark: Option<char>, found: &mut Vec<Clause>) {
    if !open.says.is_empty() && !open.leads_on(mark) {
        found.push(std::mem::take(open).read());
    }
}

/// To "always …" and "don't …": the clause with the most of its words decides.
fn to_rule(note: &str, advice: &str, wanted: bool) -> Stand {
    let mut lesson = Clause::default();
    for piece in words::pieces(advice) {
        lesson.add(piece);
    }
    let lesson = lesson.read();
    let clauses = clauses(note);
    let shared = |clause: &Clause| clause.words.intersection(&lesson.words).count();
    // Of equals the first.
    let Some((at, clause)) = clauses.iter().enumerate().rev().max_by_key(|(_, clause)| shared(clause)) else {
        return Stand::With;
    };
    let differs = clause.denials % 2 != lesson.denials % 2;
    let opposite = if clause.frees { wanted } else { differs };
    if !opposite {
        let only_allowed = wanted && clause.denials == 0 && clause.allows();
        return if clause.frees || only_allowed { Stand::Apart } else { Stand::With };
    }
    // What else it says may be a reason, but nothing that would be lost with it.
    let reason = |(other, said): (usize, &Clause)| {
        other == at || other > at && said.denials == 0 && !said.goes_on && is_no_demand(said)
    };
    let one = wishes_in(note) == 1 && clauses.iter().enumerate().all(reason);
    if one && clause.words == lesson.words { Stand::Against } else { Stand::Otherwise }
}

fn is_no_demand(clause: &Clause) -> bool {
    const DEMANDS: &str = "always ask check do except must never only please run should use";
    !clause.says.iter().any(|word| holds(DEMANDS, word))
}

fn wishes_in(note: &str) -> usize {
    note.lines().flat_map(wishes::sentences).count()
}

/// To "this instead of that": what the note refuses decides.
fn to_choice(note: &str, this: &str, that: &str) -> Stand {
    let words = |thing: &str| words::thing(thing).into_iter().collect::<BTreeSet<String>>();
    let (this, that) = (words(this), words(that));
    let (only_this, only_that): (BTreeSet<&String>, BTreeSet<&String>) =
        (this.difference(&that).collect(), that.difference(&this).collect());
    if only_this.is_empty() || only_that.is_empty() {
        return Stand::With;
    }
    let (mut wanted, mut unwanted) = ((false, false), (false, false));
    let mut where_ = false;
    for sentence in note.lines().flat_map(wishes::sentences) {
        if let Some(asked) = patterns::asked(sentence).filter(|asked| asked.wanted)
            && let Some(other) = asked.that
        {
            let (one, other) = (words::thing(&asked.this), words::thing(&other));
            wanted.1 |= other.iter().any(|word| only_this.contains(word));
            unwanted.1 |= other.iter().any(|word| only_that.contains(word))
                && one.iter().any(|word| only_this.contains(word));
        }
        let pieces = words::pieces(sentence);
        let says = patterns::lower(&pieces);
        where_ |= says.iter().any(|word| holds(WHERE, word));
        for (at, piece) in pieces.iter().enumerate() {
            let Some(text) = piece.text() else { continue };
            let named = words::thing(text);
            let is = |things: &BTreeSet<&String>| named.iter().any(|word| things.contains(word));
            for (seen, things) in [(&mut wanted, &only_this), (&mut unwanted, &only_that)] {
                seen.0 |= is(things);
                seen.1 |= is(things) && is_refused(&says, at);
            }
        }
    }
    match (wanted.1, unwanted.1) {
        (false, true) => Stand::With,
        (true, false) if unwanted.0 && !where_ && wishes_in(note) == 1 => Stand::Against,
        (true, false) => Stand::Otherwise,
        _ => Stand::Apart,
    }
}

/// Whether a word close in front refuses the thing at a place.
fn is_refused(says: &[String], at: usize) -> bool {
    let word = |at: usize| says.get(at).map_or("", String::as_str);
    (0..at).rev().take(REACH).take_while(|before| !matches!(word(*before), "" | "but")).any(|before| {
        let instead = word(before) == "instead" && word(before + 1) == "of";
        let denied = is_negation(word(before)) && !holds(NO_DENIAL, word(before + 1));
        instead || denied || holds(REFUSES, word(before))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("- Use emojis in commit messages.", "Don't use emojis in commit messages.")]
    #[case("- Emojis may be used in commit messages.", "Don't use emojis in commit messages.")]
    #[case("- There is no need to ask before you delete files.", "Always ask before you delete files.")]
    #[case("- You don't have to ask before you delete files.", "Always ask before you delete files.")]
    #[case("- Deploy on Fridays, customers are away then.", "Don't deploy on Fridays.")]
    #[case("- Never write tests for bug fixes.", "Always write tests for bug fixes.")]
    #[case("- Install packages with npm, never with pnpm.", "Use `pnpm` instead of `npm`.")]
    #[case("- Use npm instead of pnpm.", "Use `pnpm` instead of `npm`.")]
    #[case("- npm over pnpm", "Use `pnpm` instead of `npm`.")]
    fn the_opposite_and_nothing_else(#[case] note: &str, #[case] lesson: &str) {
        assert_eq!(of(note, lesson), Stand::Against);
    }

    #[rstest]
    #[case("- Small fixes may be merged without a review.", "Don't merge without a review.")]
    #[case("- Delivery dates may be promised for express parcels.", "Don't promise a delivery date.")]
    #[case("- Use emojis in commit messages, never in code.", "Don't use emojis in commit messages.")]
    #[case("- Use emojis in commit messages, and sign each commit.", "Don't use emojis in commit messages.")]
    #[case("- Use emojis in commit messages. Keep them short.", "Don't use emojis in commit messages.")]
    #[case("- Use npm for publishing, not pnpm.", "Use `pnpm` instead of `npm`.")]
    #[case("- Tests for bug fixes may be skipped.", "Always write tests for bug fixes.")]
    fn the_opposite_of_a_part_or_with_more(#[case] note: &str, #[case] lesson: &str) {
        assert_eq!(of(note, lesson), Stand::Otherwise);
    }

    #[rstest]
    #[case("- You may write tests for bug fixes.", "Always write tests for bug fixes.")]
    #[case("- There is no need to ask before you delete files.", "Don't ask before you delete files.")]
    #[case("- npm and pnpm both have a lock file.", "Use `pnpm` instead of `npm`.")]
    #[case(
        "- A formal tone is too stiff, a casual one is what customers like.",
        "Use a formal tone instead of a casual one."
    )]
    fn what_says_neither(#[case] note: &str, #[case] lesson: &str) {
        assert_eq!(of(note, lesson), Stand::Apart);
    }

    #[rstest]
    #[case("- No emojis in commit messages.", "Don't use emojis in commit messages.")]
    #[case("- Commit messages: no emojis.", "Don't use emojis in commit messages.")]
    #[case("- In commit messages, don't use emojis.", "Don't use emojis in commit messages.")]
    #[case("- Commit messages\n  - never any emojis", "Don't use emojis in commit messages.")]
    #[case("- Emojis are forbidden in commit messages.", "Don't use emojis in commit messages.")]
    #[case("- Use emojis in chat, never in commit messages.", "Don't use emojis in commit messages.")]
    #[case("- Merge only after a review.", "Don't merge without a review.")]
    #[case("- Nothing is merged without a review.", "Don't merge without a review.")]
    #[case("- Merging without a review is never allowed.", "Don't merge without a review.")]
    #[case("- Delivery dates may not be promised.", "Don't promise a delivery date.")]
    #[case(
        "- Ask before you delete files, because they can't be restored.",
        "Always ask before you delete files."
    )]
    #[case("- Don't forget to ask before you delete files.", "Always ask before you delete files.")]
    #[case("- Ask before you delete files, without exception.", "Always ask before you delete files.")]
    #[case(
        "- Ask before you delete files and don't trust the listing.",
        "Always ask before you delete files."
    )]
    #[case("- Prefer pnpm over npm.", "Use `pnpm` instead of `npm`.")]
    #[case("- Install with pnpm (not npm).", "Use `pnpm` instead of `npm`.")]
    #[case("- Don't use npm but pnpm.", "Use `pnpm` instead of `npm`.")]
    #[case("- Pass `--yes` or it never ends.", "Pass `--yes` to `acme up`")]
    fn the_same(#[case] note: &str, #[case] lesson: &str) {
        assert_eq!(of(note, lesson), Stand::With);
    }
}
