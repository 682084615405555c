//! What ended errors, and what people asked not to do.
//!
//! Owns: whether a reaction does what a preference speaks against. Must not know: how either was found.
//!
//! A memory that says "don't run `db reset`" and "when … fails, run `db reset`" helps nobody, and the people who said
//! so have seen more than the sessions in which it worked.

use super::fixes::Fix;
use super::mood::holds;
use super::patterns;
use super::preferences::Said;
use super::words;

/// Whether a wish speaks against a reaction to an error.
#[must_use]
pub fn speaks_against(said: &Said<'_>, fix: &Fix) -> bool {
    let done = match fix {
        Fix::First(command) | Fix::FirstTool(command) => command,
        Fix::AddPrefix(word) | Fix::AddFlag(word) | Fix::Environment(word) => word,
        Fix::Program { to, .. } => to,
        // An argument is no way of doing something, and the others are no things.
        _ => return false,
    };
    let done: Vec<String> = done.split(' ').map(str::to_lowercase).collect();
    let wish = said.wish;
    match (&wish.that, wish.wanted) {
        (Some(that), true) => words_of(that) == done,
        // An option says by itself what it is; another word may be one of many: "don't push to main".
        (None, false) if matches!(fix, Fix::AddFlag(_)) => words_of(&wish.this).contains(&done.join(" ")),
        (None, false) => {
            let words = words_of(&wish.this);
            let verb = usize::from(words.first().is_some_and(|word| holds(VERBS, word)));
            words.get(verb..).is_some_and(|words| words.starts_with(&done))
        }
        _ => false,
    }
}

const VERBS: &str = "call calling run running use using";

fn words_of(text: &str) -> Vec<String> {
    let pieces = words::pieces(text);
    let lower = patterns::lower(&pieces);
    lower
        .iter()
        .flat_map(|piece| piece.split(' '))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::dream::offline::preferences::Key;
    use crate::dream::offline::wishes::{self, Setting};

    fn first(command: &str) -> Fix {
        Fix::First(command.to_owned())
    }

    #[rstest]
    #[case("Don't run buildit purge.", first("buildit purge"), true)]
    #[case("Don't run `buildit purge` on this machine.", first("buildit purge"), true)]
    #[case("never use --force", Fix::AddFlag("--force".to_owned()), true)]
    #[case("No, use pnpm instead of yarn.", Fix::Program { from: "npm".to_owned(), to: "yarn".to_owned() }, true)]
    #[case("Don't run buildit purge.", first("buildit"), true)]
    #[case("don't push with --force", Fix::AddFlag("--force".to_owned()), true)]
    #[case("don't push to main", Fix::Program { from: "master".to_owned(), to: "main".to_owned() }, false)]
    #[case("Don't run buildit.", first("buildit purge"), false)]
    #[case("Always run buildit purge.", first("buildit purge"), false)]
    #[case("No, use pnpm instead of yarn.", first("pnpm"), false)]
    #[case("Don't run buildit purge.", Fix::Retry, false)]
    fn a_wish_speaks_against_what_it_forbids(#[case] turn: &str, #[case] fix: Fix, #[case] against: bool) {
        let setting =
            Setting { after_interrupt: false, after_action: true, rephrases: false, after_revert: false };
        let wishes = wishes::read(turn, setting);
        let key = Key { wanted: true, this: Vec::new(), that: Vec::new() };
        let said = Said { member: 0, turn: 0, nth: 0, unit: 0, wish: &wishes[0], key };
        assert_eq!(speaks_against(&said, &fix), against);
    }
}
