//! Who is for what a group of wishes asks, and who is against it.
//!
//! Owns: the opposite of a wish, turns that take a side without asking, and the last word of each session. Must not
//! know: which wishes belong together, or how many make a lesson.
//!
//! Groups are many and turns are many, also in shuffled copies: both are looked up by their words, so that the cost
//! grows with the sessions and not with their square.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::leanings;
use super::manner;
use super::pool::Pool;
use super::preferences::{Key, Said};

/// A turn that takes the side of one of two things.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaning<'a> {
    /// Position of its session.
    pub member: u32,
    /// Position of its turn in the session.
    pub turn: u32,
    /// The unit.
    pub unit: u32,
    /// What it says.
    pub text: &'a str,
    /// It takes the side of the preference, not of what that stands against.
    pub for_it: bool,
}

/// Wishes that ask for the same, and the ones that ask for the opposite.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster<'a> {
    /// The wishes, in pool order.
    pub said: Vec<Said<'a>>,
    /// Wishes for the opposite.
    pub opposed: Vec<Said<'a>>,
    /// Turns that take its side without asking in so many words, and turns that take the other.
    pub leaning: Vec<Leaning<'a>>,
    /// Units whose last word asks for it or takes its side.
    pub units: BTreeSet<u32>,
    /// Units whose last word is for the other side.
    pub against: BTreeSet<u32>,
}

/// When those were asked who want the opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// All of them earlier than anybody who asks for it.
    Before,
    /// All of them later.
    Since,
    /// Neither, or there are none.
    Among,
}

impl Cluster<'_> {
    /// When those spoke who are for the other side.
    #[must_use]
    pub fn against_are(&self) -> Against {
        match (self.units.first(), self.units.last(), self.against.first(), self.against.last()) {
            (Some(first), _, _, Some(last)) if last < first => Against::Before,
            (_, Some(last), Some(first), _) if first > last => Against::Since,
            _ => Against::Among,
        }
    }

    /// Everybody asked for the opposite until some session, and nobody since: in an order that chance hardly gives.
    #[must_use]
    pub fn changed_minds(&self) -> bool {
        let (for_it, against) = (self.units.len() as u32, self.against.len() as u32);
        // One of so many ways to mix the two.
        let ways = (1..=for_it).fold(1.0, |ways, at| ways * f64::from(against + at) / f64::from(at));
        self.against_are() == Against::Before && for_it >= FEWEST && ways >= RARE
    }
}

/// Fewer sessions since are no change of mind.
const FEWEST: u32 = 5;
/// An order that is one of fewer is no surprise.
const RARE: f64 = 200.0;

/// A turn that may take a side.
struct Leaner<'a> {
    member: u32,
    turn: u32,
    unit: u32,
    text: &'a str,
    read: leanings::Turn,
}

/// All turns of a pool that may take a side.
pub struct Leaners<'a> {
    all: Vec<Leaner<'a>>,
    /// Which of them have a word, in their order.
    with_word: FxHashMap<String, Vec<usize>>,
}

impl<'a> Leaners<'a> {
    /// Reads the turns of a pool, each once for all choices it is asked about.
    #[must_use]
    pub fn of(pool: &'a Pool<'_>) -> Self {
        let (mut all, mut with_word) = (Vec::new(), FxHashMap::<String, Vec<usize>>::default());
        for (member, session) in pool.members.iter().enumerate() {
            for (turn, fact) in session.facts.turns.iter().enumerate() {
                let Some(text) = fact.leaning.as_deref() else { continue };
                let read = leanings::Turn::read(text);
                for word in read.words() {
                    let holders = with_word.entry(word.to_owned()).or_default();
                    if holders.last() != Some(&all.len()) {
                        holders.push(all.len());
                    }
                }
                all.push(Leaner { member: member as u32, turn: turn as u32, unit: session.unit, text, read });
            }
        }
        Self { all, with_word }
    }

    /// Those that may name both things: those with all of their words, in their order.
    fn naming(&self, this: &[String], that: &[String]) -> impl Iterator<Item = usize> {
        let holders = |word: &String| self.with_word.get(word).map_or(&[][..], Vec::as_slice);
        let mut of_words: Vec<&[usize]> = this.iter().chain(that).map(holders).collect();
        of_words.sort_by_key(|holders| holders.len());
        let (rarest, others) =
            of_words.split_first().map_or((&[][..], Vec::new()), |(a, b)| (*a, b.to_vec()));
        let in_all = move |at: &usize| others.iter().all(|holders| holders.binary_search(at).is_ok());
        rarest.iter().copied().filter(in_all)
    }
}

/// What everybody says to each thing that is asked for.
pub struct Sides<'s, 'a> {
    said: &'s [Said<'a>],
    leaners: &'s Leaners<'a>,
    /// Which wishes name a thing as what they want, or do not want.
    about: FxHashMap<&'s [String], Vec<usize>>,
}

