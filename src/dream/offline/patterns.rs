//! Patterns that read what a sentence asks for: "use X instead of Y", "always X", "never X".
//!
//! Owns: some fifteen hand-written patterns over words. Must not know: who says the sentence, or
//! whether it sounds like a correction.

use std::ops::Range;

use super::mood::{self, Hold};
use super::words::{self, Piece};

/// What a sentence asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whether it is wanted; `false` for "don't …".
    pub wanted: bool,
    /// What is (not) wanted.
    pub this: String,
    /// What it takes the place of.
    pub that: Option<String>,
    /// Where it is to hold, as far as that is said behind it or in front of it: "for prices".
    pub scope: Option<String>,
}

/// Words as they are compared: in lower case, with straight apostrophes, empty for marks.
#[must_use]
pub fn lower(pieces: &[Piece<'_>]) -> Vec<String> {
    pieces.iter().map(|p| p.text().unwrap_or("").to_lowercase().replace('’', "'")).collect()
}

/// The same without "please", which may stand anywhere and says nothing of what is asked for.
#[must_use]
pub fn without_politeness(
    mut pieces: Vec<Piece<'_>>,
    mut says: Vec<String>,
) -> (Vec<Piece<'_>>, Vec<String>) {
    // "Could you please" is a request, and "could you" by itself may be a question.
    let is_polite = |at: &usize| {
        let asked = at.checked_sub(1).and_then(|at| says.get(at)).is_some_and(|word| word == "you");
        says.get(*at).is_some_and(|word| matches!(word.as_str(), "please" | "pls" | "plz")) && !asked
    };
    let polite: Vec<usize> = (0..says.len()).filter(is_polite).collect();
    for at in polite.into_iter().rev() {
        // "…, please, …" had one mark before.
        let marks = |at: Option<usize>| at.is_some_and(|at| matches!(pieces.get(at), Some(Piece::Stop(','))));
        let between_marks = at == 0 && marks(Some(1)) || marks(at.checked_sub(1)) && marks(Some(at + 1));
        let end = at + 1 + usize::from(between_marks);
        pieces.drain(at..end);
        says.drain(at..end);
    }
    (pieces, says)
}

/// What a sentence asks for, if it says so plainly.
#[must_use]
pub fn asked(sentence: &str) -> Option<Asked> {
    let pieces = words::pieces(sentence);
    let lower = lower(&pieces);
    let says: Vec<&str> = lower.iter().map(String::as_str).collect();
    Pattern { pieces: &pieces, says: &says }.read(true)
}

/// Longest place that a choice is said to hold at, in words.
const LONGEST_PLACE: usize = 6;

/// A sentence to be read.
#[derive(Debug, Clone, Copy)]
pub struct Pattern<'a> {
    /// Its words, code and marks.
    pub pieces: &'a [Piece<'a>],
    /// The same in lower case; empty for marks.
    pub says: &'a [&'a str],
}

