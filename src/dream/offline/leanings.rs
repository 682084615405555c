//! Which of two things a turn takes the side of, however it is put.
//!
//! Owns: the words that speak for or against what they stand beside. Must not know: which two things are
//! in question; a choice that was asked for in so many words elsewhere names them.
//!
//! "Y again? We agreed on X a while ago." asks for X only to somebody who knows that X and Y are a
//! choice. So nothing is a preference for its leanings alone: they count for or against one that others
//! put plainly, and a turn that names both things without taking a side counts for nothing.

use super::mood::{self, Hold, holds};
use super::wishes;
use super::words::{self, Piece};

/// Longest turn that is read so, in bytes: in longer ones a word for or against may mean anything.
const LONGEST: usize = 240;

/// Words for what they stand beside.
const FOR: &str = "adopted agreed all always approved back belongs better chose chosen decided everything everywhere \
    expected favor favour fine go going good keep like moved now only ours picked please prefer \
    preferred required right runs settled should standard stay stick supposed switched use used uses \
    using voted want wanted";

/// Words against what they stand beside.
const AGAINST: &str = "abandoned again alone avoid away bad banned break breaks broken can't cannot dead deprecated \
    discouraged doesn't don't drop dropped fails forbidden forget gone ignore instead isn't left legacy \
    longer never no nobody not obsolete off old outdated remove removed replaced retired rid ripped skip \
    stop stopped thrown unsupported without won't wrong";

/// Verbs that lead from one thing to another.
const TURNS: &str = "change changed convert converted dropped migrate migrated move moved port replace replaced switch \
    switched";

/// Verbs that stand between a denial and what it denies.
const VERBS: &str = "choose pick prefer run take try use using want write";

/// Words that begin another clause.
const PARTS: &str = "because but since so though while";

/// Whether a turn may take a side: it is one short line and has a word for or against something.
#[must_use]
pub fn may_lean(turn: &str) -> bool {
    turn.len() <= LONGEST
        && !turn.contains('\n')
        && turn.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| {
            let lower = word.to_lowercase();
            lower == "why" || [FOR, AGAINST, TURNS].iter().any(|list| holds(list, &lower))
        })
}

/// A turn that may take a side, taken apart once for all choices it is asked about.
#[derive(Debug, Clone)]
pub struct Turn {
    /// All it says. A question takes no side, and still names what the rest is about.
    all: Vec<Vec<Word>>,
    /// What it states.
    stated: Vec<Vec<Word>>,
}

impl Turn {
    /// Takes a turn apart.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let spoken = mood::without_quotes(text);
        let stated = wishes::stated(text);
        Self {
            all: clauses(wishes::sentences(&spoken).into_iter()),
            stated: clauses(stated.iter().map(AsRef::as_ref)),
        }
    }

    /// Its words, in every form in which things are compared with them.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let forms = |(stem, said)| [stem, said].into_iter().map(String::as_str);
        self.all.iter().flatten().map(|(stem, said)| (stem, said)).flat_map(forms)
    }

    /// Which side it takes: above 0 `this`, below 0 `that`, 0 neither or not both named.
    #[must_use]
    pub fn side(&self, this: &[String], that: &[String]) -> i32 {
        let named = |thing: &[String]| self.all.iter().any(|clause| place(clause, thing).is_some());
        if !named(this) || !named(that) {
            return 0;
        }
        let leans: i32 = self.stated.iter().map(|clause| lean(clause, this, that)).sum();
        let complaints: i32 = self.all.iter().map(|clause| complains(clause, this, that)).sum();
        (leans + complaints).signum()
    }
}

/// One word of a clause: as it is compared with things, and as it is said.
type Word = (String, String);

fn clauses<'t>(sentences: impl Iterator<Item = &'t str>) -> Vec<Vec<Word>> {
    let mut clauses: Vec<Vec<Word>> = vec![Vec::new()];
    for piece in sentences.flat_map(words::pieces) {
        let said = piece.text().unwrap_or("").to_lowercase().replace('’', "'");
        // "X is old and Y is fine" says two things, "X and Y are fine" one.
        let cue =
            |clause: &Vec<Word>| clause.iter().any(|(_, said)| holds(FOR, said) || holds(AGAINST, said));
        let second = said == "and" && clauses.last().is_some_and(cue);
        if matches!(piece, Piece::Stop(_)) || second || holds(PARTS, &said) {
            clauses.push(Vec::new());
        } else if let Some(clause) = clauses.last_mut() {
            let parts: Vec<Word> = match piece {
                Piece::Code(_) => {
                    said.split_whitespace().map(|part| (part.to_owned(), String::new())).collect()
                }
                _ => vec![(words::stem(&said), said)],
            };
            clause.extend(parts);
        }
    }
    clauses
}

