//! The beta distribution: exact intervals for shares, and what a few checks say about the rest.
//!
//! Owns: the incomplete beta function, its inverse, and the Clopper–Pearson interval. Must not know:
//! what is being counted.

/// Clopper–Pearson interval of `k` in `n`: never narrower than `level` promises.
#[must_use]
pub fn clopper_pearson(k: u32, n: u32, level: f64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let k = k.min(n);
    let tail = (1.0 - level) / 2.0;
    let (hits, rest) = (f64::from(k), f64::from(n - k));
    let low = if k == 0 { 0.0 } else { quantile(hits, rest + 1.0, tail) };
    let high = if k == n { 1.0 } else { quantile(hits + 1.0, rest, 1.0 - tail) };
    (low, high)
}

/// The value below which a Beta(a, b) variable lies with probability `p`.
#[must_use]
pub fn quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    // Halving is slow and cannot go wrong: 60 steps leave nothing to the eye.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if distribution(a, b, middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Probability that a Beta(a, b) variable is at most `x`: the regularised incomplete beta function.
#[must_use]
pub fn distribution(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    // The fraction converges fast on one side of the mean only.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    }
}

/// Continued fraction of the incomplete beta function, by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = below;
    for step in 1..400 {
        let step = f64::from(step);
        let even = step * (b - step) * x / ((a + 2.0 * step - 1.0) * (a + 2.0 * step));
        let odd = -(a + step) * (a + b + step) * x / ((a + 2.0 * step) * (a + 2.0 * step + 1.0));
        for numerator in [even, odd] {
            below = 1.0 / away_from_zero(1.0 + numerator * below);
            above = away_from_zero(1.0 + numerator / above);
            product *= below * above;
        }
        if (below * above - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

/// `ln Γ(x)` for positive `x`: Stirling's series above ten, recurrence below.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let series = inverse
        * (1.0 / 12.0
            - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_equals_its_polynomials() {
        // Beta(9, 2): 10 x^9 − 9 x^10. Beta(1, 1): x. Beta(1/2, 1/2) is the arcsine law.
        for x in [0.1_f64, 0.5, 0.66, 0.9, 0.99] {
            assert!((distribution(9.0, 2.0, x) - (10.0 * x.powi(9) - 9.0 * x.powi(10))).abs() < 1e-10, "{x}");
            assert!((distribution(1.0, 1.0, x) - x).abs() < 1e-10);
            let arcsine = 2.0 / std::f64::consts::PI * x.sqrt().asin();
            assert!((distribution(0.5, 0.5, x) - arcsine).abs() < 1e-9, "{x}");
        }
        assert!((quantile(9.0, 2.0, distribution(9.0, 2.0, 0.7)) - 0.7).abs() < 1e-9);
    }

    #[test]
    fn clopper_pearson_shows_the_reference_values() {
        for (k, n, low, high) in
            [(8, 10, 0.4439, 0.9748), (0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (3, 50, 0.0125, 0.1655)]
        {
            let (l, h) = clopper_pearson(k, n, 0.95);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{k}/{n}: {l} {h}");
        }
        assert_eq!(clopper_pearson(0, 0, 0.95), (0.0, 1.0));
    }
}
