//! Orders of steps, and which of them stand out from chance.
//!
//! Owns: counting orders in sessions and in copies whose steps have been dealt out anew. Must not know:
//! what a step is, or when an order is a lesson.
//!
//! All of the time goes into the copies. So orders in question are one tree over the few steps they are
//! made of, and a copy is walked along it without building anything.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::evidence::noise::Dice;

/// Steps in an order: fewer are a coincidence of neighbours, more hardly ever repeat.
pub const LONGEST: usize = 4;
/// Shuffled copies that an order must stand out from.
const COPIES: u32 = 200;
/// Spread below this is an accident of counting.
const LEAST_DEVIATION: f64 = 0.5;

/// One step: its name's number and the call that made it.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// Number of its name.
    pub step: u16,
    /// The call.
    pub call: u32,
}

/// Runs of steps of one session, broken where errors were dealt with.
#[derive(Debug, Clone)]
pub struct Walk {
    /// Whose.
    pub member: usize,
    /// The unit it counts as.
    pub unit: u32,
    /// The runs.
    pub runs: Vec<Vec<Taken>>,
}

/// An order of steps, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order(u64);

impl Order {
    /// The order of these steps.
    #[must_use]
    pub fn of(steps: &[Taken]) -> Self {
        Self(steps.iter().fold(0, |order, taken| (order << 16) | (u64::from(taken.step) + 1)))
    }

    /// Its steps.
    #[must_use]
    pub fn steps(self) -> Vec<u16> {
        (0..LONGEST)
            .rev()
            .map(|at| (self.0 >> (16 * at)) & 0xffff)
            .filter(|step| *step > 0)
            .map(|step| (step - 1) as u16)
            .collect()
    }
}

/// Orders with the units that show them.
pub type Orders = BTreeMap<Order, BTreeSet<u32>>;

/// Every order of some sessions.
#[must_use]
pub fn all(walks: &[Walk]) -> Orders {
    let mut orders = Orders::new();
    for walk in walks {
        for run in &walk.runs {
            for length in 2..=LONGEST {
                for steps in run.windows(length) {
                    orders.entry(Order::of(steps)).or_default().insert(walk.unit);
                }
            }
        }
    }
    orders
}

/// Adds to orders the units of other walks that show them.
pub fn find_again(orders: &mut Orders, walks: &[Walk]) {
    for walk in walks {
        for run in &walk.runs {
            for steps in (2..=LONGEST).flat_map(|length| run.windows(length)) {
                if let Some(units) = orders.get_mut(&Order::of(steps)) {
                    units.insert(walk.unit);
                }
            }
        }
    }
}

/// The same sessions with the steps of each dealt out anew within it.
#[must_use]
pub fn shuffled(walks: &[Walk], dice: &mut Dice) -> Vec<Walk> {
    let mut copy = walks.to_vec();
    for walk in &mut copy {
        let mut steps: Vec<Taken> = walk.runs.iter().flatten().copied().collect();
        deal(dice, &mut steps, |taken| taken.step);
        for (slot, step) in walk.runs.iter_mut().flatten().zip(steps) {
            *slot = step;
        }
    }
    copy
}

/// Tries at parting two equal neighbours.
const TRIES: usize = 8;

/// Random order in which, as in real sessions, the same step hardly ever comes twice in a row: copies
/// with such pairs have fewer orders of different steps, and everything real would stand out from them.
fn deal<T, S: Copy + PartialEq>(dice: &mut Dice, steps: &mut [T], step: impl Fn(&T) -> S) {
    dice.shuffle(steps);
    let stays_apart = |steps: &[T], at: usize, other: usize| {
        let Some(new) = steps.get(other).map(&step) else { return false };
        let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten();
        beside.filter(|beside| *beside != other).all(|beside| steps.get(beside).map(&step) != Some(new))
    };
    for at in 1..steps.len() {
        let twins = |steps: &[T]| steps.get(at).map(&step) == steps.get(at - 1).map(&step);
        for _ in 0..TRIES {
            if !twins(steps) {
                break;
            }
            let other = dice.below(steps.len());
            if stays_apart(steps, at, other) && stays_apart(steps, other, at) {
                steps.swap(at, other);
            }
        }
    }
}

/// How often orders show by chance.
#[derive(Debug)]
pub struct Chance {
    number: BTreeMap<Order, usize>,
    /// Per copy and order: units.
    copies: Vec<Vec<u32>>,
    /// Per order.
    mean_and_deviation: Vec<(f64, f64)>,
}