/// Where a clause names a thing: the place of its first word, if all of its words are there.
fn place(clause: &[Word], thing: &[String]) -> Option<usize> {
    let at = |word: &String| clause.iter().position(|(stem, said)| stem == word || said == word);
    let places: Option<Vec<usize>> = thing.iter().map(at).collect();
    places?.into_iter().min()
}

fn lean(clause: &[Word], this: &[String], that: &[String]) -> i32 {
    let has = |list: &str| {
        let own = |said: &str| this.iter().chain(that).any(|word| word == said);
        clause.iter().any(|(_, said)| holds(list, said) && !own(said))
    };
    let of_one = || match (has(AGAINST), has(FOR)) {
        (true, _) => -1,
        (false, true) => 1,
        (false, false) => 0,
    };
    match (place(clause, this), place(clause, that)) {
        (None, None) => 0,
        (Some(_), None) => of_one(),
        (None, Some(_)) => -of_one(),
        (Some(a), Some(b)) if a < b => of_two(clause, a, b),
        (Some(a), Some(b)) => -of_two(clause, b, a),
    }
}

/// "Why X?" asks for no reason but wants X gone.
fn complains(clause: &[Word], this: &[String], that: &[String]) -> i32 {
    if clause.first().is_none_or(|(_, said)| said != "why") {
        return 0;
    }
    match (place(clause, this), place(clause, that)) {
        (Some(_), None) => -1,
        (None, Some(_)) => 1,
        _ => 0,
    }
}

/// Of two things in one clause: above 0 if the first one is preferred.
fn of_two(clause: &[Word], first: usize, second: usize) -> i32 {
    let said = |range: &[Word], list: &str| range.iter().any(|(_, said)| holds(list, said));
    let between = clause.get(first..second).unwrap_or_default();
    let before = clause.get(..first).unwrap_or_default();
    if said(between, "than over not instead without never") {
        let says: Vec<&str> = before.iter().map(|(_, said)| said.as_str()).collect();
        let (verb, says) = match says.split_last() {
            Some((last, rest)) if holds(VERBS, last) => (*last, rest),
            _ => ("", says.as_slice()),
        };
        return match mood::of(says, verb) {
            Hold::Wanted => 1,
            Hold::Reversed => -1,
            Hold::Nothing => 0,
        };
    }
    let leads = said(before, TURNS) || said(between, TURNS);
    if leads && said(between, "to with by for favour favor into") {
        return -1;
    }
    0
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn toward(turn: &str) -> i32 {
        assert!(may_lean(turn) || Turn::read(turn).side(&["pnpm".into()], &["yarn".into()]) == 0, "{turn}");
        Turn::read(turn).side(&["pnpm".into()], &["yarn".into()])
    }

    #[rstest]
    #[case("yarn again? We agreed on pnpm a while ago.")]
    #[case("hm, `yarn` is gone from this project; pnpm does that job")]
    #[case("I said pnpm, not yarn")]
    #[case("We replaced yarn with pnpm, remember?")]
    #[case("this should have been pnpm but you ran yarn")]
    #[case("no yarn in here. pnpm is the standard.")]
    #[case("why yarn? the rest is on pnpm")]
    #[case("go with pnpm and forget about yarn")]
    #[case("don't use yarn instead of pnpm")]
    #[case("can you do that with pnpm? yarn is deprecated here")]
    fn sides_are_taken_in_many_ways(#[case] turn: &str) {
        assert_eq!(toward(turn), 1, "{turn}");
        let swapped = turn.replace("pnpm", "#").replace("yarn", "pnpm").replace('#', "yarn");
        assert_eq!(toward(&swapped), -1, "{swapped}");
    }

    #[rstest]
    #[case("what is the difference between pnpm and yarn")]
    #[case("pnpm and yarn both work here")]
    #[case("why is pnpm faster than yarn")]
    #[case("use pnpm")]
    #[case("should we use pnpm instead of yarn?")]
    #[case("maybe pnpm is better, yarn is old")]
    #[case("> no yarn in here, use pnpm")]
    #[case("stop using yarn")]
    #[case("the lock files of yarn and pnpm are wrong")]
    #[case("You used pnpm instead of yarn, why?")]
    #[case("The notes say \"pnpm instead of yarn, always\", go on")]
    #[case("Bob said pnpm instead of yarn is better")]
    #[case("if you use pnpm instead of yarn it fails")]
    #[case("pnpm instead of yarn?")]
    #[case("we used to use pnpm instead of yarn")]
    #[case("pnpm instead of yarn this one time")]
    #[case("pnpm instead of yarn. No, forget that")]
    fn naming_both_or_one_takes_no_side(#[case] turn: &str) {
        assert_eq!(toward(turn), 0, "{turn}");
    }

    #[test]
    fn long_turns_are_not_read() {
        assert!(!may_lean(&"we do not want yarn here, use pnpm ".repeat(9)));
    }
}
