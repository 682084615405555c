//! Whether every step of an order belongs to it, or one of them only stands beside the rest.
//!
//! Owns: comparing how often a step comes after (or before) the rest of an order with how often it comes
//! elsewhere. Must not know: what steps are called, lessons.
//!
//! Dealing out steps anew says that an order as a whole is no accident. That is true of any step that
//! happens to stand behind a firm order, too: where releasing is all that is done before looking at the log,
//! the log always comes after it, and comes as often in sessions without a release.

use std::collections::BTreeSet;

use super::orders::{Order, Walk};
use crate::evidence::stats;

/// Places or sessions elsewhere below which there is nothing to compare with.
const FEWEST: u32 = 10;
/// One-sided half of one per cent: several steps are tried at each end of an order.
const CLEAR: f64 = 2.576;
/// One-sided 10 %. A step that stands directly there is compared with one that stands anywhere in a session,
/// which already speaks against the order.
const LIKELY: f64 = 1.282;

/// Whether the last step belongs after all others, and the first before all others.
///
/// Each must come there more often than at other places, and in more sessions than take it without the rest:
/// what ends every third session stands behind an order that ends a session without belonging to it. Of two
/// steps one may be taken in any session (`fmt`, then `commit`), as long as the other belongs to it.
#[must_use]
pub fn holds_together(order: Order, walks: &[Walk]) -> bool {
    let steps = order.steps();
    let backwards: Vec<u16> = steps.iter().rev().copied().collect();
    let (last, first) = (End::of(&steps, walks, false), End::of(&backwards, walks, true));
    let is_drawn = if steps.len() > 2 { last.drawn && first.drawn } else { last.drawn || first.drawn };
    last.placed && first.placed && is_drawn
}

/// How firmly a step stands at an end of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    /// It comes there more often than at other places.
    placed: bool,
    /// More sessions with the rest of the order have it there than sessions without have it at all, as far as
    /// there are such sessions.
    drawn: bool,
}

/// How often something came where it could have.
#[derive(Default)]
struct Rate {
    came: u32,
    all: u32,
}

impl End {
    /// The last of some steps, in walks that are read forwards or backwards.
    fn of(steps: &[u16], walks: &[Walk], backwards: bool) -> Self {
        let Some((end, rest)) = steps.split_last() else { return Self { placed: false, drawn: false } };
        let [mut all, mut with_end, mut with_rest, mut with_both] = [const { BTreeSet::<u32>::new() }; 4];
        let mut elsewhere = Rate::default();
        let mut line: Vec<u16> = Vec::new();
        for walk in walks {
            all.insert(walk.unit);
            // A session in which nothing was done is a place where the step could have come.
            elsewhere.all += u32::from(walk.runs.is_empty());
            for run in &walk.runs {
                line.clear();
                line.extend(run.iter().map(|taken| taken.step));
                if backwards {
                    line.reverse();
                }
                for at in 0..=line.len() {
                    let (before, next) = (line.get(..at).unwrap_or_default(), line.get(at));
                    let comes = next == Some(end);
                    if comes {
                        with_end.insert(walk.unit);
                    }
                    if before.ends_with(rest) {
                        with_rest.insert(walk.unit);
                        if comes {
                            with_both.insert(walk.unit);
                        }
                    } else if before.last() != Some(end) && next.is_none_or(|next| !rest.contains(next)) {
                        // No step comes after itself, and where the order takes its own course, nothing else can.
                        elsewhere.all += 1;
                        elsewhere.came += u32::from(comes);
                    }
                }
            }
        }
        let after = Rate { came: with_both.len() as u32, all: with_rest.len() as u32 };
        let others = Rate {
            came: with_end.difference(&with_rest).count() as u32,
            all: all.difference(&with_rest).count() as u32,
        };
        let usual = stats::lower_bound(after.came, after.all) > 0.5;
        let placed = if elsewhere.all < FEWEST { usual } else { deviation(&after, &elsewhere) > CLEAR };
        // A pair whose one step is in every session has nothing shorter that could stand in its stead.
        let is_pair = steps.len() == 2;
        let drawn = if others.all < FEWEST { is_pair || usual } else { deviation(&after, &others) > LIKELY };
        Self { placed, drawn }
    }
}