impl Pattern<'_> {
    /// The first pattern that fits, most specific first.
    pub fn read(&self, universal: bool) -> Option<Asked> {
        self.this_instead_of_that()
            .or_else(|| self.rather_this_than_that())
            .or_else(|| self.instead_of_that_this())
            .or_else(|| self.not_that_but_this())
            .or_else(|| self.this_not_that())
            .or_else(|| self.nothing_but_this_not_that())
            .or_else(|| self.always_this_never_that())
            .or_else(|| self.that_becomes_this())
            .or_else(|| self.forbidden())
            .or_else(|| if universal { self.demanded() } else { None })
    }

    fn at(&self, index: usize) -> &str {
        self.says.get(index).copied().unwrap_or("")
    }

    fn find(&self, from: usize, phrase: &[&str]) -> Option<usize> {
        (from..self.says.len()).find(|at| self.says.get(*at..at + phrase.len()) == Some(phrase))
    }

    fn is_verb(&self, index: usize) -> bool {
        matches!(
            self.at(index),
            "use"
                | "using"
                | "run"
                | "prefer"
                | "write"
                | "call"
                | "choose"
                | "pick"
                | "want"
                | "try"
                | "do"
                | "put"
        )
    }

    /// What the words before a verb make of what follows it: those of its own clause.
    fn hold(&self, verb: usize) -> Hold {
        let start = (0..verb)
            .rev()
            .find(|index| matches!(self.pieces.get(*index), Some(Piece::Stop(_))))
            .map_or(0, |stop| stop + 1);
        // "Using X instead of Y is wrong" speaks of it, and "do not, whatever comes, use" is no demand to.
        let speaks_of = start == verb && self.at(verb) == "using";
        let denied = (1..start).any(|mark| self.at(mark).is_empty() && mood::denies_ahead(self.at(mark - 1)));
        if speaks_of || denied || self.opens_a_condition(start, verb) {
            return Hold::Nothing;
        }
        mood::of(self.says.get(start..verb).unwrap_or_default(), self.at(verb))
    }

    /// A choice between two stretches of words. A denied one is the reverse, or none.
    fn choice(&self, verb: usize, this: Range<usize>, that: Range<usize>) -> Option<Asked> {
        let scope = self.scope(verb, this.end.max(that.end));
        let (one, other) = (self.thing_between(this)?, self.thing_between(that)?);
        let (this, that) = match self.hold(verb) {
            Hold::Wanted => (one, other),
            Hold::Reversed => (other, one),
            Hold::Nothing => return None,
        };
        let differ = !this.eq_ignore_ascii_case(&that);
        differ.then_some(Asked { wanted: true, this, that: Some(that), scope })
    }

    /// The same, where a denial can't be turned round.
    fn plain_choice(&self, verb: usize, this: Range<usize>, that: Range<usize>) -> Option<Asked> {
        (self.hold(verb) == Hold::Wanted).then(|| self.choice(verb, this, that))?
    }

    /// "use X instead of Y", "prefer X over Y", "X rather than Y".
    fn this_instead_of_that(&self) -> Option<Asked> {
        let (at, length) = [&["instead", "of"][..], &["rather", "than"]]
            .iter()
            .find_map(|phrase| self.find(1, phrase).map(|at| (at, 2)))
            .or_else(|| {
                let over = self.find(2, &["over"])?;
                let chosen = |word: &str| matches!(word, "prefer" | "chose" | "chosen" | "picked" | "voted");
                (0..over).any(|index| chosen(self.at(index))).then_some((over, 1))
            })?;
        let chosen = |word: &str| matches!(word, "chose" | "chosen" | "picked" | "voted");
        let verb = (0..at).rev().find(|index| self.is_verb(*index) || chosen(self.at(*index)))?;
        let with = usize::from(self.at(verb + 1) == "it" && self.at(verb + 2) == "with") * 2;
        let start = verb + 1 + with + usize::from(self.at(verb + 1) == "for");
        self.choice(verb, start..at, self.thing(at + length))
    }

    /// "I would rather see X than Y".
    fn rather_this_than_that(&self) -> Option<Asked> {
        let rather = self.find(0, &["rather"]).filter(|at| !matches!(self.at(*at + 1), "than" | "not"))?;
        let than = self.find(rather + 2, &["than"])?;
        // The verb says how, not what.
        self.plain_choice(rather, rather + 2..than, self.thing(than + 1))
    }

    /// "instead of Y, use X".
    fn instead_of_that_this(&self) -> Option<Asked> {
        let at = self.find(0, &["instead", "of"]).filter(|at| *at <= 2)?;
        let verb = (at + 3..self.says.len()).find(|index| self.is_verb(*index))?;
        self.plain_choice(verb, self.thing(verb + 1), at + 2..verb)
    }

    /// "don't use Y, use X", "not Y but X", "never Y; X instead".
    fn not_that_but_this(&self) -> Option<Asked> {
        let negation = (0..self.says.len())
            .find(|index| matches!(self.at(*index), "don't" | "dont" | "never" | "stop" | "not" | "avoid"))?;
        let start =
            (negation + 1..negation + 3).rev().find(|index| self.is_verb(*index - 1)).unwrap_or(negation + 1);
        let turn = (start..self.says.len()).find(|index| {
            let after = matches!(self.pieces.get(index.wrapping_sub(1)), Some(Piece::Stop(_)));
            self.at(*index) == "but" || (after && *index > start && (self.is_verb(*index)))
        })?;
        // "Not only X but Y" wants both, and "it is not a bug but use Y" speaks of two things.
        let uneven = self.at(turn) == "but" && start == negation + 1 && self.is_verb(turn + 1);
        if qualifies(self.at(start)) || uneven {
            return None;
        }
        let from = if self.is_verb(turn) { turn + 1 } else { turn + 1 + usize::from(self.is_verb(turn + 1)) };
        self.plain_choice(negation, self.thing(from), start..turn)
    }

    /// "use X, not Y", "it should be X not Y".
    fn this_not_that(&self) -> Option<Asked> {
        let not = (2..self.says.len()).find(|index| self.at(*index) == "not")?;
        let verb =
            (0..not).rev().find(|index| self.is_verb(*index) || (self.at(*index) == "be" && *index > 0))?;
        let end = if matches!(self.pieces.get(not - 1), Some(Piece::Stop(_))) { not - 1 } else { not };
        // "…, not even there" and "…, not in tests" name no other thing.
        if verb + 1 >= end
            || (verb + 1..end).any(|index| matches!(self.pieces.get(index), Some(Piece::Stop(_))))
            || qualifies(self.at(not + 1))
        {
            return None;
        }
        self.plain_choice(verb, verb + 1..end, self.thing(not + 1))
    }

    /// "X, not Y", "X instead of Y" and nothing more: two short names, which somebody may say no to something with.
    fn nothing_but_this_not_that(&self) -> Option<Asked> {
        let opening = match self.says {
            ["no", "", ..] => 2,
            ["i", "said" | "meant", ..] => 2,
            ["no", ..] => 1,
            _ => 0,
        };
        let (at, length) = [&["not"][..], &["instead", "of"], &["rather", "than"]]
            .iter()
            .find_map(|phrase| self.find(opening + 1, phrase).map(|at| (at, phrase.len())))?;
        let comma = matches!(self.pieces.get(at - 1), Some(Piece::Stop(',')));
        let this = opening..at - usize::from(comma);
        let last = self.says.iter().rposition(|word| !word.is_empty())? + 1;
        let that = at + length..last;
        let short = |range: &Range<usize>| {
            let says = self.says.get(range.clone()).unwrap_or_default();
            (1..=NAME).contains(&says.len())
                && says.iter().all(|word| !word.is_empty() && !qualifies(word) && !points_back(word))
                && !says.iter().any(|word| is_remark(word))
        };
        let apart = comma || length > 1 || this.len() == 1;
        (apart && short(&this) && short(&that)).then(|| self.choice_of(this, that))?
    }

    fn choice_of(&self, this: Range<usize>, that: Range<usize>) -> Option<Asked> {
        let (this, that) = (self.thing_between(this)?, self.thing_between(that)?);
        let differ = !this.eq_ignore_ascii_case(&that);
        differ.then_some(Asked { wanted: true, this, that: Some(that), scope: None })
    }

    /// "always X, never Y" and nothing more: with verbs it would be two demands.
    fn always_this_never_that(&self) -> Option<Asked> {
        let always = self.find(0, &["always"])?;
        let never = self.find(always + 2, &["never"])?;
        let last = self.says.iter().rposition(|word| !word.is_empty())?;
        let apart = matches!(self.pieces.get(never - 1), Some(Piece::Stop(_)));
        (apart && never == always + 3 && last == never + 1)
            .then(|| self.plain_choice(always, always + 1..never - 1, self.thing(never + 1)))?
    }

    /// "switch from Y to X", "rename Y to X", "replace Y with X".
    fn that_becomes_this(&self) -> Option<Asked> {
        let verb = (0..self.says.len()).find(|index| {
            matches!(self.at(*index), "rename" | "replace")
                || (self.at(*index) == "switch" && self.at(*index + 1) == "from")
        })?;
        let start = verb + 1 + usize::from(self.at(verb + 1) == "from");
        let link =
            (start + 1..self.says.len()).find(|index| matches!(self.at(*index), "to" | "with" | "by"))?;
        self.plain_choice(verb, self.thing(link + 1), start..link)
    }

    /// "never X", "don't X", "stop X-ing".
    fn forbidden(&self) -> Option<Asked> {
        let at = (0..self.says.len()).find(|index| {
            matches!(self.at(*index), "never" | "don't" | "dont" | "avoid")
                || (self.at(*index) == "do" && self.at(*index + 1) == "not")
                || (self.at(*index) == "stop" && *index <= 1)
        })?;
        let start = at + 1 + usize::from(self.at(at) == "do");
        // "Never mind" forbids nothing.
        if !self.opens(at)
            || matches!(self.at(start), "" | "mind" | "worry" | "bother")
            || self.hold(at) != Hold::Wanted
            || self.is_conditional()
        {
            return None;
        }
        self.action(start).map(|this| Asked { wanted: false, this, that: None, scope: None })
    }

    /// "always X", "from now on, X", "remember to X".
    fn demanded(&self) -> Option<Asked> {
        let (at, start) = (0..self.says.len()).find_map(|index| match self.at(index) {
            "always" if self.opens(index) => Some((index, index + 1)),
            "remember" if opens_a_demand(self.says, index) => {
                Some((index, index + 1 + usize::from(self.at(index + 1) == "to")))
            }
            "on" if index >= 2 && self.at(index - 1) == "now" => Some((index, index + 1)),
            "forward" if index >= 1 && self.at(index - 1) == "going" => Some((index, index + 1)),
            _ => None,
        })?;
        let start = start + usize::from(matches!(self.pieces.get(start), Some(Piece::Stop(',' | ':'))));
        let start = start + usize::from(matches!(self.at(start), "please" | "you"));
        if self.hold(at) != Hold::Wanted || self.is_conditional() {
            return None;
        }
        self.action(start).map(|this| Asked { wanted: true, this, that: None, scope: None })
    }

    /// A condition in front, which the sentence for what is to be done would lose.
    fn is_conditional(&self) -> bool {
        matches!(self.at(0), "if" | "when" | "whenever" | "unless" | "once" | "suppose" | "assuming")
    }

    /// "Once X is there use Y": a condition that no mark ends. "Once" elsewhere is a time.
    fn opens_a_condition(&self, start: usize, verb: usize) -> bool {
        start < verb && self.at(start) == "once"
    }

    /// Where a choice is to hold: behind it, up to the next mark, or in front of it.
    fn scope(&self, verb: usize, end: usize) -> Option<String> {
        let stop = |from: usize, to: usize| {
            (from..to).find(|index| matches!(self.pieces.get(*index), Some(Piece::Stop(_)))).unwrap_or(to)
        };
        let behind = || self.place(end..stop(end, self.says.len()));
        // "For prices, use …": up to the first comma, and that right before the demand.
        let ahead = || {
            let comma = stop(0, verb);
            (comma + 1 == verb).then(|| self.place(0..comma)).flatten()
        };
        behind().or_else(ahead)
    }

    /// Words that name where something is to hold; "in this repo" names no place within it.
    fn place(&self, range: Range<usize>) -> Option<String> {
        const LEADS: [&str; 10] =
            ["for", "in", "inside", "on", "under", "when", "whenever", "within", "at", "during"];
        const NOWHERE: [&str; 20] = [
            "this",
            "that",
            "these",
            "those",
            "here",
            "now",
            "future",
            "general",
            "me",
            "us",
            "it",
            "all",
            "everything",
            "everywhere",
            "always",
            "please",
            "again",
            "project",
            "repo",
            "codebase",
        ];
        let says = self.says.get(range.clone())?;
        let named = says.first().is_some_and(|first| LEADS.contains(first))
            && (2..=LONGEST_PLACE).contains(&says.len())
            && !says.iter().any(|word| NOWHERE.contains(word))
            && (says.get(1) != Some(&"you") || says.first().is_some_and(|first| first.starts_with("when")));
        let words: Vec<String> = self
            .pieces
            .get(range)?
            .iter()
            .filter_map(|piece| match piece {
                Piece::Code(code) => Some(format!("`{code}`")),
                Piece::Word(word) => Some((*word).to_owned()),
                Piece::Stop(_) => None,
            })
            .collect();
        named.then(|| words.join(" "))
    }

    /// Nobody is said to do it, as in "I never got it", "the build never ends", "you don't need to".
    fn opens(&self, at: usize) -> bool {
        opens_a_demand(self.says, at)
            || at.checked_sub(1).is_some_and(|before| mood::may_open_a_demand(self.at(before)))
    }

    /// The thing named from a word on: up to a word or mark that ends it.
    fn thing(&self, from: usize) -> Range<usize> {
        let end = (from..self.says.len())
            .find(|index| {
                matches!(self.pieces.get(*index), Some(Piece::Stop(_)))
                    || (*index > from
                        && matches!(
                            self.at(*index),
                            "for"
                                | "when"
                                | "in"
                                | "because"
                                | "since"
                                | "as"
                                | "please"
                                | "here"
                                | "everywhere"
                                | "always"
                                | "next"
                                | "and"
                                | "so"
                                | "if"
                                | "on"
                                | "from"
                                | "unless"
                                | "then"
                                | "anymore"
                                | "again"
                                | "to"
                                | "wherever"
                                | "at"
                                | "until"
                                | "but"
                                | "while"
                                | "with"
                        ))
            })
            .unwrap_or(self.says.len());
        from..end
    }

    fn thing_between(&self, range: Range<usize>) -> Option<String> {
        let words: Vec<&str> = self
            .pieces
            .get(range)?
            .iter()
            .filter_map(|piece| piece.text())
            .skip_while(|word| {
                matches!(
                    word.to_lowercase().as_str(),
                    "the"
                        | "our"
                        | "your"
                        | "my"
                        | "to"
                        | "use"
                        | "using"
                        | "run"
                        | "just"
                        | "only"
                        | "please"
                )
            })
            .collect();
        // "Use it instead" says nothing without the sentence before.
        let denied = words
            .first()
            .is_some_and(|word| matches!(word.to_lowercase().as_str(), "not" | "neither" | "no" | "never"));
        let named = !denied && words.iter().any(|word| !points_back(&word.to_lowercase()));
        (named && words.len() <= 6).then(|| words.join(" "))
    }

    /// What follows a comma is a clause of its own: "…, jest is what we use", "…, always run the tests".
    fn is_clause(&self, from: usize) -> bool {
        let clause = self.says.get(from..).unwrap_or_default();
        if matches!(self.at(from), "always" | "never" | "use" | "run" | "just" | "please") {
            return true;
        }
        clause.iter().take_while(|word| !word.is_empty()).take(3).any(|word| {
            matches!(
                *word,
                "is" | "are" | "was" | "it" | "it's" | "they" | "that" | "that's" | "we" | "i" | "you"
            )
        })
    }

    /// What is to be done, from a word on: up to the end of the clause.
    fn action(&self, from: usize) -> Option<String> {
        let end = (from..self.says.len())
            .find(|index| match self.pieces.get(*index) {
                Some(Piece::Stop(';' | '.' | '!' | '?' | ':' | '(')) => true,
                Some(Piece::Stop(',')) => self.is_clause(*index + 1),
                _ => false,
            })
            .unwrap_or(self.says.len());
        let words: Vec<String> = self
            .pieces
            .get(from..end)?
            .iter()
            .filter_map(|piece| match piece {
                Piece::Code(code) => Some(format!("`{code}`")),
                Piece::Word(word) => Some((*word).to_owned()),
                Piece::Stop(_) => None,
            })
            .take(16)
            .collect();
        (words.len() >= 2).then(|| words.join(" "))
    }
}