impl Chance {
    /// Counts orders in shuffled copies; walks of one unit must come one after the other.
    #[must_use]
    pub fn of(orders: &BTreeSet<Order>, walks: &[Walk], corpus: &str) -> Self {
        let tree = Tree::of(orders);
        let tracks: Vec<Track> = walks.iter().filter_map(|walk| Track::of(walk, &tree)).collect();
        let copies: Vec<Vec<u32>> = if orders.is_empty() {
            Vec::new()
        } else {
            let count = |copy| tree.count(&tracks, &mut Dice::new(corpus, "workflows", copy));
            (0..COPIES).into_par_iter().map(count).collect()
        };
        let number_of = |copy: &Vec<u32>, at: usize| copy.get(at).map_or(0.0, |count| f64::from(*count));
        let mean_and_deviation = (0..orders.len()).map(|at| {
            let all = copies.len() as f64;
            let mean = copies.iter().map(|copy| number_of(copy, at)).sum::<f64>() / all;
            let off = copies.iter().map(|copy| (number_of(copy, at) - mean).powi(2)).sum::<f64>();
            (mean, (off / all).sqrt().max(LEAST_DEVIATION))
        });
        Self {
            number: orders.iter().enumerate().map(|(at, order)| (*order, at)).collect(),
            mean_and_deviation: mean_and_deviation.collect(),
            copies,
        }
    }

    /// Keeps the orders that stand out more than the most outstanding one of them in any copy; `shown` counts
    /// units as the walks of the copies were counted.
    pub fn keep_outstanding(&self, orders: &mut Orders, shown: &dyn Fn(&BTreeSet<u32>) -> u32) {
        let numbers: Vec<usize> = orders.keys().filter_map(|order| self.number.get(order).copied()).collect();
        let of_copy = |copy: &Vec<u32>| {
            let z = |at: &usize| self.deviation(*at, copy.get(*at).copied().unwrap_or(0));
            numbers.iter().map(z).fold(0.0, f64::max)
        };
        let most = self.copies.iter().map(of_copy).fold(0.0, f64::max);
        orders.retain(|order, units| {
            let stands_out = |at: &usize| {
                // As many as there are units, at most: what these do not suffice for need not be counted.
                self.deviation(*at, units.len() as u32) > most && self.deviation(*at, shown(units)) > most
            };
            self.number.get(order).is_some_and(stands_out)
        });
    }

    fn deviation(&self, at: usize, count: u32) -> f64 {
        let known = self.mean_and_deviation.get(at);
        known.map_or(0.0, |(mean, deviation)| (f64::from(count) - mean) / deviation)
    }
}

/// No child, no order.
const NONE: u32 = u32::MAX;

/// Orders as a tree: from a node, each step leads to at most one other.
struct Tree {
    /// Steps that orders are made of, sorted.
    steps: Vec<u16>,
    /// Child of each node by each of those steps.
    children: Vec<u32>,
    /// Number of the order that ends at each node.
    ends: Vec<u32>,
    orders: usize,
}

impl Tree {
    fn of(orders: &BTreeSet<Order>) -> Self {
        let steps: BTreeSet<u16> = orders.iter().flat_map(|order| order.steps()).collect();
        let steps: Vec<u16> = steps.into_iter().collect();
        let mut tree =
            Self { children: vec![NONE; steps.len()], ends: vec![NONE], steps, orders: orders.len() };
        for (number, order) in orders.iter().enumerate() {
            let mut node = 0;
            for step in order.steps() {
                node = tree.grow(node, tree.local(step));
            }
            if let Some(end) = tree.ends.get_mut(node as usize) {
                *end = number as u32;
            }
        }
        tree
    }

    /// A step's number in the tree; steps of no order come after all others.
    fn local(&self, step: u16) -> u32 {
        let at = self.steps.binary_search(&step);
        at.unwrap_or_else(|_| self.steps.len() + usize::from(step)) as u32
    }

    fn grow(&mut self, node: u32, step: u32) -> u32 {
        let child = self.child(node, step);
        if child != NONE {
            return child;
        }
        let new = self.ends.len() as u32;
        if let Some(slot) = self.children.get_mut(node as usize * self.steps.len() + step as usize) {
            *slot = new;
        }
        self.ends.push(NONE);
        self.children.resize(self.children.len() + self.steps.len(), NONE);
        new
    }