/// How many standard errors one rate lies above another, if both were the same.
fn deviation(one: &Rate, other: &Rate) -> f64 {
    let [(k, n), (came, all)] = [one, other].map(|rate| (f64::from(rate.came), f64::from(rate.all)));
    if n == 0.0 || all == 0.0 {
        return 0.0;
    }
    let share = (k + came) / (n + all);
    let error = (share * (1.0 - share) * (1.0 / n + 1.0 / all)).sqrt();
    if error > 0.0 { (k / n - came / all) / error } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::orders::Taken;

    fn order(steps: &[u16]) -> Order {
        Order::of(&taken(steps))
    }

    fn taken(steps: &[u16]) -> Vec<Taken> {
        steps.iter().map(|&step| Taken { step, call: 0 }).collect()
    }

    /// One session for each line of steps.
    fn walks(lines: impl IntoIterator<Item = Vec<u16>>) -> Vec<Walk> {
        let walk = |(at, line): (usize, Vec<u16>)| Walk {
            member: at,
            unit: at as u32,
            runs: if line.is_empty() { vec![] } else { vec![taken(&line)] },
        };
        lines.into_iter().enumerate().map(walk).collect()
    }

    #[test]
    fn a_step_as_common_elsewhere_belongs_to_no_order() {
        // Half of all sessions look at the log (2), whether they begin with the order (0, 1) or not.
        let sessions = walks((0..80).map(|at| match at % 4 {
            0 => vec![0, 1, 2],
            1 => vec![0, 1],
            2 => vec![2],
            _ => vec![],
        }));
        assert!(holds_together(order(&[0, 1]), &sessions));
        assert!(!holds_together(order(&[0, 1, 2]), &sessions));
        assert!(!holds_together(order(&[1, 2]), &sessions));
        // The same at the beginning of an order.
        let reversed = walks((0..80).map(|at| match at % 4 {
            0 => vec![2, 0, 1],
            1 => vec![0, 1],
            2 => vec![2],
            _ => vec![],
        }));
        assert!(holds_together(order(&[0, 1]), &reversed));
        assert!(!holds_together(order(&[2, 0, 1]), &reversed));
    }

    #[test]
    fn what_ends_a_session_anyway_does_not_end_an_order() {
        // The log (2) is the last step of every other session, and never comes earlier.
        let sessions = walks((0..80).map(|at| {
            let mut line = vec![3, 4, 5 + at as u16 % 3, 3, 4];
            if at % 4 > 0 {
                line.extend([0, 1]);
            }
            if at / 4 % 2 == 0 {
                line.push(2);
            }
            line
        }));
        assert!(holds_together(order(&[0, 1]), &sessions));
        assert!(!holds_together(order(&[0, 1, 2]), &sessions));
        assert!(!holds_together(order(&[1, 2]), &sessions));
    }

    #[test]
    fn one_of_two_steps_may_be_taken_in_any_session() {
        let sessions = walks((0..40).map(|at| match at % 4 {
            0 | 1 => vec![3, 4, 0, 1, 3],
            2 => vec![3, 1, 4, 3],
            _ => vec![4, 3, 1, 4],
        }));
        assert!(holds_together(order(&[0, 1]), &sessions));
    }

    #[test]
    fn a_step_that_comes_mostly_there_belongs() {
        let sessions = walks((0..40).map(|at| match at % 4 {
            0 => vec![3, 0, 1, 2, 4],
            1 => vec![0, 1, 2],
            2 => vec![4, 2, 3],
            _ => vec![3, 4],
        }));
        assert!(holds_together(order(&[0, 1, 2]), &sessions));
        // Where nothing else is ever done, there is nothing that it could be compared with.
        let only = walks((0..20).map(|_| vec![0, 1, 2]));
        assert!(holds_together(order(&[0, 1, 2]), &only));
        let half = walks((0..20).map(|at| if at % 2 == 0 { vec![0, 1, 2] } else { vec![0, 1] }));
        assert!(holds_together(order(&[0, 1]), &half));
        assert!(!holds_together(order(&[0, 1, 2]), &half));
    }
}
