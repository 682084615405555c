//! Patterns that read what a sentence asks for: "use X instead of Y", "always X", "never X".
//!
//! Owns: some fifteen hand-written patterns over words. Must not know: who says the sentence, or
//! whether it sounds like a correction.

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
}

/// What a sentence asks for, if it says so plainly.
#[must_use]
pub fn asked(sentence: &str) -> Option<Asked> {
    let pieces = words::pieces(sentence);
    let lower: Vec<String> = pieces.iter().map(|p| p.text().unwrap_or("").to_lowercase()).collect();
    let says: Vec<&str> = lower.iter().map(String::as_str).collect();
    Pattern { pieces: &pieces, says: &says }.read(true)
}

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

    fn contrast(this: Option<String>, that: Option<String>) -> Option<Asked> {
        let (this, that) = (this?, that?);
        (!this.eq_ignore_ascii_case(&that)).then_some(Asked { wanted: true, this, that: Some(that) })
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
        let start = verb + 1 + usize::from(self.at(verb + 1) == "for");
        Self::contrast(self.thing_between(start, at), self.thing(at + length))
    }

    /// "I would rather see X than Y".
    fn rather_this_than_that(&self) -> Option<Asked> {
        let rather = self.find(0, &["rather"]).filter(|at| self.at(*at + 1) != "than")?;
        let than = self.find(rather + 2, &["than"])?;
        // The verb says how, not what.
        Self::contrast(self.thing_between(rather + 2, than), self.thing(than + 1))
    }

    /// "instead of Y, use X".
    fn instead_of_that_this(&self) -> Option<Asked> {
        let at = self.find(0, &["instead", "of"]).filter(|at| *at <= 2)?;
        let verb = (at + 2..self.says.len()).find(|index| self.is_verb(*index))?;
        Self::contrast(self.thing(verb + 1), self.thing_between(at + 2, verb))
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
        let from = if self.is_verb(turn) { turn + 1 } else { turn + 1 + usize::from(self.is_verb(turn + 1)) };
        Self::contrast(self.thing(from), self.thing_between(start, turn))
    }

    /// "use X, not Y", "it should be X not Y".
    fn this_not_that(&self) -> Option<Asked> {
        let not = (2..self.says.len()).find(|index| self.at(*index) == "not")?;
        let verb =
            (0..not).rev().find(|index| self.is_verb(*index) || (self.at(*index) == "be" && *index > 0))?;
        let end = if matches!(self.pieces.get(not - 1), Some(Piece::Stop(_))) { not - 1 } else { not };
        if verb + 1 >= end
            || (verb + 1..end).any(|index| matches!(self.pieces.get(index), Some(Piece::Stop(_))))
        {
            return None;
        }
        Self::contrast(self.thing_between(verb + 1, end), self.thing(not + 1))
    }

    /// "always X, never Y" and nothing more: with verbs it would be two demands.
    fn always_this_never_that(&self) -> Option<Asked> {
        let always = self.find(0, &["always"])?;
        let never = self.find(always + 2, &["never"])?;
        let last = self.says.iter().rposition(|word| !word.is_empty())?;
        let apart = matches!(self.pieces.get(never - 1), Some(Piece::Stop(_)));
        (apart && never == always + 3 && last == never + 1)
            .then(|| Self::contrast(self.thing_between(always + 1, never - 1), self.thing(never + 1)))?
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
        Self::contrast(self.thing(link + 1), self.thing_between(start, link))
    }

    /// "never X", "don't X", "stop X-ing".
    fn forbidden(&self) -> Option<Asked> {
        let at = (0..self.says.len()).find(|index| {
            matches!(self.at(*index), "never" | "don't" | "dont" | "avoid")
                || (self.at(*index) == "do" && self.at(*index + 1) == "not")
                || (self.at(*index) == "stop" && *index <= 1)
        })?;
        let start = at + 1 + usize::from(self.at(at) == "do");
        if self.tells(at) {
            return None;
        }
        self.action(start).map(|this| Asked { wanted: false, this, that: None })
    }

    /// "always X", "from now on, X", "remember to X".
    fn demanded(&self) -> Option<Asked> {
        let start = (0..self.says.len()).find_map(|index| match self.at(index) {
            "always" if !self.tells(index) => Some(index + 1),
            "remember" if opens_a_demand(self.says, index) => {
                Some(index + 1 + usize::from(self.at(index + 1) == "to"))
            }
            "on" if index >= 2 && self.at(index - 1) == "now" => Some(index + 1),
            "forward" if index >= 1 && self.at(index - 1) == "going" => Some(index + 1),
            _ => None,
        })?;
        let start = start + usize::from(matches!(self.pieces.get(start), Some(Piece::Stop(',' | ':'))));
        let start = start + usize::from(matches!(self.at(start), "please" | "you"));
        self.action(start).map(|this| Asked { wanted: true, this, that: None })
    }

    /// "I never got it", "it always fails", "you don't need to": told of somebody, asked of nobody.
    fn tells(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| {
            matches!(
                self.at(before),
                "i" | "we"
                    | "you"
                    | "he"
                    | "she"
                    | "it"
                    | "they"
                    | "this"
                    | "that"
                    | "which"
                    | "who"
                    | "and"
                    | "is"
                    | "are"
                    | "was"
                    | "were"
                    | "has"
                    | "have"
                    | "had"
                    | "i'm"
                    | "i've"
                    | "i'll"
                    | "it's"
                    | "we've"
                    | "there"
            )
        })
    }

    /// The thing named from a word on: up to a word or mark that ends it.
    fn thing(&self, from: usize) -> Option<String> {
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
        self.thing_between(from, end)
    }

    fn thing_between(&self, from: usize, to: usize) -> Option<String> {
        let words: Vec<&str> = self
            .pieces
            .get(from..to)?
            .iter()
            .filter_map(|piece| piece.text())
            .skip_while(|word| {
                matches!(
                    word.to_lowercase().as_str(),
                    "the"
                        | "a"
                        | "an"
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
        (!words.is_empty() && words.len() <= 6).then(|| words.join(" "))
    }

    /// What is to be done, from a word on: up to the end of the clause.
    fn action(&self, from: usize) -> Option<String> {
        let end = (from..self.says.len())
            .find(|index| {
                matches!(self.pieces.get(*index), Some(Piece::Stop(';' | '.' | '!' | '?' | ':' | '(')))
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

/// Whether a verb at this place is a demand: nobody is said to do it.
#[must_use]
pub fn opens_a_demand(says: &[&str], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| says.get(before).copied());
    matches!(before, None | Some("" | "please" | "also" | "so" | "just" | "must" | "should"))
}
