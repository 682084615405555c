//! Requests for the work at hand: a button on this page, the field in this form.
//!
//! Owns: which places belong to one piece of work, and when a wish is said of another place in every session. Must
//! not know: how wishes are read, or which of them are lessons.
//!
//! "Use a dropdown instead of the text field here" is work to be done, however many sessions give such work. A word
//! such as "always" makes it a rule, and so does a scope that everybody names: "for prices".

use std::collections::{BTreeMap, BTreeSet};

use super::mood::holds;

/// Parts of what is worked on. "In this repo" is none of them: all of the work is there.
const PARTS: &str = "article banner box button card cell chapter chart checkbox class column component dashboard dialog \
    diagram document email endpoint exercise field figure footer form graph header heading image item letter list menu \
    message method migration modal module page panel paragraph point popup question report row screen script section \
    sheet sidebar slide snippet step story table tab template test toolbar view widget window wizard";
/// Parts that are told apart by their number as well: "ticket 12" is one, "Python 3" is not.
const NUMBERED: &str =
    "figure issue item line number page point question section slide step story table task ticket";
/// Words that lead to a place.
const LEADS: &str = "at for in inside on under within";
/// Words before a thing that is not one thing of the work at hand, but whatever is there by default.
const USUAL: &str = "bare built-in builtin default existing global legacy native normal old original plain raw standard \
    stock system usual";

/// Whether a sentence names one part of the work: "in this form", "on page 7".
#[must_use]
pub fn names_a_part(says: &[&str]) -> bool {
    let this = says.windows(3).any(|three| {
        matches!(three, [lead, "this" | "that" | "these" | "those", part] if holds(LEADS, lead) && is_part(part))
    });
    let numbered = says.windows(2).any(|pair| {
        let number = |word: &str| {
            let bare = word.trim_start_matches('#');
            !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit())
        };
        matches!(pair, [part, at] if holds(NUMBERED, part) && number(at))
    });
    this || numbered
}

fn is_part(word: &str) -> bool {
    holds(PARTS, word) || word.strip_suffix('s').is_some_and(|one| holds(PARTS, one))
}

/// Whether it replaces one certain thing at one certain place: "instead of the text field here", "… for the country".
#[must_use]
pub fn replaces_a_certain_thing(says: &[&str]) -> bool {
    let Some(at) = says.windows(2).position(|pair| matches!(pair, ["instead", "of"] | ["rather", "than"]))
    else {
        return false;
    };
    let [determiner, thing, rest @ ..] = says.get(at + 2..).unwrap_or_default() else { return false };
    let certain = matches!(*determiner, "the" | "this" | "that") && !holds(USUAL, thing);
    let here = rest.contains(&"here");
    // "For the tests" is a scope of many, "for the country" names one.
    let one = rest.windows(3).any(|three| {
        matches!(three, [lead, "the", place] if holds(LEADS, lead) && (!place.ends_with('s') || place.ends_with("ss")))
    });
    certain && (here || one)
}

/// Share of those who ask in percent, from which on it says something that each names a place, and that they differ.
const NEARLY_ALL: usize = 80;
/// Fewer places may differ by chance.
const FEWEST: usize = 3;

/// Whether nearly everybody names a place, and nearly everybody another one: then the tasks differ, and the wish is
/// part of them. `named` are the units that ask, with the place if they name one.
#[must_use]
pub fn differs<'a>(named: impl Iterator<Item = (u32, Option<&'a str>)>) -> bool {
    let mut units: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for (unit, place) in named {
        units.entry(unit).or_default().extend(place.map(str::to_lowercase));
    }
    let placed = units.values().filter(|places| !places.is_empty()).count();
    let places = units.values().flatten().collect::<BTreeSet<_>>().len();
    places >= FEWEST && placed * 100 >= units.len() * NEARLY_ALL && places * 100 >= placed * NEARLY_ALL
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::dream::offline::wishes::{self, Setting};

    const LATER: Setting =
        Setting { after_interrupt: false, after_action: true, rephrases: false, after_revert: false };

    #[rstest]
    #[case("Use a dropdown instead of the text field here.")]
    #[case("Use a dropdown instead of the text field for the country.")]
    #[case("In this form use a dropdown instead of the text field.")]
    #[case("Use the blue button instead of the link on page 7.")]
    #[case("Use a table instead of a list in these dialogs.")]
    #[case("please use icons instead of labels in this view")]
    #[case("Use the short text instead of the long one for ticket 4711.")]
    fn what_is_asked_of_the_work_at_hand_is_no_wish(#[case] turn: &str) {
        assert_eq!(wishes::read(turn, LATER), [], "{turn}");
    }

    #[rstest]
    #[case("No, use `Decimal` instead of `float` for prices.")]
    #[case("please use `pnpm` rather than `npm` here")]
    #[case("Use ruff instead of the default linter here.")]
    #[case("Use vitest instead of the runner for the tests.")]
    #[case("Always use a dropdown instead of the text field here.")]
    #[case("In this form and every time, always use a dropdown instead of a text field.")]
    #[case("No, use a dropdown instead of the text field for the country.")]
    #[case("Use pnpm instead of npm in this repo.")]
    #[case("Use tomllib instead of toml on Python 3.")]
    fn what_holds_beyond_it_is_one(#[case] turn: &str) {
        assert_eq!(wishes::read(turn, LATER).len(), 1, "{turn}");
    }

    #[test]
    fn another_place_in_each_session_is_a_task_and_one_for_all_a_scope() {
        let of = |places: &[Option<&str>]| {
            let owned: Vec<(u32, Option<&str>)> =
                places.iter().enumerate().map(|(unit, place)| (unit as u32, *place)).collect();
            differs(owned.into_iter())
        };
        assert!(of(&[Some("for the cart"), Some("for orders"), Some("on the map"), Some("in mails")]));
        assert!(!of(&[Some("for prices"), Some("for prices"), Some("For prices"), Some("for taxes")]));
        assert!(!of(&[None, None, Some("for the cart"), Some("for orders"), Some("on the map")]));
        assert!(!of(&[Some("for the cart"), Some("for orders")]), "two may differ by chance");
    }
}