/// Words in a name that may stand by itself.
const NAME: usize = 2;

/// Words that say how something is, where, when, or whether, and name nothing.
fn is_remark(word: &str) -> bool {
    const REMARKS: &str = "a am an and are be been bad better can close correct could did do does done enough fine good         great had has have here how i is just like maybe me mine my nice now ok okay only or our perfect quite ready         really right should so sure the then there time today tomorrow true us very was we well were what when where         why will with wrong yes yet you your yours";
    mood::holds(REMARKS, word)
}

/// Words that stand for something said elsewhere.
fn points_back(word: &str) -> bool {
    matches!(word, "it" | "this" | "that" | "these" | "those" | "them" | "one" | "both" | "something")
}

/// Words behind "not" that say where or how much, and name no other thing.
fn qualifies(word: &str) -> bool {
    matches!(
        word,
        "" | "all"
            | "as"
            | "at"
            | "because"
            | "even"
            | "every"
            | "everything"
            | "for"
            | "if"
            | "in"
            | "just"
            | "necessarily"
            | "on"
            | "only"
            | "really"
            | "sure"
            | "that"
            | "to"
            | "when"
            | "yet"
    )
}

/// Whether a verb at this place is a demand: nobody is said to do it.
#[must_use]
pub fn opens_a_demand(says: &[&str], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| says.get(before).copied());
    matches!(before, None | Some("" | "please" | "also" | "so" | "just" | "must" | "should"))
}