impl<'s, 'a> Sides<'s, 'a> {
    /// Over some wishes, and turns of the same pool.
    #[must_use]
    pub fn of(said: &'s [Said<'a>], leaners: &'s Leaners<'a>) -> Self {
        let mut about: FxHashMap<&[String], Vec<usize>> = FxHashMap::default();
        for (at, said) in said.iter().enumerate() {
            about.entry(&said.key.this).or_default().push(at);
        }
        Self { said, leaners, about }
    }

    /// A group with the wishes for its opposite, and who is for it in the end.
    #[must_use]
    pub fn cluster(&self, group: Vec<Said<'a>>) -> Cluster<'a> {
        let opposed = self.opposed(&group);
        let leaning = self.leaning(&group, &opposed);
        let asked = |said: &Said<'_>, for_it| (said.unit, (said.member, said.turn, said.nth), for_it);
        let words = group
            .iter()
            .map(|said| asked(said, true))
            .chain(opposed.iter().map(|said| asked(said, false)))
            .chain(leaning.iter().map(|turn| (turn.unit, (turn.member, turn.turn, 0), turn.for_it)));
        let (units, against) = last_words(words);
        Cluster { said: group, opposed, leaning, units, against }
    }

    fn opposed(&self, group: &[Said<'a>]) -> Vec<Said<'a>> {
        let keys: BTreeSet<&Key> = group.iter().map(|said| &said.key).collect();
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for key in keys {
            let about = |thing: &Vec<String>| self.about.get(thing.as_slice()).into_iter().flatten().copied();
            let is_opposite = |at: &usize| self.said.get(*at).is_some_and(|said| opposite(key, &said.key));
            found.extend(about(&key.this).chain(about(&key.that)).filter(is_opposite));
            // "Answer in English" is no denial of "answer in German", and nobody can do both.
            for rival in manner::rivals(&key.this) {
                let wants = |at: &usize| self.said.get(*at).is_some_and(|said| said.key.wanted == key.wanted);
                found.extend(about(&rival).filter(wants));
            }
        }
        found.into_iter().filter_map(|at| self.said.get(at)).cloned().collect()
    }

    /// Turns that take a side in the choice of a group, where the group makes one; turns that put the choice in so
    /// many words are left out.
    fn leaning(&self, group: &[Said<'a>], opposed: &[Said<'a>]) -> Vec<Leaning<'a>> {
        let pairs: BTreeSet<(&[String], &[String])> = group
            .iter()
            .filter(|said| said.key.wanted && !said.key.that.is_empty())
            .map(|said| (said.key.this.as_slice(), said.key.that.as_slice()))
            .collect();
        let plain: BTreeSet<(u32, u32)> =
            group.iter().chain(opposed).map(|said| (said.member, said.turn)).collect();
        let mut sides: BTreeMap<usize, i32> = BTreeMap::new();
        for (this, that) in pairs {
            for at in self.leaners.naming(this, that) {
                let side = self.leaners.all.get(at).map_or(0, |leaner| leaner.read.side(this, that));
                *sides.entry(at).or_default() += side;
            }
        }
        let taken = sides.into_iter().filter(|(_, side)| *side != 0);
        taken
            .filter_map(|(at, side)| {
                let Leaner { member, turn, unit, text, .. } = self.leaners.all.get(at)?;
                let (member, turn, unit) = (*member, *turn, *unit);
                let is_plain = plain.contains(&(member, turn));
                (!is_plain).then_some(Leaning { member, turn, unit, text, for_it: side > 0 })
            })
            .collect()
    }
}

/// Units whose last word is for something, and those whose last word is against it: whoever changes their mind
/// within a session counts once, for what they say in the end.
fn last_words(words: impl Iterator<Item = (u32, (u32, u32, u32), bool)>) -> (BTreeSet<u32>, BTreeSet<u32>) {
    let mut last: BTreeMap<u32, ((u32, u32, u32), bool)> = BTreeMap::new();
    for (unit, at, for_it) in words {
        let word = last.entry(unit).or_insert((at, for_it));
        // Of two that stand at one place, the one against it holds.
        if at > word.0 || at == word.0 && !for_it {
            *word = (at, for_it);
        }
    }
    let of = |side: bool| {
        last.iter()
            .filter(|(_, (_, for_it))| *for_it == side)
            .map(|(unit, _)| *unit)
            .collect::<BTreeSet<u32>>()
    };
    (of(true), of(false))
}

/// What it is to ask for the opposite. Either wish begins with what the other one names.
fn opposite(a: &Key, b: &Key) -> bool {
    let swapped = !a.that.is_empty() && a.wanted == b.wanted && a.this == b.that && a.that == b.this;
    let denied = a.wanted != b.wanted && a.this == b.this && a.that.is_empty() && b.that.is_empty();
    // "use npm" is no opposite of "use pnpm instead of npm", but "never use pnpm" is.
    let refused = a.wanted != b.wanted && !b.wanted && !a.that.is_empty() && b.this == a.this;
    swapped || denied || refused
}
