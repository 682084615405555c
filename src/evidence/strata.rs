//! Is an effect still there among sessions of the same kind?
//!
//! Owns: tests that compare within strata, and whether support is spread as sessions are. Must not
//! know: what the strata are.
//!
//! An agent that hands easy tasks to people looks as if handing over made tasks succeed. Compared within
//! tasks the effect is gone; a lesson made of it would be wrong.

use super::noise::Dice;

/// One stratum: of `all` sessions `drawn` show a pattern, `marked` had an outcome, and `both` had both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum {
    /// Pattern and outcome.
    pub both: u32,
    /// Pattern.
    pub drawn: u32,
    /// Outcome.
    pub marked: u32,
    /// Sessions.
    pub all: u32,
}

/// Result of the Cochran–Mantel–Haenszel test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// Signed: above 0 if pattern and outcome go together.
    pub z: f64,
    /// Two-sided.
    pub p: f64,
    /// Common odds ratio of Mantel and Haenszel; infinite if nothing speaks against.
    pub odds: f64,
    /// Variance of the count of both: below about 1 the strata say too little to separate the effect from
    /// the mix of tasks.
    pub information: f64,
}

/// Association of a pattern and an outcome within strata, without continuity correction. `None` if no
/// stratum can say anything: then the effect can't be told from the mix.
#[must_use]
pub fn cochran_mantel_haenszel(strata: &[Stratum]) -> Option<Association> {
    let (mut excess, mut information, mut with, mut against) = (0.0, 0.0, 0.0, 0.0);
    for stratum in strata.iter().filter(|stratum| stratum.all > 1) {
        let [both, drawn, marked, all] =
            [stratum.both, stratum.drawn, stratum.marked, stratum.all].map(f64::from);
        excess += both - drawn * marked / all;
        information += drawn * (all - drawn) * marked * (all - marked) / (all * all * (all - 1.0));
        with += both * (all - drawn - marked + both) / all;
        against += (drawn - both) * (marked - both) / all;
    }
    if information <= 0.0 {
        return None;
    }
    let z = excess / information.sqrt();
    let odds = if against > 0.0 { with / against } else { f64::INFINITY };
    Some(Association { z, p: two_sided(z), odds, information })
}

/// The same question by shuffling outcomes within strata: the share of copies in which pattern and
/// outcome meet as far from expectation, the true one among them.
#[must_use]
pub fn permutation_p(strata: &[Vec<(bool, bool)>], copies: u32, dice: &mut Dice) -> f64 {
    let both = |pattern: &[bool], outcome: &[bool]| {
        pattern.iter().zip(outcome).filter(|(pattern, outcome)| **pattern && **outcome).count() as f64
    };
    let mut split: Vec<(Vec<bool>, Vec<bool>)> = strata.iter().map(|s| s.iter().copied().unzip()).collect();
    let expected: f64 = split
        .iter()
        .filter(|(pattern, _)| !pattern.is_empty())
        .map(|(pattern, outcome)| {
            let count = |flags: &[bool]| flags.iter().filter(|flag| **flag).count() as f64;
            count(pattern) * count(outcome) / pattern.len() as f64
        })
        .sum();
    let distance = |split: &[(Vec<bool>, Vec<bool>)]| {
        (split.iter().map(|(p, o)| both(p, o)).sum::<f64>() - expected).abs()
    };
    let seen = distance(&split);
    let mut as_far = 1;
    for _ in 0..copies {
        for (_, outcome) in &mut split {
            dice.shuffle(outcome);
        }
        as_far += u32::from(distance(&split) >= seen - 1e-9);
    }
    f64::from(as_far) / f64::from(copies + 1)
}

/// Whether support is spread over segments as sessions are: p-value of chi-squared under shuffling which
/// sessions support. `segments` holds support and sessions of each.
#[must_use]
pub fn heterogeneity_p(segments: &[(u32, u32)], copies: u32, dice: &mut Dice) -> f64 {
    let support: u32 = segments.iter().map(|(support, sessions)| support.min(sessions)).sum();
    let all: u32 = segments.iter().map(|(_, sessions)| sessions).sum();
    if all == 0 || support == 0 {
        return 1.0;
    }
    let rate = f64::from(support) / f64::from(all);
    let statistic = |counts: &[u32]| -> f64 {
        let of = |(count, (_, sessions)): (&u32, &(u32, u32))| {
            let expected = rate * f64::from(*sessions);
            if expected > 0.0 { (f64::from(*count) - expected).powi(2) / expected } else { 0.0 }
        };
        counts.iter().zip(segments).map(of).sum()
    };
    let counts: Vec<u32> = segments.iter().map(|(support, sessions)| *support.min(sessions)).collect();
    let seen = statistic(&counts);
    let mut lots: Vec<usize> =
        segments.iter().enumerate().flat_map(|(at, (_, n))| std::iter::repeat_n(at, *n as usize)).collect();
    let mut as_far = 1;
    for _ in 0..copies {
        dice.shuffle(&mut lots);
        let mut drawn = vec![0; segments.len()];
        for segment in lots.iter().take(support as usize) {
            if let Some(count) = drawn.get_mut(*segment) {
                *count += 1;
            }
        }
        as_far += u32::from(statistic(&drawn) >= seen - 1e-9);
    }
    f64::from(as_far) / f64::from(copies + 1)
}