    fn child(&self, node: u32, step: u32) -> u32 {
        if step as usize >= self.steps.len() {
            return NONE;
        }
        self.children.get(node as usize * self.steps.len() + step as usize).copied().unwrap_or(NONE)
    }

    /// In how many units each order shows once every session's steps are dealt out anew.
    fn count(&self, tracks: &[Track], dice: &mut Dice) -> Vec<u32> {
        let mut counts = vec![0_u32; self.orders];
        let mut last = vec![NONE; self.orders];
        let mut steps: Vec<u32> = Vec::new();
        for track in tracks {
            steps.clear();
            steps.extend_from_slice(&track.steps);
            deal(dice, &mut steps, |step| *step);
            let mut rest = steps.as_slice();
            for length in &track.lengths {
                let (run, others) = rest.split_at((*length).min(rest.len()));
                rest = others;
                for start in 0..run.len() {
                    let mut node = 0;
                    for step in run.iter().skip(start).take(LONGEST) {
                        node = self.child(node, *step);
                        let Some(&order) = self.ends.get(node as usize) else { break };
                        if let (Some(count), Some(last)) =
                            (counts.get_mut(order as usize), last.get_mut(order as usize))
                            && *last != track.unit
                        {
                            *last = track.unit;
                            *count += 1;
                        }
                    }
                }
            }
        }
        counts
    }
}

/// A walk in the tree's numbers.
struct Track {
    unit: u32,
    steps: Vec<u32>,
    lengths: Vec<usize>,
}

impl Track {
    /// `None` if no order can show in it, however its steps are dealt out.
    fn of(walk: &Walk, tree: &Tree) -> Option<Self> {
        let steps: Vec<u32> = walk.runs.iter().flatten().map(|taken| tree.local(taken.step)).collect();
        let known = steps.iter().filter(|step| (**step as usize) < tree.steps.len()).count();
        let lengths = walk.runs.iter().map(Vec::len).collect();
        (known > 1).then_some(Self { unit: walk.unit, steps, lengths })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(unit: u32, runs: &[&[u16]]) -> Walk {
        let taken = |steps: &&[u16]| steps.iter().map(|&step| Taken { step, call: 0 }).collect();
        Walk { member: unit as usize, unit, runs: runs.iter().map(taken).collect() }
    }

    #[test]
    fn counting_along_the_tree_is_counting() {
        let mut dice = Dice::new("c", "walks", 0);
        let walks: Vec<Walk> = (0..12)
            .map(|unit| {
                let run: Vec<u16> = (0..9).map(|_| dice.below(5) as u16).collect();
                walk(unit / 2, &[&run[..4], &run[4..]])
            })
            .collect();
        // All orders in question and one more, of a step that no session takes.
        let mut orders: BTreeSet<Order> = all(&walks).into_keys().step_by(2).collect();
        orders.insert(Order::of(&[Taken { step: 3, call: 0 }, Taken { step: 77, call: 0 }]));
        let tree = Tree::of(&orders);
        let tracks: Vec<Track> = walks.iter().filter_map(|walk| Track::of(walk, &tree)).collect();
        for copy in 0..5 {
            let counted = all(&shuffled(&walks, &mut Dice::new("c", "copy", copy)));
            let expected: Vec<u32> =
                orders.iter().map(|order| counted.get(order).map_or(0, BTreeSet::len) as u32).collect();
            assert_eq!(tree.count(&tracks, &mut Dice::new("c", "copy", copy)), expected);
        }
    }

    #[test]
    fn what_always_comes_in_one_order_stands_out_and_what_comes_in_any_does_not() {
        let mut dice = Dice::new("c", "any", 0);
        let walks: Vec<Walk> = (0..20)
            .map(|unit| {
                let mut any = [3, 4, 5, 6];
                dice.shuffle(&mut any);
                walk(unit, &[&[&any[..2], &[0, 1, 2], &any[2..]].concat()])
            })
            .collect();
        let mut orders = all(&walks);
        orders.retain(|_, units| units.len() >= 5);
        let chance = Chance::of(&orders.keys().copied().collect(), &walks, "c");
        chance.keep_outstanding(&mut orders, &|units| units.len() as u32);
        let found: Vec<Vec<u16>> = orders.keys().map(|order| order.steps()).collect();
        assert!(found.contains(&vec![0, 1, 2]));
        // Whatever else stands out does so because these are in it.
        assert!(found.iter().all(|steps| steps.windows(2).any(|pair| pair == [0, 1] || pair == [1, 2])));
    }
}
