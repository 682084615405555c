//! The statistics a lesson is gated on, in closed form.
//!
//! Owns: intervals, tail probabilities, the false-discovery rule and the effective number of
//! sources. Must not know: what is being counted.
//!
//! Every function is a plain formula over integer counts, evaluated in one fixed order, so that the
//! same counts give the same number on every machine and with any number of threads.

/// z of the two-sided 80 % interval, whose lower end is the "lower bound" shown beside a count.
pub const Z80: f64 = 1.281_551_565_544_600_4;

/// z of the two-sided 95 % interval.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Wilson score interval of `k` in `n`; the whole range when nothing was tried.
#[must_use]
pub fn wilson(k: u32, n: u32, z: f64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (k, n) = (f64::from(k.min(n)), f64::from(n));
    let share = k / n;
    let z2 = z * z;
    let scale = 1.0 + z2 / n;
    let middle = (share + z2 / (2.0 * n)) / scale;
    let half = z / scale * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Lower end of the 80 % Wilson interval: the bound a rate exceeds with 90 % confidence.
#[must_use]
pub fn lower_bound(k: u32, n: u32) -> f64 {
    wilson(k, n, Z80).0
}

/// `ln(0!) … ln(n!)`, computed once and shared by all tail sums of a pass.
#[derive(Debug, Clone)]
pub struct LogFactorials(Vec<f64>);

impl LogFactorials {
    /// A table that answers for numbers up to `largest`.
    #[must_use]
    pub fn up_to(largest: u32) -> Self {
        let mut table = Vec::with_capacity(largest as usize + 1);
        let mut sum = 0.0;
        table.push(sum);
        for number in 1..=largest {
            sum += f64::from(number).ln();
            table.push(sum);
        }
        Self(table)
    }

    /// `ln(n!)`; numbers beyond the table are infinite, which makes every probability using them 0.
    fn ln_factorial(&self, n: u32) -> f64 {
        self.0.get(n as usize).copied().unwrap_or(f64::INFINITY)
    }

    fn ln_choose(&self, n: u32, k: u32) -> f64 {
        if k > n {
            return f64::NEG_INFINITY;
        }
        self.ln_factorial(n) - self.ln_factorial(k) - self.ln_factorial(n - k)
    }

    /// Probability of `hits` or more marked items among `drawn`, from `all` items of which `marked`
    /// are marked (Fisher's exact test, one-sided).
    #[must_use]
    pub fn hypergeometric_tail(&self, hits: u32, drawn: u32, marked: u32, all: u32) -> f64 {
        let most = drawn.min(marked);
        let least = (drawn + marked).saturating_sub(all);
        if hits <= least {
            return 1.0;
        }
        let ways = self.ln_choose(all, drawn);
        let sum: f64 = (hits..=most)
            .map(|x| (self.ln_choose(marked, x) + self.ln_choose(all - marked, drawn - x) - ways).exp())
            .sum();
        sum.min(1.0)
    }

    /// Probability of `hits` or more successes in `tries`, each with probability `chance`.
    #[must_use]
    pub fn binomial_tail(&self, hits: u32, tries: u32, chance: f64) -> f64 {
        if hits == 0 {
            return 1.0;
        }
        if hits > tries || chance <= 0.0 {
            return 0.0;
        }
        if chance >= 1.0 {
            return 1.0;
        }
        let (yes, no) = (chance.ln(), (1.0 - chance).ln());
        let sum: f64 = (hits..=tries)
            .map(|x| (self.ln_choose(tries, x) + f64::from(x) * yes + f64::from(tries - x) * no).exp())
            .sum();
        sum.min(1.0)
    }
}

/// Probability of `seen` or more events where `expected` are usual (Poisson).
#[must_use]
pub fn poisson_tail(seen: u32, expected: f64) -> f64 {
    if seen == 0 {
        return 1.0;
    }
    let (mut term, mut below) = ((-expected).exp(), 0.0);
    for event in 0..seen {
        below += term;
        term *= expected / f64::from(event + 1);
    }
    (1.0 - below).clamp(0.0, 1.0)
}

/// Fisher's combination of two independent p-values: the upper tail of chi-squared with four
/// degrees of freedom, which has the closed form `ab · (1 − ln ab)`.
#[must_use]
pub fn fisher_combine(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product <= 0.0 {
        return 0.0;
    }
    (product * (1.0 - product.ln())).min(1.0)
}

/// Benjamini–Hochberg: which of `p` are discoveries at false-discovery rate `q`. With `any_dependence`
/// the rule of Benjamini and Yekutieli, which holds whatever the tests share.
#[must_use]
pub fn discoveries(p: &[f64], q: f64, any_dependence: bool) -> Vec<bool> {
    let tests = p.len();
    let penalty = if any_dependence { (1..=tests).map(|i| 1.0 / i as f64).sum() } else { 1.0 };
    let mut order: Vec<f64> = p.to_vec();
    order.sort_by(f64::total_cmp);
    let limit = order
        .iter()
        .enumerate()
        .rev()
        .find(|(rank, value)| **value <= q * (*rank as f64 + 1.0) / (tests as f64 * penalty))
        .map(|(_, value)| *value);
    p.iter().map(|value| limit.is_some_and(|limit| *value <= limit)).collect()
}

/// How many equal sources the counts are worth: inverse Simpson, `(Σc)² / Σc²`; 0 without counts.
#[must_use]
pub fn effective_sources(counts: &[u32]) -> f64 {
    let sum: f64 = counts.iter().map(|&c| f64::from(c)).sum();
    let squares: f64 = counts.iter().map(|&c| f64::from(c) * f64::from(c)).sum();
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    fn choose(n: u64, k: u64) -> u64 {
        (0..k).fold(1, |acc, i| acc * (n - i) / (i + 1))
    }

    #[test]
    fn poisson_tails_are_those_of_the_tables() {
        for (seen, expected, p) in
            [(0, 2.0, 1.0), (1, 2.0, 0.864_664_7), (5, 2.0, 0.052_653_0), (10, 2.0, 4.65e-5)]
        {
            let tail = poisson_tail(seen, expected);
            assert!((tail - p).abs() < 1e-6, "{seen} of {expected}: {tail}");
        }
    }

    #[test]
    fn wilson_shows_the_reference_values() {
        for (k, n, low, high) in [
            (3, 3, 0.44, 1.0),
            (10, 10, 0.72, 1.0),
            (8, 10, 0.49, 0.94),
            (3, 50, 0.02, 0.16),
            (10, 50, 0.11, 0.33),
        ] {
            let (l, h) = wilson(k, n, Z95);
            assert_eq!(((l * 100.0).round() / 100.0, (h * 100.0).round() / 100.0), (low, high), "{k}/{n}");
        }
        assert_eq!(wilson(0, 0, Z95), (0.0, 1.0));
    }

    #[test]
    fn a_full_house_has_the_bound_n_over_n_plus_z_squared() {
        // For k = n the lower end simplifies to n / (n + z²).
        for n in [1, 5, 18] {
            assert!(close(lower_bound(n, n), f64::from(n) / (f64::from(n) + Z80 * Z80)), "{n}");
        }
    }

    #[test]
    fn hypergeometric_tail_equals_counting_by_hand() {
        let table = LogFactorials::up_to(40);
        // Tea tasting: 8 cups, 4 with milk first, all 4 named: 1 of C(8,4) = 70 ways; 3 or more: 17 of 70.
        assert!(close(table.hypergeometric_tail(4, 4, 4, 8), 1.0 / 70.0));
        assert!(close(table.hypergeometric_tail(3, 4, 4, 8), 17.0 / 70.0));
        for (hits, drawn, marked, all) in [(3_u64, 10, 8, 30), (5, 12, 9, 40), (1, 3, 2, 9), (6, 20, 30, 40)]
        {
            let by_hand: u64 = (hits..=drawn.min(marked))
                .filter(|x| drawn - x <= all - marked)
                .map(|x| choose(marked, x) * choose(all - marked, drawn - x))
                .sum();
            let exact = by_hand as f64 / choose(all, drawn) as f64;
            let got = table.hypergeometric_tail(hits as u32, drawn as u32, marked as u32, all as u32);
            assert!((got - exact).abs() < 1e-10, "{hits} {drawn} {marked} {all}: {got} {exact}");
        }
        assert!(close(table.hypergeometric_tail(0, 4, 4, 8), 1.0));
        assert!(close(table.hypergeometric_tail(3, 5, 5, 7), 1.0), "fewer than three can't happen");
        assert!(close(table.hypergeometric_tail(5, 4, 9, 20), 0.0));
    }

    #[test]
    fn binomial_tail_equals_counting_by_hand() {
        let table = LogFactorials::up_to(40);
        // Ten coins: 8, 9 or 10 heads are 45 + 10 + 1 of 1024.
        assert!(close(table.binomial_tail(8, 10, 0.5), 56.0 / 1024.0));
        // Three of four with chance 1/4: (4·3 + 1) / 256.
        assert!(close(table.binomial_tail(3, 4, 0.25), 13.0 / 256.0));
        assert!(close(table.binomial_tail(0, 4, 0.25), 1.0));
        assert!(close(table.binomial_tail(5, 4, 0.25), 0.0));
        assert!(close(table.binomial_tail(2, 4, 1.0), 1.0));
        assert!(close(table.binomial_tail(2, 4, 0.0), 0.0));
    }

    #[test]
    fn fisher_combination_matches_chi_squared() {
        // Two p-values of 0.05: x = 11.98293, upper tail with 4 df = 0.0174786614.
        assert!((fisher_combine(0.05, 0.05) - 0.017_478_661_4).abs() < 1e-9);
        assert!(close(fisher_combine(1.0, 1.0), 1.0));
        assert!(close(fisher_combine(0.0, 1.0), 0.0));
    }

    #[test]
    fn benjamini_hochberg_steps_up() {
        // The worked example of the 1995 paper: 15 tests, q = .05, the four smallest are discoveries.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
            0.6528, 0.7590, 1.0,
        ];
        let found = discoveries(&p, 0.05, false);
        assert_eq!(found.iter().filter(|f| **f).count(), 4);
        assert!(found[3] && !found[4]);
        assert_eq!(discoveries(&p, 0.05, true).iter().filter(|f| **f).count(), 3);
        // A large value passes when a larger rank carries it.
        assert_eq!(discoveries(&[0.04, 0.045], 0.05, false), [true, true]);
        assert!(discoveries(&[], 0.05, false).is_empty());
    }

    #[test]
    fn effective_sources_of_the_examples() {
        assert!(close(effective_sources(&[12]), 1.0));
        assert!((effective_sources(&[10, 1, 1]) - 1.411_764_7).abs() < 1e-6);
        assert!(close(effective_sources(&[3, 3, 3, 3]), 4.0));
        assert!(close(effective_sources(&[]), 0.0));
    }
}