/// Upper end of the 95 % interval for something never seen in `tries`: the rule of three.
#[must_use]
pub fn never_seen_bound(tries: u32) -> f64 {
    if tries == 0 { 1.0 } else { (3.0 / f64::from(tries)).min(1.0) }
}

/// Probability of a normal variable at least this far from 0, on either side.
fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    if x < 2.0 {
        // erf as a series.
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            let n = f64::from(n);
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
            if term.abs() < 1e-17 {
                break;
            }
        }
        return (1.0 - 2.0 / std::f64::consts::PI.sqrt() * sum).clamp(0.0, 1.0);
    }
    // erfc as a continued fraction, from the far end.
    let fraction = (1..=80).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below);
    (-x * x).exp() / (fraction * std::f64::consts::PI.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Admissions to six departments of Berkeley in 1973, men first: admitted men, men, admitted, all.
    const BERKELEY: [Stratum; 6] = [
        Stratum { both: 512, drawn: 825, marked: 601, all: 933 },
        Stratum { both: 353, drawn: 560, marked: 370, all: 585 },
        Stratum { both: 120, drawn: 325, marked: 322, all: 918 },
        Stratum { both: 138, drawn: 417, marked: 269, all: 792 },
        Stratum { both: 53, drawn: 191, marked: 147, all: 584 },
        Stratum { both: 22, drawn: 373, marked: 46, all: 714 },
    ];

    #[test]
    fn the_effect_of_the_mix_is_gone_within_strata() {
        let pooled =
            BERKELEY.iter().fold(Stratum { both: 0, drawn: 0, marked: 0, all: 0 }, |sum, s| Stratum {
                both: sum.both + s.both,
                drawn: sum.drawn + s.drawn,
                marked: sum.marked + s.marked,
                all: sum.all + s.all,
            });
        assert!(cochran_mantel_haenszel(&[pooled]).unwrap().p < 1e-15);
        let within = cochran_mantel_haenszel(&BERKELEY).unwrap();
        assert!((within.z * within.z - 1.524_6).abs() < 1e-3, "{within:?}");
        assert!((within.odds - 0.904_697).abs() < 1e-5 && (within.p - 0.216_9).abs() < 1e-3, "{within:?}");
        assert_eq!(cochran_mantel_haenszel(&[Stratum { both: 3, drawn: 3, marked: 4, all: 4 }]), None);
    }

    #[test]
    fn shuffling_within_strata_agrees() {
        // Half of each stratum shows the pattern; in one stratum everything fails, in the other nothing.
        let mixed = |fails: bool| (0..20).map(|i| (i % 2 == 0, fails)).collect::<Vec<_>>();
        let mut dice = Dice::new("c", "strata", 0);
        assert!(permutation_p(&[mixed(true), mixed(false)], 200, &mut dice) > 0.99);
        let real = (0..20).map(|i| (i % 2 == 0, i % 2 == 0)).collect::<Vec<_>>();
        assert!(permutation_p(&[real.clone(), real], 999, &mut dice) <= 0.001 + 1e-9);
        assert!((permutation_p(&[], 10, &mut dice) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn skew_is_told_from_share() {
        let mut dice = Dice::new("c", "skew", 0);
        let skewed = heterogeneity_p(&[(12, 30), (0, 10), (0, 10)], 10_000, &mut dice);
        assert!((0.005..0.015).contains(&skewed), "12-0-0 of 30-10-10: {skewed}");
        let even = heterogeneity_p(&[(8, 30), (2, 10), (2, 10)], 2_000, &mut dice);
        assert!(even > 0.95, "8-2-2 of 30-10-10: {even}");
        assert!((heterogeneity_p(&[], 10, &mut dice) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn normal_tails() {
        for (z, p) in [(0.0, 1.0), (1.959_963_985, 0.05), (5.0, 5.733_031_4e-7), (3.0, 0.002_699_796)] {
            assert!((two_sided(z) - p).abs() < 1e-9 * (1.0 + p / 1e-3), "{z}: {}", two_sided(z));
        }
        assert!((never_seen_bound(24) - 0.125).abs() < 1e-12);
    }
}
